"""`cad-copilot export` as a person meets it: one line, one exit code, nothing half-written."""

from __future__ import annotations

import json
from pathlib import Path

import typer
from typer.testing import CliRunner

from flows.cli_export import export
from flows.exit_codes import ExitCode

app = typer.Typer()
app.command()(export)


def test_the_base_becomes_a_checked_file_and_a_document(tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = CliRunner().invoke(app, ["base", "--format", "gguf-q8_0", "--out", str(out), "--check", "--json"])
    assert result.exit_code == ExitCode.OK, result.output
    report = json.loads(result.stdout)
    assert report["license_name"] == "apache-2.0"
    assert 0 < report["check"]["relative_error"] <= report["check"]["tolerance"]
    assert (out / report["gguf"]["path"]).stat().st_size == report["gguf"]["n_bytes"]


def test_what_is_wrong_is_one_line_and_its_own_code(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("")
    (tmp_path / "file").write_text("")
    for arguments, code, why in (
        (["base", "--format", "gguf-q4_k", "--out", "o"], ExitCode.USAGE, "gguf-q4_0"),
        (["base", "--format", "adapter", "--out", "o"], ExitCode.USAGE, "no adapter"),
        (["base", "--format", "adapter", "--out", "mine"], ExitCode.USAGE, "no adapter"),
        (["base", "--format", "gguf-f16", "--out", "mine"], ExitCode.USAGE, "no export of ours"),
        (["base", "--format", "gguf-f16", "--out", "file/out"], ExitCode.STORAGE, "can't write"),
    ):
        out = tmp_path / arguments.pop()
        result = CliRunner().invoke(app, [*arguments, str(out)])
        assert result.exit_code == code, result.output
        (line,) = result.stderr.strip().splitlines()
        assert why in line
        assert not (tmp_path / "o").exists()
