"""A published version opens in pandas, pyarrow, DuckDB and datasets as it is, as docs/dataset_tables.md says."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas
import pyarrow.parquet as pq
import pytest

from corpus.schema import ExampleRow, GeometrySpec, Turn
from corpus.store import Store

PAGE = Path(__file__).parents[2] / "docs" / "dataset_tables.md"


def example(number: int) -> ExampleRow:
    return ExampleRow(
        *(f"e{number:02}", "sha", f"a µ-box of {number} mm", f"cube({number});\n", "train", "c", "synthetic"),
        *("synthetic", "starter" if number % 2 else "gallery", "CC0-1.0", "permissive", "wasm"),
        GeometrySpec(size_mm=(1.0, 2.0, float(number))),
        history=(Turn("a box", "cube(1);\n"),) if number % 3 else (),
        features=("hole", "slot")[: number % 3],
    )


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Two versions that share parts; of the newest one row is changed, one gone."""
    store = Store(tmp_path / "tables")
    rows = [example(n) for n in range(20)]
    store.replace("examples", rows, shard_of=lambda row: row.source)
    store.replace("examples", [replace(rows[0], prompt="another"), *rows[2:]], shard_of=lambda row: row.source)
    return store


def one_liners() -> dict[str, str]:
    """The page's lines of Python, by the library that they start with."""
    lines = [
        line for block in re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.S) for line in block.splitlines()
    ]
    return {line.split(".")[0]: line for line in lines if not line.startswith(("from", "import", "paths", "store"))}


def run(store: Store, library: str) -> Any:
    """What a one-liner of the page gives, as it stands there."""
    import duckdb

    names = {"duckdb": duckdb, "pandas": pandas, "pq": pq, "paths": store.part_paths("examples")}
    return eval(one_liners()[library], names)


def wanted(store: Store) -> list[dict[str, Any]]:
    return store.read("examples").to_pylist()


def test_pyarrow_reads_the_same_rows(store: Store) -> None:
    assert run(store, "pq").to_pylist() == wanted(store)


def test_pandas_reads_the_same_rows_with_version_paths(store: Store) -> None:
    frame = run(store, "pandas")
    for name in ("example_id", "prompt", "scad", "source", "kind"):
        assert frame[name].tolist() == [row[name] for row in wanted(store)]
    assert [dict(spec)["size_mm"].tolist() for spec in frame["spec"]] == [
        row["spec"]["size_mm"] for row in wanted(store)
    ]


def test_duckdb_reads_the_same_rows(store: Store) -> None:
    assert run(store, "duckdb").fetchall() == [("gallery", 10), ("starter", 9)]
    import duckdb

    rows = duckdb.read_parquet(store.part_paths("examples")).project("example_id, prompt, spec.size_mm, len(history)")
    assert sorted(rows.fetchall()) == sorted(
        (row["example_id"], row["prompt"], row["spec"]["size_mm"], len(row["history"])) for row in wanted(store)
    )


def test_datasets_loads_the_same_rows_offline(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE"):
        monkeypatch.setenv(name, "1")
    datasets = pytest.importorskip("datasets")
    assert 'load_dataset("parquet", data_files=paths, split="train")' in PAGE.read_text()
    loaded = datasets.load_dataset(
        "parquet", data_files=store.part_paths("examples"), split="train", cache_dir=str(tmp_path / "cache")
    )
    assert loaded.to_list() == wanted(store)


def test_the_folder_of_parts_opens_too_but_shows_every_version_that_is_kept(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "tables" / "examples"
    assert len(pandas.read_parquet(folder / "parts")) == 20 + 19
    from corpus.store_history import gc

    gc(store, "examples", keep_versions=1, keep_days=0, grace_seconds=0)
    assert sorted(pandas.read_parquet(folder / "parts")["example_id"]) == [
        r["example_id"] for r in sorted(wanted(store), key=lambda row: row["example_id"])
    ]
