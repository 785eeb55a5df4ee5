// Wall hook
// One-piece coat hook: a curved arm with a ball end on an oval plate with two screw holes.

plate_height = 70; // [40:1:120]
plate_width = 26; // [18:1:50]
plate_thickness = 5; // [3:0.5:10]
// How far the hook stands off the wall
reach = 42; // [25:1:80]
arm = 11; // [6:0.5:20]
screw = 4.5; // [3:0.1:6]
$fn = 48;

half = plate_width / 2;
ball = 1.35 * arm;
bend = (reach - (plate_thickness + ball) / 2) / 2.5;
screw_height = plate_height / 2 - half;

// Points of the arm in the plane that stands out from the wall: down and round to the tip
path = [for (a = [180 : 15 : 360]) [plate_thickness / 2 + 1.25 * bend * (1 + cos(a)), bend * sin(a) * 0.9]];

module arm() {
    for (i = [0 : len(path) - 2]) hull() for (p = [path[i], path[i + 1]])
        translate([p[0], 0, p[1]]) sphere(d = arm, $fn = 28);
    translate([path[len(path) - 1][0], 0, path[len(path) - 1][1]]) sphere(d = ball);
}

difference() {
    union() {
        hull() for (z = [-1, 1]) translate([0, 0, z * screw_height])
            rotate([0, 90, 0]) cylinder(d = plate_width, h = plate_thickness);
        intersection() {
            arm();
            translate([0, -plate_width, -plate_height]) cube([4 * reach, 2 * plate_width, 2 * plate_height]);
        }
    }
    for (z = [-1, 1]) translate([-1, 0, z * screw_height]) rotate([0, 90, 0]) {
        cylinder(d = screw, h = plate_thickness + 2);
        translate([0, 0, plate_thickness + 1 - screw / 2]) cylinder(d1 = screw, d2 = 2 * screw, h = screw / 2 + 0.01);
        translate([0, 0, plate_thickness + 1]) cylinder(d = 2 * screw, h = arm);
    }
}
