// Coaster with drip grooves
// A round coaster with a rim and concentric grooves that keep a wet glass off its puddle.

diameter = 92; // [70:1:130]
thickness = 5; // [3:0.5:10]
// Height of the rim above the surface
rim = 2; // [0:0.5:5]
grooves = 6; // [0:1:12]
groove_depth = 1.2; // [0.4:0.2:3]

$fn = 96;
step = (diameter / 2 - 8) / (grooves + 1);

difference() {
    cylinder(d = diameter, h = thickness + rim);
    translate([0, 0, thickness]) cylinder(d1 = diameter - 8, d2 = diameter - 4, h = rim + 0.01);
    for (i = [1 : grooves]) translate([0, 0, thickness + 0.01])
        rotate_extrude() translate([i * step, 0]) polygon([[-1.5, 0.5], [1.5, 0.5], [1.5, 0], [0, -groove_depth], [-1.5, 0]]);
}
