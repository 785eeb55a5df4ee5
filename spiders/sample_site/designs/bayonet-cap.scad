// Bayonet cap
// Twist-lock cap and its neck: lugs inside the cap run into L-shaped channels in the neck.

/* [Neck] */
neck_diameter = 40; // [20:1:120]
neck_wall = 4; // [3:0.5:8]
neck_height = 18; // [12:1:50]
collar = 4; // [2:0.5:10]

/* [Lugs] */
lugs = 3; // [2:1:6]
lug_size = 5; // [3:0.5:10]
lug_depth = 2; // [1:0.1:4]
// How far the cap turns until it stops
turn = 45; // [15:1:80]

/* [Cap] */
cap_wall = 2.4; // [1.6:0.1:5]
ridges = 24; // [0:1:60]
clearance = 0.35; // [0.1:0.05:0.8]

/* [Hidden] */
$fn = 90;
eps = 0.1;
neck_radius = neck_diameter / 2;
bore_radius = neck_radius - neck_wall;
cap_inner = neck_radius + clearance;
cap_outer = cap_inner + cap_wall;
// Height of the lug's middle below the neck's mouth
lug_drop = 8;
groove = lug_size + 2 * clearance;
cap_height = cap_wall + lug_drop + lug_size / 2 + 1;
assert(neck_wall > lug_depth + clearance + 1, "the channels would cut through the neck");
assert(lugs * (turn + 30) < 360, "channels overlap: fewer lugs or a shorter turn");

// Ring sector between two radii, from angle 0 to `angle`
module sector(r1, r2, angle) {
    n = ceil(angle / 3);
    polygon(concat(
        [for (i = [0 : n]) r2 * [cos(angle * i / n), sin(angle * i / n)]],
        [for (i = [n : -1 : 0]) r1 * [cos(angle * i / n), sin(angle * i / n)]]
    ));
}

// Entry from the mouth, then sideways; ends in a round seat
module channel() {
    depth_radius = neck_radius - lug_depth - clearance;
    entry = groove / neck_radius * 180 / PI;
    translate([0, 0, neck_height - lug_drop - groove / 2]) {
        rotate(-entry / 2) linear_extrude(lug_drop + groove) sector(depth_radius, neck_radius + 1, entry);
        rotate(-entry / 2) linear_extrude(groove) sector(depth_radius, neck_radius + 1, turn + entry);
    }
    // detent: a shallow bump holds the lug at the end
    rotate(turn) translate([depth_radius, 0, neck_height - lug_drop]) sphere(d = groove * 0.5, $fn = 24);
}

module neck() {
    difference() {
        union() {
            cylinder(r = neck_radius, h = neck_height);
            cylinder(r = cap_outer + 1, h = collar);
        }
        translate([0, 0, -1]) cylinder(r = bore_radius, h = neck_height + 2);
        for (i = [0 : lugs - 1]) rotate(360 * i / lugs) channel();
    }
}

module lug() {
    reach = cap_wall / 2 + lug_depth + clearance;
    translate([cap_inner + cap_wall / 2, 0, cap_wall + lug_drop]) rotate([0, -90, 0])
        cylinder(d1 = lug_size, d2 = lug_size - 1, h = reach, $fn = 32);
}

module cap() {
    difference() {
        union() {
            cylinder(r = cap_outer, h = cap_height);
            for (i = [0 : 1 : ridges - 1]) rotate(360 * i / ridges) translate([cap_outer, 0, 1])
                cylinder(r = 1, h = cap_height - 1, $fn = 16);
        }
        translate([0, 0, cap_wall]) cylinder(r = cap_inner, h = cap_height);
    }
    for (i = [0 : lugs - 1]) rotate(360 * i / lugs) lug();
}

neck();
translate([2 * cap_outer + 8, 0, 0]) cap();
