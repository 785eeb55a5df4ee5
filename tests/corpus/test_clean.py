"""One function cleans a row: what comes out stands alone, what doesn't has a stage and a reason, nothing fails."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.clean import CleanDesign, clean_record
from corpus.includes import find_includes
from corpus.license_tiers import LicensePolicy
from corpus.normalize import clean_source, content_key, normal_form
from corpus.schema import Author, CompanionFile, CrawledRow, Provenance, RejectedRow
from render import Engine, compile_scad

DESIGNS = Path(__file__).parents[2] / "spiders" / "sample_site" / "designs"
BOX = """// Box by Ada Lovelace <ada@example.org>
// License: CC BY 4.0

// Open at the top.

width = 30; // [10:100]
//cube(3);
use <lib.scad>
shell(width);
"""
LIB = CompanionFile("lib.scad", "// (c) 2019 Bob Bobson\nmodule shell(w) { difference() { cube(w); cube(w - 2); } }\n")


def row(scad: str | None, **changes: object) -> CrawledRow:
    base = CrawledRow(
        record_id="r1",
        source="gallery",
        source_item_id="1",
        sha256=None,
        scad=scad,
        fetched_at="2026-01-01",
        provenance=Provenance("gallery", "1", "run"),
        license_spdx="CC0-1.0",
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def test_a_design_of_two_files_comes_out_alone_with_its_header_and_words_apart() -> None:
    crawled = row(
        BOX,
        companions=(LIB,),
        title="Box by Ada Lovelace",
        description="A box for the desk, mail ada@example.org.",
        author=Author(name="Ada Lovelace"),
        transformations=("unfenced",),
        license_spdx="CC-BY-4.0",
    )
    found = clean_record(crawled)
    assert found == CleanDesign(
        record=crawled,
        scad="// Open at the top.\n\nwidth = 30; // [10:100]\nshell(width);\n\n"
        "module shell(w) { difference() { cube(w); cube(w - 2); } }\n",
        sha256=found.sha256 if isinstance(found, CleanDesign) else "",
        license_spdx="CC-BY-4.0",
        license_tier="permissive",
        header="Box by Ada Lovelace <<e-mail>>\nLicense: CC BY 4.0\n\n(c) 2019 Bob Bobson",
        title="Box",
        description="A box for the desk, mail <e-mail>.",
        transformations=(
            *("unfenced", "header kept apart", "flattened lib.scad", "trimmed comments"),
            *("dropped credit from words", "masked e-mail in words"),
        ),
        flattened=True,
    )
    assert isinstance(found, CleanDesign)
    assert found.sha256 == content_key(found.scad)
    assert {f.name for f in fields(found)} >= {"record", "scad", "sha256", "license_tier", "header", "transformations"}


GPL = "// This program is free software under the GNU General Public License, version 3\n"
REFUSED: dict[str, tuple[CrawledRow, str, str, str | None]] = {
    "nothing": (row(None), "clean", "no_source", None),
    "bytes": (row("PK\x03\x04"), "clean", "binary", None),
    "a mebibyte": (row("cube(1);\n" * 120_000), "clean", "too_big", None),
    "comments alone": (row("// cube\n"), "clean", "empty", None),
    "Python": (row("from solid import cube\nprint(cube(1));\n"), "clean", "not_openscad", "Python"),
    "a mesh": (row(f"polyhedron([{'[1, 2, 3],' * 300}]);"), "clean", "data_blob", None),
    "base64": (row(f'x = "{"aGVsbG8gd29ybGQ1" * 20}"; cube(1);'), "clean", "data_blob", None),
    "a minified source": (row("cube(1);sphere(2);" * 100), "clean", "long_line", None),
    "a program": (row("cube([1, 2, 3]);\n" * 1500), "clean", "too_many_tokens", None),
    "a key": (row("cube(1); // -----BEGIN " + "PRIVATE KEY-----"), "clean", "secret", "private key"),
    "a key in words": (row("cube(1);", description="AK" + "IAABCDEFGHIJKLMNOP"), "clean", "secret", "aws key"),
    "a missing file": (
        row("use </home/ada/x.scad>\nx();"),
        "clean",
        "needs_other_files",
        "missing /home/<user>/x.scad",
    ),
    "no licence": (row("cube(1);", license_spdx="NOASSERTION"), "license", "no_license", "NOASSERTION"),
    "NC": (row("cube(1);", license_spdx="CC-BY-NC-4.0"), "license", "quarantined_non_commercial", "CC-BY-NC-4.0"),
    "ND": (row("cube(1);", license_spdx="CC-BY-ND-4.0"), "license", "license_refused", "CC-BY-ND-4.0"),
    "own terms": (row("cube(1);", license_spdx="LicenseRef-X"), "license", "unknown_license", "LicenseRef-X"),
    "an ND file": (row("// License: CC BY-ND 4.0\n\ncube(1);"), "license", "license_refused", "CC-BY-ND-4.0"),
    "two licences": (
        row(GPL + "\ncube(1);", license_spdx="CC-BY-SA-4.0"),
        *("license", "license_conflict", "CC-BY-SA-4.0 of the site, another of the file"),
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_has_its_stage_reason_and_detail(case: str) -> None:
    crawled, stage, reason, detail = REFUSED[case]
    assert clean_record(crawled) == RejectedRow("r1", stage, reason, detail, "gallery")


def test_the_stricter_licence_counts_and_a_companion_has_a_say() -> None:
    lib = replace(LIB, text=GPL + "\n" + LIB.text)
    found = clean_record(row("use <lib.scad>\nshell(9);\n", companions=(lib,), license_spdx="MIT"))
    assert isinstance(found, CleanDesign)
    assert (found.license_spdx, found.license_tier) == ("GPL-3.0-only", "share_alike")
    assert "licence GPL-3.0-only of the file, MIT of the site" in found.transformations
    unused = clean_record(row("cube(9);\n", companions=(lib,), license_spdx="MIT"))
    assert isinstance(unused, CleanDesign)
    assert unused.license_tier == "permissive"
    choice = clean_record(row("// Dual licensed under CC BY-SA 4.0 and MIT\n\ncube(1);\n", license_spdx="MIT"))
    assert isinstance(choice, CleanDesign)
    assert choice.license_spdx == "MIT"


def test_the_policy_opens_the_non_commercial_tier() -> None:
    policy = LicensePolicy(frozenset({"permissive", "share_alike", "non_commercial"}))
    found = clean_record(row("cube(1);", license_spdx="CC-BY-NC-SA-4.0"), policy=policy)
    assert isinstance(found, CleanDesign)
    assert found.license_tier == "non_commercial"


def test_words_that_are_not_english_are_no_prompt_and_the_design_stays() -> None:
    found = clean_record(row("cube(1);", title="Halterung", description="Eine Halterung für das Kabel und die Wand."))
    assert isinstance(found, CleanDesign)
    assert (found.title, found.description) == (None, None)
    assert found.transformations == ("trimmed", "dropped words: not English")


@pytest.mark.parametrize("path", sorted(DESIGNS.glob("*.scad"))[::5], ids=lambda p: p.stem)
def test_the_samples_keep_their_solid(path: Path, engine: Engine) -> None:
    scad = path.read_text(encoding="utf-8")
    found = clean_record(row(scad))
    assert isinstance(found, CleanDesign), found
    assert normal_form(found.scad) == normal_form(scad)
    assert compile_scad(found.scad, engine=engine).is_strict


PIECES = st.sampled_from(
    [
        *BOX.splitlines(keepends=True),
        "use <a.scad>\n",
        "include <a.scad>\n",
        "module a() {",
        "}",
        "/* ",
        "*/",
        '"',
        "\n\n\n",
    ]
    + [
        "// License: GPL v3\n",
        "cube(1);",
        "\x00",
        "\ud800",
        "Ã©",
        "&lt;",
        "“",
        "```\n",
        "\ufeff",
        "a@b.co",
        "//====\n",
        "x=[1,",
    ]
)
TEXT = st.lists(PIECES, max_size=20).map("".join) | st.text()


@given(TEXT, TEXT, TEXT)
def test_any_row_has_an_answer_and_a_clean_design_stands_alone(scad: str, companion: str, words: str) -> None:
    found = clean_record(row(scad, companions=(CompanionFile("a.scad", companion),), title=words, description=words))
    if isinstance(found, RejectedRow):
        assert found.stage in ("clean", "license")
        assert found.detail is None or "\n" not in found.detail
        return
    assert clean_source(found.scad).transformations == ()
    assert all(need.target != "a.scad" for need in find_includes(found.scad))
    found.scad.encode("utf-8")


@given(TEXT)
def test_cleaning_a_clean_design_changes_no_token(scad: str) -> None:
    once = clean_record(row(scad))
    if isinstance(once, CleanDesign):
        again = clean_record(row(once.scad))
        assert isinstance(again, CleanDesign), again
        assert normal_form(again.scad) == normal_form(once.scad)


@pytest.mark.parametrize(
    "unit",
    [
        "/*",
        '"',
        "(",
        "cube(1);\n",
        "// by A\n",
        "//cube(1);\n",
        "include <a.scad>\n",
        "&amp;",
        "“a",
        "Ã",
        "\r",
        "```a\n",
        "[1,",
    ]
    + [
        "token=",
        "+1",
        "\x00a",
        "x=1;",
        " ",
        "module a(){",
        "a@",
        "solid a\n",
        '{"',
        '<a b="c"',
        "#\n",
        "int ",
        "def a(",
    ],
)
def test_a_megabyte_has_an_answer_as_source_companion_and_words(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    clean_record(row(text))
    clean_record(row(unit * (30_000 // len(unit)) + "\ncube(1);", description=text[:200_000]))
    clean_record(row("use <a.scad>\na();", companions=(CompanionFile("a.scad", unit * (60_000 // len(unit))),)))
