"""The store on S3, against a server that speaks it on loopback: publishing, the lock, faults, and other readers."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import botocore.session
import pyarrow.parquet as pq
import pytest
import s3fs
from moto.s3.responses import S3Response
from moto.server import ThreadedMotoServer

from corpus import store_s3
from corpus.schema import RejectedRow
from corpus.store import Store, StoreError
from corpus.store_history import diff, gc

BUCKET = "tables"
PATIENT_SECONDS = 30.0
"""Lease of those that must not lose it, however busy the machine is."""


def rejected(key: str, detail: str | None = None) -> RejectedRow:
    return RejectedRow(key, "clean", "empty", detail)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    put, turn = S3Response.put_object, threading.Lock()

    def put_in_one_step(self: S3Response) -> Any:
        with turn:  # moto looks at a condition and writes in two steps; a real server does it in one
            return put(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(S3Response, "put_object", put_in_one_step)
        server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        server.start()
        yield "http://{}:{}".format(*server.get_host_and_port())
        server.stop()


@pytest.fixture
def root(endpoint: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    """An address of its own in the bucket, and the environment that leads there, for child processes too."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    environment = {"ENDPOINT_URL": endpoint, "ACCESS_KEY_ID": "testing", "SECRET_ACCESS_KEY": "geheim"}
    for name, value in (environment | {"DEFAULT_REGION": "us-east-1", "EC2_METADATA_DISABLED": "true"}).items():
        monkeypatch.setenv(f"AWS_{name}", value)
    botocore.session.get_session().create_client("s3").create_bucket(Bucket=BUCKET)
    return f"s3://{BUCKET}/{request.node.name}/below"


def open_store(root: str) -> Store:
    return Store(root, lease_seconds=PATIENT_SECONDS)


def run(code: str, root: str, *arguments: str, lease_seconds: float) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", code, root, str(lease_seconds), *arguments]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_table_on_s3_is_that_of_a_folder_byte_by_byte(root: str, tmp_path: Path) -> None:
    stores = (open_store(root), Store(tmp_path))
    for store in stores:
        assert store.latest_version("rejected") is None
        assert store.append("rejected", [rejected("b"), rejected("a")]) == 1
        assert store.append("rejected", [rejected("a"), rejected("b")]) == 1
        assert store.replace("rejected", [rejected(f"{s}{i}") for s in "xy" for i in range(9)], shard_of=str) == 2
        assert store.rows("rejected", 1) == [rejected("a"), rejected("b")]
        assert store.read("rejected", columns=["key"]).num_rows == 18
        assert store.find("rejected", ("x3", "clean", "empty")) == rejected("x3")
        assert store.missing("rejected", [("x3", "clean", "empty"), ("q", "c", "e")]) == [("q", "c", "e")]
        assert store.verify("rejected") == []
    logs = [store.log("rejected") for store in stores]
    assert [m.parts for m in logs[0]] == [m.parts for m in logs[1]]
    assert [m.content_hash for m in logs[0]] == [m.content_hash for m in logs[1]]


