"""`cad-copilot compile | render | measure | inspect | libraries` as a person meets them."""

from __future__ import annotations

import fcntl
import io
import json
import os
import pty
import shutil
import signal
import struct
import subprocess
import termios
import time
from pathlib import Path

import psutil
import pytest
from command import COMMAND, one_line, run
from PIL import Image

from flows.exit_codes import ExitCode

PLATE = "difference() { cube([20, 30, 4]); translate([10, 15, -1]) cylinder(d = 5, h = 6, $fn = 64); }"
LOOP = "for (i = [0 : 99999]) for (j = [0 : 99999]) if (i + j < 0) cube(1);"


def test_compile_writes_the_mesh_and_says_what_it_measures(data_dir: Path, tmp_path: Path) -> None:
    source = tmp_path / "part.scad"
    source.write_text("difference() { cube([20, 30, 4]); translate([10, 15, -1]) cylinder(d = 5, h = 6, $fn = 64); }")
    mesh = tmp_path / "part.stl"
    result = run("compile", source, "-o", mesh, "--json", data_dir=data_dir)
    assert result.returncode == ExitCode.OK, result.stderr
    answer = json.loads(result.stdout)
    assert answer["status"] == "ok"
    assert answer["size_mm"] == [20, 30, 4]
    assert (answer["genus"], answer["n_components"], answer["is_closed"]) == (1, 1, True)
    assert mesh.stat().st_size == 84 + 50 * answer["n_triangles"]


def test_compile_reads_standard_input(data_dir: Path) -> None:
    result = run("compile", "-", data_dir=data_dir, stdin="cube(7);")
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
    assert "3.00 x 3.00 x 3.00 mm" in run("compile", folder / "main.scad", data_dir=data_dir).stdout
    escaped = run("compile", folder / "escape.scad", data_dir=data_dir)
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
    result = run("compile", path, "--timeout", "2", data_dir=data_dir)
    assert result.returncode == ExitCode.BAD_SOURCE
    assert one_line(result).startswith(str(path))
    assert status in result.stdout


def test_binary_input_is_refused_inone_line(data_dir: Path, tmp_path: Path) -> None:
    path = tmp_path / "photo.scad"
    path.write_bytes(bytes(range(256)) * 10)
    result = run("compile", path, data_dir=data_dir)
    assert result.returncode == ExitCode.BAD_SOURCE
    assert "bad_input" in one_line(result)


def test_render_draws_a_picture(data_dir: Path, tmp_path: Path) -> None:
    source, picture = tmp_path / "cube.scad", tmp_path / "cube.png"
    source.write_text("cube(10);")
    result = run("render", source, "-o", picture, "--size", "128", data_dir=data_dir)
    assert result.returncode == ExitCode.OK, result.stderr
    from PIL import Image

    with Image.open(picture) as image:
        assert image.size == (128, 128)
        assert len(image.convert("RGB").getcolors(1 << 16) or []) > 5


def test_a_missing_engine_says_how_to_get_it(tmp_path: Path) -> None:
    result = run("compile", "-", "--engine=wasm", data_dir=tmp_path / "empty", stdin="cube(1);")
    assert result.returncode == ExitCode.ENGINE_MISSING
    assert "make setup" in one_line(result)


def test_a_mesh_that_is_none_is_refused_inone_line(data_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "broken.stl").write_bytes(b"solid of nothing")
    result = run("render", tmp_path / "broken.stl", "-o", tmp_path / "x.png", data_dir=data_dir)
    assert result.returncode == ExitCode.BAD_SOURCE
    assert "broken.stl" in one_line(result)


