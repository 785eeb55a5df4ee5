// Ball maze
// A square labyrinth carved by the sidewinder rule; the seed decides the maze, every cell can be reached.

/* [Maze] */
// Cells along each side
cells = 10; // [4:1:20]
// Another number gives another maze
seed = 42; // [1:1:999]

/* [Size] */
// Free width of the way; a little more than the ball
way = 7; // [4:0.5:15]
wall = 1.6; // [0.8:0.2:4]
wall_height = 6; // [3:0.5:15]
floor_thickness = 2; // [1:0.2:5]

/* [Hidden] */
pitch = way + wall;
side = cells * pitch + wall;
luck = rands(0, 1, 2 * cells * cells, seed);

// Sidewinder: in each row runs of open cells, and from each run one way north.
// A run ends where luck says so, at the east border, and never in the last row.
function ends_run(x, y) = x == cells - 1 || (y < cells - 1 && luck[y * cells + x] < 0.45);
function run_start(x, y) = x == 0 || ends_run(x - 1, y) ? x : run_start(x - 1, y);
function run_end(x, y) = ends_run(x, y) ? x : run_end(x + 1, y);
function north_door(x, y) =
    let (first = run_start(x, y), last = run_end(x, y))
    first + floor(luck[cells * cells + y * cells + first] * (last - first + 0.999));

function is_wall_north(x, y) = y < cells - 1 && north_door(x, y) != x;
function is_wall_east(x, y) = x < cells - 1 && ends_run(x, y);

module post_to_post(from, to) {
    size = [abs(to.x - from.x) * pitch + wall, abs(to.y - from.y) * pitch + wall, wall_height + floor_thickness];
    translate([from.x * pitch, from.y * pitch, 0]) cube(size);
}

cube([side, side, floor_thickness]);
difference() {
    cube([side, side, wall_height + floor_thickness]);
    translate([wall, wall, floor_thickness / 2]) cube([side - 2 * wall, side - 2 * wall, wall_height + floor_thickness]);
    // entrance in the south west, exit in the north east
    for (p = [[wall, -1], [side - wall - way, side - wall - 1]])
        translate([p.x, p.y, floor_thickness]) cube([way, wall + 2, wall_height + 1]);
}
for (x = [0 : cells - 1], y = [0 : cells - 1]) {
    if (is_wall_north(x, y)) post_to_post([x, y + 1], [x + 1, y + 1]);
    if (is_wall_east(x, y)) post_to_post([x + 1, y], [x + 1, y + 1]);
}
