// Bevel gear
// A straight bevel gear made by shrinking a gear outline towards the cone's tip, on a turned hub.

/* [Gear] */
teeth = 20; // [10:1:60]
gear_module = 2.5; // [1:0.25:5]
// Half the angle of the pitch cone; 45 for a pair that runs at a right angle, one to one
cone_angle = 45; // [20:1:70]
// Width of the tooth along the cone
face_width = 9; // [3:0.5:25]

/* [Shaft] */
bore = 6; // [2:0.1:20]
hub_diameter = 20; // [8:0.5:50]
hub_height = 6; // [0:0.5:20]

/* [Hidden] */
$fn = 48;
pitch_radius = teeth * gear_module / 2;
face_height = face_width * cos(cone_angle);
shrink = (pitch_radius - face_width * sin(cone_angle)) / pitch_radius;
base_plate = 2;
assert(shrink > 0.2, "face_width is too long for this cone");

// A plain tooth with curved sides: wide foot, narrower tip
module tooth() {
    angle = 360 / teeth;
    foot = 2 * pitch_radius * tan(angle / 4) * 1.3;
    tip = foot * 0.42;
    reach = 2.2 * gear_module;
    translate([pitch_radius - 1.2 * gear_module, 0]) polygon([
        [-gear_module, -foot / 2], [0, -foot / 2], [reach * 0.55, -foot * 0.42], [reach, -tip / 2],
        [reach, tip / 2], [reach * 0.55, foot * 0.42], [0, foot / 2], [-gear_module, foot / 2]
    ]);
}

module outline() {
    circle(r = pitch_radius - 1.2 * gear_module);
    for (i = [0 : teeth - 1]) rotate(360 * i / teeth) tooth();
}

difference() {
    union() {
        cylinder(d = hub_diameter, h = hub_height + 0.5);
        translate([0, 0, hub_height]) {
            linear_extrude(base_plate + 0.01) outline();
            translate([0, 0, base_plate]) linear_extrude(face_height, scale = shrink, slices = 8) outline();
        }
    }
    translate([0, 0, -1]) cylinder(d = bore, h = hub_height + base_plate + face_height + 2);
}
