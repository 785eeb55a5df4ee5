"""Versioned tables of Parquet parts: append, anti-join by key, publish atomically, read at a version.

A table is a folder of immutable parts and `versions/NNNNNN.json` manifests. A manifest is renamed into place last,
so a reader sees whole versions only, and a crash leaves at most a part that nobody names. One writer at a time a
table: a lock of the operating system, gone with its process. Reading goes through `pyarrow.fs`, so a root may be a
URI such as s3://bucket/tables; writing needs a local folder (the lock). Covers no schema migration and no deletion.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import fs

from corpus.rows import from_dict, schema_of, to_dict
from corpus.schema import SCHEMA_VERSION, TABLES, Table

__all__ = ["Key", "Manifest", "Part", "Store", "StoreError"]

Key = tuple[Any, ...]
"""The values of a table's key columns; strings, or None where a key column is null."""

_MANIFEST_NAME = re.compile(r"(\d{6,})\.json")
_HASH_MODULUS = 1 << 256
_FULL_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class StoreError(Exception):
    """A table can't be read or written; one line says what, where and what to do. What was published stays whole."""


@dataclass(frozen=True)
class Part:
    path: str
    """Relative to the table's folder."""
    n_rows: int
    sha256: str
    """Of the file's bytes."""


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
    """ISO-8601, UTC."""
    content_hash: str
    """Sum of the rows' sha256 modulo 2^256: the same rows give the same hash in any order and any parts."""