def lines_of(result: subprocess.CompletedProcess[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def folder_of(tmp_path: Path, **sources: str) -> Path:
    folder = tmp_path / "designs"
    folder.mkdir()
    for name, source in sources.items():
        (folder / f"{name}.scad").write_text(source)
    return folder


def test_a_folder_gives_a_json_line_a_file_in_order_and_a_summary(data_dir: Path, tmp_path: Path) -> None:
    folder = folder_of(tmp_path, a="cube(1);", b="cube(", c="cube(3);", d="square(1);")
    result = run("compile", folder, "--json", data_dir=data_dir)
    assert result.returncode == ExitCode.BAD_SOURCE
    assert [(Path(str(d["file"])).stem, d["status"]) for d in lines_of(result)] == [
        ("a", "ok"), ("b", "syntax_error"), ("c", "ok"), ("d", "not_3d")
    ]  # fmt: skip
    assert result.stderr.strip() == "2 of 4 files compile (1 not_3d, 1 syntax_error)"


@pytest.mark.parametrize("suffix", ["stl", "off", "3mf", "glb", "obj"])
def test_meshes_go_into_a_folder_in_the_format_asked_for(data_dir: Path, tmp_path: Path, suffix: str) -> None:
    folder = folder_of(tmp_path, a="cube(1);", b="cube(", c="cube(3);")
    run("compile", folder, "--out", tmp_path / "meshes", "--format", suffix, data_dir=data_dir)
    assert sorted(p.name for p in (tmp_path / "meshes").iterdir()) == [f"a.{suffix}", f"c.{suffix}"]


def test_meshes_keep_the_folders_that_their_sources_are_in(data_dir: Path, tmp_path: Path) -> None:
    for name in ("x/part", "y/part", "x-part"):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / f"{name}.scad").write_text("cube(1);")
    result = run("compile", tmp_path / "in", "--out", tmp_path / "meshes", data_dir=data_dir)
    assert result.returncode == ExitCode.OK, result.stderr
    found = sorted(p.relative_to(tmp_path / "meshes").as_posix() for p in (tmp_path / "meshes").rglob("*.stl"))
    assert found == ["x-part.stl", "x/part.stl", "y/part.stl"]


def test_one_source_goes_into_a_folder_too(data_dir: Path, tmp_path: Path) -> None:
    folder = folder_of(tmp_path, a="cube(1);")
    for out, made in (("new", "new/a.stl"), ("a.off", "a.off")):
        assert run("compile", folder / "a.scad", "-o", tmp_path / out, data_dir=data_dir).returncode == ExitCode.OK
        assert (tmp_path / made).is_file()
    wrong = run("compile", folder / "a.scad", "-o", tmp_path / "a.stl", "--format", "glb", data_dir=data_dir)
    assert wrong.returncode == ExitCode.USAGE


def test_a_file_that_cannot_be_read_costs_only_itself(data_dir: Path, tmp_path: Path) -> None:
    folder = folder_of(tmp_path, a="cube(1);", c="cube(3);")
    (folder / "b.scad").symlink_to(tmp_path / "nowhere")
    (folder / "d.scad").symlink_to(tmp_path / "nowhere")
    result = run("compile", folder, "--json", data_dir=data_dir)
    assert [d["status"] for d in lines_of(result)] == ["ok", "bad_input", "ok", "bad_input"]


def test_a_tree_that_is_named_may_include_from_all_of_it(data_dir: Path, tmp_path: Path) -> None:
    folder = folder_of(tmp_path, lib="module part() cube(4);")
    (folder / "sub").mkdir()
    source = folder / "sub" / "up.scad"
    source.write_text("use <../lib.scad>\npart();")
    assert run("compile", source, data_dir=data_dir).returncode == ExitCode.BAD_SOURCE
    for arguments in ([folder / "sub", "--root", folder], [source, "--root", folder]):
        assert "4.00 x 4.00 x 4.00" in run("compile", *arguments, data_dir=data_dir).stdout
    whole = lines_of(run("compile", folder, "--json", data_dir=data_dir))
    assert [d["status"] for d in whole] == ["empty", "ok"]


@pytest.mark.parametrize(
    "source",
    ['f = "m.stl"; import(f);', 'import(str("m", ".stl"));', "include <sub/a.scad>", 'import(file = "m.stl");'],
)
def test_meshes_beside_a_source_are_found_as_openscad_finds_them(data_dir: Path, tmp_path: Path, source: str) -> None:
    folder = folder_of(tmp_path, main=source, cube="cube([1, 2, 3]);")
    run("compile", folder / "cube.scad", "-o", folder / "m.stl", data_dir=data_dir)
    (folder / "sub").mkdir()
    (folder / "sub" / "a.scad").write_text('import("m.stl");')
    result = run("compile", folder / "main.scad", "--json", data_dir=data_dir)
    assert lines_of(result)[0]["size_mm"] == [1, 2, 3]


def test_a_reader_that_leaves_is_no_failure_of_ours(data_dir: Path, tmp_path: Path) -> None:
    folder = folder_of(tmp_path, **{f"p{n}": f"cube({n + 1});" for n in range(60)})
    command = f"'{COMMAND}' compile '{folder}' --json | head -1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", command],
        env=os.environ | {"CAD_COPILOT_DATA_DIR": str(data_dir)},
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] in ("0", str(int(ExitCode.READER_LEFT)))
    assert "Traceback" not in done.stderr


