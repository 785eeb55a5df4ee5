"""Reading a folder or git checkout of designs: sources, companions, nearest README and LICENSE, commit.

All I/O of the `local` and `openscad_examples` spiders, and of unpacked repositories. Never follows a
symlink, never leaves the folder, never runs what it finds: git is asked two read-only questions with
hooks and foreign configuration off.
"""

from __future__ import annotations

import hashlib
import os
import posixpath
import re
import shutil
import subprocess
from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice, takewhile
from pathlib import Path, PurePosixPath

from corpus.includes import find_includes
from corpus.schema import CompanionFile, Include, RepoInfo
from spiders.items import Decoded, License, decode_scad, license_in_text
from spiders.pages.notices import readme_license, source_license

__all__ = ["Folder", "FoundDesign", "git_info", "remote_name"]

MAX_FILE_BYTES = 1 << 20
"""Larger sources are embedded meshes; they become metadata-only records."""
MAX_COMPANION_BYTES = 1 << 20
MAX_COMPANIONS = 50
MAX_FOLDER_COMPANION_BYTES = 64 << 20
"""Of a whole folder: a few kilobytes of sources that include one library must not become gigabytes of rows."""
_MAX_TEXT_BYTES = 256 * 1024
_GIT_TIMEOUT_SECONDS = 10.0
_DOCS_FOLDERS = frozenset(("doc", "docs", "documentation"))
_README = re.compile(r"(?i)^readme(\.(md|markdown|txt|rst))?$")
_LICENSE = re.compile(r"(?i)^(licen[sc]e|copying|unlicense)([.\-_].*)?$")


@dataclass(frozen=True)
class FoundDesign:
    """One source file with everything the folder says about it."""

    path: str
    """Relative to the folder, POSIX separators."""
    decoded: Decoded | None
    """None where the text could not be taken; `problem` says why."""
    problem: str | None
    """What went wrong with it; also where the folder's allowance of companions ended with it."""
    modified_at_seconds: float | None
    companions: tuple[CompanionFile, ...]
    n_companions_refused: int
    """Files that it includes and that may not be given on."""
    readme: str | None
    n_sharing_readme: int
    """How many designs the README is about: all below its folder, or 1 where it is about this one."""
    license: License
    content: str | None
    """sha256 of the file's bytes, hex; None where they could not be read or are too many."""


@dataclass(frozen=True)
class _Companion:
    """A file that others include, read once however many do."""

    text: str
    includes: tuple[Include, ...]
    license: License


