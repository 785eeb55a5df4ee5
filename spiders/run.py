"""`python -m spiders.run SPIDER --output rows.jsonl --stats stats.json`: one spider, one process.

A second crawl in one process is impossible (Twisted's reactor starts once), so a flow starts this
module as a subprocess and reads the two files. Exit codes: 0 ok, 1 a fault of the spider itself,
2 usage, 3 site unreachable and nothing got, 4 robots.txt or the site's terms forbid it, 5 output not
written, 130 interrupted.
"""

from __future__ import annotations

import argparse
import inspect
import logging
import sys
import time
import uuid
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from spiders.rows import RowWriter, RunStats, count_rows, read_rows, write_stats

__all__ = [
    "EXIT_FAULT",
    "EXIT_FORBIDDEN",
    "EXIT_INTERRUPTED",
    "EXIT_OK",
    "EXIT_OUTPUT",
    "EXIT_UNREACHABLE",
    "EXIT_USAGE",
    "SPIDERS",
    "main",
    "read_rows",
]

EXIT_OK = 0
EXIT_FAULT = 1
EXIT_USAGE = 2
EXIT_UNREACHABLE = 3
EXIT_FORBIDDEN = 4
EXIT_OUTPUT = 5
EXIT_INTERRUPTED = 130

SPIDERS = {
    "bosl2": "spiders.sites.bosl2:Bosl2Spider",
    "gallery": "spiders.sites.gallery:GallerySpider",
    "local": "spiders.sites.local:LocalSpider",
    "openscad_examples": "spiders.sites.openscad_examples:OpenscadExamplesSpider",
}

logger = logging.getLogger(__name__)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one spider; returns the exit code. Every failure says one line on stderr."""
    options = _parser().parse_args(argv)
    if options.spider not in SPIDERS:
        return _say(EXIT_USAGE, f"unknown spider {options.spider!r}; known: {', '.join(sorted(SPIDERS))}")
    module, _, class_name = SPIDERS[options.spider].partition(":")
    spider_class = getattr(import_module(module), class_name)
    try:
        arguments = _spider_arguments(spider_class, options)
    except ValueError as error:
        return _say(EXIT_USAGE, f"{options.spider}: {error}")
    try:
        options.stats.parent.mkdir(parents=True, exist_ok=True)
        writer = RowWriter(options.output)
    except OSError as error:
        return _say(EXIT_OUTPUT, f"{options.spider}: can't write {error.filename}: {error.strerror}")
    try:
        stats, line = _crawl(spider_class, arguments, writer, options)
        write_stats(stats, options.stats)
    except OSError as error:
        return _say(EXIT_OUTPUT, f"{options.spider}: can't write {options.stats}: {error.strerror or error}")
    return _say(stats.exit_code, f"{options.spider}: {line}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m spiders.run", description=__doc__)
    parser.add_argument("spider", metavar="SPIDER", help=f"one of {', '.join(sorted(SPIDERS))}")
    parser.add_argument("--output", type=Path, required=True, help="rows, one JSON line each")
    parser.add_argument("--stats", type=Path, required=True, help="what the run did, as JSON")
    parser.add_argument("-a", dest="arguments", action="append", default=[], metavar="KEY=VALUE", help="for the spider")
    parser.add_argument("--limit", type=int, help="stop after N rows")
    parser.add_argument("--run-id", default=None, help="recorded in every row (default: random)")
    parser.add_argument("--contact", default="", help="mail or page of whoever crawls; required for a foreign site")
    parser.add_argument("--cache-dir", type=Path, default=None, help="keep HTTP answers here (RFC 2616), one a run")
    parser.add_argument("--log", type=Path, default=None, help="Scrapy's own log (default: none)")
    return parser


def _say(exit_code: int, line: str) -> int:
    sys.stderr.write(f"spiders.run: {' '.join(line.split())}\n")
    return exit_code


def _spider_arguments(spider_class: Any, options: argparse.Namespace) -> dict[str, Any]:
    """The spider's keyword arguments; ValueError for an unknown, malformed or missing one, or an unnamed crawler."""
    from spiders.settings import is_loopback_url

    parameters = {k: p for k, p in inspect.signature(spider_class.__init__).parameters.items() if k != "self"}
    given: dict[str, Any] = {}
    for argument in options.arguments:
        key, separator, value = argument.partition("=")
        if not separator or key not in parameters:
            raise ValueError(f"-a {argument!r}: it takes {', '.join(f'{name}=…' for name in sorted(parameters))}")
        given[key] = value
    given["run_id"] = options.run_id or given.get("run_id") or uuid.uuid4().hex
    if options.limit is not None:
        given["limit"] = options.limit
    missing = [k for k, p in parameters.items() if p.default is inspect.Parameter.empty and k not in given]
    if missing:
        raise ValueError(f"it needs {', '.join(f'-a {name}=…' for name in missing)}")
    spider_class(**given)  # a bad value speaks up here, before a reactor runs or a file is opened
    base_url = given.get("base_url")
    if base_url and not is_loopback_url(base_url) and not options.contact:
        raise ValueError(f"{base_url} is a foreign site: say who crawls it with --contact MAIL_OR_PAGE")
    return given


