"""One part for a person at the command line, from a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.part_files import stats_document
from flows.settings import Settings
from render import MeshStats, open_engine
from render.geometry.formats import export_mesh

__all__ = ["NoAnswer", "Part", "make_part"]


class NoAnswer(RuntimeError):
    """The model gave no source that compiles to a solid."""


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
        """Writes the source (.scad) or the mesh (.stl, .3mf, .glb, .obj, .off)."""
        if path.suffix.lower() == ".scad":
            path.write_text(self.scad)
        else:
            export_mesh(self.stl, path)

    def summary(self, output: Path | None) -> dict[str, Any]:
        return {
            "prompt": self.prompt,
            "scad": self.scad,
            "foreign_numbers": list(self.foreign_numbers),
            "output": str(output) if output else None,
            **stats_document(self.stats),
        }


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
    result = answer.result
    if answer.scad is None or result is None or not result.is_strict or result.stl is None or result.stats is None:
        raise NoAnswer(
            f"none of {n_attempts} answers is a solid: name the shape and its sizes in mm, one part at a time"
        )
    return Part(prompt, answer.scad, result.stl, result.stats, answer.foreign_numbers)
