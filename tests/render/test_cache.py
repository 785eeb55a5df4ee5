"""The cache of results: what makes a key, what is kept, what comes back."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from render import CompileJob, CompilePool, CompileResult, Engine, Status, compile_scad
from render.cache import ResultCache, job_key


def kept_and_back(path: Path, result: CompileResult) -> CompileResult | None:
    ResultCache(path).put("k", result)
    return ResultCache(path).get("k")


@pytest.mark.parametrize(
    "source", ["cube(3);", "cube(1); wheel();", "cube(", "square(1);", "difference() { cube(9); sphere(4); }"]
)
def test_what_comes_back_is_what_was_kept(engine: Engine, tmp_path: Path, source: str) -> None:
    result = compile_scad(source, engine=engine)
    assert kept_and_back(tmp_path / "c.sqlite", result) == replace(result, is_cached=True)


def test_without_its_mesh_a_result_still_has_its_measures(engine: Engine, tmp_path: Path) -> None:
    cache = ResultCache(tmp_path / "c.sqlite")
    cache.put("k", compile_scad("cube(3);", engine=engine))
    found = cache.get("k", has_mesh=False)
    assert found is not None
    assert found.stl is None
    assert found.is_strict


@pytest.mark.parametrize("status", [Status.TIMEOUT, Status.OUT_OF_MEMORY, Status.CRASH, Status.ENGINE_ERROR])
def test_what_depends_on_the_machine_is_not_kept(tmp_path: Path, status: Status) -> None:
    assert kept_and_back(tmp_path / "c.sqlite", CompileResult(status, "e", 1.0)) is None


def test_everything_a_verdict_depends_on_is_in_the_key(tmp_path: Path) -> None:
    library = tmp_path / "Nuts"
    library.mkdir()
    (library / "std.scad").write_text("module nut() cube(1);")
    roots = {"Nuts": library}
    job = CompileJob("use <Nuts/std.scad>\nnut();", {"a.scad": "b"}, {"x": 1})
    keys = {
        job_key(job, "e", roots),
        job_key(job, "e2", roots),
        job_key(job, "e", {}),
        job_key(replace(job, source=job.source + " "), "e", roots),
        job_key(replace(job, files={"a.scad": "c"}), "e", roots),
        job_key(replace(job, files={"b.scad": "b"}), "e", roots),
        job_key(replace(job, files={"a.scad": b"b", "c": b""}), "e", roots),
        job_key(replace(job, parameters={"x": 2}), "e", roots),
        job_key(replace(job, parameters={"x": "1"}), "e", roots),
    }
    (library / "std.scad").write_text("module nut() cube(22);")
    keys.add(job_key(job, "e", roots))
    assert len(keys) == 10
    assert job_key(job, "e", roots) == job_key(replace(job), "e", roots)


def test_a_second_run_compiles_nothing(engine_data_dir: Path, tmp_path: Path) -> None:
    jobs = [CompileJob(f"cube({n});") for n in (1, 2, 3, 2)]
    cache = ResultCache(tmp_path / "c.sqlite")
    with CompilePool("wasm", n_workers=1, data_dir=engine_data_dir, cache=cache) as pool:
        first = list(pool.map(jobs))
    with CompilePool("wasm", n_workers=1, data_dir=engine_data_dir, cache=cache) as pool:
        second = list(pool.map(jobs))
    assert all(r.is_cached for r in second)
    assert [r.stl for r in second] == [r.stl for r in first]


def test_the_oldest_go_first_when_it_is_full(tmp_path: Path) -> None:
    cache = ResultCache(tmp_path / "c.sqlite", max_bytes=64 << 10)
    for number in range(400):
        cache.put(f"k{number}", CompileResult(Status.EMPTY, "e" * 500, 0.1))
    assert cache.prune() > 0
    assert cache.get("k0") is None
    assert cache.get("k399") is not None


def test_a_damaged_file_is_told_and_costs_nothing_else(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "c.sqlite"
    path.write_bytes(b"no database at all, but long enough to be taken for one" * 50)
    assert kept_and_back(path, CompileResult(Status.EMPTY, "e", 0.1)) is None
    assert "remove it if it is damaged" in caplog.text


def test_a_damaged_row_is_told_and_costs_nothing_else(tmp_path: Path) -> None:
    cache = ResultCache(tmp_path / "c.sqlite")
    cache.put("k", CompileResult(Status.EMPTY, "e", 0.1))
    cache.close()
    with sqlite3.connect(tmp_path / "c.sqlite") as db:
        db.execute("UPDATE results SET verdict = '{\"half'")
    assert cache.get("k") is None


def test_a_folder_that_cannot_be_written_costs_nothing_else(
    tmp_path: Path, engine_data_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    cache = ResultCache(tmp_path / "file" / "c.sqlite")
    with CompilePool("wasm", n_workers=1, data_dir=engine_data_dir, cache=cache) as pool:
        assert [r.status for r in pool.map(CompileJob(f"cube({n});") for n in (1, 2))] == [Status.OK, Status.OK]
    assert caplog.text.count("can't be used") == 1


def test_many_processes_open_one_new_file(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from render import CompileResult, Status\n"
        "from render.cache import ResultCache\n"
        "cache = ResultCache(Path(sys.argv[1])); cache.put(sys.argv[2], CompileResult(Status.EMPTY, 'e', 0.1))\n"
        "sys.exit(0 if cache.get(sys.argv[2]) is not None else 'nothing was kept')"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "c.sqlite")]
    running = [subprocess.Popen([*command, str(n)]) for n in range(6)]
    assert [process.wait(60) for process in running] == [0] * 6
