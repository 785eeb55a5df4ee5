"""`cad-copilot compile`: OpenSCAD files to verdicts and meshes, and two engines side by side."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.cli_output import MESH_SUFFIXES, DataDir, check_output, fail, json_line
from flows.cli_part_options import (
    Define,
    Engine,
    Jobs,
    JsonLines,
    LibraryPath,
    NoCache,
    Root,
    Timeout,
    Trust,
    defined,
    library_folders,
    warn_of_values,
)
from flows.exit_codes import ExitCode
from flows.settings import Settings, load_settings

if TYPE_CHECKING:
    from flows.part_files import CompiledFile, CompileOptions, SourceFile
    from render.agreement import Agreement

__all__ = ["compile_"]


def compile_(
    sources: Annotated[list[Path], typer.Argument(help="Files of .scad, folders of them, or - for standard input.")],
    out: Annotated[
        Path | None,
        typer.Option("--out", "--output", "-o", help="A mesh file for one source; else a folder, which is made."),
    ] = None,
    suffix: Annotated[
        str | None,
        typer.Option(
            "--format", help=f"Of meshes in a folder: {', '.join(s[1:] for s in MESH_SUFFIXES)}. Default: stl."
        ),
    ] = None,
    engine: Engine = None,
    compare: Annotated[
        str | None,
        typer.Option(
            help="A second engine: compile with both, explain where they differ; that is no failure. No meshes."
        ),
    ] = None,
    jobs: Jobs = None,
    timeout: Timeout = None,
    define: Define = None,
    library_path: LibraryPath = None,
    root: Root = None,
    trust: Trust = False,
    no_cache: NoCache = False,
    data_dir: DataDir = None,
    as_json: JsonLines = False,
) -> None:
    """Compile OpenSCAD files: verdict and measures of each, and meshes with --out."""
    from flows.part_files import CompileOptions, expand

    files = expand(sources, root=root)
    if not files:
        raise fail("no .scad file there", ExitCode.USAGE)
    if compare is not None and out is not None:
        raise fail("--compare writes no meshes: leave out --out", ExitCode.USAGE)
    targets = _targets(out, [file.path for file in files], suffix)
    settings = load_settings(data_dir=data_dir)
    folders = library_folders(library_path)
    options = CompileOptions(engine, jobs, timeout, folders, trust, has_cache=not no_cache, has_meshes=out is not None)
    values = defined(define)
    if compare is not None:
        _compare(settings, options, compare, files, values, as_json=as_json)
    else:
        _compile(settings, options, files, values, targets, as_json=as_json)


def _compile(
    settings: Settings,
    options: CompileOptions,
    files: Sequence[SourceFile],
    values: dict[str, str],
    targets: dict[Path, Path],
    *,
    as_json: bool,
) -> None:
    from flows.part_files import compile_files, open_pool

    counts: Counter[str] = Counter()
    with _quiet_pipe(), open_pool(settings, options, n_files=len(files)) as pool, _progress(len(files)) as bar:
        for compiled in compile_files(pool, files, values):
            target = targets.get(compiled.path)
            _write_mesh(compiled, target)
            if len(files) == 1:
                warn_of_values(compiled.job)
            with bar.line():
                # typer.echo flushes each line: a tenth of the time of cached files
                sys.stdout.write(f"{json_line(compiled.document(target)) if as_json else compiled.line()}\n")
            counts[compiled.result.status.value] += 1
    n_compiled = counts["ok"] + counts["warning"]
    if len(files) > 1:
        rest = ", ".join(f"{n} {status}" for status, n in sorted(counts.items()) if status not in ("ok", "warning"))
        typer.echo(f"{n_compiled} of {len(files)} files compile{f' ({rest})' if rest else ''}", err=True)
    if counts["engine_error"]:
        raise typer.Exit(ExitCode.ENGINE_MISSING)
    if n_compiled < len(files):
        raise typer.Exit(ExitCode.BAD_SOURCE)


def _compare(
    settings: Settings,
    options: CompileOptions,
    other: str,
    files: Sequence[SourceFile],
    values: dict[str, str],
    *,
    as_json: bool,
) -> None:
    """One line a file: the same, or why not. Differing is an answer, not a failure."""
    from flows.part_files import compile_files, open_pool
    from render.agreement import agreement

    by_engine: list[list[CompiledFile]] = []
    with _progress(2 * len(files)) as bar:
        # one engine after the other: on the same cores at once, each would take the other's time
        for engine in (options.engine or settings.engine, other):
            compiled: list[CompiledFile] = []
            with open_pool(settings, replace(options, engine=engine), n_files=len(files)) as pool:
                for file in compile_files(pool, files, values):
                    compiled.append(replace(file, result=replace(file.result, stl=None)))  # measures are enough
                    with bar.line():
                        pass
            by_engine.append(compiled)
    counts: Counter[str] = Counter()
    for one, two in zip(*by_engine, strict=True):
        found = agreement(one.job, one.result, two.result)
        counts[found.reason.value] += 1
        if as_json:
            document = {
                "file": str(one.path),
                "is_same": found.is_same,
                "reason": found.reason,
                "explanation": found.explanation,
                "volume_difference": found.volume_difference,
                "engines": {c.result.engine_id: c.result.status for c in (one, two)},
            }
            typer.echo(json_line(document))
        else:
            typer.echo(f"{one.path}: {_comparison(found, one, two)}")
    typer.echo(", ".join(f"{n} {reason}" for reason, n in sorted(counts.items())), err=True)
    if any(c.result.status == "engine_error" for compiled in by_engine for c in compiled):
        raise typer.Exit(ExitCode.ENGINE_MISSING)


def _comparison(found: Agreement, one: CompiledFile, two: CompiledFile) -> str:
    """`same: ok, volumes within 0.0001`, or `differs (fonts): wasm ok, native warning, 0.9 % of the volume: …`."""
    statuses = [f"{c.result.engine_id.partition('-')[0]} {c.result.status}" for c in (one, two)]
    if found.is_same:
        return f"same: {one.result.status}" + ("" if found.volume_difference is None else f", {found.explanation}")
    off = "" if found.volume_difference is None else f", {found.volume_difference:.2%} of the volume"
    return f"differs ({found.reason}): {', '.join(statuses)}{off}: {found.explanation}"


@contextmanager
def _quiet_pipe() -> Iterator[None]:
    """`| head` is no failure of ours: the command ends, without a word."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or the interpreter complains when it ends
        raise typer.Exit(ExitCode.READER_LEFT) from None


