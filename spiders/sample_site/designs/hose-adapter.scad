// Hose adapter
// Barbed reducer between two hoses with a grip collar in the middle.

/* [Hoses] */
// Inner diameters of the hoses
large_hose = 19; // [6:0.5:50]
small_hose = 13; // [4:0.5:40]
large_barbs = 4; // [1:1:8]
small_barbs = 5; // [1:1:8]

/* [Body] */
wall = 2.2; // [1.2:0.1:5]
// Length of one barb
barb_pitch = 5; // [3:0.5:10]
barb_height = 0.9; // [0.3:0.1:2]
collar_diameter = 28; // [10:1:70]
collar_length = 8; // [3:0.5:25]

/* [Hidden] */
$fn = 80;
large_length = large_barbs * barb_pitch + 3;
small_length = small_barbs * barb_pitch + 3;
assert(small_hose > 2 * wall + 1, "nothing left to flow through");

// Outline of a barbed stub from its collar to its tip, as [radius, height] points
function barbs(hose, n) = [
    [hose / 2 - 0.3, 0],
    for (i = [0 : n - 1]) each [
        [hose / 2 - 0.3, 3 + i * barb_pitch],
        [hose / 2 + barb_height, 3 + i * barb_pitch + 0.8],
        [hose / 2 - 0.3, 3 + (i + 1) * barb_pitch]
    ]
];

module stub(hose, n) {
    outline = barbs(hose, n);
    rotate_extrude() polygon(concat([[0, -0.5], [hose / 2 - 0.3, -0.5]], outline, [[0, 3 + n * barb_pitch]]));
}

module bore() {
    big = large_hose / 2 - wall;
    small = small_hose / 2 - wall;
    rotate_extrude() polygon([
        [0, -large_length - 1], [big, -large_length - 1], [big, 0], [small, collar_length],
        [small, collar_length + small_length + 1], [0, collar_length + small_length + 1]
    ]);
}

translate([0, 0, large_length]) difference() {
    union() {
        mirror([0, 0, 1]) stub(large_hose, large_barbs);
        cylinder(d = collar_diameter, h = collar_length, $fn = 6);
        translate([0, 0, collar_length]) stub(small_hose, small_barbs);
    }
    bore();
}
