"""A model's captions, asked of a server that speaks the protocol: kept once, checked, taken into the data set."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from corpus.normalize import content_key
from corpus.schema import CrawledRow, Provenance
from corpus.store import Store
from flows.captions import caption_designs
from flows.curate_here import curate_here
from flows.settings import Settings, SettingsError, load_settings

BOX = "difference() {\n  cube([40, 30, 20]);\n  translate([20, 15, -1]) cylinder(d = 6, h = 30);\n}\n"
SLAB = "translate([5, 5, 0]) cube([70, 20, 4]);\n"
KEY = "secret-key-of-the-test"


class Model(BaseHTTPRequestHandler):
    """Says the truth of the box, a lie of the slab."""

    asked: list[str]
    is_down = False

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        type(self).asked.append(text)
        if self.is_down:
            self.send_error(503)
            return
        caption = "a block 40 x 30 x 20 mm with a hole through it" if "20, 15" in text else "a slab 300 mm long"
        answer = {"caption": caption, "size_mm": None, "n_holes": None, "n_parts": None}
        body = json.dumps({"choices": [{"message": {"content": json.dumps(answer)}, "finish_reason": "stop"}]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def model() -> Iterator[ThreadingHTTPServer]:
    Model.asked, Model.is_down = [], False
    server = ThreadingHTTPServer(("127.0.0.1", 0), Model)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def settings(data_dir: Path, model: ThreadingHTTPServer, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("CAPTION_API_KEY", KEY)
    found = load_settings(
        {},
        data_dir=data_dir,
        n_synth=3,
        n_test_prompts=1,
        caption_url=f"http://127.0.0.1:{model.server_port}/v1",
        caption_model="tester",
    )
    rows = [
        CrawledRow(name, "local", name, content_key(scad), scad, "2026-01-01T00:00:00Z", Provenance("t", "1", "r"))
        for name, scad in (("box", BOX), ("slab", SLAB))
    ]
    Store(found.tables_root).append("crawled", [replace(row, license_spdx="CC0-1.0") for row in rows])
    return found


def real_prompts(settings: Settings) -> list[tuple[str, str]]:
    return [(r.prompt_kind, r.prompt) for r in Store(settings.tables_root).rows("examples") if r.tier == "real"]


def test_a_true_caption_becomes_an_example_and_a_lie_does_not(settings: Settings) -> None:
    curate_here(settings)
    before = real_prompts(settings)
    assert all(kind != "model_caption" for kind, _ in before)
    report = caption_designs(settings)
    assert (report.n_asked, report.n_captions, report.n_by_refusal) == (2, 1, {"false_number": 1})
    curate_here(settings)
    said = [prompt for kind, prompt in real_prompts(settings) if kind == "model_caption"]
    assert said
    assert all("300" not in prompt for prompt in said)
    assert caption_designs(settings).n_asked == 0, "a caption and a lasting refusal are both remembered"
    kept = b"".join(p.read_bytes() for p in (settings.data_dir / "tables").rglob("*") if p.is_file())
    assert KEY.encode() not in kept


def test_an_endpoint_that_is_down_is_asked_again_another_day(settings: Settings) -> None:
    curate_here(settings)
    Model.is_down = True
    report = caption_designs(settings, sleep=lambda seconds: None)
    assert (report.n_captions, report.n_by_refusal) == (0, {"server_error": 2})
    assert Store(settings.tables_root).rows("captions") == []
    Model.is_down = False
    assert caption_designs(settings).n_asked == 2


def test_without_an_endpoint_nothing_is_asked(settings: Settings) -> None:
    with pytest.raises(SettingsError, match="CAD_COPILOT_CAPTION_URL"):
        caption_designs(load_settings({}, data_dir=settings.data_dir))
    assert Model.asked == []
