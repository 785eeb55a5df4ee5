"""Two engines on one source: do they mean the same, and if not, why. Pure.

Volumes that differ by less than 1e-4 in the same place are the same shape, however it is cut into triangles; of open
meshes, which have no volume, the areas are compared. The reason for a difference is found from what the engines said,
what the source calls and what the meshes measure, strongest evidence first; `unexplained` is left for what a person
must look at. The rules were found on OpenSCAD's own examples and tests, between 2021.01 and 2025.07.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from render.result import GAP_KINDS, CompileJob, CompileResult, Diagnostic, Severity, Status
from render.result_pair import VOLUME_TOLERANCE, ResultPair, ending, kinds, message, said_only_by

__all__ = ["VOLUME_TOLERANCE", "Agreement", "Reason", "agreement"]

ROUND_SIZE_TOLERANCE = 0.02
"""Of the longest side: how far a facet more or less moves the end of an arc."""
MAX_ROUND_DIFFERENCE = 0.1
"""Of the volume: what facets may explain. A cone with twist has lost 9 % in OpenSCAD's own test of it."""
MAX_LOST_CORNERS = 0.05
"""Of the volume: a sum of a box and a ball of 8 facets lacked 2 %."""
_STRONG_KINDS = ("parser_error", "assert", "recursion", *sorted(GAP_KINDS))
_WEAK_KINDS = ("bad_argument", "undefined_operation", "mixed_dimensions")
_LIMITS = (Status.TIMEOUT, Status.OUT_OF_MEMORY, Status.TOO_LARGE)
_FACETS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "linear_extrude() with twist or scale is cut into other facets",
        re.compile(r"\blinear_extrude\s*\([^;{}]{0,400}?\b(?:twist|scale)\s*="),
    ),
    (
        "rotate_extrude() of a part of a turn has another number of facets",
        re.compile(r"\brotate_extrude\s*\([^;{}]{0,400}?\bangle\s*="),
    ),
)


class Reason(StrEnum):
    """Why two engines agree or differ."""

    SAME = "same"
    SAME_FAILURE = "same_failure"
    """Neither makes a mesh, with the same status."""
    LIMIT = "limit"
    """One met its deadline, its memory cap or its size cap."""
    ENGINE = "engine"
    """One crashed, stumbled over a bug of its own, or failed on our side."""
    MISSING = "missing"
    """One finds a file or library that the other doesn't."""
    FONTS = "fonts"
    """The source writes text, and the engines have other fonts or align it otherwise."""
    LANGUAGE = "language"
    """One knows a name, an argument or a rule that the other doesn't."""
    OPEN = "open"
    """A mesh isn't closed, so it has no volume to compare."""
    REPAIR = "repair"
    """One refuses a mesh, a solid that touches itself or a film without volume; the other repairs or keeps it."""
    TESSELLATION = "tessellation"
    """The same solid with other facets: the versions cut round and twisted things differently."""
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
    """|v1 - v2| / max(|v1|, |v2|), so 2.0 if one is inside out; None unless both meshes are closed."""


_Why = tuple[Reason, str]


def agreement(job: CompileJob, first: CompileResult, second: CompileResult) -> Agreement:
    """Compares two verdicts on the same job."""
    pair = ResultPair(job, first, second)
    is_same, (reason, explanation) = _judge(pair)
    return Agreement(first, second, is_same, reason, " ".join(explanation.split()), pair.difference)


def _judge(pair: ResultPair) -> tuple[bool, _Why]:
    first, second = pair.first, pair.second
    if pair.n_compiled == 0 and first.status == second.status:
        return True, (Reason.SAME_FAILURE, first.status.value)
    if pair.n_compiled == 2 and _is_same_shape(pair):
        how = f"volumes within {VOLUME_TOLERANCE:g}" if pair.difference is not None else "the same open mesh"
        return True, (Reason.SAME, how)
    rules = (_limit, _engine, _both_refuse, _removed, _missing, _strong, _one_fails, _background, _fonts, _open,
             _random, _repair, _weak, _place, _round, _corners, _facets)  # fmt: skip
    for rule in rules:
        found = rule(pair)
        if found is not None:
            return False, found
    if pair.n_compiled < 2:
        return False, (Reason.UNEXPLAINED, f"{ending(first)}; {ending(second)}")
    return False, (Reason.UNEXPLAINED, f"volumes differ by {pair.difference or 0:.2%}, and nothing tells why")


