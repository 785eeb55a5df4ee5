"""A replayed Thingiverse and nights of the spider against it, for the tests of both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from corpus.schema import CrawledRow
from spiders.sites.thingiverse import ThingiverseSpider
from spiders.state import CrawlState
from tests.replay.crawl import compare
from tests.replay.faults import NO_FAULTS
from tests.replay.site import Planted
from tests.replay.sites.thingiverse import Thingiverse
from tests.replay.things import Thing
from tests.spiders.nights import Asked, Given, Night, one_night

__all__ = [
    "TOKEN",
    "Respond",
    "asked_paths",
    "assert_exact",
    "night",
    "pages",
    "remembered",
    "responder",
    "site_of",
    "special",
]

TOKEN = "REPLAY-SECRET-thingiverse"
Respond = Callable[[Asked], Given]


def site_of(scale: float = 0.02) -> Thingiverse:
    site = Thingiverse(scale=scale, seed=1, clock_speed=1.0, faults=NO_FAULTS)
    site.urls = {"api": "http://127.0.0.1:1", "cdn": "http://127.0.0.1:2"}
    return site


def responder(site: Thingiverse) -> Respond:
    hosts = {urlsplit(url).netloc: host for host, url in site.urls.items()}

    def respond(asked: Asked) -> Given:
        parts = urlsplit(asked.url)
        query = dict(parse_qsl(parts.query))
        answer = site.respond(hosts[parts.netloc], unquote(parts.path), query, asked.headers)
        return Given(answer.status, answer.body, answer.headers)

    return respond


def night(site: Thingiverse, folder: Path, respond: Respond | None = None, **more: Any) -> Night:
    seeds = more.pop("seed_file", None)
    spider = ThingiverseSpider(**{**site.spider_arguments("thingiverse"), **more})
    return one_night(spider, folder / "state.sqlite", respond or responder(site), seeds=seeds)


def assert_exact(planted: list[Planted], rows: list[CrawledRow]) -> None:
    """Every planted row came once, right in every field, and no other."""
    found = compare(planted, rows)
    assert found.is_exact, found


def special(site: Thingiverse, name: str) -> Thing:
    return next(thing for thing in site.things.values() if thing.name == f"Special {name}")


def asked_paths(found: Night) -> Counter[str]:
    return Counter(urlsplit(asked.url).path for asked in found.asked)


def remembered(folder: Path) -> tuple[set[str], dict[str, str]]:
    """(every thing known, evidence by id of those gone)."""
    state = CrawlState(folder / "state.sqlite")
    found = {item_id for item_id, _ in state.items()}, state.gone()
    state.close()
    return found


def pages(found: Night) -> list[str]:
    return [asked.url for asked in found.asked if "&per_page=" in asked.url]
