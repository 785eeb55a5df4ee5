"""Replayed sites over HTTP: every host of every site on a port of its own, faults and limits put before each answer.

One asyncio loop serves them all. A control port tells what was asked, changes the sites for the next night, and takes
a site down.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import asdict, dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.replay.bodies import cut, trickle
from tests.replay.faults import NO_FAULTS, Fault, Faults
from tests.replay.limits import STYLES, Window, later_headers
from tests.replay.site import Site

__all__ = ["SITE_NAMES", "Servers", "load_site", "start"]

SITE_NAMES = tuple(sorted(path.stem for path in (Path(__file__).parent / "sites").glob("[a-z]*.py")))
Handle = Callable[[web.BaseRequest], Awaitable[Any]]
_SECRET = "REPLAY-SECRET"
_FAULT_WAIT_SECONDS = 2.0
"""What a random 429 asks for, in the site's time."""
_SLOW_SECONDS = 0.5
"""How long a slow body takes, in real time: within any spider's patience."""
_HANG_UP_SECONDS = 0.05  # 0 would be no limit to aiohttp


@dataclass
class Heard:
    """What one host was asked."""

    n_requests: int = 0
    """Robots.txt left out."""
    n_over_limit: int = 0
    n_faults: Counter[str] = field(default_factory=Counter)
    n_by_status: Counter[int] = field(default_factory=Counter)
    n_foreign_authorizations: int = 0
    """Credentials that arrived on a host that is not the API's."""
    secret_urls: list[str] = field(default_factory=list)


@dataclass
class Host:
    """One host of one site, and what it heard."""

    site: Site
    name: str
    windows: list[Window]
    heard: Heard = field(default_factory=Heard)
    n_asked: Counter[str] = field(default_factory=Counter)
    """By request: the same one spoiled once is answered the next time."""

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.path == "/robots.txt" and not self.site.has_robots:
            return web.Response(status=404)
        self._listen(request)
        refusal = self._limited(request)
        if refusal is not None:
            self.heard.n_by_status[refusal.status] += 1
            return refusal
        key = f"{self.site.name} {self.name} {request.method} {request.path_qs} {await _body_hash(request)}"
        fault = self.site.faults.of(key, self.n_asked[key])
        self.n_asked[key] += 1
        busy = _busy(key, fault)
        response = busy if busy is not None else await self._answered(request)
        self.heard.n_by_status[response.status] += 1
        if fault in (Fault.CUT, Fault.SLOW) and not (isinstance(response, web.Response) and response.body):
            return response  # no body to spoil
        if fault is not Fault.NONE:
            self.heard.n_faults[fault.value] += 1
        if fault is Fault.CUT and isinstance(response, web.Response):
            return await cut(request, response, is_chunked=len(key) % 2 == 1)
        if fault is Fault.SLOW and isinstance(response, web.Response):
            return await trickle(request, response, _SLOW_SECONDS)
        return response

    async def _answered(self, request: web.BaseRequest) -> web.StreamResponse:
        """The site's own answer; on it, what is left of its limits."""
        response = await self.site.answer(self.name, request)  # type: ignore[arg-type]  # a BaseRequest has all they use
        if isinstance(response, web.Response) and not response.prepared:
            for window in self._windows(request):
                response.headers.update(window.headers())
        return response

    def _listen(self, request: web.BaseRequest) -> None:
        self.heard.n_requests += 1
        if self.name != "api" and "Authorization" in request.headers:
            self.heard.n_foreign_authorizations += 1
        if _SECRET in request.path_qs:
            self.heard.secret_urls.append(request.path_qs)

    def _windows(self, request: web.BaseRequest) -> list[Window]:
        return [w for w in self.windows if request.path.startswith(w.limit.path_prefix)]

    def _limited(self, request: web.BaseRequest) -> web.Response | None:
        """The refusal of a request that comes while a declared limit is used up."""
        for window in self._windows(request):
            if not window.take():
                self.heard.n_over_limit += 1
                style = window.limit.style
                headers = {**window.headers(), **later_headers(style, window.wait_seconds())}
                status = 403 if style == "epoch" else 429
                return web.json_response({"message": "API rate limit exceeded"}, status=status, headers=headers)
        return None


