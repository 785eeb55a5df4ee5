"""Fetches the OpenSCAD libraries of libraries.toml into `<data folder>/libraries`, each at its pinned commit.

The commit is the checksum: git takes no object that doesn't hash to it. Nothing is checked out: blobs are read out of
the object store and written as plain files, so hooks, filters, submodules, LFS and symbolic links can't act. The
folder appears by one rename and its manifest names the sha256 of each file. Images that no file imports, and files
over 8 MB, are left out. Doesn't resolve includes (see `render.libraries`) and never updates by itself.
"""

from __future__ import annotations

import difflib
import fcntl
import hashlib
import json
import os
import posixpath
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from render.libraries import (
    MANIFEST_NAME,
    MAX_FILE_BYTES,
    KnownLibrary,
    import_targets,
    known_libraries,
    library_roots,
    read_manifest,
)

__all__ = ["LibraryError", "LibraryStatus", "fetch", "list_libraries", "verify"]

TIMEOUT_SECONDS = 300.0
MAX_FETCH_BYTES = 1 << 30
"""Of git's own files while it fetches."""
MAX_LIBRARY_BYTES = 256 << 20
MAX_LIBRARY_FILES = 20_000
_IMAGES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg")
_KEPT = (".scad", ".stl", ".off", ".amf", ".3mf", ".dxf", ".dat", ".json", ".csv", ".txt", ".ttf", ".otf", *_IMAGES)
_LICENCES = ("licen", "copying", "lgpl", "gpl")
_PROXIES = ("http_proxy", "https_proxy", "no_proxy", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "all_proxy")
_PASSED_ON = ("PATH", "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO", *_PROXIES)


class LibraryError(Exception):
    """A library could not be fetched or read; one line: what, where, what to do."""


@dataclass(frozen=True)
class LibraryStatus:
    """One line of the list."""

    name: str
    commit: str
    licence: str
    summary: str
    is_fetched: bool
    """True if the pinned commit is there."""
    path: Path | None
    """Where includes of that name are read from now, fetched or not."""


@dataclass(frozen=True)
class _Blob:
    path: str
    key: str
    size: int


def list_libraries(data_dir: Path) -> tuple[LibraryStatus, ...]:
    """Every library of the list, in its order."""
    roots = library_roots(data_dir=data_dir)
    return tuple(
        LibraryStatus(
            known.name,
            known.commit,
            known.licence,
            known.summary,
            _is_current(_folder(data_dir, known.name), known),
            roots.get(known.name),
        )
        for known in known_libraries().values()
    )


def fetch(name: str, *, data_dir: Path, url: str | None = None) -> Path:
    """Fetch one library, from its own repository or a mirror's `url`; its folder. Twice does nothing.

    Raises LibraryError.
    """
    known = _known(name)
    dest = _folder(data_dir, name)
    source = _checked_url(url or known.url)
    if _is_current(dest, known):
        return dest
    try:
        dest.parent.mkdir(parents=True, exist_ok=True)
        with _exclusive(dest.parent / f".{name}.lock"):
            if not _is_current(dest, known):  # another process may have been faster
                _fetch(known, source, dest)
    except OSError as error:
        raise LibraryError(
            f"{name} can't be written to {dest}: {error}; check the folder's rights and space"
        ) from error
    return dest


def verify(name: str, *, data_dir: Path) -> tuple[str, ...]:
    """One line for each file of a fetched library that is gone, changed or new; empty for a sound one.

    Raises LibraryError if it isn't there.
    """
    _known(name)
    root = _folder(data_dir, name)
    manifest = read_manifest(root)
    if manifest is None:
        raise LibraryError(f"{name} was not fetched into {root}: run cad-copilot libraries fetch {name}")
    expected = manifest[1] or {MANIFEST_NAME: "damaged"}
    problems = [f"{path}: changed or gone" for path, key in expected.items() if _hash_file(root / path) != key]
    there = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_symlink() or path.is_file()}
    problems += [f"{path}: not part of the library" for path in sorted(there - set(expected) - {MANIFEST_NAME})]
    return tuple(problems)


