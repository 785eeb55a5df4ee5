"""Guards on the project itself: import contracts, entry points, shipped files, README against the command."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
ROOMS = ("corpus", "flows", "ml", "render", "spiders")


def _run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(c) for c in command], cwd=ROOT, capture_output=True, text=True, timeout=240)


def test_imports_point_one_way() -> None:
    result = _run(BIN / "lint-imports")
    assert result.returncode == 0, result.stdout


def test_every_deployment_names_a_flow_that_exists() -> None:
    deployments = yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]
    assert {d["name"] for d in deployments} == {"scrape-and-train", "dataset-refresh", "improve"}
    for deployment in deployments:
        path, function = deployment["entrypoint"].split(":")
        flow = getattr(importlib.import_module(path.removesuffix(".py").replace("/", ".")), function)
        assert flow.name == deployment["name"]
    crons = [s["cron"] for d in deployments for s in d.get("schedules", [])]
    assert crons == ["0 2 * * *"]


def test_the_wheel_holds_our_rooms_and_nothing_else(tmp_path: Path) -> None:
    result = _run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", tmp_path, ".")
    assert result.returncode == 0, result.stderr
    names = zipfile.ZipFile(next(tmp_path.glob("cad_copilot-*.whl"))).namelist()
    tops = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    assert tops == set(ROOMS)
    for needed in ("ml/base/model.safetensors", "ml/configs/tiny.yaml", "render/engines/worker.mjs"):
        assert needed in names
    assert sum(n.startswith("spiders/sample_site/designs/") and n.endswith(".scad") for n in names) >= 60


def test_constraints_are_exact_versions_without_addresses() -> None:
    lines = (ROOT / "constraints.txt").read_text().split()
    assert len(lines) > 100
    assert [line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", line)] == []
    pinned = {re.sub(r"[-_.]+", "-", line.split("==")[0]).lower() for line in lines}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = project["dependencies"] + [d for extra in project["optional-dependencies"].values() for d in extra]
    names = {re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", w)[0]).lower() for w in wanted}  # type: ignore[index]
    assert names <= pinned


def test_help_of_every_verb_answers() -> None:
    import typer.main

    from flows.cli import app

    group = typer.main.get_command(app)
    verbs = set(group.commands)  # type: ignore[attr-defined]
    assert verbs >= {
        *(
            "collect",
            "curate",
            "pretrain",
            "finetune",
            "evaluate",
            "generate",
            "compile",
            "render",
            "dataset",
            "doctor",
        ),
        *("demo", "up", "down", "status"),
    }
    for verb in verbs:
        assert _run(BIN / "cad-copilot", verb, "--help").returncode == 0


def test_help_imports_no_heavy_library() -> None:
    code = (
        "import sys; sys.argv = ['cad-copilot', '--help']\n"
        "from flows.cli import main\n"
        "try:\n    main()\n"
        "except SystemExit:\n"
        "    heavy = {'torch', 'prefect', 'mlflow', 'pandas', 'scrapy', 'trimesh'} & set(sys.modules)\n"
        "    sys.exit(f'{heavy}' if heavy else 0)\n"
    )
    result = _run(sys.executable, "-c", code)
    assert result.returncode == 0, result.stderr


def test_the_readme_names_commands_and_targets_that_exist() -> None:
    readme = (ROOT / "README.md").read_text()
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    named = set(re.findall(r"`?make ([a-z-]+)", readme))
    assert {"demo", "test"} <= named <= targets
    import typer.main

    from flows.cli import app

    verbs = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
    blocks = "\n".join(re.findall(r"```\n(.*?)```", readme, re.S)) + "\n".join(re.findall(r"`([^`\n]+)`", readme))
    assert {"generate", "doctor"} <= set(re.findall(r"cad-copilot ([a-z]+)", blocks)) <= verbs


def test_the_readme_lists_every_exit_code() -> None:
    from flows.exit_codes import ExitCode

    listed = {int(code) for code in re.findall(r"^\| (\d+) \|", (ROOT / "README.md").read_text(), re.M)}
    assert listed == {int(code) for code in ExitCode}


@pytest.mark.parametrize(
    "page", sorted(p.relative_to(ROOT).as_posix() for p in ROOT.glob("docs/**/*.md")) + ["README.md"]
)
def test_every_link_of_a_page_leads_somewhere(page: str) -> None:
    text = (ROOT / page).read_text()
    targets = [t for t in re.findall(r"\]\(([^)#]+)[^)]*\)", text) if "://" not in t]
    assert [t for t in targets if not ((ROOT / page).parent / t).exists()] == []


def test_nothing_committed_names_a_machine_or_a_registry() -> None:
    files = _run("git", "ls-files", "-co", "--exclude-standard").stdout.split()
    pattern = re.compile(
        rb"/root/\.|files\.python" + rb"hosted|registry\.np" + rb"mjs|pypi\." + rb"org|deb\.deb" + rb"ian"
    )
    assert [f for f in files if (ROOT / f).is_file() and pattern.search((ROOT / f).read_bytes())] == []
