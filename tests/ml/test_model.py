"""Bases and adapters: quantized for real, reloaded exactly, merged onto full precision."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from finetune_case import TinyCase

from ml.config import ConfigError, FinetuneConfig, Precision, Quantization, load_config
from ml.model import (
    ModelMissing,
    attach_lora,
    base_path,
    layer_map,
    load_adapter,
    load_base,
    load_merged,
    restore_adapter,
    save_adapter,
)

IDS = torch.arange(40).reshape(2, 20)


def _config(case: TinyCase, **values: object) -> FinetuneConfig:
    return load_config("tiny", {"base_model": str(case.base), **values})


def _trained(config: FinetuneConfig) -> torch.nn.Module:
    torch.manual_seed(1)
    model = attach_lora(load_base(config.base_model, quantization=config.quantization), config)
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-2)
    for _ in range(3):
        model(input_ids=IDS, labels=IDS).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    return model.eval()


@pytest.mark.parametrize("saved", [[], ["embed_tokens"]])
def test_an_int8_adapter_reloads_with_the_same_logits(tiny_case: TinyCase, tmp_path: Path, saved: list[str]) -> None:
    config = _config(tiny_case, lora_modules_to_save=saved)
    model = _trained(config)
    save_adapter(model, tmp_path / "adapter", base_model="base")
    assert json.loads((tmp_path / "adapter/adapter_config.json").read_text())["base_model_name_or_path"] == "base"
    again = load_adapter(load_base(config.base_model, quantization=Quantization.INT8), tmp_path / "adapter").eval()
    merged = load_merged(config.base_model, tmp_path / "adapter")
    untuned = load_base(config.base_model)
    with torch.no_grad():
        logits = model(IDS).logits
        assert torch.equal(again(IDS).logits, logits)
        # int8 is held to a few hundredths of what the adapter itself changed
        change = (untuned(IDS).logits - logits).norm()
        assert (merged(IDS).logits - logits).norm() < 0.1 * change


def test_int8_weights_are_int8_and_only_the_adapter_learns(tiny_case: TinyCase) -> None:
    model = attach_lora(load_base(str(tiny_case.base), quantization=Quantization.INT8), _config(tiny_case))
    quantized = [p for p in model.parameters() if p.dtype is torch.int8]
    assert len(quantized) == 2 * 7
    learning = [name for name, p in model.named_parameters() if p.requires_grad]
    assert len(learning) == 2 * 2 * 7
    assert all("lora_" in name for name in learning)


def test_four_bit_weights_train_too(tiny_case: TinyCase) -> None:
    model = _trained(_config(tiny_case, quantization="nf4"))
    assert any(p.dtype is torch.uint8 for p in model.parameters())
    assert torch.isfinite(model(input_ids=IDS, labels=IDS).loss)


def test_rslora_scales_by_the_root_of_the_rank(tiny_case: TinyCase) -> None:
    for use_rslora, scaling in ((False, 32 / 16), (True, 32 / 4)):
        config = _config(tiny_case, lora_rank=16, lora_alpha=32, lora_use_rslora=use_rslora)
        model = attach_lora(load_base(config.base_model), config)
        layers = [module for module in model.modules() if hasattr(module, "lora_A")]
        assert {layer.scaling["default"] for layer in layers} == {scaling}


@pytest.mark.parametrize("quantization", ["int8", "nf4"])
def test_dora_learns_magnitudes_on_a_quantized_base(tiny_case: TinyCase, quantization: str) -> None:
    config = _config(tiny_case, lora_rank=4, lora_use_dora=True, quantization=quantization)
    fresh = attach_lora(load_base(config.base_model, quantization=config.quantization), config)
    before = {name: p.detach().clone() for name, p in fresh.named_parameters() if "magnitude" in name}
    after = dict(_trained(config).named_parameters())
    assert len(before) == 2 * 7
    assert all(after[name].requires_grad and not torch.equal(after[name], value) for name, value in before.items())


def test_a_restored_adapter_has_the_saved_bits(tiny_case: TinyCase, tmp_path: Path) -> None:
    config = _config(tiny_case, lora_rank=4, lora_modules_to_save=["embed_tokens"])
    trained = _trained(config)
    save_adapter(trained, tmp_path / "adapter", base_model="base")
    fresh = attach_lora(load_base(config.base_model, quantization=config.quantization), config)
    restore_adapter(fresh, tmp_path / "adapter")
    for (name, saved), (_, restored) in zip(trained.named_parameters(), fresh.named_parameters(), strict=True):
        assert torch.equal(saved, restored), name


def test_embeddings_head_and_norms_stay_in_half_precision(tiny_case: TinyCase) -> None:
    """peft's `prepare_model_for_kbit_training` would make them fp32: 2.1 GB more on an 8B LLaMA 3."""
    config = _config(tiny_case, lora_rank=4)
    model = attach_lora(load_base(config.base_model, quantization=Quantization.INT8, precision=Precision.BF16), config)
    kept = {p.dtype for name, p in model.named_parameters() if "lora_" not in name and p.dtype is not torch.int8}
    assert kept == {torch.bfloat16}
    assert {p.dtype for p in model.parameters() if p.requires_grad} == {torch.float32}


@pytest.mark.parametrize(("n_layers", "n_cards"), [(2, 2), (40, 2), (5, 3)])
def test_a_layer_map_places_each_part_and_fills_the_cards_evenly(n_layers: int, n_cards: int) -> None:
    placed = layer_map(n_layers, n_cards, is_tied=False)
    cards = [placed[f"model.layers.{i}"] for i in range(n_layers)]
    assert cards == sorted(cards)
    counts = [cards.count(card) for card in range(n_cards)]
    assert max(counts) - min(counts) <= 1
    assert (placed["model.embed_tokens"], placed["model.norm"], placed["lm_head"]) == (0, n_cards - 1, n_cards - 1)


def test_a_layer_map_covers_a_whole_llama(tiny_case: TinyCase) -> None:
    model = load_base(str(tiny_case.base))
    placed = layer_map(2, 2, is_tied=True)
    assert placed["lm_head"] == placed["model.embed_tokens"]  # one matrix
    for name, _ in (*model.named_parameters(), *model.named_buffers()):
        assert sum(name.startswith(f"{part}.") for part in placed) == 1, name


@pytest.mark.parametrize("n_here", [0, 1])
def test_layers_without_cards_are_refused_in_one_line(
    tiny_case: TinyCase, monkeypatch: pytest.MonkeyPatch, n_here: int
) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: n_here)
    with pytest.raises(ConfigError, match=r"split=layers spreads over n_cards=2 GPUs, here are [01]; set split=ddp"):
        load_base(str(tiny_case.base), n_cards=2)


def test_what_is_missing_is_named(tiny_case: TinyCase, tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="no_proj"):
        attach_lora(load_base(str(tiny_case.base)), _config(tiny_case, lora_target_modules=["q_proj", "no_proj"]))
    with pytest.raises(ModelMissing, match="no model folder"):
        base_path(str(tmp_path / "nowhere"))
    with pytest.raises(ModelMissing, match=r"config\.json"):
        base_path(str(tmp_path))
    with pytest.raises(ModelMissing, match="no adapter"):
        load_merged(str(tiny_case.base), tmp_path)
    assert base_path("meta-llama/Llama-3.1-8B") == "meta-llama/Llama-3.1-8B"
