"""Untrusted tarballs: what is taken, what is left, and what stops the reading."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spiders import archive
from spiders.archive import ArchiveError, unpacked

TOP = "o-r-abc1234"


def plain_tar(files: dict[str, bytes], links: dict[str, tuple[bytes, str]] | None = None) -> bytes:
    body = io.BytesIO()
    with tarfile.open(fileobj=body, mode="w", format=tarfile.PAX_FORMAT, pax_headers={"comment": "c"}) as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
        for name, (kind, target) in (links or {}).items():
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, target
            tar.addfile(member)
    return body.getvalue()


def packed(files: dict[str, bytes], links: dict[str, tuple[bytes, str]] | None = None) -> bytes:
    return gzip.compress(plain_tar(files, links))


def names(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if not path.is_dir()}


@pytest.fixture(autouse=True)
def own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    archive._sweep_stale.cache_clear()
    return folder


def test_only_files_that_tell_about_designs_are_written_below_the_single_top_folder() -> None:
    wanted = {"a.scad", "B.SCAD", "README.md", "m/readme", "LICENSE", "COPYING.txt", "docs/use.md", "data/points.csv"}
    others = {"a.stl", "notes.md", "picture.png", "src/main.py", ".git/config"}
    with unpacked(packed({f"{TOP}/{name}": b"x" for name in wanted | others})) as found:
        assert found.root.name == TOP
        assert names(found.root) == wanted
        assert (found.n_files, found.problems) == (len(wanted), ())


def test_without_a_single_top_folder_the_root_holds_all() -> None:
    with unpacked(packed({"a/x.scad": b"1", "b/y.scad": b"2"})) as found:
        assert names(found.root) == {"a/x.scad", "b/y.scad"}


@pytest.mark.parametrize(
    "name",
    ["../evil.scad", f"{TOP}/../../evil.scad", "/tmp/evil.scad", f"{TOP}/a\\..\\evil.scad", f"{TOP}/{'d/' * 50}x.scad"],
)
def test_a_name_that_leads_outside_or_too_deep_is_left_out_and_said(name: str, own_temporary_folder: Path) -> None:
    before = set(own_temporary_folder.parent.rglob("*"))
    with unpacked(packed({name: b"cube(6);", f"{TOP}/good.scad": b"cube(1);"})) as found:
        assert names(found.root) == {"good.scad"}
        assert len(found.problems) == 1
        outside = {
            path
            for path in set(own_temporary_folder.parent.rglob("*")) - before
            if found.root.parent not in path.parents
        }
        assert outside <= {found.root.parent}
    assert not Path("/tmp/evil.scad").exists()


def test_no_link_of_any_kind_is_made() -> None:
    links = {
        f"{TOP}/s.scad": (tarfile.SYMTYPE, "/etc/passwd"),
        f"{TOP}/dir": (tarfile.SYMTYPE, "/etc"),
        f"{TOP}/h.scad": (tarfile.LNKTYPE, f"{TOP}/good.scad"),
        f"{TOP}/p.scad": (tarfile.FIFOTYPE, ""),
        f"{TOP}/d.scad": (tarfile.CHRTYPE, ""),
    }
    files = {f"{TOP}/good.scad": b"cube(1);", f"{TOP}/dir/inner.scad": b"cube(2);"}
    with unpacked(packed(files, links)) as found:
        assert names(found.root) == {"good.scad", "dir/inner.scad"}
        assert found.problems == ("links and special files: 5 of them",)
        assert not any(path.is_symlink() for path in found.root.rglob("*"))


def test_a_member_of_a_links_name_is_written_in_the_folder_not_through_the_link() -> None:
    body = io.BytesIO()
    with tarfile.open(fileobj=body, mode="w:gz") as tar:
        link = tarfile.TarInfo(f"{TOP}/dir")
        link.type, link.linkname = tarfile.SYMTYPE, "/tmp"
        tar.addfile(link)
        member = tarfile.TarInfo(f"{TOP}/dir/evil.scad")
        member.size = 4
        tar.addfile(member, io.BytesIO(b"evil"))
    with unpacked(body.getvalue()) as found:
        assert (found.root / "dir" / "evil.scad").read_bytes() == b"evil"
    assert not Path("/tmp/evil.scad").exists()


def test_a_file_where_a_folder_should_be_costs_only_itself() -> None:
    with unpacked(packed({f"{TOP}/a.scad": b"1", f"{TOP}/a.scad/b.scad": b"2", f"{TOP}/c.scad": b"3"})) as found:
        assert names(found.root) == {"a.scad", "c.scad"}
        assert len(found.problems) == 1


def test_an_over_long_source_is_known_but_its_bytes_are_not_written() -> None:
    files = {f"{TOP}/big.scad": b"x" * 5000, f"{TOP}/big.csv": b"x" * 5000, f"{TOP}/a.scad": b"1"}
    with unpacked(packed(files), max_member_bytes=1000) as found:
        assert (found.root / "big.scad").stat().st_size == 1001
        assert set((found.root / "big.scad").read_bytes()) == {0}
        assert names(found.root) == {"big.scad", "a.scad"}
        assert found.problems == (f"{TOP}/big.csv: larger than 1000 bytes",)


def test_a_bomb_stops_at_the_cap_and_what_came_before_is_kept() -> None:
    bomb = tarfile.TarInfo(f"{TOP}/zeros.bin")
    bomb.size = 1 << 40
    plain = plain_tar({f"{TOP}/a.scad": b"cube(1);"}).rstrip(b"\0")
    plain += b"\0" * (-len(plain) % 512)
    body = gzip.compress(plain + bomb.tobuf()) + gzip.compress(bytes(1 << 20)) * 100
    with unpacked(body, max_total_bytes=8 << 20) as found:
        assert names(found.root) == {"a.scad"}
        assert found.problems == (f"the archive: it unzips to more than {8 << 20} bytes; the rest is left out",)


def test_a_header_without_end_is_not_read_into_memory() -> None:
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.GNUTYPE_LONGNAME, 1 << 33
    body = gzip.compress(header.tobuf(tarfile.GNU_FORMAT)) + gzip.compress(b"a" * (1 << 20)) * 20
    with unpacked(body) as found:
        assert found.problems == ("the archive: a header has no end; the rest is left out",)


def test_too_many_members_are_cut_off() -> None:
    with unpacked(packed({f"{TOP}/{i}.scad": b"" for i in range(30)}), max_members=10) as found:
        assert found.n_files == 10
        assert found.problems == ("the archive: it has more than 10 members; the rest is left out",)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<!DOCTYPE html>",
        gzip.compress(b""),
        gzip.compress(b"no tar at all" * 99),
        packed({"a/b.scad": bytes(2000)})[:-9],
    ],
)
def test_what_is_no_whole_archive_is_one_line(body: bytes) -> None:
    with pytest.raises(ArchiveError, match=r"^not a whole \.tar\.gz \(.+\)$"), unpacked(body):
        pass


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_damaged_archive_is_an_archive_error_or_less_files_never_anything_else(data: st.DataObject) -> None:
    plain = bytearray(plain_tar({f"{TOP}/a.scad": b"cube(1);\n" * 90, f"{TOP}/{'n' * 120}.scad": b"cube(2);"}))
    for _ in range(data.draw(st.integers(1, 8))):
        plain[data.draw(st.integers(0, len(plain) - 1))] = data.draw(st.integers(0, 255))
    with suppress(ArchiveError), unpacked(gzip.compress(bytes(plain), 1)) as found:
        assert found.n_files <= 2
        assert not any(path.is_symlink() for path in found.root.parent.rglob("*"))


def test_nothing_is_left_behind_after_an_error_in_the_block(own_temporary_folder: Path) -> None:
    def fail() -> None:
        with unpacked(packed({f"{TOP}/a.scad": b"1"})) as found:
            raise KeyError(found.n_files)

    with pytest.raises(KeyError, match="1"):
        fail()
    assert list(own_temporary_folder.iterdir()) == []


def test_what_a_killed_process_left_is_removed_and_a_living_ones_folder_is_not(own_temporary_folder: Path) -> None:
    stale, fresh, foreign = (
        own_temporary_folder / name for name in ("cad-copilot-archive-1", "cad-copilot-archive-2", "x")
    )
    for folder in (stale, fresh, foreign):
        (folder / "deep").mkdir(parents=True)
    for folder in (stale, foreign):
        os.utime(folder, (time.time() - 7200, time.time() - 7200))
    with unpacked(packed({f"{TOP}/a.scad": b"1"})):
        pass
    assert {path.name for path in own_temporary_folder.iterdir()} == {"cad-copilot-archive-2", "x"}