class Folder:
    """A folder of designs, walked once."""

    def __init__(self, root: Path, *, name: str | None = None) -> None:
        """`name`: what the folder is called, where that is not the name of its path."""
        self.root = root.resolve()
        self._name = name or self.root.name
        self._names = dict(_walk(self.root))
        self._is_allowance_spent = False
        self._n_read_bytes = 0
        self._n_companion_bytes = 0
        self._readme_of = cache(self._find_readme)
        self._license_of = cache(self._find_license)
        self._license_at = cache(self._find_license_at)
        self._readme_text = cache(self._read_text)
        self._paths = cache(self._find_paths)
        self._named = cache(self._find_named)
        self._companion = cache(self._read_companion)

    def designs(
        self,
        *,
        is_wanted: Callable[[str], bool] = lambda path: True,
        is_refused: Callable[[License], bool] = lambda license_found: False,
    ) -> Iterator[FoundDesign]:
        """Every .scad (any case) whose path is wanted, in path order, without companions under a refused licence."""
        paths = [path for path in self._paths(".scad") if is_wanted(path)]
        n_below = Counter(folder for path in paths for folder in _upwards(posixpath.dirname(path)))
        for path in paths:
            directory = posixpath.dirname(path)
            readme_path = self._readme_of(directory)
            body, problem = self._read_source(path)
            decoded = decode_scad(body) if body is not None else None
            if body is not None and decoded is None:
                problem = "binary, not OpenSCAD text"
            was_spent = self._is_allowance_spent
            companions, n_refused = self._companions(path, decoded.text, is_refused) if decoded else ((), 0)
            if self._is_allowance_spent and not was_spent:
                problem = f"from here on no companions: more than {MAX_FOLDER_COMPANION_BYTES} bytes in all"
            n_sharing = n_below[posixpath.dirname(readme_path)] if readme_path else 0
            yield FoundDesign(
                path=path,
                decoded=decoded,
                problem=problem,
                modified_at_seconds=self._modified_at(path),
                companions=companions,
                n_companions_refused=n_refused,
                readme=self._readme_text(readme_path) if readme_path else None,
                n_sharing_readme=1 if self._is_about(readme_path, path, companions) else n_sharing,
                license=self._license_in(decoded, directory),
                content=hashlib.sha256(body).hexdigest() if body is not None else None,
            )

    def pages(self) -> Iterator[tuple[str, str, License]]:
        """(path, text, licence of its folder) of every Markdown page below a docs folder, in path order."""
        for path in self._paths(".md"):
            is_below_docs = any(part.lower() in _DOCS_FOLDERS for part in path.split("/")[:-1])
            text = self._read_text(path) if is_below_docs else None
            if text is not None:
                yield path, text, self._license_of(posixpath.dirname(path))

    def _find_paths(self, suffix: str) -> list[str]:
        return sorted(
            posixpath.join(directory, name)
            for directory, names in self._names.items()
            for name in names
            if name.lower().endswith(suffix)
        )

    def _is_about(self, readme_path: str | None, path: str, companions: tuple[CompanionFile, ...]) -> bool:
        """True for a README beside a design that bears the folder's name, or that all others there are parts of."""
        directory, name = posixpath.split(path)
        if readme_path is None or posixpath.dirname(readme_path) != directory:
            return False
        if _plain_name(PurePosixPath(name).stem) == _plain_name(posixpath.basename(directory) or self._name):
            return True
        parts = {posixpath.normpath(posixpath.join(directory, companion.path)) for companion in companions}
        below = f"{directory}/" if directory else ""
        paths = self._paths(".scad")  # sorted: those below the folder stand together, and the first odd one ends it
        those_below = takewhile(lambda other: other.startswith(below), islice(paths, bisect_left(paths, below), None))
        return all(other in parts or other == path for other in those_below)

    def _modified_at(self, path: str) -> float | None:
        try:
            return (self.root / path).lstat().st_mtime
        except OSError:
            return None

    def _read_source(self, path: str) -> tuple[bytes | None, str | None]:
        """(bytes, None), or (None, why there are none)."""
        try:
            body = _read_capped(self.root / path, MAX_FILE_BYTES)
        except OSError as error:
            return None, f"can't be read ({error.strerror or error})"
        return (body, None) if body is not None else (None, f"larger than {MAX_FILE_BYTES} bytes")

    def _read_text(self, path: str) -> str | None:
        try:
            body = _read_capped(self.root / path, _MAX_TEXT_BYTES)
        except OSError:
            return None  # a README or LICENSE that can't be read tells nothing; the design stays
        return body.decode("utf-8", errors="replace") if body is not None else None

    def _find_readme(self, directory: str) -> str | None:
        matches = (path for folder in _upwards(directory) for path in self._named(folder, _README))
        return next(matches, None)

    def _find_license(self, directory: str) -> License:
        """The nearest folder's word: its LICENSE file, else what its README says.

        A README beside the model is nearer than the LICENSE of the whole repository: collections mix licences so.
        """
        found = (self._license_at(folder) for folder in _upwards(directory))
        return next((one for one in found if one is not None), License())

    def _find_license_at(self, folder: str) -> License | None:
        """What the very folder says."""
        scope = "directory" if folder else "repo"
        for path in self._named(folder, _LICENSE):
            text = self._read_text(path)
            found = license_in_text(text, scope=scope) if text else None
            if found:
                return found
        for path in self._named(folder, _README):
            spdx = readme_license(self._readme_text(path) or "")
            if spdx:
                return License(raw=spdx, spdx=spdx, scope=scope, confidence="declared")
        return None

    def _license_in(self, decoded: Decoded | None, directory: str) -> License:
        """What a source's own notice says, else what its folder says."""
        return (source_license(decoded.text) if decoded else None) or self._license_of(directory)

    def _find_named(self, directory: str, pattern: re.Pattern[str]) -> list[str]:
        return [
            posixpath.join(directory, name) for name in sorted(self._names.get(directory, ())) if pattern.match(name)
        ]

    def _companions(
        self, path: str, scad: str, is_refused: Callable[[License], bool]
    ) -> tuple[tuple[CompanionFile, ...], int]:
        """The closure of relative include/use targets inside the folder, and how many were refused.

        Named libraries stay the engine's. None at all once the folder's allowance is spent: half of them is no design.
        """
        if self._is_allowance_spent:
            return (), 0
        found: dict[str, CompanionFile] = {}
        refused: set[str] = set()
        base = posixpath.dirname(path)
        queue = deque([(base, find_includes(scad))])
        budget_bytes = MAX_COMPANION_BYTES
        while queue and len(found) < MAX_COMPANIONS:
            directory, includes = queue.popleft()
            for include in includes:
                target = posixpath.normpath(posixpath.join(directory, include.target))
                parent, name = posixpath.split(target)
                if target == path or target in found or target in refused or name not in self._names.get(parent, ()):
                    continue
                companion = self._companion(target)
                if companion is None or len(companion.text) > budget_bytes or len(found) >= MAX_COMPANIONS:
                    continue
                if is_refused(companion.license):
                    refused.add(target)
                    continue
                budget_bytes -= len(companion.text)
                found[target] = CompanionFile(posixpath.relpath(target, base or "."), companion.text)
                queue.append((parent, companion.includes))
        self._n_companion_bytes += MAX_COMPANION_BYTES - budget_bytes
        if max(self._n_companion_bytes, self._n_read_bytes) > MAX_FOLDER_COMPANION_BYTES:
            self._is_allowance_spent = True
            return (), 0
        return tuple(found[target] for target in sorted(found)), len(refused)

    def _read_companion(self, path: str) -> _Companion | None:
        """None for what can't be read as text, or once all that was read is too much to keep."""
        if self._n_read_bytes > MAX_FOLDER_COMPANION_BYTES:
            return None
        body, _ = self._read_source(path)
        decoded = decode_scad(body) if body is not None else None
        if decoded is None:
            return None
        self._n_read_bytes += len(decoded.text)
        license_found = self._license_in(decoded, posixpath.dirname(path))
        return _Companion(decoded.text, find_includes(decoded.text), license_found)


