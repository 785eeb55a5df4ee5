// Clamping shaft coupler
// Joins two shafts of different diameter; each end is slit and clamped by an M3 screw and nut.

/* [Shafts] */
shaft_a = 5; // [2:0.1:20]
shaft_b = 8; // [2:0.1:20]
// Added to both bores
fit = 0.15; // [0:0.05:0.5]

/* [Body] */
outer_diameter = 24; // [14:0.5:60]
length = 32; // [16:1:80]
// Width of the slits
slit = 1.6; // [0.8:0.1:4]
// Solid part between the two clamps
bridge = 3; // [2:0.5:10]

/* [Screws] */
screw = 3.3; // [2:0.1:6]
head = 6.2; // [3:0.1:12]
nut_flats = 5.7; // [3:0.1:10]
nut_depth = 3; // [1.5:0.1:6]

/* [Hidden] */
$fn = 72;
eps = 0.1;
half = length / 2;
largest = max(shaft_a, shaft_b) + fit;
// Screws run between bore and outer wall
screw_offset = (largest / 2 + outer_diameter / 2) / 2;
// Half of the chord at the screw's place
chord = sqrt(pow(outer_diameter / 2, 2) - pow(screw_offset, 2));
land = max(slit / 2 + 2.4, chord * 0.55);
assert(outer_diameter / 2 - largest / 2 > screw + 1.6, "wall too thin for the clamp screws");

module body() {
    rotate_extrude() polygon([
        [0, 0], [outer_diameter / 2 - 1, 0], [outer_diameter / 2, 1],
        [outer_diameter / 2, length - 1], [outer_diameter / 2 - 1, length], [0, length]
    ]);
}

// Everything that is cut from one half, seen from its open end at z = 0
module clamp_cuts(shaft) {
    translate([0, 0, -eps]) cylinder(d = shaft + fit, h = half + 2 * eps);
    translate([0, 0, -eps]) cylinder(d1 = shaft + fit + 1.2, d2 = shaft + fit, h = 0.7);
    // slit along the bore, and a cross cut that frees the clamp from the bridge
    translate([0, -slit / 2, -eps]) cube([outer_diameter, slit, half - bridge / 2 + eps]);
    translate([0, -outer_diameter, half - bridge / 2 - slit]) cube([outer_diameter, 2 * outer_diameter, slit]);
    translate([screw_offset, 0, (half - bridge / 2 - slit) / 2]) rotate([90, 0, 0]) {
        cylinder(d = screw, h = 2 * outer_diameter, center = true, $fn = 32);
        translate([0, 0, land]) cylinder(d = head, h = outer_diameter, $fn = 40);
        translate([0, 0, nut_depth - chord - outer_diameter]) rotate(30)
            cylinder(d = nut_flats / cos(30), h = outer_diameter, $fn = 6);
    }
}

difference() {
    body();
    clamp_cuts(shaft_a);
    translate([0, 0, length]) rotate([180, 0, 0]) clamp_cuts(shaft_b);
}
