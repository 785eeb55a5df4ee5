"""Walking listings that show the newest items first: when to stop, and what to take up again.

A walk that came to its end once may stop, on later nights, at the first page without news. That holds only while
nothing on the way got lost: so a walk that finds news counts as unfinished until the run has dealt with all it found,
and items that could not be had are written down by name.
"""

from __future__ import annotations

import orjson

from spiders.sites.base import DesignSpider

__all__ = ["Walks"]

_UNFINISHED = "unfinished"


class Walks:
    """The walks of one run, and the memory of those before it."""

    def __init__(self, spider: DesignSpider) -> None:
        self._spider = spider
        self._asked: set[str] = set()
        self._wanted: dict[str, str | None] = {}
        self._pending: set[str] = set()
        self._ended: set[str] = set()
        self._spoiled: set[str] = set()
        self._whole: dict[str, bool] = {}

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
        """True if an earlier run walked this to its end, and a page without news is as good as the end."""
        if walk not in self._whole:  # as earlier runs left it: this run's own news doesn't change that
            self._whole[walk] = self._spider.state.note(f"walked:{walk}") == "whole"
        return self._whole[walk]

    def note_news(self, walk: str) -> None:
        """There is something new: from now on the walk is unfinished, until `settle` says otherwise."""
        if self.may_stop(walk):
            self._spider.state.set_note(f"walked:{walk}", "")

    def end(self, walk: str) -> None:
        """The walk came to the end of its listing, or to where it may stop."""
        self._ended.add(walk)

    def spoil(self, walk: str) -> None:
        """A page of the walk was shown in part: what is missing can't be named, so the next run walks it all."""
        self._spoiled.add(walk)

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
        for walk in self._ended - self._spoiled:
            state.set_note(f"walked:{walk}", "whole")

    def _is_lost(self, item_id: str) -> bool:
        """True if the item, or the version that this run saw of it, was not taken whole."""
        state = self._spider.state
        if item_id in self._wanted:
            return not state.is_current(item_id, self._wanted[item_id])
        return not state.knows(item_id) or (item_id in self._pending and item_id not in self._asked)
