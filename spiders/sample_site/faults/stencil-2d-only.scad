// Arrow stencil for the laser cutter
length = 80;
head = 26;
difference() {
    square([length + 20, head + 20], center = true);
    polygon([[-length / 2, -5], [length / 2 - head, -5], [length / 2 - head, -head / 2], [length / 2, 0],
             [length / 2 - head, head / 2], [length / 2 - head, 5], [-length / 2, 5]]);
}
