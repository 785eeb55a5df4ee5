"""kill -9 of a process that curates, at any moment of any stage; then the same again ends with the same tables.

Run: python tests/flows/kill_trials.py [--times 20] [--data-dir var], a quarter of an hour. An undisturbed run leaves a
copy of its tables at the start of each stage. Each trial starts from such a copy, dies in that stage with its whole
process group, and runs again to the end. Half of the deaths come by the clock, at a random moment of the stage; half
at one of its publishing steps, just before or after a file gets its name, which no clock would hit.
"""

from __future__ import annotations

import argparse
import logging
import multiprocessing as mp
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import IO, Any

from corpus.schema import TABLES
from corpus.store import Manifest, Store
from corpus.store_files import LocalFiles

__all__ = [
    "Sizes",
    "Stage",
    "Undisturbed",
    "differing",
    "ended",
    "environment",
    "killed_at",
    "run_undisturbed",
    "trial",
]

_MAX_TRIES = 8
_CONTEXT = mp.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["flows.curate_here"])


@dataclass(frozen=True)
class Sizes:
    """How large a run is: enough that each stage has two batches."""

    n_designs: int = 4
    n_synth: int = 6
    n_chains: int = 1
    n_test: int = 3
    batch_size: int = 8


@dataclass(frozen=True)
class Stage:
    """One stage of the undisturbed run; `compile` comes twice."""

    name: str
    seconds: float
    n_steps: int
    """Files that got their name in it."""
    tables: Path
    """As they were when it began."""


@dataclass(frozen=True)
class Undisturbed:
    stages: tuple[Stage, ...]
    end: dict[str, object]


