"""Changes of what a part has: features added, taken away, replaced, moved; corners rounded; a solid made hollow.

Also the two changes that leave a part as it is: parameters in inches, and the source in another layout.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from corpus.synth.assemble import assemble, without_feature
from corpus.synth.draw import INCH_MM, Draw, Infeasible, Unit
from corpus.synth.edit_sizes import scaled
from corpus.synth.edit_terms import Edit, State, feature_name, length_param, say
from corpus.synth.families import FAMILIES
from corpus.synth.features import FEATURES
from corpus.synth.features_said import feature_text, vague_feature
from corpus.synth.generate import add_feature, suiting_features
from corpus.synth.layout import Layout
from corpus.synth.part import Draft, Family, FeatureUse, Plan

__all__ = [
    "CORNERS",
    "add",
    "corners",
    "hollow",
    "in_inches",
    "meant_inches",
    "movable",
    "move",
    "remove",
    "replace_one",
    "restyle",
    "shell_of",
]

CORNERS = ("corner_radius", "chamfer")
"""What families call the numbers of their corners and edges."""
MAX_FEATURES = 4
_VAGUE_SHARE = 0.15


def add(draw: Draw, state: State, draft: Draft, pool: str) -> Edit:
    plan = _drawn(draw, state.plan, draft)
    request, is_exact = _say_new(draw, "add_feature", pool, assemble(plan))
    return Edit("add_feature", request, _with_plan(state, plan), is_exact=is_exact)


def remove(draw: Draw, state: State, draft: Draft, pool: str) -> Edit:
    index = _choose(draw, draft)
    request = say(draw, "remove_feature", pool, feature_name(draw, draft, index))
    return Edit("remove_feature", request, _with_plan(state, without_feature(state.plan, index)))


def replace_one(draw: Draw, state: State, draft: Draft, pool: str) -> Edit:
    index = _choose(draw, draft)
    bare = without_feature(state.plan, index)
    plan = _drawn(draw, bare, assemble(bare))
    if plan.features[-1].kind == state.plan.features[index].kind:
        raise Infeasible("the same feature")
    names = feature_name(draw, draft, index)
    request, is_exact = _say_new(draw, "replace_feature", pool, assemble(plan), names)
    return Edit("replace_feature", request, _with_plan(state, plan), is_exact=is_exact)


def _choose(draw: Draw, draft: Draft) -> int:
    if not draft.mentions:
        raise Infeasible("no feature")
    return draw.rng.randrange(len(draft.mentions))


def _drawn(draw: Draw, plan: Plan, draft: Draft) -> Plan:
    """The plan with one more feature."""
    if not draft.body.faces or len(plan.features) >= MAX_FEATURES:
        raise Infeasible("no room for a feature")
    face = draw.choice(draft.body.faces)
    kinds = suiting_features(plan, face)
    if not kinds:
        raise Infeasible("no feature suits")
    (kind,) = draw.rng.choices(kinds, [FEATURES[k].weight for k in kinds])
    return add_feature(draw, plan, kind, face)


def _say_new(
    draw: Draw, kind: str, pool: str, after: Draft, words: Mapping[str, str] = MappingProxyType({})
) -> tuple[str, bool]:
    """(request for the last feature of a draft, whether it names the numbers)."""
    is_vague = draw.chance(_VAGUE_SHARE)
    tell = vague_feature if is_vague else feature_text
    phrase = tell(draw.rng, after, len(after.mentions) - 1, pool=pool)
    return say(draw, kind, pool, {**words, "phrase": phrase}, {p.name: p for p in after.params}), not is_vague


def _with_plan(state: State, plan: Plan) -> State:
    """The state of a plan with other parameters: those that stay keep their places, new ones of the base follow the
    base's, new ones of features come last."""
    names = [name for name, _ in plan.values]
    own = FAMILIES[plan.family].measures
    kept = [name for name in state.order if name in names]
    new = [name for name in names if name not in kept]
    n_own = max((i + 1 for i, name in enumerate(kept) if name in own), default=0)
    kept[n_own:n_own] = [name for name in new if name in own]
    return replace(state, plan=plan, order=(*kept, *(name for name in new if name not in own)))


_TOP = {
    "x": (("right", "to the right"), ("left", "to the left")),
    "y": (("up", "to the back"), ("down", "to the front")),
}
_UPRIGHT = {**_TOP, "y": (("up", "higher"), ("down", "lower"))}

_CENTERED, _OFF_CENTER = "center_hole", ("shifted_hole", "coordinate_hole", "offset_hole", "cornered_hole")


def movable(plan: Plan) -> list[int]:
    """The features that have a place of their own, or can be given one."""
    return [i for i, use in enumerate(plan.features) if use.kind == _CENTERED or _places(plan, use)]


