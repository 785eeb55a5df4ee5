"""Sources to verdicts: what is still to compile, and the `compiled` row of each.

Covers the way through `render` and back. A failure of our own (`engine_error`) is no verdict: it is yielded so that
it can be counted, and must not be stored, so that the next run tries again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus.schema import CompanionFile, CompiledRow, DiagnosticRow
from render import CompileJob, CompileResult, Status, compile_many

__all__ = ["THUMBNAIL_PX", "CompileTarget", "compile_rows", "compiled_row", "is_verdict"]

THUMBNAIL_PX = 96
"""2 kB and 10 ms each."""

MAX_DIAGNOSTICS = 20
"""A loop that warns does so thousands of times; the first ones say it all."""
MAX_MESSAGE_CHARS = 500


@dataclass(frozen=True)
class CompileTarget:
    """One content to compile."""

    sha256: str
    """`corpus.normalize.content_key` of the source and its companions."""
    scad: str
    companions: tuple[CompanionFile, ...] = ()


def compile_rows(
    targets: Sequence[CompileTarget],
    *,
    engine_name: str = "auto",
    n_workers: int = 2,
    timeout_seconds: float = 10.0,
    max_memory_bytes: int = 1 << 30,
    data_dir: Path | None = None,
    on_result: Callable[[CompiledRow], None] | None = None,
) -> Iterator[CompiledRow]:
    """The rows of the targets, in their order, as they come; `on_result` sees each first. Raises EngineMissing."""
    jobs = (CompileJob(t.scad, {c.path: c.text for c in t.companions}) for t in targets)
    results = compile_many(
        jobs,
        engine_name=engine_name,
        n_workers=n_workers,
        timeout_seconds=timeout_seconds,
        max_memory_bytes=max_memory_bytes,
        data_dir=data_dir,
    )
    for target, result in zip(targets, results, strict=True):
        row = compiled_row(target.sha256, result)
        if on_result is not None:
            on_result(row)
        yield row


def is_verdict(row: CompiledRow) -> bool:
    """False for a failure of our own, which says nothing about the source."""
    return row.status != Status.ENGINE_ERROR


def compiled_row(sha256: str, result: CompileResult) -> CompiledRow:
    """The row of a compile result, with the mesh's fingerprint and picture."""
    stats = result.stats
    shape, thumbnail = _seen(result)
    diagnostics = [
        DiagnosticRow(str(d.severity), d.kind, _plain(d.message), d.file, d.line)
        for d in result.diagnostics[:MAX_DIAGNOSTICS]
    ]
    return CompiledRow(
        sha256=sha256,
        engine_id=result.engine_id,
        status=str(result.status),
        is_compiled=result.is_compiled,
        is_strict=result.is_strict,
        diagnostics=tuple(diagnostics),
        n_triangles=stats.n_triangles if stats else None,
        size_mm=stats.size_mm if stats else None,
        volume_mm3=stats.volume_mm3 if stats else None,
        area_mm2=stats.area_mm2 if stats else None,
        is_closed=stats.is_closed if stats else None,
        n_components=stats.n_components if stats else None,
        genus=stats.genus if stats else None,
        shape=shape,
        thumbnail=thumbnail,
    )


def _seen(result: CompileResult) -> tuple[tuple[float, ...] | None, bytes | None]:
    """(fingerprint, thumbnail) of the mesh; None for a result without one."""
    if result.stl is None or not result.is_compiled:
        return None, None
    from render.geometry.fingerprint import fingerprint
    from render.geometry.mesh import read_stl
    from render.pictures.preview import render_png

    return fingerprint(read_stl(result.stl)), render_png(result.stl, size_px=THUMBNAIL_PX)


def _plain(message: str) -> str:
    """One short line that UTF-8 can hold: a message quotes the source, which may hold anything."""
    line = " ".join(message.split())[:MAX_MESSAGE_CHARS]
    return line.encode("utf-8", errors="replace").decode("utf-8")
