"""OpenSCAD source -> geometry -> picture. Knows nothing of datasets or models.

    from render import CompileJob, CompilePool, compile_scad, export, scad_to_mesh

    export("cube(10);", Path("cube.3mf"))                  # .stl, .obj, .off, .3mf, .glb
    mesh = scad_to_mesh("cube(side);", parameters={"side": 3})
    with CompilePool() as pool:                            # warm engines on all cores
        for result in pool.map(CompileJob(source) for source in sources):
            print(result.status, result.stats)

Importing this package is cheap: numpy, trimesh and Pillow load with the first name that needs them.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from render.engines import Engine, EngineMissing, open_engine
from render.pool import CompilePool, compile_many
from render.result import CompileJob, CompileResult, Diagnostic, MeshStats, Severity, Status

if TYPE_CHECKING:
    from render.geometry.mesh import Triangles, measure
    from render.overrides import Value

__all__ = [
    "CompileFailed",
    "CompileJob",
    "CompilePool",
    "CompileResult",
    "Diagnostic",
    "Engine",
    "EngineMissing",
    "MeshStats",
    "Severity",
    "Status",
    "Triangles",
    "compile_many",
    "compile_scad",
    "export",
    "measure",
    "open_engine",
    "scad_to_mesh",
]

_NOTHING: Mapping[str, Any] = MappingProxyType({})
_LAZY = {"Triangles": "render.geometry.mesh", "measure": "render.geometry.mesh"}


class CompileFailed(Exception):
    """A source has no mesh; the message says why, `result` holds the whole verdict."""

    def __init__(self, result: CompileResult) -> None:
        worst = result.worst
        line = f" in line {worst.line}" if worst is not None and worst.line is not None else ""
        super().__init__(f"{result.status}{line}{f': {worst.message}' if worst is not None else ''}")
        self.result = result


def compile_scad(
    source: str,
    *,
    files: Mapping[str, str | bytes] = _NOTHING,
    parameters: Mapping[str, Value] = _NOTHING,
    engine: Engine | None = None,
    timeout_seconds: float = 10.0,
    max_memory_bytes: int = 1 << 30,
) -> CompileResult:
    """Compile one source. Without `engine`, one is opened and closed for it (0.3 s): pass one for several."""
    job = CompileJob(source, files, parameters)
    if engine is not None:
        return engine.compile(job, timeout_seconds=timeout_seconds, max_memory_bytes=max_memory_bytes)
    with open_engine() as opened:
        return opened.compile(job, timeout_seconds=timeout_seconds, max_memory_bytes=max_memory_bytes)


def scad_to_mesh(
    source: str,
    *,
    files: Mapping[str, str | bytes] = _NOTHING,
    parameters: Mapping[str, Value] = _NOTHING,
    engine: Engine | None = None,
    timeout_seconds: float = 10.0,
) -> Triangles:
    """The mesh of a source, mm. Raises CompileFailed if it has none, and EngineMissing."""
    from render.geometry.mesh import read_stl

    result = compile_scad(source, files=files, parameters=parameters, engine=engine, timeout_seconds=timeout_seconds)
    if not result.is_compiled or result.stl is None:
        raise CompileFailed(result)
    return read_stl(result.stl)


def export(source: str | bytes | Triangles, path: Path, *, engine: Engine | None = None) -> None:
    """Writes a part in the format that the suffix names: .stl, .obj, .off, .3mf, or .glb (metres, y up, as glTF wants).

    `source` is OpenSCAD text, a binary STL, or a mesh. Raises CompileFailed for a text without a mesh, ValueError for
    bytes that are no STL and for another suffix.
    """
    from render.geometry.formats import export_mesh

    export_mesh(scad_to_mesh(source, engine=engine) if isinstance(source, str) else source, path)


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
