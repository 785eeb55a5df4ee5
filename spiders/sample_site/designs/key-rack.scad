// Key rack
// A wall plate with upturned pegs, a small shelf and two countersunk screw holes.

/* [Plate] */
hooks = 5; // [2:1:10]
hook_pitch = 32; // [20:1:60]
plate_height = 48; // [30:1:90]
plate_thickness = 5; // [3:0.5:10]

/* [Pegs] */
peg_diameter = 8; // [5:0.5:14]
peg_length = 26; // [15:1:50]
// Upward tilt
tilt = 20; // [0:5:45]

/* [Shelf] */
shelf_depth = 30; // [0:1:80]

/* [Screws] */
screw_diameter = 4; // [3:0.1:6]

/* [Hidden] */
$fn = 40;
width = hooks * hook_pitch;

// The plate stands in the XZ plane, its back on y = 0; pegs point to -Y
module plate() {
    rotate([90, 0, 0]) linear_extrude(plate_thickness)
        offset(r = 6) translate([6, 6]) square([width - 12, plate_height - 12]);
}

module peg() {
    rotate([90 - tilt, 0, 0]) {
        cylinder(d = peg_diameter, h = peg_length);
        translate([0, 0, peg_length]) sphere(d = peg_diameter * 1.45);
    }
}

module shelf() {
    translate([6, -plate_thickness - shelf_depth, plate_height - 10]) {
        cube([width - 12, shelf_depth + 1, 3]);
        cube([width - 12, 3, 9]);
    }
}

module screw_hole() {
    rotate([90, 0, 0]) {
        translate([0, 0, -1]) cylinder(d = screw_diameter, h = plate_thickness + 2);
        translate([0, 0, plate_thickness - screw_diameter / 2])
            cylinder(d1 = screw_diameter, d2 = 2 * screw_diameter + 0.2, h = screw_diameter / 2 + 0.1);
    }
}

difference() {
    union() {
        plate();
        for (i = [0 : hooks - 1])
            translate([(i + 0.5) * hook_pitch, -plate_thickness / 2, plate_height * 0.28]) peg();
        if (shelf_depth > 0) shelf();
    }
    for (x = [hook_pitch, width - hook_pitch]) translate([x, 0, plate_height * 0.58]) screw_hole();
}
