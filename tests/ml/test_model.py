"""Bases and adapters: quantized for real, reloaded exactly, merged onto full precision."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from finetune_case import TinyCase

from ml.config import FinetuneConfig, Quantization, load_config
from ml.model import ModelMissing, attach_lora, base_path, load_adapter, load_base, load_merged, save_adapter

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
