"""Every source end to end against the replayed sites: whole, in rough weather, killed, and again the next night."""

from __future__ import annotations

import http.client
import random
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from corpus.schema import CrawledRow
from spiders.rows import count_rows
from spiders.state import CrawlState
from tests.replay.crawl import CrawlResult, Running, compare, crawl, finish_crawl, replay, start_crawl
from tests.replay.faults import NO_FAULTS, ROUGH_WEATHER, Fault, Faults
from tests.replay.limits import Limit, Window
from tests.replay.server import SITE_NAMES

SCALE = 0.004
SPIDERS = (
    *("codeberg", "cults3d", "github_repos", "github_search", "gitlab", "huggingface", "openscad_org", "thingiverse"),
    "wikibooks",
)
TELL_NO_VERSIONS = ("thingiverse", "cults3d", "openscad_org")
"""Their listings hide a change, or stop early: it is found when the item's turn to be looked at comes."""


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with replay(SITE_NAMES, scale=SCALE) as sites:
        yield sites


def crawl_all(running: Running, folder: Path, night: str) -> dict[str, CrawlResult]:
    """One night of every spider; each keeps its state in `folder`/SPIDER/state, each night's files stay."""

    def run(spider: str) -> CrawlResult:
        return crawl(running, spider, folder / spider / night, state_dir=folder / spider / "state")

    with ThreadPoolExecutor(3) as pool:
        return dict(zip(SPIDERS, pool.map(run, SPIDERS), strict=True))


@pytest.fixture(scope="module")
def nights(
    running: Running, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, CrawlResult], dict[str, CrawlResult], dict[str, int], Path]:
    """A first night, a few changes, a second night; and the requests of both by spider: `name` and `name again`."""
    folder = tmp_path_factory.mktemp("nights")
    first = crawl_all(running, folder, "first")
    for name in SPIDERS:
        comparison = compare(running.planted(name), first[name].rows)
        assert comparison.n_planted > 0, name
        assert comparison.is_exact, (name, comparison, first[name].stderr)
    running.change(0.02)
    second = crawl_all(running, folder, "second")
    asked = {s: first[s].stats.n_requests for s in SPIDERS if first[s].stats}  # type: ignore[union-attr]
    asked |= {f"{s} again": second[s].stats.n_requests for s in SPIDERS if second[s].stats}  # type: ignore[union-attr]
    return first, second, asked, folder


def test_every_planted_design_is_found_once_with_every_field_right(
    nights: tuple[dict[str, CrawlResult], dict[str, CrawlResult], dict[str, int], Path],
) -> None:
    first, *_ = nights  # compared within the fixture, before the sites change
    assert {name: result.exit_code for name, result in first.items()} == dict.fromkeys(SPIDERS, 0)
    assert all(result.stats and result.stats.n_items == len(result.rows) for result in first.values())


@pytest.mark.parametrize("spider", SPIDERS)
def test_the_second_night_asks_for_little_and_ends_with_what_the_site_holds_now(
    spider: str,
    running: Running,
    nights: tuple[dict[str, CrawlResult], dict[str, CrawlResult], dict[str, int], Path],
) -> None:
    first, second, asked, folder = nights
    assert second[spider].exit_code == 0, second[spider].stderr
    assert len(second[spider].rows) < len(first[spider].rows)
    assert asked[f"{spider} again"] < asked[spider]
    gone = CrawlState(folder / spider / "state" / f"{spider}.sqlite").gone()
    rows = [r for r in (*first[spider].rows, *second[spider].rows) if r.source_item_id not in gone]
    comparison = compare(running.planted(spider), rows)
    assert not comparison.missing
    if spider not in TELL_NO_VERSIONS:
        assert not comparison.wrong_fields


def test_the_nights_stayed_within_every_limit_and_kept_every_secret(
    running: Running, nights: tuple[dict[str, CrawlResult], dict[str, CrawlResult], dict[str, int], Path]
) -> None:
    first, second, _, folder = nights
    assert_conduct(running)
    assert_no_secret(folder)
    n_rows = sum(count_rows(path) for path in folder.rglob("rows.jsonl"))
    assert n_rows == sum(len(result.rows) for results in (first, second) for result in results.values())


def assert_conduct(running: Running) -> None:
    for name, host in running.stats().items():
        assert (name, host["n_over_limit"], host["n_foreign_authorizations"], host["secret_urls"]) == (name, 0, 0, [])


def assert_no_secret(folder: Path) -> None:
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {"rows.jsonl", "scrapy.log"}
    assert [path for path in files if b"REPLAY-SECRET" in path.read_bytes()] == []


def crawl_with_kills(running: Running, spider: str, folder: Path, n_kills: int) -> list[CrawlResult]:
    """A crawl that is killed as soon as each of its first runs has written a few rows, then run to its end."""
    chance = random.Random(spider)
    results = []
    for number in range(n_kills):
        run = folder / f"run-{number}"
        process = start_crawl(running, spider, run, state_dir=folder / "state")
        n_bytes = chance.randrange(1, 60_000)
        rows = run / "rows.jsonl"
        while process.poll() is None and not (rows.exists() and rows.stat().st_size >= n_bytes):
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        results.append(finish_crawl(process, run))
    return [*results, crawl(running, spider, folder / "last", state_dir=folder / "state")]


