"""Outlines of toothed parts: their OpenSCAD text, and the same corners computed from the numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence

from corpus.synth.draw import Infeasible
from corpus.synth.num import Num

__all__ = [
    "INVOLUTE_GEAR",
    "RATCHET",
    "STRAIGHT_GEAR",
    "count_of",
    "extents",
    "involute_corners",
    "polar",
    "straight_corners",
]

Point = tuple[float, float]

PRESSURE_ANGLE, FLANK_STEPS = 20, 5

INVOLUTE_GEAR = """// outline of a spur gear: involute flanks at a pressure angle of 20 degrees
module gear_outline(gear_module, teeth) {
  pitch_radius = gear_module * teeth / 2;
  base = pitch_radius * cos(20);
  root = pitch_radius - 1.25 * gear_module;
  tip = pitch_radius + gear_module;
  low = max(root, base);
  // angle of the involute at a radius, degrees
  function involute(r) = tan(acos(base / r)) * 180 / PI - acos(base / r);
  function half_tooth(r) = 90 / teeth + involute(pitch_radius) - involute(r);
  radii = [for (i = [0:5]) low + (tip - low) * i / 5];
  flank = concat([[root, half_tooth(low)]], [for (r = radii) [r, half_tooth(r)]]);
  polygon([
    for (tooth = [0:teeth - 1])
      let (middle = 360 * tooth / teeth)
        each concat(
          [for (p = flank) p[0] * [cos(middle - p[1]), sin(middle - p[1])]],
          [for (i = [len(flank) - 1:-1:0]) let (p = flank[i]) p[0] * [cos(middle + p[1]), sin(middle + p[1])]]
        )
  ]);
}"""

STRAIGHT_GEAR = """// outline of a gear with straight-sided teeth
module gear_outline(tip, root, teeth) {
  step = 360 / teeth;
  polygon([
    for (tooth = [0:teeth - 1])
      let (a = tooth * step)
        each [
          root * [cos(a - 0.35 * step), sin(a - 0.35 * step)],
          tip * [cos(a - 0.15 * step), sin(a - 0.15 * step)],
          tip * [cos(a + 0.15 * step), sin(a + 0.15 * step)],
          root * [cos(a + 0.35 * step), sin(a + 0.35 * step)]
        ]
  ]);
}"""

RATCHET = """// outline of a ratchet wheel: each tooth rises slowly and drops at once
module ratchet_outline(tip, root, teeth) {
  polygon([
    for (tooth = [0:teeth - 1])
      let (a = 360 * tooth / teeth)
        each [root * [cos(a), sin(a)], tip * [cos(a), sin(a)]]
  ]);
}"""


def polar(corners: Sequence[Point]) -> list[Point]:
    """(radius, degrees) to (x, y)."""
    return [(r * math.cos(math.radians(a)), r * math.sin(math.radians(a))) for r, a in corners]


def involute_corners(gear_module: float, teeth: int) -> list[Point]:
    """Of `gear_outline`."""
    pitch = gear_module * teeth / 2
    base, root, tip = pitch * math.cos(math.radians(PRESSURE_ANGLE)), pitch - 1.25 * gear_module, pitch + gear_module
    low = max(root, base)

    def involute(r: float) -> float:
        angle = math.acos(min(1.0, base / r))
        return math.degrees(math.tan(angle) - angle)

    def half_tooth(r: float) -> float:
        return 90 / teeth + involute(pitch) - involute(r)

    radii = [low + (tip - low) * i / FLANK_STEPS for i in range(FLANK_STEPS + 1)]
    flank = [(root, half_tooth(low)), *((r, half_tooth(r)) for r in radii)]
    if half_tooth(tip) < 0.05 * 360 / teeth / 2 or half_tooth(low) > 0.96 * 180 / teeth:
        raise Infeasible("pointed or merging teeth")
    corners = []
    for tooth in range(teeth):
        middle = 360 * tooth / teeth
        corners += [(r, middle - a) for r, a in flank] + [(r, middle + a) for r, a in reversed(flank)]
    return polar(corners)


def straight_corners(tip: float, root: float, teeth: int) -> list[Point]:
    step = 360 / teeth
    one = ((root, -0.35), (tip, -0.15), (tip, 0.15), (root, 0.35))
    return polar([(r, (tooth + part) * step) for tooth in range(teeth) for r, part in one])


def extents(points: Sequence[Point]) -> tuple[float, float]:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return max(xs) - min(xs), max(ys) - min(ys)


def count_of(n: Num, low: int, high: int) -> int:
    if abs(n.value - round(n.value)) > 1e-6 or not low <= n.value <= high:
        raise Infeasible("count")
    return round(n.value)
