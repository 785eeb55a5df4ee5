"""Training data against every registered benchmark: what to drop, and by which item of which benchmark.

A benchmark is data: items with a prompt, a source, a mesh's fingerprint, or some of them. Covers loading them from a
folder or from JSON lines; compiling a reference source is the caller's business, who then gives its fingerprint.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from corpus.leaks import LEAK_DEPTHS, LeakItem, find_leaks
from corpus.sketches import sketch_of
from render.geometry.fingerprint import Fingerprint, fingerprint
from render.geometry.mesh import Triangles, binary_stl, read_stl

__all__ = ["Benchmark", "BenchmarkItem", "Contamination", "decontaminate", "load_folder", "load_jsonl", "with_shapes"]


@dataclass(frozen=True)
class BenchmarkItem:
    id: str
    prompts: tuple[str, ...] = ()
    source: str | None = None
    """OpenSCAD."""
    shape: Fingerprint | None = None


@dataclass(frozen=True)
class Benchmark:
    """A registered test; nothing of it may be trained on."""

    id: str
    items: tuple[BenchmarkItem, ...]

    @cached_property
    def hash(self) -> str:
        """sha256 of the items, in the order of their ids."""
        rows = sorted([i.id, list(i.prompts), i.source, list(i.shape) if i.shape else None] for i in self.items)
        return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


@dataclass(frozen=True)
class Contamination:
    """Why a training item must go."""

    key: str
    depth: str
    benchmark_id: str
    item_id: str
    similarity: float


def decontaminate(
    train: Sequence[LeakItem], benchmarks: Iterable[Benchmark], *, depths: Sequence[str] = LEAK_DEPTHS
) -> list[Contamination]:
    """Every training item that resembles an item of a benchmark: by benchmark, depth and key."""
    found = []
    for benchmark in sorted(benchmarks, key=lambda b: b.id):
        items, owners = _leak_items(benchmark)
        found += [
            Contamination(leak.train_key, leak.depth, benchmark.id, owners[leak.test_key], leak.similarity)
            for leak in find_leaks(train, items, depths=depths)
        ]
    return found


def load_folder(folder: Path, *, benchmark_id: str, scale: float = 1.0) -> Benchmark:
    """A folder with one of its own for each item: each `*.txt` in it is a prompt, a `*.scad` the source, a `*.stl` the
    mesh, the first by name of each. `scale` turns the meshes' unit into mm.

    Raises ValueError for a folder without items and for an STL that can't be read.
    """
    items = []
    for place in sorted(path for path in folder.iterdir() if path.is_dir()):
        prompts = tuple(_text(path) for path in sorted(place.glob("*.txt")))
        source = next(iter(sorted(place.glob("*.scad"))), None)
        mesh = next(iter(sorted(place.glob("*.stl"))), None)
        if prompts or source or mesh:
            shape = _shape_of(mesh, scale) if mesh else None
            items.append(BenchmarkItem(place.name, prompts, _text(source) if source else None, shape))
    if not items:
        raise ValueError(f"{folder} holds no folder with a .txt, .scad or .stl file in it")
    return Benchmark(benchmark_id, tuple(items))


def load_jsonl(path: Path, *, benchmark_id: str) -> Benchmark:
    """One object a line: `prompt`, and where they are known `id` and `scad`. Without an id, the line's number is it.

    Raises ValueError for a line without a prompt, and for two of one id.
    """
    items = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        row = json.loads(line)
        if not isinstance(row, dict) or not isinstance(row.get("prompt"), str):
            raise ValueError(f"{path}, line {number}: no object with a text `prompt`")
        scad = row.get("scad")
        items.append(BenchmarkItem(str(row.get("id", number)), (row["prompt"],), scad if scad else None))
    if len({item.id for item in items}) != len(items):
        raise ValueError(f"{path}: two lines have the same id")
    return Benchmark(benchmark_id, tuple(items))


def with_shapes(benchmark: Benchmark, shapes: Mapping[str, Fingerprint]) -> Benchmark:
    """The benchmark with fingerprints by item id, for items that had none."""
    return replace(
        benchmark,
        items=tuple(replace(item, shape=item.shape or shapes.get(item.id)) for item in benchmark.items),
    )


def _leak_items(benchmark: Benchmark) -> tuple[list[LeakItem], dict[str, str]]:
    """One for an item's source and shape, one more for each further prompt; and the item's id of each."""
    found: list[LeakItem] = []
    owners: dict[str, str] = {}
    for item in benchmark.items:
        for n, prompt in enumerate(item.prompts or (None,)):
            key = f"{item.id}#{n}"
            owners[key] = item.id
            if n:
                found.append(LeakItem(key, prompt=prompt))
            else:
                sketch = None if item.source is None else sketch_of(item.source)
                found.append(LeakItem(key, item.source, sketch, item.shape, prompt))
    return found, owners


def _shape_of(path: Path, scale: float) -> Fingerprint | None:
    try:
        mesh = read_stl(binary_stl(path.read_bytes()))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    return fingerprint(Triangles(mesh.vertices * scale, mesh.faces))


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")
