"""Validation by the real engine: verdicts, measures and pictures, and never for a failure of our own."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from corpus.normalize import content_key
from corpus.schema import CompanionFile, CompiledRow
from corpus.store import Store
from corpus.validate import MAX_DIAGNOSTICS, THUMBNAIL_PX, CompileTarget, compile_rows, compiled_row, is_verdict
from render import CompileResult, Diagnostic, Severity, Status

DATA_DIR = Path(__file__).parents[2] / "var"
LID = CompanionFile("lid.scad", "module lid() cube([20, 10, 2]);\n")


def target(scad: str, *companions: CompanionFile) -> CompileTarget:
    return CompileTarget(content_key(scad, companions), scad, companions)


SOURCES = {
    "cube": target("cube([10, 20, 30]);\n"),
    "ring": target("difference() { cylinder(d = 20, h = 5); translate([0, 0, -1]) cylinder(d = 10, h = 7); }\n"),
    "lid": target("use <lid.scad>\nlid();\n", LID),
    "syntax": target("cube([10, 20, 30);\n"),
    "flat": target("square(10);\n"),
    "nothing": target("x = 1;\n"),
    "endless": target("for (i = [0 : 1e9]) if (i < 0) cube(i);\nfunction f(n) = f(n + 1);\nx = f(0);\ncube(1);\n"),
    "unknown": target("cube(5);\nhex_nut(3);\n"),
}


@pytest.fixture(scope="module")
def verdicts() -> dict[str, CompiledRow]:
    rows = list(compile_rows(list(SOURCES.values()), n_workers=1, timeout_seconds=5.0, data_dir=DATA_DIR))
    return dict(zip(SOURCES, rows, strict=True))


def test_every_target_has_its_verdict_in_order(verdicts: dict[str, CompiledRow]) -> None:
    assert [v.sha256 for v in verdicts.values()] == [t.sha256 for t in SOURCES.values()]
    assert {name for name, v in verdicts.items() if v.is_strict} == {"cube", "ring", "lid"}
    assert all(is_verdict(v) for v in verdicts.values())
    assert len({v.engine_id for v in verdicts.values()}) == 1


def test_solids_are_measured_and_failures_say_where(verdicts: dict[str, CompiledRow]) -> None:
    cube = verdicts["cube"]
    assert cube.size_mm == pytest.approx((10, 20, 30))
    assert cube.volume_mm3 == pytest.approx(6000)
    assert (cube.is_closed, cube.n_components, cube.genus) == (True, 1, 0)
    assert verdicts["ring"].genus == 1
    assert verdicts["lid"].size_mm == pytest.approx((20, 10, 2))
    assert verdicts["syntax"].status == Status.SYNTAX_ERROR
    assert verdicts["syntax"].diagnostics[0].line == 1
    assert verdicts["syntax"].size_mm is None
    assert {verdicts["flat"].status, verdicts["nothing"].status} <= {Status.NOT_3D, Status.EMPTY}
    assert not verdicts["endless"].is_compiled


def test_a_solid_has_a_fingerprint_and_a_picture_and_a_failure_has_neither(verdicts: dict[str, CompiledRow]) -> None:
    for name in ("cube", "ring", "lid"):
        assert verdicts[name].shape
        with Image.open(BytesIO(verdicts[name].thumbnail or b"")) as picture:
            assert (picture.format, picture.size) == ("PNG", (THUMBNAIL_PX, THUMBNAIL_PX))
    for name in ("syntax", "flat", "nothing", "endless"):
        assert (verdicts[name].shape, verdicts[name].thumbnail) == (None, None)


def test_nothing_to_compile_starts_no_engine(tmp_path: Path) -> None:
    assert list(compile_rows([], data_dir=tmp_path)) == []


def test_each_result_is_seen_before_it_is_yielded() -> None:
    seen: list[CompiledRow] = []
    rows = compile_rows([SOURCES["cube"]], n_workers=1, data_dir=DATA_DIR, on_result=seen.append)
    assert next(rows) == seen[0]


def test_our_own_failure_is_no_verdict() -> None:
    row = compiled_row("abc", CompileResult(Status.ENGINE_ERROR, "wasm", 0.0))
    assert not is_verdict(row)
    assert not row.is_compiled


def test_a_mesh_that_cannot_be_measured_is_not_compiled() -> None:
    huge = CompileTarget("huge", "linear_extrude(1e39) square(1e3);")  # beyond what an STL's 32 bits hold
    (row,) = compile_rows([huge], n_workers=1, data_dir=DATA_DIR)
    assert (row.is_compiled, row.is_strict, row.n_triangles) == (False, False, None)
    assert "bad_mesh" in [d.kind for d in row.diagnostics]


def test_what_an_engine_says_is_cut_to_what_a_table_can_hold(tmp_path: Path) -> None:
    noisy = Diagnostic(Severity.WARNING, "other", "undef \ud800\n" * 1000, None, 3)
    row = compiled_row("abc", CompileResult(Status.WARNING, "wasm", 0.1, diagnostics=(noisy,) * 5000))
    assert len(row.diagnostics) == MAX_DIAGNOSTICS
    Store(tmp_path).append("compiled", [row, replace(row, sha256="def")])
    assert Store(tmp_path).rows("compiled")[0] == row
