"""Publishes the data set: `examples` and `rejected` from everything that the tables hold, with card and report.

Covers reading, the order of the stages and writing; every choice is made in `corpus`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from corpus.card import FunnelStep
from corpus.cleaned import cleaner_id, crawled_id, newest_ids
from corpus.decontaminate import Benchmark, load_folder, load_jsonl
from corpus.examples import decontaminated, examples_from_designs, examples_from_edits, examples_from_synthetic
from corpus.leaks import LEAK_DEPTHS
from corpus.names import RecipeName
from corpus.rows import from_dict
from corpus.schema import CleanedRow, CompiledRow, CrawledRow, ExampleRow, SketchRow, SyntheticRow
from corpus.selection import Evidence, Selection, select_designs
from corpus.sketches import SKETCHER
from corpus.store import Store
from flows.batches import VERDICT_COLUMNS, engine_id, policy, recipes_used
from flows.captions import model_captions
from flows.card import write_card
from flows.rejections import replace_rejections
from flows.settings import Settings, SettingsError
from ml.self_answers import SELF_TIER, request_of

__all__ = ["CURATE_STAGES", "CurateReport", "build_dataset", "read_evidence", "registered_benchmarks"]

CURATE_STAGES = frozenset(
    {"clean", "license", "compile", "flatten", "exact_dedup", "near_dedup", "masked_dedup", "shape_dedup", "caption"}
    | {"synth", "edits", "decontaminate"}
)
"""The stages whose rejections this module writes."""
_STARTER_DEPTHS = ("exact", "shape", "text")
"""The starter's tests ask for new values of structures that it teaches: near and masked would call all of it a leak."""

_UNREAD: dict[str, Any] = {
    "scad": None,
    "companions": [],
    "includes": [],
    "provenance": {"crawler": "", "version": "", "run_id": ""},
}


@dataclass(frozen=True)
class CurateReport:
    """What the data set is now."""

    version: int
    engine_id: str
    n_crawled: int
    n_compiled_ok: int
    n_compiled_now: int
    """Files that this run compiled; 0 when a run finds nothing new."""
    n_examples: int
    n_clusters: int
    n_rejected_by_reason: dict[str, int]
    funnel: list[FunnelStep]
    card: str


def build_dataset(settings: Settings, *, n_compiled_now: int) -> CurateReport:
    """Publishes `examples` and `rejected` from everything compiled so far, and writes the card.

    Raises EngineMissing, StoreError, SettingsError.
    """
    store = Store(settings.tables_root)
    engine = engine_id(settings)
    evidence = read_evidence(store, engine)
    selection, n_crawled = _select(store, settings, evidence)
    captions = model_captions(store, settings)
    real = examples_from_designs(selection.designs, seed=settings.seed, captions=captions)
    generated, edits = _synthetic(store, settings, engine)
    stages = [real, examples_from_synthetic(generated, evidence.verdicts)]
    if edits:
        stages.append(examples_from_edits(edits, selection.designs, real.rows, evidence))
    rows = [row for stage in stages for row in stage.rows]
    rows += _self_answers(store, rows)
    depths = LEAK_DEPTHS if settings.recipe == RecipeName.FULL else _STARTER_DEPTHS
    stages.append(decontaminated(rows, evidence, registered_benchmarks(settings), depths=depths))
    examples = stages[-1].rows
    funnel = [*selection.steps, *(stage.step for stage in stages)]
    version = store.replace("examples", examples, shard_of=example_shard)
    rejected = [*selection.rejected, *(row for stage in stages for row in stage.rejected)]
    replace_rejections(settings.tables_root, CURATE_STAGES, rejected)
    card = write_card(settings, store, examples, funnel=funnel, version=version, engine_id=engine)
    reasons = Counter(row["reason"] for row in store.iter_rows("rejected", columns=("reason",)))
    return CurateReport(
        version=version,
        engine_id=engine,
        n_crawled=n_crawled,
        n_compiled_ok=sum(v.is_compiled for v in evidence.verdicts.values()),
        n_compiled_now=n_compiled_now,
        n_examples=len(examples),
        n_clusters=len({e.cluster_id for e in examples}),
        n_rejected_by_reason=dict(sorted(reasons.items())),
        funnel=funnel,
        card=str(card),
    )


def registered_benchmarks(settings: Settings) -> list[Benchmark]:
    """The benchmarks that the settings name. Raises SettingsError for one that can't be read."""
    found = []
    for path in settings.benchmarks:
        try:
            found.append(
                load_jsonl(path, benchmark_id=path.stem)
                if path.is_file()
                else load_folder(path, benchmark_id=path.name)
            )
        except (OSError, ValueError) as error:
            raise SettingsError(f"benchmark {path}: {error}") from error
    return found


def read_evidence(store: Store, engine: str) -> Evidence:
    verdicts = (
        from_dict(CompiledRow, row)
        for row in store.iter_rows("compiled", columns=VERDICT_COLUMNS)
        if row["engine_id"] == engine
    )
    rows: list[SketchRow] = [row for row in store.iter_rows("sketches") if row.sketcher == SKETCHER]
    return Evidence({v.sha256: v for v in verdicts}, {row.sha256: row for row in rows})


def _select(store: Store, settings: Settings, evidence: Evidence) -> tuple[Selection, int]:
    """The designs that stay, and how many rows were crawled."""
    crawled = dict(_crawled(store))
    newest = newest_ids((i, row.record_id, row.fetched_at) for i, row in crawled.items())
    cleaner = cleaner_id(policy(settings))
    rows: list[CleanedRow] = [
        row for row in store.iter_rows("cleaned") if row.cleaner == cleaner and row.crawled_id in newest
    ]
    rows.sort(key=lambda row: row.record_id)
    pairs = [(row, crawled[row.crawled_id]) for row in rows]
    return select_designs(pairs, evidence, n_superseded=len(crawled) - len(newest)), len(crawled)


def _crawled(store: Store) -> Iterator[tuple[str, CrawledRow]]:
    """Each crawled row by its id, without what `cleaned` has taken over: texts are most of a large table."""
    columns = [name for name in CrawledRow.__dataclass_fields__ if name not in _UNREAD]
    for row in store.iter_rows("crawled", columns=columns):
        yield crawled_id(row), from_dict(CrawledRow, row | _UNREAD)


def _synthetic(store: Store, settings: Settings, engine: str) -> tuple[list[SyntheticRow], list[SyntheticRow]]:
    """The rows of the recipe, and the edits of people's designs."""
    used = tuple(recipes_used(settings, engine))
    rows: list[SyntheticRow] = [row for row in store.iter_rows("synthetic") if row.recipe.startswith(used)]
    return [row for row in rows if row.of_crawled is None], [row for row in rows if row.of_crawled is not None]


def _self_answers(store: Store, rows: Sequence[ExampleRow]) -> list[ExampleRow]:
    """The self answers that `cad-copilot improve` left, of prompts that still are training's: no crawl gives them."""
    asked = {request_of(row) for row in rows if row.split == "train"}
    return [row for row in store.iter_rows("examples") if row.tier == SELF_TIER and request_of(row) in asked]


def example_shard(row: ExampleRow) -> str:
    """Real designs by source and their cluster's first digit, generated ones by family: few change in a night."""
    if row.tier == SELF_TIER:
        return row.source
    return f"{row.source}-{row.cluster_id[:1]}" if row.tier == "real" else f"synth-{row.family}"
