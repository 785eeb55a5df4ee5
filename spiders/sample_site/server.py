"""The sample gallery site over HTTP: `python -m spiders.sample_site.server --port 8080`, or `serve()` in a test.

Built from a folder of designs. Beside them it shows what the real web brings, always the same: a 503
with Retry-After, a redirect, broken HTML, a 404 download, an endless file, a page robots.txt forbids.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from spiders.sample_site.catalog import SITE_FOLDER, SampleDesign, SiteDataError, load_site
from spiders.sample_site.pages import STYLE, design_page, design_path, index_page, page_path

__all__ = ["DESIGNS_PER_PAGE", "RunningSite", "Site", "build_site", "main", "running_site", "serve"]

DESIGNS_PER_PAGE = 24
ENDLESS_FILE_BYTES = 64 << 20
"""The endless file ends here, for a client without a cap."""

ROBOTS = "User-agent: *\nDisallow: /drafts/\n"
_HTML = "text/html; charset=utf-8"
_SCAD = "text/plain; charset=utf-8"


@dataclass(frozen=True)
class Page:
    body: bytes
    content_type: str


@dataclass(frozen=True)
class Site:
    """Everything the server answers, prepared: no path of a request touches the disk."""

    pages: dict[str, Page]
    redirects: dict[str, str]
    busy_once: frozenset[str]
    """Answer 503 with Retry-After: 1 the first time."""
    endless: frozenset[str]
    n_rows: int
    """The rows a complete crawl gives, metadata-only ones included."""
    n_metadata_only: int


@dataclass
class RunningSite:
    """A served site and what was asked of it."""

    site: Site
    base_url: str = ""
    requests: list[tuple[str, int]] = field(default_factory=list)
    """(path, status) in the order answered."""
    asked: set[str] = field(default_factory=set)


def build_site(folder: Path = SITE_FOLDER, *, has_web_faults: bool = True) -> Site:
    """The site of a folder that holds designs/ and, perhaps, faults/. Raises SiteDataError."""
    designs = load_site(folder)
    ordinary = [design.slug for design in designs if design.fault is None]
    extra = _web_fault_designs() if has_web_faults else []
    # third place on each page, so that a limited crawl meets one early
    shelf = list(designs)
    for number, design in enumerate(extra):
        shelf.insert(min(len(shelf), 2 + number * DESIGNS_PER_PAGE // 2), design)
    pages = _all_pages(shelf)
    redirects: dict[str, str] = {}
    busy_once: set[str] = set()
    endless: set[str] = set()
    if has_web_faults:
        del pages["/files/web-missing-file.scad"]
        endless.add("/files/web-endless-file.scad")
        roles = [ordinary[number % len(ordinary)] for number in (3, 7, 11)] if ordinary else []
        if len(set(roles)) == 3:
            busy, moved, broken = roles
            busy_once.add(f"/design/{busy}/")
            pages[f"/files/moved/{moved}.scad"] = pages.pop(f"/files/{moved}.scad")
            redirects[f"/files/{moved}.scad"] = f"/files/moved/{moved}.scad"
            html = pages[f"/design/{broken}/"].body.decode()
            pages[f"/design/{broken}/"] = Page(_break_html(html).encode(), _HTML)
    n_metadata_only = 2 if has_web_faults else 0
    return Site(
        pages, redirects, frozenset(busy_once), frozenset(endless), len(designs) + n_metadata_only, n_metadata_only
    )


def _all_pages(shelf: Sequence[SampleDesign]) -> dict[str, Page]:
    n_pages = max(1, -(-len(shelf) // DESIGNS_PER_PAGE))
    pages = {
        "/robots.txt": Page(ROBOTS.encode(), "text/plain; charset=utf-8"),
        "/style.css": Page(STYLE.encode(), "text/css; charset=utf-8"),
    }
    for page in range(1, n_pages + 1):
        designs = shelf[(page - 1) * DESIGNS_PER_PAGE : page * DESIGNS_PER_PAGE]
        pages[page_path(page)] = Page(index_page(designs, page=page, n_pages=n_pages).encode(), _HTML)
    for design in shelf:
        pages[design_path(design)] = Page(design_page(design).encode(), _HTML)
        pages[f"/files/{design.file_name}"] = Page(design.scad, _SCAD)
    return pages


def _web_fault_designs() -> list[SampleDesign]:
    base = SampleDesign("", "", "", ("sample",), "Sample site", "CC0-1.0", "web faults", b"cube(1);\n", "", None)
    entries = (
        ("web-missing-file", "Bracket whose file is gone", "The page is here, the download answers 404.", "web_404"),
        ("web-endless-file", "Scan of a whole house", "A file far larger than any crawler should take.", "web_endless"),
        ("web-draft", "Unpublished draft", "A draft that robots.txt keeps from crawlers.", "web_draft"),
    )
    return [
        replace(base, slug=slug, title=title, description=words, file_name=f"{slug}.scad", fault=kind)
        for slug, title, words, kind in entries
    ]


def _break_html(html: str) -> str:
    """What hand-written pages look like: end tags missing, a stray <, an entity that is none, a doubled attribute."""
    broken = re.sub(r"</(p|h1|head|article|main|body|html)>", "", html)
    return broken.replace("<article", "<<b>&nosuch; <article class=a class=b", 1)


class _Answers(BaseHTTPRequestHandler):
    """One request. `running` is set on the subclass that `running_site` makes."""

    running: RunningSite
    protocol_version = "HTTP/1.1"
    server_version = "SampleSite/1"

    def do_GET(self) -> None:
        self._answer(has_body=True)

    def do_HEAD(self) -> None:
        self._answer(has_body=False)

    def _answer(self, *, has_body: bool) -> None:
        path = urlsplit(self.path).path
        site = self.running.site
        is_first = path not in self.running.asked
        self.running.asked.add(path)
        if path in site.busy_once and is_first:
            self._send(HTTPStatus.SERVICE_UNAVAILABLE, b"busy\n", {"Retry-After": "1"}, has_body=has_body)
        elif path in site.redirects:
            self._send(HTTPStatus.FOUND, b"", {"Location": site.redirects[path]}, has_body=has_body)
        elif path in site.endless:
            self._send_endless(has_body=has_body)
        elif path not in site.pages:
            self._send(HTTPStatus.NOT_FOUND, b"not found\n", {}, has_body=has_body)
        else:
            self._send_page(site.pages[path], has_body=has_body)

    def _send_page(self, page: Page, *, has_body: bool) -> None:
        etag = f'"{hashlib.sha256(page.body).hexdigest()[:16]}"'
        headers = {"ETag": etag, "Cache-Control": "max-age=0, must-revalidate", "Content-Type": page.content_type}
        if self.headers.get("If-None-Match") == etag:
            self._send(HTTPStatus.NOT_MODIFIED, b"", headers, has_body=False)
        else:
            self._send(HTTPStatus.OK, page.body, headers, has_body=has_body)

    def _send(self, status: HTTPStatus, body: bytes, headers: dict[str, str], *, has_body: bool) -> None:
        self._start(status, {"Content-Type": "text/plain; charset=utf-8", **headers, "Content-Length": str(len(body))})
        if has_body:
            self.wfile.write(body)

    def _send_endless(self, *, has_body: bool) -> None:
        """No Content-Length: only a client that counts while it reads notices."""
        self._start(HTTPStatus.OK, {"Content-Type": _SCAD, "Connection": "close"})
        block = b"translate([1, 2, 3]) cube(1);\n" * 2048
        for _ in range(ENDLESS_FILE_BYTES // len(block) if has_body else 0):
            self.wfile.write(block)

    def _start(self, status: HTTPStatus, headers: dict[str, str]) -> None:
        self.running.requests.append((urlsplit(self.path).path, int(status)))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def handle(self) -> None:
        try:
            super().handle()
        except ConnectionError:
            self.close_connection = True  # the client hung up, which the endless file asks for

    def log_message(self, format: str, *arguments: object) -> None:
        """Quiet: `RunningSite.requests` is the log."""


@contextmanager
def running_site(site: Site, *, host: str = "127.0.0.1", port: int = 0) -> Iterator[RunningSite]:
    """The site served by a thread until the block ends. OSError where the port is taken."""
    running = RunningSite(site)
    answers = type("SiteAnswers", (_Answers,), {"running": running})
    with ThreadingHTTPServer((host, port), answers) as server:
        server.daemon_threads = True
        running.base_url = f"http://{host}:{server.server_address[1]}/"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield running
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def serve(
    host: str = "127.0.0.1", port: int = 0, *, folder: Path = SITE_FOLDER, has_web_faults: bool = True
) -> Iterator[str]:
    """The base URL of the sample site, served until the block ends."""
    with running_site(build_site(folder, has_web_faults=has_web_faults), host=host, port=port) as running:
        yield running.base_url


def main(argv: Sequence[str] | None = None) -> int:
    """Serve for people until Ctrl-C. Exit codes: 0 ok, 2 broken site data, 6 port taken."""
    parser = argparse.ArgumentParser(prog="python -m spiders.sample_site.server", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--folder", type=Path, default=SITE_FOLDER, help="holds designs/ and faults/")
    options = parser.parse_args(argv)
    try:
        with serve(options.host, options.port, folder=options.folder) as base_url:
            sys.stderr.write(f"sample site at {base_url} (Ctrl-C ends it)\n")
            threading.Event().wait()
    except KeyboardInterrupt:
        return 0
    except SiteDataError as error:
        sys.stderr.write(f"sample site: {error}\n")
        return 2
    except (OSError, OverflowError) as error:
        sys.stderr.write(f"sample site: can't listen on {options.host}:{options.port} ({error}); try another --port\n")
        return 6
    return 0


if __name__ == "__main__":
    sys.exit(main())
