"""What a data set's synthetic part is made of: shards, each a function of its name, and their rows.

`starter` is the mix that the shipped base model understands, from the first generator: what `make demo` trains on.
`full` is the data set: the compositional generator, four test sets, conversations. A shard is made whole or not at
all, and no shard's rows hang on another's. Covers the rows before any engine has seen them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from corpus import starter
from corpus.names import RecipeName
from corpus.normalize import content_key
from corpus.schema import SyntheticRow, Turn
from corpus.synth.chains import ChainTurn, sample_chains
from corpus.synth.generate import SYNTH_VERSION, Part, SynthExample, sample_examples, structure_of
from corpus.synth.part import Plan

__all__ = ["Recipe", "Shard", "make_shard", "recipe_of", "shards_of"]

SHARD_SIZE = 1000
"""Examples; conversations are counted by three."""
STARTER_MIX_VERSION = 1
"""Goes up when the starter's shares change."""


@dataclass(frozen=True)
class Recipe:
    name: RecipeName
    seed: int
    n_designs: int
    """Training examples of single requests."""
    n_chains: int
    """Training conversations; each gives three edits on average."""
    n_test: int
    """Test examples: in all for `starter`, of each test set for `full`."""

    @property
    def id(self) -> str:
        if self.name is RecipeName.STARTER:
            version = f"{starter.SYNTH_VERSION}-mix{STARTER_MIX_VERSION}"
        else:
            version = SYNTH_VERSION
        numbers = f"{self.n_designs}-{self.n_chains}-{self.n_test}"
        return f"{self.name}-v{version}-seed{self.seed}-{numbers}"


@dataclass(frozen=True)
class Shard:
    """Some rows of a recipe."""

    recipe: Recipe
    part: str
    index: int
    n: int

    @property
    def name(self) -> str:
        """What the rows' `recipe` column says."""
        return f"{self.recipe.id}/{self.part}/{self.index:03d}"


_DEFAULTS = {RecipeName.STARTER: (4000, 0, 160), RecipeName.FULL: (16000, 2600, 300)}
_STARTER_PARTS = ("new", "known", "known_base", "test_new", "test_known", "test_base", "test_held_out")
_TEST_PARTS = (Part.VALUES, Part.WORDINGS, Part.SYNONYMS, Part.COMPOSITIONS, Part.FAMILIES)


def recipe_of(
    name: RecipeName, *, seed: int, n_designs: int = 0, n_chains: int | None = None, n_test: int = 0
) -> Recipe:
    """A recipe with its usual numbers where none are given."""
    designs, chains, tests = _DEFAULTS[name]
    return Recipe(name, seed, n_designs or designs, chains if n_chains is None else n_chains, n_test or tests)


