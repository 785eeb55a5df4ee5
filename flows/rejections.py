"""The table `rejected` as the flows keep it: each stage replaces its own rows and leaves the others'."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from corpus.schema import RejectedRow
from corpus.store import Store

__all__ = ["replace_rejections"]


def replace_rejections(
    root: str | Path, stages: frozenset[str], rows: Sequence[RejectedRow], *, source: str | None = None
) -> None:
    """Publishes a version in which `stages` (of one `source`, if given) hold exactly `rows`, in one step."""

    def is_replaced(row: RejectedRow) -> bool:
        return row.stage in stages and source in (None, row.source)

    Store(root).update("rejected", lambda there: [*(row for row in there if not is_replaced(row)), *rows])
