"""What hostile inputs do to each engine: contained, refused, leaked, hung or crashed, by group; as Markdown.

Run: python bench/bench_hostile.py [--data-dir var] [--engines wasm native] [--timeout 3] [--json]. It needs the
repository's tests folder beside it. Every case of tests/render/hostile_set.py runs, the slow ones too. An input is
  refused    by a check of ours, before any engine saw it
  crashed    the engine's process died or trapped: contained, and only that file is lost
  hung       its verdict came later than the deadline and a second
  leaked     something of the host shows in its messages or its mesh
  broken     an exception, or a failure of ours (engine_error)
  contained  all others: a mesh, an error of OpenSCAD's own, or stopped at a limit.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "render"))

from hostile_set import CASES, Outcome, attack, plant

from render import EngineMissing, Status, open_engine

COLUMNS = ("contained", "refused", "crashed", "leaked", "hung", "broken")
REFUSED = (Status.BAD_INPUT, Status.TOO_LARGE)
"""With no time spent; TOO_LARGE may also be the mesh."""


def ending(outcome: Outcome, timeout_seconds: float) -> str:
    """The worst that is true of it."""
    result = outcome.result
    if result is None or result.status is Status.ENGINE_ERROR:
        return "broken"
    if outcome.leaks:
        return "leaked"
    if max(result.seconds, outcome.wall_seconds) > timeout_seconds + 1:
        return "hung"
    if result.status is Status.CRASH:
        return "crashed"
    return "refused" if result.status in REFUSED and result.seconds < 0.001 else "contained"


def run(engine_name: str, *, data_dir: Path, timeout_seconds: float, n_engines: int) -> list[Outcome]:
    """All cases on one kind of engine, `n_engines` at a time."""
    with tempfile.TemporaryDirectory() as folder:
        secrets = plant(Path(folder) / "host", seed=time.time_ns())
        os.environ.update(secrets.environment())
        engines = [open_engine(engine_name, data_dir=data_dir) for _ in range(n_engines)]
        try:
            return attack(CASES, secrets, engines, timeout_seconds=timeout_seconds, max_memory_bytes=512 << 20)
        finally:
            for engine in engines:
                engine.close()


def table(outcomes: list[Outcome], timeout_seconds: float) -> list[dict[str, str | int | float]]:
    """A row for each group, and one for all."""
    groups = list(dict.fromkeys(case.group for case in CASES))
    rows: list[dict[str, str | int | float]] = []
    for group in (*groups, "all"):
        some = [o for o in outcomes if group in (o.case.group, "all")]
        counts = Counter(ending(o, timeout_seconds) for o in some)
        over = max((o.wall_seconds - timeout_seconds for o in some), default=0.0)
        row: dict[str, str | int | float] = {"group": group, "n": len(some)}
        row |= {column: counts[column] for column in COLUMNS}
        rows.append(row | {"over_s": round(max(over, 0), 2)})
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, default=Path("var"), help="folder that holds engine/")
    parser.add_argument("--engines", nargs="+", default=["wasm", "native"])
    parser.add_argument("--timeout", type=float, default=3.0, help="seconds for each input")
    parser.add_argument("--n-engines", type=int, default=2, help="how many at a time")
    parser.add_argument("--json", action="store_true", help="JSON instead of Markdown")
    args = parser.parse_args()
    home = os.environ.get("HOME", "")
    report = {}
    for name in args.engines:
        started = time.monotonic()
        try:
            outcomes = run(name, data_dir=args.data_dir, timeout_seconds=args.timeout, n_engines=args.n_engines)
        except EngineMissing as error:
            print(f"{name}: not run: {error}", file=sys.stderr)
            continue
        finally:
            os.environ["HOME"] = home
        known = next((o.result for o in outcomes if o.result is not None), None)
        bad = [
            f"{o.case.group}: {o.case.name}: {ending(o, args.timeout)} "
            f"({o.result.status if o.result else o.error}, {o.wall_seconds:.1f} s) {', '.join(o.leaks)}".rstrip()
            for o in outcomes
            if ending(o, args.timeout) in ("leaked", "hung", "broken")
        ]
        report[name] = {
            "engine_id": known.engine_id if known else "",
            "containment": known.containment if known else "",
            "seconds": round(time.monotonic() - started, 1),
            "rows": table(outcomes, args.timeout),
            "crashed": sorted(o.case.name for o in outcomes if ending(o, args.timeout) == "crashed"),
            "leaked, hung or broken": sorted(bad),
        }
    print(json.dumps(report, indent=2) if args.json else markdown(report, args.timeout))


def markdown(report: dict[str, dict[str, object]], timeout_seconds: float) -> str:
    lines: list[str] = []
    for found in report.values():
        lines += [f"**{found['engine_id']}** ({found['containment']}), {timeout_seconds:g} s and 512 MB an input:", ""]
        lines += [f"| inputs | n | {' | '.join(COLUMNS)} | slowest over the deadline, s |", "|---" * 9 + "|"]
        rows = found["rows"]
        assert isinstance(rows, list)
        lines += ["| " + " | ".join(str(value) for value in row.values()) + " |" for row in rows]
        for title in ("crashed", "leaked, hung or broken"):
            names = found[title]
            assert isinstance(names, list)
            lines += ["", f"{title.capitalize()}: {'; '.join(names) or 'none'}."]
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
