include <my_helpers/shapes.scad>
use <my_helpers/knurl.scad>

// Knurled knob
knurled_knob(d = 28, h = 14, shaft = shaft_diameter);
