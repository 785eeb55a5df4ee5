"""The store keeps its promises: versions never change, a crash or a full disk loses nothing that was published."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.schema import (
    TABLES,
    Author,
    CompanionFile,
    CompiledRow,
    CrawledRow,
    DiagnosticRow,
    Include,
    Provenance,
    RejectedRow,
    RepoInfo,
)
from corpus.store import Store, StoreError


def rejected(key: str, reason: str = "empty") -> RejectedRow:
    return RejectedRow(key, "clean", reason)


KEYS = st.lists(st.text("abcdef", min_size=1, max_size=3), max_size=12)


@settings(max_examples=25, deadline=None)
@given(batches=st.lists(KEYS, max_size=5))
def test_append_holds_each_key_once_and_a_repeat_publishes_nothing(
    tmp_path_factory: pytest.TempPathFactory, batches: list[list[str]]
) -> None:
    store = Store(tmp_path_factory.mktemp("store"))
    seen: dict[str, None] = {}
    for batch in batches:
        version = store.append("rejected", [rejected(k) for k in batch])
        seen |= dict.fromkeys(sorted(batch))
        assert store.append("rejected", [rejected(k) for k in reversed(batch)]) == version
        assert [row.key for row in store.rows("rejected")] == list(seen)
        assert store.keys("rejected") == {(k, "clean", "empty") for k in seen}
    assert store.verify("rejected") == []


@settings(max_examples=15, deadline=None)
@given(batches=st.lists(KEYS, min_size=1, max_size=4))
def test_a_published_version_never_changes(tmp_path_factory: pytest.TempPathFactory, batches: list[list[str]]) -> None:
    store = Store(tmp_path_factory.mktemp("store"))
    published: dict[int, list[RejectedRow]] = {}
    for i, batch in enumerate(batches):
        write = store.replace if i % 2 else store.append
        version = write("rejected", [rejected(k) for k in batch])
        rows = store.rows("rejected", version)
        assert published.setdefault(version, rows) == rows
    assert {v: store.rows("rejected", v) for v in published} == published
    assert [m.version for m in store.log("rejected")] == sorted(published, reverse=True)


@settings(max_examples=20, deadline=None)
@given(keys=st.sets(st.text("abcdef", min_size=1, max_size=4), min_size=1), seed=st.integers(0, 99))
def test_the_content_hash_knows_rows_but_neither_order_nor_parts(
    tmp_path_factory: pytest.TempPathFactory, keys: set[str], seed: int
) -> None:
    root = tmp_path_factory.mktemp("store")
    shuffled = sorted(keys)
    random.Random(seed).shuffle(shuffled)
    whole, pieces, other = Store(root / "whole"), Store(root / "pieces"), Store(root / "other")
    whole.append("rejected", [rejected(k) for k in sorted(keys)])
    for key in shuffled:
        pieces.append("rejected", [rejected(key)])
    other.append("rejected", [rejected(k, "binary" if k == shuffled[0] else "empty") for k in sorted(keys)])
    hashes = [s.log("rejected")[0].content_hash for s in (whole, pieces, other)]
    assert hashes[0] == hashes[1] != hashes[2]


def crawled_row() -> CrawledRow:
    return CrawledRow(
        record_id="r1",
        source="local",
        source_item_id="1",
        sha256="abc",
        scad="cube(1);\n",
        fetched_at="2026-01-01T00:00:00+00:00",
        provenance=Provenance("local", "1", "run", http_status=200),
        author=Author(name="Ada"),
        tags=("box", "µ-part"),
        ancestors=(),
        includes=(Include("use", "a.scad"),),
        companions=(CompanionFile("a.scad", "module a() {}\n"),),
        repo=RepoInfo("github.com", "o/r", stars=3),
        is_ai=None,
        is_remix=False,
    )


def test_nested_rows_come_back_equal_and_unknown_stays_none(tmp_path: Path) -> None:
    store = Store(tmp_path)
    bare = replace(crawled_row(), record_id="r2", sha256=None, scad=None, author=None, repo=None)
    store.append("crawled", [crawled_row(), bare])
    assert store.rows("crawled") == [crawled_row(), bare]
    known = ("r2", None, bare.license_spdx, bare.title, bare.description)
    other = ("r3", "x", "MIT", None, None)
    assert store.missing("crawled", [known, other, other]) == [other]


def test_a_record_whose_licence_was_corrected_is_a_new_row(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.append("crawled", [crawled_row()])
    store.append("crawled", [replace(crawled_row(), fetched_at="2031-01-01T00:00:00Z")])
    assert len(store.rows("crawled")) == 1
    store.append("crawled", [replace(crawled_row(), license_spdx="0BSD")])
    assert len(store.rows("crawled")) == 2


def test_nested_verdicts_come_back_equal(tmp_path: Path) -> None:
    store = Store(tmp_path)
    verdict = CompiledRow("abc", "e", "ok", True, True, (DiagnosticRow("warning", "other", "m"),), 12, (1.0, 2.0, 3.0))
    store.append("compiled", [verdict])
    assert store.rows("compiled") == [verdict]


@pytest.mark.parametrize("table", sorted(TABLES))
def test_a_table_never_written_is_empty_and_has_no_version(tmp_path: Path, table: str) -> None:
    store = Store(tmp_path)
    assert store.latest_version(table) is None
    assert store.rows(table) == []
    assert store.keys(table) == set()
    assert store.read(table, columns=[]).num_rows == 0


def test_reading_no_columns_still_counts_rows(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.append("rejected", [rejected("a"), rejected("b")])
    store.append("rejected", [rejected("c")])
    assert store.read("rejected", columns=[]).num_rows == 3


def test_replacing_with_the_same_rows_keeps_the_version(tmp_path: Path) -> None:
    store = Store(tmp_path)
    version = store.replace("rejected", [rejected("a"), rejected("b")])
    assert store.replace("rejected", [rejected("b"), rejected("a")]) == version
    assert store.replace("rejected", [rejected("b")]) == version + 1
    assert store.replace("rejected", []) == version + 2
    assert store.rows("rejected", version) == [rejected("a"), rejected("b")]


WRITER = """
import sys
from corpus.schema import RejectedRow
from corpus.store import Store
store = Store(sys.argv[1])
print("ready", flush=True)
for i in range(10_000):
    store.append("rejected", [RejectedRow(f"{sys.argv[2]}-{i}-{j}", "clean", "empty") for j in range(50)])
