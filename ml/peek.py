"""What a training batch looks like: its text, told apart by prompt, answer, padding and example, and its numbers.

Read from the very tensors that the model gets, so it shows what the collators do, not what they should. Drawn for a
terminal (rich) and as an HTML page that needs nothing else. Covers no choice of batches: `ml.packing` and `ml.dataset`.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING, Any

from torch import Tensor

from ml.dataset import IGNORED_LABEL

if TYPE_CHECKING:
    from rich.console import RenderableType
    from transformers import PreTrainedTokenizerBase

__all__ = ["Peek", "PeekRow", "Role", "Segment", "html_page", "peek_at", "renderable"]


class Role(StrEnum):
    PROMPT = "prompt"
    """Read, not learned."""
    ANSWER = "answer"
    """What the loss is made of."""
    PADDING = "padding"


@dataclass(frozen=True)
class Segment:
    """Neighbouring tokens of one example and one role."""

    role: Role
    example: int
    """Which of its row, from 0."""
    n_tokens: int
    text: str


@dataclass(frozen=True)
class PeekRow:
    segments: tuple[Segment, ...]

    @property
    def n_examples(self) -> int:
        return len({s.example for s in self.segments if s.role is not Role.PADDING})

    def n_tokens(self, role: Role) -> int:
        return sum(s.n_tokens for s in self.segments if s.role is role)


@dataclass(frozen=True)
class Peek:
    shapes: Mapping[str, str]
    """`(rows, tokens) dtype` of each tensor."""
    n_examples: int
    n_tokens: int
    """Without padding."""
    n_supervised: int
    n_padding: int
    padding_share: float
    """Of all places; 0.0 where none is padding."""
    rows: tuple[PeekRow, ...]


def peek_at(batch: Mapping[str, Tensor], tokenizer: PreTrainedTokenizerBase) -> Peek:
    """What a batch of CompletionCollator's or PackingCollator's holds."""
    rows = tuple(PeekRow(tuple(_segments(batch, i, tokenizer))) for i in range(len(batch["input_ids"])))
    n_by_role = {role: sum(row.n_tokens(role) for row in rows) for role in Role}
    n_places = batch["input_ids"].numel()
    return Peek(
        shapes={n: f"{tuple(t.shape)} {str(t.dtype).removeprefix('torch.')}" for n, t in batch.items()},
        n_examples=sum(row.n_examples for row in rows),
        n_tokens=n_places - n_by_role[Role.PADDING],
        n_supervised=n_by_role[Role.ANSWER],
        n_padding=n_by_role[Role.PADDING],
        padding_share=n_by_role[Role.PADDING] / n_places,
        rows=rows,
    )


def _segments(batch: Mapping[str, Tensor], row: int, tokenizer: PreTrainedTokenizerBase) -> Iterator[Segment]:
    ids: list[int] = batch["input_ids"][row].tolist()
    is_told: list[bool] = (batch["labels"][row] != IGNORED_LABEL).tolist()
    examples = _examples(batch, row)
    n_real = _n_real(batch, row, examples, tokenizer.pad_token_id)
    roles = [Role.PADDING if i >= n_real else Role.ANSWER if told else Role.PROMPT for i, told in enumerate(is_told)]
    for (example, role), places in groupby(range(len(ids)), key=lambda i: (examples[i], roles[i])):
        tokens = [ids[i] for i in places]
        yield Segment(role, example, len(tokens), str(tokenizer.decode(tokens, skip_special_tokens=False)))


def _examples(batch: Mapping[str, Tensor], row: int) -> list[int]:
    """The number of the example that each place belongs to."""
    if "position_ids" not in batch:
        return [0] * batch["input_ids"].shape[1]
    numbers: list[int] = ((batch["position_ids"][row] == 0).cumsum(0) - 1).tolist()
    return numbers


def _n_real(batch: Mapping[str, Tensor], row: int, examples: Sequence[int], pad_token_id: int) -> int:
    """Places before the padding; a pack's is an example of padding tokens and no answer."""
    if "attention_mask" in batch:
        return int(batch["attention_mask"][row].sum())
    start = examples.index(examples[-1])
    is_padding = bool((batch["input_ids"][row, start:] == pad_token_id).all())
    return start if is_padding and bool((batch["labels"][row, start:] == IGNORED_LABEL).all()) else len(examples)


def _summary(peek: Peek) -> list[str]:
    told = peek.n_supervised / peek.n_tokens if peek.n_tokens else 0.0
    return [
        *(f"{name}: {shape}" for name, shape in peek.shapes.items()),
        f"{peek.n_examples} examples, {peek.n_tokens} tokens, {peek.n_supervised} ({told:.0%}) of them supervised; "
        f"{peek.n_padding} places of padding ({peek.padding_share:.1%})",
    ]


_STYLES = {Role.PROMPT: "bright_black", Role.ANSWER: "green", Role.PADDING: "dim"}


def renderable(peek: Peek) -> RenderableType:
    """For a terminal: prompts grey, answers green, padding dim, a rule where a row or an example begins."""
    from rich.console import Group
    from rich.rule import Rule
    from rich.text import Text

    parts: list[Any] = [Text("\n".join(_summary(peek)))]
    for number, row in enumerate(peek.rows):
        parts.append(Rule(_row_title(number, row), align="left"))
        for example, segments in groupby(row.segments, key=lambda s: s.example):
            if example and row.n_examples > example:
                parts.append(Rule(f"example {example + 1}", align="left", style="dim", characters="·"))
            parts.append(Text.assemble(*((_shown(s), _STYLES[s.role]) for s in segments)))
    return Group(*parts)


def _row_title(number: int, row: PeekRow) -> str:
    counts = ", ".join(f"{n} {role}" for role in Role if (n := row.n_tokens(role)))
    return f"row {number + 1}: {row.n_examples} examples, tokens: {counts}"


def _shown(segment: Segment) -> str:
    return f"⋯ {segment.n_tokens} × padding" if segment.role is Role.PADDING else segment.text


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>A training batch</title><style>
:root {{ color-scheme: light dark; }}
body {{ font: 14px/1.5 system-ui, sans-serif; max-width: 70em; margin: 2em auto; padding: 0 1em; }}
pre {{ white-space: pre-wrap; margin: .4em 0; padding: .6em .8em; border-left: 3px solid #8888; font-size: 13px; }}
.prompt {{ color: #888; }}
.answer {{ color: light-dark(#176b2c, #6fd08c); }}
.padding {{ opacity: .45; }}
h2 {{ font-size: 1em; margin: 1.5em 0 .3em; }}
</style></head><body>
<h1>A training batch</h1>
<p><span class="prompt">prompt: read</span> · <span class="answer">answer: learned</span> ·
<span class="padding">padding</span> · one box an example</p>
<ul>{summary}</ul>
{rows}
</body></html>
"""


def html_page(peek: Peek) -> str:
    """The same as a page of its own, without scripts or anything from elsewhere."""
    summary = "".join(f"<li>{html.escape(line)}</li>" for line in _summary(peek))
    rows = []
    for number, row in enumerate(peek.rows):
        rows.append(f"<h2>{html.escape(_row_title(number, row))}</h2>")
        for _, segments in groupby(row.segments, key=lambda s: s.example):
            spans = (f'<span class="{s.role}">{html.escape(_shown(s))}</span>' for s in segments)
            rows.append(f"<pre>{''.join(spans)}</pre>")
    return _PAGE.format(summary=summary, rows="\n".join(rows))
