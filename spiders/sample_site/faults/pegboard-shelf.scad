// Small shelf with a lip, hangs by two slots.
width = 100; // [50:5:200]
depth = 60; // [30:5:120]

difference() {
    union() {
        cube([width, depth, 3]);
        cube([width, 3, 40]);
        translate([0, depth - 3, 0]) cube([width, 3, 8]);
    }
    for (x = [width / 4, width * 3 / 4]) translate([x - 3, -1, 22]) cube([6, 5, 10]);
}
