// Phone stand
// A side profile with a leaning back and a cradle, drawn in 2D and extruded, with a gap for the cable.

// Width of the stand
width = 62; // [30:1:120]
// How far the phone leans back from upright
lean = 20; // [5:1:45]
// Thickness of the phone with its case
phone = 12; // [7:0.5:20]
back_height = 85; // [50:1:140]
thickness = 5; // [3:0.5:8]
cable_gap = 16; // [0:1:30]

$fn = 32;
foot = 78;
base = thickness / 2;
heel = [6 + phone, 12];
top = heel + back_height * [sin(lean), cos(lean)];
toe = [base, 26];

module bar(a, b) { hull() for (p = [a, b]) translate(p) circle(d = thickness); }

module profile() {
    bar([base, base], [foot, base]);
    bar([base, base], toe);
    bar([base, 9], [heel.x, 9]);
    bar([heel.x, 9], top);
    bar(top * 0.6 + [heel.x, 9] * 0.4, [foot, base]);
}

difference() {
    translate([0, width / 2, 0]) rotate([90, 0, 0]) linear_extrude(width, convexity = 8) profile();
    // the charging cable passes through lip and cradle
    translate([-5, -cable_gap / 2, thickness + 1.5]) cube([heel.x + 3, cable_gap, 40]);
}
