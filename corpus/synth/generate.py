"""Examples from a seed: a plan drawn, put into words, written down, with the geometry to expect.

What each test set holds out is decided here, by hashes, so that no training example can have it: whole families,
pairs of family and feature, structures (family, options, features: everything but the numbers), and phrases. Covers
single requests; edits of them are `corpus.synth.edits`'.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TypeVar

from corpus.schema import GeometrySpec
from corpus.synth.assemble import assemble
from corpus.synth.draw import Draw, Infeasible, Unit
from corpus.synth.families import FAMILIES
from corpus.synth.features import FEATURES
from corpus.synth.layout import Layout, source_of
from corpus.synth.numbers_said import CLEARANCES_MM
from corpus.synth.part import Body, Draft, Face, Family, FeatureUse, Plan
from corpus.synth.wording import word_request

__all__ = [
    "SYNTH_VERSION",
    "Part",
    "SynthExample",
    "add_feature",
    "choose_family",
    "draw_plan",
    "generate_example",
    "has_faces",
    "part_suits",
    "sample_examples",
    "structure_of",
    "suiting_features",
]

T = TypeVar("T")

SYNTH_VERSION = "2"
"""Changes whenever a seed gives another example than before."""

N_DRAWS = 150
"""Redraws before giving up on a plan, and on an example that suits a part of the data."""


class Part(StrEnum):
    """What an example is for."""

    TRAIN = "train"
    VALUES = "values"
    """Families, features and words as in training; numbers and structure are not."""
    WORDINGS = "wordings"
    """The same in phrases that training never sees."""
    SYNONYMS = "synonyms"
    """The same in taught phrases, but for what the part is called: a name that training never sees."""
    COMPOSITIONS = "compositions"
    """A feature on a family that training never pairs."""
    FAMILIES = "families"
    """Families that training never sees."""


@dataclass(frozen=True)
class SynthExample:
    example_id: str
    """sha256 of prompt and source."""
    part: Part
    plan: Plan
    layout: Layout
    unit: Unit
    wording_pool: str
    style: str
    prompt: str
    scad: str
    order: tuple[str, ...]
    """Parameters in the order that the prompt mentions them."""
    spec: GeometrySpec
    """What the prompt asks for: measures that it leaves open are None."""
    built: GeometrySpec
    """What the source is expected to measure."""


_FEATURED_SHARE = 0.58
"""Of parts; half of the families have no face for a feature, so the share is kept by choosing the family to suit."""
_N_FEATURES = ((1, 0.55), (2, 0.3), (3, 0.15))
_LAYOUTS = ((Layout.NAMED, 0.6), (Layout.PLAIN, 0.15), (Layout.MODULES, 0.15), (Layout.LITERAL, 0.10))
_UNITS = ((Unit.MM, 0.86), (Unit.CM, 0.06), (Unit.INCH, 0.08))
_FACETS = ((64, 0.7), (48, 0.1), (96, 0.1), (32, 0.05), (100, 0.05))


def draw_plan(draw: Draw, family: Family, *, n_features: int) -> Plan:
    """A plan with up to `n_features` features. Raises Infeasible."""
    n_facets = _pick(draw.rng, _FACETS)
    values, options = family.draw(draw)
    plan = Plan(family.name, tuple(values.items()), tuple(options.items()), (), n_facets)
    body = assemble(plan).body
    for _ in range(n_features):
        plan = _with_feature(draw, plan, body) or plan
    return plan


def _with_feature(draw: Draw, plan: Plan, body: Body) -> Plan | None:
    """The plan with one more feature where one is found that fits."""
    for _ in range(8):
        if not body.faces:
            return None
        face = draw.choice(body.faces)
        kinds = suiting_features(plan, face)
        if not kinds:
            continue
        (kind,) = draw.rng.choices(kinds, [FEATURES[k].weight for k in kinds])
        try:
            candidate = add_feature(draw, plan, kind, face)
        except Infeasible:
            continue
        return candidate
    return None


def add_feature(draw: Draw, plan: Plan, kind: str, face: Face) -> Plan:
    """The plan with a feature drawn for a face, checked. Raises Infeasible."""
    feature = FEATURES[kind]
    used = {use.prefix for use in plan.features}
    prefix = feature.prefix if feature.prefix not in used else f"{face.name}_{feature.prefix}"
    if prefix in used:
        raise Infeasible(f"{kind} twice on the {face.name}")
    values = {
        n: _screw_size(draw, v) if feature.measures[n].is_screw else v for n, v in feature.draw(draw, face).items()
    }
    options = tuple((name, draw.choice(choices)) for name, choices in feature.options.items())
    use = FeatureUse(kind, face.name, prefix, options)
    named = tuple((prefix + n, v) for n, v in values.items())
    if {n for n, _ in named} & {*FAMILIES[plan.family].measures, *(n for n, _ in plan.values)}:
        raise Infeasible(f"{kind}: a parameter of that name is there already")
    changed = Plan(plan.family, plan.values + named, plan.options, (*plan.features, use), plan.n_facets)
    assemble(changed)
    return changed


def _screw_size(draw: Draw, diameter: float) -> float:
    """Half of the holes for screws fit one: the clearance diameter nearest to what was drawn, where one is near."""
    nearest = min(CLEARANCES_MM, key=lambda d: abs(d - diameter))
    is_near = abs(nearest - diameter) <= 0.2 * diameter
    return nearest if draw.unit is Unit.MM and is_near and draw.chance(0.5) else diameter


def suiting_features(plan: Plan, face: Face) -> list[str]:
    """Kinds of feature that a face of a plan could take, room aside; each kind once a face."""
    there = {use.kind for use in plan.features if use.face == face.name}
    family = FAMILIES[plan.family]
    return [
        kind
        for kind, feature in FEATURES.items()
        if (feature.is_round_ok if face.is_round else feature.is_flat_ok)
        and (family.features is None or kind in family.features)
        and kind not in there
    ]


def structure_of(plan: Plan) -> str:
    """Everything of a plan but its numbers."""
    options = ",".join(f"{k}={v}" for k, v in sorted(plan.options))
    names = ",".join(n for n, _ in plan.values)
    uses = ";".join(f"{u.kind}@{u.face}:{','.join(f'{k}={v}' for k, v in u.options)}" for u in plan.features)
    return f"{plan.family}|{options}|{names}|{uses}"


def is_held_out_structure(plan: Plan) -> bool:
    """One structure in twelve."""
    return _bucket(structure_of(plan), 12)


def is_held_out_pair(family: str, kind: str) -> bool:
    """One pair of family and feature in twelve."""
    return _bucket(f"{family}+{kind}", 12)


def _bucket(text: str, n: int) -> bool:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]) % n == 0


def part_suits(plan: Plan, part: Part) -> bool:
    """Whether a plan may stand in a part of the data."""
    has_new_pair = any(is_held_out_pair(plan.family, use.kind) for use in plan.features)
    is_held_out = is_held_out_structure(plan)
    if FAMILIES[plan.family].is_held_out:
        return part is Part.FAMILIES
    if part is Part.COMPOSITIONS:
        return has_new_pair
    if part is Part.TRAIN:
        return not has_new_pair and not is_held_out
    return part in (Part.VALUES, Part.WORDINGS, Part.SYNONYMS) and is_held_out and not has_new_pair


def generate_example(rng: random.Random, family: Family, part: Part, *, n_features: int) -> SynthExample:
    """One example of a family for a part of the data, with up to `n_features`, and one at least unless that is 0.

    Raises Infeasible if none turns up in N_DRAWS.
    """
    for _ in range(N_DRAWS):
        unit = _pick(rng, _UNITS)
        try:
            plan = draw_plan(Draw(rng, unit), family, n_features=n_features)
        except Infeasible:
            continue
        if bool(plan.features) == bool(n_features) and part_suits(plan, part):
            return _example(rng, plan, part, unit)
    raise Infeasible(f"{family.name}: no plan for {part} in {N_DRAWS} draws")


def choose_family(rng: random.Random, families: Sequence[Family], part: Part) -> tuple[Family, int]:
    """A family by weight, and how many features to give it."""
    is_featured = part is Part.COMPOSITIONS or rng.random() < _FEATURED_SHARE
    if is_featured:
        families = [f for f in families if has_faces(f.name)] or families
    (family,) = rng.choices(families, [f.weight for f in families])
    return family, _pick(rng, _N_FEATURES) if is_featured and has_faces(family.name) else 0


@cache
def has_faces(family: str) -> bool:
    """Whether parts of the family have a place for features."""
    rng = random.Random(family)
    for _ in range(N_DRAWS):
        try:
            plan = draw_plan(Draw(rng), FAMILIES[family], n_features=1)
        except Infeasible:
            continue
        if plan.features:
            return True
        if not assemble(plan).body.faces:
            return False
    return False


def _example(rng: random.Random, plan: Plan, part: Part, unit: Unit) -> SynthExample:
    draft = assemble(plan)
    pool = "held_out" if part is Part.WORDINGS else "taught"
    worded = word_request(rng, draft, pool=pool, noun_pool="held_out" if part is Part.SYNONYMS else pool, unit=unit)
    layout = _pick(rng, _LAYOUTS)
    scad = source_of(plan, layout=layout, order=worded.order)
    return SynthExample(
        example_id=hashlib.sha256(f"{worded.prompt}\0{scad}".encode()).hexdigest(),
        part=part,
        plan=plan,
        layout=layout,
        unit=unit,
        wording_pool=pool,
        style=worded.style,
        prompt=worded.prompt,
        scad=scad,
        order=worded.order,
        spec=asked_for(draft, worded.order),
        built=draft.spec,
    )


def asked_for(draft: Draft, told: Sequence[str]) -> GeometrySpec:
    """The spec that a prompt fixes: sizes and volume only if it names every number."""
    if {p.name for p in draft.params} <= set(told):
        return draft.spec
    return GeometrySpec(n_components=draft.spec.n_components, genus=draft.spec.genus)


def sample_examples(n: int, *, seed: int, part: Part, families: Sequence[str] = ()) -> Iterator[SynthExample]:
    """`n` distinct examples; families by their weight. The same arguments give the same examples."""
    rng = random.Random(f"{seed}|{part}")
    chosen = [FAMILIES[name] for name in families] or [
        f for f in FAMILIES.values() if f.is_held_out == (part is Part.FAMILIES)
    ]
    seen: set[str] = set()
    n_failed = 0
    while len(seen) < n:
        family, n_features = choose_family(rng, chosen, part)
        try:
            example = generate_example(rng, family, part, n_features=n_features)
        except Infeasible:
            example = None  # a family may have no held-out structure
        if example is None or example.example_id in seen:
            n_failed += 1
            if n_failed > 50 * n + 500:
                raise RuntimeError(f"only {len(seen)} distinct examples for {part}; {n} were asked for")
            continue
        seen.add(example.example_id)
        yield example


def _pick(rng: random.Random, shares: Sequence[tuple[T, float]]) -> T:
    (value,) = rng.choices([v for v, _ in shares], [share for _, share in shares])
    return value
