"""The work of curating in batches: clean, synthesize, compile, rework, sketch. Each is planned by what a table lacks.

A batch names some rows of a part of a table and the keys among them that have no result yet, so it is small to send,
reads one file, and gives the same rows wherever it runs. Where it begins is decided by the part alone, not by what is
done: its results are published at once, so a kill costs the batch in flight, and the next run plans the same one again.
Covers planning and doing; Prefect's tasks are in `flows.curate`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from corpus.cleaned import CRAWLED_KEY, cleaned_row, cleaner_id, crawled_id
from corpus.contents import contents_of, history_keys
from corpus.examples import subject_of
from corpus.license_tiers import LicensePolicy
from corpus.names import RecipeName
from corpus.recipe import Recipe, make_shard, recipe_of, shards_of
from corpus.rows import from_dict
from corpus.schema import CleanedRow, CompiledRow, CrawledRow, SyntheticRow, Turn
from corpus.sketches import SKETCHER, sketches
from corpus.source_edits import SOURCE_EDITS, edit_rows
from corpus.store import Part, Store
from corpus.validate import CompileTarget, compile_rows, is_verdict
from corpus.words import wordings
from flows.settings import Settings
from render import open_engine

__all__ = [
    "BATCH_SIZE",
    "STAGES",
    "VERDICT_COLUMNS",
    "Batch",
    "engine_id",
    "plan",
    "policy",
    "recipe",
    "recipes_used",
    "rework_recipe",
    "run_batch",
]

logger = logging.getLogger(__name__)

BATCH_SIZE = 500
"""Rows a batch: a kill -9 costs at most these. A file is no task of its own: each is a row on Prefect's server."""
STAGES = ("clean", "synthesize", "compile", "rework", "compile", "sketch")
"""In order: each stage's batches are planned once the stage before has ended. `rework` writes edits of the designs
that compiled; these are compiled then."""
VERDICT_COLUMNS = tuple(name for name in CompiledRow.__dataclass_fields__ if name != "thumbnail")


@dataclass(frozen=True)
class Batch:
    """Something to do that no table holds the result of."""

    stage: str
    table: str
    """Where the rows to work on lie; for `synthesize`, the shard's name."""
    keys: tuple[str, ...] = ()
    """crawled_id for `clean` and `rework`, sha256 for `compile` and `sketch`; empty for `synthesize`."""
    part: Part | None = None
    start: int = 0
    """The keys are of the BATCH_SIZE rows from this one on."""

    @property
    def n(self) -> int:
        return max(1, len(self.keys))


def policy(settings: Settings) -> LicensePolicy:
    return LicensePolicy(tiers=frozenset(settings.license_tiers))  # type: ignore[arg-type]


def recipe(settings: Settings) -> Recipe:
    return recipe_of(
        RecipeName(settings.recipe),
        seed=settings.seed,
        n_designs=settings.n_synth,
        n_chains=None if settings.n_chains < 0 else settings.n_chains,
        n_test=settings.n_test_prompts,
    )


def recipes_used(settings: Settings, engine: str) -> Iterator[str]:
    """How the recipes of the rows of `synthetic` that count now begin."""
    yield f"{recipe(settings).id}/"
    if settings.recipe == RecipeName.FULL:
        yield rework_recipe(settings, engine)


def engine_id(settings: Settings) -> str:
    """The id of the engine that the settings choose. Raises EngineMissing."""
    with open_engine(settings.engine, data_dir=settings.data_dir) as engine:
        return engine.engine_id


def plan(settings: Settings, stage: str) -> list[Batch]:
    """What a stage has still to do. Raises EngineMissing, StoreError."""
    store = Store(settings.tables_root)
    if stage == "clean":
        done = set(_column(store, "cleaned", "crawled_id", cleaner=cleaner_id(policy(settings))))
        return list(_batches(store, stage, "crawled", CRAWLED_KEY, lambda row: [crawled_id(row)], done))
    if stage == "synthesize":
        made = {row["recipe"] for row in store.iter_rows("synthetic", columns=("recipe",))}
        return [Batch(stage, shard.name) for shard in shards_of(recipe(settings)) if shard.name not in made]
    engine = engine_id(settings)
    if stage == "compile":
        known = set(_column(store, "compiled", "sha256", engine_id=engine))
        contents = list(_plan_contents(store, settings, stage, engine, known))
        return [*contents, *_plan_originals(store, settings, known)]
    if stage == "rework":
        return list(_plan_rework(store, settings, engine)) if settings.recipe == RecipeName.FULL else []
    known = set(_column(store, "sketches", "sha256", sketcher=SKETCHER))
    return list(_plan_contents(store, settings, stage, engine, known))


