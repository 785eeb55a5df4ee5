"""The thingiverse spider as a process: limits, faults, refusals, and where its token goes."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from spiders.sites.base import SpiderUsageError
from spiders.sites.thingiverse import ThingiverseSpider
from tests.replay.crawl import compare, crawl, replay
from tests.replay.faults import ROUGH_WEATHER

TOKEN = "REPLAY-SECRET-thingiverse"


def test_over_http_two_nights_keep_the_limit_and_the_secret(tmp_path: Path) -> None:
    with replay(["thingiverse"], scale=0.01, clock_speed=200.0) as running:
        first = crawl(running, "thingiverse", tmp_path / "1", state_dir=tmp_path / "state")
        assert first.exit_code == 0, first.stderr
        found = compare(running.planted("thingiverse"), first.rows)
        assert found.is_exact, found
        n_first = running.n_requests("thingiverse")
        running.change(0.05)
        second = crawl(running, "thingiverse", tmp_path / "2", state_dir=tmp_path / "state")
        assert second.exit_code == 0, second.stderr
        shown = {p.title for p in running.planted("thingiverse")}
        assert second.rows
        missed = {"Special lost_file"}  # a file that isn't there is believed the second night
        assert {row.title for row in second.rows} - missed <= shown - {row.title for row in first.rows}
        assert running.n_requests("thingiverse") - n_first < n_first / 4
        heard = running.stats()
    assert heard["thingiverse/api"]["n_over_limit"] == 0
    assert heard["thingiverse/cdn"]["n_requests"] > 10
    assert heard["thingiverse/cdn"]["n_foreign_authorizations"] == 0
    assert [urls for host in heard.values() for urls in host["secret_urls"]] == []
    left = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(path.name == "scrapy.log" and path.stat().st_size for path in left)
    assert [path for path in left if b"REPLAY-SECRET" in path.read_bytes()] == []


def test_over_http_a_refused_crawl_asks_once_and_says_why(tmp_path: Path) -> None:
    with replay(["thingiverse"], scale=0.01) as running:
        for ending in ("-robots", "-challenge-200"):
            n_before = running.n_requests("thingiverse")
            refused = replace(running, environment={"thingiverse": {"THINGIVERSE_TOKEN": TOKEN + ending}})
            done = crawl(refused, "thingiverse", tmp_path / ending, "-a", "terms=openscad", "-a", "tags=")
            assert (done.exit_code, done.rows) == (4, [])
            assert done.stderr.count("\n") == 1
            assert done.stats is not None
            assert done.stats.finish_reason == "terms_block"
            assert running.n_requests("thingiverse") - n_before == 1


def test_over_http_rough_weather_costs_time_and_no_design(tmp_path: Path) -> None:
    with replay(["thingiverse"], scale=0.01, faults=ROUGH_WEATHER, clock_speed=500.0) as running:
        done = crawl(running, "thingiverse", tmp_path)
        found = compare(running.planted("thingiverse"), done.rows)
        assert found.is_exact, found
        heard = running.stats()
    assert sum(sum(host["n_faults"].values()) for host in heard.values()) > 10
    assert heard["thingiverse/api"]["n_over_limit"] == 0


def test_without_a_token_it_says_which_and_asks_nothing(tmp_path: Path) -> None:
    files = ["--output", str(tmp_path / "rows.jsonl"), "--stats", str(tmp_path / "stats.json")]
    command = [sys.executable, "-m", "spiders.run", "thingiverse", "--contact", "a@b.example", *files]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env={"PATH": ""})
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "THINGIVERSE_TOKEN" in done.stderr


@pytest.mark.parametrize("arguments", [{"terms": ""}, {"seeds": "perhaps"}, {"base_url": "ftp://x"}])
def test_unusable_arguments_are_refused(arguments: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THINGIVERSE_TOKEN", TOKEN)
    with pytest.raises(SpiderUsageError):
        ThingiverseSpider(**arguments)  # type: ignore[arg-type]
