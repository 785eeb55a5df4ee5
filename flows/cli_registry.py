"""`cad-copilot models`: the registered fine-tunes, and the paired test that makes one of them the champion."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli_output import DataDir, Json, emit, fail
from flows.exit_codes import ExitCode
from flows.settings import load_settings

if TYPE_CHECKING:
    from ml.registry import Version

__all__ = ["models_app"]

models_app = typer.Typer(
    help="Registered fine-tunes: candidate and champion.", no_args_is_help=True, rich_markup_mode=None
)


@models_app.command("list")
def list_(data_dir: DataDir = None, as_json: Json = False) -> None:
    """Every version with its aliases, its base, its data and what was decided on it."""
    settings = load_settings(data_dir=data_dir)
    from ml.registry import RegistryError, list_versions
    from ml.tracking import Tracking

    try:
        found = list_versions(Tracking(settings.tracking_uri))
    except RegistryError as error:
        raise fail(str(error), ExitCode.NO_DATA) from None
    lines = [_line(version) for version in found]
    emit(as_json, [asdict(v) for v in found], "\n".join(lines) or "no version yet: cad-copilot models promote RUN_ID")


def _line(version: Version) -> str:
    tags, names = version.tags, ", ".join(version.aliases) or "-"
    decided = tags.get("promotion/line", "not compared yet").removeprefix(f"version {version.version} ")
    return (
        f"{version.version:4}  {names:20}  run {version.run_id}  {tags.get('base_model')}  {tags.get('data_version')}  "
        f"{decided}"
    )


@models_app.command()
def promote(
    run_id: Annotated[str, typer.Argument(help="MLflow run of a fine-tune.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Compare and say, but move nothing.")] = False,
    against_base: Annotated[
        bool, typer.Option("--against-base", help="Compare with the untuned base although there is a champion.")
    ] = False,
    prompts: Annotated[
        Path | None, typer.Option(help="JSON lines of prompts with their specs; default: the data set's test sets.")
    ] = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Make a fine-tune the champion if a paired test on the same prompts shows that it is better."""
    settings = load_settings(data_dir=data_dir)
    from flows.promote import promote as run_promote
    from ml.registry import decision_line

    decision = run_promote(settings, run_id, is_dry_run=dry_run, is_against_base=against_base, prompts_file=prompts)
    emit(as_json, asdict(decision) | {"line": decision_line(decision)}, decision_line(decision))
