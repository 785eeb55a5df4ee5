// Pipe flange
// Round flange with a socket for a pipe, ribs against tilting and a ring of bolt holes.

pipe_diameter = 32; // [10:0.5:110]
wall = 3; // [2:0.5:8]
socket_height = 22; // [8:1:80]
flange_diameter = 80; // [30:1:200]
flange_thickness = 5; // [3:0.5:12]
bolts = 4; // [3:1:12]
bolt_diameter = 5.3; // [3:0.1:12]
$fn = 96;

socket = pipe_diameter + 2 * wall;
bolt_circle = (socket + flange_diameter) / 2;
total = flange_thickness + socket_height;

difference() {
    union() {
        cylinder(d = flange_diameter, h = flange_thickness);
        cylinder(d = socket, h = total);
        for (i = [0 : bolts - 1]) rotate(360 * (i + 0.5) / bolts) rotate([90, 0, 0])
            translate([0, 0, -wall / 2]) linear_extrude(wall) polygon([
                [socket / 2 - 1, flange_thickness - 1], [flange_diameter / 2 - 3, flange_thickness - 1],
                [flange_diameter / 2 - 3, flange_thickness], [socket / 2, total - 3], [socket / 2 - 1, total - 3]
            ]);
    }
    translate([0, 0, flange_thickness]) cylinder(d = pipe_diameter + 0.3, h = socket_height + 1);
    translate([0, 0, -1]) cylinder(d = pipe_diameter - 4, h = total);
    for (i = [0 : bolts - 1]) rotate(360 * i / bolts)
        translate([bolt_circle / 2, 0, -1]) cylinder(d = bolt_diameter, h = flange_thickness + 2);
}
