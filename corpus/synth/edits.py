"""Changes of a part: a plan, a request, and the plan that answers it.

An edit changes what it names and nothing else: the new plan is the old one with one number, feature or choice
replaced, so its expected geometry is known in closed form as the first one's was. What a vague request means is
fixed: taller is a quarter more, a bit taller a tenth, much taller a half. Covers single edits; conversations are
`corpus.synth.chains`'.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from corpus.synth.assemble import assemble, without_feature
from corpus.synth.draw import INCH_MM, Draw, Infeasible, Unit
from corpus.synth.edit_words import COMPARATIVES, EDIT_WORDS, FACTORS
from corpus.synth.families import FAMILIES
from corpus.synth.features import FEATURES
from corpus.synth.features_said import feature_text
from corpus.synth.generate import add_feature, suiting_features
from corpus.synth.layout import Layout
from corpus.synth.numbers_said import SLOT, draw_speech, fit_articles, say_slots
from corpus.synth.part import Draft, Param, Plan
from corpus.synth.words import Measure

__all__ = ["EDIT_KINDS", "MORE", "Edit", "State", "draw_edit"]

MORE = {"vague": 1.25, "bit": 1.1, "much": 1.5}
"""What a request without a number is taken to ask for."""
_PERCENTS = (10, 20, 25, 30, 50)
_LENGTH = Measure(("length",))


@dataclass(frozen=True)
class State:
    """A part as it stands in a conversation."""

    plan: Plan
    layout: Layout
    order: tuple[str, ...]
    unit: Unit


@dataclass(frozen=True)
class Edit:
    kind: str
    request: str
    state: State
    """Afterwards."""
    is_exact: bool = True
    """False where the request leaves the number open: then only its direction can be held against an answer."""


def draw_edit(draw: Draw, state: State, kind: str, pool: str) -> Edit:
    """An edit of a kind. Raises Infeasible where the part has nothing to change so, or the result is no sound part."""
    edit = _KINDS[kind](draw, state, assemble(state.plan), pool)
    after = assemble(edit.state.plan)
    if edit.state.plan == state.plan and edit.state.layout is state.layout:
        raise Infeasible(f"{kind}: nothing changes")
    size = after.spec.size_mm
    if size is not None and not (min(size) >= 0.3 and max(size) <= 800):
        raise Infeasible(f"{kind}: {size} mm")
    return edit


def _say(
    draw: Draw,
    kind: str,
    pool: str,
    words: Mapping[str, str] = MappingProxyType({}),
    numbers: Mapping[str, Param] = MappingProxyType({}),
) -> str:
    """A template of the kind whose slots are all known, filled; what is not a word is a number with its unit."""
    known = set(numbers) | {name for name, word in words.items() if word}
    fitting = [t for t in EDIT_WORDS[kind][pool] if {name for name, _ in SLOT.findall(t)} <= known]
    if not fitting:
        raise Infeasible(f"{kind}: no words")
    text = draw.choice(fitting)
    for slot, word in words.items():
        text = text.replace("{" + slot + "}", word)
    speech = draw_speech(draw.rng, draw.unit, is_british=draw.chance(0.25))
    return fit_articles(say_slots(draw.rng, text, numbers, speech))


def _length(value: float) -> Param:
    """A length to be said that is no parameter: a step, a difference."""
    return Param("", value, _LENGTH)


def _lengths(draft: Draft) -> list[Param]:
    return [p for p in draft.params if p.measure.kind == "length"]


def _choose_length(draw: Draw, draft: Draft, *, needs_adjective: bool = False) -> tuple[Param, dict[str, str]]:
    """A length of the part and how it is named; the base's own are chosen three times in four."""
    family = FAMILIES[draft.plan.family]
    lengths = [p for p in _lengths(draft) if p.measure.adjectives or not needs_adjective]
    own = [p for p in lengths if p.name in family.measures]
    if not lengths:
        raise Infeasible("no length to change")
    param = draw.choice(own if own and draw.chance(0.75) else lengths)
    noun = draw.choice(param.measure.nouns)
    adjective = draw.choice(param.measure.adjectives) if param.measure.adjectives else ""
    more, less = COMPARATIVES.get(adjective, ("", ""))
    return param, {"n": noun, "a": adjective, "more": more, "less": less}


def _with(state: State, name: str, value: float) -> State:
    return replace(state, plan=state.plan.with_value(name, round(value, 4)))


