"""Files a second: `compile_many` on the wasm engine, two workers, beside `xargs -P2 openscad` on the same files.

Run: python bench/bench_compile.py [--data-dir var] [--n-files 100]. Both in one run, in turns, because on a shared
machine only the ratio says something. Without `openscad` installed, only the first is timed.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from render import CompileJob, compile_many

N_PROCESSES = 2
N_ROUNDS = 3


def small_parts(n: int) -> list[str]:
    """Plates, brackets, tubes and boxes of changing size: what a text-to-CAD model writes most."""
    return [
        (
            f"difference() {{ cube([{30 + i % 40}, {20 + i % 17}, 3]); "
            f"translate([10, 10, -1]) cylinder(d = {3 + i % 5}, h = 9, $fn = 32); }}",
            f"difference() {{ union() {{ cube([{30 + i % 9}, 20, 4]); cube([4, 20, {20 + i % 23}]); }} "
            f"translate([20, 10, -1]) cylinder(d = 5, h = 9, $fn = 32); }}",
            f"difference() {{ cylinder(d = {20 + i % 31}, h = 30, $fn = 64); "
            f"translate([0, 0, -1]) cylinder(d = {10 + i % 9}, h = 40, $fn = 64); }}",
            f"difference() {{ cube([{40 + i % 21}, 30, 20]); translate([2, 2, 2]) cube([{36 + i % 21}, 26, 20]); }}",
        )[i % 4]
        for i in range(n)
    ]


def time_compile_many(sources: list[str], data_dir: Path) -> float:
    started = time.perf_counter()
    jobs = [CompileJob(source) for source in sources]
    results = list(compile_many(jobs, engine_name="wasm", n_workers=N_PROCESSES, data_dir=data_dir))
    seconds = time.perf_counter() - started
    assert all(result.is_compiled for result in results), "a part of this benchmark doesn't compile"
    return seconds


def time_xargs(sources: list[str]) -> float:
    with tempfile.TemporaryDirectory() as folder:
        for number, source in enumerate(sources):
            Path(folder, f"{number}.scad").write_text(source)
        names = "\n".join(f"{number}.scad" for number in range(len(sources)))
        command = ["xargs", f"-P{N_PROCESSES}", "-I{}", "openscad", "-q", "{}", "-o", "{}.stl"]
        started = time.perf_counter()
        subprocess.run(command, input=names, text=True, cwd=folder, check=True, capture_output=True)
        seconds = time.perf_counter() - started
        assert len(list(Path(folder).glob("*.stl"))) == len(sources)
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, default=Path("var"), help="folder that holds engine/")
    parser.add_argument("--n-files", type=int, default=100)
    args = parser.parse_args()
    sources = small_parts(args.n_files)
    has_native = shutil.which("openscad") is not None
    ratios: list[float] = []
    for number in range(1, N_ROUNDS + 1):
        wasm = args.n_files / time_compile_many(sources, args.data_dir)
        line = f"round {number}: compile_many (wasm, {N_PROCESSES} workers) {wasm:.1f} files/s"
        if has_native:
            native = args.n_files / time_xargs(sources)
            ratios.append(wasm / native)
            line += f"; xargs -P{N_PROCESSES} openscad {native:.1f} files/s; ratio {ratios[-1]:.1f}"
        print(line)
    if ratios:
        print(f"median ratio: {statistics.median(ratios):.1f}")
    else:
        print("openscad not installed (apt-get install openscad): no comparison")


if __name__ == "__main__":
    main()
