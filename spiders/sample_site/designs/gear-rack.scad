// Gear rack
// Straight rack with trapezoid teeth to run with a spur gear of the same module.

// Same module as the gear
gear_module = 2; // [0.5:0.25:5]
teeth = 15; // [3:1:60]
pressure_angle = 20; // [14.5:0.5:30]
width = 8; // [3:0.5:30]
// Solid back below the tooth roots
back = 5; // [2:0.5:20]

pitch = PI * gear_module;
root = back;
pitch_line = root + 1.25 * gear_module;
tip = pitch_line + gear_module;
half_tooth = pitch / 4;
// half widths of a tooth at its root and at its tip
root_half = half_tooth + (pitch_line - root) * tan(pressure_angle);
tip_half = half_tooth - (tip - pitch_line) * tan(pressure_angle);

function tooth(x) = [[x - root_half, root], [x - tip_half, tip], [x + tip_half, tip], [x + root_half, root]];

rotate([90, 0, 0]) linear_extrude(width) polygon(concat(
    [[0, 0]],
    [[0, root]],
    [for (i = [0 : teeth - 1]) each tooth((i + 0.5) * pitch)],
    [[teeth * pitch, root]],
    [[teeth * pitch, 0]]
));
