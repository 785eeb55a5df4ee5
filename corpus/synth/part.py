"""The types of a procedural part: plan, body, face, feature, family.

A `Plan` says what a part is in numbers and choices, and nothing else: an edit is another plan. `corpus.synth.assemble`
makes a `Draft` of it: pieces of source, and the geometry to expect, in closed form. Covers value types only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from corpus.schema import GeometrySpec
from corpus.synth.draw import Draw, Infeasible
from corpus.synth.num import Num, literal
from corpus.synth.words import Measure, Pools

__all__ = [
    "Applied",
    "Body",
    "Draft",
    "Face",
    "Family",
    "Feature",
    "FeatureUse",
    "Mention",
    "Options",
    "Param",
    "Plan",
    "Rect",
    "Values",
    "scoped",
]

Options = Mapping[str, str]
"""Structural choices, by name: `corners: rounded`, `origin: center`."""

Values = Mapping[str, Num]
"""Numbers by the family's or the feature's own (local) name."""


@dataclass(frozen=True)
class Rect:
    """A rectangle in a face's frame, mm, by its middle."""

    x: float
    y: float
    width: float
    depth: float

    def overlaps(self, other: Rect, *, margin: float = 0.0) -> bool:
        return (
            abs(self.x - other.x) * 2 < self.width + other.width + 2 * margin
            and abs(self.y - other.y) * 2 < self.depth + other.depth + 2 * margin
        )

    def is_within(self, width: float, depth: float, *, margin: float = 0.0) -> bool:
        return (
            abs(self.x) * 2 + self.width + 2 * margin <= width + 1e-6
            and abs(self.y) * 2 + self.depth + 2 * margin <= depth + 1e-6
        )


@dataclass(frozen=True)
class Face:
    """A flat place on a body where features may go, in a frame of its own: x right, y up, z out of the solid.

    Features of one face never meet (their footprints are kept apart); a body offers several faces at once only where
    features as deep as `thickness` on each can't meet either.
    """

    name: str
    """top, front, base, leg, wall, …: what people call it."""
    width: Num
    """Along x: of the free rectangle (of a round face, its diameter)."""
    depth: Num
    """Along y."""
    thickness: Num
    """Of the material below: a cut this deep goes through."""
    middle: tuple[Num, Num]
    """Of the face, before `turn`: its centre in the body's frame at z = `bottom`."""
    bottom: Num = field(default_factory=lambda: literal(0))
    """Height at which the material below the face begins, before `turn`; the face is at bottom + thickness."""
    is_round: bool = False
    corner_radius: float = 0.0
    """Of the free rectangle's corners, mm."""
    turn: str = ""
    """For a face that doesn't look up: the transformation that takes the frame (x, y, z up) to the body, such as
    `translate([0, depth, 0])\n  rotate([90, 0, 0])`. Empty for one that does."""
    normal: int = 2
    """Axis of the body's frame that the face looks along: 0, 1 or 2."""
    rise_limit: float | None = None
    """How far a feature may stand out, mm; None: any. What stands out makes the part larger along `normal`."""
    is_through: bool = True
    """A cut as deep as `thickness` opens on the other side, so it adds a handle to the surface."""
    is_whole: bool = False
    """The rectangle (less the corners' radius) is the whole of the part's outline there, through its thickness: what
    is cut off its edges, cuts the part."""
    is_outside: bool = True
    """The face is the body's farthest along its normal; a boss on another must not be taller than what surrounds it."""


@dataclass(frozen=True)
class Body:
    """A base solid before its features."""

    solid: str
    """OpenSCAD statements: one solid, or several that join."""
    size: tuple[float, float, float]
    volume: float
    """mm3, closed form."""
    faces: tuple[Face, ...] = ()
    cuts: tuple[str, ...] = ()
    """What is taken off `solid` (a bore, the inside of a box); `volume` and `genus` count it already."""
    genus: int | None = 0
    n_components: int | None = 1
    is_exact: bool = True
    """False where volume is not known in closed form: the spec then leaves it open."""
    derived: tuple[str, ...] = ()
    """Lines such as `inner = outer - 2 * wall;` after the parameters."""
    definitions: tuple[str, ...] = ()
    """Modules or functions that `solid` calls."""

    def face(self, name: str) -> Face:
        for face in self.faces:
            if face.name == name:
                return face
        raise Infeasible(f"no face {name!r}")


