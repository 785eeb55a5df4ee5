// Lattice lamp shade
// Two families of slanted round ribs cross between two rings; a spoked fitter sits on the lamp holder.

/* [Shade] */
height = 130; // [60:5:220]
top_radius = 45; // [25:1:100]
bottom_radius = 72; // [30:1:140]
rib_diameter = 4; // [2:0.5:8]
// Ribs in each direction
ribs = 14; // [6:1:30]
// Degrees that a rib wanders around between the rings
slant = 70; // [20:5:150]

/* [Fitter] */
// Hole for the lamp holder (40 suits E27)
holder_diameter = 40; // [20:0.5:60]
spokes = 3; // [3:1:6]

/* [Hidden] */
$fn = 48;
ring_height = 6;
flare = top_radius / bottom_radius;

module ring(outer, thickness, h) {
    difference() {
        cylinder(r = outer, h = h, $fn = 96);
        translate([0, 0, -1]) cylinder(r = outer - thickness, h = h + 2, $fn = 96);
    }
}

// All ribs that lean one way, `depth` inside the outline; scaling carries them in to the smaller ring
module ribs_one_way(direction, depth) {
    linear_extrude(height, twist = direction * slant, scale = flare, slices = 32, $fn = 12)
        for (i = [0 : ribs - 1]) rotate(360 * i / ribs)
            translate([bottom_radius - rib_diameter / 2 - depth, 0]) circle(d = rib_diameter);
}

module fitter() {
    translate([0, 0, height - ring_height]) {
        ring(holder_diameter / 2 + 5, 5, 3);
        for (i = [0 : spokes - 1]) rotate(360 * i / spokes)
            translate([holder_diameter / 2 + 1, -3, 0])
                cube([top_radius - holder_diameter / 2 - 2, 6, 3]);
    }
}

ribs_one_way(1, 0);
// the other family lies half a rib further in, as in a basket
rotate(180 / ribs) ribs_one_way(-1, rib_diameter / 2);
ring(bottom_radius + 1, 2 * rib_diameter, ring_height);
translate([0, 0, height - ring_height]) ring(top_radius + 1.5, 2 * rib_diameter, ring_height);
fitter();
