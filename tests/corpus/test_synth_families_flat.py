"""Flat, boxy, bracket and household families of the generator: closed forms, structures, words, and the real engine."""

from __future__ import annotations

import functools
import random
import re
from pathlib import Path

import pytest

from corpus.examples import off_spec
from corpus.synth.assemble import assemble
from corpus.synth.draw import Draw, Infeasible, Unit
from corpus.synth.families.basics import BASIC_FAMILIES
from corpus.synth.families.blocks import BLOCK_FAMILIES
from corpus.synth.families.boxes import BOX_FAMILIES
from corpus.synth.families.braces import BRACE_FAMILIES
from corpus.synth.families.brackets import BRACKET_FAMILIES
from corpus.synth.families.cables import CABLE_FAMILIES
from corpus.synth.families.desk import DESK_FAMILIES
from corpus.synth.families.enclosures import ENCLOSURE_FAMILIES
from corpus.synth.families.fittings import FITTING_FAMILIES
from corpus.synth.families.flat import FLAT_FAMILIES
from corpus.synth.families.frames import FRAME_FAMILIES
from corpus.synth.families.garden import GARDEN_FAMILIES
from corpus.synth.families.hooks import HOOK_FAMILIES
from corpus.synth.families.household import HOUSEHOLD_FAMILIES
from corpus.synth.families.pegs import PEG_FAMILIES
from corpus.synth.families.racks import RACK_FAMILIES
from corpus.synth.families.stands import STAND_FAMILIES
from corpus.synth.families.tags import TAG_FAMILIES
from corpus.synth.families.vents import VENT_FAMILIES
from corpus.synth.features import FEATURES
from corpus.synth.generate import draw_plan, structure_of
from corpus.synth.layout import source_of
from corpus.synth.part import Family, Plan
from corpus.validate import compiled_row
from render import CompileJob, compile_many

FAMILIES: tuple[Family, ...] = (
    *BASIC_FAMILIES,
    *BLOCK_FAMILIES,
    *BOX_FAMILIES,
    *BRACE_FAMILIES,
    *BRACKET_FAMILIES,
    *CABLE_FAMILIES,
    *DESK_FAMILIES,
    *ENCLOSURE_FAMILIES,
    *FITTING_FAMILIES,
    *FRAME_FAMILIES,
    *GARDEN_FAMILIES,
    *HOOK_FAMILIES,
    *HOUSEHOLD_FAMILIES,
    *PEG_FAMILIES,
    *RACK_FAMILIES,
    *STAND_FAMILIES,
    *TAG_FAMILIES,
    *VENT_FAMILIES,
)
each_family = pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)


@functools.cache
def _plans(name: str, n: int = 60, n_features: int = 0) -> tuple[tuple[Plan, ...], float]:
    """(plans of a family, share of the draws that made one); the same ones for every test."""
    (family,) = (f for f in FAMILIES if f.name == name)
    rng, plans, n_tries = random.Random(f"{name}|{n_features}"), [], 0
    while len(plans) < n and n_tries < 10 * n:
        n_tries += 1
        unit = rng.choices(list(Unit), (0.8, 0.1, 0.1))[0]
        try:
            plans.append(draw_plan(Draw(rng, unit), family, n_features=n_features))
        except Infeasible:
            continue
    return tuple(plans), len(plans) / n_tries


def test_there_are_46_families_or_more_of_which_five_are_held_out() -> None:
    names = [family.name for family in (*FAMILIES, *FLAT_FAMILIES)]
    assert len(names) == len(set(names)) >= 46
    assert sum(family.is_held_out for family in FAMILIES) == 5


@each_family
def test_a_family_has_six_structures_of_its_own_and_draws_rarely_fail(family: Family) -> None:
    plans, share = _plans(family.name)
    assert len({structure_of(plan) for plan in plans}) >= 6
    assert share > 0.6


@each_family
def test_a_part_fills_some_of_its_bounding_box_and_no_more_than_all(family: Family) -> None:
    for plan in _plans(family.name)[0]:
        body = assemble(plan).body
        width, depth, height = body.size
        assert 0 < body.volume <= width * depth * height * 1.000001


@each_family
def test_a_seed_gives_the_same_plans_and_sources(family: Family) -> None:
    drawn = [draw_plan(Draw(random.Random(3)), family, n_features=1) for _ in range(2)]
    assert drawn[0] == drawn[1]
    assert source_of(drawn[0]) == source_of(drawn[1])


@each_family
def test_every_value_is_a_measure_and_stays_in_its_range(family: Family) -> None:
    for plan in _plans(family.name)[0]:
        for name, value in plan.values:
            assert 0 < value <= family.measures[name].high * 1.5, name


@each_family
def test_words_come_in_two_pools_that_share_nothing_and_name_measures_only(family: Family) -> None:
    assert len(family.nouns["taught"]) >= 5
    assert len(family.nouns["held_out"]) >= 2
    for words in filter(None, (family.nouns, family.compact, family.purposes)):
        assert not set(words["taught"]) & set(words["held_out"])
        assert all((*words["taught"], *words["held_out"]))
    assert family.compact is not None
    assert len(family.compact["taught"]) >= 6
    assert len(family.compact["held_out"]) >= 2
    for phrase in (*family.compact["taught"], *family.compact["held_out"]):
        assert "@N" in phrase
        assert set(re.findall(r"\{(\w+)#?\}", phrase)) <= set(family.measures)


def test_no_noun_is_taught_for_one_family_and_held_out_for_another() -> None:
    families = (*FAMILIES, *FLAT_FAMILIES)
    taught = {noun for family in families for noun in family.nouns["taught"]}
    assert not taught & {noun for family in families for noun in family.nouns["held_out"]}


@each_family
def test_a_parameter_of_a_part_with_faces_begins_like_none_of_a_feature(family: Family) -> None:
    if not any(assemble(plan).body.faces for plan in _plans(family.name)[0]):
        return
    prefixes = tuple(feature.prefix for feature in FEATURES.values())
    assert not [name for name in family.measures if name.startswith(prefixes)]


@each_family
def test_absurd_numbers_are_infeasible_rather_than_a_broken_part(family: Family) -> None:
    """Edits set any number: a part must come out with room for all, or not at all."""
    rng = random.Random(family.name)
    n_refused = 0
    for plan in _plans(family.name)[0][:12]:
        for name, value in plan.values:
            try:
                body = assemble(plan.with_value(name, value * rng.choice((0.02, 40.0)))).body
            except Infeasible:
                n_refused += 1
            else:
                assert min(*body.size, body.volume) > 0, name
    assert n_refused or family.name == "block"


@pytest.mark.parametrize("n_features", [0, 2])
def test_the_engine_measures_what_the_closed_forms_say(n_features: int, engine_data_dir: Path) -> None:
    plans = [plan for family in FAMILIES for plan in _plans(family.name, 2, n_features)[0]]
    results = compile_many(
        [CompileJob(source_of(plan)) for plan in plans], engine_name="wasm", data_dir=engine_data_dir
    )
    for plan, result in zip(plans, results, strict=True):
        verdict, spec = compiled_row("synthetic", result), assemble(plan).spec
        assert verdict.is_strict, (plan, verdict.diagnostics)
        assert off_spec(verdict, spec) is None, plan
        if spec.volume_mm3 is not None:
            assert verdict.volume_mm3 == pytest.approx(spec.volume_mm3, rel=0.005), plan
