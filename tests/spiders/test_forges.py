"""The gitlab and codeberg spiders against replayed forges: night after night, and odd repositories."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import pytest

from spiders.seeds import Seed, SeedFile
from spiders.sites.codeberg import CodebergSpider
from spiders.sites.gitlab import GitlabSpider
from spiders.state import CrawlState
from tests.replay.crawl import CrawlResult, compare, crawl
from tests.replay.faults import NO_FAULTS
from tests.replay.forges import COPIED_PATH, ForgeSite
from tests.replay.repositories import Content, Repo, tarball_of
from tests.replay.sites.codeberg import Codeberg
from tests.replay.sites.gitlab import Gitlab
from tests.spiders.nights import Asked, Given, Night, one_night
from tests.spiders.served import Served, served

Respond = Callable[[Asked], Given]
FORGES: dict[str, type[ForgeSite]] = {"gitlab": Gitlab, "codeberg": Codeberg}
SPIDERS: dict[str, Any] = {"gitlab": GitlabSpider, "codeberg": CodebergSpider}
HOSTS = {"gitlab": "gitlab.com", "codeberg": "codeberg.org"}


@pytest.fixture(params=sorted(FORGES))
def forge(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module", params=sorted(FORGES))
def first(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Served, CrawlResult]]:
    """The first night of each forge over HTTP."""
    with served(new_site(request.param)) as running:
        yield running, crawl(running.running, request.param, tmp_path_factory.mktemp(request.param))


def new_site(forge: str, scale: float = 0.1) -> ForgeSite:
    return FORGES[forge](scale=scale, seed=1, clock_speed=1.0, faults=NO_FAULTS)


def site_of(forge: str, scale: float = 0.1) -> ForgeSite:
    site = new_site(forge, scale)
    site.urls = {"api": "http://127.0.0.1:1"}
    return site


def responder(site: ForgeSite) -> Respond:
    def respond(asked: Asked) -> Given:
        parts = urlsplit(asked.url)
        given = site.respond(parts.path, dict(parse_qsl(parts.query)), asked.headers)
        if given.status == 301:
            return respond(replace(asked, url=given.headers["Location"]))
        return Given(given.status, given.body, given.headers)

    return respond


def night(site: ForgeSite, folder: Path, respond: Respond | None = None, **more: Any) -> Night:
    seeds = more.pop("seed_file", None)
    spider = SPIDERS[site.spider](**{**site.spider_arguments(site.spider), **more})
    return one_night(spider, folder / "state.sqlite", respond or responder(site), seeds=seeds)


def odd(site: ForgeSite, quirk: str) -> Repo:
    return next(repo for repo in site.repos if repo.quirk == quirk)


def listings(found: Night) -> list[str]:
    return [asked.url for asked in found.asked if "/projects?" in asked.url or "/repos/search?" in asked.url]


def others(found: Night) -> list[str]:
    return [asked.url for asked in found.asked if asked.url not in listings(found)]


def archives(found: Night) -> list[str]:
    return [asked.url for asked in found.asked if "archive" in asked.url]


def gone(folder: Path) -> dict[str, str]:
    state = CrawlState(folder / "state.sqlite")
    marked = state.gone()
    state.close()
    return marked


def test_the_first_night_finds_every_planted_row_once_and_right(first: tuple[Served, CrawlResult]) -> None:
    running, found = first
    assert found.exit_code == 0, found.stderr
    assert len(found.rows) > 80
    same = compare(running.site.planted(), found.rows)
    assert same.is_exact, same


def test_nothing_is_asked_for_twice_though_two_queries_list_it(first: tuple[Served, CrawlResult]) -> None:
    asked = [(heard.path, tuple(heard.query.items())) for heard in first[0].heard]
    assert len(asked) == len(set(asked))
    assert not any(heard.is_authorized for heard in first[0].heard)


def test_rows_tell_where_they_come_from(first: tuple[Served, CrawlResult]) -> None:
    running, found = first
    row = next(row for row in found.rows if row.repo is not None and row.repo.commit is not None)
    assert row.repo is not None
    site = running.site
    assert isinstance(site, ForgeSite)
    repo = site.named(row.repo.full_name)
    assert repo is not None
    place = {"gitlab": "-/blob", "codeberg": "src/commit"}[site.spider]
    assert (
        row.source_url == f"https://{HOSTS[site.spider]}/{repo.full_name}/{place}/{repo.commit}/{quote(str(row.path))}"
    )
    assert (row.source_item_id, row.repo.commit) == (repo.full_name.lower(), repo.commit)
    provenance = row.provenance
    assert repo.commit in f"{provenance.request_url} {provenance.etag}"
    assert (provenance.http_status, provenance.page) == (200, 1)
    assert "openscad" in str(provenance.query)


def test_a_listing_is_followed_to_its_end(forge: str, tmp_path: Path) -> None:
    # each query finds two thirds of some 210 projects, 100 a page, or of some 90 repositories, 50 a page
    site = site_of(forge, {"gitlab": 1.7, "codeberg": 1.0}[forge])
    found = night(site, tmp_path, since="2100-01-01")
    pages = listings(found)
    assert len(pages) == 4
    assert len([url for url in pages if "id_after=" in url or "page=2" in url]) == 2
    assert others(found) == []


def test_a_second_night_costs_its_listings(forge: str, tmp_path: Path) -> None:
    site = site_of(forge)
    night(site, tmp_path)
    found = night(site, tmp_path)
    assert found.rows == []
    missing = [url for url in others(found) if "missing" in url]
    assert others(found) == missing  # listed and not there: asked for again, for it may come


def test_only_what_changed_is_taken_again(forge: str, tmp_path: Path) -> None:
    site = site_of(forge)
    night(site, tmp_path)
    before = {repo.full_name: repo.commit for repo in site.repos}
    site.change(0.3)
    news = {r.full_name.lower() for r in site.repos if not r.is_gone and before.get(r.full_name) != r.commit}
    assert len(news) >= 4
    found = night(site, tmp_path)
    listed = [p for p in site.planted() if p.source_item_id in news]
    same = compare(listed, found.rows)
    assert same.is_exact, same
    assert len(archives(found)) == len(news)


def test_what_vanished_is_marked_within_a_month(forge: str, tmp_path: Path) -> None:
    site = site_of(forge)
    night(site, tmp_path)
    repo = next(repo for repo in site.repos if not repo.quirk)
    repo.is_gone = True
    for _ in range(30):
        assert night(site, tmp_path).rows == []
    assert gone(tmp_path) == {repo.full_name.lower(): "answered 404"}


def test_what_is_not_to_be_taken_is_not_downloaded_and_the_reason_is_said(forge: str, tmp_path: Path) -> None:
    site = site_of(forge)
    found = night(site, tmp_path)
    asked = " ".join(archives(found))
    quirks = {"no license", "other license", "empty", "fork", *({"refused"} if forge == "codeberg" else ())}
    for quirk in quirks:
        assert odd(site, quirk).name not in asked, quirk
    said = "\n".join(found.problems)
    words = ["repositories (2): no licence known", "repositories (1): empty", "repositories (1): forks", "than 4 MiB"]
    for line in [*words, *(["a licence that is refused"] if forge == "codeberg" else [])]:
        assert line in said, line
    assert not any("evil" in (row.path or "") for row in found.rows)


def test_forks_are_taken_where_they_are_wanted_though_passed_by_before(forge: str, tmp_path: Path) -> None:
    site = site_of(forge)
    fork = odd(site, "fork")
    assert fork.name not in " ".join(archives(night(site, tmp_path)))
    fork_asked = " ".join(archives(night(site, tmp_path, forks="true")))
    assert fork.name in fork_asked


def test_a_copy_of_another_repositorys_file_gives_no_second_row(forge: str, tmp_path: Path) -> None:
    site = site_of(forge)
    site.has_copies = True
    n_holding = len([repo for repo in site.repos if not repo.quirk])
    found = night(site, tmp_path)
    assert len([row for row in found.rows if row.path == COPIED_PATH]) == 1
    assert f"files ({n_holding - 1}): copies of another repository's, not fetched" in found.problems
    assert [row.path for row in night(site, tmp_path).rows] == []


def test_a_companion_under_a_refused_licence_is_withheld_and_said(forge: str, tmp_path: Path) -> None:
    site = site_of(forge)
    repo = next(repo for repo in site.repos if not repo.quirk)
    nc = b"// License: CC BY-NC 4.0\nx = 1;\n"
    files = {"open.scad": b"include <nc.scad>\ninclude <lib.scad>\ncube(x);\n", "nc.scad": nc, "lib.scad": b"y = 2;\n"}
    body = tarball_of(repo, Content({"LICENSE": b"CC0 1.0 Universal", **files}))

    def respond(asked: Asked) -> Given:
        is_its = "archive" in asked.url and repo.name in asked.url
        return Given(200, body, {"Content-Type": "application/gzip"}) if is_its else responder(site)(asked)

    found = night(site, tmp_path, respond)
    rows = {row.path: row for row in found.rows if row.source_item_id == repo.full_name.lower()}
    assert {path: (row.scad is None, row.license_spdx) for path, row in rows.items()} == {
        "lib.scad": (False, "CC0-1.0"),
        "nc.scad": (True, "CC-BY-NC-4.0"),
        "open.scad": (False, "CC0-1.0"),
    }
    assert [companion.path for companion in rows["open.scad"].companions] == ["lib.scad"]
    assert "companions (1): a licence of their own that is refused, not fetched" in found.problems


def test_a_seed_is_taken_though_no_query_finds_it(forge: str, tmp_path: Path) -> None:
    site = site_of(forge)
    (repo,) = site.unlisted
    seeds = SeedFile(tmp_path / "seeds.jsonl")
    seeds.add(Seed(f"https://{HOSTS[forge]}/{repo.full_name}", "A library", "https://openscad.org/libraries.html"))
    seeds.add(Seed("https://github.com/some/where", "Elsewhere", "https://openscad.org/libraries.html"))
    seeds.add(Seed(f"https://{HOSTS[forge]}/explore/all", "No repository", "https://openscad.org/libraries.html"))
    wanted = [*site.planted(), *site.rows_of(repo)]
    found = night(site, tmp_path, seed_file=seeds)
    same = compare(wanted, found.rows)
    assert same.is_exact, same
    if forge == "gitlab":  # the seed and two listings, all as they were
        assert night(site, tmp_path, seed_file=seeds).statuses[304] == 3
    again = night(site, tmp_path / "none", seed_file=seeds, seeds="false")
    assert not any(repo.name in url for url in others(again))


def test_a_renamed_project_is_known_by_its_new_name(tmp_path: Path) -> None:
    site = site_of("gitlab")
    seeds = SeedFile(tmp_path / "seeds.jsonl")
    seeds.add(Seed("https://gitlab.com/former-owner/old-name", "Old", "https://openscad.org/libraries.html"))
    state = CrawlState(tmp_path / "state.sqlite")
    state.note_done("former-owner/old-name", "2020", 3)
    state.commit()
    state.close()
    found = night(site, tmp_path, seed_file=seeds)
    assert compare(site.planted(), found.rows).is_exact
    assert gone(tmp_path) == {"former-owner/old-name": f"renamed to {site.repos[0].full_name}"}


@pytest.mark.parametrize("lost", ["commits", "archive"])
def test_a_repository_lost_for_tonight_is_taken_the_next(lost: str, forge: str, tmp_path: Path) -> None:
    site = site_of(forge)
    word = {"gitlab": lost, "codeberg": lost.replace("commits", "branches")}[forge]

    def respond(asked: Asked) -> Given:
        return Given(500, b"", {}) if f"/{word}" in asked.url else responder(site)(asked)

    spoiled = night(site, tmp_path, respond)
    assert all(row.path is None for row in spoiled.rows)
    found = night(site, tmp_path)
    taken = [p for p in site.planted() if p.path is not None]
    same = compare([*taken, *(p for p in site.planted() if "endless" in p.source_item_id)], found.rows)
    assert same.is_exact, same


@pytest.mark.parametrize(
    "body", [b"[", b"{}", b"[]", b'{"data": 3}', b"null", b"<html>Not now</html>", b"\x1f\x8bjunk"]
)
def test_any_answer_in_the_wrong_place_is_a_noted_problem(body: bytes, forge: str, tmp_path: Path) -> None:
    site = site_of(forge)

    def respond(asked: Asked) -> Given:
        is_listing = "/projects?" in asked.url or "/search?" in asked.url
        return responder(site)(asked) if is_listing else Given(200, body, {"Content-Type": "application/json"})

    found = night(site, tmp_path, respond)
    assert all(row.scad is None for row in found.rows)
    assert len(found.problems) > 10


def test_a_forge_that_forbids_it_is_left_alone(forge: str, tmp_path: Path) -> None:
    site = new_site(forge)
    site.robots = "User-Agent: *\nDisallow: /api\nDisallow: /*/*/archive/\n"
    with served(site) as running:
        found = crawl(running.running, forge, tmp_path)
        assert (found.exit_code, found.rows, running.heard) == (4, [], [])
