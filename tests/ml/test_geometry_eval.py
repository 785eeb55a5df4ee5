"""Geometry as the judge of a training: the right prompts, the right verdict, and nothing left changed."""

from __future__ import annotations

import dataclasses
import io
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from finetune_case import TinyCase
from PIL import Image

import ml.geometry_eval
from corpus.schema import ExampleRow, GeometrySpec, Turn
from corpus.store import Store
from ml.config import SHIPPED_BASE, load_config
from ml.generate import Completion, FinishReason, Generator
from ml.geometry_eval import GeometryJudge, greedy_answers, judge_geometry, judged_examples
from ml.model import attach_lora, base_path, load_base
from ml.tokenizer import load_tokenizer
from ml.trainset import DataUnusable


@pytest.fixture(scope="module")
def judge(tiny_case: TinyCase, engine_data_dir: Path) -> GeometryJudge:
    tokenizer = load_tokenizer(tiny_case.base)
    return GeometryJudge(tiny_case.examples[:6], tokenizer, max_length=96, n_workers=1, data_dir=engine_data_dir)


def test_the_prompts_are_always_the_same_and_all_can_be_measured(tiny_case: TinyCase, tmp_path: Path) -> None:
    examples = [dataclasses.replace(e, spec=GeometrySpec()) if i < 5 else e for i, e in enumerate(tiny_case.examples)]
    Store(tmp_path).append("examples", examples)
    ids = {e.example_id for e in examples[:20]}
    chosen = judged_examples(tmp_path, ids, 8)
    assert len(chosen) == 8
    assert {e.example_id for e in chosen} <= {e.example_id for e in examples[5:20]}
    assert judged_examples(tmp_path, sorted(ids), 8) == chosen
    with pytest.raises(DataUnusable, match="none of the 5 validation examples has a spec"):
        judged_examples(tmp_path, {e.example_id for e in examples[:5]}, 8)


def test_answers_are_those_of_the_generator(tiny_case: TinyCase) -> None:
    turns = (Turn(prompt="a block", scad="cube(3);\n"),)
    examples = [dataclasses.replace(tiny_case.examples[0], history=turns), *tiny_case.examples[1:3]]
    expected = Generator().generate(
        [e.prompt for e in examples],
        histories=[[(t.prompt, t.scad) for t in e.history] for e in examples],
        max_new_tokens=12,
    )
    answers = greedy_answers(
        load_base(SHIPPED_BASE).eval(), load_tokenizer(base_path(SHIPPED_BASE)), examples, max_length=80
    )
    for answer, completion in zip(answers, expected, strict=True):
        assert completion.text
        assert answer.text.startswith(completion.text)


def test_the_verdict_counts_all_prompts(
    tiny_case: TinyCase, judge: GeometryJudge, monkeypatch: pytest.MonkeyPatch
) -> None:
    def whole(text: str) -> Completion:
        return Completion(text, FinishReason.STOP, 1, 1, 0.0)

    right = [whole(e.scad) for e in judge.examples]

    def answers(model: Any, tokenizer: Any, examples: Sequence[ExampleRow], *, max_length: int) -> Any:
        return [*right[:3], whole("cube([1, 2, 3]);"), whole("no source"), right[5]]

    monkeypatch.setattr(ml.geometry_eval, "greedy_answers", answers)
    verdict = judge_geometry(load_base(str(tiny_case.base)), judge, step=20)
    assert (verdict.n, verdict.spec_pass_rate, verdict.compile_rate) == (6, pytest.approx(4 / 6), pytest.approx(5 / 6))
    assert [line["is_spec_passed"] for line in verdict.table] == [True, True, True, False, False, True]
    assert Image.open(io.BytesIO(verdict.contact_sheet_png)).width > 100


def test_a_verdict_leaves_weights_gradients_modes_and_random_numbers_as_they_were(
    tiny_case: TinyCase, judge: GeometryJudge
) -> None:
    config = load_config("tiny", {"base_model": str(tiny_case.base), "lora_dropout": 0.5})
    model = attach_lora(load_base(config.base_model, quantization=config.quantization), config).train()
    ids = torch.arange(40).reshape(2, 20)
    model(input_ids=ids, labels=ids).loss.backward()
    model.base_model.model.lm_head.eval()  # a part in a mode of its own

    def state() -> list[Any]:
        parameters = [(p.detach().clone(), None if p.grad is None else p.grad.clone()) for p in model.parameters()]
        modes = [module.training for module in model.modules()]
        return [parameters, modes, random.getstate(), torch.random.get_rng_state()]

    before = state()
    verdict = judge_geometry(model, judge, step=1)
    after = state()
    assert verdict.n == 6
    assert before[1:3] == after[1:3]
    assert torch.equal(before[3], after[3])
    for (weight, gradient), (weight_now, gradient_now) in zip(before[0], after[0], strict=True):
        assert torch.equal(weight, weight_now)
        assert (gradient is None) == (gradient_now is None)
        assert gradient is None or torch.equal(gradient, gradient_now)
