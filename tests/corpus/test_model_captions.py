"""Captions by a model: over real HTTP to a server of this test's own, which also fails, lies and stalls."""

from __future__ import annotations

import email.utils
import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from corpus.model_captions import (
    CaptionEndpoint,
    CaptionRefused,
    ModelCaption,
    Refusal,
    caption_by_model,
    checked_caption,
)
from corpus.words.claims import claims_of, false_claim
from corpus.words.subject import Subject

SECRET = "sk-test-4f9a77c1d2"
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(64))
SCAD = """// A very particular comment of eight words or more stands here for you
wall_thickness = 2.4; // M4
teeth = 24;
lean = 15;
module body() { difference() { cube([80, 60, 95]); translate([5, 5, wall_thickness]) cube([70, 50, 99]); } }
body();
"""
SUBJECT = Subject(SCAD, size_mm=(80.0, 60.0, 95.0), volume_mm3=1e5, n_components=1, genus=4)
GOOD = "An open-topped box 80 x 60 x 95 mm with walls of 2.4 mm and four holes through its sides."

Reply = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Server:
    """What to answer next, and what was asked."""

    replies: list[Reply]
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server([])

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            state.asked.append(json.loads(body))
            state.headers.append(dict(self.headers))
            state.paths.append(self.path)
            state.replies.pop(0)(self)

        def log_message(self, format: str, *args: object) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{http.server_address[1]}/v1"
    thread = threading.Thread(target=http.serve_forever, args=(0.01,))
    thread.start()
    yield state
    http.shutdown()
    http.server_close()
    thread.join()


