"""What every OpenSCAD engine is: the protocol, its errors, and the checks made before any engine runs.

Pure; the engines themselves are `wasm` and `native`.
"""

from __future__ import annotations

import posixpath
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from render.result import CompileJob, CompileResult, Diagnostic, Severity, Status

if TYPE_CHECKING:
    from render.overrides import Value

__all__ = [
    "MAIN_NAME",
    "MAX_COMPANION_BYTES",
    "MAX_OUTPUT_BYTES",
    "MAX_SOURCE_BYTES",
    "NATIVE_NAMES",
    "Engine",
    "EngineMissing",
    "Layout",
    "UnknownEngine",
    "arguments",
    "check_input",
    "find_native",
    "finished",
    "lay_out",
]

MAX_SOURCE_BYTES = 1 << 20
"""The source; the longest hand-written file of OpenSCAD's own examples has 20 kB."""
MAX_COMPANION_BYTES = 16 << 20
"""All companions together: meshes and pictures that a source imports are larger than sources."""
MAX_COMPANIONS = 1000
MAX_OUTPUT_BYTES = 64 << 20
"""Largest binary STL that is read back: 1.3 million triangles."""
MAIN_NAME = "model.scad"
NATIVE_NAMES = ("openscad-nightly", "openscad")


class EngineMissing(Exception):
    """The engine asked for isn't there, or may not be used here; the message names the next step."""


class UnknownEngine(EngineMissing):
    """No engine has that name."""


class Engine(Protocol):
    """Compiles one source at a time. An expected failure is a `CompileResult`, never an exception."""

    @property
    def engine_id(self) -> str:
        """Version, geometry kernel, fonts: `wasm-2025.07.18/manifold/fonts-1`. Belongs to every verdict."""

    @property
    def library_roots(self) -> Mapping[str, Path]:
        """The libraries that a source finds by name, and where they lie."""

    def compile(self, job: CompileJob, *, timeout_seconds: float, max_memory_bytes: int) -> CompileResult:
        """Compile and measure one source within a deadline and a memory cap."""

    def close(self) -> None:
        """End processes, also of a compile that runs: that gives `engine_error`. Twice does no harm."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self.close()


@dataclass(frozen=True)
class Layout:
    """Where a job's files lie, relative to the work folder."""

    main: str
    """model.scad, as deep as companions such as ../lib/a.scad need."""
    files: Mapping[str, bytes]
    """Normalised path to content, the main file among them."""


def find_native() -> str | None:
    """The openscad on the path, a nightly before a release; None if there is none."""
    return next((path for path in map(shutil.which, NATIVE_NAMES) if path is not None), None)


def check_input(job: CompileJob) -> tuple[Status, Diagnostic] | None:
    """The verdict on a job that no engine should see; None if it may be compiled."""
    return _check_source(job.source) or _check_companions(job.files) or _check_parameters(job.parameters)


def _check_source(source: str) -> tuple[Status, Diagnostic] | None:
    try:
        n_bytes = len(source.encode("utf-8"))
    except UnicodeEncodeError:
        return _refuse(Status.BAD_INPUT, "bad_encoding", "the source is not valid Unicode")
    if n_bytes > MAX_SOURCE_BYTES:
        return _refuse(
            Status.TOO_LARGE, "too_large", f"the source has {n_bytes} bytes, the limit is {MAX_SOURCE_BYTES}"
        )
    if "\0" in source:
        return _refuse(Status.BAD_INPUT, "nul_byte", "the source contains NUL bytes: not a text file")
    if source.startswith("\ufeff"):
        return _refuse(Status.SYNTAX_ERROR, "byte_order_mark", "the source starts with a byte order mark", line=1)
    return None


