"""The huggingface spider over HTTP against a replayed Hugging Face: night after night, and its refusals."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson
import pytest
from scrapy.http import TextResponse

from spiders.pages.huggingface import PAGE_ROWS, RowSource
from spiders.rows import RunStats
from spiders.sites.base import SpiderUsageError
from spiders.sites.huggingface import HuggingfaceSpider
from spiders.sites.tables import Pass
from tests.replay.crawl import Comparison, CrawlResult, compare, crawl, replay
from tests.replay.faults import NO_FAULTS, ROUGH_WEATHER
from tests.replay.site import Planted
from tests.replay.sites.huggingface import HuggingFace
from tests.spiders.served import Heard, Served, served

TABLE, PAGED = "replay/thingiverse-openscad", "replay/more-openscad"


@dataclass(frozen=True)
class Seen:
    """One night, and what the site had then."""

    crawled: CrawlResult
    heard: list[Heard]
    planted: list[Planted]
    gone: dict[str, str]

    def paths(self) -> list[str]:
        return [heard.path for heard in self.heard]


def site_of() -> HuggingFace:
    return HuggingFace(scale=0.01, seed=1, clock_speed=1.0, faults=NO_FAULTS)


def planted_of(site: HuggingFace, dataset: str) -> list[Planted]:
    """Those of one data set; its own rows name it, and things are numbered apart."""
    first = "2" if dataset == TABLE else "3"
    return [p for p in site.planted() if p.source_item_id.startswith((dataset, first))]


def night(running: Served, folder: Path, *more: str) -> CrawlResult:
    """One crawl; what the site heard before is forgotten."""
    running.heard.clear()
    return crawl(running.running, "huggingface", folder, *more)


def assert_exact(found: Comparison) -> None:
    assert found.is_exact, found
    assert found.n_found


def stats_of(found: CrawlResult) -> RunStats:
    assert found.stats is not None
    return found.stats


def seen(running: Served, folder: Path) -> Seen:
    crawled = night(running, folder)
    with sqlite3.connect(folder / "state" / "huggingface.sqlite") as db:
        gone = dict(db.execute("SELECT item_id, gone_evidence FROM items WHERE gone_evidence IS NOT NULL").fetchall())
    return Seen(crawled, list(running.heard), running.site.planted(), gone)


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> list[Seen]:
    """A first; one on which nothing is new; one with a new revision of the same rows; one with rows changed."""
    folder, site = tmp_path_factory.mktemp("huggingface"), site_of()
    with served(site) as running:
        found = [seen(running, folder), seen(running, folder)]
        for share in (0.0, 0.05):
            site.change(share)
            found.append(seen(running, folder))
    return found


@pytest.fixture
def running() -> Iterator[Served]:
    with served(site_of()) as running:
        yield running


def test_the_first_night_finds_every_planted_design_once_and_right(nights: list[Seen]) -> None:
    first = nights[0]
    assert first.crawled.exit_code == 0, first.crawled.stderr
    assert_exact(compare(first.planted, first.crawled.rows))
    assert {(p.source_item_id, p.source) for p in first.planted} == {
        (row.source_item_id, row.source) for row in first.crawled.rows
    }


def test_a_row_says_where_it_comes_from_and_what_was_done_to_it(nights: list[Seen]) -> None:
    main = next(r for r in nights[0].crawled.rows if r.path == "main.scad" and r.provenance.query == TABLE)
    assert [(c.path, c.text.split("(")[0]) for c in main.companions] == [(main.includes[0].target, "module piece")]
    assert "unwrapped 2 files" in main.transformations
    assert (main.provenance.page, main.provenance.http_status) == (1, 200)
    assert str(main.provenance.request_url).endswith("/default/train/0000.parquet")
    assert str(main.provenance.discovered_via).endswith("/parquet")


def test_a_row_without_a_licence_or_with_a_refused_one_keeps_its_source_and_says_so(nights: list[Seen]) -> None:
    found = {row.license_spdx: row for row in nights[0].crawled.rows if row.scad is not None}
    assert {"NOASSERTION", "CC-BY-NC-SA-4.0"} <= found.keys()
    assert found["NOASSERTION"].license_raw is None


def test_an_answer_that_is_not_ready_is_asked_for_again(nights: list[Seen]) -> None:
    asked = [heard.status for heard in nights[0].heard if heard.query.get("dataset") == TABLE]
    assert asked == [500, 200]
    assert stats_of(nights[0].crawled).n_errors == 0


def test_the_token_goes_to_hugging_face_and_nowhere_it_sends_on_to(nights: list[Seen]) -> None:
    asked = [
        (heard.host, heard.is_authorized) for night in nights for heard in night.heard if heard.path != "/robots.txt"
    ]
    assert set(asked) == {("api", True), ("cdn", False)}


def test_a_source_that_is_cut_short_is_left_out_with_the_reason(nights: list[Seen]) -> None:
    assert f"{PAGED} row 30: its source is cut short, not fetched" in stats_of(nights[0].crawled).errors


def test_a_night_with_nothing_new_asks_once_for_each_data_set(nights: list[Seen]) -> None:
    assert nights[1].paths() == ["/parquet", "/parquet"]
    assert (nights[1].crawled.exit_code, nights[1].crawled.rows, nights[1].gone) == (0, [], {})


def test_the_same_files_under_a_new_revision_are_not_sent_again(nights: list[Seen]) -> None:
    statuses = [heard.status for heard in nights[2].heard if heard.host == "cdn"]
    assert statuses == [304, 304]
    assert (nights[2].crawled.exit_code, nights[2].crawled.rows, nights[2].gone) == (0, [], {})


def test_only_changed_and_new_rows_are_given_and_what_vanished_is_marked(nights: list[Seen]) -> None:
    before, after = ({(p.source_item_id, p.description) for p in night.planted} for night in (nights[2], nights[3]))
    assert {(row.source_item_id, row.description) for row in nights[3].crawled.rows} == after - before
    vanished = {item for item, _ in before} - {item for item, _ in after}
    assert nights[3].gone == dict.fromkeys(vanished, "not in the data set any more")
    assert len(vanished) == 1


def test_a_broken_parquet_file_is_a_problem_and_a_missing_one_is_had_by_pages_of_rows(
    running: Served, tmp_path: Path
) -> None:
    site = running.site
    assert isinstance(site, HuggingFace)
    site.hub_body = b"PAR1 it is not"
    found = night(running, tmp_path, "-a", f"datasets={TABLE}")
    assert (found.exit_code, found.rows) == (3, [])
    assert "not a Parquet file" in found.stderr
    site.hub_body = b""
    found = night(running, tmp_path, "-a", f"datasets={TABLE}")
    assert_exact(compare(planted_of(site, TABLE), found.rows))
    assert {str(row.provenance.request_url).rpartition("/")[2] for row in found.rows} == {"rows"}


def test_a_file_elsewhere_is_not_asked_for_and_a_data_set_that_is_not_shown_stops_no_other(
    running: Served, tmp_path: Path
) -> None:
    more = ("-a", f"datasets=replay/private,{TABLE}", "-a", "files_url=http://127.0.0.1:9")
    found = night(running, tmp_path, *more)
    assert found.exit_code == 0
    assert_exact(compare(planted_of(site_of(), TABLE), found.rows))
    assert {heard.path for heard in running.heard} == {"/parquet", "/splits", "/rows"}
    errors = " | ".join(stats_of(found).errors)
    assert "on another host" in errors
    assert "401 ExternalUnauthenticatedError" in errors


def test_a_night_cut_off_in_the_middle_is_finished_by_the_next(running: Served, tmp_path: Path) -> None:
    first = night(running, tmp_path, "--limit", "20")
    rest = night(running, tmp_path)
    assert len(first.rows) == 20
    both = {row.record_id: row for row in (*first.rows, *rest.rows)}
    assert_exact(compare(running.site.planted(), list(both.values())))
    assert len(both) + 2 >= len(first.rows) + len(rest.rows)  # one item at most was half written


def test_rough_weather_changes_nothing(tmp_path: Path) -> None:
    with replay(["huggingface"], scale=0.01, faults=ROUGH_WEATHER, clock_speed=1000.0) as running:
        found = crawl(running, "huggingface", tmp_path)
        assert_exact(compare(running.planted("huggingface"), found.rows))
        heard = running.stats().values()
    assert sum(host["n_over_limit"] + host["n_foreign_authorizations"] for host in heard) == 0
    assert not any(host["secret_urls"] for host in heard)


@pytest.mark.parametrize("dataset", ["nonsense", "a/b/c", "a@b/c"])
def test_a_name_that_is_no_data_set_is_refused(dataset: str) -> None:
    with pytest.raises(SpiderUsageError, match="is not owner/name"):
        HuggingfaceSpider(datasets=[dataset])


def test_what_lies_behind_the_last_page_that_is_asked_for_is_a_problem_and_the_pass_not_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("spiders.sites.huggingface._MAX_PAGES", 2)
    spider, done = HuggingfaceSpider(), Pass("o/d", "1")
    answer = {"features": [], "rows": [{"row": {}, "row_idx": 0}] * PAGE_ROWS, "num_rows_total": 900}
    response = TextResponse("https://datasets-server.huggingface.co/rows", body=orjson.dumps(answer))
    split = RowSource("default", "train")
    assert len(list(spider.parse_rows(response, done, split, 0, None))) == 1
    assert done.is_walked
    assert list(spider.parse_rows(response, done, split, PAGE_ROWS, None)) == []
    assert not done.is_walked
    assert (spider.n_problems, spider.problems) == (1, ["o/d default/train: what lies behind 200 rows is left out"])
