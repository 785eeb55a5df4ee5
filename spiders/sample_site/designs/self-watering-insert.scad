// Self-watering planter insert
// A pot that stands in a water-filled outer pot; a hollow wick foot draws water up into the soil.

/* [Pot] */
top_diameter = 100; // [60:1:180]
bottom_diameter = 74; // [40:1:150]
depth = 80; // [40:1:150]
wall = 2; // [1.2:0.2:4]
// Collar that rests on the outer pot
collar = 6; // [2:0.5:15]

/* [Wick foot] */
foot_diameter = 28; // [15:1:60]
foot_depth = 30; // [10:1:80]
// Slots in the foot that let the water in
foot_slots = 6; // [3:1:12]

/* [Air] */
// Small holes in the floor around the foot
air_holes = 8; // [0:1:16]
// Hole in the collar for the filling tube
fill_hole = 12; // [0:0.5:20]

/* [Hidden] */
$fn = 72;
total = foot_depth + depth;

// Half section of the pot without its cavity; z = 0 is the end of the foot
module outside() {
    cylinder(d = foot_diameter, h = foot_depth + wall);
    translate([0, 0, foot_depth]) cylinder(d1 = bottom_diameter, d2 = top_diameter, h = depth);
    translate([0, 0, total - 2 * wall]) cylinder(d = top_diameter + 2 * collar, h = 2 * wall);
}

module cavity() {
    translate([0, 0, wall]) cylinder(d = foot_diameter - 2 * wall, h = foot_depth + 1);
    translate([0, 0, foot_depth + wall])
        cylinder(d1 = bottom_diameter - 2 * wall, d2 = top_diameter - 2 * wall, h = depth - wall + 0.01);
}

module foot_slot() {
    translate([foot_diameter / 2, 0, foot_depth / 2])
        cube([4 * wall, 2, foot_depth * 0.6], center = true);
}

difference() {
    union() {
        outside();
        // a boss makes the collar wide enough for the tube
        if (fill_hole > 0) translate([top_diameter / 2 + fill_hole / 2, 0, total - 2 * wall])
            cylinder(d = fill_hole + 6, h = 2 * wall);
    }
    cavity();
    for (i = [0 : foot_slots - 1]) rotate(360 * i / foot_slots) foot_slot();
    if (air_holes > 0) for (i = [0 : air_holes - 1]) rotate(360 * (i + 0.5) / air_holes)
        translate([(foot_diameter + bottom_diameter) / 4, 0, foot_depth - 1])
            cylinder(d = 4, h = wall + 2, $fn = 24);
    if (fill_hole > 0) translate([top_diameter / 2 + fill_hole / 2, 0, total - 2 * wall - 1])
        cylinder(d = fill_hole, h = 2 * wall + 2);
}
