"""`cad-copilot dataset caption`: a model's words for designs that have none of their author's."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from flows.cli_output import DataDir, Json, emit
from flows.settings import load_settings

__all__ = ["dataset_caption"]


def dataset_caption(
    limit: Annotated[int | None, typer.Option(help="Ask about so many designs at most.", min=1)] = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Ask a model (CAD_COPILOT_CAPTION_URL, CAD_COPILOT_CAPTION_MODEL) about designs without their author's words.

    Each answer is checked against the mesh; the next `dataset build` takes the good ones in.
    """
    from tqdm import tqdm

    from flows.captions import caption_designs

    settings = load_settings(data_dir=data_dir)
    with tqdm(unit="design", desc="caption", disable=not sys.stderr.isatty()) as bar:

        def count() -> None:
            bar.update()

        report = caption_designs(settings, limit=limit, on_answer=count)
    refused = ", ".join(f"{reason} {n}" for reason, n in sorted(report.n_by_refusal.items()))
    line = f"{report.n_captions} captions for {report.n_asked} designs" + (f"; refused: {refused}" if refused else "")
    emit(as_json, report, line)
