"""How the crawler waits, what its files survive, and how it names itself."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy import Request
from scrapy.http import Response
from scrapy.settings import Settings

from corpus.schema import CrawledRow, Provenance
from spiders.items import Listing, build_row, decode_scad, listed_license, record_id_of
from spiders.middlewares import RateLimitMiddleware, backoff_seconds, is_rate_limited, wait_seconds
from spiders.pauses import ComeBackLater
from spiders.rows import RowFileError, RowWriter, RunStats, count_rows, read_rows, read_stats, write_stats
from spiders.settings import crawler_settings, is_loopback_url, user_agent

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "Sun, 01 Mar 2026 12:00:30 GMT"}, 30.0),
        ({"x-ratelimit-reset": str(int(NOW.timestamp()) + 90)}, 90.0),
        ({"x-ratelimit-reset": "2026-03-01T12:00:05.500000Z"}, 5.5),
        ({"ratelimit-reset": "20"}, 20.0),
        ({"ratelimit": '"api";r=0;t=189'}, 189.0),
        ({"ratelimit": '"api";r=7;t=189'}, None),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "20"}, 20.0),
        ({"x-ratelimit-remaining": "4900", "x-ratelimit-reset": "20"}, None),
        ({"x-ratelimit-remaining": "4900", "x-ratelimit-reset": "20", "retry-after": "3"}, 3.0),
        ({"retry-after": "5", "x-ratelimit-reset": "900"}, 5.0),
        ({"retry-after": "soon", "x-ratelimit-reset": "15"}, 15.0),
        ({"retry-after": "Sun, 01 Mar 2020 12:00:00 GMT"}, 0.0),
        ({"retry-after": "-3"}, None),
        ({}, None),
    ],
)
def test_a_site_is_waited_for_as_long_as_it_asks(headers: dict[str, str], seconds: float | None) -> None:
    assert wait_seconds(headers, now=NOW) == seconds


@given(st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1)))
def test_an_http_date_and_an_iso_date_mean_the_same_wait(moment: datetime) -> None:
    aware = moment.replace(microsecond=0, tzinfo=UTC)
    http, iso = format_datetime(aware, usegmt=True), aware.isoformat()
    expected = max(0.0, (aware - NOW).total_seconds())
    assert wait_seconds({"retry-after": http}, now=NOW) == expected
    assert wait_seconds({"x-ratelimit-reset": iso}, now=NOW) == expected


@given(st.text(max_size=40))
def test_no_header_value_makes_the_wait_raise_or_run_backwards(value: str) -> None:
    seconds = wait_seconds({"retry-after": value}, now=NOW)
    assert seconds is None or seconds >= 0


def test_a_403_is_a_limit_only_where_the_headers_say_so() -> None:
    assert not is_rate_limited(403, {})
    assert is_rate_limited(403, {"x-ratelimit-remaining": "0"})
    assert is_rate_limited(429, {})
    assert is_rate_limited(503, {})
    assert [backoff_seconds(429, n) for n in (0, 1)] == [60.0, 120.0]
    assert [backoff_seconds(503, n) for n in (0, 1, 2)] == [1.0, 2.0, 4.0]


def test_a_foreign_site_gets_one_request_at_a_time_and_an_honest_name() -> None:
    settings = crawler_settings(is_loopback=False, contact="ada@example.org")
    assert settings["ROBOTSTXT_OBEY"] is True
    assert settings["CONCURRENT_REQUESTS"] == settings["CONCURRENT_REQUESTS_PER_DOMAIN"] == 1
    assert settings["AUTOTHROTTLE_ENABLED"] is True
    assert settings["DOWNLOAD_DELAY"] >= 1.0
    assert settings["TELNETCONSOLE_ENABLED"] is settings["REMOTE_CONTROL_ENABLED"] is False
    assert settings["COOKIES_ENABLED"] is False
    assert "cad-copilot/" in user_agent("ada@example.org")
    assert "ada@example.org" in settings["USER_AGENT"]
    assert crawler_settings(is_loopback=True)["ROBOTSTXT_OBEY"] is True


@pytest.mark.parametrize(
    ("url", "is_loopback"),
    [
        ("http://127.0.0.1:8080/", True),
        ("http://localhost/", True),
        ("http://[::1]:1/", True),
        ("http://127.0.0.1.example.org/", False),
        ("http://localhost.example.org/", False),
        ("https://example.org/127.0.0.1", False),
    ],
)
def test_only_this_machine_counts_as_loopback(url: str, is_loopback: bool) -> None:
    assert is_loopback_url(url) is is_loopback


def make_row(number: int, *, text: str = "cube(1);\n") -> CrawledRow:
    return build_row(
        source="gallery",
        source_item_id=f"design/{number}",
        path="a.scad",
        decoded=decode_scad(text.encode("utf-8", "replace")),
        listing=Listing(title=f"Part {number}", license=listed_license("CC BY-SA 4.0", scope="item")),
        provenance=Provenance(crawler="test", version="0", run_id="r"),
        fetched_at="2026-03-01T12:00:00+00:00",
    )


@given(texts=st.lists(st.text(max_size=60), min_size=1, max_size=4), data=st.data())
def test_a_file_cut_anywhere_gives_back_exactly_its_whole_lines(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("rows") / "rows.jsonl"
    rows = [make_row(number, text=text) for number, text in enumerate(texts)]
    writer = RowWriter(path)
    for row in rows:
        writer.write(row)
    writer.close()
    whole = path.read_bytes()
    cut = data.draw(st.integers(0, len(whole)))
    path.write_bytes(whole[:cut])
    n_whole = whole[:cut].count(b"\n")
    assert list(read_rows(path)) == rows[:n_whole]
    assert count_rows(path) == n_whole


def test_a_broken_line_in_the_middle_is_an_error_that_names_it(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"record_id": \n{}\n', encoding="utf-8")
    with pytest.raises(RowFileError, match=r"rows\.jsonl:1: not a crawled row"):
        list(read_rows(path))


def test_stats_come_back_as_written_and_leave_no_temporary_file(tmp_path: Path) -> None:
    stats = RunStats("local", "r", 3, 1, 0, 0, 1, "finished", 0, 0.5, {"200": 2}, {"core": (7, 60)}, ("a: b",))
    write_stats(stats, tmp_path / "deep" / "stats.json")
    write_stats(replace(stats, n_items=4), tmp_path / "deep" / "stats.json")
    assert read_stats(tmp_path / "deep" / "stats.json") == replace(stats, n_items=4)
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["stats.json"]


def test_a_record_is_the_same_on_every_night_and_its_licence_is_kept_as_worded() -> None:
    first, second = make_row(1), make_row(1, text="cube(2);\n")
    assert first.record_id == second.record_id == record_id_of("gallery", "design/1", "a.scad")
    assert first.sha256 != second.sha256
    assert (first.license_raw, first.license_spdx) == ("CC BY-SA 4.0", "CC-BY-SA-4.0")


def test_binaries_are_refused_and_old_encodings_are_read() -> None:
    assert decode_scad(b"solid\x00\x01") is None
    latin = decode_scad("// Höhe\n".encode("latin-1"))
    assert latin is not None
    assert (latin.text, latin.transformations) == ("// Höhe\n", ("decoded latin-1",))


def middleware_of(max_wait_seconds: float) -> RateLimitMiddleware:
    settings = Settings({"RATE_LIMIT_MAX_WAIT_SECONDS": max_wait_seconds, "CLOCK_SPEED": 1e6})
    spider = SimpleNamespace(quotas={}, has_enough=False, crawler=SimpleNamespace(settings=settings))
    crawler = SimpleNamespace(settings=settings, spider=spider, crawling=True, stats=MemoryStats())
    spider.crawler = crawler
    return RateLimitMiddleware(crawler)


class MemoryStats:
    def inc_value(self, *arguments: object, **named: object) -> None:
        """Counts nothing: not looked at here."""


def test_after_a_pause_too_long_for_a_night_its_host_is_asked_nothing_more() -> None:
    middleware = middleware_of(900)
    request = Request("https://h/a")
    answer = Response("https://h/a", status=429, headers={"Retry-After": "3600"})
    assert asyncio.run(middleware.process_response(request, answer)) is answer
    with pytest.raises(ComeBackLater):
        asyncio.run(middleware.process_request(Request("https://h/b")))
    asyncio.run(middleware.process_request(Request("https://other/b")))


def test_many_pauses_come_to_an_end_too() -> None:
    middleware = middleware_of(900)
    middleware._clock_speed = 1.0
    middleware._paused_seconds["h"] = 4 * 900 + 1.0
    answer = Response("https://h/a", status=429, headers={"Retry-After": "899"})
    assert asyncio.run(middleware.process_response(Request("https://h/a"), answer)) is answer
    with pytest.raises(ComeBackLater):
        asyncio.run(middleware.process_request(Request("https://h/b")))
