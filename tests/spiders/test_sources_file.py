"""sources.yaml: the shipped file fits the spiders, and a wrong one is refused in one line."""

from __future__ import annotations

import inspect
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from corpus.licenses import DEFAULT_ALLOWED
from spiders.known import KNOWN_SPIDERS
from spiders.sources import SHIPPED_SOURCES, SourcesError, load_sources


def spider_class(name: str) -> Any:
    module, _, class_name = KNOWN_SPIDERS[name].target.partition(":")
    return getattr(import_module(module), class_name)


def test_the_shipped_file_names_every_spider_and_the_network_stays_out_of_reach_without_a_contact() -> None:
    shipped = load_sources()
    assert shipped.path == SHIPPED_SOURCES
    assert set(shipped.sources) == set(KNOWN_SPIDERS)
    assert shipped.licenses_allowed == DEFAULT_ALLOWED
    assert not shipped.source("thingiverse").is_enabled, "off until opted in"
    assert all(KNOWN_SPIDERS[name].name == name for name in KNOWN_SPIDERS)


@pytest.mark.parametrize("name", sorted(KNOWN_SPIDERS))
def test_the_shipped_options_are_arguments_that_the_spider_takes(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for token in KNOWN_SPIDERS[name].tokens:
        monkeypatch.setenv(token, "t")
    needed = {"local": {"folder": str(tmp_path)}, "gallery": {"base_url": "http://localhost/"}}
    spider = spider_class(name)(**load_sources().source(name).options, **needed.get(name, {}))
    assert spider.name == name
    assert bool([url for url in spider.base_urls() if "localhost" not in url]) == (
        KNOWN_SPIDERS[name].is_remote and name != "gallery"
    )


def test_every_named_repository_is_an_owner_and_a_name() -> None:
    repos = load_sources().source("github_repos").options["repos"]
    names = [repo if isinstance(repo, str) else repo["name"] for repo in repos]
    assert len(names) == len(set(names)) >= 10
    assert all(name.count("/") == 1 for name in names)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sources: {githb_repos: {}}", "did you mean github_repos?"),
        ("sources: {gitlab: {enabeld: true}}", "did you mean enabled?"),
        ("sources: {gitlab: {enabled: often}}", "it must be true or false"),
        ("sources: {gitlab: {limit: 0}}", "positive number"),
        ("sources: {gitlab: {options: [a]}}", "gitlab: options must be"),
        ("sources: []", "`sources` must be"),
        ("licenses_allowed: 7\nsources: {}", "`open` or a list of SPDX ids"),
        ("a: b: c", "is not YAML"),
        ("", "the file must be"),
    ],
)
def test_a_wrong_file_is_refused_in_one_line_that_names_the_place(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(SourcesError) as refused:
        load_sources(path)
    assert str(path) in str(refused.value)
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_missing_file_names_the_setting() -> None:
    with pytest.raises(SourcesError, match="CAD_COPILOT_SOURCES_FILE"):
        load_sources(Path("/nowhere/sources.yaml"))


def test_a_source_left_out_is_off_and_licences_can_be_few(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("licenses_allowed: [CC0-1.0]\nsources: {gitlab: {enabled: true, limit: 5}}\n")
    mine = load_sources(path)
    assert mine.licenses_allowed == {"CC0-1.0"}
    assert (mine.source("gitlab").is_enabled, mine.source("gitlab").limit) == (True, 5)
    assert not mine.source("github_repos").is_enabled


def run(*arguments: str, out: Path) -> subprocess.CompletedProcess[str]:
    files = ["--output", str(out / "rows.jsonl"), "--stats", str(out / "stats.json")]
    command = [sys.executable, "-m", "spiders.run", *arguments, *files]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["github_repos"], "say who crawls it with --contact"),
        (["github_repos", "--contact", "me@example.org", "--clock-speed", "9"], "replayed on this machine"),
        (["bosl2", "--since", "2026-01-01"], "carry no dates"),
        (["github_repos", "--since", "yesterday"], "not a date such as"),
        (["thingiverse"], "THINGIVERSE_TOKEN"),
    ],
)
def test_what_a_foreign_site_or_a_source_without_dates_needs_is_said_before_anything_is_asked(
    arguments: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("THINGIVERSE_TOKEN", raising=False)
    done = run(*arguments, out=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert words in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_option_that_the_spider_does_not_take_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("sources: {bosl2: {options: {depth: 3}}}\n")
    done = run("bosl2", "--sources", str(path), out=tmp_path / "out")
    assert done.returncode == 2
    assert str(path) in done.stderr
    assert "'depth'" in done.stderr


def test_options_of_the_file_reach_the_spider_and_an_argument_wins(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("sources: {bosl2: {limit: 3}}\n")
    assert "3 rows" in run("bosl2", "--sources", str(path), out=tmp_path / "a").stderr
    assert "2 rows" in run("bosl2", "--sources", str(path), "--limit", "2", out=tmp_path / "b").stderr


def test_no_spider_reads_another_sites_token() -> None:
    names = {token for known in KNOWN_SPIDERS.values() for token in known.tokens}
    for name, known in KNOWN_SPIDERS.items():
        source = inspect.getsource(sys.modules[spider_class(name).__module__])
        assert {token for token in names if f'"{token}"' in source} <= set(known.tokens), name
