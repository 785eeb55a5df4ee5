// Planet carrier
// The arm plate of a planetary gear set: a centre bore and three shouldered pins for the planets.

// How many planets
planets = 3; // [2:1:6]
// Distance of the planets' axes from the centre
orbit_radius = 24; // [10:0.5:60]
pin_diameter = 6; // [3:0.1:12]
// Length of a pin above its shoulder
pin_length = 10; // [4:0.5:30]
plate = 4; // [2:0.5:10]
// Square drive in the middle
drive_size = 8; // [4:0.1:20]

$fn = 64;
arm = pin_diameter * 2;
hub = drive_size * 2.2;

module arm_plate() {
    linear_extrude(plate) difference() {
        // rounded inner corners where the arms meet the hub
        offset(r = -4) offset(r = 4) {
            circle(d = hub);
            for (i = [0 : planets - 1]) rotate(360 * i / planets) hull() {
                circle(d = arm);
                translate([orbit_radius, 0]) circle(d = arm);
            }
        }
        square(drive_size, center = true);
    }
}

module pin() {
    cylinder(d = pin_diameter + 3, h = plate + 0.6);
    cylinder(d = pin_diameter, h = plate + pin_length - 0.8);
    translate([0, 0, plate + pin_length - 0.8])
        cylinder(d1 = pin_diameter, d2 = pin_diameter - 1.4, h = 0.8);
}

arm_plate();
for (i = [0 : planets - 1]) rotate(360 * i / planets) translate([orbit_radius, 0, 0]) pin();
