"""Helices: coils of round wire, screw threads, flights of augers; their OpenSCAD text and their closed forms.

A section is carried along the path, ring by ring, and the rings are skinned into one closed polyhedron. A wire's rings
stand square to the path, so that the wire is truly round; those of a thread stand in planes through the axis, where
its profile is defined. Threads are cut flat by planes: by the screw's symmetry, a slice of height h of an endless
thread has h / pitch of one turn's volume wherever it is taken, so the volume is exact. Covers right-handed helices
about the z axis.
"""

from __future__ import annotations

import math
from itertools import pairwise

from corpus.synth import geometry

__all__ = [
    "COIL",
    "FLIGHT",
    "N_SIDES",
    "SKIN",
    "SPIRAL",
    "STEPS_PER_TURN",
    "THREAD",
    "TORSION",
    "coil_volume",
    "flight_volume",
    "slope_of",
    "spiral_area",
    "spiral_points",
    "thread_volume",
]

THREAD_DEPTH, THREAD_CREST = 0.54, 0.125
"""Of the pitch, about those of ISO 68-1 (5/8 of the sharp height, 1/8)."""

STEPS_PER_TURN, N_SIDES = 36, 20
"""Of `coil`, whatever `$fn`: a ring of 20 is as wide as the wire within 1.3 %, and ten turns have 14 000 triangles."""

SKIN = """// faces of a solid made of rings of points, closed at both ends
function skin(n_rings, sides) = [
  [for (j = [sides - 1:-1:0]) j],
  for (i = [0:n_rings - 2], j = [0:sides - 1])
    let (k = (j + 1) % sides)
      [i * sides + k, (i + 1) * sides + k, (i + 1) * sides + j, i * sides + j],
  [for (j = [0:sides - 1]) (n_rings - 1) * sides + j]
];"""

COIL = """// round wire wound into a helix; every ring of points stands square to the path
module coil(radius, wire, pitch, turns, sides = 20) {
  steps = ceil(turns * 36);
  slope = atan(pitch / (2 * PI * radius));
  points = [
    for (i = [0:steps], j = [0:sides - 1])
      let (
        a = 360 * turns * i / steps,
        b = 360 * j / sides,
        out = radius + wire / 2 * cos(b),
        side = wire / 2 * sin(b) * sin(slope),
        up = wire / 2 * sin(b) * cos(slope)
      )
        [out * cos(a) + side * sin(a), out * sin(a) - side * cos(a), pitch * a / 360 + up]
  ];
  polyhedron(points, skin(steps + 1, sides));
}"""

TORSION = """// round wire wound into a helix, both ends running on straight as legs
module torsion_coil(radius, wire, pitch, turns, leg, sides = 20) {
  steps = ceil(turns * 36);
  slope = atan(pitch / (2 * PI * radius));
  // angle on the helix, and the way from there along the tangent
  stations = [
    [0, -leg],
    for (i = [0:steps]) [360 * turns * i / steps, 0],
    [360 * turns, leg]
  ];
  points = [
    for (station = stations, j = [0:sides - 1])
      let (
        a = station[0],
        b = 360 * j / sides,
        out = radius + wire / 2 * cos(b),
        side = wire / 2 * sin(b) * sin(slope) - station[1] * cos(slope),
        up = wire / 2 * sin(b) * cos(slope) + station[1] * sin(slope)
      )
        [out * cos(a) + side * sin(a), out * sin(a) - side * cos(a), pitch * a / 360 + up]
  ];
  polyhedron(points, skin(steps + 3, sides));
}"""

THREAD = """// screw thread with flanks of 60 degrees, cut flat at both ends
module thread(diameter, pitch, length, chamfer = 0) {
  core = diameter / 2 - 0.54 * pitch;
  profile = [
    [core - 0.1 * pitch, -0.43 * pitch],
    [diameter / 2, -pitch / 16],
    [diameter / 2, pitch / 16],
    [core - 0.1 * pitch, 0.43 * pitch]
  ];
  steps = ceil((length / pitch + 2) * $fn);
  points = [
    for (i = [0:steps], p = profile)
      let (a = 360 * i / $fn)
        [p.x * cos(a), p.x * sin(a), p.y + pitch * (i / $fn - 1)]
  ];
  intersection() {
    union() {
      translate([0, 0, -1])
        cylinder(r = core, h = length + 2);
      polyhedron(points, skin(steps + 1, len(profile)));
    }
    hull() {
      cylinder(d = diameter + 2, h = length - chamfer - 1);
      cylinder(d = diameter - 2 * chamfer, h = length);
    }
  }
}"""