def test_a_bar_is_shown_on_a_terminal_and_json_stays_clean(data_dir: Path, tmp_path: Path) -> None:
    folder = folder_of(tmp_path, **{f"p{n}": f"cube({n + 1});" for n in range(5)})
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
    done = subprocess.run(
        [str(COMMAND), "compile", str(folder), "--json"],
        env=os.environ | {"CAD_COPILOT_DATA_DIR": str(data_dir)},
        stdout=subprocess.PIPE, stderr=theirs, text=True, timeout=120, check=True,
    )  # fmt: skip
    os.close(theirs)
    shown = os.read(ours, 1 << 16).decode()
    os.close(ours)
    assert "5/5" in shown
    assert shown.rstrip().endswith("5 of 5 files compile")
    assert len(lines_of(done)) == 5


def test_a_misspelt_variable_is_told(data_dir: Path, tmp_path: Path) -> None:
    source = tmp_path / "p.scad"
    source.write_text("width = 5; // [1:10]\ncube(width);")
    told = run("compile", source, "-D", "widht=7", data_dir=data_dir)
    assert "did you mean width?" in told.stderr
    assert "10 or less" in run("compile", source, "-D", "width=70", data_dir=data_dir).stderr
    assert run("compile", source, "-D", "width=7", data_dir=data_dir).stderr == ""


def test_a_value_is_read_as_its_parameter_wants_it(data_dir: Path, tmp_path: Path) -> None:
    source = tmp_path / "p.scad"
    source.write_text('on = true;\nside = 2;\nlabel = "a";\nif (on) cube(side); else cube([len(label), 1, 1]);')
    (off,) = lines_of(run("compile", source, "-D", "on=False", "-D", "label=007", "--json", data_dir=data_dir))
    assert off["size_mm"] == [3, 1, 1]
    for wrong in ("side=2+3", "side=10mm", "on=maybe"):
        result = run("compile", source, "-D", wrong, data_dir=data_dir)
        assert result.returncode == ExitCode.USAGE
        assert wrong.partition("=")[0] in one_line(result)


def test_a_second_run_reads_its_verdicts_back(data_dir: Path, tmp_path: Path) -> None:
    folder = folder_of(tmp_path, a="cube(1);", b="cube(")
    run("compile", folder, data_dir=data_dir)
    assert [d["is_cached"] for d in lines_of(run("compile", folder, "--json", data_dir=data_dir))] == [True, True]
    fresh = run("compile", folder, "--json", "--no-cache", data_dir=data_dir)
    assert [d["is_cached"] for d in lines_of(fresh)] == [False, False]


def test_a_variable_is_set_and_never_run_as_code(data_dir: Path, tmp_path: Path) -> None:
    source = tmp_path / "p.scad"
    source.write_text('d = 1; label = "x"; cube([d, 2, len(label)]);')
    attack = 'a"; cube(99); //'
    (set_to,) = lines_of(run("compile", source, "-D", "d=7", "-D", f"label={attack}", "--json", data_dir=data_dir))
    assert set_to["size_mm"] == [7, 2, len(attack)]
    wrong = run("compile", source, "-D", "d;cube(99)=7", data_dir=data_dir)
    assert wrong.returncode == ExitCode.USAGE
    one_line(wrong)


