"""The whole line under a real Prefect server: a folder of designs to two evaluated models, twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from corpus.store import Store
from flows.settings import load_settings

ROOT = Path(__file__).parents[2]

DESIGNS = {
    "plate.scad": "// Mounting plate\n// A plate 40 x 30 x 4 mm.\nwidth = 40; // [10:100]\ncube([width, 30, 4]);\n",
    "peg.scad": "// Peg\n// A round peg, 8 mm thick and 20 mm long.\ncylinder(d = 8, h = 20, $fn = 48);\n",
    "peg_again.scad": "// Another title\n/* the same */ cylinder(d = 8, h = 20,   $fn = 48);\n",
    "broken.scad": "// Broken\ncube([1, 2, 3)\n",
    "flat.scad": "// Flat\nsquare([10, 10]);\n",
}


@pytest.fixture(scope="module", autouse=True)
def prefect_server() -> Iterator[None]:
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=120):
        yield


@pytest.fixture
def line(data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Environment of a line so small that it runs in seconds: five designs, 40 synthetic parts, three steps."""
    checkout = tmp_path / "designs"
    checkout.mkdir()
    (checkout / "LICENSE").write_text("SPDX-License-Identifier: CC0-1.0\n")
    for name, text in DESIGNS.items():
        (checkout / name).write_text(text)
    config = yaml.safe_load((ROOT / "ml" / "configs" / "tiny.yaml").read_text())
    config |= {"n_steps": 3, "n_epochs": None, "n_warmup_steps": 0, "eval_every_steps": 3, "checkpoint_every_steps": 3}
    (tmp_path / "small.yaml").write_text(yaml.safe_dump(config))
    for name, value in {
        "DATA_DIR": data_dir,
        "SOURCES": "local",
        "LOCAL_PATH": checkout,
        "N_SYNTH": 32,
        "N_TEST_PROMPTS": 8,
        "TRAIN_CONFIG": tmp_path / "small.yaml",
    }.items():
        monkeypatch.setenv(f"CAD_COPILOT_{name}", str(value))
    return data_dir


def test_the_line_runs_whole_and_the_demo_after_it_does_nothing_twice(line: Path) -> None:
    from flows.pipeline import scrape_and_train_flow

    first = scrape_and_train_flow()
    store = Store(line / "tables")
    assert first.dataset.n_crawled == len(DESIGNS)
    assert first.dataset.n_compiled_now == 5 + 40
    rejected = {(r.stage, r.reason) for r in store.rows("rejected")}
    assert {("exact_dedup", "duplicate"), ("compile", "syntax_error"), ("compile", "not_3d")} <= rejected
    real = [e for e in store.rows("examples") if e.tier == "real"]
    assert {row.sha256: row.size_mm for row in store.rows("compiled") if row.sha256 in {e.sha256 for e in real}} == {
        e.sha256: size for e in real for size in [(8, 8, 20) if "cylinder" in e.scad else (40, 30, 4)]
    }
    assert len({e.sha256 for e in real}) == 2
    assert {e.license_spdx for e in real} == {"CC0-1.0"}
    assert first.base.groups["all"].n == first.tuned.groups["all"].n == 8
    assert len(store.rows("generations")) == len(store.rows("scores")) == 16

    import mlflow

    client = mlflow.MlflowClient(tracking_uri=load_settings().tracking_uri)
    runs = {r.info.run_id: r for r in client.search_runs([e.experiment_id for e in client.search_experiments()])}
    assert set(runs) == {first.base.mlflow_run_id, first.tuned.mlflow_run_id}
    assert first.tuned.mlflow_run_id == first.training.run_id
    for run_id in runs:
        assert "eval/all/spec_pass_rate" in runs[run_id].data.metrics
        names = {a.path for a in client.list_artifacts(run_id, "evaluation")}
        assert names == {"evaluation/contact_sheet.png", "evaluation/table.json"}

    versions = {table: store.latest_version(table) for table in ("crawled", "compiled", "examples", "tokens")}
    summary = demo_summary(line)  # a second run of the same line, by the command
    assert (summary["n_crawled"], summary["n_compiled_now"], summary["engine"][:5]) == (5, 0, "wasm-")
    assert {table: store.latest_version(table) for table in versions} == versions
    assert summary["mlflow_run_ids"] == {"base": first.base.mlflow_run_id, "tuned": first.tuned.mlflow_run_id}
    assert summary["adapter"] == first.training.adapter_dir
    assert summary["n_rejected"]["duplicate"] == 1
    assert summary["n_clusters"] <= min(summary["n_examples"], summary["n_compiled_ok"])
    for name in ("base", "tuned"):
        assert set(summary[name]) >= {"n", "compile_rate", "strict_rate", "spec_pass_rate"}
        assert (line / "demo" / f"{name}.png").stat().st_size > 1000
    assert set(summary["seconds"]) == {"collect", "curate", "finetune", "evaluate_base", "evaluate_tuned", "total"}


def demo_summary(data_dir: Path) -> dict[str, Any]:
    """What `cad-copilot demo` writes for a program."""
    command = [str(Path(sys.executable).parent / "cad-copilot"), "demo"]
    env = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    result = subprocess.run(command, env=env, capture_output=True, text=True, timeout=280)
    assert result.returncode == 0, result.stderr
    assert "Traceback" not in result.stderr
    assert "held-out prompts" in result.stdout
    summary: dict[str, Any] = json.loads((data_dir / "demo" / "summary.json").read_text())
    return summary


def test_a_refresh_compiles_only_the_design_that_is_new(line: Path, tmp_path: Path) -> None:
    from flows.pipeline import dataset_refresh_flow

    before = dataset_refresh_flow()
    (tmp_path / "designs" / "ball.scad").write_text("// Ball\n// A ball of 12 mm.\nsphere(d = 12, $fn = 32);\n")
    after = dataset_refresh_flow()
    assert after.dataset.n_compiled_now == 1
    assert after.dataset.n_clusters == before.dataset.n_clusters + 1
    assert after.dataset.version == before.dataset.version + 1


def test_a_source_that_is_down_is_reported_and_the_rest_goes_on(line: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from flows.pipeline import dataset_refresh_flow

    monkeypatch.setenv("CAD_COPILOT_SOURCES", "gallery,local")
    monkeypatch.setenv("CAD_COPILOT_GALLERY_URL", "http://127.0.0.1:9/")
    report = dataset_refresh_flow()
    assert [(c.source, c.exit_code, c.n_items) for c in report.crawls] == [("gallery", 3, 0), ("local", 0, 5)]
    assert report.dataset.n_crawled == 5
    assert "| gallery | 3: the site did not answer | 0 |" in newest_artifact("crawls")
    funnel = newest_artifact("funnel")
    assert "| exact_dedup |" in funnel
    assert "Last crawl failed: gallery: the site did not answer (" in funnel


def newest_artifact(key: str) -> str:
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey
    from prefect.client.schemas.sorting import ArtifactSort

    with get_client(sync_client=True) as client:
        only = ArtifactFilter(key=ArtifactFilterKey(any_=[key]))
        found = client.read_artifacts(artifact_filter=only, sort=ArtifactSort.CREATED_DESC)
    assert found, "no such artifact"
    return str(found[0].data)
