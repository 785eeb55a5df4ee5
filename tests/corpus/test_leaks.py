"""Leaks: each depth finds what was planted in train, and nothing else."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.leaks import LEAK_DEPTHS, Leak, LeakItem, find_leaks
from corpus.prompt_match import PromptIndex, numbers_of, words_of
from corpus.sketches import sketch_of
from corpus.starter import family_names, sample_examples

SHAPE = (1.0, 1.0, 0.0, 8.0, 24.0, *[0.577] * 3, *[0.745] * 3, 1.35, 1.73)


def item(key: str, scad: str | None = None, prompt: str | None = None, size: float | None = None) -> LeakItem:
    shape = None if size is None else tuple(x * size if i > 2 else x for i, x in enumerate(SHAPE))
    return LeakItem(key, scad, sketch_of(scad) if scad else None, shape, prompt)


EXAMPLES = list(sample_examples(40, seed=8, families=family_names(), wording_pools=["base"], split="train"))
LONG = " ".join(max((e.scad for e in EXAMPLES), key=len).split("\n")[1:])


def test_each_depth_finds_its_own_and_train_without_leaks_gives_none() -> None:
    test = [item("t1", LONG), item("t2", "sphere(4);", "a ball 8 mm across, please", 1.0)]
    train = [
        item("exact", "/* copy */" + LONG),
        item("near", LONG.replace("$fn = 64", "$fn = 65")),
        item("masked", LONG.replace("width", "breadth").replace("height", "rise").replace("1", "7").replace("2", "9")),
        item("shape", "cube(9);", "a cube", 1.005),
        item("text", "cube(8);", "A ball, 8 mm across - please!", 1.5),
        item("other size", "cube(7);", "a ball 9 mm across, please", 1.02),
    ]
    leaks = find_leaks(train, test)
    assert ("exact", "exact", "t1") in {(leak.depth, leak.train_key, leak.test_key) for leak in leaks}
    near = {leak.train_key: leak for leak in leaks if leak.depth == "near"}
    assert {"exact", "near"} <= set(near)
    assert near["exact"].similarity == 1.0
    assert 0.7 <= near["near"].similarity < 1
    assert [leak.train_key for leak in leaks if leak.depth == "masked"] == ["exact", "masked", "near"]
    (shape,) = (leak for leak in leaks if leak.depth == "shape")
    assert (shape.train_key, shape.test_key) == ("shape", "t2")
    assert 0.99 <= shape.similarity < 1
    assert [leak for leak in leaks if leak.depth == "text"] == [Leak("text", "text", "t2", 1.0)]
    assert find_leaks(train[5:], test) == []
    assert find_leaks(train, []) == find_leaks([], test) == []


def test_the_order_of_either_side_does_not_matter() -> None:
    rng = random.Random(1)
    train = [item(f"a{i}", e.scad, e.prompt) for i, e in enumerate(EXAMPLES[:20])]
    test = [item(f"b{i}", e.scad, e.prompt) for i, e in enumerate(EXAMPLES[10:30])]
    leaks = find_leaks(train, test)
    assert {leak.depth for leak in leaks} >= {"exact", "near", "text"}
    for _ in range(4):
        rng.shuffle(train)
        rng.shuffle(test)
        assert find_leaks(train, test) == leaks


def test_near_leaks_are_those_of_comparing_all_pairs() -> None:
    from corpus.near import jaccard
    from corpus.sketches import shingle_hashes

    sources = [e.scad for e in EXAMPLES]
    train = [item(f"{i:02}", scad.replace("64", "32")) for i, scad in enumerate(sources)]
    test = [item(f"{i:02}", scad) for i, scad in enumerate(sources[:15])]
    sets, others = shingle_hashes([i.scad or "" for i in train]), shingle_hashes([i.scad or "" for i in test])
    best = [max(jaccard(a, b) for b in others) for a in sets]
    found = {leak.train_key: leak.similarity for leak in find_leaks(train, test, depths=["near"])}
    assert set(found) == {f"{i:02}" for i, similarity in enumerate(best) if similarity >= 0.7}
    assert 5 < len(found) < 40


@pytest.mark.parametrize(
    ("one", "other", "is_leak"),
    [
        ("A box 60 x 40 x 20 mm", "a box, 60 x 40 x 20 mm.", True),
        ("A box 60 x 40 x 20 mm", "a box 60 x 40 x 25 mm", False),
        ("A box 60 x 40 x 20 mm", "a box 60.0 x 40 x 20,00 mm", True),
        ("a plate with two holes", "a plate with 2 holes", True),
        ("a plate with two holes", "a plate with three holes", False),
        ("a gear", "a gear!", True),
        ("a gear", "a bolt", False),
        ("please make me a mug with a big handle", "make me a mug with a big handle", True),
        ("", "", False),
        ("?!", "!?", False),
    ],
)
def test_short_prompts_leak_by_their_words_and_their_numbers(one: str, other: str, is_leak: bool) -> None:
    found = find_leaks([LeakItem("a", prompt=one)], [LeakItem("b", prompt=other)])
    assert bool(found) == is_leak


def test_a_long_text_leaks_by_its_runs_though_a_number_or_a_sentence_differs() -> None:
    rng = random.Random(2)
    words = [f"word{chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(300)]
    long = [rng.choice(words) for _ in range(80)]
    copy = [*long[:40], "version", "7", *long[40:]]
    scrambled = list(long)
    rng.shuffle(scrambled)
    index = PromptIndex([" ".join(long)], threshold=0.7)
    assert index.best(" ".join(copy)) == (0, pytest.approx(72 / 82))
    assert index.best(" ".join(scrambled)) is None
    for n in (19, 20, 21, 39, 40, 41):  # one word less, on either side of where the way of comparing changes
        assert PromptIndex([" ".join(long[:n])], threshold=0.7).best(" ".join(long[: n + 1])) is not None


prompts = st.lists(st.sampled_from(["a", "box", "lid", "red", "20", "30", "two"]), max_size=26).map(" ".join)


@settings(deadline=None)
@given(st.lists(prompts, max_size=12), prompts)
def test_the_index_of_prompts_finds_what_comparing_all_finds(test: list[str], asked: str) -> None:
    def similarity(one: str, other: str) -> float:
        a, b = words_of(one), words_of(other)
        scores = [0.0]
        if a and b and max(len(a), len(b)) <= 40 and numbers_of(a) == numbers_of(b):
            scores.append(len(set(a) & set(b)) / len(set(a) | set(b)))
        if min(len(a), len(b)) >= 20:
            x, y = ({tuple(w[i : i + 5]) for i in range(len(w) - 4)} for w in (a, b))
            scores.append(len(x & y) / len(x | y))
        return max(scores)

    best = max((similarity(asked, other) for other in test), default=0.0)
    found = PromptIndex(test, threshold=0.7).best(asked)
    assert (found is None) == (best < 0.7)
    if found is not None:
        assert found[1] == pytest.approx(best)
        assert similarity(asked, test[found[0]]) == pytest.approx(best)


def test_an_unknown_depth_is_refused() -> None:
    with pytest.raises(ValueError, match="no depths"):
        find_leaks([], [], depths=["exact", "taste"])
    assert LEAK_DEPTHS == ("exact", "near", "masked", "shape", "text")
