"""The two lines that are deployed: `dataset-refresh` (nightly) and `scrape-and-train`."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from prefect import flow
from prefect.artifacts import create_markdown_artifact

from flows.collect import CrawlReport, failed_line
from flows.collect_flow import collect_flow
from flows.curate import CurateReport, curate_flow
from flows.evaluate import EvaluationReport, comparison_markdown, evaluate_flow
from flows.finetune import finetune_flow
from flows.promote import promote_flow
from flows.settings import load_settings
from ml.run_folder import FinetuneReport

__all__ = ["LineReport", "RefreshReport", "dataset_refresh_flow", "scrape_and_train_flow"]

logger = logging.getLogger(__name__)

ResultT = TypeVar("ResultT")


@dataclass(frozen=True)
class RefreshReport:
    """What a refresh of the data set did."""

    crawls: list[CrawlReport]
    dataset: CurateReport
    seconds: dict[str, float]


@dataclass(frozen=True)
class LineReport:
    """What one run of the whole line did."""

    crawls: list[CrawlReport]
    dataset: CurateReport
    training: FinetuneReport
    base: EvaluationReport
    tuned: EvaluationReport
    seconds: dict[str, float]


def _timed(seconds: dict[str, float], stage: str, run: Callable[[], ResultT]) -> ResultT:
    started = time.monotonic()
    result = run()
    seconds[stage] = round(time.monotonic() - started, 1)
    return result


@flow(name="dataset-refresh")
def dataset_refresh_flow(data_dir: Path | None = None) -> RefreshReport:
    """Crawls the sources, compiles what is new, and publishes a new version of the data set."""
    seconds: dict[str, float] = {}
    crawls = _timed(seconds, "collect", lambda: collect_flow(data_dir))
    if failed := failed_line(crawls):
        logger.warning("%s; the rest goes on", failed)
    dataset = _timed(seconds, "curate", lambda: curate_flow(data_dir))
    return RefreshReport(crawls, dataset, seconds)


@flow(name="scrape-and-train")
def scrape_and_train_flow(data_dir: Path | None = None) -> LineReport:
    """The whole line: collect, curate, fine-tune, and evaluate the base and the tuned model side by side."""
    settings = load_settings(data_dir=data_dir)
    refresh = dataset_refresh_flow(data_dir)
    seconds = dict(refresh.seconds)
    training = _timed(seconds, "finetune", lambda: finetune_flow(data_dir))
    base = _timed(seconds, "evaluate_base", lambda: evaluate_flow(data_dir))
    tuned = _timed(seconds, "evaluate_tuned", lambda: evaluate_flow(data_dir, Path(training.adapter_dir)))
    promote_flow(training.run_id, data_dir)
    create_markdown_artifact(
        comparison_markdown(base, tuned, settings.tracking_uri), key="before-and-after", description="base and tuned"
    )
    return LineReport(refresh.crawls, refresh.dataset, training, base, tuned, seconds)
