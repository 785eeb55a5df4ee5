// Flanged bushing
// Plain bearing with a flange, lead-in chamfers and straight grease grooves in the bore.

bore = 8.2; // [2:0.1:40]
outer_diameter = 12; // [4:0.1:60]
length = 14; // [4:0.5:60]
flange_diameter = 18; // [6:0.5:80]
flange = 2; // [1:0.5:8]
grooves = 3; // [0:1:6]
$fn = 96;

chamfer = 0.6;
assert(outer_diameter > bore + 2, "wall too thin");

// Half section, turned round the z axis
module section() {
    polygon([
        [bore / 2 + chamfer, 0], [flange_diameter / 2, 0], [flange_diameter / 2, flange], [outer_diameter / 2, flange],
        [outer_diameter / 2, length - chamfer], [outer_diameter / 2 - chamfer, length],
        [bore / 2 + chamfer / 2, length], [bore / 2, length - chamfer], [bore / 2, chamfer]
    ]);
}

difference() {
    rotate_extrude() section();
    for (i = [0 : 1 : grooves - 1]) rotate(360 * i / grooves)
        translate([bore / 2, 0, -1]) cylinder(d = 1, h = length + 2, $fn = 16);
}
