"""Our training loop beside TRL's SFTTrainer: real tokens a CPU second, padding not counted.

    python bench/bench_training.py [--n-examples 600] [--rounds 2] [--quantization none,int8] [--only trl,packed]

The same model (ml/base with the LoRA of config `tiny`), the same examples, as many tokens a batch and so as many steps,
the same optimizer. All ways in turn, and the turns repeated; one thread, whose CPU time is what counts, so that it
can be run beside other work. The first step of each is not timed. Needs the extra `bench` (trl).
"""

from __future__ import annotations

import argparse
import logging
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import torch
from tables import Report, Row
from transformers import PrinterCallback, TrainerCallback, TrainingArguments, set_seed
from transformers.trainer_utils import SaveStrategy

from corpus.synth.chains import sample_chains
from corpus.synth.generate import Part, sample_examples
from ml.attention import attend_by_example
from ml.config import SHIPPED_BASE, FinetuneConfig, Quantization, Scheduler, load_config
from ml.dataset import ScadDataset
from ml.model import attach_lora, base_path, load_base, quiet_libraries
from ml.tokenizer import Encoded, encode_example, load_tokenizer
from ml.trainer import make_trainer, training_arguments

SAME_ARGUMENTS = (
    *("use_cpu", "bf16", "num_train_epochs", "max_steps", "learning_rate", "lr_scheduler_type", "warmup_steps"),
    *("weight_decay", "max_grad_norm", "optim", "seed", "logging_strategy", "logging_steps", "disable_tqdm"),
)
"""What TRL's trainer is told as ours is."""


@dataclass(frozen=True)
class Case:
    """What all ways of training have in common."""

    config: FinetuneConfig
    examples: tuple[Encoded, ...]
    pad_token_id: int
    n_rows: int
    """Packs that hold about as many tokens as a batch of examples."""


@dataclass(frozen=True)
class Timed:
    n_steps: int
    n_tokens: int
    n_places: int
    """Tokens and padding."""
    seconds: float
    """CPU time."""
    loss: float
    """Mean over the steps timed."""


class Stopwatch(TrainerCallback):  # type: ignore[misc]
    """Times the steps after the first, and counts what the model was given."""

    def __init__(self, pad_token_id: int) -> None:
        self._pad_token_id = pad_token_id
        self._batches: list[tuple[int, int]] = []
        self._start = self._end = 0.0
        self._losses: list[float] = []

    def count(self, input_ids: torch.Tensor) -> None:
        self._batches.append((int((input_ids != self._pad_token_id).sum()), input_ids.numel()))

    def on_step_end(self, _args: Any, state: Any, _control: Any, **_: Any) -> None:
        if state.global_step == 1:
            self._start = time.process_time()
        self._end = time.process_time()

    def on_log(self, _args: Any, _state: Any, _control: Any, logs: dict[str, float], **_: Any) -> None:
        if "loss" in logs:
            self._losses.append(logs["loss"])

    def timed(self) -> Timed:
        tokens, places = (sum(counts) for counts in zip(*self._batches[1:], strict=True))
        n_steps = len(self._batches) - 1
        return Timed(n_steps, tokens, places, self._end - self._start, statistics.fmean(self._losses[1:]))


def arguments(config: FinetuneConfig, folder: str) -> TrainingArguments:
    """Our loop's own, less what writes files."""
    ours = training_arguments(config, Path(folder), has_eval=False)
    ours.save_strategy = SaveStrategy.NO
    return ours


def train_with_trl(model: Any, case: Case, tokenizer: Any, folder: str, *, is_packed: bool = False) -> Timed:
    from datasets import Dataset, disable_progress_bars
    from trl import SFTConfig, SFTTrainer

    disable_progress_bars()
    dataset = ScadDataset(case.examples)
    rows = [{name: tensor.tolist() for name, tensor in dataset[i].items()} for i in range(len(dataset))]
    ours = arguments(case.config, folder)
    same = {name: getattr(ours, name) for name in SAME_ARGUMENTS}
    trainer = SFTTrainer(
        model=model,
        args=SFTConfig(
            **same,
            output_dir=folder,
            per_device_train_batch_size=case.n_rows if is_packed else case.config.batch_size_per_process,
            max_length=case.config.max_length,
            packing=is_packed,
            gradient_checkpointing=False,
            save_strategy="no",
            report_to="none",
        ),
        train_dataset=Dataset.from_list(rows),
        processing_class=tokenizer,
    )
    return _run(trainer, case)


def train_with_ours(
    model: Any, case: Case, tokenizer: Any, folder: str, *, is_packed: bool = False, is_fast: bool = True
) -> Timed:
    """`ml.train`'s loop; as there, attention goes by example on a CPU, unless `is_fast` is False."""
    n_rows = case.n_rows if is_packed else case.config.batch_size_per_process
    config = replace(case.config, is_packed=is_packed, batch_size_per_process=n_rows)
    if is_fast:
        attend_by_example(model.get_base_model())
    trainer = make_trainer(
        model,
        config,
        arguments(config, folder),
        train=ScadDataset(case.examples),
        validation=None,
        pad_token_id=case.pad_token_id,
        run=None,
    )
    return _run(trainer, case)


