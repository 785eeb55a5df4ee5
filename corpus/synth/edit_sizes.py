"""Changes of numbers: a size set anew, changed by, scaled; counts; places. What a vague request means is fixed here."""

from __future__ import annotations

import re
from dataclasses import replace

from corpus.synth.assemble import assemble
from corpus.synth.dimensions_said import Dim, counted, own_dims
from corpus.synth.draw import INCH_MM, Draw, Infeasible, Unit
from corpus.synth.edit_terms import Edit, State, Term, feature_name, length_param, say, terms_of, words_of
from corpus.synth.edit_words import COMPARATIVES, FACTORS
from corpus.synth.families import FAMILIES
from corpus.synth.features_said import feature_dims
from corpus.synth.numbers_said import CLEARANCES_MM, number_words
from corpus.synth.part import Draft, Param, Plan
from corpus.synth.words import Measure

__all__ = ["MORE", "change_by", "scale_all", "scale_one", "scaled", "set_count", "set_size", "vague"]

MORE = {"vague": 1.25, "bit": 1.1, "much": 1.5}
"""What a request without a number is taken to ask for."""
_PERCENTS = (10, 20, 25, 30, 50)
_EPSILON_MM = 1e-6


def _choose(draw: Draw, draft: Draft, *, needs_comparative: bool = False, is_angle_ok: bool = False) -> Term:
    """A number of the part; the base's own are chosen three times in four."""
    terms = [t for t in terms_of(draft) if is_angle_ok or t.param.measure.kind == "length"]
    terms = [t for t in terms if t.adjectives or not needs_comparative]
    own = [t for t in terms if t.is_own]
    if not terms:
        raise Infeasible("no length to change")
    return draw.choice(own if own and draw.chance(0.75) else terms)


def _resized(state: State, draft: Draft, term: Term, value: float) -> State:
    """The state with a number set. Raises Infeasible where a word for one side would change two."""
    value = round(value, 4)
    if value <= 0 or value == term.param.value:
        raise Infeasible(f"{term.param.name} = {value:g}")
    plan = state.plan.with_value(term.param.name, value)
    if term.is_plain and term.param.measure.kind == "length":
        before, after = draft.spec.size_mm or (), assemble(plan).spec.size_mm or ()
        if sum(abs(a - b) > _EPSILON_MM for a, b in zip(before, after, strict=True)) > 1:
            raise Infeasible(f"{term.nouns[0]} is more than one side")
    return replace(state, plan=plan)


def set_size(draw: Draw, state: State, draft: Draft, pool: str) -> Edit:
    roll = draw.rng.random()
    if roll < 0.15:
        return _set_two(draw, state, draft, pool)
    if roll < 0.25:
        return _fit_screw(draw, state, draft, pool)
    term = _choose(draw, draft, is_angle_ok=True)
    new = _new_value(draw, term.param)
    numbers = {"v": new, "old": term.param}
    request = say(draw, "set_size", pool, words_of(draw, term), numbers)
    return Edit("set_size", request, _resized(state, draft, term, new.value))


def _new_value(draw: Draw, param: Param) -> Param:
    low = max(param.measure.low, param.value * 0.4)
    high = min(max(param.measure.high, param.value), param.value * 2.5)
    value = draw.angle(low, high) if param.measure.kind == "angle" else draw.size(low, high)
    return replace(param, value=value)


def _set_two(draw: Draw, state: State, draft: Draft, pool: str) -> Edit:
    """Two sides at once."""
    own = [t for t in terms_of(draft) if t.is_own and t.param.measure.kind == "length"]
    if len(own) < 2:
        raise Infeasible("no two sides")
    first, second = draw.rng.sample(own, 2)
    news = [_new_value(draw, first.param), _new_value(draw, second.param)]
    one, other = words_of(draw, first), words_of(draw, second)
    words = {**one, **{f"{name}2": word for name, word in other.items()}}
    request = say(draw, "set_two", pool, words, {"v": news[0], "v2": news[1]})
    state = _resized(state, draft, first, news[0].value)
    return Edit("set_size", request, _resized(state, assemble(state.plan), second, news[1].value))


