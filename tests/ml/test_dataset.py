"""The dataset as PyTorch sees it: inputs, expected outputs, and batches that lose nothing."""

from __future__ import annotations

from itertools import chain

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.data import DataLoader

from corpus.schema import TokensRow
from ml.dataset import (
    IGNORED_LABEL,
    CompletionCollator,
    LengthGroupedBatchSampler,
    ScadDataset,
    TokenBudgetBatchSampler,
)
from ml.tokenizer import Encoded


def row(number: int, n_tokens: int, *answers: tuple[int, int]) -> TokensRow:
    starts, ends = tuple(start for start, _ in answers), tuple(end for _, end in answers)
    return TokensRow(f"e{number}", "tok", "train", tuple(range(10, 10 + n_tokens)), starts, ends)


def rows(*lengths: tuple[int, int]) -> list[TokensRow]:
    """Of (tokens, tokens before the answer) each."""
    return [row(i, n, (n_prompt, n)) for i, (n, n_prompt) in enumerate(lengths)]


def test_the_prompt_is_masked_exactly() -> None:
    (item,) = ScadDataset.from_rows(rows((5, 3)))
    assert item["input_ids"].tolist() == [10, 11, 12, 13, 14]
    assert item["labels"].tolist() == [IGNORED_LABEL, IGNORED_LABEL, IGNORED_LABEL, 13, 14]
    assert item["input_ids"].dtype == item["labels"].dtype == torch.int64


def test_every_answer_of_a_conversation_is_told_and_nothing_else() -> None:
    (item,) = ScadDataset.from_rows([row(0, 8, (1, 3), (5, 8))])
    assert item["labels"].tolist() == [-100, 11, 12, -100, -100, 15, 16, 17]


def test_a_row_without_an_answer_is_refused() -> None:
    with pytest.raises(ValueError, match="example e1 has 4 tokens, none of them an answer"):
        ScadDataset.from_rows([row(0, 5, (3, 5)), row(1, 4)])


@pytest.mark.parametrize("answers", [((4, 4),), ((3, 5),), ((-1, 2),), ((2, 3), (1, 2)), ((0, 2), (1, 3)), ((3, 2),)])
def test_answers_that_cannot_be_are_refused(answers: tuple[tuple[int, int], ...]) -> None:
    with pytest.raises(ValueError, match="tokenize it again"):
        ScadDataset([Encoded((1, 2, 3, 4), answers)])


def test_several_indices_give_a_list_of_items() -> None:
    dataset = ScadDataset.from_rows(rows((2, 1), (4, 2)))
    assert [len(item["input_ids"]) for item in dataset[[1, 0, 1]]] == [4, 2, 4]


def test_a_batch_is_padded_and_its_padding_masked() -> None:
    dataset = ScadDataset.from_rows(rows((2, 1), (4, 2)))
    batch = CompletionCollator(pad_token_id=0, max_length=8)([dataset[0], dataset[1]])
    assert batch["input_ids"].tolist() == [[10, 11, 0, 0], [10, 11, 12, 13]]
    assert batch["attention_mask"].tolist() == [[1, 1, 0, 0], [1, 1, 1, 1]]
    assert batch["labels"].tolist() == [[-100, 11, -100, -100], [-100, -100, 12, 13]]


def test_an_example_that_is_too_long_is_never_cut() -> None:
    dataset = ScadDataset.from_rows(rows((9, 1)))
    with pytest.raises(ValueError, match="9 tokens, more than max_length=8"):
        CompletionCollator(pad_token_id=0, max_length=8)([dataset[0]])


lengths_lists = st.lists(st.integers(2, 500), min_size=1, max_size=300)


@given(lengths=lengths_lists, batch_size=st.integers(1, 17), seed=st.integers(0, 5), epoch=st.integers(0, 3))
def test_an_epoch_yields_every_example_once(lengths: list[int], batch_size: int, seed: int, epoch: int) -> None:
    sampler = LengthGroupedBatchSampler(lengths, batch_size, seed=seed, epoch=epoch)
    batches = list(sampler)
    assert sorted(chain.from_iterable(batches)) == list(range(len(lengths)))
    assert len(batches) == len(sampler)
    assert batches == list(LengthGroupedBatchSampler(lengths, batch_size, seed=seed, epoch=epoch))


