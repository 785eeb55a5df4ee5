// Heart cookie cutter
// Thin cutting edge, wider grip rim on top; the outline is a heart of two circles and a square.

// Width of the heart
size = 70; // [30:1:120]
height = 15; // [8:1:30]
edge = 0.9; // [0.4:0.1:2]
rim_width = 4; // [2:0.5:8]
rim_height = 3; // [1:0.5:5]

$fn = 64;
// a heart of lobes with radius r is 2 r (1 + 1/sqrt 2) wide
lobe = size / (2 + sqrt(2));

module heart() {
    rotate(45) {
        square(2 * lobe);
        translate([lobe, 2 * lobe]) circle(lobe);
        translate([2 * lobe, lobe]) circle(lobe);
    }
}

module wall(thickness, h) {
    linear_extrude(h) difference() {
        offset(r = thickness) heart();
        heart();
    }
}

wall(rim_width, rim_height);
wall(edge, height);
