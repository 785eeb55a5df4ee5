// Living hinge sheet
// A flat sheet with staggered slots in the middle that lets it bend around a corner.

// Length of the whole sheet
length = 120; // [60:1:250]
width = 60; // [20:1:150]
thickness = 2; // [0.8:0.2:4]
// Length of the slotted zone
bend_zone = 44; // [15:1:150]
slot_width = 1; // [0.4:0.1:2]
// Distance between two rows of slots
row_pitch = 2.2; // [1.2:0.1:5]
// Slots across the width
slots_across = 3; // [2:1:8]
// Solid bridge between two slots of a row
bridge = 4; // [2:0.5:10]

$fn = 24;
rows = floor(bend_zone / row_pitch);
cell = width / slots_across;

module slot() {
    hull() for (end = [-1, 1]) translate([0, end * (cell - bridge - slot_width) / 2]) circle(d = slot_width);
}

linear_extrude(thickness) difference() {
    translate([-length / 2, 0]) square([length, width]);
    for (row = [0 : rows - 1], k = [0 : slots_across])
        translate([(row - (rows - 1) / 2) * row_pitch, (k + (row % 2 == 0 ? 0.5 : 0)) * cell]) slot();
}
