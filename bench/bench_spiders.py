"""Every networked spider against the replayed sites at full size: complete, in rough weather, the next night, and fast.

Run: python bench/bench_spiders.py [--scale 1.0] [--part 1,2,3,4] [--json]. A GitHub of 5,000 repositories, a
Thingiverse of 3,000 things, and so on; real HTTP on this machine, each spider in its own process. Exit code 1 if a
design is missing, doubled or wrong, a limit was passed, or a secret lies about.

1. No fault. 2. 5 % 429, 5 % 503, 2 % cut bodies, one site down at first, two kill -9 a spider. 3. The night after 1 %
   changed. In all three the sites' clock runs 100 times as fast as ours, and so do the spiders': declared limits are
   enforced, and a spider's pauses stand to them as in real life.
4. Without pauses or limits: the github_search spider, beside a plain loop of `requests` that fetches the same tarballs
   without reading them. The site's clock runs as ours, which also leaves out its secondary limit: a pause of a minute.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import platform
import random
import signal
import sqlite3
import sys
import tempfile
import time
import zlib
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

import psutil
from tables import Report, Row, totals
from watching import LineCount

sys.path.insert(0, str(Path(__file__).parents[1]))  # `tests` is no installed package

from spider_speed import throughput

from spiders.state import CrawlState
from tests.replay.crawl import Comparison, CrawlResult, Running, compare, crawl, finish_crawl, replay, start_crawl
from tests.replay.faults import ROUGH_WEATHER
from tests.replay.server import SITE_NAMES
from tests.replay.site import Planted

CLOCK_SPEED = 100.0
LANES = (
    ("github_search", "github_repos"),  # one site, one allowance: one after the other
    *(("thingiverse",), ("gitlab",), ("huggingface",), ("cults3d",), ("codeberg",), ("openscad_org",), ("wikibooks",)),
)
N_LANES_AT_ONCE = 3
SPIDERS = tuple(spider for lane in LANES for spider in lane)
DOWN = "codeberg"
N_KILLS = 2
FAULTS = ("429", "503", "cut")
SECRET = b"REPLAY-SECRET"


def by_spider(planted: Sequence[Planted]) -> dict[str, list[Planted]]:
    found: dict[str, list[Planted]] = defaultdict(list)
    for one in planted:
        found[one.spider].append(one)
    return found


def crawl_all(running: Running, folder: Path, night: str) -> dict[str, CrawlResult]:
    """One night of every spider; each keeps its state in `folder`/SPIDER/state from night to night."""

    def run(lane: tuple[str, ...]) -> list[CrawlResult]:
        return [crawl(running, s, folder / s / night, state_dir=folder / s / "state") for s in lane]

    with ThreadPoolExecutor(N_LANES_AT_ONCE) as pool:
        results = [result for lane in pool.map(run, LANES) for result in lane]
    return dict(zip(SPIDERS, results, strict=True))


def counts(comparison: Comparison) -> Row:
    return {
        "planted": comparison.n_planted,
        "found": comparison.n_found,
        "doubled": len(comparison.doubled),
        "not planted": len(comparison.unplanted),
        "wrong fields": len(comparison.wrong_fields),
    }


def two_nights(report: Report, scale: float, folder: Path, *, has_second: bool) -> None:
    """Parts 1 and 3."""
    with replay(SITE_NAMES, scale=scale, clock_speed=CLOCK_SPEED) as running:
        planted = by_spider(running.all_planted())
        started = time.perf_counter()
        first = crawl_all(running, folder, "first")
        seconds = time.perf_counter() - started
        rows: list[Row] = []
        for spider in SPIDERS:
            comparison, stats = compare(planted[spider], first[spider].rows), first[spider].stats
            assert stats is not None, first[spider].stderr
            row: Row = {"source": spider, **counts(comparison), "requests": stats.n_requests, "seconds": stats.seconds}
            rows.append(row)
            report.expect(comparison.is_exact, f"first night, {spider}: {comparison}"[:2000])
            report.expect(stats.exit_code == 0, f"first night, {spider}: {first[spider].stderr}")
        report.show("1. No fault: every planted design", [*rows, totals(rows)])
        report.say(f"{N_LANES_AT_ONCE} sites at once, {seconds:.0f} s in all.")
        if has_second:
            running.change(0.01)
            second_night(report, running, folder, planted, first)
        report_conduct(report, running, folder, "The sites, both nights" if has_second else "The sites")


def second_night(
    report: Report,
    running: Running,
    folder: Path,
    planted: dict[str, list[Planted]],
    first: dict[str, CrawlResult],
) -> None:
    now = by_spider(running.all_planted())
    second = crawl_all(running, folder, "second")
    rows: list[Row] = []
    for spider in SPIDERS:
        before, after = first[spider].stats, second[spider].stats
        assert before is not None
        assert after is not None, second[spider].stderr
        gone = CrawlState(folder / spider / "state" / f"{spider}.sqlite").gone()
        all_rows = [r for r in (*first[spider].rows, *second[spider].rows) if r.source_item_id not in gone]
        comparison = compare(now[spider], all_rows)
        there = {p.source_item_id for p in now[spider]}
        vanished = {p.source_item_id for p in planted[spider]} - there
        rows.append(
            {
                "source": spider,
                "requests, first": before.n_requests,
                "second": after.n_requests,
                "ratio": f"{after.n_requests / before.n_requests:.1%}",
                "rows again": after.n_items,
                "seconds": after.seconds,
                "rows new or changed": len(set(now[spider]) - set(planted[spider])),
                "of these missing": len(comparison.missing),
                "rows as they were": len({line.split(": ")[0] for line in comparison.wrong_fields}),
                "items gone": len(vanished),
                "marked": len(vanished & gone.keys()),
            }
        )
        report.expect(after.exit_code == 0, f"second night, {spider}: {second[spider].stderr}")
        report.expect(not comparison.missing, f"second night, {spider}: missing {comparison.missing[:5]}")
        report.expect(not gone.keys() & there, f"second night, {spider}: marked as gone and there")
    row = totals(rows)
    share = float(row["second"]) / float(row["requests, first"])
    report.show("3. The second night, 1 % changed", [*rows, {**row, "ratio": f"{share:.2%}"}])
    is_full_size = len(planted["github_search"]) > 40_000  # small sites are mostly listings, asked for every night
    report.expect(share <= 0.03 or not is_full_size, f"second night: {share:.1%} of the first one's requests")


def rough_weather(report: Report, scale: float, folder: Path) -> None:
    """Part 2."""
    with replay(SITE_NAMES, scale=scale, seed=2, faults=ROUGH_WEATHER, clock_speed=CLOCK_SPEED) as running:
        planted = by_spider(running.all_planted())
        running.set_down(DOWN, True)
        started = time.perf_counter()

        def run(lane: tuple[str, ...]) -> list[list[CrawlResult]]:
            if lane == (DOWN,):
                return [[crawl(running, DOWN, folder / DOWN / "down", state_dir=folder / DOWN / "state")]]
            return [crawl_killed(running, spider, folder / spider, len(planted[spider])) for spider in lane]

        with ThreadPoolExecutor(N_LANES_AT_ONCE) as pool:
            results = [runs for lane in pool.map(run, LANES) for runs in lane]
        runs_of = dict(zip(SPIDERS, results, strict=True))
        running.set_down(DOWN, False)
        runs_of[DOWN] += crawl_killed(running, DOWN, folder / DOWN, len(planted[DOWN]))
        seconds = time.perf_counter() - started
        rows = [rough_row(report, spider, planted[spider], runs) for spider, runs in runs_of.items()]
        report.show("2. Rough weather", [*rows, totals(rows)])
        report.say(f"{seconds:.0f} s in all.")
        report_conduct(report, running, folder, "The sites in rough weather")


def rough_row(report: Report, spider: str, planted: list[Planted], runs: list[CrawlResult]) -> Row:
    comparison = compare(planted, [row for result in runs for row in result.rows])
    is_same = comparison.n_found == comparison.n_planted and not (comparison.unplanted or comparison.wrong_fields)
    report.expect(is_same, f"rough weather, {spider}: {comparison}"[:2000])
    report.expect(runs[-1].exit_code == 0, f"rough weather, {spider}: {runs[-1].stderr}")
    return {
        "source": spider,
        **{("found again after a kill" if k == "doubled" else k): v for k, v in counts(comparison).items()},
        "killed": sum(result.exit_code == -signal.SIGKILL for result in runs),
        "exit codes": ", ".join(str(result.exit_code) for result in runs),
        "rows a run": ", ".join(str(len(result.rows)) for result in runs),
    }


def crawl_killed(running: Running, spider: str, folder: Path, n_planted: int) -> list[CrawlResult]:
    """Runs that are killed once they have written up to a third of the rows each, then one to its end."""
    chance = random.Random(spider)
    results = []
    for number in range(N_KILLS):
        run = folder / f"run-{number}"
        process = start_crawl(running, spider, run, state_dir=folder / "state")
        lines, n_wanted = LineCount(run / "rows.jsonl"), chance.randrange(1, max(2, n_planted // 3))
        while process.poll() is None and lines.now() < n_wanted:
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        results.append(finish_crawl(process, run))
    return [*results, crawl(running, spider, folder / "last", state_dir=folder / "state")]


def report_conduct(report: Report, running: Running, folder: Path, title: str) -> None:
    """What the sites heard, by site; and a search for the fake secrets in all that was left on the disk."""
    sites: dict[str, Row] = {}
    for name, host in running.stats().items():
        row = sites.setdefault(name.partition("/")[0], {"site": name.partition("/")[0]})
        facts = {"requests": host["n_requests"], **{fault: host["n_faults"].get(fault, 0) for fault in FAULTS}}
        facts["over a declared limit"] = host["n_over_limit"]
        facts["credentials on a foreign host"] = host["n_foreign_authorizations"]
        facts["secrets in URLs"] = len(host["secret_urls"])
        for key, number in facts.items():
            row[key] = int(row.get(key, 0)) + number
        report.expect(not any(list(facts.values())[4:]), f"{title}: {name}: {facts}")
    rows = list(sites.values())
    report.show(title, [*rows, totals(rows)])
    files = [path for path in folder.rglob("*") if path.is_file()]
    leaks = [str(path.relative_to(folder)) for path in files if holds_secret(path)]
    n_bytes = sum(path.stat().st_size for path in files)
    report.say(
        f"Files that hold a secret: {len(leaks)} of {len(files)} ({n_bytes / 1e6:.0f} MB: rows, state, stats, logs)"
    )
    report.tables[f"{title}: secrets"] = [{"files": len(files), "files that hold a secret": len(leaks)}]
    report.expect(not leaks, f"{title}: secrets in {leaks}")


def encodings(secret: bytes) -> tuple[bytes, ...]:
    """The secret as it stands, and in base64 wherever in a longer text it stands: Basic authentication has it so."""
    return secret, *(base64.b64encode(bytes(n) + secret)[(0, 2, 3)[n] :][: len(secret)] for n in range(3))


def holds_secret(path: Path) -> bool:
    """Kept pages are looked at as they were before they were packed."""
    data = path.read_bytes()
    if path.suffix == ".sqlite":
        with sqlite3.connect(path) as db:
            data += b"\n".join(h + zlib.decompress(b) for h, b in db.execute("SELECT headers, body FROM pages"))
    return any(form in data for form in encodings(SECRET))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--part", default="1,2,3,4", help="of 1, 2, 3, 4; part 3 needs the first night of part 1")
    parser.add_argument("--json", action="store_true", help="one JSON object in place of the tables")
    args = parser.parse_args()
    report, started = Report(args.json), time.perf_counter()
    machine = (
        f"scale {args.scale:g}; {os.cpu_count()} cores, {psutil.virtual_memory().total / 2**30:.0f} GiB, "
        f"{platform.system()} {platform.machine()}, Python {platform.python_version()}, Scrapy {version('scrapy')}, "
        f"load before: {os.getloadavg()[0]:.1f}"
    )
    report.say(machine)
    parts = set(args.part.split(","))
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        if parts & {"1", "3"}:
            two_nights(report, args.scale, folder / "nights", has_second="3" in parts)
        if "2" in parts:
            rough_weather(report, args.scale, folder / "rough")
        if "4" in parts:
            throughput(report, args.scale, folder / "fast")
    report.say(f"{time.perf_counter() - started:.0f} s in all; " + ("; ".join(report.complaints) or "nothing amiss"))
    if args.json:
        print(json.dumps({"machine": machine, **asdict(report)}, ensure_ascii=False))
    return 1 if report.complaints else 0


if __name__ == "__main__":
    sys.exit(main())
