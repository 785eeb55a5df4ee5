"""How far a fine-tune is: the line that rank 0 tells its launcher, and the bar that the launcher draws of it.

The ranks' output goes through a pipe, so only the launcher knows whether a person looks on: it draws a bar on a
terminal, and elsewhere nothing (a line now and then comes from the log). Needs neither torch nor MLflow.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, TextIO

from tqdm import tqdm

__all__ = ["Progress", "parse_progress", "progress_bar"]

_MARK = "@progress "


@dataclass(frozen=True)
class Progress:
    step: int
    n_steps: int
    loss: float | None
    """The last one logged; None before the first."""
    tokens_per_second: float
    """Of all ranks, padding left out, since this training began or went on."""

    def line(self) -> str:
        return _MARK + json.dumps(asdict(self))


def parse_progress(line: str) -> Progress | None:
    """What a line of a rank tells; None for any other line."""
    return Progress(**json.loads(line.removeprefix(_MARK))) if line.startswith(_MARK) else None


@contextmanager
def progress_bar(on_line: Callable[[str], None], *, stream: TextIO | None = None) -> Iterator[Callable[[str], None]]:
    """Takes the ranks' lines: progress goes to a bar on a terminal (else nowhere), the others to `on_line`."""
    stream = stream or sys.stderr
    bar: tqdm[Any] | None = None

    def take(line: str) -> None:
        nonlocal bar
        told = parse_progress(line)
        if told is None:
            if bar is not None:
                bar.clear()
            on_line(line)
        elif stream.isatty():
            if bar is None:  # `initial` is where a resumed training begins: its rate must not count the steps before
                bar = tqdm(total=told.n_steps, initial=told.step, unit="step", file=stream, dynamic_ncols=True)
            loss = "" if told.loss is None else f"loss {told.loss:.4f}, "
            bar.set_postfix_str(f"{loss}{told.tokens_per_second:,.0f} tokens/s", refresh=False)
            bar.update(told.step - bar.n)
            bar.refresh()

    try:
        yield take
    finally:
        if bar is not None:
            bar.close()
