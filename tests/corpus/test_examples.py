"""What becomes of designs and generated pairs: what an example says, which side it is on, and what is dropped."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import pytest
from designs_made import BOX, cleaned, crawled, edit_of, evidence, example, pair, verdict
from hypothesis import given
from hypothesis import strategies as st

from corpus.decontaminate import Benchmark, BenchmarkItem
from corpus.examples import (
    Examples,
    decontaminated,
    examples_from_designs,
    examples_from_edits,
    examples_from_synthetic,
    leak_items,
    off_spec,
)
from corpus.normalize import content_key
from corpus.schema import Author, CompiledRow, CrawledRow, ExampleRow, GeometrySpec, SyntheticRow, Turn
from corpus.selection import Design, select_designs

TALL = BOX.replace("40, 20, 2", "40, 30, 2")


def designs(*rows: CrawledRow, **changes: object) -> list[Design]:
    pairs = cleaned(rows)
    sources = [row.scad for row, _ in pairs if row.scad]
    found = select_designs(pairs, evidence([verdict(content_key(s), **changes) for s in sources], sources)).designs
    assert len(found) == len(rows)
    return found


def check(result: Examples, n_in: int) -> dict[str, str]:
    """The reason of each row that was dropped; the step must tell the same."""
    assert (result.step.n_in, result.step.n_out) == (n_in, n_in - len(result.rejected))
    assert result.step.reasons == Counter(r.reason for r in result.rejected)
    return {row.key: row.reason for row in result.rejected}


def test_a_design_gives_an_example_a_wording_with_its_provenance() -> None:
    row = crawled("r1", source_url="https://example.org/1", title="Project  box")
    result = examples_from_designs(designs(row), seed=1)
    assert check(result, 1) == {}
    assert len(result.rows) >= 3
    assert len({e.example_id for e in result.rows}) == len({e.prompt for e in result.rows}) == len(result.rows)
    for e in result.rows:
        assert (e.scad, e.sha256, e.record_id, e.tier, e.kind) == (BOX, content_key(BOX), "r1", "real", "design")
        assert (e.license_spdx, e.license_tier, e.test_set) == ("CC0-1.0", "permissive", None)
        assert e.attribution == "Project box by Ada (https://example.org/1), CC0-1.0"
    assert {e.prompt_style for e in result.rows} >= {"author", "short", "measured"}


def test_only_a_request_that_names_the_sides_is_held_to_them() -> None:
    result = examples_from_designs(designs(crawled("r1")), seed=1)
    by_style = {e.prompt_style: e for e in result.rows}
    assert by_style["measured"].spec == GeometrySpec((60.0, 40.0, 22.0), None, 1, None)
    assert by_style["author"].spec == by_style["short"].spec == GeometrySpec(n_components=1)
    several = examples_from_designs(designs(crawled("r1"), n_components=3), seed=1)
    assert {e.spec.n_components for e in several.rows} == {None}


def test_a_page_of_this_machine_is_no_credit() -> None:
    row = crawled("r1", source_url="http://127.0.0.1:45525/design/box/", author=None)
    for e in examples_from_designs(designs(row), seed=1).rows:
        assert (e.source_url, e.attribution) == (None, "Project box (gallery), CC0-1.0")


def test_what_nothing_can_be_said_of_is_dropped() -> None:
    silent = crawled("c", "cylinder(4);\nsphere(1);\n", title="x.scad", description=None, description_kind="none")
    assert check(examples_from_designs(designs(crawled("a"), silent), seed=1), 2) == {"c": "no_text"}


def test_words_that_are_said_of_two_designs_are_the_firsts() -> None:
    rows = designs(*(crawled(f"r{i:02}", f"cube([{i + 1}, 7, 3]);\nsphere({i});\n" * (i + 1)) for i in range(12)))
    result = examples_from_designs(rows[::-1], seed=1)
    prompts = [re.sub(r"\W+", " ", row.prompt.lower()).strip() for row in result.rows]
    assert len(set(prompts)) == len(prompts)
    assert [row.record_id for row in result.rows if row.prompt_style == "author"] == ["r00"]
    assert sum(row.record_id == "r11" for row in result.rows) < sum(row.record_id == "r00" for row in result.rows)


def test_an_author_is_on_one_side_only_whatever_the_seed() -> None:
    rows = designs(
        *(
            crawled(f"r{i:02}", f"cube([{i + 1}, {i + 2}, 3]);\nsphere({i + 5});\n" * (i + 1), title=f"Part {i}",
                    description=f"A thing that holds {i} pens.", author=Author(name=f"author {i % 12}"))
            for i in range(60)
        )
    )  # fmt: skip
    seen = set()
    for seed in range(5):
        result = examples_from_designs(rows, seed=seed)
        sides = {(row.record_id, row.split) for row in result.rows}
        by_author: dict[int, set[str]] = {}
        for record_id, split in sides:
            by_author.setdefault(int((record_id or "")[1:]) % 12, set()).add(split)
        assert all(len(splits) == 1 for splits in by_author.values())
        seen |= {split for _, split in sides}
        assert {row.test_set for row in result.rows if row.split == "test"} <= {"real"}
    assert "train" in seen


def synthetic(*rows: SyntheticRow, **odd: dict[str, object]) -> tuple[Examples, dict[str, str]]:
    """Verdicts as promised for every source, but those in `odd` by content."""
    sources = {turn.scad for row in rows for turn in row.history} | {row.scad for row in rows}
    verdicts = {content_key(s): verdict(content_key(s), **odd.get(s, {})) for s in sources}
    result = examples_from_synthetic(rows, verdicts)
    return result, check(result, len(rows))


BROKEN = {"status": "syntax_error", "is_compiled": False, "is_strict": False}


def test_a_generated_pair_must_compile_and_measure_what_it_promises() -> None:
    rows = [pair("cube(1);"), pair("cube(2);", "b"), pair("cube(3);", "c")]
    result, dropped = synthetic(*rows, **{"cube(2);": {"size_mm": (60.0, 40.0, 21.0)}, "cube(3);": BROKEN})
    assert [row.scad for row in result.rows] == ["cube(1);"]
    assert dropped == {"b|cube(2);": "off_spec", "c|cube(3);": "syntax_error"}
    detail = next(row.detail for row in result.rejected if row.reason == "off_spec")
    assert detail == "size 60 x 40 x 21 mm instead of 60 x 40 x 22"


def test_sides_are_compared_in_their_order_for_what_we_placed_ourselves() -> None:
    _, dropped = synthetic(pair("cube(1);"), **{"cube(1);": {"size_mm": (40.0, 60.0, 22.0)}})
    assert list(dropped.values()) == ["off_spec"]


def test_a_request_has_one_answer_and_a_tests_answer_goes_before() -> None:
    train = [pair("cube(1);"), pair("cube(2);"), pair("cube(3);", "A PLATE")]
    test = pair("cube(4);", "A plate", part="values")
    result, dropped = synthetic(*train, test)
    assert [(row.scad, row.split, row.test_set) for row in result.rows] == [("cube(4);", "test", "values")]
    assert set(dropped.values()) == {"duplicate"}


def test_a_part_that_a_test_asks_for_is_not_trained_on_in_other_words() -> None:
    test = pair("cube(4);", part="wordings", cluster_id="one")
    result, dropped = synthetic(pair("cube(5);", "same part", cluster_id="one"), test)
    assert [row.split for row in result.rows] == ["test"]
    assert list(dropped.values()) == ["in_test"]


def chain(*sources: str, part: str = "edits") -> list[SyntheticRow]:
    """The edits of a conversation with these answers."""
    turns = [Turn(f"say {i}", scad) for i, scad in enumerate(sources)]
    return [
        pair(scad, f"say {i}", part=part, kind="edit", history=tuple(turns[:i]), edit_kind="vague", cluster_id="chain",
             example_id=f"turn {i}")
        for i, scad in enumerate(sources)
        if i
    ]  # fmt: skip


def test_a_turn_after_a_wrong_one_is_dropped_with_it() -> None:
    rows = chain("cube(1);", "cube(2);", "cube(3);", "cube(4);")
    odd: dict[str, object] = {"volume_mm3": 1.0}
    _, dropped = synthetic(*rows, **{"cube(2);": odd})
    assert dropped == {"turn 1": "off_spec", "turn 2": "history_off_spec", "turn 3": "history_off_spec"}
    _, dropped = synthetic(*rows, **{"cube(1);": BROKEN})
    assert set(dropped.values()) == {"syntax_error"}


def test_the_same_change_asked_in_two_conversations_is_two_examples() -> None:
    first, second = chain("cube(1);", "cube(2);"), chain("cube(8);", "cube(9);")
    second = [replace(row, example_id="other") for row in second]
    result, dropped = synthetic(*first, *second)
    assert (len(result.rows), dropped) == (2, {})
    assert {row.kind for row in result.rows} == {"edit"}


@pytest.mark.parametrize(
    ("part", "test_set"),
    [
        *((p, p) for p in ("values", "wordings", "synonyms", "compositions", "families")),
        ("test", "values"),
        ("test_edits", "edits"),
    ],
)
def test_each_part_of_a_recipe_has_its_test_set(part: str, test_set: str) -> None:
    result, _ = synthetic(pair("cube(1);", part=part))
    assert [(row.split, row.test_set) for row in result.rows] == [("test", test_set)]


@pytest.mark.parametrize("part", ["train", "edits"])
def test_other_parts_are_train_or_validation_by_their_cluster(part: str) -> None:
    rows = [pair(f"cube({i});", f"plate {i}", part=part) for i in range(400)]
    result, _ = synthetic(*rows)
    splits = Counter(row.split for row in result.rows)
    assert set(splits) == {"train", "validation"}
    assert splits["validation"] < 40
    assert {row.test_set for row in result.rows} == {None}


def edited(rows: list[SyntheticRow], found: list[Design], **odd: dict[str, object]) -> tuple[Examples, dict[str, str]]:
    verdicts = [verdict(content_key(row.scad), **odd.get(row.scad, {})) for row in rows]
    verdicts += [design.verdict for design in found]
    real = examples_from_designs(found, seed=1).rows
    result = examples_from_edits(rows, found, real, evidence(verdicts, []))
    return result, check(result, len(rows))


def test_an_edit_of_a_design_has_its_split_and_licence_and_says_that_it_is_changed() -> None:
    row = crawled("r1", license_spdx="CC-BY-SA-4.0", source_url="https://example.org/1")
    found = designs(row)
    result, dropped = edited([edit_of(row, TALL)], found)
    (e,) = result.rows
    assert dropped == {}
    (side,) = {r.split for r in examples_from_designs(found, seed=1).rows}
    assert (e.split, e.license_spdx, e.license_tier) == (side, "CC-BY-SA-4.0", "share_alike")
    assert (e.kind, e.edit_kind, e.tier, e.record_id) == ("edit", "vague", "real", "r1")
    assert e.attribution == "Project box by Ada (https://example.org/1), CC-BY-SA-4.0, changed"
    assert e.transformations[-1] == "edited: vague"
    assert e.history[0].scad == BOX
    assert (e.scad, e.sha256) == (TALL, content_key(TALL))


def test_an_edit_must_be_strict_and_as_asked_and_have_an_effect_and_a_design() -> None:
    row = crawled("r1")
    shape = (1.0, 2.0, 3.0)
    found = [replace(design, verdict=replace(design.verdict, shape=shape)) for design in designs(row)]
    rows = [
        edit_of(row, "cube(1);"),
        edit_of(row, "cube(2);"),
        edit_of(row, "cube(3);", built=GeometrySpec(size_mm=(1.0, 1.0, 1.0))),
        edit_of(crawled("gone", "cube(7);"), "cube(4);"),
        edit_of(row, "cube(5);", edit_kind="turn"),
    ]
    same: dict[str, object] = {"shape": shape}
    result, dropped = edited(rows, found, **{"cube(1);": same, "cube(2);": BROKEN, "cube(5);": same})
    assert [r.edit_kind for r in result.rows] == ["turn"]
    assert {key.split("|")[1]: reason for key, reason in dropped.items()} == {
        "cube(1);": "no_effect",
        "cube(2);": "syntax_error",
        "cube(3);": "off_spec",
        "cube(4);": "design_dropped",
    }


@pytest.mark.parametrize(
    ("spec", "is_met"),
    [
        (GeometrySpec(), True),
        (GeometrySpec(size_mm=(22.1, 60.5, 40.0)), True),
        (GeometrySpec(size_mm=(22.0, 61.0, 40.0)), False),
        (GeometrySpec(volume_mm3=9400.0), True),
        (GeometrySpec(volume_mm3=9500.0), False),
        (GeometrySpec(n_components=2), False),
        (GeometrySpec(genus=1), False),
    ],
)
def test_a_spec_binds_in_what_it_names_within_its_tolerance(spec: GeometrySpec, is_met: bool) -> None:
    assert (off_spec(verdict("k"), spec) is None) is is_met
    if spec != GeometrySpec():
        bare = replace(verdict("k"), size_mm=None, volume_mm3=None, n_components=None, genus=None)
        assert off_spec(bare, spec) is not None


SIDE = st.floats(0.1, 500)


@given(st.tuples(SIDE, SIDE, SIDE), st.permutations((0, 1, 2)))
def test_an_answer_may_lie_as_it_likes_but_what_we_placed_may_not(
    size: tuple[float, float, float], order: list[int]
) -> None:
    found = replace(verdict("k"), size_mm=size)
    wanted = GeometrySpec(size_mm=tuple(size[i] for i in order))
    assert off_spec(found, wanted) is None
    is_same = all(abs(size[i] - s) <= max(0.01 * size[i], 0.02) for i, s in zip(order, size, strict=True))
    assert (off_spec(found, wanted, is_in_order=True) is None) == is_same


def known(rows: list[ExampleRow], **shapes: tuple[float, ...]) -> tuple[list[CompiledRow], list[str]]:
    sources = [row.scad for row in rows] + [turn.scad for row in rows for turn in row.history]
    return [verdict(content_key(s), shape=shapes.get(s)) for s in sources], sources


def test_what_train_shares_with_a_test_is_dropped_from_train_and_what_a_benchmark_asks_too() -> None:
    asked = "a bracket for two pipes of 20 mm with four screw holes in its base"
    rows = [
        example(1),
        example(2, scad="cube( 9 ) ;", sha256=content_key("cube( 9 ) ;")),
        example(3, prompt=asked, scad="sphere(4);", sha256=content_key("sphere(4);")),
        example(4, split="validation", history=(Turn("a cube", "cube(9);\n"),), kind="edit", prompt="larger"),
        example(9, split="test", test_set="values"),
    ]
    found = evidence(*known(rows))
    result = decontaminated(rows, found, [Benchmark("bench", (BenchmarkItem("b1", (asked,)),))])
    assert check(result, 5) == {"e2": "leak_exact", "e3": "leak_text", "e4": "leak_exact"}
    assert [row.example_id for row in result.rows] == ["e1", "e9"]
    details = {row.key: row.detail for row in result.rejected}
    assert (details["e2"], details["e3"]) == ("of test example e9", "of b1 in bench")


def test_a_depth_that_is_left_out_drops_nothing() -> None:
    rows = [example(2, scad="cube( 9 ) ;", sha256=content_key("cube( 9 ) ;")), example(9, split="test")]
    result = decontaminated(rows, evidence(*known(rows)), [], depths=("text",))
    assert len(result.rows) == 2


def test_every_source_of_a_conversation_is_compared_and_only_its_first_request() -> None:
    turns = (Turn("a cube", "cube(1);\n"), Turn("taller", "cube(2);\n"))
    row = example(3, kind="edit", history=turns, prompt="wider")
    items = list(leak_items([row], evidence(*known([row]))))
    assert [(item.key, item.scad, item.prompt) for item in items] == [
        ("e3", "cube(3);\n", None),
        ("e3/0", "cube(1);\n", "a cube"),
        ("e3/1", "cube(2);\n", None),
    ]
    assert all(item.sketch is not None for item in items)
