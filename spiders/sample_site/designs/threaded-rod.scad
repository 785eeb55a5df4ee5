// Threaded rod
// Coarse printable rod with one right-hand thread and chamfered ends.

// Outer diameter of the thread
diameter = 16; // [6:0.5:40]
pitch = 4; // [1.5:0.25:10]
length = 60; // [10:1:200]
// Radial height of the thread
depth = 1.8; // [0.5:0.1:5]

steps = 48;
function wave(t) = min(1, max(0, 2.1 - 5.2 * abs(t - 0.5)));
section = [for (i = [0 : steps - 1])
    (diameter / 2 - depth + depth * wave(i / steps)) * [cos(360 * i / steps), sin(360 * i / steps)]];

intersection() {
    linear_extrude(length, twist = -360 * length / pitch, slices = round(24 * length / pitch))
        polygon(section);
    // chamfer both ends down to the core
    rotate_extrude($fn = 64) polygon([
        [0, 0], [diameter / 2 - depth, 0], [diameter / 2 + 0.1, depth + 0.1],
        [diameter / 2 + 0.1, length - depth - 0.1], [diameter / 2 - depth, length], [0, length]
    ]);
}
