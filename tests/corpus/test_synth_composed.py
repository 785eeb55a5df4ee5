"""Compositions of the generator: outlines, operations, their names, and what the real engine makes of each family."""

from __future__ import annotations

import math
import random
import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.synth import geometry
from corpus.synth.assemble import assemble
from corpus.synth.draw import Draw, Infeasible, Unit
from corpus.synth.families import FAMILIES
from corpus.synth.families.composed import COMPOSED_FAMILIES, PROFILES
from corpus.synth.generate import draw_plan, structure_of
from corpus.synth.layout import Layout, source_of
from corpus.synth.num import literal, named
from corpus.synth.outlines import Outline, arc, area, bounds, inset, is_convex, rounded, turned_bounds
from corpus.synth.part import Family, Plan
from render import Engine, Status, compile_scad

NAMES = sorted(f.name for f in COMPOSED_FAMILIES)
SLOT = re.compile(r"\{(\w+)#?\}")
SQUARE = Outline("square(10);", ((0, 0), (10, 0), (10, 10), (0, 10)))
ELL = Outline("polygon();", ((0, 0), (30, 0), (30, 10), (10, 10), (10, 20), (0, 20)))


def plans_of(family: Family, n: int, *, seed: int = 3, n_features: int = 1) -> list[Plan]:
    rng = random.Random(seed)
    plans: list[Plan] = []
    for i in range(n * 20):
        if len(plans) == n:
            break
        unit = (Unit.MM, Unit.MM, Unit.INCH)[i % 3]
        try:
            plans.append(draw_plan(Draw(rng, unit), family, n_features=n_features * (i % 2)))
        except Infeasible:
            continue
    assert len(plans) == n, family.name
    return plans


def rectangle_plan(operation: str, **values: float) -> Plan:
    options = {
        "corners": "sharp",
        "edge": "sharp",
        "shell": "cut",
        "stand": "bed",
        "upper": "whole",
        "written": "inline",
    }
    sides = {"width": 40.0, "depth": 30.0, **values}
    return Plan(f"rectangle_{operation}", tuple(sides.items()), tuple(options.items()))


# outlines


def test_area_and_bounds_of_a_rounded_square() -> None:
    r = rounded(SQUARE, literal(2))
    assert area(r, 64) == pytest.approx(100 - 16 + geometry.circle_area(4))
    assert bounds(r) == pytest.approx((0, 0, 10, 10))
    with pytest.raises(Infeasible):
        rounded(SQUARE, literal(4.5))


def test_an_inset_of_an_L_is_an_L() -> None:
    inner = inset(ELL, literal(2))
    assert geometry.polygon_area(inner.points) == pytest.approx(26 * 16 - 20 * 10)
    assert bounds(inner) == pytest.approx((2, 2, 28, 18))
    with pytest.raises(Infeasible):
        inset(ELL, literal(5))  # the arms are 10 mm wide


def test_an_inset_keeps_its_distance_though_edges_vanish() -> None:
    half_disc = Outline("", tuple(arc(40, 64, 0, 180)))
    inner = inset(half_disc, literal(3))
    assert is_convex(inner)
    assert bounds(inner)[1] == pytest.approx(3)
    assert all(math.hypot(x, y) <= 17.05 for x, y in inner.points)
    # a half disc of 17 mm less the strip of 3 mm along its straight side, by circles
    assert geometry.polygon_area(inner.points) == pytest.approx(
        math.pi * 17**2 / 2 - 2 * geometry.strip_area(34, 6) / 2, rel=0.01
    )


@given(st.floats(0, 360), st.floats(0.2, 3))
def test_turned_bounds_hold_every_corner(angle: float, radius: float) -> None:
    square = Outline("", ((-5, -5), (5, -5), (5, 5), (-5, 5)))
    x0, y0, x1, y1 = turned_bounds(square, (angle,))
    reach = math.sqrt(50) * max(abs(math.cos(math.radians(angle + d))) for d in (45, 135))
    assert (x1 - x0) / 2 == pytest.approx(reach)
    assert (y1 - y0) / 2 == pytest.approx(reach)
    a0, _, a1, _ = turned_bounds(rounded(square, literal(radius)), (angle,))
    assert a1 - a0 <= x1 - x0 + 1e-9
    assert a1 - a0 >= 10 - 1e-9


