"""The work of curating in batches: clean, synthesize, compile, rework, sketch. Each is planned by what a table lacks.

A batch names a part of a table and the keys in it that have no result yet, so it is small to send, reads one file,
and gives the same rows wherever it runs. Its results are published at once: a kill costs the batch in flight, and the
next run plans the same one again. Covers planning and doing; Prefect's tasks are in `flows.curate`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from corpus.cleaned import CRAWLED_KEY, cleaned_row, cleaner_id, crawled_id
from corpus.contents import contents_of
from corpus.examples import subject_of
from corpus.license_tiers import LicensePolicy
from corpus.names import RecipeName
from corpus.recipe import Recipe, make_shard, recipe_of, shards_of
from corpus.rows import from_dict
from corpus.schema import CleanedRow, CompiledRow, CrawledRow, SyntheticRow
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
    "rework_recipe",
    "run_batch",
]

logger = logging.getLogger(__name__)

BATCH_SIZE = 500
"""Files a batch: a kill -9 costs at most these. A file is no task of its own: each is a row on Prefect's server."""
STAGES = ("clean", "synthesize", "compile", "rework", "compile", "sketch")
"""In order: each stage's batches are planned once the stage before has ended. `rework` writes edits of the designs
that compiled; these are compiled then."""
VERDICT_COLUMNS = tuple(name for name in CompiledRow.__dataclass_fields__ if name != "thumbnail")
_CONTENT_TABLES: dict[str, type[CleanedRow] | type[SyntheticRow]] = {"cleaned": CleanedRow, "synthetic": SyntheticRow}


@dataclass(frozen=True)
class Batch:
    """Something to do that no table holds the result of."""

    stage: str
    table: str
    """Where the rows to work on lie; for `synthesize`, the shard's name."""
    part: Part | None
    keys: tuple[str, ...]
    """crawled_id for `clean`, sha256 for `compile` and `sketch`; empty for `synthesize`."""

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


def engine_id(settings: Settings) -> str:
    """The id of the engine that the settings choose. Raises EngineMissing."""
    with open_engine(settings.engine, data_dir=settings.data_dir) as engine:
        return engine.engine_id


def plan(settings: Settings, stage: str) -> list[Batch]:
    """What a stage has still to do. Raises EngineMissing, StoreError."""
    store = Store(settings.tables_root)
    if stage == "clean":
        return list(_plan_clean(store, cleaner_id(policy(settings))))
    if stage == "synthesize":
        done = {row["recipe"] for row in store.iter_rows("synthetic", columns=("recipe",))}
        names = (shard.name for shard in shards_of(recipe(settings)))
        return [Batch(stage, name, None, ()) for name in names if name not in done]
    if stage == "compile":
        engine = engine_id(settings)
        known = {row["sha256"] for row in _rows_of(store, "compiled", "engine_id", engine)}
        return [*_plan_contents(store, settings, stage, known), *_plan_originals(store, settings, known)]
    if stage == "rework":
        return list(_plan_rework(store, settings))
    known = {row["sha256"] for row in _rows_of(store, "sketches", "sketcher", SKETCHER)}
    return list(_plan_contents(store, settings, stage, known))


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
        crawled = [row for row in _part_rows(store, batch, CrawledRow) if crawled_id(row) in wanted]
        store.append("cleaned", [cleaned_row(row, policy(settings)) for row in crawled])
        return len(crawled)
    if batch.stage == "rework":
        rows = _edits(settings, store, batch)
        store.append("synthetic", rows)
        return len(batch.keys)
    if batch.stage == "sketch":
        contents = _contents(store, batch)
        store.append("sketches", sketches(contents.values(), sha256s=contents.keys()))
        return len(contents)
    return _compile(settings, store, batch)


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


def _edits(settings: Settings, store: Store, batch: Batch) -> list[SyntheticRow]:
    """Changes of the designs of a batch, each told as a turn after a request for the design."""
    engine = engine_id(settings)
    wanted = set(batch.keys)
    cleaned = [row for row in _part_rows(store, batch, CleanedRow) if row.crawled_id in wanted]
    keys = {row.sha256 for row in cleaned}
    verdicts = {
        row["sha256"]: from_dict(CompiledRow, row)
        for row in store.iter_rows("compiled", columns=VERDICT_COLUMNS)
        if row["sha256"] in keys and row["engine_id"] == engine
    }
    edits: list[SyntheticRow] = []
    for row in cleaned:
        verdict = verdicts[row.sha256]
        if texts := wordings(subject_of(row, verdict), seed=row.sha256):
            edits += edit_rows(
                row.crawled_id, texts[0].prompt, row.scad, verdict, recipe=rework_recipe(settings, engine)
            )
    return edits


def rework_recipe(settings: Settings, engine: str) -> str:
    """What edits of other people's designs hang on."""
    return f"{SOURCE_EDITS}/{cleaner_id(policy(settings))}/{engine}"


