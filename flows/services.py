"""`make up`, `make down`, `make status`: the Prefect server and worker and the MLflow page on this machine.

Each service runs in a process group of its own with its log under the data folder. What runs is written to
`run/services.json`; a process is known by pid and start time, so a reused pid is never killed. Does not cover
other machines, nor start at boot.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from flows.settings import Settings, child_environment

__all__ = ["Service", "ServiceError", "down", "is_port_free", "is_running", "running_services", "up"]

logger = logging.getLogger(__name__)

HOST = "127.0.0.1"
ROOT = Path(__file__).parents[1]  # prefect.yaml lies there
WORK_POOL = "local"
START_TIMEOUT_SECONDS = 180.0  # MLflow takes ~50 s to make a new database; a busy machine doubles that
STOP_TIMEOUT_SECONDS = 20.0


class ServiceError(RuntimeError):
    """A port is taken or a server did not come up; one line, with the next step."""


@dataclass(frozen=True)
class Service:
    """One process that `up` started, and its group."""

    name: str
    pid: int
    started_at: float
    """The process's start time in epoch seconds, as the operating system gives it."""
    url: str
    log: str


def _state_file(settings: Settings) -> Path:
    return settings.data_dir / "run" / "services.json"


def is_port_free(port: int) -> bool:
    """True if nothing listens on the loopback port."""
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind((HOST, port))
        except OSError:
            return False
        return True


def running_services(settings: Settings) -> list[Service]:
    """What an earlier `up` wrote down, alive or not; empty where it never ran."""
    path = _state_file(settings)
    return [Service(**s) for s in json.loads(path.read_text())["services"]] if path.is_file() else []


def is_running(service: Service) -> bool:
    """True while the very process that `up` started is alive."""
    try:
        process = psutil.Process(service.pid)
        return abs(process.create_time() - service.started_at) < 1.0 and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _write_state(settings: Settings, services: list[Service]) -> None:
    from ml.run_folder import write_json  # not at the top: every `prefect` command imports this module

    path = _state_file(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_json(path, {"services": [asdict(s) for s in services]})


def _start(settings: Settings, name: str, command: list[str], url: str, env: dict[str, str]) -> Service:
    log = settings.data_dir / "log" / f"{name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as out:
        process = subprocess.Popen(
            command, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=env, start_new_session=True
        )
    return Service(name, process.pid, psutil.Process(process.pid).create_time(), url, str(log))


def _wait_until_healthy(service: Service, health_url: str) -> None:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        if not is_running(service):
            raise ServiceError(f"{service.name} ended at its start: its log is {service.log}")
        try:
            with urllib.request.urlopen(health_url, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    raise ServiceError(f"{service.name} did not answer within {START_TIMEOUT_SECONDS:.0f} s: its log is {service.log}")


def _prefect(arguments: list[str], env: dict[str, str]) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "prefect", "--no-prompt", *arguments],
        env=env,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=START_TIMEOUT_SECONDS,
    )
    if result.returncode != 0:
        lines = (result.stderr or result.stdout).strip().splitlines() or ["no output"]
        raise ServiceError(f"`prefect {' '.join(arguments)}` failed: {lines[-1]}")


def up(settings: Settings) -> list[Service]:
    """Starts what does not run yet, registers the deployments, and returns all services.

    Raises ServiceError for a taken port or a server that does not come up; what was started is then stopped.
    """
    alive = [s for s in running_services(settings) if is_running(s)]
    if len(alive) == 3:
        return alive
    down(settings)
    for what, port in (("PREFECT_PORT", settings.prefect_port), ("MLFLOW_PORT", settings.mlflow_port)):
        if not is_port_free(port):
            raise ServiceError(f"port {port} is taken: free it, or choose another with CAD_COPILOT_{what}")
    api_url = f"http://{HOST}:{settings.prefect_port}/api"
    mlflow_url = f"http://{HOST}:{settings.mlflow_port}"
    env = child_environment(
        settings,
        PREFECT_API_URL=api_url,
        PREFECT_LOGGING_EXTRA_LOGGERS="flows,ml,corpus",  # so that a run's page shows what the stages say
        PREFECT_HOME=str((settings.data_dir / "prefect").resolve()),
        PREFECT_PLUGINS_ENABLED="false",  # only the command line needs ours; a worker would log a traceback
    )
    python = [sys.executable, "-m"]
    mlflow_dir = settings.data_dir.resolve() / "mlflow"
    mlflow_dir.mkdir(parents=True, exist_ok=True)
    services: list[Service] = []

    def start(name: str, command: list[str], url: str) -> Service:
        service = _start(settings, name, command, url, env)
        services.append(service)
        _write_state(settings, services)
        return service

    try:
        prefect_server = start(
            "prefect-server",
            [*python, "prefect", "server", "start", "--host", HOST, "--port", str(settings.prefect_port)],
            f"http://{HOST}:{settings.prefect_port}",
        )
        mlflow_server = start(
            "mlflow",
            [*python, "mlflow", "server", "--host", HOST, "--port", str(settings.mlflow_port), "--workers", "1"]
            + ["--backend-store-uri", settings.tracking_uri]
            + ["--default-artifact-root", str(mlflow_dir / "artifacts")],
            mlflow_url,
        )
        _wait_until_healthy(prefect_server, f"{api_url}/health")
        _prefect(["work-pool", "create", WORK_POOL, "--type", "process", "--overwrite"], env)
        _prefect(["work-pool", "set-concurrency-limit", WORK_POOL, "1"], env)  # two lines would share the tables
        _prefect(["deploy", "--all"], env)
        start("prefect-worker", [*python, "prefect", "worker", "start", "--pool", WORK_POOL], "")
        _wait_until_healthy(mlflow_server, f"{mlflow_url}/health")
    except (ServiceError, OSError, subprocess.TimeoutExpired, KeyboardInterrupt):
        down(settings)
        raise
    return services


def _signal_group(service: Service, number: signal.Signals) -> None:
    try:
        os.killpg(service.pid, number)
    except ProcessLookupError:
        logger.debug("%s had ended by itself", service.name)


def _descendants(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def down(settings: Settings) -> list[str]:
    """Stops every service that `up` started, with all its children; returns the names of those that ran."""
    services = [s for s in reversed(running_services(settings)) if is_running(s)]
    children = [c for s in services for c in _descendants(s.pid)]
    for service in services:
        _signal_group(service, signal.SIGTERM)
    deadline = time.monotonic() + STOP_TIMEOUT_SECONDS
    while any(is_running(s) for s in services) and time.monotonic() < deadline:
        time.sleep(0.1)
    for service in services:
        if is_running(service):
            _signal_group(service, signal.SIGKILL)
    # a flow run's engine processes have groups of their own, which no signal above reaches
    for child in psutil.wait_procs(children, timeout=3)[1]:
        child.kill()
    _state_file(settings).unlink(missing_ok=True)
    return [s.name for s in services]
