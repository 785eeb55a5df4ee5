"""Procedural part families: a prompt, its OpenSCAD source and the geometry to expect, from a seed.

The spec comes from the drawn numbers by formula, never from the source. Test values never occur in train, and
no phrase of one wording pool occurs in another.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Sequence

from corpus.starter.families_bracket import BRACKET_FAMILIES
from corpus.starter.families_flat import FLAT_FAMILIES
from corpus.starter.families_new import NEW_FAMILIES
from corpus.starter.families_round import ROUND_FAMILIES
from corpus.starter.families_solid import SOLID_FAMILIES
from corpus.starter.families_stepped import STEPPED_FAMILIES
from corpus.starter.families_turned import TURNED_FAMILIES
from corpus.starter.nouns import NOUNS
from corpus.starter.part import POOLS, SPLITS, Draft, Family, SynthExample, split_of
from corpus.starter.source import source_of
from corpus.starter.wording import word_prompt

__all__ = ["FAMILIES", "SYNTH_VERSION", "Family", "SynthExample", "family_names", "generate_example", "sample_examples"]

SYNTH_VERSION = "1"
"""Changes whenever a seed gives another example than before."""

_ALL = (
    *FLAT_FAMILIES,
    *SOLID_FAMILIES,
    *ROUND_FAMILIES,
    *STEPPED_FAMILIES,
    *TURNED_FAMILIES,
    *BRACKET_FAMILIES,
    *NEW_FAMILIES,
)
FAMILIES: dict[str, Family] = {name: next(f for f in _ALL if f.name == name) for name in NOUNS}
"""In the order of `NOUNS`; what a seed of `sample_examples` gives hangs on it."""

N_DRAWS = 1000
"""Redraws before giving up: of a draft for its split, of an example for one not yet seen."""


def family_names(group: str | None = None) -> tuple[str, ...]:
    """Names of the families of a group (`base`, `new`), or of all."""
    if group not in (None, "base", "new"):
        raise ValueError(f"no family group {group!r}; there are 'base' and 'new'")
    return tuple(f.name for f in FAMILIES.values() if group in (None, f.group))


def generate_example(family: str, *, seed: int, wording_pool: str, split: str) -> SynthExample:
    """The example of a seed, in words of one pool and with values of one split."""
    if family not in FAMILIES:
        raise ValueError(f"no family {family!r}; there are {', '.join(FAMILIES)}")
    if wording_pool not in POOLS:
        raise ValueError(f"no wording pool {wording_pool!r}; there are {', '.join(POOLS)}")
    if split not in SPLITS:
        raise ValueError(f"no split {split!r}; there are {', '.join(SPLITS)}")
    kind = FAMILIES[family]
    rng = random.Random(f"{seed}|{family}|{wording_pool}|{split}")
    draft = _draw(kind, rng, split)
    prompt, order = word_prompt(rng, kind, draft, wording_pool)
    params = {name: draft.params[name] for name in order}
    told = "|".join((family, *(f"{k}={v:g}" for k, v in params.items()), prompt))
    return SynthExample(
        example_id=hashlib.sha256(told.encode()).hexdigest(),
        family=family,
        family_group=kind.group,
        wording_pool=wording_pool,
        split=split,
        prompt=prompt,
        scad=source_of(kind.title, draft, params),
        params=tuple(params.items()),
        spec=draft.spec,
    )


def _draw(family: Family, rng: random.Random, split: str) -> Draft:
    for _ in range(N_DRAWS):
        draft = family.draw(rng)
        if split_of(family.name, draft) == split:
            return draft
    raise RuntimeError(f"{family.name}: no values of the split {split!r} in {N_DRAWS} draws")


def sample_examples(
    n: int, *, seed: int, families: Sequence[str], wording_pools: Sequence[str], split: str
) -> Iterator[SynthExample]:
    """`n` distinct examples; families by their weight, pools evenly. The same arguments give the same examples."""
    rng = random.Random(seed)
    unknown = [name for name in families if name not in FAMILIES]
    if unknown or not families or not wording_pools:
        raise ValueError(f"families {list(families)}, pools {list(wording_pools)}: none given, or unknown {unknown}")
    weights = [FAMILIES[name].weight for name in families]
    seen: set[str] = set()
    for _ in range(n):
        for _ in range(N_DRAWS):
            (family,) = rng.choices(families, weights)
            example = generate_example(
                family, seed=rng.getrandbits(63), wording_pool=rng.choice(wording_pools), split=split
            )
            if example.example_id not in seen:
                break
        else:
            raise RuntimeError(f"only {len(seen)} distinct examples of {list(families)}; {n} were asked for")
        seen.add(example.example_id)
        yield example
