"""Families that are a profile and an operation: hexagonal plates, oval boxes, twisted star prisms.

One family a pair that makes a thing people would ask for. Covers the pairing and the names; outlines are
`corpus.synth.profiles`', bodies `composed_operations`'.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from corpus.synth.draw import Draw, Infeasible
from corpus.synth.families.composed_operations import OPERATIONS
from corpus.synth.families.composed_tools import Operation, Tools
from corpus.synth.num import literal
from corpus.synth.part import Body, Family, Options, Values
from corpus.synth.profiles import REGULAR_PROFILES, Drawn, Profile
from corpus.synth.profiles_round import ROUND_PROFILES
from corpus.synth.profiles_sections import SECTION_PROFILES
from corpus.synth.profiles_signs import SIGN_PROFILES
from corpus.synth.profiles_straight import STRAIGHT_PROFILES
from corpus.synth.words import POOLS, Measure, Pools, pools

__all__ = ["COMPOSED_FAMILIES"]

PROFILES = {
    p.name: p for p in (*REGULAR_PROFILES, *ROUND_PROFILES, *STRAIGHT_PROFILES, *SECTION_PROFILES, *SIGN_PROFILES)
}


@dataclass(frozen=True)
class _Words:
    """How an operation is called: nouns about an adjective `@p`, and what is said of its own numbers."""

    nouns: Pools
    said: tuple[tuple[str, ...], ...]
    """Ways to state its own numbers, as a profile's."""
    crossed: tuple[str, ...]
    purposes: Pools | None = None


_WORDS = {
    "plate": _Words(
        pools("@p plate | flat @p plate | @p flat piece | @p tile | thin @p slab", "@p panel | @p sheet"),
        (("{thickness} thick",),),
        ("thickness:thick",),
    ),
    "prism": _Words(
        pools("@p prism | @p bar | @p post | @p column | solid @p block | @p extrusion", "@p pillar | @p solid"),
        (("{height} tall",), ("{height} high",)),
        ("height:tall",),
    ),
    "bar": _Words(
        pools("@p bar | @p rail | @p extrusion | @p beam | length of @p profile", "@p strip | @p stock piece"),
        (("{length} long",),),
        ("length:long",),
    ),
    "box": _Words(
        pools("@p box | @p tray | open @p box | @p container | @p bin | @p dish", "@p tub | @p caddy"),
        (
            ("{height} tall", "with {wall} walls", "a floor of {floor}"),
            ("{height} high", "with walls and floor {wall} thick"),
        ),
        ("height:tall",),
        pools(
            "to keep small things in | "
            "to hold screws and small parts | to sort odds and ends | "
            "to put keys and coins in",
            "to stash trinkets in | to corral loose bits",
        ),
    ),
    "tube": _Words(
        pools("@p tube | @p pipe | hollow @p bar | @p sleeve | @p frame | open @p ring", "@p duct | @p conduit"),
        (("{height} tall", "with {wall} walls"), ("{height} high", "with a wall thickness of {wall}")),
        ("height:tall",),
    ),
    "taper": _Words(
        pools(
            "tapered @p block | tapered @p prism | @p frustum | @p block with a taper | tapering @p post",
            "@p wedge-sided plug | draughted @p block",
        ),
        (),
        (),
    ),
    "twist": _Words(
        pools(
            "twisted @p prism | twisted @p column | @p spiral column | twisted @p bar | @p twist",
            "corkscrewed @p pillar | @p helical prism",
        ),
        (("{height} tall", "twisted by {twist}"), ("{height} high", "with @a {twist} twist")),
        ("height:tall",),
    ),
    "step": _Words(
        pools(
            "stepped @p block | two-step @p block | @p pedestal | @p block with a step | two-tier @p base",
            "two-storey @p plinth | @p riser in two stages",
        ),
        (
            ("with a base {base_height} tall", "a step {step_height} tall set in {step_inset}"),
            ("{height} tall in all", "with a base {base_height} tall", "the step set in {step_inset}"),
            ("{base_height} high", "topped by a step {step_height} high and {step_inset} in"),
        ),
        (),
    ),
    "ring": _Words(
        pools(
            "ring with @a @p cross-section | @p section ring | ring of @p section | hoop with @a @p section | "
            "@p profile ring",
            "annulus of @p section | band with @a @p cross section",
        ),
        (("{inner_diameter} inside",), ("{outer_diameter} outside",), ("{ring_diameter} across its center line",)),
        (),
    ),
}

_PAIRS: Mapping[str, str] = {
    "plate": "hexagon octagon pentagon ngon ellipse stadium half_disc d_shape quarter teardrop clipped_rectangle "
    "diamond parallelogram triangle right_triangle trapezoid house ell tee channel cross star arrow heart",
    "prism": "hexagon octagon pentagon ngon ellipse half_disc d_shape triangle right_triangle trapezoid diamond "
    "cross star",
    "bar": "ell tee channel beam zed",
    "box": "hexagon octagon ellipse stadium half_disc teardrop clipped_rectangle triangle trapezoid ell star heart",
    "tube": "hexagon octagon ellipse stadium rectangle triangle diamond star heart",
    "taper": "hexagon octagon ellipse rectangle triangle cross star",
    "twist": "hexagon octagon ellipse rectangle triangle cross star",
    "step": "hexagon octagon circle ellipse stadium rectangle",
    "ring": "hexagon octagon ellipse stadium rectangle diamond",
}
"""Profiles by operation. What has a family of its own (round plates and tubes, rectangular boxes) is not here."""

