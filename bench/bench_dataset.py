"""The data set's cost: a build from nothing, and a refresh in which one design of a hundred is new.

Run: python bench/bench_dataset.py [--designs 3000] [--share 0.01] [--n-synth 2000] [--n-chains 300] [--n-test 60]
[--data-dir var] [--json]. Each build is a process of its own, which says how long every stage took and what memory it
held. The designs are made from the starter's parts, one to four in a file, names with a word of that file's own, with
a title and a description; the synthetic part is the full recipe's. Covers curating; a crawl is bench_spiders'.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tables import Report, Row

from corpus.normalize import content_key
from corpus.schema import CrawledRow, Provenance
from corpus.starter import FAMILIES, sample_examples
from corpus.store import Store
from flows.batches import STAGES, plan, run_batch
from flows.build import build_dataset
from flows.settings import load_settings

MAX_RATIO = 0.03
"""Of a cold build, what a refresh with one new design in a hundred may take."""
_NAME = re.compile(r"\b([a-z]+(?:_[a-z]+)+|width|depth|height|diameter|length|thickness|wall)\b(?!\()")


def designs(n: int, *, seed: int) -> Iterator[CrawledRow]:
    """Files as people publish them: a few parts side by side, a word of their own in the names."""
    rng = random.Random(seed)
    parts = list(
        sample_examples(n, seed=seed, families=tuple(FAMILIES), wording_pools=["base", "tune"], split="train")
    )
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
            title=f"{families[0].capitalize()} {word}",
            description=f"{some[0].prompt}. Comes with {', '.join(families)}.",
            description_kind="author",
            license_spdx="CC0-1.0",
        )


def build(data_dir: Path) -> dict[str, float]:
    """One build, stage by stage, as `flows.curate` runs it; seconds of each, and what it came to."""
    settings = load_settings(data_dir=data_dir)
    seconds: dict[str, float] = {}
    n_compiled = 0

    def took(stage: str, since: float) -> None:
        seconds[stage] = seconds.get(stage, 0.0) + time.perf_counter() - since

    for stage in STAGES:
        since = time.perf_counter()
        batches = plan(settings, stage)
        took("plan", since)
        since = time.perf_counter()
        n_done = sum(run_batch(settings, batch) for batch in batches)
        took(stage, since)
        n_compiled += n_done if stage == "compile" else 0
    since = time.perf_counter()
    report = build_dataset(settings, n_compiled_now=n_compiled)
    took("build", since)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return seconds | {"compiled": n_compiled, "examples": report.n_examples, "peak MB": peak}


def _timed(name: str, data_dir: Path, environment: dict[str, str]) -> Row:
    command = [sys.executable, __file__, "--build", "--data-dir", str(data_dir)]
    since = time.perf_counter()
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return {"run": name, "all": time.perf_counter() - since, **json.loads(done.stdout)}


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
        rows = [_timed("cold", data_dir, environment)]
        store.append("crawled", designs(n_new, seed=2))
        rows.append(_timed(f"refresh, {n_new} new of {args.designs}", data_dir, environment))
        rows.append(_timed("nothing new", data_dir, environment))
    report.show("Data set: seconds by stage", rows)
    ratio = float(rows[1]["all"]) / float(rows[0]["all"])
    report.say(f"a refresh takes {ratio:.1%} of a cold build")
    report.expect(ratio <= MAX_RATIO, f"a refresh takes {ratio:.1%} of a cold build, more than {MAX_RATIO:.0%}")
    report.expect(rows[2]["compiled"] == 0, "a build with nothing new compiled something")
    return report.finish() if hasattr(report, "finish") else int(bool(report.complaints))


if __name__ == "__main__":
    sys.exit(main())
