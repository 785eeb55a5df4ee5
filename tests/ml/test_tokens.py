"""Token rows: whole examples or none, and each answer once."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from finetune_case import TinyCase
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.schema import ExampleRow, TokensRow, Turn
from corpus.store import Store, StoreError
from ml.tokenizer import load_tokenizer
from ml.tokens import tokenize_examples


def conversation(case: TinyCase, *, first: int = 0, n: int = 4, split: str = "train") -> list[ExampleRow]:
    """An example a turn, each with those before it as history."""
    turns = [replace(e, split=split) for e in case.examples[first : first + n]]
    return [
        replace(turn, kind="edit", history=tuple(Turn(t.prompt, t.scad) for t in turns[:i])) if i else turn
        for i, turn in enumerate(turns)
    ]


def spans(row: TokensRow) -> list[tuple[int, int]]:
    return list(zip(row.supervised_starts, row.supervised_ends, strict=True))


def test_tokens_of_prompt_and_completion_spell_the_example(tiny_case: TinyCase) -> None:
    tokenizer = load_tokenizer(tiny_case.base)
    done = tokenize_examples(tiny_case.examples[:20], tokenizer, max_length=256)
    rows, rejected = done.rows, done.rejected
    assert not rejected
    for row, example in zip(rows, tiny_case.examples[:20], strict=True):
        ((start, end),) = spans(row)
        assert end == len(row.input_ids)
        assert tokenizer.decode(row.input_ids[start:], skip_special_tokens=True) == example.scad
        assert example.prompt in tokenizer.decode(row.input_ids[:start])
        assert (row.example_id, row.split) == (example.example_id, example.split)


def test_a_conversation_is_one_row_that_teaches_every_answer(tiny_case: TinyCase) -> None:
    tokenizer = load_tokenizer(tiny_case.base)
    turns = conversation(tiny_case)
    done = tokenize_examples(list(reversed(turns)), tokenizer, max_length=512)
    (row,) = done.rows
    assert (row.example_id, done.n_covered, done.rejected) == (turns[-1].example_id, 3, [])
    told = [tokenizer.decode(row.input_ids[start:end], skip_special_tokens=True) for start, end in spans(row)]
    assert told == [turn.scad for turn in turns]
    assert all(row.input_ids[end - 1] == tokenizer.eos_token_id for _, end in spans(row))
    for turn, (_, end) in zip(turns, spans(row), strict=True):  # what the turn's own row would have been
        (alone,) = tokenize_examples([turn], tokenizer, max_length=512).rows
        assert (alone.input_ids, spans(alone)[-1][1]) == (row.input_ids[:end], end)


def test_of_a_conversation_that_is_too_long_the_longest_part_that_fits_is_kept(tiny_case: TinyCase) -> None:
    tokenizer = load_tokenizer(tiny_case.base)
    turns = conversation(tiny_case)
    whole = tokenize_examples(turns, tokenizer, max_length=512).rows[0]
    done = tokenize_examples(turns, tokenizer, max_length=len(whole.input_ids) - 1)
    assert [row.example_id for row in done.rows] == [turns[-2].example_id]
    assert [(r.key, r.reason) for r in done.rejected] == [(turns[-1].example_id, "too_long")]
    assert done.n_covered == 2


def test_a_turn_is_covered_only_within_its_split_and_its_conversation(tiny_case: TinyCase) -> None:
    tokenizer = load_tokenizer(tiny_case.base)
    first, second, *_ = conversation(tiny_case)
    elsewhere = replace(first, example_id="elsewhere", split="validation")
    other = replace(first, example_id="other", prompt=f"{first.prompt}!")
    done = tokenize_examples([elsewhere, first, other, second], tokenizer, max_length=512)
    assert [row.example_id for row in done.rows] == ["elsewhere", "other", second.example_id]
    assert done.n_covered == 1


@given(seed=st.integers(0, 10_000), limit=st.integers(40, 400))
@settings(max_examples=25, deadline=None)
def test_every_example_is_a_row_covered_or_rejected(tiny_case: TinyCase, seed: int, limit: int) -> None:
    rng = random.Random(seed)
    examples = [turn for first in range(0, 12, 4) for turn in conversation(tiny_case, first=first, n=rng.randint(1, 4))]
    rng.shuffle(examples)
    done = tokenize_examples(examples, load_tokenizer(tiny_case.base), max_length=limit)
    assert len(done.rows) + len(done.rejected) + done.n_covered == len(examples)
    taught = [row.input_ids[start:end] for row in done.rows for start, end in spans(row)]
    assert len(taught) == len(done.rows) + done.n_covered  # each answer once
    assert all(len(row.input_ids) <= limit for row in done.rows)


def test_a_table_of_before_is_refused_by_name_and_made_again_in_place(tiny_case: TinyCase, tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.replace(
        "tokens", tokenize_examples(tiny_case.examples[:3], load_tokenizer(tiny_case.base), max_length=256).rows
    )
    (path,) = store.part_paths("tokens")
    table = pq.read_table(path).drop_columns(["supervised_starts", "supervised_ends"])
    pq.write_table(table.append_column("n_prompt_tokens", pa.array([1, 1, 1])), path)
    with pytest.raises(StoreError, match=r"supervised_starts came.*cad-copilot finetune"):
        store.rows("tokens")
    rows = tokenize_examples(tiny_case.examples[:4], load_tokenizer(tiny_case.base), max_length=256).rows
    store.replace("tokens", rows)
    assert store.rows("tokens") == rows


def test_a_long_example_is_rejected_and_never_cut(tiny_case: TinyCase) -> None:
    tokenizer = load_tokenizer(tiny_case.base)
    every = tokenize_examples(tiny_case.examples, tokenizer, max_length=256).rows
    limit = max(len(row.input_ids) for row in every) - 1
    done = tokenize_examples(tiny_case.examples, tokenizer, max_length=limit)
    rows, rejected = done.rows, done.rejected
    assert 0 < len(rejected) < len(every)
    assert rows == [row for row in every if len(row.input_ids) <= limit]
    assert len(rows) + len(rejected) == len(every)
    assert {(r.stage, r.reason) for r in rejected} == {("tokenize", "too_long")}
    assert all(f"the limit is {limit}" in (r.detail or "") for r in rejected)


def test_all_rows_name_the_tokenizer_they_came_from(tiny_case: TinyCase) -> None:
    tokenizer = load_tokenizer(tiny_case.base)
    (row,) = tokenize_examples(tiny_case.examples[:1], tokenizer, max_length=256).rows
    tokenizer.chat_template = tokenizer.chat_template.replace("<|user|>", "<|user|> ")
    (other,) = tokenize_examples(tiny_case.examples[:1], tokenizer, max_length=256).rows
    assert row.tokenizer_id != other.tokenizer_id
