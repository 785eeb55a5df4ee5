// Timing pulley
// Toothed pulley for 2 mm pitch belt, with flanges, a hub, a set screw and its captive nut.

/* [Belt] */
teeth = 36; // [16:1:120]
belt_pitch = 2; // [2:1:5]
// Belt width plus play
belt_width = 6.6; // [4:0.1:20]

/* [Flanges] */
flange = 1.2; // [0.8:0.1:3]
flange_rise = 1.5; // [0.5:0.1:4]

/* [Hub] */
shaft = 5.1; // [2:0.1:15]
hub_diameter = 18; // [10:0.5:40]
hub_height = 8; // [6:0.5:20]
set_screw = 3.2; // [2:0.1:5]
nut_flats = 5.7; // [4:0.1:9]
nut_thickness = 2.6; // [1.5:0.1:5]

/* [Hidden] */
$fn = 90;
eps = 0.1;
pitch_radius = teeth * belt_pitch / (2 * PI);
// The belt's cord runs outside the teeth by an eighth of the pitch
tip_radius = pitch_radius - belt_pitch * 0.127;
groove_depth = belt_pitch * 0.375;
groove_radius = belt_pitch * 0.278;
flange_radius = tip_radius + flange_rise;
total = hub_height + 2 * flange + flange_rise + belt_width;
assert(hub_diameter / 2 - shaft / 2 > nut_thickness + 2.5, "hub too thin for the nut");

module toothed_outline() {
    difference() {
        circle(tip_radius);
        for (i = [0 : teeth - 1]) rotate(360 * i / teeth) hull() {
            translate([tip_radius - groove_depth + groove_radius, 0]) circle(groove_radius, $fn = 20);
            translate([tip_radius + groove_radius, 0]) square([eps, 2.2 * groove_radius], center = true);
        }
    }
}

// Both flanges and the hub in one turned solid; the upper flange is a cone that prints without support
module turned_parts() {
    core = tip_radius - groove_depth - 0.4;
    low = hub_height + flange;
    high = low + belt_width;
    rotate_extrude() polygon([
        [0, 0], [hub_diameter / 2, 0], [hub_diameter / 2, hub_height - 2], [flange_radius, hub_height],
        [flange_radius, low], [core, low], [core, high], [tip_radius + 0.3, high],
        [flange_radius, high + flange_rise], [flange_radius, total], [0, total]
    ]);
}

module set_screw_cuts() {
    nut_place = (shaft / 2 + hub_diameter / 2) / 2;
    height = hub_height / 2 - 0.6;
    translate([0, 0, height]) rotate([0, 90, 0]) cylinder(d = set_screw, h = hub_diameter, $fn = 24);
    translate([nut_place - nut_thickness / 2, -nut_flats / 2, -eps]) cube([nut_thickness, nut_flats, height + eps]);
    translate([nut_place - nut_thickness / 2, 0, height]) rotate([0, 90, 0]) rotate(90) rotate(30)
        cylinder(d = nut_flats / cos(30), h = nut_thickness, $fn = 6);
}

difference() {
    union() {
        turned_parts();
        translate([0, 0, hub_height + flange - eps]) linear_extrude(belt_width + 2 * eps) toothed_outline();
    }
    translate([0, 0, -1]) cylinder(d = shaft, h = total + 2, $fn = 48);
    for (a = [0, 90]) rotate(a) set_screw_cuts();
}
