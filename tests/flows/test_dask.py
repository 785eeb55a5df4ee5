"""The stages on a real Dask cluster of two workers, one of them killed in mid-batch: nothing is lost or doubled."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from designs import crawled_rows
from distributed import Client, LocalCluster

from corpus.schema import TABLES
from corpus.store import Store
from flows.curate_here import curate_here
from flows.settings import Settings, load_settings

N_DESIGNS = 6


@pytest.fixture(autouse=True)
def prefect_server() -> Iterator[None]:
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=120):
        yield


@dataclass(frozen=True)
class Cluster:
    client: Client
    workers: dict[str, subprocess.Popen[bytes]]
    """By address."""

    @property
    def address(self) -> str:
        return str(self.client.scheduler.address)


@contextmanager
def two_workers(folder: Path) -> Iterator[Cluster]:
    """A scheduler here, and two workers that are processes of their own, in a folder and environment of their own."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("CAD_COPILOT_", "PREFECT_"))}
    command = [sys.executable, "-m", "distributed.cli.dask_worker", "--no-nanny", "--nthreads", "1", "--no-dashboard"]
    started = []
    with LocalCluster(n_workers=0, dashboard_address=None) as cluster, Client(cluster) as client:
        try:
            for name in ("one", "two"):
                arguments = ["--name", name, "--local-directory", str(folder / name), client.scheduler.address]
                started.append(subprocess.Popen([*command, *arguments], cwd=folder, env=env, start_new_session=True))
            client.wait_for_workers(2, timeout=120)
            pids = client.run(os.getpid)
            yield Cluster(client, {address: next(p for p in started if p.pid == pid) for address, pid in pids.items()})
        finally:
            for process in started:
                process.kill()
                process.wait()


def kill_one_in_a_batch(cluster: Cluster, store: Store, killed: list[str]) -> None:
    """Waits until some files are compiled and both workers are at it; SIGKILLs one with its process group."""
    deadline = time.monotonic() + 200
    while time.monotonic() < deadline:
        busy = [address for address, tasks in cluster.client.processing().items() if tasks]
        if len(busy) == 2 and store.latest_version("compiled"):
            os.killpg(cluster.workers[busy[0]].pid, signal.SIGKILL)
            killed.append(busy[0])
            return
        time.sleep(0.01)


def rows_of(settings: Settings) -> dict[str, tuple[int, str]]:
    """Number and hash of each table's rows, in whatever parts and order."""
    store = Store(settings.tables_root)
    manifests = {table: store.manifest(table) for table in TABLES}
    return {table: (m.n_rows, m.content_hash) for table, m in manifests.items() if m is not None}


def test_a_worker_killed_in_mid_run_changes_no_row(
    data_dir: Path, tmp_path: Path, engine_data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from prefect.client.orchestration import get_client

    for name, value in {"RECIPE": "full", "N_SYNTH": "4", "N_CHAINS": "1", "N_TEST_PROMPTS": "1"}.items():
        monkeypatch.setenv(f"CAD_COPILOT_{name}", value)
    here = load_settings(data_dir=data_dir, compile_timeout_seconds=120)
    monkeypatch.setenv("CAD_COPILOT_COMPILE_TIMEOUT_SECONDS", "120")
    other = tmp_path / "other"
    other.mkdir()
    (other / "engine").symlink_to(engine_data_dir / "engine")
    for folder in (data_dir, other):
        Store(folder / "tables").append("crawled", crawled_rows(N_DESIGNS))

    report = curate_here(here)
    with two_workers(tmp_path) as cluster:
        there, killed = replace(here, data_dir=other, dask_scheduler=cluster.address), list[str]()
        monkeypatch.setenv("CAD_COPILOT_DASK_SCHEDULER", cluster.address)
        killer = threading.Thread(target=kill_one_in_a_batch, args=(cluster, Store(there.tables_root), killed))
        killer.start()
        report_there = curate_here(there)
        killer.join()
        assert len(killed) == 1
        assert len(cluster.client.scheduler_info()["workers"]) == 1
    assert rows_of(there) == rows_of(here)
    assert replace(report_there, n_compiled_now=0, card="") == replace(report, n_compiled_now=0, card="")
    assert [problem for table in TABLES for problem in Store(there.tables_root).verify(table)] == []
    with get_client(sync_client=True) as prefect:
        runs = prefect.read_task_runs(limit=200)
    assert runs
    assert {run.state_type.value for run in runs if run.state_type} == {"COMPLETED"}
    second = curate_here(replace(here, data_dir=other))
    assert (second.n_compiled_now, second.version) == (0, report_there.version)
