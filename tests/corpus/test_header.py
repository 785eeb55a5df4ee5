"""Notices and dead comments: what is cut, what stays, and that the Customizer offers the same before and after."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.comments import close_gaps, trim_comments
from corpus.header import has_same_parameters, notice_licenses, split_header
from corpus.normalize import normal_form
from render.customizer import parse_parameters

BOX = """// Parametric box by Ada Lovelace
// Copyright (c) 2020 Ada Lovelace
// SPDX-License-Identifier: MIT

// A box with a lid that slides.
// It prints without supports.

/* [Size] */
// Outer width
width = 30; // [10:100]
lid = true;

module box() { cube(width); }
box();

// This work is licensed under CC BY 4.0.
"""


def test_the_notice_goes_to_the_header_and_the_description_stays() -> None:
    found = split_header(BOX)
    assert found.notice == (
        "Parametric box by Ada Lovelace\nCopyright (c) 2020 Ada Lovelace\nSPDX-License-Identifier: MIT\n"
        "This work is licensed under CC BY 4.0."
    )
    assert found.scad.rstrip() == BOX[BOX.index("// A box with") : BOX.index("// This work")].rstrip()
    assert parse_parameters(found.scad)[0].group == "Size"


CUT = {
    "/*\n * Hinge\n * by Ada Lovelace, 2015\n *\n * The pin is 3 mm thick.\n */\ncube(1);": (
        "/*\n * Hinge\n *\n * The pin is 3 mm thick.\n */\ncube(1);",
        "by Ada Lovelace, 2015",
    ),
    "// Hook\n// v1.2 2020-01-02\n// Author: Ada\ncube(1);": ("// Hook\ncube(1);", "v1.2 2020-01-02\nAuthor: Ada"),
    "// Authors:\n//  - Ada\n//  - Bob\n\ncube(1);": ("cube(1);", "Authors:\n- Ada\n- Bob"),
    "// Please see https://example.org/hook\n// for more information.\n\ncube(1);": (
        "cube(1);",
        "Please see https://example.org/hook\nfor more information.",
    ),
    "// GPL v3\nwidth = 3; // [1:9]\n": ("width = 3; // [1:9]\n", "GPL v3"),
}
WHOLE = (
    "// By default the lid is closed.\ncube(1);",
    "// 20 mm by 30 mm\ncube(1);",
    "// 1.5 mm walls\nwall = 1.5;\n",
    "/* [Size] */\nx = 1;\n",
    "// Version of the plate: small or large\nx = 1;\n",
    "cube(1);\n// the end\n",
    "// Copyright 2020 Ada\n",
)


@pytest.mark.parametrize("scad", CUT)
def test_lines_of_credit_are_cut(scad: str) -> None:
    found = split_header(scad)
    assert (found.scad, found.notice) == CUT[scad]


@pytest.mark.parametrize("scad", WHOLE)
def test_what_tells_about_the_part_is_no_notice(scad: str) -> None:
    assert split_header(scad).scad == scad
    assert split_header(scad).notice is None


def test_the_licences_that_the_notice_offers_are_read_at_either_end() -> None:
    assert notice_licenses(BOX) == ("MIT",)
    assert notice_licenses("cube(1);\n" * 500 + "// License: GPL v2\n") == ("GPL-2.0-only",)
    assert notice_licenses('text("License: GPL v2");') == ()


TRIMMED = {
    "//////////////\n// Lid\n//////////////\ncube(1);\n": "// Lid\n\ncube(1);\n",
    "//cube(2);\n//  translate([1, 2, 3])\n//  sphere(2);\ncube(1);\n": "cube(1);\n",
    "cube(1);\n//cube(2);\nsphere(1);\n": "cube(1);\nsphere(1);\n",
    "/*\ncube(2);\nx = 3;\n*/\ncube(1);\n": "cube(1);\n",
    "//----- Lid -----\n\nlid = 1;\n": "// Lid\n\nlid = 1;\n",
    "//   |<---- 20 ---->|\n//   +--------------+\n\ncube(1);\n": "\ncube(1);\n",
    "// Width\n//width = 2;\nwidth = 1;\n": "// Width\n\nwidth = 1;\n",
    "module a() {\n    cube(1);\n    //cube(2);\n    /* sphere(3); */\n    cube(4);\n}\n": (
        "module a() {\n    cube(1);\n    cube(4);\n}\n"
    ),
}
KEPT = (
    "// Example:\n//   gear(teeth = 20);\nmodule gear(teeth) cube(teeth);\n",
    "// Usage: gear(20);\ncube(1);\n",
    "x = 3; // [1:2:9]\ny = 4; // cube(1);\n",
    "// The wall; it is 2 mm.\nwall = 2;\n",
    '/* [Size] */\nx = 1;\n/* [Hidden] */\ny = "// cube(1);";\n',
    "// [1, 2, 3]\nx = 1;\n",
    "/********/\nx = 1;\n",
    "cube(1); /* cube(2); */ sphere(1);\n",
    "// radius in mm (outer)\nr = 3;\n",
)


@pytest.mark.parametrize("scad", TRIMMED)
def test_dead_code_and_banners_go(scad: str) -> None:
    assert "\n".join(line.rstrip() for line in trim_comments(scad).split("\n")) == TRIMMED[scad]


@pytest.mark.parametrize("scad", KEPT)
def test_examples_prose_widgets_and_groups_stay(scad: str) -> None:
    assert trim_comments(scad) == scad


def test_gaps_are_closed_outside_strings_and_comments() -> None:
    assert close_gaps('a();\n\n\n\nb("x\n\n\n\ny");\n/*\n\n\n\n*/') == 'a();\n\nb("x\n\n\n\ny");\n/*\n\n\n\n*/'


LINES = st.sampled_from(
    [
        "// Copyright 2020 Ada",
        "// by Ada Lovelace",
        "/* [Size] */",
        "/* by Ada */",
        "/*",
        "*/",
        "// width",
        "width = 3;",
    ]
    + [
        "wide = 2; // [1:9]",
        "",
        "",
        "//====",
        "//cube(2);",
        "/* [Hidden] */",
        'name = "a";',
        "module a() {",
        "}",
        "cube(1);",
    ]
    + [
        "// License: MIT",
        "// Example:",
        " * v1.2",
        "// https://example.org",
        "x = [1, 2]; /* c */",
        "/****/",
        "// -- A --",
    ]
)
SOURCES = st.lists(LINES, max_size=14).map("\n".join)


def _named(scad: str) -> list[tuple[object, ...]]:
    return [
        (p.name, p.default, p.minimum, p.maximum, p.options, p.group or "Parameters") for p in parse_parameters(scad)
    ]


@given(SOURCES)
def test_code_and_parameters_are_the_same_before_and_after(scad: str) -> None:
    for after in (
        split_header(scad).scad,
        trim_comments(scad),
        close_gaps(scad),
        trim_comments(split_header(scad).scad),
    ):
        assert normal_form(after) == normal_form(scad)
        assert _named(after) == _named(scad)
        before = {p.name: p.description for p in parse_parameters(scad)}
        assert all(p.description in ("", before[p.name]) for p in parse_parameters(after))
    assert has_same_parameters(scad, scad)


@given(st.text())
def test_any_text_has_an_answer(text: str) -> None:
    assert normal_form(trim_comments(split_header(text).scad)) == normal_form(text)


@pytest.mark.parametrize(
    "unit", ["/*", "*/", "// a\n", "//\n", "//cube(1);\n", "\n", "//====\n", '"', "// a ---- b", "// by A\n"]
)
def test_hostile_text_is_read_in_linear_time(unit: str) -> None:
    text = unit * (60_000 // len(unit))
    close_gaps(trim_comments(split_header(text).scad + "cube(1);"))
    split_header(text + "\ncube(1);")
