"""`cad-copilot libraries`: OpenSCAD libraries at pinned commits."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from flows.cli_output import DataDir, Json, emit, fail
from flows.exit_codes import ExitCode
from flows.settings import load_settings

__all__ = ["libraries_app"]

libraries_app = typer.Typer(help="OpenSCAD libraries at pinned commits.", no_args_is_help=True)


@libraries_app.command("list")
def libraries_list(data_dir: DataDir = None, as_json: Json = False) -> None:
    """The libraries that can be fetched, with licence, and where each is read from now."""
    from render.library_fetch import list_libraries

    known = list_libraries(load_settings(data_dir=data_dir).data_dir)
    lines = [f"{k.name:15} {k.licence:18} {k.path or '–'!s}\n{'':15} {k.summary}, at {k.commit[:12]}" for k in known]
    lines.append(f"{sum(k.path is not None for k in known)} of {len(known)} are there; fetch one with "
                 "`cad-copilot libraries fetch NAME`")  # fmt: skip
    emit(as_json, [asdict(k) for k in known], "\n".join(lines))


@libraries_app.command("fetch")
def libraries_fetch(
    names: Annotated[list[str], typer.Argument(help="Libraries, or `all`.")],
    url: Annotated[str | None, typer.Option(help="Fetch the pinned commit from a mirror.")] = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Fetch libraries at their pinned commits, with git; once."""
    from render.library_fetch import LibraryError, fetch, list_libraries

    root = load_settings(data_dir=data_dir).data_dir
    wanted = [k.name for k in list_libraries(root)] if names == ["all"] else names
    fetched: dict[str, str] = {}
    for name in wanted:
        try:
            fetched[name] = str(fetch(name, data_dir=root, url=url))
        except LibraryError as error:
            raise fail(str(error), ExitCode.UNREACHABLE) from None
        typer.echo(f"{name}: {fetched[name]}", err=True)
    emit(as_json, fetched, f"{len(fetched)} libraries are there")


@libraries_app.command("verify")
def libraries_verify(data_dir: DataDir = None, as_json: Json = False) -> None:
    """Check every file of the fetched libraries against what was fetched."""
    from render.library_fetch import list_libraries, verify

    root = load_settings(data_dir=data_dir).data_dir
    problems = {k.name: list(verify(k.name, data_dir=root)) for k in list_libraries(root) if k.is_fetched}
    n_damaged = sum(bool(found) for found in problems.values())
    lines = [f"{name}: {problem}" for name, found in problems.items() for problem in found]
    emit(as_json, problems, "\n".join([*lines, f"{len(problems)} libraries fetched, {n_damaged} damaged"]))
    if n_damaged:
        raise typer.Exit(ExitCode.STORAGE)
