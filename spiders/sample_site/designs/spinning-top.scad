// Spinning top
// A top turned from one profile: a fine tip, a heavy rim and a fluted stem to twirl.

diameter = 44; // [20:1:80]
// Height of the body from tip to stem
body_height = 24; // [12:1:50]
stem_diameter = 7; // [4:0.5:12]
stem_length = 20; // [10:1:40]

$fn = 72;
r = diameter / 2;

difference() {
    rotate_extrude() polygon([
        [0, 0], [1.2, 0.6], [3, 4], [r * 0.85, body_height * 0.5], [r, body_height * 0.6],
        [r, body_height * 0.8], [r * 0.9, body_height * 0.9], [stem_diameter / 2 + 1, body_height],
        [stem_diameter / 2, body_height + 2], [stem_diameter / 2, body_height + stem_length - 1],
        [stem_diameter / 2 - 1, body_height + stem_length], [0, body_height + stem_length]
    ]);
    // flutes give the fingers a grip
    for (a = [0 : 45 : 315]) rotate(a)
        translate([stem_diameter / 2 + 0.5, 0, body_height + 4]) cylinder(d = 2, h = stem_length, $fn = 16);
}
