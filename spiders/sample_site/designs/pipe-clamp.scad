// Pipe clamp
// Stand-off clamp for one pipe: a springy split ring on a foot, closed by an M5 bolt across the gap.

/* [Pipe] */
pipe = 25; // [8:0.5:75]
wall = 4; // [2:0.5:8]
width = 16; // [8:1:40]
// Gap that the bolt pulls shut
gap = 4; // [1:0.5:10]

/* [Mounting] */
// Height of the pipe's centre over the wall
stand_off = 26; // [12:1:80]
foot_length = 52; // [30:1:120]
foot_thickness = 5; // [3:0.5:10]
screw = 5.3; // [3:0.1:8]

/* [Hidden] */
$fn = 72;
outer = pipe + 2 * wall;
ear = 15;
ear_thickness = 5;
assert(stand_off > outer / 2, "the ring would sink into the foot");

module profile() {
    difference() {
        union() {
            circle(d = outer);
            translate([-outer * 0.3, -stand_off]) square([outer * 0.6, stand_off - pipe / 4]);
            translate([-foot_length / 2, -stand_off]) square([foot_length, foot_thickness]);
            translate([-gap / 2 - ear_thickness, 0]) square([gap + 2 * ear_thickness, outer / 2 + ear]);
        }
        circle(d = pipe);
        translate([-gap / 2, 0]) square([gap, outer + ear]);
    }
}

difference() {
    linear_extrude(width) offset(r = 0.8) offset(r = -0.8) profile();
    // bolt through the ears, with a hex pocket for the nut on one side
    translate([0, outer / 2 + ear * 0.55, width / 2]) rotate([0, 90, 0]) {
        cylinder(d = screw, h = 60, center = true);
        translate([0, 0, gap / 2 + ear_thickness - 2.5]) cylinder(d = 8.2 / cos(30), h = 10, $fn = 6);
    }
    for (side = [-1, 1]) translate([side * (foot_length / 2 - 8), -stand_off - 1, width / 2])
        rotate([-90, 0, 0]) cylinder(d = screw, h = foot_thickness + 2);
}
