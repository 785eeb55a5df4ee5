"""The GitHub spiders against a replayed GitHub: night after night, the halving of searches, odd repositories."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from scrapy.http import TextResponse

from spiders.pages.projects import Project
from spiders.seeds import Seed, SeedFile
from spiders.sites.github import Wish
from spiders.sites.github_repos import GithubReposSpider
from spiders.sites.github_search import GithubSearchSpider
from spiders.state import CrawlState
from tests.replay.crawl import compare, crawl, replay
from tests.replay.faults import NO_FAULTS, ROUGH_WEATHER
from tests.replay.repositories import Repo, pushed_at
from tests.replay.repository_files import vendored_scad
from tests.replay.site import Planted
from tests.replay.sites.github import Github
from tests.spiders.nights import Asked, Given, Night, one_night

TOKEN = "REPLAY-SECRET-github"
Respond = Callable[[Asked], Given]


@pytest.fixture(autouse=True)
def _token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)


def site_of(scale: float = 0.006) -> Github:
    site = Github(scale=scale, seed=1, clock_speed=1.0, faults=NO_FAULTS)
    site.urls = {"api": "http://127.0.0.1:1", "codeload": "http://127.0.0.1:2"}
    return site


def answers_of(site: Github) -> Respond:
    hosts = {urlsplit(url).netloc: host for host, url in site.urls.items()}

    def respond(asked: Asked) -> Given:
        parts = urlsplit(asked.url)
        given = site.respond(hosts[parts.netloc], unquote(parts.path), dict(parse_qsl(parts.query)), asked.headers)
        if given.status == 301:
            return respond(replace(asked, url=given.headers["Location"]))
        return Given(given.status, bytes(5 << 20) if given.is_endless else given.body, given.headers)

    return respond


def search(site: Github, **arguments: Any) -> GithubSearchSpider:
    return GithubSearchSpider(**{"max_archive_mb": "4", **site.spider_arguments("github_search"), **arguments})


def without_the_bomb(site: Github, **arguments: Any) -> GithubSearchSpider:
    """Its 3 MB are too large here: unpacking half a gigabyte takes a second."""
    return search(site, max_archive_mb="1", **arguments)


def named(site: Github, **arguments: Any) -> GithubReposSpider:
    return GithubReposSpider(**{**site.spider_arguments("github_repos"), **arguments})


def planted(site: Github, spider: str) -> list[Planted]:
    return [one for one in site.planted() if one.spider == spider]


def differences(expected: list[Planted], night: Night) -> tuple[str, ...]:
    found = compare(expected, night.rows)
    return (*found.missing, *found.doubled, *found.unplanted, *found.wrong_fields)


def repos_asked(night: Night) -> list[str]:
    """What was asked of the API apart from searches."""
    return [urlsplit(asked.url).path for asked in night.asked if ":1/repos/" in asked.url]


def odd(site: Github, quirk: str) -> Repo:
    return next(repo for repo in site.searched if repo.quirk == quirk)


@pytest.fixture(scope="module")
def first_night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Github, Night, Path]]:
    site, state = site_of(), tmp_path_factory.mktemp("github") / "state.sqlite"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GITHUB_TOKEN", TOKEN)
        yield site, one_night(search(site), state, answers_of(site)), state


def test_a_search_gives_every_planted_row_and_each_field_as_planted(first_night: tuple[Github, Night, Path]) -> None:
    site, night, _ = first_night
    assert len(night.rows) > 250
    assert differences(planted(site, "github_search"), night) == ()


def test_no_credential_leaves_the_api_and_none_is_in_an_address(first_night: tuple[Github, Night, Path]) -> None:
    _, night, _ = first_night
    downloads = [asked for asked in night.asked if ":2/" in asked.url]
    assert len(downloads) > 30
    assert not any("Authorization" in asked.headers for asked in downloads)
    assert all(asked.headers["Authorization"] == f"Bearer {TOKEN}" for asked in night.asked if ":1/" in asked.url)
    assert TOKEN not in repr([asked.url for asked in night.asked]) + repr(night.rows) + repr(night.problems)


def test_rows_tell_where_they_come_from(first_night: tuple[Github, Night, Path]) -> None:
    site, night, _ = first_night
    row = next(row for row in night.rows if row.repo is not None and row.repo.commit is not None)
    assert row.repo is not None
    repo = next(repo for repo in site.searched if repo.full_name == row.repo.full_name)
    assert (row.source, row.source_item_id, row.repo.host) == ("github", repo.full_name.lower(), "github.com")
    assert row.repo.commit == repo.commit
    assert row.source_url == f"https://github.com/{repo.full_name}/blob/{repo.commit}/{row.path}"
    provenance = row.provenance
    assert provenance.request_url == f"http://127.0.0.1:2/{repo.full_name}/legacy.tar.gz/{repo.commit}"
    assert (provenance.http_status, provenance.etag) == (200, f'"{repo.commit}"')
    assert provenance.query is not None
    assert provenance.query.startswith("language:OpenSCAD license:")


def test_odd_repositories_are_left_alone_with_a_reason(first_night: tuple[Github, Night, Path]) -> None:
    site, night, _ = first_night
    asked = " ".join(repos_asked(night))
    for quirk in ("no license", "other license", "large", "fork", "private"):
        assert odd(site, quirk).full_name not in asked, quirk
    said = "\n".join(night.problems)
    for words in (
        "it is private",
        "it is empty",
        "larger than 4 MiB",
        "repositories (1): larger than 100000 kB",
        "repositories (2): no licence known",
        "points outside the archive",
        "links and special files: 4",
        "it unzips to more than",
        "files (1): no licence that is allowed",
    ):
        assert words in said, words
    assert not any("evil" in (row.path or "") for row in night.rows)
    closed = next(row for row in night.rows if row.path == "closed.scad")
    assert (closed.scad, closed.companions) == (None, ())


def test_a_second_night_asks_only_the_search_and_gives_nothing(first_night: tuple[Github, Night, Path]) -> None:
    site, _, state = first_night
    night = one_night(search(site), state, answers_of(site))
    assert night.rows == []
    # 404: it never was taken, so it is looked for again
    assert repos_asked(night) == [f"/repos/{odd(site, 'missing').full_name}/commits/main"]


def test_a_changed_repository_is_taken_anew_and_a_deleted_one_is_marked(tmp_path: Path) -> None:
    site, state = site_of(), tmp_path / "state.sqlite"
    one_night(without_the_bomb(site), state, answers_of(site))
    before = {(one.source_item_id, one.path, one.scad_sha256) for one in planted(site, "github_search")}
    site.change(0.05)
    deleted = {repo.full_name.lower() for repo in site.searched if repo.is_gone}
    nights = [one_night(without_the_bomb(site), state, answers_of(site)) for _ in range(3)]  # a few rechecks a night
    news = [
        one for one in planted(site, "github_search") if (one.source_item_id, one.path, one.scad_sha256) not in before
    ]
    items = {one.source_item_id for one in news}
    whole = [one for one in planted(site, "github_search") if one.source_item_id in items]
    assert len(items) == 2
    assert differences(whole, nights[0]) == ()
    assert nights[1].rows == nights[2].rows == []
    known = CrawlState(state)
    assert set(known.gone()) <= deleted
    while len(known.gone()) < len(deleted):
        known.close()
        one_night(without_the_bomb(site), state, answers_of(site))
        known = CrawlState(state)
    assert known.gone() == dict.fromkeys(deleted, "answered 404")
    known.close()


def test_a_copy_of_a_file_that_another_repository_showed_first_is_no_row(tmp_path: Path) -> None:
    site, state = site_of(), tmp_path / "state.sqlite"
    first = one_night(without_the_bomb(site), state, answers_of(site))
    assert [row.path for row in first.rows if row.scad == vendored_scad()] == ["rounded.scad"]
    site.change(0.8)
    second = one_night(without_the_bomb(site), state, answers_of(site))
    assert len(second.rows) > 30
    assert not any(row.scad == vendored_scad() for row in second.rows)
    n_copies = next(line for line in second.problems if "copies of another" in line)
    assert int(n_copies.partition("(")[2].partition(")")[0]) >= 3


def renamed(respond: Respond, old: str, new: str) -> Respond:
    """The site once a repository has another name."""

    def answer(asked: Asked) -> Given:
        headers = {name: value for name, value in asked.headers.items() if name.lower() != "if-none-match"}
        given = respond(replace(asked, url=asked.url.replace(new, old), headers=headers))
        return (
            given if "/tarball/" in asked.url else replace(given, body=given.body.replace(old.encode(), new.encode()))
        )

    return answer


@pytest.mark.parametrize("is_listed", [True, False])
def test_a_renamed_repository_keeps_what_it_owns(is_listed: bool, tmp_path: Path) -> None:
    site, state = site_of(), tmp_path / "state.sqlite"
    first = one_night(without_the_bomb(site) if is_listed else named(site), state, answers_of(site))
    old = site.named[1].full_name if not is_listed else next(r for r in first.rows if r.path).repo.full_name
    before = {row.path for row in first.rows if row.source_item_id == old.lower()}
    spider = without_the_bomb(site) if is_listed else named(site)
    second = one_night(spider, state, renamed(answers_of(site), old, "Other/Name"))
    assert before
    if is_listed:  # under its new name before the old one is asked for
        assert second.rows == []
        second = one_night(without_the_bomb(site), state, renamed(answers_of(site), old, "Other/Name"))
    assert {(row.source_item_id, row.path) for row in second.rows} == {("other/name", path) for path in before}
    known = CrawlState(state)
    assert known.gone()[old.lower()] == "renamed to Other/Name"
    known.close()
    spider = without_the_bomb(site) if is_listed else named(site)
    assert one_night(spider, state, renamed(answers_of(site), old, "Other/Name")).rows == []


def walked(site: Github, **arguments: Any) -> tuple[list[Project], list[str], GithubSearchSpider]:
    """What a search comes past, the queries it made, and the spider; repositories themselves are not asked for."""
    listed: list[Project] = []

    class Walker(GithubSearchSpider):
        def consider(self, repository: Project, wish: Wish) -> Iterator[Any]:
            listed.append(repository)
            yield from ()

    spider = Walker(**{**site.spider_arguments("github_search"), **arguments})
    spider.crawler = SimpleNamespace()
    requests = [spider._ask(query) for query in spider.first_queries()]
    queries: list[str] = []
    while requests:
        request = requests.pop(0)
        words = dict(parse_qsl(urlsplit(request.url).query))
        queries.append(f"{words['q']} page {words['page']}")
        given = site.respond("api", "/search/repositories", words, {})
        assert given.status == 200, given.body
        response = TextResponse(request.url, body=given.body, request=request)
        requests += list(request.callback(response, **request.cb_kwargs))
    return listed, queries, spider


def test_a_licence_of_more_than_a_thousand_repositories_is_halved_until_none_is_missed() -> None:
    site = site_of(1.0)
    listed, queries, spider = walked(site)
    wanted = {repo.full_name for repo in site.searched if repo.quirk != "fork"}
    assert {repository.full_name for repository in listed} == wanted
    assert len(listed) == len(wanted)
    n_mit = sum(1 for repo in site.searched if (repo.listed_key or repo.license_key) == "mit")
    assert n_mit > 1000
    ranges = {query.partition(" page")[0] for query in queries if "license:mit" in query}
    assert len(ranges) >= 3
    assert spider.problems == []
    assert len(queries) < 120  # four minutes at the search's allowance


def test_more_than_a_thousand_of_one_day_are_said_and_the_first_thousand_taken() -> None:
    site = site_of(1.0)
    for repo in site.searched:
        repo.created = site.searched[0].created
    listed, _, spider = walked(site, licenses="mit")
    newest = sorted((r for r in site.searched if (r.listed_key or r.license_key) == "mit"), key=_newest, reverse=True)
    assert {r.full_name for r in listed} == {r.full_name for r in newest[:1000] if r.quirk != "fork"}
    assert len(spider.problems) == 1
    assert "beyond what a query shows" in spider.problems[0]


def _newest(repo: Repo) -> tuple[str, int]:
    return pushed_at(repo), repo.number


def test_an_answer_that_stays_incomplete_is_asked_four_times_and_then_taken_as_it_is() -> None:
    site = site_of()
    spider = search(site, licenses="mit")
    spider.crawler = SimpleNamespace()
    body = json.dumps({"total_count": 0, "incomplete_results": True, "items": []}).encode()
    requests, n_asked = [spider._ask(query) for query in spider.first_queries()], 0
    while requests:
        request, n_asked = requests.pop(), n_asked + 1
        requests += list(request.callback(TextResponse(request.url, body=body), **request.cb_kwargs))
    assert n_asked == 4
    assert spider.problems == ["language:OpenSCAD license:mit created:2008-01-01..2026-01-01: page 1 stayed incomplete"]


def test_since_asks_only_for_what_was_pushed_to(tmp_path: Path) -> None:
    site = site_of()
    night = one_night(
        without_the_bomb(site, since="2025-01-02", licenses="mit"), tmp_path / "state.sqlite", answers_of(site)
    )
    queries = [asked.url for asked in night.asked if "/search/" in asked.url]
    assert all("pushed%3A%3E%3D2025-01-02" in url for url in queries)
    mit = [repo for repo in site.searched if repo.license_key == "mit" and not repo.quirk]
    recent = {repo.full_name.lower() for repo in mit if pushed_at(repo) >= "2025-01-02"}
    assert 0 < len(recent) < len(mit)
    assert {row.source_item_id for row in night.rows if "odd" not in row.source_item_id} == recent


def test_over_http_in_rough_weather_all_comes_home_within_the_limits(tmp_path: Path) -> None:
    with replay(["github"], scale=0.004, faults=ROUGH_WEATHER, clock_speed=2000) as running:
        for spider in ("github_repos", "github_search"):
            done = crawl(running, spider, tmp_path / spider)
            assert done.exit_code == 0, done.stderr
            found = compare(running.planted(spider), done.rows)
            assert found.is_exact, found
            assert TOKEN not in (tmp_path / spider / "scrapy.log").read_text(encoding="utf-8")
        heard = running.stats()
    assert heard["github/api"]["n_over_limit"] == 0
    assert heard["github/codeload"]["n_foreign_authorizations"] == 0
    assert heard["github/codeload"]["n_requests"] > 30
    assert heard["github/api"]["secret_urls"] == heard["github/codeload"]["secret_urls"] == []
    assert sum(heard["github/api"]["n_faults"].values()) > 0


def test_a_named_repository_that_is_not_there_is_an_error_each_night_and_no_failure_of_the_run(tmp_path: Path) -> None:
    with replay(["github"], scale=0.004) as running:
        names = f"repos={running.planted('github_repos')[0].source_item_id},nobody/nothing"
        nights = [
            crawl(running, "github_repos", tmp_path / str(n), "-a", names, state_dir=tmp_path / "state")
            for n in range(2)
        ]
    assert [len(night.rows) > 0 for night in nights] == [True, False]
    for night in nights:
        assert night.stats is not None
        assert (night.exit_code, night.stats.n_errors) == (0, 1), night.stderr
        assert any("repos/nobody/nothing: answered 404" in line for line in night.stats.errors)


def test_a_refused_token_ends_the_crawl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", f"{TOKEN}-revoked")
    site = site_of()
    night = one_night(search(site), tmp_path / "state.sqlite", answers_of(site))
    assert (night.reason, len(night.asked), night.rows) == ("terms_block", 1, [])


def test_named_repositories_give_files_examples_and_per_model_licences(tmp_path: Path) -> None:
    site, state = site_of(), tmp_path / "state.sqlite"
    first = one_night(named(site), state, answers_of(site))
    assert differences(planted(site, "github_repos"), first) == ()
    pinned = site.named[0]
    assert not any("/commits/" in path and pinned.name in path for path in repos_asked(first))
    second = one_night(named(site), state, answers_of(site))
    assert second.rows == []
    # one request each, answered 304; the renamed one is asked under its old name and again under its number
    assert len([asked for asked in second.asked if ":2/" not in asked.url]) == len(site.named)
    assert second.statuses[304] == len(site.named) - 1


def test_a_repository_is_taken_anew_when_what_is_wished_of_it_changes(tmp_path: Path) -> None:
    site, state = site_of(), tmp_path / "state.sqlite"
    docs = site.named[1].full_name
    one_night(named(site, repos=docs), state, answers_of(site))
    more = json.dumps([{"name": docs, "extracts": ["docs"]}])
    night = one_night(named(site, repos=more), state, answers_of(site))
    assert {row.path for row in night.rows} == {"docs/spiral_box.md#0", "docs/spiral_box.md#1"}


def test_seeds_are_taken_once_and_only_under_a_licence_that_github_knows(tmp_path: Path) -> None:
    site = site_of()
    _, docs, per_model, *_ = site.named
    seeds = SeedFile(tmp_path / "seeds.jsonl")
    for url in (f"https://github.com/{docs.full_name}/tree/main/src", f"https://github.com/{per_model.full_name}"):
        seeds.add(Seed(url, "Title", "https://openscad.org/libraries.html"))
    spider = named(site, repos=docs.full_name.upper(), seeds="true")
    night = one_night(spider, tmp_path / "state.sqlite", answers_of(site), seeds=seeds)
    taken = {row.source_item_id for row in night.rows if row.path is not None}
    assert taken == {docs.full_name.lower()}
    bare = next(row for row in night.rows if row.path is None)
    assert bare.source_item_id == per_model.full_name.lower()
    assert bare.provenance.discovered_via == "https://openscad.org/libraries.html"
    assert len([path for path in repos_asked(night) if path.lower() == f"/repos/{docs.full_name}".lower()]) == 1