def _is_same_shape(pair: ResultPair) -> bool:
    if pair.stats is not None and pair.stats[0] == pair.stats[1]:
        return True
    if pair.difference is None:
        is_open = pair.stats is not None and not pair.stats[0].is_closed and not pair.stats[1].is_closed
        return is_open and pair.is_same_area and pair.has_same_sides()
    return pair.is_same_volume and pair.has_same_sides() and pair.has_same_center()


def _limit(pair: ResultPair) -> _Why | None:
    for result, other in pair.sides:
        if result.status in _LIMITS:
            return Reason.LIMIT, f"{ending(result)}; {ending(other)}"
    return None


def _engine(pair: ResultPair) -> _Why | None:
    for result, other in pair.sides:
        if result.status in (Status.CRASH, Status.ENGINE_ERROR):
            return Reason.ENGINE, f"{ending(result)}; {ending(other)}"
    for result, other in pair.sides:
        bug = next(said_only_by(result, other, ("engine_bug",)), None)
        if bug is not None and other.is_compiled:
            return Reason.ENGINE, f"a bug of {result.engine_id}: {bug.message}; {ending(other)}"
    return None


def _both_refuse(pair: ResultPair) -> _Why | None:
    if pair.n_compiled or not all("not_closed" in kinds(result) for result, _ in pair.sides):
        return None
    return Reason.REPAIR, f"both refuse a mesh that is not closed, {ending(pair.first)}; {ending(pair.second)}"


def _removed(pair: ResultPair) -> _Why | None:
    """One calls a thing deprecated, the other no longer knows it."""
    for result, other in pair.sides:
        ours = {(d.message, d.line) for d in other.diagnostics if d.severity is Severity.DEPRECATED}
        old = [d for d in result.diagnostics if d.severity is Severity.DEPRECATED and (d.message, d.line) not in ours]
        new = list(said_only_by(other, result, (*sorted(GAP_KINDS), "bad_argument")))
        lines = {d.line for d in old}
        new.sort(key=lambda d: d.line not in lines)
        if old and new:
            before = next((d for d in old if d.line == new[0].line), old[0])
            return (
                Reason.LANGUAGE,
                f"{result.engine_id} only warns: {before.message}; {other.engine_id}: {message(new[0])}",
            )
    return None


def _missing(pair: ResultPair) -> _Why | None:
    for result, other in pair.sides:
        theirs = {_missing_name(d) for d in other.diagnostics if _is_missing(d)}
        for diagnostic in result.diagnostics:
            if _is_missing(diagnostic) and _missing_name(diagnostic) not in theirs:
                return Reason.MISSING, f"only {result.engine_id} says: {message(diagnostic)}"
    return None


def _is_missing(diagnostic: Diagnostic) -> bool:
    return diagnostic.kind == "missing_file" and diagnostic.severity in (Severity.ERROR, Severity.WARNING)


def _missing_name(diagnostic: Diagnostic) -> str:
    """The file's name without its folder: the engines put it otherwise."""
    quoted = re.findall(r"(?<!\w)'([^']+)'", diagnostic.message)
    return posixpath.basename(quoted[0]) if quoted else diagnostic.message


def _strong(pair: ResultPair) -> _Why | None:
    return _said(pair, _STRONG_KINDS, Reason.LANGUAGE)


def _one_fails(pair: ResultPair) -> _Why | None:
    """One makes a mesh, the other none or one with errors."""
    if pair.n_compiled != 1:
        return None
    failed, worked = (pair.second, pair.first) if pair.first.is_compiled else (pair.first, pair.second)
    how = f"{ending(failed)}; {ending(worked)}"
    if "not_closed" in kinds(failed):
        return Reason.REPAIR, how
    if "no_fonts" in kinds(failed) or (pair.calls("text") and failed.status in (Status.EMPTY, Status.NOT_3D)):
        return Reason.FONTS, how
    told = [d for d in failed.diagnostics if d.severity is Severity.ERROR and d.kind not in ("empty", "not_3d")]
    return (Reason.LANGUAGE, how) if told else _said(pair, (*_WEAK_KINDS, "other"), Reason.LANGUAGE)


def _background(pair: ResultPair) -> _Why | None:
    """2021.01 ignores the modifier before one child that is picked by number, and builds it."""
    if pair.n_compiled < 2 or not re.search(r"%\s*(?:child\s*\(|children\s*\(\s*[^)\s])", pair.code):
        return None
    return Reason.LANGUAGE, "% before child() or children(n): 2025 leaves that child out, 2021 builds it"


