// Bag clip
// One-piece clip: two jaws on a springy bow, teeth that mesh, and a snap hook at the end.

/* [Clip] */
// Length of the jaws
jaw = 90; // [40:1:180]
// Width, which is also the height as printed
width = 12; // [8:0.5:25]
bar = 5; // [3:0.5:8]
// Clear opening between the jaws as printed
opening = 14; // [8:0.5:30]

/* [Teeth] */
tooth_pitch = 8; // [4:0.5:20]
tooth_height = 2; // [0:0.25:4]

/* [Hidden] */
$fn = 48;
bow_radius = (opening + bar) / 2;
bow_wall = 2.2;

module bow() {
    difference() {
        circle(r = bow_radius + bar / 2);
        circle(r = bow_radius + bar / 2 - bow_wall);
        translate([0, -2 * bow_radius - bar]) square(4 * bow_radius + 2 * bar);
    }
}

module jaw_bar(y) { translate([0, y - bar / 2]) square([jaw, bar]); }

module hook() {
    // a stalk on the upper jaw with a barb that catches under the lower one
    translate([jaw - 3, bow_radius - bar / 2]) {
        translate([0, -opening / 2]) square([3, opening / 2 + bar]);
        translate([0.5, -opening / 2]) polygon([[0, 0], [-2.5, 2.5], [0, 3.5]]);
    }
}

module catch() {
    translate([jaw - 8.5, -bow_radius]) polygon([[0, 0], [2, 0], [4.5, opening / 3], [2, opening / 3]]);
}

module teeth(y, direction, shift) {
    for (x = [tooth_pitch + shift : tooth_pitch : jaw - 16])
        translate([x, y]) polygon([[-tooth_height, -0.5 * direction], [tooth_height, -0.5 * direction],
                                   [0, tooth_height * direction]]);
}

linear_extrude(width) {
    bow();
    jaw_bar(bow_radius);
    jaw_bar(-bow_radius);
    hook();
    catch();
    if (tooth_height > 0) {
        teeth(-opening / 2, 1, 0);
        teeth(opening / 2, -1, tooth_pitch / 2);
    }
}
