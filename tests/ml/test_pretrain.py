"""Pretraining: it learns, it resumes to the same weights, and what it saves is what its user loads."""

from __future__ import annotations

import copy
import dataclasses
import json
import os
import random
import signal
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

from corpus.synth.chains import sample_chains
from corpus.synth.families import FAMILIES
from ml.launch import ExitCode
from ml.pretrain import Arithmetic, PretrainConfig, PretrainFailed, PretrainProgress, main, pretrain
from ml.pretraining.gate import gate_prompts, greedy_completions, run_gate
from ml.pretraining.learner import Learner, lr_factor
from ml.pretraining.lessons import Lesson, LessonTurn, draw_lessons
from ml.pretraining.stream import Position, Stream, encode_lesson, train_base_tokenizer
from ml.tokenizer import load_tokenizer

FAMILY_NAMES = ("plate", "tube")


def tiny(work_dir: Path, n_tokens: int, n_processes: int = 1) -> PretrainConfig:
    """Two families, 90,000 parameters, about 900 tokens a step; nothing goes by the clock."""
    return PretrainConfig(
        out_dir=work_dir / "model",
        work_dir=work_dir,
        data_dir=work_dir / "no-engine",
        n_tokens=n_tokens,
        n_processes=n_processes,
        families=FAMILY_NAMES,
        n_tokenizer_lessons=80,
        vocab_size=320,
        hidden_size=64,
        n_layers=1,
        intermediate_size=128,
        head_dim=32,
        max_positions=512,
        n_batch_tokens=700,
        chunk_size=64,
        arithmetic=Arithmetic.FP32,
        n_gate_prompts=4,
        gate_seconds=1e9,
        checkpoint_seconds=0.0,
    )


class Killed(Exception):
    """Stands for a kill: nothing in pretraining catches it."""


def weights(config: PretrainConfig) -> dict[str, torch.Tensor]:
    return load_file(config.out_dir / "model.safetensors")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[PretrainConfig, list[PretrainProgress]]:
    config = tiny(tmp_path_factory.mktemp("undisturbed"), n_tokens=24_000)
    progress: list[PretrainProgress] = []
    report = pretrain(config, on_progress=progress.append)
    assert report.n_steps == len(progress) >= 20
    assert report.n_tokens >= 24_000
    return config, progress


def test_twenty_steps_lower_the_loss(undisturbed: tuple[PretrainConfig, list[PretrainProgress]]) -> None:
    losses = [p.loss for p in undisturbed[1]]
    assert losses[0] == pytest.approx(5.77, abs=0.3)  # ln 320: it knows nothing
    assert losses[19] < 0.75 * losses[0]


def test_a_killed_run_resumes_to_the_very_same_weights(
    undisturbed: tuple[PretrainConfig, list[PretrainProgress]], tmp_path: Path
) -> None:
    """Killed in the middle of the second chunk: stream, momenta and schedule all go on where they were."""

    def kill_at_step_11(progress: PretrainProgress) -> None:
        if progress.n_steps == 11:
            raise Killed

    config = tiny(tmp_path, n_tokens=24_000)
    with pytest.raises(Killed):
        pretrain(config, on_progress=kill_at_step_11)
    steps: list[int] = []
    pretrain(config, on_progress=lambda p: steps.append(p.n_steps), should_resume=True)
    assert steps[0] == 12
    expected, resumed = weights(undisturbed[0]), weights(config)
    assert expected.keys() == resumed.keys()
    assert all(torch.equal(expected[name], resumed[name]) for name in expected)
    assert not config.checkpoint_path.exists()


def test_two_processes_take_the_same_steps_as_one(
    undisturbed: tuple[PretrainConfig, list[PretrainProgress]], tmp_path: Path
) -> None:
    """The same batches and, but for the order of sums in fp32, the same losses."""
    progress: list[PretrainProgress] = []
    pretrain(tiny(tmp_path, n_tokens=24_000, n_processes=2), on_progress=progress.append)
    assert [p.n_tokens for p in progress] == [p.n_tokens for p in undisturbed[1]]
    assert [p.loss for p in progress[:5]] == pytest.approx([p.loss for p in undisturbed[1][:5]], rel=1e-3)


