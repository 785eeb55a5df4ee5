// Corner brace
// Three-way inside corner: three square plates with a web between them, for boxes and frames.

/* [Size] */
// Length of each plate along the edges
size = 40; // [20:1:100]
thickness = 4; // [2:0.5:10]
// How much of each outer corner is cut away
cut = 18; // [0:1:50]

/* [Screws] */
screw = 4; // [2:0.1:6]
// Distance of the screws from the inner corner
screw_position = 22; // [10:1:80]

/* [Hidden] */
$fn = 40;
eps = 0.01;
assert(screw_position < size - screw, "screw_position runs off the plate");

// One plate in the xy plane with its free corner cut off
module plate() {
    linear_extrude(thickness)
        polygon([[0, 0], [size, 0], [size, size - cut], [size - cut, size], [0, size]]);
}

module screw_hole() {
    translate([screw_position, screw_position * 0.55, -eps]) {
        cylinder(d = screw, h = thickness + 2 * eps);
        translate([0, 0, thickness - screw / 2]) cylinder(d1 = screw, d2 = 2 * screw, h = screw / 2 + 2 * eps);
    }
}

// Turns the part onto each of the three planes of the corner
module on_each_plane() {
    children();
    multmatrix([[0, 0, 1, 0], [1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1]]) children();
    multmatrix([[0, 1, 0, 0], [0, 0, 1, 0], [1, 0, 0, 0], [0, 0, 0, 1]]) children();
}

// Solid pyramid that stiffens the innermost corner
module corner_web(reach) {
    polyhedron(
        points = [[0, 0, 0], [reach, 0, 0], [0, reach, 0], [0, 0, reach]],
        faces = [[0, 1, 2], [0, 3, 1], [0, 2, 3], [1, 3, 2]]
    );
}

difference() {
    union() {
        on_each_plane() plate();
        corner_web(thickness * 4.5);
    }
    on_each_plane() screw_hole();
}
