// Parts tray
// Shallow tray divided into compartments with scooped fronts, so small screws slide out.

/* [Compartments] */
columns = 3; // [1:1:8]
rows = 2; // [1:1:6]
// Inner size of one compartment
cell_width = 36; // [15:1:80]
cell_depth = 40; // [15:1:80]
cell_height = 20; // [8:1:60]

/* [Walls] */
wall = 1.6; // [0.8:0.1:4]
floor_thickness = 1.6; // [0.8:0.1:4]
// Radius of the scoop at the front of each compartment
scoop = 12; // [0:1:40]
corner = 4; // [1:0.5:10]

/* [Hidden] */
$fn = 48;
outer = [columns * (cell_width + wall) + wall, rows * (cell_depth + wall) + wall, cell_height + floor_thickness];
radius = min(scoop, cell_height - 1);

module rounded_block(size, r) {
    hull() for (x = [r, size[0] - r], y = [r, size[1] - r]) translate([x, y, 0]) cylinder(r = r, h = size[2]);
}

// The air in one compartment; the front lower edge is filled with a quarter round
module pocket() {
    difference() {
        rounded_block([cell_width, cell_depth, cell_height + 1], corner - wall > 0.5 ? corner - wall : 0.5);
        if (radius > 0) difference() {
            translate([-1, -1, -1]) cube([cell_width + 2, radius + 1, radius + 1]);
            translate([-2, radius, radius]) rotate([0, 90, 0]) cylinder(r = radius, h = cell_width + 4);
        }
    }
}

difference() {
    rounded_block(outer, corner);
    for (i = [0 : columns - 1], j = [0 : rows - 1])
        translate([wall + i * (cell_width + wall), wall + j * (cell_depth + wall), floor_thickness]) pocket();
}
