"""What is turned on a lathe: a stack of straight and tapered sections about the z axis, hollow or not.

One description gives the text in two constructions (cylinders on one another, or a revolved outline), the bounding box
and the volume in closed form. Covers bodies of revolution with straight outlines; no families.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from corpus.synth import geometry
from corpus.synth.draw import Draw, Infeasible, Unit
from corpus.synth.num import Num, literal
from corpus.synth.part import Body, Face, Options, Values
from corpus.synth.text import at, block, indent, tidied
from corpus.synth.words import Measure

__all__ = [
    "DrawnT",
    "Hollow",
    "Section",
    "chamfered",
    "d_or_r",
    "flipped",
    "height_of",
    "put_round",
    "radius",
    "revolve_or_stack",
    "round_face",
    "round_measures",
    "round_of",
    "rounds",
    "straight",
    "taper",
    "turned",
]

LEAST_MM = 0.3
"""Thinner than one nozzle width is no wall."""

_TAPERED_MM = 0.001
"""How far a tapered cut stands out: it gets longer, not wider, so 0.01 mm would thicken a thin wall by 1 %."""


@dataclass(frozen=True)
class Section:
    """A cylinder or a frustum, by its diameters."""

    bottom: Num
    top: Num
    height: Num

    @property
    def is_straight(self) -> bool:
        return self.bottom.text == self.top.text


@dataclass(frozen=True)
class Hollow:
    """The inside of a turned part, from the bottom up."""

    sections: tuple[Section, ...]
    below: Num | None = None
    """Thickness of the floor; None: open at the bottom."""
    above: Num | None = None
    """Thickness of the lid; None: open at the top."""


def straight(diameter: Num, height: Num) -> Section:
    return Section(diameter, diameter, height)


def taper(bottom: Num, top: Num, height: Num) -> Section:
    return Section(bottom, top, height)


def chamfered(diameter: Num, height: Num, v: Values, *, is_both: bool = True) -> tuple[Section, ...]:
    """A cylinder, its top edge (and its bottom edge) broken by `chamfer` if the values have one."""
    if "chamfer" not in v:
        return (straight(diameter, height),)
    c = v["chamfer"]
    small = diameter - 2 * c
    if is_both:
        return taper(small, diameter, c), straight(diameter, height - 2 * c), taper(diameter, small, c)
    return straight(diameter, height - c), taper(diameter, small, c)


def flipped(sections: Sequence[Section], hollow: Hollow | None = None) -> tuple[tuple[Section, ...], Hollow | None]:
    """The same upside down."""
    turned_over = tuple(Section(s.top, s.bottom, s.height) for s in reversed(sections))
    if hollow is None:
        return turned_over, None
    return turned_over, Hollow(flipped(hollow.sections)[0], hollow.above, hollow.below)


def height_of(sections: Sequence[Section]) -> Num:
    return sum((s.height for s in sections), literal(0))


def revolve_or_stack(draw: Draw) -> dict[str, str]:
    return {"build": draw.choice(("stack", "revolve"))}


def turned(
    sections: Sequence[Section],
    options: Options,
    n_facets: int,
    *,
    hollow: Hollow | None = None,
    faces: tuple[Face, ...] = (),
) -> Body:
    """The body. `options["build"]`: stack (cylinders) or revolve (an outline). Raises Infeasible for walls too thin."""
    _check(sections, hollow)
    inner = hollow.sections if hollow else ()
    area = geometry.circle_area(1, n_facets)
    volume = area * (sum(map(_volume, sections)) - sum(map(_volume, inner)))
    width = max(max(s.bottom.value, s.top.value) for s in sections)
    if options.get("build") == "revolve":
        solid, cuts = _revolved(sections, hollow), []
    else:
        solid, cuts = _chamfered(sections), _cavity(hollow) if hollow else []
        solid = solid or "\n".join(_stacked(sections, literal(0)))
    is_open = hollow is not None and hollow.below is None and hollow.above is None
    size = (width, width, height_of(sections).value)
    return Body(solid, size, volume, faces=faces, cuts=tuple(cuts), genus=1 if is_open else 0)


def rounds(bottom: Num, top: Num, height: Num) -> str:
    """`cylinder(d = …)`; by radii where the diameters are written as twice a radius."""
    height = tidied(height)
    if bottom.text == top.text:
        return f"cylinder({d_or_r(bottom)}, h = {height});"
    if not bottom.is_literal and "/" not in f"{radius(bottom)} {radius(top)}":
        return f"cylinder(r1 = {radius(bottom)}, r2 = {radius(top)}, h = {height});"
    return f"cylinder(d1 = {tidied(bottom)}, d2 = {tidied(top)}, h = {height});"


def d_or_r(diameter: Num) -> str:
    """`r = …` where the diameter is written by radii, else `d = …`."""
    half = radius(diameter)
    return f"d = {tidied(diameter)}" if diameter.is_literal or "/" in half.text else f"r = {half}"


def round_of(v: Values, stem: str = "") -> Num:
    """A diameter from `stem_diameter` or from `stem_radius`."""
    name = f"{stem}_diameter".lstrip("_")
    return v[name] if name in v else 2 * v[f"{stem}_radius".lstrip("_")]


def put_round(draw: Draw, values: dict[str, float], stem: str, diameter: float) -> None:
    """A diameter among the values, as a radius now and then."""
    is_radius = draw.unit is Unit.MM and draw.chance(0.25)
    values[f"{stem}_{'radius' if is_radius else 'diameter'}".lstrip("_")] = diameter / 2 if is_radius else diameter


def round_measures(
    stem: str, nouns: str, adjectives: tuple[str, ...] = (), *, low: float = 1, high: float = 200
) -> dict[str, Measure]:
    """A diameter by name, and the radius that may stand for it; `nouns` are without `diameter`."""
    words = [n.strip() for n in nouns.split("|")]
    spoken = tuple(f"{w} diameter".strip() for w in words)
    radii = tuple(f"{w} radius".strip() for w in words)
    return {
        f"{stem}_diameter".lstrip("_"): Measure(spoken, adjectives, low, high),
        f"{stem}_radius".lstrip("_"): Measure(radii, (), low / 2, high / 2),
    }


def round_face(
    name: str, diameter: Num, thickness: Num, *, bottom: Num | None = None, rise: float | None = None
) -> Face:
    zero = literal(0)
    is_outside = rise is None
    return Face(
        name,
        diameter,
        diameter,
        thickness,
        (zero, zero),
        bottom or zero,
        is_round=True,
        rise_limit=rise,
        is_outside=is_outside,
    )


def radius(diameter: Num) -> Num:
    return tidied(diameter, 0.5)


def _volume(s: Section) -> float:
    """Over the area of a circle of diameter 1."""
    b, t = s.bottom.value, s.top.value
    return s.height.value * (b * b + b * t + t * t) / 3


def _chamfered(sections: Sequence[Section]) -> str:
    """A cylinder with broken edges as a hull; empty for any other stack."""
    middle = next((s for s in sections if s.is_straight), None)
    ends = [s for s in sections if s is not middle]
    smalls = {(s.top if s.top.value < s.bottom.value else s.bottom).text for s in ends}
    joints = {(s.bottom if s.top.value < s.bottom.value else s.top).text for s in ends}
    if (
        middle is None
        or not ends
        or len(ends) > 2
        or len(smalls) != 1
        or "0" in smalls
        or joints != {middle.bottom.text}
    ):
        return ""
    is_below = sections[0] is not middle
    if (is_below and sections[0].top.text not in joints) or (
        sections[-1] in ends and sections[-1].bottom.text not in joints
    ):
        return ""
    small = ends[0].bottom if ends[0].bottom.text in smalls else ends[0].top
    z = sections[0].height if is_below else literal(0)
    wide = at(0, 0, z, rounds(middle.bottom, middle.top, middle.height))
    return block("hull()", [wide, rounds(small, small, height_of(sections))])


def _stacked(sections: Sequence[Section], start: Num, *, is_cut: tuple[bool, bool] = (False, False)) -> list[str]:
    """Cylinders on one another. What is narrower reaches into its neighbour, since faces that only touch leave cracks
    where sums round differently. `is_cut`: whether to stand out below and above. Raises Infeasible where a stack
    can't be made to overlap (a bulge, a waist)."""
    statements, z = [], start
    for i, s in enumerate(sections):
        low: Num | None = None
        high: Num | None = None
        if i > 0:
            low = _reach(s.bottom, s, sections[i - 1], is_up=False)
            is_exact = i == 1 and start.text == "0"  # the same number ends one and begins the other
            if low is None and not is_exact and _reach(sections[i - 1].top, sections[i - 1], s, is_up=True) is None:
                raise Infeasible("stack: sections that can't overlap")
            if low is not None and i == 1 and not is_cut[0]:
                low = sections[0].height  # from the very bottom, as people write it
        if i + 1 < len(sections):
            high = _reach(s.top, s, sections[i + 1], is_up=True)
        if is_cut[0] and i == 0:
            low = literal(1 if s.is_straight else _TAPERED_MM)
        if is_cut[1] and i + 1 == len(sections):
            high = literal(1 if s.is_straight else _TAPERED_MM)
        down, up = low or literal(0), high or literal(0)
        statements.append(at(0, 0, tidied(z - down), rounds(s.bottom, s.top, down + s.height + up)))
        z = z + s.height
    return statements


