"""`cad-copilot dataset`: look at the tables."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from flows.cli_output import DataDir, Json, emit, fail
from flows.exit_codes import ExitCode
from flows.settings import load_settings

__all__ = ["dataset_app"]

dataset_app = typer.Typer(help="Look at the tables.", no_args_is_help=True)


@dataset_app.command("show")
def dataset_show(data_dir: DataDir = None, as_json: Json = False) -> None:
    """Rows and newest version of each table, and the data set's card."""
    from corpus.schema import TABLES
    from corpus.store import Store

    settings = load_settings(data_dir=data_dir)
    store = Store(settings.tables_dir)
    versions = {name: store.latest_version(name) for name in TABLES}
    rows = {name: store.read(name, columns=[]).num_rows if v is not None else 0 for name, v in versions.items()}
    card = settings.data_dir / "dataset" / "README.md"
    lines = [f"{name:12} {rows[name]:8} rows   version {versions[name] or '–'}" for name in TABLES]
    lines.append(f"card: {card}" if card.exists() else "no card yet: run `cad-copilot curate`")
    emit(as_json, {n: {"version": versions[n], "n_rows": rows[n]} for n in TABLES}, "\n".join(lines))


@dataset_app.command("log")
def dataset_log(
    table: Annotated[str, typer.Argument(help="Table name.")] = "examples",
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """The versions of one table, newest first."""
    from corpus.schema import TABLES
    from corpus.store import Store

    if table not in TABLES:
        raise fail(f"no table {table}; known: {', '.join(TABLES)}", ExitCode.USAGE)
    manifests = Store(load_settings(data_dir=data_dir).tables_dir).log(table)
    lines = [f"{m.version:06d}  {m.created_at}  {m.n_rows:8} rows  {m.content_hash[:12]}" for m in manifests]
    emit(as_json, [asdict(m) for m in manifests], "\n".join(lines) or f"{table} has no version yet")
