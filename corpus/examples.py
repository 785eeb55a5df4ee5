"""Crawled and synthetic designs to examples: every stage from clean to caption, every rejection with its reason.

Pure: rows in, rows out. Each stage gives what stays and what it dropped, so that the funnel adds up. Covers the
choice; compiling is `corpus.validate`, storing `corpus.store`.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from corpus.card import FunnelStep
from corpus.dedup import choose_representatives, cluster_ids, exact_key, near_duplicate_clusters
from corpus.filters import check_source
from corpus.licenses import DEFAULT_ALLOWED, is_allowed
from corpus.normalize import content_key
from corpus.prompts import prompt_kind, prompt_of
from corpus.schema import CompiledRow, CrawledRow, ExampleRow, GeometrySpec, RejectedRow
from corpus.splits import assign_split
from corpus.starter.part import SynthExample

__all__ = ["NEAR_DUPLICATE_THRESHOLD", "build_examples", "examples_from_synth", "off_spec"]

NEAR_DUPLICATE_THRESHOLD = 0.7

SIZE_TOLERANCE = 0.01
SIZE_SLACK_MM = 0.02
"""Below 2 mm one per cent is less than what a polygon takes off a circle."""
VOLUME_TOLERANCE = 0.05


@dataclass(frozen=True)
class _Funnel:
    """What every stage did so far."""

    rejected: list[RejectedRow]
    steps: list[FunnelStep]

    def close(self, stage: str, n_in: int, dropped: Sequence[RejectedRow]) -> None:
        """Count a stage that let pass all but `dropped`."""
        self.rejected.extend(dropped)
        self.steps.append(FunnelStep(stage, n_in, n_in - len(dropped), dict(Counter(r.reason for r in dropped))))


def build_examples(
    crawled: Sequence[CrawledRow],
    compiled: Iterable[CompiledRow],
    *,
    engine_id: str,
    allowed_licenses: frozenset[str] = DEFAULT_ALLOWED,
    seed: int,
) -> tuple[list[ExampleRow], list[RejectedRow], list[FunnelStep]]:
    """The examples of the real designs, what was dropped and why, and the counts of each stage."""
    verdicts = {v.sha256: v for v in compiled if v.engine_id == engine_id}
    funnel = _Funnel([], [])
    rows = _keep_newest(crawled, funnel)
    rows = _keep(rows, "license", lambda row: _license_problem(row, allowed_licenses), funnel)
    rows, _ = _keep_one_each(rows, [exact_key(r.scad or "", r.companions) for r in rows], "exact_dedup", funnel)
    rows = _keep(rows, "compile", lambda row: _verdict_problem(verdicts.get(row.sha256 or "")), funnel)
    clusters = near_duplicate_clusters([r.scad or "" for r in rows], threshold=NEAR_DUPLICATE_THRESHOLD, seed=seed)
    names = cluster_ids([r.sha256 or "" for r in rows], clusters)
    rows, cluster_of = _keep_one_each(rows, names, "near_dedup", funnel)
    rows = _keep(rows, "caption", lambda row: None if prompt_of(row) else ("no_text", None), funnel)
    examples = [_example(row, verdicts[row.sha256 or ""], cluster_of[row.record_id], seed=seed) for row in rows]
    return examples, funnel.rejected, funnel.steps


def examples_from_synth(
    synthetic: Sequence[SynthExample], compiled: Iterable[CompiledRow], *, engine_id: str
) -> tuple[list[ExampleRow], list[RejectedRow], list[FunnelStep]]:
    """The synthetic examples that compile and have the geometry they promise.

    The generator has split them; what it would train on though a test asks for the same values is dropped.
    """
    verdicts = {v.sha256: v for v in compiled if v.engine_id == engine_id}
    funnel = _Funnel([], [])
    examples: dict[str, ExampleRow] = {}
    tested = {_synth_cluster(example) for example in synthetic if example.split == "test"}
    dropped = []
    for example in synthetic:
        key = content_key(example.scad)
        verdict = verdicts.get(key)
        problem = _verdict_problem(verdict)
        if verdict is None or problem:
            dropped.append(_rejected(example.example_id, "synth", problem or ("not_compiled", None), example.family))
        elif mismatch := off_spec(verdict, example.spec):
            dropped.append(_rejected(example.example_id, "synth", ("off_spec", mismatch), example.family))
        elif example.split != "test" and _synth_cluster(example) in tested:
            dropped.append(_rejected(example.example_id, "synth", ("in_test", None), example.family))
        elif example.example_id in examples:
            dropped.append(_rejected(example.example_id, "synth", ("duplicate", None), example.family))
        else:
            examples[example.example_id] = _synth_example(example, key, engine_id)
    funnel.close("synth", len(synthetic), dropped)
    return list(examples.values()), funnel.rejected, funnel.steps


def off_spec(verdict: CompiledRow, spec: GeometrySpec) -> str | None:
    """How a measured solid departs from what was asked; None if it doesn't. What the spec leaves open is free."""
    if spec.size_mm is not None:
        wanted, found = sorted(spec.size_mm), sorted(verdict.size_mm or ())
        if len(found) != len(wanted) or any(
            abs(f - w) > max(SIZE_TOLERANCE * w, SIZE_SLACK_MM) for f, w in zip(found, wanted, strict=True)
        ):
            return f"size {_numbers(found)} mm instead of {_numbers(wanted)}"
    if spec.volume_mm3 is not None:
        volume = verdict.volume_mm3
        if volume is None or abs(volume - spec.volume_mm3) > VOLUME_TOLERANCE * spec.volume_mm3:
            return f"volume {_numbers([volume] if volume is not None else [])} mm3 instead of {spec.volume_mm3:.5g}"
    if spec.n_components is not None and verdict.n_components != spec.n_components:
        return f"{verdict.n_components} pieces instead of {spec.n_components}"
    if spec.genus is not None and verdict.genus != spec.genus:
        return f"{verdict.genus} through-holes instead of {spec.genus}"
    return None