def _reach(end: Num, s: Section, other: Section, *, is_up: bool) -> Num | None:
    """How far a section may go on into its neighbour: 1 mm, or half of a thin one; None where it would show."""
    near, far = (other.bottom, other.top) if is_up else (other.top, other.bottom)
    if not s.is_straight or min(near.value, far.value) < end.value - 1e-9 or max(near.value, far.value) <= end.value:
        return None
    return literal(1) if other.height.value > 1.2 else other.height / 2


def _cavity(hollow: Hollow) -> list[str]:
    """Cuts that stand out of open ends."""
    is_cut = (hollow.below is None, hollow.above is None)
    return _stacked(hollow.sections, hollow.below or literal(0), is_cut=is_cut)


def _revolved(sections: Sequence[Section], hollow: Hollow | None) -> str:
    outer = _outline(sections, literal(0))
    axis = literal(0)
    top = outer[-1][1]
    if hollow is None:
        points = [(axis, literal(0)), *outer, (axis, top)]
    else:
        start = hollow.below or literal(0)
        inner = _outline(hollow.sections, start)
        end = top if hollow.above is None else inner[-1][1]
        inner[-1] = (inner[-1][0], end)
        points = [] if hollow.below is None else [(axis, literal(0))]
        points += outer
        points += [] if hollow.above is None else [(axis, top), (axis, end)]
        points += reversed(inner)
        points += [] if hollow.below is None else [(axis, start)]
    texts = list(dict.fromkeys(f"[{x}, {tidied(y)}]" for x, y in points))
    return "rotate_extrude()\n" + indent("polygon([\n" + ",\n".join(f"  {t}" for t in texts) + "\n]);")


