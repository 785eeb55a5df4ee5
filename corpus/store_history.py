"""Two versions of a table compared, and old versions cleared away.

`gc` removes nothing that a kept version names, and nothing that was needed less than `grace_seconds` ago: a reader of
what was the newest version when it began has that long to end, and so has a writer on S3 that lost its lock.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from corpus.schema import Table
from corpus.store import Key, Manifest, Part, Store, StoreError
from corpus.store_manifest import known_table, row_digest

__all__ = ["BY_COLUMNS", "Change", "GcReport", "TableDiff", "diff", "gc"]

BY_COLUMNS = (
    *("source", "tier", "kind", "split", "test_set", "prompt_kind", "prompt_style", "edit_kind"),
    *("license_tier", "license_spdx", "status", "stage", "reason"),
)
"""The columns that a summary counts by, of those a table has: all have few values."""
GRACE_SECONDS = 3600.0
"""The longest that a stage reads one version is a few minutes."""

_Facts = tuple[bytes, tuple[str | None, ...]]
"""A row's digest, and its values in BY_COLUMNS."""


@dataclass(frozen=True)
class Change:
    n_added: int = 0
    n_removed: int = 0
    n_changed: int = 0


@dataclass(frozen=True)
class TableDiff:
    """What became of the rows of version `a` by version `b`, keys in order."""

    table: str
    a: int
    b: int
    n_rows_a: int
    n_rows_b: int
    added: tuple[Key, ...]
    removed: tuple[Key, ...]
    changed: tuple[Key, ...]
    """Same key, other content."""
    by_column: Mapping[str, Mapping[str, Change]]
    """Column, its value, how many rows; a changed row counts under its value in `b`. "–" is null."""


@dataclass(frozen=True)
class GcReport:
    table: str
    kept_versions: tuple[int, ...]
    removed_versions: tuple[int, ...]
    n_parts: int
    """Parts removed; of a dry run, to be removed."""
    n_bytes: int
    is_dry_run: bool


def diff(store: Store, table: str, a: int, b: int, *, on_part: Callable[[], None] | None = None) -> TableDiff:
    """Reads the parts that only one of the two versions has; `on_part` is called after each. Raises StoreError."""
    known = known_table(table)
    old, new = _must(store, table, a), _must(store, table, b)
    columns = [name for name in BY_COLUMNS if name in known.row_type.__dataclass_fields__]
    shared = {part.path for part in old.parts} & {part.path for part in new.parts}

    def facts(manifest: Manifest) -> dict[Key, _Facts]:
        found: dict[Key, _Facts] = {}
        for part in manifest.parts:
            if part.path not in shared:
                found |= _facts(store, known, part, columns)
                if on_part:
                    on_part()
        return found

    before, after = facts(old), facts(new)
    added, removed = after.keys() - before.keys(), before.keys() - after.keys()
    changed = {key for key in after.keys() & before.keys() if after[key][0] != before[key][0]}
    kinds = (("n_added", added, after), ("n_removed", removed, before), ("n_changed", changed, after))
    counts: dict[str, dict[str, dict[str, int]]] = {c: defaultdict(lambda: defaultdict(int)) for c in columns}
    for kind, keys, side in kinds:
        for key in keys:
            for column, value in zip(columns, side[key][1], strict=True):
                counts[column]["–" if value is None else value][kind] += 1
    by_column = {c: {v: Change(**n) for v, n in sorted(values.items())} for c, values in counts.items() if values}
    return TableDiff(table, a, b, old.n_rows, new.n_rows, _sorted(added), _sorted(removed), _sorted(changed), by_column)


def gc(
    store: Store,
    table: str,
    *,
    keep_versions: int = 3,
    keep_days: float = 7.0,
    grace_seconds: float = GRACE_SECONDS,
    is_dry_run: bool = False,
    on_file: Callable[[], None] | None = None,
) -> GcReport:
    """Keeps the newest `keep_versions` (at least 1) and all that were the newest within the last `keep_days`.

    Waits for the table's writer and holds its lock, except in a dry run. Raises StoreError, before anything is
    removed where a manifest can't be read.
    """
    if keep_versions < 1 or keep_days < 0 or grace_seconds < 0:
        raise StoreError(f"keep 1 version or more, and 0 days or more, not {keep_versions} and {keep_days}")
    now = datetime.now(UTC).timestamp()
    horizon = now - max(keep_days * 86_400, grace_seconds)
    if is_dry_run:
        return _report(store, table, keep_versions, horizon, now - grace_seconds, is_dry_run=True)[0]
    with store.locked(table) as confirm:
        report, files = _report(store, table, keep_versions, horizon, now - grace_seconds, is_dry_run=False)
        for i, path in enumerate(files):  # manifests first: a version never names a part that is gone
            if i % 50 == 0:
                confirm()
            store.files.remove(path)
            if on_file:
                on_file()
    return report


def _report(
    store: Store, table: str, keep_versions: int, horizon: float, young: float, *, is_dry_run: bool
) -> tuple[GcReport, list[str]]:
    """What to remove, in order."""
    manifests = store.log(table)
    is_kept = [
        i < keep_versions or datetime.fromisoformat(manifests[i - 1].created_at).timestamp() > horizon
        for i in range(len(manifests))
    ]
    kept = [m for m, is_one in zip(manifests, is_kept, strict=True) if is_one]
    removed = [m for m, is_one in zip(manifests, is_kept, strict=True) if not is_one][::-1]
    named = {part.path for m in kept for part in m.parts}
    names = {f"{m.version:06d}.json" for m in removed}
    versions = [e for e in store.entries(table, "versions") if e.name in names or e.name.endswith(".tmp")]
    parts = [e for e in store.entries(table, "parts") if f"parts/{e.name}" not in named and e.modified <= young]
    stale = [e for e in store.entries(table, "") if e.name == ".new" and e.modified <= young]  # of a killed writer
    report = GcReport(
        table=table,
        kept_versions=tuple(m.version for m in kept),
        removed_versions=tuple(m.version for m in removed),
        n_parts=len(parts),
        n_bytes=sum(e.n_bytes for e in (*versions, *parts, *stale)),
        is_dry_run=is_dry_run,
    )
    folders = (("versions/", sorted(versions, key=lambda e: e.name)), ("parts/", parts), ("", stale))
    return report, [f"{table}/{folder}{entry.name}" for folder, entries in folders for entry in entries]


def _must(store: Store, table: str, version: int) -> Manifest:
    manifest = store.manifest(table, version)
    assert manifest is not None  # a number is found or a StoreError
    return manifest


def _facts(store: Store, table: Table, part: Part, columns: list[str]) -> dict[Key, _Facts]:
    found: dict[Key, _Facts] = {}
    for batch in store.read_part(table.name, part):
        rows: list[dict[str, Any]] = batch.to_pylist()
        for row in rows:
            key = tuple(row[name] for name in table.key)
            found[key] = (row_digest(row), tuple(row[name] for name in columns))
    return found


def _sorted(keys: set[Key]) -> tuple[Key, ...]:
    return tuple(sorted(keys, key=lambda key: [(value is None, value or "") for value in key]))
