"""Designs and generated rows to examples: what each says, which side of the split it is on, and what leaks.

Pure: rows in, rows out. A real design gives one example for each of its wordings; a generated row gives one if its
mesh measures what the generator promised. What the training side shares with any test is dropped from training.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from urllib.parse import urlsplit

from corpus.card import FunnelStep
from corpus.contents import history_keys
from corpus.decontaminate import Benchmark, decontaminate
from corpus.dedup import Lent
from corpus.leaks import LEAK_DEPTHS, LeakItem, find_leaks
from corpus.schema import CleanedRow, CompiledRow, ExampleRow, GeometrySpec, RejectedRow, SyntheticRow
from corpus.selection import Design, Evidence, verdict_problem
from corpus.splits import SplitItem, assign_split, group_splits
from corpus.words import Subject, Wording, wordings

__all__ = [
    "STARTER_DEPTHS",
    "Examples",
    "decontaminated",
    "examples_from_designs",
    "examples_from_edits",
    "examples_from_synthetic",
    "leak_items",
    "off_spec",
    "subject_of",
]

SIZE_TOLERANCE = 0.01
SIZE_SLACK_MM = 0.02
"""Below 2 mm one per cent is less than what a polygon takes off a circle."""
VOLUME_TOLERANCE = 0.05
MAX_LEAKS = 5
"""Training examples that a generated test example may cost."""
STARTER_DEPTHS = ("exact", "shape", "text")
"""The starter's tests ask for new values of structures that it teaches: near and masked would call all of it a leak."""
_TEST_SETS = {"test": "values", "test_edits": "edits"}
"""Parts of a recipe whose test set has another name."""


_WORD = re.compile(r"\w+(?:\.\d+)?")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True)
class Examples:
    rows: list[ExampleRow]
    rejected: list[RejectedRow]
    step: FunnelStep


def examples_from_designs(
    designs: Sequence[Design], *, seed: int, captions: Mapping[str, str] = MappingProxyType({})
) -> Examples:
    """The examples of real designs, split by cluster and author; without words there is none.

    `captions` are a model's words by content, for designs that have none of their author's.

    Of designs that the same words are said of, the first has them: a request with two answers teaches neither.
    """
    items = [SplitItem(d.cleaned.record_id, d.cluster_id, _author(d)) for d in designs]
    splits = group_splits(items, seed=seed)
    rows: list[ExampleRow] = []
    rejected: list[RejectedRow] = []
    said: set[str] = set()
    for design, split in sorted(zip(designs, splits, strict=True), key=lambda item: item[0].cleaned.record_id):
        lent = design.lent
        if caption := captions.get(design.sha256):
            lent = (*lent, Lent(caption, "model_caption", design.cleaned.record_id))
        texts = wordings(subject_of(design.cleaned, design.verdict, lent), seed=design.sha256)
        new = [text for text in texts if _plain(text.prompt) not in said]
        said.update(_plain(text.prompt) for text in new)
        rows += [_real_example(design, text, split) for text in new]
        if not new:
            reason = "duplicate_text" if texts else "no_text"
            rejected.append(RejectedRow(design.cleaned.record_id, "caption", reason, None, design.record.source))
    reasons = dict(Counter(r.reason for r in rejected))
    return Examples(rows, rejected, FunnelStep("caption", len(designs), len(designs) - len(rejected), reasons))


def _plain(prompt: str) -> str:
    """A request without case and punctuation."""
    return " ".join(_WORD.findall(prompt.lower()))


def _author(design: Design) -> str | None:
    author = design.record.author
    name = (author.id or author.name) if author else None
    return f"{design.record.source}|{name}" if name else None


def subject_of(cleaned: CleanedRow, verdict: CompiledRow, lent: Iterable[Lent] = ()) -> Subject:
    """What is known of a design before anything is said of it."""
    return Subject(
        scad=cleaned.scad or "",
        title=cleaned.title,
        description=cleaned.description,
        description_kind=cleaned.description_kind,
        tags=cleaned.tags,
        category=cleaned.category,
        lent=tuple((words.description, words.kind) for words in lent),
        size_mm=verdict.size_mm,
        volume_mm3=verdict.volume_mm3,
        n_components=verdict.n_components,
        genus=verdict.genus,
    )


