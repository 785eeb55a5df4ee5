"""Sources to the `crawled` table: a process a spider, four at once; one that fails leaves the others alone.

No Prefect here, whose import alone takes a second: `flows.collect_flow` has the same as a flow.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack

from corpus.card import markdown_table
from corpus.store import StoreError
from flows.crawl import CrawlEnd, CrawlOptions, crawl
from flows.crawl_folders import CrawlReport, Crawls
from flows.exit_codes import ExitCode
from flows.locks import LockHeld, locked
from flows.settings import Settings
from flows.sources import words_for
from flows.take_in import TakenIn, has_lost_rows, note_vanished, reject_unfetched, take_in
from spiders.sources import Source

__all__ = ["MAX_SPIDERS", "CrawlReport", "collect_all", "collect_source", "crawls_markdown", "failed_line", "waves"]

logger = logging.getLogger(__name__)

MAX_SPIDERS = 4
"""At once. A spider waits for its site nearly all the time; each takes about 100 MB."""
_ENDING_SECONDS = 15.0
"""How long to wait for the spider of a killed command to finish what it has in flight."""


def collect_source(
    settings: Settings,
    source: Source,
    *,
    options: CrawlOptions | None = None,
    stop: threading.Event | None = None,
    on_rows: Callable[[int], None] = lambda n_rows: None,
) -> CrawlReport:
    """Takes in what an earlier crawl left, crawls the source, and takes in what came. Every failure is a value.

    `stop`: set to end the spider early; what it has is taken in. `on_rows` hears how many rows came meanwhile.
    """
    started = time.monotonic()
    options, stop = options or CrawlOptions(), stop or threading.Event()
    crawls = Crawls(settings.data_dir / "crawls")
    try:
        with ExitStack() as held:
            lock = held.enter_context(locked(crawls.source_lock(source.name), wait_seconds=_ENDING_SECONDS))
            for token in source.spider.tokens[:1]:  # one account, one limit: two spiders would ask twice as often
                held.enter_context(locked(crawls.turn_lock(token), stop=stop))
            left = take_in(settings, source.name)
            _forget_if_needed(settings, source, options)
            if stop.is_set():
                return _failed(source, ExitCode.INTERRUPTED, "interrupted before it began", started)
            end = crawl(settings, source, options=options, lock=lock, stop=stop, on_rows=on_rows)
            taken = left + take_in(settings, source.name)
            n_vanished = note_vanished(settings, source.name)
            report = _report(source, end, taken, n_vanished=n_vanished, seconds=time.monotonic() - started)
            if (stats := end.folder.stats()) is not None:
                reject_unfetched(settings, source.name, stats)
            end.folder.write_report(report)
            return report
    except LockHeld:
        if stop.is_set():
            return _failed(source, ExitCode.INTERRUPTED, "interrupted before it began", started)
        return _failed(source, ExitCode.STORAGE, "another crawl of it is still running; try again later", started)
    except sqlite3.Error as error:
        what = f"{crawls.state_file(source.name)} can't be used ({error}); `cad-copilot collect {source.name} --afresh`"
        return _failed(source, ExitCode.STORAGE, f"{what} begins anew", started)
    except (StoreError, OSError) as error:
        return _failed(source, ExitCode.STORAGE, str(error), started)


def _forget_if_needed(settings: Settings, source: Source, options: CrawlOptions) -> None:
    crawls = Crawls(settings.data_dir / "crawls")
    if options.is_afresh:
        crawls.forget(source.name)
    elif has_lost_rows(settings, source.name):
        logger.warning("%s: the table `crawled` no longer holds its designs, so all are asked for again", source.name)
        crawls.forget(source.name)


def _report(source: Source, end: CrawlEnd, taken: TakenIn, *, n_vanished: int, seconds: float) -> CrawlReport:
    stats = end.folder.stats()
    exit_code = end.exit_code or (ExitCode.STORAGE if taken.problems else ExitCode.OK)
    detail = f"{taken.n_rows} designs, {taken.n_new} new"
    if n_vanished:
        detail += f", {n_vanished} gone from the site"
    if end.exit_code or (not taken.n_rows and end.line.startswith("0 rows: ")):
        detail = end.line
    return CrawlReport(
        source=source.name,
        n_items=taken.n_rows,
        n_new=taken.n_new,
        exit_code=int(exit_code),
        detail="; ".join((detail, *taken.problems)),
        seconds=seconds,
        n_metadata_only=taken.n_metadata_only,
        n_vanished=n_vanished,
        n_requests=stats.n_requests if stats else 0,
        n_errors=stats.n_errors if stats else 0,
    )


def _failed(source: Source, code: ExitCode, detail: str, started: float) -> CrawlReport:
    return CrawlReport(source.name, 0, 0, int(code), " ".join(detail.split()), time.monotonic() - started)


def waves(sources: Iterable[Source]) -> list[list[Source]]:
    """Those that point at designs of other sites first: the spiders of these sites then know of them."""
    known = list(sources)
    waves = [[s for s in known if s.spider.gives_seeds is gives_seeds] for gives_seeds in (True, False)]
    return [wave for wave in waves if wave]


def collect_all(
    settings: Settings,
    sources: Sequence[Source],
    *,
    options: CrawlOptions | None = None,
    on_rows: Callable[[int], None] = lambda n_rows: None,
    on_report: Callable[[CrawlReport], None] = lambda report: None,
) -> list[CrawlReport]:
    """Collects the sources, some at a time; Ctrl-C ends their spiders, and what these have is taken in.

    A defect of ours in one source is raised once the others have ended.
    """
    stop = threading.Event()
    reports: dict[str, CrawlReport] = {}
    defects: list[BaseException] = []
    with ThreadPoolExecutor(MAX_SPIDERS) as pool:
        try:
            for wave in waves(sources):
                futures = [
                    pool.submit(collect_source, settings, s, options=options, stop=stop, on_rows=on_rows) for s in wave
                ]
                for future in as_completed(futures):
                    if (defect := future.exception()) is not None:
                        defects.append(defect)
                        continue
                    report = future.result()
                    reports[report.source] = report
                    on_report(report)
        finally:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
    if defects:
        raise defects[0]
    return [reports[s.name] for s in sources]


def failed_line(reports: Iterable[CrawlReport]) -> str | None:
    """`failed sources: gallery (the site did not answer)`; None where all went well."""
    failed = [f"{r.source} ({words_for(r.exit_code)})" for r in reports if r.exit_code]
    return f"failed sources: {', '.join(failed)}" if failed else None


def crawls_markdown(reports: Iterable[CrawlReport]) -> str:
    """A Markdown table of what each source gave."""
    head = (
        "source",
        "exit code",
        "rows",
        "new",
        "metadata only",
        "vanished",
        "requests",
        "errors",
        "seconds",
        "detail",
    )
    return markdown_table(
        head,
        [
            (
                *(r.source, f"{r.exit_code}: {words_for(r.exit_code)}", r.n_items, r.n_new, r.n_metadata_only),
                *(r.n_vanished, r.n_requests, r.n_errors, f"{r.seconds:.1f}", r.detail),
            )
            for r in reports
        ],
    )