def curate(
    data_dir: Path, sizes: Sizes, notes: Path, *, copies: Path | None = None, death: tuple[str, int] | None = None
) -> None:
    """What the child does: `curate_here`, with a line in `notes` for each stage.

    `death` is a table ("" for any) and the step at which to die: before the nth file of the table gets its name, or
    after it for -n.
    """
    os.setsid()
    from flows import batches
    from flows.curate_here import curate_here
    from flows.settings import load_settings

    settings = load_settings(environment(sizes), data_dir=data_dir)
    batches.BATCH_SIZE = sizes.batch_size
    keep, n_steps = LocalFiles.keep, 0

    def counted(self: LocalFiles, spooled: IO[bytes], path: str) -> None:
        nonlocal n_steps
        table, n = death or ("", 0)
        n_steps += path.startswith(table)
        is_it = path.startswith(table) and n_steps == abs(n)
        if is_it and n > 0:
            os.killpg(0, signal.SIGKILL)
        keep(self, spooled, path)
        if is_it and n < 0:
            os.killpg(0, signal.SIGKILL)

    LocalFiles.keep = counted  # type: ignore[method-assign]

    class Notes(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if copies is not None:
                shutil.copytree(data_dir / "tables", copies / f"{len(list(copies.iterdir()))}")
            with notes.open("a") as file:
                file.write(f"{record.getMessage().split(':')[0]} {time.monotonic()} {n_steps}\n")

    logger = logging.getLogger("flows.curate_here")
    logger.setLevel(logging.INFO)
    logger.addHandler(Notes())
    curate_here(settings)
    with notes.open("a") as file:
        file.write(f"end {time.monotonic()} {n_steps}\n")


def environment(sizes: Sizes) -> dict[str, str]:
    """A deadline that no load of the machine lets pass: a verdict must not hang on it."""
    numbers = {"N_SYNTH": sizes.n_synth, "N_CHAINS": sizes.n_chains, "N_TEST_PROMPTS": sizes.n_test}
    fixed = {"RECIPE": "full", "ENGINE": "wasm", "N_WORKERS": 1, "COMPILE_TIMEOUT_SECONDS": 120}
    return {f"CAD_COPILOT_{name}": str(value) for name, value in (numbers | fixed).items()}


def run_undisturbed(folder: Path, engine: Path, sizes: Sizes) -> Undisturbed:
    """A run that nothing disturbs, over a few designs; `engine` is the installed one."""
    from designs import crawled_rows

    data_dir, copies = _data_dir(folder / "undisturbed", engine), folder / "copies"
    copies.mkdir()
    Store(data_dir / "tables").append("crawled", crawled_rows(sizes.n_designs))
    _run(data_dir, sizes, copies=copies)
    lines = _notes(data_dir)
    stages = [
        Stage(name, after - at, int(n_after) - int(n), copies / str(i))
        for i, ((name, at, n), (_, after, n_after)) in enumerate(pairwise(lines))
    ]
    return Undisturbed(tuple(stages), ended(data_dir))


def trial(folder: Path, engine: Path, sizes: Sizes, stage: Stage, *, is_by_clock: bool, seed: str) -> dict[str, object]:
    """Kill a run in a stage, run again, and give what it ends with."""
    rng = random.Random(seed)
    for n_try in range(_MAX_TRIES):
        data_dir = _data_dir(folder / f"{seed}-{n_try}", engine)
        shutil.copytree(stage.tables, data_dir / "tables")
        if is_by_clock:
            child = _start(data_dir, sizes)
            _wait_for_line(data_dir, child)
            time.sleep(rng.uniform(0, stage.seconds * 0.8**n_try))
            if child.pid is not None and child.is_alive():
                os.killpg(child.pid, signal.SIGKILL)
        else:
            child = _start(data_dir, sizes, death=("", rng.choice((-1, 1)) * rng.randint(1, stage.n_steps)))
        child.join()
        names = [name for name, *_ in _notes(data_dir)]
        if child.exitcode == -signal.SIGKILL and names == [stage.name]:
            (data_dir / "notes").unlink()
            _run(data_dir, sizes)
            end = ended(data_dir)
            shutil.rmtree(data_dir)
            return end
        shutil.rmtree(data_dir)
    raise AssertionError(f"{stage.name} was over before the kill, {_MAX_TRIES} times")


def killed_at(data_dir: Path, sizes: Sizes, table: str, step: int) -> list[str]:
    """Run until a publishing step of a table, and die there; gives the stages that began."""
    (data_dir / "notes").unlink(missing_ok=True)
    child = _start(data_dir, sizes, death=(table, step))
    child.join()
    assert child.exitcode == -signal.SIGKILL, f"step {step} of {table} did not come"
    return [name for name, *_ in _notes(data_dir)]


def differing(end: Mapping[str, object], undisturbed: Undisturbed) -> list[str]:
    """What of an end is not as without a kill."""
    return sorted(n for n in end.keys() | undisturbed.end.keys() if end.get(n) != undisturbed.end.get(n))


def ended(data_dir: Path) -> dict[str, object]:
    """All that must be the same: each table's newest manifest but for its time, its files' bytes, the card's files."""
    store, end = Store(data_dir / "tables"), dict[str, object]()
    for table in TABLES:
        manifest = store.manifest(table)
        if manifest is not None:
            end[table] = _timeless(manifest)
            end[f"{table}: damaged"] = store.verify(table)
            end[f"{table}: left over"] = [e.name for e in store.entries(table, ".") if e.name != ".lock"]
    return end | {str(path.relative_to(data_dir)): path.read_bytes() for path in (data_dir / "dataset").rglob("*.*")}


def _timeless(manifest: Manifest) -> Manifest:
    return replace(manifest, created_at="")


def _data_dir(folder: Path, engine: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "engine").symlink_to(engine)
    return folder


def _start(data_dir: Path, sizes: Sizes, **arguments: Any) -> BaseProcess:
    child = _CONTEXT.Process(target=curate, args=(data_dir, sizes, data_dir / "notes"), kwargs=arguments)
    child.start()
    return child


def _run(data_dir: Path, sizes: Sizes, **arguments: Any) -> None:
    child = _start(data_dir, sizes, **arguments)
    child.join()
    assert child.exitcode == 0, f"curating {data_dir} ended with {child.exitcode}"


def _notes(data_dir: Path) -> list[tuple[str, float, float]]:
    if not (data_dir / "notes").exists():
        return []
    lines = [line.split() for line in (data_dir / "notes").read_text().splitlines()]
    return [(name, float(at), float(n)) for name, at, n in lines]


def _wait_for_line(data_dir: Path, child: BaseProcess) -> None:
    while not _notes(data_dir) and child.is_alive():
        time.sleep(0.002)


def _trials(undisturbed: Undisturbed, n_times: int) -> Iterator[tuple[Stage, bool, str]]:
    for number, stage in enumerate(undisturbed.stages):
        for i in range(n_times):
            yield stage, i % 2 == 0, f"{number}-{stage.name}-{i}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=20, help="kills in each stage")
    parser.add_argument("--data-dir", type=Path, default=Path("var"), help="where the engine is installed")
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    engine, sizes, since = (args.data_dir / "engine").resolve(), Sizes(), time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        undisturbed = run_undisturbed(Path(scratch), engine, sizes)
        n_same: dict[str, int] = {}
        for stage, is_by_clock, seed in _trials(undisturbed, args.times):
            end = trial(Path(scratch), engine, sizes, stage, is_by_clock=is_by_clock, seed=seed)
            others = differing(end, undisturbed)
            name = seed.rsplit("-", 1)[0]
            n_same[name] = n_same.get(name, 0) + (not others)
            logging.info("%s: %s", seed, "the same" if not others else "differs")
            if others:
                print(f"{seed}: {', '.join(others)} differ from the undisturbed run's", flush=True)
    for stage_name, n in n_same.items():
        print(f"{stage_name}: {n} of {args.times} kills ended with the same bytes")
    print(f"{time.monotonic() - since:.0f} s")
    return int(any(n < args.times for n in n_same.values()))


if __name__ == "__main__":
    sys.exit(main())