def test_an_unfinished_run_is_neither_overwritten_nor_mixed(tmp_path: Path) -> None:
    def kill(progress: PretrainProgress) -> None:
        raise Killed

    config = tiny(tmp_path, n_tokens=5_000)
    with pytest.raises(Killed):
        pretrain(config, on_progress=kill)
    with pytest.raises(PretrainFailed, match="--resume"):
        pretrain(config)
    with pytest.raises(PretrainFailed, match="another muon_lr"):
        pretrain(dataclasses.replace(config, muon_lr=0.01), should_resume=True)


def test_the_saved_model_is_half_the_size_and_loads_in_full(
    undisturbed: tuple[PretrainConfig, list[PretrainProgress]],
) -> None:
    out_dir = undisturbed[0].out_dir
    assert {tensor.dtype for tensor in weights(undisturbed[0]).values()} == {torch.float16}
    model = AutoModelForCausalLM.from_pretrained(out_dir)
    assert model.dtype == torch.float32
    assert model.lm_head.weight is model.model.embed_tokens.weight
    tokenizer = load_tokenizer(out_dir)
    completions = greedy_completions(model, tokenizer, gate_prompts(8, seed=0, families=FAMILY_NAMES), max_new_tokens=9)
    assert len(completions) == 8
    assert all(completions)
    assert json.loads((out_dir / "generation_config.json").read_text())["eos_token_id"] == tokenizer.eos_token_id


