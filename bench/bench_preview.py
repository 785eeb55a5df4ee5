"""CPU ms a picture: `render.pictures` beside matplotlib's Poly3DCollection, which needs no graphics libraries either.

Run: python bench/bench_preview.py [--size-px 512] [--quick]. Both in one run, because on a shared machine only the
ratio says something. They don't draw the same: matplotlib sorts triangles by their middles, so that faces of
different size hide each other wrongly, and it has neither edges nor shadow. `--quick` leaves out
1 M triangles. Reading the STL is timed on its own: it is the same for both.
"""

from __future__ import annotations

import argparse
import io
import resource
import time
from collections.abc import Callable

import numpy as np

from render.geometry.mesh import Triangles, read_stl, write_stl
from render.pictures.raster import draw_mesh
from render.pictures.turntable import turntable_gif

SIZES = (5_000, 100_000, 1_000_000)


def bumpy_ring(n_triangles: int) -> Triangles:
    """A closed ring with bumps, of about as many triangles."""
    n_minor = round((n_triangles / 6) ** 0.5)
    n_major = n_triangles // 2 // n_minor
    u, v = np.meshgrid(
        np.linspace(0, 2 * np.pi, n_major, endpoint=False),
        np.linspace(0, 2 * np.pi, n_minor, endpoint=False),
        indexing="ij",
    )
    radius = 8 + 0.8 * np.sin(12 * u) * np.cos(4 * v)
    wide = 20 + radius * np.cos(v)
    vertices = np.stack((wide * np.cos(u), wide * np.sin(u), radius * np.sin(v)), axis=-1).reshape(-1, 3)
    i, j = np.meshgrid(np.arange(n_major), np.arange(n_minor), indexing="ij")
    next_i, next_j = (i + 1) % n_major, (j + 1) % n_minor
    a, b, c, d = (x * n_minor + y for x, y in ((i, j), (next_i, j), (next_i, next_j), (i, next_j)))
    return Triangles(vertices, np.stack((a, b, c, a, c, d), axis=-1).reshape(-1, 3))


def draw_with_matplotlib(mesh: Triangles, size_px: int) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from mpl_toolkits.mplot3d.art3d import Poly3DCollection

    figure = Figure(figsize=(size_px / 100, size_px / 100), dpi=100)
    FigureCanvasAgg(figure)
    axes = figure.add_subplot(projection="3d", proj_type="ortho")
    axes.add_collection3d(Poly3DCollection(mesh.corners, facecolors="#99b3d4", edgecolors="#99b3d4", shade=True))
    low, high = mesh.vertices.min(axis=0), mesh.vertices.max(axis=0)
    axes.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), zlim=(low[2], high[2]))
    axes.set_box_aspect(high - low)
    axes.set_axis_off()
    figure.savefig(io.BytesIO(), format="png")


def cpu_ms(work: Callable[[], object], n_rounds: int) -> float:
    """The least of `n_rounds`: first imports, and what others do at the same time, only ever add."""
    spent = []
    for _ in range(n_rounds):
        started = time.process_time()
        work()
        spent.append(time.process_time() - started)
    return min(spent) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size-px", type=int, default=512)
    parser.add_argument("--quick", action="store_true", help="leave out 1 M triangles")
    arguments = parser.parse_args()
    size_px: int = arguments.size_px
    print(f"CPU ms a picture of {size_px} x {size_px} pixels")
    print(f"{'triangles':>10} {'read STL':>9} {'ours':>8} {'matplotlib':>11} {'ratio':>7} {'peak MB':>8}")
    for n_triangles in SIZES[:-1] if arguments.quick else SIZES:
        mesh = bumpy_ring(n_triangles)
        stl = write_stl(mesh.corners)
        n_rounds = 5 if n_triangles <= 100_000 else 2
        reading = cpu_ms(lambda stl=stl: read_stl(stl), 1)  # type: ignore[misc]
        ours = cpu_ms(lambda mesh=mesh: draw_mesh(mesh, size_px), n_rounds)  # type: ignore[misc]
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        try:
            theirs = cpu_ms(lambda mesh=mesh: draw_with_matplotlib(mesh, size_px), n_rounds)  # type: ignore[misc]
            other, ratio = f"{theirs:.0f}", f"{theirs / ours:.1f}x"
        except ModuleNotFoundError:
            other, ratio = "missing", "-"
        print(f"{len(mesh.faces):>10,} {reading:>9.0f} {ours:>8.0f} {other:>11} {ratio:>7} {peak_mb:>8}")
    stl = write_stl(bumpy_ring(SIZES[0]).corners)
    spent = cpu_ms(lambda: turntable_gif(stl), 1)
    print(
        f"turntable of {SIZES[0]:,} triangles, 36 frames of 240 px: {spent:.0f} ms, {len(turntable_gif(stl)):,} bytes"
    )


if __name__ == "__main__":
    main()
