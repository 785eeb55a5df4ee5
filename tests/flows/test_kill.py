"""kill -9 in the middle of a stage, then the same command again: it goes on, and the tables are whole."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from corpus.store import Store

COMMAND = str(Path(sys.executable).parent / "cad-copilot")
N_SYNTH, N_TEST = 520, 8


def test_a_killed_curate_goes_on_and_compiles_only_the_rest(data_dir: Path) -> None:
    env = os.environ | {
        "CAD_COPILOT_DATA_DIR": str(data_dir),
        "CAD_COPILOT_N_SYNTH": str(N_SYNTH),
        "CAD_COPILOT_N_TEST_PROMPTS": str(N_TEST),
    }
    store = Store(data_dir / "tables")
    first = subprocess.Popen([COMMAND, "curate"], env=env, stderr=subprocess.DEVNULL, start_new_session=True)
    deadline = time.monotonic() + 120
    while store.latest_version("compiled") is None and time.monotonic() < deadline:
        time.sleep(0.02)
    assert first.poll() is None, "it ended before it could be killed"
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    n_done = len(store.keys("compiled"))
    assert 0 < n_done < N_SYNTH

    second = subprocess.run([COMMAND, "curate", "--json"], env=env, capture_output=True, text=True, timeout=240)
    assert second.returncode == 0, second.stderr
    report = json.loads(second.stdout)
    n_distinct = len(store.keys("compiled"))
    assert report["n_compiled_now"] == n_distinct - n_done
    assert report["n_examples"] == N_SYNTH + N_TEST
    assert [problem for table in ("compiled", "examples", "rejected") for problem in store.verify(table)] == []
