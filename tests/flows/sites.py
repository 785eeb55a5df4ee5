"""Sites on this machine for crawls to meet: a gallery that can be held up, and one that has nothing to give."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import yaml

from spiders.sample_site.server import Page, RunningSite, build_site, running_site

__all__ = ["N_DESIGNS", "failing_site", "gallery"]

N_DESIGNS = 40


class _Pages(dict[str, Page]):
    """The site's pages; `on_ask` hears of each before it is answered, and may take its time."""

    def __init__(self, pages: dict[str, Page], on_ask: Callable[[str], None]) -> None:
        super().__init__(pages)
        self._on_ask = on_ask

    def __getitem__(self, path: str) -> Page:
        self._on_ask(path)
        return super().__getitem__(path)


@contextmanager
def gallery(folder: Path, on_ask: Callable[[str], None] = lambda path: None) -> Iterator[RunningSite]:
    """N_DESIGNS designs on two index pages, without any fault."""
    (folder / "designs").mkdir(parents=True, exist_ok=True)
    for number in range(N_DESIGNS):
        facts = {"title": f"Plate {number}", "description": f"A plate of {number} mm.", "license": "CC0-1.0"}
        facts |= {"author": "Ada", "category": "plates"}
        (folder / "designs" / f"plate-{number}.yaml").write_text(yaml.safe_dump({**facts, "tags": ["plate"]}), "utf-8")
        (folder / "designs" / f"plate-{number}.scad").write_text(f"cube([{number + 1}, 10, 2]);\n", "utf-8")
    site = build_site(folder, has_web_faults=False)
    with running_site(replace(site, pages=_Pages(site.pages, on_ask))) as running:
        yield running


@contextmanager
def failing_site(on_ask: Callable[[str], None] = lambda path: None) -> Iterator[str]:
    """The address of a site that answers every request with 404."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            on_ask(self.path)
            self.send_error(404)

        def log_message(self, format: str, *arguments: object) -> None:
            """Nothing on standard error."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