def _set_size(draw: Draw, state: State, draft: Draft, pool: str) -> Edit:
    param, words = _choose_length(draw, draft)
    low, high = max(param.measure.low, param.value * 0.4), min(max(param.measure.high, param.value), param.value * 2.5)
    value = draw.size(low, high)
    if value == param.value:
        raise Infeasible("the same size")
    request = _say(draw, "set_size", pool, words, {"v": replace(param, value=value), "old": param})
    return Edit("set_size", request, _with(state, param.name, value))


def _change_by(draw: Draw, state: State, draft: Draft, pool: str) -> Edit:
    param, words = _choose_length(draw, draft)
    delta = draw.size(max(0.5, param.value * 0.05), max(1.0, param.value * 0.6))
    is_more = draw.chance(0.6)
    kind = "change_by" if is_more else "change_by_less"
    value = param.value + (delta if is_more else -delta)
    if value <= 0:
        raise Infeasible("nothing left")
    request = _say(draw, kind, pool, words, {"v": _length(delta)})
    return Edit("change_by", request, _with(state, param.name, value))


def _scale_one(draw: Draw, state: State, draft: Draft, pool: str) -> Edit:
    param, words = _choose_length(draw, draft)
    if draw.chance(0.35):
        percent = draw.choice(_PERCENTS)
        request = _say(draw, "percent_one", pool, {**words, "percent": str(percent)})
        return Edit("scale_one", request, _with(state, param.name, param.value * (1 + percent / 100)))
    factor = draw.choice((2.0, 2.0, 0.5, 0.5, 1.5, 3.0))
    request = _say(draw, "scale_one", pool, {**words, "times": draw.choice(FACTORS[factor])})
    return Edit("scale_one", request, _with(state, param.name, param.value * factor))


def _vague(draw: Draw, state: State, draft: Draft, pool: str) -> Edit:
    param, words = _choose_length(draw, draft, needs_adjective=True)
    family = FAMILIES[draft.plan.family]
    rivals = [a for p in _lengths(draft) if p.name in family.measures and p is not param for a in p.measure.adjectives]
    if any(set(COMPARATIVES.get(a, ())) & {words["more"], words["less"]} for a in rivals):
        raise Infeasible("shorter may mean two things")
    kind = draw.choice(("vague_more", "vague_more", "vague_less", "bit_more", "bit_less", "much_more"))
    factor = MORE[kind.split("_")[0]]
    value = param.value * factor if kind.endswith("more") else param.value / factor
    request = _say(draw, kind, pool, words)
    grid = 1.0 if value >= 10 else 0.1
    return Edit("vague", request, _with(state, param.name, round(round(value / grid) * grid, 4)), is_exact=False)


def _scale_all(draw: Draw, state: State, draft: Draft, pool: str) -> Edit:
    if draw.chance(0.4):
        factor = draw.choice((2.0, 0.5, 1.5, 3.0))
        request = _say(draw, "scale_all_times", pool, {"times": draw.choice(FACTORS[factor])})
    else:
        percent = draw.choice(_PERCENTS)
        is_more = draw.chance(0.6)
        factor = 1 + percent / 100 if is_more else 1 - percent / 100
        request = _say(draw, "scale_all" if is_more else "scale_all_less", pool, {"percent": str(percent)})
    return Edit("scale_all", request, replace(state, plan=_scaled(state.plan, draft, factor)))


def _scaled(plan: Plan, draft: Draft, factor: float) -> Plan:
    lengths = {p.name for p in _lengths(draft)}
    values = tuple((n, round(v * factor, 4) if n in lengths else v) for n, v in plan.values)
    return replace(plan, values=values)


def _set_count(draw: Draw, state: State, draft: Draft, pool: str) -> Edit:
    counts = [p for p in draft.params if p.measure.kind == "count"]
    if not counts:
        raise Infeasible("nothing to count")
    param = draw.choice(counts)
    things = param.measure.nouns[0].removeprefix("number of ")
    if things == param.measure.nouns[0]:
        raise Infeasible(f"{things!r} does not say what is counted")
    if draw.chance(0.3):
        extra = draw.count(1, 3)
        request = _say(draw, "more_count", pool, {"c": _count(draw, extra), "things": things})
        return Edit("set_count", request, _with(state, param.name, param.value + extra))
    value = draw.count(int(param.measure.low), int(min(param.measure.high, max(8, param.value * 2))))
    request = _say(
        draw, "set_count", pool, {"c": _count(draw, value), "old_c": _count(draw, param.value), "things": things}
    )
    return Edit("set_count", request, _with(state, param.name, value))


