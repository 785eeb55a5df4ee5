// Tent peg
// A cross-section peg with a hook head; drive it in by hand.
length = 140; // [60:5:220]
arm = 14; // [8:1:25]
rib = 3; // [2:0.5:6]

module blade() {
    linear_extrude(rib, center = true)
        polygon([[0, 0], [arm / 2, length * 0.3], [arm / 2, length], [-arm / 2, length], [-arm / 2, length * 0.3]]);
}

blade();
rotate([0, 90, 0]) blade();
translate([0, length - rib - 2, 0]) rotate([-90, 0, 0]) cylinder(d = arm + 6, h = rib + 2, $fn = 48);
