// Drawer divider strip
// A strip with half-height slots; strips cross each other to make any grid.

length = 180; // [60:1:280]
height = 50; // [20:1:120]
thickness = 2.4; // [1.2:0.2:5]
slots = 3; // [1:1:8]
// Play in a slot
play = 0.3; // [0:0.05:0.8]

slot_width = thickness + play;
pitch = length / (slots + 1);

linear_extrude(thickness) difference() {
    offset(r = 3, $fn = 32) translate([3, 3]) square([length - 6, height - 6]);
    for (i = [1 : slots]) translate([i * pitch - slot_width / 2, height / 2]) {
        square([slot_width, height]);
        // a small funnel helps to find the slot
        translate([slot_width / 2, height / 2]) rotate(45) square(slot_width * 1.1, center = true);
    }
}