_COUNT_WORDS = (
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)


def _count(draw: Draw, value: float) -> str:
    n = int(value)
    return _COUNT_WORDS[n] if n < len(_COUNT_WORDS) and draw.chance(0.5) else str(n)


def _add_feature(draw: Draw, state: State, draft: Draft, pool: str) -> Edit:
    plan = _drawn_feature(draw, state.plan, draft)
    after = assemble(plan)
    request, order = _say_feature(draw, "add_feature", pool, after)
    return Edit("add_feature", request, replace(state, plan=plan, order=(*state.order, *order)))


def _say_feature(
    draw: Draw, kind: str, pool: str, after: Draft, words: Mapping[str, str] = MappingProxyType({})
) -> tuple[str, tuple[str, ...]]:
    """(request, the last feature's parameters in the order it names them)."""
    phrase = feature_text(draw.rng, after, len(after.mentions) - 1, pool=pool)
    order = tuple(dict.fromkeys(name for names, _ in SLOT.findall(phrase) for name in names.split("+")))
    numbers = {p.name: p for p in after.params}
    return _say(draw, kind, pool, {**words, "phrase": phrase}, numbers), order


def _drawn_feature(draw: Draw, plan: Plan, draft: Draft) -> Plan:
    if not draft.body.faces or len(plan.features) >= 4:
        raise Infeasible("no room for a feature")
    face = draw.choice(draft.body.faces)
    kinds = suiting_features(plan, face)
    if not kinds:
        raise Infeasible("no feature suits")
    (kind,) = draw.rng.choices(kinds, [FEATURES[k].weight for k in kinds])
    return add_feature(draw, plan, kind, face)


def _remove_feature(draw: Draw, state: State, draft: Draft, pool: str) -> Edit:
    index, label = _choose_feature(draw, draft)
    request = _say(draw, "remove_feature", pool, {"label": label})
    plan = without_feature(state.plan, index)
    kept = dict(plan.values)
    return Edit("remove_feature", request, replace(state, plan=plan, order=tuple(n for n in state.order if n in kept)))


def _replace_feature(draw: Draw, state: State, draft: Draft, pool: str) -> Edit:
    index, label = _choose_feature(draw, draft)
    bare = without_feature(state.plan, index)
    plan = _drawn_feature(draw, bare, assemble(bare))
    if plan.features[-1].kind == state.plan.features[index].kind:
        raise Infeasible("the same feature")
    after = assemble(plan)
    request, order = _say_feature(draw, "replace_feature", pool, after, {"label": label})
    kept = dict(bare.values)
    order = (*(n for n in state.order if n in kept), *order)
    return Edit("replace_feature", request, replace(state, plan=plan, order=order))


def _choose_feature(draw: Draw, draft: Draft) -> tuple[int, str]:
    """A feature that its label alone tells from the others."""
    labels = [m.feature.label for m in draft.mentions]
    unique = [i for i, label in enumerate(labels) if labels.count(label) == 1]
    if not unique:
        raise Infeasible("no feature to name")
    index = draw.choice(unique)
    return index, labels[index]


_WAYS = {"x": ("right", "left"), "y": ("up", "down")}


def _move_feature(draw: Draw, state: State, draft: Draft, pool: str) -> Edit:
    """Along an axis for which the feature has an offset of its own."""
    moves = []
    for i, mention in enumerate(draft.mentions):
        for axis in ("x", "y"):
            name = f"{mention.use.prefix}{axis}"
            if name in dict(state.plan.values):
                moves.append((i, axis, name))
    if not moves:
        raise Infeasible("nothing can be moved")
    index, axis, name = draw.choice(moves)
    label = draft.mentions[index].feature.label
    if [m.feature.label for m in draft.mentions].count(label) > 1:
        raise Infeasible("the label names two features")
    step = draw.size(1, 20)
    is_positive = draw.chance(0.5)
    way = _WAYS[axis][0 if is_positive else 1]
    request = _say(draw, "move_feature", pool, {"label": label, "way": way}, {"v": _length(step)})
    value = state.plan.value(name) + (step if is_positive else -step)
    return Edit("move_feature", request, _with(state, name, value))


