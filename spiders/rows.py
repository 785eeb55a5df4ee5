"""The two files a spider run leaves behind: crawled rows as JSONL and one stats.json.

Plain files, no Scrapy: a flow reads them without importing a crawler. Covers writing whole lines,
reading them back after a kill, and the run's statistics; `corpus.store` makes tables of the rows.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from corpus.rows import from_dict, to_dict
from corpus.schema import CrawledRow

__all__ = ["RowFileError", "RowWriter", "RunStats", "count_rows", "read_rows", "read_stats", "write_stats"]

_COUNT_CHUNK_BYTES = 1 << 20


class RowFileError(ValueError):
    """A rows file is damaged in the middle, where no kill can have torn it."""


@dataclass(frozen=True)
class RunStats:
    """What one spider run did, and what went wrong in it."""

    spider: str
    run_id: str
    n_items: int
    n_metadata_only: int
    """Rows whose source could not be had (404, oversize, not text): `scad` is null, `errors` says why."""
    n_requests: int
    n_robots_forbidden: int
    n_errors: int
    finish_reason: str
    """finished | limit | shutdown | terms_block | output_failed | …"""
    exit_code: int
    seconds: float
    status_counts: dict[str, int] = field(default_factory=dict)
    quotas: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Download slot or host → (requests left, requests allowed), as the site last said."""
    errors: tuple[str, ...] = ()
    """One line each, `where: what`; the first 200."""


class RowWriter:
    """Appends rows to a JSONL file, flushed line by line, so that a kill costs at most the line in flight."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file: IO[bytes] = path.open("wb")
        self.n_written = 0

    def write(self, row: CrawledRow) -> None:
        """Write one line. OSError (a full disk) is the caller's to report; the line may then be torn."""
        line = json.dumps(to_dict(row), ensure_ascii=False, separators=(",", ":"))
        # surrogatepass would write bytes that no reader takes back; "replace" costs one odd character
        self._file.write(line.encode("utf-8", errors="replace") + b"\n")
        self._file.flush()
        self.n_written += 1

    def sync(self) -> None:
        """Force the rows to the disk; raises OSError where that fails."""
        self._file.flush()
        if Path(self._file.name).is_file():  # a pipe or a device has nothing to sync
            os.fsync(self._file.fileno())

    def close(self) -> None:
        """Force the rows to the disk and close; raises OSError where that fails."""
        try:
            self.sync()
        finally:
            self._file.close()


def read_rows(path: str | Path) -> Iterator[CrawledRow]:
    """The rows of a JSONL file; a torn last line (kill -9 in mid-write) is skipped.

    Raises RowFileError for a broken line that is not the last.
    """
    with Path(path).open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.endswith(b"\n"):
                return
            if not line.strip():
                continue
            try:
                yield from_dict(CrawledRow, json.loads(line))
            except (ValueError, TypeError) as error:
                raise RowFileError(f"{path}:{number}: not a crawled row ({error}); collect again") from error


def count_rows(path: Path) -> int:
    """The number of whole lines in a rows file."""
    n_lines = 0
    with path.open("rb") as file:
        while chunk := file.read(_COUNT_CHUNK_BYTES):
            n_lines += chunk.count(b"\n")
    return n_lines


def write_stats(stats: RunStats, path: Path) -> None:
    """Publish the statistics atomically: a reader sees the old file or the new one, never a half."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_text(json.dumps(to_dict(stats), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def read_stats(path: str | Path) -> RunStats:
    """The statistics of a run, as `write_stats` left them."""
    data = json.loads(Path(path).read_text(encoding="utf-8"))
    quotas = {key: (left, allowed) for key, (left, allowed) in data["quotas"].items()}
    return RunStats(**{**data, "errors": tuple(data["errors"]), "quotas": quotas})
