"""Crawls of replayed sites: the sites in one process, each spider in its own; and what must have come home."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import urllib.request
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from corpus.schema import CrawledRow
from spiders.items import record_id_of
from spiders.rows import RunStats, read_rows, read_stats
from tests.replay.faults import NO_FAULTS, Faults
from tests.replay.site import Planted

__all__ = ["Comparison", "CrawlResult", "Running", "compare", "crawl", "replay", "start_crawl"]

ROOT = Path(__file__).parents[2]
_TIMEOUT_SECONDS = 900


@dataclass(frozen=True)
class Running:
    """Sites being served by a child process."""

    control_url: str
    urls: dict[str, dict[str, str]]
    arguments: dict[str, dict[str, str]]
    environment: dict[str, dict[str, str]]
    sites: dict[str, str]
    """Spider → its site."""
    clock_speed: float

    def stats(self) -> dict[str, Any]:
        """What each `site/host` heard."""
        heard: dict[str, Any] = self._ask("/stats")
        return heard

    def planted(self, spider: str) -> list[Planted]:
        """What a complete crawl by this spider gives now."""
        return [p for p in self.all_planted() if p.spider == spider]

    def all_planted(self) -> list[Planted]:
        """What complete crawls of every site give now."""
        return [Planted(**p) for p in self._ask("/planted")]

    def n_requests(self, spider: str) -> int:
        """Requests that the spider's site heard so far, robots.txt left out."""
        heard = self.stats()
        return sum(host["n_requests"] for name, host in heard.items() if name.startswith(f"{self.sites[spider]}/"))

    def change(self, share: float) -> None:
        self._ask(f"/change?share={share}")

    def set_faults(self, faults: Faults) -> None:
        self._ask("/faults?" + "&".join(f"{name}={value}" for name, value in asdict(faults).items()))

    def set_down(self, site: str, is_down: bool) -> None:
        self._ask(f"/down?site={site}&is_down={str(is_down).lower()}")

    def _ask(self, path: str) -> Any:
        with urllib.request.urlopen(self.control_url + path, timeout=60) as answer:
            return json.load(answer)


@dataclass(frozen=True)
class CrawlResult:
    exit_code: int
    stderr: str
    rows: list[CrawledRow]
    stats: RunStats | None
    """None after a kill."""


@contextmanager
def replay(
    sites: Sequence[str],
    *,
    scale: float,
    seed: int = 1,
    faults: Faults = NO_FAULTS,
    clock_speed: float = 100.0,
    has_limits: bool = True,
) -> Iterator[Running]:
    """The sites served until the block ends."""
    command = [sys.executable, "-m", "tests.replay", "--json", "--sites", ",".join(sites)]
    command += ["--scale", str(scale), "--seed", str(seed), "--clock-speed", str(clock_speed)]
    command += [] if has_limits else ["--no-limits"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        line = server.stdout.readline()
        assert line, "the replay server did not start"
        running = Running(**json.loads(line), clock_speed=clock_speed)
        running.set_faults(faults)
        try:
            yield running
        finally:
            server.kill()


def start_crawl(
    running: Running, spider: str, folder: Path, *more: str, state_dir: Path | None = None, is_hurried: bool = False
) -> subprocess.Popen[str]:
    """A crawl in a process of its own; its files go to `folder`. `is_hurried`: without any pauses."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "spiders.run", spider, "--log", str(folder / "scrapy.log")]
    command += ["--output", str(folder / "rows.jsonl"), "--stats", str(folder / "stats.json")]
    command += [] if is_hurried else ["--clock-speed", str(running.clock_speed)]
    command += ["--state-dir", str(state_dir or folder / "state")]
    command += [part for name, value in running.arguments[spider].items() for part in ("-a", f"{name}={value}")]
    environment = {**os.environ, **running.environment[spider]}
    return subprocess.Popen([*command, *more], cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)


def finish_crawl(process: subprocess.Popen[str], folder: Path) -> CrawlResult:
    """Wait for a crawl and read what it left."""
    _, stderr = process.communicate(timeout=_TIMEOUT_SECONDS)
    rows, stats = folder / "rows.jsonl", folder / "stats.json"
    return CrawlResult(
        process.returncode,
        stderr,
        list(read_rows(rows)) if rows.is_file() else [],
        read_stats(stats) if stats.is_file() else None,
    )


def crawl(
    running: Running, spider: str, folder: Path, *more: str, state_dir: Path | None = None, is_hurried: bool = False
) -> CrawlResult:
    """One crawl to its end."""
    return finish_crawl(start_crawl(running, spider, folder, *more, state_dir=state_dir, is_hurried=is_hurried), folder)


@dataclass(frozen=True)
class Comparison:
    """What was planted beside what came home."""

    n_planted: int
    n_found: int
    missing: tuple[str, ...]
    doubled: tuple[str, ...]
    unplanted: tuple[str, ...]
    wrong_fields: tuple[str, ...]
    """`item path: field: found, not planted`."""

    @property
    def is_exact(self) -> bool:
        return not (self.missing or self.doubled or self.unplanted or self.wrong_fields)


def compare(planted: Iterable[Planted], rows: Iterable[CrawledRow]) -> Comparison:
    """Every planted row by its record id, field by field. Of rows with one id the last counts."""
    wanted = {record_id_of(p.source, p.source_item_id, p.path): p for p in planted}
    found: dict[str, CrawledRow] = {}
    counts: Counter[str] = Counter()
    for row in rows:
        found[row.record_id] = row
        counts[row.record_id] += 1
    wrong = [line for record_id, p in wanted.items() if record_id in found for line in _wrong(p, found[record_id])]
    return Comparison(
        n_planted=len(wanted),
        n_found=len(wanted.keys() & found.keys()),
        missing=tuple(f"{p.source_item_id} {p.path}" for record_id, p in wanted.items() if record_id not in found),
        doubled=tuple(f"{found[k].source_item_id} {found[k].path}" for k, n in counts.items() if n > 1),
        unplanted=tuple(f"{r.source_item_id} {r.path}" for record_id, r in found.items() if record_id not in wanted),
        wrong_fields=tuple(wrong),
    )


def _wrong(planted: Planted, row: CrawledRow) -> Iterator[str]:
    text = hashlib.sha256(row.scad.encode()).hexdigest() if row.scad is not None else None
    facts: list[tuple[str, Any, Any]] = [
        ("title", row.title, planted.title),
        ("description", row.description, planted.description),
        ("license", row.license_spdx, planted.license_spdx),
        ("scad", text, planted.scad_sha256),
        ("crawler", row.provenance.crawler, f"spiders.{planted.spider}"),
        ("provenance", bool(row.provenance.request_url or row.provenance.discovered_via), True),
    ]
    if planted.author is not None:
        facts.append(("author", row.author.name if row.author else None, planted.author))
    if planted.description_kind is not None:
        facts.append(("kind", row.description_kind, planted.description_kind))
    for name, is_value, should in facts:
        if is_value != should:
            yield f"{row.source_item_id} {row.path}: {name}: {is_value!r}, not {should!r}"
