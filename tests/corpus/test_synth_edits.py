"""Edits and conversations: what is asked is done, what was not named is kept, and undo gives the very source before."""

from __future__ import annotations

import math
import random
import re
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from corpus.examples import off_spec
from corpus.selection import verdict_problem
from corpus.synth.assemble import assemble
from corpus.synth.chains import ChainTurn, sample_chains
from corpus.synth.draw import INCH_MM, Draw, Infeasible, Unit
from corpus.synth.edit_sizes import MORE, singular, things_of
from corpus.synth.edit_terms import polite, terms_of
from corpus.synth.edit_words import EDIT_WORDS, POLITE, POLITE_VERB
from corpus.synth.edits import EDIT_KINDS, Edit, State, draw_edit, full_order, suiting_kinds
from corpus.synth.families import FAMILIES
from corpus.synth.generate import Part, draw_plan, part_suits
from corpus.synth.layout import Layout, source_of
from corpus.synth.part import Face, FeatureUse, Plan
from corpus.synth.words import POOLS
from corpus.validate import CompileTarget, compile_rows

CHAINS = list(sample_chains(150, seed=1, is_test=False))
TESTS = list(sample_chains(15, seed=1, is_test=True))
EDITS = [(before, after) for chain in (*CHAINS, *TESTS) for before, after in pairwise(chain)]
SIZES = ("set_size", "change_by", "scale_one", "vague", "set_count")


def state_of(plan: Plan, layout: Layout = Layout.NAMED, unit: Unit = Unit.MM) -> State:
    return State(plan, layout, full_order(assemble(plan), ()), unit)


def drawn(family: str, n_features: int, seed: int = 0, **options: str) -> Plan:
    rng = random.Random(seed)
    while True:
        try:
            plan = draw_plan(Draw(rng), FAMILIES[family], n_features=n_features)
        except Infeasible:
            continue
        if len(plan.features) == n_features and options.items() <= dict(plan.options).items():
            return plan


def edits_of(state: State, kind: str, n: int = 30) -> list[Edit]:
    found = []
    for seed in range(12 * n):
        try:
            found.append(draw_edit(Draw(random.Random(seed), state.unit), state, kind, "taught"))
        except Infeasible:
            continue
        if len(found) == n:
            break
    return found


def of_kind(*kinds: str) -> list[tuple[ChainTurn, ChainTurn]]:
    return [(before, after) for before, after in EDITS if after.edit_kind in kinds]


def kept_uses(plan: Plan) -> Counter[tuple[str, str, str]]:
    return Counter((use.kind, use.face, use.prefix) for use in plan.features)


def test_a_change_of_numbers_changes_only_numbers_it_may_change() -> None:
    for before, after in of_kind(*SIZES):
        assert replace(after.plan, values=()) == replace(before.plan, values=())
        old, new = dict(before.plan.values), dict(after.plan.values)
        assert list(old) == list(new)
        n_changed = sum(old[name] != new[name] for name in old)
        assert 1 <= n_changed <= (2 if after.edit_kind == "set_size" else 1), after.prompt


def test_what_a_change_of_one_named_parameter_touches_is_one_line() -> None:
    n_seen = 0
    for before, after in of_kind("change_by", "scale_one", "vague", "set_count"):
        names = [name for name, _ in after.plan.values]
        if re.search(rf"(?m)^{names[0]} = ", before.scad):
            pairs = list(zip(before.scad.split("\n"), after.scad.split("\n"), strict=True))
            assert sum(a != b for a, b in pairs) == 1, after.prompt
            n_seen += 1
    assert n_seen > 40


def test_what_is_added_leaves_all_else_and_what_is_removed_too() -> None:
    for before, after in of_kind("add_feature", "remove_feature"):
        more, less = (after, before) if after.edit_kind == "add_feature" else (before, after)
        assert dict(less.plan.values).items() <= dict(more.plan.values).items()
        assert kept_uses(less.plan) < kept_uses(more.plan)
        assert len(more.plan.features) == len(less.plan.features) + 1
        lines = set(more.scad.split("\n"))
        for line in less.scad.split("\n"):
            if re.match(r"\w+ ?= ?[-\d.]+;", line):
                assert line in lines, after.prompt


def test_a_moved_feature_keeps_its_size_and_the_others_everything() -> None:
    for before, after in of_kind("move_feature"):
        old, new = dict(before.plan.values), dict(after.plan.values)
        places = ("_x", "_y", "_from_left", "_from_front", "_inset")
        moved = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
        assert moved
        assert all(name.endswith(places) for name in moved)
        assert [use.face for use in before.plan.features] == [use.face for use in after.plan.features]


