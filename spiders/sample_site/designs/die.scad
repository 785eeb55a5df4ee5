// Six-sided die
// A cube with corners taken off by a sphere and the pips as round hollows; opposite faces add up to seven.

// Edge of the die
size = 20; // [10:0.5:60]
// Rounding: diameter of the sphere as a multiple of the edge
roundness = 1.5; // [1.35:0.05:1.73]
pip_diameter = 4; // [1:0.25:10]
// How far the pips are from the middle, as a share of the edge
spread = 0.25; // [0.15:0.01:0.32]

$fn = 48;

corners = [[-1, -1], [1, 1]];
others = [[-1, 1], [1, -1]];
sides = [[-1, 0], [1, 0]];
// pips for each value in units of the spread
layouts = [
    [[0, 0]],
    corners,
    concat([[0, 0]], corners),
    concat(corners, others),
    concat([[0, 0]], corners, others),
    concat(corners, others, sides)
];
// the turn that brings the top face to where each value belongs
turns = [[0, 0, 0], [90, 0, 0], [0, 90, 0], [0, -90, 0], [-90, 0, 0], [180, 0, 0]];

module pips(value) {
    for (p = layouts[value - 1])
        translate([p.x * spread * size, p.y * spread * size, size / 2 + pip_diameter * 0.15])
            sphere(d = pip_diameter, $fn = 32);
}

translate([0, 0, size / 2]) difference() {
    intersection() {
        cube(size, center = true);
        sphere(d = size * roundness, $fn = 96);
    }
    for (value = [1 : 6]) rotate(turns[value - 1]) pips(value);
}
