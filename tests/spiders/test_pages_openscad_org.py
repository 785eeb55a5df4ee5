"""openscad.org's pages and scripts: what is read out of them, and that nothing in them can do harm."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders.pages.js_literals import calls_in
from spiders.pages.openscad_org import (
    Calendar,
    Day,
    DayFile,
    Pointed,
    names_calendar_only,
    parse_calendar_page,
    parse_calendar_script,
    parse_gallery,
    parse_libraries,
    parse_things,
)

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
# pieces that a reader of scripts can stumble over
PIECES = st.sampled_from(
    [*"'\"`\\/*{}[](),:+.-0n", "\n", "//", "/*", "*/", "setDay", "setDay(", "function ", "${", "\\u", "\\x4", "1e", "é"]
)


def day(script: str, year: int = 2024) -> Day:
    (only,) = parse_calendar_script(script, year).days
    return only


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        ("'it\\'s'", "it's"),
        ('"a \\"b\\" \\\\ c"', 'a "b" \\ c'),
        ("'\\u00e4\\x41\\u{1F384}\\ud83c\\udf84\\n\\t\\q'", "äA🎄🎄\n\tq"),
        ("'long \\\nline'", "long line"),
        ("`two\nlines`", "two\nlines"),
        ("'a' + \"b\" + `c`", "abc"),
        ("['a', 'b',]", ["a", "b"]),
        ("['a', , 'b']", ["a", None, "b"]),
        ("{ a: 1, 'b-c': [true, null, undefined], 3: -2.5e3, d: 0x1F, }", None),
        ("{ a: /* b: 2, */ 1 // , c: 3\n}", {"a": 1}),
        ("'// no comment'", "// no comment"),
    ],
)
def test_a_literal_is_read_as_a_browser_reads_it(literal: str, value: Any) -> None:
    if value is None:
        value = {"a": 1, "b-c": [True, None, None], "3": -2500.0, "d": 31}
    calls = calls_in(f"f({literal});", "f")
    assert (calls.arguments, calls.n_broken) == (((value,),), 0)


@pytest.mark.parametrize(
    "script",
    [
        "// f(1)",
        "/* f(1) */",
        "x = 'f(1)';",
        "`f(1)`",
        "function f(day, data) { days.set(day, data); }",
        "date.f(1);",
        "ff(1); f; f = 1;",
    ],
)
def test_what_only_looks_like_a_call_is_none(script: str) -> None:
    calls = calls_in(f"{script}\nf(2)", "f")
    assert (calls.arguments, calls.n_broken) == (((2,),), 0)


@pytest.mark.parametrize(
    "broken", ["f({a: b})", "f('open\n)", "f(`${x}`)", "f({a 1})", "f([1 2])", "f(a => 1)", "f(1", "f([", "f({ a:"]
)
def test_a_call_that_is_no_data_is_counted_and_the_next_one_is_read(broken: str) -> None:
    calls = calls_in(f"f(1);\n{broken}\nf(3);", "f")
    assert (calls.arguments, calls.n_broken) == (((1,), (3,)), 1)


def test_nesting_without_end_is_given_up() -> None:
    assert calls_in(f"f({'[' * 100_000}", "f").n_broken == 1
    assert calls_in("f({a:" * 50_000, "f").arguments == ()


@given(ANY_JSON)
def test_whatever_json_says_is_read_back(value: Any) -> None:
    calls = calls_in(f"/**/\nf({json.dumps(value)});", "f")
    assert calls.arguments == ((value,),)


@given(st.lists(PIECES, max_size=40).map("".join))
def test_any_script_has_an_end(script: str) -> None:
    calls = calls_in(script, "setDay")
    assert len(calls.arguments) + calls.n_broken <= script.count("setDay")
    parse_calendar_script(script, 2024)


LIBRARIES = """<article><section id="general"><h1>General</h1>
<h2 id="A">One (beta)</h2><p>Tools &amp; more.</p><p>New.</p><ul><li><a href="https://github.com/o/one/">Library</a></li>
<li><a href="https://github.com/o/one/wiki">Documentation</a></li>
<li>License: <a href="https://spdx.org/licenses/MIT.html">MIT</a> | <a href="https://spdx.org/x">GPL-3.0-only</a></li></ul>
<h2 id="A">Two</h2><ul><li>Nothing to link</li></ul>
<h2 id="B">Three</h2><ul><li><a href="https://www.example.org/">Project</a></li>
<li><a href="https://codeberg.org/o/three">Library</a></li></ul></section>
<section id="singletopic"><h2>Four</h2><ul><li><a href="javascript:alert(1)">Library</a></li></ul>
<h2>Five</h2><ul><li><a href=https://github.com/o/five>Library</section>
<section id="other"><h2>Six</h2><ul><li><a href="https://github.com/o/six">Library</a></li></ul></section></article>"""


def test_each_library_of_the_two_sections_is_its_library_link() -> None:
    assert parse_libraries(LIBRARIES) == (
        Pointed("https://github.com/o/one", "One (beta)"),
        Pointed("https://codeberg.org/o/three", "Three"),
        Pointed("https://github.com/o/five", "Five"),
    )


@given(st.text())
def test_any_page_is_read_as_far_as_it_goes(html: str) -> None:
    assert parse_libraries(html) == ()
    assert parse_calendar_page(html, 2019).days == ()
    assert parse_gallery(html) is None


def test_a_gallery_is_the_list_in_its_call() -> None:
    script = (
        '/**/\ngallery([ {"id":"m","name":"A model","public_url":"https://github.com/o/r/"}, {"name":"no page"}, 3 ]);'
    )
    assert parse_gallery(script) == (Pointed("https://github.com/o/r", "A model"),)
    assert parse_gallery('gallery({"a": 1});') is None
    assert parse_gallery('<html><section id="gallery"></section></html>') is None


@given(ANY_JSON)
def test_any_list_of_things_is_read(data: Any) -> None:
    assert (parse_things(data) is None) == (not isinstance(data, list))


def test_a_door_of_2024_as_the_site_writes_it() -> None:
    found = day(
        "/**/\nsetDay(1, { author: 'Torsten Paul', license: 'CC0', dir: 'PaperTree',\n        img: 'PaperTree.png',\n"
        "        src: ['PaperTree.scad', 'theme/Cartoon dog.svg', '', 'lib/part one.SCAD'],\n\tbin: 'PaperTree.3mf',\n"
        "\tinfo: '<p>Don\\'t wait.</p><p><small>Also <a href=\"https://example.org\">there</a>.</small></p>'\n});\n"
    )
    assert (found.item_id, found.title, found.author) == ("advent-calendar-2024/1", "Paper Tree", "Torsten Paul")
    assert found.description == "Don't wait.\n\nAlso there."
    assert (found.license.raw, found.license.spdx, found.license.scope) == ("CC0", "CC0-1.0", "item")
    assert found.files == (
        DayFile("PaperTree.scad", "PaperTree/PaperTree.scad"),
        DayFile("lib/part one.SCAD", "PaperTree/lib/part%20one.SCAD"),
    )


@pytest.mark.parametrize(
    ("entry", "path", "place"),
    [
        ("urlScad: 'Cone/Cone.scad'", "Cone/Cone.scad", "Cone/Cone.scad"),
        ("dir: 'Cone', urlScad: 'Cone.scad'", "Cone.scad", "Cone/Cone.scad"),
        ("dir: 'Cone', urlScad: 'Cone/Cone.scad'", "Cone.scad", "Cone/Cone.scad"),
        ("dir: 'Cone', src: 'Cone.scad', urlScad: 'Old.scad'", "Cone.scad", "Cone/Cone.scad"),
    ],
)
def test_each_years_way_to_name_a_file_leads_to_it(entry: str, path: str, place: str) -> None:
    found = day(f"setDay(4, {{ {entry} }});", 2022)
    assert (found.title, found.files) == ("Cone", (DayFile(path, place),))


@pytest.mark.parametrize(
    "name",
    ["../x.scad", "/etc/x.scad", "a/../../x.scad", "https://evil.org/x.scad", "//evil.org/x.scad", "a\\\\b.scad"],
)
def test_a_file_outside_the_calendars_folder_is_none(name: str) -> None:
    assert day(f"setDay(1, {{ dir: 'A', src: ['{name}', 'ok.scad'] }});").files == (DayFile("ok.scad", "A/ok.scad"),)
    assert day(f"setDay(1, {{ src: '{name}' }});").files == ()


def test_a_folder_that_leads_outside_is_no_folder() -> None:
    assert day("setDay(1, { dir: '../..', src: 'x.scad' });").files == (DayFile("x.scad", "x.scad"),)


def test_the_later_call_counts_and_what_is_no_door_is_counted() -> None:
    calendar = parse_calendar_script(
        "setDay(2, { dir: 'A', src: 'a.scad' }); setDay(2, { dir: 'B', src: 'b.scad' }); setDay(0, {}); setDay(32, {});"
        "setDay('3', { dir: 'C' }); setDay(); setDay(4); setDay(5, [1]); setDay(6, { dir: D });",
        2025,
    )
    assert [(d.number, d.title) for d in calendar.days] == [(2, "B"), (3, "C")]
    assert calendar.n_unreadable == 6


def test_a_door_without_a_licence_has_none() -> None:
    assert day("setDay(1, { dir: 'A', src: 'a.scad' });").license.spdx == "NOASSERTION"


def test_a_doors_version_is_what_it_says_of_the_design() -> None:
    plain = day("setDay(1, { dir: 'A', src: 'a.scad', img: 'a.png' });")
    assert day("setDay(1, {dir:'A', src:['a.scad'], img:'b.png'})").version == plain.version
    for changed in (
        "dir: 'A', src: 'b.scad'",
        "dir: 'A', src: 'a.scad', info: 'x'",
        "dir: 'A', src: 'a.scad', author: 'B'",
    ):
        assert day(f"setDay(1, {{ {changed} }});").version != plain.version


@given(st.dictionaries(st.sampled_from(["author", "license", "dir", "src", "urlScad", "info", "name"]), ANY_JSON))
def test_any_entry_gives_a_door_whose_files_stay_in_the_calendars_folder(entry: dict[str, Any]) -> None:
    found = day(f"setDay(1, {json.dumps(entry)});")
    assert len(found.version) == 32
    assert not any(".." in file.place.split("/") or file.place.startswith("/") for file in found.files)


@pytest.mark.parametrize(
    ("words", "is_empty"),
    [
        ("SCADvent 2022", True),
        ("OpenSCAD Advent Calendar 2019, day 3", True),
        ("SCADvent", True),
        ("SCADvent 2022: a tree", False),
        ("Advent wreath", False),
        ("", False),
    ],
)
def test_the_calendars_name_alone_describes_no_design(words: str, is_empty: bool) -> None:
    assert names_calendar_only(words) is is_empty


PAGE = """<html><body><section class="cal"><div class="title"></div>
<div class="day-1"><label><input type="checkbox"><div class="door"><div class="front">1</div></div><div class="content">
<div class="link"><a href="https://files.openscad.org/advent-calendar-2019/01.scad">01.scad</a></div></div></input></label></div>
<div class="day-12"><div class="content hide"><div class="link"><a href="https://files.openscad.org/advent-calendar-2019/12.scad">
12.scad</a></div></div></div>
<div class="day-13"><div class="link"><a href="https://files.openscad.org/other/13.scad">13.scad</a></div></div>
</section><div class="footer"><span>||</span> <a href="x">Tutorial</a> <span>||</span>
All scripts are licensed <a class="footer" ref="https://creativecommons.org/">CC0</a>
<span class="sep">||</span> Doors open midnight UTC</div></body></html>"""


def test_a_calendar_page_is_its_doors_under_the_licence_at_its_foot() -> None:
    calendar = parse_calendar_page(PAGE, 2019)
    assert [(d.number, d.files) for d in calendar.days] == [
        (1, (DayFile("01.scad", "01.scad"),)),
        (12, (DayFile("12.scad", "12.scad"),)),
    ]
    assert calendar.n_unreadable == 1
    assert {(d.license.raw, d.license.spdx, d.license.scope) for d in calendar.days} == {("CC0", "CC0-1.0", "site")}
    bare = parse_calendar_page(PAGE.replace("All scripts are licensed", "We like"), 2019)
    assert {d.license.spdx for d in bare.days} == {"NOASSERTION"}


@pytest.mark.parametrize("answer", ["{}", "null", "7", '"<a>"', "[" * 100_000])
def test_json_in_place_of_a_page_points_at_nothing(answer: str) -> None:
    assert parse_libraries(answer) == ()
    assert parse_calendar_page(answer, 2019) == Calendar((), 0)


@pytest.mark.timeout(20)  # quadratic time would be minutes
def test_a_string_that_is_never_closed_ends_with_its_line() -> None:
    assert calls_in('f("' + '\\"' * 200_000, "f").n_broken == 1
    calls = calls_in("f('a, 1);\nf('b', 2);", "f")
    assert (calls.arguments, calls.n_broken) == ((("b", 2),), 1)
