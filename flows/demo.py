"""`make demo`: the line `scrape-and-train` in this process, with a summary for a person and one for a program.

Uses a temporary Prefect server of its own, so it neither needs nor disturbs what `make up` started.
"""

from __future__ import annotations

import logging
import os
import shutil
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from flows.settings import PREFIX, Settings
from spiders.sources import SHIPPED_SOURCES

if TYPE_CHECKING:
    from flows.evaluate import EvaluationReport
    from flows.pipeline import LineReport
    from ml.metrics import Rates

__all__ = ["DEMO_SOURCES", "offline_unless_chosen", "run_demo", "summarize", "summary_text"]

DEMO_SOURCES = ("gallery", "bosl2", "openscad_examples")
"""No network: the sample site on this machine, and packages that are installed anyway."""

_ENVIRONMENT = {
    "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "true",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_PLUGINS_ENABLED": "false",
    "PREFECT_LOGGING_LEVEL": "WARNING",
    "DO_NOT_TRACK": "1",
    "MLFLOW_DISABLE_TELEMETRY": "true",
}


def _narrate() -> None:
    """The flows' own lines on standard error, with the time since the start; Prefect's stay in its server."""
    started = time.monotonic()

    class Narrator(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            minutes, seconds = divmod(int(time.monotonic() - started), 60)
            tqdm.write(f"{minutes:2}:{seconds:02}  {record.getMessage()}", file=sys.stderr)

    for name in ("flows", "ml", "corpus"):
        logging.getLogger(name).addHandler(Narrator())
        logging.getLogger(name).setLevel(logging.INFO)
        logging.getLogger(name).propagate = False  # Prefect gives the root logger a handler of its own


def offline_unless_chosen(settings: Settings) -> Settings:
    """The settings with DEMO_SOURCES, unless they name others; the environment too, where the flows read them."""
    if settings.sources:
        return settings
    os.environ[f"{PREFIX}SOURCES"] = ",".join(DEMO_SOURCES)
    os.environ[f"{PREFIX}SOURCES_FILE"] = str(SHIPPED_SOURCES)
    return replace(settings, sources=DEMO_SOURCES, sources_file=str(SHIPPED_SOURCES))


def run_demo(settings: Settings) -> tuple[dict[str, Any], str]:
    """Runs the line and writes `demo/summary.json`; returns the summary and its text.

    Raises what the stages raise: EngineMissing, StoreError, NoData, TrainingFailed, ConfigError.
    """
    os.environ.update(_ENVIRONMENT)
    settings = offline_unless_chosen(settings)
    os.environ.pop("PREFECT_API_URL", None)  # even an empty one makes Prefect's event service fail
    folder = settings.data_dir / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["PREFECT_HOME"] = str((folder / "prefect").resolve())
    from flows.pipeline import scrape_and_train_flow
    from ml.run_folder import write_json

    _narrate()
    report = scrape_and_train_flow(settings.data_dir)
    for name, evaluation in (("base", report.base), ("tuned", report.tuned)):
        shutil.copyfile(evaluation.contact_sheet, folder / f"{name}.png")
    summary = summarize(report, folder, settings)
    write_json(folder / "summary.json", summary)
    return summary, summary_text(report, summary)


def _headline(rates: Rates) -> dict[str, Any]:
    return {
        "n": rates.n,
        "compile_rate": rates.compile_rate,
        "strict_rate": rates.strict_rate,
        "spec_pass_rate": rates.spec_pass_rate,
    }


def _rates(evaluation: EvaluationReport) -> dict[str, Any]:
    groups = {name: _headline(rates) for name, rates in evaluation.groups.items()}
    return {**groups["all"], "groups": groups}


def summarize(report: LineReport, folder: Path, settings: Settings) -> dict[str, Any]:
    """The run as one JSON document."""
    dataset = report.dataset
    return {
        "n_crawled": dataset.n_crawled,
        "n_rejected": dataset.n_rejected_by_reason,
        "n_compiled_ok": dataset.n_compiled_ok,
        "n_compiled_now": dataset.n_compiled_now,
        "n_examples": dataset.n_examples,
        "n_clusters": dataset.n_clusters,
        "dataset_version": dataset.version,
        "engine": dataset.engine_id,
        "base": _rates(report.base),
        "tuned": _rates(report.tuned),
        "mlflow_run_ids": {"base": report.base.mlflow_run_id, "tuned": report.tuned.mlflow_run_id},
        "mlflow_tracking_uri": settings.tracking_uri,
        "adapter": report.training.adapter_dir,
        "contact_sheets": {"base": str(folder / "base.png"), "tuned": str(folder / "tuned.png")},
        "crawls": {c.source: {"n_items": c.n_items, "n_new": c.n_new, "exit_code": c.exit_code} for c in report.crawls},
        "seconds": {**report.seconds, "total": round(sum(report.seconds.values()), 1)},
    }


def summary_text(report: LineReport, summary: dict[str, Any]) -> str:
    """The same for a person: funnel, before and after, where to look."""
    from corpus.card import funnel_text
    from flows.collect import failed_line
    from flows.evaluate import comparison_text

    seconds = "  ".join(f"{stage} {s:.0f}" for stage, s in summary["seconds"].items())
    sheets = summary["contact_sheets"]
    return "\n".join(
        [
            "",
            f"Collected {summary['n_crawled']} designs; {summary['n_examples']} examples in {summary['n_clusters']} "
            f"clusters; {summary['n_compiled_now']} files compiled in this run with {summary['engine']}.",
            "",
            funnel_text(report.dataset.funnel),
            *([failed] if (failed := failed_line(report.crawls)) else []),
            "",
            comparison_text(report.base, report.tuned),
            "",
            f"seconds    {seconds}",
            f"pictures   {sheets['base']}  {sheets['tuned']}",
            f"data set   {report.dataset.card}",
            f"summary    {Path(sheets['base']).parent / 'summary.json'}",
            "compare    make up, then open the MLflow page and pick the runs `base` and `tuned`",
            'try        cad-copilot generate "a plate 60 x 40 x 3 mm with a 5 mm hole in the middle" -o plate.stl',
        ]
    )
