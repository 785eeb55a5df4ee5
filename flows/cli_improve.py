"""`cad-copilot improve`: the tuned model's own right answers as training data, and whether that helps."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from flows.cli_output import DataDir, Json, emit
from flows.settings import load_settings

__all__ = ["improve"]


def improve(
    n_prompts: Annotated[int, typer.Option(help="Training prompts to answer anew.", min=1)] = 256,
    n_samples: Annotated[int, typer.Option(help="Answers to each.", min=1)] = 4,
    temperature: Annotated[float, typer.Option(help="Of the sampling; above 0.", min=0.01)] = 0.8,
    rounds: Annotated[int, typer.Option(help="Rounds, one upon the other; a refused one ends it.", min=1)] = 1,
    fresh: Annotated[int, typer.Option(help="Newly generated prompts beside them.", min=0)] = 0,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Sample answers, keep those that pass every gate and add something, tune again, compare with before."""
    settings = load_settings(data_dir=data_dir)
    from flows.improve import ImproveRequest, improve_here

    report = improve_here(settings, ImproveRequest(n_prompts, n_samples, temperature, rounds, fresh))
    emit(as_json, asdict(report) | {"line": report.line}, report.line)