def _known(name: str) -> KnownLibrary:
    known = known_libraries()
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}"
        raise LibraryError(f"no library {name!r} in the list: {hint}")
    return known[name]


def _checked_url(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        raise LibraryError(f"{url!r:.200} is no address: give one that starts with https://") from None
    if parts.scheme not in ("https", "http", "file") or "@" in parts.netloc or not url.isprintable():
        raise LibraryError(f"{url!r:.200} can't be fetched from: give an https:// address without a name or password")
    return url


def _folder(data_dir: Path, name: str) -> Path:
    return data_dir / "libraries" / name


def _is_current(root: Path, known: KnownLibrary) -> bool:
    """True if the pinned commit was fetched whole and every file is still there; `verify` reads them."""
    manifest = read_manifest(root)
    return manifest is not None and manifest[0] == known.commit and all((root / path).is_file() for path in manifest[1])


def _hash_file(path: Path) -> str | None:
    if path.is_symlink() or not path.is_file():
        return None
    return hashlib.sha256(path.read_bytes()).hexdigest()


@contextmanager
def _exclusive(lock_path: Path) -> Iterator[None]:
    with lock_path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fetch(known: KnownLibrary, url: str, dest: Path) -> None:
    for leftover in dest.parent.glob(f".{known.name}.partial-*"):
        shutil.rmtree(leftover)
    partial = Path(tempfile.mkdtemp(prefix=f".{known.name}.partial-", dir=dest.parent))
    try:
        repository = partial / "git"
        _git(known, url, repository, ["init", "--quiet", "--bare", "--template=", str(repository)])
        options = ["--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules", "--no-auto-maintenance"]
        _git(known, url, repository, ["fetch", *options, "--", url, known.commit])
        files = _write_tree(known, url, repository, partial / "tree")
        manifest = asdict(known) | {"url": url, "files": files}
        (partial / "tree" / MANIFEST_NAME).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
        if dest.exists() and not (dest / MANIFEST_NAME).is_file():
            raise LibraryError(f"{dest} is a folder of your own: move it away, then fetch {known.name} again")
        if dest.exists():
            shutil.rmtree(dest)
        (partial / "tree").rename(dest)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _write_tree(known: KnownLibrary, url: str, repository: Path, tree: Path) -> dict[str, str]:
    """Write what is kept of the commit as plain files; path to sha256."""
    blobs = _kept_blobs(known, _git(known, url, repository, ["ls-tree", "-r", "-z", "--long", known.commit]))
    scads = {path: blob for path, blob in blobs.items() if path.endswith(".scad")}
    if not scads:
        raise LibraryError(f"{known.name} at {url} has no .scad files in {known.folder or 'it'}: the list is wrong")
    contents = _contents(known, url, repository, scads)
    named = {posixpath.basename(t) for data in contents.values() for t in import_targets(data.decode(errors="replace"))}
    others = {
        path: blob
        for path, blob in blobs.items()
        if path not in scads and (not path.lower().endswith(_IMAGES) or posixpath.basename(path) in named)
    }
    contents |= _contents(known, url, repository, others)
    files: dict[str, str] = {}
    for path, data in sorted(contents.items()):
        target = tree / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        files[path] = hashlib.sha256(data).hexdigest()
    return files


def _kept_blobs(known: KnownLibrary, listing: bytes) -> dict[str, _Blob]:
    """Regular files worth keeping, by their path in the library; links, submodules and odd paths are passed over."""
    prefix = f"{known.folder}/" if known.folder else ""
    kept: dict[str, _Blob] = {}
    for entry in listing.split(b"\0"):
        head, _, raw_path = entry.partition(b"\t")
        fields = head.split()
        path = raw_path.decode("utf-8", errors="replace")
        name = posixpath.basename(path).lower()
        is_licence = "/" not in path and name.startswith(_LICENCES)
        if len(fields) != 4 or fields[0] not in (b"100644", b"100755"):
            continue
        if not (path.startswith(prefix) or is_licence) or not (name.endswith(_KEPT) or is_licence):
            continue
        short, size = path.removeprefix(prefix), int(fields[3])
        if size <= MAX_FILE_BYTES and _is_plain(short):
            kept[short] = _Blob(path, fields[2].decode(), size)
    n_bytes = sum(blob.size for blob in kept.values() if not blob.path.lower().endswith(_IMAGES))
    if n_bytes > MAX_LIBRARY_BYTES or len(kept) > MAX_LIBRARY_FILES:
        raise LibraryError(
            f"{known.name} has {len(kept)} files of {n_bytes} bytes, the limit is {MAX_LIBRARY_FILES} of "
            f"{MAX_LIBRARY_BYTES}: take a smaller folder of it in libraries.toml"
        )
    return kept


def _is_plain(path: str) -> bool:
    parts = path.split("/")
    return path.isprintable() and "\\" not in path and all(p and not p.startswith(".") and len(p) < 200 for p in parts)


def _contents(known: KnownLibrary, url: str, repository: Path, blobs: dict[str, _Blob]) -> dict[str, bytes]:
    request = "".join(f"{blob.key}\n" for blob in blobs.values()).encode()
    answer = _git(known, url, repository, ["cat-file", "--batch"], request)
    contents: dict[str, bytes] = {}
    at = 0
    for path, blob in blobs.items():
        end = answer.find(b"\n", at)
        if answer[at:end] != f"{blob.key} blob {blob.size}".encode():
            raise LibraryError(f"{known.name}: git gave {answer[at:end][:80]!r} for {path}: fetch it again")
        contents[path] = answer[end + 1 : end + 1 + blob.size]
        at = end + 1 + blob.size + 1
    return contents


def _git(known: KnownLibrary, url: str, repository: Path, arguments: list[str], stdin: bytes = b"") -> bytes:
    """Run git without the user's or the system's configuration; its output. Raises LibraryError."""
    passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    environment = passed_on | {
        "HOME": str(repository.parent),
        "LC_ALL": "C",
        "GIT_DIR": str(repository),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "false",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": urlsplit(url).scheme if url.startswith("file:") else "http:https",
    }
    command = ["git", "-c", "credential.helper=", "-c", f"core.hooksPath={os.devnull}", "-c", "gc.auto=0", *arguments]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as log, tempfile.TemporaryFile() as given:
        given.write(stdin)
        given.seek(0)
        try:
            process = subprocess.Popen(
                command, stdin=given, stdout=out, stderr=log, env=environment, start_new_session=True
            )
        except FileNotFoundError:
            raise LibraryError("git is not installed: apt-get install git, then fetch again") from None
        try:
            _wait(process, known, url, repository)
        except BaseException:
            _kill(process)
            raise
        log.seek(0)
        said = log.read(1 << 16).decode(errors="replace")
        if process.returncode != 0:
            raise LibraryError(_explain(known, url, said))
        out.seek(0)
        return out.read()


def _wait(process: subprocess.Popen[bytes], known: KnownLibrary, url: str, repository: Path) -> None:
    deadline = time.monotonic() + TIMEOUT_SECONDS
    pause = 0.01
    while True:
        try:
            process.wait(pause)
            return
        except subprocess.TimeoutExpired:
            pause = min(pause * 2, 1.0)
        if time.monotonic() > deadline:
            raise LibraryError(
                f"{known.name}: {url} took over {TIMEOUT_SECONDS:g} s: check the network, fetch it again"
            )
        if _size(repository) > MAX_FETCH_BYTES:
            raise LibraryError(f"{known.name}: {url} sends more than {MAX_FETCH_BYTES} bytes: is it the right address?")


def _size(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.lstat().st_size
        except OSError:  # git removed it meanwhile
            continue
    return total


def _kill(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _explain(known: KnownLibrary, url: str, said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    reason = next(
        (line for line in lines if line.startswith(("fatal:", "error:"))), lines[-1] if lines else "no message"
    )
    if any(text in said for text in ("not our ref", "unadvertised object", "find remote ref")):
        return f"{known.name}: {url} has no commit {known.commit}: was its history rewritten? Choose another pin"
    return f"{known.name} could not be fetched from {url} ({reason:.200}): check the network and the proxy settings"
