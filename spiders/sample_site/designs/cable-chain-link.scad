// Cable chain link
// One link of a drag chain: stepped side plates with snap pins at one end and eyes at the other.

/* [Link] */
// Distance from pin to eye
pitch = 30; // [20:1:60]
height = 16; // [10:1:40]
inner_width = 22; // [8:1:80]
side = 2.4; // [1.6:0.1:5]

/* [Joint] */
pin = 5; // [3:0.1:10]
// Gap between the plates of two links, and around the pin
clearance = 0.35; // [0.1:0.05:0.8]

/* [Bridges] */
bridge = 1.8; // [1:0.1:4]

/* [Hidden] */
$fn = 56;
eps = 0.01;
end_radius = height / 2;
inner = inner_width / 2;
// The rear plates stand outside the front plates of the next link
rear = inner + side + clearance;
block_start = end_radius + clearance + 0.4;
block_end = pitch - block_start;
assert(block_end - block_start > 4, "pitch too short for this height");

// Plate in the xz plane from y0 outwards, with a round end at x = centre
module end_plate(centre, to, y0, thickness) {
    translate([0, y0 + thickness, 0]) rotate([90, 0, 0]) linear_extrude(thickness) hull() {
        translate([centre, end_radius]) circle(end_radius);
        translate([min(to, to - sign(to - centre)), 0]) square([1, height]);
    }
}

module half_link() {
    // front: inner plate with its pin, a little cone that snaps into the eye
    end_plate(0, block_start + 2, inner, side);
    translate([0, inner + side - eps, end_radius]) rotate([-90, 0, 0]) {
        cylinder(d = pin, h = clearance + side * 0.35 + eps);
        translate([0, 0, clearance + side * 0.35]) cylinder(d1 = pin, d2 = pin - 1.4, h = side * 0.5);
    }
    // middle: full thickness
    translate([block_start, inner, 0]) cube([block_end - block_start, side + clearance + side, height]);
    // rear: outer plate with its eye
    difference() {
        end_plate(pitch, block_end - 2, rear, side);
        translate([pitch, rear - 1, end_radius]) rotate([-90, 0, 0])
            cylinder(d = pin + 2 * clearance, h = side + 2);
    }
}

module bridges() {
    length = block_end - block_start;
    for (z = [0, height - bridge]) translate([block_start, -inner - eps, z])
        cube([length, inner_width + 2 * eps, bridge]);
}

for (m = [0, 1]) mirror([0, m, 0]) half_link();
bridges();
