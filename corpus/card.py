"""What became of every design, in words: funnel, licence and source tables, dataset card.

Pure. Covers text and Markdown; counting is done where the rows are dropped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from corpus.names import LICENSE_TIERS
from corpus.schema import ExampleRow, Turn

__all__ = [
    "CardExample",
    "FunnelStep",
    "dataset_card",
    "funnel_markdown",
    "funnel_text",
    "license_table",
    "markdown_table",
    "source_table",
]


NameT = TypeVar("NameT", bound="str | tuple[str, ...]")


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
    """Examples by tier and licence."""
    counts = Counter((row.license_tier, row.license_spdx) for row in rows)
    lines = sorted(counts.items(), key=lambda item: (LICENSE_TIERS.index(item[0][0]), -item[1], item[0]))
    return markdown_table(("tier", "licence", "examples"), [(*names, n) for names, n in lines])


def source_table(rows: Iterable[ExampleRow]) -> str:
    """Examples by source."""
    return _counts("source", rows, lambda row: row.source)


@dataclass(frozen=True)
class CardExample:
    """An example that the card shows."""

    row: ExampleRow
    picture: str | None = None
    """File beside the card."""


_TEST_SETS = {
    "values": "families, features and wordings as in training; numbers and arrangement are not",
    "wordings": "the same, in phrases that training never uses",
    "synonyms": "the same, in taught phrases, but called by a name that training never uses",
    "compositions": "a feature on a family that training never pairs",
    "families": "families of parts that training never sees",
    "edits": "conversations about parts of held-out arrangements, half of them in held-out phrases",
    "real": "people's designs whose cluster and author are not in training",
}


def dataset_card(
    rows: Sequence[ExampleRow],
    *,
    funnel: Sequence[FunnelStep],
    version: int,
    engine_id: str,
    shown: Sequence[CardExample] = (),
    sheet: str | None = None,
) -> str:
    """The README of a dataset version; `sheet` is a picture of many parts, `shown` a few examples in full."""
    return "\n".join(
        (
            f"# CAD Copilot examples, version {version}",
            "",
            *_introduction(rows, engine_id),
            *((f"![Some of the parts]({sheet})", "") if sheet else ()),
            *_splits(rows),
            *_requests(rows),
            *(("## Some examples", "", *(line for example in shown for line in _shown(example))) if shown else ()),
            "## What became of every design",
            "",
            funnel_markdown(funnel),
            "## Licences",
            "",
            "Each example keeps the licence of its design; an edit of a design has the design's. An export has a folder"
            " a tier, so that nobody takes in share-alike or non-commercial terms unawares.",
            "",
            license_table(rows),
            "## Sources",
            "",
            source_table(rows),
            *_LIMITS,
            *_attributions(rows),
        )
    )


def _introduction(rows: Sequence[ExampleRow], engine_id: str) -> list[str]:
    n_edits = sum(row.kind == "edit" for row in rows)
    n_clusters = len({row.cluster_id for row in rows})
    return [
        f"{len(rows)} pairs of a request and the OpenSCAD source that answers it, {n_edits} of them changes asked for"
        f" in a conversation, in {n_clusters} clusters of the same design. Every source, those of earlier turns too,"
        f" was compiled by `{engine_id}` to a closed solid, without an error, and measured; what was generated measures"
        " what its request says.",
        "",
    ]


def _splits(rows: Sequence[ExampleRow]) -> list[str]:
    splits = Counter(row.split for row in rows)
    sets = Counter(row.test_set for row in rows if row.test_set)
    lines = [(name, n, _TEST_SETS[name]) for name, n in sorted(sets.items())]
    return [
        "## Splits",
        "",
        markdown_table(("split", "examples"), sorted(splits.items())),
        *((markdown_table(("test set", "examples", "what is unseen"), lines),) if lines else ()),
        "A cluster is in one split only. What training shared with a test was dropped from training.",
        "",
    ]


def _requests(rows: Sequence[ExampleRow]) -> list[str]:
    kinds = Counter((row.tier, row.prompt_kind, row.prompt_style or "") for row in rows)
    edits = Counter(row.edit_kind for row in rows if row.edit_kind)
    families = {row.family for row in rows if row.family}
    features = {feature for row in rows for feature in row.features}
    table = [(*names, n) for names, n in _commonest_first(kinds)]
    lines = ["## Requests", "", markdown_table(("tier", "whose words", "style", "examples"), table)]
    if edits:
        lines += ["Changes asked for:", "", markdown_table(("edit", "examples"), _commonest_first(edits))]
    if families:
        lines += [f"Generated parts are of {len(families)} families, with {len(features)} kinds of feature.", ""]
    return lines


def _shown(example: CardExample) -> list[str]:
    row = example.row
    lines = [f"![{row.family or row.source}]({example.picture})", ""] if example.picture else []
    for turn in (*row.history, Turn(row.prompt, row.scad)):
        lines += [f"> {_cell(turn.prompt)}", ""]
    source = row.scad.rstrip().replace("```", "` ` `")
    return [*lines, "```openscad", source, "```", "", f"{row.source}, {row.license_spdx}", ""]


_LIMITS = (
    "## Known limits",
    "",
    "- Requests are English; generated ones come from a grammar, however large.",
    "- Generated parts are plates, prisms, turned and bent shapes with features on flat faces; free forms come only"
    " from people's designs.",
    "- A request without a number fixes nothing but the kind of part; its answer is one of many.",
    "- `spec` holds what the request fixes; the volume of parts with lettering is left open.",
    "- Licences are those that the sites or the files name; nobody has asked the authors.",
    "",
)


def _attributions(rows: Iterable[ExampleRow]) -> list[str]:
    lines = sorted({row.attribution for row in rows if row.attribution})
    return ["## Attribution", "", *(f"- {_cell(line)}" for line in lines), ""] if lines else []


def _counts(title: str, rows: Iterable[ExampleRow], name: Callable[[ExampleRow], str]) -> str:
    counts = Counter(name(row) for row in rows)
    return markdown_table((title, "examples"), _commonest_first(counts))


def _commonest_first(counts: Mapping[NameT, int]) -> list[tuple[NameT, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def markdown_table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; whatever stands in a cell stays in it."""
    lines = [" | ".join(head), " | ".join("---" for _ in head), *(" | ".join(_cell(str(c)) for c in r) for r in rows)]
    return "".join(f"| {line} |\n" for line in lines)


def _cell(text: str) -> str:
    """One cell of a table: a crawled word must not end it."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
