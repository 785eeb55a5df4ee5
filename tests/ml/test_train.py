"""Fine-tuning for real: two processes, int8 and LoRA, torchrun, MLflow on sqlite; killed and resumed.

`make kill-train` kills it at ten random steps; here each rank's end is tried once.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
import torch
from finetune_case import TinyCase

from ml.config import ConfigError
from ml.launch import ExitCode, FinetuneReport, TrainingFailed, _killed_rank, launch
from ml.run_folder import read_report
from ml.tracking import sqlite_uri

N_STEPS = 40


@dataclass(frozen=True)
class Trained:
    report: FinetuneReport
    output_dir: Path
    tracking_uri: str
    lines: tuple[str, ...]


def _overrides(case: TinyCase) -> dict[str, Any]:
    return {
        "base_model": str(case.base),
        "max_length": 256,
        "batch_size_per_process": 8,
        "n_steps": N_STEPS,
        "n_warmup_steps": 2,
        "lora_modules_to_save": ["embed_tokens"],  # a random base learns little without
        "learning_rate": 1e-2,
        "log_every_steps": 5,
        "eval_every_steps": 20,
        "checkpoint_every_steps": 5,
    }


def _launch(
    case: TinyCase,
    root: Path,
    *,
    data_dir: Path | None = None,
    on_line: Callable[[str], None] | None = None,
    **overrides: Any,
) -> Trained:
    lines: list[str] = []
    uri = sqlite_uri(root / "mlflow" / "mlflow.db")
    report = launch(
        "tiny",
        tokens_root=case.tables,
        tokens_version=case.tokens_version,
        output_dir=root / "out",
        tracking_uri=uri,
        overrides={**_overrides(case), **overrides},
        data_dir=data_dir,
        on_line=on_line or lines.append,
    )
    return Trained(report, root / "out", uri, tuple(lines))


@pytest.fixture(scope="module")
def trained(tiny_case: TinyCase, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return _launch(tiny_case, tmp_path_factory.mktemp("trained"))


def _losses(trained: Trained, metric: str = "train/loss") -> dict[int, float]:
    from mlflow import MlflowClient

    client = MlflowClient(tracking_uri=trained.tracking_uri)
    return {m.step: m.value for m in client.get_metric_history(trained.report.run_id, metric)}


def test_two_processes_lower_the_loss(trained: Trained) -> None:
    losses = _losses(trained)
    assert losses[N_STEPS] < 0.5 * losses[1]
    assert trained.report.train_loss == losses[N_STEPS]
    assert trained.report.eval_loss == _losses(trained, "eval/loss")[N_STEPS]
    assert trained.report.n_steps == N_STEPS
    assert any(f"step {N_STEPS}/{N_STEPS}" in line for line in trained.lines)


def test_the_loss_is_of_the_completions_alone(tiny_case: TinyCase, trained: Trained) -> None:
    from corpus.schema import TokensRow
    from corpus.store import Store
    from ml.model import load_merged

    rows: list[TokensRow] = [r for r in Store(tiny_case.tables).rows("tokens") if r.split == "validation"]
    model = load_merged(str(tiny_case.base), Path(trained.report.adapter_dir))
    total = torch.tensor(0.0)
    with torch.no_grad():
        for row in rows:
            logits = model(torch.tensor([row.input_ids])).logits[0]  # (seq, vocab)
            (start,) = row.supervised_starts
            told = torch.tensor(row.input_ids[start:])
            total += torch.nn.functional.cross_entropy(logits[start - 1 : -1], told, reduction="sum")
    n_told = sum(len(row.input_ids) - row.supervised_starts[0] for row in rows)
    assert trained.report.eval_loss == pytest.approx(float(total) / n_told, rel=0.05)


def test_the_run_is_one_and_holds_everything(tiny_case: TinyCase, trained: Trained) -> None:
    from mlflow import MlflowClient

    from corpus.store import Store

    client = MlflowClient(tracking_uri=trained.tracking_uri)
    experiments = [e.experiment_id for e in client.search_experiments()]
    (run,) = client.search_runs(experiments)
    assert run.info.run_id == trained.report.run_id
    assert run.info.run_id == json.loads((trained.output_dir / "run.json").read_text())["run_id"]
    assert run.info.status == "FINISHED"
    manifest = Store(tiny_case.tables).manifest("tokens")
    assert manifest is not None
    params = run.data.params
    assert (params["quantization"], params["n_processes"], params["engine_id"]) == ("int8", "2", "wasm-test")
    assert (params["tokens_version"], params["data_digest"]) == ("1", manifest.content_hash)
    assert {"git_commit", "version/torch", "version/peft"} <= set(params)
    metrics = run.data.metrics
    assert {"train/loss", "train/learning_rate", "train/tokens_per_second", "train/memory_bytes"} <= set(metrics)
    assert {"eval/loss", "plan/weights_gb", "plan/total_gb"} <= set(metrics)
    assert metrics["measured/peak_gb"] == pytest.approx(trained.report.peak_memory_bytes / 1e9)
    assert 0.2e9 < trained.report.peak_memory_bytes < 5e9
    (dataset,) = run.inputs.dataset_inputs
    assert dataset.dataset.digest == manifest.content_hash[:36]
    assert json.loads(dataset.dataset.profile)["n_by_license"] == {"CC0-1.0": 180}
    assert "adapter/adapter_model.safetensors" in [a.path for a in client.list_artifacts(run.info.run_id, "adapter")]
    assert (trained.output_dir.parent / "mlflow" / "artifacts").is_dir()


def test_a_finished_training_gives_its_report_again(tiny_case: TinyCase, trained: Trained) -> None:
    stamp = (Path(trained.report.adapter_dir) / "adapter_model.safetensors").stat().st_mtime_ns
    assert _launch(tiny_case, trained.output_dir.parent).report == trained.report
    assert (Path(trained.report.adapter_dir) / "adapter_model.safetensors").stat().st_mtime_ns == stamp


def test_a_folder_with_another_training_is_refused(tiny_case: TinyCase, trained: Trained) -> None:
    with pytest.raises(TrainingFailed, match=r"lora_rank=32, now it is 4; choose another folder") as caught:
        _launch(tiny_case, trained.output_dir.parent, lora_rank=4)
    assert caught.value.exit_code is ExitCode.BAD_INPUT
    assert read_report(trained.output_dir) == trained.report


def test_killed_and_resumed_ends_as_if_undisturbed(
    tiny_case: TinyCase, trained: Trained, engine_data_dir: Path, tmp_path: Path
) -> None:
    """The one that is killed is judged by geometry too: that must change no weight either."""
    judged = {"geometry_eval_every_steps": 20, "n_geometry_prompts": 4}
    _kill_after(tiny_case, tmp_path, "checkpoints/checkpoint-10/sealed.json", **judged, data_dir=engine_data_dir)
    assert not (tmp_path / "out" / "report.json").exists()
    half = tmp_path / "out" / "checkpoints" / "checkpoint-39"  # as a kill in mid-write leaves it
    half.mkdir()
    (half / "trainer_state.json").write_text("{", encoding="utf-8")

    with pytest.raises(TrainingFailed, match=r"rank 1 was ended by SIGKILL .* goes on from the last whole") as caught:
        _launch(tiny_case, tmp_path, data_dir=engine_data_dir, on_line=_kill_rank_1_at_step_25, **judged)
    assert caught.value.exit_code is ExitCode.CRASHED

    resumed = _launch(tiny_case, tmp_path, data_dir=engine_data_dir, **judged)
    assert any("resuming from" in line for line in resumed.lines)
    assert resumed.report.n_steps == N_STEPS
    assert _losses(resumed) == _losses(trained)
    last = "checkpoints/checkpoint-40/adapter_model.safetensors"
    assert (resumed.output_dir / last).read_bytes() == (trained.output_dir / last).read_bytes()
    _check_the_judgement(resumed)


def _check_the_judgement(judged: Trained) -> None:
    """Its best adapter is the one saved, and its samples are in the run."""
    from mlflow import MlflowClient

    report = judged.report
    assert report.best_step in (20, 40)
    assert report.spec_pass_rate == _losses(judged, "eval/spec_pass_rate")[report.best_step]
    assert report.eval_loss == _losses(judged, "eval/loss")[report.best_step]
    best = judged.output_dir / "checkpoints" / f"best-{report.best_step}"
    weights = "adapter_model.safetensors"
    assert (best / weights).read_bytes() == (Path(report.adapter_dir) / weights).read_bytes()
    client = MlflowClient(tracking_uri=judged.tracking_uri)
    names = [artifact.path for artifact in client.list_artifacts(report.run_id, "samples")]
    assert names == [f"samples/step_{step:06d}.{kind}" for step in (20, 40) for kind in ("json", "png")]


def _kill_rank_1_at_step_25(line: str) -> None:
    """Ends rank 1 of this process's training without warning."""
    if line.startswith("step 25/"):
        for child in psutil.Process().children(recursive=True):
            if child.environ().get("RANK") == "1":
                child.kill()


