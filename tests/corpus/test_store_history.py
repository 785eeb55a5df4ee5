"""Two versions compared say exactly what came, went and changed; clearing away removes only what nothing names."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.schema import RejectedRow
from corpus.store import Store, StoreError
from corpus.store_history import Change, diff, gc


def rejected(key: str, reason: str = "empty", detail: str | None = None) -> RejectedRow:
    return RejectedRow(key, "clean", reason, detail, source="gallery" if key < "m" else None)


TABLE = st.dictionaries(st.text("amz", min_size=1, max_size=2), st.sampled_from(["x", "y"]), max_size=8)


@settings(max_examples=25, deadline=None)
@given(before=TABLE, after=TABLE, is_sharded=st.booleans())
def test_a_diff_is_the_difference_of_two_dicts(
    tmp_path_factory: pytest.TempPathFactory, before: dict[str, str], after: dict[str, str], is_sharded: bool
) -> None:
    store = Store(tmp_path_factory.mktemp("store"))
    a, b = (
        store.replace(
            "rejected",
            [rejected(key, detail=detail) for key, detail in rows.items()],
            shard_of=(lambda row: row.key[0]) if is_sharded else None,
        )
        for rows in (before, after)
    )
    found = diff(store, "rejected", a, b)
    assert (found.n_rows_a, found.n_rows_b) == (len(before), len(after))
    assert [key[0] for key in found.added] == sorted(after.keys() - before.keys())
    assert [key[0] for key in found.removed] == sorted(before.keys() - after.keys())
    assert [key[0] for key in found.changed] == sorted(k for k in after.keys() & before.keys() if after[k] != before[k])


def test_a_diff_counts_by_the_columns_a_table_has(tmp_path: Path) -> None:
    store = Store(tmp_path)
    a = store.append("rejected", [rejected("a"), rejected("b"), rejected("z")])
    b = store.replace(
        "rejected", [rejected("b", detail="other"), rejected("z"), rejected("y"), rejected("c", "binary")]
    )
    found = diff(store, "rejected", a, b)
    assert found.by_column == {
        "source": {"gallery": Change(1, 1, 1), "–": Change(1, 0, 0)},
        "stage": {"clean": Change(2, 1, 1)},
        "reason": {"binary": Change(1, 0, 0), "empty": Change(1, 1, 1)},
    }
    assert diff(store, "rejected", b, b).by_column == {}
    with pytest.raises(StoreError, match="no version 9; it has: 1, 2"):
        diff(store, "rejected", a, 9)


def test_a_diff_reads_only_the_parts_that_differ(tmp_path: Path) -> None:
    store = Store(tmp_path)
    rows = [rejected(f"{shard}{i}") for shard in "abcd" for i in range(5)]
    a = store.replace("rejected", rows, shard_of=lambda row: row.key[0])
    b = store.replace("rejected", [*rows, rejected("b9")], shard_of=lambda row: row.key[0])
    read: list[None] = []
    assert len(diff(store, "rejected", a, b, on_part=lambda: read.append(None)).added) == 1
    assert len(read) == 2


def aged(root: Path, version: int, days: float) -> None:
    path = root / "rejected" / "versions" / f"{version:06d}.json"
    moment = (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="seconds")
    path.write_text(json.dumps(json.loads(path.read_text()) | {"created_at": moment}))


@settings(max_examples=20, deadline=None)
@given(
    batches=st.lists(st.tuples(st.booleans(), st.sets(st.sampled_from("abcdef"), max_size=4)), min_size=1, max_size=7),
    keep=st.integers(1, 4),
)
def test_gc_leaves_the_kept_versions_whole_and_nothing_that_they_do_not_name(
    tmp_path_factory: pytest.TempPathFactory, batches: list[tuple[bool, set[str]]], keep: int
) -> None:
    root = tmp_path_factory.mktemp("store")
    store = Store(root)
    for is_append, keys in batches:
        (store.append if is_append else store.replace)("rejected", [rejected(key) for key in sorted(keys)])
    versions = store.versions("rejected")
    wanted = {version: store.rows("rejected", version) for version in versions[-keep:]}
    files = {p for p in (root / "rejected").rglob("*") if p.is_file()}
    n_bytes = sum(p.stat().st_size for p in files)
    rehearsed = gc(store, "rejected", keep_versions=keep, keep_days=0, grace_seconds=0, is_dry_run=True)
    assert {p for p in (root / "rejected").rglob("*") if p.is_file()} == files
    report = gc(store, "rejected", keep_versions=keep, keep_days=0, grace_seconds=0)
    assert report == replace(rehearsed, is_dry_run=False)
    assert {version: store.rows("rejected", version) for version in store.versions("rejected")} == wanted
    left = {p for p in (root / "rejected").rglob("*") if p.is_file()}
    assert n_bytes - sum(p.stat().st_size for p in left) == report.n_bytes
    assert len(files) - len(left) == report.n_parts + len(report.removed_versions)
    named = {path for version in wanted for path in store.part_paths("rejected", version)}
    assert {str(p) for p in (root / "rejected" / "parts").glob("*")} == named
    assert store.append("rejected", [rejected("later")]) == versions[-1] + 1


def test_gc_keeps_what_was_the_newest_within_the_days_asked(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for version, days in enumerate((30, 20, 10, 2), 1):
        store.append("rejected", [rejected(str(version))])
        aged(tmp_path, version, days)
    report = gc(store, "rejected", keep_versions=1, keep_days=15)
    assert (report.removed_versions, report.kept_versions) == ((1,), (4, 3, 2))  # 2 was the newest until 10 days ago
    assert gc(store, "rejected", keep_versions=2, keep_days=0).kept_versions == (4, 3)
    assert gc(store, "rejected", keep_versions=1, keep_days=0).kept_versions == (4,)
    with pytest.raises(StoreError, match="keep 1 version or more"):
        gc(store, "rejected", keep_versions=0)


def test_a_reader_of_the_version_that_was_the_newest_an_hour_ago_loses_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.replace("rejected", [rejected("a")], shard_of=lambda row: row.key)
    store.replace("rejected", [rejected(key) for key in "bcd"], shard_of=lambda row: row.key)
    aged(tmp_path, 1, 50)
    aged(tmp_path, 2, 40)
    reading = store.iter_rows("rejected")
    assert next(reading) == rejected("b")
    store.replace("rejected", [rejected("e")])
    report = gc(store, "rejected", keep_versions=1, keep_days=0)
    assert (report.removed_versions, report.n_parts) == ((1,), 0)  # the part of version 1 is too young yet
    assert list(reading) == [rejected("c"), rejected("d")]


WRITER = """
import sys
from corpus.schema import RejectedRow
from corpus.store import Store
for i in range(25):
    Store(sys.argv[1]).replace("rejected", [RejectedRow(f"{i % 5}{j}", "clean", "empty") for j in range(40)],
                               shard_of=lambda row: row.key[0])
