"""MediaWiki's answers and wikitext: the shapes there are, and what is made of broken ones."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders.items import License
from spiders.pages.wikibooks import Block, WikiPage, blocks_of, is_redirect, parse_answer
from tests.spiders.test_pages_fields import ANY_JSON

REVISION = {
    "revid": 12,
    "parentid": 11,
    "timestamp": "2026-01-02T03:04:05Z",
    "slots": {"main": {"contentmodel": "wikitext", "content": "words"}},
}
PAGE = {"pageid": 5, "ns": 0, "title": "Book/Solids", "revisions": [REVISION]}


def code(scad: str, opening: str = '<syntaxhighlight lang="openscad">', closing: str = "</syntaxhighlight>") -> str:
    return f"{opening}\n{scad}\n{closing}\n"


def descriptions(wikitext: str) -> list[str | None]:
    return [block.description for block in blocks_of(wikitext)]


def test_an_answer_gives_its_pages_its_next_part_and_the_wikis_licence() -> None:
    rights = {
        "url": "https://creativecommons.org/licenses/by-sa/4.0/",
        "text": "Creative Commons Attribution-Share Alike 4.0",
    }
    answer = parse_answer(
        {"continue": {"gapcontinue": "B", "continue": "-||"}, "query": {"pages": [PAGE], "rightsinfo": rights}}
    )
    assert answer is not None
    assert answer.pages == (WikiPage("5", "Book/Solids", "12", "2026-01-02T03:04:05Z", "words"),)
    assert (answer.more, answer.error) == ({"gapcontinue": "B", "continue": "-||"}, None)
    assert answer.license == License(rights["text"], "CC-BY-SA-4.0", "site", "declared")


def test_a_licence_whose_name_is_unknown_is_read_from_its_address() -> None:
    rights = {"url": "https://creativecommons.org/licenses/by-sa/3.0/deed.en", "text": "see the page"}
    answer = parse_answer({"query": {"pages": [], "rightsinfo": rights}})
    assert answer is not None
    assert answer.license == License("see the page", "CC-BY-SA-3.0", "site", "declared")


def test_a_page_may_be_missing_or_come_without_its_revision() -> None:
    answer = parse_answer({"query": {"pages": [{"pageid": 6, "missing": True}, {"pageid": 7, "title": "T"}]}})
    assert answer is not None
    assert answer.pages == (WikiPage("6", "", None, None, None, is_missing=True), WikiPage("7", "T", None, None, None))


def test_an_error_is_its_code() -> None:
    answer = parse_answer({"error": {"code": "maxlag", "info": "Waiting"}, "servedby": "mw1"})
    assert answer is not None
    assert answer.error == "maxlag"


@given(ANY_JSON, ANY_JSON)
def test_any_answer_is_read_or_refused(value: Any, inner: Any) -> None:
    assert parse_answer(value) is None or isinstance(value, dict)
    for pages in ([inner], [{"pageid": 1, "title": "T", "revisions": inner}], inner):
        answer = parse_answer({"query": {"pages": pages}, "continue": inner})
        assert answer is None or all(page.page_id.isdigit() for page in answer.pages)


@pytest.mark.parametrize(
    "opening",
    [
        '<syntaxhighlight lang="openscad">',
        "<syntaxhighlight lang=openscad line>",
        "<SyntaxHighlight line='1' lang='OpenSCAD' highlight=\"3\">",
    ],
)
def test_a_block_is_found_in_whatever_order_its_attributes_stand(opening: str) -> None:
    assert [block.scad for block in blocks_of(code("echo(1);", opening))] == ["echo(1);\n"]


def test_the_old_tag_is_a_block_too_and_preformatted_text_is_none() -> None:
    assert len(blocks_of(code("cube(1);", '<source lang="openscad">', "</source>"))) == 1
    assert blocks_of("<pre>cube(1);</pre>\n cube(2);\n") == ()


@pytest.mark.parametrize("language", ["java", "c", "JavaScript", "text"])
def test_openscad_that_is_marked_as_another_language_is_known_by_its_words(language: str) -> None:
    opening = f'<syntaxhighlight lang="{language}">'
    assert len(blocks_of(code("cube(1);", opening))) == 1
    assert blocks_of(code("int main() { return 0; }", opening)) == ()


@pytest.mark.parametrize(
    "text",
    [
        "openscad -o a.stl a.scad; ls",
        "$ openscad a.scad > x; {}",
        "cube(size = [x, y, z], center = true/false);",
        "translate(v = [x, y, z]) { ... }",
        "polygon(points = [[x, y], …]);",
        "$fn",
        "// only; a { comment }",
        "",
    ],
)
def test_shell_lines_signatures_and_scraps_are_no_blocks(text: str) -> None:
    assert blocks_of(code(text)) == ()


def test_code_with_ellipses_in_comments_and_strings_is_a_block() -> None:
    assert len(blocks_of(code('cube(1); // and so on ... true/false\necho("...");'))) == 1


def test_a_block_has_the_heading_and_the_paragraph_above_it() -> None:
    wikitext = f"Intro.\n\n== Boxes ==\nFirst words.\n\nA box\nof one.\n{code('cube(1);')}"
    wikitext += f"\n=== Balls ===\n{code('sphere(1);')}"
    assert blocks_of(wikitext) == (
        Block("boxes-1.scad", "Boxes", "A box of one.", "cube(1);\n"),
        Block("balls-1.scad", "Balls", None, "sphere(1);\n"),
    )


def test_a_second_block_has_the_words_between_and_a_number_of_its_own() -> None:
    blocks = blocks_of(f"== A ==\nOne.\n{code('cube(1);')}Two.\n{code('cube(2);')}== A ==\n{code('cube(3);')}")
    assert [(block.path, block.description) for block in blocks] == [
        ("a-1.scad", "One."),
        ("a-2.scad", "Two."),
        ("a-3.scad", None),
    ]


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("A [[Book/Solids#cube|'''big''' box]] of [[wood]].", "A big box of wood."),
        ("See [https://example.org/a b c] and [//example.org].", "See b c and ."),
        ("Use {{code|cube}} or {{mono|1=sphere}}{{note|{{tl|x}} y}}.", "Use cube or sphere."),
        ("Ten&nbsp;mm &lt; <code>a</code> &amp; <math>b^2</math>.", "Ten mm < a & b^2."),
        ("A claim<ref name='x'>A [[book]].</ref> stands<ref name='x'/>.", "A claim stands."),
        ("[[File:A.png|thumb|A [[box]]]]A box.<!-- not\n\nthis -->", "A box."),
        (": set in, as a list", "set in, as a list"),
        ("Call <syntaxhighlight lang='openscad' inline>cube(2);</syntaxhighlight> so.", "Call cube(2); so."),
        ("Prose.\n{| class='x'\n| cell\n|}", "Prose."),
        ("Prose.\n cube(9);", "Prose."),
    ],
)
def test_a_description_is_plain_words(markup: str, words: str) -> None:
    assert descriptions(f"{markup}\n{code('cube(1);')}") == [words]


def test_a_block_that_never_closes_hides_no_other() -> None:
    assert len(blocks_of(f"<source lang='openscad'> is a tag.\n{code('cube(1);')}")) == 1
    assert blocks_of('<syntaxhighlight lang="openscad">\ncube(1);') == ()


@pytest.mark.parametrize(
    "piece",
    [
        "<ref>a",
        "[http://a ",
        "[[a|",
        "{{a|",
        "<source lang='openscad'>",
        "<!--",
        "'''",
        "\n\n",
        "= =",
        "== a ==\n",
        "{{{{}}}}",
        "<syntaxhighlight a='",
    ],
)
def test_two_megabytes_of_anything_take_no_longer_than_their_length(piece: str) -> None:
    found = blocks_of(piece * (2_000_000 // len(piece)) + code("cube(1);"))
    assert [block.scad for block in found] in ([], ["cube(1);\n"])


@given(
    st.lists(
        st.sampled_from(
            [
                "<source>",
                "</source>",
                "<syntaxhighlight lang=c>",
                "</syntaxhighlight>",
                "==",
                "\n",
                "{{",
                "}}",
                "[[",
                "]]",
                "|",
                "cube(1);",
                "a",
                "<!--",
                "-->",
                "''",
                "İ",
            ]
        ),
        max_size=40,
    ).map("".join)
)
def test_any_wikitext_gives_blocks_with_paths_of_their_own(wikitext: str) -> None:
    blocks = blocks_of(wikitext)
    assert len({block.path for block in blocks}) == len(blocks)
    assert all(block.scad.rstrip("\n") in wikitext and block.path.endswith(".scad") for block in blocks)


def test_a_redirect_is_known_in_any_case() -> None:
    assert is_redirect("#Redirect [[Other]]")
    assert not is_redirect("Words about #redirect")


@pytest.mark.timeout(20)  # quadratic time would be minutes
def test_a_paragraph_of_very_many_lines_takes_no_longer_than_its_length() -> None:
    assert descriptions("a\n" * 500_000 + code("cube(1);")) == ["a " * 999 + "a"]
