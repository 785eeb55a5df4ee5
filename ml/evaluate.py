"""The scorer: answers to held-out prompts, compiled, measured and compared with what was asked.

Gates in order: extracted, compiled, strict, then the spec. Every generation asked for gets a score. A failure of our
own (`engine_error`) is tried once more and then ends the evaluation: it never counts as the model's 0. An edit that
hands back the source it was given fails its spec. Covers single-shot answers to prompts whose geometry is known in
numbers; reference meshes are not here yet.
"""

from __future__ import annotations

import hashlib
import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from corpus.normalize import content_key
from corpus.schema import ExampleRow, GenerationRow, GeometrySpec, ScoreRow
from ml.chat import extract_scad
from ml.generate import Completion, Generator
from ml.metrics import Rates, rates, spec_checks
from render import CompileJob, CompileResult, Status, compile_many, open_engine

__all__ = [
    "NOT_EXTRACTED",
    "SCORER_VERSION",
    "EvaluationFailed",
    "ScoredGeneration",
    "TableEntry",
    "contact_sheet",
    "flat_metrics",
    "generate_for",
    "generation_row",
    "prompt_set_id",
    "score",
    "summary",
    "table",
]

log = logging.getLogger(__name__)

SCORER_VERSION = "2"
NOT_EXTRACTED = "not_extracted"
"""The status of a generation that holds no source."""
_N_TILES = 48


class EvaluationFailed(Exception):
    """Our own failure, which must not count against a model; the message names it."""


@dataclass(frozen=True)
class ScoredGeneration:
    generation: GenerationRow
    score: ScoreRow
    spec: GeometrySpec
    """What was asked."""
    stl: bytes | None


@dataclass(frozen=True)
class TableEntry:
    """One line of the table a person filters on a run's page."""

    prompt_id: str
    group: str
    family: str | None
    prompt: str
    status: str
    is_compiled: bool
    is_strict: bool
    is_spec_passed: bool
    asked: str
    measured: str
    finish_reason: str
    scad: str | None


def prompt_set_id(name: str, examples: Sequence[ExampleRow]) -> str:
    """A name with a hash of the prompts and what they ask for, in any order."""
    parts = sorted(f"{e.example_id}\0{e.history}\0{e.prompt}\0{e.spec}" for e in examples)
    return f"{name}-{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:12]}"


def generate_for(
    examples: Sequence[ExampleRow],
    generator: Generator,
    *,
    model_id: str,
    prompt_set_id: str,
    seed: int = 0,
    max_new_tokens: int = 512,
    batch_size: int = 32,
) -> list[GenerationRow]:
    """One greedy answer to the prompt of each example, in order."""
    prompts = [example.prompt for example in examples]
    histories = [[(turn.prompt, turn.scad) for turn in example.history] for example in examples]
    completions = generator.generate(
        prompts, histories=histories, max_new_tokens=max_new_tokens, batch_size=batch_size, seed=seed
    )
    return [
        generation_row(example, completion, model_id=model_id, prompt_set_id=prompt_set_id, seed=seed)
        for example, completion in zip(examples, completions, strict=True)
    ]


def generation_row(
    example: ExampleRow,
    completion: Completion,
    *,
    model_id: str,
    prompt_set_id: str,
    seed: int,
    sample_index: int = 0,
) -> GenerationRow:
    """An answer to an example's prompt as a row."""
    told = "|".join(map(str, (model_id, prompt_set_id, example.example_id, sample_index, seed)))
    return GenerationRow(
        generation_id=hashlib.sha256(told.encode()).hexdigest()[:32],
        model_id=model_id,
        prompt_set_id=prompt_set_id,
        prompt_id=example.example_id,
        sample_index=sample_index,
        prompt=example.prompt,
        completion=completion.text,
        scad=extract_scad(completion.text),
        finish_reason=completion.finish_reason.value,
        n_prompt_tokens=completion.n_prompt_tokens,
        n_completion_tokens=completion.n_completion_tokens,
        seconds=completion.seconds,
        seed=seed,
    )


def score(
    generations: Sequence[GenerationRow],
    examples: Sequence[ExampleRow],
    *,
    engine_name: str = "auto",
    n_workers: int = 2,
    timeout_seconds: float = 10.0,
    max_memory_bytes: int = 1 << 30,
    data_dir: Path | None = None,
) -> list[ScoredGeneration]:
    """A score for each generation, in order. Raises EvaluationFailed where the engine itself keeps failing."""
    by_id = {example.example_id: example for example in examples}
    unknown = sorted({g.prompt_id for g in generations} - set(by_id))
    if unknown:
        raise EvaluationFailed(f"{len(unknown)} generations answer prompts that were not given, such as {unknown[0]}")
    sources = list(dict.fromkeys(g.scad for g in generations if g.scad is not None))  # each once

    def compile_all(wanted: Sequence[str]) -> dict[str, CompileResult]:
        results = compile_many(
            (CompileJob(source) for source in wanted),
            engine_name=engine_name,
            n_workers=n_workers,
            timeout_seconds=timeout_seconds,
            max_memory_bytes=max_memory_bytes,
            data_dir=data_dir,
        )
        return dict(zip(wanted, results, strict=True))

    results = compile_all(sources)
    failed = [source for source, result in results.items() if result.status is Status.ENGINE_ERROR]
    if failed:
        log.warning("the engine failed on %d sources; they are tried once more", len(failed))
        results |= compile_all(failed)
        _raise_if_engine_failed(results, engine_name)
    with open_engine(engine_name, data_dir=data_dir) as engine:
        engine_id = engine.engine_id  # also where not one source was extracted
    return [
        _scored(g, by_id[g.prompt_id], results[g.scad] if g.scad is not None else None, engine_id) for g in generations
    ]


