// Pin hinge leaf
// One leaf of a loose-pin hinge: print one with parity 0 and one with parity 1, add a nail as the pin.

/* [Leaf] */
// Length along the pin
length = 60; // [20:1:150]
// From the pin's axis to the free edge
depth = 30; // [12:1:80]
thickness = 3; // [2:0.2:6]

/* [Knuckles] */
// Knuckles of both leaves together
knuckles = 5; // [3:2:11]
// 0 for the outer knuckles, 1 for the inner ones
parity = 0; // [0, 1]
pin_diameter = 3.2; // [1.5:0.1:8]
gap = 0.4; // [0.2:0.05:1]

/* [Screws] */
screw_diameter = 4; // [2:0.1:6]
screws = 3; // [1:1:6]

/* [Hidden] */
$fn = 48;
barrel = pin_diameter / 2 + 2.4;
pitch = length / knuckles;

// A cylinder along X that fills place i of the barrel, `grow` wider at both ends
module place(i, radius, grow = 0) {
    translate([i * pitch - grow, 0, barrel])
        rotate([0, 90, 0]) cylinder(r = radius, h = pitch + 2 * grow);
}

module countersunk_hole() {
    translate([0, 0, -1]) cylinder(d = screw_diameter, h = thickness + 2);
    translate([0, 0, thickness - screw_diameter / 2])
        cylinder(d1 = screw_diameter, d2 = screw_diameter * 2 + 0.2, h = screw_diameter / 2 + 0.1);
}

module leaf() {
    cube([length, depth, thickness]);
    for (i = [0 : knuckles - 1]) if (i % 2 == parity) place(i, barrel);
}

difference() {
    leaf();
    // room for the other leaf's knuckles
    for (i = [0 : knuckles - 1]) if (i % 2 != parity) place(i, barrel + gap, gap / 2);
    translate([-1, 0, barrel]) rotate([0, 90, 0]) cylinder(d = pin_diameter, h = length + 2);
    for (i = [0 : screws - 1])
        translate([(i + 0.5) * length / screws, (depth + barrel) / 2 + 1, 0]) countersunk_hole();
}
