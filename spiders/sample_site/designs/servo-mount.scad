// Servo mount
// Upright bracket for a micro servo: window with screw holes, gusseted base, and a notch for the cable.

/* [Servo] */
body_length = 23; // [15:0.1:45]
body_width = 12.4; // [8:0.1:25]
// Distance between the two screws of the servo's ears
ear_spacing = 28; // [20:0.1:55]
ear_screw = 1.8; // [1:0.1:4]
fit = 0.3; // [0:0.05:0.8]

/* [Plate] */
plate = 4; // [2.5:0.5:8]
// Distance from the base to the window
lift = 8; // [2:0.5:40]
margin = 6; // [4:0.5:15]
// Depth of the notch for the cable
cable = 3.5; // [1:0.5:6]

/* [Base] */
base_depth = 26; // [15:1:60]
base_screw = 3.4; // [2:0.1:6]
gusset = 3; // [2:0.5:6]

/* [Hidden] */
$fn = 40;
eps = 0.5;
width = ear_spacing + 2 * margin;
height = plate + lift + body_width + fit + margin;
window_middle = plate + lift + (body_width + fit) / 2;
gusset_height = height * 0.6;
assert(ear_spacing > body_length + fit + ear_screw, "the ear screws would fall into the window");
assert(lift > cable + 2, "no room for the cable notch over the base");

module rounded_plate() {
    rotate([90, 0, 0]) mirror([0, 0, 1]) linear_extrude(plate) hull() {
        translate([-width / 2, 0]) square([width, 1]);
        for (x = [-1, 1]) translate([x * (width / 2 - 4), height - 4]) circle(4);
    }
}

module window() {
    translate([0, plate / 2, window_middle]) {
        cube([body_length + fit, plate + 2 * eps, body_width + fit], center = true);
        // the cable and its plug pass below one end of the body
        translate([body_length / 2 - 4, 0, -(body_width + fit) / 2])
            cube([7, plate + 2 * eps, 2 * cable], center = true);
        for (x = [-1, 1]) translate([x * ear_spacing / 2, 0, 0])
            rotate([90, 0, 0]) cylinder(d = ear_screw, h = plate + 2 * eps, center = true);
    }
}

module base() {
    difference() {
        linear_extrude(plate) hull() {
            translate([-width / 2, 0]) square([width, 1]);
            for (x = [-1, 1]) translate([x * (width / 2 - 4), base_depth - 4]) circle(4);
        }
        for (x = [-1, 1]) translate([x * width / 4, base_depth * 0.62, -eps]) {
            cylinder(d = base_screw, h = plate + 2 * eps);
            translate([0, 0, plate + eps - base_screw / 2])
                cylinder(d1 = base_screw, d2 = 2 * base_screw, h = base_screw / 2 + eps);
        }
    }
}

module gusset_rib() {
    rotate([90, 0, 90]) translate([0, 0, -gusset / 2]) linear_extrude(gusset)
        polygon([[1, 1], [base_depth - 5, 1], [base_depth - 5, plate + 1], [plate, gusset_height], [1, gusset_height]]);
}

difference() {
    union() {
        rounded_plate();
        for (x = [-1, 1]) translate([x * (width / 2 - gusset / 2), 0, 0]) gusset_rib();
    }
    window();
}
base();
