"""Cleaning, normal form and content key: what they change, and what they never change."""

from __future__ import annotations

import hashlib
import random

from hypothesis import given
from hypothesis import strategies as st

from corpus.includes import find_includes
from corpus.normalize import (
    Cleaned,
    clean_source,
    content_key,
    lexemes,
    normal_form,
    normalize_source,
    segments,
    strip_comments,
    tokens,
)
from corpus.schema import CompanionFile, Include

PIECES = st.sampled_from(
    [
        "```",
        "```scad\n",
        "~~~\n",
        "\n",
        "\r\n",
        "\r",
        "\ufeff",
        "\u200b",
        "\u00a0",
        " ",
        "\t",
        '"',
        "\\",
        "//",
        "/*",
        "*/",
    ]
    + ["&lt;", "&amp;amp;", "\u201ca\u201d", "\u2212", "Ã©", "ÿþ", "c\x00u\x00"]
    + ["cube(1);", "a", "include <a//b.scad>", "\ud800", "\x00", "<", ">", "1e3", "$fn"]
)
SOUP = st.lists(PIECES, max_size=25).map("".join)
WORDS = st.sampled_from(["cube", "(", ")", "[", "1.5", "2", ";", '"a // b /* c"', '"x  y"', "$fn", "=", "{", "}", "<="])
BLANKS = st.sampled_from([" ", "\n", "\t", "  ", "// note\n", "/* a\nb */", " /**/ "])


@given(SOUP | st.text())
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    once = clean_source(text)
    again = clean_source(once.text)
    assert again.text == once.text
    assert again.transformations == ()
    assert bool(once.transformations) == (once.text != text)
    once.text.encode("utf-8")


@given(SOUP | st.text())
def test_a_cleaned_source_has_no_carriage_return_no_trailing_blank_and_ends_once(text: str) -> None:
    cleaned = normalize_source(text)
    assert "\r" not in cleaned
    assert all(line == line.rstrip() for line in cleaned.split("\n"))
    assert cleaned == "" or (cleaned.endswith("\n") and not cleaned.endswith("\n\n"))


@given(st.lists(WORDS, min_size=1, max_size=12), st.data())
def test_the_normal_form_ignores_comments_and_blanks_between_tokens(words: list[str], data: st.DataObject) -> None:
    spaced = "".join(w + data.draw(BLANKS) for w in words)
    assert normal_form(spaced) == " ".join(words)


def test_the_normal_form_keeps_what_stands_in_strings() -> None:
    assert normal_form('text("a  b"); // x') == normal_form('text( "a  b" );') != normal_form('text("a b");')
    assert normal_form('a = "// no comment";') == 'a = "// no comment" ;'
    assert normal_form('a = "say \\"/* hi */\\"";') == 'a = "say \\"/* hi */\\"" ;'
    assert normal_form("cube(1);/* open") == "cube ( 1 ) ;"


def test_numbers_targets_and_operators_are_single_tokens() -> None:
    assert tokens("x=1.5e-3<=.5;use <a b//c.scad>\n$fn!=a1") == (
        ["x", "=", "1.5e-3", "<=", ".5", ";", "use <a b//c.scad>", "$fn", "!=", "a1"]
    )
    assert strip_comments("a/*x*/b//y\ninclude <BOSL2//std.scad>") == "a b\ninclude <BOSL2//std.scad>"


def test_a_fenced_answer_becomes_its_longest_block() -> None:
    text = 'Try "this":\r\n```openscad\r\n// a cube\r\ncube(10);\r\n```\r\nor\r\n```\r\nx\r\n```\r\n'
    cleaned = clean_source(text)
    assert cleaned.text == "// a cube\ncube(10);\n"
    assert cleaned.transformations == ("line ends", "unfenced")
    assert normalize_source("```scad\ncube(1);\n") == "cube(1);\n"
    kept = "/*\n```\nusage\n```\n*/\ncube(1);\n"
    assert normalize_source(kept) == kept


def test_utf16_that_was_read_a_byte_a_character_is_joined() -> None:
    scad = "cube(1); // é\n"
    for encoding in ("utf-16", "utf-16-le", "utf-16-be"):
        cleaned = clean_source(scad.encode(encoding).decode("latin-1"))
        assert cleaned.text == scad
        assert "decoded utf-16" in cleaned.transformations


