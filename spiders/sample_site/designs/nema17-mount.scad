// NEMA 17 motor mount
// Right-angle bracket for a NEMA 17 stepper: face plate, base with slots and two triangular cheeks.

/* [Motor] */
face = 42.3; // [42:0.1:43]
bolt_spacing = 31; // [30:0.1:32]
pilot_diameter = 23; // [22:0.1:28]
motor_bolt = 3.3; // [3:0.1:4]

/* [Bracket] */
thickness = 5; // [3:0.5:8]
base_depth = 48; // [30:1:80]
cheek = 4; // [2:0.5:8]
// Room around the motor
clearance = 0.6; // [0.2:0.1:2]

/* [Base slots] */
slot_width = 5.3; // [3:0.1:8]
slot_length = 12; // [6:1:25]

/* [Hidden] */
$fn = 64;
eps = 0.5;
width = face + 2 * (cheek + clearance);
height = face + thickness + clearance;
axis_height = thickness + clearance + face / 2;

// Seen from the side: face, base and the slope of the cheeks
module side_profile() {
    polygon([[0, 0], [base_depth, 0], [base_depth, thickness], [thickness + 3, height], [0, height]]);
}

// Room for the motor between the cheeks
module motor_bay() {
    translate([cheek - width / 2, thickness, thickness]) cube([width - 2 * cheek, base_depth, height]);
}

module motor_holes() {
    translate([0, -eps, axis_height]) rotate([-90, 0, 0]) {
        cylinder(d = pilot_diameter, h = thickness + 2 * eps);
        for (x = [-1, 1], y = [-1, 1]) translate([x * bolt_spacing / 2, y * bolt_spacing / 2, 0])
            cylinder(d = motor_bolt, h = thickness + 2 * eps);
    }
}

module base_slots() {
    for (x = [-1, 1]) hull() for (y = [-1, 1])
        translate([x * width / 4, base_depth * 0.6 + y * (slot_length - slot_width) / 2, -eps])
            cylinder(d = slot_width, h = thickness + 2 * eps);
}

difference() {
    translate([-width / 2, 0, 0]) rotate([90, 0, 90]) linear_extrude(width) side_profile();
    motor_bay();
    motor_holes();
    base_slots();
}
