"""The generator against the engine: every family and feature must be strict and measure what it should.

    python bench/bench_synth.py [--per-family 60] [--chains 400]

Prints what is wrong (nothing should be), how fast examples are made, and how many wordings a part can have.
"""

from __future__ import annotations

import argparse
import random
import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from corpus.card import markdown_table
from corpus.examples import off_spec
from corpus.schema import GeometrySpec
from corpus.synth.assemble import assemble
from corpus.synth.chains import sample_chains
from corpus.synth.draw import Infeasible
from corpus.synth.families import FAMILIES
from corpus.synth.features import FEATURES
from corpus.synth.generate import Part, SynthExample, generate_example, has_faces, structure_of
from corpus.synth.wording import word_request
from corpus.validate import compiled_row
from render import CompileJob, compile_many


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--per-family", type=int, default=60)
    parser.add_argument("--chains", type=int, default=400)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--data-dir", type=Path, default=Path("var"))
    options = parser.parse_args()

    started = time.monotonic()
    examples = list(_examples(options.per_family, options.seed))
    rate = len(examples) / (time.monotonic() - started)
    used = Counter(use.kind for e in examples for use in e.plan.features)
    structures = len({structure_of(e.plan) for e in examples})
    print(f"{len(examples)} examples of {len(FAMILIES)} families, {structures} structures; {rate:.0f} a second")
    print(f"features used: {len(used)} of {len(FEATURES)}; never: {sorted(set(FEATURES) - set(used)) or 'none'}")
    bad = _check(((f"{e.plan.family} {e.layout}", e.scad, e.built) for e in examples), options.data_dir)

    chains = list(sample_chains(options.chains, seed=options.seed, is_test=False))
    turns = [turn for chain in chains for turn in chain]
    kinds = Counter(turn.edit_kind for turn in turns if turn.edit_kind)
    print(f"{len(chains)} conversations, {len(turns)} turns: {dict(kinds.most_common())}")
    bad += _check(((f"{t.plan.family} {t.edit_kind}", t.scad, t.built) for t in turns), options.data_dir)

    print(markdown_table(("family", "wordings in 1,000"), _wordings(options.seed)))
    print(f"{len(bad)} of {len(examples) + len(turns)} sources not strict or off their measures")
    raise SystemExit(1 if bad else 0)


def _examples(n: int, seed: int) -> Iterator[SynthExample]:
    for name, family in FAMILIES.items():
        for i in range(n):
            try:
                rng, n_features = random.Random(f"{seed}|{name}|{i}"), i % 4 if has_faces(name) else 0
                yield generate_example(rng, family, _part(family.is_held_out), n_features=n_features)
            except Infeasible as error:
                print(f"  {error}")
                break


def _part(is_held_out: bool) -> Part:
    return Part.FAMILIES if is_held_out else Part.TRAIN


def _check(sources: Iterable[tuple[str, str, GeometrySpec]], data_dir: Path) -> list[str]:
    checked = list(sources)
    started = time.monotonic()
    bad = []
    results = compile_many((CompileJob(scad) for _, scad, _ in checked), engine_name="wasm", data_dir=data_dir)
    for (name, _, spec), result in zip(checked, results, strict=True):
        row = compiled_row("", result)
        problem = off_spec(row, spec, is_in_order=True) if row.is_strict else row.status
        if problem:
            bad.append(f"{name}: {problem}")
    print(f"compiled and measured {len(checked)} in {time.monotonic() - started:.0f} s; wrong: {len(bad)}")
    for line in bad[:20]:
        print(f"  {line}")
    return bad


def _wordings(seed: int) -> list[tuple[str, int]]:
    """Distinct requests, numbers blanked, of one part with a feature, for ten families."""
    rng = random.Random(seed)
    rows = []
    for name in rng.sample(sorted(n for n, f in FAMILIES.items() if not f.is_held_out and has_faces(n)), 10):
        example = next(e for e in _tries(rng, name) if len(e.plan.features) == 1)
        draft = assemble(example.plan)
        prompts = (word_request(rng, draft, pool="taught", unit=example.unit).prompt for _ in range(1000))
        rows.append((name, len({re.sub(r"[\d.]+", "#", prompt.lower()) for prompt in prompts})))
    return rows


def _tries(rng: random.Random, name: str) -> Iterator[SynthExample]:
    while True:
        yield generate_example(rng, FAMILIES[name], Part.TRAIN, n_features=1)


if __name__ == "__main__":
    main()
