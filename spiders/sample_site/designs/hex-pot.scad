// Hexagonal pot with saucer
// A six-sided flower pot, wider at the top, with drain holes, and its saucer beside it.

/* [Pot] */
// Across flats at the rim
rim_flats = 90; // [40:1:160]
// Across flats at the foot
foot_flats = 64; // [30:1:140]
height = 75; // [30:1:150]
wall = 2.4; // [1.2:0.2:5]
drain_holes = 6; // [0:1:12]

/* [Saucer] */
saucer = true;
saucer_height = 12; // [6:1:25]

$fn = 32;

// Circumscribed diameter of a hexagon with the given width across flats
function across_corners(flats) = flats / cos(30);

module hex_cone(flats_low, flats_high, h) {
    cylinder(d1 = across_corners(flats_low), d2 = across_corners(flats_high), h = h, $fn = 6);
}

module pot() {
    difference() {
        hex_cone(foot_flats, rim_flats, height);
        translate([0, 0, wall])
            hex_cone(foot_flats - 2 * wall, rim_flats - 2 * wall, height - wall + 0.01);
        for (i = [0 : 1 : drain_holes - 1]) rotate(60 * i + 30)
            translate([foot_flats / 4, 0, -1]) cylinder(d = 6, h = wall + 2);
    }
}

module dish() {
    flats = foot_flats + 16;
    difference() {
        hex_cone(flats, flats + 6, saucer_height);
        translate([0, 0, wall]) hex_cone(flats - 2 * wall, flats + 6 - 2 * wall, saucer_height - wall + 0.01);
    }
    // three bars keep the pot out of the water
    for (i = [0 : 2]) rotate(120 * i + 30) translate([8, -1.5, wall / 2]) cube([foot_flats / 2 - 10, 3, wall / 2 + 2]);
}

pot();
if (saucer) translate([0, (rim_flats + foot_flats) / 2 + 20, 0]) dish();