class _Bar:
    """A progress bar that lines are printed above; none where nobody looks (importing one takes longer than 100
    cached files)."""

    def __init__(self, tqdm_bar: Any = None) -> None:
        self._bar = tqdm_bar

    @contextmanager
    def line(self) -> Iterator[None]:
        if self._bar is None:
            yield
            return
        self._bar.clear()
        yield
        sys.stdout.flush()
        self._bar.update()
        self._bar.refresh()


@contextmanager
def _progress(n_files: int) -> Iterator[_Bar]:
    if n_files == 1 or not sys.stderr.isatty():
        yield _Bar()
        return
    from tqdm import tqdm

    with tqdm(total=n_files, unit="file", desc="compile") as bar:
        yield _Bar(bar)


def _targets(out: Path | None, files: Sequence[Path], suffix: str | None) -> dict[Path, Path]:
    """Where each source's mesh goes; empty without `out`. Below a folder, sources keep the folders that they are in."""
    wanted = f".{(suffix or 'stl').lower().removeprefix('.')}"
    if wanted not in MESH_SUFFIXES:
        raise fail(f"can't write {wanted}: use {', '.join(s[1:] for s in MESH_SUFFIXES)}", ExitCode.USAGE)
    if out is None:
        return {}
    is_file = out.suffix.lower() in MESH_SUFFIXES and not out.is_dir()
    if is_file and len(files) > 1:
        raise fail(f"{len(files)} sources can't go into one file {out}: name a folder", ExitCode.USAGE)
    if is_file:
        check_output(out, MESH_SUFFIXES)
        if suffix is not None and out.suffix.lower() != wanted:
            raise fail(f"{out} can't hold --format {suffix}", ExitCode.USAGE)
        return {files[0]: out}
    named = {path: path.absolute() if str(path) != "-" else Path.cwd() / "stdin" for path in files}
    common = os.path.commonpath([path.parent for path in named.values()])
    targets = {path: out / whole.relative_to(common).with_suffix(wanted) for path, whole in named.items()}
    if len(set(targets.values())) < len(targets):
        raise fail("two of the sources would be written to one file: compile them one by one", ExitCode.USAGE)
    return targets


def _write_mesh(compiled: CompiledFile, target: Path | None) -> None:
    if target is None or not compiled.result.is_compiled or compiled.result.stl is None:
        return
    from render.geometry.formats import export_mesh

    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        export_mesh(compiled.result.stl, target)
    except OSError as error:
        raise fail(f"can't write {target}: {error.strerror}", ExitCode.STORAGE) from None
