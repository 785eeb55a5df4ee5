"""The gallery spider against the sample site, over real HTTP on loopback, one process a crawl."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from corpus.schema import CrawledRow
from spiders.rows import RunStats, read_rows, read_stats
from spiders.sample_site.catalog import load_site
from spiders.sample_site.server import DESIGNS_PER_PAGE, Page, RunningSite, build_site, running_site

N_ORDINARY = DESIGNS_PER_PAGE + 6  # two index pages
N_FAULTS = 3


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small site's folder: good designs, and three faults in files."""
    root = tmp_path_factory.mktemp("site")
    (root / "designs").mkdir()
    (root / "faults").mkdir()
    for number in range(N_ORDINARY):
        facts = {
            "title": f"Plate {number}",
            "description": f"A plate of {number} mm.",
            "tags": ["plate", "test"],
            "author": "Ada",
            "license": "CC0-1.0",
            "category": "plates",
        }
        (root / "designs" / f"plate-{number}.yaml").write_text(yaml.safe_dump(facts), "utf-8")
        scad = f"// Plate\nwidth = {number + 1}; // [1:99]\ncube([width, 10, 2]);\n"
        (root / "designs" / f"plate-{number}.scad").write_text(scad, "utf-8")
    (root / "faults" / "junk.scad").write_bytes(b"\x00\x01\x02")
    faults = [
        {"slug": "junk", "kind": "binary", "title": "Junk", "author": "Bob", "license": "MIT", "file": "junk.scad"},
        {"slug": "twin", "kind": "copy", "title": "Twin", "license": None, "copy_of": "plate-1", "transform": "exact"},
        {"slug": "near", "kind": "copy", "title": "Near", "copy_of": "plate-2", "transform": "renumbered"},
    ]
    (root / "faults" / "faults.yaml").write_text(yaml.safe_dump(faults), "utf-8")
    return root


