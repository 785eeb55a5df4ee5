"""The plan of a fine-tune: near what was worked out by hand, near a trace of real steps, and monotone."""

from __future__ import annotations

import json
import subprocess
import sys
import weakref
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.config import ConfigError, FinetuneConfig, Precision, Quantization, Split, config_names, load_config
from ml.plan import check_plan, largest_batch_size, make_plan, plan_document, plan_text
from ml.plan_memory import GB, count_lora_weights, plan_memory
from ml.plan_shape import KNOWN_SHAPES, ModelShape, load_shape
from ml.plan_work import DataSize, flops_a_token, plan_work

LLAMA_7B = "meta-llama/Llama-2-7b-chat-hf"
LLAMA_8B = "meta-llama/Llama-3.1-8B-Instruct"
LLAMA_13B = "meta-llama/Llama-2-13b-chat-hf"

CARD = FinetuneConfig(
    base_model=LLAMA_7B,
    n_epochs=1,
    max_length=2048,
    batch_size_per_process=1,
    is_gradient_checkpointing=True,
    card_memory_gb=24,
)
SMALL = ModelShape(
    hidden_size=512,
    n_layers=2,
    n_heads=8,
    n_kv_heads=2,
    head_size=64,
    intermediate_size=1792,
    vocab_size=1000,
    is_tied=False,
    n_positions=4096,
)


@pytest.mark.parametrize(
    ("base", "quantization", "batch_size", "least", "most"),
    [
        (LLAMA_7B, "int8", 1, 10.4, 10.9),
        (LLAMA_7B, "int8", 4, 15.7, 15.7),
        (LLAMA_7B, "nf4", 1, 7.3, 7.3),
        (LLAMA_8B, "int8", 1, 14.6, 16.7),
        (LLAMA_8B, "int8", 4, 26.1, 26.1),
        (LLAMA_8B, "nf4", 1, 11.2, 11.2),
        (LLAMA_13B, "int8", 1, 17.5, 18.2),
        (LLAMA_13B, "int8", 4, 24.1, 24.1),
        (LLAMA_13B, "nf4", 1, 11.4, 11.4),
    ],
)
def test_memory_is_within_a_tenth_of_the_table_worked_out_by_hand(
    base: str, quantization: str, batch_size: int, least: float, most: float
) -> None:
    config = replace(CARD, base_model=base, quantization=Quantization(quantization), batch_size_per_process=batch_size)
    n_gb = plan_memory(config, load_shape(base)).n_bytes / GB
    assert 0.9 * least <= n_gb <= 1.1 * most


@pytest.mark.parametrize(
    ("base", "n_weights"),
    [  # as the hub counts the tensors of each
        (LLAMA_7B, 6_738_415_616),
        (LLAMA_13B, 13_015_864_320),
        ("codellama/CodeLlama-13b-Instruct-hf", 13_016_028_160),
        (LLAMA_8B, 8_030_261_248),
        ("meta-llama/Llama-3.2-1B-Instruct", 1_235_814_400),
        ("meta-llama/Llama-3.2-3B-Instruct", 3_212_749_824),
    ],
)
def test_a_known_shape_has_the_weights_that_its_publisher_counts(base: str, n_weights: int) -> None:
    assert KNOWN_SHAPES[base].n_weights == n_weights


def test_the_shipped_base_and_its_adapter_have_the_weights_that_the_plan_counts() -> None:
    from ml.model import attach_lora, load_base

    config = replace(load_config("tiny"), quantization=Quantization.NONE)
    shape = load_shape("base")
    base = load_base("base")
    assert shape.n_weights == sum(p.numel() for p in base.parameters())
    tuned = attach_lora(base, config)
    n_trained = sum(p.numel() for p in tuned.parameters() if p.requires_grad)
    assert count_lora_weights(config, shape, shape.n_layers) == n_trained


