"""Packs: every example once, none too long, and none that sees another."""

from __future__ import annotations

import random
from itertools import chain

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import LlamaConfig, LlamaForCausalLM

from ml.attention import attend_by_example
from ml.dataset import IGNORED_LABEL, CompletionCollator, Item, ScadDataset
from ml.packing import PackedBatchSampler, PackingCollator, pack
from ml.tokenizer import Encoded

LENGTHS = st.lists(st.integers(1, 64), max_size=120)
EXAMPLES = [Encoded(tuple(range(3 + i, 3 + i + n)), ((n // 2, n),)) for i, n in enumerate((7, 20, 12, 5, 9, 14, 1, 2))]


@pytest.fixture(scope="module")
def model() -> LlamaForCausalLM:
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=64,
        hidden_size=64,
        intermediate_size=96,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        initializer_range=0.3,  # at 0.02 attention hardly shows in the logits
        use_cache=False,
    )
    return LlamaForCausalLM(config).eval()


def items(*numbers: int) -> list[Item]:
    return ScadDataset(EXAMPLES)[list(numbers)]


@given(LENGTHS)
def test_every_index_is_in_one_pack_and_no_pack_is_too_long(lengths: list[int]) -> None:
    packs = pack(lengths, 64)
    assert sorted(chain.from_iterable(packs)) == list(range(len(lengths)))
    assert all(0 < sum(lengths[i] for i in indices) <= 64 for indices in packs)


@given(LENGTHS, st.randoms(use_true_random=False))
def test_the_number_of_packs_is_near_the_least_and_the_same_in_any_order(
    lengths: list[int], rng: random.Random
) -> None:
    n_packs = len(pack(lengths, 64))
    order = list(range(len(lengths)))
    rng.shuffle(order)
    shuffled = pack(lengths, 64, order=order)
    assert len(shuffled) == n_packs
    assert sorted(chain.from_iterable(shuffled)) == sorted(order)
    # at most one pack is half empty: the next example would have gone there
    assert sum(2 * sum(lengths[i] for i in indices) <= 64 for indices in shuffled) <= 1
    assert n_packs <= max(1, 2 * -(-sum(lengths) // 64)) or not lengths


def test_lengths_like_ours_leave_one_place_in_a_hundred_empty() -> None:
    rng = random.Random(0)
    lengths = [rng.randint(40, 460) for _ in range(3000)]
    assert PackedBatchSampler(lengths, max_length=512, n_rows=4, seed=0).padding_share < 0.01


@pytest.mark.parametrize("length", [0, 65])
def test_an_example_that_fits_no_pack_is_an_error(length: int) -> None:
    with pytest.raises(ValueError, match=f"example 1 has {length} tokens"):
        pack([3, length], 64)


@given(LENGTHS, st.integers(1, 5), st.integers(0, 3), st.integers(0, 3))
def test_an_epoch_on_one_rank_yields_every_example_once(lengths: list[int], n_rows: int, seed: int, epoch: int) -> None:
    sampler = PackedBatchSampler(lengths, max_length=64, n_rows=n_rows, seed=seed)
    sampler.set_epoch(epoch)
    batches = list(sampler)
    assert len(batches) == len(sampler)
    assert sorted(i for batch in batches for indices in batch for i in indices) == list(range(len(lengths)))
    assert all(1 <= len(batch) <= n_rows for batch in batches)
    again = PackedBatchSampler(lengths, max_length=64, n_rows=n_rows, seed=seed, epoch=epoch)
    assert list(again) == batches


@given(LENGTHS, st.integers(1, 3), st.integers(2, 4))
def test_ranks_take_equally_many_batches_and_share_none(lengths: list[int], n_rows: int, n_ranks: int) -> None:
    of_ranks = [
        list(PackedBatchSampler(lengths, max_length=64, n_rows=n_rows, seed=1, rank=rank, n_ranks=n_ranks))
        for rank in range(n_ranks)
    ]
    assert len({len(batches) for batches in of_ranks}) == 1
    seen = [i for batches in of_ranks for batch in batches for indices in batch for i in indices]
    assert len(seen) == len(set(seen))
    n_packs = len(pack(lengths, 64))
    n_taken = sum(len(batch) for batches in of_ranks for batch in batches)
    assert n_packs - n_taken < n_rows * n_ranks


def test_another_epoch_puts_other_examples_together() -> None:
    lengths = [8 + i % 20 for i in range(400)]
    sampler = PackedBatchSampler(lengths, max_length=64, n_rows=2, seed=3)
    first = {frozenset(indices) for batch in sampler for indices in batch}
    sampler.set_epoch(1)
    second = {frozenset(indices) for batch in sampler for indices in batch}
    assert len(first & second) < len(first) / 2


def test_a_packed_batch_starts_anew_with_each_example() -> None:
    batch = PackingCollator(pad_token_id=0, max_length=16)([items(0, 3), items(4)])
    assert batch["input_ids"].tolist()[0] == [3, 4, 5, 6, 7, 8, 9, 6, 7, 8, 9, 10]
    assert batch["position_ids"].tolist() == [
        [0, 1, 2, 3, 4, 5, 6, 0, 1, 2, 3, 4],
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 2],
    ]
    assert batch["labels"][0].tolist() == [*[-100] * 3, 6, 7, 8, 9, -100, -100, 8, 9, 10]
    assert batch["labels"][1, -3:].tolist() == [-100] * 3
    assert "attention_mask" not in batch


def test_the_first_token_of_an_example_is_nobodys_to_predict() -> None:
    dataset = ScadDataset([Encoded((5, 6), ((0, 2),)), Encoded((7, 8), ((0, 2),))])
    batch = PackingCollator(0, 8)([dataset[[0, 1]]])
    assert batch["labels"].tolist() == [[IGNORED_LABEL, 6, IGNORED_LABEL, 8]]


def test_a_pack_that_is_too_long_is_never_cut() -> None:
    with pytest.raises(ValueError, match="32 tokens, more than max_length=30"):
        PackingCollator(0, 30)([items(1, 2)])


def _packed_logits(model: LlamaForCausalLM, *, with_positions: bool) -> torch.Tensor:
    batch = PackingCollator(0, 64)([items(0, 1, 2, 6), items(3, 4, 5)])
    positions = {"position_ids": batch["position_ids"]} if with_positions else {}
    with torch.no_grad():
        logits = model(batch["input_ids"], **positions).logits
    sizes = [[7, 20, 12, 1], [5, 9, 14]]
    return torch.cat([logits[row, : sum(sizes[row])] for row in (0, 1)])


def _logits_alone(model: LlamaForCausalLM) -> torch.Tensor:
    with torch.no_grad():
        return torch.cat([model(item["input_ids"][None]).logits[0] for item in items(0, 1, 2, 6, 3, 4, 5)])


def test_a_packed_example_has_the_logits_it_has_alone(model: LlamaForCausalLM) -> None:
    torch.testing.assert_close(_packed_logits(model, with_positions=True), _logits_alone(model), atol=1e-5, rtol=1e-5)


def test_without_position_ids_the_examples_see_each_other(model: LlamaForCausalLM) -> None:
    assert (_packed_logits(model, with_positions=False) - _logits_alone(model)).abs().max() > 0.1


def test_attention_by_example_gives_the_same_logits(model: LlamaForCausalLM) -> None:
    alone = _logits_alone(model)
    attend_by_example(model)
    try:
        torch.testing.assert_close(_packed_logits(model, with_positions=True), alone, atol=1e-5, rtol=1e-5)
        torch.testing.assert_close(_logits_alone(model), alone, atol=1e-5, rtol=1e-5)
    finally:
        model.set_attn_implementation("sdpa")


def test_attention_by_example_refuses_a_cache(model: LlamaForCausalLM) -> None:
    attend_by_example(model)
    try:
        cache = model(torch.tensor([[1, 2, 3]]), use_cache=True).past_key_values
        with pytest.raises(ValueError, match="no cache"):
            model(torch.tensor([[4]]), past_key_values=cache)
    finally:
        model.set_attn_implementation("sdpa")


@settings(deadline=None, max_examples=10)
@given(st.lists(st.integers(0, 7), min_size=1, max_size=6), st.sampled_from([None, 40]))
def test_the_loss_and_gradients_of_a_pack_are_those_of_its_examples_padded(
    model: LlamaForCausalLM, numbers: list[int], n_items: int | None
) -> None:
    """With attention by example, against what transformers does with padding."""

    def gradients(batch: dict[str, torch.Tensor]) -> tuple[float, list[torch.Tensor]]:
        model.zero_grad()
        loss = model(**batch, num_items_in_batch=n_items).loss
        loss.backward()
        return float(loss.detach()), [p.grad.clone() for p in model.parameters() if p.grad is not None]

    numbers = [*numbers, 1]  # one that teaches something
    padded = gradients(dict(CompletionCollator(0, 64)(items(*numbers))))  # type: ignore[arg-type]
    try:
        attend_by_example(model)
        packed = gradients(dict(PackingCollator(0, 200)([items(*numbers)])))  # type: ignore[arg-type]
    finally:
        model.set_attn_implementation("sdpa")
    assert packed[0] == pytest.approx(padded[0], rel=1e-5)
    for ours, theirs in zip(packed[1], padded[1], strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=1e-4)
