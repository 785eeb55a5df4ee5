// Linear rail carriage
// Carriage for two parallel rods: four open bearing saddles with cable-tie slots and a grid of tapped holes.

/* [Rods] */
// Distance between the rods
rod_spacing = 50; // [35:1:120]
// Size of the linear bearing: 15 x 24 for the usual 8 mm rod
bearing_diameter = 15; // [10:0.1:30]
bearing_length = 24; // [15:0.1:60]
rod_clearance = 11; // [6:0.5:25]

/* [Plate] */
length = 76; // [50:1:160]
plate = 5; // [3:0.5:10]
corner = 5; // [1:0.5:12]

/* [Saddles] */
wall = 3; // [2:0.5:6]
// How deep the bearing sits, as a share of its diameter
wrap = 0.42; // [0.3:0.02:0.48]
tie_width = 4; // [2:0.5:8]
tie_thickness = 1.8; // [1:0.1:3]

/* [Load] */
grid = [20, 40];
grid_hole = 2.9; // [2:0.1:6]

/* [Hidden] */
$fn = 60;
eps = 0.5;
saddle_width = bearing_diameter + 2 * wall;
width = rod_spacing + saddle_width;
// Centre of the rods over the bottom of the plate
axis = plate + 0.5 + bearing_diameter / 2;
saddle_top = axis - bearing_diameter / 2 + bearing_diameter * wrap;
saddle_length = bearing_length + 2 * wall;
assert(length >= 2 * saddle_length + 4, "too short for two bearings on each rod");

module base_plate() {
    linear_extrude(plate) offset(r = corner)
        square([length - 2 * corner, width - 2 * corner], center = true);
}

// Block that a bearing rests in, lying along x
module saddle() {
    translate([-saddle_length / 2, -saddle_width / 2, plate / 2])
        cube([saddle_length, saddle_width, saddle_top - plate / 2]);
}

module saddle_cuts() {
    translate([0, 0, axis]) rotate([0, 90, 0]) {
        cylinder(d = bearing_diameter + 0.2, h = bearing_length + 0.4, center = true);
        cylinder(d = rod_clearance, h = saddle_length + 2, center = true);
    }
    // two cable ties run round the bearing through the saddle
    for (x = [-1, 1]) translate([x * bearing_length * 0.28, 0, axis]) rotate([0, 90, 0]) difference() {
        cylinder(d = saddle_width - 1 + 2 * tie_thickness, h = tie_width, center = true);
        cylinder(d = saddle_width - 1, h = tie_width + 1, center = true);
    }
}

module at_saddles() {
    for (side = [-1, 1], end = [-1, 1])
        translate([end * (length - saddle_length) / 2, side * rod_spacing / 2, 0]) children();
}

difference() {
    union() {
        base_plate();
        at_saddles() saddle();
    }
    at_saddles() saddle_cuts();
    for (x = [-1, 1], y = [-1, 1]) translate([x * grid[1] / 2, y * grid[0] / 2, -eps])
        cylinder(d = grid_hole, h = plate + 2 * eps);
    // belt or screw passes through the middle
    translate([0, 0, -eps]) linear_extrude(plate + 2 * eps) hull()
        for (x = [-1, 1]) translate([x * 10, 0]) circle(4);
}
