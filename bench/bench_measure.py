"""Milliseconds to measure, compare and check a mesh of 5 k, 100 k and 1 M triangles, beside what trimesh takes for it.

Run: python bench/bench_measure.py [--quick]. Both in one run, in turns, because on a shared machine only the ratio
says something. `--quick` leaves out 1 M triangles. Each line says what the other side computed: trimesh has no single
call for most of it.
"""

from __future__ import annotations

import argparse
import io
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import trimesh

from render.geometry.mesh import Triangles, measure, write_stl
from render.geometry.printability import printability
from render.geometry.shapes import compare_shapes

SIZES = ((100, 25), (500, 100), (1000, 500))
"""Steps along and around a torus; each gives two triangles."""
N_VOXELS = 64


def bumpy_torus(n_along: int, n_around: int, *, lift_mm: float = 0.0) -> Triangles:
    along, around = np.meshgrid(
        np.linspace(0, 2 * np.pi, n_along, endpoint=False),
        np.linspace(0, 2 * np.pi, n_around, endpoint=False),
        indexing="ij",
    )
    radius = 8 + 0.8 * np.sin(5 * along) * np.cos(3 * around)
    reach = 30 + radius * np.cos(around)
    points = np.stack((reach * np.cos(along), reach * np.sin(along), radius * np.sin(around) + lift_mm), axis=-1)
    i, j = (k.ravel() for k in np.meshgrid(np.arange(n_along), np.arange(n_around), indexing="ij"))
    next_i, next_j = (i + 1) % n_along, (j + 1) % n_around
    a, b, c, d = (p * n_around + q for p, q in ((i, j), (next_i, j), (next_i, next_j), (i, next_j)))
    faces = np.concatenate((np.stack((a, b, c), axis=1), np.stack((a, c, d), axis=1)))
    return Triangles(points.reshape(-1, 3), faces)


def fastest_ms(call: Callable[[], Any], *, n_runs: int) -> tuple[float, Any]:
    best, result = float("inf"), None
    for _ in range(n_runs):
        started = time.perf_counter()
        result = call()
        best = min(best, (time.perf_counter() - started) * 1000)
    return best, result


def trimesh_measures(stl: bytes) -> tuple[object, ...]:
    mesh: Any = trimesh.load(io.BytesIO(stl), file_type="stl")
    return (
        mesh.volume, mesh.area, mesh.extents, mesh.is_watertight, mesh.euler_number, mesh.body_count, mesh.center_mass,
        mesh.moment_inertia,
    )  # fmt: skip


def as_trimesh(mesh: Triangles) -> Any:
    return trimesh.Trimesh(mesh.vertices, mesh.faces, process=False)


def trimesh_iou(mesh: Triangles, reference: Triangles) -> float:
    one, other = as_trimesh(mesh), as_trimesh(reference)
    both = trimesh.boolean.intersection([one, other], check_volume=False).volume
    return float(both / (one.volume + other.volume - both))


def voxel_iou(mesh: Triangles, reference: Triangles) -> float:
    pitch = float(np.ptp(reference.vertices, axis=0).max()) / N_VOXELS
    low = np.minimum(mesh.vertices.min(axis=0), reference.vertices.min(axis=0))
    filled = []
    for part in (mesh, reference):
        grid = as_trimesh(Triangles(part.vertices - low, part.faces)).voxelized(pitch).fill()
        filled.append({tuple(cell) for cell in np.round(grid.points / pitch).astype(int).tolist()})
    return len(filled[0] & filled[1]) / len(filled[0] | filled[1])


def trimesh_thickness(mesh: Triangles) -> Any:
    solid = as_trimesh(mesh)
    points, faces = trimesh.sample.sample_surface(solid, 4000, seed=0)
    return trimesh.proximity.thickness(solid, points, normals=solid.face_normals[faces], method="ray").min()


def bench(n_along: int, n_around: int) -> None:
    reference = bumpy_torus(n_along, n_around)
    mesh = bumpy_torus(n_along - 4, n_around + 3, lift_mm=2.0)
    stl = write_stl(reference.corners)
    n = len(reference.faces)
    n_runs = 5 if n < 50_000 else 2 if n < 500_000 else 1
    rows: list[tuple[str, float, float | None, str]] = []

    own, _ = fastest_ms(lambda: measure(stl), n_runs=n_runs)
    theirs, _ = fastest_ms(lambda: trimesh_measures(stl), n_runs=n_runs)
    rows.append(("measure", own, theirs, "trimesh: load, volume, area, watertight, euler, bodies, inertia"))

    own, compared = fastest_ms(lambda: compare_shapes(mesh, reference), n_runs=min(n_runs, 2))
    theirs, iou = fastest_ms(lambda: trimesh_iou(mesh, reference), n_runs=min(n_runs, 2))
    note = f"trimesh: IoU in place alone, {iou:.4f}; ours {compared.iou_in_place:.4f} {compared.iou_method}, 24 turns"
    rows.append(("compare_shapes", own, theirs, f"{note}, Chamfer, F1, Hausdorff"))
    if n < 50_000:
        theirs, iou = fastest_ms(lambda: voxel_iou(mesh, reference), n_runs=1)
        rows.append(("", own, theirs, f"trimesh: {N_VOXELS} voxels a side, IoU {iou:.4f}"))

    own, _ = fastest_ms(lambda: printability(reference), n_runs=min(n_runs, 2))
    try:
        thickness, _ = fastest_ms(lambda: trimesh_thickness(reference), n_runs=1)
        rows.append(("printability", own, thickness, "trimesh: thickness at 4000 points alone"))
    except ImportError as error:
        rows.append(("printability", own, None, f"trimesh: {error}"))

    for name, ours, other, what in rows:
        beside = f"{other:9.1f}" if other is not None else "        -"
        print(f"{n:9d} {name:15s} {ours:9.1f} {beside}   {what}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="leave out 1 M triangles")
    options = parser.parse_args()
    small = write_stl(bumpy_torus(10, 6).corners)
    own, _ = fastest_ms(lambda: measure(small), n_runs=200)
    theirs, _ = fastest_ms(lambda: trimesh_measures(small), n_runs=20)
    print("triangles                   ours ms  trimesh ms")
    print(f"{120:9d} {'measure':15s} {own:9.2f} {theirs:9.2f}   the size that most parts have", flush=True)
    for n_along, n_around in SIZES[: 2 if options.quick else 3]:
        bench(n_along, n_around)


if __name__ == "__main__":
    main()
