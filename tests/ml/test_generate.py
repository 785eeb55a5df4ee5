"""Sampling: order, batches, cut-off answers, and the choice among verified ones."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from finetune_case import TinyCase

from ml.config import Quantization
from ml.generate import Completion, FinishReason, Generator, foreign_numbers, generate_verified
from render import open_engine


@pytest.fixture(scope="module")
def generator(tiny_case: TinyCase) -> Generator:
    return Generator(str(tiny_case.base))


def _texts(completions: Sequence[Completion]) -> list[str]:
    return [completion.text for completion in completions]


PROMPTS = ["a", "a block 3 x 4 x 5 mm", "b " * 20, "a plate"]


def test_answers_come_in_the_order_of_the_prompts_whatever_the_batch(generator: Generator) -> None:
    alone = [generator.generate([prompt], max_new_tokens=8)[0].text for prompt in PROMPTS]
    assert _texts(generator.generate(PROMPTS, max_new_tokens=8, batch_size=3)) == alone
    assert _texts(generator.generate(PROMPTS[::-1], max_new_tokens=8)) == alone[::-1]


def test_an_answer_that_was_cut_off_is_told_apart(generator: Generator) -> None:
    (answer,) = generator.generate(["a block"], max_new_tokens=3)
    assert (answer.finish_reason, answer.n_completion_tokens) == (FinishReason.LENGTH, 3)


def test_samples_of_one_seed_are_the_same_and_of_another_differ(generator: Generator) -> None:
    def sample(seed: int) -> list[str]:
        return _texts(generator.generate(PROMPTS, temperature=1.0, n_samples=2, max_new_tokens=8, seed=seed))

    assert sample(0) == sample(0) != sample(1)
    assert len(sample(0)) == 2 * len(PROMPTS)


def test_a_prompt_without_room_gets_an_empty_answer_and_costs_no_other(generator: Generator) -> None:
    long, short = generator.generate(["word " * 400, "a plate"], max_new_tokens=4)
    assert (long.text, long.finish_reason, long.n_completion_tokens) == ("", FinishReason.LENGTH, 0)
    assert short.n_completion_tokens == 4
    assert generator.generate([]) == []


def test_int8_answers_too(tiny_case: TinyCase) -> None:
    (answer,) = Generator(str(tiny_case.base), quantization=Quantization.INT8).generate(["a"], max_new_tokens=2)
    assert answer.n_completion_tokens == 2


@pytest.mark.parametrize("wrong", [{"n_samples": 2}, {"temperature": -1.0}, {"max_new_tokens": 0}, {"batch_size": 0}])
def test_settings_that_make_no_sense_are_refused(generator: Generator, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        generator.generate(["a"], **wrong)


class Scripted(Generator):
    """Answers from a list, greedy first."""

    def __init__(self, greedy: str, *sampled: str) -> None:
        self._answers = (greedy, sampled)
        self.n_asked = 0

    def generate(self, prompts: Sequence[str], **settings: Any) -> list[Completion]:
        texts = self._answers[1] if settings.get("temperature") else (self._answers[0],)
        self.n_asked += len(texts)
        return [Completion(text, FinishReason.STOP, 1, 1, 0.0) for text in texts]


PLATE = "width = 60;\ncube([width, 40, 3]);\n"
OTHER = "width = 61;\ncube([width, 40, 3]);\n"
ASKED = "a plate 60 x 40 x 3 mm"


def test_a_right_greedy_answer_is_the_only_one_asked_for() -> None:
    generator = Scripted(PLATE, OTHER)
    with open_engine() as engine:
        verified = generate_verified(generator, ASKED, engine=engine)
    assert (verified.scad, verified.is_strict, generator.n_asked) == (PLATE, True, 1)
    assert verified.result is not None
    assert verified.result.stats is not None
    assert verified.result.stats.size_mm == (60.0, 40.0, 3.0)


def test_a_sample_that_compiles_beats_a_greedy_answer_that_does_not() -> None:
    with open_engine() as engine:
        assert generate_verified(Scripted("cube([60, 40;", OTHER), ASKED, engine=engine).scad == OTHER
        assert generate_verified(Scripted(OTHER, "cube(", PLATE), ASKED, engine=engine).scad == PLATE
        hopeless = generate_verified(Scripted("Sorry, I cannot.", "Nor I."), ASKED, engine=engine)
    assert (hopeless.scad, hopeless.is_strict, hopeless.result) == (None, False, None)


def test_numbers_that_nobody_asked_for_are_foreign() -> None:
    scad = "width = 60;\nheight=2.5;\nx = -7;\ncube([width, 11, height]);\n"
    assert foreign_numbers("60 by 2.50", scad) == (-7.0,)


def test_a_base_with_its_own_sampling_defaults_still_answers_greedily(tiny_case: TinyCase, tmp_path: Path) -> None:
    import json
    import shutil

    base = tmp_path / "base"
    shutil.copytree(tiny_case.base, base)
    own = {"do_sample": True, "temperature": 5.0, "repetition_penalty": 9.0}
    (base / "generation_config.json").write_text(json.dumps(own), encoding="utf-8")
    expected = Generator(str(tiny_case.base)).generate(PROMPTS, max_new_tokens=8)
    assert _texts(Generator(str(base)).generate(PROMPTS, max_new_tokens=8)) == _texts(expected)
