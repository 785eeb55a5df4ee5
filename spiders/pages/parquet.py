"""A Parquet file in memory -> its rows, a few at a time.

Pure and total: bytes in, plain values out; what is damaged is left out, which `n_rows` shows. Never all rows as Python
objects at once: a table of 50 MB would take ten times that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

__all__ = ["MAX_CELL_BYTES", "ParquetTable", "open_parquet"]

_BATCH_ROWS = 16
"""Few: in a dictionary's kilobytes one cell of gigabytes can stand for many, and a batch holds each of them."""
_MAX_ROWS = 1_000_000
"""Of a table; equal rows pack so well that a file of 256 MiB can hold billions."""
MAX_CELL_BYTES = 4 << 20
_MAX_TABLE_BYTES = 8 << 30
"""Of all cells unpacked, the too large ones included: one that stands for a million rows would take hours."""
_MAX_ROW_GROUP_BYTES = 1 << 30
"""Uncompressed. A row group that claims more is left out: kilobytes can be packed to become gigabytes."""


class ParquetTable:
    """An opened table."""

    def __init__(self, file: pq.ParquetFile) -> None:
        self._file = file
        self.names: tuple[str, ...] = tuple(str(name) for name in file.schema_arrow.names)
        self.n_rows = int(file.metadata.num_rows)
        """As the file itself says; `rows` gives fewer where it is damaged, or has more than are read."""
        self._n_bytes = 0
        self.n_cells_too_large = 0
        """Of the rows read so far."""

    def rows(self, names: Sequence[str]) -> Iterator[dict[str, Any]]:
        """Every readable row, with these columns only; a value that is not UTF-8, or too large, is None."""
        self._n_bytes = 0
        for row in islice(self._all_rows(names), _MAX_ROWS):
            if self._n_bytes > _MAX_TABLE_BYTES:
                return
            yield row

    def _all_rows(self, names: Sequence[str]) -> Iterator[dict[str, Any]]:
        for group in range(self._file.metadata.num_row_groups):
            if self._file.metadata.row_group(group).total_byte_size > _MAX_ROW_GROUP_BYTES:
                continue
            try:
                yield from self._rows_of_group(group, list(names))
            except (pa.ArrowException, OSError):
                continue  # a damaged group; Arrow gives no better name to a broken compression than OSError

    def _rows_of_group(self, group: int, names: list[str]) -> Iterator[dict[str, Any]]:
        batches = self._file.iter_batches(batch_size=_BATCH_ROWS, row_groups=[group], columns=names, use_threads=False)
        for batch in batches:
            columns = {name: batch.column(index) for index, name in enumerate(batch.schema.names)}
            for index in range(batch.num_rows):
                yield {name: self._value(column[index]) for name, column in columns.items()}

    def _value(self, scalar: Any) -> Any:
        try:
            n_bytes = _n_bytes(scalar)
            self._n_bytes += n_bytes
            if n_bytes > MAX_CELL_BYTES:
                self.n_cells_too_large += 1
                return None
            return scalar.as_py()
        except (ValueError, OverflowError):  # text that is not UTF-8, a date beyond Python's
            return None


def open_parquet(body: bytes) -> ParquetTable | None:
    """The table in these bytes; None where they are none."""
    try:
        return ParquetTable(pq.ParquetFile(pa.BufferReader(body)))
    except (pa.ArrowException, OSError, ValueError):  # a damaged column name is UnicodeDecodeError
        return None


def _n_bytes(scalar: Any) -> int:
    """What the value takes in Arrow's memory, before anything is made of it; 0 for what is small anyhow."""
    if isinstance(scalar, pa.DictionaryScalar):
        scalar = scalar.value
    if scalar is None or not scalar.is_valid:
        return 0
    if isinstance(scalar, pa.BinaryScalar):
        return int(scalar.as_buffer().size)
    if isinstance(scalar, pa.ListScalar):
        return int(scalar.values.nbytes)
    if isinstance(scalar, pa.StructScalar):
        return sum(_n_bytes(scalar[index]) for index in range(len(scalar)))
    return 0
