"""What a replayed site is: its behaviour without faults or limits, and what a complete crawl of it must bring."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from aiohttp import web

from tests.replay.faults import Faults
from tests.replay.limits import Limit

__all__ = ["Faults", "Limit", "Planted", "Site"]


@dataclass(frozen=True)
class Planted:
    """One row that a complete crawl must give."""

    spider: str
    source: str
    source_item_id: str
    path: str | None
    title: str | None
    description: str | None
    license_spdx: str
    scad_sha256: str | None
    """sha256, hex, of the source as the row must hold it; None for a metadata-only record."""
    author: str | None = None
    """Not compared where None."""
    description_kind: str | None = None
    """Not compared where None."""


class Site:
    """A subclass is one site; the server gives each of its hosts a port of its own."""

    name: ClassVar[str]
    spider_names: ClassVar[tuple[str, ...]]
    hosts: ClassVar[tuple[str, ...]] = ("api",)
    """Credentials belong on `api` only."""
    has_robots: ClassVar[bool] = False
    """True: the site answers /robots.txt itself; else it is a 404, which allows everything."""

    def __init__(self, *, scale: float, seed: int, clock_speed: float, faults: Faults) -> None:
        self.scale = scale
        self.seed = seed
        self.clock_speed = clock_speed
        self.faults = faults
        self.urls: dict[str, str] = {}
        """Host → base URL, set before the first request."""

    async def answer(self, host: str, request: web.Request) -> web.StreamResponse:
        raise NotImplementedError(f"{type(self).__name__} answers in answer()")

    def limits(self) -> tuple[Limit, ...]:
        return ()

    def planted(self) -> list[Planted]:
        raise NotImplementedError(f"{type(self).__name__} says what it holds in planted()")

    def change(self, share: float) -> None:
        """The next night: that share of the items changed, added or removed."""
        raise NotImplementedError(f"{type(self).__name__} changes in change()")

    def spider_arguments(self, spider: str) -> dict[str, str]:
        """The `-a` arguments that point the spider here."""
        raise NotImplementedError(f"{type(self).__name__} names its addresses in spider_arguments()")

    def environment(self, spider: str) -> dict[str, str]:
        """Credentials of the spider; each holds the words REPLAY-SECRET."""
        return {}
