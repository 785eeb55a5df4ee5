"""`cad-copilot dataset show | log | diff | gc`: the tables and their versions, compared and cleared away."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.cli_output import DataDir, Json, emit, fail
from flows.exit_codes import ExitCode
from flows.settings import load_settings

if TYPE_CHECKING:
    from corpus.schema import ExampleRow
    from corpus.store import Store
    from corpus.store_history import GcReport, TableDiff

__all__ = ["add_table_commands", "tables_diff", "tables_gc", "tables_log", "tables_show"]


def add_table_commands(app: typer.Typer) -> None:
    """Puts show, log, diff and gc under a command."""
    for name, command in (("show", tables_show), ("log", tables_log), ("diff", tables_diff), ("gc", tables_gc)):
        app.command(name)(command)


def tables_show(
    example: Annotated[
        str | None, typer.Option(metavar="ID", help="Show this example: request, source, what is asked for, licence.")
    ] = None,
    version: Annotated[
        int | None, typer.Option(help="Of --example: the version to look in; the newest if none.")
    ] = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Rows and newest version of each table, and the data set's card; or one example."""
    from corpus.rows import to_dict
    from corpus.schema import TABLES

    settings = load_settings(data_dir=data_dir)
    store = _store(data_dir)
    if example is not None:
        row = store.find("examples", (example,), version=version)
        if row is None:
            manifest = store.manifest("examples", version)
            if manifest is None:
                raise fail("no examples yet: run `cad-copilot dataset build` first", ExitCode.NO_DATA)
            raise fail(f"version {manifest.version} of examples has no example {example}", ExitCode.USAGE)
        emit(as_json, to_dict(row), _example_text(row))
        return
    manifests = {name: store.manifest(name) for name in TABLES}
    card = settings.data_dir / "dataset" / "README.md"
    lines = [f"{n:12} {m.n_rows if m else 0:8} rows   version {m.version if m else '–'}" for n, m in manifests.items()]
    lines.append(f"card: {card}" if card.exists() else "no card yet: run `cad-copilot dataset build`")
    document = {n: {"version": m and m.version, "n_rows": m.n_rows if m else 0} for n, m in manifests.items()}
    emit(as_json, document, "\n".join(lines))


def tables_log(
    table: Annotated[str, typer.Argument(help="Table name.")] = "examples",
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """The versions of one table, newest first."""
    _check_table(table)
    manifests = _store(data_dir).log(table)
    lines = [
        f"{m.version:06d}  {m.created_at}  {m.n_rows:8} rows  {len(m.parts):5} parts  {m.content_hash[:12]}"
        for m in manifests
    ]
    emit(as_json, [asdict(m) for m in manifests], "\n".join(lines) or f"{table} has no version yet")


def tables_diff(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="[TABLE] A B",
            help="Table (examples if left out) and two versions: numbers, `latest`, or times such as 2026-01-31T12:00, "
            "which stand for the version that was the newest then.",
        ),
    ],
    limit: Annotated[int, typer.Option(min=0, help="Keys of each kind to print; --json prints all.")] = 10,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """What came, went and changed from version A of a table to version B, by key and by column."""
    from corpus.store_history import diff

    if len(words) not in (2, 3):
        raise fail("give two versions, after the table's name if it is not examples", ExitCode.USAGE)
    table = words[0] if len(words) == 3 else "examples"
    _check_table(table)
    store = _store(data_dir)
    a, b = (_version(store, table, word) for word in words[-2:])
    with _progress("diff", "part") as advance:
        found = diff(store, table, a, b, on_part=advance)
    document = asdict(found) | {"n_added": len(found.added), "n_removed": len(found.removed)}
    emit(as_json, document | {"n_changed": len(found.changed)}, _diff_text(found, limit))