@dataclass(frozen=True)
class Applied:
    """What one feature does to a body, in the frame of the whole part (already placed)."""

    footprints: tuple[Rect, ...]
    cuts: tuple[str, ...] = ()
    adds: tuple[str, ...] = ()
    volume: float = 0.0
    """Change, mm3; negative for cuts."""
    genus: int = 0
    """Change of the number of through-holes."""
    rise: float = 0.0
    """How far it stands above its face, mm."""
    is_exact: bool = True
    definitions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Feature:
    """A kind of feature: how it is drawn, what it does, how people mention it."""

    name: str
    label: str
    """`center hole`: for titles and spec sheets."""
    prefix: str
    """Of its parameters in a source: `hole_` gives hole_diameter."""
    measures: Mapping[str, Measure]
    """By local name."""
    draw: Callable[[Draw, Face], Mapping[str, float]]
    """Local values for a face. Raises Infeasible where there is no room."""
    apply: Callable[[Values, Face, Options], Applied]
    phrases: Pools
    """How people mention it, with slots of local names, `{diameter}`, `{count#}` (may become a word). `@F` is the face
    (`in the top`), left out where the part has one face only."""
    vague: Pools
    """The same without a number: `a hole in the middle`."""
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Structural choices, the first is the default."""
    weight: float = 1.0
    is_round_ok: bool = True
    is_flat_ok: bool = True
    """Whether it goes on faces that aren't round."""


@dataclass(frozen=True)
class FeatureUse:
    """One feature of one part."""

    kind: str
    """Name in `corpus.synth.features.FEATURES`."""
    face: str
    prefix: str
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Param:
    """One number of a draft."""

    name: str
    value: float
    measure: Measure


@dataclass(frozen=True)
class Plan:
    """A part in numbers and choices."""

    family: str
    values: tuple[tuple[str, float], ...]
    """By full name, the family's first, in natural order."""
    options: tuple[tuple[str, str], ...] = ()
    features: tuple[FeatureUse, ...] = ()
    n_facets: int = 64
    """`$fn`; a multiple of 4, so that circles are as wide and deep as they say."""

    def value(self, name: str) -> float:
        return dict(self.values)[name]

    def with_value(self, name: str, value: float) -> Plan:
        return replace(self, values=tuple((n, value if n == name else v) for n, v in self.values))

    def option(self, name: str, default: str = "") -> str:
        return dict(self.options).get(name, default)


@dataclass(frozen=True)
class Family:
    """A kind of part: how to draw one, how it is built, what people call it."""

    name: str
    title: str
    nouns: Pools
    measures: Mapping[str, Measure]
    """By parameter name, in natural order."""
    draw: Callable[[Draw], tuple[Mapping[str, float], Mapping[str, str]]]
    """(values, options). Raises Infeasible."""
    build: Callable[[Values, Options, int], Body]
    """(values, options, n_facets) -> body. Raises Infeasible. Every value it uses must be in `measures`; one that is
    absent from the plan (a square's depth) is the builder's to derive."""
    compact: Pools | None = None
    """Short forms such as `@a {width} x {depth} mm @N`; None where there is none."""
    features: tuple[str, ...] | None = None
    """Kinds that suit it; None: all that fit its faces."""
    purposes: Pools | None = None
    """What it is for: `to hold a phone upright`; for requests by function."""
    hollow: str | None = None
    """The family that a solid of this one is once it is hollowed out; its measures are these and `wall`, `floor`."""
    is_composition: bool = False
    """Made of a profile and an operation; its title then hangs on options."""
    is_held_out: bool = False
    """Wholly unseen: only in the test set `families`."""
    weight: float = 1.0


@dataclass(frozen=True)
class Mention:
    """A feature of a draft as the wording needs it."""

    feature: Feature
    use: FeatureUse
    has_several_faces: bool


@dataclass(frozen=True)
class Draft:
    """A plan built: source in pieces, geometry to expect, and what a request may mention."""

    plan: Plan
    title: str
    params: tuple[Param, ...]
    """The family's, then each feature's, in natural order."""
    body: Body
    applied: tuple[Applied, ...]
    """One a feature, in the plan's order."""
    mentions: tuple[Mention, ...]
    spec: GeometrySpec


def scoped(values: Mapping[str, Num], prefix: str, names: Mapping[str, Measure]) -> dict[str, Num]:
    """A feature's own values by local name; those it has not are left out."""
    return {name: values[prefix + name] for name in names if prefix + name in values}
