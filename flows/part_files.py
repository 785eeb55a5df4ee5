"""Parts as files: a .scad with what lies beside it to a job, many of them to verdicts, a mesh or a verdict to words."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from flows.settings import Settings
from render import CompileJob, CompilePool, CompileResult, MeshStats, Severity, Status
from render.cache import ResultCache

if TYPE_CHECKING:
    from render.overrides import Value

__all__ = [
    "CompileOptions",
    "CompiledFile",
    "ReadError",
    "compile_files",
    "describe_failure",
    "describe_stats",
    "expand",
    "open_pool",
    "read_job",
    "stats_document",
]

MAX_READ_BYTES = 2 << 20
"""Twice the engine's own limit for a source: enough for it to say `too_large`."""
MAX_COMPANION_BYTES = 17 << 20
"""As much more than the engine takes of all companions."""
MAX_COMPANIONS = 1000


class ReadError(Exception):
    """A file that can't be read; the message says which and why."""


@dataclass(frozen=True)
class CompileOptions:
    """How a command wants its files compiled; None where the settings decide."""

    engine: str | None = None
    n_workers: int | None = None
    timeout_seconds: float | None = None
    library_folders: tuple[Path, ...] = ()
    allow_uncontained: bool = False
    has_cache: bool = True
    has_meshes: bool = True


@dataclass(frozen=True)
class CompiledFile:
    """A .scad file and its verdict."""

    path: Path
    job: CompileJob
    result: CompileResult

    def document(self, output: Path | None) -> dict[str, Any]:
        """What a program reads of it."""
        result = self.result
        return {
            "file": str(self.path),
            "status": result.status,
            "is_compiled": result.is_compiled,
            "is_strict": result.is_strict,
            "engine_id": result.engine_id,
            "containment": result.containment,
            "seconds": round(result.seconds, 4),
            "is_cached": result.is_cached,
            "output": str(output) if output is not None and result.is_compiled else None,
            "diagnostics": [vars(d) for d in result.diagnostics],
            **(stats_document(result.stats) if result.stats is not None else {}),
        }

    def line(self) -> str:
        """What a person reads of it, in one line."""
        if not self.result.is_compiled or self.result.stats is None:
            return describe_failure(self.path, self.result)
        seconds = "cached" if self.result.is_cached else f"{self.result.seconds:.2f} s"
        return f"{self.path}: {self.result.status}: {describe_stats(self.result.stats)}, {seconds}"


def stats_document(stats: MeshStats) -> dict[str, Any]:
    return vars(stats) | {"size_mm": [round(s, 4) for s in stats.size_mm]}


def describe_stats(stats: MeshStats) -> str:
    """Sides and volume: `60.00 x 40.00 x 3.00 mm, 7141.1 mm3`."""
    sides = " x ".join(f"{s:.2f}" for s in stats.size_mm)
    return f"{sides} mm, {f'{stats.volume_mm3:.1f} mm3' if stats.volume_mm3 is not None else 'not closed'}"


def describe_failure(path: Path, result: CompileResult) -> str:
    """What is wrong, and where, in one line."""
    worst = [d for d in result.diagnostics if d.severity == Severity.ERROR] or list(result.diagnostics)
    if result.status is Status.MISSING_LIBRARY:
        worst = [d for d in result.diagnostics if d.kind == "missing_file"] or worst
    if not worst:
        return f"{path}: {result.status}"
    place = [str(part) for part in (worst[0].line, worst[0].column) if part is not None]
    where = ":".join([str(path if worst[0].file is None else worst[0].file), *place])
    return f"{where}: {result.status}: {worst[0].message}"


def expand(paths: Sequence[Path]) -> list[Path]:
    """The files named; a folder stands for every .scad file in it and below."""
    found: list[Path] = []
    for path in paths:
        found += sorted(_scad_files(path)) if path.is_dir() else [path]
    return found


def _scad_files(folder: Path) -> Iterator[Path]:
    for parent, _, names in os.walk(folder):
        yield from (Path(parent, name) for name in names if name.endswith(".scad"))


def read_job(path: Path, parameters: Mapping[str, Value] | None = None) -> CompileJob:
    """A source, or standard input for `-`, with the files of its own folder that it names. Raises ReadError."""
    if str(path) == "-":
        source = sys.stdin.buffer.read(MAX_READ_BYTES).decode("utf-8", errors="replace")
    else:
        source = _read(path, MAX_READ_BYTES).decode("utf-8", errors="replace")
    return CompileJob(source, _companions(path.parent, source), parameters or {})


def _read(path: Path, max_bytes: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(max_bytes)
    except OSError as error:
        raise ReadError(f"can't read {path}: {error.strerror}") from None


def _companions(folder: Path, source: str) -> dict[str, str | bytes]:
    """The files beside a source that it includes or imports, by the path it names them with; none outside."""
    from render.libraries import import_targets, include_targets

    found: dict[str, str | bytes] = {}
    pending = [(PurePosixPath(), source)]
    root: Path | None = None
    n_left = MAX_COMPANION_BYTES
    while pending:
        beside, text = pending.pop()
        includes = include_targets(text)
        for name in (*includes, *import_targets(text)):
            root = root or folder.resolve()
            target = str(beside / name)
            try:
                path = (root / target).resolve()
                if target in found or not path.is_relative_to(root) or not path.is_file():
                    continue
            except (OSError, ValueError):  # a name too long, or with NUL in it: the engine says that it is missing
                continue
            if n_left <= 0 or len(found) >= MAX_COMPANIONS:
                return found  # more than any engine takes: it says so
            data = _read(path, n_left)
            n_left -= len(data)
            found[target] = data
            if name in includes:
                found[target] = data.decode("utf-8", errors="replace")
                pending.append((PurePosixPath(target).parent, data.decode("utf-8", errors="replace")))
    return found


def open_pool(settings: Settings, options: CompileOptions, *, n_files: int = 1) -> CompilePool:
    """The engines for a command. Raises EngineMissing, and OSError where the cache can't be written."""
    n_workers = options.n_workers or settings.n_workers_used
    engine = options.engine or settings.engine
    return CompilePool(
        engine,
        n_workers=max(min(n_workers, n_files), 1),
        timeout_seconds=options.timeout_seconds or settings.compile_timeout_seconds,
        max_memory_bytes=settings.max_memory_bytes,
        data_dir=settings.data_dir,
        library_folders=(*options.library_folders, *settings.library_folders),
        allow_uncontained=options.allow_uncontained,
        cache=ResultCache(settings.data_dir / "cache" / "compiled.sqlite") if options.has_cache else None,
        has_meshes=options.has_meshes,
        has_second_opinion=engine == "auto",
    )


def compile_files(pool: CompilePool, files: Sequence[tuple[Path, CompileJob]]) -> Iterator[CompiledFile]:
    """Verdicts in the order of the files, as they come."""
    with closing(pool.map(job for _, job in files)) as results:
        for (path, job), result in zip(files, results, strict=True):
            yield CompiledFile(path, job, result)
