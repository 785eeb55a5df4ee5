"""Runs the command as a person does: a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

COMMAND = Path(sys.executable).parent / "cad-copilot"


def run(
    *arguments: str | Path, data_dir: Path, stdin: str | None = None, **env: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(COMMAND), *map(str, arguments)],
        env=os.environ | {"CAD_COPILOT_DATA_DIR": str(data_dir)} | env,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
    )


def one_line(result: subprocess.CompletedProcess[str]) -> str:
    lines = (result.stderr or result.stdout).strip().splitlines()
    assert len(lines) == 1, result.stderr + result.stdout
    return lines[0]