def test_rewriting_leaves_the_part_as_it_was() -> None:
    for before, after in of_kind("in_inches", "restyle"):
        assert after.plan == before.plan
        assert after.scad != before.scad
        assert after.built == before.built


def test_undo_gives_the_very_source_before_the_last_turn() -> None:
    n_seen = 0
    for chain in (*CHAINS, *TESTS):
        for i, turn in enumerate(chain):
            if turn.edit_kind == "undo":
                assert (turn.scad, turn.plan) == (chain[i - 2].scad, chain[i - 2].plan)
                assert turn.scad != chain[i - 1].scad
                n_seen += 1
    assert n_seen >= 5


def test_the_whole_scaled_is_every_side_scaled() -> None:
    for before, after in of_kind("scale_all", "meant_inches"):
        ratios = [a / b for a, b in zip(after.built.size_mm or (), before.built.size_mm or (), strict=True)]
        assert max(ratios) == pytest.approx(min(ratios), rel=0.02)
        if after.edit_kind == "meant_inches":
            assert ratios[0] == pytest.approx(INCH_MM, rel=0.01)
        elif found := re.search(r"(\d+)( percent|%| per cent)", after.prompt):
            is_less = re.search(r"smaller|down|shrink|reduce", after.prompt, re.IGNORECASE)
            assert ratios[0] == pytest.approx(1 + (-1 if is_less else 1) * int(found[1]) / 100, rel=0.01)


def test_a_word_for_a_side_changes_that_side_only() -> None:
    """A square plate whose width is its depth too can't be made wider."""
    for before, after in of_kind("set_size", "change_by", "scale_one", "vague"):
        if (
            re.search(r"\b(?:wider|narrower|taller|deeper|shallower|wide|tall)\b", after.prompt)
            and " and " not in after.prompt
        ):
            sides = list(zip(before.built.size_mm or (), after.built.size_mm or (), strict=True))
            assert sum(abs(a - b) > 1e-6 for a, b in sides) <= 1, (after.prompt, sides)


def test_more_is_more_and_less_is_less() -> None:
    more = r"wider|taller|deeper|thicker|longer|higher|increase|add \d|grow|raise|\bmore\b"
    less = r"narrower|shorter|shallower|thinner|lower|reduce|decrease|take \d|\bless\b|\bcut\b"
    n_seen = 0
    for before, after in of_kind("change_by", "vague"):
        old, new = dict(before.plan.values), dict(after.plan.values)
        (name,) = [n for n in old if old[n] != new[n]]
        text = after.prompt.lower()
        if bool(re.search(more, text)) != bool(re.search(less, text)) and "too" not in text and "so " not in text:
            assert (new[name] > old[name]) == bool(re.search(more, text)), after.prompt
            n_seen += 1
    assert n_seen > 40


def test_a_size_that_is_named_is_the_one_that_is_set() -> None:
    plan = drawn("plate", 0, corners="sharp")
    for edit in edits_of(state_of(plan), "set_size"):
        new = {value for name, value in edit.state.plan.values if value != dict(plan.values)[name]}
        told = {float(n) for n in re.findall(r"\d+(?:\.\d+)?", edit.request)}
        is_worded = re.search(r"\b[a-z]+ (?:mm|milli|deg)", re.sub(r"\b(?:to|of|from) mm", "", edit.request))
        assert new <= told or is_worded, edit.request


@pytest.mark.parametrize(("kind", "factor"), [("vague", MORE["vague"]), ("bit", MORE["bit"]), ("much", MORE["much"])])
def test_a_vague_wish_means_always_the_same(kind: str, factor: float) -> None:
    marks = {"bit": r"bit|little|slightly|tad", "much": r"much|a lot|way"}
    plan = drawn("plate", 0, corners="sharp")
    n_seen = 0
    for edit in edits_of(state_of(plan), "vague", 60):
        found = next((k for k, mark in marks.items() if re.search(mark, edit.request)), "vague")
        if found == kind:
            ((old, new),) = [
                (o, n) for (_, o), (_, n) in zip(plan.values, edit.state.plan.values, strict=True) if o != n
            ]
            assert max(new / old, old / new) == pytest.approx(factor, rel=0.12)
            assert not edit.is_exact
            n_seen += 1
    assert n_seen


def test_no_two_numbers_of_a_part_go_by_one_name() -> None:
    for _, after in EDITS:
        draft = assemble(after.plan)
        terms = terms_of(draft)
        nouns = [noun for term in terms for noun in term.nouns]
        assert len(set(nouns)) == len(nouns)
        assert all(term.param.value > 0 for term in terms)
        assert not {f"{use.prefix}{axis}" for use in after.plan.features for axis in "xy"} & {
            t.param.name for t in terms
        }


