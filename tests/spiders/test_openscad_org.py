"""The openscad_org spider against a replayed openscad.org: night after night, and its odd doors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from spiders.seeds import Seed, SeedFile
from spiders.sites.base import SpiderUsageError
from spiders.sites.openscad_org import OpenscadOrgSpider
from spiders.state import CrawlState
from tests.replay.crawl import CrawlResult, compare, crawl
from tests.replay.doors import Door
from tests.replay.faults import NO_FAULTS
from tests.replay.sites.openscad_org import OpenscadOrg
from tests.spiders.nights import Asked, Given, Night, one_night
from tests.spiders.served import Served, served

N_INDEXES = 11
"""Seven calendars, the library list, the gallery's three lists."""
Respond = Callable[[Asked], Given]


@pytest.fixture(scope="module")
def running() -> Iterator[Served]:
    with served(new_site()) as running:
        yield running


@pytest.fixture(scope="module")
def first(running: Served, tmp_path_factory: pytest.TempPathFactory) -> tuple[CrawlResult, list[str], Path]:
    """The first night over HTTP: what came, what was asked for, and where the state lies."""
    folder = tmp_path_factory.mktemp("first")
    found = crawl(running.running, "openscad_org", folder)
    return found, [heard.path for heard in running.heard], folder


def new_site() -> OpenscadOrg:
    return OpenscadOrg(scale=1.0, seed=1, clock_speed=1.0, faults=NO_FAULTS)


def site_of() -> OpenscadOrg:
    site = new_site()
    site.urls = {"www": "http://127.0.0.1:1", "files": "http://127.0.0.1:2"}
    return site


def responder(site: OpenscadOrg) -> Respond:
    hosts = {urlsplit(url).netloc: host for host, url in site.urls.items()}

    def respond(asked: Asked) -> Given:
        parts = urlsplit(asked.url)
        answer = site.respond(hosts[parts.netloc], unquote(parts.path), asked.headers)
        return Given(answer.status, answer.body, answer.headers)

    return respond


def night(site: OpenscadOrg, folder: Path, respond: Respond | None = None, **more: Any) -> Night:
    spider = OpenscadOrgSpider(**{**site.spider_arguments("openscad_org"), **more})
    return one_night(spider, folder / "state.sqlite", respond or responder(site))


def files_asked(found: Night) -> list[str]:
    """The paths of the sources that were asked for."""
    paths = [unquote(urlsplit(asked.url).path) for asked in found.asked]
    return [path for path in paths if path.lower().endswith(".scad")]


def door_of(site: OpenscadOrg, item_id: str) -> Door:
    return next(door for door in site.doors if door.item_id == item_id)


def gone(folder: Path) -> dict[str, str]:
    state = CrawlState(folder / "state.sqlite")
    marked = state.gone()
    state.close()
    return marked


def test_the_first_night_finds_every_planted_design_once_and_right(
    running: Served, first: tuple[CrawlResult, list[str], Path]
) -> None:
    found, paths, _ = first
    assert found.exit_code == 0, found.stderr
    assert len(found.rows) > 160
    same = compare(running.site.planted(), found.rows)
    assert same.is_exact, same
    assert len(paths) == len(set(paths))


def test_rows_tell_where_they_come_from(running: Served, first: tuple[CrawlResult, list[str], Path]) -> None:
    rows = {row.source_item_id: row for row in first[0].rows}
    row = rows["advent-calendar-2024/3"]
    assert (row.category, row.created_at) == ("advent calendar", "2024-12-03")
    assert row.source_url == "https://openscad.org/advent-calendar-2024/"
    provenance = row.provenance
    assert str(provenance.request_url).startswith(f"{running.site.urls['files']}/advent-calendar-2024/")
    assert provenance.discovered_via == f"{running.site.urls['files']}/advent-calendar-2024/index.js"
    assert (provenance.http_status, bool(provenance.etag)) == (200, True)
    assert (row.license_raw, row.license_scope, row.license_confidence) == ("CC0", "item", "declared")
    of_2019 = rows["advent-calendar-2019/3"]
    assert (of_2019.license_raw, of_2019.license_scope) == ("CC0", "site")


def test_what_a_source_includes_lies_beside_it(first: tuple[CrawlResult, list[str], Path]) -> None:
    rows = [row for row in first[0].rows if row.source_item_id == "advent-calendar-2023/3"]
    companions = {row.path: [one.path for one in row.companions] for row in rows}
    assert companions.pop("lib/snow.scad") == []
    assert list(companions.values()) == [["lib/snow.scad"]]


def test_nothing_is_fetched_that_its_licence_keeps_back(
    running: Served, first: tuple[CrawlResult, list[str], Path]
) -> None:
    _, paths, _ = first
    site = running.site
    assert isinstance(site, OpenscadOrg)
    withheld = [door_of(site, f"advent-calendar-2025/{number}") for number in (11, 13)]
    assert not {door.place(name) for door in withheld for name in door.sources} & set(paths)


def test_each_design_elsewhere_is_one_seed(running: Served, first: tuple[CrawlResult, list[str], Path]) -> None:
    site = running.site
    assert isinstance(site, OpenscadOrg)
    seeds = list(SeedFile(first[2] / "state" / "seeds.jsonl").seeds())
    assert len(seeds) == len(site.planted_seeds())
    assert {seed.url for seed in seeds} == site.planted_seeds()
    page = f"{site.urls['www']}/libraries.html"
    assert seeds[0] == Seed("https://github.com/maker-1/library-1", "Library 1", page)
    assert len([seed for seed in seeds if seed.discovered_via == page]) == 27


