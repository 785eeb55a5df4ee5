"""The wikibooks spider over HTTP against a replayed Wikibooks: night after night, and its refusals."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.replay.crawl import CrawlResult, compare, crawl, replay
from tests.replay.faults import NO_FAULTS, ROUGH_WEATHER
from tests.replay.site import Planted
from tests.replay.sites.wikibooks import Wikibooks
from tests.spiders.served import Served, served

# as Wikimedia's wikis have it
ROBOTS = "User-agent: *\nAllow: /w/api.php?action=mobileview&\nAllow: /w/load.php?\nDisallow: /w/\nDisallow: /api/\n"


@dataclass(frozen=True)
class Seen:
    """One night, and what the wiki had then."""

    crawled: CrawlResult
    asked: list[str]
    planted: list[Planted]
    revisions: dict[str, int]
    """By page."""
    gone: set[str]


@pytest.fixture
def running() -> Iterator[Served]:
    with served(Wikibooks(scale=0.5, seed=1, clock_speed=1.0, faults=NO_FAULTS)) as running:
        yield running


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> list[Seen]:
    """A first; one on which nothing is new; one with pages changed; one on which the wiki is broken."""
    folder = tmp_path_factory.mktemp("wikibooks")
    with served(Wikibooks(scale=0.5, seed=1, clock_speed=1.0, faults=NO_FAULTS)) as running:
        found = [seen(running, folder), seen(running, folder)]
        site_of(running).change(0.05)
        found.append(seen(running, folder))
        site_of(running).error = "internal_api_error_DBQueryError"
        return [*found, seen(running, folder)]


def night(running: Served, folder: Path, *more: str) -> CrawlResult:
    """One crawl; what the site heard before is forgotten."""
    running.heard.clear()
    return crawl(running.running, "wikibooks", folder, *more)


def seen(running: Served, folder: Path) -> Seen:
    site, crawled = site_of(running), night(running, folder)
    with sqlite3.connect(folder / "state" / "wikibooks.sqlite") as db:
        gone = {item for (item,) in db.execute("SELECT item_id FROM items WHERE gone_evidence IS NOT NULL")}
    revisions = {str(page.page_id): page.revision for page in site.pages.values()}
    return Seen(crawled, asked_for(running), site.planted(), revisions, gone)


def site_of(running: Served) -> Wikibooks:
    assert isinstance(running.site, Wikibooks)
    return running.site


def asked_for(running: Served) -> list[str]:
    """What each request was for, and how it was answered."""
    return [f"{'texts' if 'pageids' in heard.query else 'listing'} {heard.status}" for heard in running.heard]


def test_the_first_night_finds_every_planted_block_once_and_right(nights: list[Seen]) -> None:
    first = nights[0]
    assert first.crawled.exit_code == 0, first.crawled.stderr
    same = compare(first.planted, first.crawled.rows)
    assert same.is_exact, same
    row = first.crawled.rows[0]
    assert (row.license_scope, row.license_confidence) == ("site", "declared")
    page = str(row.title).partition(":")[0].replace(" ", "_")
    assert str(row.source_url).endswith(f"{page}&oldid={first.revisions[row.source_item_id]}")
    assert row.modified_at == "2026-01-02T03:04:05Z"


def test_lag_is_waited_for_and_lists_and_texts_are_followed_to_their_ends(nights: list[Seen]) -> None:
    first = nights[0]
    assert first.crawled.stats is not None
    assert first.crawled.stats.n_errors == 0
    # 21 pages, listed 15 in an answer; 20 texts and then one, 8 in an answer; one more of each is refused for lag
    assert sorted(first.asked) == ["listing 200"] * 3 + ["texts 200"] * 4 + ["texts 503"]


def test_a_night_with_nothing_new_asks_for_no_text(nights: list[Seen]) -> None:
    second = nights[1]
    assert (second.crawled.exit_code, second.crawled.rows, second.asked) == (0, [], ["listing 200"] * 2)


def test_only_pages_that_changed_are_asked_for_and_what_vanished_is_marked(nights: list[Seen]) -> None:
    before, third = nights[1].revisions, nights[2]
    news = {page for page, revision in third.revisions.items() if before.get(page) != revision}
    same = compare([p for p in third.planted if p.source_item_id in news], third.crawled.rows)
    assert same.is_exact, same
    assert same.n_found
    assert third.asked == ["listing 200", "listing 200", "texts 200", "texts 200"]
    assert third.gone == before.keys() - third.revisions.keys() != set()


def test_an_error_is_said_and_marks_nothing_as_gone(nights: list[Seen]) -> None:
    last = nights[3]
    assert (last.crawled.exit_code, last.asked, last.gone) == (3, ["listing 200"], nights[2].gone)
    assert "internal_api_error_DBQueryError" in last.crawled.stderr


def test_pages_unchanged_since_a_day_are_not_asked_for(running: Served, tmp_path: Path) -> None:
    assert night(running, tmp_path, "--since", "2026-01-03").rows == []
    assert not any(what.startswith("texts") for what in asked_for(running))


def test_robots_txt_that_forbids_the_api_is_obeyed(running: Served, tmp_path: Path) -> None:
    site_of(running).robots = ROBOTS
    found = night(running, tmp_path)
    assert (found.exit_code, found.rows, asked_for(running)) == (4, [], [])


def test_a_licence_that_is_refused_keeps_the_texts_from_being_fetched(running: Served, tmp_path: Path) -> None:
    sources = tmp_path / "sources.yaml"
    sources.write_text("licenses_allowed: [MIT]\nsources:\n  wikibooks: {}\n")
    found = night(running, tmp_path, "--sources", str(sources))
    assert found.rows == []
    assert "license_refused" in found.stderr
    assert not any(what.startswith("texts") for what in asked_for(running))


def test_a_wiki_that_lags_for_ever_is_left_for_the_next_night(running: Served, tmp_path: Path) -> None:
    site_of(running).error = "maxlag"
    found = night(running, tmp_path)
    assert (found.exit_code, len(asked_for(running))) == (3, 7)
    assert "MediaWiki answered maxlag each time" in found.stderr
    with sqlite3.connect(tmp_path / "state" / "wikibooks.sqlite") as db:
        assert db.execute("SELECT count(*) FROM items").fetchone() == (0,)


def test_rough_weather_changes_nothing(tmp_path: Path) -> None:
    with replay(["wikibooks"], scale=0.5, faults=ROUGH_WEATHER, clock_speed=1000.0) as running:
        same = compare(running.planted("wikibooks"), crawl(running, "wikibooks", tmp_path).rows)
        assert same.is_exact, same
        assert sum(host["n_over_limit"] for host in running.stats().values()) == 0