def send(status: int, body: bytes, **headers: str) -> Reply:
    def reply(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return reply


def says(content: str, *, finish_reason: str = "stop") -> Reply:
    answer = {"choices": [{"message": {"role": "assistant", "content": content}, "finish_reason": finish_reason}]}
    return send(200, json.dumps(answer).encode())


def captioned(caption: str, **fields: object) -> Reply:
    return says(json.dumps({"caption": caption} | fields))


def ask(server: Server, *, pauses: list[float] | None = None, **options: Any) -> ModelCaption | CaptionRefused:
    known = {"base_url": server.url, "model": "m", "api_key": SECRET, "timeout_seconds": 5.0}
    slept = pauses if pauses is not None else []
    return caption_by_model(SUBJECT, PICTURE, endpoint=CaptionEndpoint(**(known | options)), sleep=slept.append)


def reason(outcome: ModelCaption | CaptionRefused) -> Refusal:
    assert isinstance(outcome, CaptionRefused), outcome
    return outcome.reason


def test_a_true_caption_comes_through_and_the_request_holds_picture_facts_and_source(server: Server) -> None:
    server.replies = [captioned(GOOD, size_mm=[95, 80, 60], n_holes=4, n_parts=1)]
    assert ask(server) == ModelCaption(GOOD, "m")
    assert server.paths == ["/v1/chat/completions"]
    assert server.headers[0]["Authorization"] == f"Bearer {SECRET}"
    content = server.asked[0]["messages"][1]["content"]
    assert "80 x 60 x 95 mm" in content[0]["text"]
    assert "module body()" in content[0]["text"]
    assert content[1]["image_url"]["url"].startswith("data:image/png;base64,iVBORw0KGgo")


def test_without_a_key_none_is_sent_and_without_a_picture_none_is_shown(server: Server) -> None:
    server.replies = [captioned(GOOD)]
    outcome = caption_by_model(SUBJECT, None, endpoint=CaptionEndpoint(server.url, "m"))
    assert isinstance(outcome, ModelCaption)
    assert "Authorization" not in server.headers[0]
    assert len(server.asked[0]["messages"][1]["content"]) == 1


def test_a_fenced_answer_is_read(server: Server) -> None:
    server.replies = [says(f"```json\n{json.dumps({'caption': GOOD})}\n```")]
    assert isinstance(ask(server), ModelCaption)


def test_a_busy_or_broken_endpoint_is_asked_again_after_the_pause_it_asks_for(server: Server) -> None:
    date = email.utils.formatdate(time.time() + 30, usegmt=True)
    server.replies = [
        send(429, b"slow down", Retry_After="7"),
        send(503, b"", Retry_After=date),
        send(500, b"oops"),
        captioned(GOOD),
    ]
    pauses: list[float] = []
    assert ask(server, pauses=pauses) == ModelCaption(GOOD, "m")
    assert pauses[0] == 7
    assert 20 < pauses[1] <= 30
    assert pauses[2] == 4


@pytest.mark.parametrize(
    ("reply", "expected", "n_asked"),
    [
        (send(429, b"", Retry_After="0"), Refusal.RATE_LIMITED, 3),
        (send(429, b"", Retry_After="9999"), Refusal.RATE_LIMITED, 1),
        (send(500, b"boom"), Refusal.SERVER_ERROR, 3),
        (send(502, b"", Retry_After="soon"), Refusal.SERVER_ERROR, 3),
        (send(401, b"no"), Refusal.NOT_ACCEPTED, 1),
        (send(302, b"", Location="http://127.0.0.1:1/elsewhere"), Refusal.NOT_ACCEPTED, 1),
    ],
)
def test_what_does_not_pass_is_given_up_with_a_reason_that_is_no_verdict(
    server: Server, reply: Reply, expected: Refusal, n_asked: int
) -> None:
    server.replies = [reply] * 3
    outcome = ask(server, max_attempts=3)
    assert reason(outcome) == expected
    assert not expected.is_lasting
    assert len(server.asked) == n_asked


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (send(200, b"\xff\x00garbage{{{"), Refusal.NOT_JSON),
        (send(200, b"[1, 2]"), Refusal.NOT_JSON),
        (send(200, b"{}"), Refusal.NOT_AN_ANSWER),
        (send(200, b'{"choices": [7]}'), Refusal.NOT_AN_ANSWER),
        (send(200, b'{"choices": [{"message": {"content": null}}]}'), Refusal.NOT_AN_ANSWER),
        (send(200, b"[" * 5000), Refusal.NOT_JSON),
        (send(200, b'"' + b"x" * (1 << 20) + b'"'), Refusal.ANSWER_TOO_LARGE),
        (says("a nice box"), Refusal.NOT_JSON),
        (says('{"text": "a nice box"}'), Refusal.NOT_AN_ANSWER),
        (says('{"caption": ["a", "b"]}'), Refusal.NOT_AN_ANSWER),
        (says('{"caption": "a box that', finish_reason="length"), Refusal.CUT_OFF),
        (captioned("A box."), Refusal.LENGTH),
        (captioned("A box. " * 100), Refusal.LENGTH),
        (captioned("A box 80 mm wide, see https://example.org"), Refusal.HAS_LINK),
        (captioned(f"A box for the key {SECRET} to lie in"), Refusal.HAS_SECRET),
        (captioned("A box made by cube([80, 60, 95]);"), Refusal.COPIES_SOURCE),
        (captioned("A box with a wall_thickness that is right"), Refusal.COPIES_SOURCE),
        (captioned("A very particular comment of eight words or more stands here"), Refusal.COPIES_SOURCE),
        (captioned("A box 81 mm wide with walls of 3 mm."), Refusal.FALSE_NUMBER),
        (captioned("A box of 80 x 60 x 120 mm."), Refusal.FALSE_NUMBER),
        (captioned("A box of eight by six by nine centimetres."), Refusal.FALSE_NUMBER),
        (captioned("A box that leans back by 30 degrees."), Refusal.FALSE_NUMBER),
        (captioned("A box with a lid for M8 bolts, printed flat."), Refusal.FALSE_NUMBER),
        (captioned("A box with 3 through-holes on its sides."), Refusal.FALSE_COUNT),
        (captioned("A box with six round holes on its sides."), Refusal.FALSE_COUNT),
        (captioned("A box in two pieces, lid and body."), Refusal.FALSE_COUNT),
        (captioned("A box with five arms at the corners."), Refusal.FALSE_NUMBER),
        (captioned(GOOD, size_mm=[80, 60, 98]), Refusal.FALSE_SIZE),
        (captioned(GOOD, size_mm=[80, 60]), Refusal.FALSE_SIZE),
        (captioned(GOOD, size_mm="big"), Refusal.FALSE_SIZE),
        (says('{"caption": "' + GOOD + '", "size_mm": [NaN, NaN, NaN]}'), Refusal.FALSE_SIZE),
        (captioned(GOOD, n_holes=5), Refusal.FALSE_COUNT),
        (captioned(GOOD, n_parts=True), Refusal.FALSE_COUNT),
    ],
)
def test_garbage_and_lies_are_refused_with_a_word_and_asked_only_once(
    server: Server, reply: Reply, expected: Refusal
) -> None:
    server.replies = [reply]
    outcome = ask(server)
    assert reason(outcome) == expected
    assert expected.is_lasting
    assert len(server.asked) == 1


def test_a_slow_answer_ends_at_the_timeout_even_if_it_keeps_dripping(server: Server) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        try:
            for _ in range(100):
                handler.wfile.write(b" ")
                handler.wfile.flush()
                time.sleep(0.05)
        except OSError:
            pass  # the client has left, as it should

    server.replies = [drip]
    assert reason(ask(server, max_attempts=1, timeout_seconds=0.3)) == Refusal.TIMEOUT