def _fit_screw(draw: Draw, state: State, draft: Draft, pool: str) -> Edit:
    """A feature's holes for screws of a size: ISO 273's clearance hole."""
    found = [(i, p) for i in range(len(draft.mentions)) for p in draft.params if _is_own_screw(draft, i, p)]
    if not found:
        raise Infeasible("no screws")
    index, param = draw.choice(found)
    sizes = [(d, m) for d, m in CLEARANCES_MM.items() if 0.5 * param.value <= d <= 2 * param.value and d != param.value]
    if not sizes:
        raise Infeasible(f"no screw near {param.value:g} mm")
    diameter, screw = draw.choice(sizes)
    request = say(draw, "fit_screw", pool, {**feature_name(draw, draft, index), "screw": screw})
    return Edit("set_size", request, replace(state, plan=state.plan.with_value(param.name, diameter)))


def _is_own_screw(draft: Draft, index: int, param: Param) -> bool:
    use = draft.mentions[index].use
    return param.measure.is_screw and param.value <= 14 and param.name == f"{use.prefix}diameter"


def change_by(draw: Draw, state: State, draft: Draft, pool: str) -> Edit:
    term = _choose(draw, draft)
    old = term.param.value
    delta = draw.size(max(0.5, old * 0.05), max(1.0, old * 0.6))
    if draw.unit is Unit.MM and delta > 3 and delta % 0.5:
        raise Infeasible("nobody asks for 7.1 mm more")
    is_more = draw.chance(0.6)
    request = say(
        draw, "change_by" if is_more else "change_by_less", pool, words_of(draw, term), {"v": length_param(delta)}
    )
    return Edit("change_by", request, _resized(state, draft, term, old + (delta if is_more else -delta)))


def scale_one(draw: Draw, state: State, draft: Draft, pool: str) -> Edit:
    term = _choose(draw, draft)
    words = words_of(draw, term)
    if draw.chance(0.4):
        percent, is_more = draw.choice(_PERCENTS), draw.chance(0.6)
        kind = "percent_one" if is_more else "percent_one_less"
        request = say(draw, kind, pool, {**words, "percent": str(percent)})
        factor = 1 + (percent if is_more else -percent) / 100
    else:
        factor = draw.choice((2.0, 2.0, 0.5, 0.5, 1.5, 3.0))
        request = say(draw, "scale_one", pool, {**words, "times": draw.choice(FACTORS[factor])})
    return Edit("scale_one", request, _resized(state, draft, term, term.param.value * factor))


def vague(draw: Draw, state: State, draft: Draft, pool: str) -> Edit:
    term = _choose(draw, draft, needs_comparative=True)
    words = words_of(draw, term)
    kind = draw.choice(("vague_more", "vague_more", "vague_less", "bit_more", "bit_less", "much_more", "much_less"))
    request = say(draw, kind, pool, words)
    said = words["more"] if kind.endswith("more") else words["less"]
    if said in {
        w for t in terms_of(draft) if t.param is not term.param for a in t.adjectives for w in COMPARATIVES.get(a, ())
    }:
        raise Infeasible(f"{said} may mean two things")
    factor = MORE[kind.split("_")[0]]
    old = term.param.value
    value = _on_grid(draw.unit, old * factor if kind.endswith("more") else old / factor)
    return Edit("vague", request, _resized(state, draft, term, value), is_exact=False)


def _on_grid(unit: Unit, value: float) -> float:
    grid = INCH_MM / 16 if unit is Unit.INCH else 1.0 if value >= 10 else 0.1
    return round(value / grid) * grid


def scale_all(draw: Draw, state: State, draft: Draft, pool: str) -> Edit:
    if draw.chance(0.4):
        factor = draw.choice((2.0, 0.5, 1.5, 3.0))
        request = say(draw, "scale_all_times", pool, {"times": draw.choice(FACTORS[factor])})
    else:
        percent, is_more = draw.choice(_PERCENTS), draw.chance(0.6)
        factor = 1 + (percent if is_more else -percent) / 100
        request = say(draw, "scale_all" if is_more else "scale_all_less", pool, {"percent": str(percent)})
    return Edit("scale_all", request, replace(state, plan=scaled(state.plan, draft, factor)))


