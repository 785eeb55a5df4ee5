"""`crawled` and synthesis to `examples`: cleaned, compiled once for an engine, deduplicated, split, published.

The flow: the stages' batches run here one after the other, or on a Dask cluster where the settings name its scheduler.
The settings go with each batch (not with the flow, whose parameters Prefect's server keeps), so a worker's own
environment does not count; its data folder must be where this one's is.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact
from prefect.futures import as_completed
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from corpus.card import funnel_markdown
from flows.batches import STAGES, Batch, plan, run_batch
from flows.build import CurateReport, build_dataset
from flows.curate_here import curate_here, progress
from flows.settings import Settings, SettingsError, load_settings
from flows.sources import failures

__all__ = ["CurateReport", "curate_flow", "curate_here", "run_stages"]


@task(name="plan", task_run_name="plan-{stage}", retries=1)
def plan_task(settings: Settings, stage: str) -> list[Batch]:
    return plan(settings, stage)


@task(name="batch", task_run_name="{batch.stage}-{batch.n}", retries=2, retry_delay_seconds=2)
def run_batch_task(settings: Settings, batch: Batch) -> int:
    return run_batch(settings, batch)


@task(name="build-dataset", retries=1)
def build_dataset_task(settings: Settings, n_compiled_now: int) -> CurateReport:
    return build_dataset(settings, n_compiled_now=n_compiled_now)


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


def cluster_settings(settings: Settings) -> Settings:
    """For workers: the data folder whole, and one engine a batch, for a worker has as many threads as it has cores."""
    n_workers = settings.n_workers or (1 if settings.dask_scheduler else 0)
    return replace(settings, data_dir=settings.data_dir.resolve(), n_workers=n_workers)


@flow(name="stages")
def run_stages(data_dir: Path, recipe: str) -> int:
    """Every batch of every stage that has no result yet; returns how many files were compiled."""
    settings = cluster_settings(load_settings(data_dir=data_dir, recipe=recipe))
    n_compiled = 0
    for stage in STAGES:
        batches = plan_task(settings, stage)
        futures = [run_batch_task.submit(settings, batch) for batch in batches]
        with progress(stage, batches) as bar:
            for future in as_completed(futures):
                n_done = future.result()
                bar.update(n_done)
                n_compiled += n_done if stage == "compile" else 0
    return n_compiled


@flow(name="curate")
def curate_flow(data_dir: Path | None = None, recipe: str | None = None) -> CurateReport:
    """Cleans and compiles what is new in batches, then publishes a version of the data set with its funnel."""
    settings = load_settings(data_dir=data_dir, recipe=recipe)
    n_compiled = run_stages.with_options(task_runner=task_runner(settings))(settings.data_dir, settings.recipe)
    report = build_dataset_task(settings, n_compiled)
    failed = "".join(f"\nLast crawl failed: {failure}\n" for failure in failures(settings))
    table = funnel_markdown(report.funnel) + failed
    create_markdown_artifact(table, key="funnel", description="what became of every design")
    return report
