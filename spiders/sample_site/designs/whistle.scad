// Whistle body
// A flat whistle: chamber, wind way, window and a sharp blade, drawn from the side and extruded.

/* [Body] */
// Outer radius of the round chamber
radius = 13; // [9:0.5:20]
wall = 2; // [1.6:0.2:3]
// Inner width of the chamber
chamber_width = 14; // [8:0.5:24]
// From the middle of the chamber to the end of the mouthpiece
mouthpiece = 36; // [25:1:60]

/* [Sound] */
// Height of the wind way
wind_way = 2; // [1.2:0.1:3.5]
// Length of the window
window = 6; // [3:0.5:10]

/* [Ring] */
ring_hole = 4; // [0:0.5:8]

/* [Hidden] */
$fn = 72;
eps = 0.05;
inner = radius - wall;
total_width = chamber_width + 2 * wall;
mouth_height = wall * 2 + wind_way + 3;
// where the wind way breaks into the chamber
break_in = -sqrt(pow(inner, 2) - pow(inner - wind_way, 2));

module outline() {
    circle(r = radius);
    translate([-mouthpiece, radius - mouth_height]) square([mouthpiece, mouth_height]);
    // ramp below the mouthpiece so that it blends into the chamber
    polygon([[-mouthpiece * 0.6, radius - mouth_height], [0, radius - mouth_height], [0, -radius * 0.3],
             [-radius * 0.9, -radius * 0.3]]);
    if (ring_hole > 0) translate([radius + ring_hole / 2, 0]) circle(d = ring_hole + 5);
}

module air() {
    circle(r = inner);
    translate([-mouthpiece - 1, inner - wind_way]) square([mouthpiece + 1 + break_in + 1, wind_way]);
    // window with the blade's slope on its far side
    polygon([
        [break_in, inner - wind_way / 2], [break_in, radius + 1],
        [break_in + window + 2 * (wall + 1), radius + 1], [break_in + window, inner - 0.4],
        [break_in + window, inner - wind_way / 2]
    ]);
}

difference() {
    linear_extrude(total_width, convexity = 6) outline();
    translate([0, 0, wall]) linear_extrude(chamber_width, convexity = 6) air();
    if (ring_hole > 0) translate([radius + ring_hole / 2, 0, -1]) cylinder(d = ring_hole, h = total_width + 2);
    // softer lips: take the sharp edges off the mouthpiece
    for (z = [0, total_width]) translate([-mouthpiece, radius - mouth_height / 2, z])
        rotate([0, 45, 0]) cube([2, mouth_height + 2, 2], center = true);
}
