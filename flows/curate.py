"""`crawled` and synthesis to `examples`: every source is compiled once for an engine, then cleaned, deduplicated, split."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from prefect import flow, task

from corpus.card import FunnelStep, dataset_card, funnel_markdown
from corpus.examples import build_examples, examples_from_synth
from corpus.normalize import content_key
from corpus.schema import CompiledRow, ExampleRow, RejectedRow, from_dict
from corpus.store import Store
from corpus.synth import SYNTH_VERSION, SynthExample, family_names, sample_examples
from corpus.validate import CompileTarget, compile_rows
from flows.settings import Settings, load_settings
from render import open_engine

__all__ = ["CurateReport", "build_dataset", "compile_batch", "curate_flow", "pending_batches", "synthesise"]

logger = logging.getLogger(__name__)

BATCH_SIZE = 100  # a kill -9 costs at most one batch; a Prefect task run costs 4-7 ms, so files are never tasks

Progress = Callable[[int], None]
