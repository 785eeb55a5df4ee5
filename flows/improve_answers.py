"""The answers of a round of self-improvement: sampled, scored, chosen, checked for leaks, published as tier `self`.

Samples are written batch by batch, each seeded by itself, so a killed round ends with the same. Verdicts, shapes and
sketches of what passed go into curate's own tables, and the checks for leaks are curate's. What is chosen is
`ml.self_answers`' business.
"""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from corpus.card import FunnelStep
from corpus.decontaminate import decontaminate
from corpus.examples import STARTER_DEPTHS, examples_from_synthetic, leak_items
from corpus.leaks import LEAK_DEPTHS, find_leaks
from corpus.names import RecipeName
from corpus.normalize import content_key
from corpus.recipe import make_shard, recipe_of, shards_of
from corpus.schema import ExampleRow, GenerationRow, RejectedRow
from corpus.selection import Evidence
from corpus.sketches import SKETCHER, sketch_of, sketches
from corpus.store import Store
from corpus.validate import CompileTarget, compile_rows, is_verdict
from flows.batches import engine_id
from flows.build import read_evidence, registered_benchmarks
from flows.errors import NoData
from flows.evaluate import score_with
from flows.finetune import train_config
from flows.improve_report import AnswerReport
from flows.improve_round import ImproveRequest, Round, folder_of, publish
from flows.rejections import replace_rejections
from flows.settings import Settings
from ml.evaluate import ScoredGeneration, contact_sheet, generation_row
from ml.metrics import has_numbers
from ml.self_answers import (
    SELF_SOURCE,
    SELF_TIER,
    Answer,
    Novelty,
    choose_answers,
    pick_prompts,
    request_of,
    self_row,
    within_share,
)

__all__ = ["answer", "draw_samples", "prompts_of", "score_answers"]

logger = logging.getLogger(__name__)

SAMPLE_BATCH = 32
"""Prompts between two writes to the table: what a kill -9 costs."""


def answer(settings: Settings, request: ImproveRequest, round_: Round) -> AnswerReport:
    """Samples answers to training prompts, keeps the right and new ones, publishes them as tier `self`."""
    store = Store(settings.tables_root)
    rows: list[ExampleRow] = store.rows("examples", round_.examples_version)
    prompts = prompts_of(settings, request, round_, rows)
    if not prompts:
        raise NoData("no training prompt gives a size in numbers: run `cad-copilot curate` with more examples first")
    generations = draw_samples(settings, request, round_, prompts, Path(round_.parent_adapter), round_.parent_model_id)
    scored = score_answers(settings, generations, prompts)
    passed = [s for s in scored if _passes(s)]
    evidence = _learn(settings, [*(s.generation.scad or "" for s in passed), *(e.scad for e in prompts)])
    steps = [_gate_step(scored, passed)]
    kept, dropped = _choose(request, rows, prompts, passed, evidence)
    steps.append(_step("choose", len(passed), dropped))
    kept, leaky = _without_leaks(settings, round_, rows, kept, evidence, request.temperature)
    steps.append(_step("decontaminate", steps[-1].n_out, leaky))
    n_self = sum(row.tier == SELF_TIER and row.split == "train" for row in rows)
    n_others = sum(row.split == "train" for row in rows) - n_self
    n_before = len(kept)
    kept, over = within_share(kept, n_others=n_others, n_self=n_self, max_share=request.max_self_share)
    steps.append(_step("share", n_before, [(a, "over_share", None) for a in over]))
    new = _rows_of(settings, round_, [a for a, _ in kept], request.temperature)
    lost = [*dropped, *leaky, *((a, "over_share", None) for a in over)]
    rejected = [RejectedRow(a.generation.generation_id, "improve", why, detail, SELF_SOURCE) for a, why, detail in lost]
    replace_rejections(settings.tables_root, frozenset({"improve"}), rejected)
    version = publish(settings, round_, rows, new)
    sheet = folder_of(settings, round_.key) / "kept.png"
    shown = {a.generation.generation_id for a, _ in kept}
    if tiles := [s for s in scored if s.generation.generation_id in shown]:
        sheet.write_bytes(contact_sheet(tiles, title=f"round {round_.n_round}: {len(tiles)} answers kept"))
    novelties = Counter(novelty for _, novelty in kept)
    logger.info("round %d: %d of %d answers kept", round_.n_round, len(new), len(generations))
    return AnswerReport(
        n_prompts=len(prompts),
        n_answers=len(generations),
        n_equal=sum(why == "equal_to_reference" for _, why, _ in dropped),
        n_kept=len(new),
        n_by_novelty={n.name.lower(): novelties[n] for n in Novelty},
        self_share=(n_self + len(new)) / max(1, n_others + n_self + len(new)),
        funnel=steps,
        examples_version=version,
        contact_sheet=str(sheet) if tiles else None,
    )