def _places(plan: Plan, use: FeatureUse) -> list[str]:
    return [n for n in ("x", "y", "from_left", "from_front", "inset") if use.prefix + n in dict(plan.values)]


def move(draw: Draw, state: State, draft: Draft, pool: str) -> Edit:
    """A feature along an axis of its face: by its own offset, or, of a centred hole, by one that it gets."""
    index = draw.choice(movable(state.plan))
    use = state.plan.features[index]
    names = feature_name(draw, draft, index)
    places = _places(state.plan, use)
    if use.kind in _OFF_CENTER and draw.chance(0.2):
        plan = _as_kind(state.plan, index, _CENTERED, {})
        return Edit("move_feature", say(draw, "center_feature", pool, names), _with_plan(state, plan))
    if "inset" in places:
        return _move_in(draw, state, use, names, pool)
    axis, is_forth = draw.choice(("x", "x", "y")), draw.chance(0.5)
    step = draw.size(1, 20)
    by = step if is_forth else -step
    ways = (_TOP if draft.body.face(use.face).normal == 2 else _UPRIGHT)[axis][0 if is_forth else 1]
    local = next((n for n in (axis, {"x": "from_left", "y": "from_front"}[axis]) if n in places), None)
    if local is not None:
        name = use.prefix + local
        plan = state.plan.with_value(name, round(state.plan.value(name) + by, 4))
    elif use.kind in (_CENTERED, "shifted_hole"):
        x = by if axis == "x" else dict(state.plan.values).get(f"{use.prefix}x", 0.0)
        kind = "shifted_hole" if axis == "x" else "coordinate_hole"
        plan = _as_kind(state.plan, index, kind, {"x": x} if axis == "x" else {"x": x, "y": by})
    else:
        raise Infeasible(f"{use.kind} can't be moved so")
    is_far = local is not None and abs(plan.value(use.prefix + local)) > abs(state.plan.value(use.prefix + local))
    words = {**names, "way": draw.choice(ways), "further": ways[0] if is_far else ""}
    request = say(draw, "move_feature", pool, words, {"v": length_param(step)})
    return Edit("move_feature", request, _with_plan(state, plan))


def _move_in(draw: Draw, state: State, use: FeatureUse, names: Mapping[str, str], pool: str) -> Edit:
    """Features near all edges: away from them or towards them."""
    name, step, is_in = f"{use.prefix}inset", draw.size(1, 8), draw.chance(0.6)
    plan = state.plan.with_value(name, round(state.plan.value(name) + (step if is_in else -step), 4))
    if plan.value(name) <= 0:
        raise Infeasible("over the edge")
    ways = ("inwards", "away from the edges") if is_in else ("outwards", "towards the edges")
    words = {**names, "way": draw.choice(ways), "further": ways[0]}
    request = say(draw, "move_feature", pool, words, {"v": length_param(step)})
    return Edit("move_feature", request, _with_plan(state, plan))


def _as_kind(plan: Plan, index: int, kind: str, places: Mapping[str, float]) -> Plan:
    """The plan with one hole placed otherwise; its diameter stays."""
    use = plan.features[index]
    mine = {use.prefix + local for local in FEATURES[use.kind].measures} - {f"{use.prefix}diameter"}
    values: list[tuple[str, float]] = []
    for name, value in plan.values:
        if name not in mine:
            values.append((name, value))
        if name == f"{use.prefix}diameter":
            values += [(use.prefix + local, place) for local, place in places.items()]
    features = (*plan.features[:index], replace(use, kind=kind), *plan.features[index + 1 :])
    return replace(plan, values=tuple(values), features=features)


def corners(draw: Draw, state: State, draft: Draft, pool: str) -> Edit:
    """Corners rounded or made sharp again, edges chamfered or not: where the family can be both."""
    name = draw.choice([n for n in CORNERS if n in FAMILIES[state.plan.family].measures])
    words = "round" if name == "corner_radius" else "chamfer"
    if name in dict(state.plan.values):
        plan = replace(state.plan, values=tuple((n, v) for n, v in state.plan.values if n != name))
        plan = _with_edges(plan, is_sharp=True)
        return Edit("corners", say(draw, f"un{words}", pool), _with_plan(state, _sound(plan)))
    side = min(draft.spec.size_mm or (20.0,))
    is_vague = draw.chance(0.3)
    if name == "chamfer":
        size = max(0.5, float(round(side / 20))) if is_vague else draw.size(0.5, max(1, min(side / 6, 5)))
    else:
        side = sorted(draft.spec.size_mm or (20.0, 20.0, 20.0))[1]  # of a plate, its shorter side
        size = float(max(1, min(10, round(side / 10)))) if is_vague else draw.size(1, max(1.5, side / 5))
    request = say(draw, f"{words}_vague" if is_vague else words, pool, numbers={"v": length_param(size)})
    plan = replace(state.plan, values=_after_own(state.plan, ((name, size),)))
    plan = _with_edges(plan, is_sharp=False)
    return Edit("corners", request, _with_plan(state, _sound(plan)), is_exact=not is_vague)