def test_a_large_part_is_read_by_ranges_and_gives_the_same_rows(root: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(root)
    rng = random.Random(0)
    store.append("rejected", [rejected(f"{i:05}", detail=rng.randbytes(100).hex()) for i in range(5000)])
    whole = store.read("rejected")
    monkeypatch.setattr(store_s3, "_WHOLE_BYTES", 0)
    ranges: list[int] = []
    read_range = store_s3.S3Files._read_range

    def counted(self: store_s3.S3Files, path: str, start: int, n: int) -> bytes:
        ranges.append(n)
        return read_range(self, path, start, n)

    monkeypatch.setattr(store_s3.S3Files, "_read_range", counted)
    assert store.read("rejected").equals(whole)
    n_all = sum(ranges)
    ranges.clear()
    assert store.read("rejected", columns=["stage"]).equals(whole.select(["stage"]))
    assert 0 < sum(ranges) < n_all / 5


def test_others_open_a_version_over_s3fs_and_pyarrow(root: str) -> None:
    store = open_store(root)
    store.replace("rejected", [rejected(f"{s}{i}") for s in "xy" for i in range(9)], shard_of=lambda row: row.key[0])
    store.replace("rejected", [rejected("x1"), rejected("z1")], shard_of=lambda row: row.key[0])
    paths = store.part_paths("rejected")
    assert all(path.startswith(f"{root}/rejected/parts/") for path in paths)
    files = s3fs.S3FileSystem(endpoint_url=os.environ["AWS_ENDPOINT_URL"])
    tables = [pq.read_table(path.removeprefix("s3://"), filesystem=files) for path in paths]
    assert [table["key"].to_pylist() for table in tables] == [["x1"], ["z1"]]


APPENDING = """
import sys
from corpus.schema import RejectedRow
from corpus.store import Store
store = Store(sys.argv[1], lease_seconds=float(sys.argv[2]))
for i in range(7):
    store.append("rejected", [RejectedRow(f"{sys.argv[3]}{i}-{j}", "clean", "empty") for j in range(5)])
"""


def test_two_writers_at_once_lose_no_version_and_readers_see_whole_ones(root: str) -> None:
    store = open_store(root)
    writers = [run(APPENDING, root, name, lease_seconds=PATIENT_SECONDS) for name in "ab"]
    counts = []
    while any(writer.poll() is None for writer in writers):
        counts.append(store.read("rejected").num_rows)
        threading.Event().wait(0.05)  # the writers need the processor too
    assert [writer.communicate()[1] for writer in writers] == ["", ""]
    assert [n for n in counts if n % 5] == []
    assert counts == sorted(counts)
    assert len(set(counts)) > 2
    assert {key[0] for key in store.keys("rejected")} == {
        f"{n}{i}-{j}" for n in "ab" for i in range(7) for j in range(5)
    }
    log = store.log("rejected")
    assert [(m.version, m.parent) for m in log] == [(v, v - 1 or None) for v in range(14, 0, -1)]
    assert [len(m.parts) for m in log] == list(range(14, 0, -1))


HOLDING = """
import sys, time
from corpus.store import Store
with Store(sys.argv[1], lease_seconds=float(sys.argv[2])).locked("rejected"):
    print("held", flush=True)
    time.sleep(600)
"""


def test_a_writer_killed_with_the_lock_holds_up_the_next_for_a_lease_only(root: str) -> None:
    store = open_store(root)
    store.append("rejected", [rejected("before")])
    with run(HOLDING, root, lease_seconds=2.0) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        waiting = threading.Thread(target=store.append, args=("rejected", [rejected("after")]), daemon=True)
        waiting.start()
        waiting.join(3.0)
        assert waiting.is_alive(), "a lock that is renewed was taken over"
        holder.send_signal(signal.SIGKILL)
        waiting.join(30)
    assert store.rows("rejected") == [rejected("before"), rejected("after")]


STANDING_STILL = """
import sys
from corpus import store_s3
from corpus.schema import RejectedRow
from corpus.store import Store, StoreError
method = getattr(store_s3.S3Files, sys.argv[3])
def slow(self, *arguments):
    print("there", flush=True)
    sys.stdin.readline()
    return method(self, *arguments)
setattr(store_s3.S3Files, sys.argv[3], slow)
try:
    Store(sys.argv[1], lease_seconds=float(sys.argv[2])).append("rejected", [RejectedRow("slow", "clean", "empty")])
except StoreError as error:
    print(error)
"""


@pytest.mark.parametrize(
    ("moment", "message"),
    [("keep", "the lock was not renewed in time"), ("create", "another writer published while this one stood still")],
)
def test_a_writer_that_stood_still_for_longer_than_its_lease_overwrites_nothing(
    root: str, moment: str, message: str
) -> None:
    store = open_store(root)
    store.append("rejected", [rejected("before")])
    with run(STANDING_STILL, root, moment, lease_seconds=1.0) as slow:
        assert slow.stdout is not None
        assert slow.stdout.readline() == "there\n"
        slow.send_signal(signal.SIGSTOP)
        assert store.append("rejected", [rejected("quick")]) == 2
        slow.send_signal(signal.SIGCONT)
        output, errors = slow.communicate("go\n")
    assert message in output, errors
    assert len(output.splitlines()) == 1
    assert store.rows("rejected") == [rejected("before"), rejected("quick")]
    assert store.append("rejected", [rejected("slow")]) == 3


def test_a_writer_that_stood_still_while_its_number_came_and_went_is_told(
    root: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, other = open_store(root), open_store(root)
    store.append("rejected", [rejected("before")])
    create = store_s3.S3Files.create

    def late(self: store_s3.S3Files, path: str, content: bytes) -> None:
        if self is store.files:  # others publish twice and clear away the first, behind a lock that expired
            base = other.manifest("rejected")
            for version in (2, 3):
                create(other.files, f"rejected/versions/{version:06d}.json", base.to_json())  # type: ignore
            other.files.remove("rejected/versions/000002.json")
        create(self, path, content)

    monkeypatch.setattr(store_s3.S3Files, "create", late)
    with pytest.raises(StoreError, match="another writer published while this one stood still"):
        store.append("rejected", [rejected("slow")])


def test_a_publication_whose_answer_was_lost_is_not_taken_for_anothers(
    root: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(root)
    put = store_s3.S3Files._put

    def sent_twice(self: store_s3.S3Files, path: str, body: Any, **condition: str) -> str | None:
        first = put(self, path, body, **condition)
        return put(self, path, body, **condition) if condition and first else first

    monkeypatch.setattr(store_s3.S3Files, "_put", sent_twice)
    monkeypatch.setattr("corpus.store_lease._Lease._check_conditions", lambda self: None)
    assert store.append("rejected", [rejected("a")]) == 1
    assert store.append("rejected", [rejected("b")]) == 2
    assert len(store.rows("rejected")) == 2


def test_diff_and_gc_work_there_too(root: str) -> None:
    store = open_store(root)
    for keys in ("ab", "bc", "cd"):
        store.replace("rejected", [rejected(key) for key in keys], shard_of=lambda row: row.key)
    found = diff(store, "rejected", 1, 3)
    assert ([k[0] for k in found.added], [k[0] for k in found.removed]) == (["c", "d"], ["a", "b"])
    assert gc(store, "rejected", keep_versions=1, keep_days=0).removed_versions == ()  # current within the hour
    rehearsed = gc(store, "rejected", keep_versions=1, keep_days=0, grace_seconds=0, is_dry_run=True)
    report = gc(store, "rejected", keep_versions=1, keep_days=0, grace_seconds=0)
    assert (report.removed_versions, report.n_parts, report.n_bytes) == ((1, 2), 2, rehearsed.n_bytes)
    assert store.rows("rejected") == [rejected("c"), rejected("d")]
    assert {store.files.url(f"rejected/parts/{e.name}") for e in store.entries("rejected", "parts")} == set(
        store.part_paths("rejected")
    )


def test_a_server_that_ignores_conditions_is_refused(root: str, monkeypatch: pytest.MonkeyPatch) -> None:
    put = S3Response.put_object

    def whatever(self: S3Response) -> Any:
        self.headers = {k: v for k, v in self.headers.items() if k not in ("If-None-Match", "If-Match")}
        return put(self)

    monkeypatch.setattr(S3Response, "put_object", whatever)
    for _ in range(2):
        with pytest.raises(StoreError, match="this server ignores If-None-Match or If-Match"):
            Store(root, lease_seconds=0.2).append("rejected", [rejected("a")])


def unreachable(patch: pytest.MonkeyPatch, root: str) -> str:
    patch.setenv("AWS_ENDPOINT_URL", "http://ada:geheim@127.0.0.1:9")
    patch.setenv("AWS_MAX_ATTEMPTS", "1")
    return root


def without_key(patch: pytest.MonkeyPatch, root: str) -> str:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        patch.delenv(name)
    patch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    patch.setenv("AWS_CONFIG_FILE", os.devnull)
    return root


def refused(patch: pytest.MonkeyPatch, root: str) -> str:
    patch.setattr(S3Response, "put_object", lambda self: (403, {}, "<Error><Code>InvalidAccessKeyId</Code></Error>"))
    return root


def without_package(patch: pytest.MonkeyPatch, root: str) -> str:
    patch.setitem(sys.modules, "botocore.session", None)
    return root


@pytest.mark.parametrize(
    ("fault", "line"),
    [
        (unreachable, r"no whole answer from the endpoint: (EndpointConnectionError|ProxyConnectionError)"),
        (without_key, r"no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"),
        (refused, r"the credentials of the AWS environment may not \(InvalidAccessKeyId\)"),
        (without_package, r"tables on S3 need one more package: pip install 'cad-copilot\[s3\]'"),
        (lambda patch, root: "s3://no-such-bucket/x", r"there is no bucket no-such-bucket: make it first"),
        (lambda patch, root: "s3://AKIA:geheim@tables/x", r"credentials don't belong in a table address"),
        (
            lambda patch, root: f"{root}?endpoint_override=x",
            r"give a folder or s3://bucket/prefix, and an endpoint in AWS",
        ),
    ],
)
def test_what_is_wrong_is_said_in_one_line_without_secrets(
    root: str, monkeypatch: pytest.MonkeyPatch, fault: Callable[[pytest.MonkeyPatch, str], str], line: str
) -> None:
    address = fault(monkeypatch, root)
    with pytest.raises(StoreError, match=line) as caught:
        open_store(address).append("rejected", [rejected("a")])
    assert len(str(caught.value).splitlines()) == 1
    assert "geheim" not in str(caught.value)
