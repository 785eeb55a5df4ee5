// Lens cap
// Saved by an editor that writes a byte order mark and CRLF.
lens_diameter = 58; // [30:0.5:100]
depth = 8; // [4:0.5:20]
wall = 1.8; // [1.2:0.2:4]

$fn = 96;

difference() {
    cylinder(d = lens_diameter + 2 * wall, h = depth + wall);
    translate([0, 0, wall]) cylinder(d = lens_diameter, h = depth + 1);
}
