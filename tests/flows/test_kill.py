"""kill -9 in every stage, then the same again: it goes on, and ends with the bytes of a run that nothing disturbed.

A few kills; `tests/flows/kill_trials.py` is the long version, at random moments.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from command import COMMAND
from designs import crawled_rows
from kill_trials import Sizes, differing, ended, environment, killed_at, run_undisturbed

from corpus.store import Store

SIZES = Sizes(n_designs=2, n_synth=4, n_chains=1, n_test=1, batch_size=500)
DEATHS = (
    ("cleaned", 1, "clean"),
    ("cleaned", -1, "clean"),
    ("synthetic", -3, "synthesize"),
    ("synthetic", 6, "synthesize"),
    ("compiled", 2, "compile"),
    ("compiled", -3, "compile"),
    ("synthetic", -1, "rework"),
    ("compiled", -1, "compile"),
    ("sketches", 1, "sketch"),
    ("sketches", -4, "sketch"),
    ("examples", 5, "build"),
    ("rejected", -1, "build"),
)
"""Table, which of its files, stage: one after the other in one data folder. Odd steps are parts, even ones manifests;
the process dies before the file has its name, or right after for a negative step."""


def test_a_run_killed_in_every_stage_ends_with_the_bytes_of_one_that_was_not(
    engine_data_dir: Path, data_dir: Path, tmp_path: Path
) -> None:
    undisturbed = run_undisturbed(tmp_path / "other", engine_data_dir / "engine", SIZES)
    store = Store(data_dir / "tables")
    store.append("crawled", crawled_rows(SIZES.n_designs))
    for table, step, stage in DEATHS:
        assert killed_at(data_dir, SIZES, table, step)[-1] == stage
    n_done = len(store.keys("compiled"))

    env = os.environ | environment(SIZES) | {"CAD_COPILOT_DATA_DIR": str(data_dir)}
    last = subprocess.run([COMMAND, "curate", "--json"], env=env, capture_output=True, text=True, timeout=240)
    assert last.returncode == 0, last.stderr
    (data_dir / "notes").unlink()
    assert differing(ended(data_dir), undisturbed) == []
    assert json.loads(last.stdout)["n_compiled_now"] == 0
    assert n_done == len(store.keys("compiled")) > 0
