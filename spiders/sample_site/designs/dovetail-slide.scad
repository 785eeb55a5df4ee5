// Dovetail slide
// Fixed rail and sliding saddle with a gib screw, laid side by side for printing.

/* [Rail] */
rail_length = 90; // [40:1:250]
// Width at the top, the widest part of the dovetail
dovetail_width = 26; // [12:0.5:60]
dovetail_height = 8; // [4:0.5:20]
// Angle between flank and base
flank = 60; // [45:1:75]
base_width = 44; // [20:1:100]
base_height = 5; // [3:0.5:12]

/* [Saddle] */
saddle_length = 40; // [20:1:120]
wall = 6; // [4:0.5:12]
deck = 5; // [3:0.5:12]
// Gap on each flank
clearance = 0.25; // [0.1:0.05:0.6]

/* [Screws] */
rail_screw = 4.3; // [3:0.1:6]
gib_screw = 2.8; // [2:0.1:5]

/* [Hidden] */
$fn = 40;
eps = 0.1;
undercut = dovetail_height / tan(flank);
saddle_width = dovetail_width + 2 * clearance + 2 * wall;
saddle_height = dovetail_height + deck;
assert(dovetail_width - 2 * undercut > 2.2 * rail_screw, "the foot of the dovetail is too narrow for the screws");

// Dovetail standing on y = 0, grown by a gap on all sides
module dovetail(gap = 0) {
    top = dovetail_width / 2 + gap;
    foot = top - undercut;
    polygon([
        [-foot, 0], [-foot, -eps - 1], [foot, -eps - 1], [foot, 0],
        [top, dovetail_height], [top, dovetail_height + gap], [-top, dovetail_height + gap], [-top, dovetail_height]
    ]);
}

module along_x(length) { rotate([90, 0, 90]) linear_extrude(length) children(); }

module rail() {
    difference() {
        along_x(rail_length) {
            translate([0, base_height]) dovetail();
            translate([-base_width / 2, 0]) square([base_width, base_height]);
        }
        n = max(2, round(rail_length / 35));
        for (i = [0 : n - 1]) translate([rail_length * (i + 0.5) / n, 0, -1]) {
            cylinder(d = rail_screw, h = base_height + dovetail_height + 2);
            translate([0, 0, base_height + 1]) cylinder(d = 2 * rail_screw, h = dovetail_height + 2);
        }
    }
}

// Printed on its deck, the groove facing up
module saddle() {
    difference() {
        along_x(saddle_length) difference() {
            offset(r = 1.5) offset(delta = -1.5)
                translate([-saddle_width / 2, 0]) square([saddle_width, saddle_height]);
            translate([0, saddle_height]) mirror([0, 1]) dovetail(clearance);
        }
        // gib screws press on one flank, square to it
        for (x = [0.25, 0.75])
            translate([saddle_length * x, dovetail_width / 2 - undercut / 2, deck + dovetail_height / 2])
                rotate([-90 - (90 - flank), 0, 0]) cylinder(d = gib_screw, h = 3 * wall, $fn = 24);
        // table holes
        for (x = [0.2, 0.8], side = [-1, 1]) translate([saddle_length * x, side * dovetail_width * 0.3, -1])
            cylinder(d = 3.4, h = deck + 2 + clearance);
    }
}

rail();
translate([(rail_length - saddle_length) / 2, (base_width + saddle_width) / 2 + 8, 0]) saddle();
