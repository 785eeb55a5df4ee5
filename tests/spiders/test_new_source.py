"""The template of docs/new_source works as it stands: a site's JSON to rows, and little asked the second night."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from aiohttp import web

from spiders.rows import read_rows, read_stats
from tests.replay.faults import NO_FAULTS
from tests.replay.site import Site
from tests.spiders.served import served

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "new_source"

RUN = """
import sys
from spiders.known import KNOWN_SPIDERS, KnownSpider
from spiders.run import main
KNOWN_SPIDERS["example"] = KnownSpider("example", "docs.new_source.site:ExampleSpider", ("EXAMPLE_TOKEN",))
sys.exit(main(["example", *sys.argv[1:]]))
"""


class Example(Site):
    name = "example"
    hosts = ("api",)

    def __init__(self) -> None:
        super().__init__(scale=1.0, seed=0, clock_speed=1.0, faults=NO_FAULTS)
        self.designs: list[Any] = [self.design(number) for number in range(1, 8)]
        self.designs += [{"title": "no id"}, None, self.design(9) | {"license": "All Rights Reserved"}]

    def design(self, number: int) -> dict[str, Any]:
        return {
            "id": number,
            "title": f"Box {number}",
            "description": f"<p>A box of {number} mm.</p>",
            "license": "CC-BY-4.0",
            "author": "Ada",
            "tags": ["box"],
            "updated_at": "2026-01-02T03:04:05Z",
            "file": {"name": "box.scad"},
        }

    async def answer(self, host: str, request: web.Request) -> web.StreamResponse:
        if request.path.startswith("/files/"):
            return web.Response(text=f"cube({request.path.removeprefix('/files/')});\n")
        if request.path != "/designs":
            return web.Response(status=404)
        page = int(request.query["page"])
        shown = self.designs[5 * (page - 1) : 5 * page]
        for design in shown:
            if isinstance(design, dict) and "file" in design:
                design["file"]["url"] = f"{self.urls['api']}/files/{design['id']}"
        headers = {"ETag": f'"{hash(json.dumps(shown))}"'}
        if request.headers.get("If-None-Match") == headers["ETag"]:
            return web.Response(status=304, headers=headers)
        return web.json_response({"designs": shown}, headers=headers)


def test_the_template_is_under_a_hundred_lines() -> None:
    assert sum(len(path.read_text().splitlines()) for path in FOLDER.glob("*.py")) < 100


def test_the_template_collects_a_site_whole_and_asks_little_again(tmp_path: Path) -> None:
    site = Example()

    def night(number: int) -> Path:
        folder = tmp_path / str(number)
        files = ["--output", str(folder / "rows.jsonl"), "--stats", str(folder / "stats.json")]
        command = [sys.executable, "-c", RUN, "-a", f"base_url={site.urls['api']}", *files]
        done = subprocess.run(
            [*command, "--state-dir", str(tmp_path / "state")], cwd=ROOT, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return folder

    with served(site) as running:
        first = night(1)
        rows = {row.source_item_id: row for row in read_rows(first / "rows.jsonl")}
        assert sorted(rows) == ["1", "2", "3", "4", "5", "6", "7", "9"]
        row = rows["3"]
        assert (row.title, row.description, row.license_spdx) == ("Box 3", "A box of 3 mm.", "CC-BY-4.0")
        assert (row.scad, row.path, row.author and row.author.name) == ("cube(3);\n", "box.scad", "Ada")
        assert rows["9"].scad is None, "its licence was not allowed, so its file was not asked for"
        assert "/files/9" not in [heard.path for heard in running.heard]
        running.heard.clear()
        site.designs[2]["updated_at"] = "2026-05-06T00:00:00Z"
        second = night(2)
        assert [row.source_item_id for row in read_rows(second / "rows.jsonl")] == ["3"]
        assert [heard.path for heard in running.heard if heard.path.startswith("/files/")] == ["/files/3"]
        assert read_stats(second / "stats.json").status_counts["304"] >= 1