def _fonts(pair: ResultPair) -> _Why | None:
    if pair.n_compiled < 2 or not pair.calls("text"):
        return None
    if pair.is_same_volume:
        return Reason.FONTS, "the same letters, but the versions space and align text otherwise"
    return Reason.FONTS, "the source writes text, and the engines have other fonts"


def _open(pair: ResultPair) -> _Why | None:
    if pair.n_compiled < 2 or pair.stats is None or pair.difference is not None:
        return None
    open_ones = [
        result.engine_id for result, _ in pair.sides if result.stats is not None and not result.stats.is_closed
    ]
    areas = " against ".join(f"{stats.area_mm2:.6g}" for stats in pair.stats)
    if len(open_ones) == 1:
        return Reason.OPEN, f"only the mesh of {open_ones[0]} is open; areas {areas} mm2"
    if pair.has_same_corners():
        return Reason.OPEN, f"open meshes of the same corners, joined by other triangles; areas {areas} mm2"
    return Reason.OPEN, f"the meshes have no volume to compare; areas {areas} mm2"


def _random(pair: ResultPair) -> _Why | None:
    return (Reason.RANDOM, "the source draws random numbers without a seed") if pair.draws_unseeded() else None


def _repair(pair: ResultPair) -> _Why | None:
    if pair.difference is not None and pair.difference > 1 and pair.stats is not None:
        inverted = pair.first if (pair.stats[0].volume_mm3 or 0) < 0 else pair.second
        return Reason.REPAIR, f"the mesh of {inverted.engine_id} is inside out"
    return _said(pair, ("not_closed",), Reason.REPAIR)


def _weak(pair: ResultPair) -> _Why | None:
    return _said(pair, _WEAK_KINDS, Reason.LANGUAGE)


def _place(pair: ResultPair) -> _Why | None:
    """The same volume elsewhere, or with something beside it that has none."""
    if not pair.is_same_volume or pair.stats is None:
        return None
    if pair.calls("rotate_extrude"):
        return Reason.TESSELLATION, "the same volume: rotate_extrude() begins at another angle"
    if pair.has_same_center() and not pair.has_same_sides():
        extents = [sum(stats.size_mm) for stats in pair.stats]
        wider = pair.first if extents[0] > extents[1] else pair.second
        return Reason.REPAIR, f"the same volume, but {wider.engine_id} keeps a film or a thread that has none"
    return None


def _round(pair: ResultPair) -> _Why | None:
    """2025 splits the sides of a twisted or tapered outline too, and rounds the facets of an arc up instead of down."""
    if not pair.has_same_sides(ROUND_SIZE_TOLERANCE) or pair.off > MAX_ROUND_DIFFERENCE or pair.stats is None:
        return None
    if pair.has_same_corners():
        return Reason.TESSELLATION, "the same corners, joined by other triangles"
    cause = next((text for text, call in _FACETS if call.search(pair.code)), None)
    if cause is None or pair.stats[0].n_triangles == pair.stats[1].n_triangles:
        return None
    return Reason.TESSELLATION, f"{cause}: {pair.facet_counts}"


def _corners(pair: ResultPair) -> _Why | None:
    """The wasm build takes wrong corners in some sums and hulls, mostly without a word: of 120 sums of a box and a ball
    or cylinder, 33 were off by more than 1e-4 of what arithmetic says and 8 failed; of 180 hulls, one was off."""
    is_wasm = any(result.engine_id.startswith("wasm") for result, _ in pair.sides)
    if not is_wasm or not pair.calls("minkowski", "hull") or not pair.has_same_sides():
        return None
    if pair.off > MAX_LOST_CORNERS:
        return None
    return Reason.ENGINE, f"minkowski() or hull() is off at a corner in the wasm engine: {pair.facet_counts}"


def _facets(pair: ResultPair) -> _Why | None:
    is_near = pair.has_same_sides() and pair.is_same_build and pair.off <= MAX_ROUND_DIFFERENCE
    if not is_near or pair.stats is None or pair.stats[0].n_triangles == pair.stats[1].n_triangles:
        return None
    return Reason.TESSELLATION, f"the same sides, pieces and holes: {pair.facet_counts}"


def _said(pair: ResultPair, wanted: Collection[str], reason: Reason) -> _Why | None:
    """What only one engine says; the most telling kind first."""
    for kind in wanted:
        for result, other in pair.sides:
            said = next(said_only_by(result, other, (kind,)), None)
            if said is not None and kind not in kinds(other):
                return reason, f"only {result.engine_id} says: {message(said)}"
    return None
