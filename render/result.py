"""What one compile of an OpenSCAD source takes and gives back: a job; a verdict, its evidence, and the mesh.

Covers the value types only; engines produce them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from render.overrides import Value

__all__ = ["GAP_KINDS", "CompileJob", "CompileResult", "Diagnostic", "MeshStats", "Point", "Severity", "Status"]

Point = tuple[float, float, float]

GAP_KINDS = frozenset({"unknown_module", "unknown_function", "unknown_variable", "missing_file"})
"""Kinds of diagnostic that tell of something the source names and nobody has: never strict."""


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
    column: int | None = None
    """1-based column of what the message names, where it stands just once in its line; None otherwise."""


@dataclass(frozen=True)
class CompileJob:
    """One source to compile, with the files it may include or import beside it."""

    source: str
    files: Mapping[str, str | bytes] = field(default_factory=dict)
    """Companion files by path relative to the source."""
    parameters: Mapping[str, Value] = field(default_factory=dict)
    """Values for variables of the source's top level, as `-D` sets them; never text that is parsed as code."""

    @property
    def texts(self) -> dict[str | None, str]:
        """Its sources by the name that diagnostics give them; the main one has None."""
        return {None: self.source} | {name: text for name, text in self.files.items() if isinstance(text, str)}


@dataclass(frozen=True)
class MeshStats:
    """What a mesh measures. Lengths in mm."""

    n_triangles: int
    size_mm: Point
    min_mm: Point
    max_mm: Point
    volume_mm3: float | None
    """None unless closed and consistently wound; negative if wound inside out. Shells that overlap count twice."""
    area_mm2: float
    is_closed: bool
    """Every edge is shared by as many triangles in one direction as in the other, and there is a triangle."""
    n_components: int
    """Pieces connected by edges. A cavity counts as a piece of its own."""
    genus: int | None
    """Through-holes, summed over pieces; None unless closed and manifold."""
    is_manifold: bool = False
    """Every edge joins exactly two triangles, and there is one; they may disagree on the side that is out."""
    center_of_mass_mm: Point | None = None
    """None unless closed and of a volume that is not 0."""
    inertia_mm5: tuple[Point, Point, Point] | None = None
    """Inertia tensor about the centre of mass, axes as in the file, for a density of 1/mm³: times g/mm³ it is g mm².
    None where center_of_mass_mm is; negative where the volume is."""


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
    stats: MeshStats | None = None
    """Measures of `stl`; None where that is None."""
    is_cached: bool = False
    """True if it was compiled earlier and read back; `seconds` are those of then."""

    @property
    def is_compiled(self) -> bool:
        """True if the source gave a mesh with faces and no ERROR line."""
        return self.status in (Status.OK, Status.WARNING) and self.stats is not None

    @property
    def worst(self) -> Diagnostic | None:
        """The message that tells most about a failure; None where the engine said nothing."""
        first = "missing_file" if self.status is Status.MISSING_LIBRARY else ""
        ranked = sorted(self.diagnostics, key=lambda d: (d.kind != first, d.severity is not Severity.ERROR))
        return ranked[0] if ranked else None

    @property
    def is_strict(self) -> bool:
        """True if it compiled, named nothing unknown or missing, and made a closed solid with a volume."""
        if not self.is_compiled or self.stats is None:
            return False
        has_gap = any(diagnostic.kind in GAP_KINDS for diagnostic in self.diagnostics)
        return not has_gap and self.stats.is_closed and (self.stats.volume_mm3 or 0.0) > 0
