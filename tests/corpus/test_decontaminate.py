"""Decontamination: benchmarks are read from files, and what resembles them is named with its reason."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from corpus.decontaminate import Benchmark, BenchmarkItem, decontaminate, load_folder, load_jsonl, with_shapes
from corpus.leaks import LeakItem
from corpus.sketches import sketch_of
from render.geometry.fingerprint import fingerprint
from render.geometry.mesh import read_stl, write_stl

SOURCE = "difference() { cube([30, 20, 5]); for (x = [5, 25]) translate([x, 10, -1]) cylinder(d = 4, h = 7); }"


def tetrahedron(size: float) -> bytes:
    a, b, c, d = np.vstack((np.zeros(3), np.diag([1.0, 2.0, 3.0]))) * size
    return write_stl(np.array([[a, c, b], [a, b, d], [a, d, c], [b, c, d]]))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, prompt in (("0001", "A wedge with a slanted face"), ("0002", "A plate with two holes")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "prompt.txt").write_text(prompt, encoding="utf-8")
    (tmp_path / "0001" / "reference.stl").write_bytes(tetrahedron(0.5))
    (tmp_path / "0001" / "with_measures.txt").write_text("A wedge of 1 by 2 by 3 units", encoding="utf-8")
    (tmp_path / "0002" / "reference.scad").write_text(SOURCE, encoding="utf-8")
    (tmp_path / "notes.txt").write_text("not an item", encoding="utf-8")
    return tmp_path


def test_what_resembles_an_item_is_dropped_with_its_depth_benchmark_and_item(folder: Path) -> None:
    wedges = load_folder(folder, benchmark_id="wedges", scale=25.0)
    wishes = Benchmark("wishes", (BenchmarkItem("w", ("a tall vase",)),))
    train = [
        LeakItem("a", SOURCE + "// mine", sketch_of(SOURCE)),
        LeakItem("b", shape=fingerprint(read_stl(tetrahedron(12.5)))),
        LeakItem("c", prompt="a wedge of 1 by 2 by 3 units!"),
        LeakItem("d", prompt="a wedge of 1 by 2 by 4 units", shape=fingerprint(read_stl(tetrahedron(13)))),
        LeakItem("e", prompt="A tall vase"),
    ]
    found = [(c.key, c.depth, c.benchmark_id, c.item_id) for c in decontaminate(train, [wishes, wedges])]
    assert found == [
        ("a", "exact", "wedges", "0002"),
        ("a", "near", "wedges", "0002"),
        ("a", "masked", "wedges", "0002"),
        ("b", "shape", "wedges", "0001"),
        ("c", "text", "wedges", "0001"),
        ("e", "text", "wishes", "w"),
    ]
    assert decontaminate(train[3:4], [wishes, wedges]) == []


def test_the_hash_of_a_benchmark_changes_with_its_items_and_not_with_their_order(folder: Path) -> None:
    loaded = load_folder(folder, benchmark_id="x")
    assert [item.id for item in loaded.items] == ["0001", "0002"]
    assert loaded.hash == Benchmark("y", loaded.items[::-1]).hash
    assert loaded.hash != load_folder(folder, benchmark_id="x", scale=2.0).hash
    (folder / "0002" / "prompt.txt").write_text("A plate with 3 holes", encoding="utf-8")
    assert load_folder(folder, benchmark_id="x").hash != loaded.hash


def test_a_source_gets_its_shape_from_whoever_compiled_it(folder: Path) -> None:
    loaded = load_folder(folder, benchmark_id="x")
    shape = fingerprint(read_stl(tetrahedron(7)))
    assert shape is not None
    shaped = with_shapes(loaded, {"0001": shape, "0002": shape})
    assert [item.shape for item in shaped.items] == [loaded.items[0].shape, shape]


def test_lines_of_json_are_prompts(tmp_path: Path) -> None:
    path = tmp_path / "prompts.jsonl"
    rows = [{"id": "one", "prompt": "a mug"}, {"prompt": "a plate", "scad": "cube(1);"}]
    path.write_text("\n".join(map(json.dumps, rows)) + "\n\n", encoding="utf-8")
    loaded = load_jsonl(path, benchmark_id="p")
    assert loaded.items == (BenchmarkItem("one", ("a mug",)), BenchmarkItem("2", ("a plate",), "cube(1);"))


def test_what_is_no_benchmark_is_refused_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="holds no folder"):
        load_folder(tmp_path, benchmark_id="x")
    path = tmp_path / "p.jsonl"
    path.write_text('{"prompt": "a"}\n{"text": "b"}\n', encoding="utf-8")
    with pytest.raises(ValueError, match="line 2"):
        load_jsonl(path, benchmark_id="x")
    path.write_text('{"prompt": "a", "id": "2"}\n{"prompt": "b"}\n', encoding="utf-8")
    with pytest.raises(ValueError, match="the same id"):
        load_jsonl(path, benchmark_id="x")
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "a.stl").write_bytes(b"no mesh")
    with pytest.raises(ValueError, match=r"a\.stl"):
        load_folder(tmp_path, benchmark_id="x")
