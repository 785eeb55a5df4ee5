"""The Markdown tables that a benchmark prints, and what in it was not as it should be."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

Row = dict[str, str | int | float]


@dataclass
class Report:
    """What is printed, and what was not as it should be."""

    is_json: bool
    tables: dict[str, list[Row]] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)

    def show(self, title: str, rows: list[Row]) -> None:
        self.tables[title] = rows
        if self.is_json or not rows:
            return
        print(f"\n#### {title}\n\n| {' | '.join(rows[0])} |\n|{'---|' * len(rows[0])}")
        for row in rows:
            print("|", " | ".join(f"{v:.1f}" if isinstance(v, float) else str(v) for v in row.values()), "|")
        sys.stdout.flush()

    def say(self, line: str) -> None:
        if not self.is_json:
            print(f"\n{line}", flush=True)

    def expect(self, is_right: bool, complaint: str) -> None:
        if not is_right:
            self.complaints.append(complaint)


def totals(rows: Sequence[Row]) -> Row:
    """The sums of the columns that hold numbers; the first one says `all`."""
    first, *others = rows[0]
    sums: Row = {first: "all"}
    for name in others:
        numbers = [value for row in rows if not isinstance(value := row[name], str)]
        sums[name] = sum(numbers) if numbers else ""
    return sums
