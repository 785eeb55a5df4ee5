"""`cad-copilot dataset peek`: what a training batch looks like, on a terminal, as JSON or as a page."""

from __future__ import annotations

import json
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.cli_output import DataDir, Json, check_output, emit, fail
from flows.exit_codes import ExitCode
from flows.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from corpus.schema import TokensRow
    from ml.config import FinetuneConfig

__all__ = ["dataset_peek"]

N_ROWS_READ = 2000
"""Of the token table: enough for a batch of any kind, and read at once."""
N_EXAMPLES_TOKENIZED = 500
"""Where nothing is tokenized for this model yet."""


def dataset_peek(
    n: Annotated[int, typer.Option("--n", help="Rows of the batch.", min=1, max=64)] = 2,
    packed: Annotated[
        bool, typer.Option("--packed", help="Several examples a row, up to the config's length.")
    ] = False,
    config: Annotated[
        str | None, typer.Option(help="Training config that names the model and the length (CAD_COPILOT_TRAIN_CONFIG).")
    ] = None,
    split: Annotated[str, typer.Option(help="train or validation.")] = "train",
    seed: Annotated[int, typer.Option(help="Another seed, another batch.")] = 0,
    html: Annotated[Path | None, typer.Option(help="Write a page of this name instead.", metavar="FILE")] = None,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Show a training batch: its text by prompt, answer, padding and example, its shapes and its counts."""
    if split not in ("train", "validation"):
        raise fail(f"no split {split!r} is trained on; there are train and validation", ExitCode.USAGE)
    check_output(html, (".html",))

    from ml.config import load_config
    from ml.model import base_path
    from ml.peek import html_page, peek_at, renderable
    from ml.tokenizer import load_tokenizer

    settings = load_settings(data_dir=data_dir)
    overrides = {"base_model": settings.base_model} if settings.base_model else {}
    chosen = load_config(config or settings.train_config, overrides)
    tokenizer = load_tokenizer(base_path(chosen.base_model))
    rows, origin = _rows(settings, tokenizer, chosen, split)
    try:
        batch = _batch(rows, chosen.max_length, n, pad_token_id=tokenizer.pad_token_id, is_packed=packed, seed=seed)
    except ValueError as error:
        raise fail(str(error), ExitCode.USAGE) from error
    peek = peek_at(batch, tokenizer)
    if html is not None:
        try:
            html.write_text(html_page(peek), encoding="utf-8")
        except OSError as error:
            raise fail(f"can't write {html}: {error.strerror}", ExitCode.STORAGE) from error
    if as_json or html is not None:
        line = f"{html}: {peek.n_examples} examples from {origin}, {peek.n_tokens} tokens"
        emit(as_json, json.loads(json.dumps({"origin": origin, **asdict(peek)})), line)
        return
    from rich.console import Console

    console = Console(highlight=False)
    console.print(f"from {origin}", markup=False)
    console.print(renderable(peek))


def _rows(settings: Settings, tokenizer: Any, config: FinetuneConfig, split: str) -> tuple[list[TokensRow], str]:
    """(token rows of this model and split, where they are from). Raises typer.Exit without any."""
    from corpus.store import Store
    from ml.tokenizer import fingerprint
    from ml.tokens import tokenize_examples

    store = Store(settings.tables_root)
    tokenizer_id = fingerprint(tokenizer)
    ours = (r for r in store.iter_rows("tokens") if r.tokenizer_id == tokenizer_id and r.split == split)
    if rows := list(islice(ours, N_ROWS_READ)):
        return rows, f"version {store.latest_version('tokens')} of tokens"
    examples = list(islice((r for r in store.iter_rows("examples") if r.split == split), N_EXAMPLES_TOKENIZED))
    rows = tokenize_examples(examples, tokenizer, max_length=config.max_length).rows
    if not rows:
        raise fail(f"no examples to {split} on yet: run `cad-copilot dataset build` first", ExitCode.NO_DATA)
    return rows, f"version {store.latest_version('examples')} of examples, tokenized for this"


def _batch(
    rows: list[TokensRow], max_length: int, n: int, *, pad_token_id: int, is_packed: bool, seed: int
) -> Mapping[str, Tensor]:
    """The first batch of an epoch. Raises ValueError for a row longer than max_length."""
    from ml.dataset import CompletionCollator, LengthGroupedBatchSampler, ScadDataset
    from ml.packing import PackedBatchSampler, PackingCollator

    dataset = ScadDataset.from_rows(rows)
    if is_packed:
        packs = next(iter(PackedBatchSampler(dataset.lengths, max_length=max_length, n_rows=n, seed=seed)))
        return dict(PackingCollator(pad_token_id, max_length)([dataset[pack] for pack in packs]))  # type: ignore[arg-type]
    indices = next(iter(LengthGroupedBatchSampler(dataset.lengths, n, seed=seed)))
    return dict(CompletionCollator(pad_token_id, max_length)(dataset[indices]))  # type: ignore[arg-type]
