// Torus knot
// A closed tube that winds around a ring and through it; (2, 3) is the trefoil. One seamless polyhedron.

/* [Knot] */
// Times around the axis
around = 2; // [1:1:5]
// Times through the hole; must share no factor with `around`
through = 3; // [2:1:9]

/* [Size] */
ring_radius = 30; // [15:1:80]
// Radius of the ring that the tube winds on
winding_radius = 12; // [4:0.5:30]
tube_diameter = 8; // [2:0.5:20]

/* [Hidden] */
sides = 20;
steps = 180;

function gcd(a, b) = b == 0 ? a : gcd(b, a % b);
assert(gcd(around, through) == 1, "around and through must share no factor, or the tube closes too early");

function unit(v) = v / norm(v);

// Normal of the ring's surface where the tube's axis lies at step i
function surface_normal(i) =
    let (u = 360 * around * i / steps, v = 360 * through * i / steps)
        [cos(v) * cos(u), cos(v) * sin(u), sin(v)];

function axis_point(i) =
    let (u = 360 * around * i / steps)
        ring_radius * [cos(u), sin(u), 0] + winding_radius * surface_normal(i);

// The surface normal is square to the path and comes back to itself, so the tube meets its own start untwisted
function section(i) =
    let (
        tangent = unit(axis_point(i + 0.01) - axis_point(i - 0.01)),
        n = unit(surface_normal(i)),
        b = cross(tangent, n)
    )
    [for (k = [0 : sides - 1])
        let (a = 360 * k / sides)
            axis_point(i) + tube_diameter / 2 * (cos(a) * n + sin(a) * b)];

function index(i, k) = (i % steps) * sides + k % sides;

module tube() {
    polyhedron(
        points = [for (i = [0 : steps - 1]) each section(i)],
        faces = [for (i = [0 : steps - 1], k = [0 : sides - 1]) each [
            [index(i, k), index(i + 1, k), index(i + 1, k + 1)],
            [index(i, k), index(i + 1, k + 1), index(i, k + 1)]
        ]],
        convexity = 10
    );
}

translate([0, 0, winding_radius + tube_diameter / 2]) tube();