"""


@pytest.mark.parametrize("delay_seconds", [0.02, 0.11, 0.23])
def test_kill_9_of_a_writer_leaves_whole_versions_and_the_next_append_works(
    tmp_path: Path, delay_seconds: float
) -> None:
    store = Store(tmp_path)
    store.append("rejected", [rejected("before")])
    with subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), "w"], stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        threading.Event().wait(delay_seconds)
        writer.send_signal(signal.SIGKILL)
    versions = [m.version for m in store.log("rejected")]
    assert versions == list(range(versions[0], 0, -1))
    for version in versions:
        assert store.verify("rejected", version) == []
        assert len(store.rows("rejected", version)) == 1 + 50 * (version - 1)
    assert store.append("rejected", [rejected("after")]) == versions[0] + 1
    assert ("after", "clean", "empty") in store.keys("rejected")


DYING_WRITER = """
import os, sys
from pathlib import Path
from corpus.schema import RejectedRow
from corpus.store import Store
rename = Path.replace
def die_before_the_manifest(self, target):
    if Path(target).suffix == ".json":
        os.kill(os.getpid(), 9)
    return rename(self, target)
Path.replace = die_before_the_manifest
Store(sys.argv[1]).append("rejected", [RejectedRow("lost", "clean", "empty")])
"""


def test_a_crash_between_part_and_manifest_leaves_an_orphan_that_nobody_reads(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.append("rejected", [rejected("before")])
    died = subprocess.run([sys.executable, "-c", DYING_WRITER, str(tmp_path)])
    assert died.returncode == -signal.SIGKILL
    assert len(list((tmp_path / "rejected" / "parts").glob("*.parquet"))) == 2
    assert store.rows("rejected") == [rejected("before")]
    assert store.append("rejected", [rejected("lost")]) == 2
    assert store.rows("rejected") == [rejected("before"), rejected("lost")]


def test_writers_at_once_lose_no_row_and_readers_see_whole_versions(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.append("rejected", [])
    done = threading.Event()
    torn: list[int] = []

    def write(name: str) -> None:
        for i in range(8):
            Store(tmp_path).append("rejected", [rejected(f"{name}{i}{j}") for j in range(5)])

    def read() -> None:
        while not done.is_set():
            n_rows = Store(tmp_path).read("rejected").num_rows
            if n_rows % 5:
                torn.append(n_rows)

    reader = threading.Thread(target=read)
    writers = [threading.Thread(target=write, args=(name,)) for name in "abc"]
    for thread in (reader, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    reader.join()
    assert torn == []
    assert len(store.keys("rejected")) == 3 * 8 * 5
    assert store.latest_version("rejected") == 1 + 3 * 8


FULL_DISK = """
import resource, sys
from corpus.schema import RejectedRow
from corpus.store import Store, StoreError
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
import random
rng = random.Random(0)
rows = [RejectedRow(f"{rng.random()}", "clean", "empty", str(rng.random())) for _ in range(5_000)]
try:
    Store(sys.argv[1]).append("rejected", rows)
