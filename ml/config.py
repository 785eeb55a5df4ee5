"""The settings of one fine-tune: a frozen dataclass, checked as it is made, and read from YAML.

A YAML file holds values only: a key it does not know is an error that names the nearest known one. Covers
fine-tuning; `ml.pretrain` has its own settings, and everything about where data lies comes in as arguments.
"""

from __future__ import annotations

import dataclasses
import difflib
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml

__all__ = [
    "SHIPPED_BASE",
    "ConfigError",
    "FinetuneConfig",
    "Precision",
    "Quantization",
    "Scheduler",
    "config_names",
    "load_config",
    "parse_overrides",
]

SHIPPED_BASE = "base"
"""The `base_model` that stands for the small LLaMA in `ml/base`."""

_CONFIGS = Path(__file__).parent / "configs"


class ConfigError(ValueError):
    """A setting that cannot be used; the message names it and the next step."""


class Quantization(StrEnum):
    INT8 = "int8"
    """LLM.int8(): 8-bit weights, outliers in full precision."""
    NF4 = "nf4"
    """4-bit normal floats, as in QLoRA; halves int8's memory."""
    NONE = "none"


class Precision(StrEnum):
    AUTO = "auto"
    """bf16 on a GPU; on a CPU fp32 weights, multiplied in bf16 where the CPU has that in hardware."""
    FP32 = "fp32"
    BF16 = "bf16"


class Scheduler(StrEnum):
    COSINE = "cosine"
    LINEAR = "linear"
    CONSTANT = "constant_with_warmup"


@dataclass(frozen=True, kw_only=True)
class FinetuneConfig:
    """What a fine-tune does, apart from the data it reads and the folder it writes."""

    base_model: str = SHIPPED_BASE
    """`base` for the shipped one, a local folder, or a hub id."""
    quantization: Quantization = Quantization.INT8
    """How the frozen base is held in memory."""
    precision: Precision = Precision.AUTO
    """Of the arithmetic that is not quantized."""

    lora_rank: int = 16
    """Width of the low-rank update of each target matrix."""
    lora_alpha: float = 32.0
    """The update is scaled by lora_alpha / lora_rank."""
    lora_dropout: float = 0.0
    """On the input of the update; 0 to below 1."""
    lora_target_modules: tuple[str, ...] = (
        "q_proj",
        "k_proj",
        "v_proj",
        "o_proj",
        "gate_proj",
        "up_proj",
        "down_proj",
    )
    """Names of the linear layers that get an update: all seven of a LLaMA block."""
    lora_modules_to_save: tuple[str, ...] = ()
    """Modules trained whole and stored with the adapter, such as `embed_tokens`; small bases only."""

    max_length: int = 1024
    """Tokens of the longest example, prompt and answer; longer ones are rejected, never cut."""
    batch_size_per_process: int = 16
    """Examples a process takes at once."""
    gradient_accumulation_steps: int = 1
    """Batches that one step of the optimizer gathers."""
    is_gradient_checkpointing: bool = False
    """Recompute activations in the backward pass: a third slower, most of the activations' memory saved."""

    n_processes: int = 2
    """One a GPU, or one a core."""
    n_steps: int | None = None
    """Steps of the optimizer; give this or `n_epochs`, not both."""
    n_epochs: float | None = None
    """Passes over the training examples."""
    learning_rate: float = 2e-4
    """The highest of the schedule."""
    scheduler: Scheduler = Scheduler.COSINE
    """How the learning rate goes down after the warm-up."""
    n_warmup_steps: int = 0
    """Steps over which the learning rate rises from 0."""
    weight_decay: float = 0.0
    """AdamW's."""
    max_grad_norm: float = 1.0
    """Gradients are scaled down to this norm."""

    log_every_steps: int = 10
    """Steps between two logged losses."""
    eval_every_steps: int = 200
    """Steps between two losses over the validation examples."""
    max_eval_examples: int = 256
    """At most so many validation examples, the first by id."""
    checkpoint_every_steps: int = 200
    """Steps between two checkpoints: what a kill -9 can cost."""
    n_checkpoints_kept: int = 2
    """At least 2: while one is being written, the one before it must stand."""
    seed: int = 0
    """Of the order of examples and of the adapter's first weights."""

    def __post_init__(self) -> None:
        for name in _POSITIVE:
            value = getattr(self, name)
            self._check(value is None or value > 0, f"{name}={value} must be more than 0")
        self._check(bool(self.base_model), "base_model is empty; give `base`, a folder or a hub id")
        self._check(
            (self.n_steps is None) != (self.n_epochs is None), "give exactly one of n_steps and n_epochs (null unsets)"
        )
        self._check(bool(self.lora_target_modules), "lora_target_modules is empty: nothing would be trained")
        self._check(0 <= self.lora_dropout < 1, f"lora_dropout={self.lora_dropout} must be from 0 to below 1")
        self._check(self.n_warmup_steps >= 0, f"n_warmup_steps={self.n_warmup_steps} must not be negative")
        self._check(self.weight_decay >= 0, f"weight_decay={self.weight_decay} must not be negative")
        self._check(
            self.n_checkpoints_kept >= 2,
            f"n_checkpoints_kept={self.n_checkpoints_kept}: keep 2 or more, or a kill while one is written loses all",
        )
        if self.n_steps is not None:
            self._check(
                self.n_warmup_steps <= self.n_steps,
                f"n_warmup_steps={self.n_warmup_steps} is more than n_steps={self.n_steps}",
            )

    @staticmethod
    def _check(is_right: bool, message: str) -> None:
        if not is_right:
            raise ConfigError(message)

    @property
    def n_examples_per_step(self) -> int:
        return self.batch_size_per_process * self.gradient_accumulation_steps * self.n_processes


