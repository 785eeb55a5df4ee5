"""The thingiverse spider against a replayed Thingiverse: one night, whole and right, and its refusals."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from spiders.seeds import Seed, SeedFile
from tests.replay.things import LICENSES
from tests.spiders.thingiverse_nights import (
    TOKEN,
    asked_paths,
    assert_exact,
    night,
    site_of,
    special,
)


@pytest.fixture(autouse=True)
def _token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THINGIVERSE_TOKEN", TOKEN)


def test_the_first_night_finds_every_planted_design_once_and_right(tmp_path: Path) -> None:
    site = site_of()
    found = night(site, tmp_path)
    assert_exact(site.planted(), found.rows)
    for row in found.rows:
        assert row.source_url == f"https://www.thingiverse.com/thing:{row.source_item_id}"
        assert row.license_scope == ("item" if row.license_raw else None)
        assert row.created_at is not None
        assert row.provenance.discovered_via in ("search", "tag")
        assert row.provenance.query in ("openscad", "parametric box", "customizer")
        assert (row.provenance.page or 0) >= 1
        assert row.scad is None or (row.provenance.http_status, row.includes is not None) == (200, True)


def test_each_thing_is_asked_for_once_and_only_open_sources_are_downloaded(tmp_path: Path) -> None:
    site = site_of()
    paths = asked_paths(night(site, tmp_path))
    assert {path: n for path, n in paths.items() if n > 1 and not path.startswith(("/search/", "/tags/"))} == {}
    downloads = {path for path in paths if path.startswith("/files/")}
    open_files = {
        f"/files/{file.file_id}/download"
        for thing in site.things.values()
        for file in thing.files
        if file.name.lower().endswith(".scad") and thing.license in LICENSES
    }
    assert downloads <= open_files
    assert len(downloads) > 20


def test_the_token_goes_to_the_api_and_never_to_the_cdn_or_into_a_url(tmp_path: Path) -> None:
    site = site_of()
    found = night(site, tmp_path)
    by_host = Counter((urlsplit(a.url).netloc, a.headers.get("Authorization")) for a in found.asked)
    assert set(by_host) == {("127.0.0.1:1", f"Bearer {TOKEN}"), ("127.0.0.1:2", None)}
    assert not [asked.url for asked in found.asked if "SECRET" in asked.url]
    assert TOKEN not in repr(found.rows) + repr(found.problems)
    assert TOKEN.encode() not in b"".join(path.read_bytes() for path in tmp_path.iterdir())


def test_a_source_carries_the_files_beside_it_that_it_includes(tmp_path: Path) -> None:
    site = site_of()
    thing = special(site, "with_companion")
    rows = {r.path: r for r in night(site, tmp_path).rows if r.source_item_id == str(thing.thing_id)}
    assert [c.path for c in rows["main.scad"].companions] == ["lib.scad"]
    assert rows["main.scad"].companions[0].text.startswith("module lib_box")
    assert rows["lib.scad"].companions == ()


def test_a_remix_names_its_ancestors_whether_told_at_once_or_asked_for(tmp_path: Path) -> None:
    site = site_of()
    rows = {row.source_item_id: row for row in night(site, tmp_path).rows}
    at_once = rows[str(special(site, "remix_told_at_once").thing_id)]
    assert (at_once.is_remix, at_once.ancestors) == (True, ("https://www.thingiverse.com/thing:42",))
    lost = rows[str(special(site, "remix_of_the_lost").thing_id)]
    assert (lost.is_remix, lost.ancestors, lost.scad is not None) == (True, (), True)
    asked = [t for t in site.things.values() if t.ancestors and str(t.thing_id) in rows]
    named = [rows[str(t.thing_id)] for t in asked if rows[str(t.thing_id)].scad]
    assert named
    assert all("https://www.thingiverse.com/thing:999000" in row.ancestors for row in named)


def test_flags_are_kept_and_what_is_not_safe_for_work_is_not_downloaded(tmp_path: Path) -> None:
    site = site_of()
    found = night(site, tmp_path)
    rows = {row.source_item_id: row for row in found.rows}
    nsfw = rows[str(special(site, "nsfw").thing_id)]
    assert (nsfw.is_nsfw, nsfw.scad) == (True, None)
    odd = rows[str(special(site, "odd_types").thing_id)]
    assert (odd.is_ai, odd.is_customizable) == (True, True)
    assert rows[str(special(site, "bare").thing_id)].is_ai is None
    assert any("not safe for work" in problem for problem in found.problems)


@pytest.mark.parametrize(
    ("ending", "problem"),
    [
        ("-revoked", "the credentials are not accepted"),
        ("-robots", "the site's terms forbid robots"),
        ("-challenge-200", "the site challenges robots"),
        ("-challenge-403", "the site challenges robots"),
    ],
)
def test_a_refusal_ends_the_crawl_at_the_first_answer(
    ending: str, problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THINGIVERSE_TOKEN", TOKEN + ending)
    found = night(site_of(), tmp_path)
    assert (found.reason, len(found.asked), found.rows) == ("terms_block", 1, [])
    assert any(problem in line for line in found.problems)


def test_seeds_are_taken_and_lead_nowhere_else(tmp_path: Path) -> None:
    site = site_of()
    thing = special(site, "crlf")
    seeds = SeedFile(tmp_path / "seeds.jsonl")
    for url in (f"https://www.thingiverse.com/thing:{thing.thing_id}", "https://www.thingiverse.com/u1/designs"):
        seeds.add(Seed(url, "Seeded", "https://files.example/gallery.jsonp"))
    seeds.add(Seed("https://github.com/o/thing:5", None, "x"))
    found = night(site, tmp_path, terms="", tags="", seeds="true", seed_file=seeds)
    assert [row.source_item_id for row in found.rows] == [str(thing.thing_id)]
    assert found.rows[0].provenance.discovered_via == "https://files.example/gallery.jsonp"
    assert sorted(asked_paths(found)) == sorted(
        [
            f"/things/{thing.thing_id}",
            f"/things/{thing.thing_id}/files",
            f"/files/{thing.files[0].file_id}/download",
            f"/assets/{thing.files[0].file_id}/part.scad",
        ]
    )


def test_a_licence_filter_makes_a_walk_of_each_licence(tmp_path: Path) -> None:
    found = night(site_of(), tmp_path, terms="openscad", tags="", licenses=["cc-sa", "pd0"])
    codes = {m[1] for asked in found.asked if (m := re.search(r"license=([\w-]+)", asked.url))}
    assert codes == {"cc-sa", "pd0"}
