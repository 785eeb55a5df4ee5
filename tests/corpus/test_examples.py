"""The way from crawled to examples: every row is an example or has a reason, and every stage adds up."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.card import FunnelStep, dataset_card, funnel_markdown, funnel_text
from corpus.examples import build_examples, examples_from_synth, off_spec
from corpus.filters import MAX_SOURCE_CHARS, check_source
from corpus.normalize import content_key
from corpus.prompts import MAX_PROMPT_CHARS, prompt_of
from corpus.schema import (
    Author,
    CompanionFile,
    CompiledRow,
    CrawledRow,
    DiagnosticRow,
    ExampleRow,
    GeometrySpec,
    Provenance,
    RejectedRow,
)
from corpus.starter.part import SynthExample

ENGINE = "wasm-test"
BOX = """module shell(w, d, h, t) {
  difference() { cube([w, d, h]); translate([t, t, t]) cube([w - 2 * t, d - 2 * t, h]); }
}
module foot(x, y) { translate([x, y, -2]) cylinder(d = 6, h = 2, $fn = 24); }
shell(60, 40, 20, 2); foot(5, 5); foot(55, 5); foot(5, 35); foot(55, 35);
"""


def crawled(record_id: str, scad: str | None = BOX, **changes: object) -> CrawledRow:
    base = CrawledRow(
        record_id=record_id,
        source="gallery",
        source_item_id=record_id,
        sha256=content_key(scad) if scad is not None else None,
        scad=scad,
        fetched_at="2026-01-01",
        provenance=Provenance("gallery", "1", "run"),
        title="Project box",
        description="An open box on four feet.",
        description_kind="author",
        author=Author(name="Ada"),
        license_spdx="CC0-1.0",
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def verdict(scad: str, **changes: object) -> CompiledRow:
    base = CompiledRow(
        sha256=content_key(scad),
        engine_id=ENGINE,
        status="ok",
        is_compiled=True,
        is_strict=True,
        size_mm=(60.0, 40.0, 22.0),
        volume_mm3=9000.0,
        is_closed=True,
        n_components=1,
        genus=0,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def build(
    rows: list[CrawledRow], verdicts: list[CompiledRow]
) -> tuple[list[ExampleRow], dict[str, tuple[str, str]], list[FunnelStep]]:
    examples, rejected, steps = build_examples(rows, verdicts, engine_id=ENGINE, seed=1)
    check_sums(len(rows), len(examples), rejected, steps)
    return examples, {r.key: (r.stage, r.reason) for r in rejected}, steps


def check_sums(n_rows: int, n_examples: int, rejected: list[RejectedRow], steps: list[FunnelStep]) -> None:
    assert steps[0].n_in == n_rows
    assert steps[-1].n_out == n_examples
    assert all(a.n_out == b.n_in for a, b in pairwise(steps))
    by_stage = Counter(r.stage for r in rejected)
    assert {s.stage: s.n_in - s.n_out for s in steps} == {s.stage: by_stage[s.stage] for s in steps}
    assert {s.stage: s.reasons for s in steps if s.reasons} == {
        stage: Counter(r.reason for r in rejected if r.stage == stage) for stage in by_stage
    }


def test_a_good_design_becomes_an_example_with_its_provenance_and_measures() -> None:
    (example,), rejected, _ = build([crawled("r1", source_url="https://example.org/1")], [verdict(BOX)])
    assert rejected == {}
    assert (example.prompt, example.scad, example.record_id) == ("Project box: An open box on four feet.", BOX, "r1")
    assert example.spec == GeometrySpec((60.0, 40.0, 22.0), 9000.0, 1, 0)
    assert example.cluster_id == example.sha256 == content_key(BOX)
    assert (example.tier, example.prompt_kind, example.license_spdx) == ("real", "author", "CC0-1.0")
    assert example.attribution == "Project box by Ada (https://example.org/1), CC0-1.0"


def test_every_kind_of_bad_row_is_rejected_with_its_own_stage_and_reason() -> None:
    sources = {
        name: f"// {name}\n{name}({i});" for i, name in enumerate(["syntax", "open", "unknown", "pending", "other"])
    }
    rows = [crawled(name, scad) for name, scad in sources.items()] + [
        crawled("metadata", None),
        crawled("nothing", "// words only\n"),
        crawled("binary", "PK\x03\x04 cube(1);"),
        crawled("huge", "cube(1);\n" * (MAX_SOURCE_CHARS // 9 + 1)),
        crawled("mesh", f"polyhedron([{'[1.5, -2, 3],' * 1000}], []);"),
        crawled("parts", "use <lib.scad>\nlid();", companions=(CompanionFile("lib.scad", "module lid() cube(1);"),)),
        crawled("unlicensed", "cube(1);", license_spdx="NOASSERTION"),
        crawled("nc", "cube(2);", license_spdx="CC-BY-NC-4.0", license_raw="Attribution - Non-Commercial"),
        crawled("silent", "sphere(3);", title="x.scad", description=None),
    ]
    error = DiagnosticRow("error", "parser_error", "syntax error", None, 2)
    gap = DiagnosticRow("warning", "unknown_module", "Ignoring unknown module 'unknown'", None, 1)
    verdicts = [
        verdict(sources["syntax"], status="syntax_error", is_compiled=False, is_strict=False, diagnostics=(error,)),
        verdict(sources["open"], is_strict=False, is_closed=False, volume_mm3=None),
        verdict(sources["unknown"], status="warning", is_strict=False, diagnostics=(gap,)),
        verdict(sources["other"], engine_id="another engine"),
        verdict("sphere(3);"),
    ]
    examples, rejected, _ = build(rows, verdicts)
    assert examples == []
    assert rejected == {
        "syntax": ("compile", "syntax_error"),
        "open": ("compile", "not_closed"),
        "unknown": ("compile", "unknown_module"),
        "pending": ("compile", "not_compiled"),
        "other": ("compile", "not_compiled"),
        "metadata": ("clean", "no_source"),
        "nothing": ("clean", "empty"),
        "binary": ("clean", "binary"),
        "huge": ("clean", "too_big"),
        "mesh": ("clean", "data_blob"),
        "parts": ("clean", "needs_other_files"),
        "unlicensed": ("license", "no_license"),
        "nc": ("license", "license_refused"),
        "silent": ("caption", "no_text"),
    }


def test_copies_collapse_to_the_best_member_and_share_its_cluster() -> None:
    near = BOX.replace("foot(55, 35)", "foot(50, 35)")
    rows = [
        crawled("exact", "// copy\n" + BOX, description=None),
        crawled("near", near, description="An open box on four feet, one of them moved."),
        crawled("plain"),
        crawled("other", "sphere(3);"),
    ]
    scads = [r.scad or "" for r in rows]
    examples, rejected, _ = build(rows, [verdict(s) for s in scads])
    assert {e.record_id for e in examples} == {"near", "other"}
    assert rejected == {"exact": ("exact_dedup", "duplicate"), "plain": ("near_dedup", "duplicate")}
    by_record = {e.record_id: e for e in examples}
    assert by_record["near"].cluster_id == min(content_key(BOX), content_key(near))


def test_of_a_record_that_changed_the_newest_text_counts() -> None:
    old = crawled("r1", "cube(9);", fetched_at="2025-12-31")
    (example,), rejected, _ = build([crawled("r1"), old], [verdict(BOX), verdict("cube(9);")])
    assert example.scad == BOX
    assert rejected == {content_key("cube(9);"): ("clean", "superseded")}


@settings(max_examples=40, deadline=None)
@given(data=st.data(), n_rows=st.integers(0, 25))
def test_every_row_is_an_example_or_has_a_reason_and_no_cluster_is_in_two_splits(
    data: st.DataObject, n_rows: int
) -> None:
    scads = [BOX, BOX.replace("60", "70"), "// c\n" + BOX, "cube(1);", "sphere(2);", "// none", "bad(", None]
    rows = [
        crawled(
            f"r{i}",
            data.draw(st.sampled_from(scads)),
            license_spdx=data.draw(st.sampled_from(["MIT", "NOASSERTION", "CC-BY-NC-4.0"])),
            title=data.draw(st.sampled_from(["A part", None])),
            description=data.draw(st.sampled_from(["A useful part", None])),
        )
        for i in range(n_rows)
    ]
    examples, rejected, _ = build(rows, [verdict(s) for s in scads if s and s != "bad("])
    assert {e.record_id for e in examples} | set(rejected) == {r.record_id for r in rows}
    assert len({e.record_id for e in examples}) + len(rejected) == n_rows
    assert len({(e.cluster_id, e.split) for e in examples}) == len({e.cluster_id for e in examples})


def synthetic(example_id: str, scad: str, spec: GeometrySpec) -> SynthExample:
    return SynthExample(
        example_id=example_id,
        family="plate",
        family_group="new",
        wording_pool="tune",
        split="test",
        prompt="a plate 60 x 40 x 3 mm",
        scad=scad,
        params=(("width", 60.0), ("depth", 40.0)),
        spec=spec,
    )


def test_a_synthetic_example_must_compile_and_have_the_geometry_it_promises() -> None:
    spec = GeometrySpec((60.0, 40.0, 22.0), 9000.0, 1, 0)
    given_examples = [
        synthetic("good", "cube(1);", spec),
        synthetic("good", "cube(1);", spec),
        synthetic("wrong", "cube(2);", replace(spec, size_mm=(60.0, 40.0, 21.0))),
        synthetic("broken", "cube(", spec),
        replace(synthetic("leak", "cube(1);", spec), split="train", prompt="the same plate in other words"),
    ]
    broken = verdict("cube(", status="syntax_error", is_compiled=False, is_strict=False)
    examples, rejected, steps = examples_from_synth(
        given_examples, [verdict("cube(1);"), verdict("cube(2);"), broken], engine_id=ENGINE
    )
    (example,) = examples
    assert (example.tier, example.split, example.cluster_id) == ("synthetic", "test", "plate|depth=40,width=60")
    assert (example.family, example.family_group, example.wording_pool) == ("plate", "new", "tune")
    assert [(r.key, r.reason) for r in rejected] == [
        ("good", "duplicate"),
        ("wrong", "off_spec"),
        ("broken", "syntax_error"),
        ("leak", "in_test"),
    ]
    assert rejected[1].detail == "size 22 x 40 x 60 mm instead of 21 x 40 x 60"
    assert steps == [FunnelStep("synth", 5, 1, {"duplicate": 1, "in_test": 1, "off_spec": 1, "syntax_error": 1})]


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
    assert (off_spec(verdict(BOX), spec) is None) is is_met
    if spec != GeometrySpec():
        bare = replace(verdict(BOX), size_mm=None, volume_mm3=None, n_components=None, genus=None)
        assert off_spec(bare, spec) is not None


@pytest.mark.parametrize(
    ("title", "description", "prompt"),
    [
        ("wall_hook.scad", None, "wall hook"),
        (
            "Wall hook",
            "A <b>wall hook</b> &amp; plate. See [docs](http://x.y) https://a.b",
            "A wall hook & plate. See docs",
        ),
        ("Hook", "## Usage\n- print *flat*\r\n- enjoy", "Hook: Usage print flat enjoy"),
        ("cuboid", "size_x in `mm`, 2 * 3", "cuboid: size_x in mm, 2 * 3"),
        ("x.scad", "", None),
        (None, "12345 67", None),
        (None, None, None),
    ],
)
def test_the_authors_words_become_one_clean_line(
    title: str | None, description: str | None, prompt: str | None
) -> None:
    assert prompt_of(crawled("r", title=title, description=description)) == prompt


@given(st.text(), st.text())
def test_no_words_make_a_prompt_longer_than_allowed_or_of_several_lines(title: str, description: str) -> None:
    prompt = prompt_of(crawled("r", title=title, description=description * 5))
    assert prompt is None or (len(prompt) <= MAX_PROMPT_CHARS and len(prompt.splitlines()) == 1)


def test_hand_written_points_are_not_a_data_blob() -> None:
    assert check_source("polygon([" + "[0, 1]," * 50 + "]);") is True
    assert check_source(BOX * 50) is True


def test_a_funnel_that_does_not_add_up_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="clean: 5 in, 3 out"):
        FunnelStep("clean", 5, 3, {"empty": 1})


def test_the_funnel_is_aligned_text_and_a_markdown_table() -> None:
    steps = [FunnelStep("clean", 1200, 1190, {"empty": 2, "binary": 8}), FunnelStep("near_dedup", 1190, 1190)]
    assert funnel_text(steps).splitlines() == [
        "stage         in   out  dropped because",
        "clean       1200  1190  binary 8, empty 2",
        "near_dedup  1190  1190",
    ]
    assert "| clean | 1200 | 1190 | binary 8, empty 2 |" in funnel_markdown(steps)


def test_the_card_counts_and_no_crawled_word_breaks_its_tables() -> None:
    rows = [crawled("r1", title="a | b\n# <script>"), crawled("r2", "sphere(2);", license_spdx="MIT", source="bosl2")]
    examples, _, steps = build(rows, [verdict(BOX), verdict("sphere(2);")])
    card = dataset_card(examples, funnel=steps, version=3, engine_id=ENGINE)
    assert card.startswith("# CAD Copilot examples, version 3\n")
    assert "2 pairs of a sentence" in card
    for line in ("| MIT | 1 |", "| CC0-1.0 | 1 |", "| bosl2 | 1 |", "| gallery | 1 |", "| clean | 2 | 2 |  |"):
        assert line in card
    assert "- a \\| b # &lt;script> by Ada, CC0-1.0" in card


def test_a_download_that_failed_later_does_not_drop_the_design() -> None:
    failed = crawled("r1", None, fetched_at="2031-01-01", sha256=None)
    (example,), _, _ = build([crawled("r1"), failed], [verdict(BOX)])
    assert example.scad == BOX
