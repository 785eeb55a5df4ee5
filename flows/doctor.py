"""`cad-copilot doctor`: what this machine has, what is missing, and the next step for each."""

from __future__ import annotations

import importlib.metadata
import shutil
import sys
from dataclasses import dataclass

from flows.services import is_port_free, is_running, running_services
from flows.settings import TOKEN_NAMES, Settings, has_token
from spiders.known import KNOWN_SPIDERS

__all__ = ["Check", "run_checks"]

MIN_FREE_GB = 5.0  # a data folder with checkpoints and MLflow artifacts of one demo takes ~0.3 GB; LLaMA weights more


@dataclass(frozen=True)
class Check:
    """One line of the doctor's report."""

    name: str
    is_ok: bool
    is_required: bool
    """False: the line runs without it."""
    found: str
    next_step: str = ""


def _engine_checks(settings: Settings) -> list[Check]:
    from render import open_engine
    from render.engines.base import EngineMissing, find_native
    from render.engines.node import NodeMissing, find_node

    checks = []
    try:
        checks.append(Check("node", True, True, str(find_node().executable)))
    except NodeMissing as error:
        checks.append(Check("node", False, True, str(error), "make setup"))
    try:
        with open_engine(settings.engine, data_dir=settings.data_dir) as engine:
            checks.append(Check("engine", True, True, engine.engine_id))
    except EngineMissing as error:
        checks.append(Check("engine", False, True, str(error), "make setup"))
    native = find_native()
    checks.append(
        Check("native openscad", native is not None, False, native or "not installed", "apt-get install openscad")
    )
    return checks


def _gpu_check() -> Check:
    import torch

    if not torch.cuda.is_available():
        return Check("gpu", False, False, "none: training runs on the CPU", "a CUDA GPU with 24 GB for LLaMA 7B to 13B")
    cards = [torch.cuda.get_device_properties(i) for i in range(torch.cuda.device_count())]
    return Check("gpu", True, False, ", ".join(f"{c.name} {c.total_memory / 2**30:.0f} GB" for c in cards))


def _port_check(settings: Settings, name: str, port: int) -> Check:
    ours = any(is_running(s) for s in running_services(settings) if s.url.endswith(f":{port}"))
    is_free = is_port_free(port)
    found = "free" if is_free else ("in use by `make up`" if ours else "taken")
    setting = f"CAD_COPILOT_{name.upper()}_PORT"
    return Check(f"port {port} ({name})", is_free or ours, False, found, f"choose another with {setting}")


def _token_check(name: str) -> Check:
    users = [spider.name for spider in KNOWN_SPIDERS.values() if name in spider.tokens]
    found = "set" if has_token(name) else "not set"
    return Check(name, has_token(name), False, found, f"export {name}=…, for {' and '.join(users)}")


def run_checks(settings: Settings) -> list[Check]:
    """Every check, required ones first. Reads only; starts one engine process to ask its version."""
    free_gb = shutil.disk_usage(settings.data_dir if settings.data_dir.exists() else ".").free / 1e9
    python = ".".join(map(str, sys.version_info[:3]))
    versions = " ".join(f"{p} {importlib.metadata.version(p)}" for p in ("torch", "transformers", "prefect", "mlflow"))
    return [
        Check("python", sys.version_info >= (3, 11), True, python, "Python 3.11 or newer"),
        Check("packages", True, True, versions),
        *_engine_checks(settings),
        Check(
            "disk", free_gb >= MIN_FREE_GB, True, f"{free_gb:.0f} GB free", f"free {MIN_FREE_GB:.0f} GB, or move var/"
        ),
        _gpu_check(),
        _port_check(settings, "prefect", settings.prefect_port),
        _port_check(settings, "mlflow", settings.mlflow_port),
        *map(_token_check, TOKEN_NAMES),
    ]
