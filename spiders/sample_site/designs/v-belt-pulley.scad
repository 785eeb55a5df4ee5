// V-belt pulley
// Pulley for a small V or round belt with a keyed hub, turned from one section.

diameter = 50; // [20:1:150]
rim_width = 12; // [6:0.5:30]
groove_depth = 6; // [2:0.5:15]
// Full angle of the groove
groove_angle = 38; // [30:1:60]
shaft = 8.2; // [3:0.1:25]
hub_diameter = 20; // [8:1:60]
hub_length = 8; // [0:0.5:30]
$fn = 96;

key = shaft / 4;
bottom = 2.4;
mouth = bottom + 2 * groove_depth * tan(groove_angle / 2);
assert(mouth < rim_width - 1, "groove wider than the rim");

module section() {
    r = diameter / 2;
    mid = rim_width / 2;
    polygon([
        [0, 0], [r, 0], [r, mid - mouth / 2], [r - groove_depth, mid - bottom / 2],
        [r - groove_depth, mid + bottom / 2], [r, mid + mouth / 2], [r, rim_width],
        [hub_diameter / 2 + 1, rim_width], [hub_diameter / 2, rim_width + 1],
        [hub_diameter / 2, rim_width + hub_length], [0, rim_width + hub_length]
    ]);
}

difference() {
    rotate_extrude() section();
    translate([0, 0, -1]) cylinder(d = shaft, h = rim_width + hub_length + 2);
    translate([0, -key / 2, -1]) cube([shaft / 2 + key * 0.6, key, rim_width + hub_length + 2]);
}