Problem = tuple[str, str | None]
"""(reason, detail)"""


def _keep(
    rows: list[CrawledRow], stage: str, problem_of: Callable[[CrawledRow], Problem | None], funnel: _Funnel
) -> list[CrawledRow]:
    problems = [problem_of(row) for row in rows]
    dropped = [_rejected(r.record_id, stage, p, r.source) for r, p in zip(rows, problems, strict=True) if p]
    funnel.close(stage, len(rows), dropped)
    return [row for row, problem in zip(rows, problems, strict=True) if problem is None]


def _keep_newest(crawled: Sequence[CrawledRow], funnel: _Funnel) -> list[CrawledRow]:
    """Stage `clean`: of each record the text fetched last, if the filters accept it.

    A row without a source (a download that failed once) never takes the place of one that has it.
    """
    newest: dict[str, CrawledRow] = {}
    for row in sorted(crawled, key=lambda r: (r.scad is not None, r.fetched_at)):
        newest[row.record_id] = row
    dropped = [
        # keyed by content: the record itself may well become an example
        _rejected(row.sha256 or row.record_id, "clean", ("superseded", f"newer text of {row.record_id}"), row.source)
        for row in crawled
        if newest[row.record_id] is not row
    ]
    kept = []
    for row in newest.values():
        problem = _clean_problem(row)
        if problem:
            dropped.append(_rejected(row.record_id, "clean", problem, row.source))
        else:
            kept.append(row)
    funnel.close("clean", len(crawled), dropped)
    return sorted(kept, key=lambda r: r.record_id)


def _keep_one_each(
    rows: list[CrawledRow], groups: list[str], stage: str, funnel: _Funnel
) -> tuple[list[CrawledRow], dict[str, str]]:
    """The best row of each group, in order, and the group of every row by record_id."""
    best = choose_representatives(rows, groups)
    dropped = [
        _rejected(row.record_id, stage, ("duplicate", f"of {best[group].record_id}"), row.source)
        for row, group in zip(rows, groups, strict=True)
        if best[group] is not row
    ]
    funnel.close(stage, len(rows), dropped)
    kept = [row for row, group in zip(rows, groups, strict=True) if best[group] is row]
    return kept, {row.record_id: group for row, group in zip(rows, groups, strict=True)}


