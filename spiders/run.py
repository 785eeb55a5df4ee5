"""`python -m spiders.run SPIDER --output rows.jsonl --stats stats.json`: one spider, one process.

A second crawl in one process is impossible (Twisted's reactor starts once), so a flow starts this
module as a subprocess and reads the two files. What the spider takes stands in sources.yaml; `-a` wins over it.
Exit codes: 0 ok, 1 a fault of the spider itself,
2 usage, 3 site unreachable and nothing got, 4 robots.txt or the site's terms forbid it, 5 output not
written, 130 interrupted.
"""

from __future__ import annotations

import argparse
import inspect
import sqlite3
import sys
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from spiders.credentials import hide_secrets
from spiders.known import KNOWN_SPIDERS
from spiders.rows import RowWriter, RunStats, count_rows, read_rows, write_stats
from spiders.seeds import SeedFile
from spiders.sources import SourcesError, SourcesFile, load_sources
from spiders.state import CrawlState

__all__ = [
    "EXIT_FAULT",
    "EXIT_FORBIDDEN",
    "EXIT_INTERRUPTED",
    "EXIT_OK",
    "EXIT_OUTPUT",
    "EXIT_UNREACHABLE",
    "EXIT_USAGE",
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


def main(argv: Sequence[str] | None = None) -> int:
    """Run one spider; returns the exit code. Every failure says one line on stderr."""
    options = _parser().parse_args(argv)
    if options.spider not in KNOWN_SPIDERS:
        return _say(EXIT_USAGE, f"unknown spider {options.spider!r}; known: {', '.join(KNOWN_SPIDERS)}")
    module, _, class_name = KNOWN_SPIDERS[options.spider].target.partition(":")
    spider_class = getattr(import_module(module), class_name)
    try:
        sources = load_sources(options.sources)
        arguments = _spider_arguments(spider_class, options, sources)
        settings = _settings(spider_class, arguments, options)
    except SourcesError as error:
        return _say(EXIT_USAGE, str(error))
    except ValueError as error:
        return _say(EXIT_USAGE, f"{options.spider}: {error}")
    try:
        options.stats.parent.mkdir(parents=True, exist_ok=True)
        state_path = options.state_dir / f"{options.spider}.sqlite" if options.state_dir else None
        state = CrawlState(state_path, is_exclusive=True)
        writer = RowWriter(options.output)
    except OSError as error:
        return _say(EXIT_OUTPUT, f"{options.spider}: can't write {error.filename}: {error.strerror}")
    except sqlite3.OperationalError as error:
        return _say(
            EXIT_OUTPUT, f"{options.spider}: {state_path} is in use by another crawl, or can't be opened ({error})"
        )
    except sqlite3.DatabaseError as error:
        return _say(
            EXIT_OUTPUT, f"{options.spider}: {state_path} is unusable ({error}); remove it to crawl from nothing"
        )
    try:
        stats, line = _crawl(spider_class, arguments, settings, _Kept(writer, state, sources), options)
        write_stats(stats, options.stats)
    except OSError as error:
        return _say(EXIT_OUTPUT, f"{options.spider}: can't write {options.stats}: {error.strerror or error}")
    return _say(stats.exit_code, f"{options.spider}: {line}")


@dataclass(frozen=True)
class _Kept:
    """What a crawl reads and writes beside the network."""

    writer: RowWriter
    state: CrawlState
    sources: SourcesFile


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m spiders.run", description=__doc__)
    parser.add_argument("spider", metavar="SPIDER", help=f"one of {', '.join(KNOWN_SPIDERS)}")
    parser.add_argument("--output", type=Path, required=True, help="rows, one JSON line each")
    parser.add_argument("--stats", type=Path, required=True, help="what the run did, as JSON")
    parser.add_argument("-a", dest="arguments", action="append", default=[], metavar="KEY=VALUE", help="for the spider")
    parser.add_argument("--sources", type=Path, default=None, help="sources.yaml (default: the shipped one)")
    parser.add_argument("--state-dir", type=Path, default=None, help="what earlier nights found (default: nothing)")
    parser.add_argument("--limit", type=int, help="stop after N rows")
    parser.add_argument("--since", help="leave out what has not changed since this day, YYYY-MM-DD")
    parser.add_argument("--run-id", default=None, help="recorded in every row (default: random)")
    parser.add_argument("--contact", default="", help="mail or page of whoever crawls; required for a foreign site")
    parser.add_argument("--log", type=Path, default=None, help="Scrapy's own log (default: none)")
    parser.add_argument(
        "--clock-speed", type=float, default=None, help="for a replayed site on this machine: pauses so much shorter"
    )
    return parser


def _say(exit_code: int, line: str) -> int:
    sys.stderr.write(f"spiders.run: {' '.join(line.split())}\n")
    return exit_code


def _spider_arguments(spider_class: Any, options: argparse.Namespace, sources: SourcesFile) -> dict[str, Any]:
    """The spider's keyword arguments; ValueError for an unknown, malformed or missing one."""
    parameters = {k: p for k, p in inspect.signature(spider_class.__init__).parameters.items() if k != "self"}
    source = sources.source(options.spider)
    given: dict[str, Any] = dict(source.options)
    for key in given:
        if key not in parameters:
            raise ValueError(f"{sources.path}: option {key!r}; it takes {', '.join(sorted(parameters))}")
    for argument in options.arguments:
        key, separator, value = argument.partition("=")
        if not separator or key not in parameters:
            raise ValueError(f"-a {argument!r}: it takes {', '.join(f'{name}=…' for name in sorted(parameters))}")
        given[key] = value
    given["run_id"] = options.run_id or given.get("run_id") or uuid.uuid4().hex
    limit = options.limit if options.limit is not None else source.limit
    if limit is not None:
        given.setdefault("limit", limit)
    if options.since is not None:
        if "since" not in parameters:
            raise ValueError(f"--since {options.since}: its designs carry no dates; leave --since out")
        given["since"] = options.since
    missing = [k for k, p in parameters.items() if p.default is inspect.Parameter.empty and k not in given]
    if missing:
        raise ValueError(f"it needs {', '.join(f'-a {name}=…' for name in missing)}")
    return given


def _settings(spider_class: Any, arguments: dict[str, Any], options: argparse.Namespace) -> dict[str, Any]:
    """Scrapy's settings for this crawl; ValueError for a bad argument, or a foreign site and no contact."""
    from spiders.settings import crawler_settings, is_loopback_url

    spider = spider_class(**arguments)  # a bad value speaks up here, before a reactor runs or a file is opened
    foreign = [url for url in spider.base_urls() if not is_loopback_url(url)]
    if foreign and not options.contact:
        raise ValueError(f"{foreign[0]} is a foreign site: say who crawls it with --contact MAIL_OR_PAGE")
    if foreign and options.clock_speed is not None:
        raise ValueError(f"--clock-speed is for sites replayed on this machine, and {foreign[0]} is a foreign one")
    return crawler_settings(
        is_loopback=not foreign,
        contact=options.contact,
        slots=spider.slots,
        clock_speed=options.clock_speed,
        max_wait_seconds=spider.max_wait_seconds,
        log_file=options.log,
    )


def _crawl(
    spider_class: Any, arguments: dict[str, Any], settings: dict[str, Any], kept: _Kept, options: argparse.Namespace
) -> tuple[RunStats, str]:
    """Crawl to the end; (statistics, one line for a person)."""
    from scrapy import signals
    from scrapy.crawler import CrawlerProcess

    writer = kept.writer
    process = CrawlerProcess(settings)
    hide_secrets(KNOWN_SPIDERS[options.spider].tokens)
    crawler = process.create_crawler(spider_class)
    # Scrapy deep-copies its settings, and open files have no copy
    crawler.row_writer = writer
    crawler.crawl_state = kept.state
    crawler.licenses_allowed = kept.sources.licenses_allowed
    crawler.seed_file = SeedFile(options.state_dir / "seeds.jsonl" if options.state_dir else None)
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
    n_known = len(kept.state)
    try:
        writer.close()
        kept.state.close()  # after the rows: what it says was taken is on the disk
    except (OSError, sqlite3.Error) as error:
        write_error = write_error or str(error)
    stats = _run_stats(crawler, arguments["run_id"], reasons, writer, seconds=time.monotonic() - started)
    return _verdict(stats, crawler, n_known, write_error or _row_mismatch(crawler, writer, options.output))


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
        quotas=dict(crawler.spider.quotas),
        errors=tuple(crawler.spider.problems),
    )


