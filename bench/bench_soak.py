"""10,000 files through one pool while its workers are killed at random: is memory flat, is every file there once?

Run: python bench/bench_soak.py [--data-dir var] [--n-files 10000] [--kill-every-seconds 1]. Good and bad sources mixed;
each good one has a side that tells which it is.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import threading
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import psutil

from render import CompileJob, CompilePool, CompileResult, Status

BAD = ("cube(", "assert(false);", "square(3);", "wheel();", "include <nowhere.scad>\npart();", "")


def source(number: int) -> str:
    if number % 10 == 9:
        return BAD[number // 10 % len(BAD)]
    return (
        f"difference() {{ cube([{number + 30}, 20, 3]); translate([5, 5, -1]) cylinder(d = 4, h = 9, $fn = 24); }}",
        f"linear_extrude({number + 30}) circle(d = 20, $fn = 40);",
        f"translate([3, 0, 0]) union() {{ cube([{number + 30}, 3, 3]); sphere(2, $fn = 20); }}",
    )[number % 3]


def is_right(number: int, result: CompileResult) -> bool:
    if number % 10 == 9:
        return result.stats is None and result.status is not Status.ENGINE_ERROR
    if result.stats is None:
        return False
    longest = max(result.stats.size_mm)
    return abs(longest - (number + 30) - (2 if number % 3 == 2 else 0)) < 3 and longest >= number + 30 - 1e-3


def worker_pids() -> list[int]:
    return [p.pid for p in psutil.Process().children() if "node" in p.name()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, default=Path("var"))
    parser.add_argument("--n-files", type=int, default=10_000)
    parser.add_argument("--kill-every-seconds", type=float, default=1.0)
    args = parser.parse_args()
    rng = random.Random(0)
    stop = threading.Event()
    n_kills = 0

    def kill() -> None:
        nonlocal n_kills
        while not stop.wait(rng.uniform(0.5, 1.5) * args.kill_every_seconds):
            if pids := worker_pids():
                with suppress(ProcessLookupError):
                    os.kill(rng.choice(pids), signal.SIGKILL)
                    n_kills += 1

    seen: Counter[int] = Counter()
    n_wrong, statuses = 0, Counter[str]()
    started = time.perf_counter()
    print("| files | files/s | this process, MB | largest worker, MB |\n|---|---|---|---|")
    with CompilePool("wasm", n_workers=2, data_dir=args.data_dir) as pool:
        killer = threading.Thread(target=kill, daemon=True)
        killer.start()
        for number, result in pool.map_as_completed(CompileJob(source(n)) for n in range(args.n_files)):
            seen[number] += 1
            statuses[result.status.value] += 1
            n_wrong += not is_right(number, result)
            if sum(seen.values()) % (args.n_files // 10) == 0:
                own = psutil.Process().memory_info().rss / 1e6
                sizes = [0.0]
                for pid in worker_pids():
                    with suppress(psutil.NoSuchProcess):
                        sizes.append(psutil.Process(pid).memory_info().rss / 1e6)
                rate = sum(seen.values()) / (time.perf_counter() - started)
                print(f"| {sum(seen.values())} | {rate:.0f} | {own:.0f} | {max(sizes):.0f} |", flush=True)
        stop.set()
    n_lost, n_doubled = args.n_files - len(seen), sum(n - 1 for n in seen.values())
    print(f"\n{n_kills} workers killed; {n_lost} files lost, {n_doubled} doubled, {n_wrong} with a wrong result")
    print(f"verdicts: {dict(statuses)}")


if __name__ == "__main__":
    main()
