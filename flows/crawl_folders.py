"""Where crawls leave things below the data folder.

`crawls/TIME-SOURCE/` is one crawl: the rows as they came, Scrapy's log and statistics, and what became of it.
`crawls/state/` is what a source was found to hold. `spiders.rows` reads and
writes the rows.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from flows.locks import LockHeld, locked
from spiders.rows import RunStats, read_stats

__all__ = ["CrawlFolder", "CrawlReport", "Crawls"]

_STATE_SUFFIXES = (".sqlite", ".sqlite-wal", ".sqlite-shm", ".last-row")


@dataclass(frozen=True)
class CrawlReport:
    """What one spider brought home."""

    source: str
    n_items: int
    """Rows taken in, those that an earlier, killed crawl had left included."""
    n_new: int
    """Rows that `crawled` did not hold."""
    exit_code: int
    """0, or the spider's own code, or ours: a source that is down never ends the others."""
    detail: str
    seconds: float
    n_metadata_only: int = 0
    n_vanished: int = 0
    """Items that the site had before and has no more, noticed by this crawl."""
    n_requests: int = 0
    n_errors: int = 0


@dataclass(frozen=True)
class CrawlFolder:
    """One crawl's folder."""

    path: Path

    @property
    def source(self) -> str:
        return self.path.name.partition("-")[2]

    @property
    def started_at(self) -> str:
        """The moment in its name, ISO-8601 in UTC to the second; empty for a name that is none of ours."""
        digits = self.path.name.partition("-")[0][:15]
        try:
            return datetime.strptime(digits, "%Y%m%dT%H%M%S").replace(tzinfo=UTC).isoformat()
        except ValueError:
            return ""

    @property
    def rows(self) -> Path:
        return self.path / "rows.jsonl"

    @property
    def stats_file(self) -> Path:
        return self.path / "stats.json"

    @property
    def scrapy_log(self) -> Path:
        return self.path / "scrapy.log"

    @property
    def last_words(self) -> Path:
        """What the spider's process wrote to standard error."""
        return self.path / "stderr.txt"

    @property
    def is_taken_in(self) -> bool:
        """False after a kill: its rows are taken in before the next crawl of the source."""
        return self._mark.exists()

    def mark_taken_in(self) -> None:
        self._mark.touch()

    @property
    def _mark(self) -> Path:
        return self.path / "taken-in"

    def stats(self) -> RunStats | None:
        """Scrapy's own count; None for a crawl that was killed, or never began."""
        try:
            return read_stats(self.stats_file)
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def report(self) -> CrawlReport | None:
        """What became of the crawl; None while it runs, and for one that was killed."""
        try:
            return CrawlReport(**json.loads((self.path / "report.json").read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def write_report(self, report: CrawlReport) -> None:
        _write_whole(self.path / "report.json", json.dumps(asdict(report), indent=2) + "\n")


@dataclass(frozen=True)
class Crawls:
    """The crawls of one data folder."""

    root: Path

    @property
    def state_dir(self) -> Path:
        return self.root / "state"

    @property
    def take_in_lock(self) -> Path:
        return self.root / ".take-in.lock"

    def source_lock(self, source: str) -> Path:
        return self.root / f".{source}.lock"

    def turn_lock(self, what: str) -> Path:
        """Of what spiders must not use at the same time, such as one token."""
        return self.root / f".turn-{what}.lock"

    def state_file(self, source: str) -> Path:
        return self.state_dir / f"{source}.sqlite"

    def last_row(self, source: str) -> str | None:
        """The record id of the row that was taken in last; None before the first."""
        try:
            return self._last_row_file(source).read_text(encoding="utf-8").strip() or None
        except FileNotFoundError:
            return None

    def set_last_row(self, source: str, record_id: str) -> None:
        self.state_dir.mkdir(parents=True, exist_ok=True)
        _write_whole(self._last_row_file(source), record_id + "\n")

    def forget(self, source: str) -> None:
        """Removes what a source was found to hold: the next crawl asks for everything again."""
        for suffix in _STATE_SUFFIXES:
            (self.state_dir / f"{source}{suffix}").unlink(missing_ok=True)

    def of(self, source: str) -> list[CrawlFolder]:
        """Its crawls, oldest first."""
        folders = [CrawlFolder(path) for path in self.root.glob(f"*-{source}") if path.is_dir()]
        return sorted((f for f in folders if f.source == source), key=lambda f: f.path.name)

    def new(self, source: str) -> CrawlFolder:
        """An empty folder for a crawl that begins now."""
        moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%f")
        folder = CrawlFolder(self.root / f"{moment}Z-{source}")
        folder.path.mkdir(parents=True)
        return folder

    def is_crawling(self, source: str) -> bool:
        """True while a crawl of the source holds its lock."""
        if not self.source_lock(source).exists():
            return False
        try:
            with locked(self.source_lock(source), wait_seconds=0):
                return False
        except LockHeld:
            return True

    def _last_row_file(self, source: str) -> Path:
        return self.state_dir / f"{source}.last-row"


def _write_whole(path: Path, text: str) -> None:
    """A reader sees the old text or the new one, never a half. Only a holder of the source's lock writes."""
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)
