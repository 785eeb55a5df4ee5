// Pen cup
// Rounded square cup with a cross of dividers and a row of decorative windows in each side.

/* [Cup] */
side = 76; // [50:1:140]
height = 95; // [40:1:150]
wall = 2.4; // [1.2:0.2:5]
corner = 10; // [2:1:25]
floor_thickness = 3; // [1:0.5:6]

/* [Divider] */
divider = true;
divider_height = 70; // [10:1:150]

/* [Windows] */
windows = 4; // [0:1:8]

$fn = 48;

module prism(inset, h) {
    linear_extrude(h) offset(r = corner - inset) square(side - 2 * corner, center = true);
}

// Diamonds need no support, whatever their size
module window_row() {
    step = (side - 2 * corner) / windows;
    for (i = [0 : windows - 1])
        translate([(i - (windows - 1) / 2) * step, 0, height * 0.55])
            rotate([90, 0, 0]) linear_extrude(side + 2, center = true)
                scale([1, 3]) rotate(45) square(step * 0.5, center = true);
}

difference() {
    prism(0, height);
    translate([0, 0, floor_thickness]) prism(wall, height);
    if (windows > 0) {
        window_row();
        rotate(90) window_row();
    }
}
if (divider)
    for (angle = [0, 90]) rotate(angle)
        translate([-wall / 2, -side / 2 + wall / 2, floor_thickness / 2])
            cube([wall, side - wall, min(divider_height, height) - floor_thickness / 2]);
