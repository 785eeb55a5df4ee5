// Electronics case with standoffs
// Two-part project box: a base with screw standoffs for the board and a lid with a friction lip.

/* [Board] */
// Length of the circuit board (X)
board_length = 70; // [20:1:160]
// Width of the circuit board (Y)
board_width = 50; // [20:1:120]
// Distance of the mounting holes from the board's edges
hole_inset = 3.5; // [2:0.5:10]
// Pilot hole for a self-tapping screw
pilot_diameter = 2.2; // [1:0.1:4]

/* [Case] */
// Free height above the floor
inner_height = 24; // [10:1:80]
wall = 2; // [1.2:0.2:4]
corner_radius = 4; // [1:0.5:12]
standoff_height = 5; // [2:0.5:15]
// Air around the board
board_clearance = 1.5; // [0.5:0.1:4]

/* [Lid] */
lip_depth = 4; // [2:0.5:8]
// Gap between lip and wall on each side
lip_fit = 0.2; // [0.05:0.05:0.6]

/* [Cable slot] */
slot_width = 12; // [0:1:40]
slot_height = 7; // [2:1:20]

/* [Hidden] */
$fn = 48;
eps = 0.01;
inner = [board_length, board_width] + 2 * board_clearance * [1, 1];
outer = inner + 2 * wall * [1, 1];
base_height = wall + inner_height;
part_gap = 8;

module rounded_plate(size, radius, height) {
    linear_extrude(height)
        offset(r = radius)
            square(size - 2 * radius * [1, 1], center = true);
}

module at_mounting_holes() {
    offset_xy = [board_length / 2 - hole_inset, board_width / 2 - hole_inset];
    for (sx = [-1, 1], sy = [-1, 1])
        translate([sx * offset_xy.x, sy * offset_xy.y, 0]) children();
}

module standoff() {
    difference() {
        cylinder(d1 = pilot_diameter + 5, d2 = pilot_diameter + 3.4, h = wall + standoff_height);
        translate([0, 0, wall]) cylinder(d = pilot_diameter, h = standoff_height + 1);
    }
}

module base() {
    difference() {
        rounded_plate(outer, corner_radius, base_height);
        translate([0, 0, wall])
            rounded_plate(inner, max(corner_radius - wall, 0.5), inner_height + 1);
        // cable slot in the +X wall, its sill level with the board
        if (slot_width > 0)
            translate([outer.x / 2 - wall - 1, -slot_width / 2, wall + standoff_height])
                cube([wall + 2, slot_width, slot_height]);
    }
    at_mounting_holes() standoff();
}

module lid() {
    lip_outer = inner - 2 * lip_fit * [1, 1];
    rounded_plate(outer, corner_radius, wall);
    difference() {
        rounded_plate(lip_outer, max(corner_radius - wall, 0.5), wall + lip_depth);
        translate([0, 0, wall])
            rounded_plate(lip_outer - 2 * wall * [1, 1], 0.5, lip_depth + 1);
    }
}

base();
translate([0, outer.y + part_gap, 0]) lid();
