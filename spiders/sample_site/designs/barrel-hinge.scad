// Print-in-place barrel hinge
// Two leaves that come off the bed already joined: cones on one leaf's knuckles run in sockets of the other's.

/* [Size] */
// Length of one knuckle
knuckle_length = 12; // [6:0.5:30]
// Odd number, so that one leaf holds both ends
knuckles = 5; // [3:2:9]
// Outer radius of the barrel
barrel_radius = 5; // [3.5:0.25:10]
leaf_depth = 28; // [12:1:80]
leaf_thickness = 3; // [1.6:0.2:6]

/* [Fit] */
// Play between the leaves; raise it if the hinge fuses
gap = 0.4; // [0.2:0.05:0.8]

/* [Screws] */
screw_diameter = 3.5; // [0:0.1:6]

/* [Hidden] */
$fn = 48;
cone = barrel_radius - 1.6;
// a cone of 45 degrees moved along its axis by this much is `gap` away, square to its side
axial_play = gap * sqrt(2);
pitch = knuckle_length + gap;
length = knuckles * pitch - gap;

module along_barrel(i) { translate([i * pitch, 0, barrel_radius]) rotate([0, 90, 0]) children(); }

// Knuckle with its arm to the leaf on the +Y side
module knuckle(i) {
    along_barrel(i) cylinder(r = barrel_radius, h = knuckle_length);
    translate([i * pitch, 0, 0]) cube([knuckle_length, barrel_radius + gap + 1, leaf_thickness]);
}

module cones(i) {
    along_barrel(i) {
        translate([0, 0, knuckle_length - 0.01]) cylinder(r1 = cone, r2 = 0.4, h = cone - 0.4);
        mirror([0, 0, 1]) translate([0, 0, -0.01]) cylinder(r1 = cone, r2 = 0.4, h = cone - 0.4);
    }
}

// What the cones of knuckle i take from its neighbours
module sockets(i) {
    reach = cone + axial_play;
    along_barrel(i) {
        translate([0, 0, knuckle_length]) cylinder(r1 = reach, r2 = 0, h = reach);
        mirror([0, 0, 1]) cylinder(r1 = reach, r2 = 0, h = reach);
    }
}

module plate() {
    difference() {
        translate([0, barrel_radius + gap, 0]) cube([length, leaf_depth - barrel_radius - gap, leaf_thickness]);
        if (screw_diameter > 0) for (x = [length / 5, length / 2, length * 4 / 5])
            translate([x, (leaf_depth + barrel_radius) / 2, -1]) cylinder(d = screw_diameter, h = leaf_thickness + 2);
    }
}

module socket_leaf() {
    plate();
    difference() {
        for (i = [0 : 2 : knuckles - 1]) knuckle(i);
        for (i = [1 : 2 : knuckles - 2]) sockets(i);
    }
}

module cone_leaf() {
    plate();
    for (i = [1 : 2 : knuckles - 2]) {
        knuckle(i);
        cones(i);
    }
}

socket_leaf();
mirror([0, 1, 0]) cone_leaf();
