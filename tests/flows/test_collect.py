"""Crawls as the flow runs them: real spiders over HTTP, one down, one killed, tables removed; nothing is lost."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
import yaml
from command import COMMAND, run
from sites import N_DESIGNS, failing_site, gallery

from corpus.schema import CrawledRow, Provenance, RejectedRow
from corpus.store import Store
from flows.collect import collect_all, collect_source, crawls_markdown, failed_line
from flows.crawl import CrawlOptions
from flows.crawl_folders import CrawlReport, Crawls
from flows.exit_codes import ExitCode
from flows.locks import LockHeld, locked
from flows.rejections import replace_rejections
from flows.settings import TOKEN_NAMES, Settings, load_settings
from flows.sources import choose_sources
from flows.take_in import note_vanished, reject_unfetched, take_in
from spiders.items import Listing, build_row
from spiders.rows import RowWriter, RunStats, write_stats
from spiders.state import CrawlState
from tests.replay.crawl import Running, replay


@pytest.fixture(scope="module")
def github() -> Iterator[Running]:
    with replay(["github"], scale=0.005, clock_speed=1.0) as running, pytest.MonkeyPatch.context() as patch:
        for name, value in running.environment["github_repos"].items():
            patch.setenv(name, value)
        yield running


def settings_of(folder: Path, sources: dict[str, dict[str, str]], **more: str) -> Settings:
    """Settings whose sources.yaml has these options by source."""
    file = folder / "sources.yaml"
    file.write_text(yaml.safe_dump({"sources": {n: {"enabled": True, "options": o} for n, o in sources.items()}}))
    return Settings(data_dir=folder / "var", sources_file=str(file), **more)  # type: ignore[arg-type]


def github_settings(folder: Path, github: Running) -> Settings:
    return settings_of(folder, {"github_repos": github.arguments["github_repos"]})


def collect(settings: Settings, options: CrawlOptions | None = None) -> CrawlReport:
    """The one source of the settings."""
    (source,) = choose_sources(settings)
    return collect_source(settings, source, options=options)


def a_row(number: int) -> CrawledRow:
    return build_row(
        source="here",
        source_item_id=str(number),
        path="a.scad",
        decoded=None,
        listing=Listing(),
        provenance=Provenance("spiders.wikibooks", "1", "run"),
        fetched_at="2026-01-01T00:00:00+00:00",
    )


def left_crawl(settings: Settings, source: str, rows: list[CrawledRow], n_counted: int | None = None) -> Path:
    """The folder of a crawl that nobody has taken in; its rows file."""
    folder = Crawls(settings.data_dir / "crawls").new(source)
    writer = RowWriter(folder.rows)
    for row in rows:
        writer.write(row)
    writer.close()
    if n_counted is not None:
        write_stats(RunStats(source, "run", n_counted, 0, 0, 0, 0, "finished", 0, 0.1), folder.stats_file)
    return folder.rows


def test_a_second_crawl_brings_nothing_and_asks_for_little(tmp_path: Path, github: Running) -> None:
    settings = github_settings(tmp_path, github)
    first, second = collect(settings), collect(settings)
    store = Store(settings.tables_root)
    assert first.exit_code == second.exit_code == 0
    assert first.n_items == first.n_new == len(store.rows("crawled")) > 10
    assert first.n_metadata_only == sum(row.scad is None for row in store.rows("crawled"))
    assert (second.n_items, second.n_new) == (0, 0)
    assert 0 < second.n_requests < first.n_requests
    assert {r.source for r in store.rows("rejected")} == {"github_repos"}
    again = collect(settings, CrawlOptions(is_afresh=True))
    assert (again.n_items, again.n_new) == (first.n_items, 0)


def test_removed_tables_are_filled_again(tmp_path: Path, github: Running) -> None:
    settings = github_settings(tmp_path, github)
    first = collect(settings)
    shutil.rmtree(settings.tables_root)
    # what another source puts there meanwhile doesn't hide the loss
    Store(settings.tables_root).append("crawled", [a_row(1)])
    assert collect(settings).n_new == first.n_new
    assert collect(settings).n_items == 0


def test_rows_that_another_spider_brought_before_are_no_lost_tables(tmp_path: Path, github: Running) -> None:
    other, settings = tmp_path / "other", github_settings(tmp_path, github)
    other.mkdir()
    collect(theirs := github_settings(other, github))
    rows = Store(theirs.tables_root).rows("crawled")
    foreign = [replace(r, provenance=replace(r.provenance, crawler="spiders.github_search")) for r in rows]
    Store(settings.tables_root).append("crawled", foreign)
    first, second = collect(settings), collect(settings)
    assert (first.n_items, first.n_new) == (len(rows), 0)
    assert second.n_items == 0


def test_two_spiders_run_at_once_and_one_that_fails_leaves_the_other_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in TOKEN_NAMES:
        monkeypatch.setenv(name, f"secret of {name}")
    seen: dict[str, set[str]] = {}
    is_asked = {"gallery": threading.Event(), "github_repos": threading.Event()}
    n_late = 0

    def wait_for_other(source: str, other: str) -> None:
        nonlocal n_late
        if is_asked[source].is_set():
            return
        for process in psutil.Process().children(recursive=True):
            if source in process.cmdline():
                seen[source] = {n for n in TOKEN_NAMES if n in process.environ()}
        is_asked[source].set()
        n_late += not is_asked[other].wait(timeout=20)

    with (
        gallery(tmp_path, lambda path: wait_for_other("gallery", "github_repos")) as running,
        failing_site(lambda path: wait_for_other("github_repos", "gallery")) as failing,
    ):
        options = {"gallery": {"base_url": running.base_url}, "github_repos": {"base_url": failing, "repos": "a/b"}}
        settings, n_seen = settings_of(tmp_path, options), 0

        def on_rows(n_rows: int) -> None:
            nonlocal n_seen
            n_seen += n_rows

        reports = collect_all(settings, choose_sources(settings), on_rows=on_rows)
    assert n_late == 0, "each spider waited for the other's first request"
    assert [(r.source, r.exit_code, r.n_new) for r in reports] == [("gallery", 0, N_DESIGNS), ("github_repos", 3, 0)]
    assert n_seen == N_DESIGNS
    assert seen == {"gallery": set(), "github_repos": {"GITHUB_TOKEN"}}
    assert failed_line(reports) == "failed sources: github_repos (the site did not answer)"
    assert "| github_repos | 3: the site did not answer | 0 |" in crawls_markdown(reports)


def test_spiders_that_share_a_token_take_turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "a secret")
    running: set[frozenset[str]] = set()

    def look(path: str) -> None:
        words = {word for process in psutil.Process().children() for word in process.cmdline()}
        running.add(frozenset(words & {"github_repos", "github_search"}))

    with failing_site(look) as url:
        options = {"github_repos": {"base_url": url, "repos": "a/b"}, "github_search": {"base_url": url}}
        collect_all(settings := settings_of(tmp_path, options), choose_sources(settings))
    assert running == {frozenset({"github_repos"}), frozenset({"github_search"})}


def test_a_spider_that_is_killed_is_told_and_gives_what_it_had(tmp_path: Path) -> None:
    def kill(path: str) -> None:
        if any(f.rows.exists() and f.rows.stat().st_size for f in crawls.of("gallery")):
            for process in psutil.Process().children():
                if "gallery" in process.cmdline():
                    process.kill()

    with gallery(tmp_path, kill) as running:
        settings = settings_of(tmp_path, {"gallery": {"base_url": running.base_url}})
        crawls = Crawls(settings.data_dir / "crawls")
        report = collect(settings)
    assert report.exit_code == -signal.SIGKILL
    assert report.detail == "killed by signal 9; its rows so far are whole"
    assert 0 < report.n_new == len(Store(settings.tables_root).keys("crawled")) < N_DESIGNS


def test_a_killed_command_takes_its_spider_along_and_the_next_one_loses_nothing(tmp_path: Path) -> None:
    is_slow = threading.Event()
    is_slow.set()
    with gallery(tmp_path, lambda path: time.sleep(0.2 if is_slow.is_set() and "/files/" in path else 0)) as running:
        data_dir, env = tmp_path / "var", {"CAD_COPILOT_GALLERY_URL": running.base_url}
        command = subprocess.Popen(
            [str(COMMAND), "collect", "gallery"],
            env=os.environ | env | {"CAD_COPILOT_DATA_DIR": str(data_dir)},
            stderr=subprocess.DEVNULL,
        )
        crawls = Crawls(data_dir / "crawls")
        spiders = wait_for_rows(command, crawls)
        command.send_signal(signal.SIGKILL)
        command.wait()
        assert psutil.wait_procs(spiders, timeout=20)[1] == []
        (killed,) = crawls.of("gallery")
        n_left = killed.rows.read_bytes().count(b"\n")
        assert not killed.is_taken_in
        assert 0 < n_left < N_DESIGNS
        is_slow.clear()
        result = run("collect", "gallery", "--json", data_dir=data_dir, **env)
    (report,) = json.loads(result.stdout)
    assert (report["n_items"], report["n_new"]) == (n_left + N_DESIGNS, N_DESIGNS)
    assert [f.is_taken_in for f in crawls.of("gallery")] == [True, True]
    assert len(Store(data_dir / "tables").keys("crawled")) == N_DESIGNS


def test_ctrl_c_ends_the_spiders_and_takes_in_what_they_have(tmp_path: Path) -> None:
    with gallery(tmp_path, lambda path: time.sleep(0.2 if "/files/" in path else 0)) as running:
        data_dir, crawls = tmp_path / "var", Crawls(tmp_path / "var" / "crawls")
        env = {"CAD_COPILOT_GALLERY_URL": running.base_url, "CAD_COPILOT_DATA_DIR": str(data_dir)}
        command = subprocess.Popen([str(COMMAND), "collect", "gallery"], env=os.environ | env, stderr=subprocess.PIPE)
        spiders = wait_for_rows(command, crawls)
        command.send_signal(signal.SIGINT)
        _, stderr = command.communicate(timeout=60)
    assert command.returncode == ExitCode.INTERRUPTED, stderr
    assert b"Traceback" not in stderr
    assert not any(process.is_running() for process in spiders)
    (folder,) = crawls.of("gallery")
    assert folder.is_taken_in
    assert 0 < len(Store(data_dir / "tables").keys("crawled")) < N_DESIGNS


def wait_for_rows(command: subprocess.Popen[bytes], crawls: Crawls) -> list[psutil.Process]:
    """Until the gallery's rows come in; the processes below the command."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and command.poll() is None:
        if any(f.rows.exists() and f.rows.stat().st_size for f in crawls.of("gallery")):
            return psutil.Process(command.pid).children(recursive=True)
        time.sleep(0.02)
    raise AssertionError("no rows came")


