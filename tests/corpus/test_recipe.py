"""What a recipe is made of: shards that are functions of their names, and rows that keep their test sets apart."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace

import pytest

from corpus.contents import contents_of, history_keys
from corpus.names import RecipeName
from corpus.normalize import content_key
from corpus.recipe import Recipe, Shard, make_shard, recipe_of, shards_of
from corpus.schema import CleanedRow, SyntheticRow
from corpus.synth.families import FAMILIES

SMALL = recipe_of(RecipeName.FULL, seed=3, n_designs=40, n_chains=12, n_test=12)


@pytest.fixture(scope="module")
def rows() -> dict[str, list[SyntheticRow]]:
    found: dict[str, list[SyntheticRow]] = {}
    for shard in shards_of(SMALL):
        found.setdefault(shard.part, []).extend(make_shard(shard))
    return found


def test_the_usual_numbers_are_meant_where_none_are_given() -> None:
    assert recipe_of(RecipeName.FULL, seed=0) == Recipe(RecipeName.FULL, 0, 16000, 2600, 300)
    assert recipe_of(RecipeName.FULL, seed=0, n_chains=0).n_chains == 0
    assert recipe_of(RecipeName.STARTER, seed=0, n_designs=9, n_test=5) == Recipe(RecipeName.STARTER, 0, 9, 0, 5)


@pytest.mark.parametrize(
    "recipe", [SMALL, recipe_of(RecipeName.FULL, seed=1, n_designs=2500), recipe_of(RecipeName.STARTER, seed=1)]
)
def test_shards_make_up_the_recipe_and_each_has_a_name_of_its_own(recipe: Recipe) -> None:
    shards = shards_of(recipe)
    assert len({shard.name for shard in shards}) == len(shards)
    assert all(shard.name.startswith(f"{recipe.id}/") for shard in shards)
    sizes: Counter[str] = Counter()
    for shard in shards:
        sizes[shard.part] += shard.n
    if recipe.name is RecipeName.FULL:
        assert sizes["train"] == recipe.n_designs
        assert sizes["edits"] == recipe.n_chains
        assert {sizes[p] for p in ("values", "wordings", "synonyms", "compositions", "families")} == {recipe.n_test}
    else:
        assert sum(sizes.values()) == recipe.n_designs + recipe.n_test


@pytest.mark.parametrize("change", [{"seed": 4}, {"n_designs": 41}, {"n_chains": 13}, {"n_test": 13}])
def test_what_gives_other_rows_gives_another_name(change: dict[str, int]) -> None:
    assert replace(SMALL, **change).id != SMALL.id  # type: ignore[arg-type]


def test_each_shard_has_its_rows_whole_and_their_keys_hold(rows: dict[str, list[SyntheticRow]]) -> None:
    assert {part: len(found) for part, found in rows.items() if "edits" not in part} == {
        "train": 40, "values": 12, "wordings": 12, "synonyms": 12, "compositions": 12, "families": 12
    }  # fmt: skip
    for part, found in rows.items():
        assert len({row.example_id for row in found}) == len(found)
        for row in found:
            assert row.part == part
            assert row.sha256 == content_key(row.scad)
            assert row.kind == ("edit" if "edits" in part else "design")
            assert (row.edit_kind is not None) == bool(row.history) == (row.kind == "edit")


def test_test_sets_hold_out_what_their_names_say(rows: dict[str, list[SyntheticRow]]) -> None:
    taught = [*rows["train"], *rows["edits"]]
    assert {row.wording_pool for row in taught} == {"taught"}
    assert {row.wording_pool for row in rows["wordings"]} == {"held_out"}
    for row in rows["synonyms"]:
        nouns = FAMILIES[row.family].nouns
        assert row.wording_pool == "taught"
        assert not any(f" {noun} " in row.prompt.lower() for noun in nouns["taught"] if noun not in nouns["held_out"])
    assert all(FAMILIES[row.family].is_held_out for row in rows["families"])
    pairs = {(row.family, feature) for row in taught for feature in row.features}
    for row in rows["compositions"]:
        assert not {(row.family, feature) for feature in row.features} <= pairs
    clusters = {row.cluster_id for row in taught}
    assert clusters.isdisjoint(row.cluster_id for part, found in rows.items() if part not in ("train", "edits")
                               for row in found)  # fmt: skip


def test_a_conversations_rows_carry_the_turns_before_them(rows: dict[str, list[SyntheticRow]]) -> None:
    for part in ("edits", "test_edits"):
        for row in rows[part]:
            keys = history_keys(row.history)
            assert keys == [content_key(turn.scad) for turn in row.history]
            assert dict(contents_of(row)).keys() == {row.sha256, *keys}
            assert all(turn.prompt and turn.scad for turn in row.history)
        longest = max(len(row.history) for row in rows[part])
        assert longest >= 3


def test_a_row_that_cleaning_refused_brings_no_source() -> None:
    assert list(contents_of(CleanedRow("c", "rules", "r", reason="empty", stage="clean"))) == []


def test_the_starter_keeps_its_groups_and_pools() -> None:
    recipe = recipe_of(RecipeName.STARTER, seed=2, n_designs=12, n_test=16)
    found = [row for shard in shards_of(recipe) for row in make_shard(shard)]
    assert Counter(row.part for row in found) == {"train": 12, "test": 16}
    assert {row.family_group for row in found} == {"base", "new"}
    assert {row.wording_pool for row in found if row.part == "train"} <= {"base", "tune"}
    assert any(row.wording_pool == "held_out" for row in found if row.part == "test")


_PRINT = """
import hashlib
from corpus.names import RecipeName
from corpus.recipe import Shard, make_shard, recipe_of
recipe = recipe_of(RecipeName.FULL, seed=3, n_designs=40, n_chains=12, n_test=12)
rows = [*make_shard(Shard(recipe, "train", 1, 8)), *make_shard(Shard(recipe, "edits", 0, 3))]
print(hashlib.sha256(repr(rows).encode()).hexdigest())
"""


def test_a_shard_is_the_same_in_every_process() -> None:
    digests = {
        subprocess.run(
            [sys.executable, "-c", _PRINT],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "7")
    }
    assert len(digests) == 1
    assert make_shard(Shard(SMALL, "train", 1, 8)) == make_shard(Shard(SMALL, "train", 1, 8))
    assert make_shard(Shard(SMALL, "train", 1, 8)) != make_shard(Shard(SMALL, "train", 2, 8))
