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

from prefect import flow, task

from corpus.schema import RejectedRow
from corpus.store import Store
from flows.settings import Settings, SettingsError, child_environment, load_settings

__all__ = ["SPIDERS", "CrawlReport", "collect_flow", "collect_source"]

logger = logging.getLogger(__name__)

SPIDERS = ("gallery", "bosl2", "openscad_examples", "local")
CRAWL_TIMEOUT_SECONDS = 6 * 3600


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
        if not settings.local_path:
            raise SettingsError("the source `local` needs CAD_COPILOT_LOCAL_PATH: the folder or checkout to read")
        yield {"folder": settings.local_path}
    elif source == "bosl2":
        yield {"limit": str(settings.bosl2_limit)}
    else:
        yield {}


def collect_source(settings: Settings, source: str, *, limit: int | None = None) -> CrawlReport:
    """Runs one spider to its end and appends what it found to `crawled`. A failing site is a value, not an error."""
    from spiders.rows import read_rows, read_stats

    started = time.monotonic()
    crawl_dir = settings.data_dir / "crawls" / f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{source}"
    crawl_dir.mkdir(parents=True, exist_ok=True)
    output, stats_file = crawl_dir / "rows.jsonl", crawl_dir / "stats.json"
    with _spider_arguments(settings, source) as arguments:
        command = [sys.executable, "-m", "spiders.run", source, "--output", str(output), "--stats", str(stats_file)]
        command += [part for key, value in arguments.items() for part in ("-a", f"{key}={value}")]
        command += ["--contact", settings.contact] if settings.contact else []
        command += ["--limit", str(limit)] if limit else []
        result = subprocess.run(
            command, env=child_environment(settings), capture_output=True, text=True, timeout=CRAWL_TIMEOUT_SECONDS
        )
    (crawl_dir / "log.txt").write_text(result.stderr)
    rows = list(read_rows(output)) if output.exists() else []
    store = Store(settings.tables_dir)
    known = store.keys("crawled")
    n_new = len({(r.record_id, r.sha256) for r in rows} - known)
    store.append("crawled", rows)
    problems = read_stats(stats_file).errors if stats_file.exists() else ()
    store.append("rejected", [_rejection(source, problem) for problem in problems])
    lines = result.stderr.strip().splitlines()
    detail = lines[-1] if result.returncode and lines else f"{len(rows)} designs, {n_new} new"
    return CrawlReport(source, len(rows), n_new, result.returncode, detail, time.monotonic() - started)


def _rejection(source: str, problem: str) -> RejectedRow:
    """A spider's `where: what` line as a row."""
    where, _, what = problem.partition(": ")
    return RejectedRow(where, "collect", "not_fetched", what, source)


@task(name="collect-source", retries=1, retry_delay_seconds=5, task_run_name="collect-{source}")
def collect_source_task(data_dir: Path, source: str) -> CrawlReport:
    return collect_source(load_settings(data_dir=data_dir), source)


@flow(name="collect")
def collect_flow(data_dir: Path | None = None) -> list[CrawlReport]:
    """Crawls every source of the settings; a source that fails is reported and the rest goes on."""
    settings = load_settings(data_dir=data_dir)
    return [collect_source_task(settings.data_dir, source) for source in settings.sources]
