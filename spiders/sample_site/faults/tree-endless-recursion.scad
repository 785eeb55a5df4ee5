// Fractal tree: the depth was meant to count down
module branch(length, depth) {
    cylinder(d1 = length / 6, d2 = length / 9, h = length, $fn = 12);
    translate([0, 0, length]) for (side = [-1, 1])
        rotate([0, side * 28, 0]) branch(length * 0.98, depth);
}

branch(30, 5);