def test_a_library_folder_is_searched(data_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "libs" / "Nuts").mkdir(parents=True)
    (tmp_path / "libs" / "Nuts" / "std.scad").write_text("module nut() cube(5);")
    source = tmp_path / "p.scad"
    source.write_text("use <Nuts/std.scad>\nnut();")
    missing = run("compile", source, "--json", data_dir=data_dir)
    assert missing.returncode == ExitCode.BAD_SOURCE
    assert lines_of(missing)[0]["status"] == "missing_library"
    found = run("compile", source, "--library-path", tmp_path / "libs", "--json", data_dir=data_dir)
    assert lines_of(found)[0]["size_mm"] == [5, 5, 5]


def test_two_engines_are_compared(data_dir: Path, tmp_path: Path) -> None:
    if shutil.which("openscad") is None:
        pytest.skip("openscad not installed: apt-get install openscad")
    folder = folder_of(tmp_path, a="cube(1);", b="cube(")
    result = run("compile", folder, "--compare", "native", "--json", data_dir=data_dir)
    assert result.returncode == ExitCode.OK, result.stderr
    assert [(d["is_same"], d["reason"]) for d in lines_of(result)] == [(True, "same"), (True, "same_failure")]


def test_ctrl_c_ends_the_engines(data_dir: Path, tmp_path: Path) -> None:
    folder = folder_of(tmp_path, **{f"loop{n}": f"{LOOP} // {n}" for n in range(8)})
    process = subprocess.Popen(
        [str(COMMAND), "compile", str(folder), "--timeout", "60"],
        env=os.environ | {"CAD_COPILOT_DATA_DIR": str(data_dir)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    parent = psutil.Process(process.pid)
    give_up_at = time.monotonic() + 30
    while not parent.children(recursive=True) and time.monotonic() < give_up_at:
        time.sleep(0.05)
    time.sleep(1)
    workers = parent.children(recursive=True)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=20)
    assert process.returncode == ExitCode.INTERRUPTED
    assert "Traceback" not in stderr
    assert psutil.wait_procs(workers, timeout=5)[1] == []


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        (["--view", "all"], "PNG"),
        (["--view", "top"], "PNG"),
        (["--before", "BEFORE"], "PNG"),
        (["SECOND"], "PNG"),
        ([], "GIF"),
    ],
)
def test_render_draws_what_is_asked_for(data_dir: Path, tmp_path: Path, arguments: list[str], kind: str) -> None:
    folder = folder_of(tmp_path, a=PLATE, before="cube([20, 30, 4]);")
    output = tmp_path / f"out.{kind.lower()}"
    paths = {"BEFORE": folder / "before.scad", "SECOND": folder / "before.scad"}
    words = [paths.get(word, word) for word in arguments]
    result = run("render", folder / "a.scad", *words, "-o", output, "--size", "160", data_dir=data_dir)
    assert result.returncode == ExitCode.OK, result.stderr
    with Image.open(io.BytesIO(output.read_bytes())) as image:
        assert image.format == kind
        assert getattr(image, "n_frames", 1) > 10 if kind == "GIF" else True


def test_measure_tells_mass_properties_and_compares(data_dir: Path, tmp_path: Path) -> None:
    folder = folder_of(tmp_path, a="cube([2, 4, 6]);", b="translate([0, 0, 3]) cube([2, 4, 6]);")
    result = run("measure", folder / "a.scad", "--against", folder / "b.scad", "--json", data_dir=data_dir)
    (answer,) = lines_of(result)
    assert answer["center_of_mass_mm"] == pytest.approx([1, 2, 3])
    assert answer["is_manifold"] is True
    against = answer["against"]
    assert isinstance(against, dict)
    assert against["iou_in_place"] == pytest.approx(1 / 3, abs=1e-3)
    assert against["iou_aligned"] == pytest.approx(1, abs=1e-6)


