"""Changes of other people's designs: what is asked is done, all else stays, and the engine agrees."""

from __future__ import annotations

import difflib
import random
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.examples import off_spec
from corpus.normalize import content_key
from corpus.schema import CompiledRow
from corpus.selection import verdict_problem
from corpus.source_edits import N_EDITS, SOURCE_EDITS, SourceEdit, edit_rows, edits_of
from corpus.source_numbers import literal_edits, parameter_edits
from corpus.validate import CompileTarget, compile_rows

HOOKS = """// Rack for keys
board_width = 160; // [60:10:300]
boardDepth = 20;
hooks = 4; // [2:1:6]
n_holes = 2;
lean_angle = 15;
$fn = 32;

// the board
cube([board_width, boardDepth, 8]);
for (i = [0 : hooks - 1])
  translate([(i + 1) * board_width / (hooks + 1), boardDepth - 1, 4])
    rotate([-90, 0, 0])
      cylinder(d = 6, h = 25 + lean_angle / 5);
"""
COMPACT = "difference(){cube([40,30,4]);translate([20,15,-1])cylinder(d=5,h=6,$fn=24);}"
TALKING = 'echo("made by", version());\nassert(1 < 2);\nsphere(d = 20, $fn = 24);\ntranslate([12, 0, 0]) cube(8);\n'
NAMED_PART = "module part() { cube([10, 20, 30]); }\npart();\n"
SOURCES = {"hooks": HOOKS, "compact": COMPACT, "talking": TALKING, "named": NAMED_PART}


def measured(size: tuple[float, float, float] = (40.0, 30.0, 4.0), **changes: object) -> CompiledRow:
    known: dict[str, object] = {"n_components": 1, "genus": 1, "volume_mm3": 4000.0, "size_mm": size} | changes
    return CompiledRow("k", "wasm", "ok", is_compiled=True, is_strict=True, is_closed=True, **known)  # type: ignore[arg-type]


def changed(before: str, after: str) -> tuple[list[str], list[str]]:
    diff = list(difflib.ndiff(before.split("\n"), after.split("\n")))
    return [line[2:] for line in diff if line[0] == "-"], [line[2:] for line in diff if line[0] == "+"]


def of_kind(edits: list[SourceEdit], kind: str) -> list[SourceEdit]:
    return [edit for edit in edits if edit.kind == kind]


@pytest.fixture(scope="module")
def verdicts(engine_data_dir: Path) -> dict[str, CompiledRow]:
    targets = [CompileTarget(content_key(scad), scad) for scad in SOURCES.values()]
    return dict(zip(SOURCES, compile_rows(targets, data_dir=engine_data_dir), strict=True))


def test_every_edit_measures_what_it_promises(verdicts: dict[str, CompiledRow], engine_data_dir: Path) -> None:
    edits = [
        edit
        for name, scad in SOURCES.items()
        for seed in range(4)
        for edit in edits_of(scad, verdicts[name], seed=str(seed))
    ]
    assert len(edits) >= 40
    assert len({edit.kind for edit in edits}) >= 8
    targets = [CompileTarget(content_key(edit.scad), edit.scad) for edit in edits]
    for edit, row in zip(edits, compile_rows(targets, data_dir=engine_data_dir), strict=True):
        assert verdict_problem(row) is None, edit.scad
        assert off_spec(row, edit.spec, is_in_order=True) is None, (edit.request, edit.scad)


@pytest.mark.parametrize("seed", range(30))
def test_a_parameter_is_set_where_it_stands_and_nothing_else_changes(seed: int) -> None:
    found = list(parameter_edits(random.Random(seed), HOOKS, measured()))
    assert found
    for edit in found:
        ((old,), (new,)) = changed(HOOKS, edit.scad)
        name, value = re.match(r"(\w+) = ([\d.]+);", new).groups()  # type: ignore[union-attr]
        assert old.startswith(f"{name} = ")
        assert old.partition("//")[2] == new.partition("//")[2]
        assert name in ("board_width", "boardDepth", "hooks", "n_holes")
        words = {"board_width": "board width", "boardDepth": "board depth", "hooks": "hooks", "n_holes": "holes"}
        assert words[name] in edit.request
        if name == "board_width":
            assert 60 <= float(value) <= 300
            assert float(value) % 10 == 0
        if name in ("hooks", "n_holes"):
            assert (edit.kind, float(value) % 1) == ("set_count", 0)
            assert 2 <= float(value) <= 6 or name == "n_holes"


def test_what_is_assigned_twice_or_is_no_number_is_left_alone() -> None:
    for scad in ("wall = 3;\nwall = 4;\ncube(wall);", "wall = 2 + 1;\ncube(wall);", "wall = [1, 2];\ncube(wall);", ""):
        assert list(parameter_edits(random.Random(1), scad, measured())) == []


@pytest.mark.parametrize("name", ["n", "fn", "x1", "layer_height", "angle", "text_size", "n_size"])
def test_what_nobody_would_ask_for_in_millimetres_is_left_alone(name: str) -> None:
    assert list(parameter_edits(random.Random(1), f"{name} = 12;\ncube({name});", measured())) == []


