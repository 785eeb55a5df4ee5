// Cable comb
// Keeps parallel cables apart behind the desk.
cables = 6; // [2:1:14]
cable_diameter = 5; // [3:0.25:10]
pitch = 9; // [6:0.5:20]
thickness = 8; // [4:0.5:15]

linear_extrude(thickness, $fn = 32) difference() {
    offset(r = 2) square([cables * pitch, 12]);
    for (i = [0 : cables - 1]) translate([(i + 0.5) * pitch, 7]) {
        circle(d = cable_diameter);
        translate([-cable_diameter * 0.4, 0]) square([cable_diameter * 0.8, 20]);
    }
}
