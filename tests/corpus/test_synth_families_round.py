"""Properties of the round, turned and mechanical families: closed forms, words, and what the engine makes of them."""

from __future__ import annotations

import importlib
import math
import random
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.examples import off_spec
from corpus.schema import GeometrySpec
from corpus.synth import geometry, helix
from corpus.synth.assemble import assemble
from corpus.synth.draw import Draw, Infeasible, Unit
from corpus.synth.families import FAMILIES
from corpus.synth.families.turning import Hollow, flipped, height_of, straight, taper, turned
from corpus.synth.generate import draw_plan, structure_of
from corpus.synth.layout import Layout, source_of
from corpus.synth.num import literal, named
from corpus.synth.part import Family, Plan
from corpus.synth.text import tidied
from corpus.synth.words import POOLS
from corpus.validate import compiled_row
from render import CompileJob, CompileResult, compile_many
from render.geometry.mesh import read_stl

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_MODULES = [
    *("assemblies", "balls", "bearings", "caps", "collars", "cups", "fasteners", "gears", "hoses", "knobs", "links"),
    *(
        "mounts",
        "ornaments",
        "pipes",
        "round",
        "screws",
        "shafts",
        "springs",
        "tableware",
        "threads",
        "vases",
        "wheels",
    ),
]


def _round_families() -> dict[str, Family]:
    modules = [importlib.import_module(f"corpus.synth.families.{name}") for name in _MODULES]
    tuples = [getattr(m, name) for m in modules for name in m.__all__ if name.endswith("_FAMILIES")]
    return {family.name: family for families in tuples for family in families}


ROUND = _round_families()


def _plans(family: Family, n: int, *, seed: int = 0, unit: Unit = Unit.MM) -> tuple[list[Plan], int]:
    """`n` plans without features, and how many draws they took."""
    draw = Draw(random.Random(f"{seed}|{family.name}"), unit)
    plans: list[Plan] = []
    for n_draws in range(1, 40 * n):
        try:
            plans.append(draw_plan(draw, family, n_features=0))
        except Infeasible:
            continue
        if len(plans) == n:
            return plans, n_draws
    raise AssertionError(f"{family.name}: {len(plans)} of {n} plans")


def _expected(plan: Plan) -> GeometrySpec:
    """What the plan promises; sound in itself."""
    spec = assemble(plan).spec
    assert spec.size_mm is not None
    assert spec.volume_mm3 is not None
    assert min(spec.size_mm) > 0
    assert 0 < spec.volume_mm3 <= math.prod(spec.size_mm) * 1.001
    return spec


def test_families_are_registered_and_five_are_held_out() -> None:
    assert len(ROUND) >= 80
    assert all(FAMILIES[name] is family for name, family in ROUND.items())
    held_out = {name for name, family in ROUND.items() if family.is_held_out}
    assert held_out == {"torsion_spring", "egg_cup", "hose_barb", "pipe_tee", "spinning_top"}


@pytest.mark.parametrize("name", ROUND)
def test_family_draws_easily_in_many_structures_and_the_same_again(name: str) -> None:
    family = ROUND[name]
    plans, n_draws = _plans(family, 60)
    assert len(plans) / n_draws > 0.3
    assert len({structure_of(p) for p in plans}) >= 6
    assert _plans(family, 60)[0] == plans
    for plan in plans[:10]:
        _expected(plan)
        assert max(map(len, source_of(plan).split("\n"))) <= 120


@pytest.mark.parametrize("name", ROUND)
def test_words_name_only_measures_and_pools_share_no_phrase(name: str) -> None:
    family = ROUND[name]
    assert family.compact is not None
    for pool, nouns, forms in (("taught", 5, 6), ("held_out", 2, 2)):
        assert len(family.nouns[pool]) >= nouns
        assert len(family.compact[pool]) >= forms
    if family.purposes is not None:
        assert len(family.purposes["taught"]) >= 3
        assert all(p.startswith("to ") for pool in POOLS for p in family.purposes[pool])
    for words in (family.nouns, family.compact, family.purposes or {"taught": (), "held_out": ()}):
        assert not set(words["taught"]) & set(words["held_out"])
        for phrase in (p for pool in POOLS for p in words[pool]):
            assert set(re.findall(r"\{(\w+)#?\}", phrase)) <= set(family.measures)
            assert "  " not in phrase
    drawn = {n for plan in _plans(family, 60)[0] for n, _ in plan.values}
    for pool in POOLS:  # every form can be said of some part
        slots = [set(re.findall(r"\{(\w+)#?\}", p)) for p in family.compact[pool]]
        assert all(s <= drawn for s in slots)
    assert drawn <= set(family.measures)


