// Egg cup
// A round foot, a waist and a bowl.
bowl_diameter = 48; // [40:1:60]
height = 55; // [35:1:90]

$fn = 72;
r = bowl_diameter / 2;

difference() {
    rotate_extrude() polygon([
        [0, 0], [r * 0.8, 0], [r * 0.8, 3], [r * 0.35, height * 0.35], [r, height * 0.7], [r, height], [0, height]
    ]);
    translate([0, 0, height * 1.05]) scale([1, 1, 1.3]) sphere(r = r - 2);
}
