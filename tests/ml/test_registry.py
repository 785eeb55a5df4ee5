"""Versions in a real MLflow store on sqlite, with a tiny adapter on the shipped base; decisions and aliases."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from ml.config import SHIPPED_BASE, FinetuneConfig
from ml.generate import Generator
from ml.metrics import Interval
from ml.paired import Paired
from ml.registry import (
    Decision,
    RegistryError,
    Version,
    champion,
    decision_line,
    decision_markdown,
    download_adapter,
    list_versions,
    load_version,
    record_decision,
    register,
    weights_sha256,
)
from ml.tracking import Tracking, TrackingFailed, sqlite_uri, start_run

PROMPTS = ["a plate 60 x 40 x 3 mm with a 5 mm hole in the middle", "a cube of 20 mm"]
CONFIG = FinetuneConfig(lora_rank=2, lora_target_modules=("q_proj", "v_proj"), n_steps=1, n_processes=1)


@pytest.fixture(scope="module")
def adapter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A LoRA of random weights on the shipped base, large enough to change its answers."""
    import torch

    from ml.model import attach_lora, load_base, save_adapter

    torch.manual_seed(0)
    model = attach_lora(load_base(SHIPPED_BASE), CONFIG)
    for name, weight in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight, std=0.2)
    folder = tmp_path_factory.mktemp("tiny") / "adapter"
    save_adapter(model, folder, base_model=SHIPPED_BASE)
    return folder


@pytest.fixture(scope="module")
def tracking(tmp_path_factory: pytest.TempPathFactory) -> Tracking:
    return Tracking(sqlite_uri(tmp_path_factory.mktemp("mlflow") / "mlflow.db"))


@pytest.fixture(scope="module")
def registered(tracking: Tracking, adapter: Path) -> list[Version]:
    return [register(tracking, _finished_run(tracking, adapter), adapter, model_id=f"model-{i}") for i in range(2)]


def _finished_run(tracking: Tracking, adapter: Path) -> str:
    """What `ml.train` leaves in MLflow."""
    run = start_run(tracking, run_name="tuned")
    origins = {"tokens_version": 7, "data_digest": "d" * 64, "git_commit": "c" * 40}
    run.log_params({**dataclasses.asdict(CONFIG), **origins})
    run.log_folder(adapter, "adapter")
    run.end(is_ok=True)
    return run.run_id


def _decision(version: Version, *, against: str = "the untuned base", **changes: Any) -> Decision:
    paired = Paired(
        "new", "old", "held-out-1", "2", "wasm-1", 40, 12, 2, 26, 0.6, 0.35, 0.25, Interval(0.1, 0.4), 0.013
    )
    return Decision(version.run_id, version.version, against, dataclasses.replace(paired, **changes), True)


def test_a_version_loaded_back_gives_the_same_greedy_answers(
    tracking: Tracking, adapter: Path, registered: list[Version]
) -> None:
    loaded = load_version(tracking, registered[0].version)
    expected = [answer.text for answer in Generator(SHIPPED_BASE, adapter).generate(PROMPTS)]
    assert loaded.predict(PROMPTS) == expected
    assert expected != [answer.text for answer in Generator(SHIPPED_BASE).generate(PROMPTS)], "the adapter does nothing"
    import pandas as pd

    assert loaded.predict(pd.DataFrame({"prompt": PROMPTS[1:]})) == expected[1:]


def test_a_version_names_base_data_config_and_commit(registered: list[Version]) -> None:
    first = registered[0]
    assert first.tags["base_model"] == SHIPPED_BASE
    assert first.tags["base_weights"] == weights_sha256(SHIPPED_BASE)
    assert (first.tags["data_version"], first.tags["data_hash"]) == ("tokens@7", "d" * 64)
    assert first.tags["git_commit"] == "c" * 40
    assert json.loads(first.tags["config"])["lora_rank"] == "2"
    assert first.tags["model_id"] == "model-0"


def test_the_newest_is_the_candidate_and_registering_again_makes_nothing(
    tracking: Tracking, adapter: Path, registered: list[Version]
) -> None:
    again = register(tracking, registered[0].run_id, adapter, model_id="model-0")
    assert again.version == registered[0].version == 1
    assert [(v.version, "candidate" in v.aliases) for v in list_versions(tracking)] == [(1, False), (2, True)]


def test_a_decision_is_written_whole_and_moves_the_champion_only_if_promoted(
    tracking: Tracking, registered: list[Version], tmp_path: Path
) -> None:
    first, second = registered
    refused = dataclasses.replace(_decision(first), is_promoted=False)
    record_decision(tracking, refused)
    assert champion(tracking) is None
    record_decision(tracking, _decision(first))
    record_decision(tracking, _decision(second, against="champion version 1"))
    record_decision(tracking, _decision(second, against="champion version 1"))
    best = champion(tracking)
    assert best is not None
    assert best.version == second.version
    assert "candidate" in best.aliases, "the champion moves, the candidate stays"
    assert best.tags["promotion/decision"] == "promoted"
    assert best.tags["promotion/n"] == "40 (12 won, 2 lost, 26 the same)"
    assert best.tags["promotion/line"] == decision_line(_decision(second, against="champion version 1"))
    from mlflow import MlflowClient

    client = MlflowClient(tracking_uri=tracking.uri)
    names = sorted(a.path for a in client.list_artifacts(second.run_id, "promotion"))
    assert names == [f"promotion/champion-version-1-held-out-1.{suffix}" for suffix in ("json", "md")]
    document = json.loads(Path(client.download_artifacts(second.run_id, names[0], str(tmp_path))).read_text())
    assert document["paired"]["interval"] == {"low": 0.1, "high": 0.4}
    assert (document["paired"]["n_wins"], document["is_promoted"]) == (12, True)


def test_a_decision_is_one_line_and_a_table(registered: list[Version]) -> None:
    line = decision_line(dataclasses.replace(_decision(registered[0]), is_dry_run=True))
    assert line.startswith("version 1 would become the champion: against the untuned base, 60.0% against 35.0% of 40")
    assert "\n" not in line
    assert "| p (McNemar, exact) | 0.013 |" in decision_markdown(_decision(registered[0]))


def test_a_base_with_other_weights_is_refused(
    tracking: Tracking, registered: list[Version], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ml.registry.weights_sha256", lambda base_model: "0" * 64)
    with pytest.raises(RegistryError, match="holds 000000000000 now; put the old base back"):
        load_version(tracking, registered[0].version)


def test_a_run_that_is_no_finished_fine_tune_is_refused(tracking: Tracking, adapter: Path, tmp_path: Path) -> None:
    run = start_run(tracking, run_name="base")
    run.end(is_ok=True)
    with pytest.raises(RegistryError, match="no parameter base_model"):
        register(tracking, run.run_id, adapter, model_id="m")
    with pytest.raises(RegistryError, match="holds no adapter"):
        download_adapter(tracking, run.run_id, tmp_path)
    with pytest.raises(TrackingFailed, match="nowhere"):
        download_adapter(tracking, "nowhere", tmp_path)
    with pytest.raises(RegistryError, match="no MLflow database"):
        list_versions(Tracking(sqlite_uri(tmp_path / "none.db")))