def _sound(plan: Plan) -> Plan:
    """The plan, if its family can do without a number or with one more. Raises Infeasible."""
    try:
        assemble(plan)
    except KeyError as error:  # a builder that must have the number reads it
        raise Infeasible(f"{plan.family} needs {error}") from error
    return plan


_EDGES = (("corners", "sharp", "rounded"), ("edge", "sharp", "both_chamfered"))
"""Options that say whether the number of a corner or an edge counts: name, without, with."""


def _with_edges(plan: Plan, *, is_sharp: bool) -> Plan:
    """The options that go with the numbers which a plan has, or has no more."""
    values = dict(plan.values)
    options = dict(plan.options)
    for name, without, with_ in _EDGES:
        number = "corner_radius" if name == "corners" else "chamfer"
        if is_sharp and name in options and number not in values:
            options[name] = without
        elif not is_sharp and options.get(name) == without and number in values:
            options[name] = with_
    return replace(plan, options=tuple(options.items()))


def _after_own(plan: Plan, more: tuple[tuple[str, float], ...]) -> tuple[tuple[str, float], ...]:
    """A plan's values with more of the base's, before its features'."""
    own = FAMILIES[plan.family].measures
    return (
        *((n, v) for n, v in plan.values if n in own),
        *more,
        *((n, v) for n, v in plan.values if n not in own),
    )


_SHELLS = {"block": "open_box"}
"""Families whose solid has an open shell of the same outline in another, beside those that name one themselves."""


def shell_of(plan: Plan) -> Family | None:
    """The family that a plan is once it is hollow; None where there is none."""
    family = FAMILIES[plan.family]
    if plan.features or "wall" in dict(plan.values):
        return None
    return family if "wall" in family.measures else FAMILIES.get(family.hollow or _SHELLS.get(family.name, ""))


def hollow(draw: Draw, state: State, draft: Draft, pool: str) -> Edit:
    """A solid becomes the open shell of the same outline: in its family, or in the one that is its shell."""
    plan = state.plan
    target = shell_of(plan)
    if target is None:
        raise Infeasible("nothing to hollow out")
    if any(n not in target.measures for n, _ in plan.values):
        raise Infeasible("the shell has other measures")
    side = min(draft.spec.size_mm or (20.0,))
    is_vague = draw.chance(0.3)
    wall = 2.0 if is_vague else draw.size(1, max(1.2, min(6, side / 6)))
    request = say(draw, "hollow_vague" if is_vague else "hollow", pool, numbers={"v": length_param(wall)})
    shell = Plan(target.name, (*plan.values, ("wall", wall)), plan.options, (), plan.n_facets)
    before, after = draft.spec, assemble(_sound(shell)).spec
    if before.size_mm != after.size_mm or (before.volume_mm3 or 0) <= (after.volume_mm3 or 0):
        raise Infeasible("the shell is no shell of this")
    return Edit("hollow", request, _with_plan(state, shell), is_exact=not is_vague)


def in_inches(draw: Draw, state: State, draft: Draft, pool: str) -> Edit:
    if state.layout not in (Layout.NAMED, Layout.PLAIN):
        raise Infeasible("no parameters")
    if state.unit is not Unit.INCH and draw.chance(0.7):
        raise Infeasible("mostly who asked in inches wants them")
    return Edit("in_inches", say(draw, "in_inches", pool), replace(state, layout=Layout.INCHES, unit=Unit.INCH))


def meant_inches(draw: Draw, state: State, draft: Draft, pool: str) -> Edit:
    """All lengths were inches: only small numbers can have been."""
    lengths = [p.value for p in draft.params if p.measure.kind == "length"]
    if state.unit is not Unit.MM or not lengths or max(lengths) > 30 or any(v != round(v, 1) for v in lengths):
        raise Infeasible("nobody means inches here")
    plan = scaled(state.plan, draft, INCH_MM)
    return Edit("meant_inches", say(draw, "meant_inches", pool), replace(state, plan=plan, unit=Unit.INCH))


def restyle(draw: Draw, state: State, draft: Draft, pool: str) -> Edit:
    if state.layout is Layout.NAMED and state.plan.features:
        return Edit("restyle", say(draw, "as_modules", pool), replace(state, layout=Layout.MODULES))
    if state.layout not in (Layout.LITERAL, Layout.TERSE):
        raise Infeasible("nothing to rewrite")
    kind = "as_parameters" if state.layout is Layout.LITERAL else "as_names"
    return Edit("restyle", say(draw, kind, pool), replace(state, layout=Layout.NAMED))
