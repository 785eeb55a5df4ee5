// Badge with a rounded plate. round_plate() lives in another file of mine that I forgot to upload.
size = [70, 30, 3];

round_plate(size, radius = 4);
translate([size.x / 2, size.y - 6, 0]) difference() {
    cylinder(d = 12, h = size.z, $fn = 48);
    translate([0, 0, -1]) cylinder(d = 5, h = size.z + 2, $fn = 48);
}
