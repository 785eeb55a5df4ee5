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
    "Split",
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


class Split(StrEnum):
    DDP = "ddp"
    """A whole copy of the model in each process, one a card; gradients are averaged."""
    LAYERS = "layers"
    """One process, the layers spread over the cards, which work in turn: for a base too large for one."""


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
    lora_use_rslora: bool = False
    """Scale by lora_alpha / sqrt(lora_rank) instead: keeps high ranks learning (Kalajdzievski 2023)."""
    lora_use_dora: bool = False
    """Learn each output's magnitude apart from its direction (Liu et al. 2024): slower, and more memory."""
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
    """Examples a process takes at once; sequences, if packed."""
    gradient_accumulation_steps: int = 1
    """Batches that one step of the optimizer gathers."""
    is_gradient_checkpointing: bool = False
    """Recompute activations in the backward pass: a third slower, most of the activations' memory saved."""
    is_packed: bool = False
    """Fill each sequence with several examples, up to max_length, none of which sees another: little padding."""

    n_processes: int = 2
    """One a GPU, or one a core."""
    split: Split = Split.DDP
    """How several cards share the work."""
    n_cards: int | None = None
    """Cards that `split: layers` spreads over, 2 or more; with `ddp` it is one a process, and null here."""
    card_memory_gb: float | None = None
    """Memory of each card, 10^9 bytes: what can't fit is refused before it starts. Null on a CPU: no limit."""
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
    geometry_eval_every_steps: int | None = None
    """Steps between two evaluations by geometry (answers sampled, compiled, measured); a multiple of
    eval_every_steps. The best adapter by it is the one saved. Null: never, and the last one is saved."""
    n_geometry_prompts: int = 32
    """Validation prompts answered at each of them."""
    early_stopping_patience: int | None = None
    """Evaluations without a better one after which training ends; by loss where geometry is off. Null: never."""
    max_loss_ratio: float | None = 4.0
    """A logged loss above so many times the best mean of five is one too high; null: nothing is too high."""
    n_divergence_steps: int = 100
    """Steps over which the loss stays too high before training ends as diverged."""
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
        self._check_split()
        self._check_evaluation()
        if self.n_steps is not None:
            self._check(
                self.n_warmup_steps <= self.n_steps,
                f"n_warmup_steps={self.n_warmup_steps} is more than n_steps={self.n_steps}",
            )

    def _check_split(self) -> None:
        if self.split is Split.DDP:
            self._check(self.n_cards is None, f"n_cards={self.n_cards}: with split=ddp set n_processes, one a card")
            return
        self._check(self.n_processes == 1, f"split=layers is one process: set n_processes to 1, not {self.n_processes}")
        self._check((self.n_cards or 0) >= 2, f"split=layers spreads over n_cards: give 2 or more, not {self.n_cards}")
        self._check(self.card_memory_gb is not None, "split=layers needs cards: give card_memory_gb")

    def _check_evaluation(self) -> None:
        every = self.geometry_eval_every_steps
        self._check(
            every is None or every % self.eval_every_steps == 0,
            f"geometry_eval_every_steps={every} must be a multiple of eval_every_steps={self.eval_every_steps}: "
            "a tie between two adapters is decided by the loss",
        )
        ratio = self.max_loss_ratio
        self._check(ratio is None or ratio > 1, f"max_loss_ratio={ratio} must be more than 1")

    @staticmethod
    def _check(is_right: bool, message: str) -> None:
        if not is_right:
            raise ConfigError(message)

    @property
    def has_geometry(self) -> bool:
        """Do evaluations measure geometry?"""
        return self.geometry_eval_every_steps is not None

    @property
    def is_best_saved(self) -> bool:
        """Is the best adapter the one saved? Only geometry, or a wish to stop early, makes one better than the last."""
        return self.has_geometry or self.early_stopping_patience is not None

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
    "n_cards",
    "card_memory_gb",
    "n_steps",
    "n_epochs",
    "learning_rate",
    "max_grad_norm",
    "log_every_steps",
    "eval_every_steps",
    "max_eval_examples",
    "geometry_eval_every_steps",
    "n_geometry_prompts",
    "early_stopping_patience",
    "n_divergence_steps",
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
