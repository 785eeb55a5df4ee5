// Star knob
// Hand knob with round lobes, scooped flutes and a captive hex bolt head.

diameter = 44; // [20:1:90]
height = 14; // [8:1:40]
lobes = 6; // [3:1:12]
// Bolt: 6.4 and 10.2 for M6
bolt = 6.4; // [2:0.1:14]
head_flats = 10.2; // [4:0.1:24]
head_depth = 4.5; // [1:0.1:15]
$fn = 72;

assert(height > head_depth + 3, "the knob must be at least 3 mm taller than the bolt head");

module star() {
    flute = diameter * PI / lobes * 0.32;
    offset(r = 2.5) offset(r = -2.5) difference() {
        circle(d = diameter);
        for (i = [1 : lobes]) rotate(360 * i / lobes) translate([diameter / 2 + flute * 0.45, 0]) circle(flute);
    }
}

difference() {
    union() {
        linear_extrude(height - 1.5) star();
        translate([0, 0, height - 1.51]) linear_extrude(1.51, scale = 0.92) star();
    }
    translate([0, 0, -1]) cylinder(d = bolt, h = height + 2);
    translate([0, 0, height - head_depth]) cylinder(d = head_flats / cos(30), h = head_depth + 1, $fn = 6);
}
