// Battery holder
// Open cradle for round cells side by side, with contact slots, polarity marks and a wire channel.

/* [Cells] */
cells = 3; // [1:1:8]
// AA: 14.5 and 50.5, AAA: 10.5 and 44.5, 18650: 18.6 and 65.2
cell_diameter = 14.5; // [9:0.1:35]
cell_length = 50.5; // [30:0.1:80]
play = 0.5; // [0.1:0.1:2]
// Extra length that the springs take up
spring = 4; // [0:0.5:10]

/* [Shell] */
wall = 2; // [1.2:0.1:4]
floor_thickness = 2; // [1:0.1:4]
// How far the sides rise, as a share of the cell's diameter
rise = 0.75; // [0.5:0.05:0.9]

/* [Contacts] */
tab_width = 9; // [4:0.5:15]
tab_thickness = 0.8; // [0.3:0.1:2]

/* [Hidden] */
$fn = 56;
eps = 0.1;
seat = cell_diameter + play;
pitch = seat + 1.2;
end_wall = wall + tab_thickness + 1.6;
inside = [cell_length + spring, (cells - 1) * pitch + seat];
outer = [inside[0] + 2 * end_wall, inside[1] + 2 * wall, floor_thickness + seat * rise];

function cell_y(i) = wall + seat / 2 + i * pitch;

module shell() {
    linear_extrude(outer[2]) translate([2, 2]) offset(r = 2) square([outer[0] - 4, outer[1] - 4]);
}

module cell_space(i) {
    translate([end_wall, cell_y(i), floor_thickness + seat / 2]) rotate([0, 90, 0]) cylinder(d = seat, h = inside[0]);
    // straight sides above the middle, so that the cell drops in
    translate([end_wall, cell_y(i) - seat / 2, floor_thickness + seat / 2]) cube([inside[0], seat, seat]);
}

// A contact strip slides down between end wall and cell; the window behind it lets the spring out
module contact(i) {
    for (x = [wall, outer[0] - wall - tab_thickness])
        translate([x, cell_y(i) - tab_width / 2, floor_thickness]) cube([tab_thickness, tab_width, outer[2]]);
    for (x = [wall + eps, outer[0] - end_wall - eps])
        translate([x, cell_y(i) - tab_width / 2 + 1.5, floor_thickness + 2])
            cube([end_wall - wall, tab_width - 3, outer[2]]);
}

// Plus and minus sunk in the floor, alternating for cells in series
module polarity(i) {
    flip = i % 2 == 0 ? 1 : -1;
    for (s = [-1, 1]) translate([outer[0] / 2 + s * cell_length * 0.36, cell_y(i), floor_thickness - 0.8]) {
        translate([0, 0, 1]) cube([6, 1.4, 2], center = true);
        if (s == flip) translate([0, 0, 1]) cube([1.4, 6, 2], center = true);
    }
}

difference() {
    shell();
    for (i = [0 : cells - 1]) { cell_space(i); contact(i); polarity(i); }
    // finger gap across all cells, and the way out for the wires
    translate([outer[0] * 0.4, -1, floor_thickness + seat * 0.3]) cube([outer[0] * 0.2, outer[1] + 2, seat]);
    for (y = [cell_y(0), cell_y(cells - 1)]) translate([-1, y - 1.5, floor_thickness + 1]) cube([wall + 2, 3, 3]);
}
