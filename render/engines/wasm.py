"""The wasm engine: one persistent Node worker that has no access to host files beyond its own engine folder.

Drives worker.mjs. A file that hangs, runs out of memory or kills the worker costs that file only: the process
group is killed and a new worker starts with the next file. Doesn't cover many workers (see `render.pool`).
"""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import struct
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from render import diagnostics, libraries
from render.engines.base import MAX_OUTPUT_BYTES, EngineMissing, check_input, lay_out
from render.engines.install import read_manifest
from render.engines.node import NodeMissing, find_node
from render.result import CompileJob, CompileResult, Diagnostic, Severity, Status

__all__ = ["WasmEngine"]

START_TIMEOUT_SECONDS = 60.0
"""A worker starts in 0.2 s; a minute covers a cold disk on a machine with much else to do."""
STACK_BYTES = 256 << 20
"""Native stack for the worker: deep recursion must reach OpenSCAD's own check, which needs under half of it."""
WORK_DIR = "/job/"
LIBRARY_DIR = "/libraries/"
_WORKER = Path(__file__).with_name("worker.mjs")
_LENGTH = struct.Struct("<I")


class _WorkerGone(Exception):
    """The worker's process ended, or its answer made no sense; the message is what is known."""


class _DeadlinePassed(Exception):
    """No whole answer before the deadline."""


