// Screw-on foot
// Tapered equipment foot with a recess for the screw head and a ring groove for a rubber O-ring.

top_diameter = 26; // [12:1:60]
bottom_diameter = 20; // [10:1:60]
height = 12; // [6:0.5:40]
screw = 4.3; // [2.5:0.1:6]
// Cord thickness of the O-ring that grips the table
cord = 2.4; // [1:0.1:4]
$fn = 96;

head = 2.1 * screw;
ring_radius = (bottom_diameter / 2 + head / 2) / 2;

difference() {
    union() {
        cylinder(d1 = bottom_diameter, d2 = top_diameter, h = height - 2);
        translate([0, 0, height - 2.01]) cylinder(d = top_diameter, h = 2.01);
    }
    translate([0, 0, -1]) cylinder(d = screw, h = height + 2);
    translate([0, 0, -1]) cylinder(d = head, h = height - 3);
    rotate_extrude() translate([ring_radius, 0.15 * cord]) circle(d = cord, $fn = 24);
}
