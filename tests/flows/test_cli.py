"""The command as a person meets it: real processes, real engine, one line and one exit code for each cause."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from command import COMMAND, one_line, run

from flows.exit_codes import ExitCode


@pytest.mark.parametrize(("name", "why"), [("part.txt", ".stl"), ("missing/part.stl", "its folder is missing")])
def test_an_output_that_cannot_be_written_is_told_before_any_work(
    data_dir: Path, tmp_path: Path, name: str, why: str
) -> None:
    result = run("generate", "a cube of 10 mm", "-o", tmp_path / name, data_dir=data_dir)
    assert result.returncode == ExitCode.USAGE
    assert why in one_line(result)


def test_ctrl_c_says_that_the_same_command_goes_on(data_dir: Path) -> None:
    process = subprocess.Popen(
        [str(COMMAND), "curate"],
        env=os.environ | {"CAD_COPILOT_DATA_DIR": str(data_dir), "CAD_COPILOT_N_SYNTH": "2000"},
        stderr=subprocess.PIPE,
        text=True,
    )
    while not (data_dir / "tables" / "compiled").exists() and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == ExitCode.INTERRUPTED
    assert stderr.strip().splitlines()[-1].endswith("the same command goes on where it was")


def test_generate_writes_the_plate_of_the_readme(data_dir: Path, tmp_path: Path) -> None:
    mesh = tmp_path / "plate.stl"
    prompt = "a plate 60 x 40 x 3 mm with a 5 mm hole in the middle"
    result = run("generate", prompt, "-o", mesh, "--json", data_dir=data_dir)
    assert result.returncode == ExitCode.OK, result.stderr
    answer = json.loads(result.stdout)
    assert answer["size_mm"] == [60, 40, 3]
    assert answer["volume_mm3"] == pytest.approx(60 * 40 * 3 - 3 * 3.14159 * 2.5**2, rel=1e-3)
    assert (answer["genus"], answer["is_closed"]) == (1, True)
    assert mesh.stat().st_size > 84


def test_an_unknown_setting_names_the_nearest(data_dir: Path) -> None:
    result = run("doctor", data_dir=data_dir, CAD_COPILOT_ENGIN="wasm")
    assert result.returncode == ExitCode.USAGE
    assert "did you mean CAD_COPILOT_ENGINE?" in one_line(result)


def test_an_unknown_source_names_the_known(data_dir: Path) -> None:
    result = run("collect", "thingyverse", data_dir=data_dir)
    assert result.returncode == ExitCode.USAGE
    assert "gallery" in one_line(result)


def test_an_unreachable_site_is_one_line_and_its_own_code(data_dir: Path) -> None:
    result = run("collect", "gallery", data_dir=data_dir, CAD_COPILOT_GALLERY_URL="http://127.0.0.1:9/")
    assert result.returncode == ExitCode.UNREACHABLE
    assert "127.0.0.1:9" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_stage_without_the_one_before_says_which_torun(data_dir: Path) -> None:
    result = run("finetune", data_dir=data_dir)
    assert result.returncode == ExitCode.NO_DATA
    assert "cad-copilot curate" in one_line(result)


def test_doctor_tells_what_is_there_as_json(data_dir: Path) -> None:
    result = run("doctor", "--json", data_dir=data_dir, GITHUB_TOKEN="not-to-be-shown")
    checks = {c["name"]: c for c in json.loads(result.stdout)}
    assert checks["engine"]["found"].startswith("wasm-")
    assert checks["GITHUB_TOKEN"]["found"] == "set"
    assert {"node", "disk", "gpu", "python"} <= set(checks)
    assert "not-to-be-shown" not in result.stdout + result.stderr


def test_doctor_names_the_next_step_for_a_missing_engine(tmp_path: Path) -> None:
    result = run("doctor", data_dir=tmp_path, CAD_COPILOT_ENGINE="wasm")
    assert result.returncode == ExitCode.ENGINE_MISSING
    assert any(line.startswith("NO  engine") and "make setup" in line for line in result.stdout.splitlines())


def test_a_folder_that_cannot_be_written_is_a_storage_error(data_dir: Path, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    result = run("collect", "openscad_examples", data_dir=blocked / "var")
    assert result.returncode == ExitCode.STORAGE
    assert str(blocked) in one_line(result)