def _real_example(design: Design, text: Wording, split: str) -> ExampleRow:
    cleaned, record, verdict = design.cleaned, design.record, design.verdict
    return ExampleRow(
        example_id=_digest(record.record_id, design.sha256, text.prompt),
        sha256=design.sha256,
        prompt=text.prompt,
        scad=design.scad,
        split=split,
        cluster_id=design.cluster_id,
        tier="real",
        prompt_kind=text.kind,
        prompt_style=text.style,
        source=record.source,
        license_spdx=cleaned.license_spdx,
        license_tier=cleaned.license_tier or "permissive",
        engine_id=verdict.engine_id,
        spec=_told(text.prompt, verdict),
        test_set="real" if split == "test" else None,
        record_id=record.record_id,
        source_url=_public_url(record.source_url),
        attribution=_attribution(design),
        header=cleaned.header,
        transformations=cleaned.transformations,
    )


def _told(prompt: str, verdict: CompiledRow) -> GeometrySpec:
    """What a request for a real design fixes: its sides if it names all three, and that one piece is one piece."""
    numbers = [float(n) for n in _NUMBER.findall(prompt)]
    sides = verdict.size_mm or ()
    is_told = bool(sides) and all(any(abs(n - s) <= SIZE_TOLERANCE * s for n in numbers) for s in sides)
    return GeometrySpec(
        size_mm=verdict.size_mm if is_told else None, n_components=1 if verdict.n_components == 1 else None
    )


def _public_url(url: str | None) -> str | None:
    """None for a page of this machine: the sample site's port is another each time, and nobody else can open it."""
    is_local = url is not None and urlsplit(url).hostname in ("localhost", "127.0.0.1", "::1")
    return None if is_local else url


def _attribution(design: Design) -> str:
    """What it is, who made it, where it is from, under which licence: one line, as the licences ask."""
    record, url = design.record, _public_url(design.record.source_url)
    author = f" by {record.author.name}" if record.author and record.author.name else ""
    where = f" ({url or record.source})"
    return " ".join(f"{record.title or 'untitled'}{author}{where}, {design.cleaned.license_spdx}".split())


def examples_from_synthetic(rows: Iterable[SyntheticRow], verdicts: Mapping[str, CompiledRow]) -> Examples:
    """The generated pairs that compile strict and measure what they promise; of equal requests the first.

    What would train on a part that a test asks for, or answer a tested request, is dropped too, and so is a turn after
    one that is dropped: its history would be wrong.
    """
    rows = sorted(rows, key=lambda row: (not _is_test(row), row.recipe, row.example_id))
    tested = {row.cluster_id for row in rows if _is_test(row)}
    wrong = {row.sha256 for row in rows if _misfit(row, verdicts.get(row.sha256))}
    kept: dict[str, ExampleRow] = {}
    asked: set[tuple[str, ...]] = set()
    rejected = []
    for row in rows:
        verdict = verdicts.get(row.sha256)
        earlier = [verdicts.get(key) for key in history_keys(row.history)]
        request = (*(text for turn in row.history for text in (turn.prompt, turn.scad)), row.prompt.lower())
        problem = next((p for p in map(verdict_problem, (verdict, *earlier)) if p), None) or _misfit(row, verdict)
        if problem is None and not wrong.isdisjoint(history_keys(row.history)):
            problem = ("history_off_spec", None)
        elif problem is None and not _is_test(row) and row.cluster_id in tested:
            problem = ("in_test", None)
        elif problem is None and (row.example_id in kept or request in asked):
            problem = ("duplicate", None)
        if problem is not None or verdict is None:
            reason, detail = problem or ("not_compiled", None)
            rejected.append(RejectedRow(row.example_id, "synth", reason, detail, row.family))
            continue
        asked.add(request)
        kept[row.example_id] = _synthetic_example(row, verdict)
    reasons = dict(Counter(r.reason for r in rejected))
    return Examples(list(kept.values()), rejected, FunnelStep("synth", len(rows), len(kept), reasons))


