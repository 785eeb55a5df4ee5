"""Dedup: what each depth finds of planted duplicates, and how long the near depth takes beside datasketch.

Run: python bench/bench_dedup.py [--part planted|speed] [--documents 200000] [--keep FOLDER]. Both sides of the speed
run on the same documents, one after the other, each in a process of its own, whose CPU time and greatest memory are
given; datasketch with the bands that it chooses for the threshold. The documents are made from the starter parts: two
to eight in a file, names with a word of that file's own; three in ten are an earlier one, a few numbers changed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from planted_duplicates import planted_table, real_designs, same_solids
from tables import Report, Row

from corpus.dedup import DEPTHS
from corpus.near import near_groups
from corpus.normalize import tokens
from corpus.sketches import minhashes, sketches
from corpus.starter import FAMILIES, sample_examples

THRESHOLD = 0.7
N_PERMUTATIONS = 128


class Documents(Sequence[str]):
    """The documents of a file, read one at a time, so that a side's memory is its own."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self._ends = np.load(path.with_suffix(".npy"))

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, i: int) -> str:  # type: ignore[override]
        if i >= len(self):
            raise IndexError(i)
        start, end = int(self._ends[i]), int(self._ends[i + 1])
        return os.pread(self._file.fileno(), end - start, start).decode()

    @staticmethod
    def write(texts: Iterator[str], path: Path) -> None:
        ends = [0]
        with path.open("wb") as file:
            for text in texts:
                ends.append(ends[-1] + file.write(text.encode()))
        np.save(path.with_suffix(".npy"), np.array(ends, dtype=np.int64))


def make_documents(n: int, *, seed: int) -> Iterator[str]:
    rng = random.Random(seed)
    parts = [
        e.scad
        for e in sample_examples(3000, seed=seed, families=tuple(FAMILIES), wording_pools=["base"], split="train")
    ]
    names = re.compile(r"\b([a-z]+_[a-z]+|width|depth|height|diameter|length|thickness|wall)\b(?!\()")
    recent: list[str] = []
    for _ in range(n):
        if recent and rng.random() < 0.3:
            text = rng.choice(recent)
            for _ in range(rng.randint(1, 4)):
                value = rng.choice(re.findall(r"= (\d+)", text))
                text = text.replace(f"= {value};", f"= {rng.randint(2, 400)};", 1)
        else:
            word = "".join(rng.choices("bcdfghklmnprstvw", k=3))
            some = rng.choices(parts, k=rng.randint(2, 8))
            text = "\n".join(names.sub(rf"{word}{k}_\1", part) for k, part in enumerate(some))
        if len(recent) < 20_000:
            recent.append(text)
        else:
            recent[rng.randrange(20_000)] = text
        yield text


def make_template(n: int, *, seed: int) -> Iterator[str]:
    """All from one template: what a generator of one family gives."""
    rng = random.Random(seed)
    (text,) = (t for i, t in enumerate(make_documents(30, seed=seed)) if i == 29)
    for _ in range(n):
        yield re.sub(r"= \d+;", lambda _: f"= {rng.randint(2, 400)};", text)


def run_ours(path: Path) -> Row:
    documents = Documents(path)
    started, cpu = time.perf_counter(), time.process_time()
    matrix = minhashes(documents)
    sketched = time.perf_counter()
    keys = [f"{i:08}" for i in range(len(documents))]
    roots = near_groups(matrix, documents, keys=keys, threshold=THRESHOLD).roots()
    ended = time.perf_counter()
    return side_row("here", sketched - started, ended - sketched, time.process_time() - cpu, len(set(roots)))


def run_sketches(path: Path) -> Row:
    documents = Documents(path)
    started, cpu = time.perf_counter(), time.process_time()
    n = sum(1 for _ in sketches(documents, sha256s=map(str, range(len(documents)))))
    return side_row(
        "here, sketches of three depths only", time.perf_counter() - started, 0.0, time.process_time() - cpu, n
    )


def run_datasketch(path: Path) -> Row:
    from datasketch import MinHash, MinHashLSH

    documents = Documents(path)
    started, cpu = time.perf_counter(), time.process_time()
    signatures = []
    for text in documents:
        words = tokens(text)
        runs = {" ".join(words[i : i + 5]).encode() for i in range(max(1, len(words) - 4))}
        signature = MinHash(num_perm=N_PERMUTATIONS, seed=1)
        signature.update_batch(list(runs))
        signatures.append(signature)
    sketched = time.perf_counter()
    index = MinHashLSH(threshold=THRESHOLD, num_perm=N_PERMUTATIONS)
    parents = list(range(len(signatures)))

    def root(i: int) -> int:
        while parents[i] != i:
            parents[i] = parents[parents[i]]
            i = parents[i]
        return i

    for i, signature in enumerate(signatures):
        for j in index.query(signature):
            a, b = root(i), root(j)
            if a != b and signature.jaccard(signatures[j]) >= THRESHOLD:
                parents[max(a, b)] = min(a, b)
        index.insert(i, signature)
    ended = time.perf_counter()
    cpu_seconds = time.process_time() - cpu
    n_clusters = len({root(i) for i in range(len(parents))})
    name = f"datasketch ({index.b} bands x {index.r})"
    return side_row(name, sketched - started, ended - sketched, cpu_seconds, n_clusters)


