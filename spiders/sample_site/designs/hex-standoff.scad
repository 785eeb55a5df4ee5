// Hex standoff
// Hexagonal spacer with a pilot hole for a self-tapping screw at each end.

length = 20; // [6:1:80]
across_flats = 7; // [5:0.5:14]
// Pilot hole: 2.6 lets an M3 screw cut its own thread
pilot = 2.6; // [1.5:0.1:8]
pilot_depth = 8; // [3:0.5:30]
$fn = 48;

eps = 0.01;
depth = min(pilot_depth, length / 2 - 0.6);
assert(across_flats > pilot + 2, "leave at least 1 mm of wall around the pilot hole");

module hex(flats, h) { cylinder(d = flats / cos(30), h = h, $fn = 6); }

difference() {
    hex(across_flats, length);
    for (end = [0, 1]) translate([0, 0, end * length]) mirror([0, 0, end]) {
        translate([0, 0, -eps]) cylinder(d = pilot, h = depth + eps);
        translate([0, 0, -eps]) cylinder(d1 = pilot + 1.2, d2 = pilot, h = 0.6 + eps);
    }
}
