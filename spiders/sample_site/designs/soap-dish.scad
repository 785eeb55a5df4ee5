// Soap dish with drain
// An oval bowl with raised ribs, drain slots between them and feet that leave air below.

/* [Dish] */
length = 120; // [80:1:180]
width = 82; // [50:1:120]
height = 22; // [12:1:40]
wall = 2.8; // [1.6:0.2:5]

/* [Ribs] */
rib_pitch = 12; // [8:1:20]
rib_width = 3; // [2:0.5:6]
rib_height = 5; // [2:0.5:10]

/* [Drain] */
slot_width = 3; // [0:0.5:6]

/* [Hidden] */
$fn = 72;
foot_height = 4;
ribs = floor((length - 30) / rib_pitch);

module oval(inset, h, flare = 1) {
    linear_extrude(h, scale = flare)
        resize([length / 1.1 - 2 * inset, width / 1.1 - 2 * inset]) circle(d = 50);
}

// x of rib i; slots lie half way between two ribs
function rib_x(i) = (i - (ribs - 1) / 2) * rib_pitch;
function half_width_at(x) = width / 2.2 * sqrt(max(0, 1 - pow(x / (length / 2.2), 2)));

difference() {
    oval(0, height, 1.1);
    translate([0, 0, wall]) oval(wall, height, 1.1);
    if (slot_width > 0) for (i = [0 : ribs - 2]) {
        x = rib_x(i) + rib_pitch / 2;
        run = half_width_at(abs(x) + slot_width) - 8;
        if (run > slot_width) hull() for (side = [-1, 1])
            translate([x, side * run, -1]) cylinder(d = slot_width, h = wall + 2);
    }
}
intersection() {
    oval(wall / 2, height);
    for (i = [0 : ribs - 1])
        translate([rib_x(i) - rib_width / 2, -width / 2, wall / 2])
            cube([rib_width, width, wall / 2 + rib_height]);
}
for (x = [-1, 1], y = [-1, 1])
    translate([x * length / 4.4, y * width / 4.4, -foot_height])
        cylinder(d1 = 8, d2 = 10, h = foot_height + wall / 2);
