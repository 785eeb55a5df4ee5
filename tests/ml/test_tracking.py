"""MLflow on sqlite: two evaluations side by side, with their pictures and tables."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path

import pytest
from PIL import Image

from ml.tracking import (
    DatasetInfo,
    EvaluationRecord,
    Tracking,
    TrackingFailed,
    git_commit,
    library_versions,
    log_evaluation,
    sqlite_uri,
    start_run,
)


def _png() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(buffer, format="PNG")
    return buffer.getvalue()


def _record(rate: float) -> EvaluationRecord:
    return EvaluationRecord(
        metrics={"eval/all/spec_pass_rate": rate, "eval/new/compile_rate": 1.0},
        tags={"model_id": f"model-{rate}", "engine_id": "wasm-test"},
        contact_sheet_png=_png(),
        table=[
            {"prompt": "a plate", "is_spec_passed": True, "scad": "cube(1);"},
            {"prompt": "a hook", "is_spec_passed": False, "scad": None},
        ],
        dataset=DatasetInfo("prompts", "abc", "tables/examples@1", {"n": 2}),
    )


@pytest.fixture(scope="module")
def tracking(tmp_path_factory: pytest.TempPathFactory) -> Tracking:
    return Tracking(sqlite_uri(tmp_path_factory.mktemp("mlflow") / "mlflow.db"))


def test_two_evaluations_stand_side_by_side(tracking: Tracking) -> None:
    from mlflow import MlflowClient

    training = start_run(tracking, run_name="finetune")
    training.log_metrics({"train/loss": 0.5}, step=3)
    training.end(is_ok=True)
    base = log_evaluation(tracking, _record(0.1), run_name="base")
    tuned = log_evaluation(tracking, _record(0.9), run_name="tuned", run_id=training.run_id)

    assert tuned == training.run_id != base
    client = MlflowClient(tracking_uri=tracking.uri)
    runs = [client.get_run(run_id) for run_id in (base, tuned)]
    assert [run.data.metrics["eval/all/spec_pass_rate"] for run in runs] == [0.1, 0.9]
    assert runs[1].data.metrics["train/loss"] == 0.5
    assert [run.info.status for run in runs] == ["FINISHED", "FINISHED"]
    for run in runs:
        folder = Path(client.download_artifacts(run.info.run_id, "evaluation"))
        with Image.open(folder / "contact_sheet.png") as picture:
            assert picture.size == (8, 8)
        table = json.loads((folder / "table.json").read_text())
        assert table["columns"] == ["prompt", "is_spec_passed", "scad"]
        assert table["data"] == [["a plate", True, "cube(1);"], ["a hook", False, None]]
        (dataset,) = run.inputs.dataset_inputs
        assert (dataset.dataset.name, dataset.dataset.digest) == ("prompts", "abc")
    (experiment,) = [e for e in client.search_experiments() if e.name == tracking.experiment]
    assert len(client.search_runs([experiment.experiment_id])) == 2


def test_logging_the_same_evaluation_again_changes_nothing(tracking: Tracking) -> None:
    from mlflow import MlflowClient

    started: list[str] = []
    first = log_evaluation(tracking, _record(0.3), run_name="killed", on_started=started.append)
    again = log_evaluation(tracking, _record(0.3), run_name="killed", run_id=started[0])
    assert first == again == started[0]
    folder = Path(MlflowClient(tracking_uri=tracking.uri).download_artifacts(first, "evaluation"))
    assert len(json.loads((folder / "table.json").read_text())["data"]) == 2


def test_artifacts_lie_beside_the_database(tracking: Tracking) -> None:
    run_id = log_evaluation(tracking, _record(0.2), run_name="again")
    database = Path(tracking.uri.removeprefix("sqlite:///"))
    assert list(database.parent.glob(f"artifacts/{run_id}/artifacts/evaluation/contact_sheet.png"))


@pytest.mark.parametrize("uri", ["file:///tmp/mlruns", "mlruns", "sqlite:////proc/nowhere/mlflow.db"])
def test_a_store_that_cannot_be_is_one_line(uri: str) -> None:
    with pytest.raises(TrackingFailed) as caught:
        start_run(Tracking(uri), run_name="x")
    assert uri in str(caught.value)
    assert "\n" not in str(caught.value)


def test_outside_a_checkout_the_commit_is_unknown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    commit = git_commit()
    assert commit == "unknown" or len(commit) == 40
    monkeypatch.setenv("PATH", str(tmp_path))
    assert git_commit() == "unknown"


def test_versions_are_told_and_nothing_is_reported_home() -> None:
    assert library_versions()["bitsandbytes"]
    assert os.environ["MLFLOW_DISABLE_TELEMETRY"] == "true"