def _plan_rework(store: Store, settings: Settings) -> Iterator[Batch]:
    """Designs that compile strict and have no edits yet. One that allows of none is looked at again each time."""
    if settings.recipe != RecipeName.FULL:
        return
    engine, cleaner = engine_id(settings), cleaner_id(policy(settings))
    own = rework_recipe(settings, engine)
    done = {row["of_crawled"] for row in _rows_of(store, "synthetic", "recipe", own, "of_crawled")}
    columns = ("sha256", "engine_id", "is_strict")
    strict = {
        row["sha256"]
        for row in store.iter_rows("compiled", columns=columns)
        if row["engine_id"] == engine and row["is_strict"]
    }
    columns = ("crawled_id", "cleaner", "sha256")
    for part in _parts(store, "cleaned"):
        keys = (
            row["crawled_id"]
            for records in store.read_part("cleaned", part, columns=columns)
            for row in records.to_pylist()
            if row["cleaner"] == cleaner and row["sha256"] in strict and row["crawled_id"] not in done
        )
        yield from _batches("rework", "cleaned", part, keys)


def _targets(store: Store, batch: Batch) -> list[CompileTarget]:
    if batch.table != "crawled":
        return [CompileTarget(key, scad) for key, scad in _contents(store, batch).items()]
    wanted = dict.fromkeys(batch.keys)
    found = {row.sha256: row for row in _part_rows(store, batch, CrawledRow) if row.sha256 in wanted}
    return [CompileTarget(key, found[key].scad or "", found[key].companions) for key in wanted if key in found]


def _contents(store: Store, batch: Batch) -> dict[str, str]:
    """The sources of a batch by key, in the order of its keys."""
    wanted = set(batch.keys)
    found: dict[str, str] = {}
    for row in _part_rows(store, batch, _CONTENT_TABLES[batch.table]):
        found |= {key: scad for key, scad in contents_of(row) if key in wanted}
    return {key: found[key] for key in batch.keys}


def _part_rows(store: Store, batch: Batch, row_type: type) -> Iterator:  # type: ignore[type-arg]
    if batch.part is None:
        raise ValueError(f"a batch of {batch.stage} needs a part")
    for records in store.read_part(batch.table, batch.part):
        for row in records.to_pylist():
            yield from_dict(row_type, row)


def _plan_clean(store: Store, cleaner: str) -> Iterator[Batch]:
    done = {row["crawled_id"] for row in _rows_of(store, "cleaned", "cleaner", cleaner, "crawled_id")}
    for part in _parts(store, "crawled"):
        ids = [
            crawled_id(row)
            for records in store.read_part("crawled", part, columns=CRAWLED_KEY)
            for row in records.to_pylist()
        ]
        yield from _batches("clean", "crawled", part, (i for i in ids if i not in done))


def _plan_contents(store: Store, settings: Settings, stage: str, known: set[str]) -> Iterator[Batch]:
    """Batches for every content of `cleaned` and `synthetic` that is used now; each content once."""
    cleaner, recipes = cleaner_id(policy(settings)), (f"{recipe(settings).id}/", f"{SOURCE_EDITS}/")
    known = set(known)
    for table, row_type in _CONTENT_TABLES.items():
        for part in _parts(store, table):
            keys: dict[str, None] = {}
            for records in store.read_part(table, part):
                for record in records.to_pylist():
                    row = from_dict(row_type, record)
                    if _is_current(row, cleaner, recipes):
                        keys |= {key: None for key, _ in contents_of(row) if key not in known}
            known.update(keys)
            yield from _batches(stage, table, part, keys)


def _is_current(row: CleanedRow | SyntheticRow, cleaner: str, recipes: tuple[str, ...]) -> bool:
    return row.cleaner == cleaner if isinstance(row, CleanedRow) else row.recipe.startswith(recipes)


def _plan_originals(store: Store, settings: Settings, known: set[str]) -> Iterator[Batch]:
    """Designs with companions as they were crawled: what their flattened sources must measure like."""
    cleaner = cleaner_id(policy(settings))
    columns = ("crawled_id", "cleaner", "is_flattened")
    flattened = {
        row["crawled_id"]
        for row in store.iter_rows("cleaned", columns=columns)
        if row["is_flattened"] and row["cleaner"] == cleaner
    }
    for part in _parts(store, "crawled") if flattened else ():
        keys = {
            row["sha256"]: None
            for records in store.read_part("crawled", part, columns=CRAWLED_KEY)
            for row in records.to_pylist()
            if row["sha256"] not in known and crawled_id(row) in flattened
        }
        yield from _batches("compile", "crawled", part, keys)


def _rows_of(store: Store, table: str, column: str, value: str, key: str = "sha256") -> Iterator[dict[str, str]]:
    return (row for row in store.iter_rows(table, columns=(key, column)) if row[column] == value)


def _parts(store: Store, table: str) -> tuple[Part, ...]:
    manifest = store.manifest(table)
    return manifest.parts if manifest else ()


def _batches(stage: str, table: str, part: Part, keys: Iterable[str]) -> Iterator[Batch]:
    rest = iter(keys)
    while chunk := tuple(islice(rest, BATCH_SIZE)):
        yield Batch(stage, table, part, chunk)