def test_rough_weather_two_kills_and_a_source_that_is_down_change_nothing_in_the_end(tmp_path: Path) -> None:
    with replay(SITE_NAMES, scale=SCALE, seed=2, faults=ROUGH_WEATHER) as running:
        running.set_down("wikibooks", True)
        with ThreadPoolExecutor(3) as pool:
            runs = dict(
                zip(SPIDERS, pool.map(lambda s: crawl_with_kills(running, s, tmp_path / s, 2), SPIDERS), strict=True)
            )
        assert runs["wikibooks"][-1].exit_code == 3
        running.set_down("wikibooks", False)
        runs["wikibooks"].append(crawl(running, "wikibooks", tmp_path / "wikibooks" / "after"))
        n_killed = sum(result.exit_code == -signal.SIGKILL for results in runs.values() for result in results)
        assert n_killed > len(SPIDERS), "most were killed twice"
        for name, results in runs.items():
            rows: list[CrawledRow] = [row for result in results for row in result.rows]
            comparison = compare(running.planted(name), rows)
            assert results[-1].exit_code == 0, (name, results[-1].stderr)
            assert replace(comparison, doubled=()).is_exact, (name, comparison)
        assert sum(sum(host["n_faults"].values()) for host in running.stats().values()) > 20
        assert_conduct(running)
        assert_no_secret(tmp_path)


def test_faults_are_the_same_on_every_run_come_as_often_as_asked_and_pass() -> None:
    of = ROUGH_WEATHER.of
    found = [of(f"GET /{n}", 0) for n in range(20_000)]
    assert found == [of(f"GET /{n}", 0) for n in range(20_000)]
    for fault, share in ((Fault.TOO_MANY, 0.05), (Fault.UNAVAILABLE, 0.05), (Fault.CUT, 0.02), (Fault.NONE, 0.88)):
        assert found.count(fault) / len(found) == pytest.approx(share, abs=0.006)
    assert all(any(of(f"GET /{n}", again) is Fault.NONE for again in range(7)) for n in range(2_000))
    assert replace(ROUGH_WEATHER, seed=1).of("GET /1", 0) in Fault
    assert {NO_FAULTS.of(f"GET /{n}", 0) for n in range(100)} == {Fault.NONE}
    assert [Faults(p_slow=0.5).of(f"GET /{n}", 0) for n in range(2_000)].count(Fault.SLOW) == pytest.approx(
        1000, abs=90
    )


def test_a_window_counts_by_the_sites_own_clock() -> None:
    slow, fast = Window(Limit("api", 2, 3600), 1.0), Window(Limit("api", 2, 3600), 1e9)
    assert [slow.take() for _ in range(3)] == [True, True, False]
    assert 3590 < slow.wait_seconds() <= 3600
    assert all(fast.take() or time.sleep(0.001) is None for _ in range(3))


API_PATH = "/w/api.php?action=query&format=json"


def connected(running: Running) -> http.client.HTTPConnection:
    address = urlsplit(running.urls["wikibooks"]["api"])
    return http.client.HTTPConnection(address.hostname or "", address.port, timeout=20)


def ask_for_a_page(connection: http.client.HTTPConnection) -> int:
    """The status of the answer."""
    connection.request("GET", API_PATH)
    answer = connection.getresponse()
    answer.read()
    return answer.status


def test_a_cut_body_gives_itself_away_whether_its_length_is_announced_or_not() -> None:
    with replay(["wikibooks"], scale=SCALE, faults=Faults(p_cut=1.0)) as running:
        heard: set[str | None] = set()
        for more in ("", "&"):  # which of the two a request gets hangs on its text
            connection = connected(running)
            connection.request("GET", API_PATH + more)
            answer = connection.getresponse()
            heard.add(answer.getheader("Transfer-Encoding"))
            with pytest.raises(http.client.HTTPException):
                answer.read()
        assert heard == {None, "chunked"}
        assert running.stats()["wikibooks/api"]["n_faults"] == {"cut": 2}


def test_a_slow_body_comes_in_drops_and_whole() -> None:
    with replay(["wikibooks"], scale=SCALE) as running:
        bodies = []
        for faults in (NO_FAULTS, Faults(p_slow=1.0)):
            running.set_faults(faults)
            connection = connected(running)
            connection.request("GET", API_PATH)
            answer = connection.getresponse()
            first = answer.read1()
            bodies.append((first, first + answer.read()))
        (at_once, whole), (drop, slow) = bodies
        assert slow == whole == at_once
        assert 0 < len(drop) < len(whole)
        assert running.stats()["wikibooks/api"]["n_faults"] == {"slow": 1}


def test_a_site_that_is_down_hangs_up_on_those_who_are_connected_and_comes_back_on_the_same_port() -> None:
    with replay(["wikibooks"], scale=SCALE) as running:
        kept = connected(running)
        assert ask_for_a_page(kept) == 200
        running.set_down("wikibooks", True)
        kept.auto_open = False  # else http.client would quietly connect anew
        with pytest.raises((http.client.HTTPException, ConnectionError)):
            ask_for_a_page(kept)
        with pytest.raises(ConnectionError):
            ask_for_a_page(connected(running))
        running.set_down("wikibooks", False)
        assert ask_for_a_page(connected(running)) == 200


def test_a_comparison_sees_what_is_missing_doubled_foreign_and_wrong(running: Running, tmp_path: Path) -> None:
    rows = crawl(running, "wikibooks", tmp_path).rows
    planted = running.planted("wikibooks")
    assert compare(planted, rows).is_exact
    assert compare(planted, rows[1:]).missing == (f"{rows[0].source_item_id} {rows[0].path}",)
    assert len(compare(planted, [*rows, rows[0]]).doubled) == 1
    assert len(compare(planted[1:], rows).unplanted) == 1
    wrong = [replace(rows[0], title="x", license_spdx="MIT", scad="cube();"), *rows[1:]]
    assert [line.split(": ")[1] for line in compare(planted, wrong).wrong_fields] == ["title", "license", "scad"]