def _peak_of_a_step(config: FinetuneConfig, shape: ModelShape) -> int:
    """Bytes of all that one real step allocates at its fullest, weights aside: each storage counted as it comes and
    goes, on tensors without content."""
    import torch
    from peft import LoraConfig, get_peft_model
    from torch._subclasses.fake_tensor import FakeTensorMode
    from torch.utils._python_dispatch import TorchDispatchMode
    from torch.utils._pytree import tree_leaves
    from transformers import LlamaConfig, LlamaForCausalLM

    class Storages(TorchDispatchMode):
        n_now = n_peak = 0

        def __init__(self, known: set[int]) -> None:
            super().__init__()
            self.known = known

        def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            out = func(*args, **(kwargs or {}))
            for tensor in tree_leaves(out):
                storage = tensor.untyped_storage() if isinstance(tensor, torch.Tensor) else None
                if storage is not None and storage._cdata not in self.known:
                    self.known.add(storage._cdata)
                    self.n_now += storage.nbytes()
                    self.n_peak = max(self.n_peak, self.n_now)
                    weakref.finalize(storage, self.free, storage._cdata, storage.nbytes())
            return out

        def free(self, key: int, n_bytes: int) -> None:
            self.known.discard(key)
            self.n_now -= n_bytes

    is_half = config.precision is Precision.BF16
    with FakeTensorMode():
        model = LlamaForCausalLM(
            LlamaConfig(
                hidden_size=shape.hidden_size,
                num_hidden_layers=shape.n_layers,
                num_attention_heads=shape.n_heads,
                num_key_value_heads=shape.n_kv_heads,
                intermediate_size=shape.intermediate_size,
                vocab_size=shape.vocab_size,
                attn_implementation="sdpa",
                use_cache=False,
            )
        )
        if is_half:
            for parameter in model.parameters():
                parameter.data = parameter.data.to(torch.bfloat16)
        model.requires_grad_(False)
        if config.is_gradient_checkpointing:
            model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
            model.enable_input_require_grads()
        targets = list(config.lora_target_modules)
        with pytest.MonkeyPatch.context() as patch:  # peft moves the adapter, which tensors without content can't do
            patch.setattr(torch.nn.Module, "_apply", lambda module, *_args, **_kwargs: module)
            lora = LoraConfig(r=config.lora_rank, lora_dropout=config.lora_dropout, target_modules=targets)
            tuned = get_peft_model(model, lora).train()
        ids = torch.zeros(config.batch_size_per_process, config.max_length, dtype=torch.int64)
        storages = Storages({p.untyped_storage()._cdata for p in tuned.parameters()})
        with storages, torch.autocast("cpu", dtype=torch.bfloat16, enabled=is_half):
            loss = tuned(input_ids=ids, labels=ids).loss
            loss.backward()
    return storages.n_peak


@pytest.mark.parametrize("is_checkpointed", [False, True])
@pytest.mark.parametrize("dropout", [0.0, 0.05])
@pytest.mark.parametrize("vocab_size", [1000, 64_000])
@pytest.mark.parametrize("precision", [Precision.FP32, Precision.BF16])
def test_activations_and_logits_are_what_a_real_step_allocates(
    is_checkpointed: bool, dropout: float, vocab_size: int, precision: Precision
) -> None:
    shape = replace(SMALL, vocab_size=vocab_size)
    config = replace(
        CARD,
        quantization=Quantization.NONE,
        precision=precision,
        is_gradient_checkpointing=is_checkpointed,
        lora_dropout=dropout,
        card_memory_gb=None,  # on a CPU, as the step
        n_processes=1,
        lora_rank=4,
    )
    parts = {part.name: part.n_bytes for part in plan_memory(config, shape).parts}
    planned = parts["activations"] + parts.get("logits", 0) + parts.get("one layer", 0)
    assert planned == pytest.approx(_peak_of_a_step(config, shape), rel=0.15)


@given(
    batch_size=st.integers(1, 64),
    max_length=st.integers(1, 8192),
    rank=st.integers(1, 256),
    more=st.integers(1, 64),
    quantization=st.sampled_from(Quantization),
    is_checkpointed=st.booleans(),
    dropout=st.sampled_from([0.0, 0.1]),
    base=st.sampled_from(sorted(KNOWN_SHAPES)),
)
def test_memory_grows_with_batch_length_and_rank(
    batch_size: int,
    max_length: int,
    rank: int,
    more: int,
    quantization: Quantization,
    is_checkpointed: bool,
    dropout: float,
    base: str,
) -> None:
    config = replace(
        CARD,
        base_model=base,
        batch_size_per_process=batch_size,
        max_length=max_length,
        lora_rank=rank,
        quantization=quantization,
        is_gradient_checkpointing=is_checkpointed,
        lora_dropout=dropout,
    )
    shape = KNOWN_SHAPES[base]
    n_bytes = plan_memory(config, shape).n_bytes
    assert n_bytes < plan_memory(replace(config, batch_size_per_process=batch_size + more), shape).n_bytes
    assert n_bytes < plan_memory(replace(config, max_length=max_length + more), shape).n_bytes
    assert n_bytes < plan_memory(replace(config, lora_rank=rank + more), shape).n_bytes


@pytest.mark.parametrize("name", config_names())
def test_every_shipped_config_has_a_plan_and_fits(name: str) -> None:
    plan = make_plan(load_config(name), data=DataSize(20_000, 5_000_000), tokens_per_second=1000)
    check_plan(plan)
    assert sum(part["n_bytes"] for part in plan_document(plan)["parts"]) == plan.memory.n_bytes
    assert all(part.name in plan_text(plan) for part in plan.memory.parts)


