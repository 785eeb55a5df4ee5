"""Files of prompts: what is read is what stands there, and a bad line is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.schema import GeometrySpec, Turn
from ml.benchmarks.prompts_file import PromptsUnusable, read_prompts

_HAND = Path(__file__).parent / "handwritten"


def test_the_hand_written_sets_are_read_whole() -> None:
    prompts, edits = read_prompts(_HAND / "prompts.jsonl"), read_prompts(_HAND / "edits.jsonl")
    assert (len(prompts), len(edits)) == (170, 72)
    assert {row.kind for row in prompts} == {"design"}
    assert {row.kind for row in edits} == {"edit"}
    assert {row.test_set for row in edits} == {"edits"}
    assert {row.split for row in (*prompts, *edits)} == {"test"}


def test_a_conversation_becomes_its_history_and_the_last_request(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text(
        '{"prompt_id": "a", "messages": [{"role": "user", "content": "a cube"}, '
        '{"role": "assistant", "content": "cube(5);"}, {"role": "user", "content": "7 mm"}], '
        '"spec": {"size_mm": [7, 7, 7], "genus": 0}}\n'
    )
    (row,) = read_prompts(path)
    assert row.history == (Turn("a cube", "cube(5);"),)
    assert (row.prompt, row.test_set) == ("7 mm", "mine")
    assert row.spec == GeometrySpec((7.0, 7.0, 7.0), None, None, 0)


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("{", "line 2"),
        ('{"prompt_id": "x", "prompt": "a cube"}', "'spec' is missing"),
        ('{"prompt_id": "x", "prompt": "a cube", "spec": {}}', "nothing that can be measured"),
        ('{"prompt_id": "x", "prompt": "a cube", "spec": {"sides": 3}}', "'sides'"),
        ('{"prompt_id": "x", "prompt": "a cube", "spec": {"size_mm": [1, 2]}}', "three numbers"),
        ('{"prompt_id": "ok", "prompt": "a cube", "spec": {"genus": 0}}', "twice"),
        ('{"prompt_id": "x", "messages": [{"role": "assistant", "content": ""}], "spec": {"genus": 0}}', "in turn"),
        ("[1]", "line 2"),
    ],
)
def test_a_bad_line_is_named_with_what_is_wrong(tmp_path: Path, line: str, word: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text(f'{{"prompt_id": "ok", "prompt": "a cube", "spec": {{"genus": 0}}}}\n{line}\n')
    with pytest.raises(PromptsUnusable, match="line 2") as caught:
        read_prompts(path)
    assert word in str(caught.value)


def test_a_file_without_prompts_and_one_that_is_not_there_are_told(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_text("\n")
    for name in ("empty.jsonl", "missing.jsonl"):
        with pytest.raises(PromptsUnusable, match=name):
            read_prompts(tmp_path / name)
