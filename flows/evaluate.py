"""`generations` and `scores` of one model on the held-out prompts, logged to MLflow as a run to compare."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from prefect import flow, task
from prefect.artifacts import create_image_artifact, create_link_artifact, create_markdown_artifact

from corpus.rows import from_dict
from corpus.schema import ExampleRow, GenerationRow
from corpus.store import Store
from flows.batches import engine_id
from flows.errors import NoData
from flows.finetune import base_fingerprint, train_config
from flows.settings import Settings, load_settings
from ml.benchmarks.prompts_file import read_prompts
from ml.evaluate import (
    SCORER_VERSION,
    ScoredGeneration,
    contact_sheet,
    flat_metrics,
    generate_for,
    prompt_set_id,
    score,
    summary,
    table,
)
from ml.metrics import Rates, has_numbers
from ml.run_folder import read_report, write_json
from ml.tracking import DatasetInfo, EvaluationRecord, Tracking, log_evaluation

__all__ = [
    "EvaluationReport",
    "comparison_markdown",
    "comparison_text",
    "evaluate_flow",
    "evaluate_model",
    "groups_text",
    "picture_uri",
    "score_with",
    "summary_line",
]

logger = logging.getLogger(__name__)

GENERATION_BATCH = 64
"""Prompts between two writes to the table: what a kill -9 costs."""


@dataclass(frozen=True)
class EvaluationReport:
    """How one model did on one set of prompts."""

    model_id: str
    prompt_set_id: str
    mlflow_run_id: str
    groups: dict[str, Rates]
    """`all`, each family group, each family group with each pool of wordings."""
    contact_sheet: str


def test_prompts(settings: Settings) -> list[ExampleRow]:
    """The held-out prompts whose answer is known in numbers, edits among them. Raises NoData."""
    rows: list[ExampleRow] = Store(settings.tables_root).rows("examples")
    prompts = [r for r in rows if r.split == "test" and r.tier == "synthetic" and has_numbers(r.spec)]
    if not prompts:
        raise NoData("no held-out prompts yet: run `cad-copilot curate` first")
    return prompts


def model_name(settings: Settings, adapter: Path | None) -> str:
    """What tells one model from another: base by its weights, adapter by its training."""
    base = base_fingerprint(settings.base_model or train_config(settings).base_model)[:12]
    if adapter is None:
        return f"base-{base}"
    weights = hashlib.sha256((adapter / "adapter_model.safetensors").read_bytes()).hexdigest()
    return f"base-{base}+adapter-{weights[:12]}"


def evaluate_model(
    settings: Settings, *, adapter: Path | None = None, prompts_file: Path | None = None
) -> EvaluationReport:
    """Generates, compiles, measures and logs; goes on where a killed evaluation was, and does nothing twice.

    On the prompts of a file, or the held-out ones of the newest examples. Raises NoData, PromptsUnusable,
    EngineMissing, EvaluationFailed.
    """
    examples = read_prompts(prompts_file) if prompts_file else test_prompts(settings)
    model_id = model_name(settings, adapter)
    prompts = prompt_set_id(prompts_file.stem if prompts_file else "held-out", examples)
    engine = engine_id(settings)
    key = hashlib.sha256(f"{model_id}|{prompts}|{engine}|{SCORER_VERSION}|{settings.seed}".encode()).hexdigest()[:16]
    folder = settings.data_dir / "evaluations" / key
    report_file, run_file = folder / "report.json", folder / "run.json"
    if report_file.exists():
        logger.info("%s: evaluated before, %s", model_id, folder)
        return _read_report(report_file)
    folder.mkdir(parents=True, exist_ok=True)
    generations = _generations(settings, examples, adapter, model_id=model_id, prompts=prompts)
    scored = score_with(settings, generations, examples)
    store = Store(settings.tables_root)
    store.append("scores", [s.score for s in scored])
    groups = summary([s.score for s in scored])
    name = "base" if adapter is None else "tuned"
    title = f"{name} model: {groups['all'].spec_pass_rate:.0%} of {len(examples)} parts as asked"
    sheet = folder / "contact_sheet.png"
    picture = contact_sheet(scored, title=title)
    sheet.write_bytes(picture)
    data = _data_of(store, examples, prompts, prompts_file)
    record = EvaluationRecord(
        metrics=flat_metrics(groups),
        tags={
            "eval/model_id": model_id,
            "eval/prompt_set": prompts,
            "eval/engine": engine,
            "eval/scorer": SCORER_VERSION,
            "eval/dataset": data.source,
            "eval/dataset_hash": data.digest,
        },
        contact_sheet_png=picture,
        table=[asdict(entry) for entry in table(scored)],
        dataset=data,
    )
    training = read_report(adapter.resolve().parent) if adapter is not None and prompts_file is None else None
    begun = json.loads(run_file.read_text())["run_id"] if run_file.exists() else None
    run_id = log_evaluation(
        Tracking(settings.tracking_uri),
        record,
        run_name=name,
        run_id=training.run_id if training else begun,
        on_started=lambda run_id: write_json(run_file, {"run_id": run_id}),
    )
    report = EvaluationReport(model_id, prompts, run_id, groups, str(sheet))
    write_json(report_file, asdict(report))
    return report


def score_with(
    settings: Settings, generations: Sequence[GenerationRow], examples: Sequence[ExampleRow]
) -> list[ScoredGeneration]:
    """`ml.evaluate.score` with the engine and the limits of the settings."""
    return score(
        generations,
        examples,
        engine_name=settings.engine,
        n_workers=settings.n_workers_used,
        timeout_seconds=settings.compile_timeout_seconds,
        max_memory_bytes=settings.max_memory_bytes,
        data_dir=settings.data_dir,
    )


def _data_of(store: Store, examples: Sequence[ExampleRow], prompts: str, prompts_file: Path | None) -> DatasetInfo:
    profile = {"n_prompts": len(examples)}
    if prompts_file is not None:
        return DatasetInfo(prompts_file.stem, prompts.rpartition("-")[2], prompts_file.name, profile)
    manifest = store.manifest("examples")
    assert manifest is not None
    return DatasetInfo("examples", manifest.content_hash, f"examples@{manifest.version}", profile)


def _generations(
    settings: Settings, examples: Sequence[ExampleRow], adapter: Path | None, *, model_id: str, prompts: str
) -> list[GenerationRow]:
    """One answer to each prompt: those that the table holds, and the missing ones, written batch by batch."""
    from ml.generate import Generator

    store = Store(settings.tables_root)
    done = {
        g.prompt_id: g
        for g in store.rows("generations")
        if (g.model_id, g.prompt_set_id, g.seed) == (model_id, prompts, settings.seed)
    }
    missing = [e for e in examples if e.example_id not in done]
    if missing:
        generator = Generator(settings.base_model or train_config(settings).base_model, adapter)
        for start in range(0, len(missing), GENERATION_BATCH):
            batch = missing[start : start + GENERATION_BATCH]
            rows = generate_for(batch, generator, model_id=model_id, prompt_set_id=prompts, seed=settings.seed)
            store.append("generations", rows)
            done |= {g.prompt_id: g for g in rows}
            logger.info("%s: %d of %d prompts answered", model_id, len(done), len(examples))
    return [done[e.example_id] for e in examples]


def _read_report(path: Path) -> EvaluationReport:
    values = json.loads(path.read_text())
    groups = {name: from_dict(Rates, rates) for name, rates in values.pop("groups").items()}
    values["contact_sheet"] = str(path.with_name("contact_sheet.png"))  # the data folder may have moved
    return EvaluationReport(**values, groups=groups)


def summary_line(report: EvaluationReport) -> str:
    """One line for the end of the command."""
    r = report.groups["all"]
    return (
        f"{report.model_id}: {r.n} prompts, {r.compile_rate:.1%} compile, {r.strict_rate:.1%} strict, "
        f"{r.spec_pass_rate:.1%} as asked; MLflow run {report.mlflow_run_id}"
    )


_GROUP_NAMES = {
    "all": "all prompts",
    "new": "new families",
    "new/base": "  in the base's wordings",
    "new/tune": "  in wordings taught now",
    "new/held_out": "  in wordings never taught",
    "base": "known families",
    "base/base": "  in the base's wordings",
    "base/tune": "  in wordings taught now",
    "base/held_out": "  in wordings never taught",
}


def _comparison(base: EvaluationReport, tuned: EvaluationReport) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [("held-out prompts", "n", "compiles", "strict", "as asked")]
    for group, name in _GROUP_NAMES.items():
        before, after = base.groups.get(group), tuned.groups.get(group)
        if before is None or after is None:
            continue
        pairs = [
            (before.compile_rate, after.compile_rate),
            (before.strict_rate, after.strict_rate),
            (before.spec_pass_rate, after.spec_pass_rate),
        ]
        rows.append((name, str(after.n), *(f"{b:.0%} → {a:.0%}" for b, a in pairs)))
    return rows


def groups_text(report: EvaluationReport) -> str:
    """Rates group by group, aligned for a terminal."""
    rows: list[tuple[str, ...]] = [("prompts", "n", "compiles", "strict", "as asked", "95 %")]
    for name, r in report.groups.items():
        interval = f"{r.spec_pass_interval.low:.3f}-{r.spec_pass_interval.high:.3f}"
        rates = (f"{rate:.3f}" for rate in (r.compile_rate, r.strict_rate, r.spec_pass_rate))
        rows.append((name, str(r.n), *rates, interval))
    return _aligned(rows)


def _aligned(rows: Sequence[tuple[str, ...]]) -> str:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join("  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows)


def comparison_text(base: EvaluationReport, tuned: EvaluationReport) -> str:
    """Before and after, group by group, aligned for a terminal."""
    return _aligned(_comparison(base, tuned))


def comparison_markdown(base: EvaluationReport, tuned: EvaluationReport, tracking_uri: str) -> str:
    """The same for Prefect's page."""
    head, *rows = _comparison(base, tuned)
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *(f"| {' | '.join(r)} |" for r in rows)]
    runs = f"MLflow runs `{base.mlflow_run_id}` (base) and `{tuned.mlflow_run_id}` (tuned) in `{tracking_uri}`."
    return "\n".join([*lines, "", runs])


