// Door stop
// A wedge with a ribbed top and a finger hole at the thick end.

length = 110; // [60:1:160]
width = 38; // [20:1:60]
// Height of the thick end
height = 30; // [15:1:50]
tip = 3; // [1:0.5:8]
rib_pitch = 6; // [4:0.5:12]
hole = 20; // [0:1:30]

rise = (height - tip) / length;

difference() {
    rotate([90, 0, 0]) linear_extrude(width, center = true)
        polygon([[0, 0], [length, 0], [length, height], [0, tip]]);
    // grip: shallow grooves along the slope
    for (x = [2 * rib_pitch : rib_pitch : length - 2 * rib_pitch])
        translate([x, 0, tip + rise * x]) rotate([90, 0, 0])
            cylinder(d = 2, h = width + 2, center = true, $fn = 16);
    if (hole > 0) translate([length - hole / 2 - 8, 0, -1]) cylinder(d = hole, h = height + 2, $fn = 48);
}