Dropped = tuple[Answer, str, str | None]
"""With reason and detail."""


def _step(stage: str, n_in: int, dropped: Sequence[Dropped]) -> FunnelStep:
    return FunnelStep(stage, n_in, n_in - len(dropped), dict(Counter(why for _, why, _ in dropped)))


def _passes(scored: ScoredGeneration) -> bool:
    """Every gate; the spec too, where the prompt gives numbers. What was cut off is no whole answer."""
    is_asked = has_numbers(scored.spec)
    is_whole = scored.generation.finish_reason == "stop"
    return is_whole and scored.score.is_strict and (scored.score.is_spec_passed or not is_asked)


def _gate_step(scored: Sequence[ScoredGeneration], passed: Sequence[ScoredGeneration]) -> FunnelStep:
    def reason(s: ScoredGeneration) -> str:
        if s.generation.finish_reason != "stop":
            return "cut_off"
        if not s.score.is_compiled:
            return s.score.status if s.score.status not in ("ok", "warning") else "bad_mesh"
        return "off_spec" if s.score.is_strict else "not_strict"

    return FunnelStep("gates", len(scored), len(passed), dict(Counter(reason(s) for s in scored if not _passes(s))))


def prompts_of(
    settings: Settings, request: ImproveRequest, round_: Round, rows: Sequence[ExampleRow]
) -> list[ExampleRow]:
    """Training prompts of the examples, and fresh ones whose own sources measure what they promise."""
    fresh: list[ExampleRow] = []
    if request.n_fresh:
        # seeds that no data set of ours begins with: the generator's own training parts, with other numbers
        seed = 100_000 + 1000 * settings.seed + round_.n_round
        recipe = recipe_of(RecipeName(settings.recipe), seed=seed, n_designs=request.n_fresh, n_chains=0, n_test=1)
        made = [row for shard in shards_of(recipe) for row in make_shard(shard) if row.part == "train"]
        evidence = _learn(settings, [row.scad for row in made])
        fresh = examples_from_synthetic(made, evidence.verdicts).rows
    known = {request_of(row) for row in rows}
    n_round, seed = round_.n_round, settings.seed
    picked = pick_prompts(rows, request.n_prompts, seed=seed, n_round=n_round)
    new = [row for row in fresh if request_of(row) not in known]
    return [*picked, *pick_prompts(new, request.n_fresh, seed=seed, n_round=n_round)]