def crawl(base_url: str, out: Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "spiders.run", "gallery", "-a", f"base_url={base_url}"]
    files = ["--output", str(out / "rows.jsonl"), "--stats", str(out / "stats.json")]
    return subprocess.run([*command, *files, *more], capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def whole(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[RunningSite, list[CrawledRow], RunStats]]:
    """One complete crawl of the small site."""
    out = tmp_path_factory.mktemp("crawl")
    with running_site(build_site(folder)) as running:
        done = crawl(running.base_url, out)
        assert done.returncode == 0, done.stderr
        assert done.stderr.count("\n") == 1
        yield running, list(read_rows(out / "rows.jsonl")), read_stats(out / "stats.json")


def test_every_design_becomes_exactly_one_row(whole: tuple[RunningSite, list[CrawledRow], RunStats]) -> None:
    running, rows, stats = whole
    slugs = {f"plate-{number}" for number in range(N_ORDINARY)} | {"junk", "twin", "near"}
    expected = {f"design/{slug}" for slug in (*slugs, "web-missing-file", "web-endless-file")}
    assert {row.source_item_id for row in rows} == expected
    assert len(rows) == len(expected) == running.site.n_rows == stats.n_items
    assert len({row.record_id for row in rows}) == len(rows)


def test_a_row_carries_what_its_page_says_and_where_it_came_from(
    whole: tuple[RunningSite, list[CrawledRow], RunStats], folder: Path
) -> None:
    running, rows, stats = whole
    row = next(row for row in rows if row.source_item_id == "design/plate-5")
    assert row.scad == (folder / "designs" / "plate-5.scad").read_text("utf-8")
    assert (row.title, row.description, row.description_kind) == ("Plate 5", "A plate of 5 mm.", "author")
    assert (row.tags, row.category, row.path) == (("plate", "test"), "plates", "plate-5.scad")
    assert row.author is not None
    assert row.author.name == "Ada"
    assert (row.license_raw, row.license_spdx, row.license_scope) == ("CC0-1.0", "CC0-1.0", "item")
    assert row.is_customizable is True
    assert row.source_url == f"{running.base_url}design/plate-5/"
    for each in rows:
        where = each.provenance
        assert where.run_id == stats.run_id
        assert where.crawler == "spiders.gallery"
        assert where.request_url
        assert where.discovered_via
        assert where.page in (1, 2)
        if each.scad is not None:
            assert where.http_status == 200
            assert where.etag
    copies = {row.source_item_id: row for row in rows}
    assert copies["design/twin"].sha256 == copies["design/plate-1"].sha256
    assert copies["design/twin"].license_spdx == "NOASSERTION"
    assert copies["design/near"].sha256 != copies["design/plate-2"].sha256


def test_a_503_is_asked_again_after_the_pause_it_names(whole: tuple[RunningSite, list[CrawledRow], RunStats]) -> None:
    running, rows, stats = whole
    (busy,) = running.site.busy_once
    assert [status for path, status in running.requests if path == busy] == [503, 200]
    assert stats.status_counts["503"] == 1
    assert stats.seconds >= 1.0
    assert busy.strip("/") in {row.source_item_id for row in rows if row.scad}


def test_a_404_an_endless_file_and_a_binary_are_rows_without_text_and_with_a_reason(
    whole: tuple[RunningSite, list[CrawledRow], RunStats],
) -> None:
    _, rows, stats = whole
    empty = {row.source_item_id for row in rows if row.scad is None}
    assert empty == {"design/junk", "design/web-missing-file", "design/web-endless-file"}
    assert stats.n_metadata_only == stats.n_errors == 3
    assert all(row.sha256 is None for row in rows if row.scad is None)
    reasons = "\n".join(stats.errors)
    assert "web-missing-file.scad: answered 404" in reasons
    assert "web-endless-file.scad: DownloadCancelledError" in reasons
    assert "junk.scad: binary, not OpenSCAD text" in reasons


def test_what_robots_txt_forbids_is_not_fetched(whole: tuple[RunningSite, list[CrawledRow], RunStats]) -> None:
    running, _, stats = whole
    assert running.requests[0] == ("/robots.txt", 200)
    assert not [path for path, _ in running.requests if path.startswith("/drafts/")]
    assert "/drafts/web-draft/" in running.site.pages
    assert stats.n_robots_forbidden == 1
    assert any("/drafts/web-draft/" in line for line in stats.errors)


def test_a_second_night_downloads_no_page_again(folder: Path, tmp_path: Path) -> None:
    site = build_site(folder, has_web_faults=False)
    with running_site(site) as running:
        first = crawl(running.base_url, tmp_path, "--state-dir", str(tmp_path / "state"))
        n_first = len(running.requests)
        second = crawl(running.base_url, tmp_path, "--state-dir", str(tmp_path / "state"))
        again = running.requests[n_first:]
    assert (first.returncode, second.returncode) == (0, 0)
    assert {status for path, status in again if path != "/robots.txt"} == {304}
    assert read_stats(tmp_path / "stats.json").n_items == site.n_rows


def test_a_limit_is_kept_exactly(folder: Path, tmp_path: Path) -> None:
    with running_site(build_site(folder)) as running:
        done = crawl(running.base_url, tmp_path, "--limit", "5")
    assert done.returncode == 0, done.stderr
    assert len(list(read_rows(tmp_path / "rows.jsonl"))) == read_stats(tmp_path / "stats.json").n_items == 5


def test_the_shipped_site_is_crawled_whole(tmp_path: Path) -> None:
    designs = load_site()
    assert sum(design.fault is None for design in designs) >= 60
    with running_site(build_site()) as running:
        done = crawl(running.base_url, tmp_path)
    assert done.returncode == 0, done.stderr
    rows = list(read_rows(tmp_path / "rows.jsonl"))
    assert len(rows) == running.site.n_rows
    ordinary = {f"design/{design.slug}" for design in designs if design.fault is None}
    good = [row for row in rows if row.source_item_id in ordinary]
    assert len(good) == len(ordinary)
    assert all(row.scad and row.title and row.description and row.license_spdx == "CC0-1.0" for row in good)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def assert_fails(done: subprocess.CompletedProcess[str], exit_code: int, words: str) -> None:
    assert done.returncode == exit_code, done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    assert words in done.stderr


def test_an_unreachable_site_is_exit_3_and_one_line(tmp_path: Path) -> None:
    done = crawl(f"http://127.0.0.1:{free_port()}/", tmp_path)
    assert_fails(done, 3, "nothing got: http://127.0.0.1")
    assert read_stats(tmp_path / "stats.json").exit_code == 3


def test_a_site_closed_to_robots_is_exit_4_and_no_page_is_asked_for(folder: Path, tmp_path: Path) -> None:
    site = build_site(folder)
    closed = replace(site, pages={**site.pages, "/robots.txt": Page(b"User-agent: *\nDisallow: /\n", "text/plain")})
    with running_site(closed) as running:
        done = crawl(running.base_url, tmp_path)
    assert_fails(done, 4, "does not want this crawl")
    assert {path for path, _ in running.requests} == {"/robots.txt"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere"], "known: bosl2, codeberg, cults3d, gallery, github_repos"),
        (["gallery"], "it needs -a base_url="),
        (["gallery", "-a", "base_url=ftp://h/"], "not an http(s) URL"),
        (["gallery", "-a", "base_url=https://example.org/"], "--contact"),
        (["gallery", "-a", "base_url=http://127.0.0.1/", "-a", "depth=3"], "-a 'depth=3'"),
        (["local", "-a", "folder=/nowhere/at/all"], "is not a folder"),
        (["bosl2", "--limit", "0"], "not a positive number"),
    ],
)
def test_wrong_usage_is_exit_2_and_says_what_to_do(arguments: list[str], words: str, tmp_path: Path) -> None:
    files = ["--output", str(tmp_path / "rows.jsonl"), "--stats", str(tmp_path / "stats.json")]
    command = [sys.executable, "-m", "spiders.run", *arguments, *files]
    assert_fails(subprocess.run(command, capture_output=True, text=True, timeout=60, check=False), 2, words)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_exit_5_and_is_never_called_success(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "spiders.run", "bosl2", "--output", "/dev/full"]
    stats = tmp_path / "stats.json"
    done = subprocess.run([*command, "--stats", str(stats)], capture_output=True, text=True, timeout=60, check=False)
    assert_fails(done, 5, "No space left on device")
    assert read_stats(stats).exit_code == 5
    assert read_stats(stats).n_items == 0


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_crawl_stopped_in_the_middle_leaves_whole_rows(folder: Path, tmp_path: Path, how: signal.Signals) -> None:
    with running_site(build_site(folder)) as running:
        rows_path = tmp_path / "rows.jsonl"
        command = [sys.executable, "-m", "spiders.run", "gallery", "-a", f"base_url={running.base_url}"]
        files = ["--output", str(rows_path), "--stats", str(tmp_path / "stats.json")]
        process = subprocess.Popen([*command, *files], stderr=subprocess.DEVNULL)
        while process.poll() is None and not (rows_path.exists() and rows_path.stat().st_size):
            time.sleep(0.002)
        # the crawl can't be over: the 503's pause of one second lies between its first row and its last
        os.kill(process.pid, how)
        exit_code = process.wait(timeout=30)
    rows = list(read_rows(rows_path))
    assert 0 < len(rows) < running.site.n_rows
    assert all(row.record_id and row.provenance.run_id for row in rows)
    assert exit_code == (-signal.SIGKILL if how == signal.SIGKILL else 130)
    assert (tmp_path / "stats.json").exists() == (how == signal.SIGINT)


def test_the_server_says_in_one_line_that_its_port_is_taken(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        command = [sys.executable, "-m", "spiders.sample_site.server", "--port", str(taken.getsockname()[1])]
        done = subprocess.run(
            [*command, "--folder", str(folder)], capture_output=True, text=True, timeout=30, check=False
        )
    assert_fails(done, 6, "try another --port")


def test_broken_site_data_names_the_file_and_the_field(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "designs").mkdir()
    (tmp_path / "designs" / "box.yaml").write_text("description: no title\n", "utf-8")
    (tmp_path / "designs" / "box.scad").write_text("cube(1);\n", "utf-8")
    command = [sys.executable, "-m", "spiders.sample_site.server", "--port", "0", "--folder", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert_fails(done, 2, "box.yaml: an entry lacks 'title'")
