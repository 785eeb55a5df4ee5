"""Flattening: the same solid before and after, the same parameters of the Customizer, or a refusal that says why."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.flatten import MAX_FILES, Flattened, Unresolved, flatten
from corpus.schema import CompanionFile
from corpus.statements import split_statements
from render import Engine, compile_scad
from render.customizer import parse_parameters

Files = dict[str, str]

# Each a design and its files; all compile, and none may be refused.
SAME: dict[str, tuple[str, Files]] = {
    "variables of a used file stay its own": (
        "use <lib.scad>\nwall = 1;\nwidth = 10; // [1:20]\nshell(width);\ntranslate([0, 0, 30]) cube(wall);\n",
        {"lib.scad": "wall = 3;\nmodule shell(w) { difference() { cube(w); translate([wall, wall, wall]) cube(w); } }"},
    ),
    "a default that is the file's variable of the same name": (
        "use <lib.scad>\nwall = 1;\nplate(20);\nplate(5, wall = 7);\n",
        {"lib.scad": "wall = 3;\nmodule plate(w, wall = wall) cube([w, w, wall]);\n"},
    ),
    "$fn of a used file does not leak": (
        "use <lib.scad>\nball();\ntranslate([20, 0, 0]) sphere(4);\n",
        {"lib.scad": "$fn = 64;\nmodule ball() sphere(5);\n"},
    ),
    "$fn of the design reaches the used module": (
        "use <lib.scad>\n$fn = 12;\nball();\n",
        {"lib.scad": "module ball() sphere(5);\n"},
    ),
    "$fn of an included file counts": ("include <c.scad>\nsphere(5);\n", {"c.scad": "$fn = 40;\n"}),
    "geometry of a used file is not drawn, of an included one it is": (
        "use <u.scad>\ninclude <i.scad>\ntranslate([20, 0, 0]) peg();\n",
        {"u.scad": "module peg() cylinder(r = 2, h = 9);\npeg();\n", "i.scad": "cube(3);\n"},
    ),
    "an included variable made anew counts where it first stood": (
        "include <c.scad>\nsize = 5;\ncube([size, twice, 1]);\n",
        {"c.scad": "size = 2;\ntwice = size * 2;\n"},
    ),
    "the last definition of two counts": (
        "include <c.scad>\nmodule part() cube(4);\npart();\n",
        {"c.scad": "module part() sphere(9);\nmodule other() part();\nother();\n"},
    ),
    "files in folders, and a file used twice": (
        "use <parts/a.scad>\nuse <parts/b.scad>\na(); b();\n",
        {
            "parts/a.scad": "use <../lib/c.scad>\nmodule a() c(1);\n",
            "parts/b.scad": "use <../lib/c.scad>\nmodule b() translate([5, 0, 0]) c(2);\n",
            "lib/c.scad": "include <size.scad>\nmodule c(n) cube(n * size);\n",
            "lib/size.scad": "size = 1.5;\n",
        },
    ),
    "two used files with a variable of one name": (
        "use <a.scad>\nuse <b.scad>\na(); b();\n",
        {
            "a.scad": "size = 2;\nmodule a() cube(size);\n",
            "b.scad": "size = 3;\nmodule b() translate([9, 0, 0]) cube(size = size);\n",
        },
    ),
    "a value of the design needs a used file's variable": (
        "use <f.scad>\nheight = pitch(2); \nwidth = 4; // [1:9]\ncube([1, width, height]);\n",
        {"f.scad": "step = 2.5;\nfunction pitch(n) = n * step;\n"},
    ),
    "an include within a module's neighbours": (
        "module a() { cube(1); } include <b.scad> // more\na();\ntranslate([4, 0, 0]) b();",
        {"b.scad": "module b() { cube(2); }"},
    ),
    "two files that use one another": (
        "use <a.scad>\na(3);\n",
        {
            "a.scad": "use <b.scad>\nmodule a(n) { cube(n); if (n > 1) translate([n, 0, 0]) b(n - 1); }\n",
            "b.scad": "use <a.scad>\nmodule b(n) a(n);\n",
        },
    ),
    "a member with a variable's name": (
        "use <a.scad>\nx = 9;\nbox([1, 2, 3]);\ncube(x / 20);\n",
        {"a.scad": "x = 4;\nmodule box(v) cube([v.x, v.y, x]);\n"},
    ),
    "libraries stay includes": (
        "include <a.scad>\nbox();\n",
        {"a.scad": "include <BOSL2/std.scad>\nmodule box() cuboid([3, 4, 5]);\n"},
    ),
}

REFUSED: dict[str, tuple[str, Files, str]] = {
    "a missing file": ("use <gone.scad>\nx();", {"a.scad": ""}, "missing gone.scad"),
    "a loaded mesh": ('import("a.stl");', {}, "loads a.stl"),
    "a mesh that a companion loads": ("use <a.scad>\na();", {"a.scad": 'module a() import("b.stl");'}, "loads b.stl"),
    "a file that includes itself": (
        "include <a.scad>\na();",
        {"a.scad": "include <a.scad>\nmodule a() cube();"},
        "a.scad",
    ),
    "two modules of one name": (
        "use <a.scad>\nuse <b.scad>\na(); b();",
        {"a.scad": "module rib() cube(1); module a() rib();", "b.scad": "module rib() cube(2); module b() rib();"},
        "rib is in a.scad and in b.scad",
    ),
    "a value that depends on the caller's $fn": (
        "use <a.scad>\n$fn = 9;\na();",
        {"a.scad": "n = $fn; module a() cube(n);"},
        "a.scad: a variable depends on $fn",
    ),
    "a name that the used file lacks and the design has": (
        "use <a.scad>\nwall = 3;\na();",
        {"a.scad": "module a() cube([1, 1, is_undef(wall) ? 2 : wall]);"},
        "wall means nothing, or another thing, in a.scad",
    ),
    "a module of the design's in the place of a built-in one": (
        "use <a.scad>\nmodule cube(n) sphere(n);\na(); cube(1);",
        {"a.scad": "module a() cube(1);"},
        "cube means nothing, or another thing, in a.scad",
    ),
    "a local variable with the name of a taken file variable": (
        "use <a.scad>\nwall = 3;\na(); cube(wall);",
        {"a.scad": "wall = 1; module a() { b = wall; for (wall = [1, 2]) cube(wall); }"},
        "a.scad: a binds a name that is the file's own variable as well",
    ),
    "included and used": (
        "include <a.scad>\nuse <b.scad>\nb();",
        {"a.scad": "x = 1;", "b.scad": "use <a.scad>\nmodule b() cube(1);"},
        "a.scad is both included and used",
    ),
    "what does not parse": ("use <a.scad>\na();", {"a.scad": "module a( cube(1);"}, "a.scad does not parse"),
    "an include in a block": ("module m() { include <a.scad> }\nm();", {"a.scad": "cube(1);"}, "inside a statement"),
}


def flat(scad: str, files: Files) -> Flattened | Unresolved:
    return flatten(scad, [CompanionFile(path, text) for path, text in files.items()])


@pytest.mark.parametrize("case", SAME)
def test_the_solid_is_the_same_and_no_file_is_needed(case: str, engine: Engine) -> None:
    scad, files = SAME[case]
    found = flat(scad, files)
    assert isinstance(found, Flattened), found
    before = compile_scad(scad, files=files, engine=engine)
    after = compile_scad(found.scad, engine=engine)
    assert before.is_strict, before.worst
    assert before.stats is not None
    assert after.stats is not None, (after.worst, found.scad)
    assert after.diagnostics == before.diagnostics
    for name in ("size_mm", "min_mm", "volume_mm3", "area_mm2", "n_triangles"):
        assert getattr(after.stats, name) == pytest.approx(getattr(before.stats, name)), (name, found.scad)


@pytest.mark.parametrize("case", SAME)
def test_the_customizer_keeps_the_parameters_of_the_design_itself(case: str) -> None:
    scad, files = SAME[case]
    found = flat(scad, files)
    assert isinstance(found, Flattened)
    after = {p.name: (p.default, p.minimum, p.maximum, p.group, p.description) for p in parse_parameters(found.scad)}
    for p in parse_parameters(scad):
        assert after[p.name] == (p.default, p.minimum, p.maximum, p.group, p.description), found.scad


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_certain_is_refused_with_what_stands_in_the_way(case: str) -> None:
    scad, files, detail = REFUSED[case]
    found = flat(scad, files)
    assert isinstance(found, Unresolved), found.scad
    assert detail in found.detail


def test_only_what_the_design_reaches_of_a_used_file_is_taken() -> None:
    found = flat("use <a.scad>\nb();\n", {"a.scad": "w = 1; v = 2; module a() cube(v);\nmodule b() cube(w);\nb();\n"})
    assert isinstance(found, Flattened)
    assert found.inlined == ("a.scad",)
    assert found.scad == "b();\n\nmodule b() cube(w);\n\n/* [Hidden] */\nw = 1;\n"


def test_a_design_that_needs_no_companion_stays_as_it_is() -> None:
    scad = "include <BOSL2/std.scad>\ncuboid(3);  // small\n\n\n"
    assert flat(scad, {"other.scad": "cube(1);"}) == Flattened(scad, ())


def test_a_pyramid_of_includes_ends_at_the_limit() -> None:
    files = {f"{n}.scad": f"include <{n + 1}.scad>\ninclude <{n + 1}.scad>\n" for n in range(40)}
    found = flat("include <0.scad>\n", {**files, "40.scad": "cube(1);"})
    assert found == Unresolved(f"more than {MAX_FILES} files or 1000000 characters are needed")


WORDS = st.sampled_from(
    ["include <a.scad>", "use <a.scad>", "use <b.scad>", "module a() ", "{", "}", "(", ")", ";", "cube(1);", "x = x;"]
    + ["/* [G] */", "// c\n", '"', "[", "]", "else", "$fn = 3;", "let(x=1)", "function f(x) = ", ".", "=", "\n"]
)
SOUP = st.lists(WORDS, max_size=15).map(" ".join)


@given(SOUP, SOUP, SOUP)
def test_any_text_has_an_answer(scad: str, a: str, b: str) -> None:
    found = flat(scad, {"a.scad": a, "b.scad": b})
    if isinstance(found, Flattened):
        assert flat(found.scad, {}) == Flattened(found.scad, ()) or not found.inlined


@given(SOUP)
def test_the_statements_and_the_tail_are_the_whole_source(scad: str) -> None:
    split = split_statements(scad)
    if split is not None:
        assert "".join(s.text for s in split[0]) + split[1] == scad


@pytest.mark.parametrize(
    "unit", ["{", "x=1;", "include <a.scad>", "module a(){", '"', "/*", "(a,", "use <a.scad>\n", "f("]
)
def test_a_long_hostile_text_has_an_answer(unit: str) -> None:
    flat(unit * (300_000 // len(unit)), {"a.scad": unit * 1000})
