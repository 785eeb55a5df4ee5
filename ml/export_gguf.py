"""A merged LLaMA folder as one GGUF file, which llama.cpp and what is built on it run.

Reads the safetensors tensor by tensor, so memory holds one tensor at a time, whatever the size of the model. Covers
the LLaMA architecture: grouped heads, tied or own head, linear and LLaMA 3 rope scaling; anything else is refused by
name. The vocabulary is `ml.gguf_vocab`'s, whether the file computes the same is `ml.gguf_check`'s to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ml.gguf_vocab import GgufUnsupported, Vocab, read_vocab

if TYPE_CHECKING:
    import numpy as np
    import torch
    from gguf import GGMLQuantizationType, GGUFWriter
    from transformers import LlamaConfig

__all__ = ["GgufFile", "GgufType", "permute_rotary", "write_gguf"]


class GgufType(StrEnum):
    """How matrices are held; norms are fp32 in each. The k-quants need llama.cpp's own `llama-quantize`."""

    F16 = "f16"
    Q8_0 = "q8_0"
    """Blocks of 32 in 8 bits and a scale: 8.5 bits a weight."""
    Q4_0 = "q4_0"
    """Blocks of 32 in 4 bits and a scale: 4.5 bits a weight; embedding and head in q8_0."""
    Q4_1 = "q4_1"
    """The same with an offset a block: 5 bits a weight."""


@dataclass(frozen=True)
class GgufFile:
    path: str
    n_bytes: int
    n_tensors: int
    n_f16_instead: int
    """Matrices whose rows are no multiple of 32, so that they could not be quantized and are fp16."""
    pre_tokenizer: str | None
    """llama.cpp's name of it; None for a sentencepiece vocabulary, which has none."""
    n_texts: int
    n_texts_differ: int
    """Prompts and sources that llama.cpp splits into other tokens than the tokenizer does; 0 is exact."""


@dataclass(frozen=True)
class _Tensor:
    name: str
    """In the GGUF."""
    shape: tuple[int, ...]
    type: GGMLQuantizationType
    read: Callable[[], torch.Tensor]


def write_gguf(model_dir: Path, path: Path, gguf_type: GgufType, *, name: str, license_name: str = "") -> GgufFile:
    """Writes `path` from a folder of transformers' (config, safetensors, tokenizer). Raises GgufUnsupported."""
    from gguf import GGUFWriter
    from transformers import AutoConfig

    from ml.tokenizer import load_tokenizer

    config = AutoConfig.from_pretrained(str(model_dir))
    _check_supported(config)
    vocab = read_vocab(load_tokenizer(model_dir), n_rows=config.vocab_size)
    tensors = list(_tensors(model_dir, config, gguf_type))
    writer = GGUFWriter(path, "llama")
    try:
        writer.add_type("model")
        writer.add_name(name)
        if license_name:
            writer.add_license(license_name)
        _add_config(writer, config, gguf_type)
        _add_vocab(writer, vocab)
        for tensor in tensors:
            _announce(writer, tensor)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_ti_data_to_file()
        for tensor in tensors:
            writer.write_tensor_data(_data(tensor))
    finally:
        writer.close()
    wanted, _ = _ggml_types(gguf_type)
    return GgufFile(
        path=path.name,
        n_bytes=path.stat().st_size,
        n_tensors=len(tensors),
        n_f16_instead=sum(t.type.name == "F16" for t in tensors) if wanted.name != "F16" else 0,
        pre_tokenizer=vocab.pre.name if vocab.pre else None,
        n_texts=vocab.pre.n_texts if vocab.pre else 0,
        n_texts_differ=vocab.pre.n_texts_differ if vocab.pre else 0,
    )


