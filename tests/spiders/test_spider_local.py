"""The spiders that read this machine's files: a folder, a git checkout, BOSL2, OpenSCAD's examples."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from corpus.schema import CrawledRow, RepoInfo
from spiders.folder import Folder, git_info, remote_name
from spiders.rows import read_rows, read_stats
from spiders.sites.bosl2 import Bosl2Spider
from spiders.sites.local import LocalSpider
from spiders.sites.openscad_examples import OpenscadExamplesSpider

MIT = "MIT License\n\nPermission is hereby granted, free of charge, to any person obtaining a copy of this software"


def write(root: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return root


def git(root: Path, *words: str) -> str:
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=main"]
    done = subprocess.run(["git", *identity, "-C", str(root), *words], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def by_path(spider: LocalSpider) -> dict[str, CrawledRow]:
    return {row.path or "": row for row in spider.rows()}


@pytest.fixture
def parts(tmp_path: Path) -> Path:
    return write(
        tmp_path / "parts",
        {
            "LICENSE": MIT,
            "README.md": "# My parts\n\nThings I printed.\n",
            "hook/README.md": "# Coat hook\n\nHolds a coat up to 5 kg.\n",
            "hook/hook.SCAD": "include <../lib/round.scad>\nwidth = 20; // [5:50]\nround_box(width);\n",
            "lib/round.scad": "use <deep/edge.scad>\nmodule round_box(w) { cube(w); }\n",
            "lib/deep/edge.scad": "// SPDX-License-Identifier: CC-BY-SA-4.0\nmodule edge() {}\n",
            "box.scad": "// Small box\n// Keeps screws together.\ncube(10);\n",
            "old.scad": "// H\xf6he\ncube(2);\n".encode("latin-1"),
            "scan.scad": b"solid\x00\x00",
            "huge.scad": "cube(1);\n" * 200_000,
            ".hidden/secret.scad": "cube(9);\n",
            "notes.txt": "not a design",
        },
    )


def test_every_scad_of_a_folder_becomes_a_row_with_the_nearest_words_and_licence(parts: Path) -> None:
    spider = LocalSpider(folder=str(parts))
    rows = by_path(spider)
    assert set(rows) == {
        "box.scad", "hook/hook.SCAD", "huge.scad", "lib/deep/edge.scad", "lib/round.scad", "old.scad", "scan.scad",
    }  # fmt: skip
    hook, box = rows["hook/hook.SCAD"], rows["box.scad"]
    assert (hook.title, hook.description, hook.description_kind) == ("Coat hook", "Holds a coat up to 5 kg.", "readme")
    assert (box.title, box.description, box.description_kind) == ("Small box", "Keeps screws together.", "doc_comment")
    assert (hook.license_spdx, hook.license_scope, hook.license_confidence) == ("MIT", "directory", "detected")
    edge = rows["lib/deep/edge.scad"]
    assert (edge.license_spdx, edge.license_scope, edge.license_confidence) == ("CC-BY-SA-4.0", "file", "declared")
    assert (hook.is_customizable, box.is_customizable) == (True, False)
    assert rows["old.scad"].transformations[0] == "decoded latin-1"
    assert hook.repo is None
    assert str(parts) not in repr(rows)


def test_companions_are_the_whole_closure_inside_the_folder(parts: Path) -> None:
    hook = by_path(LocalSpider(folder=str(parts)))["hook/hook.SCAD"]
    assert [(c.path, c.text.split()[0]) for c in hook.companions] == [
        ("../lib/deep/edge.scad", "//"),
        ("../lib/round.scad", "use"),
    ]
    assert [(include.kind, include.target) for include in hook.includes] == [("include", "../lib/round.scad")]


def test_binary_and_huge_sources_are_rows_without_text_and_with_a_reason(parts: Path) -> None:
    spider = LocalSpider(folder=str(parts))
    rows = by_path(spider)
    assert {path for path, row in rows.items() if row.scad is None} == {"huge.scad", "scan.scad"}
    assert spider.problems == ["huge.scad: larger than 1048576 bytes", "scan.scad: binary, not OpenSCAD text"]


def test_a_file_name_that_is_not_utf_8_costs_no_row(tmp_path: Path) -> None:
    root = write(tmp_path / "odd", {"a.scad": "cube(1);\n"})
    (root / b"h\xf6he.scad".decode("utf-8", "surrogateescape")).write_text("cube(2);\n", "utf-8")
    done = run("local", tmp_path, "-a", f"folder={root}")
    assert done.returncode == 0, done.stderr
    assert [row.path for row in read_rows(tmp_path / "rows.jsonl")] == ["a.scad", "h?he.scad"]


def test_nothing_outside_the_folder_is_read(tmp_path: Path) -> None:
    write(tmp_path, {"outside/secret.scad": "cube(9);\n", "inside/a.scad": "include <../outside/secret.scad>\n"})
    inside = tmp_path / "inside"
    (inside / "link.scad").symlink_to(tmp_path / "outside" / "secret.scad")
    (inside / "folder").symlink_to(tmp_path / "outside")
    (inside / "b.scad").write_text("include <link.scad>\ninclude <folder/secret.scad>\n", "utf-8")
    (inside / "README.md").symlink_to(tmp_path / "outside" / "secret.scad")
    designs = list(Folder(inside).designs())
    assert [design.path for design in designs] == ["a.scad", "b.scad"]
    assert all(design.companions == () and design.readme is None for design in designs)


def test_a_checkout_records_commit_and_remote_without_the_token(parts: Path) -> None:
    git(parts, "init")
    git(parts, "add", ".")
    git(parts, "commit", "-m", "parts")
    git(parts, "remote", "add", "origin", "https://ada:token123@github.com/ada/parts.git")
    commit = git(parts, "rev-parse", "HEAD")
    row = by_path(LocalSpider(folder=str(parts)))["box.scad"]
    assert row.repo == RepoInfo(host="github.com", full_name="ada/parts", commit=commit)
    assert (row.source_item_id, row.source_url) == ("github.com/ada/parts", "https://github.com/ada/parts")
    assert (row.license_spdx, row.license_scope) == ("MIT", "repo")
    assert "token123" not in repr(row)


def test_a_checkouts_own_configuration_runs_nothing(tmp_path: Path) -> None:
    root = write(tmp_path / "evil", {"a.scad": "cube(1);\n"})
    git(root, "init")
    git(root, "add", ".")
    git(root, "commit", "-m", "a")
    trap = write(tmp_path, {"trap.sh": f"#!/bin/sh\ntouch {tmp_path}/sprung\n"}) / "trap.sh"
    trap.chmod(0o755)
    for key in ("core.fsmonitor", "core.sshCommand", "core.pager", "diff.external"):
        git(root, "config", key, str(trap))
    assert git_info(root) is not None
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("git@github.com:o/r.git", ("github.com", "o/r")),
        ("https://user:secret@GitLab.com/g/sub/r.git", ("gitlab.com", "g/sub/r")),
        ("ssh://git@codeberg.org:22/o/r", ("codeberg.org", "o/r")),
        ("/srv/git/r.git", ("local", "r")),
        ("file:///srv/git/r.git", ("local", "r")),
    ],
)
def test_a_remote_is_named_by_host_and_path(url: str, name: tuple[str, str]) -> None:
    assert remote_name(url) == name


def run(spider: str, out: Path, *more: str) -> subprocess.CompletedProcess[str]:
    files = ["--output", str(out / "rows.jsonl"), "--stats", str(out / "stats.json")]
    command = [sys.executable, "-m", "spiders.run", spider, *files, *more]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_the_local_spider_writes_the_rows_it_reads_and_makes_no_request(parts: Path, tmp_path: Path) -> None:
    done = run("local", tmp_path, "-a", f"folder={parts}", "-a", "item_name=my-parts")
    assert done.returncode == 0, done.stderr
    rows = list(read_rows(tmp_path / "rows.jsonl"))
    expected = by_path(LocalSpider(folder=str(parts), item_name="my-parts"))
    assert {row.path: (row.record_id, row.sha256, row.scad) for row in rows} == {
        path: (row.record_id, row.sha256, row.scad) for path, row in expected.items()
    }
    stats = read_stats(tmp_path / "stats.json")
    assert (stats.n_items, stats.n_requests, stats.status_counts) == (7, 0, {})


def test_bosl2_rows_are_bsd_2_and_tell_what_was_prepended() -> None:
    rows = list(Bosl2Spider(limit=320).rows())
    assert (
        len(rows) == len({row.record_id for row in rows}) == len({row.provenance.discovered_via for row in rows}) == 320
    )
    for row in rows:
        assert row.scad is not None
        assert row.scad.startswith("include <BOSL2/std.scad>\n")
        assert row.transformations[0] == "prepended include <BOSL2/std.scad>"
        assert (row.license_spdx, row.license_scope, row.license_confidence) == (
            "BSD-2-Clause",
            "directory",
            "declared",
        )
        assert row.description
        assert row.description_kind == "doc_comment"
    assert [row.record_id for row in rows[:40]] == [row.record_id for row in Bosl2Spider(limit="40").rows()]


def test_a_limited_bosl2_run_ends_with_exactly_its_rows(tmp_path: Path) -> None:
    done = run("bosl2", tmp_path, "--limit", "25")
    assert done.returncode == 0, done.stderr
    assert len(list(read_rows(tmp_path / "rows.jsonl"))) == 25


def test_missing_openscad_examples_are_said_and_no_error(tmp_path: Path) -> None:
    done = run("openscad_examples", tmp_path, "-a", f"folder={tmp_path / 'nowhere'}")
    assert (done.returncode, done.stderr.count("\n")) == (0, 1)
    assert "0 rows" in done.stderr
    assert "install Debian's package" in done.stderr
    assert list(read_rows(tmp_path / "rows.jsonl")) == []


def test_openscad_examples_are_cc0_by_their_notice_or_by_assumption(tmp_path: Path) -> None:
    notice = "// To the extent possible under law\n// https://creativecommons.org/publicdomain/zero/1.0/\n"
    root = write(tmp_path / "examples", {"Basics/logo.scad": f"cube(1);\n{notice}", "Old/old.scad": "cube(2);\n"})
    rows = by_path(OpenscadExamplesSpider(folder=str(root)))
    assert {row.license_spdx for row in rows.values()} == {"CC0-1.0"}
    assert rows["Basics/logo.scad"].license_scope == "file"
    assert rows["Old/old.scad"].license_confidence == "assumed"
