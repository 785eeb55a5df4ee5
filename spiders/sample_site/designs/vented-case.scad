// Vented case
// One-piece open tray for warm electronics, with slots through the floor and both long sides.

/* [Size] */
inside_length = 90; // [40:1:200]
inside_width = 60; // [30:1:150]
inside_height = 30; // [10:1:80]
wall = 2.4; // [1.2:0.2:4]

/* [Vents] */
// Width of one slot
slot_width = 3; // [1.5:0.5:6]
// Solid web left between two slots
slot_web = 4; // [2:0.5:10]

/* [Feet] */
foot_height = 4; // [0:0.5:10]
foot_diameter = 9; // [5:0.5:15]

/* [Hidden] */
$fn = 40;
length = inside_length + 2 * wall;
width = inside_width + 2 * wall;
pitch = slot_width + slot_web;
slot_count = floor((inside_length - 2 * slot_web) / pitch);
first_slot = length / 2 - (slot_count - 1) * pitch / 2;

// A slot with round ends, standing on the Z axis, centred on it
module slot(run, depth) {
    hull() for (side = [-1, 1])
        translate([0, side * (run - slot_width) / 2, 0])
            cylinder(d = slot_width, h = depth, center = true);
}

module shell() {
    difference() {
        cube([length, width, inside_height + wall]);
        translate(wall * [1, 1, 1])
            cube([inside_length, inside_width, inside_height + 1]);
    }
}

module feet() {
    for (x = [foot_diameter, length - foot_diameter], y = [foot_diameter, width - foot_diameter])
        translate([x, y, -foot_height])
            cylinder(d1 = foot_diameter - 2, d2 = foot_diameter, h = foot_height + wall / 2);
}

difference() {
    shell();
    for (i = [0 : slot_count - 1]) translate([first_slot + i * pitch, 0, 0]) {
        // floor
        translate([0, width / 2, wall / 2]) slot(inside_width * 0.6, wall + 1);
        // both long sides in one cut
        translate([0, width / 2, wall + inside_height / 2])
            rotate([90, 0, 0]) slot(inside_height * 0.6, width + 1);
    }
}
if (foot_height > 0) feet();
