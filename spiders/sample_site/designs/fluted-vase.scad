// Fluted vase
// A tapered column vase with round flutes cut into its outside like a Greek column.

/* [Body] */
height = 150; // [50:5:250]
foot_diameter = 60; // [30:1:120]
rim_diameter = 84; // [30:1:150]
// Wall left behind the deepest point of a flute
wall = 2; // [1:0.2:4]

/* [Flutes] */
flutes = 20; // [6:1:36]
flute_depth = 2; // [0.5:0.25:4]
// Plain band below and above the flutes
band = 10; // [4:1:30]

/* [Hidden] */
$fn = 96;
shell = wall + flute_depth;
function radius_at(z) = (foot_diameter + (rim_diameter - foot_diameter) * z / height) / 2;
// a flute is as wide as the foot allows with a fillet between neighbours
flute_radius = PI * foot_diameter / flutes * 0.42;

module flute() {
    hull() for (z = [band + flute_radius, height - band - flute_radius])
        translate([radius_at(z) + flute_radius - flute_depth, 0, z])
            sphere(r = flute_radius, $fn = 32);
}

difference() {
    cylinder(d1 = foot_diameter, d2 = rim_diameter, h = height);
    translate([0, 0, shell])
        cylinder(r1 = radius_at(shell) - shell, r2 = radius_at(height + 1) - shell, h = height - shell + 1);
    for (i = [0 : flutes - 1]) rotate(360 * i / flutes) flute();
}
