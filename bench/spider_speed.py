"""The github_search spider without pauses, and its memory, beside a plain loop: part 4 of bench_spiders.py."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil
from tables import Report, Row
from watching import Watched, watch

from tests.replay.crawl import Running, compare, finish_crawl, replay, start_crawl

N_THREADS = 8
FAST = "github_search"
EVERY_ROWS = 5_000
"""Between two looks at its memory."""


@dataclass(frozen=True)
class Speed:
    name: str
    watched: Watched
    n_requests: int
    n_repositories: int
    n_rows: int = 0
    """0: it reads no archive."""

    def row(self, site_cpu_seconds: float) -> Row:
        seconds = self.watched.seconds
        return {
            "": self.name,
            "seconds": seconds,
            "repositories": self.n_repositories,
            "records": self.n_rows or "–",
            "records/s": round(self.n_rows / seconds) or "–",
            "requests": self.n_requests,
            "requests/s": round(self.n_requests / seconds),
            "its CPU s": self.watched.cpu_seconds,
            "the site's CPU s": site_cpu_seconds,
            "largest, MB": round(self.watched.max_mb),
        }


def loop_speed(running: Running, n_threads: int) -> Speed:
    given = running.arguments[FAST]
    command = [sys.executable, str(Path(__file__).with_name("plain_fetch.py"))]
    command += [given["base_url"], given["licenses"], given["created_to"], str(n_threads)]
    environment = os.environ | running.environment[FAST]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    watched = watch(process)
    n_requests, n_repositories = json.loads(process.communicate()[0])
    return Speed(f"`requests`, {n_threads} thread{'s' * (n_threads > 1)}", watched, n_requests, n_repositories)


def spider_speed(report: Report, running: Running, folder: Path, every_rows: int) -> Speed:
    process = start_crawl(running, FAST, folder, is_hurried=True)
    watched = watch(process, folder / "rows.jsonl", every_rows)
    result = finish_crawl(process, folder)
    assert result.stats is not None, result.stderr
    comparison = compare(running.planted(FAST), result.rows)
    report.expect(comparison.is_exact, f"fast, {FAST}: {comparison}"[:2000])
    n_repositories = len({row.source_item_id for row in result.rows})
    return Speed(f"spider {FAST}", watched, result.stats.n_requests, n_repositories, len(result.rows))


def throughput(report: Report, scale: float, folder: Path) -> None:
    """Part 4: the loop before the spider and after it, in case the machine's speed drifts."""
    with replay(["github"], scale=scale, clock_speed=1.0, has_limits=False) as running:
        (site,) = psutil.Process().children()
        runs: list[Callable[[], Speed]] = [
            lambda: loop_speed(running, 1),
            lambda: spider_speed(report, running, folder, max(100, round(EVERY_ROWS * scale))),
            lambda: loop_speed(running, N_THREADS),
            lambda: loop_speed(running, 1),
        ]
        rows: list[Row] = []
        samples: list[tuple[int, float]] = []
        for run in runs:
            before = sum(site.cpu_times()[:2])
            speed = run()
            rows.append(speed.row(sum(site.cpu_times()[:2]) - before))
            samples += speed.watched.samples
    loop_seconds = (float(rows[0]["seconds"]) + float(rows[-1]["seconds"])) / 2
    for row in rows:
        row["seconds, to one thread"] = f"{float(row['seconds']) / loop_seconds:.2f}x"
    report.show("4. Without pauses: github_search beside a plain loop", rows)
    report.show("Memory of the spider", [{"records written": n, "resident MB": mb} for n, mb in samples])
    (n_first, first_mb), (n_last, last_mb) = samples[0], samples[-1]
    report.say(f"From {n_first} to {n_last} records: {last_mb - first_mb:+.1f} MB, {last_mb / first_mb:.2f}x")
