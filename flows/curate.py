"""`crawled` and synthesis to `examples`: each source compiled once for an engine, then cleaned, deduplicated, split."""

from __future__ import annotations

import json
import logging
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact
from tqdm import tqdm

from corpus.card import FunnelStep, dataset_card, funnel_markdown
from corpus.examples import build_examples, examples_from_synth
from corpus.normalize import content_key
from corpus.rows import from_dict, to_dict
from corpus.schema import CompiledRow, CrawledRow
from corpus.store import Store
from corpus.starter import SYNTH_VERSION, SynthExample, family_names, sample_examples
from corpus.validate import CompileTarget, compile_rows, is_verdict, pending
from flows.rejections import replace_rejections
from flows.settings import Settings, load_settings
from flows.sources import failures
from render import open_engine

__all__ = ["Batch", "CurateReport", "build_dataset", "compile_batch", "curate_flow", "pending_batches"]

logger = logging.getLogger(__name__)

BATCH_SIZE = 500
"""Files a task: a kill -9 costs at most these. A file is never a task of its own: each is a row on Prefect's server."""

MIX_VERSION = 1
"""Goes up when `_sample` changes what it draws."""
CURATE_STAGES = frozenset({"clean", "license", "exact_dedup", "compile", "near_dedup", "caption", "synth"})
"""The stages whose rejections this module writes."""


@dataclass(frozen=True)
class Batch:
    """Sources that no table holds a verdict on yet, by content key."""

    origin: str
    """crawled | synth"""
    keys: tuple[str, ...]

    @property
    def n_files(self) -> int:
        return len(self.keys)


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


def engine_id(settings: Settings) -> str:
    """The id of the engine that the settings choose. Raises EngineMissing."""
    with open_engine(settings.engine, data_dir=settings.data_dir) as engine:
        return engine.engine_id


def synth_examples(settings: Settings) -> list[SynthExample]:
    """The synthetic designs of these settings: made once, then read back; the newest generator makes them anew."""
    sizes = f"train{settings.n_synth}-test{settings.n_test_prompts}"
    path = settings.data_dir / "synth" / f"v{SYNTH_VERSION}-mix{MIX_VERSION}-seed{settings.seed}-{sizes}.jsonl"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".tmp")
        with temporary.open("w") as f:
            f.writelines(json.dumps(to_dict(e)) + "\n" for e in _sample(settings))
        temporary.replace(path)
    return [from_dict(SynthExample, json.loads(line)) for line in path.read_text().splitlines()]