@dataclass(frozen=True)
class Door:
    """A port, and the connections that came in by it."""

    handle: Handle
    port: int
    listening: asyncio.Server
    connected: web.Server[web.BaseRequest]

    @classmethod
    async def opened(cls, handle: Handle, port: int) -> Door:
        """`port` 0: any free one."""
        connected = web.Server(handle, access_log=None)
        listening = await asyncio.get_running_loop().create_server(connected, "127.0.0.1", port)
        return cls(handle, listening.sockets[0].getsockname()[1], listening, connected)

    async def close(self) -> None:
        """Refuse whoever comes, and hang up on all who are here: a kept connection is an open one."""
        self.listening.close()
        await self.connected.shutdown(_HANG_UP_SECONDS)


class Servers:
    """The sites that are being served."""

    def __init__(self, sites: Iterable[Site], *, has_limits: bool = True) -> None:
        self.sites = {site.name: site for site in sites}
        self.hosts = [
            Host(
                site,
                name,
                [Window(limit, site.clock_speed) for limit in site.limits() if has_limits and limit.host == name],
            )
            for site in self.sites.values()
            for name in site.hosts
        ]
        self._doors: dict[str, list[Door]] = {}
        self.control_url = ""

    async def start(self) -> None:
        """Listen; sets the sites' URLs."""
        for host in self.hosts:
            port = await self._listen(host.site.name, host.handle, 0)
            host.site.urls[host.name] = f"http://127.0.0.1:{port}"
        self.control_url = f"http://127.0.0.1:{await self._listen('control', self._control, 0)}"

    async def _listen(self, name: str, handle: Handle, port: int) -> int:
        door = await Door.opened(handle, port)
        self._doors.setdefault(name, []).append(door)
        return door.port

    async def _control(self, request: web.BaseRequest) -> web.StreamResponse:
        given = dict(request.query)
        if request.path == "/stats":
            return web.json_response(self.stats())
        if request.path == "/planted":
            return web.json_response([asdict(p) for site in self.sites.values() for p in site.planted()])
        if request.path == "/change":
            for site in self.sites.values():
                site.change(float(given["share"]))
        elif request.path == "/faults":
            for site in self.sites.values():
                site.faults = Faults(**{name: float(value) for name, value in given.items()}) if given else NO_FAULTS
        elif request.path == "/down":
            await self._set_down(given["site"], given["is_down"] == "true")
        else:
            return web.Response(status=404)
        return web.json_response({})

    async def _set_down(self, name: str, is_down: bool) -> None:
        for number, door in enumerate(self._doors[name]):
            await door.close()
            if not is_down:
                self._doors[name][number] = await Door.opened(door.handle, door.port)

    def stats(self) -> dict[str, Any]:
        """What every host heard, by `site/host`."""
        return {f"{host.site.name}/{host.name}": vars(host.heard) for host in self.hosts}

    def description(self) -> dict[str, Any]:
        """All that a client needs: addresses, and arguments and credentials by spider."""
        spiders = [(site, spider) for site in self.sites.values() for spider in site.spider_names]
        return {
            "control_url": self.control_url,
            "urls": {site.name: site.urls for site in self.sites.values()},
            "arguments": {spider: site.spider_arguments(spider) for site, spider in spiders},
            "environment": {spider: site.environment(spider) for site, spider in spiders},
            "sites": {spider: site.name for site, spider in spiders},
        }


def load_site(name: str, *, scale: float, seed: int, clock_speed: float, faults: Faults) -> Site:
    """The site of a module in tests/replay/sites."""
    module = import_module(f"tests.replay.sites.{name}")
    (site_class,) = (
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Site) and value.__module__ == module.__name__
    )
    return site_class(scale=scale, seed=seed, clock_speed=clock_speed, faults=faults)


async def start(sites: Iterable[Site], *, has_limits: bool = True) -> Servers:
    """Serve the sites from here on. `has_limits=False`: for a measurement of speed, declared limits are not kept."""
    servers = Servers(sites, has_limits=has_limits)
    await servers.start()
    return servers


def _busy(key: str, fault: Fault) -> web.Response | None:
    """The answer of a site that is busy by chance; None where it isn't."""
    if fault is Fault.TOO_MANY:
        style = (*STYLES, "")[len(key) % 5]
        return web.Response(status=429, text="slow down\n", headers=later_headers(style, _FAULT_WAIT_SECONDS))
    return web.Response(status=503, text="busy\n") if fault is Fault.UNAVAILABLE else None


async def _body_hash(request: web.BaseRequest) -> str:
    body = await request.read() if request.can_read_body else b""
    return hashlib.blake2b(body, digest_size=8).hexdigest() if body else ""
