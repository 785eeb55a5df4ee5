"""The bar of a fine-tune: on a terminal alone, and other lines come through in any case."""

from __future__ import annotations

import io

from ml.progress import Progress, parse_progress, progress_bar

TOLD = Progress(step=30, n_steps=40, loss=0.1234, tokens_per_second=5600.4)


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_line_comes_back_as_it_was() -> None:
    assert parse_progress(TOLD.line()) == TOLD
    assert parse_progress("step 30/40: loss 0.1234") is None


def test_on_a_terminal_the_bar_tells_loss_speed_and_remaining_time() -> None:
    lines: list[str] = []
    with progress_bar(lines.append, stream=(terminal := _Terminal())) as take:
        take(Progress(20, 40, None, 0.0).line())
        take("a warning")
        take(TOLD.line())
    drawn = terminal.getvalue()
    assert "30/40" in drawn
    assert "loss 0.1234, 5,600 tokens/s" in drawn
    assert "<" in drawn  # elapsed<remaining
    assert lines == ["a warning"]


def test_elsewhere_nothing_is_drawn() -> None:
    lines: list[str] = []
    with progress_bar(lines.append, stream=(file := io.StringIO())) as take:
        take(TOLD.line())
        take("step 30/40: loss 0.1234")
    assert file.getvalue() == ""
    assert lines == ["step 30/40: loss 0.1234"]
