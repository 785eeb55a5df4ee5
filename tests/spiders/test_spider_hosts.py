"""Secrets and refusals, against little HTTP servers of the tests' own."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from spiders.rows import read_stats
from spiders.state import CrawlState

SECRET = "Bearer the-secret-token"

# A spider with a token, as a site with an API will have one; our settings and middlewares as they are.
CRAWL_WITH_TOKEN = """
import sys
from pathlib import Path
import scrapy
from scrapy.crawler import CrawlerProcess
from spiders.settings import crawler_settings
from spiders.state import CrawlState

class Spider(scrapy.Spider):
    name = "token"
    async def start(self):
        headers = {"Authorization": sys.argv[2]}
        for path in ("/start", "/page"):
            yield scrapy.Request(sys.argv[1] + path, headers=headers, meta={"is_kept": True}, callback=self.parse)
    def parse(self, response):
        pass

    quotas = {}
    has_enough = False

settings = crawler_settings(is_loopback=True)
settings["ITEM_PIPELINES"] = {}
process = CrawlerProcess(settings)
crawler = process.create_crawler(Spider)
crawler.crawl_state = CrawlState(Path(sys.argv[3]))
process.crawl(crawler)
process.start()
crawler.crawl_state.close()
"""


# Five requests that wait for one robots.txt.
CRAWL_IN_A_RUSH = """
import sys
import scrapy
from scrapy.crawler import CrawlerProcess
from spiders.settings import crawler_settings

class Spider(scrapy.Spider):
    name = "rush"
    quotas = {}
    has_enough = False
    async def start(self):
        for number in range(5):
            yield scrapy.Request(f"{sys.argv[1]}/page/{number}", callback=self.parse)
    def parse(self, response):
        pass

settings = crawler_settings(is_loopback=True)
settings["ITEM_PIPELINES"] = {}
del settings["DOWNLOADER_MIDDLEWARES"]["spiders.middlewares.RevalidateMiddleware"]
settings["CLOCK_SPEED"] = 1000.0
process = CrawlerProcess(settings)
process.crawl(Spider)
process.start()
"""


@contextmanager
def answering(
    answers: dict[str, tuple[int, dict[str, str]]], robots: str = ""
) -> Iterator[tuple[str, list[tuple[str, str | None]]]]:
    """A server that answers by path; yields its URL and what came in as (path, Authorization)."""
    seen: list[tuple[str, str | None]] = []

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append((self.path, self.headers.get("Authorization")))
            status, headers = answers.get(self.path, (404, {}))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            body = robots.encode() if self.path == "/robots.txt" else b""
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", seen
        finally:
            server.shutdown()
            thread.join()


def test_a_token_stays_with_its_host_when_redirected_and_out_of_what_is_kept(tmp_path: Path) -> None:
    with answering({"/file": (200, {"ETag": '"x"'})}) as (other, seen_by_other):
        redirects = {"/start": (302, {"Location": "/own"}), "/own": (302, {"Location": f"{other}/file"})}
        redirects["/page"] = (200, {"ETag": '"y"'})
        with answering(redirects) as (home, seen_by_home):
            command = [sys.executable, "-c", CRAWL_WITH_TOKEN, home, SECRET, str(tmp_path / "state.sqlite")]
            subprocess.run(command, capture_output=True, timeout=60, check=True)
    assert ("/start", SECRET) in seen_by_home
    assert ("/own", SECRET) in seen_by_home
    assert ("/file", None) in seen_by_other
    assert not [path for path, secret in seen_by_other if secret is not None]
    assert CrawlState(tmp_path / "state.sqlite").page(f"{home}/page") is not None, "kept, or the next line says nothing"
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    assert SECRET.removeprefix("Bearer ").encode() not in kept


@pytest.mark.parametrize(
    ("status", "robots", "n_pages"),
    [
        (200, "User-agent: *\nDisallow: /\n", 0),
        (200, "User-agent: *\nDisallow: /page/3\n", 4),
        (503, "busy", 0),
        (404, "", 5),
    ],
)
def test_robots_txt_holds_for_all_who_wait_for_it(status: int, robots: str, n_pages: int) -> None:
    with answering({"/robots.txt": (status, {})}, robots) as (base_url, seen):
        subprocess.run([sys.executable, "-c", CRAWL_IN_A_RUSH, base_url], capture_output=True, timeout=60, check=True)
    assert len([path for path, _ in seen if path != "/robots.txt"]) == n_pages


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_index_is_a_terms_block_asked_for_once(status: int, tmp_path: Path) -> None:
    with answering({"/": (status, {})}) as (base_url, seen):
        command = [sys.executable, "-m", "spiders.run", "gallery", "-a", f"base_url={base_url}/"]
        files = ["--output", str(tmp_path / "rows.jsonl"), "--stats", str(tmp_path / "stats.json")]
        done = subprocess.run([*command, *files], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 4, done.stderr
    assert done.stderr.count("\n") == 1
    assert f"answered {status}" in done.stderr
    assert read_stats(tmp_path / "stats.json").finish_reason == "terms_block"
    assert [path for path, _ in seen] == ["/robots.txt", "/"]


def test_a_crawl_in_a_long_pause_ends_when_told_to(tmp_path: Path) -> None:
    with answering({"/": (429, {"Retry-After": "600"})}) as (base_url, seen):
        command = [sys.executable, "-m", "spiders.run", "gallery", "-a", f"base_url={base_url}/"]
        files = ["--output", str(tmp_path / "rows.jsonl"), "--stats", str(tmp_path / "stats.json")]
        with subprocess.Popen([*command, *files], stderr=subprocess.PIPE, text=True) as crawl:
            while "/" not in [path for path, _ in seen]:
                time.sleep(0.01)
            time.sleep(0.2)  # into the pause
            crawl.send_signal(signal.SIGINT)
            _, stderr = crawl.communicate(timeout=60)
    assert crawl.returncode == 130, stderr
    assert read_stats(tmp_path / "stats.json").errors == (), "an ending crawl is no fault of the site"
    assert [path for path, _ in seen].count("/") == 1


def test_links_to_other_hosts_and_redirects_there_are_not_followed(tmp_path: Path) -> None:
    with answering({"/": (302, {"Location": "http://localhost:9/elsewhere"})}) as (base_url, _):
        command = [sys.executable, "-m", "spiders.run", "gallery", "-a", f"base_url={base_url}/"]
        files = ["--output", str(tmp_path / "rows.jsonl"), "--stats", str(tmp_path / "stats.json")]
        done = subprocess.run([*command, *files], capture_output=True, text=True, timeout=60, check=False)
    stats = read_stats(tmp_path / "stats.json")
    assert stats.n_items == 0
    assert stats.n_requests == 2, stats.errors  # robots.txt and the one page
    assert done.returncode == 3, done.stderr
