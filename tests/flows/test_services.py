"""`make up` and `make down`: real servers on free ports, and nothing left behind."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import psutil
import pytest

from corpus.store import Store
from flows.exit_codes import ExitCode
from flows.prefect_plugin import qualify_deployment_name
from flows.services import Service, ServiceError, is_port_free, is_running, up
from flows.settings import Settings

BIN = Path(sys.executable).parent
ROOT = Path(__file__).parents[2]


def _free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port: int = s.getsockname()[1]
        return port


def test_a_taken_port_is_one_line_that_names_the_setting(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert not is_port_free(port)
        settings = Settings(data_dir=tmp_path, prefect_port=port, mlflow_port=_free_port())
        with pytest.raises(ServiceError, match=f"port {port} is taken.*CAD_COPILOT_PREFECT_PORT"):
            up(settings)
    assert not (tmp_path / "run" / "services.json").exists()


def test_a_reused_pid_is_not_taken_for_ours() -> None:
    me = psutil.Process()
    assert is_running(Service("me", me.pid, me.create_time(), "", ""))
    assert not is_running(Service("other", me.pid, me.create_time() - 100, "", ""))


def test_a_deployment_name_that_cannot_be_resolved_is_left_alone() -> None:
    for argv in (["prefect", "deployment", "ls"], ["prefect", "deployment", "run"], ["prefect", "version"]):
        given = list(argv)
        qualify_deployment_name(given, "http://127.0.0.1:9/api")
        assert given == argv
    away = ["prefect", "deployment", "run", "scrape-and-train"]
    qualify_deployment_name(away, "http://127.0.0.1:9/api")
    assert away[3] == "scrape-and-train"


def test_up_runs_a_deployment_by_its_plain_name_and_down_leaves_nothing(data_dir: Path, tmp_path: Path) -> None:
    designs = tmp_path / "designs"
    designs.mkdir()
    (designs / "LICENSE").write_text("SPDX-License-Identifier: CC0-1.0\n")
    (designs / "peg.scad").write_text("// Peg\n// A round peg, 8 mm thick and 20 mm long.\ncylinder(d = 8, h = 20);\n")
    env = os.environ | {
        "CAD_COPILOT_DATA_DIR": str(data_dir),
        "CAD_COPILOT_PREFECT_PORT": str(_free_port()),
        "CAD_COPILOT_MLFLOW_PORT": str(_free_port()),
        "CAD_COPILOT_SOURCES": "local",
        "CAD_COPILOT_LOCAL_PATH": str(designs),
        "CAD_COPILOT_N_SYNTH": "8",
        "CAD_COPILOT_N_TEST_PROMPTS": "1",
    }
    env.pop("PREFECT_API_URL", None)

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([str(BIN / command[0]), *command[1:]], env=env, cwd=ROOT, capture_output=True, text=True)

    try:
        started = run("cad-copilot", "up", "--json")
        assert started.returncode == ExitCode.OK, started.stderr
        services = json.loads(started.stdout)
        assert [s["name"] for s in services] == ["prefect-server", "mlflow", "prefect-worker"]
        assert "DOWN" not in run("cad-copilot", "status").stdout
        with urllib.request.urlopen(services[1]["url"], timeout=10) as page:
            assert b"MLflow" in page.read()
        refreshed = run("prefect", "deployment", "run", "dataset-refresh", "--watch", "--watch-timeout", "200")
        assert refreshed.returncode == 0, refreshed.stdout + refreshed.stderr
        examples = Store(data_dir / "tables").rows("examples")
        assert sum(e.tier == "synthetic" for e in examples) == 8 + 1
        assert {e.sha256 for e in examples if e.tier == "real"} != set()
        # far in the future: the name is resolved and a run is scheduled, but nothing starts
        for name in ("scrape-and-train", "scrape-and-train/scrape-and-train"):
            scheduled = run("prefect", "deployment", "run", name, "--start-in", "9 hours")
            assert scheduled.returncode == 0, scheduled.stdout + scheduled.stderr
        again = run("cad-copilot", "up", "--json")
        assert [s["pid"] for s in json.loads(again.stdout)] == [s["pid"] for s in services]
        family = [psutil.Process(s["pid"]) for s in services]
        family += [child for process in family for child in process.children(recursive=True)]
    finally:
        stopped = run("cad-copilot", "down")
    assert stopped.returncode == ExitCode.OK
    assert not [p for p in psutil.wait_procs(family, timeout=10)[1] if p.status() != psutil.STATUS_ZOMBIE]
    assert run("cad-copilot", "down").stdout.strip() == "nothing was running"