def test_no_noun_is_taught_for_one_family_and_held_out_for_another() -> None:
    taught = {n for family in FAMILIES.values() for n in family.nouns["taught"]}
    held_out = {n for family in ROUND.values() for n in family.nouns["held_out"]}
    assert not taught & held_out


def test_edits_of_numbers_are_sound_or_refused() -> None:
    rng = random.Random(5)
    n_built = 0
    for family in ROUND.values():
        for plan in _plans(family, 6, seed=2)[0]:
            name, _ = rng.choice(plan.values)
            measure = family.measures[name]
            for value in (measure.low, measure.high, rng.uniform(measure.low, measure.high)):
                try:
                    _expected(plan.with_value(name, round(value, 1)))
                except Infeasible:
                    continue
                n_built += 1
    assert n_built > 300


_sizes = st.floats(1, 50).map(lambda x: round(x, 2))


@given(st.lists(st.tuples(_sizes, _sizes, _sizes), min_size=1, max_size=4), st.sampled_from((32, 64, 100)))
@settings(deadline=None, max_examples=60)
def test_turned_volume_is_the_sum_of_frustums_and_the_same_upside_down(
    stack: list[tuple[float, float, float]], n_facets: int
) -> None:
    sections = [taper(literal(a), literal(b), literal(h)) for a, b, h in stack]
    revolve = {"build": "revolve"}
    body = turned(sections, revolve, n_facets)
    profile, z = [(0.0, 0.0)], 0.0
    for a, b, h in stack:
        profile += [(a / 2, z), (b / 2, z + h)]
        z += h
    assert body.volume == pytest.approx(geometry.turned_volume([*profile, (0.0, z)], n_facets))
    over = turned(flipped(sections)[0], revolve, n_facets)
    assert (over.volume, over.size) == (pytest.approx(body.volume), pytest.approx(body.size))


def test_turned_refuses_walls_too_thin_and_insides_of_another_height() -> None:
    outer = (straight(literal(20), literal(10)),)
    with pytest.raises(Infeasible):
        turned(outer, {}, 64, hollow=Hollow((straight(literal(19.8), literal(10)),)))
    with pytest.raises(ValueError, match="an inside of"):
        turned(outer, {}, 64, hollow=Hollow((straight(literal(10), literal(9)),)))
    assert height_of(outer).value == 10


def test_a_stack_that_can_not_overlap_is_refused() -> None:
    waist = [taper(literal(20), literal(8), literal(10)), taper(literal(8), literal(20), literal(10))]
    bulge = [straight(literal(5), literal(4)), *reversed(waist), straight(literal(5), literal(4))]
    with pytest.raises(Infeasible):
        turned(bulge, {"build": "stack"}, 64)
    assert turned(bulge, {"build": "revolve"}, 64).volume > 0


def test_tidied_collects_like_terms() -> None:
    height, chamfer, outer = named("height", 20), named("chamfer", 2), named("outer_diameter", 30)
    assert str(tidied(chamfer + (height - 2 * chamfer))) == "height - chamfer"
    assert str(tidied(outer - 2 * chamfer, 0.5)) == "outer_diameter / 2 - chamfer"
    assert str(tidied(2 * named("radius", 5), 0.5)) == "radius"
    assert str(tidied(-(outer / 2))) == "-outer_diameter / 2"
    assert str(tidied(height + 1 + 1)) == "height + 2"
    assert tidied(outer - 2 * chamfer, 0.5).value == 13
    untidy = (height + 1) * chamfer
    assert tidied(untidy) == untidy


