"""What became of every design, in words: funnel, licence and source tables, dataset card.

Pure. Covers text and Markdown; counting is done where the rows are dropped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from corpus.schema import ExampleRow

__all__ = [
    "FunnelStep",
    "dataset_card",
    "funnel_markdown",
    "funnel_text",
    "license_table",
    "markdown_table",
    "source_table",
]


@dataclass(frozen=True)
class FunnelStep:
    """One stage of the funnel. Raises ValueError unless the reasons account for every row that did not pass."""

    stage: str
    n_in: int
    n_out: int
    reasons: Mapping[str, int] = field(default_factory=dict)
    """Rejections by reason."""

    def __post_init__(self) -> None:
        if self.n_in - self.n_out != sum(self.reasons.values()):
            raise ValueError(f"stage {self.stage}: {self.n_in} in, {self.n_out} out, but reasons {dict(self.reasons)}")


def _reasons(step: FunnelStep) -> str:
    return ", ".join(f"{reason} {count}" for reason, count in _commonest_first(step.reasons))


def funnel_text(steps: Sequence[FunnelStep]) -> str:
    """Aligned plain text for a terminal."""
    rows = [("stage", "in", "out", "dropped because")]
    rows += [(s.stage, str(s.n_in), str(s.n_out), _reasons(s)) for s in steps]
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    lines = [
        f"{stage:<{widths[0]}}  {n_in:>{widths[1]}}  {n_out:>{widths[2]}}  {why}".rstrip()
        for stage, n_in, n_out, why in rows
    ]
    return "\n".join(lines)


def funnel_markdown(steps: Sequence[FunnelStep]) -> str:
    """The same as a Markdown table."""
    return markdown_table(
        ("stage", "in", "out", "dropped because"), [(s.stage, s.n_in, s.n_out, _reasons(s)) for s in steps]
    )


def license_table(rows: Iterable[ExampleRow]) -> str:
    """Examples by licence."""
    return _counts("licence", rows, lambda row: row.license_spdx)


def source_table(rows: Iterable[ExampleRow]) -> str:
    """Examples by source."""
    return _counts("source", rows, lambda row: row.source)


def dataset_card(rows: Sequence[ExampleRow], *, funnel: Sequence[FunnelStep], version: int, engine_id: str) -> str:
    """The README of a dataset version."""
    n_clusters = len({row.cluster_id for row in rows})
    splits = Counter(row.split for row in rows)
    tiers = Counter(row.tier for row in rows)
    attributions = sorted({row.attribution for row in rows if row.attribution})
    return "\n".join(
        (
            f"# CAD Copilot examples, version {version}",
            "",
            f"{len(rows)} pairs of a sentence and the OpenSCAD source that answers it, in {n_clusters} clusters of"
            f" near-duplicates. Every source was compiled by `{engine_id}` to a closed solid, without an error, and"
            " measured.",
            "",
            "## Splits",
            "",
            markdown_table(("split", "examples"), sorted(splits.items())),
            markdown_table(("tier", "examples"), sorted(tiers.items())),
            "A cluster is in one split only.",
            "",
            "## What became of every design",
            "",
            funnel_markdown(funnel),
            "## Licences",
            "",
            "Each example keeps the licence of its design.",
            "",
            license_table(rows),
            "## Sources",
            "",
            source_table(rows),
            *(("## Attribution", "", *(f"- {_cell(line)}" for line in attributions), "") if attributions else ()),
        )
    )


def _counts(title: str, rows: Iterable[ExampleRow], name: Callable[[ExampleRow], str]) -> str:
    counts = Counter(name(row) for row in rows)
    return markdown_table((title, "examples"), _commonest_first(counts))


def _commonest_first(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def markdown_table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; whatever stands in a cell stays in it."""
    lines = [" | ".join(head), " | ".join("---" for _ in head), *(" | ".join(_cell(str(c)) for c in r) for r in rows)]
    return "".join(f"| {line} |\n" for line in lines)


def _cell(text: str) -> str:
    """One cell of a table: a crawled word must not end it."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
