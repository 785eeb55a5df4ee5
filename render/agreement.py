"""Two engines on one source: do they mean the same, and if not, why. Pure.

Volumes that differ by less than 1e-4 are the same shape: the engines place the same corners and cut them differently.
The reason is found from evidence, strongest first; `unexplained` is left for what a person must look at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from render.result import GAP_KINDS, CompileJob, CompileResult, Severity, Status

__all__ = ["Agreement", "Reason", "agreement"]

VOLUME_TOLERANCE = 1e-4
SIZE_TOLERANCE = 1e-3
"""Of the longest side: 32-bit corners of a part 100 mm wide are exact to 1e-5 mm, tessellation is not."""


class Reason(StrEnum):
    """Why two engines agree or differ."""

    SAME = "same"
    SAME_FAILURE = "same_failure"
    """Neither makes a mesh; the statuses may differ in name."""
    LIMIT = "limit"
    """One met its deadline, its memory cap or its size cap."""
    ENGINE = "engine"
    """One crashed, or failed on our side."""
    MISSING = "missing"
    """One finds a file or library that the other doesn't."""
    FONTS = "fonts"
    """The source writes text, and the engines have other fonts."""
    LANGUAGE = "language"
    """One knows a name, an argument or a rule that the other doesn't."""
    OPEN = "open"
    """A mesh isn't closed, so it has no volume to compare."""
    REPAIR = "repair"
    """One refuses a mesh or a solid that touches itself, the other repairs it."""
    TESSELLATION = "tessellation"
    """The same sides, another number of facets: the versions cut round things differently."""
    RANDOM = "random"
    """The source draws random numbers without a seed."""
    UNEXPLAINED = "unexplained"


@dataclass(frozen=True)
class Agreement:
    """What two engines make of one source."""

    first: CompileResult
    second: CompileResult
    is_same: bool
    reason: Reason
    explanation: str
    """One line for a person."""
    volume_difference: float | None
    """|v1 - v2| / max(v1, v2); None unless both meshes are closed."""


def agreement(job: CompileJob, first: CompileResult, second: CompileResult) -> Agreement:
    """Compares two verdicts on the same job."""
    difference = _volume_difference(first, second)
    is_same, reason, explanation = _judge(job, first, second, difference)
    return Agreement(first, second, is_same, reason, explanation, difference)


def _judge(
    job: CompileJob, first: CompileResult, second: CompileResult, difference: float | None
) -> tuple[bool, Reason, str]:
    for result in (first, second):
        other = second if result is first else first
        if result.status in (Status.TIMEOUT, Status.OUT_OF_MEMORY, Status.TOO_LARGE) and other.status != result.status:
            return False, Reason.LIMIT, f"{result.engine_id} ended in {result.status}, the other did not"
        if result.status in (Status.CRASH, Status.ENGINE_ERROR):
            return False, Reason.ENGINE, f"{result.engine_id}: {_worst(result)}"
    if not first.is_compiled and not second.is_compiled:
        same = first.status == second.status
        return same, Reason.SAME_FAILURE, first.status.value if same else f"{first.status} against {second.status}"
    if difference is not None and difference <= VOLUME_TOLERANCE and _has_same_size(first, second):
        return True, Reason.SAME, f"volumes within {VOLUME_TOLERANCE:g}"
    return False, *_why(job, first, second, difference)


def _why(job: CompileJob, first: CompileResult, second: CompileResult, difference: float | None) -> tuple[Reason, str]:
    only_first, only_second = _kinds(first) - _kinds(second), _kinds(second) - _kinds(first)
    gaps = (only_first | only_second) & GAP_KINDS
    text = " ".join(text for text in job.texts.values())
    if gaps == {"missing_file"} or (Status.MISSING_LIBRARY in (first.status, second.status) and gaps):
        return Reason.MISSING, _said_by_one(first, second, "missing_file")
    if gaps:
        return Reason.LANGUAGE, _said_by_one(first, second, sorted(gaps)[0])
    if re.search(r"\btext\s*\(", text):
        return Reason.FONTS, "the source writes text, and the engines have other fonts"
    if first.is_compiled != second.is_compiled:
        failed, worked = (second, first) if first.is_compiled else (first, second)
        is_geometry = "not_closed" in _kinds(failed)
        reason = Reason.REPAIR if is_geometry else Reason.LANGUAGE
        return reason, f"{failed.engine_id}: {_worst(failed)}; {worked.engine_id} makes a mesh"
    if difference is None:
        return Reason.OPEN, "a mesh is not closed, so its volume says nothing"
    if re.search(r"\brands\s*\(", text):
        return Reason.RANDOM, "the source draws random numbers"
    if (only_first | only_second) - {"other"}:
        return Reason.LANGUAGE, _said_by_one(first, second, sorted((only_first | only_second) - {"other"})[0])
    if _has_same_size(first, second):
        return Reason.TESSELLATION, f"the same sides, {_n(first)} against {_n(second)} facets"
    return Reason.UNEXPLAINED, f"volumes differ by {difference:.2%}"


def _kinds(result: CompileResult) -> set[str]:
    noise = {Severity.ECHO, Severity.TRACE, Severity.DEPRECATED}
    return {d.kind for d in result.diagnostics if d.severity not in noise}


def _said_by_one(first: CompileResult, second: CompileResult, kind: str) -> str:
    for result, other in ((first, second), (second, first)):
        if kind not in _kinds(other):
            for diagnostic in result.diagnostics:
                if diagnostic.kind == kind:
                    return f"only {result.engine_id} says: {diagnostic.message}"
    return kind


def _worst(result: CompileResult) -> str:
    errors = [d.message for d in result.diagnostics if d.severity is Severity.ERROR]
    warnings = [d.message for d in result.diagnostics if d.severity is Severity.WARNING]
    return (errors + warnings + [result.status.value])[0]


def _volume_difference(first: CompileResult, second: CompileResult) -> float | None:
    volumes = [abs(r.stats.volume_mm3) for r in (first, second) if r.stats and r.stats.volume_mm3 is not None]
    if len(volumes) < 2:
        return None
    return abs(volumes[0] - volumes[1]) / max(*volumes, 1e-300)


def _has_same_size(first: CompileResult, second: CompileResult) -> bool:
    if first.stats is None or second.stats is None:
        return False
    longest = max(*first.stats.size_mm, *second.stats.size_mm)
    corners = zip(first.stats.min_mm + first.stats.max_mm, second.stats.min_mm + second.stats.max_mm, strict=True)
    return all(abs(a - b) <= SIZE_TOLERANCE * longest for a, b in corners)


def _n(result: CompileResult) -> int:
    return result.stats.n_triangles if result.stats else 0