def side_row(name: str, sketch_seconds: float, cluster_seconds: float, cpu_seconds: float, n_clusters: int) -> Row:
    return {
        "side": name,
        "sketch s": sketch_seconds,
        "index and cluster s": cluster_seconds,
        "together s": sketch_seconds + cluster_seconds,
        "CPU s": cpu_seconds,
        "clusters": n_clusters,
        "peak MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


SIDES = {"ours": run_ours, "datasketch": run_datasketch, "sketches": run_sketches}


def in_a_process(side: str, path: Path) -> Row:
    done = subprocess.run(
        [sys.executable, __file__, "--side", side, "--keep", str(path)], check=True, capture_output=True, text=True
    )
    row: Row = json.loads(done.stdout)
    return row


def show_speed(report: Report, n: int, folder: Path) -> None:
    path, template = folder / f"documents-{n}.txt", folder / f"template-{n // 4}.txt"
    if not path.exists():
        Documents.write(make_documents(n, seed=11), path)
        Documents.write(make_template(n // 4, seed=12), template)
    documents = Documents(path)
    sizes = [(len(documents[i]), len(tokens(documents[i]))) for i in range(0, n, max(1, n // 2000))]
    n_chars, n_tokens = (sorted(each)[len(sizes) // 2] for each in zip(*sizes, strict=True))
    report.say(f"{n} documents, {path.stat().st_size / 1e6:.0f} MB; median {n_chars} characters, {n_tokens} tokens")
    ours, theirs = in_a_process("ours", path), in_a_process("datasketch", path)
    report.show(f"Near-duplicates of {n} documents", [ours, theirs])
    ratio, cpu_ratio = (float(theirs[name]) / float(ours[name]) for name in ("together s", "CPU s"))
    report.say(f"datasketch takes {ratio:.1f} times as long, and {cpu_ratio:.1f} times the CPU time")
    report.expect(ratio >= 10, f"only {ratio:.1f} times datasketch, not 10")
    report.show(f"{n // 4} documents from one template", [in_a_process("ours", template)])
    report.show(f"All that `sketches` holds, for {n} documents", [in_a_process("sketches", path)])


def show_planted(report: Report, n_bosl2: int) -> None:
    designs = real_designs(n_bosl2)
    found, joined = planted_table(designs, seed=7)
    rows: list[Row] = []
    for each in found:
        row: Row = {"planted": each.kind, "copies": each.n, "of these compiled": each.n_shaped}
        for depth in (*DEPTHS, "any"):
            value = each.recall[depth]
            row[depth] = "–" if value is None else f"{value:.1%}"
        rows.append(row)
    report.show(f"Recall: copies of {len(designs)} designs in the group of their original", rows)
    report.show(
        "Pairs in one group, over originals and copies",
        [
            {
                "depth": depth,
                "of one design": each.n_right,
                "of two names": each.n_wrong,
                "share of one design": f"{each.n_right / max(1, each.n_right + each.n_wrong):.1%}",
                "names joined": len(each.wrong),
                "within BOSL2": sum(a.startswith("bosl2") and b.startswith("bosl2") for a, b in each.wrong),
            }
            for depth, each in joined.items()
        ],
    )
    ious = same_solids(designs, joined["shape"].wrong)
    n_same = sum(iou > 0.999 for iou in ious)
    report.say(
        f"shape: {n_same} of {len(ious)} pairs of names are one solid, the least IoU is {min(ious, default=1):.3f}"
    )
    for (one, other), iou in zip(joined["shape"].wrong, ious, strict=True):
        if iou <= 0.999:
            report.say(f"shape: {one} = {other}, IoU {iou:.4f}")
    for depth in ("near", "masked"):
        for one, other in joined[depth].wrong[:40]:
            report.say(f"{depth}: {one} = {other}")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--part", choices=("planted", "speed"))
    parser.add_argument("--documents", type=int, default=200_000)
    parser.add_argument("--bosl2", type=int, default=80, help="blocks of BOSL2 among the designs")
    parser.add_argument("--side", choices=tuple(SIDES), help=argparse.SUPPRESS)
    parser.add_argument("--keep", type=Path, help="where the documents are made, and left")
    args = parser.parse_args()
    if args.side:
        print(json.dumps(SIDES[args.side](args.keep)))
        return 0
    report = Report(is_json=False)
    if args.part != "speed":
        show_planted(report, args.bosl2)
    if args.part != "planted":
        with tempfile.TemporaryDirectory() as scratch:
            show_speed(report, args.documents, args.keep or Path(scratch))
    for complaint in report.complaints:
        print(complaint, file=sys.stderr)
    return 1 if report.complaints else 0


if __name__ == "__main__":
    sys.exit(main())