def _outline(sections: Sequence[Section], start: Num) -> list[tuple[Num, Num]]:
    points: list[tuple[Num, Num]] = []
    z = start
    for s in sections:
        points.append((radius(s.bottom), z))
        z = z + s.height
        points.append((radius(s.top), z))
    return points


def _check(sections: Sequence[Section], hollow: Hollow | None) -> None:
    inner = hollow.sections if hollow else ()
    for s in (*sections, *inner):
        if s.height.value < LEAST_MM or min(s.bottom.value, s.top.value) < 0 or s.bottom.value + s.top.value < LEAST_MM:
            raise Infeasible("a section without height or width")
    for below, above in (*pairwise(sections), *pairwise(inner)):
        if min(below.top.value, above.bottom.value) < LEAST_MM:
            raise Infeasible("sections that meet in a point")
    if hollow is None:
        return
    floor, lid = (n.value if n else 0.0 for n in (hollow.below, hollow.above))
    height = height_of(sections).value
    if abs(floor + height_of(inner).value + lid - height) > 1e-6:
        raise ValueError(f"an inside of {floor:g} + {height_of(inner).value:g} + {lid:g} mm in {height:g} mm")
    if any(n is not None and n.value < LEAST_MM for n in (hollow.below, hollow.above)):
        raise Infeasible("floor too thin")
    levels = sorted({0.0, *_levels(sections, 0.0), *_levels(inner, floor)})
    for low, high in pairwise(levels):
        for z in (low + 1e-7, high - 1e-7):
            if floor < z < height - lid and _width(sections, z) - _width(inner, z - floor) < 2 * LEAST_MM:
                raise Infeasible("wall too thin")


def _levels(sections: Sequence[Section], start: float) -> list[float]:
    levels = [start]
    for s in sections:
        levels.append(levels[-1] + s.height.value)
    return levels


def _width(sections: Sequence[Section], z: float) -> float:
    for s in sections:
        if z <= s.height.value:
            return s.bottom.value + (s.top.value - s.bottom.value) * z / s.height.value
        z -= s.height.value
    return sections[-1].top.value


DrawnT = tuple[Mapping[str, float], Mapping[str, str]]