def examples_from_edits(
    rows: Iterable[SyntheticRow], designs: Sequence[Design], real: Sequence[ExampleRow], evidence: Evidence
) -> Examples:
    """Edits of real designs that stay: strict, as measured as asked, and not without effect. Split and licence are the
    design's."""
    by_crawled = {d.cleaned.crawled_id: d for d in designs}
    example_of = {row.record_id: row for row in real}
    kept: list[ExampleRow] = []
    rejected: list[RejectedRow] = []
    rows = sorted(rows, key=lambda row: row.example_id)
    for row in rows:
        design = by_crawled.get(row.of_crawled or "")
        example = example_of.get(design.cleaned.record_id) if design else None
        verdict = evidence.verdicts.get(row.sha256)
        problem: tuple[str, str | None] | None = verdict_problem(verdict) or _misfit(row, verdict)
        if design is None or example is None:
            problem = "design_dropped", None
        elif problem is None and verdict is not None and _is_unchanged(design.verdict, verdict, row.edit_kind):
            problem = "no_effect", None
        if problem is not None or verdict is None or example is None:
            reason, detail = problem or ("not_compiled", None)
            rejected.append(RejectedRow(row.example_id, "edits", reason, detail, row.family))
            continue
        kept.append(
            replace(
                example,
                example_id=row.example_id,
                sha256=row.sha256,
                prompt=row.prompt,
                scad=row.scad,
                kind="edit",
                prompt_kind="synthetic",
                prompt_style=row.prompt_style,
                history=row.history,
                edit_kind=row.edit_kind,
                spec=row.spec,
                attribution=f"{example.attribution}, changed" if example.attribution else None,
                transformations=(*example.transformations, f"edited: {row.edit_kind}"),
            )
        )
    reasons = dict(Counter(r.reason for r in rejected))
    return Examples(kept, rejected, FunnelStep("edits", len(rows), len(kept), reasons))


def _is_unchanged(before: CompiledRow, after: CompiledRow, kind: str | None) -> bool:
    """A mesh turned or mirrored has the same measures; any other change shows in them."""
    if kind in ("turn", "mirror") or before.shape is None or after.shape is None:
        return False
    return all(math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-6) for a, b in zip(before.shape, after.shape, strict=True))


def _is_test(row: SyntheticRow) -> bool:
    return row.part not in ("train", "edits")


def _misfit(row: SyntheticRow, verdict: CompiledRow | None) -> tuple[str, str] | None:
    mismatch = off_spec(verdict, row.built, is_in_order=True) if verdict else None
    return ("off_spec", mismatch) if mismatch else None


def _synthetic_example(row: SyntheticRow, verdict: CompiledRow) -> ExampleRow:
    split = "test" if _is_test(row) else _train_or_validation(row.cluster_id)
    return ExampleRow(
        example_id=row.example_id,
        sha256=row.sha256,
        prompt=row.prompt,
        scad=row.scad,
        split=split,
        cluster_id=row.cluster_id,
        tier="synthetic",
        prompt_kind="synthetic",
        source="synth",
        license_spdx="CC0-1.0",
        license_tier="permissive",
        engine_id=verdict.engine_id,
        spec=row.spec,
        kind=row.kind,
        prompt_style=row.prompt_style,
        history=row.history,
        edit_kind=row.edit_kind,
        test_set=_TEST_SETS.get(row.part, row.part) if split == "test" else None,
        family=row.family,
        family_group=row.family_group,
        wording_pool=row.wording_pool,
        features=row.features,
    )


def _train_or_validation(cluster_id: str) -> str:
    """3 % of the training clusters are kept for validation."""
    return assign_split(cluster_id, seed=0, validation_share=0.03, test_share=0.0)


