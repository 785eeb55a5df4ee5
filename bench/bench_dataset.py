"""The data set's cost: a build from nothing, and a refresh in which one design of a hundred is new.

Run: python bench/bench_dataset.py [--designs 3000] [--share 0.01] [--n-synth 2000] [--n-chains 300] [--n-test 60]
[--data-dir var] [--json]. Each build is a process of its own, which says how long every stage took and what memory it
held. The designs are made from the starter's parts, one to four in a file, names with a word of that file's own, with
a title and a description; the synthetic part is the full recipe's. Covers curating; a crawl is bench_spiders'.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tables import Report, Row

from corpus.normalize import content_key
from corpus.schema import TABLES, CrawledRow, Provenance, RejectedRow
from corpus.starter import FAMILIES, sample_examples
from corpus.store import Store
from flows.batches import STAGES, plan, run_batch
from flows.build import build_dataset
from flows.settings import load_settings

MAX_RATIO = 0.03
"""Of a cold build's CPU time, what a refresh with one new design in a hundred may take."""
_NAME = re.compile(r"\b([a-z]+(?:_[a-z]+)+|width|depth|height|diameter|length|thickness|wall)\b(?!\()")


def designs(n: int, *, seed: int) -> Iterator[CrawledRow]:
    """Files as people publish them: a few parts side by side, a word of their own in the names."""
    rng = random.Random(seed)
    parts = list(sample_examples(n, seed=seed, families=tuple(FAMILIES), wording_pools=["base", "tune"], split="train"))
    provenance = Provenance("bench", "1", f"seed {seed}")
    for i in range(n):
        word = "".join(rng.choices("bcdfghklmnprstvw", k=4))
        some = rng.choices(parts, k=rng.randint(1, 4))
        scad = "\n".join(_NAME.sub(rf"{word}{k}_\1", part.scad) for k, part in enumerate(some))
        families = [part.family.replace("_", " ") for part in some]
        yield CrawledRow(
            record_id=f"{seed:02d}-{i:08d}",
            source="bench",
            source_item_id=str(i),
            sha256=content_key(scad),
            scad=scad,
            fetched_at="2026-01-01T00:00:00+00:00",
            provenance=provenance,
            title=families[0].capitalize(),
            description=f"{some[0].prompt}. Comes with {', '.join(families)}.",
            description_kind="author",
            license_spdx="CC0-1.0",
        )


@dataclass
class Spent:
    """What a stage took."""

    seconds: float = 0.0
    cpu: float = 0.0
    """Of this process and its engines."""
    n: int = 0
    """Rows that it worked on."""


def build(data_dir: Path) -> dict[str, Any]:
    """One build, stage by stage, as `flows.curate_here` runs it."""
    settings = load_settings(data_dir=data_dir)
    spent: dict[str, Spent] = {}

    @contextmanager
    def clock(name: str) -> Iterator[Spent]:
        stage, since, cpu = spent.setdefault(name, Spent()), time.perf_counter(), _cpu_seconds()
        yield stage
        stage.seconds += time.perf_counter() - since
        stage.cpu += _cpu_seconds() - cpu

    for name in STAGES:
        with clock("plan"):
            batches = plan(settings, name)
        with clock(name) as stage:
            stage.n += sum(run_batch(settings, batch) for batch in batches)
    with clock("build") as stage:
        stage.n = build_dataset(settings, n_compiled_now=spent["compile"].n).n_examples
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"stages": {name: asdict(stage) for name, stage in spent.items()}, "cpu": _cpu_seconds(), "peak": peak}


def _cpu_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


@dataclass(frozen=True)
class Run:
    """One build in a process of its own."""

    name: str
    seconds: float
    """With the start of Python."""
    cpu: float
    peak_mb: float
    stages: dict[str, Spent]

    @property
    def seconds_row(self) -> Row:
        stages = {name: stage.seconds for name, stage in self.stages.items()}
        counts = {"compiled": self.stages["compile"].n, "examples": self.stages["build"].n, "peak MB": self.peak_mb}
        return {"run": self.name, "all": self.seconds, **stages, "CPU": self.cpu, **counts}


def timed(name: str, data_dir: Path, environment: dict[str, str]) -> Run:
    command = [sys.executable, __file__, "--build", "--data-dir", str(data_dir)]
    since = time.perf_counter()
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    seconds, found = time.perf_counter() - since, json.loads(done.stdout)
    stages = {name: Spent(**stage) for name, stage in found["stages"].items()}
    return Run(name, seconds, found["cpu"], found["peak"], stages)


