// Toothbrush holder
// A stadium block with round places for brushes, one long place for the paste, all draining below.

/* [Places] */
brushes = 4; // [1:1:8]
brush_diameter = 17; // [12:0.5:35]
// Length of the slot for the tube; 0 for none
tube_slot = 46; // [0:1:70]

/* [Block] */
height = 75; // [40:1:120]
wall = 3; // [2:0.2:6]
floor_thickness = 4; // [2:0.5:8]

/* [Hidden] */
$fn = 48;
pitch = brush_diameter + wall;
depth = brush_diameter + 2 * wall;
brush_run = brushes * pitch;
length = brush_run + (tube_slot > 0 ? tube_slot + wall : 0) + wall;

module stadium(run, d, h) {
    hull() for (x = [d / 2, run - d / 2]) translate([x, 0, 0]) cylinder(d = d, h = h);
}

module place(run) {
    translate([0, 0, floor_thickness]) stadium(run, brush_diameter, height);
    translate([run / 2, 0, -1]) cylinder(d = 5, h = floor_thickness + 2);
}

difference() {
    stadium(length, depth, height);
    for (i = [0 : brushes - 1]) translate([wall + i * pitch, 0, 0]) place(brush_diameter);
    if (tube_slot > 0) translate([wall + brush_run, 0, 0]) place(tube_slot);
    // a channel under the floor leads the water to the front
    for (x = [wall + brush_diameter / 2 : pitch : length - depth / 2])
        translate([x - 1.5, -depth, -1]) cube([3, depth, 2.5]);
}
