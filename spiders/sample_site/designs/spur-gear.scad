// Involute spur gear
// A gear with true involute flanks, a bore with a D flat, a hub and lightening holes.

/* [Teeth] */
teeth = 24; // [10:1:80]
// Pitch diameter divided by the number of teeth
gear_module = 2; // [0.5:0.25:5]
pressure_angle = 20; // [14.5:0.5:30]
thickness = 8; // [2:0.5:30]
// Gap between flanks, taken off the tooth
backlash = 0.15; // [0:0.05:0.5]

/* [Hub] */
bore = 5; // [0:0.1:20]
// Depth of the flat in the bore; 0 for a round bore
d_flat = 0.5; // [0:0.1:2]
hub_diameter = 16; // [0:0.5:40]
hub_height = 5; // [0:0.5:20]

/* [Lightening] */
spoke_holes = 6; // [0:1:12]

/* [Hidden] */
$fn = 64;
pitch_radius = teeth * gear_module / 2;
base_radius = pitch_radius * cos(pressure_angle);
outer_radius = pitch_radius + gear_module;
root_radius = pitch_radius - 1.25 * gear_module;
flank_steps = 8;
// degrees that the foot of a tooth widens by
fillet = 24 / teeth;

// Angle that an involute has swept where it crosses radius r
function involute_angle(r) =
    let (unwound = sqrt(max(0, pow(r / base_radius, 2) - 1))) unwound * 180 / PI - atan(unwound);

// Half the tooth's angle at radius r
half_at_pitch = 90 / teeth - backlash / pitch_radius * 45 / PI;
function half_angle(r) = half_at_pitch + involute_angle(pitch_radius) - involute_angle(r);

function polar(r, angle) = r * [cos(angle), sin(angle)];

flank_start = max(base_radius, root_radius);
flank = [for (i = [0 : flank_steps]) flank_start + (outer_radius - flank_start) * i / flank_steps];

function tooth(centre) = concat(
    [polar(root_radius, centre - half_angle(flank_start) - fillet)],
    [for (r = flank) polar(r, centre - half_angle(r))],
    [for (i = [flank_steps : -1 : 0]) polar(flank[i], centre + half_angle(flank[i]))],
    [polar(root_radius, centre + half_angle(flank_start) + fillet)]
);

module gear_outline() {
    polygon([for (i = [0 : teeth - 1]) each tooth(360 * i / teeth)]);
}

module bore_outline() {
    difference() {
        circle(d = bore);
        if (d_flat > 0) translate([bore / 2 - d_flat, -bore]) square(2 * bore);
    }
}

module lightening_holes() {
    inner = max(hub_diameter, bore + 4) / 2;
    ring = (inner + root_radius) / 2;
    hole = min(root_radius - inner - 4, 2 * PI * ring / max(spoke_holes, 1) - 4);
    if (spoke_holes > 0 && hole > 2)
        for (i = [0 : spoke_holes - 1]) rotate(360 * i / spoke_holes) translate([ring, 0]) circle(d = hole);
}

linear_extrude(thickness, convexity = 10) difference() {
    gear_outline();
    if (bore > 0) bore_outline();
    lightening_holes();
}
if (hub_height > 0 && hub_diameter > bore)
    translate([0, 0, thickness - 0.5]) linear_extrude(hub_height + 0.5) difference() {
        circle(d = hub_diameter);
        if (bore > 0) bore_outline();
    }
