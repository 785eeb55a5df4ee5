"""What a stranger's word can't do: send a crawl to a neighbour, end it, poison the next night, or show a secret."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from spiders import credentials, state
from spiders.credentials import hide_secrets, without_secrets
from spiders.middlewares import RevalidateMiddleware, refusal
from spiders.pages.fields import link
from spiders.reach import PublicHostsMiddleware, is_public
from spiders.seeds import Seed, SeedFile
from spiders.settings import crawler_settings
from spiders.state import CrawlState


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "169.254.169.254", "10.1.2.3", "192.168.0.1", "::1", "[fe80::1]", "db", "x.local"],
)
def test_neighbours_are_out_of_reach_of_a_foreign_site(host: str) -> None:
    assert not is_public(host)
    address = f"[{host.strip('[]')}]" if ":" in host else host
    with pytest.raises(IgnoreRequest):
        PublicHostsMiddleware().process_request(Request(f"http://{address}/latest/meta-data"))


def test_the_public_is_in_reach_and_only_a_foreign_crawl_is_fenced() -> None:
    assert is_public("api.github.com")
    assert is_public("140.82.121.6")
    fence = "spiders.reach.PublicHostsMiddleware"
    assert fence in crawler_settings(is_loopback=False)["DOWNLOADER_MIDDLEWARES"]
    assert fence not in crawler_settings(is_loopback=True)["DOWNLOADER_MIDDLEWARES"]


@pytest.mark.parametrize(
    "text", ['include <BOSL2/std.scad>\necho("Just a moment...");', '{"name": "I <3 boxes", "d": "Just a moment..."}']
)
def test_a_design_that_holds_a_challenges_words_ends_no_crawl(text: str) -> None:
    assert refusal(200, text) is None
    assert refusal(403, f"<html><title>{text}") is not None


@pytest.mark.parametrize("url", ["https://]@[::1/x", "https://h:99999/x", "https://h:x/", "ftp://h/", "https://"])
def test_an_address_that_is_none_is_no_link(url: str) -> None:
    assert link(url) is None


def test_a_poisoned_seed_spoils_no_other(tmp_path: Path) -> None:
    seeds = SeedFile(tmp_path / "seeds.jsonl")
    good = Seed("https://github.com/o/r", None, "x")
    for seed in (Seed("https://[::1/x", None, "x"), Seed(7, None, "x"), good):  # type: ignore[arg-type]
        seeds.add(seed)
    assert list(SeedFile(tmp_path / "seeds.jsonl").seeds("github.com")) == [good]


def test_secrets_and_signatures_stay_out_of_problems_and_logs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "ghp_very_secret")
    monkeypatch.setattr(credentials, "_hidden", [])
    factory: Callable[..., Any] = logging.getLogRecordFactory()
    try:
        hide_secrets(("GITHUB_TOKEN",))
        record = logging.getLogger("x").makeRecord("x", 20, "f", 1, "got %s from %s", ("ghp_very_secret", "y"), None)
    finally:
        logging.setLogRecordFactory(factory)
    text = without_secrets("https://cdn.example/f.scad?X-Amz-Signature=abc: cut, ghp_very_secret")
    assert text == "https://cdn.example/f.scad?[…] cut, [secret]"
    assert "ghp_very_secret" not in record.getMessage()


def test_a_page_that_came_in_part_is_not_kept() -> None:
    crawler = SimpleNamespace(crawl_state=CrawlState())
    middleware = RevalidateMiddleware(crawler)
    request = Request("http://h/p", meta={"is_kept": True})
    middleware.process_response(request, Response("http://h/p", headers={"ETag": "e"}, body=b"{", flags=["partial"]))
    assert crawler.crawl_state.page("http://h/p") is None
    middleware.process_response(request, Response("http://h/p", headers={"ETag": "e"}, body=b"{}"))
    assert crawler.crawl_state.page("http://h/p") is not None


def test_what_is_gone_is_looked_at_again_after_a_month(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = CrawlState(tmp_path / "s.sqlite")
    first.note_done("a", "v", 1)
    first.note_gone("a", "answered 404")
    first.close()
    assert CrawlState(tmp_path / "s.sqlite").due(5) == []
    now = time.time()
    monkeypatch.setattr(state.time, "time", lambda: now + 31 * 86_400)
    assert CrawlState(tmp_path / "s.sqlite").due(5) == ["a"]


def test_what_a_gone_or_renamed_item_owned_is_free() -> None:
    kept = CrawlState()
    assert kept.claim("c", "old")
    kept.note_done("old", "v", 1)
    assert not kept.claim("c", "new")
    kept.hand_over("old", "new")
    assert kept.claim("c", "new")
    kept.note_done("new", "v", 1)
    kept._claimants.clear()  # the next night
    kept.note_gone("new", "answered 404")
    assert kept.claim("c", "third")
