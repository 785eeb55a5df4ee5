"""The pool with real engines: order, back-pressure, many askers, killed workers."""

from __future__ import annotations

import asyncio
import itertools
import math
import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import wait
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from render import CompileJob, CompilePool, CompileResult, EngineMissing, MeshStats, Status, compile_many
from render.cache import ResultCache
from render.cost import predicted_cost

ENDLESS_LOOP = "for (i = [0:999], j = [0:999], k = [0:999]) cube(1);"


@pytest.fixture(scope="module")
def pool(engine_data_dir: Path) -> Iterator[CompilePool]:
    with CompilePool("wasm", n_workers=2, timeout_seconds=20, data_dir=engine_data_dir) as opened:
        yield opened


def box(n: int) -> CompileJob:
    return CompileJob(f"cube([{n + 1}, 2, 3]);")


def side(result: CompileResult) -> float:
    assert result.stats is not None, result.diagnostics
    return result.stats.size_mm[0]


def test_many_keep_their_order_though_one_hangs(engine_data_dir: Path) -> None:
    sources = [f"cube({n});" for n in range(1, 13)]
    sources[4] = ENDLESS_LOOP
    jobs = [CompileJob(source) for source in sources]
    results = list(compile_many(jobs, n_workers=2, timeout_seconds=2, data_dir=engine_data_dir))
    assert [r.status is Status.TIMEOUT for r in results] == [n == 4 for n in range(12)]
    sizes = [r.stats.size_mm[0] for r in results if r.stats is not None]
    assert sizes == [1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12]


def test_an_endless_stream_of_jobs_is_read_only_as_far_as_needed(engine_data_dir: Path) -> None:
    n_taken = itertools.count()
    last = 0

    def jobs() -> Iterator[CompileJob]:
        nonlocal last
        for last in n_taken:
            yield CompileJob(f"cube({last + 1});")

    before = set(psutil.Process().children())
    results = compile_many(jobs(), n_workers=1, data_dir=engine_data_dir)
    assert [r.status for r in itertools.islice(results, 3)] == [Status.OK] * 3
    assert last < 1100
    assert len(set(psutil.Process().children()) - before) == 1
    results.close()
    assert set(psutil.Process().children()) <= before


def test_results_come_in_the_order_of_the_jobs(pool: CompilePool) -> None:
    assert [side(r) for r in pool.map(box(n) for n in range(200))] == list(range(1, 201))


def test_as_they_come_each_job_has_its_result_once_and_no_fast_one_waits(pool: CompilePool) -> None:
    jobs = [CompileJob("function f(n) = n < 2 ? n : f(n - 1) + f(n - 2); echo(f(23)); cube([1, 2, 3]);")]
    jobs += [box(n) for n in range(1, 40)]
    came = list(pool.map_as_completed(jobs))
    assert sorted(number for number, _ in came) == list(range(40))
    assert all(side(result) == number + 1 for number, result in came)
    assert came[0][0] != 0


def test_many_threads_and_coroutines_share_a_pool(pool: CompilePool) -> None:
    async def ask() -> list[float]:
        results = await asyncio.gather(*(pool.compile_async(box(n)) for n in range(20)))
        streamed = [r async for r in pool.map_async(box(n) for n in range(20))]
        return [side(r) for r in [*results, *streamed]]

    found: dict[int, list[float]] = {}

    def work(number: int) -> None:
        found[number] = [side(pool.compile(box(n))) for n in range(10)]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    assert asyncio.run(ask()) == list(range(1, 21)) * 2
    for thread in threads:
        thread.join()
    assert sorted(found) == [0, 1, 2, 3]
    assert all(sides == [float(n) for n in range(1, 11)] for sides in found.values())


def test_the_loop_of_a_coroutine_runs_on_while_a_file_compiles(pool: CompilePool) -> None:
    async def ask() -> int:
        slow = asyncio.create_task(
            pool.compile_async(CompileJob("function f(n) = n < 2 ? n : f(n - 1) + f(n - 2); echo(f(23)); cube(1);"))
        )
        n_ticks = 0
        while not slow.done():
            await asyncio.sleep(0.005)
            n_ticks += 1
        return n_ticks

    assert asyncio.run(ask()) > 5


def test_slow_files_start_first(engine_data_dir: Path) -> None:
    slow = CompileJob("minkowski() { cube(5); sphere(2, $fn = 24); }")
    jobs = [box(n) for n in range(20)] + [slow]
    assert predicted_cost(slow) > max(predicted_cost(job) for job in jobs[:-1])
    done: list[int] = []
    with CompilePool("wasm", n_workers=1, data_dir=engine_data_dir) as own:
        futures = [own.submit(job) for job in jobs]
        for number, future in enumerate(futures):
            future.add_done_callback(lambda _, number=number: done.append(number))
        wait(futures)
    assert done.index(20) <= 1  # the first job may have begun before the slow one was known