def scaled(plan: Plan, draft: Draft, factor: float) -> Plan:
    """Every length times a factor. Raises Infeasible where that is not the part scaled: it has lengths of its own."""
    lengths = {p.name for p in draft.params if p.measure.kind not in ("count", "angle")}
    values = tuple((n, round(v * factor, 4) if n in lengths else v) for n, v in plan.values)
    larger = replace(plan, values=values)
    before, after = draft.spec, assemble(larger).spec
    for old, new in zip(before.size_mm or (), after.size_mm or (), strict=True):
        if abs(new - old * factor) > 0.005 * old * factor + 0.01:
            raise Infeasible(f"{old:g} mm became {new:g} mm")
    if before.volume_mm3 and after.volume_mm3 and abs(after.volume_mm3 / before.volume_mm3 / factor**3 - 1) > 0.01:
        raise Infeasible("not to scale")
    return larger


def set_count(draw: Draw, state: State, draft: Draft, pool: str) -> Edit:
    dims = own_dims(draft, FAMILIES[state.plan.family])
    dims += [dim for i in range(len(draft.mentions)) for dim in feature_dims(draft, i)]
    counts = [dim for dim in dims if dim.kind == "count"]
    if not counts:
        raise Infeasible("nothing to count")
    dim = draw.choice(counts)
    things = counted(dim)
    measure = next(p.measure for p in draft.params if p.name == dim.names[0])
    if things is None:
        return _set_number(draw, state, dim, measure, pool)
    if sum(counted(other) == things for other in dims) > 1 or dim.value != int(dim.value):
        raise Infeasible(f"{things!r} may mean two things")
    if draw.chance(0.3):
        extra = draw.count(1, 3)
        words = {"c": _count(draw, extra), "things": things_of(things, extra)}
        request = say(draw, "one_more" if extra == 1 else "more_count", pool, words)
        value = dim.value + extra
    else:
        value = draw.count(max(1, int(measure.low)), int(min(measure.high, max(8, dim.value * 2))))
        words = {"c": _count(draw, value), "old_c": _count(draw, dim.value), "things": things_of(things, value)}
        request = say(draw, "set_count", pool, words)
    if value > measure.high:
        raise Infeasible(f"too many {things}")
    return Edit("set_count", request, replace(state, plan=state.plan.with_value(dim.names[0], value)))


def _set_number(draw: Draw, state: State, dim: Dim, measure: Measure, pool: str) -> Edit:
    """A number that counts nothing: the one that is written on the part."""
    value = draw.count(int(measure.low), int(measure.high))
    request = say(draw, "set_number", pool, {"n": dim.nouns[0], "c": str(int(value)), "old_c": str(int(dim.value))})
    return Edit("set_count", request, replace(state, plan=state.plan.with_value(dim.names[0], value)))


_HEAD = re.compile(r"^(.+?)( (?:in|of|along|across|up|on|at|per|around)\b.*)?$")


def things_of(things: str, n: float) -> str:
    """`screw holes in each arm`, or of one `screw hole in each arm`."""
    head, rest = _HEAD.fullmatch(things).groups()  # type: ignore[union-attr]
    return (singular(head) if n == 1 else head) + (rest or "")


def singular(noun: str) -> str:
    for plural, single in (("teeth", "tooth"), ("feet", "foot"), ("batteries", "battery"), ("shelves", "shelf")):
        if noun.endswith(plural):
            return noun.removesuffix(plural) + single
    return noun.removesuffix("es" if noun.endswith(("ches", "shes", "sses", "xes")) else "s")


def _count(draw: Draw, value: float) -> str:
    word = number_words(value) if value <= 12 else None
    return word if word and draw.chance(0.5) else str(int(value))