TORCHRUN = """\
Failures:
[1]:
  rank      : 0 (local_rank: 0)
  exitcode  : -15 (pid: 8118)  (SIGTERM)
------------------------------------------------------
Root Cause (first observed failure):
[0]:
  rank      : 1 (local_rank: 1)
  exitcode  : {} (pid: 8119)
"""


def test_the_rank_that_died_is_named_not_one_that_torchrun_ended() -> None:
    assert _killed_rank(TORCHRUN.format(-9).splitlines()) == (1, "SIGKILL")
    assert _killed_rank(TORCHRUN.format(1).splitlines()) is None  # it told its reason itself


def _kill_after(case: TinyCase, root: Path, appears: str, *, data_dir: Path, **overrides: Any) -> None:
    """Starts the command, and kills it without warning once a file is there; its ranks must end by themselves."""
    sets = [f"--set={key}={json.dumps(value)}" for key, value in {**_overrides(case), **overrides}.items()]
    command = [
        *(sys.executable, "-m", "ml.train", "--config=tiny", f"--tokens-root={case.tables}"),
        *(f"--output-dir={root / 'out'}", f"--tracking-uri={sqlite_uri(root / 'mlflow' / 'mlflow.db')}", *sets),
        f"--data-dir={data_dir}",
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while not (root / "out" / appears).exists():
        assert process.poll() is None, "the training ended before it was killed"
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()


def test_a_loss_that_is_no_number_ends_the_run_with_its_own_code(tiny_case: TinyCase, tmp_path: Path) -> None:
    with pytest.raises(TrainingFailed, match=r"the loss became (nan|inf).* at step \d+; lower learning_rate") as caught:
        _launch(tiny_case, tmp_path, learning_rate=1e30, n_warmup_steps=0, max_grad_norm=1e30, n_processes=1)
    assert caught.value.exit_code is ExitCode.NON_FINITE_LOSS
    assert not (tmp_path / "out" / "report.json").exists()


def test_what_cannot_fit_its_cards_is_refused_before_anything_starts(tiny_case: TinyCase, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"needs .* GB a card, card_memory_gb=0\.5; most of it is"):
        _launch(tiny_case, tmp_path, card_memory_gb=0.5)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--config=tiny", "--set=lora_rnk=3"], "unknown setting 'lora_rnk'; the nearest one is 'lora_rank'"),
        (["--config=nowhere"], "no config 'nowhere'"),
    ],
)
def test_a_wrong_setting_is_one_line_and_exit_code_2(tmp_path: Path, arguments: list[str], message: str) -> None:
    command = [sys.executable, "-m", "ml.train", *arguments, f"--tokens-root={tmp_path}"]
    done = subprocess.run(
        [*command, f"--output-dir={tmp_path}", "--tracking-uri=sqlite:////nowhere"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == ExitCode.BAD_INPUT
    assert message in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
