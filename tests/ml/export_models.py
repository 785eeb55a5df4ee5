"""Small LLaMAs of random weights with tokenizers of both kinds, to export."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from ml.gguf_vocab import measure_texts


def random_llama(folder: Path, tokenizer: Any, **settings: Any) -> Path:
    """A model folder; the weights are large enough for attention to look at places, not at everything alike."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    values: dict[str, Any] = {
        "vocab_size": len(tokenizer),
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 4,
        "max_position_embeddings": 256,
        "tie_word_embeddings": True,
        "initializer_range": 0.2,
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }
    model = LlamaForCausalLM(LlamaConfig(**values | settings))
    for name, weight in model.named_parameters():
        if "norm" in name:  # ones would hide a norm that went to the wrong place
            torch.nn.init.uniform_(weight, 0.5, 1.5)
    model.save_pretrained(str(folder))
    tokenizer.save_pretrained(str(folder))
    return folder


@cache
def byte_level_tokenizer() -> Any:
    """Ours."""
    from ml.tokenizer import train_tokenizer

    return train_tokenizer(measure_texts(n_examples=50), vocab_size=400)


@cache
def llama3_tokenizer() -> Any:
    """Byte-level BPE that splits text as LLaMA 3 does, with its marks."""
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    split = (
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
        r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
    )
    tokenizer = Tokenizer(models.BPE(ignore_merges=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(split), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=500, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    numbers = [str(n) for n in range(1000)]
    tokenizer.train_from_iterator([*measure_texts(n_examples=50), *numbers], trainer)
    tokenizer.add_special_tokens(["<|begin_of_text|>", "<|eot_id|>"])
    begin = "<|begin_of_text|>"
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{begin} $A", special_tokens=[(begin, tokenizer.token_to_id(begin))]
    )
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token=begin, eos_token="<|eot_id|>")


@cache
def sentencepiece_tokenizer() -> Any:
    """BPE with byte fallback and `▁` for a space, as LLaMA 2's: `<s>`, `</s>`, 256 bytes, then pieces."""
    from tokenizers import Tokenizer, decoders, models, normalizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    marks = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))]
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    trainer = trainers.BpeTrainer(vocab_size=600, special_tokens=marks, show_progress=False, max_token_length=8)
    texts = [word for text in measure_texts(n_examples=50) for word in text.replace("\n", " ").split(" ")]
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", special_tokens=[("<s>", tokenizer.token_to_id("<s>"))]
    )
    plain = _with_plain_bytes(tokenizer)
    return PreTrainedTokenizerFast(tokenizer_object=plain, unk_token="<unk>", bos_token="<s>", eos_token="</s>")


def _with_plain_bytes(tokenizer: Any) -> Any:
    """The 256 bytes as ordinary tokens: the trainer takes them in only as marks."""
    import json

    from tokenizers import Tokenizer

    backend = json.loads(tokenizer.to_str())
    backend["added_tokens"] = [t for t in backend["added_tokens"] if not t["content"].startswith("<0x")]
    return Tokenizer.from_str(json.dumps(backend))
