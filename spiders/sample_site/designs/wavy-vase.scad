// Wavy vase
// A vase of lobes that wander around the axis, drawn as one closed polyhedron.

/* [Shape] */
height = 120; // [40:5:220]
mean_radius = 36; // [15:1:70]
// Belly: how much the radius swells and shrinks along the height
belly = 8; // [0:0.5:20]
lobes = 7; // [2:1:16]
lobe_depth = 3; // [0:0.25:8]
// How far the lobes wander around, in degrees, from foot to rim
drift = 60; // [-180:5:180]

/* [Wall] */
wall = 2.2; // [1:0.1:5]
floor_thickness = 3; // [1:0.5:8]

/* [Hidden] */
around = 126;
layers = 48;

function radius(z, angle) =
    mean_radius + belly * sin(300 * z / height)
    + lobe_depth * cos(lobes * (angle - drift * z / height));

function ring(z, inset) = [
    for (k = [0 : around - 1])
        let (a = 360 * k / around, r = radius(z, a) - inset)
            [r * cos(a), r * sin(a), z]
];

function flatten(lists) = [for (l = lists) each l];

// Skin a list of rings of equal length; the first and last ring are closed by flat caps
module skin(rings) {
    n = len(rings[0]);
    last = len(rings) - 1;
    polyhedron(
        points = flatten(rings),
        faces = concat(
            [[for (k = [0 : n - 1]) k]],
            [for (i = [0 : last - 1], k = [0 : n - 1])
                let (a = i * n + k, b = i * n + (k + 1) % n) each [[a, a + n, b + n], [a, b + n, b]]],
            [[for (k = [n - 1 : -1 : 0]) last * n + k]]
        ),
        convexity = 10
    );
}

outside = [for (i = [0 : layers]) ring(height * i / layers, 0)];
inside = [for (i = [layers : -1 : 0])
    ring(floor_thickness + (height - floor_thickness) * i / layers, wall)];

skin(concat(outside, inside));
