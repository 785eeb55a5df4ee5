Here is a foot for your stool. It slips over a round leg and has a wider base:

```openscad
// Stool foot
leg_diameter = 22; // [10:0.5:40]
height = 30; // [15:1:60]
wall = 3; // [2:0.5:6]

$fn = 64;

difference() {
    cylinder(d1 = leg_diameter + 4 * wall, d2 = leg_diameter + 2 * wall, h = height);
    translate([0, 0, wall * 2]) cylinder(d = leg_diameter, h = height);
}
```

You can change `leg_diameter` to fit your own stool.
