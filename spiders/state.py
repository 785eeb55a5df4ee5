"""What a source was found to hold, kept from night to night: one sqlite file a source.

An item (a thing, a repository, a page) is remembered with the version its site gave it, so that the next crawl asks
only for what changed; kept pages carry the ETag that makes asking for them again cheap; an item that its site no
longer has is marked, never forgotten. Rows themselves are not kept here (`spiders.rows`): an item is marked only after
its rows are on the disk, so a kill costs a second look at what was in flight and nothing else.
"""

from __future__ import annotations

import fcntl
import sqlite3
import time
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import orjson

__all__ = ["CrawlState", "KeptPage"]

_FORMAT = 1
_GONE_SECONDS = 30 * 86_400.0
_SCHEMA = """
CREATE TABLE IF NOT EXISTS items (
    item_id TEXT PRIMARY KEY, version TEXT, n_rows INTEGER NOT NULL, checked_seconds REAL NOT NULL, gone_evidence TEXT
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pages (
    url TEXT PRIMARY KEY, etag TEXT, last_modified TEXT, headers BLOB NOT NULL, body BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS claims (content TEXT PRIMARY KEY, item_id TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS notes (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""


@dataclass(frozen=True)
class KeptPage:
    """An answer that can be asked for again with `If-None-Match` or `If-Modified-Since`."""

    etag: str | None
    last_modified: str | None
    headers: Mapping[str, str]
    body: bytes


class CrawlState:
    """The memory of one source. `path=None` remembers for this run only.

    Nothing outlives the process before `commit()`. Raises sqlite3.DatabaseError for a file that is none of ours.
    """

    def __init__(self, path: Path | None = None, *, is_exclusive: bool = False) -> None:
        """`is_exclusive`: for a crawl; a second one of the same source gets sqlite3.OperationalError at once."""
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._seen: set[str] = set()
        self._claimants: set[str] = set()
        self._lock: IO[str] | None = None
        if is_exclusive and path is not None:
            self._lock = _locked(path)
        self._db = sqlite3.connect(path or ":memory:", isolation_level=None, timeout=2.0)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.execute("PRAGMA wal_autocheckpoint=0")  # `checkpoint` chooses the moment
        self._db.executescript(_SCHEMA)
        self._db.execute("BEGIN")
        if self.note("format") is None:
            self.set_note("format", str(_FORMAT))
        if self.note("format") != str(_FORMAT):
            raise sqlite3.DatabaseError("it was made by another version of cad-copilot")

    def __len__(self) -> int:
        return int(self._db.execute("SELECT count(*) FROM items").fetchone()[0])

    @property
    def n_rows(self) -> int:
        """The rows that all items gave when they were last taken."""
        return int(self._db.execute("SELECT coalesce(sum(n_rows), 0) FROM items").fetchone()[0])

    def knows(self, item_id: str) -> bool:
        """True if the item was taken whole before, in whatever version, and is not marked as gone."""
        row = self._db.execute("SELECT gone_evidence FROM items WHERE item_id = ?", (item_id,)).fetchone()
        return row is not None and row[0] is None

    def is_current(self, item_id: str, version: str | None) -> bool:
        """True if the item was taken whole in this very version; an unknown version (None) is never current."""
        row = self._db.execute("SELECT version, gone_evidence FROM items WHERE item_id = ?", (item_id,)).fetchone()
        return row is not None and version is not None and row == (version, None)

    def saw(self, item_id: str) -> None:
        """The site lists the item tonight, with its version; a listing without versions leaves it due for a check."""
        self._seen.add(item_id)
        self._db.execute("UPDATE items SET checked_seconds = ? WHERE item_id = ?", (time.time(), item_id))

    def note_done(self, item_id: str, version: str | None, n_rows: int) -> None:
        """The item was taken whole: all its rows are written. One that was gone is back."""
        self._seen.add(item_id)
        self._db.execute(
            "INSERT OR REPLACE INTO items VALUES (?, ?, ?, ?, NULL)", (item_id, version, n_rows, time.time())
        )

    def note_gone(self, item_id: str, evidence: str) -> None:
        """The site no longer has the item (`answered 404`, …). What it gave before stays."""
        self._seen.add(item_id)
        self._db.execute(
            "UPDATE items SET gone_evidence = coalesce(gone_evidence, ?), checked_seconds = ? WHERE item_id = ?",
            (evidence, time.time(), item_id),
        )

    def gone(self) -> dict[str, str]:
        """Evidence by id of the items that their site no longer has."""
        rows = self._db.execute("SELECT item_id, gone_evidence FROM items WHERE gone_evidence IS NOT NULL")
        return {str(item_id): str(evidence) for item_id, evidence in rows}

    def due(self, n_most: int) -> list[str]:
        """Items that this run has not seen, longest unchecked first; what is gone is looked at again after a month."""
        rows = self._db.execute(
            "SELECT item_id FROM items WHERE gone_evidence IS NULL OR checked_seconds NOT BETWEEN ? AND ?"
            " ORDER BY checked_seconds, item_id",
            (time.time() - _GONE_SECONDS, time.time() + _GONE_SECONDS),  # nor may a clock that jumped hide it for years
        )
        unseen = (str(item_id) for (item_id,) in rows if item_id not in self._seen)
        return [item_id for _, item_id in zip(range(n_most), unseen, strict=False)]

    def items(self) -> Iterator[tuple[str, str | None]]:
        """(item id, version) of every item, in order of the id."""
        yield from self._db.execute("SELECT item_id, version FROM items ORDER BY item_id").fetchall()

    def claim(self, content: str, item_id: str) -> bool:
        """True if no other item owns this content (a hash): the first that shows it does, while its site has it."""
        self._claimants.add(item_id)
        owner = self._db.execute("SELECT item_id FROM claims WHERE content = ?", (content,)).fetchone()
        is_owned = owner is not None and (owner[0] in self._claimants or self.knows(owner[0]))
        if not is_owned:
            self._db.execute("INSERT OR REPLACE INTO claims VALUES (?, ?)", (content, item_id))
        return not is_owned or bool(owner and owner[0] == item_id)

    def hand_over(self, old_item_id: str, new_item_id: str) -> None:
        """What one item owns is another's now: it was renamed."""
        self._db.execute("UPDATE claims SET item_id = ? WHERE item_id = ?", (new_item_id, old_item_id))

    def page(self, url: str) -> KeptPage | None:
        """The kept answer of a URL."""
        row = self._db.execute("SELECT etag, last_modified, headers, body FROM pages WHERE url = ?", (url,)).fetchone()
        return KeptPage(row[0], row[1], orjson.loads(row[2]), zlib.decompress(row[3])) if row else None

    def keep_page(self, url: str, page: KeptPage) -> None:
        """Keep an answer until the next one of the same URL."""
        packed = (url, page.etag, page.last_modified, orjson.dumps(dict(page.headers)), zlib.compress(page.body))
        self._db.execute("INSERT OR REPLACE INTO pages VALUES (?, ?, ?, ?, ?)", packed)

    def drop_page(self, url: str) -> None:
        """Forget a kept answer that turned out to be of no use."""
        self._db.execute("DELETE FROM pages WHERE url = ?", (url,))

    def note(self, name: str) -> str | None:
        """A spider's own small memory, such as how far a walk has come."""
        row = self._db.execute("SELECT value FROM notes WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else None

    def set_note(self, name: str, value: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO notes VALUES (?, ?)", (name, value))

    def commit(self) -> None:
        """Everything noted so far outlives this process, whatever ends it (0.1 ms: nothing is forced to the disk)."""
        self._db.execute("COMMIT")
        self._db.execute("BEGIN")

    def checkpoint(self) -> None:
        """Everything noted so far outlives a power cut too; call it once the rows are on the disk."""
        self._db.execute("COMMIT")
        self._db.execute("PRAGMA wal_checkpoint(PASSIVE)")
        self._db.execute("BEGIN")

    def close(self) -> None:
        self._db.execute("COMMIT")
        self._db.close()
        if self._lock is not None:
            self._lock.close()


def _locked(path: Path) -> IO[str]:
    """The lock of a state, gone with its process: between two transactions sqlite's own lets others in."""
    lock = path.with_name(f"{path.name}.lock").open("a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise sqlite3.OperationalError("locked by another crawl") from None
    return lock