@pytest.mark.parametrize("engine_name", ["wasm", "native"])
def test_a_closed_pool_ends_what_runs_and_what_waits(engine_data_dir: Path, engine_name: str) -> None:
    try:
        own = CompilePool(engine_name, n_workers=1, timeout_seconds=60, data_dir=engine_data_dir)
    except EngineMissing as error:
        pytest.skip(str(error))
    before = set(psutil.Process().children())
    futures = [own.submit(CompileJob(ENDLESS_LOOP)) for _ in range(5)]
    time.sleep(1)
    started = time.monotonic()
    own.close()
    own.close()
    assert time.monotonic() - started < 20  # not the minute that the file has
    assert futures[0].result().status is Status.ENGINE_ERROR
    assert all(f.cancelled() for f in futures[1:])
    assert set(psutil.Process().children()) <= before
    with pytest.raises(ValueError, match="closed"):
        own.submit(box(1))


def test_workers_killed_at_random_lose_no_file_and_double_none(engine_data_dir: Path) -> None:
    rng = random.Random(0)
    stop = threading.Event()
    n_kills = 0

    def kill() -> None:
        nonlocal n_kills
        while not stop.wait(rng.uniform(0.1, 0.4)):
            for process in psutil.Process().children():
                if "node" in process.name():
                    os.kill(process.pid, signal.SIGKILL)
                    n_kills += 1
                    break

    with CompilePool("wasm", n_workers=2, data_dir=engine_data_dir) as own:
        own.compile(box(0))
        killer = threading.Thread(target=kill)
        killer.start()
        results = list(own.map(box(n) for n in range(400)))
        stop.set()
        killer.join()
    assert n_kills > 2
    compiled = [number for number, r in enumerate(results) if r.status is Status.OK]
    assert [side(results[number]) for number in compiled] == [number + 1 for number in compiled]
    assert {r.status for r in results} <= {Status.OK, Status.CRASH}  # a file may meet two kills
    assert len(results) == 400
    assert len(compiled) >= 395


def test_what_was_taken_out_is_not_kept(pool: CompilePool, monkeypatch: pytest.MonkeyPatch) -> None:
    big = CompileResult(Status.OK, "e", 0.0, stl=bytes(4 << 20))
    monkeypatch.setattr(pool, "_compile", lambda *_: (big_copy(big), True))
    largest = 0
    before = psutil.Process().memory_info().rss
    for _ in pool.map(box(n) for n in range(300)):
        largest = max(largest, psutil.Process().memory_info().rss - before)
    assert largest < 700 << 20  # 300 of them have 1.2 GB


def big_copy(result: CompileResult) -> CompileResult:
    return replace(result, stl=bytes(bytearray(result.stl or b"")))


@pytest.mark.parametrize("second_status", [Status.OK, Status.TIMEOUT])
def test_a_second_opinion_counts_where_the_engine_has_a_bug(
    engine_data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, second_status: Status
) -> None:
    bug = CompileResult(Status.CRASH, "wasm-test", 0.1)
    stats = MeshStats(1, (1, 1, 1), (0, 0, 0), (1, 1, 1), 1.0, 6.0, True, 1, 0)
    other = CompileResult(second_status, "native-test", 0.1, stats=stats)
    with CompilePool(
        "wasm", n_workers=1, data_dir=engine_data_dir, cache=ResultCache(tmp_path / "c.sqlite"), has_second_opinion=True
    ) as own:
        monkeypatch.setattr(own._engines[0], "compile", lambda *_, **__: bug)
        monkeypatch.setattr(own, "_second_opinion", lambda *_: other)
        results = [own.compile(box(1)) for _ in range(2)]
    expected = "native-test" if second_status is Status.OK else "wasm-test"
    assert [r.engine_id for r in results] == [expected] * 2
    assert results[1].is_cached == (second_status is Status.OK)  # a deadline's verdict is not kept


def test_pools_can_be_closed_while_their_threads_wait(engine_data_dir: Path) -> None:
    for _ in range(20):
        own = CompilePool("wasm", n_workers=4, data_dir=engine_data_dir)
        own._threads = []
        for _ in range(4):
            own._start_thread()
        futures = [own.submit(CompileJob("cube(1);\0")) for _ in range(20)]  # refused at once: no process starts
        own.close()
        assert all(f.done() for f in futures)
        assert not any(thread.is_alive() for thread in own._threads)


SUM = "minkowski() { cube([31.559, 27.4, 30.6]); cylinder(r = 5, h = 5, $fn = 8); }"


def test_minkowski_is_doubted_and_exact_where_a_native_engine_is(engine_data_dir: Path) -> None:
    octagon_mm2, perimeter_mm = 5**2 * 8 / 2 * math.sin(math.pi / 4), 2 * (31.559 + 27.4)
    # Steiner's formula for the flat sum; an octagon with corners on the axes reaches 5 mm to each side
    exact_mm3 = (31.559 * 27.4 + perimeter_mm * 5 + octagon_mm2) * (30.6 + 5)
    with CompilePool("wasm", n_workers=1, data_dir=engine_data_dir) as own:
        alone = own.compile(CompileJob(SUM))
    assert (alone.status, alone.is_strict) == (Status.WARNING, True)
    assert [d.kind for d in alone.diagnostics] == ["inexact"]
    with CompilePool("wasm", n_workers=1, data_dir=engine_data_dir, has_second_opinion=True) as own:
        asked = own.compile(CompileJob(SUM))
        if not asked.engine_id.startswith("native"):
            pytest.skip("openscad not installed, or can't be contained")
    assert asked.stats is not None
    assert asked.stats.volume_mm3 == pytest.approx(exact_mm3, rel=1e-4)
