"""GGUF files: read back by transformers, they compute and tokenize as the model they were made from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from export_models import byte_level_tokenizer, llama3_tokenizer, random_llama, sentencepiece_tokenizer

from ml import export_gguf
from ml.export_gguf import GgufType, permute_rotary, write_gguf
from ml.gguf_check import CheckFailed, check_gguf
from ml.gguf_vocab import GgufUnsupported, measure_texts, read_vocab

BASE = Path(export_gguf.__file__).parent / "base"
LLAMA3_ROPE = {
    "rope_type": "llama3",
    "rope_theta": 500000.0,
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 8192,
}
SHAPES: dict[str, dict[str, Any]] = {
    "tied": {},
    "grouped, own head": {"num_key_value_heads": 2, "tie_word_embeddings": False},
    "one key head, wide heads": {"num_key_value_heads": 1, "head_dim": 32},
    "llama3 rope": {"num_key_value_heads": 2, "rope_parameters": LLAMA3_ROPE},
    "rows of 48": {"hidden_size": 48, "intermediate_size": 96},
}


def test_neighbours_turn_as_halves_do() -> None:
    n_heads, head_dim = 3, 8
    weight = torch.randn(n_heads * head_dim, 5, dtype=torch.float64)
    x, angle = torch.randn(5, dtype=torch.float64), torch.rand(head_dim // 2, dtype=torch.float64)
    first, second = (weight @ x).reshape(n_heads, 2, head_dim // 2).unbind(1)  # transformers: i with i + d/2
    halves = torch.stack(
        [first * angle.cos() - second * angle.sin(), second * angle.cos() + first * angle.sin()], dim=1
    )
    pairs = (permute_rotary(weight, n_heads) @ x).reshape(n_heads, head_dim // 2, 2)  # llama.cpp: 2i with 2i + 1
    even, odd = pairs.unbind(-1)
    turned = torch.stack([even * angle.cos() - odd * angle.sin(), odd * angle.cos() + even * angle.sin()], dim=-1)
    assert torch.allclose(turned, halves.swapaxes(1, 2))


@pytest.mark.parametrize("shape", SHAPES)
def test_a_file_computes_what_its_model_does(shape: str, tmp_path: Path) -> None:
    folder = random_llama(tmp_path / "model", byte_level_tokenizer(), **SHAPES[shape])
    written = write_gguf(folder, tmp_path / "f16.gguf", GgufType.F16, name="tiny")
    check = check_gguf(folder, tmp_path / "f16.gguf", GgufType.F16)
    assert check.max_abs_difference <= 0.05
    assert check.same_choice > 0.99
    assert written.n_bytes == (tmp_path / "f16.gguf").stat().st_size
    small = write_gguf(folder, tmp_path / "q8.gguf", GgufType.Q8_0, name="tiny")
    assert small.n_bytes < written.n_bytes
    # 48 is no multiple of 32: of each block all but the down projection, and the embedding
    assert small.n_f16_instead == (13 if shape == "rows of 48" else 0)


def test_rows_in_the_wrong_order_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = random_llama(tmp_path / "model", byte_level_tokenizer())
    monkeypatch.setattr(export_gguf, "permute_rotary", lambda weight, n_heads: weight)
    write_gguf(folder, tmp_path / "wrong.gguf", GgufType.F16, name="tiny")
    with pytest.raises(CheckFailed, match="relative error"):
        check_gguf(folder, tmp_path / "wrong.gguf", GgufType.F16)


def test_rope_factors_are_those_of_llama_3(tmp_path: Path) -> None:
    from gguf import GGUFReader

    folder = random_llama(tmp_path / "model", byte_level_tokenizer(), head_dim=128, rope_parameters=LLAMA3_ROPE)
    write_gguf(folder, tmp_path / "rope.gguf", GgufType.F16, name="tiny")
    (factors,) = [t.data for t in GGUFReader(tmp_path / "rope.gguf").tensors if t.name == "rope_freqs.weight"]
    assert len(factors) == 64
    assert factors[:29] == pytest.approx(1.0, rel=1e-5)  # as every published GGUF of LLaMA 3.1 has them
    assert factors[35:] == pytest.approx(8.0, rel=1e-5)
    assert all(1 < f < 8 for f in factors[29:35])


@pytest.mark.parametrize(("gguf_type", "at_most"), [("f16", 0.0004), ("q8_0", 0.015), ("q4_0", 0.2), ("q4_1", 0.2)])
def test_the_shipped_base_keeps_its_logits(gguf_type: str, at_most: float, tmp_path: Path) -> None:
    path = tmp_path / "base.gguf"
    write_gguf(BASE, path, GgufType(gguf_type), name="base")
    check = check_gguf(BASE, path, GgufType(gguf_type))
    assert check.relative_error <= at_most
    if gguf_type == "f16":
        assert check.max_abs_difference <= 0.01


def test_the_shipped_base_answers_the_same_through_f16(tmp_path: Path) -> None:
    from transformers import AutoModelForCausalLM

    from ml.chat import build_messages, format_prompt
    from ml.model import load_base
    from ml.tokenizer import load_tokenizer

    write_gguf(BASE, tmp_path / "base.gguf", GgufType.F16, name="base")
    again = AutoModelForCausalLM.from_pretrained(str(tmp_path), gguf_file="base.gguf", dtype=torch.float32)
    tokenizer = load_tokenizer(BASE)
    prompt = format_prompt(tokenizer, build_messages("a plate 60 x 40 x 3 mm with a 5 mm hole in the middle"))
    ids = torch.tensor([tokenizer(prompt, add_special_tokens=False)["input_ids"]])
    settings = {"max_new_tokens": 200, "do_sample": False, "eos_token_id": tokenizer.eos_token_id, "pad_token_id": 0}
    answers = [tokenizer.decode(m.generate(ids, **settings)[0]) for m in (load_base("base"), again)]
    assert answers[0] == answers[1]
    assert "difference()" in answers[0]


@pytest.mark.parametrize("make", [sentencepiece_tokenizer, llama3_tokenizer])
def test_a_llamas_tokenizer_reads_back_with_the_same_tokens(make: Any, tmp_path: Path) -> None:
    from transformers import AutoTokenizer

    tokenizer = make()
    folder = random_llama(tmp_path / "model", tokenizer)
    written = write_gguf(folder, tmp_path / "tiny.gguf", GgufType.F16, name="tiny")
    again = AutoTokenizer.from_pretrained(str(tmp_path), gguf_file="tiny.gguf")
    texts = [*measure_texts(n_examples=20), "naïve 日本 é"]
    expected = [tokenizer(text, add_special_tokens=False)["input_ids"] for text in texts]
    assert [again(text, add_special_tokens=False)["input_ids"] for text in texts] == expected
    assert (again.bos_token, again.eos_token) == (tokenizer.bos_token, tokenizer.eos_token)
    assert written.n_texts_differ == 0
    assert written.pre_tokenizer == (None if make is sentencepiece_tokenizer else "llama-bpe")


def test_our_vocabulary_has_marks_that_no_text_can_spell() -> None:
    from gguf import TokenType

    tokenizer = byte_level_tokenizer()
    vocab = read_vocab(tokenizer, n_rows=len(tokenizer) + 3, texts=["width = 60;\n"])
    assert vocab.tokens[:4] == ("<pad>", "<|user|>", "<|assistant|>", "<|end|>")
    assert set(vocab.types[:4]) == {TokenType.CONTROL}
    assert vocab.tokens[-1] == f"[PAD{len(tokenizer) + 2}]"
    assert set(vocab.types[-3:]) == {TokenType.UNUSED}
    assert (vocab.bos_id, vocab.eos_id, vocab.is_bos_added) == (None, 3, False)
    assert len(vocab.merges) == len(tokenizer) - 256 - 4
    # GGUF's stand-in for the missing mark of the beginning is a letter: the template must not write it
    from jinja2 import Template

    shown = Template(vocab.chat_template or "").render(
        messages=[{"role": "user", "content": "a cube"}], bos_token="+", eos_token="<|end|>", add_generation_prompt=True
    )
    assert shown == "<|user|>a cube<|assistant|>"


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"attention_bias": True}, "attention_bias"),
        ({"rope_parameters": {"rope_type": "yarn", "rope_theta": 1e4, "factor": 2.0}}, "yarn"),
        ({"vocab_size": 300}, "no row in an embedding of 300"),
    ],
)
def test_what_llama_cpp_could_not_run_is_refused_by_name(settings: dict[str, Any], why: str, tmp_path: Path) -> None:
    folder = random_llama(tmp_path / "model", byte_level_tokenizer(), **settings)
    with pytest.raises(GgufUnsupported, match=why):
        write_gguf(folder, tmp_path / "no.gguf", GgufType.F16, name="tiny")


def test_a_model_that_training_broke_is_not_written(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    folder = random_llama(tmp_path / "model", byte_level_tokenizer())
    weights = load_file(folder / "model.safetensors")
    weights["model.layers.0.mlp.up_proj.weight"][3, 4] = float("nan")
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(GgufUnsupported, match=r"blk\.0\.ffn_up\.weight holds numbers that are none"):
        write_gguf(folder, tmp_path / "no.gguf", GgufType.F16, name="tiny")