def test_requests_are_whole_sentences_of_their_pool() -> None:
    for _, after in EDITS:
        text = after.prompt
        assert not re.search(r"[{}@|]|  | ,|\b(?:an? an?|the the|please .* please)\b", text), text
        assert not re.search(r"\ba [aeio]\w+ (?:of|for)\b", text), text
        assert len(text) <= 400


def test_held_out_words_are_in_tests_only() -> None:
    assert {turn.wording_pool for chain in CHAINS for turn in chain} == {"taught"}
    assert {turn.wording_pool for chain in TESTS for turn in chain} == {"taught", "held_out"}
    for kind, words in {**EDIT_WORDS, "polite": POLITE, "verb": POLITE_VERB}.items():
        taught, held_out = (set(words[pool]) for pool in POOLS)
        assert taught
        assert held_out
        assert kind in ("polite",) or not taught & held_out


def test_a_conversation_keeps_to_its_side_from_first_to_last() -> None:
    assert all(part_suits(turn.plan, Part.TRAIN) for chain in CHAINS for turn in chain)
    assert all(part_suits(turn.plan, Part.VALUES) for chain in TESTS for turn in chain)
    assert {len(chain) for chain in CHAINS} == {2, 3, 4, 5, 6}
    assert all(a.scad != b.scad for a, b in EDITS)


def test_every_kind_of_edit_turns_up() -> None:
    counts = Counter(turn.edit_kind for chain in sample_chains(200, seed=2, is_test=False) for turn in chain)
    n = sum(counts.values()) - counts[None]
    assert set(EDIT_KINDS) | {"undo", None} == set(counts) | {"meant_inches"}
    assert all(counts[kind] / n <= 0.25 for kind in EDIT_KINDS)
    shares = {kind: round(counts[kind] / n, 3) for kind in EDIT_KINDS}
    assert (
        min(shares[kind] for kind in ("set_size", "vague", "set_count", "add_feature", "remove_feature", "corners"))
        > 0.02
    )
    assert min(shares[kind] for kind in ("move_feature", "replace_feature", "restyle", "in_inches")) > 0.01, shares


def test_a_kind_that_suits_no_part_of_this_sort_is_not_tried() -> None:
    bare = state_of(drawn("plate", 0))
    kinds = suiting_kinds(bare, is_first=True)
    assert set(kinds) == set(EDIT_KINDS) - {
        "set_count", "remove_feature", "replace_feature", "move_feature", "hollow"
    }  # fmt: skip
    assert "meant_inches" not in suiting_kinds(bare, is_first=False)
    assert "restyle" not in suiting_kinds(replace(bare, layout=Layout.MODULES), is_first=True)


def with_hole() -> State:
    use = FeatureUse("center_hole", "top", "hole_", (("written", "diameter"),))
    values = (("width", 80.0), ("depth", 60.0), ("thickness", 4.0), ("hole_diameter", 6.0))
    return state_of(replace(drawn("plate", 0, corners="sharp", origin="center"), values=values, features=(use,)))


def test_a_hole_in_the_middle_moves_left_right_up_and_down_as_one_looks_at_it() -> None:
    seen = set()
    for edit in edits_of(with_hole(), "move_feature", 60):
        told = re.search(r"(\d+(?:\.\d+)?) ?(?:mm|milli)", edit.request)
        x, y = (dict(edit.state.plan.values).get(f"hole_{axis}", 0.0) for axis in "xy")
        words = {"left": (-1, 0), "right": (1, 0), "up": (0, 1), "back": (0, 1), "down": (0, -1), "front": (0, -1)}
        (way,) = [w for w in words if re.search(rf"\b{w}\b", edit.request)]
        assert (x > 0) - (x < 0) == words[way][0]
        assert (y > 0) - (y < 0) == words[way][1]
        assert told is None or max(abs(x), abs(y)) == pytest.approx(float(told[1]))
        seen.add(way)
        source = source_of(edit.state.plan, layout=Layout.NAMED)
        assert "hole_x = " in source
    assert seen >= {"left", "right", "up", "down"}


def turned(face: Face, axis: int) -> tuple[float, ...]:
    """Where an axis of the face's frame points in the body's."""
    vector = [float(i == axis) for i in range(3)]
    for angles in reversed(re.findall(r"rotate\(\[?([-\d., ]+)\]?\)", face.turn)):
        about = [float(a) for a in angles.split(",")]
        for i, degrees in enumerate(about if len(about) == 3 else (0.0, 0.0, about[0])):
            a, b = (i + 1) % 3, (i + 2) % 3
            c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
            vector[a], vector[b] = c * vector[a] - s * vector[b], s * vector[a] + c * vector[b]
    return tuple(round(v, 6) for v in vector)