def _clean_problem(row: CrawledRow) -> Problem | None:
    if row.scad is None or row.sha256 is None:
        return "no_source", None
    verdict = check_source(row.scad)
    if verdict is not True:
        return verdict[1], None
    if row.companions:  # a pair must stand alone: a model that learns such includes names files that nobody has
        return "needs_other_files", ", ".join(c.path for c in row.companions[:3])
    return None


def _license_problem(row: CrawledRow, allowed: frozenset[str]) -> Problem | None:
    verdict = is_allowed(row.license_spdx, allowed)
    return None if verdict is True else (verdict[1], row.license_raw or row.license_spdx)


def _verdict_problem(verdict: CompiledRow | None) -> Problem | None:
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


def _rejected(key: str, stage: str, problem: Problem, source: str | None) -> RejectedRow:
    reason, detail = problem
    return RejectedRow(key, stage, reason, " ".join(detail.split())[:300] if detail else None, source)


def _example(row: CrawledRow, verdict: CompiledRow, cluster_id: str, *, seed: int) -> ExampleRow:
    prompt, scad, sha256 = prompt_of(row), row.scad, row.sha256
    if prompt is None or scad is None or sha256 is None:
        raise ValueError(f"record {row.record_id} has no text or no source: an earlier stage let it pass")
    return ExampleRow(
        example_id=hashlib.sha256(f"{row.record_id}|{sha256}|{prompt}".encode()).hexdigest(),
        sha256=sha256,
        prompt=prompt,
        scad=scad,
        split=assign_split(cluster_id, seed=seed),
        cluster_id=cluster_id,
        tier="real",
        prompt_kind=prompt_kind(row),
        source=row.source,
        license_spdx=row.license_spdx,
        license_tier="permissive",
        engine_id=verdict.engine_id,
        spec=GeometrySpec(verdict.size_mm, verdict.volume_mm3, verdict.n_components, verdict.genus),
        record_id=row.record_id,
        source_url=row.source_url,
        attribution=_attribution(row),
    )


def _attribution(row: CrawledRow) -> str | None:
    """Who made it and under which licence, in one line, as the licences ask; None where no author is known."""
    if row.author is None or not row.author.name:
        return None
    where = f" ({row.source_url})" if row.source_url else ""
    return f"{row.title or 'untitled'} by {row.author.name}{where}, {row.license_spdx}"


def _synth_cluster(example: SynthExample) -> str:
    """The same values of the same family are one design, in whatever words."""
    return f"{example.family}|" + ",".join(f"{name}={value:g}" for name, value in sorted(example.params))


def _synth_split(example: SynthExample, cluster_id: str) -> str:
    """The generator's own split, with 3 % of the training clusters kept for validation."""
    if example.split != "train":
        return example.split
    return assign_split(cluster_id, seed=0, validation_share=0.03, test_share=0.0)


def _synth_example(example: SynthExample, key: str, engine_id: str) -> ExampleRow:
    cluster_id = _synth_cluster(example)
    return ExampleRow(
        example_id=example.example_id,
        sha256=key,
        prompt=example.prompt,
        scad=example.scad,
        split=_synth_split(example, cluster_id),
        cluster_id=cluster_id,
        tier="synthetic",
        prompt_kind="synthetic",
        source="synth",
        license_spdx="CC0-1.0",
        license_tier="permissive",
        engine_id=engine_id,
        spec=example.spec,
        family=example.family,
        family_group=example.family_group,
        wording_pool=example.wording_pool,
    )


def _numbers(values: Iterable[float]) -> str:
    return " x ".join(f"{v:.5g}" for v in values) or "none"
