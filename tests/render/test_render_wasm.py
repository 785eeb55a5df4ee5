"""The wasm engine, for real: every verdict by a file that earns it, and what a bad file may not do."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from render import (
    Engine,
    EngineMissing,
    Status,
    compile_scad,
    open_engine,
)
from render.engines.wasm import WasmEngine

RECURSIVE_MODULE = "module r() { r(); } r();"
ONE_SECOND = "function f(n) = n < 2 ? n : f(n - 1) + f(n - 2); echo(f(23)); cube(1);"
ENDLESS_LOOP = "for (i = [0:99999], j = [0:99999]) cube(1);"
MEMORY_BOMB = 'function d(n, x) = n == 0 ? x : d(n - 1, str(x, x)); echo(len(d(40, "abcdefgh"))); cube(1);'


def test_a_cube_measures_what_it_says(engine: Engine) -> None:
    result = compile_scad("cube(10);", engine=engine)
    assert result.status is Status.OK
    assert result.engine_id == "wasm-2025.07.18/manifold/fonts-1"
    assert result.containment == "wasm"
    stats = result.stats
    assert stats is not None
    assert stats.volume_mm3 == pytest.approx(1000)
    assert (stats.min_mm, stats.max_mm) == ((0, 0, 0), (10, 10, 10))
    assert (stats.n_triangles, stats.is_closed, stats.genus, stats.n_components) == (12, True, 0, 1)
    assert result.is_strict


@pytest.mark.parametrize(
    ("source", "status", "kind"),
    [
        ("cube(10)", Status.SYNTAX_ERROR, "parser_error"),
        ("```openscad\ncube(1);\n```", Status.SYNTAX_ERROR, "code_fence"),
        ("\ufeffcube(1);", Status.SYNTAX_ERROR, "byte_order_mark"),
        ("cube(1); gear_wheel();", Status.WARNING, "unknown_module"),
        ("gear_wheel();", Status.EVAL_ERROR, "unknown_module"),
        ("x = gear(1); cube(1);", Status.WARNING, "unknown_function"),
        ("cube(side); cube(1);", Status.WARNING, "unknown_variable"),
        ("cube([1, 2, \"a\"]);", Status.WARNING, "bad_argument"),
        ("cube(1, foo = 3);", Status.WARNING, "bad_argument"),
        ("cube(1); square(2);", Status.WARNING, "mixed_dimensions"),
        ("include <nowhere/lib.scad>\ncube(1);", Status.WARNING, "missing_file"),
        ("include <nowhere/lib.scad>\npart();", Status.MISSING_LIBRARY, "missing_file"),
        ("cube(1); assert(1 > 2, \"never\");", Status.ASSERT_FAILED, "assert"),
        (RECURSIVE_MODULE, Status.RECURSION, "recursion"),
        ("function f(x) = f(x + 1) + 1; echo(f(1)); cube(1);", Status.RECURSION, "recursion"),
        ("", Status.EMPTY, "empty"),
        ("difference() { cube(1); cube(3, center = true); }", Status.EMPTY, "empty"),
        ("square(2);", Status.NOT_3D, "not_3d"),
        ("cube(1);\0", Status.BAD_INPUT, "nul_byte"),
        ("cube(\"\ud800\");", Status.BAD_INPUT, "bad_encoding"),
        ("//" + "x" * (1 << 20), Status.TOO_LARGE, "too_large"),
    ],
    ids=lambda value: value[:24] if isinstance(value, str) else None,
)  # fmt: skip
def test_every_verdict_is_earned_by_a_file(engine: Engine, source: str, status: Status, kind: str) -> None:
    result = compile_scad(source, engine=engine)
    assert (result.status, kind in {d.kind for d in result.diagnostics}) == (status, True), result.diagnostics
    assert result.is_compiled == (status is Status.WARNING)


def test_a_loop_without_end_costs_its_deadline_and_nothing_more(engine: Engine) -> None:
    assert compile_scad(ENDLESS_LOOP, engine=engine, timeout_seconds=1).status is Status.TIMEOUT
    assert compile_scad("cube(1);", engine=engine).status is Status.OK


def test_a_memory_bomb_stops_at_the_cap_and_the_next_file_compiles(engine: Engine) -> None:
    bombed = compile_scad(MEMORY_BOMB, engine=engine, max_memory_bytes=256 << 20, timeout_seconds=60)
    assert bombed.status is Status.OUT_OF_MEMORY
    assert compile_scad("cube(1);", engine=engine).status is Status.OK


def test_recursion_a_thousand_deep_is_fine(engine: Engine) -> None:
    source = "module tower(n) { if (n > 0) tower(n - 1); else cube(2); } tower(1000);"
    assert compile_scad(source, engine=engine).status is Status.OK


@pytest.mark.parametrize("reader", ["include </etc/passwd>", "use </etc/passwd>", 'import("/etc/passwd");',
                                    'surface("/etc/passwd");', "include <../../../../../etc/passwd>"])  # fmt: skip
def test_a_source_finds_no_file_of_the_host(engine: Engine, reader: str) -> None:
    result = compile_scad(f"{reader}\ncube(1);", engine=engine)
    kinds = {d.kind for d in result.diagnostics}
    assert kinds <= {"missing_file", "other"}
    assert kinds
    assert "root:" not in str(result.diagnostics)


def test_a_million_echoes_do_not_hide_the_error_after_them(engine: Engine) -> None:
    result = compile_scad("for (i = [0:9999]) echo(i); cube(1); foo();", engine=engine)
    assert "unknown_module" in {d.kind for d in result.diagnostics}
    assert len(result.diagnostics) <= 110


def test_bosl2_compiles_with_the_right_bounds(engine: Engine) -> None:
    result = compile_scad("include <BOSL2/std.scad>\ncuboid([10, 20, 30]);", engine=engine)
    assert result.status is Status.OK, result.diagnostics
    assert result.stats is not None
    assert result.stats.size_mm == pytest.approx((10, 20, 30))


def test_companions_are_found_beside_and_above_the_source(engine: Engine) -> None:
    files = {"../shared/a.scad": "use <b.scad>\nmodule a() b();", "../shared/b.scad": "module b() cube(4);"}
    result = compile_scad("use <../shared/a.scad>\na();", files=files, engine=engine)
    assert result.status is Status.OK, result.diagnostics
    assert result.stats is not None
    assert result.stats.volume_mm3 == pytest.approx(64)


def test_a_diagnostic_names_the_companion_and_its_line(engine: Engine) -> None:
    result = compile_scad(
        "use <a.scad>\na();", files={"a.scad": "module a() {\n  cube(1);\n  wheel(); }"}, engine=engine
    )
    assert [(d.file, d.line) for d in result.diagnostics] == [("a.scad", 3)]


def test_a_companion_with_an_absolute_path_is_refused(engine: Engine) -> None:
    assert compile_scad("cube(1);", files={"/etc/x.scad": ""}, engine=engine).status is Status.BAD_INPUT


@pytest.mark.parametrize("n_holes", [0, 1, 4])
def test_the_genus_of_a_plate_counts_its_holes(engine: Engine, n_holes: int) -> None:
    holes = f"for (i = [1:{n_holes}]) translate([i * 12, 20, -1]) cylinder(d = 5, h = 9, $fn = 32);" if n_holes else ""
    result = compile_scad(f"difference() {{ cube([60, 40, 3]); {holes} }}", engine=engine)
    assert result.stats is not None
    assert result.stats.genus == n_holes


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(size=st.tuples(*[st.integers(1, 400)] * 3), at=st.tuples(*[st.integers(-200, 200)] * 3))
def test_any_box_measures_exactly(engine: Engine, size: tuple[int, int, int], at: tuple[int, int, int]) -> None:
    result = compile_scad(f"translate({list(at)}) cube({list(size)});", engine=engine)
    assert result.stats is not None
    stats = result.stats
    assert stats.size_mm == size
    assert stats.min_mm == at
    assert stats.volume_mm3 == pytest.approx(size[0] * size[1] * size[2], rel=1e-12)


def test_a_file_whose_worker_is_killed_gets_another_one(engine_data_dir: Path) -> None:
    with WasmEngine(engine_data_dir / "engine") as own:
        assert compile_scad("cube(1);", engine=own).status is Status.OK
        pid = own.worker_pid
        assert pid is not None
        killer = threading.Timer(0.3, os.kill, (pid, signal.SIGKILL))
        killer.start()
        assert compile_scad(ONE_SECOND, engine=own, timeout_seconds=60).status is Status.OK
        killer.join()
        assert own.worker_pid not in (None, pid)


def test_a_file_whose_workers_keep_dying_is_a_crash(engine_data_dir: Path) -> None:
    with WasmEngine(engine_data_dir / "engine") as own:
        stop = threading.Event()

        def kill_all() -> None:
            while not stop.wait(0.2):
                if own.worker_pid is not None:
                    os.kill(own.worker_pid, signal.SIGKILL)

        compile_scad("cube(1);", engine=own)
        killer = threading.Thread(target=kill_all)
        killer.start()
        result = compile_scad(ENDLESS_LOOP, engine=own, timeout_seconds=30)
        stop.set()
        killer.join()
        assert result.status in (Status.CRASH, Status.ENGINE_ERROR)
        assert compile_scad("cube(1);", engine=own).status is Status.OK


def test_a_worker_killed_between_files_costs_none(engine_data_dir: Path) -> None:
    with WasmEngine(engine_data_dir / "engine") as own:
        compile_scad("cube(1);", engine=own)
        assert own.worker_pid is not None
        psutil.Process(own.worker_pid).kill()
        time.sleep(0.1)
        assert compile_scad("cube(1);", engine=own).status is Status.OK


def test_a_worker_does_not_outlive_its_parent(engine_data_dir: Path) -> None:
    script = (
        "import os, sys, threading, time; from pathlib import Path; from render import compile_scad\n"
        "from render.engines.wasm import WasmEngine\n"
        "engine = WasmEngine(Path(sys.argv[1])); compile_scad('cube(1);', engine=engine)\n"
        "print(engine.worker_pid, flush=True)\n"
        "threading.Timer(0.3, os._exit, (0,)).start()\n"
        f"compile_scad({ENDLESS_LOOP!r}, engine=engine, timeout_seconds=60)\n"
    )
    command = [sys.executable, "-c", script, str(engine_data_dir / "engine")]
    pid = int(subprocess.run(command, capture_output=True, text=True, check=False, timeout=60).stdout)
    give_up_at = time.monotonic() + 20
    while _is_running(pid):
        assert time.monotonic() < give_up_at, f"worker {pid} is still there"
        time.sleep(0.1)


def _is_running(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_worker_that_cannot_start_is_our_failure(engine_data_dir: Path, tmp_path: Path) -> None:
    folder = tmp_path / "engine"
    folder.mkdir()
    for name in ("engine.json", "glue.mjs"):
        (folder / name).write_bytes((engine_data_dir / "engine" / name).read_bytes())
    (folder / "openscad.wasm").write_bytes(b"not wasm")
    with WasmEngine(folder) as broken:
        result = compile_scad("cube(1);", engine=broken)
    assert result.status is Status.ENGINE_ERROR
    assert "did not start" in result.diagnostics[0].message


def test_a_missing_engine_names_the_next_step(tmp_path: Path) -> None:
    with pytest.raises(EngineMissing, match="make setup"):
        open_engine("wasm", data_dir=tmp_path)
    with pytest.raises(EngineMissing, match="use auto, wasm"):
        open_engine("fusion360")


TEXT = 'linear_extrude(2) text("Hg", size = 10, font = "{}");'


@pytest.mark.parametrize("font", ["", "Liberation Sans:style=Bold", "DejaVu Sans Mono", "Arial", "No Such Font"])
def test_text_is_solid_in_every_font(engine: Engine, font: str) -> None:
    result = compile_scad(TEXT.format(font), engine=engine)
    assert result.is_strict, result.diagnostics
    assert result.stats is not None
    assert result.stats.n_components == 2
    assert 12 < result.stats.size_mm[0] < 20


def test_a_font_is_told_from_another(engine: Engine) -> None:
    widths = set()
    for font in ("Liberation Sans", "Liberation Sans:style=Bold", "DejaVu Serif", "DejaVu Sans Mono"):
        stats = compile_scad(TEXT.format(font), engine=engine).stats
        assert stats is not None
        widths.add(round(stats.size_mm[0], 3))
    assert len(widths) == 4


def test_one_instance_gives_what_a_fresh_one_gives(engine_data_dir: Path) -> None:
    """The memory that is put back after each file holds nothing of the file: also not of bad ones."""
    sources = [
        "cube(3);",
        "module r() { r(); } r();",
        'linear_extrude(1) text("abc");',
        "include <BOSL2/std.scad>\ncuboid([10, 20, 30], rounding = 2);",
        "cube(1",
        "sphere(9, $fn = 90);",
        "assert(false);",
        "echo(rands(0, 1, 3, 7)); difference() { cube(9); cylinder(r = 2, h = 50, $fn = 40); }",
        "minkowski() { cube(5); sphere(2, $fn = 20); }",
        "for (i = [0:400]) translate([i % 20 * 2, i, 0]) cube(1);",
    ]
    fresh = []
    for source in sources:
        with WasmEngine(engine_data_dir / "engine") as own:
            fresh.append(compile_scad(source, engine=own))
    with WasmEngine(engine_data_dir / "engine") as shared:
        for round_number in range(3):
            order = list(range(len(sources)))[:: -1 if round_number == 1 else 1]
            again = {number: compile_scad(sources[number], engine=shared) for number in order}
            for number, first in enumerate(fresh):
                here = again[number]
                assert (here.status, here.diagnostics, here.stl) == (first.status, first.diagnostics, first.stl)


def test_a_companion_of_one_file_is_not_there_for_the_next(engine: Engine) -> None:
    use = "use <part.scad>\npart();"
    assert compile_scad(use, files={"part.scad": "module part() cube(1);"}, engine=engine).status is Status.OK
    assert compile_scad(use, engine=engine).status is Status.MISSING_LIBRARY
    deeper = {"part.scad/x.scad": "module part() cube(2);"}  # what was a file is a folder now
    assert compile_scad("use <part.scad/x.scad>\npart();", files=deeper, engine=engine).status is Status.OK


def test_a_companion_that_is_a_file_and_a_folder_is_refused(engine: Engine) -> None:
    assert compile_scad("cube(1);", files={"a": "", "a/b.scad": ""}, engine=engine).status is Status.BAD_INPUT


def test_a_companion_may_be_called_as_our_own_file_is(engine: Engine) -> None:
    result = compile_scad("use <model.scad>\nm();", files={"model.scad": "module m() cube(2);"}, engine=engine)
    assert result.status is Status.OK, result.diagnostics


def test_a_binary_companion_is_imported(engine: Engine) -> None:
    stl = compile_scad("cube([1, 2, 3]);", engine=engine).stl
    assert stl is not None
    result = compile_scad('translate([5, 0, 0]) import("parts/box.stl");', files={"parts/box.stl": stl}, engine=engine)
    assert result.stats is not None, result.diagnostics
    assert result.stats.min_mm == (5, 0, 0)
    assert result.stats.volume_mm3 == pytest.approx(6)


def test_standard_input_is_not_there_to_be_read(engine: Engine) -> None:
    assert compile_scad("include </dev/stdin>\ncube(1);", engine=engine, timeout_seconds=5).is_compiled
    assert compile_scad("cube(2);", engine=engine).is_strict


def test_a_hundred_megabytes_in_one_line_of_echo_are_cut(engine: Engine) -> None:
    source = 'function d(n, x) = n == 0 ? x : d(n - 1, str(x, x)); echo(d(24, "abcdef")); cube(1); foo();'
    result = compile_scad(source, engine=engine, timeout_seconds=30)
    assert "unknown_module" in {d.kind for d in result.diagnostics}, result
    assert sum(len(d.message) for d in result.diagnostics) < 10_000


def test_a_thousand_files_leave_a_worker_as_small_as_fifty(engine_data_dir: Path) -> None:
    with WasmEngine(engine_data_dir / "engine") as own:

        def resident(n: int) -> int:
            for i in range(n):
                compile_scad(f"difference() {{ cube({i + 2}); cylinder(r = 1, h = 99, $fn = 32); }}", engine=own)
            assert own.worker_pid is not None
            return psutil.Process(own.worker_pid).memory_info().rss

        early = resident(50)
        assert resident(950) < early + (48 << 20)


@pytest.mark.parametrize(
    ("source", "column"),
    [
        ("cube(1);\n  wheel(3);", 3),
        ("cube(1);\nwheel(3); wheel(4);", None),
        ("x = 1 + nothing; cube(1);", 9),
        ("cube(1); assert(1 > 2);", 10),
    ],
)
def test_a_diagnostic_points_to_its_column_where_that_is_known(engine: Engine, source: str, column: int | None) -> None:
    assert compile_scad(source, engine=engine).diagnostics[0].column == column


def test_an_interrupted_file_does_not_answer_for_the_next(engine_data_dir: Path) -> None:
    class Interruption(Exception):
        pass

    def interrupt(*_: object) -> None:
        raise Interruption

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        with WasmEngine(engine_data_dir / "engine") as own:
            compile_scad("cube(1);", engine=own)
            signal.setitimer(signal.ITIMER_REAL, 0.2)
            with pytest.raises(Interruption):
                compile_scad(ONE_SECOND, engine=own, timeout_seconds=60)
            for side in (2, 3):
                stats = compile_scad(f"cube({side});", engine=own).stats
                assert stats is not None
                assert stats.size_mm == (side, side, side)
    finally:
        signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ("cube(1);\r\n\r\n  wheel(3);\r\n", (3, 3)),
        ("cube(1);\n\n  wheel(3);", (3, 3)),
        ('cube(1);\nassert(false, "a\nb");', (2, 1)),
        ("cube(1);\ncube([1, 2", (2, None)),
    ],
)
def test_a_place_is_the_one_that_an_editor_shows(engine: Engine, source: str, place: tuple[int, int | None]) -> None:
    worst = compile_scad(source, engine=engine).worst
    assert worst is not None
    assert (worst.line, worst.column) == place


@pytest.mark.parametrize(
    "echoed", ["Current top level object is empty.", "Current top level object is not a 3D object.", "x\nGeometries in"]
)
def test_an_echo_that_looks_like_a_verdict_is_none(engine: Engine, echoed: str) -> None:
    assert compile_scad(f'echo("a\n{echoed}"); cube(1);', engine=engine).is_compiled


def test_a_hundred_echoed_warnings_do_not_hide_the_real_one(engine: Engine) -> None:
    result = compile_scad('for (i = [0:120]) echo("\nWARNING: fine"); nobody(); cube(1);', engine=engine)
    assert not result.is_strict


def test_a_library_that_one_file_used_is_not_there_for_the_next(engine: Engine) -> None:
    probe = 'surface(file = "/libraries/BOSL2"); cube(1);'
    before = compile_scad(probe, engine=engine)
    compile_scad("include <BOSL2/std.scad>\ncuboid(3);", engine=engine)
    after = compile_scad(probe, engine=engine)
    assert (after.status, after.diagnostics) == (before.status, before.diagnostics)


def test_three_backticks_in_a_string_are_no_code_fence(engine: Engine) -> None:
    assert compile_scad('echo("a\n```b"); cube(1);', engine=engine).is_strict


def test_half_a_character_at_the_cut_is_still_text(engine: Engine) -> None:
    result = compile_scad(f'echo("x{"😀" * 1500}"); cube(1);', engine=engine)
    assert result.is_strict
    str(result.diagnostics).encode("utf-8")
