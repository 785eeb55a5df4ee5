"""A mesh to the bytes of a file: STL, OBJ, OFF, 3MF, GLB.

Writes shapes alone, without colours, normals or several objects, and reads nothing but STL. 3MF and GLB are trimesh's
work; the three others are a line a corner, with every digit.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np

from render.geometry.mesh import Stl, Triangles, count_triangles, read_stl, write_stl

__all__ = ["EXPORT_SUFFIXES", "export_mesh", "mesh_bytes"]

_GLB_FROM_MM = np.array([[1, 0, 0, 0], [0, 0, 1, 0], [0, -1, 0, 0], [0, 0, 0, 1000]]) / 1000.0
"""Millimetres with z up to glTF's metres with y up."""


def export_mesh(source: Stl | Triangles, path: Path) -> None:
    """Write a binary STL or a mesh in the format that the suffix of `path` names.

    The file appears whole or not at all. Raises ValueError for another suffix, for bytes that are no
    STL, and for a mesh without triangles.
    """
    data = mesh_bytes(source, path.suffix)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def mesh_bytes(source: Stl | Triangles, suffix: str) -> bytes:
    """The file that holds a mesh. `suffix` is one of EXPORT_SUFFIXES; all are in mm but .glb, which is in metres."""
    write = _WRITERS.get(suffix.lower())
    if write is None:
        raise ValueError(f"can't export to {suffix!r}: the suffix must be one of {', '.join(EXPORT_SUFFIXES)}")
    if (len(source.faces) if isinstance(source, Triangles) else count_triangles(source)) == 0:
        raise ValueError("a mesh without triangles can't be exported")
    if suffix.lower() == ".stl" and not isinstance(source, Triangles):
        return bytes(source)
    return write(source if isinstance(source, Triangles) else read_stl(source))


def _stl(mesh: Triangles) -> bytes:
    return write_stl(mesh.corners)


def _obj(mesh: Triangles) -> bytes:
    vertices, faces = _lines("v %.9g %.9g %.9g\n", mesh.vertices), _lines("f %d %d %d\n", mesh.faces + 1)
    return f"# CAD Copilot, mm\n{vertices}{faces}".encode()


def _off(mesh: Triangles) -> bytes:
    vertices, faces = _lines("%.9g %.9g %.9g\n", mesh.vertices), _lines("3 %d %d %d\n", mesh.faces)
    return f"OFF\n{len(mesh.vertices)} {len(mesh.faces)} 0\n{vertices}{faces}".encode()


def _3mf(mesh: Triangles) -> bytes:
    import trimesh

    solid = trimesh.Trimesh(mesh.vertices, mesh.faces, process=False, metadata={"units": "millimeter"})
    return bytes(solid.export(file_type="3mf"))


def _glb(mesh: Triangles) -> bytes:
    import trimesh

    scene = trimesh.Scene()
    scene.add_geometry(trimesh.Trimesh(mesh.vertices, mesh.faces, process=False), transform=_GLB_FROM_MM)
    return bytes(scene.export(file_type="glb"))


def _lines(template: str, rows: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> str:
    """The template filled in for each row. Nine digits hold every 32-bit number exactly."""
    return (template * len(rows)) % tuple(rows.ravel().tolist())


_WRITERS: Mapping[str, Callable[[Triangles], bytes]] = MappingProxyType(
    {".stl": _stl, ".3mf": _3mf, ".glb": _glb, ".obj": _obj, ".off": _off}
)
EXPORT_SUFFIXES = tuple(_WRITERS)
