"""Curating in this process, one batch after the other, for each keeps all cores busy. No Prefect: that is `curate`."""

from __future__ import annotations

import logging
import sys
from typing import Any

from tqdm import tqdm

from flows.batches import STAGES, Batch, plan, run_batch
from flows.build import CurateReport, build_dataset
from flows.settings import Settings

__all__ = ["curate_here", "progress"]

logger = logging.getLogger(__name__)


def curate_here(settings: Settings) -> CurateReport:
    """`crawled` and synthesis to `examples`; a cluster's workers do it where the settings name one. Raises what the
    stages raise."""
    if settings.dask_scheduler:
        from flows.curate import curate_flow  # 1.3 s

        return curate_flow(settings.data_dir, settings.recipe)
    n_compiled = 0
    for stage in STAGES:
        batches = plan(settings, stage)
        with progress(stage, batches) as bar:
            for batch in batches:
                n_done = run_batch(settings, batch)
                bar.update(n_done)
                n_compiled += n_done if stage == "compile" else 0
    logger.info("build")
    return build_dataset(settings, n_compiled_now=n_compiled)


def progress(stage: str, batches: list[Batch]) -> tqdm[Any]:
    """A bar for a stage's batches; and a line in the log, for who looks at no terminal."""
    n = sum(batch.n for batch in batches)
    if batches:
        logger.info("%s: %d in %d batches", stage, n, len(batches))
    return tqdm(total=n, unit="row", desc=stage, disable=not batches or not sys.stderr.isatty())