FLIGHT = """// helical blade around a shaft, cut flat at both ends
module flight(diameter, shaft, thickness, pitch, length) {
  profile = [
    [shaft / 2 - 0.5, -thickness / 2],
    [diameter / 2, -thickness / 2],
    [diameter / 2, thickness / 2],
    [shaft / 2 - 0.5, thickness / 2]
  ];
  steps = ceil((length / pitch + 2) * $fn);
  points = [
    for (i = [0:steps], p = profile)
      let (a = 360 * i / $fn)
        [p.x * cos(a), p.x * sin(a), p.y + pitch * (i / $fn - 1)]
  ];
  intersection() {
    polyhedron(points, skin(steps + 1, len(profile)));
    cylinder(d = diameter + 2, h = length);
  }
}"""

SPIRAL = """// flat band wound into a spiral, seen from above
module spiral(start, spacing, turns, width) {
  steps = ceil(turns * $fn);
  function at(i, offset) =
    let (a = 360 * turns * i / steps, r = start + spacing * a / 360 + offset)
      [r * cos(a), r * sin(a)];
  polygon([
    for (i = [0:steps]) at(i, width / 2),
    for (i = [steps:-1:0]) at(i, -width / 2)
  ]);
}"""


def slope_of(radius: float, pitch: float) -> float:
    """Of the path, radians."""
    return math.atan2(pitch, 2 * math.pi * radius)


def coil_volume(wire: float, radius: float, pitch: float, turns: float) -> float:
    """Of `coil`: area of the section times the length of the path, its circle taken in straight steps."""
    steps = math.ceil(turns * STEPS_PER_TURN)
    step = 2 * math.pi * turns / steps
    slope = slope_of(radius, pitch)
    along = radius * math.sin(step) * math.cos(slope) + pitch * turns / steps * math.sin(slope)
    return geometry.circle_area(wire, N_SIDES) * steps * along


def thread_volume(diameter: float, pitch: float, length: float, n_facets: int, *, chamfer: float = 0.0) -> float:
    """Of `thread`: the core, and the share of each circle outside it that the ridge fills."""
    outer = diameter / 2
    core = outer - THREAD_DEPTH * pitch

    def share(r: float) -> float:
        """Of a turn's height that the ridge fills at a radius: the crest and the two flanks."""
        return THREAD_CREST + 2 * (0.43 - THREAD_CREST / 2) * (outer - r) / ((THREAD_DEPTH + 0.1) * pitch)

    edges = sorted({0.0, core, min(core, outer - chamfer), max(core, outer - chamfer), outer})
    total = 0.0
    for low, high in pairwise(edges):
        is_core = high <= core
        shells = [
            2 * math.pi * r * (1.0 if is_core else share(r)) * (length - max(0.0, r - outer + chamfer))
            for r in (low, (low + high) / 2, high)
        ]
        total += (high - low) / 6 * (shells[0] + 4 * shells[1] + shells[2])  # Simpson's rule: exact for a cubic
    return total * n_facets * math.sin(2 * math.pi / n_facets) / (2 * math.pi)


def flight_volume(
    diameter: float, shaft: float, thickness: float, pitch: float, *, length: float, n_facets: int
) -> float:
    """Of the part of `flight` outside its shaft."""
    ring = n_facets * math.sin(2 * math.pi / n_facets) * (diameter**2 - shaft**2) / 8
    return ring * thickness * length / pitch


def spiral_points(
    start: float, spacing: float, turns: float, width: float, *, n_facets: int
) -> list[tuple[float, float]]:
    """Corners of `spiral`: its outer edge from the middle outwards, its inner edge back."""
    steps = math.ceil(turns * n_facets)
    path = [(2 * math.pi * turns * i / steps, start + spacing * turns * i / steps) for i in range(steps + 1)]
    outer = [((r + width / 2) * math.cos(a), (r + width / 2) * math.sin(a)) for a, r in path]
    inner = [((r - width / 2) * math.cos(a), (r - width / 2) * math.sin(a)) for a, r in reversed(path)]
    return outer + inner


def spiral_area(start: float, spacing: float, turns: float, width: float) -> float:
    """Of `spiral` with ever finer steps: width times the angle times the mean radius."""
    return width * 2 * math.pi * turns * (start + spacing * turns / 2)
