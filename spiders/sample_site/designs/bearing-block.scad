// Bearing block
// Pillow block for a 608 ball bearing with a shoulder, a rounded top and two slotted feet.

/* [Bearing] */
bearing_diameter = 22; // [10:0.1:60]
bearing_width = 7; // [3:0.1:20]
// Added to the seat's diameter
fit = 0.1; // [0:0.05:0.5]

/* [Block] */
shaft_height = 22; // [14:0.5:60]
wall = 6; // [3:0.5:12]
shoulder = 2.5; // [1:0.5:6]
base_length = 70; // [40:1:140]
base_thickness = 8; // [4:0.5:15]

/* [Bolts] */
bolt = 5.3; // [3:0.1:10]
slot = 6; // [0:0.5:15]

/* [Hidden] */
$fn = 80;
depth = bearing_width + shoulder;
crown = bearing_diameter + 2 * wall;
assert(shaft_height > bearing_diameter / 2 + 3, "the seat would break through the base");

module profile() {
    offset(r = -4) offset(delta = 4) {
        translate([-base_length / 2, 0]) square([base_length, base_thickness]);
        hull() {
            translate([0, shaft_height]) circle(d = crown);
            translate([-crown / 2, 0]) square([crown, base_thickness]);
        }
    }
}

module foot_slot() {
    hull() for (x = [-1, 1]) translate([x * slot / 2, -1, depth / 2])
        rotate([-90, 0, 0]) cylinder(d = bolt, h = base_thickness + 2);
}

difference() {
    linear_extrude(depth) profile();
    translate([0, shaft_height, shoulder]) {
        cylinder(d = bearing_diameter + fit, h = bearing_width + 1);
        translate([0, 0, bearing_width - 0.6]) cylinder(d1 = bearing_diameter + fit, d2 = bearing_diameter + 2, h = 1);
    }
    // the shoulder only touches the outer ring
    translate([0, shaft_height, -1]) cylinder(d = bearing_diameter - 5, h = depth + 2);
    for (side = [-1, 1]) translate([side * (base_length / 2 - 9), 0, 0]) foot_slot();
}
