// Chess pawn
// A pawn turned from a short profile, with a ball for a head.

height = 46; // [20:1:100]
// Diameter of the foot
foot = 26; // [12:1:60]

$fn = 64;
r = foot / 2;
head = height * 0.17;

rotate_extrude() polygon([
    [0, 0], [r, 0], [r, height * 0.07], [r * 0.9, height * 0.1], [r * 0.92, height * 0.14],
    [r * 0.62, height * 0.22], [r * 0.42, height * 0.36], [r * 0.36, height * 0.56],
    [r * 0.62, height * 0.6], [r * 0.62, height * 0.63], [r * 0.36, height * 0.67], [0, height * 0.7]
]);
translate([0, 0, height - head]) sphere(r = head);
