// Funnel with air ribs
// A revolved funnel; ribs along the spout leave a way for the air, a loop hangs it up.

/* [Cone] */
mouth_diameter = 90; // [40:1:180]
cone_height = 55; // [20:1:120]
wall = 1.8; // [1.2:0.2:4]

/* [Spout] */
spout_diameter = 16; // [6:0.5:40]
spout_length = 40; // [10:1:100]
// Slant of the spout's end
cut_angle = 35; // [0:5:60]
air_ribs = 3; // [0:1:6]

/* [Loop] */
loop = true;

$fn = 72;
total = cone_height + spout_length;
tip = spout_diameter * 0.85;

// Half profile of the wall, from the tip of the spout to the rim
module profile(inset, over) {
    polygon([
        [0, -over], [tip / 2 - inset, -over], [spout_diameter / 2 - inset, spout_length],
        [mouth_diameter / 2 - inset, total], [mouth_diameter / 2 - inset, total + over + 5],
        [0, total + over + 5]
    ]);
}

module ribs() {
    for (i = [0 : air_ribs - 1]) rotate(360 * i / air_ribs + 30)
        translate([spout_diameter / 2 - wall / 2, -0.8, spout_length * 0.3])
            cube([2, 1.6, spout_length * 0.7 + 4]);
}

difference() {
    union() {
        rotate_extrude() profile(0, 0);
        if (air_ribs > 0) ribs();
        if (loop) translate([mouth_diameter / 2 + 5, 0, total + 2.5])
            cylinder(d = 16, h = 5, center = true);
    }
    rotate_extrude() profile(wall, 0.5);
    if (loop) translate([mouth_diameter / 2 + 6.5, 0, total]) cylinder(d = 7, h = 20, center = true);
    // slanted end of the spout
    rotate([0, cut_angle, 0]) translate([-mouth_diameter / 2, -mouth_diameter / 2, -mouth_diameter])
        cube([mouth_diameter, mouth_diameter, mouth_diameter]);
}
