"""Requests made of a design's own words: what is kept, what goes, what is claimed."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.words import MAX_PROMPT_CHARS, MAX_WORDINGS, Subject, Wording, wordings
from corpus.words.claims import claims_of, false_claim
from corpus.words.cleaning import calm, clean_sentences
from corpus.words.frames import FUNCTION_THAT, FUNCTION_TO, FUNCTION_USE, LAID_OUT, MEASURED, SHORT, SIDES, TALK
from corpus.words.library import example_noun
from corpus.words.measures import named_parameters, number, whole
from corpus.words.nouns import article, noun_of
from corpus.words.purpose import purpose_of

STAND = """// stand
wall = 3;
hole_diameter = 6;
n_holes = 2;
difference() {
    cube([80, 60, 95]);
    for (i = [1:n_holes]) translate([20 * i, -1, 20 + wall]) rotate([-90, 0, 0]) cylinder(h = 99, d = hole_diameter);
}
"""


def stand(**changes: object) -> Subject:
    known = {
        "scad": STAND,
        "title": "Phone stand",
        "description": "Holds a phone upright on a desk. 80 mm wide and 95 mm tall. Print it with 15 % infill.",
        "description_kind": "author",
        "size_mm": (80.0, 60.0, 95.0),
        "volume_mm3": 450_000.0,
        "n_components": 1,
        "genus": 2,
    }
    return Subject(**{**known, **changes})  # type: ignore[arg-type]


def styles(found: tuple[Wording, ...]) -> dict[str, str]:
    return {wording.style: wording.prompt for wording in found}


def test_a_design_with_words_is_asked_for_in_five_styles_by_its_own_name() -> None:
    found = wordings(stand(), seed="a")
    assert [w.style for w in found] == ["author", "short", "measured", "conversational", "function"]
    assert {w.kind for w in found} == {"author"}
    for style in ("short", "measured", "conversational"):
        assert "phone stand" in styles(found)[style].lower()
    assert "hold" in styles(found)["function"]
    assert "a phone upright on a desk" in styles(found)["function"]
    assert "stand" not in styles(found)["function"].lower()
    assert styles(found)["author"].startswith("Phone stand")
    assert "infill" not in " ".join(w.prompt for w in found)


def test_the_same_seed_gives_the_same_words_whatever_the_hash_seed() -> None:
    program = (
        "from tests.corpus.test_prompts import stand; from corpus.words import wordings; "
        "print(wordings(stand(), seed='k'))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program], check=True, capture_output=True, text=True, env={"PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("0", "1")
    }
    assert outputs == {f"{wordings(stand(), seed='k')}\n"}


def test_seeds_vary_the_wording_widely() -> None:
    made = [styles(wordings(stand(), seed=str(n))) for n in range(200)]
    assert len({m["short"].lower().rstrip(".") for m in made}) >= 25
    assert len({m["measured"] for m in made}) >= 100
    assert len({m["conversational"] for m in made}) >= 120
    assert len({m["function"].lower().rstrip(".") for m in made}) >= 20


@pytest.mark.parametrize("seed", [str(n) for n in range(60)])
def test_every_length_outside_the_authors_own_text_is_true_of_mesh_or_parameter(seed: str) -> None:
    subject = stand(title="Bracket", description="For a shelf.", size_mm=(81.234, 60.017, 94.96))
    for wording in wordings(subject, seed=seed):
        if wording.style in ("measured", "short"):
            assert false_claim(wording.prompt, subject) is None, wording.prompt
        lengths = [c for c in claims_of(wording.prompt) if c.about == "length"]
        near = [*subject.size_mm, 3, 6]  # type: ignore[misc]
        assert all(any(abs(c.value - v) <= 0.02 * v for v in near) for c in lengths), wording.prompt


def test_sides_are_not_called_wide_or_tall_where_the_author_looks_from_another_side() -> None:
    turned = stand(description="A stand that is 95 mm wide and 62 mm deep.")
    for n in range(80):
        found = styles(wordings(turned, seed=str(n)))
        said = found["measured"] + found["conversational"]
        assert not re.search(r"mm (?:wide|deep|tall|high)|width|height|W \d", said), said


def test_the_common_box_of_several_pieces_is_never_given_as_a_size_of_one() -> None:
    frames = {re.sub(r"\\\{[xns]\\\}", ".+", re.escape(f)) for f in LAID_OUT}
    for n in range(60):
        found = styles(wordings(stand(n_components=2, description="Stand and clip for a phone."), seed=str(n)))
        assert any(re.match(frame, found["measured"], re.IGNORECASE) for frame in frames), found["measured"]
        assert not re.search(r"\d", found["conversational"])


def test_nothing_is_said_where_nothing_is_known() -> None:
    for title in (None, "test", "Untitled", "Example014", "my design", "part 1", "asdf_v2.scad", "Usage of shapes()"):
        assert wordings(stand(scad="cube([1,2,3]);", title=title, description=None, size_mm=None), seed="s") == ()


def test_words_of_a_near_copy_are_lent_without_their_numbers() -> None:
    lent = (("Keeps the cable of a lamp tidy. Takes a 6 mm cable.", "readme"),)
    found = wordings(stand(title="Cable clip", description=None, lent=lent), seed="q")
    assert ("author", "readme") in {(w.style, w.kind) for w in found}
    author = styles(found)["author"]
    assert "Keeps the cable of a lamp tidy" in author.replace("keeps", "Keeps")
    assert "6 mm" not in author
    assert {w.kind for w in found if w.style == "function"} == {"readme"}


def test_a_caption_of_a_model_comes_along_only_while_its_numbers_are_true() -> None:
    true, false = "An upright block 95 mm tall with two holes.", "An upright block 120 mm tall with two holes."
    assert [w.prompt for w in wordings(stand(title=None, description=None, lent=((true, "model_caption"),)), seed="q")][
        :1
    ] == [true]
    assert "model_caption" not in {w.kind for w in wordings(stand(lent=((false, "model_caption"),)), seed="q")}


def test_of_a_readme_only_what_names_the_part_counts() -> None:
    text = "A collection of things for the kitchen. The spice rack holds twelve jars of 45 mm. It screws to a wall."
    found = wordings(stand(title="Spice rack", description=text, description_kind="readme"), seed="w")
    assert "collection" not in styles(found)["author"]
    assert "twelve jars" in styles(found)["author"]
    assert styles(found).keys() >= {"short"}
    assert {w.kind for w in found} == {"readme"}
    other = wordings(stand(title="Lamp", description=text, description_kind="readme"), seed="w")
    assert "author" not in styles(other)


def test_another_language_is_kept_in_its_authors_words_alone() -> None:
    text = "Ein Halter für das Telefon, der auf dem Tisch steht und nicht kippt."
    found = wordings(stand(title="Handyhalter", description=text), seed="d")
    assert [(w.style, w.prompt) for w in found] == [("author", f"Handyhalter: {text}")]


TEXT = st.text(alphabet=st.sampled_from("ab \n.!#*_`[]()<>&;:-0123 mx\"'é😀\u2028\x00ABC"), max_size=300)


@settings(max_examples=150, deadline=None)
@given(title=TEXT, description=TEXT, kind=st.sampled_from(["author", "readme", "doc_comment", "none"]), scad=TEXT)
def test_any_words_give_at_most_five_different_single_lines_of_bounded_length(
    title: str, description: str, kind: str, scad: str
) -> None:
    found = wordings(stand(title=title, description=description * 3, description_kind=kind, scad=scad), seed="x")
    bare = [re.sub(r"[\W_]+", "", w.prompt.lower()) for w in found]
    assert len(found) <= MAX_WORDINGS
    assert len(set(bare)) == len(bare)
    for wording in found:
        assert wording.prompt == " ".join(wording.prompt.split())
        assert wording.prompt
        assert len(wording.prompt) <= MAX_PROMPT_CHARS


def test_a_long_description_ends_with_a_sentence() -> None:
    text = " ".join(f"The lip on side number {n} keeps the phone from sliding off." for n in range(40))
    author = styles(wordings(stand(description=text), seed="z"))["author"]
    assert len(author) <= MAX_PROMPT_CHARS
    assert author.endswith("sliding off.")


@pytest.mark.parametrize(
    "junk",
    [
        "Print it at 0.2 mm layers.",
        "Printed in PLA with 15 % infill.",
        "Needs no supports.",
        "PETG works best here.",
        "Thanks to everybody who helped.",
        "Version 2 adds a wider lip.",
        "v1.3: fixed the slot.",
        "A library for making threads.",
        "*** UPDATE 3/4/19 *** fixed the slot.",
        "Update: the slot is wider now.",
        "Licensed under CC BY-SA 4.0.",
        "Click here for the video.",
        "See https://example.org/thing for more.",
        "If you like it, buy me a coffee.",
        "Remix of the holder by another user.",
        "Based on this thing.",
        "Open stand.scad in the customizer and set the width.",
        "Glue the two halves together.",
        "I made this one on a rainy Sunday.",
        "Enjoy!",
        "#phone #stand #desk",
        "Please post a make!",
        "Infill: 20 %",
    ],
)
def test_talk_about_anything_but_the_part_goes(junk: str) -> None:
    kept = "Holds a phone upright on a desk."
    assert clean_sentences(f"{kept} {junk}") == (kept,)
    assert clean_sentences(f"{junk}\n{kept}") == (kept,)


@pytest.mark.parametrize(
    "sentence",
    [
        "A rack for spools of filament up to 200 mm across.",
        "A fan duct for the printer head of an Ender 3.",
        "Print head cover with two vents.",
        "Supports a shelf of 200 mm.",
        "A box with 3 mm walls and a lid.",
        "A gear of module 2 with 24 teeth.",
        "It stands 31 mm tall on a 40 x 26 mm base.",
        "Two M3 screws, e.g. of 12 mm, hold the cover.",
    ],
)
def test_a_sentence_about_the_part_stays_whole(sentence: str) -> None:
    assert clean_sentences(sentence) == (sentence,)


def test_markup_shouting_emoji_and_praise_go_and_the_sentence_stays() -> None:
    assert clean_sentences("<p>An <b>awesome</b> hook 🎉 for coats!!!</p>") == ("A hook for coats.",)
    assert clean_sentences("**Hook** for [coats](http://x.y/z) and `bags`") == ("Hook for coats and bags.",)
    assert clean_sentences("THIS HOOK HOLDS FIVE COATS AND A USB CABLE") == (
        "This hook holds five coats and a USB cable.",
    )
    assert calm("A VERY STURDY hook for the HDMI cable") == "A VERY sturdy hook for the HDMI cable"


def test_what_stands_under_a_heading_about_printing_goes() -> None:
    aside = "## Print settings\n0.2 mm, four walls\nany colour"
    text = f"A hook for coats.\n\n{aside}\n\n## What it does\nKeeps collars dry."
    assert clean_sentences(text) == ("A hook for coats.", "Keeps collars dry.")


@pytest.mark.parametrize(
    ("title", "noun"),
    [
        ("Phone_Stand_v2_final.scad", "a phone stand"),
        ("cable-clip_v2_FINAL.scad", "a cable clip"),
        ("BATTERY HOLDER AAA x4 *UPDATED 2019*", "a battery holder AAA"),
        ("Vase #3", "a vase"),
        ("The ULTIMATE Cable Clip!!! (remix)", "a cable clip"),
        ("My first awesome Vase", None),
        ("Customizable Raspberry Pi Case", "a Raspberry Pi case"),
        ("iPhone dock", "an iPhone dock"),
        ("Hinges for a toy box", "hinges for a toy box"),
        ("USB hub holder", "a USB hub holder"),
        ("L bracket with countersunk holes", "an L bracket with countersunk holes"),
        ("NEMA 17 mount, right angle", "a NEMA 17 mount, right angle"),
        ("8 mm shaft collar", "an 8 mm shaft collar"),
        ("Cable comb: six cables in a row", "a cable comb"),
        ("Six-sided die", "a six-sided die"),
        ("Parametric box generator", "a parametric box"),
        ("Whistle body", "a whistle body"),
        ("Ball maze from a seed", "a ball maze from a seed"),
        ("sides are a list [a, b]", None),
        ("To draw the outline from a shell", None),
        ("Second example of a part with parameters", None),
        ("Linear extrude", None),
        ("GEB", None),
    ],
)
def test_a_title_names_a_thing_or_nothing(title: str, noun: str | None) -> None:
    found = noun_of(title)
    assert (str(found) if found else None) == noun


def test_articles_follow_the_sound() -> None:
    for words in (
        "an M6 knob",
        "a unit",
        "an umbrella",
        "a one-piece clip",
        "an hour glass",
        "an 11 mm bolt",
        "an LED lamp",
    ):
        assert article(words.split(" ", 1)[1]) == words


@pytest.mark.parametrize(
    ("sentence", "title", "that", "to", "use"),
    [
        (
            "Holds a phone upright on a desk.",
            None,
            "holds a phone upright on a desk",
            "hold a phone upright on a desk",
            None,
        ),
        (
            "It clamps to a pipe and keeps the hose straight.",
            None,
            "clamps to a pipe and keeps the hose straight",
            None,
            None,
        ),
        ("A hook for coats and bags.", None, None, None, "for coats and bags"),
        ("Used to drill holes square to a board.", None, None, "drill holes square to a board", None),
        (
            "A gadget that prevents doors from slamming.",
            None,
            "prevents doors from slamming",
            "prevent doors from slamming",
            None,
        ),
        ("It stands 31 mm tall on four feet.", None, None, None, None),
        ("The lid has a knob for it.", None, None, None, None),
        ("", "Holder for three AA cells", None, "hold three AA cells", None),
        ("", "Toothbrush holder for four", None, None, None),
        ("", "Vase", None, None, None),
    ],
)
def test_a_purpose_is_taken_only_from_words_that_say_it(
    sentence: str, title: str | None, that: str | None, to: str | None, use: str | None
) -> None:
    found = purpose_of((sentence,) if sentence else (), noun_of(title))
    assert ((found.that, found.to, found.use) if found else (None, None, None)) == (that, to, use)


def library(
    title: str, description: str, *, size: tuple[float, float, float] = (9, 8, 7), n_components: int = 1
) -> Subject:
    return Subject("include <X/std.scad>\n", title, description, "doc_comment", size_mm=size, n_components=n_components)


@pytest.mark.parametrize(
    ("title", "description", "noun"),
    [
        ("tube", "Chamfered tube. Creates a tube.", "a chamfered tube"),
        ("rect_tube", "With rounding. Creates a rectangular tube.", "a rectangular tube with rounding"),
        ("cylinder", "By Diameter. Creates a cylinder.", "a cylinder"),
        ("cyl", "External Chamfers. Creates a cylinder.", "a cylinder with external chamfers"),
        ("cuboid", "Rounding Top Edges. A box.", "a cuboid with rounded top edges"),
        (
            "rect_tube",
            "Outer Rounding, Inner Chamfer. A tube.",
            "a rectangular tube with outer rounding and inner chamfer",
        ),
        ("Example: Rounded cube with a hole", "", "a rounded cube with a hole"),
        ("Example 3(Big): Hollow cone", "", "a hollow cone"),
        ("cuboid", "Spin. Creates a cube.", None),
        ("attach", "Attaching inside the parent. Attaches children.", None),
        ("mask2d_cove", "Masking by edge attachment. Creates a mask.", None),
    ],
)
def test_a_documented_example_is_asked_for_by_what_it_draws(title: str, description: str, noun: str | None) -> None:
    found = example_noun(library(title, description))
    assert (str(found) if found else None) == noun


def test_a_documented_example_that_draws_two_of_its_item_has_no_name_and_a_long_cube_is_a_block() -> None:
    assert example_noun(library("cylinder", "By Radius. Creates a cylinder.", n_components=2)) is None
    assert str(example_noun(library("cube", "Anchoring. Creates a cube."))) == "a rectangular block"
    assert str(example_noun(library("cube", "Anchoring. Creates a cube.", size=(5, 5, 5)))) == "a cube"


def test_only_parameters_that_say_what_they_are_and_are_used_speak() -> None:
    scad = (
        "hole_diameter = 3.2;\nwall = 2;\nteeth = 24;\nwidth = 50;\nd = 4;\nunused_hole_width = 3;\n"
        "layer_height = 0.2;\n"
        "foo_diameter = 7;\nrim_height = 900;\n"
        "cube([width, d, hole_diameter + wall + teeth + layer_height + foo_diameter + rim_height]);\n"
    )
    named = named_parameters(Subject(scad, size_mm=(50, 40, 30), n_components=1, genus=0))
    assert [n.words for n in named] == ["hole diameter 3.2 mm", "2 mm walls", "24 teeth"]


def test_a_number_of_holes_speaks_only_if_the_mesh_has_as_many() -> None:
    assert {n.words for n in named_parameters(stand(genus=2))} == {"3 mm walls", "hole diameter 6 mm", "2 holes"}
    assert {n.words for n in named_parameters(stand(genus=5))} == {"3 mm walls", "hole diameter 6 mm"}


@given(st.floats(min_value=0.5, max_value=5000))
def test_rounding_stays_within_what_it_promises(value: float) -> None:
    assert abs(float(number(value)) - value) <= 0.0101 * value
    assert abs(float(whole(value)) - value) < 0.02 * value


def test_frames_are_many_and_take_only_what_is_given() -> None:
    assert min(len(f) for f in (SHORT, MEASURED, TALK, SIDES)) >= 20
    for frames, names in ((SHORT, "xn"), (MEASURED, "xns"), (SIDES, "xns"), (LAID_OUT, "xns"), (TALK, "x")):
        for frame in frames:
            assert set(re.findall(r"\{(\w)\}", frame)) & set("xn")
            assert set(re.findall(r"\{(\w)\}", frame)) <= set(names)
    for frame in (*FUNCTION_THAT, *FUNCTION_TO, *FUNCTION_USE):
        assert re.findall(r"\{(\w)\}", frame) == ["p"]
    for frame in (*MEASURED, *SIDES, *LAID_OUT):
        assert "{s}" in frame