def _run(trainer: Any, case: Case) -> Timed:
    watch = Stopwatch(case.pad_token_id)
    trainer.add_callback(watch)
    trainer.remove_callback(PrinterCallback)
    step = trainer.training_step

    def counted(model: Any, inputs: dict[str, torch.Tensor], *args: Any, **kwargs: Any) -> Any:
        watch.count(inputs["input_ids"])
        return step(model, inputs, *args, **kwargs)

    trainer.training_step = counted
    trainer.train()
    return watch.timed()


WAYS: dict[str, tuple[str, Callable[..., Timed]]] = {
    "trl": ("TRL, padded (its default)", train_with_trl),
    "trl-packed": ("TRL, packing=True", partial(train_with_trl, is_packed=True)),
    "lengths-sdpa": ("ours: like lengths, sdpa", partial(train_with_ours, is_fast=False)),
    "lengths": ("ours: like lengths", train_with_ours),
    "packed-sdpa": ("ours: packed, sdpa", partial(train_with_ours, is_packed=True, is_fast=False)),
    "packed": ("ours: packed", partial(train_with_ours, is_packed=True)),
}
"""Without `sdpa`, attention goes by example."""


def draw_examples(n: int, tokenizer: Any, max_length: int) -> tuple[Encoded, ...]:
    """Four single requests for each conversation; what is longer than max_length is left out, as in a data set."""
    singles = (((e.prompt, e.scad),) for e in sample_examples(2 * n, seed=5, part=Part.TRAIN))
    talks = (tuple((t.prompt, t.scad) for t in talk) for talk in sample_chains(n, seed=5, is_test=False))
    found: list[Encoded] = []
    mixed = chain.from_iterable(zip(singles, singles, singles, singles, talks, strict=False))
    for *turns, (prompt, scad) in mixed:
        encoded = encode_example(tokenizer, prompt, scad, turns=turns)
        if len(encoded.input_ids) <= max_length:
            found.append(encoded)
        if len(found) == n:
            return tuple(found)
    raise SystemExit(f"only {len(found)} of {n} examples have at most {max_length} tokens: ask for fewer")


def measure(case: Case, tokenizer: Any, names: Sequence[str], n_rounds: int) -> dict[str, list[Timed]]:
    found: dict[str, list[Timed]] = {name: [] for name in names}
    for _ in range(n_rounds):
        for name in names:
            set_seed(0)
            base = load_base(SHIPPED_BASE, quantization=case.config.quantization, precision=case.config.precision)
            with tempfile.TemporaryDirectory() as folder:
                found[name].append(WAYS[name][1](attach_lora(base, case.config), case, tokenizer, folder))
    return found


def show(report: Report, title: str, found: dict[str, list[Timed]]) -> None:
    rates = {name: [t.n_tokens / t.seconds for t in runs] for name, runs in found.items()}
    medians = {name: statistics.median(values) for name, values in rates.items()}
    rows: list[Row] = []
    for name, runs in found.items():
        row: Row = {
            "": WAYS[name][0],
            "tokens/s": round(medians[name]),
            "each turn": ", ".join(f"{rate:.0f}" for rate in rates[name]),
            "steps": runs[0].n_steps,
            "tokens a step": round(runs[0].n_tokens / runs[0].n_steps),
            "padding, %": 100 * (1 - runs[0].n_tokens / runs[0].n_places),
            "mean loss": f"{runs[0].loss:.3f}",
        }
        row |= {
            f"× {other}": f"{medians[name] / medians[other]:.2f}" for other in ("trl", "trl-packed") if other in found
        }
        rows.append(row)
    report.show(title, rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n-examples", type=int, default=600)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--quantization", default="none,int8")
    parser.add_argument("--only", default=",".join(WAYS), help="ways, comma-separated")
    parser.add_argument("--max-length", type=int, help="tokens; config tiny's unless given")
    options = parser.parse_args()
    torch.set_num_threads(1)
    quiet_libraries()
    warnings.filterwarnings("ignore", category=FutureWarning)  # names that transformers 6 will drop
    logging.getLogger("trl").setLevel(logging.ERROR)  # that packing wants flash attention, which a CPU hasn't

    config = load_config("tiny", {"max_length": options.max_length} if options.max_length else None)
    config = replace(config, n_processes=1, n_steps=None, n_epochs=1.0, scheduler=Scheduler.CONSTANT, log_every_steps=1)
    tokenizer = load_tokenizer(base_path(config.base_model))
    examples = draw_examples(options.n_examples, tokenizer, config.max_length)
    lengths = [len(e.input_ids) for e in examples]
    n_rows = max(1, round(config.batch_size_per_process * statistics.fmean(lengths) / config.max_length))
    report = Report(is_json=False)
    report.say(
        f"{len(examples)} examples, {sum(lengths)} tokens, {min(lengths)} to {max(lengths)} each; batches of "
        f"{config.batch_size_per_process} examples or {n_rows} packs of {config.max_length}; {torch.__version__}"
    )
    for name in options.quantization.split(","):
        case = Case(replace(config, quantization=Quantization(name)), examples, int(tokenizer.pad_token_id), n_rows)
        show(report, f"quantization {name}", measure(case, tokenizer, options.only.split(","), options.rounds))


if __name__ == "__main__":
    main()
