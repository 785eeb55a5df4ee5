"""`cad-copilot collect` and `cad-copilot sources`: crawl, and see which sources are on, and why the others are not."""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli_output import DataDir, Json, emit, fail
from flows.exit_codes import ExitCode
from flows.settings import load_settings

if TYPE_CHECKING:
    from flows.crawl_folders import CrawlReport
    from flows.sources import SourceStatus
    from spiders.sources import Source

__all__ = ["collect", "sources"]

_HEAD = ("source", "state", "token", "last run", "records", "gone", "licences", "quota left")
_N_LICENSES = 3


def collect(
    sources: Annotated[
        list[str] | None, typer.Argument(help="Sources to crawl; default: CAD_COPILOT_SOURCES, or all that are on.")
    ] = None,
    limit: Annotated[int | None, typer.Option(help="Stop each spider after this many designs.", min=1)] = None,
    since: Annotated[
        str | None, typer.Option(metavar="YYYY-MM-DD", help="Leave out designs unchanged since this day.")
    ] = None,
    afresh: Annotated[bool, typer.Option(help="Forget what these sources were found to hold: ask for all.")] = False,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Crawl the sources into the table `crawled`; only what changed since the last time."""
    from flows.sources import choose_sources

    settings = load_settings(data_dir=data_dir, sources=tuple(sources) if sources else None)
    chosen = choose_sources(settings)
    if not chosen:
        raise fail("no source is on: `cad-copilot sources` says why", ExitCode.USAGE)
    if since is not None:
        _check_since(since, chosen, is_named=bool(settings.sources))
    (settings.data_dir / "crawls").mkdir(parents=True, exist_ok=True)

    from tqdm import tqdm

    from flows.collect import collect_all, failed_line
    from flows.crawl import CrawlOptions

    counting = threading.Lock()
    with tqdm(unit="design", desc="collect", disable=not sys.stderr.isatty()) as bar:

        def count(n_rows: int) -> None:
            with counting:
                bar.update(n_rows)

        def tell(report: CrawlReport) -> None:
            tqdm.write(f"{report.source}: {report.detail} ({report.seconds:.1f} s)", file=sys.stderr)

        options = CrawlOptions(limit, since, afresh)
        reports = collect_all(settings, chosen, options=options, on_rows=count, on_report=tell)
    failed = [r for r in reports if r.exit_code]
    counts = f"{sum(r.n_items for r in reports)} designs, {sum(r.n_new for r in reports)} new"
    line = f"collected {counts}, from {len(reports) - len(failed)} sources"
    emit(as_json, [asdict(r) for r in reports], "; ".join(filter(None, (line, failed_line(reports)))))
    if failed:
        code = failed[0].exit_code
        raise typer.Exit(code if code in list(ExitCode) else ExitCode.UNEXPECTED)


def _check_since(since: str, chosen: Sequence[Source], *, is_named: bool) -> None:
    """Ends the command where the day is none, or a named source gives no dates; says which others give none."""
    try:
        is_day = date.fromisoformat(since).isoformat() == since
    except ValueError:
        is_day = False
    if not is_day:
        raise fail(f"--since {since}: give a day as YYYY-MM-DD, such as 2026-03-01", ExitCode.USAGE)
    dateless = [source.name for source in chosen if not source.spider.has_dates]
    if dateless and is_named:
        raise fail(
            f"--since: the designs of {', '.join(dateless)} carry no dates; leave one of both out", ExitCode.USAGE
        )
    if dateless:
        typer.echo(f"--since leaves nothing out of {', '.join(dateless)}: these carry no dates", err=True)


def sources(data_dir: DataDir = None, as_json: Json = False) -> None:
    """Show each source: on or off and why, last run, records, licences, quota left."""
    from flows.sources import summary_line, survey

    statuses = survey(load_settings(data_dir=data_dir))
    if as_json:
        emit(True, [asdict(s) for s in statuses], "")
        return
    rows = [_cells(status) for status in statuses]
    if sys.stdout.isatty():
        _print_table(rows)
    else:
        typer.echo(_plain_table(rows))
    typer.echo(summary_line(statuses))


def _cells(status: SourceStatus) -> tuple[str, ...]:
    run = status.last_run
    last = "–"
    if run is not None:
        counted = (
            f", {run.n_rows} rows in {run.seconds:.0f} s" if run.n_rows is not None and run.seconds is not None else ""
        )
        last = f"{run.started_at[:16].replace('T', ' ')} {run.outcome}{counted}"
    licenses = [f"{name} {n}" for name, n in list(status.licenses.items())[:_N_LICENSES]]
    licenses += ["…"] if len(status.licenses) > _N_LICENSES else []
    tokens = ", ".join(f"{name} {'set' if is_set else 'not set'}" for name, is_set in status.tokens.items())
    quota = ", ".join(f"{what} {left}/{allowed}" for what, (left, allowed) in status.quotas.items())
    counts = (str(status.n_records), str(status.n_vanished))
    return (status.name, status.why, tokens or "–", last, *counts, ", ".join(licenses) or "–", quota or "–")


def _plain_table(rows: Sequence[Sequence[str]]) -> str:
    table = [_HEAD, *rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(_HEAD))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in table)
    return "\n".join(line.rstrip() for line in lines)


def _print_table(rows: Sequence[Sequence[str]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*_HEAD, box=box.SIMPLE_HEAD, pad_edge=False)
    for row in rows:
        style = "green" if row[1].startswith("on") else "dim"
        table.add_row(*(Text(cell, style=style) for cell in row))
    Console().print(table)
