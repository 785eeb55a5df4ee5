"""Properties of the procedural families that need no engine: determinism, splits, wording, parameters."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.starter import FAMILIES, SynthExample, family_names, features, generate_example, phrases, sample_examples
from corpus.starter.part import POOLS, SPLITS, Attachment, Pools
from corpus.starter.wording import NUMBER_WORDS

FAMILY = st.sampled_from(sorted(FAMILIES))
POOL = st.sampled_from(POOLS)
SPLIT = st.sampled_from(SPLITS)
SEED = st.integers(min_value=0, max_value=2**63 - 1)

ASSIGNMENT = re.compile(r"^(\w+) = ([\d.]+);$", re.MULTILINE)


def sample(n: int, pool: str = "base", split: str = "train", *, seed: int = 0) -> list[SynthExample]:
    return list(sample_examples(n, seed=seed, families=tuple(FAMILIES), wording_pools=(pool,), split=split))


def skeleton(prompt: str) -> str:
    return re.sub(r"[\d.]+", "#", prompt.lower())


def numbers_in(prompt: str) -> list[float]:
    """Numbers of a prompt in reading order, those in words too."""
    found = re.findall(r"\d+(?:\.\d+)?|[a-z]+", prompt.lower())
    return [
        float(NUMBER_WORDS.index(text)) if text in NUMBER_WORDS else float(text)
        for text in found
        if text in NUMBER_WORDS or text[0].isdigit()
    ]


def test_there_are_enough_families_of_each_group() -> None:
    assert len(family_names("base")) >= 16
    assert len(family_names("new")) >= 6
    assert set(family_names()) == {*family_names("base"), *family_names("new")}


@given(FAMILY, SEED, POOL, SPLIT)
def test_a_seed_gives_one_example(family: str, seed: int, pool: str, split: str) -> None:
    first = generate_example(family, seed=seed, wording_pool=pool, split=split)
    assert first == generate_example(family, seed=seed, wording_pool=pool, split=split)
    assert (first.family, first.wording_pool, first.split) == (family, pool, split)
    assert first.family_group == FAMILIES[family].group


@settings(max_examples=400)
@given(FAMILY, SEED, POOL, SPLIT)
def test_every_example_keeps_the_house_rules(family: str, seed: int, pool: str, split: str) -> None:
    example = generate_example(family, seed=seed, wording_pool=pool, split=split)
    assert re.fullmatch(r"[0-9a-f]{64}", example.example_id)
    # the source opens with a plan, then the parameters in the order given, each with one decimal at most
    lines = example.scad.splitlines()
    assert lines[0].startswith("// " + FAMILIES[family].title)
    n = len(example.params)
    assert [ASSIGNMENT.fullmatch(line).groups() for line in lines[1 : 1 + n]] == [  # type: ignore[union-attr]
        (name, f"{value:.1f}".removesuffix(".0")) for name, value in example.params
    ]
    assert all(0 < value <= 500 and round(value, 1) == value for _, value in example.params)
    assert len(example.scad) < 700
    # nothing of the grammar is left in the text
    assert not re.search(r"[@{}#]|\b(?:None|a a|a an|an a)\b|  | ,|,,", example.prompt), example.prompt
    # and the spec is whole
    spec = example.spec
    assert spec.size_mm is not None
    assert spec.volume_mm3 is not None
    assert 0 < spec.volume_mm3 <= spec.size_mm[0] * spec.size_mm[1] * spec.size_mm[2] * 1.0001
    assert spec.n_components == 1
    assert spec.genus is not None


@settings(max_examples=400)
@given(FAMILY, SEED, POOL)
def test_parameters_stand_in_the_order_of_mention(family: str, seed: int, pool: str) -> None:
    example = generate_example(family, seed=seed, wording_pool=pool, split="train")
    rest = iter(numbers_in(example.prompt))
    # `in` on an iterator consumes it: each value is found after the one before
    assert all(value in rest for _, value in example.params), (example.prompt, example.params)


@given(FAMILY, SEED)
def test_the_body_holds_no_measure_of_its_own(family: str, seed: int) -> None:
    example = generate_example(family, seed=seed, wording_pool="base", split="train")
    body = example.scad.split("$fn = 64;", 1)[1]
    idioms = {0.0, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 30.0, 90.0, 360.0}  # 2 * wall, h + 2, cos(30), rotate by 90, …
    assert {float(t) for t in re.findall(r"(?<![\w.])\d+(?:\.\d+)?", body)} <= idioms


def test_test_values_never_occur_in_train() -> None:
    def values(example: SynthExample) -> tuple[str, str, frozenset[tuple[str, float]]]:
        return example.family, example.scad.splitlines()[0], frozenset(example.params)

    train = {values(e) for pool in POOLS for e in sample(4000, pool, "train")}
    test = {values(e) for pool in POOLS for e in sample(2000, pool, "test")}
    assert not train & test


def test_no_skeleton_of_one_pool_occurs_in_another() -> None:
    base, tune, held_out = ({skeleton(e.prompt) for s in SPLITS for e in sample(2500, p, s)} for p in POOLS)
    assert not base & tune
    assert not base & held_out
    assert not tune & held_out


def all_pools() -> Iterator[tuple[str, Pools]]:
    for table in (phrases, features):
        for name, value in vars(table).items():
            if isinstance(value, Attachment):
                yield name, value.phrases
            elif isinstance(value, dict) and set(value) == set(POOLS):
                yield name, value
    for family in FAMILIES.values():
        yield f"{family.name} nouns", family.nouns
        if family.compact is not None:
            yield f"{family.name} compact", family.compact


def test_no_phrase_is_in_two_pools() -> None:
    tables = list(all_pools())
    assert len(tables) > 50
    for name, table in tables:
        base, tune, held_out = (set(table[pool]) for pool in POOLS)
        assert base, name
        assert len(base | tune | held_out) == len(base) + len(tune) + len(held_out), name


def test_no_noun_crosses_pools_even_between_families() -> None:
    base, tune, held_out = ({noun for f in FAMILIES.values() for noun in f.nouns[pool]} for pool in POOLS)
    assert len(base | tune | held_out) == len(base) + len(tune) + len(held_out)


def test_the_new_families_have_names_of_their_own() -> None:
    groups = {
        g: {n for name in family_names(g) for p in POOLS for n in FAMILIES[name].nouns[p]} for g in ("base", "new")
    }
    assert not groups["base"] & groups["new"]


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_a_family_has_hundreds_of_wordings(family: str) -> None:
    prompts = (generate_example(family, seed=i, wording_pool="base", split="train").prompt for i in range(600))
    assert len({skeleton(p) for p in prompts}) >= 400


def test_the_readme_prompt_is_put_together_from_common_phrases() -> None:
    """`a plate 60 x 40 x 3 mm with a 5 mm hole in the middle`: both halves are taught often, in this very spelling."""
    plates = list(sample_examples(8000, seed=5, families=("plate",), wording_pools=("base",), split="train"))
    for half in (r"\ba plate [\d.]+ x [\d.]+ x [\d.]+ mm\b", r" with an? [\d.]+ mm hole in the middle\b"):
        assert sum(re.search(half, e.prompt, re.IGNORECASE) is not None for e in plates) >= 40, half


def test_sampling_is_distinct_repeatable_and_mixed() -> None:
    first = sample(3000, seed=7)
    assert [e.example_id for e in first] == [e.example_id for e in sample(3000, seed=7)]
    assert len({e.example_id for e in first}) == 3000
    assert {e.family for e in first} == set(FAMILIES)
    assert first[:50] == sample(50, seed=7)  # a longer sample begins with the shorter one


def test_features_are_on_many_parts() -> None:
    plain = {family.title for family in FAMILIES.values()}
    titles = [e.scad.splitlines()[0].removeprefix("// ") for e in sample(4000)]
    assert sum(title not in plain for title in titles) >= 0.35 * len(titles)


@pytest.mark.parametrize(
    ("family", "pool", "split", "word"),
    [("sofa", "base", "train", "family"), ("plate", "x", "train", "pool"), ("plate", "base", "dev", "split")],
)
def test_an_unknown_name_is_refused_with_the_known_ones(family: str, pool: str, split: str, word: str) -> None:
    with pytest.raises(ValueError, match=word):
        generate_example(family, seed=0, wording_pool=pool, split=split)


def test_sampling_refuses_unknown_families_and_more_than_there_is() -> None:
    with pytest.raises(ValueError, match="sofa"):
        next(sample_examples(1, seed=0, families=("sofa",), wording_pools=("base",), split="train"))
    with pytest.raises(ValueError, match="group"):
        family_names("old")
