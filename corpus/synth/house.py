"""One way to write each part: what a request leaves unsaid is always done the same way.

The generator writes a part in many ways (turned or stacked, from a corner or about the middle) so that a data set shows
them all. To a model of a few million parameters one is taught: which of them to take is nothing that a request tells.
Covers the choice among ways that measure the same; numbers, features and whatever can be asked for stay.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from corpus.schema import GeometrySpec
from corpus.synth.assemble import assemble
from corpus.synth.draw import Draw, Infeasible
from corpus.synth.families import FAMILIES
from corpus.synth.features import FEATURES
from corpus.synth.generate import N_DRAWS, draw_plan
from corpus.synth.layout import source_of
from corpus.synth.part import FeatureUse, Plan

__all__ = ["in_house_style"]

_N_FACETS = 64
_UNSAID = frozenset(("build", "curve", "loop", "origin", "outline", "pose", "shell", "stand", "upper", "written"))
"""Options that say how a part is written or how it lies, not what it is."""
_N_SAMPLES = 24


def in_house_style(plan: Plan) -> Plan:
    """The same part, written the house's way; ways that would measure otherwise are left as they are."""
    for name, value in _house_options(plan.family).items():
        if name in dict(plan.options):
            plan = _same_part(plan, _with_option(plan, name, value)) or plan
    plain = replace(plan, n_facets=_N_FACETS, features=tuple(_plain(use) for use in plan.features))
    return _assembled(plain) or plan


def _plain(use: FeatureUse) -> FeatureUse:
    options = tuple((n, FEATURES[use.kind].options[n][0] if n in _UNSAID else v) for n, v in use.options)
    return replace(use, options=options)


def _with_option(plan: Plan, name: str, value: str) -> Plan:
    return replace(plan, options=tuple((n, value if n == name else v) for n, v in plan.options))


def _assembled(plan: Plan) -> Plan | None:
    try:
        assemble(plan)
    except (Infeasible, KeyError):  # a way to build may want values that this part has not
        return None
    return plan


def _same_part(plan: Plan, other: Plan) -> Plan | None:
    """`other` if it is sound and measures what `plan` does, turned or not."""
    if _assembled(other) is None:
        return None
    return other if _is_alike(assemble(plan).spec, assemble(other).spec) else None


def _is_alike(a: GeometrySpec, b: GeometrySpec) -> bool:
    if (a.n_components, a.genus) != (b.n_components, b.genus):
        return False
    numbers = [(x, y) for x, y in zip(sorted(a.size_mm or ()), sorted(b.size_mm or ()), strict=True)]
    numbers.append((a.volume_mm3 or 0.0, b.volume_mm3 or 0.0))
    return all(abs(x - y) <= 0.002 * max(abs(x), abs(y)) for x, y in numbers)


@cache
def _house_options(family: str) -> Mapping[str, str]:
    """Of each unsaid option the choice that suits most parts of the family, the shortest to write among these."""
    rng = random.Random(family)
    plans: list[Plan] = []
    for _ in range(N_DRAWS):
        if len(plans) < _N_SAMPLES:
            try:
                plans.append(draw_plan(Draw(rng), FAMILIES[family], n_features=0))
            except Infeasible:
                continue
    house: dict[str, str] = {}
    for name in sorted(_UNSAID & {n for plan in plans for n, _ in plan.options}):
        having = [plan for plan in plans if name in dict(plan.options)]
        choices = sorted({dict(plan.options)[name] for plan in having})
        house[name] = min(choices, key=lambda choice: _cost(having, name, choice))
    return house


def _cost(plans: list[Plan], name: str, choice: str) -> tuple[int, float]:
    """(parts that it does not suit, mean length of the others' sources)."""
    suiting = [p for p in (_same_part(plan, _with_option(plan, name, choice)) for plan in plans) if p is not None]
    return len(plans) - len(suiting), statistics.fmean(len(source_of(p)) for p in suiting) if suiting else 0.0
