// Sorting tray
length = 90; // [40:1:200]
width = 60;

module shell() {
    difference() {
        cube([length, width, 20]);
        translate([2, 2, 2]) cube([length - 4, width - 4, 20]);
    }

module rib(x) {
    translate([x, 0, 0]) cube([2, width, 15]);
}

shell();
rib(length / 3);
