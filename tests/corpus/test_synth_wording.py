"""Properties of the wording grammar: what a prompt states is the draft's, in the order that it says."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.synth import phrases
from corpus.synth.assemble import assemble
from corpus.synth.draw import Draw, Infeasible, Unit
from corpus.synth.families import FAMILIES
from corpus.synth.generate import draw_plan
from corpus.synth.numbers_said import fit_articles, is_plural, number_words, said
from corpus.synth.part import Draft
from corpus.synth.typos import misspell
from corpus.synth.wording import MAX_CHARS, Worded, mention_text, word_request
from corpus.synth.words import POOLS

FAMILY = st.sampled_from(sorted(FAMILIES))
POOL = st.sampled_from(POOLS)
UNIT = st.sampled_from((Unit.MM, Unit.MM, Unit.CM, Unit.INCH))
SEED = st.integers(min_value=0, max_value=2**32)

SCREWS = {
    "m2": 2.4, "m2.5": 2.9, "m3": 3.4, "m4": 4.5, "m5": 5.5, "m6": 6.6, "m8": 9.0, "m10": 11.0, "m12": 13.5,
}  # fmt: skip
ONES = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
ONES += " eighteen nineteen"
TENS_SAID = "twenty thirty forty fifty sixty seventy eighty ninety"
WORDS = {w: float(i) for i, w in enumerate(ONES.split(), 1)}
TENS = {w: 10.0 * i for i, w in enumerate(TENS_SAID.split(), 2)}
WORDS |= TENS | {"a hundred": 100.0, "one hundred": 100.0, "a pair of": 2.0, "a couple of": 2.0, "a dozen": 12.0}
WORDS |= {f"{t} {o}": tv + WORDS[o] for t, tv in TENS.items() for o in ONES.split()[:9]}
WORDS |= {f"{w} and a half(?!-)": WORDS[w] + 0.5 for w in ONES.split()}
INCHES = {
    "half an inch": 12.7, "a half inch": 12.7, "half inch": 12.7, "a quarter of an inch": 6.35, "quarter inch": 6.35,
    "three quarters of an inch": 19.05, "three quarter inch": 19.05, "an inch and a half": 38.1, "an inch": 25.4,
}  # fmt: skip
UNITS = {"mm": 1.0, "mi": 1.0, "cm": 10.0, "ce": 10.0, "in": 25.4, '"': 25.4, "°": 1.0, "de": 1.0}

TOKEN = re.compile(
    r"(?P<inches>" + "|".join(sorted(INCHES, key=len, reverse=True)) + r")\b"
    r"|\b(?P<screw>m\d+(?:\.5)?)\b"
    r"|(?:\b(?P<word>" + "|".join(sorted(WORDS, key=len, reverse=True)) + r")"
    r"|(?P<number>(?<![\w/.])-?\d+(?: \d+/\d+|/\d+|\.\d+)?|(?<=[wdhltoø])\d+(?: \d+/\d+|/\d+|\.\d+)?))"
    r"(?:[ -]?(?P<unit>mm|millimet(?:er|re)s?|cm|centimet(?:er|re)s?|inch(?:es)?|in(?= |[x×*,.;:)?!\n]|$)|\"|°|"
    r"deg(?:rees?)?)(?![a-z]))?(?(word)\b)"
)


def numbers_in(prompt: str, unit: Unit) -> Iterator[tuple[str, set[float], bool]]:
    """(text, what it may be in mm, whether it is a bare small number) of every number of a prompt, in reading order."""
    text = re.sub(r"(?<=[\d\"mnh])([x×*])(?=\d)", r" \1 ", re.sub(r"\b3d\b", "", prompt.lower()))
    for m in TOKEN.finditer(text):
        if m["inches"]:
            yield m[0], {INCHES[m["inches"]]}, False
        elif m["screw"]:
            yield m[0], {SCREWS[m["screw"]]}, False
        else:
            value = (
                WORDS.get(m["word"], WORDS.get(f"{m['word']}(?!-)", 0))
                if m["word"]
                else sum(_fraction(t) for t in m["number"].split())
            )
            if m["unit"] and not (m["unit"] == "in" and unit is not Unit.INCH):
                # `6 in raised letters` is no length
                yield m[0], {value * UNITS[m["unit"][:2]], *([value] if m["unit"] == "in" else [])}, False
            elif m["word"]:
                yield m[0], {value}, True
            else:  # alone, before `x`, or in a sheet that names the unit once
                yield m[0], {value, value * {Unit.MM: 1, Unit.CM: 10, Unit.INCH: 25.4}[unit]}, value <= 12


def _fraction(text: str) -> float:
    top, _, bottom = text.partition("/")
    return float(top) / float(bottom or 1)


def literals_of(draft: Draft) -> set[float]:
    """Numbers that phrases of the part have by themselves: `four corner holes`, `90 degree bracket`."""
    family = FAMILIES[draft.plan.family]
    sources = [family.nouns, family.compact or {}, family.purposes or {}]
    sources += [pools for m in draft.mentions for pools in (m.feature.phrases, m.feature.vague)]
    texts = [t for pools in sources for texts in pools.values() for t in texts]
    texts += [family.title, *(m.feature.label for m in draft.mentions)]
    texts += [n for p in draft.params for n in p.measure.nouns]
    return {v for t in texts for _, values, _ in numbers_in(re.sub(r"\{[^}]*\}", "", t), Unit.MM) for v in values}


def draft_of(family: str, seed: int, unit: Unit, *, n_features: int = 1) -> Draft | None:
    rng = random.Random(seed)
    for _ in range(200):
        try:
            draft = assemble(draw_plan(Draw(rng, unit), FAMILIES[family], n_features=n_features))
            if len({p.name for p in draft.params}) == len(draft.params):
                return draft
        except Infeasible:
            continue
    return None


def drafts(n: int, *, seed: int = 0, unit: Unit = Unit.MM) -> Iterator[Draft]:
    names = sorted(FAMILIES)
    for i in range(n):
        draft = draft_of(names[i % len(names)], seed + i, unit, n_features=i % 4)
        if draft is not None:
            yield draft


def skeleton(prompt: str) -> str:
    return re.sub(r"\d+(?:[./]\d+)*", "#", prompt.lower())


def check_numbers(worded: Worded, draft: Draft, unit: Unit) -> None:
    values = {p.name: p.value for p in draft.params}
    allowed = literals_of(draft) | {1.0}
    wanted = [values[name] for name in worded.order]
    reached = {0}
    """How many of the wanted numbers may have been stated so far: `two feet` may be a phrase's or a parameter's two."""
    for text, choices, _ in numbers_in(worded.prompt, unit):

        def is_said(value: float, choices: set[float] = choices) -> bool:
            return any(abs(value - c) < 2e-3 for c in choices)

        after = set()
        for at in reached:
            if any(is_said(a) for a in allowed) or (at and is_said(wanted[at - 1])):  # a phrase's own, or `40 x 40`
                after.add(at)
            while at < len(wanted) and is_said(wanted[at]):  # one number may be two parameters'
                at += 1
                after.add(at)
        reached = after
        assert reached, (text, worded, wanted)
    assert len(wanted) in reached, (worded, wanted)


@settings(max_examples=700, deadline=None)
@given(FAMILY, SEED, POOL, UNIT, st.integers(min_value=0, max_value=3))
def test_every_number_of_a_prompt_is_its_parameters_value_in_order(
    family: str, seed: int, pool: str, unit: Unit, n_features: int
) -> None:
    draft = draft_of(family, seed, unit, n_features=n_features)
    if draft is None:
        return
    worded = word_request(random.Random(seed), draft, pool=pool, unit=unit)
    names = [p.name for p in draft.params]
    assert len(set(worded.order)) == len(worded.order)
    assert set(worded.order) <= set(names)
    if worded.style in ("measured", "sheet", "conversational"):
        assert set(worded.order) == set(names), worded
    check_numbers(worded, draft, unit)
    assert len(worded.prompt) <= MAX_CHARS
    # nothing of the grammar is left, and no slip of composition
    left = re.search(
        r"[@{}<>#|~_](?!\w*[ =:])|\bNone\b|\b(?:a|an) (?:a|an|the|its)\b|  |(?<!-) [,;?!]|,,|\.\.|\bwith with\b"
        r"|\ba (?!one\b)[aeio]\w|\ban [bcdgkpqtvwz]\w|\band and\b|\bthe the\b|[,:;]$",
        worded.prompt.replace(" -> ", " "),
    )
    assert left is None or "\n" in worded.prompt, worded.prompt


@settings(max_examples=150, deadline=None)
@given(FAMILY, SEED, POOL, UNIT)
def test_a_seed_gives_one_wording(family: str, seed: int, pool: str, unit: Unit) -> None:
    draft = draft_of(family, seed, unit)
    if draft is not None:
        first, second = (word_request(random.Random(seed), draft, pool=pool, unit=unit) for _ in range(2))
        assert first == second


def test_no_wording_of_one_pool_occurs_in_the_other() -> None:
    seen = {
        pool: {
            skeleton(word_request(random.Random(i), draft, pool=pool, unit=Unit.MM).prompt)
            for i, draft in enumerate(drafts(1500))
        }
        for pool in POOLS
    }
    assert len(seen["taught"]) > 1000
    assert not seen["taught"] & seen["held_out"]


def test_no_phrase_is_in_both_pools() -> None:
    for name in phrases.__all__:
        value = getattr(phrases, name)
        for choices in value.values() if name == "QUALITIES" else [value]:
            for pools in choices if isinstance(choices, tuple) else [choices]:
                if set(pools) == set(POOLS):
                    assert not set(pools["taught"]) & set(pools["held_out"]), name


def test_one_plan_has_hundreds_of_phrasings() -> None:
    rng = random.Random(3)
    draft = next(d for d in drafts(2000, seed=7) if len(d.mentions) == 1 and 4 <= len(d.params) <= 6)
    found = {skeleton(word_request(rng, draft, pool="taught", unit=Unit.MM).prompt) for _ in range(1000)}
    assert len(found) >= 300


def test_styles_and_vague_requests_have_their_shares() -> None:
    some = list(drafts(1200, seed=11))
    worded = [word_request(random.Random(i), d, pool="taught", unit=Unit.MM) for i, d in enumerate(some)]
    shares = {style: n / len(worded) for style, n in Counter(w.style for w in worded).items()}
    assert shares["measured"] == max(shares.values())
    assert 0.07 < shares["sheet"] < 0.2
    assert 0.12 < shares["conversational"] < 0.3
    vague = sum(len(w.order) < len(d.params) for w, d in zip(worded, some, strict=True)) / len(worded)
    assert 0.06 < vague < 0.16


def test_equal_numbers_are_now_and_then_said_once() -> None:
    draft = next(
        d
        for seed in range(400)
        if (d := draft_of("plate", seed, Unit.MM, n_features=0)) and "depth" in {p.name for p in d.params}
    )
    width = draft.plan.value("width")
    draft = assemble(draft.plan.with_value("depth", width))
    prompts = [word_request(random.Random(i), draft, pool="taught", unit=Unit.MM) for i in range(300)]
    once = [w for w in prompts if {"width", "depth"} <= set(w.order) and "square" in w.prompt.lower()]
    assert len(once) > 15


def test_a_clearance_hole_goes_by_its_screw() -> None:
    plan = next(
        d.plan
        for seed in range(900)
        if (d := draft_of("plate", seed, Unit.MM)) and [u.kind for u in d.plan.features] == ["center_hole"]
    )
    draft = assemble(plan.with_value("hole_diameter", 3.4))
    prompts = [word_request(random.Random(i), draft, pool="taught", unit=Unit.MM).prompt for i in range(200)]
    assert sum(bool(re.search(r"\bM3\b", p, re.IGNORECASE)) for p in prompts) > 30


@settings(max_examples=80, deadline=None)
@given(SEED, POOL, UNIT)
def test_a_mention_names_the_features_own_numbers_only(seed: int, pool: str, unit: Unit) -> None:
    draft = draft_of("plate", seed, unit)
    if draft is None or not draft.mentions:
        return
    mention = draft.mentions[0]
    text, order = mention_text(random.Random(seed), draft, mention, pool=pool, unit=unit)
    assert set(order) == {p.name for p in draft.params if p.name.startswith(mention.use.prefix)}
    assert not re.search(r"[@{}<>]", text)


@given(st.integers(min_value=1, max_value=160), SEED)
def test_inches_are_exact(sixteenths: int, seed: int) -> None:
    value = round(sixteenths * 25.4 / 16, 4)
    ((_, values, _),) = numbers_in(said(random.Random(seed), value, Unit.INCH), Unit.INCH)
    assert any(abs(v - value) < 2e-3 for v in values)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@a 8 mm hole", "an 8 mm hole"),
        ("@a 80 mm hole", "an 80 mm hole"),
        ("@a 11 mm hole", "an 11 mm hole"),
        ("@a 110 mm hole", "a 110 mm hole"),
        ("@a 1/8 inch hole", "a 1/8 inch hole"),
        ("@a M3 hole", "an M3 hole"),
        ("@a L-bracket", "an L-bracket"),
        ("@a U-bracket", "a U-bracket"),
        ("@a useful box", "a useful box"),
        ("@a upright box", "an upright box"),
        ("@a one piece box", "a one piece box"),
        ("@a O-ring", "an O-ring"),
        ("@a eight mm hole", "an eight mm hole"),
        ("@a T-slot", "a T-slot"),
        ("@a hexagon", "a hexagon"),
    ],
)
def test_articles_fit_what_follows(text: str, expected: str) -> None:
    assert fit_articles(text) == expected


def test_number_words() -> None:
    assert [number_words(v) for v in (4, 25, 2.5, 100, 101, 0.3)] == [
        "four", "twenty five", "two and a half", "a hundred", None, None,
    ]  # fmt: skip


def test_plurals_are_known() -> None:
    assert [n for n in ("stairs", "a box of parts", "radius", "gear teeth", "boss", "chassis") if is_plural(n)] == [
        "stairs",
        "gear teeth",
    ]


@given(SEED)
def test_a_slip_is_one_word_and_never_a_number_or_a_unit(seed: int) -> None:
    text = "please make a mounting bracket 60 millimeters wide with three 5 mm corner holes, bottom 12.5 cm"
    slipped = misspell(random.Random(seed), text)
    changed = [(a, b) for a, b in zip(text.split(), slipped.split(), strict=True) if a != b]
    assert len(changed) == 1
    ((before, after),) = changed
    assert before not in ("millimeters", "three", "wide")
    assert not re.search(r"\d", before + after)