def _sample(settings: Settings) -> Iterator[SynthExample]:
    """Training and test parts; a test part never shares its values with a training part.

    Two in three for training are of families that the base has not seen; the others teach new wordings for known
    families, with a quarter in the base's own so that these are not forgotten. Half of the test is new families, the
    rest known families in the new wordings and in the base's own, and both in wordings that nothing teaches.
    """
    base, new = family_names("base"), family_names("new")
    n_new = settings.n_synth * 2 // 3
    n_known = settings.n_synth - n_new
    n_test = settings.n_test_prompts
    parts: list[tuple[int, tuple[str, ...], tuple[str, ...], str]] = [
        (n_new, new, ("base", "tune"), "train"),
        (n_known - n_known // 4, base, ("tune",), "train"),
        (n_known // 4, base, ("base",), "train"),
        (n_test - n_test * 3 // 16 * 2 - n_test // 8, new, ("base", "tune"), "test"),
        (n_test * 3 // 16, base, ("tune",), "test"),
        (n_test // 8, base, ("base",), "test"),
        (n_test * 3 // 16, base + new, ("held_out",), "test"),
    ]
    for number, (n, families, pools, split) in enumerate(parts):
        seed = settings.seed * len(parts) + number
        yield from sample_examples(n, seed=seed, families=families, wording_pools=pools, split=split)


def _targets(settings: Settings, origin: str) -> dict[str, CompileTarget]:
    """Every source of an origin by content key."""
    if origin == "synth":
        return {key: CompileTarget(key, e.scad) for e in synth_examples(settings) for key in (content_key(e.scad),)}
    rows: list[CrawledRow] = Store(settings.tables_dir).rows("crawled")
    return {r.sha256: CompileTarget(r.sha256, r.scad, r.companions) for r in rows if r.sha256 and r.scad is not None}


def pending_batches(settings: Settings) -> list[Batch]:
    """What this engine has given no verdict on yet, in batches. Raises EngineMissing."""
    store = Store(settings.tables_dir)
    engine = engine_id(settings)
    batches = []
    for origin in ("crawled", "synth"):
        keys = [t.sha256 for t in pending(store, list(_targets(settings, origin).values()), engine)]
        batches += [Batch(origin, tuple(keys[start : start + BATCH_SIZE])) for start in range(0, len(keys), BATCH_SIZE)]
    return batches


def compile_batch(settings: Settings, batch: Batch) -> int:
    """Compiles a batch and appends its verdicts; returns how many. Our own failures are left for the next run."""
    targets = _targets(settings, batch.origin)
    rows = compile_rows(
        [targets[key] for key in batch.keys],
        engine_name=settings.engine,
        n_workers=settings.n_workers_used,
        timeout_seconds=settings.compile_timeout_seconds,
        max_memory_bytes=settings.max_memory_bytes,
        data_dir=settings.data_dir,
    )
    verdicts = [r for r in rows if is_verdict(r)]
    Store(settings.tables_dir).append("compiled", verdicts)
    if len(verdicts) < batch.n_files:
        logger.warning("%d files met an engine failure: the next run tries them again", batch.n_files - len(verdicts))
    return len(verdicts)


def build_dataset(settings: Settings, *, n_compiled_now: int) -> CurateReport:
    """Publishes `examples` and `rejected` from everything compiled so far, and writes the card."""
    store = Store(settings.tables_dir)
    engine = engine_id(settings)
    crawled = store.rows("crawled")
    compiled: list[CompiledRow] = [r for r in store.rows("compiled") if r.engine_id == engine]
    real, rejected, funnel = build_examples(crawled, compiled, engine_id=engine, seed=settings.seed)
    synthetic, synth_rejected, synth_funnel = examples_from_synth(synth_examples(settings), compiled, engine_id=engine)
    examples, funnel = real + synthetic, funnel + synth_funnel
    version = store.replace("examples", examples)
    replace_rejections(settings.tables_dir, CURATE_STAGES, rejected + synth_rejected)
    card = settings.data_dir / "dataset" / "README.md"
    card.parent.mkdir(parents=True, exist_ok=True)
    card.write_text(dataset_card(examples, funnel=funnel, version=version, engine_id=engine))
    reasons = Counter(r.reason for r in store.rows("rejected"))
    return CurateReport(
        version=version,
        engine_id=engine,
        n_crawled=len(crawled),
        n_compiled_ok=sum(r.is_compiled for r in compiled),
        n_compiled_now=n_compiled_now,
        n_examples=len(examples),
        n_clusters=len({e.cluster_id for e in examples}),
        n_rejected_by_reason=dict(sorted(reasons.items())),
        funnel=funnel,
        card=str(card),
    )


@task(name="plan-compiles", retries=1)
def pending_batches_task(data_dir: Path) -> list[Batch]:
    return pending_batches(load_settings(data_dir=data_dir))


@task(name="compile-batch", retries=2, retry_delay_seconds=2, task_run_name="compile-{batch.origin}-{batch.n_files}")
def compile_batch_task(data_dir: Path, batch: Batch) -> int:
    return compile_batch(load_settings(data_dir=data_dir), batch)


@task(name="build-dataset", retries=1)
def build_dataset_task(data_dir: Path, n_compiled_now: int) -> CurateReport:
    return build_dataset(load_settings(data_dir=data_dir), n_compiled_now=n_compiled_now)


@flow(name="curate")
def curate_flow(data_dir: Path | None = None) -> CurateReport:
    """Compiles what is new in batches, then publishes a version of the data set with its funnel."""
    data_dir = load_settings(data_dir=data_dir).data_dir
    batches = pending_batches_task(data_dir)
    logger.info("%d files to compile", sum(b.n_files for b in batches))
    n_compiled = 0
    for batch in tqdm(batches, unit="batch", desc="compile", disable=not sys.stderr.isatty()):
        n_compiled += compile_batch_task(data_dir, batch)
        logger.info("compiled %d files, the last %d of %s", n_compiled, batch.n_files, batch.origin)
    report = build_dataset_task(data_dir, n_compiled)
    failed = "".join(f"\nLast crawl failed: {failure}\n" for failure in failures(load_settings(data_dir=data_dir)))
    table = funnel_markdown(report.funnel) + failed
    create_markdown_artifact(table, key="funnel", description="what became of every design")
    return report
