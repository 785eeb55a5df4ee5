"""Pure page parsers: gallery HTML, folder texts, BOSL2 doc comments."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders.pages.bosl2 import is_costly, is_self_contained, parse_library_file, pick_spread
from spiders.pages.gallery import parse_design, parse_index
from spiders.pages.local import describe, has_customizer, leading_comment, readme_summary, title_from_stem
from spiders.sample_site.catalog import TRANSFORMS, SampleDesign
from spiders.sample_site.pages import design_page, index_page
from spiders.sites.bosl2 import library_folder

WORDS = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=30)


def sample(**changes: object) -> SampleDesign:
    facts: dict[str, object] = {
        "slug": "box",
        "title": "Box",
        "description": "A box.",
        "tags": ("box",),
        "author": "Ada",
        "license": "CC0-1.0",
        "category": "boxes",
        "scad": b"cube(1);",
        "file_name": "box.scad",
    }
    return SampleDesign(**{**facts, **changes})  # type: ignore[arg-type]


@given(title=WORDS, description=WORDS, tags=st.lists(WORDS, max_size=4, unique=True), author=st.none() | WORDS)
def test_what_the_site_writes_the_spider_reads(
    title: str, description: str, tags: list[str], author: str | None
) -> None:
    page = parse_design(
        design_page(sample(title=title, description=description, tags=tuple(tags), author=author)),
        "http://h/design/box/",
    )
    assert (page.title, page.description, page.author_name) == (title, description, author)
    assert page.tags == tuple(tags)
    assert page.license_raw == "CC0-1.0"
    assert page.download_urls == ("http://h/files/box.scad",)


@given(html=st.text(max_size=300), url=st.sampled_from(["http://h/", "http://[bad/", ""]))
def test_no_markup_makes_the_gallery_parsers_raise(html: str, url: str) -> None:
    parse_index(html, url)
    parse_design(html, url)


@pytest.mark.parametrize("answer", ["{}", "null", "7", '"<a>"', "[" * 100_000])
def test_json_in_place_of_a_gallerys_page_lists_nothing(answer: str) -> None:
    assert parse_index(answer, "http://h/").design_urls == ()
    assert parse_design(answer, "http://h/").download_urls == ()


def test_an_index_gives_its_designs_in_order_and_the_next_page() -> None:
    html = index_page([sample(slug="b"), sample(slug="a")], page=1, n_pages=2)
    index = parse_index(html, "http://h/")
    assert index.design_urls == ("http://h/design/b/", "http://h/design/a/")
    assert index.next_url == "http://h/page/2/"
    assert parse_index(index_page([sample()], page=2, n_pages=2), "http://h/page/2/").next_url is None


@pytest.mark.parametrize("link", ["javascript:alert(1)//x.scad", "file:///etc/x.scad", "data:,x.scad", "/x.stl"])
def test_only_http_links_to_scad_files_are_downloads(link: str) -> None:
    html = f'<a itemprop="contentUrl" href="{link}">get</a>'
    assert parse_design(html, "http://h/design/x/").download_urls == ()


def test_a_page_that_links_to_itself_as_next_ends_the_index() -> None:
    assert parse_index('<a rel="next" href="/">more</a>', "http://h/").next_url is None


def test_a_readme_gives_heading_and_first_paragraph() -> None:
    readme = "[![ci](x.svg)](y)\n\n# Wall **hook**\n\n```sh\nmake\n```\nHolds a [coat](z), up to\n5 kg.\n\nMore.\n"
    assert readme_summary(readme) == ("Wall hook", "Holds a coat, up to 5 kg.")
    assert readme_summary("Hook\n====\n\n- a list\n\nProse.\n") == ("Hook", "Prose.")
    assert readme_summary("") == (None, None)


@pytest.mark.parametrize(
    ("scad", "comment"),
    [
        ("// Hook\n// holds a coat\n\ncube(1);", "Hook\nholds a coat"),
        ("/*\n * Hook\n * (c) 2020 Ada\n * All rights reserved\n */\ncube(1);", "Hook"),
        ("//////////\n// Hook\n//////////\ncube(1);", "Hook"),
        ("// SPDX-License-Identifier: MIT\ncube(1);", None),
        ("/* [Size] */\nx = 1;", None),
        ("cube(1); // not leading", None),
        ("", None),
    ],
)
def test_a_leading_comment_is_its_words_without_rulers_and_legal_lines(scad: str, comment: str | None) -> None:
    assert leading_comment(scad) == comment


def test_customizer_comments_are_noticed() -> None:
    assert has_customizer("width = 20; // [5:50]\n")
    assert has_customizer("/* [Size] */\nw = 1;\n")
    assert not has_customizer("width = 20; // in mm\ncube(v[0]); // [sic]\n")


def test_a_shared_readme_describes_the_collection_and_the_comment_the_part() -> None:
    alone = describe("hook.scad", "// Small\ncube(1);", readme="# Coat hook\n\nHolds coats.", n_sharing_readme=1)
    assert (alone.title, alone.description, alone.description_kind) == ("Coat hook", "Holds coats.", "readme")
    shared = describe(
        "hook.scad", "// Small\n// Tiny one.\ncube(1);", readme="# Parts\n\nMy parts.", n_sharing_readme=9
    )
    assert (shared.title, shared.description, shared.description_kind) == ("Small", "Tiny one.", "doc_comment")
    bare = describe("wall_hook-v2.scad", "cube(1);", readme=None, n_sharing_readme=1)
    assert (bare.title, bare.description, bare.description_kind) == ("Wall hook v2", None, "none")


@given(st.text(max_size=200), st.text(max_size=200), st.text(max_size=20))
def test_any_text_gets_a_title(scad: str, readme: str, stem: str) -> None:
    words = describe(f"{stem}.scad", scad, readme=readme, n_sharing_readme=1)
    assert words.title
    assert (words.description is None) == (words.description_kind == "none")
    assert title_from_stem(stem)


LIBRARY = """\
// LibFile: parts.scad
// Includes:
//   include <BOSL2/std.scad>
//   include <BOSL2/parts.scad>
// FileGroup: Parts
// Module: peg()
// Synopsis: Makes a peg.
// Topics: Pegs, Joints
// Example: A {{peg()}} with a [brim](x.scad#b)
//   peg(5) {
//     brim();
//   }
//
//   cube(1);
// Example(2D): flat
//   square(1);
// Example(NORENDER): text
//   echo(1);
// Example(3D,Anim,Frames=3): turning
//   rot($t*360) cube(1);
// Example:
//   cube(2);
// Examples: many
//   cube(2);
// Example(3D,VPR=[1,2,3]): Last
//   peg(6);
module peg() {}
"""


def test_a_block_is_a_whole_source_with_its_includes_before_it() -> None:
    file = parse_library_file("parts.scad", LIBRARY)
    assert [(b.item, b.index, b.caption) for b in file.blocks] == [
        ("peg()", 0, "A peg() with a brim"),
        ("peg()", 6, "Last"),
    ]
    first = file.blocks[0]
    assert first.scad == (
        "include <BOSL2/std.scad>\ninclude <BOSL2/parts.scad>\n\npeg(5) {\n  brim();\n}\n\ncube(1);\n"
    )
    assert first.description == "A peg() with a brim. Makes a peg."
    assert (file.group, first.topics) == ("Parts", ("Pegs", "Joints"))


def test_the_installed_library_has_more_than_a_thousand_captioned_solid_blocks() -> None:
    folder = library_folder()
    assert folder is not None
    files = [parse_library_file(path.name, path.read_text("utf-8")) for path in sorted(Path(folder).glob("*.scad"))]
    blocks = [block for file in files for block in file.blocks]
    assert len(blocks) >= 1000
    assert all(block.caption and block.scad.startswith("include <BOSL2/std.scad>\n") for block in blocks)
    assert not any("//" in line[:2] and "Example" in line for block in blocks for line in block.code.split("\n"))


def test_a_pick_of_n_is_the_start_of_every_longer_pick_and_self_contained_first() -> None:
    folder = library_folder()
    assert folder is not None
    files = [parse_library_file(n, (folder / n).read_text("utf-8")) for n in ("shapes3d.scad", "transforms.scad")]
    whole = list(pick_spread(files, None))
    assert len(whole) == sum(len(file.blocks) for file in files)
    assert list(pick_spread(files, 10)) == whole[:10]
    assert {file.name for file, _ in whole[:2]} == {"shapes3d.scad", "transforms.scad"}
    assert all(is_self_contained(block) and not is_costly(block) for _, block in whole[:10])


@pytest.mark.parametrize("name", sorted(set(TRANSFORMS) - {"exact"}))
def test_a_transformed_copy_differs_and_is_made_the_same_way_twice(name: str) -> None:
    scad = "// Box\n$fn = 32;\nwidth = 20; // [5:50]\n\nmodule box() {\n  cube(width);\n}\nbox();\n"
    copy = TRANSFORMS[name](scad)
    assert copy != scad
    assert copy == TRANSFORMS[name](scad)
    if name == "renumbered":
        assert copy == scad.replace("width = 20", "width = 21")
