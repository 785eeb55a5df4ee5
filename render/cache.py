"""Keeps results by content: source, companions, parameters, library files and engine id. One sqlite file.

A verdict that depends on the machine or on a limit (timeout, memory, crash, our own failure) is never kept, so the
limits are no part of the key. Meshes are kept compressed. Several processes may share a file. What is read back is
JSON and numbers, nothing that could run.
"""

from __future__ import annotations

import hashlib
import json
import logging
import sqlite3
import threading
import zlib
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from render import libraries
from render.result import CompileJob, CompileResult, Diagnostic, MeshStats, Severity, Status

__all__ = ["CACHE_VERSION", "ResultCache", "job_key"]

CACHE_VERSION = 1
"""Raise when verdicts or measures are made in another way: what was kept before is then not found."""
MAX_BYTES = 2 << 30
UNKEPT = frozenset({Status.TIMEOUT, Status.OUT_OF_MEMORY, Status.CRASH, Status.ENGINE_ERROR})
_log = logging.getLogger(__name__)


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
    parts = [json.dumps(head, default=list), job.source, *(content for _, content in sorted(job.files.items()))]
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "little"))
        digest.update(data)
    return digest.hexdigest()


class ResultCache:
    """Results on disk. Safe to share between threads."""

    def __init__(self, path: Path, *, max_bytes: int = MAX_BYTES) -> None:
        """Opens or makes the file. Raises OSError where that can't be done; a damaged file is made anew."""
        self._path, self._max_bytes = path, max_bytes
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._db = self._open()
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise OSError(f"can't use the cache {path}: {error}") from error
            _log.warning("the cache %s is damaged (%s): starting it anew", path, error)
            path.unlink()
            self._db = self._open()

    def _open(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, timeout=30, check_same_thread=False, isolation_level=None)
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=NORMAL")
        # the mesh comes last: a query for the verdict alone doesn't touch its pages
        db.execute(
            "CREATE TABLE IF NOT EXISTS results "
            "(number INTEGER PRIMARY KEY, key TEXT UNIQUE NOT NULL, verdict TEXT NOT NULL, stl BLOB)"
        )
        return db

    def get(self, key: str, *, has_mesh: bool = True) -> CompileResult | None:
        """What was kept, or None; without `has_mesh` the mesh's bytes stay on disk."""
        columns = "verdict, stl" if has_mesh else "verdict, NULL"
        with self._lock:
            row = self._db.execute(f"SELECT {columns} FROM results WHERE key = ?", (key,)).fetchone()
        if row is None:
            return None
        stl = zlib.decompress(row[1]) if row[1] is not None else None
        return replace(_from_json(json.loads(row[0])), stl=stl, is_cached=True)

    def put(self, key: str, result: CompileResult) -> None:
        """Keeps a result, unless it depends on more than its content."""
        if result.status in UNKEPT:
            return
        verdict = json.dumps(asdict(replace(result, stl=None)), separators=(",", ":"))
        stl = zlib.compress(result.stl, 1) if result.stl is not None else None
        with self._lock:
            self._db.execute("INSERT OR REPLACE INTO results (key, verdict, stl) VALUES (?, ?, ?)", (key, verdict, stl))

    def prune(self) -> int:
        """Drops the oldest results until the file's content is within its limit; returns how many."""
        with self._lock:
            before = self._count()
            while self._n_bytes() > self._max_bytes and self._count():
                self._db.execute(
                    "DELETE FROM results WHERE number IN (SELECT number FROM results ORDER BY number LIMIT ?)",
                    (max(self._count() // 10, 1),),
                )
            return before - self._count()

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def _count(self) -> int:
        return int(self._db.execute("SELECT count(*) FROM results").fetchone()[0])

    def _n_bytes(self) -> int:
        page_bytes, n_pages, n_free = (
            self._db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_size", "page_count", "freelist_count")
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
