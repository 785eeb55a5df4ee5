"""The command as a person meets it: real processes, real engine, one line and one exit code for each cause."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from flows.exit_codes import ExitCode

COMMAND = Path(sys.executable).parent / "cad-copilot"


def _run(
    *arguments: str | Path, data_dir: Path, stdin: str | None = None, **env: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(COMMAND), *map(str, arguments)],
        env=os.environ | {"CAD_COPILOT_DATA_DIR": str(data_dir)} | env,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
    )


def _one_line(result: subprocess.CompletedProcess[str]) -> str:
    lines = (result.stderr or result.stdout).strip().splitlines()
    assert len(lines) == 1, result.stderr + result.stdout
    return lines[0]


def test_compile_writes_the_mesh_and_says_what_it_measures(data_dir: Path, tmp_path: Path) -> None:
    source = tmp_path / "part.scad"
    source.write_text("difference() { cube([20, 30, 4]); translate([10, 15, -1]) cylinder(d = 5, h = 6, $fn = 64); }")
    mesh = tmp_path / "part.stl"
    result = _run("compile", source, "-o", mesh, "--json", data_dir=data_dir)
    assert result.returncode == ExitCode.OK, result.stderr
    answer = json.loads(result.stdout)
    assert answer["status"] == "ok"
    assert answer["size_mm"] == [20, 30, 4]
    assert (answer["genus"], answer["n_components"], answer["is_closed"]) == (1, 1, True)
    assert mesh.stat().st_size == 84 + 50 * answer["n_triangles"]


def test_compile_reads_standard_input(data_dir: Path) -> None:
    result = _run("compile", "-", data_dir=data_dir, stdin="cube(7);")
    assert result.returncode == ExitCode.OK
    assert "7.00 x 7.00 x 7.00 mm, 343.0 mm3" in result.stdout


def test_compile_takes_the_files_beside_the_source_but_none_above_it(data_dir: Path, tmp_path: Path) -> None:
    folder = tmp_path / "design"
    (folder / "parts").mkdir(parents=True)
    (folder / "parts" / "box.scad").write_text("use <more.scad>\nmodule box() { more(); }")
    (folder / "parts" / "more.scad").write_text("module more() { cube(3); }")
    (tmp_path / "secret.scad").write_text("cube(99);")
    (folder / "main.scad").write_text("use <parts/box.scad>\nbox();")
    (folder / "escape.scad").write_text("include <../secret.scad>\ncube(1);")
    assert "3.00 x 3.00 x 3.00 mm" in _run("compile", folder / "main.scad", data_dir=data_dir).stdout
    escaped = _run("compile", folder / "escape.scad", data_dir=data_dir)
    assert escaped.returncode == ExitCode.OK
    assert "escape.scad: warning: 1.00 x 1.00 x 1.00 mm" in escaped.stdout


@pytest.mark.parametrize(
    ("source", "status"),
    [
        ("cube(10", "syntax_error"),
        ("square(3);", "not_3d"),
        ("", "empty"),
        ("assert(false);", "assert_failed"),
        ("x = 1;\0", "bad_input"),
        ("// " + "x" * (2 << 20), "too_large"),
        ("for (i = [0 : 99999]) for (j = [0 : 99999]) if (i + j < 0) cube(1);", "timeout"),
    ],
)
def test_a_source_that_does_not_compile_is_one_line_and_its_own_code(
    data_dir: Path, tmp_path: Path, source: str, status: str
) -> None:
    path = tmp_path / "bad.scad"
    path.write_text(source)
    result = _run("compile", path, "--timeout", "2", data_dir=data_dir)
    assert result.returncode == ExitCode.BAD_SOURCE
    assert _one_line(result).startswith(str(path))
    assert status in result.stdout


def test_binary_input_is_refused_in_one_line(data_dir: Path, tmp_path: Path) -> None:
    path = tmp_path / "photo.scad"
    path.write_bytes(bytes(range(256)) * 10)
    result = _run("compile", path, data_dir=data_dir)
    assert result.returncode == ExitCode.BAD_SOURCE
    assert "bad_input" in _one_line(result)


def test_render_draws_a_picture(data_dir: Path, tmp_path: Path) -> None:
    source, picture = tmp_path / "cube.scad", tmp_path / "cube.png"
    source.write_text("cube(10);")
    result = _run("render", source, "-o", picture, "--size", "128", data_dir=data_dir)
    assert result.returncode == ExitCode.OK, result.stderr
    from PIL import Image

    with Image.open(picture) as image:
        assert image.size == (128, 128)
        assert len(image.convert("RGB").getcolors(1 << 16) or []) > 5


def test_a_missing_engine_says_how_to_get_it(tmp_path: Path) -> None:
    result = _run("compile", "-", "--engine=wasm", data_dir=tmp_path / "empty", stdin="cube(1);")
    assert result.returncode == ExitCode.ENGINE_MISSING
    assert "make setup" in _one_line(result)


@pytest.mark.parametrize(("name", "why"), [("part.txt", ".stl"), ("missing/part.stl", "its folder is missing")])
def test_an_output_that_cannot_be_written_is_told_before_any_work(
    data_dir: Path, tmp_path: Path, name: str, why: str
) -> None:
    result = _run("generate", "a cube of 10 mm", "-o", tmp_path / name, data_dir=data_dir)
    assert result.returncode == ExitCode.USAGE
    assert why in _one_line(result)


def test_a_mesh_that_is_none_is_refused_in_one_line(data_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "broken.stl").write_bytes(b"solid of nothing")
    result = _run("render", tmp_path / "broken.stl", "-o", tmp_path / "x.png", data_dir=data_dir)
    assert result.returncode == ExitCode.BAD_SOURCE
    assert "broken.stl" in _one_line(result)


def test_ctrl_c_says_that_the_same_command_goes_on(data_dir: Path) -> None:
    process = subprocess.Popen(
        [str(COMMAND), "curate"],
        env=os.environ | {"CAD_COPILOT_DATA_DIR": str(data_dir), "CAD_COPILOT_N_SYNTH": "2000"},
        stderr=subprocess.PIPE,
        text=True,
    )
    while not (data_dir / "synth").exists() and process.poll() is None:
        time.sleep(0.05)
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == ExitCode.INTERRUPTED
    assert stderr.strip().splitlines()[-1].endswith("the same command goes on where it was")


def test_generate_writes_the_plate_of_the_readme(data_dir: Path, tmp_path: Path) -> None:
    mesh = tmp_path / "plate.stl"
    prompt = "a plate 60 x 40 x 3 mm with a 5 mm hole in the middle"
    result = _run("generate", prompt, "-o", mesh, "--json", data_dir=data_dir)
    assert result.returncode == ExitCode.OK, result.stderr
    answer = json.loads(result.stdout)
    assert answer["size_mm"] == [60, 40, 3]
    assert answer["volume_mm3"] == pytest.approx(60 * 40 * 3 - 3 * 3.14159 * 2.5**2, rel=1e-3)
    assert (answer["genus"], answer["is_closed"]) == (1, True)
    assert mesh.stat().st_size > 84


def test_an_unknown_setting_names_the_nearest(data_dir: Path) -> None:
    result = _run("doctor", data_dir=data_dir, CAD_COPILOT_ENGIN="wasm")
    assert result.returncode == ExitCode.USAGE
    assert "did you mean CAD_COPILOT_ENGINE?" in _one_line(result)


def test_an_unknown_source_names_the_known(data_dir: Path) -> None:
    result = _run("collect", "thingyverse", data_dir=data_dir)
    assert result.returncode == ExitCode.USAGE
    assert "gallery" in _one_line(result)


def test_an_unreachable_site_is_one_line_and_its_own_code(data_dir: Path) -> None:
    result = _run("collect", "gallery", data_dir=data_dir, CAD_COPILOT_GALLERY_URL="http://127.0.0.1:9/")
    assert result.returncode == ExitCode.UNREACHABLE
    assert "127.0.0.1:9" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_stage_without_the_one_before_says_which_to_run(data_dir: Path) -> None:
    result = _run("finetune", data_dir=data_dir)
    assert result.returncode == ExitCode.NO_DATA
    assert "cad-copilot curate" in _one_line(result)


def test_doctor_tells_what_is_there_as_json(data_dir: Path) -> None:
    result = _run("doctor", "--json", data_dir=data_dir, GITHUB_TOKEN="not-to-be-shown")
    checks = {c["name"]: c for c in json.loads(result.stdout)}
    assert checks["engine"]["found"].startswith("wasm-")
    assert checks["GITHUB_TOKEN"]["found"] == "set"
    assert {"node", "disk", "gpu", "python"} <= set(checks)
    assert "not-to-be-shown" not in result.stdout + result.stderr


def test_doctor_names_the_next_step_for_a_missing_engine(tmp_path: Path) -> None:
    result = _run("doctor", data_dir=tmp_path, CAD_COPILOT_ENGINE="wasm")
    assert result.returncode == ExitCode.ENGINE_MISSING
    assert any(line.startswith("NO  engine") and "make setup" in line for line in result.stdout.splitlines())


def test_a_folder_that_cannot_be_written_is_a_storage_error(data_dir: Path, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    result = _run("collect", "openscad_examples", data_dir=blocked / "var")
    assert result.returncode == ExitCode.STORAGE
    assert str(blocked) in _one_line(result)
