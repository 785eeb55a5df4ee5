"""Two engines' results on one source, and the evidence of both: measures, what was said, what the source calls. Pure.

What the evidence means is `render.agreement`'s.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property

from render.result import CompileJob, CompileResult, Diagnostic, MeshStats, Severity

__all__ = ["VOLUME_TOLERANCE", "ResultPair", "ending", "kinds", "message", "said_only_by"]

VOLUME_TOLERANCE = 1e-4
SIZE_TOLERANCE = 1e-3
"""Of the longest side: 32-bit corners of a part 100 mm wide are exact to 1e-5 mm, tessellation is not."""
_COMMENT = re.compile(r"//[^\n]*|/\*(?:.*?\*/|.*\Z)", re.DOTALL)


@dataclass(frozen=True)
class ResultPair:
    """Two results, and what can be asked of both. A `side` is one result and the other."""

    job: CompileJob
    first: CompileResult
    second: CompileResult

    @property
    def sides(self) -> tuple[tuple[CompileResult, CompileResult], tuple[CompileResult, CompileResult]]:
        return (self.first, self.second), (self.second, self.first)

    @property
    def stats(self) -> tuple[MeshStats, MeshStats] | None:
        if self.first.stats is None or self.second.stats is None:
            return None
        return self.first.stats, self.second.stats

    @property
    def n_compiled(self) -> int:
        return self.first.is_compiled + self.second.is_compiled

    @cached_property
    def code(self) -> str:
        """All sources of the job, without comments."""
        return "\n".join(_COMMENT.sub(" ", text) for text in self.job.texts.values())

    @property
    def difference(self) -> float | None:
        if self.stats is None or self.stats[0].volume_mm3 is None or self.stats[1].volume_mm3 is None:
            return None
        a, b = self.stats[0].volume_mm3, self.stats[1].volume_mm3
        if not (math.isfinite(a) and math.isfinite(b)):
            return None
        return abs(a - b) / max(abs(a), abs(b), 1e-9 * self.longest_mm**3, 1e-300)

    @property
    def longest_mm(self) -> float:
        return max(*self.stats[0].size_mm, *self.stats[1].size_mm) if self.stats else 0.0

    @property
    def is_same_volume(self) -> bool:
        return self.difference is not None and self.difference <= VOLUME_TOLERANCE

    @property
    def is_same_area(self) -> bool:
        if self.stats is None:
            return False
        a, b = (stats.area_mm2 for stats in self.stats)
        return abs(a - b) <= VOLUME_TOLERANCE * max(a, b)

    @property
    def is_same_build(self) -> bool:
        """As many pieces with as many holes: no part is missing, no hole is filled."""
        return self.stats is not None and len({(stats.n_components, stats.genus) for stats in self.stats}) == 1

    def has_same_sides(self, tolerance: float = SIZE_TOLERANCE) -> bool:
        if self.stats is None:
            return False
        ours, theirs = (stats.min_mm + stats.max_mm for stats in self.stats)
        return all(abs(a - b) <= tolerance * self.longest_mm for a, b in zip(ours, theirs, strict=True))

    def has_same_center(self) -> bool:
        """True where a centre isn't known."""
        centers = [stats.center_of_mass_mm for stats in self.stats or ()]
        if len(centers) < 2 or centers[0] is None or centers[1] is None:
            return True
        pairs = zip(centers[0], centers[1], strict=True)
        return all(abs(a - b) <= SIZE_TOLERANCE * self.longest_mm for a, b in pairs)

    @property
    def off(self) -> float:
        """The difference of volumes, endless where a mesh has none."""
        return math.inf if self.difference is None else self.difference

    @property
    def facet_counts(self) -> str:
        return " against ".join(f"{stats.n_triangles}" for stats in self.stats or ()) + " facets"

    def calls(self, *names: str) -> bool:
        return re.search(rf"\b(?:{'|'.join(names)})\s*\(", self.code) is not None

    def draws_unseeded(self) -> bool:
        """A call of rands() with fewer than four arguments."""
        for call in re.finditer(r"\brands\s*\(", self.code):
            depth, n_commas = 1, 0
            for character in self.code[call.end() : call.end() + 500]:
                depth += (character in "([") - (character in ")]")
                n_commas += character == "," and depth == 1
                if depth == 0:
                    break
            if n_commas < 3:
                return True
        return False

    def has_same_corners(self) -> bool:
        """False where a mesh isn't at hand."""
        if self.first.stl is None or self.second.stl is None:
            return False
        import numpy as np

        from render.geometry.mesh import read_stl

        stls = (self.first.stl, self.second.stl)
        try:
            ours, theirs = (np.unique(read_stl(stl).vertices.round(3), axis=0) for stl in stls)
        except ValueError:
            return False
        return ours.shape == theirs.shape and bool(np.allclose(ours, theirs, atol=2e-3))


def said_only_by(result: CompileResult, other: CompileResult, wanted: Collection[str]) -> Iterator[Diagnostic]:
    theirs = {d.message for d in other.diagnostics}
    told = (Severity.ERROR, Severity.WARNING)
    return (d for d in result.diagnostics if d.kind in wanted and d.severity in told and d.message not in theirs)


def message(diagnostic: Diagnostic) -> str:
    return diagnostic.message + (f" (line {diagnostic.line})" if diagnostic.line is not None else "")


def kinds(result: CompileResult) -> set[str]:
    return {d.kind for d in result.diagnostics if d.severity in (Severity.ERROR, Severity.WARNING)}


def ending(result: CompileResult) -> str:
    """How one engine ended, in a few words."""
    if result.is_compiled:
        return f"{result.engine_id} makes a mesh"
    errors = [d for d in result.diagnostics if d.severity is Severity.ERROR]
    errors.sort(key=lambda d: d.kind in ("empty", "not_3d"))  # that nothing came out is what follows from the rest
    says = f" ({errors[0].message})" if errors else ""
    return f"{result.engine_id} ends in {result.status}{says}"
