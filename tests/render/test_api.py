"""The room's front door: one call from source to mesh, and to a file."""

from __future__ import annotations

from pathlib import Path

import pytest
import trimesh

from render import CompileFailed, Engine, Status, export, scad_to_mesh
from render.geometry.mesh import measure_triangles


def test_a_source_becomes_a_mesh(engine: Engine) -> None:
    files = {"part.scad": "module part(d) cube(d);"}
    mesh = scad_to_mesh("use <part.scad>\nd = 1; part(d);", files=files, parameters={"d": 3}, engine=engine)
    assert measure_triangles(mesh).volume_mm3 == pytest.approx(27)


@pytest.mark.parametrize("suffix", [".stl", ".obj", ".off", ".3mf", ".glb"])
def test_a_source_becomes_a_file(engine: Engine, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"part{suffix}"
    export("cube([1, 2, 3]);", path, engine=engine)
    loaded = trimesh.load(path, force="mesh")
    assert loaded.is_volume
    assert loaded.volume * (1e9 if suffix == ".glb" else 1) == pytest.approx(6, rel=1e-5)


def test_a_source_without_a_mesh_says_why(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(CompileFailed, match=r"syntax_error in line 2: Parser error") as caught:
        export("cube(1);\ncube(", tmp_path / "x.stl", engine=engine)
    assert caught.value.result.status is Status.SYNTAX_ERROR
    assert list(tmp_path.iterdir()) == []
