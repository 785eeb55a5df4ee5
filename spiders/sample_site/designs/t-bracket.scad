// T bracket
// Flat T-shaped mending plate with rounded ends, for butting one board against another.

bar_length = 80; // [40:1:160]
stem_length = 60; // [30:1:120]
plate_width = 20; // [10:1:40]
thickness = 3.5; // [2:0.5:8]
hole = 4.5; // [2:0.1:8]
$fn = 64;

half = plate_width / 2;

module outline() {
    hull() for (side = [-1, 1]) translate([side * (bar_length / 2 - half), 0]) circle(half);
    hull() for (y = [0, half - stem_length]) translate([0, y]) circle(half);
}

module hole_pattern() {
    for (side = [-1, 1]) translate([side * (bar_length / 2 - half), 0]) circle(d = hole);
    for (y = [0, half - stem_length / 2, half - stem_length]) translate([0, y]) circle(d = hole);
}

linear_extrude(thickness) difference() {
    offset(r = -5) offset(delta = 5) outline();
    hole_pattern();
}
