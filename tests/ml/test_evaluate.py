"""The scorer on the real engine: an oracle gets everything, an empty answer nothing, our own failures no 0."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Iterator

import pytest
from finetune_case import TinyCase, box_example
from PIL import Image

import ml.evaluate
from corpus.schema import ExampleRow, GenerationRow
from ml.evaluate import (
    NOT_EXTRACTED,
    EvaluationFailed,
    contact_sheet,
    flat_metrics,
    generate_for,
    prompt_set_id,
    score,
    summary,
    table,
)
from ml.generate import Generator
from render import CompileJob, CompileResult, Status, compile_many

EXAMPLES = [box_example(i) for i in range(8)]


def _answer(example: ExampleRow, scad: str | None) -> GenerationRow:
    values = {"finish_reason": "stop", "n_prompt_tokens": 1, "n_completion_tokens": 1, "seconds": 0.0, "seed": 0}
    return GenerationRow(
        generation_id=f"g-{example.example_id}",
        model_id="model",
        prompt_set_id="prompts",
        prompt_id=example.example_id,
        sample_index=0,
        prompt=example.prompt,
        completion=scad or "",
        scad=scad,
        **values,
    )


def test_the_oracle_scores_one_everywhere() -> None:
    scored = score([_answer(e, e.scad) for e in EXAMPLES], EXAMPLES)
    for rates in summary([s.score for s in scored]).values():
        assert {v for k, v in dataclasses.asdict(rates).items() if k.endswith("_rate")} == {1.0}
    assert [s.score.size_mm for s in scored] == [e.spec.size_mm for e in EXAMPLES]


def test_empty_and_broken_answers_score_nothing_and_count() -> None:
    answers = [None, "", "cube([1, 2;", "x = 1;", "square(3);", "cube([0, 0, 0]);"]
    scored = score([_answer(e, a) for e, a in zip(EXAMPLES, answers, strict=False)], EXAMPLES)
    assert scored[0].score.status == NOT_EXTRACTED
    rates = summary([s.score for s in scored])["all"]
    assert (rates.n, rates.compile_rate, rates.strict_rate, rates.spec_pass_rate) == (6, 0.0, 0.0, 0.0)
    assert rates.extract_rate == pytest.approx(5 / 6)


def test_the_answer_to_another_prompt_fails_the_spec() -> None:
    shifted = [*EXAMPLES[1:], EXAMPLES[0]]
    scored = score([_answer(e, other.scad) for e, other in zip(EXAMPLES, shifted, strict=True)], EXAMPLES)
    rates = summary([s.score for s in scored])["all"]
    assert (rates.strict_rate, rates.spec_pass_rate, rates.genus_rate) == (1.0, 0.0, 1.0)


def test_groups_are_by_family_group_and_wording() -> None:
    scored = score([_answer(e, e.scad) for e in EXAMPLES], EXAMPLES)
    rates = summary([s.score for s in scored])
    assert set(rates) == {"all", "base", "new", "base/tune", "new/tune"}
    assert rates["base"].n + rates["new"].n == rates["all"].n == 8
    assert flat_metrics(rates)["eval/new/tune/spec_pass_rate"] == 1.0


def test_an_engine_failure_is_tried_again_and_never_a_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    n_calls = 0

    def flaky(n_failing: int) -> None:
        nonlocal n_calls
        n_calls = 0

        def compile_flaky(jobs: Iterator[CompileJob], **settings: object) -> Iterator[CompileResult]:
            nonlocal n_calls
            n_calls += 1
            if n_calls <= n_failing:
                return (CompileResult(Status.ENGINE_ERROR, "wasm-test", 0.0) for _ in jobs)
            return compile_many(jobs, **settings)  # type: ignore[arg-type]

        monkeypatch.setattr(ml.evaluate, "compile_many", compile_flaky)

    flaky(1)
    scored = score([_answer(e, e.scad) for e in EXAMPLES], EXAMPLES)
    assert summary([s.score for s in scored])["all"].spec_pass_rate == 1.0
    flaky(2)
    with pytest.raises(EvaluationFailed, match="failed twice on 8 sources"):
        score([_answer(e, e.scad) for e in EXAMPLES], EXAMPLES)


def test_a_prompt_that_was_not_given_is_refused() -> None:
    with pytest.raises(EvaluationFailed, match="box-0007"):
        score([_answer(EXAMPLES[7], None)], EXAMPLES[:7])


def test_the_table_puts_asked_beside_measured_and_the_sheet_is_a_picture() -> None:
    answers = [EXAMPLES[0].scad, None, "cube(5);"]
    scored = score([_answer(e, a) for e, a in zip(EXAMPLES, answers, strict=False)], EXAMPLES)
    right, missing, other = table(scored)
    assert right.asked == right.measured == "51 x 99 x 55 mm, 277,695.0 mm³, 1 piece, genus 0"
    assert (missing.measured, missing.status) == ("", NOT_EXTRACTED)
    assert (other.measured, other.is_spec_passed) == ("5 x 5 x 5 mm, 125.0 mm³, 1 piece, genus 0", False)
    with Image.open(io.BytesIO(contact_sheet(scored, title="three"))) as picture:
        assert picture.format == "PNG"
        assert picture.width > 3 * 100


def test_generations_name_their_model_prompt_and_seed(tiny_case: TinyCase) -> None:
    generator = Generator(str(tiny_case.base))
    set_id = prompt_set_id("boxes", EXAMPLES)
    rows = generate_for(EXAMPLES, generator, model_id="tiny", prompt_set_id=set_id, max_new_tokens=4)
    assert [row.prompt_id for row in rows] == [e.example_id for e in EXAMPLES]
    assert len({row.generation_id for row in rows}) == len(EXAMPLES)
    again = generate_for(EXAMPLES, generator, model_id="tuned", prompt_set_id=set_id, max_new_tokens=4)
    assert not {row.generation_id for row in rows} & {row.generation_id for row in again}


def test_a_prompt_set_is_known_by_its_content_in_any_order() -> None:
    assert prompt_set_id("x", EXAMPLES) == prompt_set_id("x", EXAMPLES[::-1]) != prompt_set_id("x", EXAMPLES[1:])
