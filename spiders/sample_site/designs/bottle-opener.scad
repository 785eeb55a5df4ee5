// Bottle opener body
// A handle with a mouth for the cap; a coin pressed into a slot on the handle's side takes the load.

/* [Handle] */
length = 110; // [80:1:160]
handle_width = 22; // [15:1:40]
thickness = 9; // [6:0.5:15]

/* [Head] */
head_diameter = 44; // [38:1:60]
mouth = 28; // [26:0.5:32]

/* [Coin] */
// Diameter of the coin that bites the cap
coin_diameter = 19.5; // [15:0.1:27]
coin_thickness = 1.9; // [1:0.1:3]
// How far the coin reaches into the mouth
bite = 4; // [2:0.5:8]

/* [Hidden] */
$fn = 64;
rounding = 1.5;
key_hole = 6;

module outline() {
    // a waist blended into the head by offsetting out and back
    offset(r = -18) offset(r = 18) {
        circle(d = head_diameter);
        hull() {
            circle(d = handle_width);
            translate([length - head_diameter / 2 - handle_width / 2, 0]) circle(d = handle_width);
        }
    }
}

module body() {
    // chamfered edges: three slabs of decreasing size
    linear_extrude(thickness) offset(delta = -rounding) outline();
    translate([0, 0, rounding / 2]) linear_extrude(thickness - rounding) offset(delta = -rounding / 2) outline();
    translate([0, 0, rounding]) linear_extrude(thickness - 2 * rounding) outline();
}

difference() {
    body();
    translate([-2, 0, -1]) cylinder(d = mouth, h = thickness + 2);
    // coin slot at mid height, open to the mouth; the coin stands `bite` out of it
    hull() for (x = [-2, -2 + mouth / 2 - bite + coin_diameter / 2])
        translate([x, 0, thickness / 2]) cylinder(d = coin_diameter, h = coin_thickness, center = true);
    translate([length - head_diameter / 2 - handle_width / 2, 0, -1]) cylinder(d = key_hole, h = thickness + 2);
}
