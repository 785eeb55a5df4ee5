"""The table `rejected` as the flows keep it: each stage replaces its own rows and leaves the others'."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from corpus.schema import RejectedRow
from corpus.store import Store
from flows.locks import locked

__all__ = ["replace_rejections"]


def replace_rejections(
    tables_dir: Path, stages: frozenset[str], rows: Sequence[RejectedRow], *, source: str | None = None
) -> None:
    """Publishes a version in which `stages` (of one `source`, if given) hold exactly `rows`.

    Reading and publishing are one step to every other caller, in whatever thread or process.
    """

    def is_replaced(row: RejectedRow) -> bool:
        return row.stage in stages and source in (None, row.source)

    store = Store(tables_dir)
    with locked(tables_dir / ".rejected.lock"):
        kept: list[RejectedRow] = [r for r in store.rows("rejected") if not is_replaced(r)]
        store.replace("rejected", [*kept, *rows])
