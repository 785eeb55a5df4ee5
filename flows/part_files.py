"""Parts as files: a .scad with what lies beside it to a job, many of them to verdicts, a mesh or a verdict to words."""

from __future__ import annotations

import os
import posixpath
import re
import sys
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from flows.settings import Settings
from render import CompileJob, CompilePool, CompileResult, Diagnostic, MeshStats, Severity, Status
from render.cache import ResultCache
from render.engines.base import MAX_COMPANION_BYTES, MAX_COMPANIONS, MAX_SOURCE_BYTES

if TYPE_CHECKING:
    from render.overrides import Value

__all__ = [
    "CompileOptions",
    "CompiledFile",
    "ReadError",
    "SourceFile",
    "compile_files",
    "describe_failure",
    "describe_stats",
    "expand",
    "open_pool",
    "read_job",
    "stats_document",
]

_COMPUTED_NAME = re.compile(r"\b(?:import|surface)\s*\(\s*(?:file\s*=\s*)?[^\s\"')]")
_OLD_IMPORT = re.compile(r"\b(?:linear_extrude|rotate_extrude|import_dxf|import_stl|import_off)\s*\([^)]*\"")
_DATA_SUFFIXES = (".stl", ".off", ".amf", ".3mf", ".obj", ".svg", ".dxf", ".png", ".dat", ".csv", ".json")


class ReadError(Exception):
    """A file that can't be read, or a value that it can't have; the message says which and why."""


@dataclass(frozen=True)
class SourceFile:
    """A .scad file and the folder that it may see: its own, or the one that was named and holds it."""

    path: Path
    root: Path


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
    worst = result.worst
    if worst is None:
        return f"{path}: {result.status}"
    place = [str(part) for part in (worst.line, worst.column) if part is not None]
    where = ":".join([str(path if worst.file is None else path.parent / worst.file), *place])
    return f"{where}: {result.status}: {worst.message}"


def expand(paths: Sequence[Path], *, root: Path | None = None) -> list[SourceFile]:
    """The files named, each once; a folder stands for every .scad file in it and below, which may see all of it.

    A file that is named may see its own folder, or `root`.
    """
    found: dict[Path, SourceFile] = {}
    for path in paths:
        for file in map(Path, sorted(_scad_files(path))) if path.is_dir() else [path]:
            found.setdefault(file, SourceFile(file, root or (path if path.is_dir() else file.parent)))
    return list(found.values())


def _scad_files(folder: Path) -> Iterator[str]:
    for parent, _, names in os.walk(folder):
        yield from (os.path.join(parent, name) for name in names if name.lower().endswith(".scad"))  # noqa: PTH118


def read_job(file: SourceFile, values: Mapping[str, str] | None = None) -> CompileJob:
    """A source, or standard input for `-`, with the files that it names of those it may see.

    `values` are texts from a command line, read as the source's parameters want them. Raises ReadError.
    """
    if str(file.path) == "-":
        source = sys.stdin.buffer.read(MAX_SOURCE_BYTES + 1)
    else:
        source = _read(file.path, MAX_SOURCE_BYTES + 1)
    text = source.decode("utf-8", errors="replace")
    return CompileJob(text, _companions(file, text), _parameters(text, values) if values else {})


def _parameters(source: str, values: Mapping[str, str]) -> dict[str, Value]:
    from render.customizer import parse_parameters
    from render.overrides import read_values

    try:
        return read_values(parse_parameters(source), values)
    except ValueError as error:
        raise ReadError(f"-D {error}") from None


def _read(path: Path, max_bytes: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(max_bytes)
    except OSError as error:
        raise ReadError(f"can't read {path}: {error.strerror}") from None


def _companions(file: SourceFile, source: str) -> dict[str, str | bytes]:
    """The files that a source includes or imports, by the path it names them with from its own folder.

    A name is looked for beside the file that has it, and beside the source. Where a name is computed
    (`import(str(…))`), or named in the way of old versions, the data files of the folder come along.
    """
    from render.libraries import import_targets, include_targets

    if not any(word in source for word in ("include", "use", "import", "surface", "_extrude")):
        return {}
    folder, root = file.path.parent.resolve(), file.root.resolve()
    found: dict[str, str | bytes] = {}
    pending = [(PurePosixPath(), source)]
    n_left = MAX_COMPANION_BYTES + 1
    while pending:
        beside, text = pending.pop()
        includes = include_targets(text)
        imports = import_targets(text)
        if _COMPUTED_NAME.search(text) or _OLD_IMPORT.search(text):
            imports = (*imports, *_data_files(folder))
        for name in (*includes, *imports):
            places = (posixpath.normpath(beside / name), posixpath.normpath(name))
            target = next((place for place in places if _is_visible(folder, place, root)), None)
            if target is None or target in found:
                continue
            if n_left <= 0 or len(found) > MAX_COMPANIONS:
                return found  # more than any engine takes: it says so
            data = _read(folder / target, n_left)
            n_left -= len(data)
            found[target] = data
            if name in includes:
                found[target] = data.decode("utf-8", errors="replace")
                pending.append((PurePosixPath(target).parent, data.decode("utf-8", errors="replace")))
    return found


def _is_visible(folder: Path, name: str, root: Path) -> bool:
    try:
        path = (folder / name).resolve()
        return not name.startswith("/") and path.is_relative_to(root) and path.is_file()
    except (OSError, ValueError):  # a name too long, or with NUL in it: the engine says that it is missing
        return False


def _data_files(folder: Path) -> list[str]:
    return sorted(entry.name for entry in os.scandir(folder) if entry.name.lower().endswith(_DATA_SUFFIXES))


def open_pool(settings: Settings, options: CompileOptions, *, n_files: int = 1) -> CompilePool:
    """The engines for a command. Raises EngineMissing."""
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


def compile_files(
    pool: CompilePool, files: Sequence[SourceFile], values: Mapping[str, str] | None = None
) -> Iterator[CompiledFile]:
    """Verdicts in the order of the files, as they come; files are read only some way ahead.

    One that can't be read is `bad_input`, or raises ReadError if it is the only one.
    """
    read: deque[tuple[Path, CompileJob | ReadError]] = deque()

    def jobs() -> Iterator[CompileJob]:
        for file in files:
            try:
                job = read_job(file, values)
            except ReadError as error:
                if len(files) == 1:
                    raise
                read.append((file.path, error))
                continue
            read.append((file.path, job))
            yield job

    def unread() -> Iterator[CompiledFile]:
        while read and isinstance(error := read[0][1], ReadError):
            problem = Diagnostic(Severity.ERROR, "unreadable", str(error))
            result = CompileResult(Status.BAD_INPUT, pool.engine_id, 0.0, (problem,))
            yield CompiledFile(read.popleft()[0], CompileJob(""), result)

    with closing(pool.map(jobs())) as results:
        for result in results:
            yield from unread()
            path, job = read.popleft()
            assert isinstance(job, CompileJob)
            yield CompiledFile(path, job, result)
    yield from unread()
