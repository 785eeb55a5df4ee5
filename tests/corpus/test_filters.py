"""Filters and languages: what no compile is worth, and what is never taken for it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.filters import MAX_LIST_NUMBERS, MAX_TOKENS, check_source
from corpus.language import is_english, is_openscad, other_language

REFUSED = {
    "a long table": (f"x = [{', '.join(['[1, 2]'] * (MAX_LIST_NUMBERS // 2 + 1))}];\ncube(1);\n", "data_blob"),
    "base64 in a comment": ("cube(1); // " + "aGVsbG8gd29ybGQ1" * 15, "data_blob"),
    "a minified line": ("translate([1, 2, 3]) cube(4);" * 40, "long_line"),
    "a generated file": ("cube([a, b, c]);\n" * (MAX_TOKENS // 10), "too_many_tokens"),
    "G-code": ("G28\nG1 X10 Y10 F3000\nG1 Z0.2\nM104 S200\nG1 X20 E1.5\nG1 X30 E3\n", "not_openscad"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_blobs_and_generated_text_are_refused(case: str) -> None:
    scad, reason = REFUSED[case]
    assert check_source(scad) == (False, reason)


KEPT = (
    "polygon([" + "[0, 1]," * 100 + "]);",
    "x = [for (i = [0:300]) i * 2];\ncube(1);",
    "cube(1); // " + "=" * 300,
    "cube(1); // https://example.org/" + "a-long-path/" * 12,
    'text("' + "lorem ipsum " * 60 + '");',
)


@pytest.mark.parametrize("scad", KEPT)
def test_outlines_banners_and_long_words_are_no_blobs(scad: str) -> None:
    assert check_source(scad) is True


OTHER = {
    "import cadquery as cq\nbox = cq.Workplane().box(1, 2, 3)\n": "Python",
    "#!/usr/bin/env python3\ncube(1);": "Python",
    "from solid2 import *\ncube(3).save_as_scad()\n": "Python",
    "def part():\n    return cube(1);\n": "Python",
    "const { cube } = require('@jscad/modeling').primitives\n": "JavaScript",
    "function main() {\n  return cube(1);\n}\n": "JavaScript",
    "var size = 3;\ncube(size);": "JavaScript",
    "#include <stdio.h>\nint main() { return 0; }": "C",
    "float radius = 3;\ncube(radius);": "C",
    "solid part\n  facet normal 0 0 1\n": "STL",
    "OFF\n8 12 0\n": "OFF",
    "# made by hand\no part\nv 0 0 1\n": "OBJ",
    "<!DOCTYPE html>\n<html><body>cube(1);</body></html>": "HTML",
    '{"parameterSets": {"a": {"x": "1"}}}': "JSON",
    "ISO-10303-21;\nHEADER;": "STEP",
    "<?php echo 1; ?>": "PHP",
    "This is a readme. It tells about a box.": "prose",
}


@pytest.mark.parametrize("text", OTHER)
def test_other_languages_are_known_by_what_openscad_lacks(text: str) -> None:
    assert other_language(text) == OTHER[text]
    assert is_openscad(text) == (False, "not_openscad")


OPENSCAD = (
    'import("part.stl");',
    "function f(x) = x * 2;\ncube(f(2));",
    "x = let (a = 1) a;\nlet (b = 2) cube(b);",
    "#cube(1); // #include <x.h>",
    "f = function (x) x;\ncube(f(1));",
    "// import numpy as np\n/* def f(): */\ncube(1);",
    'text("const x = 1; => ===");',
    "include <BOSL2/std.scad>",
    "each_class = 3; def = 4; var = 5; cube(def);",
    "module solid_part() { cube(1); }",
    "from = 1; cube(from);",
    "",
    "// only a comment",
)


@pytest.mark.parametrize("scad", OPENSCAD)
def test_openscad_is_taken_for_itself(scad: str) -> None:
    assert is_openscad(scad) is True


ENGLISH = (
    "Project box",
    "A die for the press; pour the resin in",
    "Café sign with the name of your bar",
    "Los Angeles keychain",
    "M3x10 standoff",
    "Raspberry Pi 4 case v2",
    "",
    "12345",
    "The box is for das Keyboard",
)
FOREIGN = (
    "Halter für Kabel",
    "Eine Box mit Deckel und Scharnier",
    "Boîte avec couvercle pour les vis",
    "Caja para las pilas con tapa",
    "Коробка для батареек",
    "电池盒",
    "Pudełko na baterie dla dzieci",
    "Scatola per le viti della stampante",
    "Doosje voor het opbergen van schroeven",
)


@pytest.mark.parametrize("text", ENGLISH)
def test_english_and_names_pass(text: str) -> None:
    assert is_english(text)


@pytest.mark.parametrize("text", FOREIGN)
def test_other_languages_do_not(text: str) -> None:
    assert not is_english(text)


@given(st.text())
def test_any_text_has_an_answer(text: str) -> None:
    assert is_english(text) in (True, False)
    assert check_source(text) is True or check_source(text)[0] is False