def test_a_second_night_asks_for_the_lists_and_a_thirtieth_of_the_files(
    running: Served, first: tuple[CrawlResult, list[str], Path]
) -> None:
    running.heard.clear()
    found = crawl(running.running, "openscad_org", first[2])
    assert (found.exit_code, found.rows) == (0, [])
    assert found.stats is not None
    assert found.stats.errors == ()  # what could not be read was said on the first night
    assert {heard.status for heard in running.heard} == {304}
    assert N_INDEXES < len(running.heard) <= N_INDEXES + 6


def test_only_what_changed_is_taken_again_and_a_door_taken_down_is_marked(tmp_path: Path) -> None:
    site = site_of()
    night(site, tmp_path)
    before = {p.source_item_id: p for p in site.planted()}
    site.change(0.03)
    after = {p.source_item_id: p for p in site.planted()}
    news = [p for item_id, p in after.items() if before.get(item_id) != p]
    assert len(news) >= 4
    found = night(site, tmp_path)
    same = compare(news, found.rows)
    assert same.is_exact, same
    taken_down = before.keys() - after.keys()
    assert taken_down
    assert gone(tmp_path) == dict.fromkeys(taken_down, "the calendar has no such door")


def test_a_file_that_changed_in_silence_is_found_within_a_month(tmp_path: Path) -> None:
    site = site_of()
    night(site, tmp_path)
    door = door_of(site, "advent-calendar-2022/17")
    (name,) = door.sources
    door.sources[name] = "cube(17);\n"
    rows = [row for _ in range(30) for row in night(site, tmp_path).rows]
    assert [(row.source_item_id, row.scad) for row in rows] == [(door.item_id, "cube(17);\n")]


def test_a_month_comes_past_every_file_that_may_be_fetched(tmp_path: Path) -> None:
    site = site_of()
    night(site, tmp_path)
    nights = [files_asked(night(site, tmp_path)) for _ in range(30)]
    doors = [door for door in site.doors if door.spdx == "CC0-1.0" and door.quirk != "broken"]
    assert {path for paths in nights for path in paths} == {door.place(name) for door in doors for name in door.names}
    assert max(map(len, nights)) <= 8  # six designs; one of two sources, one that is gone and looked for each night


def test_a_design_that_went_away_is_marked_and_one_that_comes_back_is_taken(tmp_path: Path) -> None:
    site = site_of()
    night(site, tmp_path)
    door = door_of(site, "advent-calendar-2021/2")
    (name,) = door.sources
    text = door.sources.pop(name)
    door.missing = (name,)
    rows = [row for _ in range(30) for row in night(site, tmp_path).rows]
    assert rows == []
    assert gone(tmp_path)[door.item_id] == "answered 404"
    door.sources, door.missing = {name: text}, ()
    found = night(site, tmp_path)
    assert [(row.source_item_id, row.scad) for row in found.rows] == [(door.item_id, text)]
    assert door.item_id not in gone(tmp_path)


def test_a_file_lost_for_tonight_is_asked_for_again_the_next(tmp_path: Path) -> None:
    site = site_of()
    door = door_of(site, "advent-calendar-2020/5")
    (name,) = door.sources

    def respond(asked: Asked) -> Given:
        return Given(500, b"", {}) if asked.url.endswith(door.place(name)) else responder(site)(asked)

    found = night(site, tmp_path, respond)
    assert [row.scad for row in found.rows if row.source_item_id == door.item_id] == [None]
    again = night(site, tmp_path)
    assert [(row.source_item_id, row.scad) for row in again.rows] == [(door.item_id, door.sources[name])]


def test_a_calendar_that_can_not_be_had_or_read_loses_no_design(tmp_path: Path) -> None:
    site = site_of()
    night(site, tmp_path)
    for given in (
        Given(500, b"", {}),
        Given(200, b"// nothing any more\n", {}),
        Given(200, b"setDay(1, {dir: 'A});", {}),
    ):

        def respond(asked: Asked, given: Given = given) -> Given:
            return given if "index" in asked.url else responder(site)(asked)

        found = night(site, tmp_path, respond)
        assert len([problem for problem in found.problems if "calendar" in problem]) >= 7
        assert gone(tmp_path) == {}


def test_years_and_days_can_be_chosen(tmp_path: Path) -> None:
    site = site_of()
    found = night(site, tmp_path, years=[2021, "2023"], since="2023-12-20")
    assert {row.source_item_id for row in found.rows} == {f"advent-calendar-2023/{number}" for number in range(20, 25)}
    for years in ("2018", "22", "twenty", ["2022", None]):
        with pytest.raises(SpiderUsageError, match="years"):
            OpenscadOrgSpider(years=years)  # type: ignore[arg-type]


def test_files_that_robots_may_not_have_are_not_fetched(tmp_path: Path) -> None:
    site = new_site()
    site.robots = "User-agent: *\nDisallow: /*.scad$\n"
    with served(site) as running:
        found = crawl(running.running, "openscad_org", tmp_path)
        assert not [heard.path for heard in running.heard if heard.path.endswith(".scad")]
        assert {row.scad for row in found.rows if str(row.path).endswith(".scad")} == {None}
        assert any("Forbidden by robots.txt" in problem for problem in found.stats.errors) if found.stats else False
