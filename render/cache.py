"""Keeps results by content: source, companions, parameters, library files and engine id. One sqlite file.

A verdict that depends on the machine or on a limit (timeout, memory, crash, our own failure) is never kept, so the
limits are no part of the key. Meshes are kept compressed. What is read back is JSON and numbers, nothing that could
run.
"""

from __future__ import annotations

import hashlib
import json
import logging
import sqlite3
import threading
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, TypeVar

from render import libraries
from render.result import CompileJob, CompileResult, Diagnostic, MeshStats, Severity, Status

__all__ = ["CACHE_VERSION", "ResultCache", "job_key"]

CACHE_VERSION = 2
"""Raise when verdicts or measures are made in another way: what was kept before is then not found."""
MAX_BYTES = 2 << 30
UNKEPT = frozenset({Status.TIMEOUT, Status.OUT_OF_MEMORY, Status.CRASH, Status.ENGINE_ERROR})
_log = logging.getLogger(__name__)
T = TypeVar("T")


def job_key(job: CompileJob, engine_id: str, roots: Mapping[str, Path]) -> str:
    """sha256 over everything that a verdict depends on."""
    digest = hashlib.sha256()
    needed = libraries.closure(job.texts.values(), roots)
    head = {
        "version": CACHE_VERSION,
        "engine": engine_id,
        "parameters": job.parameters,
        "library": sorted((name, file.key) for name, file in needed.items()),
        "files": [(name, len(content)) for name, content in sorted(job.files.items())],
    }
    parts = [json.dumps(head, default=repr), job.source, *(content for _, content in sorted(job.files.items()))]
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "little"))
        digest.update(data)
    return digest.hexdigest()


class ResultCache:
    """Results on disk. Safe to share between threads; several processes may use one file.

    It is opened when it is first asked. A cache that can't be used (disk full, folder not writable, file damaged) costs
    its user nothing but time: it says so once, and holds nothing from then on.
    """

    def __init__(self, path: Path, *, max_bytes: int = MAX_BYTES) -> None:
        self._path, self._max_bytes = path, max_bytes
        self._lock = threading.Lock()
        self._db: sqlite3.Connection | None = None
        self._is_off = False

    def get(self, key: str, *, has_mesh: bool = True) -> CompileResult | None:
        """What was kept, or None; without `has_mesh` the mesh's bytes stay on disk."""
        columns = "verdict, stl" if has_mesh else "verdict, NULL"

        def read(db: sqlite3.Connection) -> CompileResult | None:
            row = db.execute(f"SELECT {columns} FROM results WHERE key = ?", (key,)).fetchone()
            if row is None:
                return None
            stl = zlib.decompress(row[1]) if row[1] is not None else None
            return replace(_from_json(json.loads(row[0])), stl=stl, is_cached=True)

        return self._ask(read)

    def put(self, key: str, result: CompileResult) -> None:
        """Keeps a result, unless it depends on more than its content."""
        if result.status in UNKEPT:
            return
        verdict = json.dumps(asdict(replace(result, stl=None)), separators=(",", ":"))
        row = (key, verdict, zlib.compress(result.stl, 1) if result.stl is not None else None)
        self._ask(lambda db: db.execute("INSERT OR REPLACE INTO results (key, verdict, stl) VALUES (?, ?, ?)", row))

    def prune(self) -> int:
        """Drops the oldest results until the file's content is within its limit; returns how many."""

        def drop(db: sqlite3.Connection) -> int:
            n_dropped = 0
            while _n_bytes(db) > self._max_bytes:
                n_now = db.execute(
                    "DELETE FROM results WHERE number IN "
                    "(SELECT number FROM results ORDER BY number LIMIT (SELECT count(*) / 10 + 1 FROM results))"
                ).rowcount
                n_dropped += n_now
                if n_now == 0:
                    break
            return n_dropped

        return (self._ask(drop) if self._db is not None else 0) or 0

    def close(self) -> None:
        """Releases the file; asked again, it is opened again."""
        with self._lock:
            if self._db is not None:
                self._db.close()
            self._db = None

    def _ask(self, action: Callable[[sqlite3.Connection], T]) -> T | None:
        """What the action gives, one at a time; None once the cache is off."""
        with self._lock:
            if self._is_off:
                return None
            try:
                self._db = self._db or _open(self._path)
                return action(self._db)
            except (sqlite3.Error, OSError, zlib.error, ValueError, TypeError) as error:
                self._is_off = True
                _log.warning(
                    "the cache %s can't be used (%s): going on without; remove it if it is damaged", self._path, error
                )
                return None


def _open(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    db = sqlite3.connect(path, timeout=30, check_same_thread=False, isolation_level=None)
    give_up_at = time.monotonic() + 10
    while True:
        try:
            db.execute("PRAGMA journal_mode=WAL")
            break
        except sqlite3.OperationalError:  # another process is doing the same: sqlite doesn't wait for that
            if time.monotonic() > give_up_at:
                raise
            time.sleep(0.02)
    db.execute("PRAGMA synchronous=NORMAL")
    # the mesh comes last: a query for the verdict alone doesn't touch its pages
    db.execute(
        "CREATE TABLE IF NOT EXISTS results "
        "(number INTEGER PRIMARY KEY, key TEXT UNIQUE NOT NULL, verdict TEXT NOT NULL, stl BLOB)"
    )
    return db


def _n_bytes(db: sqlite3.Connection) -> int:
    page_bytes, n_pages, n_free = (
        db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_size", "page_count", "freelist_count")
    )
    return int(page_bytes * (n_pages - n_free))


def _from_json(values: dict[str, Any]) -> CompileResult:
    """The inverse of `asdict`, with JSON's lists as tuples again."""
    stats = values.pop("stats")
    found = [
        Diagnostic(Severity(d.pop("severity")), **d)  # the fields that follow are plain
        for d in values.pop("diagnostics")
    ]
    return CompileResult(
        **values | {"status": Status(values["status"])},
        diagnostics=tuple(found),
        stats=MeshStats(**{name: _tuples(value) for name, value in stats.items()}) if stats is not None else None,
    )


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
