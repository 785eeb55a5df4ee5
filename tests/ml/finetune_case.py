"""A LLaMA small enough to fine-tune in seconds, and a table of examples to do it on."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

import pytest

from corpus.schema import ExampleRow, GeometrySpec
from corpus.store import Store


def box_example(index: int, *, split: str = "train") -> ExampleRow:
    """A block of known size: one prompt, its source, what it must measure."""
    rng = random.Random(index)
    size = tuple(float(rng.randint(2, 99)) for _ in range(3))
    width, depth, height = (round(s) for s in size)
    return ExampleRow(
        example_id=f"box-{index:04d}",
        sha256=f"{index:064x}",
        prompt=f"a block {width} x {depth} x {height} mm",
        scad=f"width = {width};\ndepth = {depth};\nheight = {height};\ncube([width, depth, height]);\n",
        split=split,
        cluster_id=f"box-{index:04d}",
        tier="synthetic",
        prompt_kind="synthetic",
        source="synth",
        license_spdx="CC0-1.0",
        license_tier="permissive",
        engine_id="wasm-test",
        spec=GeometrySpec(size_mm=size, volume_mm3=float(width * depth * height), n_components=1, genus=0),
        family="box" if index % 2 else "block",
        family_group="new" if index % 3 else "base",
        wording_pool="tune",
    )


@dataclass(frozen=True)
class TinyCase:
    base: Path
    """Folder of a LLaMA of random weights with its tokenizer."""
    tables: Path
    examples: tuple[ExampleRow, ...]
    tokens_version: int


@pytest.fixture(scope="session")
def tiny_case(tmp_path_factory: pytest.TempPathFactory) -> TinyCase:
    return make_tiny_case(tmp_path_factory.mktemp("tiny"))


def make_tiny_case(root: Path) -> TinyCase:
    """The model and the tables, written under `root`."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    from ml.tokenizer import load_tokenizer, train_tokenizer
    from ml.tokens import tokenize_examples

    examples = tuple(box_example(i, split="validation" if i % 10 == 0 else "train") for i in range(200))
    tokenizer = train_tokenizer((f"{e.prompt}\n{e.scad}" for e in examples), vocab_size=320)
    base = root / "base"
    tokenizer.save_pretrained(str(base))
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=320,
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=4,
        max_position_embeddings=256,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    LlamaForCausalLM(config).save_pretrained(str(base))
    store = Store(root / "tables")
    store.append("examples", examples)
    tokenized = tokenize_examples(examples, load_tokenizer(base), max_length=256)
    assert not tokenized.rejected
    return TinyCase(base, root / "tables", examples, store.append("tokens", tokenized.rows))
