// Dowel jig
// Drill guide that hooks over the edge of a board and centres three dowel holes on it.

/* [Board] */
board = 18; // [9:0.5:40]
// Slack so that the jig slides on
fit = 0.2; // [0:0.05:0.6]

/* [Dowels] */
dowel = 8; // [4:0.5:14]
holes = 3; // [1:1:6]
pitch = 25; // [16:1:50]

/* [Body] */
// Length of the guide above the board
guide = 25; // [15:1:50]
fence = 28; // [12:1:60]
wall = 6; // [4:0.5:12]

/* [Hidden] */
$fn = 64;
length = (holes - 1) * pitch + dowel + 2 * wall + 8;
width = board + fit + 2 * wall;

module body() {
    difference() {
        translate([-length / 2, -width / 2, -fence]) cube([length, width, fence + guide]);
        translate([-length / 2 - 1, -(board + fit) / 2, -fence - 1]) cube([length + 2, board + fit, fence + 1]);
    }
}

module guide_holes() {
    for (i = [0 : holes - 1]) translate([(i - (holes - 1) / 2) * pitch, 0, 0]) {
        translate([0, 0, -1]) cylinder(d = dowel + 0.15, h = guide + 2);
        translate([0, 0, guide - 1]) cylinder(d1 = dowel + 0.15, d2 = dowel + 2.6, h = 1.2);
        // a window lets the chips out at the board
        rotate([90, 0, 0]) hull() for (z = [2, 6])
            translate([0, z, -width / 2 - 1]) cylinder(d = dowel * 0.6, h = width + 2);
    }
}

// Notches on both fences mark the middle of each hole
module marks() {
    for (i = [0 : holes - 1], side = [-1, 1])
        translate([(i - (holes - 1) / 2) * pitch, side * width / 2, 0]) rotate(45)
            cube([1.4, 1.4, 4 * fence], center = true);
}

difference() {
    body();
    guide_holes();
    marks();
}
