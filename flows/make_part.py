"""One part for a person at the command line: from a sentence, or from a file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flows.settings import Settings
from render import CompileResult, Diagnostic, MeshStats, Severity, Status, compile_scad, open_engine
from render.mesh import export_mesh, measure

__all__ = ["CompiledFile", "NoAnswer", "Part", "compile_file", "describe_failure", "make_part"]


class NoAnswer(RuntimeError):
    """The model gave no source that compiles to a solid."""


def _write(path: Path, scad: str, stl: bytes) -> None:
    if path.suffix.lower() == ".scad":
        path.write_text(scad)
    else:
        export_mesh(stl, path)


def _stats_summary(stats: MeshStats) -> dict[str, Any]:
    return {
        "size_mm": [round(s, 4) for s in stats.size_mm],
        "volume_mm3": stats.volume_mm3,
        "area_mm2": stats.area_mm2,
        "is_closed": stats.is_closed,
        "n_components": stats.n_components,
        "genus": stats.genus,
        "n_triangles": stats.n_triangles,
    }


@dataclass(frozen=True)
class Part:
    """What `generate` made: source, mesh, and what it measures."""

    prompt: str
    scad: str
    stl: bytes
    stats: MeshStats
    foreign_numbers: tuple[float, ...]
    """Numbers among its parameters that the prompt does not mention."""

    def write(self, path: Path) -> None:
        """Writes the source (.scad) or the mesh (.stl, .3mf, .glb, .obj)."""
        _write(path, self.scad, self.stl)

    def summary(self, output: Path | None) -> dict[str, Any]:
        return {
            "prompt": self.prompt,
            "scad": self.scad,
            "foreign_numbers": list(self.foreign_numbers),
            "output": str(output) if output else None,
            **_stats_summary(self.stats),
        }


@dataclass(frozen=True)
class CompiledFile:
    """A .scad file's verdict, with the measures of its mesh where there is one."""

    scad: str
    result: CompileResult
    stats: MeshStats | None

    def write(self, path: Path) -> None:
        """Writes the mesh. Only for a result that has one."""
        if self.result.is_compiled and self.result.stl is not None:
            _write(path, self.scad, self.result.stl)

    def summary(self, output: Path | None) -> dict[str, Any]:
        return {
            "status": self.result.status,
            "is_compiled": self.result.is_compiled,
            "engine_id": self.result.engine_id,
            "containment": self.result.containment,
            "seconds": round(self.result.seconds, 3),
            "output": str(output) if output and self.result.is_compiled else None,
            "diagnostics": [
                {"severity": d.severity, "kind": d.kind, "message": d.message, "file": d.file, "line": d.line}
                for d in self.result.diagnostics
            ],
            **(_stats_summary(self.stats) if self.stats else {}),
        }

    def summary_line(self) -> str:
        """Verdict, sides and volume in one line. Only for a result that has a mesh."""
        assert self.stats is not None
        sides = " x ".join(f"{s:.2f}" for s in self.stats.size_mm)
        volume = f"{self.stats.volume_mm3:.1f} mm3" if self.stats.volume_mm3 is not None else "not closed"
        return f"{self.result.status}: {sides} mm, {volume}, {self.result.seconds:.2f} s, {self.result.engine_id}"


def describe_failure(path: Path, result: CompileResult) -> str:
    """What is wrong, and where, in one line."""
    worst = [d for d in result.diagnostics if d.severity == Severity.ERROR] or list(result.diagnostics)
    if not worst:
        return f"{path}: {result.status}"
    where = f"{path}:{worst[0].line}" if worst[0].line else str(path)
    return f"{where}: {result.status}: {worst[0].message}"


def companions_of(folder: Path, scad: str) -> dict[str, str]:
    """The files beside a source that it includes, by the path it names them with; none outside its folder."""
    from corpus.includes import find_includes

    found: dict[str, str] = {}
    pending = [include.target for include in find_includes(scad)]
    root = folder.resolve()
    while pending:
        target = pending.pop()
        try:
            path = (root / target).resolve()
            if target in found or not path.is_relative_to(root) or not path.is_file():
                continue
            text = path.read_bytes()[: 2 << 20].decode("utf-8", errors="replace")
        except (OSError, ValueError):  # a name too long, or with NUL in it: the engine says that it is missing
            continue
        found[target] = text
        parent = Path(target).parent
        pending += [(parent / include.target).as_posix() for include in find_includes(text)]
    return found


def compile_file(settings: Settings, scad: str, *, folder: Path) -> CompiledFile:
    """Compiles a source with the files of its own folder that it includes. Raises EngineMissing."""
    with open_engine(settings.engine, data_dir=settings.data_dir) as engine:
        result = compile_scad(
            scad,
            files=companions_of(folder, scad),
            engine=engine,
            timeout_seconds=settings.compile_timeout_seconds,
            max_memory_bytes=settings.max_memory_bytes,
        )
    stats = None
    if result.is_compiled and result.stl is not None:
        try:
            stats = measure(result.stl)
        except ValueError as error:  # corners beyond what 32 bits hold
            problem = Diagnostic(Severity.ERROR, "bad_mesh", str(error))
            result = replace(result, status=Status.EVAL_ERROR, diagnostics=(problem, *result.diagnostics))
    return CompiledFile(scad, result, stats)


def make_part(settings: Settings, prompt: str, *, adapter: Path | None, n_attempts: int) -> Part:
    """Asks the model, compiles what it writes, and gives the first strict part. Raises NoAnswer, EngineMissing."""
    from ml.config import SHIPPED_BASE
    from ml.generate import Generator, generate_verified

    generator = Generator(settings.base_model or SHIPPED_BASE, adapter)
    with open_engine(settings.engine, data_dir=settings.data_dir) as engine:
        answer = generate_verified(
            generator,
            prompt,
            engine=engine,
            n_attempts=n_attempts,
            timeout_seconds=settings.compile_timeout_seconds,
            max_memory_bytes=settings.max_memory_bytes,
            seed=settings.seed,
        )
    if not answer.is_strict or answer.scad is None or answer.result is None or answer.result.stl is None:
        raise NoAnswer(
            f"none of {n_attempts} answers is a solid: name the shape and its sizes in mm, one part at a time"
        )
    return Part(prompt, answer.scad, answer.result.stl, measure(answer.result.stl), answer.foreign_numbers)