def shards_of(recipe: Recipe) -> list[Shard]:
    """All shards, in the order to make them."""
    if recipe.name is RecipeName.STARTER:
        sizes = [n for n, *_ in _starter_mix(recipe)]
        return [Shard(recipe, part, 0, n) for part, n in zip(_STARTER_PARTS, sizes, strict=True) if n]
    return [
        *_sliced(recipe, Part.TRAIN, recipe.n_designs, SHARD_SIZE),
        *(shard for part in _TEST_PARTS for shard in _sliced(recipe, part, recipe.n_test, SHARD_SIZE)),
        *_sliced(recipe, "edits", recipe.n_chains, SHARD_SIZE // 3),
        *_sliced(recipe, "test_edits", recipe.n_test // 3 if recipe.n_chains else 0, SHARD_SIZE // 3),
    ]


def _sliced(recipe: Recipe, part: str, n: int, size: int) -> Iterator[Shard]:
    for index, start in enumerate(range(0, n, size)):
        yield Shard(recipe, str(part), index, min(size, n - start))


def make_shard(shard: Shard) -> list[SyntheticRow]:
    """The rows of a shard: the same for the same name."""
    if shard.recipe.name is RecipeName.STARTER:
        return _starter_rows(shard)
    seed = shard.recipe.seed * 1000 + shard.index
    if shard.part in ("edits", "test_edits"):
        chains = sample_chains(shard.n, seed=seed, is_test=shard.part == "test_edits")
        return [row for chain in chains for row in _chain_rows(shard, chain)]
    return [_design_row(shard, e) for e in sample_examples(shard.n, seed=seed, part=Part(shard.part))]


def _design_row(shard: Shard, example: SynthExample) -> SyntheticRow:
    return SyntheticRow(
        example_id=example.example_id,
        recipe=shard.name,
        part=shard.part,
        kind="design",
        prompt=example.prompt,
        scad=example.scad,
        sha256=content_key(example.scad),
        spec=example.spec,
        built=example.built,
        cluster_id=_cluster(example.plan),
        family=example.plan.family,
        wording_pool=example.wording_pool,
        prompt_style=example.style,
        features=tuple(use.kind for use in example.plan.features),
    )


def _chain_rows(shard: Shard, chain: Sequence[ChainTurn]) -> Iterator[SyntheticRow]:
    """A row for each turn that changes the part; its history is the turns before."""
    cluster = _cluster(chain[0].plan)
    for i, turn in enumerate(chain):
        if turn.edit_kind is None:
            continue
        history = tuple(Turn(t.prompt, t.scad) for t in chain[:i])
        told = "\0".join((*(text for t in history for text in (t.prompt, t.scad)), turn.prompt, turn.scad))
        yield SyntheticRow(
            example_id=hashlib.sha256(told.encode()).hexdigest(),
            recipe=shard.name,
            part=shard.part,
            kind="edit",
            prompt=turn.prompt,
            scad=turn.scad,
            sha256=content_key(turn.scad),
            spec=turn.spec,
            built=turn.built,
            cluster_id=cluster,
            family=turn.plan.family,
            wording_pool=turn.wording_pool,
            prompt_style=turn.style,
            features=tuple(use.kind for use in turn.plan.features),
            history=history,
            edit_kind=turn.edit_kind,
        )


def _cluster(plan: Plan) -> str:
    """The same structure with the same values is one design, in whatever words and layout."""
    values = ",".join(f"{name}={value:g}" for name, value in sorted(plan.values))
    return f"{plan.family}|{hashlib.sha256(f'{structure_of(plan)}|{values}'.encode()).hexdigest()[:16]}"


def _starter_mix(recipe: Recipe) -> list[tuple[int, tuple[str, ...], tuple[str, ...], str]]:
    """(number, families, wording pools, split) of each part of the starter.

    Two in three for training are of families that the base has not seen; the others teach new wordings for known
    families, with a quarter in the base's own so that these are not forgotten. Half of the test is new families, the
    rest known families in the new wordings and in the base's own, and both in wordings that nothing teaches.
    """
    base, new = starter.family_names("base"), starter.family_names("new")
    n_new = recipe.n_designs * 2 // 3
    n_known = recipe.n_designs - n_new
    n_test = recipe.n_test
    return [
        (n_new, new, ("base", "tune"), "train"),
        (n_known - n_known // 4, base, ("tune",), "train"),
        (n_known // 4, base, ("base",), "train"),
        (n_test - n_test * 3 // 16 * 2 - n_test // 8, new, ("base", "tune"), "test"),
        (n_test * 3 // 16, base, ("tune",), "test"),
        (n_test // 8, base, ("base",), "test"),
        (n_test * 3 // 16, base + new, ("held_out",), "test"),
    ]


def _starter_rows(shard: Shard) -> list[SyntheticRow]:
    number = _STARTER_PARTS.index(shard.part)
    n, families, pools, split = _starter_mix(shard.recipe)[number]
    seed = shard.recipe.seed * len(_STARTER_PARTS) + number
    examples = starter.sample_examples(n, seed=seed, families=families, wording_pools=pools, split=split)
    return [_starter_row(shard, example) for example in examples]


def _starter_row(shard: Shard, example: starter.SynthExample) -> SyntheticRow:
    values = ",".join(f"{name}={value:g}" for name, value in sorted(example.params))
    return SyntheticRow(
        example_id=example.example_id,
        recipe=shard.name,
        part=example.split,
        kind="design",
        prompt=example.prompt,
        scad=example.scad,
        sha256=content_key(example.scad),
        spec=example.spec,
        built=example.spec,
        cluster_id=f"{example.family}|{values}",
        family=example.family,
        wording_pool=example.wording_pool,
        prompt_style="measured",
        family_group=example.family_group,
    )
