"""`cad-copilot dataset show | log | diff | gc`: what they say, as text and as JSON, and how they fail."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from corpus.schema import TABLES, ExampleRow, GeometrySpec, RejectedRow, Turn
from corpus.store import Store
from flows.cli_tables import add_table_commands

APP = typer.Typer()
add_table_commands(APP)


def example(number: int) -> ExampleRow:
    return ExampleRow(
        *(f"e{number}", "sha", f"a box of {number} mm", f"cube({number});\n", "train", "c", "synthetic"),
        *("synthetic", "starter", "CC-BY-4.0", "permissive", "wasm"),
        GeometrySpec(size_mm=(1.0, 2.0, float(number))),
        attribution="Ada",
    )


@pytest.fixture
def data(tmp_path: Path) -> Path:
    store = Store(tmp_path / "tables")
    store.replace("examples", [example(1), example(2)])
    store.replace("examples", [replace(example(2), prompt="a cube"), example(3), example(4)])
    store.append("rejected", [RejectedRow("k", "clean", "empty")])
    path = tmp_path / "tables" / "examples" / "versions" / "000001.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"created_at": "2026-01-01T00:00:00+00:00"}))
    return tmp_path


def call(data: Path, *words: str, code: int = 0) -> str:
    result: Result = CliRunner().invoke(APP, [*words, "--data-dir", str(data)])
    assert result.exit_code == code, result.output
    return result.stdout if code == 0 else result.stderr


def document(data: Path, *words: str) -> Any:
    return json.loads(call(data, *words, "--json"))


def test_show_counts_every_table(data: Path) -> None:
    found = document(data, "show")
    assert set(found) == set(TABLES)
    assert found["examples"] == {"version": 2, "n_rows": 3}
    assert found["crawled"] == {"version": None, "n_rows": 0}
    assert "no card yet" in call(data, "show")


def test_show_gives_one_example_with_its_turns(data: Path) -> None:
    edit = replace(example(9), kind="edit", edit_kind="scale", history=(Turn("a thing", "sphere(4);\n"),))
    Store(data / "tables").append("examples", [edit])
    text = call(data, "show", "--example", "e9")
    wanted = ("CC-BY-4.0 (permissive), Ada", "size_mm=[1.0, 2.0, 9.0]", "request 1:\na thing\n\nsphere(4);")
    for piece in (*wanted, "request 2:\na box of 9 mm\n\ncube(9);"):
        assert piece in text
    assert document(data, "show", "--example", "e1", "--version", "1")["prompt"] == "a box of 1 mm"
    assert "version 3 of examples has no example e1" in call(data, "show", "--example", "e1", code=2)
    assert "no examples yet: run `cad-copilot dataset build`" in call(data / "none", "show", "--example", "e1", code=8)


def test_log_is_newest_first(data: Path) -> None:
    assert [(m["version"], m["n_rows"]) for m in document(data, "log")] == [(2, 3), (1, 2)]
    assert call(data, "log", "crawled") == "crawled has no version yet\n"
    assert "no table nope; known: crawled" in call(data, "log", "nope", code=2)


@pytest.mark.parametrize("words", [("1", "2"), ("examples", "1", "latest"), ("2026-02-01", "latest")])
def test_diff_takes_numbers_moments_and_latest(data: Path, words: tuple[str, ...]) -> None:
    found = document(data, "diff", *words)
    assert (found["added"], found["removed"], found["changed"]) == ([["e3"], ["e4"]], [["e1"]], [["e2"]])
    assert (found["n_added"], found["n_removed"], found["n_changed"]) == (2, 1, 1)
    assert found["by_column"]["split"] == {"train": {"n_added": 2, "n_removed": 1, "n_changed": 1}}
    text = call(data, "diff", *words, "--limit", "1")
    assert text.startswith("examples 1 → 2: 2 → 3 rows; 2 added, 1 removed, 1 changed\n")
    assert "+ e3\n+ … and 1 more" in text
    assert "- e1\n\n~ e2\n" in text


@pytest.mark.parametrize(
    ("words", "code", "line"),
    [
        (("1",), 2, "give two versions"),
        (("nope", "1", "2"), 2, "no table nope"),
        (("1", "7"), 2, "table examples has no version 7; it has: 1, 2"),
        (("1", "noon"), 2, "'noon' is no ISO-8601 time"),
        (("2020-01-01", "2"), 8, "table examples has no version of 2020-01-01 or before"),
        (("crawled", "1", "2"), 8, "table crawled has no version 1; it has: none"),
    ],
)
def test_diff_says_in_one_line_what_it_can_not_do(data: Path, words: tuple[str, ...], code: int, line: str) -> None:
    errors = call(data, "diff", *words, code=code)
    assert line in errors
    assert len(errors.splitlines()) == 1


def test_gc_rehearses_then_frees_what_it_said(data: Path) -> None:
    options = ("gc", "examples", "--keep-versions", "1", "--keep-days", "0")
    assert document(data, *options, "--dry-run")["tables"][0]["removed_versions"] == []  # the newest within the hour
    for version in (1, 2):
        path = data / "tables" / "examples" / "versions" / f"00000{version}.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | {"created_at": f"2026-01-0{version}T00:00:00+00:00"}))
    said = document(data, *options, "--dry-run")
    assert Store(data / "tables").versions("examples") == [1, 2]
    text = call(data, *options)
    assert text.splitlines()[0].startswith("examples     versions: kept 1, removed 1; parts: removed 0; ")
    assert said["n_bytes"] > 0
    assert Store(data / "tables").versions("examples") == [2]
    assert [t["table"] for t in document(data, "gc")["tables"]] == ["examples", "rejected"]
    assert "no table nope" in call(data, "gc", "nope", code=2)


@pytest.mark.parametrize("command", ["show", "log", "diff", "gc"])
def test_help_names_every_option(command: str) -> None:
    text = CliRunner().invoke(APP, [command, "--help"], env={"COLUMNS": "200", "TERM": "dumb"}).output
    options = {
        "show": ("--example", "--version"),
        "log": ("Table name.",),
        "diff": ("[TABLE] A B", "--limit", "latest"),
        "gc": ("--keep-versions", "--keep-days", "--dry-run"),
    }
    for word in (*options[command], "--json", "--data-dir"):
        assert word in text