def test_inspect_tells_parameters_and_how_the_part_prints(data_dir: Path, tmp_path: Path) -> None:
    source = tmp_path / "p.scad"
    source.write_text("// width of the plate\nwidth = 300; // [10:400]\ncube([width, 20, 0.5]);")
    result = run("inspect", source, "--bed", "200x200x200", "--material", "petg", "--json", data_dir=data_dir)
    assert result.returncode == ExitCode.OK, result.stderr
    answer = json.loads(result.stdout)
    (width,) = answer["parameters"]
    assert (width["name"], width["default"], width["maximum"]) == ("width", 300, 400)
    assert width["description"] == "width of the plate"
    report = answer["print"]
    assert report["fitting_turn"] is None
    assert report["thinnest_wall_mm"] == pytest.approx(0.5, abs=1e-6)
    assert report["mass_g"] == pytest.approx(300 * 20 * 0.5 * 1.27 / 1000)
    assert len(report["problems"]) >= 2
    plain = run("inspect", source, "-D", "width=50", data_dir=data_dir)
    assert "width = 300" in plain.stdout
    assert "thinnest wall" in plain.stdout


def test_inspect_refuses_words_that_it_does_not_know(data_dir: Path, tmp_path: Path) -> None:
    source = tmp_path / "p.scad"
    source.write_text("cube(1);")
    for options in (["--material", "cheese"], ["--bed", "large"]):
        result = run("inspect", source, *options, data_dir=data_dir)
        assert result.returncode == ExitCode.USAGE
        one_line(result)


def test_inspect_names_the_libraries_and_how_to_get_what_is_missing(data_dir: Path, tmp_path: Path) -> None:
    source = tmp_path / "p.scad"
    source.write_text("include <BOSL2/std.scad>\ninclude <NopSCADlib/core.scad>\ncuboid(9);")
    answer = run("inspect", source, data_dir=data_dir)
    assert "library BOSL2@" in answer.stdout
    assert "cad-copilot libraries fetch NopSCADlib" in answer.stdout


def test_measure_takes_an_stl_in_text(data_dir: Path, tmp_path: Path) -> None:
    corners = [(0, 0, 0), (2, 0, 0), (0, 2, 0), (0, 0, 2)]
    faces = [(0, 2, 1), (0, 1, 3), (0, 3, 2), (1, 2, 3)]
    loops = "".join(
        "facet normal 0 0 0\nouter loop\n"
        + "".join("vertex {} {} {}\n".format(*corners[k]) for k in face)
        + "endloop\nendfacet\n"
        for face in faces
    )
    (tmp_path / "p.stl").write_text(f"solid p\n{loops}endsolid p\n")
    (answer,) = lines_of(run("measure", tmp_path / "p.stl", "--json", data_dir=data_dir))
    assert answer["volume_mm3"] == pytest.approx(8 / 6)


def test_libraries_are_listed_with_licence_and_commit(data_dir: Path) -> None:
    listed = {k["name"]: k for k in json.loads(run("libraries", "list", "--json", data_dir=data_dir).stdout)}
    assert listed["BOSL2"]["licence"] == "BSD-2-Clause"
    assert len(listed["MCAD"]["commit"]) == 40
    assert listed["BOSL2"]["path"] is not None


def test_a_library_that_cannot_be_fetched_is_one_line_and_its_own_code(data_dir: Path) -> None:
    result = run("libraries", "fetch", "MCAD", "--url", "http://127.0.0.1:9/x", data_dir=data_dir)
    assert result.returncode == ExitCode.UNREACHABLE
    assert "127.0.0.1:9" in one_line(result)


def test_a_file_that_cannot_be_read_is_one_line(data_dir: Path, tmp_path: Path) -> None:
    for verb in (["compile"], ["measure"], ["inspect"], ["render", "-o", str(tmp_path / "x.png")]):
        result = run(*verb, tmp_path / "nowhere.scad", data_dir=data_dir)
        assert result.returncode == ExitCode.USAGE
        assert "nowhere.scad" in one_line(result)
