"""One replayed site in a thread of the test's own process: what it hears can be looked at request by request.

`tests.replay.server` serves many sites in a process of their own, with faults and limits; here there are none, and the
test can change the site between two nights.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from aiohttp import web

from tests.replay.crawl import Running
from tests.replay.site import Site

__all__ = ["Heard", "Served", "served"]

_CLOCK_SPEED = 5000.0
_TIMEOUT_SECONDS = 30.0


@dataclass(frozen=True)
class Heard:
    host: str
    path: str
    query: dict[str, str]
    status: int
    is_authorized: bool


@dataclass
class Served:
    site: Site
    heard: list[Heard] = field(default_factory=list)
    """Requests so far, robots.txt left out."""

    @property
    def running(self) -> Running:
        """What `tests.replay.crawl.crawl` needs; its control port is not there."""
        site = self.site
        return Running(
            control_url="",
            urls={site.name: site.urls},
            arguments={spider: site.spider_arguments(spider) for spider in site.spider_names},
            environment={spider: site.environment(spider) for spider in site.spider_names},
            sites=dict.fromkeys(site.spider_names, site.name),
            clock_speed=_CLOCK_SPEED,
        )


@contextmanager
def served(site: Site) -> Iterator[Served]:
    """The site on ports of its own, its URLs set, until the block ends."""
    running, loop, is_ready = Served(site), asyncio.new_event_loop(), threading.Event()

    async def start() -> None:
        for host in site.hosts:
            runner = web.AppRunner(_app(running, host))
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            site.urls[host] = f"http://127.0.0.1:{runner.addresses[0][1]}"
        is_ready.set()

    def run() -> None:
        loop.run_until_complete(start())
        loop.run_forever()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert is_ready.wait(_TIMEOUT_SECONDS)
    try:
        yield running
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(_TIMEOUT_SECONDS)


def _app(running: Served, host: str) -> web.Application:
    async def answer(request: web.Request) -> web.StreamResponse:
        response = await running.site.answer(host, request)
        if request.path != "/robots.txt":
            is_authorized = "Authorization" in request.headers
            running.heard.append(Heard(host, request.path, dict(request.query), response.status, is_authorized))
        return response

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    return app
