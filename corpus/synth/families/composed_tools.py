"""What operations of compositions share: their type, and text and faces of an outline."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from corpus.synth import geometry
from corpus.synth.draw import Draw
from corpus.synth.num import Num, literal
from corpus.synth.outlines import Outline, Spot, bounds, perimeter
from corpus.synth.part import Body, Face, Options, Values
from corpus.synth.profiles import Drawn
from corpus.synth.text import indent
from corpus.synth.words import Measure

__all__ = [
    "Operation",
    "Tools",
    "called",
    "come_in",
    "extruded",
    "faces_of",
    "has_room",
    "lifted",
    "module_of",
    "size_of",
    "stand_of",
    "thin",
    "ways",
]


@dataclass(frozen=True)
class Tools:
    """What an operation builds with."""

    outline: Outline
    values: Values
    options: Options
    n_facets: int
    name: str
    """Of the profile: its module's name where the outline is used twice."""
    main: str
    """The parameter that a taper changes."""


@dataclass(frozen=True)
class Operation:
    name: str
    measures: Mapping[str, Measure]
    reach: tuple[float, float]
    """Limits of the profile's main size, mm."""
    draw: Callable[[Draw, Outline], Drawn]
    build: Callable[[Tools], Body]


def thin(outline: Outline) -> float:
    """About half of how far the outline may come in before nothing is left: a wall as thick as this leaves room."""
    return geometry.polygon_area(outline.points) / perimeter(outline.points) * 0.75


def extruded(height: Num, text: str, more: str = "") -> str:
    return f"linear_extrude(height = {height}{more})\n{indent(text)}"


def size_of(outline: Outline, height: float) -> tuple[float, float, float]:
    x0, y0, x1, y1 = bounds(outline)
    return x1 - x0, y1 - y0, height


def module_of(t: Tools) -> tuple[str, tuple[str, ...]]:
    """The outline as a module's call, and the module."""
    name = "disc" if t.name == "circle" else t.name  # not to hide what it calls
    return f"{name}();", (f"module {name}() {{\n{indent(t.outline.text)}\n}}",)


def called(t: Tools) -> tuple[str, tuple[str, ...]]:
    """The outline where it is used once: in place, or as a module, by the option `written`."""
    return module_of(t) if t.options.get("written") == "module" else (t.outline.text, ())


def stand_of(t: Tools, height: Num) -> tuple[str, Num]:
    """By the option `stand`: what `linear_extrude` is told besides, and the level of the part's bottom."""
    return (", center = true", -height / 2) if t.options.get("stand") == "middle" else ("", literal(0))


def ways(draw: Draw) -> dict[str, str]:
    """The options of `called` and `stand_of`."""
    return {
        "written": draw.choice(("inline", "inline", "module")),
        "stand": draw.choice(("bed", "bed", "middle")),
    }


def lifted(faces: Sequence[Face], bottom: Num) -> tuple[Face, ...]:
    return tuple(replace(face, bottom=bottom) for face in faces)


def come_in(by: Num, call: str) -> str:
    return f"offset(delta = {-by})\n{indent(call)}"


def faces_of(outline: Outline, thickness: Num) -> tuple[Face, ...]:
    """Of several on one level only the first takes what stands out: two would not make the part higher by both."""
    faces = [spot.face(thickness) for spot in outline.spots if has_room(spot)]
    return (*faces[:1], *(replace(face, rise_limit=0.0, is_outside=False) for face in faces[1:]))


def has_room(spot: Spot) -> bool:
    return min(spot.width.value, spot.depth.value) >= 4
