// Building brick
// A stud-and-tube toy brick on our own 10 mm grid, hollow below, with tubes that grip the studs.

/* [Brick] */
// Studs along X
columns = 4; // [1:1:12]
// Studs along Y
rows = 2; // [1:1:6]
grid = 10; // [8:0.5:20]
height = 12; // [4:0.5:30]
wall = 1.6; // [1.2:0.1:3]

/* [Studs] */
stud_diameter = 6; // [4:0.1:12]
stud_height = 2.2; // [1:0.1:4]

/* [Fit] */
// Gap to the neighbouring brick on each side
side_play = 0.1; // [0:0.05:0.3]
// Added to the diameter of the tubes; more grips harder
squeeze = 0.1; // [-0.2:0.05:0.4]

/* [Hidden] */
$fn = 48;
eps = 0.01;
length = columns * grid - 2 * side_play;
depth = rows * grid - 2 * side_play;
roof = 1.6;
// a tube stands between four studs and touches all of them
tube_outer = grid * sqrt(2) - stud_diameter + squeeze;
tube_inner = min(stud_diameter, tube_outer - 2 * 1.1);

module on_grid(nx, ny) {
    for (x = [0 : 1 : nx - 1], y = [0 : 1 : ny - 1])
        translate([(x - (nx - 1) / 2) * grid, (y - (ny - 1) / 2) * grid, 0]) children();
}

module shell() {
    difference() {
        translate([-length / 2, -depth / 2, 0]) cube([length, depth, height]);
        translate([wall - length / 2, wall - depth / 2, -eps])
            cube([length - 2 * wall, depth - 2 * wall, height - roof + eps]);
    }
}

module tube() {
    difference() {
        cylinder(d = tube_outer, h = height - roof / 2);
        translate([0, 0, -eps]) cylinder(d = tube_inner, h = height - roof + eps);
    }
}

// small ribs inside the walls press on the studs of the outer rows
module rib(reach) { translate([0, 0, (height - roof / 2) / 2]) cube([1.2, 2 * reach, height - roof / 2], center = true); }

module ribs() {
    // from the wall's inner face to the side of the stud
    reach = grid / 2 - side_play - wall - stud_diameter / 2 + squeeze / 2;
    for (x = [0 : columns - 1], side = [-1, 1])
        translate([(x - (columns - 1) / 2) * grid, side * (depth / 2 - wall), 0]) rib(reach);
    for (y = [0 : rows - 1], side = [-1, 1])
        translate([side * (length / 2 - wall), (y - (rows - 1) / 2) * grid, 0]) rotate(90) rib(reach);
}

shell();
ribs();
on_grid(columns - 1, rows - 1) tube();
translate([0, 0, height - eps]) on_grid(columns, rows) cylinder(d = stud_diameter, h = stud_height + eps);
