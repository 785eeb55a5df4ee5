// Hex key holder
// Stepped block that holds a set of hex keys by their long arms, smallest in front.

/* [Keys] */
// Key sizes across the flats, in the order they stand
sizes = [1.5, 2, 2.5, 3, 4, 5, 6, 8];
clearance = 0.4; // [0.1:0.05:1]
gap = 6; // [3:0.5:15]

/* [Block] */
depth = 26; // [12:1:50]
base_height = 22; // [12:1:60]
// How much the block rises from the first key to the last
rise = 20; // [0:1:60]
floor_thickness = 3; // [1:0.5:8]
corner = 3; // [1:0.5:8]

/* [Hidden] */
$fn = 40;

function corners(s) = (s + clearance) / cos(30);
// Position of key i: the sum of everything before it
function key_x(i) = i == 0 ? gap + corners(sizes[0]) / 2
    : key_x(i - 1) + (corners(sizes[i - 1]) + corners(sizes[i])) / 2 + gap;
last = len(sizes) - 1;
length = key_x(last) + corners(sizes[last]) / 2 + gap;
function top_at(x) = base_height + rise * x / length;

module block() {
    rotate([90, 0, 0]) translate([0, 0, -depth / 2]) linear_extrude(depth)
        offset(r = corner) offset(delta = -corner)
            polygon([[0, 0], [length, 0], [length, base_height + rise], [0, base_height]]);
}

module key_hole(i) {
    translate([key_x(i), 0, floor_thickness]) {
        cylinder(d = corners(sizes[i]), h = base_height + rise + 1, $fn = 6);
        translate([0, 0, top_at(key_x(i)) - floor_thickness - 0.8])
            cylinder(d1 = corners(sizes[i]), d2 = corners(sizes[i]) + 6, h = 3);
    }
}

difference() {
    block();
    for (i = [0 : last]) key_hole(i);
    // finger grooves along both long sides
    for (side = [-1, 1]) translate([-1, side * (depth / 2 + 3), base_height * 0.45])
        rotate([0, 90, 0]) cylinder(r = 4.5, h = length + 2);
}
