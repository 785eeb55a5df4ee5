"""Tables written under an older row type: what came has its default, what went is ignored, the rest is said."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from corpus.schema import (
    TABLES,
    CompiledRow,
    CrawledRow,
    DiagnosticRow,
    ExampleRow,
    GeometrySpec,
    Provenance,
    RejectedRow,
    Table,
    Turn,
)
from corpus.store import Store, StoreError


@dataclass(frozen=True)
class OldDiagnostic:
    """As DiagnosticRow before `line`, and with a `code` that is gone."""

    severity: str
    kind: str
    message: str
    code: int
    file: str | None = None


@dataclass(frozen=True)
class OldCompiled:
    """As CompiledRow before `shape` and `thumbnail`, and with the `seconds` that it had then."""

    sha256: str
    engine_id: str
    status: str
    is_compiled: bool
    is_strict: bool
    seconds: float
    diagnostics: tuple[OldDiagnostic, ...] = ()
    n_triangles: int | None = None
    size_mm: tuple[float, ...] | None = None


@dataclass(frozen=True)
class OldExample:
    """As ExampleRow before licence tiers, edits and conversations."""

    example_id: str
    sha256: str
    prompt: str
    scad: str
    split: str
    cluster_id: str
    tier: str
    prompt_kind: str
    source: str
    license_spdx: str
    engine_id: str
    spec: GeometrySpec


@dataclass(frozen=True)
class OldExampleWithTier(OldExample):
    license_tier: str = "permissive"


@dataclass(frozen=True)
class OldRejected:
    key: str
    stage: str
    reason: str
    detail: int | None = None


@dataclass(frozen=True)
class LooseRejected:
    key: str
    stage: str | None
    reason: str


@dataclass(frozen=True)
class OldProvenance:
    crawler: str
    run_id: str


@dataclass(frozen=True)
class OldCrawled:
    record_id: str
    source: str
    source_item_id: str
    sha256: str | None
    scad: str | None
    fetched_at: str
    provenance: OldProvenance
    license_spdx: str = "NOASSERTION"
    title: str | None = None
    description: str | None = None


def write_old(monkeypatch: pytest.MonkeyPatch, root: Path, table: str, rows: list[Any]) -> Store:
    store = Store(root)
    with monkeypatch.context() as patch:
        patch.setitem(TABLES, table, Table(table, type(rows[0]), TABLES[table].key))
        store.append(table, rows)
    return store


def old_example(row_type: type[Any], number: int) -> Any:
    words = ("sha", "a box", "cube(1);\n", "train", "c", "real", "author", "local", "CC0-1.0", "wasm")
    return row_type(f"e{number}", *words, GeometrySpec(size_mm=(1.0, 1.0, 1.0)))


def test_columns_that_came_have_their_default_and_those_that_went_are_ignored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = OldCompiled("a", "e", "ok", True, True, 1.5, (OldDiagnostic("warning", "k", "m", 7),), 12, (1.0, 2.0, 3.0))
    store = write_old(monkeypatch, tmp_path, "compiled", [old])
    new = CompiledRow("b", "e", "ok", True, True, (DiagnosticRow("w", "k", "m", line=3),), shape=(0.5,), thumbnail=b"P")
    store.append("compiled", [new])
    aged = CompiledRow("a", "e", "ok", True, True, (DiagnosticRow("warning", "k", "m"),), 12, (1.0, 2.0, 3.0))
    assert store.rows("compiled") == [aged, new]
    data = store.read("compiled", columns=["thumbnail", "sha256"])
    assert data.to_pydict() == {"thumbnail": [None, b"P"], "sha256": ["a", "b"]}
    assert store.read("compiled", columns=["shape"]).to_pydict() == {"shape": [None, [0.5]]}
    assert store.keys("compiled") == {("a", "e"), ("b", "e")}
    assert store.append("compiled", [aged]) == 2


def test_a_default_that_is_a_word_and_an_empty_list_are_read_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = write_old(monkeypatch, tmp_path, "examples", [old_example(OldExampleWithTier, n) for n in range(3)])
    rows: list[ExampleRow] = store.rows("examples")
    assert {(r.kind, r.history, r.features, r.test_set, r.license_tier) for r in rows} == {
        ("design", (), (), None, "permissive")
    }
    edit = ExampleRow("e9", *("x",) * 9, "permissive", "wasm", GeometrySpec(), "edit", history=(Turn("p", "s"),))
    store.append("examples", [edit])
    assert store.read("examples", columns=["kind", "history"]).to_pylist()[2:] == [
        {"kind": "design", "history": []},
        {"kind": "edit", "history": [{"prompt": "p", "scad": "s"}]},
    ]


def test_a_new_column_without_default_says_to_build_the_table_again_and_that_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = write_old(monkeypatch, tmp_path, "examples", [old_example(OldExample, 1)])
    with pytest.raises(
        StoreError, match=r"before the column license_tier came, .*no default; .*make it again: `cad-co"
    ):
        store.rows("examples")
    with pytest.raises(StoreError, match="license_tier"):
        next(store.iter_rows("examples"))
    assert store.read("examples", columns=["example_id", "scad"]).num_rows == 1
    fresh = ExampleRow("e1", *("x",) * 9, "permissive", "wasm", GeometrySpec())
    assert store.replace("examples", [fresh]) == 2
    assert store.rows("examples") == [fresh]


def test_a_column_of_another_type_is_named_with_both_types(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = write_old(monkeypatch, tmp_path, "rejected", [OldRejected("a", "clean", "empty", 3)])
    with pytest.raises(StoreError, match="its column detail is int64, and must be string now; remove the table's fold"):
        store.rows("rejected")
    assert store.keys("rejected") == {("a", "clean", "empty")}


def test_nulls_where_none_may_be_any_more_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = write_old(monkeypatch, tmp_path, "rejected", [LooseRejected("a", "clean", "empty")])
    assert store.rows("rejected") == [RejectedRow("a", "clean", "empty")]
    write_old(monkeypatch, tmp_path, "rejected", [LooseRejected("b", None, "empty")])
    with pytest.raises(StoreError, match="stage holds nulls"):
        store.rows("rejected")


def test_a_field_inside_a_column_follows_the_same_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = OldCrawled("r", "local", "1", "abc", "cube(1);\n", "2026-01-01", OldProvenance("local", "run"))
    store = write_old(monkeypatch, tmp_path, "crawled", [old])
    with pytest.raises(
        StoreError, match=r"before the column provenance\.version came.*read it with the cad-copilot th"
    ):
        store.rows("crawled")
    assert store.read("crawled", columns=["scad"]).to_pydict() == {"scad": ["cube(1);\n"]}
    row = CrawledRow("r2", "local", "2", "abc", "cube(1);\n", "2026-01-01", Provenance("local", "1", "run"))
    store.append("crawled", [row])
    assert len(store.keys("crawled")) == 2
