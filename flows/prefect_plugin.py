"""A `prefect.plugins` entry point that makes the plain words work in a checkout.

Prefect calls `setup_environment` when it is imported (pyproject.toml switches plugins on). It points the
process at the server that `make up` started, and lets `prefect deployment run scrape-and-train` name a
deployment without its flow: stock Prefect insists on FLOW/DEPLOYMENT. An explicit PREFECT_API_URL wins.
Does nothing where no such server runs.
"""

from __future__ import annotations

import json
import sys
import urllib.error
import urllib.request
from collections.abc import MutableSequence
from pathlib import Path

from prefect.plugins import HookContext, SetupResult, register_hook

from flows.services import is_running, running_services
from flows.settings import load_settings

__all__ = ["qualify_deployment_name", "setup_environment"]


def _running_api_url() -> str | None:
    """The address of the server that `make up` started, or None where it does not run."""
    server = [s for s in running_services(load_settings()) if s.name == "prefect-server" and is_running(s)]
    return f"{server[0].url}/api" if server else None


def _flows_with_deployment(api_url: str, deployment: str) -> list[str]:
    """Names of the flows that have a deployment of this name. Raises URLError if the server is away."""

    def post(path: str, body: dict[str, object]) -> list[dict[str, str]]:
        request = urllib.request.Request(
            f"{api_url}/{path}", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=5) as response:
            rows: list[dict[str, str]] = json.load(response)
        return rows

    deployments = post("deployments/filter", {"deployments": {"name": {"any_": [deployment]}}})
    flow_ids = [d["flow_id"] for d in deployments]
    return [f["name"] for f in post("flows/filter", {"flows": {"id": {"any_": flow_ids}}})] if flow_ids else []


def qualify_deployment_name(argv: MutableSequence[str], api_url: str) -> None:
    """Rewrites `deployment run NAME` in argv to `FLOW/NAME` in place, if exactly one flow has it."""
    if list(argv[1:3]) != ["deployment", "run"] or len(argv) < 4:
        return
    name = argv[3]
    if name.startswith("-") or "/" in name:
        return
    try:
        flows = _flows_with_deployment(api_url, name)
    except (urllib.error.URLError, TimeoutError):
        return  # Prefect's own command says in its own words that the server is away
    if len(flows) == 1:
        argv[3] = f"{flows[0]}/{name}"


@register_hook
def setup_environment(*, ctx: HookContext) -> SetupResult | None:
    """Prefect's start-up hook; see the module's docstring."""
    api_url = ctx.api_url or _running_api_url()
    if api_url is None:
        return None
    if Path(sys.argv[0]).name == "prefect":
        qualify_deployment_name(sys.argv, api_url)
    return SetupResult(env={"PREFECT_API_URL": api_url}, note="server of `make up`")