def tables_gc(
    table: Annotated[str | None, typer.Argument(help="Table name; every table if left out.")] = None,
    keep_versions: Annotated[int, typer.Option(min=1, help="Newest versions to keep.")] = 3,
    keep_days: Annotated[float, typer.Option(min=0, help="Keep what was the newest version within these days.")] = 7.0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be removed.")] = False,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Remove old versions, and files that no version names. What was needed within the last hour stays."""
    from corpus.schema import TABLES
    from corpus.store_history import gc

    if table is not None:
        _check_table(table)
    store = _store(data_dir)
    reports = []
    with _progress("gc", "file") as advance:
        for name in [table] if table else TABLES:
            if store.versions(name):
                reports.append(
                    gc(
                        store,
                        name,
                        keep_versions=keep_versions,
                        keep_days=keep_days,
                        is_dry_run=dry_run,
                        on_file=advance,
                    )
                )
    lines = [_gc_line(report) for report in reports]
    total = sum(report.n_bytes for report in reports)
    lines.append(f"{_size(total)} {'would be' if dry_run else 'were'} freed")
    emit(as_json, {"n_bytes": total, "tables": [asdict(report) for report in reports]}, "\n".join(lines))


def _store(data_dir: Any) -> Store:
    from corpus.store import Store

    return Store(load_settings(data_dir=data_dir).tables_root)


def _check_table(table: str) -> None:
    from corpus.schema import TABLES

    if table not in TABLES:
        raise fail(f"no table {table}; known: {', '.join(TABLES)}", ExitCode.USAGE)


def _version(store: Store, table: str, word: str) -> int:
    """The version that a word stands for. Raises typer.Exit."""
    from corpus.store import StoreError

    if word.isdigit():
        known = store.versions(table)
        if int(word) not in known:
            has = ", ".join(map(str, known)) or "none"
            raise fail(
                f"table {table} has no version {word}; it has: {has}", ExitCode.USAGE if known else ExitCode.NO_DATA
            )
        return int(word)
    try:
        found = store.latest_version(table) if word == "latest" else store.version_at(table, word)
    except StoreError as error:
        raise fail(str(error), ExitCode.USAGE if "ISO-8601" in str(error) else ExitCode.STORAGE) from None
    if found is None:
        when = "yet" if word == "latest" else f"of {word} or before"
        raise fail(f"table {table} has no version {when}", ExitCode.NO_DATA)
    return found


@contextmanager
def _progress(what: str, unit: str) -> Iterator[Callable[[], None]]:
    """A bar on standard error where it is a terminal; gives what moves it."""
    from tqdm import tqdm

    with tqdm(desc=what, unit=unit, disable=not sys.stderr.isatty()) as bar:

        def advance() -> None:
            bar.update()

        yield advance


def _example_text(row: ExampleRow) -> str:
    from corpus.rows import to_dict

    spec = ", ".join(f"{name}={value}" for name, value in to_dict(row.spec).items() if value is not None)
    head = {
        "example": row.example_id,
        "kind": " ".join(filter(None, (row.kind, row.edit_kind))),
        "split": " ".join(filter(None, (row.split, row.test_set))),
        "source": " ".join(filter(None, (row.source, row.source_url))),
        "licence": f"{row.license_spdx} ({row.license_tier}){f', {row.attribution}' if row.attribution else ''}",
        "prompt kind": " ".join(filter(None, (row.prompt_kind, row.prompt_style))),
        "asked for": spec or "nothing in numbers",
    }
    lines = [f"{name:12} {value}" for name, value in head.items()]
    turns = [*((turn.prompt, turn.scad) for turn in row.history), (row.prompt, row.scad)]
    for i, (prompt, scad) in enumerate(turns, 1):
        lines += ["", f"request {i}:" if row.history else "request:", prompt, "", scad.rstrip("\n")]
    return "\n".join(lines)


def _diff_text(found: TableDiff, limit: int) -> str:
    lines = [
        f"{found.table} {found.a} → {found.b}: {found.n_rows_a} → {found.n_rows_b} rows; "
        f"{len(found.added)} added, {len(found.removed)} removed, {len(found.changed)} changed"
    ]
    for column, values in found.by_column.items():
        lines.append(f"\n{column:24} {'added':>8} {'removed':>8} {'changed':>8}")
        lines += [f"  {v[:22]:22} {c.n_added:8} {c.n_removed:8} {c.n_changed:8}" for v, c in values.items()]
    for sign, keys in (("+", found.added), ("-", found.removed), ("~", found.changed)):
        if keys and limit:
            lines.append("")
        lines += [
            f"{sign} {' · '.join('–' if v is None else ' '.join(v.split())[:80] for v in k)}" for k in keys[:limit]
        ]
        if limit and len(keys) > limit:
            lines.append(f"{sign} … and {len(keys) - limit} more (--limit, or --json for all)")
    return "\n".join(lines)


def _gc_line(report: GcReport) -> str:
    verb = "to remove" if report.is_dry_run else "removed"
    return (
        f"{report.table:12} versions: kept {len(report.kept_versions)}, {verb} {len(report.removed_versions)}; "
        f"parts: {verb} {report.n_parts}; {_size(report.n_bytes)}"
    )


def _size(n_bytes: int) -> str:
    if n_bytes < 1000:
        return f"{n_bytes} bytes"
    power = min(4, (len(str(n_bytes)) - 1) // 3)
    return f"{n_bytes / 1000**power:.1f} {' kMGT'[power]}B"
