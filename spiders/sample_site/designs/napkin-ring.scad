// Napkin ring
// A faceted band with a soft belly; facets come from a low $fn on the outside only.

// Inner diameter
inner = 38; // [25:1:60]
width = 28; // [15:1:50]
// Thickness at the rims
wall = 2.4; // [1.2:0.2:5]
// How much the belly stands out
belly = 4; // [0:0.5:10]
facets = 9; // [5:1:24]

half = inner / 2;

difference() {
    rotate_extrude(angle = 360, $fn = facets) polygon([
        [0, 0], [half + wall, 0], [half + wall + belly, width / 3],
        [half + wall + belly, width * 2 / 3], [half + wall, width], [0, width]
    ]);
    translate([0, 0, -1]) cylinder(d = inner * cos(180 / facets), h = width + 2, $fn = 96);
}
