"""The model of a fine-tune: a base held in int8, 4 bits or whole, with a LoRA adapter on it.

The same code on a CPU and on GPUs: bitsandbytes 0.50 quantizes on both. A base is whole in each process, or its layers
are spread over the cards of one. An adapter is merged onto the full-precision
base, never into quantized weights: done in place, 4-bit weights moved the logits by 36 %, onto the base by 2.6 %.
Covers loading and saving; `ml.train` trains, `ml.generate` samples.
"""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ml.config import SHIPPED_BASE, ConfigError, FinetuneConfig, Precision, Quantization

if TYPE_CHECKING:
    import torch
    from peft import PeftModel
    from transformers import PreTrainedModel

__all__ = [
    "ModelMissing",
    "attach_lora",
    "base_path",
    "layer_map",
    "load_adapter",
    "load_base",
    "load_merged",
    "multiplies_in_bf16",
    "quiet_libraries",
    "restore_adapter",
    "save_adapter",
]

log = logging.getLogger(__name__)

_SHIPPED = Path(__file__).parent / "base"


class ModelMissing(Exception):
    """A base or an adapter that is not where the setting says; the message names the next step."""


def base_path(base_model: str) -> str:
    """What transformers loads for a `base_model` setting: a folder, or a hub id as it is."""
    if base_model == SHIPPED_BASE:
        if not (_SHIPPED / "config.json").is_file():
            raise ModelMissing(f"the shipped base is missing from {_SHIPPED}; make one with `cad-copilot pretrain`")
        return str(_SHIPPED)
    path = Path(base_model).expanduser()
    if path.is_dir():
        if not (path / "config.json").is_file():
            raise ModelMissing(f"{path} holds no config.json: is it a transformers model folder?")
        return str(path)
    if path.is_absolute() or base_model.startswith((".", "~")) or base_model.count("/") != 1:
        raise ModelMissing(f"no model folder {base_model!r}; give a folder, `base`, or a hub id such as owner/name")
    return base_model


def load_base(
    base_model: str,
    *,
    quantization: Quantization = Quantization.NONE,
    precision: Precision = Precision.AUTO,
    local_rank: int = 0,
    n_cards: int = 1,
) -> PreTrainedModel:
    """The base on this process's device: GPU `local_rank`, or the CPU where there is none.

    With `n_cards` its layers are spread over GPUs 0 to n_cards - 1 instead. Raises ModelMissing, or ConfigError where
    there are fewer cards.
    """
    from transformers import AutoModelForCausalLM

    quiet_libraries()
    source = base_path(base_model)
    dtype = compute_dtype(precision)
    try:
        model: PreTrainedModel = AutoModelForCausalLM.from_pretrained(
            source,
            dtype=dtype,
            attn_implementation="sdpa",
            # never "auto": it would split one model over the cards of all ranks
            device_map={"": _device(local_rank)} if n_cards == 1 else _spread(source, n_cards),
            quantization_config=_quantization_config(quantization, dtype),
        )
    except OSError as error:
        raise ModelMissing(f"cannot load {source!r}: {_first_line(error)}") from error
    return model


