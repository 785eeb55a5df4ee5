"""The table `rejected` as the flows keep it: each stage replaces its own rows and leaves the others'."""

from __future__ import annotations

from collections.abc import Sequence

from corpus.schema import RejectedRow
from corpus.store import Store

__all__ = ["replace_rejections"]


def replace_rejections(store: Store, stages: frozenset[str], rows: Sequence[RejectedRow]) -> None:
    """Publishes a version in which `stages` hold exactly `rows`."""
    kept: list[RejectedRow] = [r for r in store.rows("rejected") if r.stage not in stages]
    store.replace("rejected", [*kept, *rows])
