// Honeycomb panel
// A framed grille of hexagons for a vent, a speaker or a radiator.

width = 120; // [40:1:250]
height = 80; // [40:1:250]
thickness = 3; // [1.2:0.2:8]
// Hexagon across flats
cell = 10; // [4:0.5:30]
// Web between two hexagons
web = 1.6; // [0.8:0.1:4]
frame = 6; // [3:0.5:15]

pitch = cell + web;
row_pitch = pitch * sqrt(3) / 2;
columns = ceil(width / pitch);
rows = ceil(height / row_pitch);

module honeycomb() {
    for (row = [-rows : rows], column = [-columns : columns])
        translate([(column + (row % 2 == 0 ? 0 : 0.5)) * pitch, row * row_pitch])
            rotate(30) circle(d = cell / cos(30), $fn = 6);
}

linear_extrude(thickness, convexity = 10) difference() {
    offset(r = 4, $fn = 48) square([width - 8, height - 8], center = true);
    intersection() {
        square([width - 2 * frame, height - 2 * frame], center = true);
        honeycomb();
    }
}
