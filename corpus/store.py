"""Versioned tables of Parquet parts: append, anti-join by key, replace, publish atomically, read at a version.

A table is a folder of immutable parts and `versions/NNNNNN.json` manifests, below a local folder or s3://bucket/prefix.
A manifest appears last, in one step, so a reader sees whole versions only, and a crash leaves at most a part that
nobody names. One writer at a time a table, by a lock that ends with its process. Parts are in the order of their keys
and named by their content. What differs between places is `corpus.store_files` and `corpus.store_s3`; older row types
are `corpus.store_columns`; comparing and clearing away are `corpus.store_history`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pyarrow as pa

from corpus.rows import from_dict, schema_of
from corpus.schema import SCHEMA_VERSION, Table
from corpus.store_columns import ColumnProblem
from corpus.store_files import Confirm, Entry, Files, LocalFiles, is_remote
from corpus.store_manifest import Key, Manifest, Part, StoreError, from_json, known_table, one_line, sum_of
from corpus.store_parts import by_key, in_shards, read_batches, slices, write_rows

__all__ = ["Key", "Manifest", "Part", "Store", "StoreError"]

_MANIFEST_NAME = re.compile(r"(\d{6,})\.json")
_COLLECTED = ("crawled", "vanished")
"""Tables that no other one could make again."""
_MADE_BY = {"tokens": "finetune", "generations": "evaluate", "scores": "evaluate"}
"""The command that makes a derived table, where it isn't the data set's."""


class Store:
    """The tables under one root. Holds no state: every call reads what is published now."""

    def __init__(self, root: str | Path, *, lease_seconds: float = 30.0) -> None:
        """`lease_seconds`: on S3, how long the lock of a writer that was killed keeps the next one waiting."""
        self.files: Files
        if is_remote(root):
            from corpus.store_s3 import S3Files  # a tenth of a second, and a package that is an extra

            self.files = S3Files(str(root), lease_seconds=lease_seconds)
        else:
            self.files = LocalFiles(root)

    def versions(self, table: str) -> list[int]:
        """The numbers of the published versions, oldest first."""
        names = [_MANIFEST_NAME.fullmatch(entry.name) for entry in self.entries(table, "versions")]
        return sorted(int(name[1]) for name in names if name)

    def latest_version(self, table: str) -> int | None:
        """The newest published version; None for a table that has none yet."""
        return max(self.versions(table), default=None)

    def version_at(self, table: str, time: str) -> int | None:
        """The newest version not published after an ISO-8601 time (UTC where it names no zone), None if none was."""
        try:
            moment = datetime.fromisoformat(time)
        except ValueError:
            raise StoreError(f"{time!r} is no ISO-8601 time such as 2026-01-31T12:00") from None
        moment = moment.replace(tzinfo=moment.tzinfo or UTC)
        return next((m.version for m in self.log(table) if datetime.fromisoformat(m.created_at) <= moment), None)

    def manifest(self, table: str, version: int | None = None) -> Manifest | None:
        """What a version consists of; the newest without a number, None for a table that has none yet."""
        version = self.latest_version(table) if version is None else version
        if version is None:
            return None
        path = _manifest_path(known_table(table), version)
        try:
            with self._reading(table):
                return from_json(self.files.read(path), where=self.files.url(path))
        except FileNotFoundError:
            known = ", ".join(map(str, self.versions(table))) or "none"
            raise StoreError(f"table {table} has no version {version}; it has: {known}") from None

    def log(self, table: str) -> list[Manifest]:
        """Every version, newest first."""
        manifests = (self.manifest(table, v) for v in reversed(self.versions(table)))
        return [m for m in manifests if m is not None]

    def read(self, table: str, *, version: int | None = None, columns: Sequence[str] | None = None) -> pa.Table:
        """The rows of a version as Arrow; only the columns asked for are read. A table never written is empty."""
        schema = schema_of(known_table(table).row_type)
        schema = pa.schema([schema.field(name) for name in self._columns(table, columns)])
        manifest = self.manifest(table, version)
        if not schema.names:  # Arrow forgets the number of rows of tables without columns when it joins them
            return pa.table({"_": pa.nulls(manifest.n_rows if manifest else 0)}).select([])
        parts = manifest.parts if manifest else ()
        return pa.Table.from_batches(
            (batch for part in parts for batch in self.read_part(table, part, columns=schema.names)), schema=schema
        )

    def iter_rows(
        self, table: str, *, version: int | None = None, columns: Sequence[str] | None = None
    ) -> Iterator[Any]:
        """The rows of a version as the table's row type, or as dicts of the columns named; holds few at a time."""
        row_type = known_table(table).row_type
        manifest = self.manifest(table, version)
        for part in manifest.parts if manifest else ():
            for batch in self.read_part(table, part, columns=columns):
                yield from (row if columns is not None else from_dict(row_type, row) for row in batch.to_pylist())

    def rows(self, table: str, version: int | None = None) -> list[Any]:
        """The rows of a version as the table's row type."""
        return list(self.iter_rows(table, version=version))

    def keys(self, table: str, version: int | None = None) -> set[Key]:
        """The keys of a version."""
        manifest = self.manifest(table, version)
        return {key for part in (manifest.parts if manifest else ()) for key in self._part_keys(table, part)}

    def missing(self, table: str, keys: Iterable[Key]) -> list[Key]:
        """Anti-join: those of `keys` that the newest version doesn't hold, each once, in their order."""
        wanted = dict.fromkeys(keys)
        self._drop_known(table, self.manifest(table), wanted)
        return list(wanted)

    def find(self, table: str, key: Key, *, version: int | None = None) -> Any | None:
        """The row of a key; None if the version doesn't hold it."""
        manifest = self.manifest(table, version)
        for part in manifest.parts if manifest else ():
            for index, found in enumerate(self._part_keys(table, part)):
                if found == key:
                    data = pa.Table.from_batches(self.read_part(table, part))
                    return from_dict(known_table(table).row_type, data.slice(index, 1).to_pylist()[0])
        return None

    def append(self, table: str, rows: Iterable[Any]) -> int:
        """Publish a version with the rows whose keys are new; without new rows the newest version stays.

        Of rows with the same key the first stays. Returns the version that holds them.
        """
        new = by_key(known_table(table), rows, is_first_kept=True)
        with self._writing(table) as (latest, confirm):
            self._drop_known(table, latest, new)
            if latest is not None and not new:
                return latest.version
            return self._publish(table, latest, slices(new), kept=latest, confirm=confirm)

    def replace(self, table: str, rows: Iterable[Any], *, shard_of: Callable[[Any], str] | None = None) -> int:
        """Publish a version that holds exactly these rows; nothing new if the newest consists of the same parts.

        The same rows give the same parts in whatever order they come; of rows with the same key the one whose content
        sorts first stays. `shard_of` names the shard that a row lies in: a shard whose rows did not change keeps its
        parts, so that a reader or a copy elsewhere need not fetch them again.
        """
        new = by_key(known_table(table), rows, is_first_kept=False)
        with self._writing(table) as (latest, confirm):
            return self._publish(table, latest, in_shards(new, shard_of), kept=None, confirm=confirm)

    def update(
        self, table: str, change: Callable[[list[Any]], Iterable[Any]], *, shard_of: Callable[[Any], str] | None = None
    ) -> int:
        """`replace` by what `change` makes of the rows there are now; no other writer comes between."""
        with self._writing(table) as (latest, confirm):
            rows = change(self.rows(table, latest.version) if latest else [])
            new = by_key(known_table(table), rows, is_first_kept=False)
            return self._publish(table, latest, in_shards(new, shard_of), kept=None, confirm=confirm)

    def part_paths(self, table: str, version: int | None = None) -> list[str]:
        """The files of a version, for pandas, DuckDB, datasets, …: a folder would show older parts too."""
        manifest = self.manifest(table, version)
        return [self.files.url(f"{table}/{part.path}") for part in (manifest.parts if manifest else ())]

    def entries(self, table: str, folder: str) -> list[Entry]:
        """The files right below a folder of a table, whoever names them."""
        with self._reading(table):
            return self.files.list(f"{known_table(table).name}/{folder}".rstrip("/"))

    def verify(self, table: str, version: int | None = None) -> list[str]:
        """What is wrong with a version's files, one line each; empty for a whole one."""
        manifest, problems = self.manifest(table, version), []
        for part in manifest.parts if manifest else ():
            url = self.files.url(f"{table}/{part.path}")
            try:
                with self._reading(table):
                    digest = hashlib.sha256(self.files.read(f"{table}/{part.path}")).hexdigest()
            except FileNotFoundError:
                problems.append(f"{url} is missing")
                continue
            if digest != part.sha256:
                problems.append(f"{url} is not what version {manifest.version if manifest else version} published")
        return problems

    def read_part(self, table: str, part: Part, *, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """The rows of one part, a few thousand at a time, under today's row type."""
        known, path = known_table(table), f"{table}/{part.path}"
        names = self._columns(table, columns)
        try:
            with self.files.open(path, part.n_bytes) as source:
                yield from read_batches(known, source, names)
        except FileNotFoundError:
            raise StoreError(
                f"table {table}: {self.files.url(path)} is missing; restore it or name an older version"
            ) from None
        except ColumnProblem as problem:
            raise StoreError(f"table {table}: {self.files.url(path)}: {problem}; {_advice(table)}") from None
        except (pa.ArrowInvalid, OSError) as error:
            raise StoreError(f"table {table}: {self.files.url(path)} can't be read ({one_line(error)})") from error

    @contextmanager
    def locked(self, table: str) -> Iterator[Confirm]:
        """Holds the table's writer lock; what is given raises OSError if it was lost. Not for use round a writer."""
        try:
            with self.files.lock(known_table(table).name) as confirm:
                yield confirm
        except OSError as error:
            raise StoreError(f"table {table}: {self.files.advice(error)}") from error

    def _columns(self, table: str, columns: Sequence[str] | None) -> list[str]:
        known = schema_of(known_table(table).row_type).names
        unknown = sorted(set(columns or ()) - set(known))
        if unknown:
            raise StoreError(f"table {table} has no column {', '.join(unknown)}; it has: {', '.join(known)}")
        return known if columns is None else list(columns)

    def _part_keys(self, table: str, part: Part) -> Iterator[Key]:
        names = known_table(table).key
        for batch in self.read_part(table, part, columns=names):
            yield from zip(*(batch.column(name).to_pylist() for name in names), strict=True)

    def _drop_known(self, table: str, manifest: Manifest | None, wanted: dict[Key, Any]) -> None:
        """Takes out the keys that a version holds, a part at a time: the keys of a large table need not fit."""
        for part in manifest.parts if manifest and wanted else ():
            for key in self._part_keys(table, part):
                wanted.pop(key, None)

    @contextmanager
    def _reading(self, table: str) -> Iterator[None]:
        """What the place can't do as a StoreError; FileNotFoundError passes."""
        try:
            yield
        except FileNotFoundError:
            raise
        except OSError as error:
            raise StoreError(f"table {table}: {self.files.url(table)} can't be read ({one_line(error)})") from error

    @contextmanager
    def _writing(self, table: str) -> Iterator[tuple[Manifest | None, Confirm]]:
        with self.locked(table) as confirm:
            yield self.manifest(table), confirm

    def _publish(
        self,
        table: str,
        latest: Manifest | None,
        pieces: Iterable[list[Any]],
        *,
        kept: Manifest | None,
        confirm: Confirm,
    ) -> int:
        """Write the parts, then the manifest: the moment it appears is the moment the version exists."""
        there = set(latest.parts) if latest else set()
        parts, content_hash = list(kept.parts if kept else ()), kept.content_hash if kept else "0"
        for piece in pieces:
            part, content_hash = self._write_part(known_table(table), piece, there, content_hash)
            parts.append(part)
        if latest is not None and tuple(parts) == latest.parts:
            return latest.version
        manifest = Manifest(
            table=table,
            version=latest.version + 1 if latest else 1,
            parent=latest.version if latest else None,
            n_rows=sum(part.n_rows for part in parts),
            parts=tuple(parts),
            schema_version=SCHEMA_VERSION,
            created_at=datetime.now(UTC).isoformat(timespec="seconds"),
            content_hash=sum_of((), start=content_hash),
        )
        confirm()
        try:
            self.files.create(_manifest_path(known_table(table), manifest.version), manifest.to_json())
        except FileExistsError:
            raise StoreError(_overtaken(table)) from None
        if self.latest_version(table) != manifest.version:  # this process stood still while others published
            raise StoreError(_overtaken(table))
        return manifest.version

    def _write_part(self, table: Table, rows: list[Any], there: set[Part], content_hash: str) -> tuple[Part, str]:
        """One Parquet file named by its content, and the hash with its rows; a part of the newest version stays."""
        with self.files.spool(table.name) as file:
            digests = write_rows(table, rows, file)
            n_bytes = file.tell()
            file.seek(0)
            digest = hashlib.file_digest(cast("Any", file), "sha256").hexdigest()
            part = Part(f"parts/{digest[:32]}.parquet", len(rows), digest, n_bytes)
            if part not in there:
                self.files.keep(file, f"{table.name}/{part.path}")
        return part, sum_of(digests, start=content_hash)


def _manifest_path(table: Table, version: int) -> str:
    return f"{table.name}/versions/{version:06d}.json"


def _advice(table: str) -> str:
    """What to do about a part whose columns can't be read any more."""
    if table in _COLLECTED:
        return "the table can't be made from others: read it with the cad-copilot that wrote it"
    return f"remove the table's folder and make it again: `cad-copilot {_MADE_BY.get(table, 'dataset build')}`"


def _overtaken(table: str) -> str:
    return f"table {table}: another writer published while this one stood still; run the same command again"
