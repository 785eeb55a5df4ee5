"""The real engine, installed once a session if it isn't there yet (make setup has usually done it)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from render import Engine, open_engine
from render.engines.install import install


@pytest.fixture(scope="session")
def engine_data_dir() -> Path:
    data_dir = Path(os.environ.get("CAD_COPILOT_DATA_DIR", "var")).resolve()
    install(data_dir / "engine")
    return data_dir


@pytest.fixture(scope="session")
def engine(engine_data_dir: Path) -> Iterator[Engine]:
    with open_engine("wasm", data_dir=engine_data_dir) as opened:
        yield opened


@pytest.fixture
def data_dir(engine_data_dir: Path, tmp_path: Path) -> Path:
    """An empty data folder of its own, with the installed engine."""
    folder = tmp_path / "var"
    folder.mkdir()
    (folder / "engine").symlink_to(engine_data_dir / "engine")
    return folder
