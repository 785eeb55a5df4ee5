"""The same rows are the same bytes, whatever their order and whatever killed the writer before."""

from __future__ import annotations

import contextlib
import json
import os
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

from corpus.schema import CompiledRow, RejectedRow
from corpus.store import Store


def rejected(key: str, reason: str = "empty") -> RejectedRow:
    return RejectedRow(key, "clean", reason)


@settings(max_examples=15, deadline=None)
@given(keys=st.lists(st.text("abcdef", min_size=1, max_size=3), min_size=1, unique=True), seed=st.integers(0, 99))
def test_the_same_rows_in_any_order_are_the_same_bytes(
    tmp_path_factory: pytest.TempPathFactory, keys: list[str], seed: int
) -> None:
    rows = [rejected(k, reason) for k in keys for reason in ("empty", "binary")]
    doubled = rows + [replace(row, detail="other") for row in rows[:3]]
    shuffled = list(doubled)
    random.Random(seed).shuffle(shuffled)
    one, two = (Store(tmp_path_factory.mktemp("store")) for _ in range(2))
    for store, given_rows in ((one, doubled), (two, shuffled)):
        store.replace("rejected", given_rows, shard_of=lambda row: row.key[0])
        store.append("compiled", [CompiledRow(row.key + row.reason, "e", "ok", True, True) for row in given_rows])
    for table in ("rejected", "compiled"):
        manifests = [store.manifest(table) for store in (one, two)]
        assert manifests[0] is not None
        assert manifests[1] is not None
        assert manifests[0].parts == manifests[1].parts
        assert manifests[0].content_hash == manifests[1].content_hash
        assert one.verify(table) == two.verify(table) == []


def test_a_replaced_table_keeps_the_parts_of_shards_that_did_not_change(tmp_path: Path) -> None:
    store = Store(tmp_path)
    rows = [rejected(f"{shard}{i}") for shard in "abc" for i in range(20)]
    first = store.replace("rejected", rows, shard_of=lambda row: row.key[0])
    stamps = {p.name: p.stat().st_mtime_ns for p in (tmp_path / "rejected" / "parts").iterdir()}
    second = store.replace("rejected", [*rows, rejected("b99")], shard_of=lambda row: row.key[0])
    before, after = (set(store.part_paths("rejected", v)) for v in (first, second))
    assert (len(before), len(after), len(before & after)) == (3, 3, 2)
    after_stamps = {p.name: p.stat().st_mtime_ns for p in (tmp_path / "rejected" / "parts").iterdir()}
    assert after_stamps.items() >= stamps.items()
    assert store.replace("rejected", rows, shard_of=lambda row: row.key[0]) == second + 1
    assert set(store.part_paths("rejected")) == before


def test_a_large_shard_is_cut_by_key_so_that_one_row_changes_one_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("corpus.store_parts.ROWS_PER_PART", 50)
    store = Store(tmp_path)
    rows = [rejected(f"{i:04}") for i in range(300)]
    first = store.replace("rejected", rows)
    second = store.replace("rejected", [*rows[:-1], replace(rows[-1], detail="other"), rejected("new")])
    before, after = (set(store.part_paths("rejected", v)) for v in (first, second))
    assert len(before) == len(after) == 8
    assert 6 <= len(before & after) < 8
    assert store.read("rejected").num_rows == 301
    store.append("rejected", [rejected(f"late {i:04}") for i in range(120)])
    manifest = store.manifest("rejected")
    assert manifest is not None
    assert [part.n_rows for part in manifest.parts[8:]] == [50, 50, 20]


# starts once and forks a writer for each line it reads, so that a kill costs no start of Python
FORKING_WRITERS = """
import os, sys
from corpus.schema import RejectedRow
from corpus.store import Store
rows = [RejectedRow(f"{i % 3}-{i:06}", "clean", "empty", "x" * (i % 50)) for i in range(2400)]
print("ready", flush=True)
for line in sys.stdin:
    child = os.fork()
    if not child:
        Store(line.strip()).replace("rejected", rows, shard_of=lambda row: row.key[0])
        os._exit(0)
    print(child, flush=True)
    print(os.waitpid(child, 0)[1], flush=True)
"""


def test_killed_at_twenty_moments_and_run_again_a_table_is_the_same_bytes(tmp_path: Path) -> None:
    rows = [RejectedRow(f"{i % 3}-{i:06}", "clean", "empty", "x" * (i % 50)) for i in range(2400)]

    def publish(root: Path) -> None:
        Store(root).replace("rejected", rows, shard_of=lambda row: row.key[0])

    def seed(root: Path) -> Path:
        Store(root).replace("rejected", rows[:1200], shard_of=lambda row: row.key[0])
        return root

    def contents(root: Path) -> dict[str, bytes]:
        folder = root / "rejected"
        files = {p.name: p.read_bytes() for p in (folder / "parts").iterdir()}
        for path in (folder / "versions").iterdir():
            files[path.name] = json.dumps(json.loads(path.read_text()) | {"created_at": ""}).encode()
        return files

    whole = seed(tmp_path / "whole")
    publish(whole)
    wanted, rng, statuses = contents(whole), random.Random(5), []
    with subprocess.Popen(
        [sys.executable, "-c", FORKING_WRITERS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as writers:
        assert writers.stdin is not None
        assert writers.stdout is not None
        assert writers.stdout.readline() == "ready\n"
        for i in range(20):
            root = seed(tmp_path / str(i))
            writers.stdin.write(f"{root}\n")
            writers.stdin.flush()
            child = int(writers.stdout.readline())
            threading.Event().wait(rng.random() * 0.05)
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            statuses.append(int(writers.stdout.readline()))
            assert Store(root).verify("rejected") == []
            publish(root)
            assert contents(root) == wanted
            assert sorted(p.name for p in (root / "rejected").iterdir()) == [".lock", "parts", "versions"]
        writers.stdin.close()
    assert statuses.count(signal.SIGKILL) >= 10
