// Headphone hook
// Screws under the edge of a desk; a wide saddle keeps the headband from creasing.

// Width of the saddle
width = 40; // [20:1:80]
// Reach of the saddle below the desk
drop = 45; // [30:1:90]
// Room for the headband between stem and tip
throat = 38; // [20:1:70]
thickness = 7; // [5:0.5:12]
screw_diameter = 4.5; // [3:0.1:6]

$fn = 48;
plate = 60;

module chain(points) {
    for (i = [0 : len(points) - 2])
        hull() for (p = [points[i], points[i + 1]]) translate(p) circle(d = thickness);
}

// the saddle is a gentle arc, the tip turns up
saddle = [for (a = [200 : 10 : 340]) [throat / 2 * (1 + cos(a)), -drop + throat / 2 * (sin(a) * 0.35 + 0.12)]];

difference() {
    linear_extrude(width, convexity = 6) {
        chain(concat([[0, 0]], saddle, [[throat + 4, -drop + 16]]));
        chain([[-plate / 2, 0], [plate / 2, 0]]);
        chain([[0, -12], [12, 0]]);
    }
    for (x = [-plate / 2 + 8, plate / 2 - 8])
        translate([x, 0, width / 2]) rotate([90, 0, 0]) {
            cylinder(d = screw_diameter, h = 3 * thickness, center = true);
            translate([0, 0, thickness / 2 - 2.4]) cylinder(d1 = screw_diameter, d2 = screw_diameter + 5, h = 2.5);
        }
}
