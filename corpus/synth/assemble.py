"""A plan becomes a draft: pieces of source, numbers, and the geometry to expect.

The expected volume is the body's closed form plus each feature's; the bounding box is the body's plus what stands out;
through-holes add up. That holds since footprints on a face are kept apart and a body's faces can't meet: what would
overlap raises Infeasible. Covers geometry only; layout of the text is `corpus.synth.layout`'s.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from corpus.schema import GeometrySpec
from corpus.synth.draw import Infeasible
from corpus.synth.families import FAMILIES
from corpus.synth.features import FEATURES
from corpus.synth.num import Num, literal, named
from corpus.synth.part import Applied, Body, Draft, Face, Mention, Param, Plan, Rect, scoped

__all__ = ["FEATURE_GAP_MM", "assemble", "without_feature"]

FEATURE_GAP_MM = 0.8
"""Least material between two features, and between a feature and the rim of its face: two nozzle widths."""


@lru_cache(maxsize=256)  # an edit is tried a dozen times on the same plan: conversations come twice as fast
def assemble(plan: Plan, *, is_literal: bool = False) -> Draft:
    """The draft of a plan; with bare numbers instead of named parameters if asked. Raises Infeasible."""
    family = FAMILIES[plan.family]
    values: Mapping[str, Num] = {n: literal(v) if is_literal else named(n, v) for n, v in plan.values}
    body = family.build(
        {n: num for n, num in values.items() if n in family.measures}, dict(plan.options), plan.n_facets
    )
    params = [Param(n, v, family.measures[n]) for n, v in plan.values if n in family.measures]
    applied: list[Applied] = []
    mentions: list[Mention] = []
    taken: dict[str, list[Rect]] = {}
    for use in plan.features:
        feature = FEATURES[use.kind]
        face = body.face(use.face)
        own = scoped(values, use.prefix, feature.measures)
        options = {"facets": str(plan.n_facets), **dict(use.options)}
        result = feature.apply(own, face, options)
        _check_room(use.kind, face, result, taken.setdefault(use.face, []))
        applied.append(result)
        mentions.append(Mention(feature, use, len(body.faces) > 1))
        params += [Param(use.prefix + n, num.value, feature.measures[n]) for n, num in own.items()]
    if len({p.name for p in params}) != len(plan.values):
        raise ValueError(f"{plan.family}: values {sorted(dict(plan.values))} are not its parameters")
    return Draft(plan, _title(plan), tuple(params), body, tuple(applied), tuple(mentions), _spec(body, plan, applied))


def _check_room(kind: str, face: Face, result: Applied, taken: list[Rect]) -> None:
    for rect in result.footprints:
        if not _is_inside(face, rect):
            raise Infeasible(f"{kind} does not fit the {face.name}")
        if any(rect.overlaps(other, margin=FEATURE_GAP_MM) for other in taken):
            raise Infeasible(f"{kind} meets another feature of the {face.name}")
    if face.rise_limit is not None and result.rise > face.rise_limit:
        raise Infeasible(f"{kind} stands out too far of the {face.name}")
    taken.extend(result.footprints)


def _is_inside(face: Face, rect: Rect) -> bool:
    """Whether a footprint keeps its distance from the rim. A square one may be of a round feature: its corners don't
    count then, so square features near a round rim or corner must give a footprint wider than they are."""
    far_x, far_y = abs(rect.x) + rect.width / 2, abs(rect.y) + rect.depth / 2
    is_round = abs(rect.width - rect.depth) < 1e-6
    if face.is_round:
        reach = math.hypot(rect.x, rect.y) + rect.width / 2 if is_round else math.hypot(far_x, far_y)
        return reach + FEATURE_GAP_MM <= face.width.value / 2 + 1e-6
    if not rect.is_within(face.width.value, face.depth.value, margin=FEATURE_GAP_MM):
        return False
    r = face.corner_radius
    corner_x, corner_y = face.width.value / 2 - r, face.depth.value / 2 - r
    if r <= 0 or far_x <= corner_x or far_y <= corner_y:
        return True
    if is_round:
        reach = math.hypot(max(0.0, abs(rect.x) - corner_x), max(0.0, abs(rect.y) - corner_y)) + rect.width / 2
    else:
        reach = math.hypot(far_x - corner_x, far_y - corner_y)
    return reach + FEATURE_GAP_MM <= r + 1e-6


def _spec(body: Body, plan: Plan, applied: list[Applied]) -> GeometrySpec:
    size = list(body.size)
    rises: dict[tuple[int, str], float] = {}
    for use, result in zip(plan.features, applied, strict=True):
        face = body.face(use.face)
        if result.rise and not face.is_outside:
            continue  # rise_limit keeps it below what surrounds it
        key = (face.normal, face.turn)  # two faces that look the same way make the part larger once
        rises[key] = max(rises.get(key, 0.0), result.rise)
    for (axis, _), rise in rises.items():
        size[axis] += rise
    is_exact = body.is_exact and all(result.is_exact for result in applied)
    volume = body.volume + sum(result.volume for result in applied)
    genus = None if body.genus is None else body.genus + sum(result.genus for result in applied)
    return GeometrySpec(
        size_mm=(size[0], size[1], size[2]),
        volume_mm3=volume if is_exact else None,
        n_components=body.n_components,
        genus=genus,
    )


def _title(plan: Plan) -> str:
    family = FAMILIES[plan.family]
    labels = list(dict.fromkeys(FEATURES[use.kind].label for use in plan.features))
    title = " ".join(family.title.format(**dict(plan.options)).split())
    return f"{title} with {', '.join(labels)}" if labels else title


def without_feature(plan: Plan, index: int) -> Plan:
    """The plan less one feature and its numbers."""
    use = plan.features[index]
    names = {use.prefix + n for n in FEATURES[use.kind].measures}
    return replace(
        plan,
        features=plan.features[:index] + plan.features[index + 1 :],
        values=tuple((n, v) for n, v in plan.values if n not in names),
    )
