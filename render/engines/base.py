"""What every OpenSCAD engine is: the protocol, its errors, and the checks made before any engine runs.

Pure; the engines themselves are `wasm` and `native`.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from render.result import CompileJob, CompileResult, Diagnostic, Severity, Status

__all__ = [
    "MAIN_NAME",
    "MAX_OUTPUT_BYTES",
    "MAX_SOURCE_BYTES",
    "Engine",
    "EngineMissing",
    "Layout",
    "check_input",
    "lay_out",
]

MAX_SOURCE_BYTES = 1 << 20
"""Source and companions each; the longest hand-written file of OpenSCAD's own examples has 20 kB."""
MAX_OUTPUT_BYTES = 64 << 20
"""Largest binary STL that is read back: 1.3 million triangles."""
MAIN_NAME = "model.scad"


class EngineMissing(Exception):
    """The engine asked for isn't there, or may not be used here; the message names the next step."""


class Engine(Protocol):
    """Compiles one source at a time. An expected failure is a `CompileResult`, never an exception."""

    @property
    def engine_id(self) -> str:
        """Version and geometry kernel: `wasm-2025.07.18/manifold`. Belongs to every verdict."""

    def compile(self, job: CompileJob, *, timeout_seconds: float, max_memory_bytes: int) -> CompileResult:
        """Compile one source within a deadline and a memory cap."""

    def close(self) -> None:
        """Release processes; the engine can't be used afterwards. Twice does no harm."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...


@dataclass(frozen=True)
class Layout:
    """Where a job's files lie, relative to the work folder."""

    main: str
    """model.scad, as deep as companions such as ../lib/a.scad need."""
    files: Mapping[str, str]
    """Normalised path to text, the main file among them."""


def check_input(job: CompileJob) -> tuple[Status, Diagnostic] | None:
    """The verdict on a source that no engine should see; None if it may be compiled."""
    for name, text in (("", job.source), *job.files.items()):
        where = name or None
        label = name or "the source"
        try:
            n_bytes = len(text.encode("utf-8"))
        except UnicodeEncodeError:
            return _refuse(Status.BAD_INPUT, "bad_encoding", f"{label} is not valid Unicode", where)
        if n_bytes > MAX_SOURCE_BYTES:
            return _refuse(
                Status.TOO_LARGE, "too_large", f"{label} has {n_bytes} bytes, the limit is {MAX_SOURCE_BYTES}", where
            )
        if "\0" in text:
            return _refuse(Status.BAD_INPUT, "nul_byte", f"{label} contains NUL bytes: not a text file", where)
    if any(_bad_path(name) for name in job.files):
        bad = next(name for name in job.files if _bad_path(name))
        return _refuse(Status.BAD_INPUT, "bad_path", f"companion path {bad!r} is not a plain relative path", None)
    if job.source.startswith("\ufeff"):
        return _refuse(Status.SYNTAX_ERROR, "byte_order_mark", "the source starts with a byte order mark", None, line=1)
    fence = re.search(r"^[ \t]*```", job.source, re.MULTILINE)
    if fence and not _in_block_comment(job.source, fence.start()):
        line = job.source.count("\n", 0, fence.start()) + 1
        return _refuse(Status.SYNTAX_ERROR, "code_fence", "the source contains a Markdown code fence", None, line=line)
    return None


def _refuse(
    status: Status, kind: str, message: str, file: str | None, *, line: int | None = None
) -> tuple[Status, Diagnostic]:
    return status, Diagnostic(Severity.ERROR, kind, message, file, line)


def _bad_path(name: str) -> bool:
    return not name or name.startswith("/") or "\\" in name or "\0" in name or len(name) > 512 or name.count("/") > 32


def _in_block_comment(source: str, position: int) -> bool:
    return source.rfind("/*", 0, position) > source.rfind("*/", 0, position)


def lay_out(job: CompileJob) -> Layout:
    """Put the main file so deep that every companion, `../` ones too, stays inside the work folder."""
    names = {posixpath.normpath(name): text for name, text in job.files.items()}
    depth = max((name.split("/").count("..") for name in names), default=0)
    base = "d/" * depth
    files = {posixpath.normpath(base + name): text for name, text in names.items()}
    files[base + MAIN_NAME] = job.source
    return Layout(base + MAIN_NAME, files)