def processes_of(work_dir: Path) -> list[int]:
    """Processes that carry this work folder in their environment: the one we start and the ranks it spawns."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                environment = (entry / "environ").read_bytes()
                state = (entry / "stat").read_text().rsplit(")", 1)[1].split()[0]
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                continue
            if f"PRETRAIN_TEST={work_dir}".encode() in environment and state != "Z":
                found.append(int(entry.name))
    return found


def test_kill_minus_nine_leaves_a_whole_checkpoint_and_no_process(tmp_path: Path) -> None:
    """Rank 0 dies with no chance to say goodbye; the checkpoint it was writing is never half there."""
    config = tiny(tmp_path, n_tokens=10_000_000, n_processes=2)
    script = f"from pathlib import PosixPath; from ml.pretrain import *; pretrain({config!r})".replace(
        repr(config.arithmetic), "Arithmetic.FP32"
    )
    started = subprocess.Popen([sys.executable, "-c", script], env={**os.environ, "PRETRAIN_TEST": str(tmp_path)})
    while not config.checkpoint_path.is_file() and started.poll() is None:
        time.sleep(0.1)
    assert len(processes_of(tmp_path)) >= 2
    started.send_signal(signal.SIGKILL)
    started.wait()
    while processes_of(tmp_path):
        time.sleep(0.1)
    assert processes_of(tmp_path) == []
    state = torch.load(config.checkpoint_path, weights_only=True)
    assert 0 < state["n_tokens"] < 10_000_000
    # one process may finish what two began; a length already reached ends at once, with a model
    report = pretrain(dataclasses.replace(config, n_tokens=state["n_tokens"], n_processes=1), should_resume=True)
    assert report.n_steps == state["n_steps"]
    assert weights(config)


def test_the_command_makes_a_base_that_can_be_shipped(tmp_path: Path) -> None:
    work_dir = tmp_path / "work"
    arguments = ["--out", str(tmp_path / "model"), "--work-dir", str(work_dir), "--data-dir", str(tmp_path)]
    arguments += ["--n-gate-prompts", "4", "--families", ",".join(FAMILY_NAMES), "--chunk-size", "64"]
    arguments += ["--n-tokenizer-lessons", "400"]
    work_dir.mkdir()
    (work_dir / "checkpoint.pt").touch()
    assert main([*arguments, "--n-tokens", "1000", "--n-processes", "1"]) == ExitCode.BAD_INPUT
    (work_dir / "checkpoint.pt").unlink()
    assert main([*arguments, "--n-tokens", "1000", "--n-processes", "3"]) == ExitCode.BAD_INPUT
    assert main([*arguments, "--n-tokens", "1000", "--n-processes", "1"]) == ExitCode.OK
    report = json.loads((work_dir / "report.json").read_text())
    assert 4_800_000 < report["n_parameters"] < 5_500_000
    assert report["n_bytes"] == (tmp_path / "model" / "model.safetensors").stat().st_size < 11_000_000
    assert (report["n_gate"], report["n_passed"]) == (4, None)


@pytest.fixture(scope="module")
def stream() -> Stream:
    tokenizer = train_base_tokenizer(seed=0, families=FAMILY_NAMES, n_lessons=80, vocab_size=320, max_length=512)
    return Stream(tokenizer, seed=5, families=FAMILY_NAMES, n_batch_tokens=700, chunk_size=64, max_length=512)


def test_the_stream_goes_on_from_any_position(stream: Stream) -> None:
    whole = list(islice(stream.batches(Position()), 20))
    middle = next(i for i, item in enumerate(whole) if item.after.chunk == 1 and item.after.n_batches == 2)
    rest = list(islice(stream.batches(whole[middle].after), 19 - middle))
    assert rest
    for expected, found in zip(whole[middle + 1 :], rest, strict=True):
        assert torch.equal(expected.batch.input_ids, found.batch.input_ids)
        assert torch.equal(expected.batch.weights, found.batch.weights)
        assert (expected.n_tokens, expected.after) == (found.n_tokens, found.after)


def test_the_stream_does_not_repeat(stream: Stream) -> None:
    rows = [tuple(row.tolist()) for item in islice(stream.batches(Position()), 40) for row in item.batch.input_ids]
    assert len(set(rows)) > 0.95 * len(rows)


def test_ranks_share_a_batch_without_a_gap(stream: Stream) -> None:
    """Each of two ranks gets every other sequence of the batch that one process would have."""
    whole = next(stream.batches(Position()))
    sequences = stream._chunk(0)
    order = stream._grouped(sequences, random.Random("5/order/0"))[0]
    shares = [stream._padded([sequences[i] for i in order[rank::2]]) for rank in range(2)]
    rows = sorted(tuple(row[row != stream._pad_id].tolist()) for share in shares for row in share.input_ids)
    assert rows == sorted(tuple(row[row != stream._pad_id].tolist()) for row in whole.batch.input_ids)


def test_lessons_are_of_training_alone_and_edits_are_among_them() -> None:
    lessons = draw_lessons(64, seed="a")
    assert lessons == draw_lessons(64, seed="a") != draw_lessons(64, seed="b")
    assert 0.05 < sum(len(lesson.turns) > 1 for lesson in lessons) / len(lessons) < 0.25
    foreign = [lesson for lesson in lessons if not lesson.turns[0].is_taught]
    assert foreign
    assert all(turn.is_taught for lesson in foreign for turn in lesson.turns[1:])
    titles = {family.title for family in FAMILIES.values() if family.is_held_out}
    assert not {turn.scad.split("\n")[0].removeprefix("// ") for lesson in lessons for turn in lesson.turns} & titles


def test_a_lesson_is_encoded_as_the_chat_template_has_it(stream: Stream) -> None:
    lesson = next(lesson for lesson in draw_lessons(64, seed="c", families=FAMILY_NAMES) if len(lesson.turns) > 1)
    encoded = encode_lesson(stream.tokenizer, lesson, max_length=10_000, copied_weight=0.15)
    assert encoded is not None
    messages = [m for t in lesson.turns for m in (("user", t.prompt), ("assistant", t.scad))]
    text = stream.tokenizer.apply_chat_template([{"role": r, "content": c} for r, c in messages], tokenize=False)
    assert list(encoded.input_ids) == stream.tokenizer(text, add_special_tokens=False)["input_ids"]
    assert encode_lesson(stream.tokenizer, lesson, max_length=3, copied_weight=0.15) is None


def test_what_an_edit_copies_counts_little_and_what_it_changes_fully(stream: Stream) -> None:
    first = LessonTurn("a rod", "d = 5;\nh = 40;\ncylinder(d = d, h = h);\n", False)
    second = LessonTurn("longer: 70", "d = 5;\nh = 70;\ncylinder(d = d, h = h);\n", True)
    encoded = encode_lesson(stream.tokenizer, Lesson((first, second)), max_length=512, copied_weight=0.2)
    assert encoded is not None
    pieces = [stream.tokenizer.decode([token]) for token in encoded.input_ids]
    assert next(p for p, w in zip(pieces, encoded.weights, strict=True) if w == 1.0) == "7"
    assert set(encoded.weights) == {0.0, 0.2, 1.0}
    answers = [i for i, w in enumerate(encoded.weights) if w > 0]
    assert pieces[answers[0] - 1] == "<|assistant|>"
    assert pieces[answers[-1]] == "<|end|>"


def test_the_gate_takes_the_reference_and_neither_the_source_unchanged_nor_nothing(
    undisturbed: tuple[PretrainConfig, list[PretrainProgress]], monkeypatch: pytest.MonkeyPatch
) -> None:
    prompts = [p for p in gate_prompts(24, seed=1, families=FAMILY_NAMES) if p.group == "edits"]
    chains = list(sample_chains(6, seed=1, is_test=True, families=FAMILY_NAMES))
    answers = {
        "the reference": ([chain[1].scad for chain in chains], 6),
        "unchanged": ([chain[0].scad for chain in chains], 0),
        "nothing": ([""] * 6, 0),
    }
    tokenizer = load_tokenizer(undisturbed[0].out_dir)
    for name, (texts, n_passed) in answers.items():
        monkeypatch.setattr("ml.pretraining.gate.greedy_completions", lambda *_, texts=texts, **__: texts)
        result = run_gate(None, tokenizer, prompts, data_dir=Path("var"))  # type: ignore[arg-type]
        assert (result.n, result.n_passed) == (6, n_passed), name


def test_the_learning_rate_warms_up_stays_and_goes_down_to_nothing() -> None:
    factors = [lr_factor(i / 1000, warmup_fraction=0.02, decay_fraction=0.25) for i in range(1001)]
    assert factors[0] == 0
    assert factors[20:751] == [1.0] * 731
    assert factors[750:] == sorted(factors[750:], reverse=True)
    assert factors[875] == pytest.approx(0.5)
    assert factors[-1] == pytest.approx(0, abs=1e-12)


def test_the_loss_is_transformers_own(tmp_path: Path, stream: Stream) -> None:
    """Logits for the taught tokens alone, attention written out and no mask change nothing."""
    learner = Learner(tiny(tmp_path, n_tokens=1), stream.tokenizer, arithmetic=Arithmetic.FP32)
    batch = next(stream.batches(Position())).batch
    reference = copy.deepcopy(learner.model)
    reference.set_attn_implementation("sdpa")
    with torch.no_grad():
        logits = reference(input_ids=batch.input_ids, attention_mask=(batch.input_ids != stream._pad_id).long()).logits
    losses = torch.nn.functional.cross_entropy(
        logits[:, :-1].flatten(0, 1), batch.input_ids[:, 1:].flatten(), reduction="none"
    )
    weights = batch.weights[:, 1:].flatten()
    expected = float((losses * weights).sum() / weights.sum())
    assert learner.step(batch, factor=0.0) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"n_tokens": None}, "n_tokens or seconds"),
        ({"seconds": 5.0}, "n_tokens or seconds"),
        ({"n_tokens": -1}, "positive"),
        ({"hidden_size": 100}, "head_dim"),
        ({"n_processes": 3}, "n_processes=3"),
        ({"warmup_fraction": 0.9}, "warmup_fraction"),
    ],
)
def test_settings_that_make_no_sense_are_refused(tmp_path: Path, change: dict[str, object], word: str) -> None:
    values = {f.name: getattr(tiny(tmp_path, 1000), f.name) for f in dataclasses.fields(PretrainConfig)}
    with pytest.raises(ValueError, match=word):
        PretrainConfig(**{**values, **change})