@task(name="evaluate-model", retries=1)
def evaluate_task(data_dir: Path, adapter: Path | None) -> EvaluationReport:
    return evaluate_model(load_settings(data_dir=data_dir), adapter=adapter)


@flow(name="evaluate")
def evaluate_flow(data_dir: Path | None = None, adapter: Path | None = None) -> EvaluationReport:
    """Evaluates the base, or the base with an adapter, on the held-out prompts."""
    settings = load_settings(data_dir=data_dir)
    report = evaluate_task(settings.data_dir, adapter)
    name = "base" if adapter is None else "tuned"
    create_markdown_artifact(summary_line(report), key=f"evaluation-{name}", description=f"the {name} model")
    create_image_artifact(picture_uri(Path(report.contact_sheet)), key=f"contact-sheet-{name}")
    page = f"http://127.0.0.1:{settings.mlflow_port}"
    create_link_artifact(page, key=f"mlflow-{name}", link_text="MLflow page", description=f"run {report.mlflow_run_id}")
    return report


def picture_uri(picture: Path) -> str:
    """A small copy as a data URI: Prefect's page may not load a file."""
    from PIL import Image

    buffer = io.BytesIO()
    with Image.open(picture) as image:
        image.thumbnail((900, 1400))
        image.convert("RGB").save(buffer, format="JPEG", quality=80)
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}"
