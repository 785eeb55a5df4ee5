// Cable clip
width = 12; // [6:1:30]
cable = 6; // [3:0.5:15]
wall = 2
difference() {
    cube([width, cable + 2 * wall, cable + 2 * wall]);
    translate([-1, cable / 2 + wall, cable / 2 + wall])
        rotate([0, 90, 0]) cylinder(d = cable, h = width + 2, $fn = 32);
}
