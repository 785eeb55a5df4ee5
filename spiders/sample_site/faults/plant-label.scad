// Plant label
// A flat stake with a slanted head to write on.
length = 110; // [60:5:200]
head = [45, 28];

linear_extrude(2) union() {
    translate([3, length - head.y + 3]) offset(r = 3, $fn = 32) square(head - [6, 6]);
    translate([head.x / 2 - 5, 0]) polygon([[5, 0], [0, 20], [0, length - 20], [10, length - 20], [10, 20]]);
}