class Store:
    """The tables under one root. Holds no state: every call reads what is published now."""

    def __init__(self, root: str | Path) -> None:
        if "://" in str(root):
            self._fs, self._root = fs.FileSystem.from_uri(str(root))
        else:
            self._fs, self._root = fs.LocalFileSystem(), str(Path(root).resolve())

    def latest_version(self, table: str) -> int | None:
        """The newest published version; None for a table that has none yet."""
        return max(self._versions(table), default=None)

    def manifest(self, table: str, version: int | None = None) -> Manifest | None:
        """What a version consists of; the newest without a number, None for a table that has none yet."""
        version = self.latest_version(table) if version is None else version
        if version is None:
            return None
        path = f"{self._folder(table)}/versions/{version:06d}.json"
        try:
            with self._fs.open_input_stream(path) as stream:
                return from_dict(Manifest, json.loads(stream.read()))
        except FileNotFoundError:
            known = ", ".join(map(str, sorted(self._versions(table)))) or "none"
            raise StoreError(f"table {table} has no version {version}; it has: {known}") from None
        except (ValueError, TypeError) as error:
            raise StoreError(f"{path} is damaged ({error}); remove it to fall back to the version before") from error

    def log(self, table: str) -> list[Manifest]:
        """Every version, newest first."""
        manifests = (self.manifest(table, v) for v in sorted(self._versions(table), reverse=True))
        return [m for m in manifests if m is not None]

    def read(self, table: str, *, version: int | None = None, columns: Sequence[str] | None = None) -> pa.Table:
        """The rows of a version as Arrow; a table that was never written is empty."""
        schema = schema_of(_known(table).row_type)
        chosen = schema if columns is None else pa.schema([schema.field(name) for name in columns])
        manifest = self.manifest(table, version)
        parts = manifest.parts if manifest else ()
        tables = [self._read_part(table, part, schema, chosen.names) for part in parts]
        if not chosen.names:  # Arrow forgets the number of rows of tables without columns when it joins them
            return self.read(table, version=version, columns=_known(table).key[:1]).select([])
        return pa.concat_tables(tables) if tables else chosen.empty_table()

    def rows(self, table: str, version: int | None = None) -> list[Any]:
        """The rows of a version as the table's row type."""
        row_type = _known(table).row_type
        return [from_dict(row_type, row) for row in self.read(table, version=version).to_pylist()]

    def keys(self, table: str, version: int | None = None) -> set[Key]:
        """The keys of a version."""
        names = _known(table).key
        data = self.read(table, version=version, columns=names)
        return set(zip(*(data.column(name).to_pylist() for name in names), strict=True))

    def missing(self, table: str, keys: Iterable[Key]) -> list[Key]:
        """Anti-join: those of `keys` that the newest version doesn't hold, each once, in their order."""
        known = self.keys(table)
        return [key for key in dict.fromkeys(keys) if key not in known]

    def append(self, table: str, rows: Sequence[Any]) -> int:
        """Publish a version with the rows whose keys are new; without new rows the newest version stays.

        Of rows with the same key the first stays. Returns the version that holds them.
        """
        with self._writing(table) as latest:
            known = self.keys(table)
            new = [row for key, row in _by_key(_known(table), rows).items() if key not in known]
            if latest is not None and not new:
                return latest.version
            return self._publish(table, latest, new, kept=latest)

    def replace(self, table: str, rows: Sequence[Any]) -> int:
        """Publish a version that holds exactly these rows (of a key the first); nothing new if the newest does."""
        with self._writing(table) as latest:
            new = list(_by_key(_known(table), rows).values())
            if latest is not None and (latest.n_rows, latest.content_hash) == (len(new), _content_hash(new)):
                return latest.version
            return self._publish(table, latest, new, kept=None)

    def verify(self, table: str, version: int | None = None) -> list[str]:
        """What is wrong with a version's files, one line each; empty for a whole one."""
        manifest = self.manifest(table, version)
        problems = []
        for part in manifest.parts if manifest else ():
            path = f"{self._folder(table)}/{part.path}"
            if self._fs.get_file_info(path).type != fs.FileType.File:
                problems.append(f"{path} is missing")
                continue
            with self._fs.open_input_stream(path) as stream:
                if hashlib.sha256(stream.read()).hexdigest() != part.sha256:
                    problems.append(f"{path} is not what version {manifest.version if manifest else version} published")
        return problems

    def _folder(self, table: str) -> str:
        return f"{self._root}/{_known(table).name}"

    def _versions(self, table: str) -> list[int]:
        selector = fs.FileSelector(f"{self._folder(table)}/versions", allow_not_found=True)
        names = (_MANIFEST_NAME.fullmatch(info.base_name) for info in self._fs.get_file_info(selector))
        return [int(name[1]) for name in names if name]

    def _read_part(self, table: str, part: Part, schema: pa.Schema, columns: Sequence[str]) -> pa.Table:
        path = f"{self._folder(table)}/{part.path}"
        try:
            with self._fs.open_input_file(path) as source:
                file = pq.ParquetFile(source)
                _check_schema(table, path, file.schema_arrow, schema)
                return file.read(columns=list(columns))
        except FileNotFoundError:
            raise StoreError(f"table {table}: {path} is missing; restore it or name an older version") from None
        except (pa.ArrowInvalid, OSError) as error:
            raise StoreError(f"table {table}: {path} can't be read ({_one_line(error)})") from error

    @contextmanager
    def _writing(self, table: str) -> Iterator[Manifest | None]:
        """Holds the table's writer lock and gives its newest manifest; turns a full disk into a StoreError."""
        if not isinstance(self._fs, fs.LocalFileSystem):
            raise StoreError(f"{self._root}: tables can be read there, but writing needs a local folder")
        folder = Path(self._folder(table))
        try:
            (folder / "versions").mkdir(parents=True, exist_ok=True)
            (folder / "parts").mkdir(exist_ok=True)
            with (folder / ".lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield self.manifest(table)
        except OSError as error:
            raise StoreError(_write_problem(table, folder, error)) from error

    def _publish(self, table: str, latest: Manifest | None, new: list[Any], *, kept: Manifest | None) -> int:
        """Write the part, then the manifest: the rename of the manifest is the moment the version exists."""
        folder = Path(self._folder(table))
        parts = kept.parts if kept else ()
        if new:
            parts += (_write_part(_known(table), folder, new),)
        manifest = Manifest(
            table=table,
            version=latest.version + 1 if latest else 1,
            parent=latest.version if latest else None,
            n_rows=sum(part.n_rows for part in parts),
            parts=parts,
            schema_version=SCHEMA_VERSION,
            created_at=datetime.now(UTC).isoformat(timespec="seconds"),
            content_hash=_content_hash(new, start=kept.content_hash if kept else "0"),
        )
        text = json.dumps(to_dict(manifest), indent=1) + "\n"
        _write_file(folder / "versions" / f"{manifest.version:06d}.json", text.encode())
        return manifest.version


def _known(table: str) -> Table:
    if table not in TABLES:
        raise StoreError(f"no table {table!r}; known: {', '.join(TABLES)}")
    return TABLES[table]


def _by_key(table: Table, rows: Sequence[Any]) -> dict[Key, Any]:
    """The rows by key, the first of each."""
    found: dict[Key, Any] = {}
    for row in rows:
        if not isinstance(row, table.row_type):
            raise StoreError(f"table {table.name} holds {table.row_type.__name__}, not {type(row).__name__}")
        found.setdefault(tuple(getattr(row, name) for name in table.key), row)
    return found


def _content_hash(rows: Iterable[Any], *, start: str = "0") -> str:
    total = int(start, 16)
    for row in rows:
        text = json.dumps(to_dict(row), sort_keys=True, separators=(",", ":"), default=bytes.hex)
        total += int.from_bytes(hashlib.sha256(text.encode()).digest())
    return f"{total % _HASH_MODULUS:064x}"


def _check_schema(table: str, path: str, found: pa.Schema, wanted: pa.Schema) -> None:
    if found.equals(wanted):
        return
    odd = {f.name for f in set(found) ^ set(wanted)} or {"the order of its fields"}
    raise StoreError(f"table {table}: {path} has another schema than this version ({', '.join(sorted(odd))} differ)")


def _write_part(table: Table, folder: Path, rows: list[Any]) -> Part:
    """One Parquet file named by its content."""
    try:
        data = pa.Table.from_pylist([to_dict(row) for row in rows], schema=schema_of(table.row_type))
        sink = pa.BufferOutputStream()
        pq.write_table(data, sink, compression="zstd")
    except (pa.ArrowInvalid, pa.ArrowTypeError, UnicodeEncodeError) as error:
        raise StoreError(f"table {table.name}: a row does not fit the schema ({_one_line(error)})") from error
    content = sink.getvalue().to_pybytes()
    digest = hashlib.sha256(content).hexdigest()
    path = f"parts/{digest[:32]}.parquet"
    _write_file(folder / path, content)
    return Part(path, len(rows), digest)


def _write_file(path: Path, content: bytes) -> None:
    """The file appears whole or not at all, and outlives a power cut: write beside, fsync, rename, fsync the folder."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _write_problem(table: str, folder: Path, error: OSError) -> str:
    if error.errno in _FULL_DISK:
        return f"table {table}: no space left under {folder}; free some and run the same command, nothing is lost"
    return f"table {table}: can't write under {folder} ({error.strerror or error})"


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
