"""What is remembered of walks and of items that could not be had, from run to run."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

from spiders.sites.walks import Walks
from spiders.state import CrawlState


def walks_of(state: CrawlState, since: str | None = None) -> Walks:
    """The walks of a new run."""
    return Walks(SimpleNamespace(state=state, since=since))  # type: ignore[arg-type]


def test_a_walk_may_stop_only_after_it_came_to_its_end_and_everything_was_dealt_with() -> None:
    state = CrawlState()
    first = walks_of(state)
    first.end("a")
    assert not walks_of(state).may_stop("a")  # killed before all was dealt with
    first.settle()
    assert walks_of(state).may_stop("a")
    assert not walks_of(state).may_stop("b")


def test_news_makes_a_walk_unfinished_for_the_next_run_and_not_for_this_one() -> None:
    state = CrawlState()
    first = walks_of(state)
    first.end("a")
    first.settle()
    second = walks_of(state)
    second.note_news("a")
    assert second.may_stop("a")
    assert not walks_of(state).may_stop("a")
    second.end("a")
    second.settle()
    assert walks_of(state).may_stop("a")


def test_a_spoiled_walk_is_never_whole() -> None:
    state = CrawlState()
    walks = walks_of(state)
    walks.end("a")
    walks.spoil("a")
    walks.settle()
    assert not walks_of(state).may_stop("a")


def test_a_run_with_since_settles_nothing() -> None:
    state = CrawlState()
    walks = walks_of(state, since="2026-01-01")
    walks.is_first("x")
    walks.end("a")
    walks.settle()
    assert not walks_of(state).may_stop("a")
    assert walks_of(state).unfinished() == []


def test_what_was_asked_for_and_not_taken_is_left_for_the_next_run() -> None:
    state = CrawlState()
    walks = walks_of(state)
    for item_id in ("taken", "lost", "gone"):
        assert walks.is_first(item_id)
        assert not walks.is_first(item_id)
    state.note_done("taken", "1", 1)
    state.note_done("gone", None, 0)
    state.note_gone("gone", "answered 404")
    walks.settle()
    assert walks_of(state).unfinished() == ["lost"]


def test_a_new_version_that_was_not_taken_is_left_for_the_next_run() -> None:
    state = CrawlState()
    state.note_done("a", "1", 1)
    state.note_done("b", "2", 1)
    walks = walks_of(state)
    for item_id in ("a", "b"):
        walks.is_first(item_id)
        walks.want(item_id, "2")
    walks.settle()
    assert walks_of(state).unfinished() == ["a"]


def test_what_is_unfinished_stays_so_until_it_is_asked_for(tmp_path: Path) -> None:
    state = CrawlState(tmp_path / "state.sqlite")
    first = walks_of(state)
    first.is_first("a")
    first.settle()
    second = walks_of(state)
    assert second.unfinished() == ["a"]
    second.settle()  # it was not come to
    third = walks_of(state)
    assert third.unfinished() == ["a"]
    third.is_first("a")
    state.note_done("a", "1", 1)
    third.settle()
    assert walks_of(state).unfinished() == []
    state.close()