def _check_companions(files: Mapping[str, str | bytes]) -> tuple[Status, Diagnostic] | None:
    if len(files) > MAX_COMPANIONS:
        return _refuse(
            Status.TOO_LARGE, "too_large", f"there are {len(files)} companions, the limit is {MAX_COMPANIONS}"
        )
    n_bytes = 0
    for name, content in files.items():
        if _bad_path(name):
            return _refuse(Status.BAD_INPUT, "bad_path", f"companion path {name!r} is not a plain relative path")
        try:
            n_bytes += len(content.encode("utf-8") if isinstance(content, str) else content)
        except UnicodeEncodeError:
            return _refuse(Status.BAD_INPUT, "bad_encoding", f"{name} is not valid Unicode", file=name)
        if isinstance(content, str) and "\0" in content:
            return _refuse(Status.BAD_INPUT, "nul_byte", f"{name} contains NUL bytes: not a text file", file=name)
    if n_bytes > MAX_COMPANION_BYTES:
        return _refuse(
            Status.TOO_LARGE, "too_large", f"the companions have {n_bytes} bytes, the limit is {MAX_COMPANION_BYTES}"
        )
    names = {posixpath.normpath(name) for name in files}
    folders = {posixpath.join(*parts[:n]) for parts in (x.split("/") for x in names) for n in range(1, len(parts))}
    clash = sorted(name for name in names if name in folders or posixpath.basename(name) in (".", ".."))
    if clash:
        return _refuse(Status.BAD_INPUT, "bad_path", f"companion path {clash[0]!r} is a folder too")
    return None


def _check_parameters(parameters: Mapping[str, Value]) -> tuple[Status, Diagnostic] | None:
    if not parameters:
        return None
    from render.overrides import override_text

    try:
        override_text(parameters)
    except ValueError as error:
        return _refuse(Status.BAD_INPUT, "bad_parameter", str(error))
    return None


def _refuse(
    status: Status, kind: str, message: str, *, file: str | None = None, line: int | None = None
) -> tuple[Status, Diagnostic]:
    return status, Diagnostic(Severity.ERROR, kind, message, file, line)


def _bad_path(name: str) -> bool:
    is_long = len(name) > 512 or any(len(part.encode("utf-8", "replace")) > 200 for part in name.split("/"))
    return not name or name.startswith("/") or "\\" in name or "\0" in name or is_long or name.count("/") > 32


def lay_out(job: CompileJob) -> Layout:
    """Put the main file so deep that every companion, `../` ones too, stays inside the work folder."""
    names = {posixpath.normpath(name): content for name, content in job.files.items()}
    depth = max((name.split("/").count("..") for name in names), default=0)
    base = "d/" * depth
    files = {posixpath.normpath(base + name): _as_bytes(content) for name, content in names.items()}
    main = base + MAIN_NAME
    while any(name == main or name.startswith(f"{main}/") for name in files):
        main = main.replace(MAIN_NAME, f"_{MAIN_NAME}")
    files[main] = _as_bytes(job.source)
    return Layout(main, files)


def _as_bytes(content: str | bytes) -> bytes:
    """With the line ends of Unix: OpenSCAD counts those of Windows twice, and so points to wrong lines."""
    return content.encode("utf-8").replace(b"\r\n", b"\n") if isinstance(content, str) else content


def arguments(job: CompileJob) -> list[str]:
    """Command-line options for a job's parameters. Raises ValueError, but for none that `check_input` let through."""
    if not job.parameters:
        return []
    from render.overrides import override_text

    return [word for text in override_text(job.parameters) for word in ("-D", text)]


def finished(job: CompileJob, result: CompileResult) -> CompileResult:
    """The last step of a verdict: the mesh's measures, or why it has none; and what a syntax error comes from."""
    if result.status is Status.SYNTAX_ERROR and (fence := re.search(r"^[ \t]*```", job.source, re.MULTILINE)):
        line = job.source.count("\n", 0, fence.start()) + 1
        problem = Diagnostic(Severity.ERROR, "code_fence", "the source contains a Markdown code fence", line=line)
        return replace(result, diagnostics=(problem, *result.diagnostics))
    if result.stl is None:
        return result
    from render.geometry.mesh import measure

    try:
        return replace(result, stats=measure(result.stl))
    except ValueError as error:  # corners beyond what 32 bits hold
        problem = Diagnostic(Severity.ERROR, "bad_mesh", str(error))
        return replace(result, status=Status.EVAL_ERROR, stl=None, diagnostics=(problem, *result.diagnostics))
