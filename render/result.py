"""What one compile of an OpenSCAD source gives back: a verdict, its evidence, and the mesh.

Covers the value types only; engines produce them, `render.mesh` measures the mesh.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

__all__ = ["CompileJob", "CompileResult", "Diagnostic", "Severity", "Status"]


class Status(StrEnum):
    """The verdict on a source. An exit code is evidence for it, never the verdict itself."""

    OK = "ok"
    WARNING = "warning"
    SYNTAX_ERROR = "syntax_error"
    EVAL_ERROR = "eval_error"
    ASSERT_FAILED = "assert_failed"
    RECURSION = "recursion"
    EMPTY = "empty"
    NOT_3D = "not_3d"
    MISSING_LIBRARY = "missing_library"
    BAD_INPUT = "bad_input"
    TIMEOUT = "timeout"
    OUT_OF_MEMORY = "out_of_memory"
    TOO_LARGE = "too_large"
    CRASH = "crash"
    ENGINE_ERROR = "engine_error"
    """Our own failure (engine gone, worker unusable): never counts against the source."""


class Severity(StrEnum):
    """How OpenSCAD itself labelled a message."""

    ERROR = "error"
    WARNING = "warning"
    DEPRECATED = "deprecated"
    TRACE = "trace"
    ECHO = "echo"


@dataclass(frozen=True)
class Diagnostic:
    """One message of the engine, the same for every engine version."""

    severity: Severity
    kind: str
    """A stable word: parser_error, unknown_module, unknown_variable, missing_file, assert, …, other."""
    message: str
    file: str | None = None
    line: int | None = None
    """1-based line in `file`; None where the engine gave none."""


@dataclass(frozen=True)
class CompileJob:
    """One source to compile, with the files it may include beside it."""

    source: str
    files: Mapping[str, str] = field(default_factory=dict)
    """Companion files by path relative to the source."""


@dataclass(frozen=True)
class CompileResult:
    """The outcome of one compile; an expected failure is a value, not an exception."""

    status: Status
    engine_id: str
    seconds: float
    diagnostics: tuple[Diagnostic, ...] = ()
    stl: bytes | None = None
    """Binary STL, mm; None unless a mesh with at least one triangle came out."""
    containment: str = ""
    """How the engine was fenced in: `wasm`, `landlock+rlimits`, `bubblewrap+rlimits`, `rlimits-only`."""

    @property
    def is_compiled(self) -> bool:
        """True if the source gave a mesh with faces and no ERROR line."""
        return self.status in (Status.OK, Status.WARNING) and self.stl is not None
