"""The look at a batch: it shows the very tokens, in the roles that the loss gives them."""

from __future__ import annotations

import html
import io
import json
import re
from pathlib import Path

import pytest
from finetune_case import TinyCase
from rich.console import Console
from typer.testing import CliRunner

from ml.dataset import CompletionCollator, ScadDataset
from ml.packing import PackingCollator
from ml.peek import Peek, Role, html_page, peek_at, renderable
from ml.tokenizer import load_tokenizer
from ml.tokens import tokenize_examples


@pytest.fixture(scope="module")
def padded(tiny_case: TinyCase) -> Peek:
    return _peek(tiny_case, is_packed=False)


@pytest.fixture(scope="module")
def packed(tiny_case: TinyCase) -> Peek:
    return _peek(tiny_case, is_packed=True)


def _peek(case: TinyCase, *, is_packed: bool) -> Peek:
    tokenizer = load_tokenizer(case.base)
    dataset = ScadDataset.from_rows(tokenize_examples(case.examples[:3], tokenizer, max_length=256).rows)
    pad: int = tokenizer.pad_token_id
    if is_packed:
        return peek_at(PackingCollator(pad, 512)([dataset[[0, 1]], dataset[[2]]]), tokenizer)  # type: ignore[arg-type]
    return peek_at(CompletionCollator(pad, 256)(dataset[[0, 1, 2]]), tokenizer)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["padded", "packed"])
def test_each_example_shows_as_its_prompt_and_its_answer(
    kind: str, tiny_case: TinyCase, request: pytest.FixtureRequest
) -> None:
    peek: Peek = request.getfixturevalue(kind)
    shown = [s for row in peek.rows for s in row.segments if s.role is not Role.PADDING]
    assert [s.role for s in shown] == [Role.PROMPT, Role.ANSWER] * 3
    for example, prompt, answer in zip(tiny_case.examples, shown[::2], shown[1::2], strict=False):
        assert prompt.text == f"<|user|>{example.prompt}<|assistant|>"
        assert answer.text == f"{example.scad}<|end|>"
    assert peek.n_examples == 3


@pytest.mark.parametrize("kind", ["padded", "packed"])
def test_the_counts_add_up_to_the_places(kind: str, request: pytest.FixtureRequest) -> None:
    peek: Peek = request.getfixturevalue(kind)
    rows, width = map(int, re.findall(r"\d+", peek.shapes["input_ids"])[:2])
    assert peek.n_tokens + peek.n_padding == rows * width
    assert peek.padding_share == peek.n_padding / (rows * width)
    assert 0 < peek.n_supervised < peek.n_tokens
    assert (
        peek.rows[-1].n_tokens(Role.PADDING) + sum(r.n_tokens(Role.PADDING) for r in peek.rows[:-1]) == peek.n_padding
    )


def test_a_pack_tells_its_examples_apart(packed: Peek) -> None:
    assert [row.n_examples for row in packed.rows] == [2, 1]
    assert packed.rows[1].segments[-1].role is Role.PADDING


def test_the_page_stands_alone_and_holds_every_token(packed: Peek) -> None:
    page = html_page(packed)
    assert not re.search(r"<script|<link|https?:|@import|src=", page)
    shown = html.unescape(
        "".join(re.findall(r'<span class="(?:prompt|answer)">(.*?)</span>', page.split("<ul>")[1], re.S))
    )
    assert shown == "".join(s.text for row in packed.rows for s in row.segments if s.role is not Role.PADDING)


def test_a_terminal_shows_text_and_numbers(packed: Peek) -> None:
    out = io.StringIO()
    Console(file=out, width=200).print(renderable(packed))
    assert "3 examples" in out.getvalue()
    assert all(s.text.splitlines()[0] in out.getvalue() for row in packed.rows for s in row.segments[:2])


def test_the_command_shows_a_batch_of_the_token_table(
    tiny_case: TinyCase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows.cli_dataset import dataset_app

    (tmp_path / "tables").symlink_to(tiny_case.tables)
    monkeypatch.setenv("CAD_COPILOT_BASE_MODEL", str(tiny_case.base))

    def call(*words: str) -> str:
        result = CliRunner().invoke(dataset_app, ["peek", *words, "--data-dir", str(tmp_path)])
        assert result.exit_code == 0, result.output
        return result.stdout

    document = json.loads(call("--json", "--n", "3", "--split", "validation"))
    assert (document["origin"], document["n_examples"], document["padding_share"] < 0.2) == (
        *("version 1 of tokens", 3),
        True,
    )
    packed = json.loads(call("--json", "--packed"))
    assert "attention_mask" not in packed["shapes"]
    assert packed["n_examples"] > 2
    assert "supervised" in call()
    page = tmp_path / "batch.html"
    call("--html", str(page))
    assert page.read_text().startswith("<!doctype html>")


def test_the_command_without_a_data_set_names_the_next_step(
    tiny_case: TinyCase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows.cli_dataset import dataset_app

    monkeypatch.setenv("CAD_COPILOT_BASE_MODEL", str(tiny_case.base))
    result = CliRunner().invoke(dataset_app, ["peek", "--data-dir", str(tmp_path)])
    assert (result.exit_code, "dataset build" in result.output) == (8, True)
