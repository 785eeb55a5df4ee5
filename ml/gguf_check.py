"""Does a GGUF file compute what its merged model does? Both are run by transformers, which unpacks the file again.

An independent reader of names, shapes, row order and quantized blocks; that llama.cpp itself agrees is what
`tests/export/llama_cpp_check.py` looks at, with llama.cpp built. Needs both models in memory, one after the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ml.export_gguf import GgufType
from ml.gguf_vocab import measure_texts

if TYPE_CHECKING:
    import torch

__all__ = ["TOLERANCES", "CheckFailed", "LogitCheck", "check_gguf", "compare_logits"]

# Of `relative_error`, about four times what was measured on the shipped base (q8_0 0.0075, q4_0 0.097, q4_1 0.089;
# f16 0, its weights are fp16 already, 0.0003 on random ones); rows in the wrong order 0.68.
TOLERANCES = {GgufType.F16: 0.002, GgufType.Q8_0: 0.03, GgufType.Q4_0: 0.4, GgufType.Q4_1: 0.4}


class CheckFailed(Exception):
    """A file that does not compute what its model does; the message says by how much."""


@dataclass(frozen=True)
class LogitCheck:
    """Logits of the file beside those of the model, over the same tokens."""

    n_positions: int
    max_abs_difference: float
    relative_error: float
    """Root mean square of the differences over that of the logits less their mean; 0: the same, about 1: unrelated."""
    same_choice: float
    """Share of positions where both hold the same token for the likeliest."""
    tolerance: float
    """Of `relative_error`."""


def check_gguf(
    model_dir: Path, path: Path, gguf_type: GgufType, *, n_texts: int = 8, n_tokens: int = 192
) -> LogitCheck:
    """Raises CheckFailed where settings or logits differ by more than the type may."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    from ml.model import quiet_libraries
    from ml.tokenizer import load_tokenizer

    quiet_libraries()
    config = AutoConfig.from_pretrained(str(model_dir))
    _check_settings(config, AutoConfig.from_pretrained(str(path.parent), gguf_file=path.name))
    tokenizer = load_tokenizer(model_dir)
    ids = [tokenizer(text, add_special_tokens=False)["input_ids"] for text in measure_texts(n_examples=n_texts)]
    batches = [torch.tensor([text[: min(n_tokens, config.max_position_embeddings)]]) for text in ids]
    expected = _logits(AutoModelForCausalLM.from_pretrained(str(model_dir), dtype=torch.float32), batches)
    # the model's own config: transformers drops LLaMA 3's rope scaling when it reads one from a GGUF
    again = AutoModelForCausalLM.from_pretrained(
        str(path.parent), gguf_file=path.name, config=config, dtype=torch.float32
    )
    result = compare_logits(expected, _logits(again, batches), tolerance=TOLERANCES[gguf_type])
    if not result.relative_error <= result.tolerance:
        raise CheckFailed(
            f"{path.name} computes something else: relative error of the logits {result.relative_error:.3g}, "
            f"{gguf_type} may have {result.tolerance}"
        )
    return result


def compare_logits(expected: torch.Tensor, got: torch.Tensor, *, tolerance: float) -> LogitCheck:
    """expected, got: (n_positions, n_vocab)."""
    difference = got - expected
    spread = (expected - expected.mean(dim=-1, keepdim=True)).pow(2).mean().sqrt()
    return LogitCheck(
        n_positions=len(expected),
        max_abs_difference=float(difference.abs().max()),
        relative_error=float(difference.pow(2).mean().sqrt() / spread),
        same_choice=float((expected.argmax(-1) == got.argmax(-1)).float().mean()),
        tolerance=tolerance,
    )


def _logits(model: Any, batches: list[torch.Tensor]) -> torch.Tensor:
    import torch

    model.eval()
    with torch.no_grad():
        return torch.cat([model(batch).logits[0].float() for batch in batches])


def _check_settings(config: Any, found: Any) -> None:
    keys = (
        *("hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads"),
        *("max_position_embeddings", "vocab_size", "head_dim", "tie_word_embeddings"),
    )
    wrong = [key for key in keys if getattr(config, key) != getattr(found, key)]
    near = {"rms_norm_eps": (config.rms_norm_eps, found.rms_norm_eps)}
    near["rope_theta"] = (config.rope_parameters["rope_theta"], found.rope_parameters["rope_theta"])
    wrong += [key for key, (ours, theirs) in near.items() if abs(ours - theirs) > 1e-6 * abs(ours)]  # fp32 in the file
    if wrong:
        raise CheckFailed(f"the file's {', '.join(wrong)} are not the model's")