def bytes_of(store: Store) -> Iterator[Row]:
    """What a row takes in each table's files."""
    for table in TABLES:
        manifest = store.manifest(table)
        if manifest is not None and manifest.n_rows:
            n_bytes = sum(part.n_bytes or 0 for part in manifest.parts)
            counts: Row = {"rows": manifest.n_rows, "parts": len(manifest.parts)}
            yield {"table": table, **counts, "bytes a row": round(n_bytes / manifest.n_rows)}


def append_costs(n_parts: Sequence[int]) -> Iterator[Row]:
    """CPU of publishing a batch of 500 rows into a table that has so many already, and the manifest's size."""
    with tempfile.TemporaryDirectory() as scratch:
        store = Store(scratch)
        for n in range(max(n_parts) + 1):
            keys = [hashlib.sha256(f"{n} {i}".encode()).hexdigest() for i in range(500)]
            rows = [RejectedRow(key, "clean", "empty") for key in keys]
            before = _cpu_seconds()
            version = store.append("rejected", rows)
            if n in n_parts:
                n_bytes = (Path(scratch) / "rejected" / "versions" / f"{version:06d}.json").stat().st_size
                ms = 1000 * (_cpu_seconds() - before)
                yield {"parts of 500 rows": n, "append, CPU ms": ms, "manifest, bytes": n_bytes}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--designs", type=int, default=3000)
    parser.add_argument("--share", type=float, default=0.01, help="new designs of the refresh")
    parser.add_argument("--n-synth", type=int, default=2000)
    parser.add_argument("--n-chains", type=int, default=300)
    parser.add_argument("--n-test", type=int, default=60)
    parser.add_argument("--data-dir", type=Path, default=Path("var"), help="where the engine is installed")
    parser.add_argument("--keep", type=Path, help="folder for the tables, which stay; default: a temporary one")
    parser.add_argument("--build", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    if args.build:
        print(json.dumps(build(args.data_dir)))
        return 0
    report = Report(args.json)
    with tempfile.TemporaryDirectory() as scratch:
        data_dir = args.keep or Path(scratch)
        data_dir.mkdir(parents=True, exist_ok=True)
        if not (data_dir / "engine").exists():
            (data_dir / "engine").symlink_to((args.data_dir / "engine").resolve())
        numbers = {"N_SYNTH": args.n_synth, "N_CHAINS": args.n_chains, "N_TEST_PROMPTS": args.n_test}
        environment = {name: value for name, value in os.environ.items() if not name.startswith("CAD_COPILOT_")}
        environment |= {"CAD_COPILOT_RECIPE": "full"} | {f"CAD_COPILOT_{k}": str(v) for k, v in numbers.items()}
        store, n_new = Store(data_dir / "tables"), round(args.designs * args.share)
        store.append("crawled", designs(args.designs, seed=1))
        cold = timed("cold", data_dir, environment)
        store.append("crawled", designs(n_new, seed=2))
        refresh = timed(f"refresh, {n_new} new of {args.designs}", data_dir, environment)
        nothing = timed("nothing new", data_dir, environment)
        report.show("Data set: seconds by stage", [run.seconds_row for run in (cold, refresh, nothing)])
        worked = [(name, stage) for name, stage in cold.stages.items() if stage.n]
        costs: list[Row] = [{"stage": name, "rows": s.n, "CPU ms a row": 1000 * s.cpu / s.n} for name, s in worked]
        report.show("A cold build: CPU time a row", costs)
        report.show("Bytes a row", list(bytes_of(store)))
    report.show("Publishing a batch", list(append_costs((50, 100, 200, 400))))
    ratio, cpu_ratio = refresh.seconds / cold.seconds, refresh.cpu / cold.cpu
    report.say(f"a refresh takes {ratio:.1%} of a cold build's time, {cpu_ratio:.1%} of its CPU time")
    # by the CPU's clock: on a busy machine what runs on one core takes longer for it than what runs on all
    report.expect(cpu_ratio <= MAX_RATIO, f"a refresh costs {cpu_ratio:.1%} of a cold build, more than {MAX_RATIO:.0%}")
    report.expect(nothing.stages["compile"].n == 0, "a build with nothing new compiled something")
    if args.json:
        print(json.dumps({"tables": report.tables, "complaints": report.complaints}))
    for complaint in report.complaints:
        print(complaint, file=sys.stderr)
    return int(bool(report.complaints))


if __name__ == "__main__":
    sys.exit(main())
