// L bracket
// Plain angle bracket with a filleted inner corner and two countersunk holes in each leg.

// Length of the leg that lies flat
leg_a = 50; // [25:1:120]
// Length of the upright leg
leg_b = 40; // [25:1:120]
width = 25; // [12:1:60]
thickness = 4; // [2:0.5:10]
fillet = 6; // [1:0.5:15]
screw = 4.2; // [2.5:0.1:6]
$fn = 48;

module profile() {
    offset(r = -fillet) offset(delta = fillet) union() {
        square([leg_a, thickness]);
        square([thickness, leg_b]);
    }
}

// Countersunk screw pointing down, its head flush with z = 0
module screw_hole() {
    translate([0, 0, -thickness - 1]) cylinder(d = screw, h = thickness + 2);
    translate([0, 0, -screw / 2]) cylinder(d1 = screw, d2 = 2 * screw + 0.2, h = screw / 2 + 0.1);
}

difference() {
    translate([0, width, 0]) rotate([90, 0, 0]) linear_extrude(width) profile();
    for (t = [0.42, 0.8]) {
        translate([leg_a * t, width / 2, thickness]) screw_hole();
        translate([thickness, width / 2, leg_b * t]) rotate([0, 90, 0]) screw_hole();
    }
}
