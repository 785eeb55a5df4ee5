"""The phrases that every family shares: frames, ways to state a dimension, names of the dimensions.

Data only. `base` is what the shipped base is pretrained on, `tune` what fine-tuning adds, `held_out` is never
trained on. In a template `@X` is the part, `@N` its noun, `@a` an article to be fitted, `{width}` a number,
`{hole_count#}` a number that may be written as a word.
"""

from __future__ import annotations

from corpus.starter.part import POOLS, Pools, Words, pools

__all__ = ["ADJECTIVE_FORMS", "COUNTS", "FRAMES", "NOUN_FORMS", "PREFIX_FORMS", "SHEETS", "WORDS", "sized"]

FRAMES = pools(
    "@X | @X | @X | @X | @X | i need @X | I need @X for a project | make @X | make me @X | please make @X | "
    "design @X | please design @X | create @X | give me @X | generate @X | can you make @X? | "
    "could you design @X? | model @X | @X, please | I want @X | build @X | draw @X | OpenSCAD code for @X | "
    "I'm looking for @X | please create @X for me | can I get @X? | write OpenSCAD for @X | "
    "I would like to print @X",
    "we need @X | I'd like @X | produce @X | could I have @X? | a model of @X | let's make @X | put together @X",
    "how would you model @X? | sketch up @X for me | help me print @X | what I am after is @X | "
    "would you mind drawing @X?",
)

ADJECTIVE_FORMS = pools(
    "{v} mm {a} | {v} mm {a} | {v} {a}",
    "{v} millimeters {a} | exactly {v} mm {a}",
    "{v} millimetres {a} | just {v} mm {a}",
)
"""{v} the number, {a} the adjective; a dimension that has none takes `{v} mm {n}` instead."""

NOUN_FORMS = pools(
    "{n} {v} mm | {n} {v} | {n} of {v} mm | {v} mm {n} | {v} mm in {n} | {n} = {v} | {n}: {v} mm | {L} {v} | "
    "{L}{v} | {L}={v}",
    "{n} is {v} mm | {n} set to {v} | @a {n} of {v} mm | {v} millimeters in {n}",
    "{n} equal to {v} mm | {n} being {v} mm | {n} at {v} mm | {v} millimetres of {n}",
)
"""{n} the noun, {L} the letter of the dimension."""

PREFIX_FORMS = pools(
    "@a {v} mm {a} @N",
    "@a {v} millimeter {a} @N",
    "@a {v} millimetre {a} @N",
)

SHEETS = pools(
    "@T: @D | @T, @D | @T - @D | @a @T. @D | @a @T with @D | @T (@D)",
    "part: @T; @D | @T; @D | @a @T where @D",
    "object @T / @D | @T given @D | @T. Dimensions: @D",
)
"""@T is the noun with its features' names, @D every number by the name of its dimension."""

_SIZES = pools(
    "{0} x {1} x {2} mm | {0} x {1} x {2} mm | {0} x {1} x {2} mm | {0}x{1}x{2} mm | {0} by {1} by {2} mm | "
    "{0} x {1} x {2} | {0} mm x {1} mm x {2} mm | {0} by {1} by {2} | {0}x{1}x{2}",
    "{0} mm by {1} mm by {2} mm | {0}*{1}*{2} mm",
    "{0}*{1}*{2} | {0} times {1} times {2} mm",
)


COUNTS = ("hole_count", "sides", "step_count")
"""Parameters without a unit."""

WORDS: dict[str, Words] = {
    "width": Words(("width",), ("wide",), "W"),
    "depth": Words(("depth", "length"), ("deep", "long"), "D"),
    "length": Words(("length",), ("long",), "L"),
    "height": Words(("height",), ("tall", "high"), "H"),
    "thickness": Words(("thickness",), ("thick",), "T"),
    "diameter": Words(("diameter",), ("across", "in diameter")),
    "outer_diameter": Words(("outer diameter", "outside diameter", "OD")),
    "inner_diameter": Words(("inner diameter", "inside diameter", "ID", "bore")),
    "bottom_diameter": Words(("bottom diameter", "base diameter")),
    "top_diameter": Words(("top diameter", "upper diameter")),
    "across_flats": Words(("width across flats",), ("across the flats", "across flats")),
    "hole_count": Words(("hole count", "number of holes")),
    "sides": Words(("number of sides", "side count")),
    "step_count": Words(("number of steps", "step count")),
    "wall": Words(("wall thickness", "wall")),
}
"""Names of dimensions; a parameter that is not here goes by its own name."""

_PLACES = (
    "@a @F @N",
    "@a @F @N",
    "@a @N @F",
    "@a @N @F",
    "@a @N, @F",
    "@a @N measuring @F",
    "@a @N of @F",
    "@a @N sized @F",
)


def sized(*names: str, then: str = "") -> Pools:
    """Short forms such as `@a {width} x {depth} mm @N`, each followed by `then`."""
    slots = ["{" + name + "}" for name in names]
    return {
        pool: tuple(place.replace("@F", form.format(*slots)) + then for form in _SIZES[pool] for place in _PLACES)
        for pool in POOLS
    }
