"""Sources to the `crawled` table: one subprocess a spider, since a second crawl in one process can't start."""

from __future__ import annotations

import contextlib
import logging
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from prefect import flow, task

from corpus.schema import RejectedRow
from corpus.store import Store
from flows.rejections import replace_rejections
from flows.settings import Settings, child_environment, load_settings
from spiders.rows import read_rows, read_stats

__all__ = ["CrawlReport", "collect_flow", "collect_source"]

logger = logging.getLogger(__name__)

ROWS, STATS = "rows.jsonl", "stats.json"
TAKEN_IN = "taken-in"
"""Marks a crawl whose rows are in the table; one without it was killed, and its rows are taken in next time."""


@dataclass(frozen=True)
class CrawlReport:
    """What one spider brought home."""

    source: str
    n_items: int
    n_new: int
    exit_code: int
    """0, or the spider's own code: a source that is down never ends the others."""
    detail: str
    seconds: float


@contextlib.contextmanager
def _spider_arguments(settings: Settings, source: str) -> Iterator[dict[str, str]]:
    """The `-a` arguments of a spider; serves the sample site while the gallery spider runs."""
    if source == "gallery" and not settings.gallery_url:
        from spiders.sample_site.server import serve

        with serve() as base_url:
            yield {"base_url": base_url}
    elif source == "gallery":
        yield {"base_url": settings.gallery_url}
    elif source == "local":
        yield {"folder": settings.local_path}
    elif source == "bosl2":
        yield {"limit": str(settings.bosl2_limit)} if settings.bosl2_limit else {}
    else:
        yield {}


def collect_source(settings: Settings, source: str, *, limit: int | None = None) -> CrawlReport:
    """Runs one spider to its end and appends what it found to `crawled`. A failing site is a value, not an error.

    Also takes in what an earlier crawl of this source had fetched when it was killed.
    """
    started = time.monotonic()
    crawls = settings.data_dir / "crawls"
    crawl_dir = crawls / f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{source}"
    crawl_dir.mkdir(parents=True, exist_ok=True)
    with _spider_arguments(settings, source) as arguments:
        command = [sys.executable, "-m", "spiders.run", source]
        command += ["--output", str(crawl_dir / ROWS), "--stats", str(crawl_dir / STATS)]
        command += [part for key, value in arguments.items() for part in ("-a", f"{key}={value}")]
        command += ["--contact", settings.contact] if settings.contact else []
        command += ["--limit", str(limit)] if limit else []
        result = subprocess.run(command, env=child_environment(settings), capture_output=True, text=True)
    store = Store(settings.tables_dir)
    n_before = store.read("crawled", columns=[]).num_rows
    n_items = 0
    for folder in sorted(crawls.glob(f"*-{source}")):
        if not (folder / TAKEN_IN).exists():
            rows = list(read_rows(folder / ROWS)) if (folder / ROWS).exists() else []
            store.append("crawled", rows)
            (folder / TAKEN_IN).touch()
            n_items += len(rows)
    n_new = store.read("crawled", columns=[]).num_rows - n_before
    problems = read_stats(crawl_dir / STATS).errors if (crawl_dir / STATS).exists() else ()
    rejections = {r.key: r for r in (_rejection(source, problem) for problem in problems)}
    replace_rejections(store, frozenset({"collect"}), list(rejections.values()), source=source)
    lines = result.stderr.strip().splitlines()
    detail = lines[-1] if result.returncode and lines else f"{n_items} designs, {n_new} new"
    return CrawlReport(source, n_items, n_new, result.returncode, detail, time.monotonic() - started)


def _rejection(source: str, problem: str) -> RejectedRow:
    """A spider's `where: what` line as a row, keyed by the path alone: the sample site's port changes each time."""
    where, _, what = problem.partition(": ")
    path = urlsplit(where).path if "://" in where else where
    return RejectedRow(path, "collect", "not_fetched", what, source)


@task(name="collect-source", retries=1, retry_delay_seconds=5, task_run_name="collect-{source}")
def collect_source_task(data_dir: Path, source: str) -> CrawlReport:
    return collect_source(load_settings(data_dir=data_dir), source)


@flow(name="collect")
def collect_flow(data_dir: Path | None = None) -> list[CrawlReport]:
    """Crawls every source of the settings; a source that fails is reported and the rest goes on."""
    settings = load_settings(data_dir=data_dir)
    return [collect_source_task(settings.data_dir, source) for source in settings.sources]
