"""A Parquet file in memory -> its rows, a few at a time.

Pure and total: bytes in, plain values out; what is damaged is left out, which `n_rows` shows. Never all rows as Python
objects at once: a table of 50 MB would take ten times that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

__all__ = ["ParquetTable", "open_parquet"]

_BATCH_ROWS = 64
_MAX_ROW_GROUP_BYTES = 1 << 30
"""Uncompressed. A row group that claims more is left out: kilobytes can be packed to become gigabytes."""


class ParquetTable:
    """An opened table."""

    def __init__(self, file: pq.ParquetFile) -> None:
        self._file = file
        self.names: tuple[str, ...] = tuple(str(name) for name in file.schema_arrow.names)
        self.n_rows = int(file.metadata.num_rows)
        """As the file itself says; `rows` gives fewer where it is damaged."""

    def rows(self, names: Sequence[str]) -> Iterator[dict[str, Any]]:
        """Every readable row, with these columns only; a value that is not UTF-8 is None."""
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
                yield {name: _value(column[index]) for name, column in columns.items()}


def open_parquet(body: bytes) -> ParquetTable | None:
    """The table in these bytes; None where they are none."""
    try:
        return ParquetTable(pq.ParquetFile(pa.BufferReader(body)))
    except (pa.ArrowException, OSError):
        return None


def _value(scalar: Any) -> Any:
    try:
        return scalar.as_py()
    except (UnicodeDecodeError, ValueError, OverflowError):
        return None