except StoreError as error:
    print(error)
"""


def test_a_full_disk_is_one_clear_line_and_what_was_published_stays(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.append("rejected", [rejected("before")])
    result = subprocess.run([sys.executable, "-c", FULL_DISK, str(tmp_path)], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    (line,) = result.stdout.splitlines()
    assert "no space left" in line
    assert "rejected" in line
    assert store.rows("rejected") == [rejected("before")]
    assert [p.name for p in (tmp_path / "rejected" / "parts").iterdir() if p.suffix != ".parquet"] == []


def test_a_folder_in_the_way_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "rejected").write_text("a file where a folder should be")
    with pytest.raises(StoreError, match="can't write under"):
        Store(tmp_path).append("rejected", [rejected("a")])


def test_what_is_wrong_is_said_in_one_line(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.append("rejected", [rejected("a")])
    with pytest.raises(StoreError, match="no version 7; it has: 1"):
        store.rows("rejected", 7)
    with pytest.raises(StoreError, match="no table 'nope'; known: crawled"):
        store.rows("nope")
    with pytest.raises(StoreError, match="holds RejectedRow, not CrawledRow"):
        store.append("rejected", [crawled_row()])
    with pytest.raises(StoreError, match="does not fit the schema"):
        store.append("rejected", [rejected("\ud800")])
    assert store.rows("rejected") == [rejected("a")]
    (part,) = (tmp_path / "rejected" / "parts").iterdir()
    part.write_bytes(part.read_bytes()[:-40])
    with pytest.raises(StoreError, match="can't be read"):
        store.rows("rejected")
    assert len(store.verify("rejected")) == 1


def test_a_part_of_another_table_is_named_with_what_it_lacks(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.append("rejected", [rejected("a")])
    manifest = tmp_path / "rejected" / "versions" / "000001.json"
    foreign = tmp_path / "scores"
    (foreign / "versions").mkdir(parents=True)
    (foreign / "versions" / "000001.json").write_text(manifest.read_text())
    (tmp_path / "rejected" / "parts").rename(foreign / "parts")
    with pytest.raises(StoreError, match=r"parquet: it was written before the column generation_id came, .*evaluate"):
        store.rows("scores")


def test_a_damaged_manifest_is_named_and_the_version_before_stays_readable(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.append("rejected", [rejected("a")])
    store.append("rejected", [rejected("b")])
    newest = tmp_path / "rejected" / "versions" / "000002.json"
    assert json.loads(newest.read_text())["parent"] == 1
    newest.write_text("{")
    with pytest.raises(StoreError, match="is damaged"):
        store.rows("rejected")
    assert store.rows("rejected", 1) == [rejected("a")]


def test_a_table_of_a_newer_schema_is_refused_by_name_to_readers_and_writers(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.append("rejected", [rejected("a")])
    manifest = tmp_path / "rejected" / "versions" / "000001.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"schema_version": 99, "hue": 1}))
    for use in (lambda: store.rows("rejected"), lambda: store.append("rejected", [rejected("b")])):
        with pytest.raises(StoreError, match=r"written by a newer cad-copilot \(schema 99"):
            use()


def test_a_root_may_be_a_uri(tmp_path: Path) -> None:
    Store(tmp_path).append("rejected", [rejected("a")])
    assert Store(f"file://{tmp_path}").rows("rejected") == [rejected("a")]


def test_a_place_that_is_no_folder_and_no_bucket_is_one_clear_line() -> None:
    with pytest.raises(StoreError, match=r"gs:// is no place for tables; give a folder or s3://bucket/prefix"):
        Store("gs://bucket/tables")


def test_rows_stream_with_few_in_memory_and_columns_are_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("corpus.store_parts.ROWS_PER_GROUP", 10)
    store = Store(tmp_path)
    store.append("rejected", (rejected(f"{i:03}") for i in range(95)))
    (part,) = store.manifest("rejected").parts  # type: ignore[union-attr]
    assert [batch.num_rows for batch in store.read_part("rejected", part)] == [10] * 9 + [5]
    rows = store.iter_rows("rejected")
    assert next(rows) == rejected("000")
    assert sum(1 for _ in rows) == 94
    assert next(store.iter_rows("rejected", columns=["reason", "key"])) == {"reason": "empty", "key": "000"}
    with pytest.raises(StoreError, match="table rejected has no column hue; it has: key, stage"):
        store.read("rejected", columns=["hue"])


def test_one_row_is_found_by_its_key_in_the_version_asked(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.append("crawled", [crawled_row()])
    other = replace(crawled_row(), record_id="r0")
    store.append("crawled", [other])
    key = ("r0", "abc", "NOASSERTION", None, None)
    assert store.find("crawled", key) == other
    assert store.find("crawled", key, version=1) is None


def test_an_update_sees_what_every_other_one_left(tmp_path: Path) -> None:
    def add(name: str) -> None:
        for i in range(6):
            Store(tmp_path).update("rejected", lambda rows, i=i: [*rows, rejected(f"{name}{i}")])

    threads = [threading.Thread(target=add, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {row.key for row in Store(tmp_path).rows("rejected")} == {f"{n}{i}" for n in "abc" for i in range(6)}


def test_a_moment_names_the_version_that_was_the_newest_then(tmp_path: Path) -> None:
    store = Store(tmp_path)
    times = ("2026-01-01T10:00:00+00:00", "2026-01-02T10:00:00+00:00")
    for name, moment in zip("ab", times, strict=True):
        version = store.append("rejected", [rejected(name)])
        path = tmp_path / "rejected" / "versions" / f"{version:06d}.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | {"created_at": moment}))
    moments = ("2026-01-01", times[0], "2026-01-01T11:00", "2026-01-02T12:00+02:00", "2026-01-02T11:59+02:00")
    assert [store.version_at("rejected", moment) for moment in moments] == [None, 1, 1, 2, 1]
    with pytest.raises(StoreError, match="'noon' is no ISO-8601 time"):
        store.version_at("rejected", "noon")