def off_spec(verdict: CompiledRow, spec: GeometrySpec, *, is_in_order: bool = False) -> str | None:
    """How a measured solid departs from what was asked; None if it doesn't. What the spec leaves open is free.

    Sides are compared sorted, since an answer may lie as it likes; in order for what we placed ourselves.
    """
    if spec.size_mm is not None:
        wanted, found = list(spec.size_mm), list(verdict.size_mm or ())
        if not is_in_order:
            wanted, found = sorted(wanted), sorted(found)
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


def leak_items(rows: Iterable[ExampleRow], evidence: Evidence) -> Iterator[LeakItem]:
    """What of the examples is compared: each answer with its request, and each source of a conversation before it.

    Keys are `example_id` and, for an earlier turn, `example_id/turn`. A request for a change says nothing of the part,
    so only first requests count.
    """
    for row in rows:
        verdict = evidence.verdicts.get(row.sha256)
        prompt = row.prompt if row.kind == "design" else None
        shape = verdict.shape if verdict else None
        yield LeakItem(row.example_id, row.scad, evidence.sketches.get(row.sha256), shape, prompt)
        for i, (key, turn) in enumerate(zip(history_keys(row.history), row.history, strict=True)):
            earlier = evidence.verdicts.get(key)
            yield LeakItem(
                f"{row.example_id}/{i}",
                turn.scad,
                evidence.sketches.get(key),
                earlier.shape if earlier else None,
                turn.prompt if i == 0 else None,
            )


def decontaminated(
    rows: Sequence[ExampleRow],
    evidence: Evidence,
    benchmarks: Sequence[Benchmark],
    *,
    depths: Sequence[str] = LEAK_DEPTHS,
) -> Examples:
    """The examples less those of train and validation that resemble a test example or an item of a benchmark.

    A generated test example that more than MAX_LEAKS of them resemble goes itself: some families have one long sweep
    for a source, and would leave training whole. `depths` for our own tests: where these ask for new values of known
    structures, near and masked must be left out.
    """
    by_id = {row.example_id: row for row in rows}
    reasons: dict[str, tuple[str, str]] = {}
    train = list(leak_items((row for row in rows if row.split != "test"), evidence))
    test = list(leak_items((row for row in rows if row.split == "test"), evidence))
    asking = train
    while leaks := find_leaks(asking, test, depths=depths):
        crowds = Counter(_example_id(leak.test_key) for leak in leaks)
        crowded = {t for t, n in crowds.items() if n > MAX_LEAKS and by_id[t].tier == "synthetic"}
        for leak in leaks:
            train_id, test_id = _example_id(leak.train_key), _example_id(leak.test_key)
            if test_id in crowded:
                reasons.setdefault(test_id, ("crowded_test", f"{crowds[test_id]} training examples resemble it"))
            else:
                reasons.setdefault(train_id, (f"leak_{leak.depth}", f"of test example {test_id}"))
        # the rest resembles nothing, and will not where the test has lost an example
        found = {leak.train_key for leak in leaks}
        asking = [item for item in _left(asking, reasons) if item.key in found]
        test = _left(test, reasons)
    for contamination in decontaminate(_left(train, reasons), benchmarks):
        detail = f"of {contamination.item_id} in {contamination.benchmark_id}"
        reasons.setdefault(_example_id(contamination.key), (f"leak_{contamination.depth}", detail))
    kept = [row for row in rows if row.example_id not in reasons]
    rejected = [
        RejectedRow(key, "decontaminate", reason, detail, by_id[key].source)
        for key, (reason, detail) in sorted(reasons.items())
    ]
    counts = dict(Counter(r.reason for r in rejected))
    return Examples(kept, rejected, FunnelStep("decontaminate", len(rows), len(kept), counts))


def _left(items: Iterable[LeakItem], dropped: Mapping[str, object]) -> list[LeakItem]:
    return [item for item in items if _example_id(item.key) not in dropped]


def _example_id(leak_key: str) -> str:
    return leak_key.split("/")[0]


def _digest(*texts: str) -> str:
    return hashlib.sha256("|".join(texts).encode("utf-8", errors="surrogatepass")).hexdigest()


def _numbers(values: Iterable[float]) -> str:
    return " x ".join(f"{v:.5g}" for v in values) or "none"
