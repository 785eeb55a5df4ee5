// Bookend
// An L with a gusset; the thin foot slides under the books and their weight holds it.

// Height of the upright
height = 130; // [60:5:220]
width = 90; // [50:5:150]
// How far the foot reaches under the books
foot = 80; // [40:5:150]
thickness = 4; // [2.4:0.2:8]
// Leg of the triangular gussets behind the upright
gusset = 40; // [15:1:80]

module gusset_plate() {
    rotate([90, 0, 0]) linear_extrude(thickness, center = true)
        polygon([[-gusset, 0], [thickness / 2, 0], [thickness / 2, gusset * 1.6]]);
}

module upright() {
    rotate([90, 0, 90]) linear_extrude(thickness) hull() {
        translate([-width / 2, 0]) square([width, 1]);
        for (side = [-1, 1]) translate([side * (width / 2 - 12), height - 12]) circle(r = 12, $fn = 64);
    }
}

upright();
translate([-gusset, -width / 2, 0]) cube([gusset + foot, width, thickness]);
for (side = [-1, 1]) translate([0, side * (width - thickness) / 2, 0.5]) gusset_plate();
