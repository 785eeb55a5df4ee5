"""Rows to Parquet files and back: in the order of their keys, a bounded number a file, the same rows the same bytes.

Covers one file at a time; `corpus.store` says which files are a version.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from corpus.rows import schema_of, to_dict
from corpus.schema import Table
from corpus.store_columns import ColumnProblem, fit, plan_of
from corpus.store_manifest import Key, StoreError, one_line, row_digest

__all__ = ["ROWS_PER_PART", "by_key", "in_shards", "key_of", "read_batches", "slices", "write_rows"]

ROWS_PER_PART = 16_384
"""A part of the largest rows (crawled, 6 kB each) is about 100 MB before compression, 20 MB in the file."""
ROWS_PER_GROUP = 4_096
"""Rows turned to Arrow at once: what writing and reading hold beside the caller's rows."""


def key_of(table: Table, row: Any) -> Key:
    return tuple(getattr(row, name) for name in table.key)


def by_key(table: Table, rows: Iterable[Any], *, is_first_kept: bool) -> dict[Key, Any]:
    """The rows by key: of those with one key the first, or the one whose content sorts first, whatever their order."""
    found: dict[Key, Any] = {}
    for row in rows:
        if not isinstance(row, table.row_type):
            raise StoreError(f"table {table.name} holds {table.row_type.__name__}, not {type(row).__name__}")
        other = found.setdefault(key_of(table, row), row)
        if other is not row and not is_first_kept:
            found[key_of(table, row)] = min(other, row, key=lambda r: row_digest(to_dict(r)))
    return found


def _in_order(rows: dict[Key, Any]) -> list[Any]:
    """By key, None last."""
    return [rows[key] for key in sorted(rows, key=lambda key: [(value is None, value or "") for value in key])]


def slices(rows: dict[Key, Any]) -> Iterator[list[Any]]:
    """In the order of their keys, a part's worth at a time."""
    ordered = _in_order(rows)
    yield from (ordered[start : start + ROWS_PER_PART] for start in range(0, len(ordered), ROWS_PER_PART))


def in_shards(rows: dict[Key, Any], shard_of: Callable[[Any], str] | None) -> Iterator[list[Any]]:
    """About a part's worth of rows at a time, so divided that a changed row changes one part only.

    By the caller's shards, and within one that is too large by the hash of the key, into as many pieces as the
    smallest power of two that makes them small enough: a row that comes moves no other until the number doubles.
    """
    shards: dict[str, dict[Key, Any]] = {}
    for key, row in rows.items():
        shards.setdefault(shard_of(row) if shard_of else "", {})[key] = row
    for _, shard in sorted(shards.items()):
        n_pieces = 1
        while len(shard) > n_pieces * ROWS_PER_PART:
            n_pieces *= 2
        pieces: list[dict[Key, Any]] = [{} for _ in range(n_pieces)]
        for key, row in shard.items():
            pieces[_hash(key) % n_pieces][key] = row
        yield from (_in_order(piece) for piece in pieces if piece)


def _hash(key: Key) -> int:
    return int.from_bytes(hashlib.sha256(repr(key).encode("utf-8", "surrogatepass")).digest()[:8])


def write_rows(table: Table, rows: Sequence[Any], sink: IO[bytes]) -> list[bytes]:
    """Writes a Parquet file; gives the rows' digests. Raises StoreError for a row that doesn't fit the schema."""
    schema = schema_of(table.row_type)
    digests: list[bytes] = []
    try:
        with pq.ParquetWriter(sink, schema, compression="zstd") as writer:
            for start in range(0, len(rows), ROWS_PER_GROUP):
                plain = [to_dict(row) for row in rows[start : start + ROWS_PER_GROUP]]
                digests += map(row_digest, plain)
                writer.write_batch(pa.RecordBatch.from_pylist(plain, schema=schema))
    except (pa.ArrowInvalid, pa.ArrowTypeError, UnicodeEncodeError, TypeError) as error:
        raise StoreError(f"table {table.name}: a row does not fit the schema ({one_line(error)})") from error
    return digests


def read_batches(table: Table, source: Any, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """The columns of a Parquet file under today's row type. Raises ColumnProblem, pyarrow.ArrowInvalid, OSError."""
    file = pq.ParquetFile(source, pre_buffer=True)
    plan = plan_of(file.schema_arrow, table.row_type, columns)
    if not plan.present:  # a file read for none of its columns would not say how many rows it has
        if set(table.key) - set(file.schema_arrow.names):
            raise ColumnProblem(f"it has no key column {', '.join(table.key)}")
        yield from (fit(batch, plan) for batch in read_batches(table, source, table.key))
        return
    for batch in file.iter_batches(batch_size=ROWS_PER_GROUP, columns=list(plan.present)):
        yield fit(batch, plan)
