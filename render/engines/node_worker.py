"""One Node process that runs worker.mjs, and its two pipes: messages out, answers back, dead at the deadline.

Covers transport and process; what is in a message is `wasm`'s.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import resource
import select
import signal
import struct
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

__all__ = ["DeadlinePassed", "NodeWorker", "WorkerGone"]

START_TIMEOUT_SECONDS = 60.0
"""A worker starts in 0.3 s; a minute covers a cold disk on a machine with much else to do."""
STACK_BYTES = 256 << 20
"""Native stack for the worker: deep recursion must reach OpenSCAD's own check, which needs under half of it."""
MAX_SCRIPT_HEAP_MB = 512
"""JavaScript's own heap; the engine's memory and the files it sees lie outside of it."""
PIPE_BYTES = 1 << 20
_WORKER = Path(__file__).with_name("worker.mjs")
_LENGTHS = struct.Struct("<II")


class WorkerGone(Exception):
    """The worker's process ended, or its answer made no sense; the message is what is known."""


class DeadlinePassed(Exception):
    """No whole answer before the deadline."""


class NodeWorker:
    """A running worker. Not safe to share: one exchange at a time."""

    def __init__(self, process: subprocess.Popen[bytes], log: IO[bytes]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self.process = process
        self.known_keys: set[str] = set()
        """Library files whose bytes this worker has."""
        self.n_exchanges = 0
        self._stdin, self._stdout, self._log = process.stdin, process.stdout, log
        os.set_blocking(self._stdin.fileno(), False)
        for pipe in (self._stdin, self._stdout):
            with contextlib.suppress(OSError):  # an unprivileged user's pipes may be limited in sum
                fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, PIPE_BYTES)

    @classmethod
    def start(cls, node: Path, engine_dir: Path) -> NodeWorker:
        """Start a worker and wait until it is ready. Raises WorkerGone, DeadlinePassed or OSError."""
        hard = resource.getrlimit(resource.RLIMIT_STACK)[1]
        stack_kb = (STACK_BYTES if hard == resource.RLIM_INFINITY else min(STACK_BYTES, hard)) >> 10
        # the kernel lays out memory by the limit at exec time, so a shell sets it first; V8 gets 15/16 of it
        script = 'ulimit -s "$1" && ulimit -c 0 && shift && exec "$@"'
        command = ["/bin/sh", "-c", script, "sh", str(stack_kb), str(node)]
        command += [f"--stack-size={stack_kb * 15 // 16}", f"--max-old-space-size={MAX_SCRIPT_HEAP_MB}", "--expose-gc"]
        command += [str(_WORKER), str(engine_dir)]
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
            worker._receive(time.monotonic() + START_TIMEOUT_SECONDS)
        except (WorkerGone, DeadlinePassed):
            worker.kill()
            raise
        return worker

    @property
    def is_running(self) -> bool:
        return self.process.poll() is None

    @property
    def resident_bytes(self) -> int:
        """Memory that the process has in use; 0 once it is gone."""
        try:
            n_pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        except (OSError, IndexError):
            return 0
        return n_pages * resource.getpagesize()

    def exchange(
        self, request: Mapping[str, Any], parts: Sequence[bytes], deadline: float
    ) -> tuple[Mapping[str, Any], bytes]:
        """Send one request with its body, read the answer and its body. Raises WorkerGone or DeadlinePassed."""
        header = json.dumps(request).encode()
        body = b"".join(parts)
        self._write(b"".join((_LENGTHS.pack(len(header), len(body)), header, body)), deadline)
        answer = self._receive(deadline)
        self.n_exchanges += 1
        return answer

    def stop(self) -> None:
        """End the whole process group; whoever waits for an answer gets WorkerGone. From any thread."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def kill(self) -> None:
        """End the whole process group and release the pipes."""
        if self.is_running:
            self.stop()
        self.process.wait()
        for stream in (self._stdin, self._stdout, self._log):
            stream.close()

    def _write(self, data: bytes, deadline: float) -> None:
        view = memoryview(data)
        while view:
            try:
                view = view[os.write(self._stdin.fileno(), view) :]
            except BlockingIOError:
                if not select.select([], [self._stdin], [], max(deadline - time.monotonic(), 0))[1]:
                    raise DeadlinePassed from None
            except BrokenPipeError:
                raise WorkerGone(self._last_words()) from None

    def _receive(self, deadline: float) -> tuple[Mapping[str, Any], bytes]:
        chunks = [self._read(deadline)]
        while len(chunks[0]) < _LENGTHS.size:
            chunks[0] += self._read(deadline)
        n_header, n_body = _LENGTHS.unpack_from(chunks[0])
        n_missing = _LENGTHS.size + n_header + n_body - len(chunks[0])
        while n_missing > 0:
            chunks.append(self._read(deadline))
            n_missing -= len(chunks[-1])
        message = b"".join(chunks)
        start = _LENGTHS.size + n_header
        try:
            return json.loads(message[_LENGTHS.size : start]), message[start : start + n_body]
        except ValueError:
            raise WorkerGone("its answer is no JSON") from None

    def _read(self, deadline: float) -> bytes:
        if not select.select([self._stdout], [], [], max(deadline - time.monotonic(), 0))[0]:
            raise DeadlinePassed
        chunk = os.read(self._stdout.fileno(), PIPE_BYTES)
        if not chunk:
            raise WorkerGone(self._last_words())
        return chunk

    def _last_words(self) -> str:
        """Exit status and the line of stderr that says most."""
        code = self.process.wait()
        self._log.seek(0)
        lines = self._log.read(1 << 16).decode(errors="replace").splitlines()
        words = ("out of memory", "rror")
        telling = next((line.strip() for word in words for line in lines if word in line), "")
        how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        return f"{how}, {telling}" if telling else how
