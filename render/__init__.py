"""OpenSCAD source -> geometry -> picture. Knows nothing of datasets or models.

Importing this package is cheap: numpy, trimesh and Pillow load with the first name that needs them.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from render.engines import Engine, EngineMissing, open_engine
from render.pool import compile_many
from render.result import CompileJob, CompileResult, Diagnostic, Severity, Status

if TYPE_CHECKING:
    from render.mesh import MeshStats, is_strict, measure

__all__ = [
    "CompileJob",
    "CompileResult",
    "Diagnostic",
    "Engine",
    "EngineMissing",
    "MeshStats",
    "Severity",
    "Status",
    "compile_many",
    "compile_scad",
    "is_strict",
    "measure",
    "open_engine",
]

_NO_FILES: Mapping[str, str] = MappingProxyType({})
_LAZY = {"MeshStats": "render.mesh", "is_strict": "render.mesh", "measure": "render.mesh"}


def compile_scad(
    source: str,
    *,
    files: Mapping[str, str] = _NO_FILES,
    engine: Engine | None = None,
    timeout_seconds: float = 10.0,
    max_memory_bytes: int = 1 << 30,
) -> CompileResult:
    """Compile one source. Without `engine`, one is opened and closed for it (0.2 s): pass one for several."""
    job = CompileJob(source, files)
    if engine is not None:
        return engine.compile(job, timeout_seconds=timeout_seconds, max_memory_bytes=max_memory_bytes)
    with open_engine() as opened:
        return opened.compile(job, timeout_seconds=timeout_seconds, max_memory_bytes=max_memory_bytes)


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
