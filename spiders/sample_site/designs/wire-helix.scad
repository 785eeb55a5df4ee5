// Round wire helix
// A wire with a truly round section swept along a helix, its ends cut square to the wire.

// Diameter of the wire
wire_diameter = 3; // [0.8:0.1:10]
// Diameter of the helix, measured at the middle of the wire
coil_diameter = 30; // [8:0.5:100]
// Rise in one turn; more than the wire's diameter
pitch = 9; // [1:0.25:40]
turns = 4; // [0.5:0.25:20]
left_handed = false;

/* [Hidden] */
wire_sides = 24;
steps_per_turn = 60;
steps = ceil(steps_per_turn * turns);
assert(pitch > wire_diameter, "pitch must be more than wire_diameter or the coils run into each other");

coil_radius = coil_diameter / 2;
// slope of the helix: rise against the length of one turn laid flat
slope = atan2(pitch, 2 * PI * coil_radius);

// One section: `outward` and `upward` are both perpendicular to the path
function section(i) =
    let (
        a = 360 * turns * i / steps,
        centre = [coil_radius * cos(a), coil_radius * sin(a), pitch * a / 360],
        outward = [cos(a), sin(a), 0],
        upward = [sin(slope) * sin(a), -sin(slope) * cos(a), cos(slope)]
    )
    [for (k = [0 : wire_sides - 1])
        let (b = -360 * k / wire_sides)
            centre + wire_diameter / 2 * (cos(b) * outward + sin(b) * upward)];

module helix() {
    n = wire_sides;
    polyhedron(
        points = [for (i = [0 : steps]) each section(i)],
        faces = concat(
            [[for (k = [0 : n - 1]) k]],
            [for (i = [0 : steps - 1], k = [0 : n - 1])
                let (a = i * n + k, b = i * n + (k + 1) % n) each [[a, a + n, b + n], [a, b + n, b]]],
            [[for (k = [n - 1 : -1 : 0]) steps * n + k]]
        ),
        convexity = 2 * ceil(turns)
    );
}

mirror([0, left_handed ? 1 : 0, 0]) helix();