def test_silence_and_a_closed_door_are_values(server: Server) -> None:
    server.replies = [lambda handler: time.sleep(0.6)]
    assert reason(ask(server, max_attempts=1, timeout_seconds=0.2)) == Refusal.TIMEOUT
    nobody = CaptionEndpoint("http://127.0.0.1:9/v1", "m", max_attempts=2, timeout_seconds=2)
    pauses: list[float] = []
    assert reason(caption_by_model(SUBJECT, None, endpoint=nobody, sleep=pauses.append)) == Refusal.UNREACHABLE
    assert pauses == [1.0]


def test_an_answer_cut_off_by_the_network_is_a_value(server: Server) -> None:
    def half(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(b"{")

    server.replies = [half]
    assert reason(ask(server, max_attempts=1)) == Refusal.UNREACHABLE


def test_too_large_a_picture_is_never_sent(server: Server) -> None:
    endpoint = CaptionEndpoint(server.url, "m")
    outcome = caption_by_model(SUBJECT, b"x" * (5 << 20), endpoint=endpoint)
    assert reason(outcome) == Refusal.PICTURE_TOO_LARGE
    assert server.asked == []


def test_the_key_is_in_no_log_message_or_value(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    echo = f"bad key {SECRET}".encode()
    server.replies = [
        send(401, echo, X_Echo=SECRET[:4]),
        send(500, echo),
        captioned(f"{GOOD} {SECRET}"),
        captioned(GOOD),
    ]
    endpoint = CaptionEndpoint(server.url, "m", SECRET, max_attempts=1)
    outcomes = [caption_by_model(SUBJECT, PICTURE, endpoint=endpoint) for _ in range(4)]
    said = f"{outcomes}{endpoint}{caplog.text}"
    assert caplog.records
    assert SECRET not in said
    assert all(SECRET not in path for path in server.paths)
    assert SECRET not in json.dumps(server.asked)


@pytest.mark.parametrize(
    "options",
    [
        {"api_key": f"{SECRET}\n"},
        {"api_key": f"{SECRET} "},
        {"api_key": f"{SECRET}é"},
        {"base_url": f"http://me:{SECRET}@host/v1"},
        {"base_url": f"http://host/v1?key={SECRET}"},
        {"base_url": f"ftp://host/{SECRET}"},
        {"base_url": f"http://host:{SECRET}"},
        {"max_attempts": 0},
    ],
)
def test_a_key_in_a_wrong_form_or_place_is_turned_down_without_being_quoted(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError) as caught:
        CaptionEndpoint(**({"base_url": "http://host/v1", "model": "m"} | options))
    assert SECRET not in repr(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("80 x 60 x 95 mm", [(80, "length"), (60, "length"), (95, "length")]),
        ("8 cm by 6 cm by 95 mm", [(80, "length"), (60, "length"), (95, "length")]),
        ("two inches wide", [(50.8, "length")]),
        ("1/2 inch", [(12.7, "length")]),
        ("an M4 screw", [(4, "thread")]),
        ("24 teeth, 15 degrees, 20 %", [(24, "number"), (15, "angle"), (20, "share")]),
        ("four round through-holes in 2 pieces", [(4, "holes"), (2, "parts")]),
        ("a 3D model in one piece", []),
    ],
)
def test_numbers_are_read_with_their_units_and_what_they_count(text: str, found: list[tuple[float, str]]) -> None:
    assert [(pytest.approx(v), a) for v, a in found] == [(c.value, c.about) for c in claims_of(text)]


@pytest.mark.parametrize(
    ("text", "is_true"),
    [
        ("a box 81.5 mm wide", True),
        ("a box 82 mm wide", False),
        ("a box 8 cm wide", True),
        ("a box leaning 15 degrees, with 24 teeth", True),
        ("a box with an M4 hole", True),
        ("a box with a through-hole", True),
        ("a box, 20 % full", False),
        ("a plain box with a lid", True),
    ],
)
def test_a_claim_is_true_within_two_per_cent_or_false(text: str, is_true: bool) -> None:
    assert (false_claim(text, SUBJECT) is None) == is_true


def test_a_through_hole_without_a_number_is_false_of_a_mesh_that_has_none() -> None:
    solid = Subject("cube(9);", size_mm=(9, 9, 9), n_components=1, genus=0)
    assert isinstance(
        checked_caption({"caption": "A small cube with a through-hole."}, solid, model="m"), CaptionRefused
    )
    assert isinstance(checked_caption({"caption": "A small cube, no through-holes."}, solid, model="m"), ModelCaption)
