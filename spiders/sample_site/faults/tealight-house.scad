// Tea light house
// A little house with windows for an electric tea light.
side = 50; // [44:1:90]
wall_height = 45; // [30:1:80]
wall = 2; // [1.2:0.2:4]

module window(w, h) { cube([w, side + 2, h]); }

difference() {
    union() {
        cube([side, side, wall_height]);
        translate([0, side, wall_height]) rotate([90, 0, 0]) linear_extrude(side)
            polygon([[0, -0.01], [side, -0.01], [side / 2, side * 0.45]]);
    }
    translate([wall, wall, -1]) cube([side - 2 * wall, side - 2 * wall, wall_height]);
    for (x = [0.2, 0.6]) translate([side * x, -1, wall_height * 0.4]) window(side * 0.2, wall_height * 0.35);
}
