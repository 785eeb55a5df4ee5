// Ruler stop
// Slides along a steel ruler and clamps with an M4 screw.
ruler_width = 30; // [12:0.5:50]
ruler_thickness = 1.2; // [0.5:0.1:3]
screw = 4.2; // [3:0.1:6]

$fn = 40;
block = [ruler_width + 12, 22, ruler_thickness + 10];

difference() {
    cube(block, center = true);
    cube([ruler_width + 0.4, block.y + 2, ruler_thickness + 0.3], center = true);
    cylinder(d = screw, h = block.z);
}