class WasmEngine:
    """OpenSCAD as WebAssembly with Manifold, in one Node process. Safe to share: one compile at a time."""

    def __init__(self, engine_dir: Path) -> None:
        """Raises EngineMissing if the engine or Node isn't installed. The process starts with the first file."""
        manifest = read_manifest(engine_dir)
        if manifest is None:
            raise EngineMissing(f"no OpenSCAD engine in {engine_dir}: run `make setup`")
        try:
            self._node = find_node()
        except NodeMissing as error:
            raise EngineMissing(str(error)) from error
        self._engine_dir = engine_dir
        self._engine_id = f"wasm-{manifest.version}/manifold"
        self._lock = threading.Lock()
        self._worker: _Worker | None = None
        self._is_closed = False

    @property
    def engine_id(self) -> str:
        return self._engine_id

    @property
    def worker_pid(self) -> int | None:
        """Process id of the running worker, for monitoring; None before the first file and after a kill."""
        worker = self._worker
        return worker.process.pid if worker is not None else None

    def compile(self, job: CompileJob, *, timeout_seconds: float, max_memory_bytes: int) -> CompileResult:
        """Compile one source; the deadline doesn't count the start of a worker, which is not the file's fault."""
        refused = check_input(job)
        if refused is not None:
            return self._result(refused[0], 0.0, (refused[1],))
        with self._lock:
            if self._is_closed:
                raise ValueError("this engine is closed")
            try:
                worker = self._running_worker()
            except (_WorkerGone, _DeadlinePassed, OSError) as error:
                return self._failed(Status.ENGINE_ERROR, 0.0, f"the engine's worker did not start: {error}")
            return self._compile(worker, job, timeout_seconds, max_memory_bytes)

    def _compile(
        self, worker: _Worker, job: CompileJob, timeout_seconds: float, max_memory_bytes: int
    ) -> CompileResult:
        request, contents = _request(job, worker.known_keys, max_memory_bytes)
        started = time.monotonic()
        try:
            answer, stl = worker.exchange(request, started + timeout_seconds)
        except _DeadlinePassed:
            self._drop_worker()
            return self._failed(Status.TIMEOUT, time.monotonic() - started, f"no mesh within {timeout_seconds:g} s")
        except _WorkerGone as error:
            self._drop_worker()
            status = Status.OUT_OF_MEMORY if "out of memory" in str(error) else Status.CRASH
            return self._failed(status, time.monotonic() - started, f"the engine's process ended: {error}")
        worker.known_keys |= contents
        return self._verdict(answer, stl, request["main"], time.monotonic() - started)

    def close(self) -> None:
        with self._lock:
            self._is_closed = True
            self._drop_worker()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self.close()

    def _running_worker(self) -> _Worker:
        if self._worker is not None and self._worker.process.poll() is not None:
            self._drop_worker()  # it died between two files: neither pays for that
        if self._worker is None:
            self._worker = _Worker.start(self._node.executable, self._engine_dir)
        return self._worker

    def _drop_worker(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.kill()

    def _verdict(self, answer: Mapping[str, Any], stl: bytes, main: str, seconds: float) -> CompileResult:
        found = diagnostics.parse_log(answer["log"], work_dir=WORK_DIR, main=main.removeprefix(WORK_DIR))
        n_triangles = max(len(stl) - 84, 0) // 50
        status = diagnostics.classify(
            answer["rc"],
            found,
            n_triangles,
            trap=answer["trap"],
            is_out_of_memory=answer["is_out_of_memory"],
            is_output_too_large=answer["n_output_bytes"] > len(stl),
        )
        note = _note(status, answer)
        return self._result(status, seconds, found + ((note,) if note else ()), stl if n_triangles else None)

    def _failed(self, status: Status, seconds: float, message: str) -> CompileResult:
        return self._result(status, seconds, (Diagnostic(Severity.ERROR, status.value, message),))

    def _result(
        self, status: Status, seconds: float, found: tuple[Diagnostic, ...], stl: bytes | None = None
    ) -> CompileResult:
        return CompileResult(status, self._engine_id, seconds, found, stl, containment="wasm")


def _note(status: Status, answer: Mapping[str, Any]) -> Diagnostic | None:
    """Says in words what only the worker knows: a cap reached, or a trap."""
    if status is Status.OUT_OF_MEMORY:
        return Diagnostic(Severity.ERROR, status.value, "the memory cap was reached")
    if status is Status.TOO_LARGE:
        size = answer["n_output_bytes"]
        return Diagnostic(Severity.ERROR, status.value, f"the mesh has {size} bytes, the limit is {MAX_OUTPUT_BYTES}")
    if answer["trap"] is not None:
        return Diagnostic(Severity.ERROR, status.value, f"the engine stopped: {answer['trap']}")
    return None


def _request(job: CompileJob, known_keys: set[str], max_memory_bytes: int) -> tuple[dict[str, Any], set[str]]:
    """The request for a job, and the keys of the library files whose text it carries."""
    layout = lay_out(job)
    needed = libraries.closure([job.source, *job.files.values()], libraries.library_roots())
    contents = {file.key: file.text for file in needed.values() if file.key not in known_keys}
    request = {
        "main": WORK_DIR + layout.main,
        "files": {WORK_DIR + name: text for name, text in layout.files.items()},
        "mounts": {LIBRARY_DIR + name: file.key for name, file in needed.items()},
        "contents": contents,
        "max_memory_bytes": max_memory_bytes,
        "max_output_bytes": MAX_OUTPUT_BYTES,
    }
    return request, set(contents)


class _Worker:
    """One Node process and its two pipes."""

    def __init__(self, process: subprocess.Popen[bytes], log: IO[bytes]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self.process = process
        self.known_keys: set[str] = set()
        self._stdin, self._stdout, self._log = process.stdin, process.stdout, log
        os.set_blocking(self._stdin.fileno(), False)

    @classmethod
    def start(cls, node: Path, engine_dir: Path) -> _Worker:
        """Start a worker and wait until it is ready. Raises _WorkerGone, _DeadlinePassed or OSError."""
        hard = resource.getrlimit(resource.RLIMIT_STACK)[1]
        stack_kb = (STACK_BYTES if hard == resource.RLIM_INFINITY else min(STACK_BYTES, hard)) >> 10
        # the kernel lays out memory by the limit at exec time, so a shell sets it first; V8 gets 15/16 of it
        script = 'ulimit -s "$1" && shift && exec "$@"'
        command = ["/bin/sh", "-c", script, "sh", str(stack_kb), str(node)]
        command += [f"--stack-size={stack_kb * 15 // 16}", "--expose-gc", str(_WORKER), str(engine_dir)]
        log = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the worker
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            bufsize=0,
            start_new_session=True,
            env={"PATH": os.defpath, "LANG": "C.UTF-8"},
        )
        worker = cls(process, log)
        try:
            worker._read(time.monotonic() + START_TIMEOUT_SECONDS)
        except (_WorkerGone, _DeadlinePassed):
            worker.kill()
            raise
        return worker

    def exchange(self, request: Mapping[str, Any], deadline: float) -> tuple[Mapping[str, Any], bytes]:
        """Send one request, read its answer. Raises _WorkerGone or _DeadlinePassed."""
        body = json.dumps(request).encode()
        self._write(_LENGTH.pack(len(body)) + body, deadline)
        return self._read(deadline)

    def kill(self) -> None:
        """End the whole process group and release the pipes."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            self.process.poll()
        self.process.wait()
        for stream in (self._stdin, self._stdout, self._log):
            stream.close()

    def _write(self, data: bytes, deadline: float) -> None:
        view = memoryview(data)
        while view:
            if not select.select([], [self._stdin], [], max(deadline - time.monotonic(), 0))[1]:
                raise _DeadlinePassed
            try:
                view = view[os.write(self._stdin.fileno(), view) :]
            except BrokenPipeError:
                raise _WorkerGone(self._last_words()) from None

    def _read(self, deadline: float) -> tuple[Mapping[str, Any], bytes]:
        (length,) = _LENGTH.unpack(self._read_exactly(_LENGTH.size, deadline))
        header: Mapping[str, Any] = json.loads(self._read_exactly(length, deadline))
        return header, self._read_exactly(header.get("n_stl_bytes", 0), deadline)

    def _read_exactly(self, n_bytes: int, deadline: float) -> bytes:
        chunks: list[bytes] = []
        while n_bytes:
            if not select.select([self._stdout], [], [], max(deadline - time.monotonic(), 0))[0]:
                raise _DeadlinePassed
            chunk = os.read(self._stdout.fileno(), min(n_bytes, 1 << 20))
            if not chunk:
                raise _WorkerGone(self._last_words())
            chunks.append(chunk)
            n_bytes -= len(chunk)
        return b"".join(chunks)

    def _last_words(self) -> str:
        """Exit status and the line of stderr that says most."""
        code = self.process.wait()
        self._log.seek(0)
        lines = self._log.read(1 << 16).decode(errors="replace").splitlines()
        telling = next((line.strip() for line in lines if "rror" in line), "")
        how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        return f"{how}, {telling}" if telling else how
