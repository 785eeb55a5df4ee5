// Lamp foot, work in progress
// width = 80;
/*
module foot() {
    cylinder(d = width, h = 6);
}
foot();
*/