def run_batch(settings: Settings, batch: Batch) -> int:
    """Does a batch and publishes what came of it; returns how many rows. Raises EngineMissing, StoreError."""
    store = Store(settings.tables_root)
    if batch.stage == "synthesize":
        (shard,) = (s for s in shards_of(recipe(settings)) if s.name == batch.table)
        rows = make_shard(shard)
        store.append("synthetic", rows)
        return len(rows)
    if batch.stage == "clean":
        wanted = set(batch.keys)
        crawled = [row for row in _rows(store, batch, CrawledRow) if crawled_id(row) in wanted]
        store.append("cleaned", [cleaned_row(row, policy(settings)) for row in crawled])
        return len(crawled)
    if batch.stage == "rework":
        store.append("synthetic", _edits(settings, store, batch))
        return batch.n
    if batch.stage == "sketch":
        contents = _contents(store, batch)
        store.append("sketches", sketches(contents.values(), sha256s=contents.keys()))
        return len(contents)
    return _compile(settings, store, batch)


def rework_recipe(settings: Settings, engine: str) -> str:
    """What edits of other people's designs hang on."""
    return f"{SOURCE_EDITS}/{cleaner_id(policy(settings))}/{engine}"


def _compile(settings: Settings, store: Store, batch: Batch) -> int:
    """Our own failures are left for the next run."""
    rows = compile_rows(
        _targets(store, batch),
        engine_name=settings.engine,
        n_workers=settings.n_workers_used,
        timeout_seconds=settings.compile_timeout_seconds,
        max_memory_bytes=settings.max_memory_bytes,
        data_dir=settings.data_dir,
    )
    verdicts = [row for row in rows if is_verdict(row)]
    store.append("compiled", verdicts)
    if len(verdicts) < batch.n:
        logger.warning("%d files met an engine failure: the next run tries them again", batch.n - len(verdicts))
    return len(verdicts)


def _targets(store: Store, batch: Batch) -> list[CompileTarget]:
    if batch.table != "crawled":
        return [CompileTarget(key, scad) for key, scad in _contents(store, batch).items()]
    found = {row.sha256: row for row in _rows(store, batch, CrawledRow)}
    return [CompileTarget(key, found[key].scad or "", found[key].companions) for key in batch.keys]


def _contents(store: Store, batch: Batch) -> dict[str, str]:
    """The sources of a batch by key, in the order of its keys."""
    rows = _rows(store, batch, CleanedRow if batch.table == "cleaned" else SyntheticRow)
    found = {key: scad for row in rows for key, scad in contents_of(row)}
    return {key: found[key] for key in batch.keys}


def _edits(settings: Settings, store: Store, batch: Batch) -> list[SyntheticRow]:
    """Changes of the designs of a batch, each told as a turn after a request for the design."""
    engine = engine_id(settings)
    wanted = set(batch.keys)
    cleaned = [row for row in _rows(store, batch, CleanedRow) if row.crawled_id in wanted]
    verdicts = _verdicts(store, engine, [row.sha256 for row in cleaned])
    edits: list[SyntheticRow] = []
    for row in cleaned:
        verdict = verdicts[row.sha256]
        if texts := wordings(subject_of(row, verdict), seed=row.sha256):
            own = rework_recipe(settings, engine)
            edits += edit_rows(row.crawled_id, texts[0].prompt, row.scad, verdict, recipe=own)
    return edits


def _verdicts(store: Store, engine: str, keys: Sequence[str]) -> dict[str, CompiledRow]:
    wanted = pa.array(keys)
    found: dict[str, CompiledRow] = {}
    for part in _parts(store, "compiled"):
        for records in store.read_part("compiled", part, columns=VERDICT_COLUMNS):
            is_asked = pc.and_(pc.is_in(records["sha256"], wanted), pc.equal(records["engine_id"], engine))
            found |= {row["sha256"]: from_dict(CompiledRow, row) for row in records.filter(is_asked).to_pylist()}
    return found


