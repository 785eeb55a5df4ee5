"""The native engine in its sandbox, where openscad is installed."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from render import Engine, EngineMissing, Status, compile_scad, measure, open_engine
from render.engines import native
from render.engines.node import find_node
from render.sandbox import Containment, Fence, best_containment, fenced_command


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    if shutil.which("openscad") is None:
        pytest.skip("openscad not installed: apt-get install openscad")
    if best_containment() is Containment.RLIMITS_ONLY:
        pytest.skip("no containment: needs a kernel with Landlock, or apt-get install bubblewrap")
    with open_engine("native") as opened:
        yield opened


def fenced(script: str, work_dir: Path) -> subprocess.CompletedProcess[str]:
    if best_containment() is Containment.RLIMITS_ONLY:
        pytest.skip("no containment: needs a kernel with Landlock, or apt-get install bubblewrap")
    fence = Fence(str(work_dir), (sys.base_prefix,), 10, 2 << 30, 1 << 20)
    python = os.path.realpath(sys.executable)
    command = fenced_command([python, "-I", "-S", "-c", script], fence, best_containment())
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)


def test_a_fenced_command_works_in_its_folder(tmp_path: Path) -> None:
    done = fenced("open('a.txt', 'w').write('hi'); print(open('a.txt').read())", tmp_path)
    assert (done.returncode, done.stdout.strip()) == (0, "hi"), done.stderr


def test_a_fenced_command_reads_and_writes_nothing_else(tmp_path: Path) -> None:
    work_dir, secret = tmp_path / "work", tmp_path / "secret.txt"
    work_dir.mkdir()
    secret.write_text("key")
    for action in (f"open({str(secret)!r})", "open('/etc/passwd')", f"open({str(tmp_path / 'new.txt')!r}, 'w')"):
        done = fenced(action, work_dir)
        assert done.returncode != 0
        assert "Error" in done.stderr
    assert not (tmp_path / "new.txt").exists()


def test_a_fenced_command_reaches_no_network(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        done = fenced(f"import socket; socket.create_connection(('127.0.0.1', {port}), timeout=5)", tmp_path)
    assert done.returncode != 0
    assert "Error" in done.stderr


def test_a_fenced_command_keeps_its_limits(tmp_path: Path) -> None:
    assert "MemoryError" in fenced("bytearray(4 << 30)", tmp_path).stderr
    assert fenced("open('big', 'wb').write(bytes(4 << 20))", tmp_path).returncode != 0


def test_without_containment_untrusted_source_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "best_containment", lambda: Containment.RLIMITS_ONLY)
    with pytest.raises(EngineMissing, match="allow_uncontained"):
        open_engine("native")


def test_a_wrong_path_names_the_next_step() -> None:
    with pytest.raises(EngineMissing, match=r"no openscad at|allow_uncontained"):
        open_engine("native:/nowhere/openscad")


def test_a_program_that_is_not_openscad_is_named(engine: Engine) -> None:
    with pytest.raises(EngineMissing, match="does not answer like OpenSCAD"):
        open_engine(f"native:{shutil.which('true')}")


def test_a_cube_measures_what_it_says_here_too(engine: Engine) -> None:
    result = compile_scad("cube(10);", engine=engine)
    assert result.status is Status.OK, result.diagnostics
    assert result.engine_id.startswith("native-")
    assert result.containment in (Containment.LANDLOCK, Containment.BUBBLEWRAP)
    assert result.stl is not None
    assert measure(result.stl).volume_mm3 == pytest.approx(1000)


@pytest.mark.parametrize(
    ("source", "status"),
    [
        ("cube(10)", Status.SYNTAX_ERROR),
        ("cube(1); wheel();", Status.WARNING),
        ("assert(false);", Status.ASSERT_FAILED),
        ("module r() { r(); } r();", Status.RECURSION),
        ("", Status.EMPTY),
        ("square(2);", Status.NOT_3D),
        ("use <nowhere.scad>\npart();", Status.MISSING_LIBRARY),
        ("for (i = [0:999], j = [0:999], k = [0:999]) cube(1);", Status.TIMEOUT),
    ],
)
def test_the_same_verdicts_as_wasm(engine: Engine, source: str, status: Status) -> None:
    assert compile_scad(source, engine=engine, timeout_seconds=2).status is status


def test_a_source_cannot_read_the_host(engine: Engine, tmp_path: Path) -> None:
    secret = tmp_path / "secret.scad"
    secret.write_text('key = "hunter2";')
    result = compile_scad(f"include <{secret}>\necho(key); cube(1);", engine=engine)
    assert "hunter2" not in str(result.diagnostics)
    assert "missing_file" in {d.kind for d in result.diagnostics}


def test_a_library_is_found(engine: Engine) -> None:
    result = compile_scad("include <BOSL2/std.scad>\ncuboid([10, 20, 30]);", engine=engine, timeout_seconds=30)
    assert result.stl is not None, result.diagnostics
    assert measure(result.stl).size_mm == pytest.approx((10, 20, 30))


@pytest.fixture(scope="module")
def nightly(tmp_path_factory: pytest.TempPathFactory, engine_data_dir: Path) -> Iterator[Engine]:
    """An OpenSCAD 2025 with Manifold on the command line, where only 2021.01 is packaged."""
    executable = tmp_path_factory.mktemp("nightly") / "openscad-nightly"
    script, engine_dir = Path(__file__).with_name("nightly.mjs"), engine_data_dir / "engine"
    node = find_node().executable
    executable.write_text(f'#!/bin/sh\nexec "{node}" --stack-size=2000 "{script}" "{engine_dir}" "$@"\n')
    executable.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(native, "best_containment", lambda: Containment.RLIMITS_ONLY)
        with open_engine(f"native:{executable}", allow_uncontained=True) as opened:
            yield opened


NODE_BYTES = 64 << 30  # of address space, which is what Node reserves


def test_a_nightly_is_probed_and_uses_manifold(nightly: Engine) -> None:
    result = compile_scad("cube(d);", parameters={"d": 3}, engine=nightly, max_memory_bytes=NODE_BYTES)
    assert result.engine_id == "native-2025.07.18/manifold"
    assert result.containment == Containment.RLIMITS_ONLY
    assert result.is_strict, result.diagnostics
    assert result.stats is not None
    assert result.stats.volume_mm3 == pytest.approx(27)


@pytest.mark.parametrize(
    "source",
    ["cube(1); wheel();", "cube(", "assert(false);", "square(2);", "cube(1, foo = 3);"],
)
def test_a_nightly_gives_the_verdict_and_the_words_of_the_wasm_engine(
    nightly: Engine, engine_data_dir: Path, source: str
) -> None:
    with open_engine("wasm", data_dir=engine_data_dir) as wasm:
        expected = compile_scad(source, engine=wasm)
    found = compile_scad(source, engine=nightly, max_memory_bytes=NODE_BYTES)
    assert (found.status, found.diagnostics) == (expected.status, expected.diagnostics)


def test_parameters_reach_the_old_engine_too(engine: Engine) -> None:
    job = {"size": [1, 2, 3], "label": 'a "quoted" \\ word', "on": True}
    result = compile_scad("echo(label); if (on) cube(size);", parameters=job, engine=engine)
    assert result.stats is not None, result.diagnostics
    assert result.stats.size_mm == (1, 2, 3)
