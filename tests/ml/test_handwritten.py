"""The hand-written prompts are what they say: enough, distinct, and their specs are what the engine measures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from render import CompileJob, compile_many

_FOLDER = Path(__file__).parent / "handwritten"


def _rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (_FOLDER / name).read_text(encoding="utf-8").splitlines()]


def test_there_are_enough_of_them_and_no_two_alike() -> None:
    prompts, edits = _rows("prompts.jsonl"), _rows("edits.jsonl")
    assert len({row["prompt"] for row in prompts}) == len(prompts) >= 150
    assert len({json.dumps(row["messages"]) for row in edits}) == len(edits) >= 60
    ids = [row["prompt_id"] for row in (*prompts, *edits)]
    assert len(set(ids)) == len(ids)


def test_an_edit_ends_with_a_request_and_changes_the_source() -> None:
    for row in _rows("edits.jsonl"):
        roles = [message["role"] for message in row["messages"]]
        assert roles == ["user", "assistant"] * (len(roles) // 2) + ["user"], row["prompt_id"]
        assert row["messages"][-2]["content"].strip() != row["reference"].strip(), row["prompt_id"]


@pytest.mark.parametrize("name", ["prompts.jsonl", "edits.jsonl"])
def test_the_specs_are_what_the_engine_measures_on_the_references(name: str) -> None:
    rows = _rows(name)
    for row, result in zip(rows, compile_many(CompileJob(row["reference"]) for row in rows), strict=True):
        assert result.is_strict, f"{row['prompt_id']}: {result.status}"
        assert result.stats is not None
        for key, asked in row["spec"].items():
            if asked is not None:
                found = getattr(result.stats, key)
                found = list(found) if key == "size_mm" else found
                assert found == pytest.approx(asked, rel=1e-4, abs=1e-3), f"{row['prompt_id']} {key}"
