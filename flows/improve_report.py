"""What a round of self-improvement found, as values, as one line and as a page for a person.

Covers telling; the figures come from `flows.improve_answers` and `flows.improve_judge`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from corpus.card import FunnelStep, funnel_markdown, markdown_table
from corpus.rows import from_dict
from ml.paired import Paired, paired_line
from ml.run_folder import read_json
from ml.self_answers import Diversity

__all__ = ["AnswerReport", "ImproveReport", "RoundReport", "read_round", "report_markdown", "round_line"]


@dataclass(frozen=True)
class AnswerReport:
    """What became of the answers of a round."""

    n_prompts: int
    n_answers: int
    n_equal: int
    """Right, but equal to the answer that is taught: no new information."""
    n_kept: int
    n_by_novelty: dict[str, int]
    """shape | structure | text: what each adds to the answers there are."""
    self_share: float
    """Of self answers among the training rows, those of earlier rounds too."""
    funnel: list[FunnelStep]
    examples_version: int
    contact_sheet: str | None
    """A picture of the answers kept; None where none were."""


@dataclass(frozen=True)
class RoundReport:
    """What a round did, and whether it helped."""

    key: str
    n_round: int
    parent_run_id: str
    outcome: str
    """helped | not_shown_to_help | refused | nothing_new"""
    answers: AnswerReport
    child_run_id: str | None = None
    child_adapter: str | None = None
    problems: list[str] = field(default_factory=list)
    """What the guards found; a child with any is refused."""
    against_parent: Paired | None = None
    against_base: Paired | None = None
    held_out: dict[str, Diversity] = field(default_factory=dict)
    """Of base, parent and child: their greedy answers to the held-out prompts."""
    samples: dict[str, Diversity] = field(default_factory=dict)
    """Of parent and child: samples for the same training prompts."""

    @property
    def is_kept(self) -> bool:
        """Whether the rows stay in the data set; only then is there something to go on from."""
        return self.outcome in ("helped", "not_shown_to_help")


@dataclass(frozen=True)
class ImproveReport:
    """What a call of `improve` did."""

    rounds: list[RoundReport]

    @property
    def line(self) -> str:
        return "; ".join(round_line(r) for r in self.rounds)


_OUTCOMES = {
    "helped": "shown to help",
    "not_shown_to_help": "not shown to help",
    "refused": "child refused, its rows taken out",
    "nothing_new": "nothing new to train on",
}


def round_line(report: RoundReport) -> str:
    """One line: what was kept, and whether it helped."""
    a = report.answers
    line = f"round {report.n_round}: {a.n_kept} of {a.n_answers} answers kept, {_OUTCOMES[report.outcome]}"
    if report.problems:
        line += f" ({'; '.join(report.problems)})"
    if report.against_parent is not None:
        line += f": child against parent {paired_line(report.against_parent)}"
    return line


def report_markdown(report: ImproveReport) -> str:
    """A page for a person, round by round."""
    return "\n\n".join(_round_markdown(r) for r in report.rounds)


def _round_markdown(report: RoundReport) -> str:
    a = report.answers
    novelty = ", ".join(f"{n} new in {name}" for name, n in a.n_by_novelty.items())
    parts = [
        f"## Round {report.n_round}: {_OUTCOMES[report.outcome]}",
        f"{a.n_answers} answers to {a.n_prompts} prompts; {a.n_equal} were right and equal to what is taught; "
        f"{a.n_kept} kept ({novelty}). Self answers are {a.self_share:.1%} of the "
        f"training rows of version {a.examples_version}.",
        funnel_markdown(a.funnel),
    ]
    if report.problems:
        parts.append("Refused:\n\n" + "\n".join(f"- {problem}" for problem in report.problems))
    if report.held_out:
        parts.append("Greedy answers to the held-out prompts:\n\n" + _diversity_table(report.held_out))
    if report.samples:
        parts.append("Samples for training prompts:\n\n" + _diversity_table(report.samples))
    for name, paired in (("parent", report.against_parent), ("base", report.against_base)):
        if paired is not None:
            parts.append(f"Child against {name}: {paired_line(paired)}.")
    parts.append(f"MLflow runs: parent `{report.parent_run_id}`, child `{report.child_run_id or 'none'}`.")
    return "\n\n".join(parts)


def _diversity_table(by_model: dict[str, Diversity]) -> str:
    names = [f.name for f in fields(Diversity)]
    values = {model: asdict(measured) for model, measured in by_model.items()}
    rows = [(name.replace("_", " "), *(f"{values[model][name]:.4g}" for model in values)) for name in names]
    return markdown_table(("", *values), rows)


def read_round(path: Path) -> RoundReport:
    """A report written earlier."""
    values = read_json(path)
    answers = values["answers"]
    values["answers"] = AnswerReport(**{**answers, "funnel": [FunnelStep(**step) for step in answers["funnel"]]})
    for name in ("against_parent", "against_base"):
        values[name] = from_dict(Paired, values[name]) if values[name] is not None else None
    for name in ("held_out", "samples"):
        values[name] = {model: Diversity(**measured) for model, measured in values[name].items()}
    return RoundReport(**values)