def _is_inside(points: tuple[tuple[float, float], ...], x: float, y: float) -> bool:
    """By the even-odd rule."""
    crossings = [
        (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1
        for (x1, y1), (x2, y2) in pairwise([*points, points[0]])
    ]
    return sum(crossings) % 2 == 1


@pytest.mark.parametrize("name", sorted(PROFILES))
def test_the_free_places_of_a_profile_lie_within_it(name: str) -> None:
    profile, rng = PROFILES[name], random.Random(5)
    n_built = 0
    for _ in range(40):
        try:
            values, options = profile.draw(Draw(rng), 20, 100)
            outline = profile.build({n: named(n, v) for n, v in values.items()}, options, 64)
        except Infeasible:
            continue
        n_built += 1
        assert geometry.polygon_area(outline.points) > 0
        for spot in outline.spots:
            w, d = spot.width.value / 2 * 0.995, spot.depth.value / 2 * 0.995
            cut = spot.corner_radius * (1 - math.sqrt(0.5))
            for k in range(16):
                turn = 2 * math.pi * k / 16
                if spot.is_round:
                    x, y = w * math.cos(turn), w * math.sin(turn)
                else:
                    x, y = ((w - cut) if k & 1 else -(w - cut)), ((d - cut) if k & 2 else -(d - cut))
                assert _is_inside(outline.points, spot.x.value + x, spot.y.value + y), (name, values)
    assert n_built > 12


# operations, by hand


def test_closed_forms_by_hand() -> None:
    box = assemble(rectangle_plan("tube", height=20.0, wall=2.0)).spec
    assert (box.size_mm, box.volume_mm3, box.genus) == ((40, 30, 20), pytest.approx((40 * 30 - 36 * 26) * 20), 1)
    taper = assemble(rectangle_plan("taper", top_width=20.0, height=12.0)).spec
    assert taper.volume_mm3 == pytest.approx(12 / 3 * (1200 + 600 + 300))
    step = assemble(rectangle_plan("step", base_height=5.0, step_height=4.0, step_inset=3.0)).spec
    assert (step.size_mm, step.volume_mm3) == ((40, 30, 9), pytest.approx(1200 * 5 + 34 * 24 * 4))
    ring = assemble(rectangle_plan("ring", inner_diameter=60.0)).spec
    assert ring.size_mm == pytest.approx((140, 140, 30))
    assert ring.volume_mm3 == pytest.approx((geometry.circle_area(140) - geometry.circle_area(60)) * 30)
    twist = assemble(rectangle_plan("twist", height=50.0, twist=90.0)).spec
    assert twist.size_mm == pytest.approx((50, 50, 50), rel=1e-3)  # a diagonal of 50 on the way
    assert twist.volume_mm3 == pytest.approx(60000)


def test_a_chamfer_takes_off_what_a_prismatoid_says() -> None:
    plain = Plan(
        "octagon_plate",
        (("across_flats", 40.0), ("thickness", 8.0)),
        (("corners", "sharp"), ("build", "extrude"), ("edge", "sharp")),
    )
    cut = Plan("octagon_plate", (*plain.values, ("chamfer", 2.0)), (*plain.options[:2], ("edge", "chamfered")))
    whole, less = assemble(plain).spec.volume_mm3, assemble(cut).spec.volume_mm3
    assert whole is not None
    assert less is not None
    top, bottom = (8 * math.tan(math.pi / 8) / 4 * flats**2 for flats in (36, 40))
    slope = 2 / 3 * (top + bottom + math.sqrt(top * bottom))
    assert whole - less == pytest.approx(2 * (2 * bottom - slope))


def test_only_one_of_two_places_on_a_level_takes_what_stands_out() -> None:
    plan = Plan(
        "ell_plate",
        (("width", 50.0), ("depth", 50.0), ("arm_width", 15.0), ("thickness", 4.0)),
        (("corners", "sharp"), ("outline", "polygon"), ("edge", "sharp")),
    )
    faces = assemble(plan).body.faces
    assert [f.name for f in faces] == ["foot", "leg"]
    assert [f.rise_limit for f in faces] == [None, 0.0]


# families


def test_there_are_many_and_together_they_weigh_as_said() -> None:
    assert len(COMPOSED_FAMILIES) >= 60
    assert len(set(NAMES)) == len(COMPOSED_FAMILIES)
    assert sum(f.weight for f in COMPOSED_FAMILIES) == pytest.approx(60, abs=5)
    assert all(f.is_composition for f in COMPOSED_FAMILIES)


@pytest.mark.parametrize("name", NAMES)
def test_words_of_a_family(name: str) -> None:
    family = FAMILIES[name]
    for pool, n_nouns, n_forms in (("taught", 5, 6), ("held_out", 2, 2)):
        assert len(set(family.nouns[pool])) >= n_nouns
        assert not any("@" in noun or "  " in noun for noun in family.nouns[pool])
        assert family.compact is not None
        forms = family.compact[pool]
        assert len(set(forms)) >= n_forms
        assert all(set(SLOT.findall(form)) <= set(family.measures) for form in forms)
        assert all(form.count("@N") == 1 for form in forms)
    assert not set(family.nouns["taught"]) & set(family.nouns["held_out"])


@pytest.mark.parametrize("name", NAMES)
def test_a_family_has_several_structures_and_a_short_form_for_most(name: str) -> None:
    family = FAMILIES[name]
    plans = plans_of(family, 60, n_features=0)
    assert len({structure_of(plan) for plan in plans}) >= 6
    forms = (family.compact or {})["taught"]
    fitting = [plan for plan in plans if any(set(SLOT.findall(form)) <= {n for n, _ in plan.values} for form in forms)]
    assert len(fitting) >= 0.9 * len(plans)
    assert plans == plans_of(family, 60, n_features=0)


def test_what_hollow_leads_to_has_the_measures_of_the_solid() -> None:
    leading = [f for f in COMPOSED_FAMILIES if f.hollow]
    assert leading
    for family in leading:
        shell = FAMILIES[family.hollow or ""]
        assert {"wall", "floor"} <= set(shell.measures)
        assert set(family.measures) - {"chamfer", "top_chamfer"} <= set(shell.measures)


@pytest.mark.parametrize("name", NAMES)
def test_the_engine_makes_what_the_closed_form_says(name: str, engine: Engine) -> None:
    layouts = (Layout.NAMED, Layout.LITERAL)
    for plan, layout in zip(plans_of(FAMILIES[name], 2, seed=11), layouts, strict=True):
        scad = source_of(plan, layout=layout)
        assert max(map(len, scad.split("\n"))) <= 120
        result = compile_scad(scad, engine=engine, timeout_seconds=30)
        assert result.status is Status.OK, (scad, result.diagnostics)
        assert result.is_strict, scad
        spec, stats = assemble(plan).spec, result.stats
        assert stats is not None
        assert stats.size_mm == pytest.approx(spec.size_mm, rel=3e-3, abs=0.02), scad
        assert (stats.n_components, stats.genus) == (1, spec.genus), scad
        if spec.volume_mm3 is not None:
            assert stats.volume_mm3 == pytest.approx(spec.volume_mm3, rel=5e-3), scad
