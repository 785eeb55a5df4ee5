// Combination spanner
// Spanner with an open jaw turned by 15 degrees at one end and a twelve-point ring at the other.

/* [Nut] */
// Size across the flats
size = 13; // [6:0.5:36]
// Play across the flats
fit = 0.3; // [0:0.05:0.8]

/* [Handle] */
// From the centre of the jaw to the centre of the ring
reach = 110; // [50:1:250]
handle_width = 14; // [8:0.5:30]
thickness = 7; // [4:0.5:15]
// Depth of the panel sunk in both faces
panel = 1.5; // [0:0.1:3]

/* [Jaw] */
jaw_angle = 15; // [0:1:30]

/* [Hidden] */
$fn = 72;
eps = 0.1;
flats = size + fit;
jaw_radius = size * 1.05;
ring_radius = size * 0.86;
assert(2 * panel < thickness - 2, "the panels leave less than 2 mm of web");
assert(reach > jaw_radius + ring_radius + 20, "reach leaves no handle");

module hexagon(across) { circle(d = across / cos(30), $fn = 6); }

module jaw_opening() {
    rotate(180 + jaw_angle) {
        translate([-flats * 0.1, 0]) rotate(30) intersection() {
            hexagon(flats);
            circle(d = flats * 1.12);
        }
        translate([-flats * 0.1, -flats / 2]) square([2 * jaw_radius, flats]);
    }
}

module outline() {
    // offset in and out: soft necks between heads and handle
    offset(r = -10) offset(delta = 10) union() {
        rotate(jaw_angle) scale([1.02, 1]) circle(jaw_radius);
        translate([reach, 0]) circle(ring_radius);
        translate([0, -handle_width / 2]) square([reach, handle_width]);
    }
}

module panel_outline() {
    inset = handle_width / 2 - 2.5;
    hull() for (x = [jaw_radius + 12, reach - ring_radius - 12]) translate([x, 0]) circle(inset);
}

difference() {
    linear_extrude(thickness) difference() {
        outline();
        jaw_opening();
        translate([reach, 0]) for (a = [0, 30]) rotate(a) hexagon(flats);
    }
    if (panel > 0) for (z = [-eps, thickness - panel]) translate([0, 0, z])
        linear_extrude(panel + eps) panel_outline();
    // ring mouth chamfers help it find the nut
    for (m = [0, 1]) translate([reach, 0, m * thickness]) mirror([0, 0, m]) translate([0, 0, -eps]) rotate(2)
        cylinder(d1 = flats * 1.2, d2 = flats * 0.98, h = 1.3);
}
