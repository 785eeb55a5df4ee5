// Twisted vase
// A rounded polygon drawn upwards with a twist and a flare, hollowed to an even wall.

// Number of sides
sides = 6; // [3:1:12]
// Radius of the foot
foot_radius = 30; // [15:1:60]
height = 140; // [40:5:250]
// Degrees of turn from foot to rim
turn = 90; // [-180:5:180]
// Rim size relative to the foot
flare = 1.35; // [0.6:0.05:2]
wall = 2; // [0.8:0.2:4]
floor_thickness = 3; // [1:0.5:6]

$fn = 48;

// Solid from z = 0; `extra` carries the same twist and flare on above the rim
module body(inset, extra = 0) {
    h = height + extra;
    linear_extrude(h, twist = -turn * h / height, scale = 1 + (flare - 1) * h / height, slices = 90)
        offset(r = 6 - inset)
            circle(r = foot_radius - 6, $fn = sides);
}

difference() {
    body(0);
    intersection() {
        body(wall, extra = 1);
        translate([0, 0, floor_thickness]) cylinder(r = foot_radius * 4, h = height);
    }
}