def test_utf8_that_was_read_as_cp1252_or_latin1_is_repaired_where_all_of_it_fits() -> None:
    scad = 'text("é – “x” ü"); // ø 5 µm °\n'
    for encoding in ("cp1252", "latin-1"):
        garbled = scad.encode().decode(encoding, errors="strict" if encoding == "latin-1" else "replace")
        if "\ufffd" not in garbled:
            assert clean_source(garbled) == Cleaned(scad, ("repaired mojibake",))
            assert normalize_source(garbled.encode().decode("latin-1")) == scad
    mixed = "// Ã© and é\n"
    assert normalize_source(mixed) == mixed
    assert normalize_source(scad) == scad


def test_html_entities_are_undone_where_the_code_has_some() -> None:
    page = "if (a &lt; b &amp;&amp; c &gt; 2) text(&quot;&amp;lt;&quot;);&nbsp;// &#39;\n"
    assert clean_source(page) == Cleaned('if (a < b && c > 2) text("<"); // \'\n', ("unescaped html",))
    for kept in ('text("&lt;");\n', "// a &lt; b\ncube(1);\n", "x = a && b;\n"):
        assert normalize_source(kept) == kept


def test_typographic_marks_become_plain_in_code_alone() -> None:
    scad = "text(“a b”); x = −3 – 2; // “q” – −\ns = “half;\n"
    assert normalize_source(scad) == 'text("a b"); x = -3 - 2; // “q” – −\ns = “half;\n'
    assert normalize_source('text("“x”");\n') == 'text("“x”");\n'


def test_tabs_stay() -> None:
    assert normalize_source("module a() {\n\tcube(1);\n}\n") == "module a() {\n\tcube(1);\n}\n"


def test_segments_and_lexemes_give_the_source_and_its_places() -> None:
    scad = 'a = "x//y"; /* b */ use <c d.scad> // e\n8bit(0x1F, 1e-3);\n'
    assert "".join(s.text for s in segments(scad)) == scad
    assert [s.kind for s in segments(scad)] == [
        *("code", "string", "code", "comment", "code", "target", "code", "comment", "code")
    ]
    assert [word.text for word in lexemes(scad)] == tokens(scad)
    assert tokens(scad)[5:] == ["8bit", "(", "0x1F", ",", "1e-3", ")", ";"]
    assert all(scad.startswith(word.text, word.start) for word in lexemes(scad))


def test_hostile_text_is_cleaned_in_linear_time() -> None:
    for unit in (
        "```a\n",
        '"',
        "/*",
        "\\",
        '"\\',
        "include <",
        "// ```\n",
        "<![CDATA[",
        "\u200b```\n",
        "&amp;",
        "\u201c",
        "Ã",
        "\x00a",
    ):
        text = unit * (200_000 // len(unit))
        normal_form(normalize_source(text))
        find_includes(text)


def test_the_content_key_of_a_lone_source_is_the_hash_of_the_saved_file() -> None:
    assert content_key("\ufeffcube(1); \r\n") == hashlib.sha256(b"cube(1);\n").hexdigest()
    assert content_key("\ud800") == content_key("\ufffd")


def test_the_content_key_depends_on_companions_but_not_on_their_order() -> None:
    files = [CompanionFile(f"{i}.scad", f"x={i};") for i in range(5)]
    shuffled = random.Random(1).sample(files, 5)
    assert content_key("cube();", files) == content_key("cube();", shuffled)
    variants = [(), files[:1], files, [CompanionFile("0.scad", "x=1;")], [CompanionFile("1.scad", "x=0;")]]
    assert len({content_key("cube();", v) for v in variants}) == len(variants)


def test_includes_are_found_in_code_only_and_each_once() -> None:
    scad = """
    include <BOSL2/std.scad>  use<lib/a b.scad>
    // include <no.scad>
    s = "use <no.scad>"; /* import("no.stl") */
    import("a \\"b\\".stl", convexity = 3); import(convexity = f("x"), file = "c.stl");
    surface(file = "h.dat", center = true); import(str("d", i)); myinclude <x>; import(name);
    include <BOSL2/std.scad>
    """
    assert find_includes(scad) == (
        Include("include", "BOSL2/std.scad"),
        Include("use", "lib/a b.scad"),
        Include("import", 'a "b".stl'),
        Include("import", "c.stl"),
        Include("surface", "h.dat"),
    )
