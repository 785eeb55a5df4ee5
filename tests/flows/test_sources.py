"""Which sources are on, why the others are not, and what `cad-copilot sources` tells of each."""

from __future__ import annotations

import inspect
import json
import re
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest
import yaml
from command import one_line, run

from corpus.schema import CrawledRow, Provenance, VanishedRow
from corpus.store import Store
from flows.crawl_folders import CrawlReport, Crawls
from flows.demo import offline_unless_chosen
from flows.exit_codes import ExitCode
from flows.locks import locked
from flows.settings import TOKEN_NAMES, Settings, SettingsError, load_settings
from flows.sources import SourceOff, SourceStatus, choose_sources, failures, summary_line, survey
from spiders.items import License, Listing, build_row
from spiders.known import KNOWN_SPIDERS
from spiders.rows import RunStats, write_stats
from spiders.sources import SourcesError

ENTRIES = {
    "gallery": {"enabled": True},
    "bosl2": {"enabled": True},
    "local": {"enabled": True},
    "openscad_org": {"enabled": True},
    "github_search": {"enabled": True},
    "cults3d": {"enabled": True},
    "wikibooks": {},
    "thingiverse": {},
}


@pytest.fixture(autouse=True)
def no_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in TOKEN_NAMES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return with_entries(Settings(data_dir=tmp_path / "var"), tmp_path, ENTRIES)


def with_entries(settings: Settings, folder: Path, entries: object) -> Settings:
    path = folder / "sources.yaml"
    path.write_text(yaml.safe_dump({"sources": entries}, sort_keys=False))
    return replace(settings, sources_file=str(path))


def names(settings: Settings) -> list[str]:
    return [source.name for source in choose_sources(settings)]


def why(settings: Settings) -> dict[str, str]:
    return {status.name: status.why for status in survey(settings)}


def a_row(number: int, spider: str, spdx: str) -> CrawledRow:
    return build_row(
        source="site",
        source_item_id=str(number),
        path="a.scad",
        decoded=None,
        listing=Listing(license=License(spdx=spdx)),
        provenance=Provenance(f"spiders.{spider}", "1", "run"),
        fetched_at="2026-01-01T00:00:00+00:00",
    )


def a_run(settings: Settings, source: str, exit_code: int, detail: str, *, is_reported: bool = True) -> None:
    folder = Crawls(settings.data_dir / "crawls").new(source)
    quotas = {"github-core": (4900, 5000)}
    stats = RunStats(source, "run", 7, 0, 9, 0, 0, "finished", exit_code, 1.5, quotas=quotas)
    write_stats(stats, folder.stats_file)
    if is_reported:
        folder.write_report(CrawlReport(source, 7, 7, exit_code, detail, 1.5))


def test_by_default_those_run_that_are_enabled_and_that_can(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert names(settings) == ["gallery", "bosl2"]
    contacted = replace(settings, contact="ada@example.org")
    assert names(contacted) == ["gallery", "bosl2", "openscad_org"]
    monkeypatch.setenv("GITHUB_TOKEN", "a-secret")
    monkeypatch.setenv("CULTS3D_USERNAME", "ada")
    assert names(contacted) == ["gallery", "bosl2", "openscad_org", "github_search"]
    assert names(replace(contacted, local_path="designs")) == [
        *("gallery", "bosl2", "local", "openscad_org", "github_search"),
    ]


def test_each_that_is_off_says_what_to_do(settings: Settings) -> None:
    assert why(settings) == {
        **dict.fromkeys(KNOWN_SPIDERS, "off: enabled: false in sources.yaml"),
        "gallery": "on",
        "bosl2": "on",
        "local": "off: set CAD_COPILOT_LOCAL_PATH",
        "openscad_org": "off: set CAD_COPILOT_CONTACT (whom a site may write to)",
        "github_search": "off: set GITHUB_TOKEN and CAD_COPILOT_CONTACT (whom a site may write to)",
        "cults3d": "off: set CULTS3D_USERNAME, CULTS3D_API_KEY and CAD_COPILOT_CONTACT (whom a site may write to)",
    }
    assert why(replace(settings, contact="me"))["github_search"] == "off: set GITHUB_TOKEN"
    named = replace(settings, sources=("bosl2",))
    assert (why(named)["bosl2"], why(named)["gallery"]) == ("on", "off: not in CAD_COPILOT_SOURCES")


def test_a_named_source_runs_though_the_file_does_not_enable_it(settings: Settings) -> None:
    assert names(replace(settings, sources=("wikibooks", "gallery", "wikibooks"), contact="me")) == [
        *("wikibooks", "gallery"),
    ]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("wikibooks", "wikibooks can't run: set CAD_COPILOT_CONTACT"),
        ("local", "local can't run: set CAD_COPILOT_LOCAL_PATH"),
        ("cults3d", "cults3d can't run: set CULTS3D_USERNAME, CULTS3D_API_KEY and CAD_COPILOT_CONTACT"),
        ("thingiverse", "thingiverse is off until you opt in: set enabled: true for it in sources.yaml"),
    ],
)
def test_a_named_source_that_cannot_run_is_an_error_that_says_why(
    settings: Settings, source: str, message: str
) -> None:
    with pytest.raises(SourceOff, match=message):
        choose_sources(replace(settings, sources=(source,)))


