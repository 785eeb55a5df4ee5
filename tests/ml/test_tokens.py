"""Token rows: whole examples or none."""

from __future__ import annotations

from dataclasses import replace

from finetune_case import TinyCase

from corpus.schema import Turn
from ml.tokenizer import load_tokenizer
from ml.tokens import tokenize_examples


def test_tokens_of_prompt_and_completion_spell_the_example(tiny_case: TinyCase) -> None:
    tokenizer = load_tokenizer(tiny_case.base)
    rows, rejected = tokenize_examples(tiny_case.examples[:20], tokenizer, max_length=256)
    assert not rejected
    for row, example in zip(rows, tiny_case.examples[:20], strict=True):
        completion = tokenizer.decode(row.input_ids[row.n_prompt_tokens :], skip_special_tokens=True)
        assert completion == example.scad
        assert example.prompt in tokenizer.decode(row.input_ids[: row.n_prompt_tokens])
        assert (row.example_id, row.split) == (example.example_id, example.split)


def test_an_edit_has_its_conversation_before_the_answer_and_only_the_answer_is_taught(tiny_case: TinyCase) -> None:
    tokenizer = load_tokenizer(tiny_case.base)
    first, second = tiny_case.examples[:2]
    edit = replace(second, kind="edit", history=(Turn(first.prompt, first.scad),))
    ((row,), rejected) = tokenize_examples([edit], tokenizer, max_length=512)
    assert not rejected
    asked = tokenizer.decode(row.input_ids[: row.n_prompt_tokens])
    assert asked.index(first.prompt) < asked.index(first.scad) < asked.index(second.prompt)
    assert tokenizer.decode(row.input_ids[row.n_prompt_tokens :], skip_special_tokens=True) == second.scad


def test_a_long_example_is_rejected_and_never_cut(tiny_case: TinyCase) -> None:
    tokenizer = load_tokenizer(tiny_case.base)
    every, _ = tokenize_examples(tiny_case.examples, tokenizer, max_length=256)
    limit = max(len(row.input_ids) for row in every) - 1
    rows, rejected = tokenize_examples(tiny_case.examples, tokenizer, max_length=limit)
    assert 0 < len(rejected) < len(every)
    assert rows == [row for row in every if len(row.input_ids) <= limit]
    assert len(rows) + len(rejected) == len(every)
    assert {(r.stage, r.reason) for r in rejected} == {("tokenize", "too_long")}
    assert all(f"the limit is {limit}" in (r.detail or "") for r in rejected)


def test_all_rows_name_the_tokenizer_they_came_from(tiny_case: TinyCase) -> None:
    tokenizer = load_tokenizer(tiny_case.base)
    (row,), _ = tokenize_examples(tiny_case.examples[:1], tokenizer, max_length=256)
    tokenizer.chat_template = tokenizer.chat_template.replace("<|user|>", "<|user|> ")
    (other,), _ = tokenize_examples(tiny_case.examples[:1], tokenizer, max_length=256)
    assert row.tokenizer_id != other.tokenizer_id