def _crawl(
    spider_class: Any, arguments: dict[str, Any], writer: RowWriter, options: argparse.Namespace
) -> tuple[RunStats, str]:
    """Crawl to the end; (statistics, one line for a person)."""
    from scrapy import signals
    from scrapy.crawler import CrawlerProcess

    from spiders.settings import crawler_settings, is_loopback_url

    settings = crawler_settings(
        is_loopback=is_loopback_url(arguments.get("base_url", "http://localhost/")),
        contact=options.contact,
        cache_dir=options.cache_dir,
        log_file=options.log,
    )
    process = CrawlerProcess(settings)
    crawler = process.create_crawler(spider_class)
    # RowPipeline reads it here: Scrapy deep-copies its settings, and an open file has no copy
    crawler.row_writer = writer
    failures: list[BaseException] = []
    reasons: list[str] = []

    def on_error(failure: Any, response: Any) -> None:
        crawler.spider.note_problem(
            getattr(response, "url", "start"), f"{failure.type.__name__}: {failure.getErrorMessage()}"
        )

    def on_scheduled(request: Any) -> None:
        # Scrapy drops a link or a redirect to another host without a word
        host = urlsplit(request.url).hostname
        if crawler.spider.allowed_domains and host not in crawler.spider.allowed_domains:
            crawler.spider.note_skipped(request.url.partition("?")[0], "on another host")

    def on_closed(reason: str) -> None:
        reasons.append(reason)

    crawler.signals.connect(on_error, signal=signals.spider_error)
    crawler.signals.connect(on_scheduled, signal=signals.request_scheduled)
    crawler.signals.connect(on_closed, signal=signals.spider_closed)
    started = time.monotonic()
    process.crawl(crawler, **arguments).addErrback(lambda failure: failures.append(failure.value))
    process.start()
    if failures:
        raise failures[0]
    write_error = crawler.stats.get_value("rows/write_error")
    try:
        writer.close()
    except OSError as error:
        write_error = write_error or str(error)
    stats = _run_stats(crawler, arguments["run_id"], reasons, writer, seconds=time.monotonic() - started)
    return _verdict(stats, crawler, write_error or _row_mismatch(crawler, writer, options.output))


def _run_stats(crawler: Any, run_id: str, reasons: list[str], writer: RowWriter, *, seconds: float) -> RunStats:
    counts: dict[str, Any] = crawler.stats.get_stats()
    is_on_network = crawler.spider.is_on_network
    prefix = "downloader/response_status_count/"
    return RunStats(
        spider=crawler.spider.name,
        run_id=run_id,
        n_items=writer.n_written,
        n_metadata_only=counts.get("rows/metadata_only", 0),
        n_requests=counts.get("downloader/request_count", 0) if is_on_network else 0,
        n_robots_forbidden=counts.get("robotstxt/forbidden", 0),
        n_errors=crawler.spider.n_problems,
        finish_reason=reasons[0] if reasons else "unknown",
        exit_code=EXIT_OK,
        seconds=round(seconds, 3),
        status_counts={k.removeprefix(prefix): n for k, n in sorted(counts.items()) if is_on_network and prefix in k},
        errors=tuple(crawler.spider.problems),
    )


def _row_mismatch(crawler: Any, writer: RowWriter, output: Path) -> str | None:
    """Why the file does not hold the rows that Scrapy counted; None if it does."""
    n_scraped = crawler.stats.get_value("item_scraped_count", 0)
    n_in_file = count_rows(output) if output.is_file() else writer.n_written
    if n_scraped == writer.n_written == n_in_file:
        return None
    return f"the spider gave {n_scraped} rows, {writer.n_written} were written, {n_in_file} are in the file"


def _verdict(stats: RunStats, crawler: Any, write_error: str | None) -> tuple[RunStats, str]:
    """The statistics with their exit code, and the line that goes with it."""
    from dataclasses import replace

    first = stats.errors[0] if stats.errors else "no reason recorded"
    counted = f"{stats.n_items} rows, {stats.n_requests} requests, {stats.n_errors} errors, {stats.seconds:.1f} s"
    if write_error:
        failed = replace(stats, exit_code=EXIT_OUTPUT, n_errors=stats.n_errors + 1, errors=(write_error, *stats.errors))
        return failed, f"output not written: {write_error}; free some space, then run it again"
    if stats.finish_reason == "shutdown":
        return replace(stats, exit_code=EXIT_INTERRUPTED), f"interrupted after {counted}; the rows so far are whole"
    if crawler.stats.get_value("spider_exceptions/count"):
        return replace(stats, exit_code=EXIT_FAULT), f"the spider itself failed ({first}) after {counted}"
    if stats.finish_reason == "terms_block" or (stats.n_items == 0 and stats.n_robots_forbidden):
        return replace(stats, exit_code=EXIT_FORBIDDEN), f"the site does not want this crawl ({first})"
    if stats.n_items == 0 and stats.errors:
        return replace(stats, exit_code=EXIT_UNREACHABLE), f"nothing got: {first}"
    absences = "; ".join(crawler.spider.absences)
    return stats, f"0 rows: {absences}" if absences else counted


if __name__ == "__main__":
    sys.exit(main())
