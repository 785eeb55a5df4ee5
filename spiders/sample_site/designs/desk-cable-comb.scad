// Cable comb
// Flat comb that keeps a row of cables parallel; cables click in past a narrow throat.

cables = 6; // [2:1:16]
cable_diameter = 5; // [2:0.1:12]
spacing = 7.5; // [4:0.1:20]
thickness = 5; // [2:0.5:12]
$fn = 48;

rim = 3;
width = cables * spacing + rim;
depth = cable_diameter + 2 * rim;
throat = cable_diameter * 0.8;
assert(spacing > cable_diameter + 1.2, "teeth between the cables would be too thin");

module slot() {
    circle(d = cable_diameter);
    translate([-throat / 2, 0]) square([throat, depth]);
    translate([0, depth - rim - cable_diameter / 2 - 1.2])
        polygon([[-throat / 2, 0], [-throat / 2 - 0.9, 1.6], [throat / 2 + 0.9, 1.6], [throat / 2, 0]]);
}

linear_extrude(thickness) difference() {
    offset(r = 2) translate([2 - width / 2, 2]) square([width - 4, depth - 4]);
    for (i = [0 : cables - 1])
        translate([(i - (cables - 1) / 2) * spacing, rim + cable_diameter / 2]) slot();
}