_WEIGHT = 0.7
"""Of each: some 90 of them are about as likely together as all named families."""


def _family(operation: Operation, profile: Profile) -> Family:
    words = _WORDS[operation.name]
    tapered = {f"top_{name}": _at_top(profile.measures[name]) for name in profile.mains}
    measures = {**profile.measures, **(tapered if operation.name == "taper" else {}), **operation.measures}
    adjective = profile.adjectives["taught"][0]
    has_box = operation.name in ("prism", "plate") and profile.name in _PAIRS["box"].split()
    return Family(
        f"{profile.name}_{operation.name}",
        " ".join(words.nouns["taught"][0].replace("@a ", "").replace("@p", adjective).split()),
        {pool: _nouns(words.nouns, profile, pool) for pool in POOLS},
        measures,
        lambda draw: _draw(draw, operation, profile),
        lambda v, options, n_facets: _build(v, options, n_facets, operation, profile),
        compact=_forms(words, profile, operation),
        purposes=words.purposes,
        hollow=f"{profile.name}_box" if has_box and operation.name == "prism" else None,
        is_composition=True,
        weight=_WEIGHT,
    )


def _at_top(measure: Measure) -> Measure:
    return Measure(tuple(f"top {n}" for n in measure.nouns), (), measure.low, measure.high)


def _draw(draw: Draw, operation: Operation, profile: Profile) -> Drawn:
    values, options = profile.draw(draw, *operation.reach)
    if operation.name in ("ring", "twist"):  # these take sharp corners only
        values.pop("corner_radius", None)
        options = {k: "sharp" if k == "corners" else v for k, v in options.items()}
    outline = profile.build({n: literal(v) for n, v in values.items()}, options, 64)
    if operation.name == "taper":
        main = _main(profile, values)
        values[f"top_{main}"] = draw.size(values[main] * 0.3, values[main] * (0.85 if draw.chance(0.8) else 1.6))
    more, ways = operation.draw(draw, outline)
    return {**values, **more}, {**options, **ways}


def _main(profile: Profile, values: Mapping[str, object]) -> str:
    for name in profile.mains:
        if name in values:
            return name
    raise Infeasible(f"{profile.name} has no main size")


def _build(v: Values, options: Options, n_facets: int, operation: Operation, profile: Profile) -> Body:
    own = {n: num for n, num in v.items() if n in profile.measures}
    outline = profile.build(own, options, n_facets)
    return operation.build(Tools(outline, v, options, n_facets, profile.name, _main(profile, v)))


def _nouns(nouns: Pools, profile: Profile, pool: str) -> tuple[str, ...]:
    """Every adjective with every noun of a pool; `@a` in a noun fits what follows it."""
    pairs = itertools.product(nouns[pool], profile.adjectives[pool])
    return tuple(dict.fromkeys(noun.replace("@a @p", f"{_article(a)} {a}").replace("@p", a) for noun, a in pairs))


def _article(word: str) -> str:
    """`an` before a vowel's sound: an L, an H, an octagon; a U, a T."""
    is_letter = word[1:2] in ("-", " ")
    return "an" if word[0].lower() in ("aefhilmnorsx" if is_letter else "aeio") else "a"


def _forms(words: _Words, profile: Profile, operation: Operation) -> Pools | None:
    """Short forms that state the whole part: crossed where its sizes are those of a box, spoken always."""
    own = words.said or tuple(("{height} tall", f"tapering to {{top_{m}}} at the top") for m in profile.mains)
    taught: list[str] = []
    held_out: list[str] = []
    for mine, its in itertools.product(profile.said, own):
        items = [*mine, *its]
        listed, spoken = ", ".join(items), f"{', '.join(items[:-1])} and {items[-1]}"
        taught += [f"@a @N, {listed}", f"@a @N {spoken}", f"@N: {listed}", f"@N, {spoken}", f"@a @N ({listed})"]
        taught.append(f"@a @N, {', '.join([*its, *mine])}")
        held_out += [f"@a @N that comes out {spoken}", f"@N; {'; '.join(items)}"]
    if profile.crossed and words.crossed:
        taught += _crossed(profile.crossed, words.crossed)
    return {POOLS[0]: tuple(dict.fromkeys(taught)), POOLS[1]: tuple(dict.fromkeys(held_out))}


def _crossed(sides: Sequence[str], along: Sequence[str]) -> list[str]:
    slots = [f"{{{dim.split(':')[0]}}}" for dim in (*sides, *along)]
    return [f"@a {' x '.join(slots)} @N", f"@a @N, {' x '.join(slots)}", f"@a {' by '.join(slots)} @N"]


COMPOSED_FAMILIES = tuple(
    _family(OPERATIONS[operation], PROFILES[profile])
    for operation, profiles in _PAIRS.items()
    for profile in profiles.split()
)
