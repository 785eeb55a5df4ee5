"""What a source's memory keeps from night to night, and what it makes of a kill."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders.seeds import Seed, SeedFile
from spiders.state import CrawlState, KeptPage


def test_only_what_was_committed_outlives_the_process(tmp_path: Path) -> None:
    lines = f"""
import os
from pathlib import Path
from spiders.state import CrawlState
state = CrawlState(Path({str(tmp_path)!r}) / "deep" / "site.sqlite", is_exclusive=True)
state.note_done("a", "v1", 3)
state.commit()
state.note_done("b", "v1", 4)
os._exit(9)
"""
    assert subprocess.run([sys.executable, "-c", lines], check=False).returncode == 9
    again = CrawlState(tmp_path / "deep" / "site.sqlite")
    assert (again.knows("a"), again.knows("b"), again.n_rows, len(again)) == (True, False, 3, 1)


def test_an_item_is_current_in_its_very_version_only() -> None:
    state = CrawlState()
    state.note_done("a", "v1", 1)
    assert state.is_current("a", "v1")
    assert not state.is_current("a", "v2")
    assert not state.is_current("a", None), "an unknown version says nothing"
    assert not state.is_current("b", "v1")


def test_what_is_gone_is_marked_kept_and_may_come_back() -> None:
    state = CrawlState()
    state.note_done("a", "v1", 2)
    state.note_gone("a", "answered 404")
    state.note_gone("never taken", "answered 404")
    assert state.gone() == {"a": "answered 404"}
    assert (state.knows("a"), state.is_current("a", "v1"), state.n_rows) == (False, False, 2)
    state.note_gone("a", "answered 410")
    assert state.gone() == {"a": "answered 404"}, "the first evidence stands"
    state.note_done("a", "v1", 2)
    assert (state.gone(), state.knows("a")) == ({}, True)


def test_those_longest_unchecked_are_due_first_and_those_seen_or_gone_never(tmp_path: Path) -> None:
    first = CrawlState(tmp_path / "s.sqlite")
    for name in ("c", "a", "b", "d"):
        first.note_done(name, "v", 1)
    first.note_gone("d", "answered 404")
    assert first.due(10) == [], "all were seen this very run"
    first.close()
    second = CrawlState(tmp_path / "s.sqlite")
    assert second.due(2) == ["c", "a"]
    second.saw("c")
    assert second.due(10) == ["a", "b"]
    second.close()
    assert CrawlState(tmp_path / "s.sqlite").due(10) == ["a", "b", "c"], "seeing it with its version is a check"


@given(st.lists(st.tuples(st.sampled_from("xyz"), st.sampled_from("123"))))
def test_a_content_has_one_owner_the_first(claims: list[tuple[str, str]]) -> None:
    state = CrawlState()
    owners: dict[str, str] = {}
    for content, item in claims:
        assert state.claim(content, item) == (owners.setdefault(content, item) == item)


@given(st.binary(max_size=2000), st.dictionaries(st.sampled_from(("etag", "link")), st.text(max_size=50)))
def test_a_kept_page_comes_back_as_it_was(body: bytes, headers: dict[str, str]) -> None:
    state = CrawlState()
    page = KeptPage('"e"', None, headers, body)
    state.keep_page("http://h/p", KeptPage("old", None, {}, b""))
    state.keep_page("http://h/p", page)
    assert state.page("http://h/p") == page
    assert state.page("http://h/other") is None


def test_a_file_of_another_kind_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite"
    path.write_text("a letter to a friend, much longer than the header of a database " * 20)
    with pytest.raises(sqlite3.DatabaseError):
        CrawlState(path)
    assert path.read_text().startswith("a letter")


def test_a_second_crawl_of_a_source_is_refused_while_one_runs_and_a_reader_is_not(tmp_path: Path) -> None:
    first = CrawlState(tmp_path / "s.sqlite", is_exclusive=True)
    first.note_done("a", "v", 1)
    first.commit()
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        CrawlState(tmp_path / "s.sqlite", is_exclusive=True)
    assert CrawlState(tmp_path / "s.sqlite").knows("a")
    first.close()
    CrawlState(tmp_path / "s.sqlite", is_exclusive=True).close()


def test_a_state_of_a_later_format_is_refused(tmp_path: Path) -> None:
    state = CrawlState(tmp_path / "s.sqlite")
    state.set_note("format", "99")
    state.close()
    with pytest.raises(sqlite3.DatabaseError, match="another version"):
        CrawlState(tmp_path / "s.sqlite")


def test_seeds_are_kept_once_by_host_and_a_torn_line_spoils_no_other(tmp_path: Path) -> None:
    path = tmp_path / "state" / "seeds.jsonl"
    one = Seed("https://github.com/o/r", "R", "https://openscad.org/libraries.html")
    assert SeedFile(path).add(one)
    assert not SeedFile(path).add(one)
    with path.open("a") as file:
        file.write('\n{"url": "https://torn')
    two = Seed("https://www.thingiverse.com/thing:1", None, "https://openscad.org/gallery.html")
    assert SeedFile(path).add(two)
    seeds = SeedFile(path)
    assert list(seeds.seeds()) == [one, two]
    assert list(seeds.seeds("thingiverse.com")) == [two]
    assert list(seeds.seeds("hub.com")) == []
    assert json.loads(path.read_text().splitlines()[-1])["url"] == two.url
