// Shelf bracket
// Gusseted bracket with a curved brace, lightening holes that shrink along it, and filleted flanges.

/* [Shelf] */
// Arm under the shelf
arm = 140; // [60:5:300]
// Height of the leg on the wall
leg = 110; // [50:5:250]
flange_width = 28; // [15:1:60]
flange_thickness = 5; // [3:0.5:10]

/* [Web] */
web_thickness = 6; // [3:0.5:15]
// Depth of the hollow of the brace; 0 makes it straight
hollow = 22; // [0:1:60]
holes = 3; // [0:1:6]

/* [Screws] */
screw = 4.5; // [3:0.1:7]

/* [Hidden] */
$fn = 64;
eps = 0.01;
steps = 24;
tip = 10;
assert(flange_width > web_thickness + 4 * screw, "no room for screw heads beside the web");

// The free edge: a line from arm tip to leg tip, bent inwards like a parabola
function edge(t) =
    let (a = [arm, tip], b = [tip, leg], sag = hollow * 4 * t * (1 - t))
    let (inwards = [tip - leg, tip - arm] / norm(b - a))
        a + t * (b - a) + sag * inwards;

function hole_radius(i) = min(arm, leg) * 0.1 * pow(0.74, i);
function hole_place(i, length) = flange_thickness + 5 + hole_radius(0) + i * length * 0.19;

module web() {
    rotate([90, 0, 0]) translate([0, 0, -web_thickness / 2]) linear_extrude(web_thickness) difference() {
        polygon(concat([[0, 0], [arm, 0]], [for (i = [0 : steps]) edge(i / steps)], [[0, leg]]));
        // the largest hole sits in the corner, smaller ones follow along both flanges
        for (i = [0 : 1 : holes - 1]) let (r = hole_radius(i), near = flange_thickness + 5 + r) {
            translate([hole_place(i, arm), near]) circle(r);
            if (i > 0) translate([near, hole_place(i, leg)]) circle(r);
        }
    }
}

// Rounded plate in the xy plane, starting at x = 0
module flange(length) {
    linear_extrude(flange_thickness) hull() {
        translate([0, -flange_width / 2]) square([1, flange_width]);
        translate([length - 6, 0]) for (y = [-1, 1]) translate([0, y * (flange_width / 2 - 6)]) circle(6);
    }
}

module screws(length) {
    for (t = [0.25, 0.85], side = [-1, 1]) translate([length * t, side * (flange_width + web_thickness) / 4, -1]) {
        cylinder(d = screw, h = flange_thickness + 2);
        translate([0, 0, flange_thickness + 1 - 0.5 * screw])
            cylinder(d1 = screw, d2 = 2 * screw, h = 0.5 * screw + 0.1);
    }
}

// Turns the arm's plate up against the wall
module on_the_wall() { multmatrix([[0, 0, 1, 0], [0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1]]) children(); }

difference() {
    union() {
        flange(arm);
        on_the_wall() flange(leg);
        web();
        // fillets between web and flanges
        for (side = [-1, 1]) translate([0, side * (web_thickness / 2 - eps), flange_thickness - eps])
            rotate([90, 0, 90]) linear_extrude(arm - tip) polygon([[0, 0], [side * 3, 0], [0, 3]]);
    }
    screws(arm);
    on_the_wall() screws(leg);
}