def draw_samples(
    settings: Settings,
    request: ImproveRequest,
    round_: Round,
    prompts: Sequence[ExampleRow],
    adapter: Path,
    model_id: str,
) -> list[GenerationRow]:
    """A model's samples, prompt by prompt: those that the table holds, and missing batches, each seeded by itself."""
    store = Store(settings.tables_root)
    name = f"improve-{round_.key}"
    done: dict[str, list[GenerationRow]] = defaultdict(list)
    for row in store.iter_rows("generations"):
        if (row.model_id, row.prompt_set_id) == (model_id, name):
            done[row.prompt_id].append(row)
    generator: Any = None
    for start in range(0, len(prompts), SAMPLE_BATCH):
        batch = prompts[start : start + SAMPLE_BATCH]
        if all(len(done[e.example_id]) == request.n_samples for e in batch):
            continue
        if generator is None:
            from ml.generate import Generator

            generator = Generator(settings.base_model or train_config(settings).base_model, adapter)
        seed = settings.seed * 1_000_003 + round_.n_round * 10_007 + start
        completions = generator.generate(
            [e.prompt for e in batch],
            histories=[[(turn.prompt, turn.scad) for turn in e.history] for e in batch],
            temperature=request.temperature,
            n_samples=request.n_samples,
            seed=seed,
        )
        for i, completion in enumerate(completions):
            example, index = batch[i // request.n_samples], i % request.n_samples
            row = generation_row(
                example, completion, model_id=model_id, prompt_set_id=name, seed=seed, sample_index=index
            )
            done[example.example_id].append(row)
        store.append("generations", [row for e in batch for row in done[e.example_id]])
        logger.info("%s: %d of %d prompts answered", model_id, start + len(batch), len(prompts))
    return [row for e in prompts for row in sorted(done[e.example_id], key=lambda row: row.sample_index)]


def score_answers(
    settings: Settings, generations: Sequence[GenerationRow], prompts: Sequence[ExampleRow]
) -> list[ScoredGeneration]:
    scored = score_with(settings, generations, prompts)
    Store(settings.tables_root).append("scores", [s.score for s in scored])
    return scored


def _learn(settings: Settings, sources: Iterable[str]) -> Evidence:
    """What is known of all contents, these sources too: verdict, shape and sketch, kept as curate keeps them."""
    store, engine = Store(settings.tables_root), engine_id(settings)
    by_key = {content_key(scad): scad for scad in sources}
    targets = [CompileTarget(key, by_key[key]) for key, _ in store.missing("compiled", [(k, engine) for k in by_key])]
    verdicts = compile_rows(
        targets,
        engine_name=settings.engine,
        n_workers=settings.n_workers_used,
        timeout_seconds=settings.compile_timeout_seconds,
        max_memory_bytes=settings.max_memory_bytes,
        data_dir=settings.data_dir,
    )
    store.append("compiled", [row for row in verdicts if is_verdict(row)] if targets else [])
    keys = [key for key, _ in store.missing("sketches", [(k, SKETCHER) for k in by_key])]
    store.append("sketches", sketches([by_key[key] for key in keys], sha256s=keys))
    return read_evidence(store, engine)


def _choose(
    request: ImproveRequest,
    rows: Sequence[ExampleRow],
    prompts: Sequence[ExampleRow],
    passed: Sequence[ScoredGeneration],
    evidence: Evidence,
) -> tuple[list[tuple[Answer, Novelty]], list[Dropped]]:
    by_id = {example.example_id: example for example in prompts}

    def shape_of(key: str) -> tuple[float, ...] | None:
        verdict = evidence.verdicts.get(key)
        return verdict.shape if verdict else None

    answers = []
    for s in passed:
        scad = s.generation.scad or ""
        key = content_key(scad)
        answers.append(Answer(by_id[s.generation.prompt_id], s.generation, scad, evidence.sketches[key], shape_of(key)))
    references = {
        e.example_id: (evidence.sketches.get(e.sha256) or sketch_of(e.scad), shape_of(e.sha256)) for e in prompts
    }
    known: dict[tuple[str, ...], frozenset[str]] = defaultdict(frozenset)
    for row in rows:
        if row.tier == SELF_TIER:
            known[request_of(row)] |= {(evidence.sketches.get(row.sha256) or sketch_of(row.scad)).exact_key}
    chosen = choose_answers(answers, references, n_per_prompt=request.n_kept_per_prompt, known=known)
    return chosen.kept, [(answer, reason, None) for answer, reason in chosen.dropped]


def _rows_of(settings: Settings, round_: Round, answers: Sequence[Answer], temperature: float) -> list[ExampleRow]:
    engine = engine_id(settings)
    return [
        self_row(a, engine_id=engine, round_key=round_.key, n_round=round_.n_round, temperature=temperature)
        for a in answers
    ]


def _without_leaks(
    settings: Settings,
    round_: Round,
    rows: Sequence[ExampleRow],
    kept: Sequence[tuple[Answer, Novelty]],
    evidence: Evidence,
    temperature: float,
) -> tuple[list[tuple[Answer, Novelty]], list[Dropped]]:
    """Less what resembles a test example or a benchmark's item, by curate's checks. No test example goes for it."""
    made = _rows_of(settings, round_, [a for a, _ in kept], temperature)
    items = list(leak_items(made, evidence))
    tests = list(leak_items((row for row in rows if row.split == "test"), evidence))
    depths = LEAK_DEPTHS if settings.recipe == RecipeName.FULL else STARTER_DEPTHS
    why: dict[str, tuple[str, str]] = {}
    for leak in find_leaks(items, tests, depths=depths):
        why.setdefault(leak.train_key.split("/")[0], (f"leak_{leak.depth}", f"of test example {leak.test_key}"))
    for hit in decontaminate(items, registered_benchmarks(settings)):
        detail = f"of {hit.item_id} in {hit.benchmark_id}"
        why.setdefault(hit.key.split("/")[0], (f"leak_{hit.depth}", detail))
    pairs = list(zip(kept, made, strict=True))
    left = [item for item, row in pairs if row.example_id not in why]
    return left, [(item[0], *why[row.example_id]) for item, row in pairs if row.example_id in why]