def _row_mismatch(crawler: Any, writer: RowWriter, output: Path) -> str | None:
    """Why the file does not hold the rows that Scrapy counted; None if it does."""
    n_scraped = crawler.stats.get_value("item_scraped_count", 0)
    n_in_file = count_rows(output) if output.is_file() else writer.n_written
    if n_scraped == writer.n_written == n_in_file:
        return None
    return f"the spider gave {n_scraped} rows, {writer.n_written} were written, {n_in_file} are in the file"


def _is_quiet(stats: RunStats, crawler: Any, n_known: int) -> bool:
    """True if a run without rows is one of a site that had nothing new: more pages than faults; a 404 is neither."""
    count = crawler.stats.get_value

    def n_answers(*statuses: int) -> int:
        kinds = ("downloader", 1), ("robotstxt", -1)
        return sum(sign * count(f"{kind}/response_status_count/{s}", 0) for kind, sign in kinds for s in statuses)

    n_faults = stats.n_errors - n_answers(404, 410, 451)
    return bool(n_known or crawler.spider.since) and n_answers(200, 304) > n_faults


def _verdict(stats: RunStats, crawler: Any, n_known: int, write_error: str | None) -> tuple[RunStats, str]:
    """The statistics with their exit code, and the line that goes with it."""
    first = stats.errors[0] if stats.errors else "no reason recorded"
    counted = f"{stats.n_items} rows, {stats.n_requests} requests, {stats.n_errors} errors, {stats.seconds:.1f} s"
    if write_error:
        failed = replace(stats, exit_code=EXIT_OUTPUT, n_errors=stats.n_errors + 1, errors=(write_error, *stats.errors))
        return failed, f"output not written: {write_error}; free some space, then run it again"
    if stats.finish_reason == "shutdown":
        return replace(stats, exit_code=EXIT_INTERRUPTED), f"interrupted after {counted}; the rows so far are whole"
    if crawler.stats.get_value("spider_exceptions/count"):
        return replace(stats, exit_code=EXIT_FAULT), f"the spider itself failed ({first}) after {counted}"
    has_nothing = stats.n_items == 0 and not _is_quiet(stats, crawler, n_known)
    if stats.finish_reason == "terms_block" or (has_nothing and stats.n_robots_forbidden):
        return replace(stats, exit_code=EXIT_FORBIDDEN), f"the site does not want this crawl ({first})"
    if has_nothing and stats.errors:
        return replace(stats, exit_code=EXIT_UNREACHABLE), f"nothing got: {first}"
    absences = "; ".join(crawler.spider.absences)
    return stats, f"0 rows: {absences}" if absences else counted


if __name__ == "__main__":
    sys.exit(main())
