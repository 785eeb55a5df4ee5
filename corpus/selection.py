"""Which crawled designs stay: cleaned, compiled strict, one of each group of duplicates, with words for it.

Pure: rows in, designs out; every stage tells what it dropped and why, so that the funnel adds up. Covers the choice;
what an example says is `corpus.examples`'.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from corpus.card import FunnelStep
from corpus.dedup import DEPTHS, Candidate, Lent, deduplicate
from corpus.schema import CleanedRow, CompiledRow, CrawledRow, RejectedRow, SketchRow

__all__ = ["Design", "Evidence", "Selection", "select_designs", "verdict_problem"]

Problem = tuple[str, str | None]
"""(reason, detail)"""

_SIZE_SLACK_MM = 0.01
_VOLUME_SLACK = 1e-3


@dataclass(frozen=True)
class Evidence:
    """What is known of contents, by sha256."""

    verdicts: Mapping[str, CompiledRow]
    """Of one engine."""
    sketches: Mapping[str, SketchRow]


@dataclass(frozen=True)
class Design:
    """A crawled design that stays."""

    cleaned: CleanedRow
    record: CrawledRow
    verdict: CompiledRow
    cluster_id: str
    lent: tuple[Lent, ...] = ()
    """Words of the duplicates that it stands for."""

    @property
    def scad(self) -> str:
        return self.cleaned.scad or ""

    @property
    def sha256(self) -> str:
        return self.cleaned.sha256 or ""


@dataclass
class Selection:
    """The designs that stay, and what every stage did."""

    designs: list[Design] = field(default_factory=list)
    rejected: list[RejectedRow] = field(default_factory=list)
    steps: list[FunnelStep] = field(default_factory=list)

    def close(self, stage: str, n_in: int, dropped: Sequence[RejectedRow]) -> None:
        """Count a stage that let pass all but `dropped`."""
        self.rejected.extend(dropped)
        self.steps.append(FunnelStep(stage, n_in, n_in - len(dropped), dict(Counter(r.reason for r in dropped))))


Row = tuple[CleanedRow, CrawledRow]


def select_designs(rows: Sequence[Row], evidence: Evidence, *, n_superseded: int = 0) -> Selection:
    """The designs among cleaned rows and their records; `n_superseded` older texts came in beside them."""
    selection = Selection()
    selection.steps.append(
        FunnelStep("newest", len(rows) + n_superseded, len(rows), {"superseded": n_superseded} if n_superseded else {})
    )
    for stage in ("clean", "license"):
        rows = _keep(rows, stage, lambda row, stage=stage: _refusal(row[0], stage), selection)  # type: ignore[misc]
    rows = _keep(rows, "compile", lambda row: verdict_problem(evidence.verdicts.get(row[0].sha256 or "")), selection)
    rows = _keep(rows, "flatten", lambda row: _flatten_problem(row, evidence.verdicts), selection)
    _dedup(rows, evidence, selection)
    return selection


def _keep(
    rows: Sequence[Row], stage: str, problem_of: Callable[[Row], Problem | None], selection: Selection
) -> list[Row]:
    kept, dropped = [], []
    for row in rows:
        problem = problem_of(row)
        if problem is None:
            kept.append(row)
        else:
            dropped.append(_rejected(row[1], stage, problem))
    selection.close(stage, len(rows), dropped)
    return kept


def _refusal(row: CleanedRow, stage: str) -> Problem | None:
    return (row.reason, row.detail) if row.reason and row.stage == stage else None


def verdict_problem(verdict: CompiledRow | None) -> Problem | None:
    """Why a verdict is not strict: its status, or what kept a source that did compile from being sound."""
    if verdict is None:
        return "not_compiled", None
    if verdict.is_strict:
        return None
    worst = sorted(verdict.diagnostics, key=lambda d: (d.severity != "error", d.severity != "warning"))
    gaps = [d for d in worst if d.kind.startswith("unknown_") or d.kind == "missing_file"]
    detail = next((f"line {d.line}: {d.message}" if d.line else d.message for d in (*gaps, *worst)), None)
    if not verdict.is_compiled:
        return (verdict.status if verdict.status not in ("ok", "warning") else "bad_mesh"), detail
    if gaps:
        return gaps[0].kind, detail
    return ("no_volume" if verdict.is_closed else "not_closed"), detail


def _flatten_problem(row: Row, verdicts: Mapping[str, CompiledRow]) -> Problem | None:
    """A source that its companions were written into must measure what it did with them beside it."""
    cleaned, record = row
    if not cleaned.is_flattened:
        return None
    before, after = verdicts.get(record.sha256 or ""), verdicts[cleaned.sha256 or ""]
    if before is None or not before.is_compiled or before.size_mm is None or after.size_mm is None:
        return "flatten_unproven", "the original with its files did not compile"
    is_same = all(abs(a - b) <= _SIZE_SLACK_MM for a, b in zip(before.size_mm, after.size_mm, strict=True))
    if is_same and before.volume_mm3 is not None and after.volume_mm3 is not None:
        is_same = abs(before.volume_mm3 - after.volume_mm3) <= _VOLUME_SLACK * before.volume_mm3
    return None if is_same else ("flatten_changed", f"{before.size_mm} mm became {after.size_mm} mm")


def _dedup(rows: Sequence[Row], evidence: Evidence, selection: Selection) -> None:
    """One design of each group, depth after depth; fills `selection.designs`."""
    by_key = {row[1].record_id: row for row in rows}
    result = deduplicate([_candidate(row, evidence) for row in rows])
    n_left = len(rows)
    for depth in DEPTHS:
        dropped = [
            _rejected(by_key[d.key][1], f"{depth}_dedup", ("duplicate", f"of {d.of}"))
            for d in result.dropped
            if d.depth == depth
        ]
        selection.close(f"{depth}_dedup", n_left, dropped)
        n_left -= len(dropped)
    for kept in result.kept:
        cleaned, record = by_key[kept.member.key]
        verdict = evidence.verdicts[cleaned.sha256 or ""]
        cluster_id = min(by_key[key][0].sha256 or "" for key in kept.members)
        selection.designs.append(Design(cleaned, record, verdict, cluster_id, kept.lent))


def _candidate(row: Row, evidence: Evidence) -> Candidate:
    cleaned, record = row
    verdict = evidence.verdicts[cleaned.sha256 or ""]
    return Candidate(
        key=record.record_id,
        scad=cleaned.scad or "",
        sketch=evidence.sketches[cleaned.sha256 or ""],
        shape=verdict.shape,
        license_tier=cleaned.license_tier or "permissive",
        description=cleaned.description,
        description_kind=cleaned.description_kind,
        is_strict=verdict.is_strict,
    )


def _rejected(record: CrawledRow, stage: str, problem: Problem) -> RejectedRow:
    reason, detail = problem
    return RejectedRow(
        record.record_id, stage, reason, " ".join(detail.split())[:300] if detail else None, record.source
    )
