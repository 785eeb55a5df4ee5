"""`cad-copilot dataset build | export | verify | leaks`: what they write and say, and how each fails."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from command import one_line, run
from typer.testing import CliRunner

from corpus.normalize import content_key
from corpus.schema import CompiledRow, ExampleRow, GeometrySpec, Turn
from corpus.sketches import sketches
from corpus.store import Store
from corpus.validate import CompileTarget, compile_rows
from flows.batches import engine_id
from flows.cli_dataset import dataset_app
from flows.settings import load_settings

PNG = b"\x89PNG\r\n\x1a\n"
BROKEN = "cube([1, 2);\n"


def example(number: int, scad: str | None = None, **changes: object) -> ExampleRow:
    scad = scad or f"cube([{number}, 20, 30]);\n"
    base = ExampleRow(
        *(f"e{number}", content_key(scad), f"a block {number} mm wide", scad, "train", f"c{number}", "synthetic"),
        *("synthetic", "synth", "CC0-1.0", "permissive", "wasm"),
        GeometrySpec((float(number), 20.0, 30.0), None, 1, 0),
    )
    return replace(base, **changes)  # type: ignore[arg-type]


EDIT = example(12, kind="edit", history=(Turn("a block", "cube([9, 20, 30]);\n"),), edit_kind="vague", prompt="wider")
ROWS = [
    *(example(10), EDIT, example(14, split="test", test_set="values")),
    example(16, license_tier="share_alike", license_spdx="CC-BY-SA-4.0", attribution="Block by Ada, CC-BY-SA-4.0"),
    example(18, license_tier="non_commercial", license_spdx="CC-BY-NC-4.0"),
]


def call(data: Path, *words: str | Path, code: int = 0) -> Result:
    result: Result = CliRunner().invoke(dataset_app, [*map(str, words), "--data-dir", str(data)])
    assert result.exit_code == code, result.output
    return result


def document(data: Path, *words: str | Path, code: int = 0) -> Any:
    return json.loads(call(data, *words, "--json", code=code).stdout)


def publish(data: Path, rows: list[ExampleRow]) -> Path:
    Store(data / "tables").replace("examples", rows)
    return data


@pytest.fixture
def data(data_dir: Path) -> Path:
    return publish(data_dir, ROWS)


def know(data: Path, rows: list[ExampleRow]) -> None:
    """Verdicts and sketches of every source, as a build leaves them."""
    store = Store(data / "tables")
    sources = {content_key(s): s for row in rows for s in (row.scad, *(turn.scad for turn in row.history))}
    compiled = compile_rows([CompileTarget(key, scad) for key, scad in sources.items()], data_dir=data)
    store.append("compiled", list(compiled))
    store.append("sketches", list(sketches(sources.values(), sha256s=sources.keys())))


@pytest.mark.parametrize("form", ["hf", "jsonl", "chat"])
def test_an_export_has_the_tiers_that_anyone_may_use(data: Path, tmp_path: Path, form: str) -> None:
    said = document(data, "export", tmp_path / "out", "--format", form)
    assert said["n_by_split"] == {"permissive/test_values": 1, "permissive/train": 2, "share_alike/train": 1}
    assert (said["folder"], said["n_rows"]) == (str(tmp_path / "out"), 4)
    assert all((tmp_path / "out" / name).is_file() for name in said["files"])
    text = call(data, "export", tmp_path / "out", "--format", form).stdout
    assert text.startswith("4 examples in ")
    assert "share_alike/train 1" in text


def test_other_tiers_are_written_by_request_only(data: Path, tmp_path: Path) -> None:
    call(data, "export", tmp_path / "out", "--format", "chat", "--tiers", "non_commercial")
    assert [p.name for p in (tmp_path / "out").iterdir() if p.is_dir()] == ["non_commercial"]


def test_the_card_of_the_version_goes_along_with_its_pictures(data: Path, tmp_path: Path) -> None:
    folder = data / "dataset"
    folder.mkdir()
    (folder / "parts.png").write_bytes(PNG)
    (folder / "README.md").write_text("# Examples, version 1\n\n![parts](parts.png) ![no](gone.png)\n\nThe funnel.\n")
    call(data, "export", tmp_path / "out", "--format", "chat")
    assert "The funnel." in (tmp_path / "out" / "README.md").read_text()
    assert (tmp_path / "out" / "parts.png").read_bytes() == PNG
    publish(data, ROWS[:2])
    call(data, "export", tmp_path / "out", "--format", "chat")
    card = (tmp_path / "out" / "README.md").read_text()
    assert "The funnel." not in card
    assert "version 2" in card
    assert not (tmp_path / "out" / "parts.png").exists()


def test_a_version_of_before_can_be_exported(data: Path, tmp_path: Path) -> None:
    publish(data, ROWS[:1])
    assert document(data, "export", tmp_path / "a")["n_rows"] == 1
    assert document(data, "export", tmp_path / "b", "--version", "1")["n_rows"] == 4
    assert json.loads((tmp_path / "b" / "metadata.json").read_text())["version"] == 1


def test_pictures_of_the_compiled_table_go_into_the_hub_format(data: Path, tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    verdict = CompiledRow(ROWS[0].sha256, "wasm", "ok", is_compiled=True, is_strict=True, thumbnail=PNG)
    Store(data / "tables").append("compiled", [verdict])
    call(data, "export", tmp_path / "out")
    (path,) = (tmp_path / "out" / "permissive").glob("train-*.parquet")
    images = {row["id"]: row["image"] for row in pq.read_table(path).to_pylist()}
    assert images == {"e10": {"bytes": PNG, "path": None}, "e12": None}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--format", "csv"), "no format 'csv'; there are hf, jsonl, chat"),
        (("--tiers", "free"), "no licence tiers 'free'; there are permissive, share_alike, non_commercial"),
        (("--tiers", ","), "no licence tiers ','"),
    ],
)
def test_what_cannot_be_exported_is_told_in_one_line(
    data: Path, tmp_path: Path, words: tuple[str, ...], says: str
) -> None:
    result = call(data, "export", tmp_path / "out", *words, code=2)
    assert says in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_a_folder_of_something_else_is_never_touched(data: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "README.md").write_text("# mine\n")
    assert "holds something that is no export" in call(data, "export", project, code=2).stderr
    assert [p.name for p in project.iterdir()] == ["README.md"]
    (tmp_path / "file").write_text("")
    assert "can't write" in call(data, "export", tmp_path / "file" / "out", code=5).stderr


@pytest.mark.parametrize("words", [("export", "out"), ("verify",), ("leaks",)])
def test_without_examples_there_is_nothing_to_do(tmp_path: Path, words: tuple[str, ...]) -> None:
    assert "run `cad-copilot dataset build` first" in call(tmp_path, *words, code=8).stderr


def test_verify_compiles_every_source_once_and_finds_nothing_wrong(data: Path) -> None:
    said = document(data, "verify")
    assert said == {"n_examples": 5, "n_sources": 6, "n_strict": 6, "n_on_spec": 5, "failures": []}
    assert "6 of 6 sources strict, 5 of 5 examples on spec" in call(data, "verify").stdout


def test_a_sample_is_chosen_by_seed(data: Path) -> None:
    assert document(data, "verify", "--sample", "2")["n_examples"] == 2
    assert document(data, "verify", "--sample", "99")["n_examples"] == 5
    call(data, "verify", "--sample", "-1", code=2)


def test_verify_finds_what_is_not_strict_not_as_asked_or_not_what_its_key_says(data_dir: Path) -> None:
    rows = [
        example(1, BROKEN),
        replace(EDIT, history=(Turn("a block", "square(3);\n"),)),
        example(3, spec=GeometrySpec((4.0, 20.0, 30.0))),
        example(5, sha256=content_key("cube(1);")),
    ]
    said = document(publish(data_dir, rows), "verify", code=12)
    assert (said["n_examples"], said["n_sources"], said["n_strict"], said["n_on_spec"]) == (4, 5, 3, 2)
    failures = dict(failure.split(": ", 1) for failure in said["failures"])
    assert failures[content_key(BROKEN)] == "syntax_error, not strict"
    assert failures[content_key("square(3);\n")].endswith("not strict")
    assert failures["e3"] == "size 3 x 20 x 30 mm instead of 4 x 20 x 30"
    assert failures["e5"] == "not the content of its key"


def test_no_leak_is_a_table_of_zeros(data_dir: Path) -> None:
    rows = [
        example(10, "cube([10, 20, 30]);\n"),
        example(14, "cylinder(d = 9, h = 50, $fn = 12);\n", split="test", test_set="values", prompt="a rod"),
        example(15, "sphere(8, $fn = 16);\n", split="test", test_set="real", prompt="a ball"),
    ]
    know(publish(data_dir, rows), rows)
    said = document(data_dir, "leaks")
    zeros = dict.fromkeys(("exact", "near", "masked", "shape", "text"), 0)
    assert said == {"n_train": 1, "n_leaks": 0, "test_sets": {"real": {"n": 1, **zeros}, "values": {"n": 1, **zeros}}}
    assert "0 leaks between 1 examples" in call(data_dir, "leaks").stdout


def test_a_planted_leak_is_found_at_its_depth_even_in_the_middle_of_a_conversation(data_dir: Path) -> None:
    secret = "translate([1, 2, 3])\n  cube([9, 20, 31]);\n"
    rows = [
        replace(EDIT, history=(Turn("a block", secret),)),
        example(14, "translate( [1,2,3] ) cube([9,20,31]);", split="test", test_set="edits", prompt="a bar of 9 mm"),
    ]
    know(publish(data_dir, rows), rows)
    said = document(data_dir, "leaks", code=12)
    assert said["test_sets"]["edits"]["exact"] == 1
    assert said["n_leaks"] >= 1


def test_the_starters_tests_may_share_structures_with_training(data_dir: Path) -> None:
    scad = "difference() {{\n  cube([{}, 40, 8]);\n  translate([{}, 20, -1])\n    cylinder(d = {}, h = 10);\n}}\n"
    rows = [
        example(10, scad.format(60, 30, 6), family_group="base"),
        example(14, scad.format(75, 20, 9), split="test", test_set="values", family_group="base", prompt="another"),
    ]
    know(publish(data_dir, rows), rows)
    assert set(document(data_dir, "leaks")["test_sets"]["values"]) == {"n", "exact", "shape", "text"}
    text = call(data_dir, "leaks").stdout
    assert "| values | 1 | 0 | – | – | 0 | 0 |" in text


def test_what_was_never_sketched_is_not_called_clean(data: Path) -> None:
    assert "never sketched or compiled by this engine" in call(data, "leaks", code=8).stderr


def test_a_whole_build_verifies_leaks_nothing_and_exports(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("SOURCES", "gallery"), ("N_SYNTH", "8"), ("N_TEST_PROMPTS", "8")):
        monkeypatch.setenv(f"CAD_COPILOT_{name}", value)
    build = ("build", "--recipe", "starter", "--no-collect")
    report = document(data_dir, *build)
    rows = Store(data_dir / "tables").rows("examples")
    assert report["n_examples"] == len(rows) > 8
    assert {row.engine_id for row in rows} == {engine_id(load_settings(data_dir=data_dir))}
    assert document(data_dir, "verify")["failures"] == []
    assert document(data_dir, "leaks")["n_leaks"] == 0
    assert document(data_dir, "export", tmp_path / "out")["n_rows"] == len(rows)
    text = call(data_dir, *build).stdout
    assert "0 files compiled" in text
    assert text.startswith("stage ")


def test_an_unknown_recipe_is_a_usage_error_from_the_option_and_the_environment(tmp_path: Path) -> None:
    assert run("dataset", "build", "--recipe", "x", data_dir=tmp_path).returncode == 2
    assert run("dataset", "build", data_dir=tmp_path, CAD_COPILOT_RECIPE="x").returncode == 2
    missing = run("dataset", "leaks", data_dir=tmp_path)
    assert missing.returncode == 8
    assert "no examples yet" in one_line(missing)