def _plan_contents(store: Store, settings: Settings, stage: str, engine: str, known: set[str]) -> Iterator[Batch]:
    """Batches for every content of `cleaned` and `synthetic` that is used now and not known; each content once."""
    cleaner, recipes = cleaner_id(policy(settings)), tuple(recipes_used(settings, engine))

    def cleaned_keys(row: Mapping[str, Any]) -> list[str]:
        return [row["sha256"]] if row["cleaner"] == cleaner and row["sha256"] else []

    def synthetic_keys(row: Mapping[str, Any]) -> list[str]:
        if not row["recipe"].startswith(recipes):
            return []
        return [row["sha256"], *history_keys(tuple(Turn(**turn) for turn in row["history"]))]

    yield from _batches(store, stage, "cleaned", ("cleaner", "sha256"), cleaned_keys, known)
    yield from _batches(store, stage, "synthetic", ("recipe", "sha256", "history"), synthetic_keys, known)


def _plan_originals(store: Store, settings: Settings, known: set[str]) -> Iterator[Batch]:
    """Designs with companions as they were crawled: what their flattened sources must measure like."""
    cleaner, columns = cleaner_id(policy(settings)), ("crawled_id", "cleaner", "is_flattened")
    flattened = {
        row["crawled_id"]
        for row in store.iter_rows("cleaned", columns=columns)
        if row["is_flattened"] and row["cleaner"] == cleaner
    }

    def keys(row: Mapping[str, Any]) -> list[str]:
        return [row["sha256"]] if row["sha256"] and crawled_id(row) in flattened else []

    if flattened:
        yield from _batches(store, "compile", "crawled", CRAWLED_KEY, keys, known)


def _plan_rework(store: Store, settings: Settings, engine: str) -> Iterator[Batch]:
    """Designs that compile strict and have no edits yet. One that allows of none is looked at again each time."""
    cleaner = cleaner_id(policy(settings))
    done = set(_column(store, "synthetic", "of_crawled", recipe=rework_recipe(settings, engine)))
    strict = set(_column(store, "compiled", "sha256", engine_id=engine, is_strict=True))

    def keys(row: Mapping[str, Any]) -> list[str]:
        return [row["crawled_id"]] if row["cleaner"] == cleaner and row["sha256"] in strict else []

    yield from _batches(store, "rework", "cleaned", ("crawled_id", "cleaner", "sha256"), keys, done)


def _batches(
    store: Store,
    stage: str,
    table: str,
    columns: Sequence[str],
    keys_of: Callable[[Mapping[str, Any]], Iterable[str]],
    known: set[str],
) -> Iterator[Batch]:
    """Every BATCH_SIZE rows of each part in which there is a key not known; what is planned is known from then on."""
    for part in _parts(store, table):
        rows = (row for records in store.read_part(table, part, columns=columns) for row in records.to_pylist())
        for start in range(0, part.n_rows, BATCH_SIZE):
            window = islice(rows, BATCH_SIZE)
            keys = tuple(dict.fromkeys(key for row in window for key in keys_of(row) if key not in known))
            known.update(keys)
            if keys:
                yield Batch(stage, table, keys, part, start)


def _rows(store: Store, batch: Batch, row_type: type) -> Iterator[Any]:
    """The rows that a batch's keys are of."""
    if batch.part is None:
        raise ValueError(f"a batch of {batch.stage} needs a part")
    seen, end = 0, batch.start + BATCH_SIZE
    for records in store.read_part(batch.table, batch.part):
        start, stop = max(batch.start - seen, 0), min(end - seen, len(records))
        if start < stop:
            yield from (from_dict(row_type, row) for row in records.slice(start, stop - start).to_pylist())
        seen += len(records)
        if seen >= end:
            return


def _column(store: Store, table: str, column: str, **wanted: str | bool) -> Iterator[str]:
    """A column of the rows that have these values in others."""
    for part in _parts(store, table):
        for records in store.read_part(table, part, columns=(column, *wanted)):
            for name, value in wanted.items():
                records = records.filter(pc.equal(records[name], value))
            yield from records[column].to_pylist()


def _parts(store: Store, table: str) -> tuple[Part, ...]:
    manifest = store.manifest(table)
    return manifest.parts if manifest else ()
