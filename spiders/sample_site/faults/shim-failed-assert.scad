// Shim set
thickness = 0.05; // [0.05:0.05:5]
nozzle_layer = 0.2;

assert(thickness >= nozzle_layer, "a shim thinner than one layer cannot be printed");
cube([40, 12, thickness]);
