// Wall sensor box
// Open-front box that hangs on two screws by keyhole slots, with a cable exit below.

// Outer width
width = 80; // [40:1:150]
// Outer height on the wall
height = 100; // [50:1:200]
// How far it stands out from the wall
depth = 32; // [15:1:60]
wall = 2.4; // [1.6:0.2:4]
corner = 6; // [2:0.5:15]

/* [Mounting] */
screw_head = 8; // [5:0.5:12]
screw_shank = 4; // [2.5:0.5:6]
// Distance between the two keyholes
hole_spacing = 45; // [20:1:120]

/* [Cable] */
cable_diameter = 7; // [0:0.5:20]

$fn = 48;

module slab(inset, thickness) {
    linear_extrude(thickness)
        offset(r = corner - inset / 2)
            square([width - 2 * corner - inset, height - 2 * corner - inset], center = true);
}

// Head goes in at the bottom, shank slides up
module keyhole(thickness) {
    cylinder(d = screw_head, h = thickness, center = true);
    hull() for (y = [0, screw_head])
        translate([0, y, 0]) cylinder(d = screw_shank, h = thickness, center = true);
}

difference() {
    slab(0, depth);
    translate([0, 0, wall]) slab(2 * wall, depth);
    for (side = [-1, 1])
        translate([side * hole_spacing / 2, height / 5, wall / 2]) keyhole(wall + 1);
    if (cable_diameter > 0)
        translate([0, -height / 2 + wall / 2, wall + cable_diameter])
            rotate([90, 0, 0]) cylinder(d = cable_diameter, h = wall + 1, center = true);
}
