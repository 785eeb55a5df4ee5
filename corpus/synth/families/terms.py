"""What people call the measures of flat and boxy parts, and the short forms that state several at once."""

from __future__ import annotations

from corpus.synth.words import Measure, Pools, pools

__all__ = [
    "CORNER_RADIUS",
    "DEPTH",
    "FLOOR",
    "HANGING",
    "HEIGHT",
    "LENGTH",
    "LIP",
    "REACH",
    "THICKNESS",
    "WALL",
    "WIDTH",
    "angle",
    "count",
    "forms",
    "length",
    "said_forms",
    "screw",
]

WIDTH = Measure(("width",), ("wide",), 5, 250)
DEPTH = Measure(("depth",), ("deep",), 5, 250)
LENGTH = Measure(("length",), ("long",), 5, 300)
HEIGHT = Measure(("height",), ("tall", "high"), 3, 200)
THICKNESS = Measure(("thickness",), ("thick",), 0.8, 20)
WALL = Measure(("wall thickness",), (), 0.8, 12)
FLOOR = Measure(("floor thickness", "bottom thickness"), (), 0.8, 12)
CORNER_RADIUS = Measure(("corner radius",), (), 1, 40)


def length(nouns: str, low: float, high: float, *, adjectives: str = "") -> Measure:
    """A length; its nouns written `one | two`, and so its adjectives."""
    return Measure(_split(nouns), _split(adjectives), low, high)


def screw(nouns: str, low: float = 2, high: float = 10) -> Measure:
    """The diameter of a hole for a screw."""
    return Measure(_split(nouns), (), low, high, is_screw=True)


def count(nouns: str, low: float, high: float) -> Measure:
    return Measure(_split(nouns), (), low, high, kind="count")


def angle(nouns: str, low: float, high: float) -> Measure:
    return Measure(_split(nouns), (), low, high, kind="angle")


def _split(text: str) -> tuple[str, ...]:
    return tuple(t.strip() for t in text.split("|")) if text else ()


def forms(*dims: str, taught: str = "", held_out: str = "") -> Pools:
    """Short forms that state `dims` in that order, each written `width:wide`; and more of the family's own."""
    pairs = [dim.split(":") for dim in dims]
    slots = [f"{{{name}}}" for name, _ in pairs]
    said = [f"{{{name}}} {adjective}" for name, adjective in pairs]
    crossed, by = " x ".join(slots), " by ".join(slots)
    listed, spoken = ", ".join(said), f"{', '.join(said[:-1])} and {said[-1]}"
    usual = [
        f"@a {crossed} @N",
        f"@N {crossed}",
        f"@a @N, {crossed}",
        f"@a {by} @N",
        f"@a @N measuring {by}",
        f"@a @N {spoken}",
        f"@a {listed} @N",
        f"@N, {listed}",
    ]
    rare = [f"@a @N with dimensions {crossed}", f"@a @N that is {spoken}"]
    return pools(" | ".join([*usual, taught] if taught else usual), " | ".join([*rare, held_out] if held_out else rare))


def said_forms(*dims: str, taught: str = "", held_out: str = "") -> Pools:
    """The same for numbers that are no outside size, so that `40 x 20` would not tell which is which."""
    pairs = [dim.split(":") for dim in dims]
    said = [f"{{{name}}} {adjective}" for name, adjective in pairs]
    listed, spoken = ", ".join(said), f"{', '.join(said[:-1])} and {said[-1]}"
    usual = [
        f"@a @N {spoken}",
        f"@a @N, {listed}",
        f"@N, {listed}",
        f"@N: {listed}",
        f"@a @N which is {spoken}",
        f"@N {spoken}",
    ]
    if " " not in pairs[0][1]:
        usual.append(f"@a {said[0]} @N, {', '.join(said[1:])}")
    rare = [f"@a @N that has to be {spoken}", f"@a @N being {listed}"]
    return pools(" | ".join([*usual, taught] if taught else usual), " | ".join([*rare, held_out] if held_out else rare))


REACH = length("reach | distance from the wall plate to the tip", 10, 120)
LIP = length("lip height | height of the tip", 4, 80)
HANGING = pools(
    "to hang a coat | to hang a towel | to hang up a bag | to keep a jacket off the floor | to hang a mug",
    "to suspend a satchel",
)
