// Tool rack
// Wall shelf with a row of round holes for screwdrivers and open slots for pliers.

/* [Tools] */
// Hole diameters from left to right
drivers = [8, 8, 10, 10, 14];
slots = 2; // [0:1:6]
slot_width = 12; // [4:0.5:30]
pitch = 24; // [15:1:50]

/* [Rack] */
shelf_depth = 38; // [20:1:80]
thickness = 5; // [3:0.5:10]
back_height = 45; // [25:1:100]
screw = 4.3; // [3:0.1:6]

/* [Hidden] */
$fn = 48;
eps = 0.5;
n_places = len(drivers) + slots;
width = n_places * pitch + 2 * thickness;
assert(max(drivers) < pitch - 4, "holes too large for the pitch");

function place(i) = thickness + (i + 0.5) * pitch;

module rib(x) {
    translate([x, 0, 0]) rotate([90, 0, 90]) linear_extrude(thickness) polygon([
        [0, 0], [thickness, 0], [shelf_depth - 4, back_height - thickness],
        [shelf_depth - 4, back_height], [0, back_height]
    ]);
}

module keyhole() {
    rotate([-90, 0, 0]) {
        translate([0, 0, -eps]) cylinder(d = 2.1 * screw, h = thickness + 2 * eps);
        hull() for (y = [0, -2.2 * screw]) translate([0, y, -eps]) cylinder(d = screw, h = thickness + 2 * eps);
    }
}

difference() {
    union() {
        cube([width, thickness, back_height]);
        hull() {
            translate([0, 0, back_height - thickness]) cube([width, 1, thickness]);
            for (x = [6, width - 6]) translate([x, shelf_depth - 6, back_height - thickness])
                cylinder(r = 6, h = thickness);
        }
        for (x = [0, width - thickness]) rib(x);
    }
    for (i = [0 : len(drivers) - 1]) translate([place(i), shelf_depth * 0.58, back_height - thickness - eps]) {
        cylinder(d = drivers[i], h = thickness + 2 * eps);
        translate([0, 0, thickness - 0.5]) cylinder(d1 = drivers[i], d2 = drivers[i] + 3, h = 1.5);
    }
    for (i = [0 : 1 : slots - 1]) translate([place(len(drivers) + i), 0, back_height - thickness - eps]) hull()
        for (y = [shelf_depth * 0.35, shelf_depth + slot_width])
            translate([0, y, 0]) cylinder(d = slot_width, h = thickness + 2 * eps);
    for (x = [pitch, width - pitch]) translate([x, 0, back_height * 0.4]) keyhole();
}