def layer_map(n_layers: int, n_cards: int, *, is_tied: bool) -> dict[str, int]:
    """Which card holds which part of a LLaMA: blocks in equal runs, embeddings on the first, the head on the last.

    A head tied to the embeddings is the same matrix, so it stays with them.
    """
    last = n_cards - 1
    blocks = {f"model.layers.{i}": i * n_cards // n_layers for i in range(n_layers)}
    head = 0 if is_tied else last
    return {"model.embed_tokens": 0, "model.rotary_emb": 0, **blocks, "model.norm": last, "lm_head": head}


def _spread(source: str, n_cards: int) -> dict[str, int]:
    import torch
    from transformers import AutoConfig

    if torch.cuda.device_count() < n_cards:
        raise ConfigError(
            f"split=layers spreads over n_cards={n_cards} GPUs, here are {torch.cuda.device_count()}; set split=ddp, "
            "or n_cards to what is here"
        )
    shape = AutoConfig.from_pretrained(source)
    return layer_map(shape.num_hidden_layers, n_cards, is_tied=bool(shape.tie_word_embeddings))


def compute_dtype(precision: Precision) -> torch.dtype:
    """The dtype that weights are held in where they are not quantized; `auto` goes by the device."""
    import torch

    if precision is Precision.AUTO:
        return torch.bfloat16 if torch.cuda.is_available() else torch.float32
    return torch.bfloat16 if precision is Precision.BF16 else torch.float32


def multiplies_in_bf16(precision: Precision) -> bool:
    """Are matrices multiplied in bf16 while training? `auto`: on a GPU, and on a CPU that has it in hardware.

    There it trains 1.5 times as fast as fp32 (int8 and LoRA, 2.4 M parameters); emulated, 0.6 times.
    """
    import torch

    if precision is not Precision.AUTO or torch.cuda.is_available():
        return compute_dtype(precision) is torch.bfloat16
    has = torch.cpu.get_capabilities()
    return bool(has.get("avx512_bf16") or has.get("amx_bf16"))


def attach_lora(model: PreTrainedModel, config: FinetuneConfig) -> PeftModel:
    """`model` with a fresh LoRA adapter, the only part of it that learns."""
    from peft import LoraConfig, get_peft_model

    _prepare(model, config)
    targets = {name.rpartition(".")[2] for name, _ in model.named_modules()}
    for key in ("lora_target_modules", "lora_modules_to_save"):
        missing = sorted(set(getattr(config, key)) - targets)
        if missing:
            raise ModelMissing(f"{key}: {config.base_model} has no module named {', '.join(missing)}")
    learning: PeftModel = get_peft_model(
        model,
        LoraConfig(
            r=config.lora_rank,
            lora_alpha=config.lora_alpha,
            lora_dropout=config.lora_dropout,
            use_rslora=config.lora_use_rslora,
            use_dora=config.lora_use_dora,
            target_modules=list(config.lora_target_modules),
            modules_to_save=list(config.lora_modules_to_save) or None,
            # a base that ties its head to its embedding keeps them tied in the adapter
            ensure_weight_tying=bool(config.lora_modules_to_save) and bool(model.config.tie_word_embeddings),
            task_type="CAUSAL_LM",
        ),
    )
    if config.lora_use_dora and config.quantization is Quantization.INT8:
        from bitsandbytes.nn import Linear8bitLt

        for module in learning.modules():
            if isinstance(module, Linear8bitLt):
                module.register_forward_pre_hook(_keep_scales)
    return learning


def _keep_scales(module: Any, _: Any) -> None:
    """On a CPU, peft 0.21 copies an int8 weight each time DoRA reads it, and the copy comes without its scales."""
    if module.weight.CB is not None and module.weight.SCB is None:
        module.weight.SCB = module.state.SCB


def save_adapter(model: PeftModel, directory: Path, *, base_model: str) -> None:
    """Writes the adapter; it names its base as the setting did, not as a path of this machine."""
    model.save_pretrained(str(directory), save_embedding_layers=False)
    path = directory / "adapter_config.json"
    values = json.loads(path.read_text(encoding="utf-8"))
    values["base_model_name_or_path"] = base_model
    values["target_modules"] = sorted(values["target_modules"])  # a set in peft: else two runs differ in this file
    path.write_text(json.dumps(values, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    (directory / "README.md").unlink(missing_ok=True)  # peft's empty template of a model card


def restore_adapter(model: PeftModel, directory: Path) -> None:
    """Puts the weights of a saved adapter back into a model that has one of the same make, bit for bit."""
    from peft import load_peft_weights, set_peft_model_state_dict

    set_peft_model_state_dict(model, load_peft_weights(str(directory), device="cpu"))


def load_adapter(model: PreTrainedModel, adapter_dir: Path) -> PeftModel:
    """`model` with a saved adapter, for inference."""
    from peft import PeftModel

    if not (adapter_dir / "adapter_config.json").is_file():
        raise ModelMissing(f"no adapter in {adapter_dir}; `cad-copilot finetune` writes one")
    try:
        return PeftModel.from_pretrained(model, str(adapter_dir), is_trainable=False)
    except (RuntimeError, ValueError) as error:
        raise ModelMissing(f"the adapter in {adapter_dir} does not fit this base: {_first_line(error)}") from error


def load_merged(
    base_model: str, adapter_dir: Path | None, *, precision: Precision = Precision.AUTO, local_rank: int = 0
) -> PreTrainedModel:
    """The full-precision base with the adapter folded into its weights: a plain LLaMA, as fast as the base."""
    model = load_base(base_model, precision=precision, local_rank=local_rank)
    if adapter_dir is None:
        return model
    merged: PreTrainedModel = load_adapter(model, adapter_dir).merge_and_unload(safe_merge=True)
    return merged


def _prepare(model: PreTrainedModel, config: FinetuneConfig) -> None:
    """What a frozen, quantized base needs before it trains.

    Not peft's `prepare_model_for_kbit_training`: it casts embeddings and head to fp32 as well, 2.1 GB on an
    8B LLaMA 3 (trl #4457). The adapter's own weights are fp32 in any case.
    """
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    model.config.use_cache = False
    if config.is_gradient_checkpointing:
        # re-entrant checkpointing needs an input with a gradient and fails under DDP
        model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
        model.enable_input_require_grads()


def _quantization_config(quantization: Quantization, dtype: torch.dtype) -> Any:
    if quantization is Quantization.NONE:
        return None
    from transformers import BitsAndBytesConfig

    if quantization is Quantization.INT8:
        return BitsAndBytesConfig(load_in_8bit=True)
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=dtype,
    )


def _device(local_rank: int) -> int | str:
    import torch

    return local_rank if torch.cuda.is_available() else "cpu"


def quiet_libraries() -> None:
    """int8 with fp32 inputs logs and warns, once per layer call, that it casts them."""
    import warnings

    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()  # loading is not worth a bar a rank
    transformers_logging.set_verbosity_error()
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", message="MatMul8bitLt: inputs will be cast")
    # peft 0.21 asks transformers 5.23 by a name that 6 will drop
    warnings.filterwarnings("ignore", message="`is_gradient_checkpointing` is deprecated")


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
