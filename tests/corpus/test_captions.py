"""Captions for designs without words: said only if measured or named."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.words.captions import MIN_POINTS, captions, facts_of
from corpus.words.claims import claims_of, false_claim
from corpus.words.sources import drawing_of
from corpus.words.subject import Subject
from render import CompileJob, Engine, open_engine


@pytest.fixture(scope="module")
def engine() -> Engine:  # type: ignore[misc]
    with open_engine() as opened:
        yield opened


def compiled(scad: str, engine: Engine) -> Subject:
    stats = engine.compile(CompileJob(scad), timeout_seconds=20, max_memory_bytes=1 << 30).stats
    assert stats is not None
    return Subject(
        scad, None, None, "none", (), None, (), stats.size_mm, stats.volume_mm3, stats.n_components, stats.genus
    )


PLATE = """corner_radius = 4;
hole_diameter = 5;
module mounting_plate() {
    difference() {
        cube([60, 40, 3]);
        for (x = [10, 50], y = [10, 30]) translate([x, y, -1]) cylinder(h = 9, d = hole_diameter, $fn = 24);
        translate([corner_radius, -1, -1]) cube([0.5, 2, 9]);
    }
}
mounting_plate();
"""


def test_a_plate_is_called_by_its_module_with_its_measured_holes_and_named_parameters(engine: Engine) -> None:
    subject = compiled(PLATE, engine)
    found = captions(subject, seed="a")
    assert [(w.kind, w.style) for w in found] == [("caption", s) for s in ("short", "measured", "conversational")]
    assert all("mounting plate" in w.prompt.lower() for w in found)
    facts = facts_of(subject)
    assert (facts.n_holes, facts.shape) == (4, "flat part")
    assert [p.words for p in facts.parameters] == ["corner radius 4 mm", "hole diameter 5 mm"]
    said = {w.prompt for n in range(30) for w in captions(subject, seed=str(n))}
    assert any("4 through-holes" in s or "four through-holes" in s for s in said)
    for text in said:
        assert false_claim(text, subject) is None, text


@pytest.mark.parametrize(
    ("scad", "shape"),
    [
        ("cube([20, 20, 20]);", "cube"),
        ("cube([20, 30, 40]);", "rectangular block"),
        ("cube([50, 40, 2]);", "flat plate"),
        ("difference() { cube(50); translate([50, 50]) rotate(45) cube([5, 5, 110], true); }", "box-like part"),
        ("sphere(d = 30, $fn = 60);", "ball"),
        ("cylinder(d = 20, h = 60, $fn = 60);", "cylinder"),
        ("cylinder(d = 60, h = 8, $fn = 60);", "round disc"),
        ("difference() { cylinder(d = 40, h = 6); translate([0, 0, -1]) cylinder(d = 30, h = 9); }", "ring-like part"),
        ("cylinder(d1 = 10, d2 = 9, h = 90);", "rod-like part"),
        ("difference() { cube([60, 40, 30]); translate([5, 5, -1]) cube([50, 30, 20]); }", None),
        ("cube(20); translate([50, 0, 0]) cube(20);", None),
    ],
)  # fmt: skip
def test_a_shape_is_named_only_where_box_volume_and_source_agree(scad: str, shape: str | None, engine: Engine) -> None:
    subject = compiled(scad, engine)
    assert facts_of(subject).shape in ((shape, "long, narrow part") if shape is None else (shape,))


def test_holes_that_cross_in_a_block_are_not_counted_by_genus(engine: Engine) -> None:
    holes = "".join(
        f"rotate({turn}) cylinder(d = 9, h = 60, center = true); " for turn in ("0", "[90, 0, 0]", "[0, 90, 0]")
    )
    crossed = f"difference() {{ cube(40, center = true); {holes} }}"
    subject = compiled(crossed, engine)
    assert subject.genus == 5
    assert facts_of(subject).n_holes is None


def test_below_three_points_or_without_a_size_there_is_no_caption(engine: Engine) -> None:
    subject = compiled("module a() { cube([30, 20, 9]); translate([0, 0, 8]) cube([9, 9, 20]); } a();", engine)
    assert facts_of(subject).points < MIN_POINTS
    assert captions(subject, seed="a") == ()
    assert captions(Subject(PLATE), seed="a") == ()


@pytest.mark.parametrize(
    ("scad", "sole"),
    [
        ("module clip() { cube(1); } clip();", "clip"),
        ("module clip() { cube(1); } translate([1, 2, 3]) rotate(9) clip();", "clip"),
        ("module clip() { cube(1); } clip(); clip();", None),
        ("module clip() { cube(1); } for (i = [1:3]) clip();", None),
        ("module clip() { cube(1); } difference() { clip(); cube(2); }", None),
        ("module clip() { cube(1); } module lid() { cube(1); } clip(); lid();", None),
        ("module clip() { cube(1); } %clip();", None),
        ("// clip();\nmodule clip() { cube(1); }", None),
    ],
)
def test_a_module_names_the_design_only_if_it_is_all_that_is_drawn(scad: str, sole: str | None) -> None:
    assert drawing_of(scad).sole == sole


def test_unreached_modules_and_their_letterings_say_nothing() -> None:
    scad = 'module sign() { text("HELLO"); } module other() { text("NO"); sphere(3); } linear_extrude(2) sign();'
    drawing = drawing_of(scad)
    assert drawing.modules == ("sign",)
    assert drawing.letterings == ("HELLO",)
    assert not drawing.uses("sphere")
    assert drawing.uses("linear_extrude")


@pytest.mark.parametrize("name", ["foo", "test", "a", "part1", "main", "draw_box", "xyzzy", "hole", "tooth"])
def test_meaningless_names_name_nothing(name: str) -> None:
    assert facts_of(Subject(f"module {name}() {{ cube(1); }} {name}();", size_mm=(1, 1, 1))).noun is None


def test_camel_and_snake_names_become_words() -> None:
    for name, words in (
        ("roundedBox", "rounded box"),
        ("cable_clip_v2", "cable clip"),
        ("myPhoneStand", "phone stand"),
    ):
        noun = facts_of(Subject(f"module {name}() {{ cube(1); }} {name}();", size_mm=(1, 1, 1))).noun
        assert noun is not None
        assert noun.words == words


def test_several_pieces_get_no_holes_no_solid_and_no_rounded_size() -> None:
    subject = Subject(PLATE, size_mm=(60, 40, 3), volume_mm3=7000, n_components=2, genus=4)
    assert facts_of(subject).n_holes is None
    for n in range(20):
        talk = captions(subject, seed=str(n))[2].prompt
        assert not [c for c in claims_of(talk) if c.value in (60, 40, 3)], talk


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=st.sampled_from('module cube(){};=_x1"/*\n%textclip '), max_size=300))
def test_any_source_is_read_without_an_error(scad: str) -> None:
    subject = Subject(scad, size_mm=(10, 20, 30), volume_mm3=5000.0, n_components=1, genus=0)
    assert captions(subject, seed="s") == captions(subject, seed="s")