def _upwards(directory: str) -> Iterator[str]:
    """The folder, the one above it, and so on to the root, which is ""."""
    while directory:
        yield directory
        directory = posixpath.dirname(directory)
    yield ""


def _plain_name(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).lower()


def _walk(root: Path) -> Iterator[tuple[str, frozenset[str]]]:
    """(relative directory, names of its regular files); hidden folders and every symlink left out."""
    for current, directories, files in os.walk(root, followlinks=False):
        directories[:] = [name for name in directories if not name.startswith(".")]
        relative = Path(current).relative_to(root).as_posix()
        regular = frozenset(name for name in files if _is_regular(Path(current) / name))
        yield ("" if relative == "." else relative), regular


def _is_regular(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _read_capped(path: Path, max_bytes: int) -> bytes | None:
    """The file's bytes; None if it is larger. A symlink put there since the walk is refused (OSError)."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        body = file.read(max_bytes + 1)
    return body if len(body) <= max_bytes else None


def git_info(root: Path) -> RepoInfo | None:
    """Commit and remote of a checkout; None for a plain folder or where git is not installed."""
    git = shutil.which("git")
    if git is None:
        return None
    commit = _ask_git(git, root, "rev-parse", "HEAD")
    if not commit:
        return None
    remote = _ask_git(git, root, "config", "--get", "remote.origin.url")
    host, full_name = remote_name(remote) if remote else ("local", root.resolve().name)
    return RepoInfo(host=host, full_name=full_name, commit=commit)


def _ask_git(git: str, root: Path, *question: str) -> str | None:
    command = [git, "-c", "safe.directory=*", "-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}"]
    environment = {
        "PATH": os.defpath,
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
    }
    try:
        answer = subprocess.run(
            [*command, "-C", str(root), *question],
            env=environment,
            capture_output=True,
            text=True,
            timeout=_GIT_TIMEOUT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer.stdout.strip() or None if answer.returncode == 0 else None


def remote_name(url: str) -> tuple[str, str]:
    """(host, owner/name) of a git remote, without user or token; ("local", name) for a path."""
    scp = re.fullmatch(r"(?:[^@/\s]+@)?([\w.\-]+):(?!//)(.+)", url)
    web = re.fullmatch(r"\w+://(?:[^@/]*@)?([\w.\-]+)(?::\d+)?/(.+)", url)
    match = web or scp
    if match is None:
        return "local", PurePosixPath(url.removeprefix("file://")).name.removesuffix(".git") or "unnamed"
    return match[1].lower(), match[2].strip("/").removesuffix(".git")