def test_thingiverse_takes_both_an_opt_in_and_a_token(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = replace(settings, sources=("thingiverse",), contact="me")
    monkeypatch.setenv("THINGIVERSE_TOKEN", "a-secret")
    with pytest.raises(SourceOff, match="opt in"):
        choose_sources(named)
    opted_in = with_entries(named, tmp_path, {"thingiverse": {"enabled": True}})
    assert names(opted_in) == names(replace(opted_in, sources=())) == ["thingiverse"]
    monkeypatch.delenv("THINGIVERSE_TOKEN")
    with pytest.raises(SourceOff, match="set THINGIVERSE_TOKEN"):
        choose_sources(opted_in)
    assert names(replace(opted_in, sources=())) == []


def test_only_a_foreign_site_needs_a_contact(settings: Settings, tmp_path: Path) -> None:
    assert why(replace(settings, gallery_url="http://127.0.0.1:8080/"))["gallery"] == "on"
    assert "CONTACT" in why(replace(settings, gallery_url="https://example.org/"))["gallery"]
    entries = {"wikibooks": {"enabled": True, "options": {"base_url": "http://localhost:1/w/api.php"}}}
    assert why(with_entries(settings, tmp_path, entries))["wikibooks"] == "on"


def test_a_file_that_cannot_be_used_is_named(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(SourcesError, match="did you mean gallery"):
        choose_sources(with_entries(settings, tmp_path, {"galery": {}}))


def test_the_demo_needs_no_network_whatever_the_file_says(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAD_COPILOT_SOURCES", "")
    monkeypatch.setenv("CAD_COPILOT_SOURCES_FILE", settings.sources_file)
    monkeypatch.setenv("CAD_COPILOT_CONTACT", "me")
    monkeypatch.setenv("CAD_COPILOT_DATA_DIR", str(settings.data_dir))
    assert "openscad_org" in names(load_settings())
    assert names(offline_unless_chosen(load_settings())) == ["gallery", "bosl2", "openscad_examples"]
    assert names(load_settings()) == ["gallery", "bosl2", "openscad_examples"], "the flows read it again"
    monkeypatch.setenv("CAD_COPILOT_SOURCES", "bosl2")
    assert names(offline_unless_chosen(load_settings())) == ["bosl2"]


def test_an_unknown_source_names_the_known(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"no source thingyverse; known: .*thingiverse"):
        load_settings({}, sources=("thingyverse",))


def test_the_survey_counts_records_licences_and_what_is_gone(settings: Settings) -> None:
    store = Store(settings.tables_root)
    rows = [a_row(1, "wikibooks", "CC0-1.0"), a_row(2, "wikibooks", "MIT"), a_row(3, "wikibooks", "MIT")]
    store.append("crawled", [*rows, a_row(4, "gallery", "MIT")])
    store.append("crawled", [a_row(1, "wikibooks", "CC-BY-4.0")])  # the same record under another licence
    gone = [("a", 1, False), ("b", 1, False), ("b", 2, True)]
    store.append("vanished", [VanishedRow("wikibooks", i, f"2026-01-0{n}", back, "404") for i, n, back in gone])
    status = {s.name: s for s in survey(settings)}
    assert (status["wikibooks"].n_records, status["wikibooks"].n_vanished) == (3, 1)
    assert list(status["wikibooks"].licenses.items()) == [("MIT", 2), ("CC-BY-4.0", 1)]
    assert (status["gallery"].n_records, status["gallery"].n_vanished) == (1, 0)
    assert status["bosl2"] == SourceStatus("bosl2", True, "on")


def test_the_survey_tells_the_last_run_and_the_quota(settings: Settings) -> None:
    a_run(settings, "gallery", 0, "7 designs")
    a_run(settings, "gallery", 3, "nothing got: refused")
    a_run(settings, "bosl2", 0, "", is_reported=False)
    crawls = Crawls(settings.data_dir / "crawls")
    crawls.new("local")
    status = {s.name: s for s in survey(settings)}
    run_of = {name: s.last_run for name, s in status.items() if s.last_run}
    assert {n: r.outcome for n, r in run_of.items()} == {
        "gallery": "the site did not answer",
        "bosl2": "done",
        "local": "killed",
    }
    assert (run_of["gallery"].exit_code, run_of["gallery"].n_rows, run_of["gallery"].seconds) == (3, 7, 1.5)
    assert run_of["gallery"].started_at.startswith("20")
    assert status["gallery"].quotas == {"github-core": (4900, 5000)}
    assert failures(settings) == ["gallery: the site did not answer (nothing got: refused)"]
    assert failures(replace(settings, sources=("bosl2",))) == []
    with locked(crawls.source_lock("local")):
        assert {s.name: s for s in survey(settings)}["local"].last_run == replace(run_of["local"], outcome="running")


def test_the_last_line_sums_up(settings: Settings) -> None:
    n_known = len(KNOWN_SPIDERS)
    assert summary_line(survey(settings)) == (
        f"2 of {n_known} sources are on; {n_known - 6} are not enabled in sources.yaml; 3 need CAD_COPILOT_CONTACT; "
        "1 needs CAD_COPILOT_LOCAL_PATH"
    )


def test_the_command_shows_each_source_and_no_secret(settings: Settings, data_dir: Path) -> None:
    env = {"CAD_COPILOT_SOURCES_FILE": settings.sources_file, "GITHUB_TOKEN": "not-to-be-shown"}
    plain, as_json = run("sources", data_dir=data_dir, **env), run("sources", "--json", data_dir=data_dir, **env)
    assert plain.returncode == as_json.returncode == ExitCode.OK
    lines = plain.stdout.splitlines()
    assert [line.split()[0] for line in lines[1:-1]] == [s["name"] for s in json.loads(as_json.stdout)]
    assert re.search(r"github_search +off: set CAD_COPILOT_CONTACT .* GITHUB_TOKEN set ", plain.stdout)
    assert "HF_TOKEN not set" in plain.stdout
    assert lines[-1].startswith("2 of ")
    assert {s["name"]: s["tokens"] for s in json.loads(as_json.stdout)}["github_search"] == {"GITHUB_TOKEN": True}
    assert "not-to-be-shown" not in plain.stdout + plain.stderr + as_json.stdout + as_json.stderr


def test_a_collect_that_cannot_be_is_one_line(settings: Settings, data_dir: Path) -> None:
    env = {"CAD_COPILOT_SOURCES_FILE": settings.sources_file}
    for arguments, message in (
        (("thingiverse",), "opt in"),
        (("gallery", "--since", "2026-01-01"), "the designs of gallery carry no dates"),
        (("--since", "yesterday"), "give a day as YYYY-MM-DD"),
    ):
        result = run("collect", *arguments, data_dir=data_dir, **env)
        assert result.returncode == ExitCode.USAGE
        assert message in one_line(result)
    assert not (data_dir / "crawls").exists()


@pytest.mark.parametrize("name", KNOWN_SPIDERS)
def test_a_spider_has_dates_if_it_takes_since(name: str) -> None:
    module, _, class_name = KNOWN_SPIDERS[name].target.partition(":")
    parameters = inspect.signature(getattr(import_module(module), class_name).__init__).parameters
    assert KNOWN_SPIDERS[name].has_dates is ("since" in parameters)
