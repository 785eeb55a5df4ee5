"""Files a second: `cad-copilot compile` and a warm pool, beside what one would use instead, `xargs -P2 openscad`.

Run: python bench/bench_compile.py [--data-dir var] [--n-rounds 3]. All in one run, in turns, because on a shared
machine only the ratio says something. Needs Debian's `openscad` (apt-get install openscad) for the comparison.

- parts: 1,200 small parts, no two the same; the command's own start, the mesh files and the measures are included.
- booleans: 24 parts of 100 to 300 holes and bosses.
- again: parts that were compiled before: every verdict comes from the cache; the command starts anew and prints JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from render import CompileJob, CompilePool
from render.cache import ResultCache

N_PROCESSES = 2
COMMAND = Path(sys.executable).parent / "cad-copilot"


def small_parts(n: int) -> list[str]:
    """Plates, brackets, tubes and boxes, no two the same: what a text-to-CAD model writes most."""
    return [
        (
            f"difference() {{ cube([{30 + i / 8}, {20 + i % 17}, 3]); "
            f"translate([10, 10, -1]) cylinder(d = {3 + i % 5}, h = 9, $fn = 32); }}",
            f"difference() {{ union() {{ cube([{30 + i / 9}, 20, 4]); cube([4, 20, {20 + i % 23}]); }} "
            f"translate([20, 10, -1]) cylinder(d = 5, h = 9, $fn = 32); }}",
            f"difference() {{ cylinder(d = {20 + i / 31}, h = 30, $fn = 64); "
            f"translate([0, 0, -1]) cylinder(d = {10 + i % 9}, h = 40, $fn = 64); }}",
            f"difference() {{ cube([{40 + i / 21}, 30, 20]); translate([2, 2, 2]) cube([{36 + i / 21}, 26, 20]); }}",
        )[i % 4]
        for i in range(n)
    ]


def boolean_heavy_parts(n: int) -> list[str]:
    """Perforated plates and brush-like parts: many bodies in one union or difference."""
    return [
        (
            f"difference() {{ cube([{80 + i}, 80, 4]); for (x = [1 : 12], y = [1 : {10 + i % 3}]) "
            f"translate([x * 6, y * 6, -1]) cylinder(d = 3, h = 9, $fn = 12); }}",
            f"union() {{ cube([{80 + i}, 80, 4]); for (x = [1 : 15], y = [1 : {12 + i % 8}]) "
            f"translate([x * 5, y * 4, 3]) cube([2, 2, 10]); }}",
        )[i % 2]
        for i in range(n)
    ]


def write(sources: list[str], folder: Path) -> None:
    folder.mkdir()
    for number, source in enumerate(sources):
        (folder / f"{number:04d}.scad").write_text(source)


def run_xargs(folder: Path) -> float:
    names = "\n".join(sorted(path.name for path in folder.glob("*.scad")))
    command = ["xargs", f"-P{N_PROCESSES}", "-I{}", "openscad", "-q", "{}", "-o", "{}.stl"]
    started = time.perf_counter()
    subprocess.run(command, input=names, text=True, cwd=folder, check=True, capture_output=True)
    seconds = time.perf_counter() - started
    meshes = list(folder.glob("*.stl"))
    assert len(meshes) == len(list(folder.glob("*.scad")))
    for mesh in meshes:
        mesh.unlink()
    return seconds


def run_command(folder: Path, data_dir: Path, *options: str) -> float:
    command = [str(COMMAND), "compile", str(folder), f"--jobs={N_PROCESSES}", "--json", *options]
    environment = os.environ | {"CAD_COPILOT_DATA_DIR": str(data_dir)}
    shutil.rmtree(data_dir / "meshes", ignore_errors=True)
    started = time.perf_counter()
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    seconds = time.perf_counter() - started
    assert sum(json.loads(line)["is_strict"] for line in done.stdout.splitlines()) == len(list(folder.glob("*.scad")))
    return seconds


def run_pool(pool: CompilePool, sources: list[str]) -> float:
    started = time.perf_counter()
    results = list(pool.map(CompileJob(source) for source in sources))
    seconds = time.perf_counter() - started
    assert all(result.is_strict for result in results)
    return seconds


def compare(title: str, sources: list[str], n_rounds: int, data_dir: Path) -> None:
    print(f"\n### {title}: {len(sources)} files, {N_PROCESSES} processes\n")
    with (
        tempfile.TemporaryDirectory() as temporary,
        CompilePool("wasm", n_workers=2, data_dir=data_dir) as pool,
        CompilePool("wasm", n_workers=2, data_dir=data_dir, cache=ResultCache(Path(temporary, "c.sqlite"))) as cached,
    ):
        folder, own = Path(temporary, "parts"), Path(temporary, "var")
        write(sources, folder)
        own.mkdir()
        (own / "engine").symlink_to((data_dir / "engine").resolve())
        run_pool(pool, sources[:200])  # warm
        runs: dict[str, Callable[[], float]] = {
            "cad-copilot compile --out": lambda: run_command(folder, own, "--no-cache", f"--out={own / 'meshes'}"),
            "warm pool": lambda: run_pool(pool, sources),
            "warm pool, again": lambda: run_pool(cached, sources),
            "cad-copilot compile, again": lambda: run_command(folder, own),
        }
        run_pool(cached, sources)  # fills the caches
        run_command(folder, own)
        if shutil.which("openscad") is not None:
            runs = {"xargs -P2 openscad": lambda: run_xargs(folder), **runs}
        seconds: dict[str, list[float]] = {name: [] for name in runs}
        for _ in range(n_rounds):
            for name, run in runs.items():
                seconds[name].append(run())
    print("| | seconds (median) | files/s | against xargs (median of the rounds) |\n|---|---|---|---|")
    for name, taken in seconds.items():
        median = statistics.median(taken)
        ratio = "–"
        if "xargs -P2 openscad" in seconds:
            ratios = [x / own for x, own in zip(seconds["xargs -P2 openscad"], taken, strict=True)]
            ratio = f"{statistics.median(ratios):.1f}x (rounds {', '.join(f'{r:.1f}' for r in ratios)})"
        print(f"| {name} | {median:.2f} | {len(sources) / median:.0f} | {ratio} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, default=Path("var"), help="folder that holds engine/")
    parser.add_argument("--n-rounds", type=int, default=3)
    parser.add_argument("--n-files", type=int, default=1200)
    args = parser.parse_args()
    if shutil.which("openscad") is None:
        print("openscad not installed (apt-get install openscad): no comparison")
    compare("Small parts", small_parts(args.n_files), args.n_rounds, args.data_dir)
    compare("Boolean-heavy parts", boolean_heavy_parts(24), args.n_rounds, args.data_dir)


if __name__ == "__main__":
    main()
