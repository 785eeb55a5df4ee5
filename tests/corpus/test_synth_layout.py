"""Numbers that know how they are written, natural sizes, and the layouts: one part, the same in each."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from corpus.examples import off_spec
from corpus.selection import verdict_problem
from corpus.synth.assemble import assemble, without_feature
from corpus.synth.draw import INCH_MM, Draw, Infeasible, Unit
from corpus.synth.families import FAMILIES
from corpus.synth.generate import draw_plan
from corpus.synth.layout import Layout, source_of
from corpus.synth.num import Num, format_number, literal, named
from corpus.synth.part import Plan
from corpus.validate import CompileTarget, compile_rows

VALUES = {"a": 12.0, "b": 3.5, "c": 0.25}


@st.composite
def expressions(draw: st.DrawFn, depth: int = 3) -> Num:
    if depth == 0 or draw(st.booleans()):
        if draw(st.booleans()):
            return literal(draw(st.sampled_from((0.0, 1.0, 2.0, -1.0, -2.5, 7.0))))
        name = draw(st.sampled_from(sorted(VALUES)))
        return named(name, VALUES[name])
    left = draw(expressions(depth - 1))
    operation = draw(st.sampled_from("+-*/n"))
    if operation == "n":
        return -left
    right = draw(expressions(depth - 1))
    if operation == "/" and abs(right.value) < 1e-3:
        return left
    return {"+": left.__add__, "-": left.__sub__, "*": left.__mul__, "/": left.__truediv__}[operation](right)


@given(expressions())
def test_an_expression_is_worth_what_its_text_says(num: Num) -> None:
    text = str(num)
    assume(not re.search(r"\.\d{4}", text))  # four decimals are as many as are written
    assert eval(text, {"__builtins__": {}}, dict(VALUES)) == pytest.approx(num.value, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(
    ("num", "text"),
    [
        (named("w", 40.0) / 2 - 3, "w / 2 - 3"),
        (named("w", 40.0) - (named("t", 2.0) + 1), "w - (t + 1)"),
        (named("w", 40.0) + -named("t", 2.0), "w - t"),
        ((named("w", 40.0) - 2) / 2, "(w - 2) / 2"),
        (2 * named("w", 40.0) + 0, "2 * w"),
        (literal(40) / 2 - literal(3), "17"),
        (-(named("w", 40.0) - 2), "-(w - 2)"),
        (named("w", 40.0) / (named("a", 4.0) * 2), "w / (a * 2)"),
        (named("w", 40.0) * literal(-2), "w * (-2)"),
    ],
)
def test_an_expression_is_written_as_people_do(num: Num, text: str) -> None:
    assert str(num) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(60.0, "60"), (2.5, "2.5"), (3.175, "3.175"), (1 / 3, "0.3333"), (-0.0, "0"), (-1e-5, "0"), (100.0, "100")],
)
def test_a_number_has_no_idle_zeros(value: float, text: str) -> None:
    assert format_number(value) == text


@given(st.sampled_from(list(Unit)), st.floats(0.5, 200), st.floats(0, 200), st.integers(0, 99))
def test_a_drawn_size_is_natural_and_within_its_bounds(unit: Unit, low: float, more: float, seed: int) -> None:
    try:
        size = Draw(random.Random(seed), unit).size(low, low + more)
    except Infeasible:
        return
    assert low - 1e-3 <= size <= low + more + 1e-3
    grid = INCH_MM / 16 if unit is Unit.INCH else 1.0 if unit is Unit.CM else 0.1
    assert abs(size / grid - round(size / grid)) < 1e-3


@given(st.integers(-200, 200), st.integers(-10, 90), st.integers(0, 99))
def test_a_drawn_angle_or_count_is_whole_and_within_its_bounds(low: int, more: int, seed: int) -> None:
    draw = Draw(random.Random(seed))
    for drawn in (draw.angle, draw.count):
        try:
            value = drawn(low, low + more)
        except Infeasible:
            assert more < 0
            continue
        assert value == int(value)
        assert low <= value <= low + more


def plans(n: int, *, seed: int, n_features: int = 2) -> list[Plan]:
    """Of as many families as there are, each drawn once."""
    found = []
    rng = random.Random(seed)
    names = sorted(FAMILIES)
    while len(found) < n:
        try:
            found.append(draw_plan(Draw(rng), FAMILIES[rng.choice(names)], n_features=n_features))
        except Infeasible:
            continue
    return found


PLANS = plans(60, seed=5)


@pytest.mark.parametrize("layout", list(Layout))
def test_a_source_is_a_pure_function_of_plan_layout_and_order(layout: Layout) -> None:
    for plan in PLANS:
        assert source_of(plan, layout=layout) == source_of(plan, layout=layout)
        source = source_of(plan, layout=layout)
        assert source.endswith("\n")
        assert max(map(len, source.split("\n"))) <= 120


def test_parameters_stand_in_the_order_that_is_asked_for() -> None:
    for plan in PLANS:
        names = [p.name for p in assemble(plan).params]
        order = tuple(names[::-1])
        for layout in (Layout.NAMED, Layout.PLAIN, Layout.MODULES):
            source = source_of(plan, layout=layout, order=order)
            assert re.findall(r"(?m)^(\w+) = [-\d.]+;", source)[: len(order)] == list(order)


def test_named_parameters_have_a_range_that_holds_their_value_and_plain_ones_none() -> None:
    for plan in PLANS:
        for name, value in plan.values:
            (line,) = re.findall(rf"(?m)^{name} = .*$", source_of(plan, layout=Layout.NAMED))
            low, high = map(float, re.fullmatch(r".*; // \[(-?[\d.]+):(-?[\d.]+)\]", line).groups())  # type: ignore[union-attr]
            assert low - 1e-4 <= value <= high + 1e-4
        assert "// [" not in source_of(plan, layout=Layout.PLAIN)


def test_bare_numbers_leave_no_parameter() -> None:
    for plan in PLANS:
        names = {name for name, _ in plan.values}
        source = source_of(plan, layout=Layout.LITERAL)
        assert not re.search(r"(?m)^(?!\$fn)\w+ = [\d.]+;$", source)
        assert not names & set(re.findall(r"(?m)^(\w+) =", source))


def test_parameters_in_inches_are_the_values_in_inches() -> None:
    for plan in PLANS:
        lengths = {p.name: p.value for p in assemble(plan).params if p.measure.kind == "length"}
        source = source_of(plan, layout=Layout.INCHES)
        assert "inch = 25.4;" in source
        found = dict(re.findall(r"(?m)^(\w+) = (-?[\d.]+) \* inch;", source))
        assert found.keys() == lengths.keys()
        assert all(float(found[name]) * INCH_MM == pytest.approx(value, abs=2e-3) for name, value in lengths.items())


def short_names(plan: Plan) -> dict[str, str]:
    """Parameter -> what the terse layout calls it, by place."""
    source = source_of(plan, layout=Layout.TERSE)
    short: list[str] = re.findall(r"(?m)^(\w+)=", source)
    return dict(zip([p.name for p in assemble(plan).params], short, strict=False))


def test_terse_names_are_all_different_and_do_not_change_with_a_feature() -> None:
    n_compared = 0
    for plan in PLANS:
        short = short_names(plan)
        assert len(set(short.values())) == len(short)
        assert all(len(new) <= len(name) for name, new in short.items())
        if plan.features:
            assert short_names(without_feature(plan, len(plan.features) - 1)).items() <= short.items()
            n_compared += 1
    assert n_compared > 20


def test_every_layout_is_the_same_sound_part(engine_data_dir: Path) -> None:
    found = plans(14, seed=9)
    sources = [(plan, layout, source_of(plan, layout=layout)) for plan in found for layout in Layout]
    targets = [CompileTarget(str(i), source) for i, (*_, source) in enumerate(sources)]
    for (plan, layout, source), row in zip(sources, compile_rows(targets, data_dir=engine_data_dir), strict=True):
        assert verdict_problem(row) is None, (layout, source)
        assert off_spec(row, assemble(plan).spec, is_in_order=True) is None, (layout, source)
