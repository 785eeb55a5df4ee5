// Roof for a bird house, one gable forgotten
span = 80;
length = 100;
rise = 30;

polyhedron(
    points = [
        [0, 0, 0], [span, 0, 0], [span, length, 0], [0, length, 0],
        [span / 2, 0, rise], [span / 2, length, rise]
    ],
    faces = [[0, 1, 2, 3], [0, 4, 1], [1, 4, 5, 2], [0, 3, 5, 4]]
);
