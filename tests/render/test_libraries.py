"""Library resolution, and the fetch over HTTP on loopback from a real repository behind git's own http-backend."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import render.libraries as libraries
import render.library_fetch as library_fetch
from render.libraries import (
    KnownLibrary,
    closure,
    import_targets,
    include_targets,
    known_libraries,
    library_roots,
    library_version,
    missing_libraries,
)
from render.library_fetch import LibraryError, fetch, list_libraries, verify

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def write(path: Path, text: str | bytes = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def best_seconds(call: object, n: int) -> float:
    assert callable(call)
    best = float("inf")
    for _ in range(5):
        started = time.perf_counter()
        for _ in range(n):
            call()
        best = min(best, (time.perf_counter() - started) / n)
    return best


def test_the_pinned_list_is_complete() -> None:
    assert {"BOSL2", "BOSL", "MCAD", "dotSCAD", "NopSCADlib", "threads-scad", "Round-Anything"} <= set(
        known_libraries()
    )
    for known in known_libraries().values():
        assert len(known.commit) == 40
        assert set(known.commit) <= set("0123456789abcdef")
        assert known.url.startswith("https://")
        assert known.licence
        assert known.summary


def test_targets_of_every_form_are_found_and_words_that_only_look_so_are_not() -> None:
    source = "include<a.scad>\nuse  < b.scad >\nmy_use <c>; reuse <d>; if (use <2) cube(1);include <a.scad>"
    assert include_targets(source) == ("a.scad", "b.scad")
    imports = (
        'import("a.stl"); import (convexity=3, file = "b.stl"); surface(file="c.png"); import(name); xsurface("d")'
    )
    assert import_targets(imports) == ("a.stl", "b.stl", "c.png")


@given(st.text(alphabet='include use<>import("file=.scad\n/)', max_size=300))
def test_scanning_takes_any_text(source: str) -> None:
    for target in (*include_targets(source), *import_targets(source)):
        assert target in source


@pytest.mark.parametrize("piece", ["include ", "use <", "import(", 'import(file="', "use<a>", "import( file=", "("])
def test_scanning_a_megabyte_of_openings_is_linear(piece: str) -> None:
    source = piece * ((1 << 20) // len(piece))
    started = time.perf_counter()
    include_targets(source)
    import_targets(source)
    assert time.perf_counter() - started < 2


def test_explicit_folders_come_before_fetched_before_installed(tmp_path: Path) -> None:
    write(tmp_path / "mine" / "BOSL2" / "std.scad")
    write(tmp_path / "data" / "libraries" / "BOSL2" / "std.scad")
    write(tmp_path / "data" / "libraries" / "Other" / "a.scad")
    write(tmp_path / "data" / "libraries" / ".Other.partial-1" / "a.scad")
    installed = library_roots()
    fetched = library_roots(data_dir=tmp_path / "data")
    explicit = library_roots(data_dir=tmp_path / "data", folders=(tmp_path / "mine", tmp_path / "gone"))
    itself = library_roots(folders=(tmp_path / "mine" / "BOSL2",))
    assert fetched["BOSL2"] == tmp_path / "data" / "libraries" / "BOSL2" != installed.get("BOSL2")
    assert explicit["BOSL2"] == itself["BOSL2"] == tmp_path / "mine" / "BOSL2"
    assert set(fetched) == {*installed, "BOSL2", "Other"}


def test_the_closure_follows_includes_and_binary_imports(tmp_path: Path) -> None:
    root = tmp_path / "Nuts"
    write(root / "std.scad", 'include <inner/b.scad>\nimport("mesh.stl"); surface(file="inner/map.png");')
    write(root / "inner" / "b.scad", "use <../c.scad>\nuse <Nuts/d.scad>")
    for name in ("c.scad", "d.scad", "unused.scad"):
        write(root / name)
    write(root / "mesh.stl", b"\0\xff\x80")
    write(root / "inner" / "map.png", b"\x89PNG")
    found = closure(["include <Nuts/std.scad>"], {"Nuts": root})
    assert set(found) == {
        f"Nuts/{n}" for n in ("std.scad", "inner/b.scad", "c.scad", "d.scad", "mesh.stl", "inner/map.png")
    }
    assert found["Nuts/mesh.stl"].data == b"\0\xff\x80"


@pytest.mark.parametrize(
    "target",
    ["../secret.scad", "Nuts/../../secret.scad", "{root}/../secret.scad", "Nuts//../../secret.scad", "/etc/passwd",
     "Nuts/link.scad", "Nuts/linked/secret.scad", "Nuts/loop.scad", "Nuts", "Nuts/", "Nuts/\0", "."],
)  # fmt: skip
def test_no_path_leads_out_of_a_library(tmp_path: Path, target: str) -> None:
    root = tmp_path / "lib" / "Nuts"
    write(root / "std.scad", "include <../../secret.scad>")
    secret = write(tmp_path / "lib" / "secret.scad", "key = 1;")
    write(tmp_path / "secret.scad", "key = 1;")
    (root / "link.scad").symlink_to(secret)
    (root / "linked").symlink_to(tmp_path)
    (root / "loop.scad").symlink_to(root / "loop.scad")
    sources = [f"include <{target.format(root=root)}>", "include <Nuts/std.scad>"]
    assert set(closure(sources, {"Nuts": root})) == {"Nuts/std.scad"}


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path = write(tmp_path / "Nuts" / "std.scad", "a = 1;")
    roots = {"Nuts": tmp_path / "Nuts"}
    first = closure(["use <Nuts/std.scad>"], roots)["Nuts/std.scad"]
    assert closure(["use <Nuts/std.scad>"], roots)["Nuts/std.scad"] is first
    write(path, "a = 22;")
    assert closure(["use <Nuts/std.scad>"], roots)["Nuts/std.scad"].data == b"a = 22;"


def test_what_goes_beyond_the_limits_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "N" / "all.scad", "".join(f"use <{i}.scad>\n" for i in range(10)))
    for i in range(10):
        write(tmp_path / "N" / f"{i}.scad", "x" * 100)
    write(tmp_path / "N" / "big.stl", b"\0" * (libraries.MAX_FILE_BYTES + 1))
    roots = {"N": tmp_path / "N"}
    assert len(closure(["use <N/all.scad>"], roots)) == 11
    assert not closure(['import("N/big.stl");'], roots)
    monkeypatch.setattr(libraries, "MAX_CLOSURE_FILES", 5)
    assert len(closure(["use <N/all.scad>"], roots)) == 5
    monkeypatch.setattr(libraries, "MAX_CLOSURE_BYTES", 350)
    assert len(closure(["use <N/all.scad>"], roots)) == 3


def test_what_is_missing_is_named_with_the_command_that_fetches_it(tmp_path: Path) -> None:
    roots = {"Nuts": write(tmp_path / "Nuts" / "std.scad").parent}
    source = """include <Nuts/std.scad>\ninclude <mine.scad>\nuse <sub/../sub/b.scad>\ninclude <BOSL2/std.scad>
        use <threads.scad>\nuse <gone.scad>\nuse <Nuts/gone.scad>\nuse <Strange/a.scad>\nuse <Strange/b.scad>"""
    assert missing_libraries(source, roots, {"mine.scad": "", "./sub/b.scad": ""}) == (
        "BOSL2: cad-copilot libraries fetch BOSL2",
        "threads.scad: cad-copilot libraries fetch threads-scad",
        "gone.scad",
        "Nuts/gone.scad",
        "Strange",
    )


def test_bare_names_find_the_libraries_that_are_used_so(tmp_path: Path) -> None:
    root = write(tmp_path / "threads-scad" / "threads.scad", "module m() {}").parent
    roots = {"threads-scad": root}
    assert set(closure(["use <threads.scad>"], roots)) == {"threads.scad"}
    assert missing_libraries("use <threads.scad>", roots, ()) == ()


def test_a_version_names_the_content(tmp_path: Path) -> None:
    root = write(tmp_path / "Nuts" / "std.scad", "a = 1;").parent
    other = write(tmp_path / "other" / "Nuts" / "std.scad", "a = 2;").parent
    assert library_version("Nuts", root).startswith("Nuts@sha256:")
    assert library_version("Nuts", root) != library_version("Nuts", other)
    assert library_version("Nuts", tmp_path / "gone") == "Nuts@missing"


def test_resolving_is_cheap() -> None:
    roots = library_roots()
    plain = "difference() { cube([10, 20, 30]); translate([1, 1, 1]) cylinder(r=2, h=40, $fn=48); }\n" * 10
    assert best_seconds(lambda: closure([plain], roots), 200) < 100e-6  # 5 µs alone on a machine
    if "BOSL2" in roots:
        bosl2 = ["include <BOSL2/std.scad>\ncuboid(10);"]
        assert len(closure(bosl2, roots)) > 20
        assert best_seconds(lambda: closure(bosl2, roots), 20) < 5e-3  # 0.3 ms alone


class GitHandler(BaseHTTPRequestHandler):
    """Just enough CGI for `git http-backend`."""

    root: Path
    cut_after: int | None = None

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def _answer(self, body: bytes) -> None:
        path, _, query = self.path.partition("?")
        environment = {
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": str(self.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_CONFIG_NOSYSTEM": "1",
            "HOME": str(self.root),
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
        }
        done = subprocess.run(["git", "http-backend"], input=body, env=environment, capture_output=True, check=False)
        head, _, payload = done.stdout.partition(b"\r\n\r\n")
        headers = [line.split(": ", 1) for line in head.decode().splitlines()]
        self.send_response(next((int(value.split()[0]) for key, value in headers if key == "Status"), 200))
        for key, value in headers:
            if key != "Status":
                self.send_header(key, value)
        self.end_headers()
        self.wfile.write(payload if self.cut_after is None or self.command == "GET" else payload[: self.cut_after])

    def log_message(self, format: str, *args: object) -> None:
        pass


def git(folder: Path, *arguments: str) -> str:
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.org",
        "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.org",
    }  # fmt: skip
    done = subprocess.run(["git", *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    work = tmp_path / "work"
    write(work / "src" / "nuts.scad", 'module nut() {}\nimport("data/hole.stl"); surface("map.png");')
    write(work / "src" / "data" / "hole.stl", b"solid\0\xff")
    write(work / "src" / "map.png", b"\x89PNG")
    write(work / "src" / "photo.png", b"\x89PNG" * 99)
    write(work / "src" / ".hidden.scad")
    write(work / "docs" / "manual.scad")
    write(work / "LICENSE", "MIT")
    write(work / ".gitattributes", "*.scad filter=evil\n")
    (work / "src" / "passwd.scad").symlink_to("/etc/passwd")
    (work / "src" / "etc").symlink_to("/etc")
    git(work, "init", "--quiet")
    git(work, "add", ".")
    git(work, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},src/module")
    git(work, "commit", "--quiet", "-m", "first")
    first = git(work, "rev-parse", "HEAD")
    write(work / "src" / "nuts.scad", "module later() {}")
    git(work, "commit", "--quiet", "-am", "second")
    git(tmp_path, "clone", "--quiet", "--bare", str(work), "nuts.git")
    git(tmp_path / "nuts.git", "config", "uploadpack.allowReachableSHA1InWant", "true")
    write(tmp_path / "first", first)
    return tmp_path / "nuts.git"


@pytest.fixture
def server(repository: Path) -> Iterator[str]:
    handler = type("Handler", (GitHandler,), {"root": repository.parent})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as httpd:
        threading.Thread(target=httpd.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{httpd.server_port}/nuts.git"
        httpd.shutdown()


@pytest.fixture
def pinned(repository: Path, monkeypatch: pytest.MonkeyPatch) -> KnownLibrary:
    known = KnownLibrary(
        "Nuts", "https://example.org/nuts", (repository.parent / "first").read_text(), "MIT", "nuts", "src"
    )
    for module in (libraries, library_fetch):
        monkeypatch.setattr(module, "known_libraries", lambda: {"Nuts": known})
    return known


def repin(monkeypatch: pytest.MonkeyPatch, known: KnownLibrary) -> None:
    monkeypatch.setattr(library_fetch, "known_libraries", lambda: {"Nuts": known})


@needs_git
def test_a_fetch_writes_plain_files_of_the_pinned_commit(tmp_path: Path, server: str, pinned: KnownLibrary) -> None:
    data = tmp_path / "var"
    root = fetch("Nuts", data_dir=data, url=server)
    files = {p.relative_to(root).as_posix() for p in root.rglob("*") if not p.is_dir()}
    assert files == {"nuts.scad", "data/hole.stl", "map.png", "LICENSE", libraries.MANIFEST_NAME}
    assert "module nut()" in (root / "nuts.scad").read_text()
    assert (root / "data" / "hole.stl").read_bytes() == b"solid\0\xff"
    assert not any(p.is_symlink() for p in root.rglob("*"))
    assert verify("Nuts", data_dir=data) == ()
    assert set(closure(["use <Nuts/nuts.scad>"], library_roots(data_dir=data))) == {
        "Nuts/nuts.scad", "Nuts/data/hole.stl", "Nuts/map.png",
    }  # fmt: skip
    assert library_version("Nuts", root) == f"Nuts@{pinned.commit}"
    (status,) = list_libraries(data)
    assert (status.is_fetched, status.path, status.licence) == (True, root, "MIT")
    assert {p.name for p in root.parent.iterdir()} == {"Nuts", ".Nuts.lock"}


@needs_git
def test_a_folder_of_ones_own_is_not_overwritten(tmp_path: Path, server: str, pinned: KnownLibrary) -> None:
    mine = write(tmp_path / "libraries" / "Nuts" / "mine.scad", "a = 1;")
    with pytest.raises(LibraryError, match="of your own"):
        fetch("Nuts", data_dir=tmp_path, url=server)
    assert mine.read_text() == "a = 1;"


@needs_git
def test_a_second_fetch_does_nothing(tmp_path: Path, server: str, pinned: KnownLibrary) -> None:
    root = fetch("Nuts", data_dir=tmp_path / "var", url=server)
    before = (root / "nuts.scad").stat().st_ino
    assert fetch("Nuts", data_dir=tmp_path / "var", url="http://127.0.0.1:9/gone.git") == root
    assert (root / "nuts.scad").stat().st_ino == before


@needs_git
def test_two_fetches_at_once_give_one_sound_library(tmp_path: Path, server: str, pinned: KnownLibrary) -> None:
    errors: list[Exception] = []

    def run() -> None:
        try:
            fetch("Nuts", data_dir=tmp_path / "var", url=server)
        except Exception as error:  # noqa: BLE001 - the test reports it
            errors.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert verify("Nuts", data_dir=tmp_path / "var") == ()


@needs_git
def test_tampering_is_told_and_not_served(tmp_path: Path, server: str, pinned: KnownLibrary) -> None:
    data = tmp_path / "var"
    root = fetch("Nuts", data_dir=data, url=server)
    (root / "nuts.scad").write_text("module evil() {}")
    (root / "map.png").unlink()
    write(root / "new.scad")
    assert verify("Nuts", data_dir=data) == (
        "map.png: changed or gone", "nuts.scad: changed or gone", "new.scad: not part of the library",
    )  # fmt: skip
    roots = library_roots(data_dir=data)
    assert closure(["use <Nuts/nuts.scad>", "use <Nuts/new.scad>"], roots) == {}
    fetch("Nuts", data_dir=data, url=server)  # a file is gone, so it is fetched anew
    assert verify("Nuts", data_dir=data) == ()
    (root / libraries.MANIFEST_NAME).write_text("{}")
    assert verify("Nuts", data_dir=data) != ()
    assert closure(["use <Nuts/nuts.scad>"], roots) == {}


@needs_git
def test_a_wrong_commit_is_refused(
    tmp_path: Path, server: str, pinned: KnownLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    repin(monkeypatch, KnownLibrary("Nuts", pinned.url, "a" * 40, "MIT", "nuts", "src"))
    with pytest.raises(LibraryError, match=r"has no commit aaaa") as raised:
        fetch("Nuts", data_dir=tmp_path / "var", url=server)
    assert "\n" not in str(raised.value)
    assert {p.name for p in (tmp_path / "var" / "libraries").iterdir()} == {".Nuts.lock"}


@needs_git
def test_a_fetch_that_breaks_off_leaves_nothing(
    tmp_path: Path, server: str, pinned: KnownLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(GitHandler, "cut_after", 150)
    with pytest.raises(LibraryError, match="could not be fetched"):
        fetch("Nuts", data_dir=tmp_path / "var", url=server)
    assert {p.name for p in (tmp_path / "var" / "libraries").iterdir()} == {".Nuts.lock"}


@needs_git
@pytest.mark.parametrize("limit", ["TIMEOUT_SECONDS", "MAX_FETCH_BYTES"])
def test_limits_end_a_fetch(
    tmp_path: Path, server: str, pinned: KnownLibrary, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(library_fetch, limit, -1)
    with pytest.raises(LibraryError, match=r"took over|sends more"):
        fetch("Nuts", data_dir=tmp_path / "var", url=server)
    assert {p.name for p in (tmp_path / "var" / "libraries").iterdir()} == {".Nuts.lock"}


@needs_git
def test_an_unreachable_host_is_told_in_one_line(tmp_path: Path, pinned: KnownLibrary) -> None:
    with pytest.raises(LibraryError, match="check the network") as raised:
        fetch("Nuts", data_dir=tmp_path / "var", url="http://127.0.0.1:9/nuts.git")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "url",
    ["ext::sh -c id", "ssh://example.org/a", "git@example.org:a", "https://me:pw@example.org/a", "--upload-pack=id",
     "http://[", ""],
)  # fmt: skip
def test_only_plain_addresses_are_fetched(tmp_path: Path, pinned: KnownLibrary, url: str) -> None:
    if url:
        with pytest.raises(LibraryError, match="address"):
            fetch("Nuts", data_dir=tmp_path / "var", url=url)
    with pytest.raises(LibraryError, match="did you mean Nuts"):
        fetch("Nut", data_dir=tmp_path / "var")
    with pytest.raises(LibraryError, match="was not fetched"):
        verify("Nuts", data_dir=tmp_path / "var")


@needs_git
def test_the_users_git_configuration_does_not_count(
    tmp_path: Path, repository: Path, pinned: KnownLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooks = write(tmp_path / "hooks" / "post-checkout", "#!/bin/sh\ntouch ran\n").parent
    config = f'[core]\n hooksPath = {hooks}\n[url "http://127.0.0.1:9/"]\n insteadOf = file://\n'
    write(tmp_path / "gitconfig", config)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    root = fetch("Nuts", data_dir=tmp_path / "var", url=f"file://{repository}")
    assert "module nut()" in (root / "nuts.scad").read_text()
    assert json.loads((root / libraries.MANIFEST_NAME).read_text())["commit"] == pinned.commit
