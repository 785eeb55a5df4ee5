"""Which designs stay: each row is a design or has a reason at its stage, and every stage adds up."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest
from designs_made import BOX, cleaned, crawled, evidence, verdict
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.cleaned import cleaned_row, cleaner_id, crawled_id, newest_ids
from corpus.license_tiers import LicensePolicy
from corpus.normalize import content_key
from corpus.schema import CompanionFile, CompiledRow, CrawledRow, DiagnosticRow
from corpus.selection import Selection, select_designs, verdict_problem

MISSING = DiagnosticRow("warning", "unknown_module", "Ignoring unknown module 'nut'", None, 4)


def select(rows: list[CrawledRow], verdicts: list[CompiledRow]) -> Selection:
    pairs = cleaned(rows)
    selection = select_designs(pairs, evidence(verdicts, [row.scad for row, _ in pairs if row.scad]))
    assert all(a.n_out == b.n_in for a, b in pairwise(selection.steps))
    assert (selection.steps[0].n_in, selection.steps[-1].n_out) == (len(rows), len(selection.designs))
    dropped = Counter((row.stage, row.reason) for row in selection.rejected)
    assert dropped == Counter({(s.stage, reason): n for s in selection.steps for reason, n in s.reasons.items()})
    assert {d.cleaned.record_id for d in selection.designs} | {r.key for r in selection.rejected} == {
        row.record_id for row in rows
    }
    return selection


def reasons(selection: Selection) -> dict[str, tuple[str, str]]:
    return {row.key: (row.stage, row.reason) for row in selection.rejected}


def test_a_row_is_dropped_at_the_first_stage_that_refuses_it() -> None:
    sources = {"broken": "cube(1); // a", "open": "cube(2); // b", "gap": "cube(3); // c", "late": "cube(4); // d"}
    rows = [crawled(name, scad) for name, scad in sources.items()]
    rows += [crawled("empty", "// words only\n"), crawled("unlicensed", "cube(5);", license_spdx="NOASSERTION")]
    keys = {row.record_id: row.sha256 or "" for row, _ in cleaned(rows)}
    verdicts = [
        verdict(keys["broken"], status="syntax_error", is_compiled=False, is_strict=False),
        verdict(keys["open"], is_strict=False, is_closed=False),
        verdict(keys["gap"], status="warning", is_strict=False, diagnostics=(MISSING,)),
    ]
    assert reasons(select(rows, verdicts)) == {
        "broken": ("compile", "syntax_error"),
        "open": ("compile", "not_closed"),
        "gap": ("compile", "unknown_module"),
        "late": ("compile", "not_compiled"),
        "empty": ("clean", "empty"),
        "unlicensed": ("license", "no_license"),
    }


def test_of_duplicates_the_best_stays_and_the_cluster_has_the_smallest_key_of_all() -> None:
    near = BOX.replace("foot(55, 35)", "foot(50, 35)")
    rows = [crawled("a", "// copy\n" + BOX, description=None), crawled("b", near), crawled("c", description=None)]
    keys = [row.sha256 or "" for row, _ in cleaned(rows)]
    selection = select(rows, [verdict(key) for key in keys])
    (design,) = selection.designs
    assert design.cleaned.record_id == "b"
    assert design.cluster_id == min(keys)
    assert set(reasons(selection).values()) == {("exact_dedup", "duplicate"), ("near_dedup", "duplicate")}


LID = CompanionFile("lid.scad", "module lid() cube([20, 10, 2]);\n")


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        ({}, None),
        ({"size_mm": (60.0, 40.0, 22.005)}, None),
        ({"size_mm": (60.0, 40.0, 23.0)}, "flatten_changed"),
        ({"volume_mm3": 9100.0}, "flatten_changed"),
        ({"status": "syntax_error", "is_compiled": False, "size_mm": None}, "flatten_unproven"),
        (None, "flatten_unproven"),
    ],
)
def test_a_flattened_source_must_measure_what_it_did_with_its_files(
    before: dict[str, object] | None, reason: str | None
) -> None:
    scad = "use <lid.scad>\nlid();\n"
    row = crawled("r", scad, companions=(LID,), sha256=content_key(scad, (LID,)))
    ((clean, _),) = cleaned([row])
    assert clean.is_flattened
    assert clean.sha256 != row.sha256
    verdicts = [verdict(clean.sha256 or "")] + ([verdict(row.sha256 or "", **before)] if before is not None else [])
    selection = select([row], verdicts)
    assert reasons(selection) == ({"r": ("flatten", reason)} if reason else {})


def test_an_older_text_of_a_record_is_counted_as_superseded() -> None:
    selection = select_designs(cleaned([crawled("r")]), evidence([verdict(content_key(BOX))], [BOX]), n_superseded=3)
    assert (selection.steps[0].n_in, selection.steps[0].reasons) == (4, {"superseded": 3})


def test_a_verdicts_problem_is_its_status_or_what_keeps_it_from_being_sound() -> None:
    sound = verdict("k")
    assert verdict_problem(sound) is None
    assert verdict_problem(None) == ("not_compiled", None)
    loose = replace(sound, is_strict=False)
    assert verdict_problem(replace(loose, is_closed=True)) == ("no_volume", None)
    assert verdict_problem(replace(loose, diagnostics=(MISSING,))) == (
        "unknown_module",
        "line 4: Ignoring unknown module 'nut'",
    )
    assert verdict_problem(replace(loose, is_compiled=False)) == ("bad_mesh", None)


SOURCES = [BOX, BOX.replace("60", "70"), "// c\n" + BOX, "cube(1);", "sphere(2);", "// none", "bad(", None]


@settings(max_examples=40, deadline=None)
@given(data=st.data(), n_rows=st.integers(0, 20))
def test_whatever_comes_in_adds_up_and_its_order_does_not_matter(data: st.DataObject, n_rows: int) -> None:
    rows = [
        crawled(
            f"r{i:02}",
            data.draw(st.sampled_from(SOURCES)),
            license_spdx=data.draw(st.sampled_from(["MIT", "NOASSERTION", "GPL-3.0-only"])),
            description=data.draw(st.sampled_from(["A useful part", None])),
        )
        for i in range(n_rows)
    ]
    keys = {row.sha256 for row, _ in cleaned(rows) if row.sha256 and "bad" not in (row.scad or "")}
    verdicts = [verdict(key) for key in sorted(keys)]
    first, second = select(rows, verdicts), select(rows[::-1], verdicts)
    assert {d.cleaned.record_id: d.cluster_id for d in first.designs} == {
        d.cleaned.record_id: d.cluster_id for d in second.designs
    }
    assert reasons(first) == reasons(second)


def test_a_crawled_row_is_another_once_its_text_licence_or_title_is() -> None:
    row = crawled("r")
    others = [crawled("r", "cube(1);"), replace(row, license_spdx="MIT"), replace(row, title="Box")]
    assert len({crawled_id(row), *map(crawled_id, others)}) == 4
    assert crawled_id(replace(row, fetched_at="2031-01-01")) == crawled_id(row)


def test_the_newest_of_a_records_rows_counts_whatever_their_order() -> None:
    rows = [("a", "r1", "2025"), ("b", "r1", "2026"), ("c", "r2", "2024"), ("d", "r2", "2024")]
    assert newest_ids(rows) == newest_ids(rows[::-1]) == {"b", "d"}


def test_another_policy_cleans_again_and_refuses_by_its_tiers() -> None:
    strict, open_policy = LicensePolicy(tiers=frozenset({"permissive"})), LicensePolicy()
    row = crawled("r", license_spdx="CC-BY-SA-4.0")
    assert cleaner_id(strict) != cleaner_id(LicensePolicy(tiers=frozenset({"permissive", "share_alike"})))
    assert (cleaned_row(row, strict).stage, cleaned_row(row, strict).scad) == ("license", None)
    assert cleaned_row(row, LicensePolicy(tiers=frozenset({"permissive", "share_alike"}))).license_tier == "share_alike"
    assert open_policy == LicensePolicy()
