"""Every format brings the same solid back, and a file is whole or not there."""

from __future__ import annotations

import io
import os
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
import trimesh

from flows.cli_output import MESH_SUFFIXES
from render.geometry.formats import EXPORT_SUFFIXES, export_mesh, mesh_bytes
from render.geometry.mesh import Triangles, read_stl, write_stl

QUADS = [(0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (2, 6, 7, 3), (0, 4, 6, 2), (1, 3, 7, 5)]


def box_stl(x: float = 10.0, y: float = 20.0, z: float = 30.0) -> bytes:
    points = np.array([[i, j, k] for k in (0, z) for j in (0, y) for i in (0, x)])
    return write_stl(np.array([points[list(t)] for a, b, c, d in QUADS for t in ((a, b, c), (a, c, d))]))


@pytest.mark.parametrize("suffix", EXPORT_SUFFIXES)
@pytest.mark.parametrize("is_read", [False, True])
def test_every_format_brings_the_box_back(tmp_path: Path, suffix: str, is_read: bool) -> None:
    path = tmp_path / f"part{suffix}"
    export_mesh(read_stl(box_stl()) if is_read else box_stl(), path)
    loaded = trimesh.load(path, force="mesh")
    scale = 1000 if suffix == ".glb" else 1
    assert loaded.is_volume
    assert len(loaded.faces) == 12
    assert loaded.volume * scale**3 == pytest.approx(6000, rel=1e-6)
    assert (loaded.extents * scale).tolist() == pytest.approx([10, 30, 20] if suffix == ".glb" else [10, 20, 30])
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("suffix", [".obj", ".off"])
def test_no_digit_of_a_coordinate_is_lost_in_text(suffix: str) -> None:
    rng = np.random.default_rng(0)
    corners = np.float32(rng.normal(size=(40, 3, 3)) * 10 ** rng.uniform(-6, 6, size=(40, 3, 3))).astype(np.float64)
    mesh = read_stl(write_stl(corners))
    loaded = trimesh.load(io.BytesIO(mesh_bytes(mesh, suffix)), file_type=suffix[1:], force="mesh", process=False)
    assert (np.float32(loaded.triangles) == np.float32(mesh.corners)).all()


def test_a_glb_stands_upright_in_metres() -> None:
    data = mesh_bytes(box_stl(), ".glb")
    assert struct.unpack("<4sII", data[:12]) == (b"glTF", 2, len(data))
    assert len(data) % 4 == 0
    loaded = trimesh.load(io.BytesIO(data), file_type="glb", force="mesh")
    assert loaded.bounds[0].tolist() == pytest.approx([0, 0, -0.02])
    assert loaded.bounds[1].tolist() == pytest.approx([0.01, 0.03, 0])


def test_a_3mf_says_millimetres_and_is_smaller_than_the_stl() -> None:
    angles = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    ring = np.stack((50 * np.cos(angles), 50 * np.sin(angles), 0 * angles), axis=1)
    fan = np.stack((ring, np.roll(ring, -1, axis=0), np.broadcast_to([0.0, 0.0, 9.0], ring.shape)), axis=1)
    data = mesh_bytes(write_stl(fan), ".3mf")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert 'unit="millimeter"' in archive.read("3D/3dmodel.model").decode()
    assert len(data) < len(write_stl(fan))


@pytest.mark.parametrize("suffix", EXPORT_SUFFIXES)
def test_a_mesh_without_triangles_is_refused(suffix: str) -> None:
    with pytest.raises(ValueError, match="without triangles"):
        mesh_bytes(Triangles(np.zeros((0, 3)), np.zeros((0, 3), dtype=np.int64)), suffix)


def test_an_unknown_format_names_those_that_work(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"\.3mf"):
        export_mesh(box_stl(), tmp_path / "part.step")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", EXPORT_SUFFIXES)
def test_bytes_that_are_no_stl_are_written_to_no_file(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(ValueError, match="STL"):
        export_mesh(b"solid ascii", tmp_path / f"part{suffix}")
    assert list(tmp_path.iterdir()) == []


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "part.stl"
    export_mesh(box_stl(), path)

    def half(self: Path, data: bytes) -> int:
        self.open("wb").write(data[:100])
        raise OSError(28, "no space")

    monkeypatch.setattr(Path, "write_bytes", half)
    with pytest.raises(OSError, match="no space"):
        export_mesh(box_stl(1, 1, 1), path)
    assert path.read_bytes() == box_stl()
    assert os.listdir(tmp_path) == ["part.stl"]  # noqa: PTH208


def test_what_the_command_line_offers_can_be_written() -> None:
    assert set(MESH_SUFFIXES) <= set(EXPORT_SUFFIXES)
