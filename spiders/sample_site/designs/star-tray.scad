// Star tray
// A shallow dish in the outline of a star with softened points, for sweets or small parts.

/* [Star] */
points = 5; // [4:1:12]
// Radius at the points
outer_radius = 70; // [30:1:120]
// Radius at the valleys as a share of the outer one
valley = 0.55; // [0.3:0.01:0.9]
// Rounding of points and valleys
softness = 6; // [1:0.5:12]

/* [Dish] */
height = 18; // [8:1:50]
wall = 2.4; // [1.2:0.2:5]
floor_thickness = 2.4; // [1:0.2:5]
// Widening from floor to rim
flare = 1.12; // [1:0.01:1.4]

$fn = 48;

function star(r) = [
    for (i = [0 : 2 * points - 1])
        let (radius = i % 2 == 0 ? r : r * valley, a = 180 * i / points + 90)
            radius * [cos(a), sin(a)]
];

module soft_star(inset) {
    // rounds the valleys, then the points
    offset(r = -softness) offset(r = 2 * softness) offset(r = -softness - inset) polygon(star(outer_radius));
}

difference() {
    linear_extrude(height, scale = flare) soft_star(0);
    translate([0, 0, floor_thickness]) linear_extrude(height, scale = flare) soft_star(wall);
}
