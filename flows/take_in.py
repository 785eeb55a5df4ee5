"""Rows of crawls to the tables: `crawled`, `vanished`, and the `collect` rows of `rejected`.

A crawl and its take-in are apart: what a killed crawl had fetched is taken in before the next one of its source. The
caller holds the source's lock; one take-in at a time is seen to here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from urllib.parse import urlsplit

import pyarrow.compute as pc

from corpus.schema import CrawledRow, RejectedRow, VanishedRow
from corpus.store import Store
from flows.crawl_folders import CrawlFolder, Crawls
from flows.locks import locked
from flows.rejections import replace_rejections
from flows.settings import Settings
from spiders.rows import RowFileError, RunStats, read_rows
from spiders.settings import is_loopback_url
from spiders.state import CrawlState

__all__ = ["TakenIn", "has_lost_rows", "note_vanished", "reject_unfetched", "take_in"]

_BATCH_SIZE = 2000
"""Rows in memory at once: 20 MB at 10 kB a design."""


@dataclass(frozen=True)
class TakenIn:
    """What the crawls of a source had left for the tables."""

    n_rows: int = 0
    n_new: int = 0
    n_metadata_only: int = 0
    problems: tuple[str, ...] = ()
    """What is wrong with the files that they left; one line each."""

    def __add__(self, other: TakenIn) -> TakenIn:
        return TakenIn(
            self.n_rows + other.n_rows,
            self.n_new + other.n_new,
            self.n_metadata_only + other.n_metadata_only,
            self.problems + other.problems,
        )


def take_in(settings: Settings, source: str) -> TakenIn:
    """Appends the rows of every crawl of a source that has not been taken in, oldest first.

    A rows file that is damaged gives its rows up to the damage, and the source is asked for everything again.
    Raises StoreError, OSError; what was not taken in then is the next time.
    """
    crawls, store = Crawls(settings.data_dir / "crawls"), Store(settings.tables_root)
    total = TakenIn()
    with locked(crawls.take_in_lock):
        for folder in crawls.of(source):
            if not folder.is_taken_in:
                total += _take_in_folder(crawls, store, folder)
                folder.mark_taken_in()
    return total


def _take_in_folder(crawls: Crawls, store: Store, folder: CrawlFolder) -> TakenIn:
    taken = TakenIn()
    if not folder.rows.exists():
        return taken
    try:
        for batch in _batches(folder.rows):
            n_before = _n_rows(store)
            store.append("crawled", batch)
            crawls.set_last_row(folder.source, batch[-1].record_id)
            taken += TakenIn(len(batch), _n_rows(store) - n_before, sum(row.scad is None for row in batch))
    except RowFileError as error:
        crawls.forget(folder.source)
        return taken + TakenIn(problems=(f"{error}: the next crawl asks for everything again",))
    stats = folder.stats()
    if stats is not None and stats.n_items != taken.n_rows:
        problem = f"{folder.rows} holds {taken.n_rows} rows, but the crawl counted {stats.n_items}"
        return taken + TakenIn(problems=(problem,))
    return taken


def _batches(path: Path) -> Iterator[list[CrawledRow]]:
    """The rows of a file, some at a time; those before a damaged line are given before its RowFileError is raised."""
    rows = read_rows(path)
    damage: list[RowFileError] = []

    def whole() -> Iterator[CrawledRow]:
        try:
            yield from rows
        except RowFileError as error:
            damage.append(error)

    readable = whole()
    while batch := list(islice(readable, _BATCH_SIZE)):
        yield batch
    if damage:
        raise damage[0]


def _n_rows(store: Store) -> int:
    manifest = store.manifest("crawled")
    return manifest.n_rows if manifest else 0


def has_lost_rows(settings: Settings, source: str) -> bool:
    """True if the source's state says that rows were taken, but `crawled` is not the table that they went to.

    That is so when the row taken in last is not there by its record id (rows are never dropped from `crawled`, and one
    that was there already has the same id), or when none was ever taken in. Raises sqlite3.DatabaseError.
    """
    crawls = Crawls(settings.data_dir / "crawls")
    if not crawls.state_file(source).exists():
        return False
    state = CrawlState(crawls.state_file(source))
    try:
        if state.n_rows == 0:
            return False
    finally:
        state.close()
    last = crawls.last_row(source)
    record_ids = Store(settings.tables_root).read("crawled", columns=["record_id"])["record_id"]
    return last is None or not pc.any(pc.equal(record_ids, last)).as_py()


def note_vanished(settings: Settings, source: str) -> int:
    """Brings `vanished` up to date with the source's state; returns how many items are newly gone.

    An item is back when the state holds it whole again: one that was merely forgotten stays gone until then.
    Raises sqlite3.DatabaseError, StoreError.
    """
    path = Crawls(settings.data_dir / "crawls").state_file(source)
    if not path.exists():
        return 0
    store = Store(settings.tables_root)
    with locked(settings.data_dir / "crawls" / ".vanished.lock"):
        is_gone = {r.source_item_id: not r.is_back for r in store.rows("vanished") if r.source == source}
        state = CrawlState(path)
        try:
            gone = {i: why for i, why in state.gone().items() if not is_gone.get(i)}
            back = [i for i, was_gone in is_gone.items() if was_gone and state.knows(i)]
        finally:
            state.close()
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        rows = [VanishedRow(source, i, now, False, " ".join(why.split())) for i, why in gone.items()]
        rows += [VanishedRow(source, i, now, True, "taken again") for i in back]
        if rows:
            store.append("vanished", rows)
    return len(gone)


def reject_unfetched(settings: Settings, source: str, stats: RunStats) -> None:
    """Replaces the source's `collect` rows of `rejected` by what its newest crawl could not fetch."""
    rejections = {r.key: r for r in (_rejection(source, problem) for problem in stats.errors)}
    replace_rejections(settings.tables_root, frozenset({"collect"}), list(rejections.values()), source=source)


def _rejection(source: str, problem: str) -> RejectedRow:
    """A spider's `where: what` line as a row. This machine's own ports are left out: they change each time."""
    where, separator, what = problem.partition(": ")
    if "://" in where:
        parts = urlsplit(where)
        where = f"{'' if is_loopback_url(where) else parts.netloc}{parts.path}{'?' if parts.query else ''}{parts.query}"
    return RejectedRow(f"{source}: {where}", "collect", "not_fetched", what if separator else None, source)