_POSITIVE = (
    "lora_rank",
    "lora_alpha",
    "max_length",
    "batch_size_per_process",
    "gradient_accumulation_steps",
    "n_processes",
    "n_steps",
    "n_epochs",
    "learning_rate",
    "max_grad_norm",
    "log_every_steps",
    "eval_every_steps",
    "max_eval_examples",
    "checkpoint_every_steps",
)


def config_names() -> tuple[str, ...]:
    """The configs that ship with the project."""
    return tuple(sorted(path.stem for path in _CONFIGS.glob("*.yaml")))


def load_config(name_or_path: str | Path, overrides: Mapping[str, Any] | None = None) -> FinetuneConfig:
    """The config of a shipped name or a YAML file, with single values replaced. Raises ConfigError."""
    path = _CONFIGS / f"{name_or_path}.yaml"
    if not path.is_file():
        path = Path(name_or_path)
    if not path.is_file():
        raise ConfigError(f"no config {str(name_or_path)!r}: give a YAML file or one of {', '.join(config_names())}")
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not a YAML file: {' '.join(str(error).split())}") from error
    if not isinstance(values, dict):
        raise ConfigError(f"{path}: expected `key: value` lines")
    try:
        return _from_values({**values, **(overrides or {})})
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error


def parse_overrides(assignments: typing.Iterable[str]) -> dict[str, Any]:
    """`["n_steps=20", "lora_target_modules=[q_proj]"]` as values; each is read as YAML."""
    values: dict[str, Any] = {}
    for assignment in assignments:
        key, equals, text = assignment.partition("=")
        if not equals:
            raise ConfigError(f"--set {assignment!r}: expected key=value")
        try:
            values[key.strip()] = yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise ConfigError(f"--set {assignment!r}: the value is not YAML") from error
    return values


def _from_values(values: Mapping[str, Any]) -> FinetuneConfig:
    hints = typing.get_type_hints(FinetuneConfig)
    known = [f.name for f in dataclasses.fields(FinetuneConfig)]
    for key in values:
        if key not in known:
            nearest = difflib.get_close_matches(str(key), known, n=1, cutoff=0.0)[0]
            raise ConfigError(f"unknown setting {key!r}; the nearest one is {nearest!r}")
    return FinetuneConfig(**{key: _typed(key, hints[key], value) for key, value in values.items()})


def _typed(key: str, hint: Any, value: Any) -> Any:
    """`value` as the field's type: YAML reads `2e-4` as a string and `[a]` as a list."""
    if typing.get_origin(hint) is types.UnionType:
        if value is None:
            return None
        (hint,) = (a for a in typing.get_args(hint) if a is not type(None))
    if hint is bool or isinstance(value, bool):
        if hint is bool and isinstance(value, bool):
            return value
    elif typing.get_origin(hint) is tuple:
        if isinstance(value, list | tuple) and all(isinstance(v, str) for v in value):
            return tuple(value)
    elif isinstance(value, str | int | float):
        try:
            converted = hint(value)
        except (ValueError, OverflowError):
            converted = None
        # int(2.5) is 2: only a value that comes through whole is taken
        if converted is not None and (hint is not int or float(value) == converted):
            return converted
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        raise ConfigError(f"{key}: {value!r} is not one of {', '.join(hint)}")
    raise ConfigError(f"{key}: {value!r} is not {_WORDS.get(hint, 'a list of names')}")


_WORDS = {bool: "true or false", int: "a whole number", float: "a number", str: "text"}