@pytest.mark.parametrize("name", [name for name in config_names() if name != "tiny"])
def test_the_largest_batch_fits_and_one_more_does_not(name: str) -> None:
    config = load_config(name)
    shape = load_shape(config.base_model)
    n = largest_batch_size(config, shape)
    assert n is not None
    check_plan(make_plan(replace(config, batch_size_per_process=n)))
    with pytest.raises(ConfigError, match=f"batch_size_per_process={n}"):
        check_plan(make_plan(replace(config, batch_size_per_process=n + 1)))


def test_a_plan_that_does_not_fit_names_its_largest_part_and_only_changes_that_fit() -> None:
    config = replace(CARD, base_model=LLAMA_8B, is_gradient_checkpointing=False, batch_size_per_process=2)
    with pytest.raises(ConfigError, match="most of it is activations") as caught:
        check_plan(make_plan(config))
    assert "is_gradient_checkpointing=true" in str(caught.value)
    check_plan(make_plan(replace(config, is_gradient_checkpointing=True)))


def test_bf16_weights_of_13_b_are_told_to_be_quantized_or_split() -> None:
    config = replace(CARD, base_model=LLAMA_13B, quantization=Quantization.NONE)
    with pytest.raises(ConfigError, match="most of it is weights") as caught:
        check_plan(make_plan(config))
    for change in ("quantization=int8", "quantization=nf4", "split=layers"):
        assert change in str(caught.value)
    check_plan(make_plan(replace(config, split=Split.LAYERS, n_processes=1, n_cards=2)))


def test_a_sequence_longer_than_the_base_was_made_for_is_refused() -> None:
    with pytest.raises(ConfigError, match="4096 positions"):
        check_plan(make_plan(replace(CARD, max_length=4097, quantization=Quantization.NF4)))


def test_a_frozen_base_costs_four_operations_a_weight_and_six_with_checkpointing() -> None:
    shape = KNOWN_SHAPES[LLAMA_7B]
    n_blocks, n_lora = shape.n_layers * shape.n_block_weights, count_lora_weights(CARD, shape, shape.n_layers)
    plain = flops_a_token(replace(CARD, is_gradient_checkpointing=False), shape, context=0)
    assert plain == 4 * (n_blocks + shape.n_head_weights) + 6 * n_lora
    assert flops_a_token(CARD, shape, context=0) - plain == 2 * (n_blocks + n_lora)


def test_steps_are_those_of_the_trainers_loop() -> None:
    config = replace(CARD, batch_size_per_process=4, gradient_accumulation_steps=2, n_epochs=2)
    work = plan_work(config, KNOWN_SHAPES[LLAMA_7B], DataSize(101, 10_100), tokens_per_second=100)
    # 26 batches, 13 a process, 7 steps an epoch: the last of one batch
    assert (work.n_steps, work.n_tokens, work.n_seconds) == (14, 20_200, 202)


def test_packing_puts_more_examples_into_a_step() -> None:
    data = DataSize(2048, 2048 * 256)
    plain, packed = (
        plan_work(replace(CARD, is_packed=is_packed), KNOWN_SHAPES[LLAMA_7B], data) for is_packed in (False, True)
    )
    assert (plain.n_examples_a_step, packed.n_examples_a_step) == (2, 16)
    assert plain.n_tokens == packed.n_tokens


@pytest.mark.parametrize(
    ("content", "message"),
    [("{", "not JSON"), ("[]", "expected an object"), ("{}", "hidden_size is None"), ('{"hidden_size": -1}', "is -1")],
)
def test_a_config_json_that_is_no_llamas_is_refused(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "config.json").write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        load_shape(str(tmp_path))


def test_an_unknown_hub_id_names_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=LLAMA_7B):
        load_shape("someone/some-llama")


def test_the_command_prints_every_part_and_loads_no_torch(tmp_path: Path) -> None:
    script = (
        "import sys; from flows.cli import app; app(sys.argv[1:], standalone_mode=False); "
        "assert not {'torch', 'transformers', 'prefect'} & set(sys.modules)"
    )
    arguments = ["finetune", "--plan", "--json", "--config", "llama-2-7b-2x3090", "--data-dir", str(tmp_path)]
    result = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stderr
    document = json.loads(result.stdout)
    assert (document["is_fitting"], document["n_cards"], document["work"]) == (True, 2, None)


def test_the_command_ends_as_a_bad_config_does_where_it_cannot_fit(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    path.write_text(f"base_model: {LLAMA_13B}\nquantization: none\nn_epochs: 1\ncard_memory_gb: 24\n")
    command = [str(Path(sys.executable).parent / "cad-copilot"), "finetune", "--plan"]
    command += ["--config", str(path), "--data-dir", str(tmp_path)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert result.returncode == 2
    assert "does NOT fit" in result.stdout
    assert "card_memory_gb=24" in result.stderr