"""


def test_gc_while_a_writer_writes_leaves_every_version_it_shows_whole(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)]) as writer:
        while writer.poll() is None:
            gc(store, "rejected", keep_versions=2, keep_days=0, grace_seconds=0)
            threading.Event().wait(0.005)
    assert writer.returncode == 0
    assert store.latest_version("rejected") == 25
    gc(store, "rejected", keep_versions=2, keep_days=0, grace_seconds=0)
    assert store.versions("rejected") == [24, 25]
    assert store.verify("rejected", 24) == store.verify("rejected", 25) == []


def test_gc_clears_what_killed_writers_left_and_is_not_held_up_by_them(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.append("rejected", [rejected("a")])
    folder = tmp_path / "rejected"
    left = (folder / ".new", folder / "parts" / "orphan.parquet", folder / "parts" / ".x.parquet.1.tmp")
    for path in (*left, folder / "versions" / ".000002.json.9.tmp"):
        path.write_bytes(b"half")
    assert gc(store, "rejected").n_bytes == 4  # the others are younger than the hour that a part may be needed
    assert all(path.exists() for path in left)
    assert gc(store, "rejected", grace_seconds=0).n_bytes == 12
    part = Path(store.part_paths("rejected")[0]).name
    assert {p.name for p in folder.rglob("*") if p.is_file()} == {".lock", "000001.json", part}


def test_gc_removes_nothing_while_a_manifest_is_unreadable(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for key in "abcd":
        store.replace("rejected", [rejected(key)])
    (tmp_path / "rejected" / "versions" / "000002.json").write_text("{")
    files = sorted((tmp_path / "rejected").rglob("*"))
    with pytest.raises(StoreError, match=r"000002\.json is damaged"):
        gc(store, "rejected", keep_versions=1, keep_days=0, grace_seconds=0)
    assert sorted((tmp_path / "rejected").rglob("*")) == files
