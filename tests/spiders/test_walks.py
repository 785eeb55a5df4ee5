"""What is remembered of walks and of items that could not be had, from run to run."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from spiders.sites.walks import WHOLE_DAYS, Rechecks, Walks
from spiders.state import CrawlState

TODAY = date(2026, 1, 31)


def walks_of(state: CrawlState, since: str | None = None, *, n_days: int = 0) -> Walks:
    """The walks of a new run, so many days from now."""
    spider: Any = SimpleNamespace(state=state, since=since)
    return Walks(spider, today=TODAY + timedelta(days=n_days))


def rechecks_of(state: CrawlState, n_items: int) -> tuple[Rechecks, list[str]]:
    """Known items that are looked at again, and where problems are noted."""
    problems: list[str] = []
    spider: Any = SimpleNamespace(state=state, note_problem=lambda where, why: problems.append(why))
    rechecks = Rechecks(spider)
    for number in range(n_items):
        state.note_done(str(number), "1", 1)
    rechecks.expect(map(str, range(n_items)))
    return rechecks, problems


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


def test_a_walk_is_good_for_a_month_however_often_it_stops_early() -> None:
    state = CrawlState()
    walks_of(state).may_stop("a")
    first = walks_of(state)
    first.end("a")
    first.settle()
    for n_days in range(1, WHOLE_DAYS):
        night = walks_of(state, n_days=n_days)
        assert night.may_stop("a")
        night.note_news("a")
        night.stop("a")
        night.settle()
    assert not walks_of(state, n_days=WHOLE_DAYS).may_stop("a")
    assert not walks_of(state, n_days=-1).may_stop("a")  # a clock that was put right


@pytest.mark.parametrize("note", ["whole", "", "2026-13-01"])
def test_a_note_without_a_date_is_no_whole_walk(note: str) -> None:
    state = CrawlState()
    state.set_note("walked:a", note)
    assert not walks_of(state).may_stop("a")


@pytest.mark.parametrize(
    ("totals", "is_full", "n_places", "is_end"),
    [
        ([60, 60], True, 60, True),
        ([60, 60], True, 30, False),
        ([None, None], True, 60, False),
        ([None, None], False, 60, True),
        ([60, 59], True, 60, False),
        ([60, 61], True, 61, True),
        ([], True, 0, False),
    ],
)
def test_a_listing_ends_where_it_has_shown_what_it_says_it_holds(
    totals: list[int | None], is_full: bool, n_places: int, is_end: bool
) -> None:
    state = CrawlState()
    walks = walks_of(state)
    for total in totals:
        walks.come_past("a", total=total, is_full=is_full)
    walks.run_out("a", n_places)
    walks.settle()
    assert walks_of(state).may_stop("a") is is_end


def test_a_whole_walk_that_is_spoilt_later_is_made_again() -> None:
    state = CrawlState()
    first = walks_of(state)
    first.end("a")
    first.settle()
    second = walks_of(state)
    second.spoil("a")
    second.stop("a")
    second.settle()
    assert not walks_of(state).may_stop("a")


@pytest.mark.parametrize(
    ("n_items", "n_missing", "n_gone"), [(4, 4, 4), (5, 5, 0), (10, 5, 5), (10, 6, 0), (9, 5, 0), (10, 0, 0)]
)
def test_what_is_missing_is_gone_unless_most_is(n_items: int, n_missing: int, n_gone: int) -> None:
    state = CrawlState()
    rechecks, problems = rechecks_of(state, n_items)
    for number in range(n_items):
        assert state.gone() == {}
        rechecks.hear(str(number), evidence="answered 404" if number < n_missing else None)
    rechecks.hear("0", evidence="answered 404")
    assert len(state.gone()) == n_gone
    assert len(problems) == (n_missing > n_gone)


def test_nothing_is_called_gone_before_the_last_answer_is_in() -> None:
    state = CrawlState()
    rechecks, _ = rechecks_of(state, 3)
    rechecks.hear("0", evidence="answered 404")
    rechecks.hear("1", evidence="answered 404")
    assert (state.gone(), rechecks.is_expected("1"), rechecks.is_expected("2")) == ({}, False, True)
