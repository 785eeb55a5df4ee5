// Ratchet wheel and pawl
// Saw-tooth wheel with a square drive hole and the spring pawl that stops it running back.

/* [Wheel] */
teeth = 18; // [8:1:48]
outer_diameter = 60; // [25:1:150]
tooth_depth = 5; // [2:0.5:12]
thickness = 7; // [3:0.5:20]
square_drive = 8.2; // [4:0.1:20]

/* [Pawl] */
pawl_length = 34; // [15:1:80]
pivot = 4.2; // [2:0.1:8]

/* [Hidden] */
$fn = 48;
outer = outer_diameter / 2;
root = outer - tooth_depth;
spokes = 6;

// Root, then tip on almost the same ray: one steep flank and one long ramp per tooth
module saw_teeth() {
    polygon([for (i = [0 : teeth - 1]) let (a = 360 * i / teeth) each [
        root * [cos(a), sin(a)], outer * [cos(a + 3), sin(a + 3)],
        (outer - 0.6) * [cos(a + 5), sin(a + 5)]
    ]]);
}

module wheel() {
    hub = square_drive * 1.25;
    rim = root - 4;
    ring_middle = (hub + rim) / 2;
    linear_extrude(thickness) difference() {
        saw_teeth();
        square(square_drive, center = true);
        for (i = [0 : spokes - 1]) rotate(360 * i / spokes)
            translate([ring_middle, 0]) circle(d = min(rim - hub - 2, ring_middle * 0.72));
    }
    linear_extrude(thickness + 3) difference() {
        circle(hub);
        square(square_drive, center = true);
    }
}

// Lever with a hooked nose that matches the steep flank
module pawl() {
    eye = pivot * 1.3;
    linear_extrude(thickness) difference() {
        union() {
            circle(eye);
            hull() {
                translate([eye * 0.5, 0]) circle(eye * 0.75);
                translate([pawl_length - 6, 1]) circle(3);
            }
            hull() {
                translate([pawl_length - 6, 1]) circle(3);
                translate([pawl_length, -tooth_depth * 0.7]) circle(0.6);
            }
        }
        circle(d = pivot);
    }
}

wheel();
translate([-pawl_length / 2, -outer - 14, 0]) pawl();
