// Lidded box
// Rounded box with a press-on lid, both laid out for printing side by side.

/* [Inside] */
inner_length = 70; // [20:1:180]
inner_width = 45; // [20:1:180]
inner_height = 28; // [10:1:120]

/* [Shell] */
wall = 2; // [1.2:0.1:4]
corner = 6; // [2:0.5:20]
// Height of the rim that goes into the box
rim = 5; // [2:0.5:12]
// Gap between rim and box on each side
fit = 0.2; // [0.05:0.05:0.6]

/* [Hidden] */
$fn = 64;
eps = 0.01;
outer = [inner_length + 2 * wall, inner_width + 2 * wall];

module footprint(inset = 0) {
    offset(r = corner - inset) square([outer[0] - 2 * corner, outer[1] - 2 * corner], center = true);
}

module box() {
    difference() {
        linear_extrude(inner_height + wall) footprint();
        translate([0, 0, wall]) linear_extrude(inner_height + 1) footprint(wall);
        // thumb notch
        translate([outer[0] / 2, 0, inner_height + wall]) sphere(r = 8);
    }
}

module lid() {
    linear_extrude(wall) footprint();
    translate([0, 0, wall - eps]) difference() {
        linear_extrude(rim) footprint(wall + fit);
        translate([0, 0, -1]) linear_extrude(rim + 2) footprint(2 * wall + fit);
    }
}

box();
translate([0, outer[1] + 8, 0]) lid();
