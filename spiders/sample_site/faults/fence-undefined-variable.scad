// Garden fence for a model railway
post_height = 18;
post_pitch = 12;

// n_posts used to be a parameter
for (i = [0 : n_posts - 1])
    translate([i * post_pitch, 0, 0]) cube([2, 2, post_height]);
