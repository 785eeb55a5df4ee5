"""The sources that a row brings, by content key: what is compiled and sketched for it.

A conversation brings its earlier answers too: an example's whole history is verified, not its last answer alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from corpus.normalize import content_key
from corpus.schema import CleanedRow, ExampleRow, SyntheticRow, Turn

__all__ = ["contents_of", "history_keys"]


def contents_of(row: CleanedRow | SyntheticRow | ExampleRow) -> Iterator[tuple[str, str]]:
    """(sha256, scad) of the row's source and of the answers before it; nothing for a row that cleaning refused."""
    if row.sha256 is not None and row.scad is not None:
        yield row.sha256, row.scad
    if not isinstance(row, CleanedRow):
        for key, turn in zip(history_keys(row.history), row.history, strict=True):
            yield key, turn.scad


def history_keys(history: tuple[Turn, ...]) -> list[str]:
    """The content keys of a conversation's answers."""
    return [_key(turn.scad) for turn in history]


@lru_cache(maxsize=4096)  # the turns of one conversation come up again in each of its rows, one after the other
def _key(scad: str) -> str:
    return content_key(scad)
