"""The flow `collect`: a task a source, and an artifact that says what each gave."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.task_runners import ThreadPoolTaskRunner

from flows.collect import MAX_SPIDERS, CrawlReport, collect_source, crawls_markdown, waves
from flows.exit_codes import ExitCode
from flows.settings import load_settings
from flows.sources import choose_sources

__all__ = ["collect_flow"]

logger = logging.getLogger(__name__)


@flow(name="collect", task_runner=ThreadPoolTaskRunner(max_workers=MAX_SPIDERS))  # type: ignore[arg-type]
def collect_flow(data_dir: Path | None = None) -> list[CrawlReport]:
    """Crawls every source of the settings; a source that fails is reported and the rest goes on."""
    settings = load_settings(data_dir=data_dir)
    sources = choose_sources(settings)
    stop = threading.Event()

    @task(name="collect-source", task_run_name="collect-{name}", cache_policy=NO_CACHE)
    def collect_one(name: str) -> CrawlReport:
        return collect_source(settings, next(s for s in sources if s.name == name), stop=stop)

    reports: dict[str, CrawlReport] = {}
    try:
        for wave in waves(sources):
            futures = {source.name: collect_one.submit(source.name) for source in wave}
            for name, future in futures.items():
                result = future.result(raise_on_failure=False)
                is_report = isinstance(result, CrawlReport)
                reports[name] = (
                    result
                    if is_report
                    else CrawlReport(name, 0, 0, int(ExitCode.UNEXPECTED), f"our own fault: {result!r}", 0.0)
                )
                logger.info("%s: %s", name, reports[name].detail)
    finally:
        stop.set()  # a flow run that is cancelled ends its spiders
    ordered = [reports[s.name] for s in sources]
    create_markdown_artifact(crawls_markdown(ordered), key="crawls", description="what each source gave")
    return ordered
