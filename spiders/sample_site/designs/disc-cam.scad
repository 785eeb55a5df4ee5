// Disc cam
// Plate cam with dwell, smooth rise and return, computed from a lift law.

base_radius = 16; // [8:0.5:50]
lift = 8; // [1:0.5:25]
// Angles of the rise and of the dwell at the top; the return mirrors the rise
rise_angle = 100; // [40:5:150]
dwell_angle = 40; // [0:5:60]
thickness = 8; // [3:0.5:25]
shaft = 6.2; // [2:0.1:20]
flat = 0.6; // [0:0.1:2]
$fn = 48;

assert(2 * rise_angle + dwell_angle <= 360, "rise, dwell and return exceed a full turn");

// Cycloidal lift: no jerk where the follower starts or stops
function cycloid(t) = t - sin(360 * t) / (2 * PI);
function lift_at(a) =
    a < rise_angle ? cycloid(a / rise_angle)
    : a < rise_angle + dwell_angle ? 1
    : a < 2 * rise_angle + dwell_angle ? 1 - cycloid((a - rise_angle - dwell_angle) / rise_angle)
    : 0;

linear_extrude(thickness) difference() {
    polygon([for (a = [0 : 2 : 358]) let (r = base_radius + lift * lift_at(a)) r * [cos(a), sin(a)]]);
    difference() {
        circle(d = shaft);
        translate([shaft / 2 - flat, -shaft]) square(2 * shaft);
    }
}
