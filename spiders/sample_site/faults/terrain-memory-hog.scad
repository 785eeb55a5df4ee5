// Terrain tile: keeps a whole map of ground names as text, one long row for every point
points = 4000;

function widen(text, times) = times == 0 ? text : widen(str(text, text), times - 1);
row = widen("grass;", 18);

map = [for (x = [0 : points]) [for (y = [0 : points]) str(row, x, ";", y)]];
cube([len(map), len(map[0]), 10]);