def _raise_if_engine_failed(results: Mapping[str, CompileResult], engine_name: str) -> None:
    broken = [result for result in results.values() if result.status is Status.ENGINE_ERROR]
    if broken:
        message = broken[0].diagnostics[0].message if broken[0].diagnostics else "no message"
        raise EvaluationFailed(
            f"the engine {engine_name} failed twice on {len(broken)} sources ({message}); see `cad-copilot doctor`"
        )


def _scored(
    generation: GenerationRow, example: ExampleRow, result: CompileResult | None, engine_id: str
) -> ScoredGeneration:
    stats = result.stats if result is not None else None
    is_compiled = result is not None and result.is_compiled
    is_unchanged = bool(example.history) and generation.scad is not None and _is_same(generation.scad, example)
    checks = spec_checks(example.spec, stats if is_compiled else None)
    row = ScoreRow(
        generation_id=generation.generation_id,
        engine_id=result.engine_id if result is not None else engine_id,
        scorer_version=SCORER_VERSION,
        status=result.status.value if result is not None else NOT_EXTRACTED,
        is_extracted=result is not None,
        is_compiled=is_compiled,
        is_strict=result is not None and result.is_strict,
        is_size_within_1pct=checks.is_size_within_1pct,
        is_size_within_5pct=checks.is_size_within_5pct,
        is_volume_within_5pct=checks.is_volume_within_5pct,
        is_n_components_right=checks.is_n_components_right,
        is_genus_right=checks.is_genus_right,
        is_spec_passed=checks.is_passed and not is_unchanged,
        size_mm=stats.size_mm if stats else None,
        volume_mm3=stats.volume_mm3 if stats else None,
        n_components=stats.n_components if stats else None,
        genus=stats.genus if stats else None,
        family=example.family,
        family_group=example.family_group,
        wording_pool=example.wording_pool,
        test_set=example.test_set,
    )
    return ScoredGeneration(generation, row, example.spec, result.stl if result is not None else None)


def _is_same(scad: str, example: ExampleRow) -> bool:
    """Whether an answer is the source that the edit was asked of, white space and comments aside."""
    return content_key(scad) == content_key(example.history[-1].scad)


def summary(scores: Sequence[ScoreRow]) -> dict[str, Rates]:
    """Rates of `all`, of each test set, of each family group, and of each family group with each pool of wordings."""
    groups: dict[str, list[ScoreRow]] = defaultdict(list)
    for row in scores:
        for name in dict.fromkeys(("all", row.test_set, row.family_group, _group(row))):
            if name is not None:
                groups[name].append(row)
    return {name: rates(groups[name]) for name in sorted(groups)}


def flat_metrics(rates_by_group: Mapping[str, Rates]) -> dict[str, float]:
    """`eval/new/spec_pass_rate` and so on: the same names for every run, so that they compare."""
    metrics: dict[str, float] = {}
    for group, group_rates in rates_by_group.items():
        values: dict[str, Any] = asdict(group_rates)
        interval = values.pop("spec_pass_interval")
        values |= {"spec_pass_low": interval["low"], "spec_pass_high": interval["high"]}
        metrics |= {f"eval/{group}/{name}": float(value) for name, value in values.items()}
    return metrics


def _group(row: ScoreRow) -> str:
    if row.family_group is None:
        return row.test_set or "other"
    return f"{row.family_group}/{row.wording_pool or 'own'}"


def table(scored: Sequence[ScoredGeneration]) -> list[TableEntry]:
    """What was asked against what came, prompt by prompt."""
    return [
        TableEntry(
            prompt_id=s.generation.prompt_id,
            group=_group(s.score),
            family=s.score.family,
            prompt=s.generation.prompt,
            status=s.score.status,
            is_compiled=s.score.is_compiled,
            is_strict=s.score.is_strict,
            is_spec_passed=s.score.is_spec_passed,
            asked=_in_words(s.spec),
            measured=_in_words(s.score),
            finish_reason=s.generation.finish_reason,
            scad=s.generation.scad,
        )
        for s in scored
    ]


def contact_sheet(scored: Sequence[ScoredGeneration], *, title: str, n_tiles: int = _N_TILES) -> bytes:
    """A PNG of what was written, spread evenly over the prompts; the dot tells whether it meets the spec."""
    from render.pictures.preview import Tile
    from render.pictures.preview import contact_sheet as draw

    n = min(n_tiles, len(scored))
    shown = [scored[i * len(scored) // n] for i in range(n)]
    tiles = [
        Tile(
            stl=s.stl,
            caption=f"{s.generation.prompt}\n{s.score.status}",
            is_good=s.score.is_spec_passed,
        )
        for s in shown
    ]
    return draw(tiles, title=title)


def _in_words(geometry: GeometrySpec | ScoreRow) -> str:
    """`60 x 40 x 3 mm, 7,141.1 mm³, 1 piece, genus 1`, as far as it is known."""
    parts: list[str] = []
    if geometry.size_mm is not None:
        parts.append(" x ".join(f"{side:.5g}" for side in geometry.size_mm) + " mm")
    if geometry.volume_mm3 is not None:
        parts.append(f"{geometry.volume_mm3:,.1f} mm³")
    if geometry.n_components is not None:
        parts.append(f"{geometry.n_components} piece{'' if geometry.n_components == 1 else 's'}")
    if geometry.genus is not None:
        parts.append(f"genus {geometry.genus}")
    return ", ".join(parts)
