"""Candidate and champion: registers a fine-tune, and moves `champion` where a paired test on the same prompts says so.

Both models are evaluated on the same held-out prompts (or a file's) by `flows.evaluate`, which does nothing twice; the
verdicts come from the tables, prompt by prompt. Without a champion the candidate must beat its untuned base. Covers
deciding; versions and their tags are `ml.registry`'s, the test is `ml.paired`'s.
"""

from __future__ import annotations

import dataclasses
import logging
from pathlib import Path

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact

from corpus.store import Store
from flows.batches import engine_id
from flows.evaluate import EvaluationReport, evaluate_model, model_name
from flows.locks import locked
from flows.settings import Settings, load_settings
from ml.evaluate import SCORER_VERSION
from ml.paired import Outcomes, compare
from ml.registry import (
    Decision,
    RegistryError,
    Version,
    champion,
    decision_line,
    decision_markdown,
    download_adapter,
    record_decision,
    register,
    run_base_model,
    weights_sha256,
)
from ml.run_folder import read_report
from ml.tracking import Tracking

__all__ = ["promote", "promote_flow", "read_outcomes", "register_run"]

logger = logging.getLogger(__name__)

_GENERATION_COLUMNS = ("generation_id", "model_id", "prompt_set_id", "prompt_id", "seed")
_SCORE_COLUMNS = ("generation_id", "engine_id", "scorer_version", "is_spec_passed")


def register_run(settings: Settings, run_id: str) -> Version:
    """The version of a run's adapter, made unless there is one. Raises RegistryError, TrackingFailed, ModelMissing."""
    tracking = Tracking(settings.tracking_uri)
    on_base = dataclasses.replace(settings, base_model=run_base_model(tracking, run_id))
    adapter = adapter_of(settings, run_id)
    with locked(settings.data_dir / "registry.lock"):  # two at once would each make a version
        return register(tracking, run_id, adapter, model_id=model_name(on_base, adapter))


def adapter_of(settings: Settings, run_id: str) -> Path:
    """The adapter of a run: where it was trained, else a copy out of MLflow. Raises RegistryError, TrackingFailed."""
    for path in sorted((settings.data_dir / "adapters").glob("*/report.json")):
        report = read_report(path.parent)
        if report is not None and report.run_id == run_id and (path.parent / "adapter").is_dir():
            return path.parent / "adapter"
    copy = settings.data_dir / "registry" / run_id
    if (copy / "adapter" / "adapter_model.safetensors").is_file():
        return copy / "adapter"
    return download_adapter(Tracking(settings.tracking_uri), run_id, copy)


def promote(
    settings: Settings,
    run_id: str,
    *,
    is_dry_run: bool = False,
    is_against_base: bool = False,
    prompts_file: Path | None = None,
) -> Decision:
    """Compares a run's model with the champion (its untuned base if there is none, or if asked) and decides.

    A dry run moves and writes down nothing but the evaluations. Raises RegistryError, NotComparable, TrackingFailed
    and what `evaluate_model` raises.
    """
    version = register_run(settings, run_id)
    tracking = Tracking(settings.tracking_uri)
    best = None if is_against_base else champion(tracking)
    if best is not None and best.run_id == run_id:
        raise RegistryError(f"run {run_id} is the champion already, version {best.version}; promote another one")
    ours = evaluate_version(settings, version, prompts_file=prompts_file)
    if best is None:
        on_base = dataclasses.replace(settings, base_model=version.tags["base_model"])
        theirs = read_outcomes(settings, evaluate_model(on_base, prompts_file=prompts_file))
    else:
        theirs = evaluate_version(settings, best, prompts_file=prompts_file)
    paired = compare(ours, theirs, seed=settings.seed)
    against = f"champion version {best.version}" if best else "the untuned base"
    decision = Decision(run_id, version.version, against, paired, paired.is_better, is_dry_run)
    if not is_dry_run:
        with locked(settings.data_dir / "registry.lock"):
            now = champion(tracking)
            if not is_against_base and (now and now.version) != (best and best.version):
                raise RegistryError(f"the champion changed meanwhile, to version {now and now.version}; promote again")
            record_decision(tracking, decision)
    logger.info("%s", decision_line(decision))
    return decision


def evaluate_version(settings: Settings, version: Version, *, prompts_file: Path | None = None) -> Outcomes:
    """A version's verdicts on the prompts, evaluated now unless they were before. Raises RegistryError."""
    base = version.tags["base_model"]
    found = weights_sha256(base) or "hub"
    if found != version.tags["base_weights"]:
        raise RegistryError(
            f"version {version.version} was tuned on weights {version.tags['base_weights'][:12]} of {base!r}, which "
            f"holds {found[:12]} now: tune again on these (a champion that can't run: compare with --against-base)"
        )
    on_base = dataclasses.replace(settings, base_model=base)
    adapter = adapter_of(settings, version.run_id)
    return read_outcomes(settings, evaluate_model(on_base, adapter=adapter, prompts_file=prompts_file))


def read_outcomes(settings: Settings, report: EvaluationReport) -> Outcomes:
    """An evaluation's verdicts, prompt by prompt, by this engine and this scorer."""
    store, engine = Store(settings.tables_root), engine_id(settings)
    wanted = (report.model_id, report.prompt_set_id, settings.seed)
    prompt_of = {
        row["generation_id"]: row["prompt_id"]
        for row in store.iter_rows("generations", columns=_GENERATION_COLUMNS)
        if (row["model_id"], row["prompt_set_id"], row["seed"]) == wanted
    }
    passed = {
        prompt_of[row["generation_id"]]: bool(row["is_spec_passed"])
        for row in store.iter_rows("scores", columns=_SCORE_COLUMNS)
        if row["generation_id"] in prompt_of and (row["engine_id"], row["scorer_version"]) == (engine, SCORER_VERSION)
    }
    return Outcomes(report.model_id, report.prompt_set_id, SCORER_VERSION, engine, passed)


@task(name="promote", retries=1)
def promote_task(data_dir: Path, run_id: str, is_dry_run: bool) -> Decision | None:
    settings = load_settings(data_dir=data_dir)
    best = champion(Tracking(settings.tracking_uri))
    if best is not None and best.run_id == run_id:
        return None
    return promote(settings, run_id, is_dry_run=is_dry_run)


@flow(name="promote")
def promote_flow(run_id: str, data_dir: Path | None = None, is_dry_run: bool = False) -> Decision | None:
    """Decides whether a fine-tune becomes the champion, and says so on Prefect's page; None for one that is already."""
    settings = load_settings(data_dir=data_dir)
    decision = promote_task(settings.data_dir, run_id, is_dry_run)
    if decision is not None:
        create_markdown_artifact(decision_markdown(decision), key="promotion", description=decision_line(decision))
    return decision