def permute_rotary(weight: torch.Tensor, n_heads: int) -> torch.Tensor:
    """Rows of a query or key matrix in llama.cpp's order.

    transformers turns row i of a head together with row i + d/2, llama.cpp neighbours 2i and 2i + 1: so those two go
    side by side. weight: (n_heads * d, n_in).
    """
    halves = weight.reshape(n_heads, 2, weight.shape[0] // n_heads // 2, *weight.shape[1:])
    return halves.swapaxes(1, 2).reshape(weight.shape)


def _check_supported(config: Any) -> None:
    if config.model_type != "llama":
        raise GgufUnsupported(f"model_type {config.model_type!r} is no LLaMA; convert it with llama.cpp's own script")
    for key in ("attention_bias", "mlp_bias"):
        if getattr(config, key, False):
            raise GgufUnsupported(f"{key}=true is not exported; convert it with llama.cpp's own script")
    kind = config.rope_parameters["rope_type"]
    if kind not in ("default", "linear", "llama3"):
        raise GgufUnsupported(f"rope_type {kind!r} is not exported; default, linear and llama3 are")
    if config.hidden_act != "silu":
        raise GgufUnsupported(f"hidden_act {config.hidden_act!r} is not exported; llama.cpp's LLaMA has silu")


def _add_config(writer: GGUFWriter, config: LlamaConfig, gguf_type: GgufType) -> None:
    from gguf import GGML_QUANT_VERSION, RopeScalingType

    head_dim = _head_dim(config)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_key_length(head_dim)
    writer.add_value_length(head_dim)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_vocab_size(config.vocab_size)
    writer.add_rope_dimension_count(head_dim)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    if config.rope_parameters["rope_type"] == "linear":
        writer.add_rope_scaling_type(RopeScalingType.LINEAR)
        writer.add_rope_scaling_factor(config.rope_parameters["factor"])
    writer.add_file_type(_ggml_types(gguf_type)[1])
    writer.add_quantization_version(GGML_QUANT_VERSION)


def _add_vocab(writer: GGUFWriter, vocab: Vocab) -> None:
    writer.add_tokenizer_model(vocab.model)
    writer.add_tokenizer_pre(vocab.pre.name if vocab.pre else "default")
    writer.add_token_list(list(vocab.tokens))
    writer.add_token_types(list(vocab.types))
    if vocab.scores:
        writer.add_token_scores(list(vocab.scores))
    if vocab.merges:
        writer.add_token_merges(list(vocab.merges))
    for number, add in (
        (vocab.bos_id, writer.add_bos_token_id),
        (vocab.eos_id, writer.add_eos_token_id),
        (vocab.pad_id, writer.add_pad_token_id),
        (vocab.unk_id, writer.add_unk_token_id),
    ):
        if number is not None:
            add(number)
    writer.add_add_bos_token(vocab.is_bos_added)
    writer.add_add_eos_token(vocab.is_eos_added)
    if vocab.model == "llama":
        writer.add_add_space_prefix(vocab.is_space_prefixed)
    if vocab.chat_template:
        writer.add_chat_template(vocab.chat_template)


def _tensors(model_dir: Path, config: LlamaConfig, gguf_type: GgufType) -> Iterator[_Tensor]:
    """Every tensor of the GGUF, none of them read yet."""
    from gguf import MODEL_ARCH, GGMLQuantizationType, get_tensor_name_map
    from safetensors import safe_open

    files = sorted(model_dir.glob("*.safetensors"))
    if not files:
        raise GgufUnsupported(f"{model_dir} holds no .safetensors; export it as `merged` first")
    if config.rope_parameters["rope_type"] == "llama3":
        factors = _rope_factors(config)
        yield _Tensor("rope_freqs.weight", tuple(factors.shape), GGMLQuantizationType.F32, lambda: factors)
    names = get_tensor_name_map(MODEL_ARCH.LLAMA, config.num_hidden_layers)
    for file in files:
        with safe_open(file, framework="pt") as weights:
            keys = sorted(weights.keys())
            shapes = {key: tuple(weights.get_slice(key).get_shape()) for key in keys}
        for key in keys:
            if key.endswith("rotary_emb.inv_freq") or (key == "lm_head.weight" and config.tie_word_embeddings):
                continue
            name = names.get_name(key, try_suffixes=(".weight",))
            if name is None:
                raise GgufUnsupported(f"{file.name} holds {key!r}, which llama.cpp's LLaMA has no place for")
            yield _Tensor(name, shapes[key], _type_of(name, shapes[key], gguf_type), _reader(file, key, config))


def _reader(file: Path, key: str, config: LlamaConfig) -> Callable[[], torch.Tensor]:
    def read() -> torch.Tensor:
        from safetensors import safe_open

        with safe_open(file, framework="pt") as weights:
            weight: torch.Tensor = weights.get_tensor(key)
        if key.endswith("q_proj.weight"):
            return permute_rotary(weight, config.num_attention_heads)
        if key.endswith("k_proj.weight"):
            return permute_rotary(weight, config.num_key_value_heads)
        return weight

    return read


def _type_of(name: str, shape: tuple[int, ...], gguf_type: GgufType) -> GGMLQuantizationType:
    from gguf import GGML_QUANT_SIZES, GGMLQuantizationType

    if len(shape) == 1:
        return GGMLQuantizationType.F32
    wanted, _ = _ggml_types(gguf_type)
    if name in ("token_embd.weight", "output.weight") and wanted.name.startswith("Q4"):
        wanted = GGMLQuantizationType.Q8_0  # 4 bits there cost the most; llama.cpp holds the head in 6
    block, _ = GGML_QUANT_SIZES[wanted]
    return wanted if shape[-1] % block == 0 else GGMLQuantizationType.F16


def _ggml_types(gguf_type: GgufType) -> tuple[GGMLQuantizationType, int]:
    """(type of a matrix, `general.file_type`)."""
    from gguf import GGMLQuantizationType, LlamaFileType

    kind = gguf_type.name
    return GGMLQuantizationType[kind], int(LlamaFileType[f"MOSTLY_{kind}"])


def _announce(writer: GGUFWriter, tensor: _Tensor) -> None:
    import numpy as np
    from gguf import GGML_QUANT_SIZES
    from gguf.quants import quant_shape_to_byte_shape

    if tensor.type.name in ("F32", "F16"):
        dtype = np.dtype(np.float32 if tensor.type.name == "F32" else np.float16)
        n_bytes = dtype.itemsize * int(np.prod(tensor.shape))
        writer.add_tensor_info(tensor.name, tensor.shape, dtype, n_bytes, tensor.type)
        return
    assert tensor.type in GGML_QUANT_SIZES
    shape = quant_shape_to_byte_shape(tensor.shape, tensor.type)
    writer.add_tensor_info(tensor.name, shape, np.dtype(np.uint8), int(np.prod(shape)), tensor.type)


def _data(tensor: _Tensor) -> np.ndarray[Any, Any]:
    import numpy as np
    from gguf.quants import quantize

    values: np.ndarray[Any, Any] = tensor.read().float().numpy()
    if not np.isfinite(values).all():
        raise GgufUnsupported(f"{tensor.name} holds numbers that are none (NaN or infinity): was the training sound?")
    if tensor.type.name == "F16" and np.abs(values).max(initial=0.0) > np.finfo(np.float16).max:
        raise GgufUnsupported(f"{tensor.name} holds {np.abs(values).max():.3g}, over fp16's 65504; export q8_0 instead")
    return np.ascontiguousarray(quantize(values, tensor.type))


def _rope_factors(config: LlamaConfig) -> torch.Tensor:
    """By how much llama.cpp must divide each frequency, (head_dim / 2,) fp32, from transformers' own frequencies."""
    import torch
    from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

    scaled, attention_factor = ROPE_INIT_FUNCTIONS["llama3"](config, torch.device("cpu"))
    assert attention_factor == 1.0
    head_dim = _head_dim(config)
    plain = config.rope_parameters["rope_theta"] ** (-torch.arange(0, head_dim, 2, dtype=torch.float32) / head_dim)
    factors: torch.Tensor = plain / scaled
    return factors


def _head_dim(config: LlamaConfig) -> int:
    return int(config.head_dim or config.hidden_size // config.num_attention_heads)
