"""Fields of untrusted JSON: whatever comes, the wanted type or None."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders.pages.fields import field, file_name, flag, link, moment, number, plain_text, text, texts

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(ANY_JSON)
def test_any_value_is_read_as_the_wanted_type_or_none(value: Any) -> None:
    assert text(value) is None or text(value) == " ".join(str(text(value)).split())
    assert all(isinstance(word, str) and word for word in texts(value))
    assert number(value) is None or 0 <= number(value) < 1 << 63  # type: ignore[operator]
    assert flag(value) in (True, False, None)
    assert moment(value) is None or isinstance(moment(value), str)
    assert link(value) is None or str(link(value)).startswith("http")
    assert file_name(value) is None or "/" not in str(file_name(value))
    assert plain_text(value) is None or plain_text(value)
    field(value, "a", "b")


@given(st.text(alphabet="<>&;/ab!-scriptyle \n\r\t"))
def test_plain_text_never_fails_and_ends_without_blanks(markup: str) -> None:
    prose = plain_text(markup)
    assert prose is None or prose == prose.strip() != ""
    assert prose is None or "\r" not in prose


@pytest.mark.parametrize(
    ("markup", "prose"),
    [
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("<p>one</p><p>two<br>three</p>", "one\n\ntwo\nthree"),
        ("<ul><li>one</li><li>two</li></ul>", "- one\n- two"),
        ("Tom &amp; Ann&#39;s &lt;b&gt;", "Tom & Ann's <b>"),
        ("include <BOSL2/std.scad> where a < b and c > d", "include <BOSL2/std.scad> where a < b and c > d"),
        ("a<script>alert('x')</script>b<!-- no -->c", "abc"),
        ('<a href="https://x/y?z=1">here</a>, <b>now</b>', "here, now"),
        ("a\n\n\n\n\nb", "a\n\nb"),
        ("\x00\x1b", None),
        ("<p></p>", None),
    ],
)
def test_markup_becomes_prose_with_its_line_breaks(markup: str, prose: str | None) -> None:
    assert plain_text(markup) == prose


@pytest.mark.parametrize("piece", ["<script>", "<!--", "<script ", "<a ", "<", "&", "</p", "\n", "<style><!--"])
@pytest.mark.timeout(60)  # quadratic time would be minutes
def test_hostile_markup_of_any_length_is_read(piece: str) -> None:
    prose = plain_text(piece * (400_000 // len(piece)))
    assert prose is None or len(prose) <= 10_000


def test_a_long_text_is_cut() -> None:
    assert len(plain_text("word " * 10_000) or "") <= 10_000
    assert len(text("x" * 10_000) or "") == 300


@pytest.mark.parametrize(
    ("value", "is_true"), [(1, True), ("1", True), (True, True), ("false", False), (0, False), (None, None), (2, None)]
)
def test_flags_come_as_numbers_words_and_booleans(value: Any, is_true: bool | None) -> None:
    assert flag(value) is is_true


def test_a_page_address_loses_whatever_could_be_a_secret() -> None:
    assert link("https://user:key@host.example/thing:1?access_token=x#top") == "https://host.example/thing:1"
    assert link("javascript:alert(1)") is None
    assert link("https://[broken/") is None


def test_moments_are_dates_or_seconds() -> None:
    assert moment("2024-02-03T10:00:00+00:00") == "2024-02-03T10:00:00+00:00"
    assert moment(1_600_000_000) == "2020-09-13T12:26:40+00:00"
    assert moment("yesterday") is None
    assert moment(True) is None
    assert moment(1 << 60) is None


def test_file_names_have_no_folders() -> None:
    assert file_name("../../etc/part.scad") == "part.scad"
    assert file_name("C:\\designs\\part.scad") == "part.scad"
    assert file_name("..") is None
    assert file_name("a/") is None
