// Compression spring
// Round-wire spring with closed, flat-ground ends; coils open up smoothly in the middle.

/* [Wire] */
wire_diameter = 3.2; // [1:0.1:8]
outer_diameter = 28; // [8:0.5:80]

/* [Coils] */
// Coils that work
active_coils = 5; // [2:0.5:15]
// Pitch of the working coils
pitch = 8; // [2:0.25:30]
// Closed coils at each end
end_coils = 1; // [0.5:0.25:2]

/* [Hidden] */
sides = 20;
steps_per_turn = 48;
radius = (outer_diameter - wire_diameter) / 2;
// the closed coils keep a hair's breadth apart, so that they stay separate when printed
closed_pitch = wire_diameter * 1.12;
total = active_coils + 2 * end_coils;
steps = round(total * steps_per_turn);
assert(pitch > closed_pitch, "pitch must leave the working coils room to move");

// Smooth 0..1 ramp over half a turn around each border between closed and open coils
function ramp(t) = let (x = min(1, max(0, t + 0.25) * 2)) x * x * (3 - 2 * x);
function rise(t) = closed_pitch + (pitch - closed_pitch) * min(ramp(t - end_coils), ramp(total - end_coils - t));

// Height after each step: the running sum of the local rise
heights = [for (i = 0, z = 0; i <= steps; z = z + rise((i + 0.5) / steps_per_turn) / steps_per_turn, i = i + 1) z];
top = heights[steps];

function section(i) =
    let (
        a = 360 * i / steps_per_turn,
        slope = atan2(rise(i / steps_per_turn), 2 * PI * radius),
        outward = [cos(a), sin(a), 0],
        upward = [sin(slope) * sin(a), -sin(slope) * cos(a), cos(slope)]
    )
    [for (k = [0 : sides - 1])
        let (b = -360 * k / sides)
            [radius * cos(a), radius * sin(a), heights[i]]
            + wire_diameter / 2 * (cos(b) * outward + sin(b) * upward)];

module coil() {
    polyhedron(
        points = [for (i = [0 : steps]) each section(i)],
        faces = concat(
            [[for (k = [0 : sides - 1]) k]],
            [for (i = [0 : steps - 1], k = [0 : sides - 1])
                let (a = i * sides + k, b = i * sides + (k + 1) % sides)
                    each [[a, a + sides, b + sides], [a, b + sides, b]]],
            [[for (k = [sides - 1 : -1 : 0]) steps * sides + k]]
        ),
        convexity = 12
    );
}

// Grinding: cut both ends flat, level with the middle of the end wires
translate([0, 0, -wire_diameter / 4]) intersection() {
    coil();
    translate([-outer_diameter, -outer_diameter, wire_diameter / 4])
        cube([2 * outer_diameter, 2 * outer_diameter, top - wire_diameter / 2]);
}
