// Camera plate
// Dovetail quick-release plate for a camera with a 1/4 inch screw, with a lip that stops it twisting.

/* [Plate] */
length = 50; // [35:1:100]
// Width across the widest part of the dovetail
top_width = 38; // [30:0.1:45]
bottom_width = 32; // [25:0.1:40]
dovetail_height = 6; // [4:0.5:10]
deck = 4; // [3:0.5:8]

/* [Camera] */
screw_clearance = 6.6; // [6.4:0.1:8]
// Round pocket below for the screw head
head_diameter = 15; // [8:0.5:20]
lip_height = 5; // [0:0.5:12]

/* [Hidden] */
$fn = 64;
eps = 0.1;
slot = 10;
assert(bottom_width > head_diameter + 6, "no material left beside the screw head");

module body() {
    rotate([90, 0, 90]) translate([0, 0, -length / 2]) linear_extrude(length) polygon([
        [-top_width / 2, 0], [top_width / 2, 0], [bottom_width / 2, dovetail_height * 0.5],
        [bottom_width / 2, dovetail_height], [top_width / 2, dovetail_height + 2],
        [top_width / 2, dovetail_height + deck], [-top_width / 2, dovetail_height + deck],
        [-top_width / 2, dovetail_height + 2], [-bottom_width / 2, dovetail_height],
        [-bottom_width / 2, dovetail_height * 0.5]
    ]);
}

module slotted_hole(d, h) {
    hull() for (x = [-1, 1]) translate([x * slot / 2, 0, 0]) cylinder(d = d, h = h);
}

difference() {
    union() {
        body();
        translate([-length / 2, -top_width / 2 - 3, dovetail_height + 2])
            cube([length, 3 + eps, deck - 2 + lip_height]);
    }
    translate([0, 0, -1]) slotted_hole(screw_clearance, dovetail_height + deck + 2);
    translate([0, 0, -1]) slotted_hole(head_diameter, dovetail_height + 1);
    // grip grooves under the camera
    for (x = [-length / 2 + 5 : 4 : length / 2 - 4]) translate([x, 0, dovetail_height + deck])
        rotate([90, 0, 0]) cylinder(d = 1, h = top_width - 6, center = true, $fn = 12);
}
