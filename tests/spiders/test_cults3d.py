"""The cults3d spider against a replayed Cults3D: night after night, and its refusals."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from corpus.schema import CrawledRow
from spiders.sites.base import SpiderUsageError
from spiders.sites.cults3d import Cults3dSpider
from spiders.state import CrawlState
from tests.replay.crawl import compare, crawl, replay
from tests.replay.creations import Creation
from tests.replay.faults import NO_FAULTS, ROUGH_WEATHER
from tests.replay.site import Planted
from tests.replay.sites.cults3d import Cults3d
from tests.replay.things import Expected
from tests.spiders.nights import Asked, Given, Night, one_night

USER, KEY = "replay-user", "REPLAY-SECRET-cults3d"
Respond = Callable[[Asked], Given]


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CULTS3D_USERNAME", USER)
    monkeypatch.setenv("CULTS3D_API_KEY", KEY)


def site_of(scale: float = 0.4) -> Cults3d:
    site = Cults3d(scale=scale, seed=1, clock_speed=1.0, faults=NO_FAULTS)
    site.urls = {"api": "http://127.0.0.1:1", "files": "http://127.0.0.1:2"}
    return site


def responder(site: Cults3d) -> Respond:
    hosts = {urlsplit(url).netloc: host for host, url in site.urls.items()}

    def respond(asked: Asked) -> Given:
        parts = urlsplit(asked.url)
        answer = site.respond(hosts[parts.netloc], unquote(parts.path), asked.body, asked.headers)
        return Given(answer.status, answer.body, answer.headers)

    return respond


def night(site: Cults3d, folder: Path, respond: Respond | None = None, **more: Any) -> Night:
    spider = Cults3dSpider(**{**site.spider_arguments("cults3d"), **more})
    return one_night(spider, folder / "state.sqlite", respond or responder(site))


def offsets(found: Night) -> list[tuple[str, int]]:
    """(term, offset) of each page of a search that was asked for."""
    variables = [json.loads(asked.body)["variables"] for asked in found.asked if asked.body]
    return [(v["q"], v["o"]) for v in variables if "q" in v]


def slugs(found: Night) -> list[str]:
    """The designs asked for by name."""
    variables = [json.loads(asked.body)["variables"] for asked in found.asked if asked.body]
    return [slug for v in variables if "q" not in v for slug in v.values()]


def assert_exact(planted: list[Planted], rows: list[CrawledRow]) -> None:
    """Every planted row came once, right in every field, and no other."""
    found = compare(planted, rows)
    assert found.is_exact, found


def special(site: Cults3d, name: str) -> Creation:
    return next(c for c in site.creations.values() if c.title == f"Special {name}")


def test_the_first_night_finds_every_planted_design_once_and_right(tmp_path: Path) -> None:
    site = site_of()
    found = night(site, tmp_path)
    assert_exact(site.planted(), found.rows)
    for row in found.rows:
        assert row.provenance.discovered_via == "search"
        assert row.provenance.query in ("openscad", "parametric")
        assert row.tags or row.title == "Special bare"
    assert max(Counter(asked.url for asked in found.asked if not asked.body).values()) == 1


def test_a_file_is_fetched_only_if_it_is_given_open_and_cults3ds_own(tmp_path: Path) -> None:
    site = site_of()
    found = night(site, tmp_path)
    fetched = {asked.url for asked in found.asked if not asked.body}
    open_files = {
        f"http://127.0.0.1:2/blueprints/{file.file_id}/{file.name}"
        for creation in site.creations.values()
        for file in creation.files
        if file.is_given and file.how != "elsewhere" and file.name.lower().endswith(".scad")
        if not creation.license[1].startswith(("LicenseRef-Cults", "CC-BY-NC", "NOASSERTION"))
    }
    assert fetched == open_files
    assert any("elsewhere.invalid" in problem and "another host" in problem for problem in found.problems)


def test_the_key_goes_to_the_api_and_nowhere_else(tmp_path: Path) -> None:
    found = night(site_of(), tmp_path)
    by_host = {(urlsplit(asked.url).netloc, "Authorization" in asked.headers) for asked in found.asked}
    assert by_host == {("127.0.0.1:1", True), ("127.0.0.1:2", False)}
    said = repr(found.rows) + repr(found.problems) + repr([(asked.url, asked.body) for asked in found.asked])
    assert KEY not in said
    assert KEY.encode() not in b"".join(path.read_bytes() for path in tmp_path.iterdir())


def test_sources_of_one_design_go_together(tmp_path: Path) -> None:
    site = site_of()
    design = special(site, "two_sources")
    rows = {row.path: row for row in night(site, tmp_path).rows if row.source_item_id == design.slug}
    assert [c.path for c in rows["main.scad"].companions] == ["lib.SCAD"]
    assert rows["lib.SCAD"].companions == ()


def test_a_quiet_night_asks_for_the_first_pages_and_a_thirtieth_by_name(tmp_path: Path) -> None:
    site = site_of()
    assert ("openscad", 100) in offsets(night(site, tmp_path))
    night(site, tmp_path)  # a file that was not there is asked for once more
    n_known = len(site.creations)
    found = night(site, tmp_path)
    assert sorted(offsets(found)) == [("openscad", 0), ("parametric", 0)]
    assert 0 < len(slugs(found)) <= -(-n_known // 30)
    assert (found.rows, len(found.asked)) == ([], 3)


def test_thirty_nights_find_every_change_every_removal_and_every_new_design(tmp_path: Path) -> None:
    site = site_of(1.0)
    night(site, tmp_path)
    before = dict(site.creations)
    site.change(0.3)
    rows = []
    for _ in range(30):
        rows += night(site, tmp_path).rows
    changed = [c for c in site.creations.values() if c.title.endswith(" again")]
    new = [c for slug, c in site.creations.items() if slug not in before]
    assert len(changed) > 50
    assert new
    for creation in [*changed, *new]:
        shown = {row.title for row in rows if row.source_item_id == creation.slug}
        assert shown == ({creation.title} if creation.expected else set())
    state = CrawlState(tmp_path / "state.sqlite")
    assert before.keys() - site.creations.keys() == state.gone().keys()
    state.close()


def test_two_files_of_one_address_are_two_rows(tmp_path: Path) -> None:
    site = site_of()
    design = special(site, "two_sources")
    address = f"http://127.0.0.1:2/blueprints/{design.files[1].file_id}/lib.scad"
    names = ("a.scad", "b.scad")
    design.odd = {"blueprints": [{"id": name, "fileName": name, "fileUrl": address} for name in names]}
    rows = [row for row in night(site, tmp_path).rows if row.source_item_id == design.slug]
    assert [(row.path, row.scad) for row in rows] == [(name, "module lib() { cube(2); }\n") for name in names]


def test_news_that_another_search_has_just_taken_is_no_end_of_this_one(tmp_path: Path) -> None:
    site = site_of()
    night(site, tmp_path)
    for number in range(10_000, 10_120):  # the newest hundred in both searches, twenty older ones in the second only
        terms = ("openscad", "parametric") if number >= 10_020 else ("parametric",)
        creation = Creation(number, f"new-{number}", "New", terms, expected=[Expected(None, None)])
        site.creations[creation.slug] = creation
    site.index()
    found = {row.source_item_id for row in night(site, tmp_path).rows}
    assert {f"new-{number}" for number in range(10_000, 10_120)} <= found


def test_part_of_a_page_is_taken_and_its_walk_is_never_called_whole(tmp_path: Path) -> None:
    site = site_of()
    found = night(site, tmp_path, terms="partial")
    assert len({row.source_item_id for row in found.rows}) == 7  # of eight, one is null
    assert any("Can't be shown" in problem for problem in found.problems)
    state = CrawlState(tmp_path / "state.sqlite")
    assert not state.note("walked:partial")
    state.close()


@pytest.mark.parametrize(("term", "problem"), [("broken", "Internal error"), ("nothing", "no page of 'nothing'")])
def test_an_answer_without_data_is_told_and_is_no_end(term: str, problem: str, tmp_path: Path) -> None:
    found = night(site_of(), tmp_path, terms=term)
    assert any(problem in line for line in found.problems)
    state = CrawlState(tmp_path / "state.sqlite")
    assert state.note(f"walked:{term}") is None
    state.close()


def test_a_page_that_shows_nothing_in_mid_search_is_no_end(tmp_path: Path) -> None:
    site = site_of()
    respond = responder(site)
    empty = Given(200, b'{"data":{"creationsSearchBatch":{"total":999,"results":[]}}}', {})

    def respond_but(asked: Asked) -> Given:
        return empty if asked.body and json.loads(asked.body)["variables"].get("o") == 100 else respond(asked)

    first = night(site, tmp_path, respond_but)
    assert any("page 2 shows nothing, and that is not the end" in problem for problem in first.problems)
    rows = {row.record_id: row for row in [*first.rows, *night(site, tmp_path).rows]}
    assert_exact(site.planted(), list(rows.values()))


def test_a_design_marked_as_gone_is_taken_anew_where_a_search_shows_it(tmp_path: Path) -> None:
    site = site_of()
    night(site, tmp_path)
    slug = special(site, "two_sources").slug
    state = CrawlState(tmp_path / "state.sqlite")
    state.note_gone(slug, "answered null")
    for term in ("openscad", "parametric"):  # no walk is whole: the searches come past it, however old it is
        state.set_note(f"walked:{term}", "")
    state.close()
    assert [row.path for row in night(site, tmp_path).rows if row.source_item_id == slug] != []


def test_an_address_that_can_not_be_one_costs_its_file_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = site_of()
    planted = site.planted()
    design = special(site, "two_sources")
    address = "http://127.0.0.1:2/odd.scad"
    design.odd = {"blueprints": [{"id": "9", "fileName": "x.scad", "fileUrl": address}]}

    def own_url(self: Cults3dSpider, url: str | None) -> str | None:
        # the page's reader may come to refuse such an address; the taking of files has to bear it all the same
        return "http://127.0.0.1:99999/x.scad" if url == address else kept(self, url)

    kept = Cults3dSpider._own_url
    monkeypatch.setattr(Cults3dSpider, "_own_url", own_url)
    found = night(site, tmp_path)
    assert [(row.path, row.scad) for row in found.rows if row.source_item_id == design.slug] == [("x.scad", None)]
    assert any("127.0.0.1:99999" in problem and "not an address" in problem for problem in found.problems)
    others = [row for row in found.rows if row.source_item_id != design.slug]
    assert_exact([p for p in planted if p.source_item_id != design.slug], others)
    assert design.slug not in {row.source_item_id for row in night(site, tmp_path).rows}


def test_a_file_that_failed_for_a_night_is_asked_for_again(tmp_path: Path) -> None:
    site = site_of()
    respond = responder(site)

    def respond_but(asked: Asked) -> Given:
        return Given(503, b"", {}) if ":2/" in asked.url else respond(asked)

    assert [row for row in night(site, tmp_path, respond_but).rows if row.scad is not None] == []
    again = {(row.source_item_id, row.path) for row in night(site, tmp_path).rows if row.scad is not None}
    assert again == {(p.source_item_id, p.path) for p in site.planted() if p.scad_sha256}


def test_unfinished_designs_stay_on_the_list_while_the_site_does_not_answer_for_them(tmp_path: Path) -> None:
    site = site_of()
    respond = responder(site)

    def without_files(asked: Asked) -> Given:
        return Given(503, b"", {}) if ":2/" in asked.url else respond(asked)

    def without_names(asked: Asked) -> Given:
        return Given(503, b"", {}) if b'"s0"' in asked.body or ":2/" in asked.url else respond(asked)

    night(site, tmp_path, without_files)
    night(site, tmp_path, without_names)
    found = {(row.source_item_id, row.path) for row in night(site, tmp_path).rows if row.scad is not None}
    assert found == {(p.source_item_id, p.path) for p in site.planted() if p.scad_sha256}


@pytest.mark.parametrize(("user", "status"), [("someone", 401), ("forbidden", 403)])
def test_refused_credentials_end_the_crawl_at_the_first_answer(
    user: str, status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CULTS3D_USERNAME", user)
    found = night(site_of(), tmp_path)
    assert (found.reason, found.statuses, found.rows) == ("terms_block", {status: 1}, [])
    assert any("credentials are not accepted" in problem for problem in found.problems)


def test_since_leaves_older_designs_out_and_does_not_call_them_done(tmp_path: Path) -> None:
    site = site_of()
    design = special(site, "two_sources")
    design.updated_seconds = 1_900_000_000
    found = night(site, tmp_path, since="2029-01-01")
    assert {row.source_item_id for row in found.rows} == {design.slug, special(site, "bare").slug}
    found.rows += night(site, tmp_path).rows
    assert_exact(site.planted(), found.rows)


@pytest.mark.parametrize("missing", ["CULTS3D_USERNAME", "CULTS3D_API_KEY"])
def test_without_a_credential_it_says_which_and_asks_nothing(missing: str, tmp_path: Path) -> None:
    files = ["--output", str(tmp_path / "rows.jsonl"), "--stats", str(tmp_path / "stats.json")]
    command = [sys.executable, "-m", "spiders.run", "cults3d", "--contact", "a@b.example", *files]
    given = {"PATH": "", "CULTS3D_USERNAME": USER, "CULTS3D_API_KEY": KEY}
    del given[missing]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=given)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert missing in done.stderr
    assert KEY not in done.stderr


def test_nothing_to_look_for_is_refused() -> None:
    with pytest.raises(SpiderUsageError):
        Cults3dSpider(terms=" , ")


def test_over_http_a_night_keeps_the_limit_and_the_secret(tmp_path: Path) -> None:
    with replay(["cults3d"], scale=0.2, clock_speed=200.0) as running:
        done = crawl(running, "cults3d", tmp_path)
        assert done.exit_code == 0, done.stderr
        assert_exact(running.planted("cults3d"), done.rows)
        heard = running.stats()
    assert done.stats is not None
    assert done.stats.quotas["cults3d"][1] == 60
    assert heard["cults3d/api"]["n_over_limit"] == 0
    assert heard["cults3d/files"]["n_requests"] > 10
    assert heard["cults3d/files"]["n_foreign_authorizations"] == 0
    basic = base64.b64encode(f"{USER}:{KEY}".encode())
    left = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert [body for body in left if b"REPLAY-SECRET" in body or basic in body] == []


def test_over_http_rough_weather_costs_time_and_no_design(tmp_path: Path) -> None:
    with replay(["cults3d"], scale=0.3, faults=ROUGH_WEATHER, clock_speed=500.0) as running:
        done = crawl(running, "cults3d", tmp_path)
        assert_exact(running.planted("cults3d"), done.rows)
        heard = running.stats()
    assert sum(sum(host["n_faults"].values()) for host in heard.values()) > 3
    assert heard["cults3d/api"]["n_over_limit"] == 0


@pytest.mark.parametrize(("user", "status"), [("someone", "401"), ("forbidden", "403")])
def test_over_http_refused_credentials_end_the_crawl(user: str, status: str, tmp_path: Path) -> None:
    with replay(["cults3d"], scale=0.05) as running:
        refused = replace(running, environment={"cults3d": {"CULTS3D_USERNAME": user, "CULTS3D_API_KEY": KEY}})
        done = crawl(refused, "cults3d", tmp_path, "-a", "terms=openscad")
        assert (done.exit_code, done.rows, running.n_requests("cults3d")) == (4, [], 1)
    assert done.stats is not None
    assert done.stats.status_counts[status] == 1
