"""`crawled` and synthesis to `examples`: cleaned, compiled once for an engine, deduplicated, split, published.

The stages' batches run here one after the other, or on a Dask cluster where the settings name its scheduler.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Any

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact
from prefect.futures import as_completed
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner
from tqdm import tqdm

from corpus.card import funnel_markdown
from flows.batches import STAGES, Batch, plan, run_batch
from flows.build import CurateReport, build_dataset
from flows.settings import Settings, SettingsError, load_settings
from flows.sources import failures

__all__ = ["CurateReport", "curate_flow", "curate_here", "run_stages"]

logger = logging.getLogger(__name__)


@task(name="plan", task_run_name="plan-{stage}", retries=1)
def plan_task(data_dir: Path, stage: str) -> list[Batch]:
    return plan(load_settings(data_dir=data_dir), stage)


@task(name="batch", task_run_name="{batch.stage}-{batch.n}", retries=2, retry_delay_seconds=2)
def run_batch_task(data_dir: Path, batch: Batch) -> int:
    return run_batch(load_settings(data_dir=data_dir), batch)


@task(name="build-dataset", retries=1)
def build_dataset_task(data_dir: Path, n_compiled_now: int) -> CurateReport:
    return build_dataset(load_settings(data_dir=data_dir), n_compiled_now=n_compiled_now)


def task_runner(settings: Settings) -> TaskRunner[Any]:
    """One batch at a time here, for each keeps all cores busy; or a Dask cluster's workers. Raises SettingsError."""
    if not settings.dask_scheduler:
        return ThreadPoolTaskRunner(max_workers=1)
    try:
        from prefect_dask.task_runners import DaskTaskRunner
    except ImportError:
        raise SettingsError(
            "dask_scheduler is set, but the package is missing: pip install 'cad-copilot[dask]'"
        ) from None
    return DaskTaskRunner(address=settings.dask_scheduler)


def curate_here(settings: Settings) -> CurateReport:
    """The same without Prefect's records; with them where the batches go to a cluster. Raises what the stages raise."""
    if settings.dask_scheduler:
        return curate_flow(settings.data_dir)
    n_compiled = 0
    for stage in STAGES:
        batches = plan(settings, stage)
        with _bar(stage, batches) as bar:
            for batch in batches:
                n_done = run_batch(settings, batch)
                bar.update(n_done)
                n_compiled += n_done if stage == "compile" else 0
    return build_dataset(settings, n_compiled_now=n_compiled)


def _bar(stage: str, batches: list[Batch]) -> tqdm[Any]:
    n = sum(batch.n for batch in batches)
    if batches:
        logger.info("%s: %d in %d batches", stage, n, len(batches))
    return tqdm(total=n, unit="row", desc=stage, disable=not batches or not sys.stderr.isatty())


@flow(name="stages")
def run_stages(data_dir: Path) -> int:
    """Every batch of every stage that has no result yet; returns how many files were compiled."""
    n_compiled = 0
    for stage in STAGES:
        batches = plan_task(data_dir, stage)
        futures = [run_batch_task.submit(data_dir, batch) for batch in batches]
        with _bar(stage, batches) as bar:
            for future in as_completed(futures):
                n_done = future.result()
                bar.update(n_done)
                n_compiled += n_done if stage == "compile" else 0
    return n_compiled


@flow(name="curate")
def curate_flow(data_dir: Path | None = None) -> CurateReport:
    """Cleans and compiles what is new in batches, then publishes a version of the data set with its funnel."""
    settings = load_settings(data_dir=data_dir)
    data_dir = settings.data_dir
    n_compiled = run_stages.with_options(task_runner=task_runner(settings))(data_dir)
    report = build_dataset_task(data_dir, n_compiled)
    failed = "".join(f"\nLast crawl failed: {failure}\n" for failure in failures(settings))
    table = funnel_markdown(report.funnel) + failed
    create_markdown_artifact(table, key="funnel", description="what became of every design")
    return report