def test_thread_of_no_depth_left_is_a_rod_and_a_chamfer_takes_off() -> None:
    whole = helix.thread_volume(10, 1.5, 20, 64)
    core = geometry.circle_area(10 - 2 * 0.54 * 1.5, 64) * 20
    assert core < whole < geometry.circle_area(10, 64) * 20
    assert helix.thread_volume(10, 1.5, 40, 64) == pytest.approx(2 * whole)
    assert helix.thread_volume(10, 1.5, 20, 64, chamfer=1) < whole
    assert helix.thread_volume(10, 1e-9, 20, 64, chamfer=2) == pytest.approx(
        geometry.circle_area(10, 64) * 18 + geometry.frustum_volume(10, 6, 2), rel=2e-3
    )


def test_coil_volume_tends_to_section_times_arc_length() -> None:
    arc = 5 * math.hypot(2 * math.pi * 10, 4)
    assert helix.coil_volume(3, 10, 4, 5) == pytest.approx(geometry.circle_area(3, helix.N_SIDES) * arc, rel=6e-3)


def _compiled(sources: Sequence[str], data_dir: Path) -> list[CompileResult]:
    return list(compile_many([CompileJob(s) for s in sources], engine_name="wasm", data_dir=data_dir))


def test_every_family_measures_what_it_promises(engine_data_dir: Path) -> None:
    plans = [plan for family in ROUND.values() for plan in _plans(family, 1, seed=3)[0]]
    layouts = [list(Layout)[i % len(Layout)] for i in range(len(plans))]
    results = _compiled(
        [source_of(p, layout=layout) for p, layout in zip(plans, layouts, strict=True)], engine_data_dir
    )
    for plan, result in zip(plans, results, strict=True):
        row, spec = compiled_row("x", result), _expected(plan)
        assert row.is_strict, (plan, row.diagnostics)
        assert off_spec(row, spec) is None, plan
        assert row.volume_mm3 == pytest.approx(spec.volume_mm3, rel=6e-3), plan


def _cut_across(vertices: Floats, faces: Ints, centre: Floats, tangent: Floats) -> Floats:
    """(n, 3) points where the edges of a mesh cross a plane."""
    side = (vertices - centre) @ tangent
    edges = np.concatenate([faces[:, (0, 1)], faces[:, (1, 2)], faces[:, (2, 0)]])
    a, b = edges[:, 0], edges[:, 1]
    is_crossing = (side[a] > 0) != (side[b] > 0)
    a, b = a[is_crossing], b[is_crossing]
    t = side[a] / (side[a] - side[b])
    points: Floats = vertices[a] + t[:, None] * (vertices[b] - vertices[a])
    return points


@pytest.mark.parametrize(("radius", "wire", "pitch"), [(10, 3, 8), (6, 2, 20)])
def test_wire_of_a_helix_is_round_across_its_path(
    radius: float, wire: float, pitch: float, engine_data_dir: Path
) -> None:
    source = f"$fn = 64;\n{helix.SKIN}\n{helix.COIL}\ncoil({radius}, {wire}, {pitch}, 3);"
    (result,) = _compiled([source], engine_data_dir)
    assert result.stl is not None
    mesh = read_stl(result.stl)
    angle = math.radians(360 + 95)  # between two rings
    slope = helix.slope_of(radius, pitch)
    centre = np.array([radius * math.cos(angle), radius * math.sin(angle), pitch * angle / (2 * math.pi)])
    out = np.array([math.cos(angle), math.sin(angle), 0.0])
    along = np.array([-math.sin(angle), math.cos(angle), 0.0]) * math.cos(slope) + np.array([0, 0, math.sin(slope)])
    points = _cut_across(mesh.vertices, mesh.faces, centre, along) - centre
    points = points[np.linalg.norm(points, axis=1) < wire]
    across, up = points @ out, points @ np.cross(along, out)
    width, height = float(np.ptp(across)), float(np.ptp(up))
    assert width == pytest.approx(wire, rel=0.02)
    assert height == pytest.approx(width, rel=0.02)
    # between two rings the chord lies nearer to the axis than the path: distances from the section's own middle
    middle_across, middle_up = (across.max() + across.min()) / 2, (up.max() + up.min()) / 2
    assert np.hypot(across - middle_across, up - middle_up) == pytest.approx(wire / 2, rel=0.025)