def test_a_damaged_rows_file_gives_what_is_whole_and_the_source_is_asked_again(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    rows = left_crawl(settings, "wikibooks", [a_row(1), a_row(2)])
    first, second = rows.read_bytes().splitlines(keepends=True)
    rows.write_bytes(first + b"{torn in the middle\n" + second)
    crawls = Crawls(tmp_path / "crawls")
    state = CrawlState(crawls.state_file("wikibooks"))
    state.note_done("1", "v", 1)
    state.close()
    taken = take_in(settings, "wikibooks")
    assert (taken.n_rows, taken.n_new) == (1, 1)
    assert "rows.jsonl:2: not a crawled row" in taken.problems[0]
    assert not crawls.state_file("wikibooks").exists()
    assert take_in(settings, "wikibooks").n_rows == 0


def test_a_file_that_holds_other_rows_than_were_counted_is_reported(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    left_crawl(settings, "wikibooks", [a_row(1), a_row(2)], n_counted=3)
    taken = take_in(settings, "wikibooks")
    assert taken.n_new == 2
    assert ["holds 2 rows, but the crawl counted 3" in problem for problem in taken.problems] == [True]


def test_many_rows_are_taken_in_some_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.take_in._BATCH_SIZE", 4)
    settings = Settings(data_dir=tmp_path)
    left_crawl(settings, "wikibooks", [a_row(n) for n in range(10)], n_counted=10)
    assert take_in(settings, "wikibooks").n_new == 10
    manifest = Store(settings.tables_root).manifest("crawled")
    assert manifest is not None
    assert [part.n_rows for part in manifest.parts] == [4, 4, 2]


def test_what_a_site_no_longer_has_is_marked_and_marked_again_when_it_is_back(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    Store(settings.tables_root).append("crawled", [a_row(1)])
    path = Crawls(tmp_path / "crawls").state_file("wikibooks")
    state = CrawlState(path)
    state.note_done("1", "v1", 1)
    state.note_done("2", "v1", 1)
    state.commit()

    def noted() -> list[tuple[str, bool]]:
        state.commit()
        note_vanished(settings, "wikibooks")
        return [(r.source_item_id, r.is_back) for r in Store(settings.tables_root).rows("vanished")]

    assert noted() == []
    state.note_gone("1", "answered 404")
    assert noted() == noted() == [("1", False)]
    state.note_done("1", "v2", 1)
    assert noted() == noted() == [("1", False), ("1", True)]
    state.note_gone("1", "answered 410")
    assert noted() == [("1", False), ("1", True), ("1", False)]
    state.close()
    path.unlink()  # forgotten, so it is neither gone nor back
    state = CrawlState(path)
    assert noted() == [("1", False), ("1", True), ("1", False)]
    state.close()
    assert len(Store(settings.tables_root).rows("crawled")) == 1


def test_a_state_that_cannot_be_read_is_one_line_and_afresh_helps(tmp_path: Path, github: Running) -> None:
    settings = github_settings(tmp_path, github)
    path = Crawls(settings.data_dir / "crawls").state_file("github_repos")
    path.parent.mkdir(parents=True)
    path.write_bytes(b"no database" * 100)
    report = collect(settings)
    assert report.exit_code == ExitCode.STORAGE
    assert "cad-copilot collect github_repos --afresh" in report.detail
    assert collect(settings, CrawlOptions(is_afresh=True)).exit_code == 0


def test_a_second_crawl_of_a_source_waits_for_its_turn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.collect._ENDING_SECONDS", 0.1)
    settings = settings_of(tmp_path, {"openscad_examples": {}})
    with locked(Crawls(settings.data_dir / "crawls").source_lock("openscad_examples")):
        report = collect(settings)
    assert report.exit_code == ExitCode.STORAGE
    assert "still running" in report.detail


def test_rejections_of_many_writers_at_once_are_all_kept(tmp_path: Path) -> None:
    names = [f"source {n}" for n in range(6)]

    def write(name: str) -> None:
        for n in range(3):
            row = RejectedRow(f"{name} {n}", "collect", "not_fetched", None, name)
            replace_rejections(tmp_path, frozenset({"collect"}), [row], source=name)

    threads = [threading.Thread(target=write, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(r.key for r in Store(tmp_path).rows("rejected")) == [f"{name} 2" for name in names]


def test_since_reaches_the_spider(data_dir: Path, tmp_path: Path, github: Running) -> None:
    env = {"CAD_COPILOT_SOURCES_FILE": github_settings(tmp_path, github).sources_file}
    result = run("collect", "--since", "2999-01-01", "--json", data_dir=data_dir, **env)
    (report,) = json.loads(result.stdout)
    assert report["n_items"] == 0
    assert report["n_requests"] > 3, "nothing is so new, but all were looked at"


def test_the_same_place_of_two_sources_or_two_hosts_is_rejected_apart(tmp_path: Path) -> None:
    settings = load_settings({}, data_dir=tmp_path)
    for source, host in (("gitlab", "https://gitlab.com"), ("codeberg", "https://codeberg.org")):
        errors = (
            f"{host}/robots.txt: answered 503",
            f"{host}/p?page=1: cut",
            f"{host}/p?page=2: cut",
            "start: no token",
        )
        stats = RunStats(source, "r", 0, 0, 0, 0, 4, "finished", 3, 1.0, errors=errors)
        reject_unfetched(settings, source, stats)
    loopback = RunStats("gallery", "r", 0, 0, 0, 0, 1, "finished", 3, 1.0, errors=("http://127.0.0.1:4711/p: cut",))
    reject_unfetched(settings, "gallery", loopback)
    rows = Store(settings.tables_root).rows("rejected")
    assert len(rows) == 9
    assert {r.key for r in rows if r.source == "gallery"} == {"gallery: /p"}
    assert {r.detail for r in rows if r.key == "gitlab: gitlab.com/robots.txt"} == {"answered 503"}


def test_who_waits_for_a_lock_can_be_told_to_stop(tmp_path: Path) -> None:
    stop = threading.Event()
    stop.set()
    with locked(tmp_path / "lock"), pytest.raises(LockHeld), locked(tmp_path / "lock", stop=stop):
        pytest.fail("two hold one lock")