@given(lengths=lengths_lists, batch_size=st.integers(1, 9), n_ranks=st.integers(1, 4))
def test_ranks_share_an_epoch_without_overlap(lengths: list[int], batch_size: int, n_ranks: int) -> None:
    samplers = [
        LengthGroupedBatchSampler(lengths, batch_size, seed=1, rank=rank, n_ranks=n_ranks) for rank in range(n_ranks)
    ]
    of_ranks = [list(sampler) for sampler in samplers]
    assert {len(batches) for batches in of_ranks} == {len(samplers[0])}
    seen = [i for batches in of_ranks for batch in batches for i in batch]
    assert len(seen) == len(set(seen))
    assert len(lengths) - len(seen) <= batch_size * (n_ranks - 1)


@given(lengths=st.lists(st.integers(1, 64), max_size=200), seed=st.integers(0, 3), epoch=st.integers(0, 2))
def test_a_token_budget_is_kept_and_an_epoch_yields_every_example_once(
    lengths: list[int], seed: int, epoch: int
) -> None:
    sampler = TokenBudgetBatchSampler(lengths, 128, seed=seed, epoch=epoch)
    batches = list(sampler)
    assert len(batches) == len(sampler) == len(list(TokenBudgetBatchSampler(lengths, 128, seed=9)))
    assert sorted(chain.from_iterable(batches)) == list(range(len(lengths)))
    assert all(len(batch) * max(lengths[i] for i in batch) <= 128 for batch in batches)
    assert batches == list(TokenBudgetBatchSampler(lengths, 128, seed=seed, epoch=epoch))


@given(lengths=st.lists(st.integers(1, 64), max_size=200), n_ranks=st.integers(2, 4))
def test_ranks_share_a_token_budget_and_leave_out_less_than_a_step(lengths: list[int], n_ranks: int) -> None:
    of_ranks = [list(TokenBudgetBatchSampler(lengths, 128, seed=1, rank=r, n_ranks=n_ranks)) for r in range(n_ranks)]
    assert {len(batches) for batches in of_ranks} == {len(TokenBudgetBatchSampler(lengths, 128, seed=1)) // n_ranks}
    seen = [i for batches in of_ranks for batch in batches for i in batch]
    assert len(seen) == len(set(seen))


def test_an_example_over_the_token_budget_is_an_error() -> None:
    with pytest.raises(ValueError, match="longest example has 65 tokens"):
        TokenBudgetBatchSampler([3, 65], 64, seed=0)


def test_batches_hold_like_lengths_and_come_in_another_order_each_epoch() -> None:
    lengths = [2 + (i * 37) % 400 for i in range(1600)]
    sampler = LengthGroupedBatchSampler(lengths, 16, seed=3)
    first = list(sampler)
    n_padded = sum(len(b) * max(lengths[i] for i in b) for b in first)
    assert n_padded < 1.03 * sum(lengths)
    longest = [max(lengths[i] for i in b) for b in first]
    assert longest != sorted(longest)
    sampler.set_epoch(1)
    assert list(sampler) != first


def test_a_data_loader_yields_inputs_and_expected_outputs() -> None:
    dataset = ScadDataset([Encoded(tuple(range(n)), ((1, n),)) for n in range(2, 34)])
    loader = DataLoader(
        dataset,
        batch_sampler=LengthGroupedBatchSampler(dataset.lengths, 4, seed=0),
        collate_fn=CompletionCollator(pad_token_id=0, max_length=64),
    )
    batches = list(loader)
    assert sum(len(batch["input_ids"]) for batch in batches) == 32
    for batch in batches:
        assert batch["input_ids"].shape == batch["labels"].shape == batch["attention_mask"].shape
        is_answer = batch["labels"] != IGNORED_LABEL
        assert torch.equal(batch["labels"][is_answer], batch["input_ids"][is_answer])