def _round_corners(draw: Draw, state: State, draft: Draft, pool: str) -> Edit:
    plan, family = state.plan, FAMILIES[state.plan.family]
    current = plan.option("corners")
    if current not in ("sharp", "rounded") or "corner_radius" not in family.measures:
        raise Infeasible("no corners to round")
    options = tuple(
        (k, ("rounded" if current == "sharp" else "sharp") if k == "corners" else v) for k, v in plan.options
    )
    if current == "rounded":
        values = tuple((n, v) for n, v in plan.values if n != "corner_radius")
        request = _say(draw, "sharp_corners", pool)
        order = tuple(n for n in state.order if n != "corner_radius")
        return Edit("corners", request, replace(state, plan=replace(plan, values=values, options=options), order=order))
    width = min((p.value for p in draft.params if p.name in ("width", "depth", "length")), default=20.0)
    is_vague = draw.chance(0.3)
    radius = draw.size(1, max(1.5, width / 5))
    if is_vague:
        radius = float(max(1, min(10, round(width / 10))))  # a tenth of the shorter side
        request = _say(draw, "round_corners_vague", pool)
    else:
        request = _say(draw, "round_corners", pool, numbers={"v": _length(radius)})
    own = [(n, v) for n, v in plan.values if n in family.measures]
    others = [(n, v) for n, v in plan.values if n not in family.measures]
    values = (*own, ("corner_radius", radius), *others)
    state = replace(state, plan=replace(plan, values=values, options=options), order=(*state.order, "corner_radius"))
    return Edit("corners", request, state, is_exact=not is_vague)


def _hollow(draw: Draw, state: State, draft: Draft, pool: str) -> Edit:
    """A solid prism becomes the open shell of the same profile, where the generator has one."""
    plan = state.plan
    target = FAMILIES.get(FAMILIES[plan.family].hollow or "")
    if target is None or plan.features:
        raise Infeasible("nothing to hollow out")
    size = draft.spec.size_mm or (20.0, 20.0, 20.0)
    is_vague = draw.chance(0.3)
    wall = 2.0 if is_vague else draw.size(1, max(1.2, min(6, min(size) / 6)))
    request = _say(draw, "hollow_vague", pool) if is_vague else _say(draw, "hollow", pool, numbers={"v": _length(wall)})
    kept = tuple((n, v) for n, v in plan.values if n in target.measures)
    if len(kept) != len(plan.values):
        raise Infeasible("the shell has other measures")
    names = [n for n in ("wall", "floor") if n in target.measures]
    options = tuple((k, v) for k, v in plan.options)
    values = (*kept, *((n, wall) for n in names))
    hollow = Plan(target.name, values, options, (), plan.n_facets)
    return Edit("hollow", request, replace(state, plan=hollow, order=(*state.order, *names)), is_exact=not is_vague)


def _in_inches(draw: Draw, state: State, draft: Draft, pool: str) -> Edit:
    if state.unit is not Unit.INCH or state.layout not in (Layout.NAMED, Layout.PLAIN):
        raise Infeasible("not in inches")
    return Edit("in_inches", _say(draw, "in_inches", pool), replace(state, layout=Layout.INCHES))


def _meant_inches(draw: Draw, state: State, draft: Draft, pool: str) -> Edit:
    lengths = [p.value for p in _lengths(draft)]
    if state.unit is not Unit.MM or not lengths or max(lengths) > 25 or any(v != round(v, 1) for v in lengths):
        raise Infeasible("nobody means inches here")
    plan = _scaled(state.plan, draft, INCH_MM)
    return Edit("meant_inches", _say(draw, "meant_inches", pool), replace(state, plan=plan))


def _restyle(draw: Draw, state: State, draft: Draft, pool: str) -> Edit:
    if state.layout in (Layout.LITERAL, Layout.TERSE):
        return Edit("restyle", _say(draw, "as_parameters", pool), replace(state, layout=Layout.NAMED))
    if state.layout in (Layout.NAMED, Layout.PLAIN) and state.plan.features:
        return Edit("restyle", _say(draw, "as_modules", pool), replace(state, layout=Layout.MODULES))
    raise Infeasible("nothing to rewrite")


_KINDS: Mapping[str, Callable[[Draw, State, Draft, str], Edit]] = {
    "set_size": _set_size,
    "change_by": _change_by,
    "scale_one": _scale_one,
    "vague": _vague,
    "scale_all": _scale_all,
    "set_count": _set_count,
    "add_feature": _add_feature,
    "remove_feature": _remove_feature,
    "replace_feature": _replace_feature,
    "move_feature": _move_feature,
    "corners": _round_corners,
    "hollow": _hollow,
    "in_inches": _in_inches,
    "meant_inches": _meant_inches,
    "restyle": _restyle,
}
EDIT_KINDS = tuple(_KINDS)
