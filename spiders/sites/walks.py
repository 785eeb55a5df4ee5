"""Walking listings that show the newest items first: when to stop, what to take up again, and what to call gone.

A walk that came to its end once may stop, on later nights, at the first page without news. That holds only while
nothing on the way got lost: so a walk that finds news counts as unfinished until the run has dealt with all it found,
and items that could not be had are written down by name. What gets lost all the same is found after a month, when
every walk goes to its end again.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime

import orjson

from spiders.sites.base import DesignSpider

__all__ = ["WHOLE_DAYS", "Rechecks", "Walks"]

WHOLE_DAYS = 30
"""So long a walk to the end is good for; then it is made anew."""
_UNFINISHED = "unfinished"
_LEAST_SUSPICIOUS = 5
"""Fewer missing items than this may well be gone, whatever their share."""


class Walks:
    """The walks of one run, and the memory of those before it."""

    def __init__(self, spider: DesignSpider, *, today: date | None = None) -> None:
        self._spider = spider
        self._today = today or datetime.now(UTC).date()
        self._asked: set[str] = set()
        self._wanted: dict[str, str | None] = {}
        self._pending: set[str] = set()
        self._ended: set[str] = set()
        self._stopped: set[str] = set()
        self._spoiled: set[str] = set()
        self._short: set[str] = set()
        self._totals: dict[str, int] = {}
        self._whole: dict[str, str | None] = {}

    def is_first(self, item_id: str) -> bool:
        """True once a run: several walks list the same item, and it is asked for once."""
        if item_id in self._asked:
            return False
        self._asked.add(item_id)
        return True

    def is_asked(self, item_id: str) -> bool:
        """True if this run took the item up: it was news to it, whatever has become of it since."""
        return item_id in self._asked

    def want(self, item_id: str, version: str | None) -> None:
        """This version of the item is being taken; `settle` sees whether it was."""
        self._wanted[item_id] = version

    def may_stop(self, walk: str) -> bool:
        """True if a run of the last month walked this to its end, and a page without news is as good as the end."""
        if walk not in self._whole:  # as earlier runs left it: this run's own news doesn't change that
            walked_on = self._spider.state.note(f"walked:{walk}")
            self._whole[walk] = walked_on if _n_days(walked_on, self._today) in range(WHOLE_DAYS) else None
        return self._whole[walk] is not None

    def note_news(self, walk: str) -> None:
        """There is something new: from now on the walk is unfinished, until `settle` says otherwise."""
        if self.may_stop(walk):
            self._spider.state.set_note(f"walked:{walk}", "")

    def come_past(self, walk: str, *, total: int | None, is_full: bool) -> None:
        """A page with items: what the listing says it holds, and whether the page held all that a page can.

        A total that falls means that an item went, and that another moved up over the edge of a page, unseen.
        """
        if total is not None:
            if total < self._totals.get(walk, 0):
                self.spoil(walk)
            self._totals[walk] = total
        if not is_full:
            self._short.add(walk)

    def run_out(self, walk: str, n_places: int, *, total: int | None = None) -> bool:
        """Nothing is shown behind `n_places`. True if that is the end; else the walk is spoilt.

        `total`: what this last answer says, where no page before it said anything.
        """
        total = self._totals.get(walk, total)
        is_end = n_places >= total if total is not None else walk in self._short
        if is_end:
            self.end(walk)
        else:
            self.spoil(walk)
        return is_end

    def end(self, walk: str) -> None:
        """The walk came to the end of its listing."""
        self._ended.add(walk)

    def stop(self, walk: str) -> None:
        """The walk came to where it may stop: it is as whole as it was, since when it was."""
        self._stopped.add(walk)

    def spoil(self, walk: str) -> None:
        """Some of the walk was not shown: what is missing can't be named, so the next run walks it all."""
        self._spoiled.add(walk)
        self.note_news(walk)

    def unfinished(self) -> list[str]:
        """Items that an earlier run found and could not have."""
        self._pending = set(orjson.loads(self._spider.state.note(_UNFINISHED) or "[]"))
        return sorted(self._pending)

    def settle(self) -> None:
        """Nothing is in flight any more: mark the walks that ended, and write down what is still to be had.

        A run with `since` passes items by on purpose, so it proves nothing.
        """
        state = self._spider.state
        if self._spider.since is not None:
            return
        taken_up = (self._asked | self._pending) - state.gone().keys()
        state.set_note(_UNFINISHED, orjson.dumps(sorted(filter(self._is_lost, taken_up))).decode())
        for walk in self._stopped - self._spoiled:
            state.set_note(f"walked:{walk}", self._whole[walk] or "")
        for walk in self._ended - self._spoiled:
            state.set_note(f"walked:{walk}", self._today.isoformat())

    def _is_lost(self, item_id: str) -> bool:
        """True if the item, or the version that this run saw of it, was not taken whole."""
        state = self._spider.state
        if item_id in self._wanted:
            return not state.is_current(item_id, self._wanted[item_id])
        return not state.knows(item_id) or (item_id in self._pending and item_id not in self._asked)


class Rechecks:
    """The items that one run looks at again: those missing are gone, unless most are.

    A site under repair answers 404 for all it has; nothing is marked before the last answer is in.
    """

    def __init__(self, spider: DesignSpider) -> None:
        self._spider = spider
        self._open: set[str] = set()
        self._missing: dict[str, str] = {}
        self._n_expected = 0

    def expect(self, item_ids: Iterable[str]) -> None:
        """These are being asked for; `hear` is to be called for each, whatever the answer."""
        self._open = set(item_ids)
        self._n_expected = len(self._open)

    def is_expected(self, item_id: str) -> bool:
        """True for an item that is looked at again, and was not heard of yet."""
        return item_id in self._open

    def hear(self, item_id: str, *, evidence: str | None = None) -> None:
        """An item was answered for; `evidence`: how the site said that it has it no more. Others are let be."""
        if item_id not in self._open:
            return
        self._open.remove(item_id)
        if evidence is not None:
            self._missing[item_id] = evidence
        if not self._open:
            self._decide()

    def _decide(self) -> None:
        state, n_missing = self._spider.state, len(self._missing)
        is_suspicious = n_missing >= _LEAST_SUSPICIOUS and 2 * n_missing > self._n_expected
        if is_suspicious:
            evidence = next(iter(self._missing.values()))
            why = f"most of what was looked at again {evidence}: not marked as gone"
            self._spider.note_problem(f"{n_missing} of {self._n_expected} items", why)
        for item_id, evidence in self._missing.items():
            if is_suspicious:
                state.saw(item_id)  # others have their turn first
            else:
                state.note_gone(item_id, evidence)


def _n_days(walked_on: str | None, today: date) -> int | None:
    """Days since a walk was whole; None if it is not, or was in a way that older versions wrote."""
    try:
        return (today - date.fromisoformat(walked_on or "")).days
    except ValueError:
        return None
