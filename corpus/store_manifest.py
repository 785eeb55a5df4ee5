"""What a version is: its parts, how many rows, and a hash of them; and the words for what is wrong with a table.

SCHEMA_VERSION counts changes that the rules of `corpus.store_columns` can't bridge. A table of a newer one is refused
by name; one of an older is read by those rules, column by column.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from corpus.rows import from_dict, to_dict
from corpus.schema import SCHEMA_VERSION, TABLES, Table

__all__ = ["Key", "Manifest", "Part", "StoreError", "from_json", "known_table", "one_line", "row_digest", "sum_of"]

Key = tuple[Any, ...]
"""The values of a table's key columns; strings, or None where a key column is null."""

_HASH_MODULUS = 1 << 256


class StoreError(Exception):
    """A table can't be read or written; one line says what, where and what to do. What was published stays whole."""


@dataclass(frozen=True)
class Part:
    path: str
    """Relative to the table's folder."""
    n_rows: int
    sha256: str
    """Of the file's bytes."""
    n_bytes: int | None = None
    """None in a manifest of before sizes were kept."""


@dataclass(frozen=True)
class Manifest:
    """One published version: exactly these parts."""

    table: str
    version: int
    parent: int | None
    n_rows: int
    parts: tuple[Part, ...]
    schema_version: int
    created_at: str
    """ISO-8601, UTC; the only thing in it that the rows and the version before don't decide."""
    content_hash: str
    """Sum of the rows' sha256 modulo 2^256: the same rows give the same hash in any order and any parts."""

    def to_json(self) -> bytes:
        return (json.dumps(to_dict(self), indent=1) + "\n").encode()


def from_json(content: bytes, *, where: str) -> Manifest:
    """The manifest in a file. Raises StoreError for a damaged one, and for one of a newer schema."""
    try:
        fields = json.loads(content)
        if fields["schema_version"] > SCHEMA_VERSION:
            raise StoreError(
                f"{where} was written by a newer cad-copilot (schema {fields['schema_version']}, this one reads up "
                f"to {SCHEMA_VERSION}): update this one"
            )
        return from_dict(Manifest, fields)
    except (ValueError, TypeError, KeyError) as error:
        raise StoreError(f"{where} is damaged ({error}); remove it to fall back to the version before") from error


def known_table(name: str) -> Table:
    if name not in TABLES:
        raise StoreError(f"no table {name!r}; known: {', '.join(TABLES)}")
    return TABLES[name]


def row_digest(row: Mapping[str, Any]) -> bytes:
    """sha256 of a plain row; it knows the values, not the order of the columns."""
    text = json.dumps(row, sort_keys=True, separators=(",", ":"), default=bytes.hex)
    return hashlib.sha256(text.encode()).digest()


def sum_of(digests: Iterable[bytes], *, start: str = "0") -> str:
    total = sum((int.from_bytes(digest) for digest in digests), int(start, 16))
    return f"{total % _HASH_MODULUS:064x}"


def one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:300]
