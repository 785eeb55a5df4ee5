// Screw-on jar lid
// Lid with a single-start inner thread and a ribbed grip; the thread is cut by a twisted extrusion.

/* [Thread] */
// Diameter over the thread of the jar's neck
neck_diameter = 63; // [20:0.5:120]
// Rise in one turn
pitch = 4; // [2:0.25:8]
// Radial height of the thread
thread_depth = 1.2; // [0.6:0.1:3]
// Number of turns
turns = 2.5; // [1:0.25:6]
// Radial play between lid and jar
play = 0.3; // [0.1:0.05:0.8]

/* [Lid] */
wall = 2.5; // [1.6:0.1:5]
top_thickness = 2; // [1.2:0.2:5]
grip_ribs = 40; // [0:4:80]
rib_size = 1.6; // [0.8:0.1:3]

/* [Hidden] */
$fn = 96;
steps = 72;
outer_radius = neck_diameter / 2 + play + wall;
thread_height = pitch * turns;
lid_height = top_thickness + thread_height;

// Trapezoid wave of one period: 0 at the root, 1 on the crest, both with a flat
function crest(turn) = min(1, max(0, 2.2 - abs(turn - 0.5) * 5.6));

// Section of the threaded neck at one height, grown by `extra`
function thread_section(extra) = [
    for (i = [0 : steps - 1])
        let (r = neck_diameter / 2 + extra - thread_depth * (1 - crest(i / steps)))
            r * [cos(360 * i / steps), sin(360 * i / steps)]
];

module threaded_neck(height, extra) {
    linear_extrude(height, twist = -360 * height / pitch, slices = ceil(36 * height / pitch))
        polygon(thread_section(extra));
}

module grip() {
    cylinder(r = outer_radius, h = lid_height);
    if (grip_ribs > 0)
        for (i = [0 : grip_ribs - 1])
            rotate(360 * i / grip_ribs)
                translate([outer_radius, 0, 0])
                    cylinder(d = rib_size, h = lid_height - 1, $fn = 8);
}

difference() {
    grip();
    translate([0, 0, top_thickness]) threaded_neck(thread_height + 0.5, play);
    // lead-in at the mouth
    translate([0, 0, lid_height - thread_depth])
        cylinder(r1 = neck_diameter / 2 + play - thread_depth,
                 r2 = neck_diameter / 2 + play + 0.2, h = thread_depth + 0.01);
}