def test_a_side_is_set_in_its_literal() -> None:
    seen = set()
    for seed in range(20):
        for edit in literal_edits(random.Random(seed), COMPACT, measured()):
            found = re.search(r"cube\(\[(\d+),(\d+),(\d+)\]\)", edit.scad)
            assert found is not None
            assert edit.spec.size_mm == tuple(float(n) for n in found.groups())
            assert sum(a != b for a, b in zip(edit.spec.size_mm or (), (40.0, 30.0, 4.0), strict=True)) == 1
            assert edit.scad.replace(found[0], "cube([40,30,4])") == COMPACT
            seen.add(edit.spec.size_mm)
    assert len(seen) >= 4


@pytest.mark.parametrize(
    ("scad", "size"),
    [
        ("cube([40,30,4]);translate([0,0,9])cube([40,30,4]);", (40.0, 30.0, 4.0)),
        ("cube([40,30,4]);translate([40,30,4])sphere(4);", (40.0, 30.0, 4.0)),
        ("cylinder(h=30,d=30);", (30.0, 30.0, 30.0)),
        ("cube([40,30,4]);", (41.0, 30.0, 4.0)),
    ],
)
def test_a_number_that_may_mean_something_else_too_is_left_alone(scad: str, size: tuple[float, float, float]) -> None:
    for seed in range(10):
        assert list(literal_edits(random.Random(seed), scad, measured(size))) == []


def wrapped(scad: str, seed: int = 0) -> list[SourceEdit]:
    return [e for e in edits_of(scad, measured((44.0, 33.0, 7.0)), seed=str(seed)) if "module " in e.scad]


def test_the_geometry_moves_into_a_module_and_all_else_stays() -> None:
    for seed in range(6):
        for edit in wrapped(HOOKS, seed):
            head, _, rest = edit.scad.partition("module part() {")
            assert head == HOOKS.split("\n// the board")[0] + "\n\n" or head == HOOKS.split("\n// the board")[0] + "\n"
            body, _, call = rest.partition("\n}\n")
            assert re.sub(r"(?m)^ {2}", "", body).strip() == HOOKS.split("32;\n\n")[1].strip()
            assert call.count("part();") == 1


def test_what_only_talks_stays_outside_and_a_taken_name_is_not_taken_twice() -> None:
    (edit, *_) = wrapped(TALKING)
    assert edit.scad.startswith('echo("made by", version());\nassert(1 < 2);\n')
    assert "echo" not in edit.scad.partition("module part() {")[2]
    (edit, *_) = wrapped(NAMED_PART)
    assert "module design() {\n  part();\n}" in edit.scad


@pytest.mark.parametrize("scad", ["%cube(10);", "#cube(10);", "!cube(10);", "*cube(10);", "x = 1;", "cube(10", ""])
def test_what_a_modifier_or_a_bracket_makes_uncertain_is_not_wrapped(scad: str) -> None:
    assert wrapped(scad) == []


def test_a_verdict_that_is_not_strict_allows_of_no_edit() -> None:
    assert edits_of(HOOKS, measured(size_mm=None), seed="1") == []
    loose = CompiledRow("k", "wasm", "ok", is_compiled=True, is_strict=False, size_mm=(1.0, 1.0, 1.0))
    assert edits_of(HOOKS, loose, seed="1") == []


@pytest.mark.parametrize("name", list(SOURCES))
def test_the_same_seed_gives_the_same_few_edits(name: str) -> None:
    found = edits_of(SOURCES[name], measured(), seed="abc")
    assert found == edits_of(SOURCES[name], measured(), seed="abc")
    assert 1 <= len(found) <= N_EDITS
    assert all(edit.scad != SOURCES[name] and "{" not in edit.request for edit in found)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60), st.sampled_from(list(SOURCES.values())), st.integers(0, 200))
def test_no_source_breaks_it(junk: str, scad: str, at: int) -> None:
    for edit in edits_of(scad[:at] + junk + scad[at:], measured(), seed="1"):
        assert edit.request.strip()


def test_a_row_is_a_turn_after_the_request_for_the_design() -> None:
    rows = edit_rows("crawled", "a key rack", HOOKS, measured(), recipe="r")
    assert len(rows) >= 3
    assert len({row.example_id for row in rows}) == len(rows)
    for row in rows:
        assert (row.of_crawled, row.part, row.kind, row.recipe) == ("crawled", "real_edits", "edit", "r")
        assert [(turn.prompt, turn.scad) for turn in row.history] == [("a key rack", HOOKS)]
        assert row.sha256 == content_key(row.scad)
    assert {row.example_id for row in edit_rows("x", "a rack", HOOKS, measured(), recipe="r")}.isdisjoint(
        row.example_id for row in rows
    )
    assert re.fullmatch(r"[a-z-]+\d+", SOURCE_EDITS)