def test_up_on_a_face_is_up_as_one_looks_at_it() -> None:
    """Then right is right too, for a frame turned from z to its face stays right-handed."""
    n_upright = 0
    for family in FAMILIES:
        for face in assemble(drawn(family, 0)).body.faces:
            outward, up = turned(face, 2), turned(face, 1)
            assert abs(outward[face.normal]) == 1
            assert up == ((0, 1, 0) if face.normal == 2 else (0, 0, 1)), (family, face.name)
            n_upright += face.normal != 2
    assert n_upright > 20


def test_inches_mistaken_for_millimetres_are_all_of_them() -> None:
    plan = drawn("plate", 0, corners="sharp")
    small = replace(plan, values=(("width", 4.0), ("depth", 3.0), ("thickness", 1.0)))
    for edit in edits_of(state_of(small), "meant_inches", 3):
        assert dict(edit.state.plan.values) == {"width": 101.6, "depth": 76.2, "thickness": 25.4}
    large = replace(plan, values=(("width", 40.0), ("depth", 30.0), ("thickness", 2.0)))
    assert edits_of(state_of(large), "meant_inches", 1) == []


def test_a_shell_has_the_outline_of_the_solid_and_less_in_it() -> None:
    families = [name for name, family in FAMILIES.items() if family.hollow]
    assert families
    for name in families:
        plan = drawn(name, 0, seed=3)
        for edit in edits_of(state_of(plan), "hollow", 3):
            before, after = assemble(plan).spec, assemble(edit.state.plan).spec
            assert after.size_mm == before.size_mm
            assert (after.volume_mm3 or 0) < (before.volume_mm3 or 0)
            assert "wall" in dict(edit.state.plan.values)


def test_corners_are_rounded_and_made_sharp_again() -> None:
    plan = drawn("plate", 0, corners="sharp", origin="corner")
    edit = edits_of(state_of(plan), "corners", 1)[0]
    assert (edit.state.plan.option("corners"), "corner_radius" in dict(edit.state.plan.values)) == ("rounded", True)
    back = edits_of(edit.state, "corners", 1)[0]
    assert back.state.plan == plan
    assert source_of(plan, order=state_of(plan).order) == source_of(back.state.plan, order=back.state.order)


@pytest.mark.parametrize(
    ("things", "n", "said"),
    [
        ("screw holes in each arm", 1, "screw hole in each arm"),
        ("screw holes in each arm", 2, "screw holes in each arm"),
        ("teeth", 1, "tooth"),
        ("brushes", 1, "brush"),
        ("rings of vents", 1, "ring of vents"),
        ("panes up", 1, "pane up"),
        ("studs along the width", 1, "stud along the width"),
    ],
)
def test_of_one_thing_it_is_the_singular(things: str, n: int, said: str) -> None:
    assert things_of(things, n) == said


@pytest.mark.parametrize(("plural", "single"), [("holes", "hole"), ("feet", "foot"), ("batteries", "battery"),
                                                ("boxes", "box"), ("classes", "class")])  # fmt: skip
def test_a_singular_is_one(plural: str, single: str) -> None:
    assert singular(plural) == single


@pytest.mark.parametrize("request_", ["make it wider", "5 mm wider please", "can you make it wider?", "no holes"])
def test_politeness_fits_what_it_stands_around(request_: str) -> None:
    for seed in range(60):
        text = polite(Draw(random.Random(seed)), "taught", request_)
        assert request_[1:] in text
        assert text.count("please") <= 1
        if not request_.startswith("make"):
            assert not re.search(r"^(?:please|could you|great, now|next)", text, re.IGNORECASE)


def test_the_same_seed_gives_the_same_conversations() -> None:
    assert list(sample_chains(6, seed=1, is_test=False)) == CHAINS[:6]
    assert list(sample_chains(6, seed=2, is_test=False)) != CHAINS[:6]


def test_every_turn_is_strict_and_measures_what_it_promises(engine_data_dir: Path) -> None:
    turns = [turn for chain in (*CHAINS[:14], *TESTS[:4]) for turn in chain]
    targets = [CompileTarget(str(i), turn.scad) for i, turn in enumerate(turns)]
    for turn, row in zip(turns, compile_rows(targets, data_dir=engine_data_dir), strict=True):
        assert verdict_problem(row) is None, turn.scad
        assert off_spec(row, turn.built, is_in_order=True) is None, (turn.prompt, turn.scad)
        assert off_spec(row, turn.spec, is_in_order=True) is None
