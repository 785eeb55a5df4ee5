// Bow handle
// Arched pull for drawers and toolboxes, with two screw holes from behind.

/* [Handle] */
// Distance between the screws
hole_spacing = 96; // [48:1:200]
rise = 30; // [20:1:60]
bar_width = 14; // [8:0.5:30]
bar_thickness = 8; // [5:0.5:20]
// 2 is half an ellipse, larger is more like a bracket
squareness = 4; // [2:0.5:8]

/* [Screws] */
// Pilot for M4 screws from behind
pilot = 3.4; // [2:0.1:6]
pilot_depth = 14; // [6:1:30]

/* [Hidden] */
$fn = 40;
steps = 28;
foot = bar_width * 1.15;

// Superellipse: upright legs, then a round shoulder and a nearly flat top
function power(x) = sign(x) * pow(abs(x), 2 / squareness);
points = [for (i = [0 : steps]) let (a = 180 * i / steps)
    [-hole_spacing / 2 * power(cos(a)), rise * power(sin(a))]];
assert(pilot + 2 < bar_thickness, "the pilot hole leaves less than 1 mm of wall in the legs");

module bead(p) {
    translate([p[0], 0, p[1]]) scale([bar_thickness, bar_width, bar_thickness]) sphere(d = 1, $fn = 24);
}

module foot() {
    hull() {
        cylinder(d = foot, h = 2);
        translate([0, 0, 8]) scale([bar_thickness, bar_width, 1]) cylinder(d = 1, h = 1);
    }
}

difference() {
    union() {
        intersection() {
            for (i = [0 : steps - 1]) hull() { bead(points[i]); bead(points[i + 1]); }
            translate([-hole_spacing, -foot, 0]) cube([2 * hole_spacing, 2 * foot, 2 * rise]);
        }
        for (side = [-1, 1]) translate([side * hole_spacing / 2, 0, 0]) foot();
    }
    for (side = [-1, 1]) translate([side * hole_spacing / 2, 0, -1]) cylinder(d = pilot, h = pilot_depth + 1);
}
