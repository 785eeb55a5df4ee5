"""Requests for one design in several styles: its people's words cleaned, short, measured, by purpose, as talk.

Pure and deterministic by seed. The noun comes from the title, what it is for from the description, every other number
from the mesh or from a parameter that says what it is; where nobody has said anything, `corpus.words.captions` says
what is measured. Covers English; words in another language are kept as their author wrote them, in one wording.
"""

from __future__ import annotations

import random
import re

from corpus.language import is_english
from corpus.words import frames
from corpus.words.captions import captions
from corpus.words.claims import are_numbers_true
from corpus.words.cleaning import clean_sentences, cut, plain_line
from corpus.words.library import example_noun, is_library_example
from corpus.words.measures import Named, named_parameters, side_list, size_words, usable_size, whole
from corpus.words.nouns import NounPhrase, noun_of, uncapitalized
from corpus.words.purpose import Purpose, purpose_of
from corpus.words.subject import Subject, Wording

__all__ = ["MAX_PROMPT_CHARS", "MAX_WORDINGS", "wordings"]

MAX_PROMPT_CHARS = 400
"""Longer descriptions go on about printing and assembly; what the part is stands first."""
MAX_WORDINGS = 5
_MIN_LENT_WORDS = 4
_NUMBER = re.compile(r"\d")
_TELLING = 0.4
"""A side below this share of the longest is not what people give as the size."""
_AXES = ("wide", "deep", "tall|high")
_WORD = re.compile(r"[a-z]{3,}")


def wordings(subject: Subject, *, seed: str) -> tuple[Wording, ...]:
    """At most five requests, no two alike; () where nothing can honestly be said. `seed` is the content key."""
    own = _own_words(subject)
    noun = example_noun(subject) if is_library_example(subject) else noun_of(subject.title)
    told, kind = own if own[0] else _lent_words(subject)
    found: list[Wording] = []
    if own[0] and not is_english(" ".join((subject.title or "", *own[0]))):
        return tuple(_foreign(subject, own[0], own[1]))
    found += _author(noun, told, kind, seed)
    noun_kind = own[1] if own[1] in ("readme", "doc_comment") else "author"
    if noun is not None:
        found += _styled(subject, noun, told, noun_kind, seed)
    purpose = purpose_of(told, noun)
    if purpose is not None:
        found.append(Wording(_functional(purpose, seed), kind if told else noun_kind, "function"))
    found += _checked(subject)
    if noun is None:
        found += captions(subject, seed=seed)
    return tuple(_distinct(found))[:MAX_WORDINGS]


def _own_words(subject: Subject) -> tuple[tuple[str, ...], str]:
    """(the description's sentences about the part, whose they are)."""
    kind = subject.description_kind
    if is_library_example(subject) or not subject.description or kind in ("none", "synthetic"):
        return (), "author" if kind not in ("readme", "doc_comment") else kind
    sentences = clean_sentences(subject.description)
    if kind == "readme":
        sentences = _about(sentences, subject)
    return sentences, kind


def _about(sentences: tuple[str, ...], subject: Subject) -> tuple[str, ...]:
    """Of a README only what shares a word with the title, and what follows it: the rest may be about its neighbours."""
    wanted = set(_WORD.findall((subject.title or "").lower()))
    first = next((i for i, s in enumerate(sentences) if wanted & set(_WORD.findall(s.lower()))), None)
    return sentences[first:] if first is not None else ()


def _lent_words(subject: Subject) -> tuple[tuple[str, ...], str]:
    """What was said of a duplicate; sentences with numbers don't count, for a near copy may differ in just these."""
    for text, kind in subject.lent:
        if kind in ("author", "readme", "doc_comment") and is_english(text):
            kept = tuple(
                s for s in clean_sentences(text) if not _NUMBER.search(s) and len(s.split()) >= _MIN_LENT_WORDS
            )
            if kept:
                return kept, kind
    return (), "author"


def _author(noun: NounPhrase | None, sentences: tuple[str, ...], kind: str, seed: str) -> list[Wording]:
    """The description itself; the name goes before it, unless it is in the first sentence."""
    if not sentences:
        return []
    rng = random.Random(f"author|{seed}")
    text = cut(sentences, MAX_PROMPT_CHARS)
    is_named = noun is not None and noun.head.split()[-1].lower() in sentences[0].lower()
    if noun is not None and not is_named:
        words = noun.words[0].upper() + noun.words[1:]
        is_clause = ": " not in sentences[0] and rng.random() < 0.5
        first = f"{words}: {uncapitalized(sentences[0])}" if is_clause else f"{words}. {sentences[0]}"
        text = cut((first, *sentences[1:]), MAX_PROMPT_CHARS)
    elif noun is None and len(sentences[0].split()) < 5:
        return []
    return [Wording(text, kind, "author")]


def _styled(subject: Subject, noun: NounPhrase, told: tuple[str, ...], kind: str, seed: str) -> list[Wording]:
    """Short, measured and conversational: the thing by its name, with true numbers."""
    rng = random.Random(f"styled|{seed}")
    brief = noun.short if rng.random() < 0.6 else noun
    found = [Wording(frames.finished(rng, frames.pick(rng, frames.SHORT, x=str(brief), n=brief.words)), kind, "short")]
    size = usable_size(subject)
    if size is None:
        talk = f"{frames.pick(rng, frames.GREETINGS)}{frames.pick(rng, frames.TALK, x=str(noun))}"
        return [*found, Wording(frames.finished(rng, talk), kind, "conversational")]
    is_one = subject.n_components == 1
    is_upright = is_one and _agrees(told, size)
    in_words = is_upright and rng.random() < 0.35
    sides = size_words(size, rng) if in_words else side_list(size, rng)
    forms = frames.SIDES if in_words else frames.MEASURED if is_one else frames.LAID_OUT
    measured = frames.pick(rng, forms, x=str(noun.short), n=noun.short.words, s=sides)
    measured = _with_parameters(measured, named_parameters(subject), rng)
    found.append(Wording(frames.finished(rng, measured), kind, "measured"))
    about = _about_size(size, rng, is_upright=is_upright)
    pieces = (
        frames.pick(rng, frames.GREETINGS) + frames.pick(rng, frames.TALK, x=str(noun)),
        frames.pick(rng, frames.ABOUT, s=about) if is_one and rng.random() < 0.75 else "",
        frames.pick(rng, frames.CLOSERS),
    )
    return [*found, Wording(_talk(rng, pieces), kind, "conversational")]


def _agrees(told: tuple[str, ...], size: tuple[float, float, float]) -> bool:
    """False where its people call another length wide, deep or tall: they look at it from another side."""
    text = " ".join(told)
    return all(
        abs(float(value) - side) <= 0.02 * side
        for names, side in zip(_AXES, size, strict=True)
        for value in re.findall(rf"(\d+(?:\.\d+)?) ?mm (?:{names})\b", text)
    )


def _with_parameters(text: str, parameters: tuple[Named, ...], rng: random.Random) -> str:
    """None, one or two of the parameters after the size."""
    n_wanted = rng.choice((0, 0, 1, 1, 2))
    chosen = [p.words for p in rng.sample(parameters, min(n_wanted, len(parameters)))]
    if not chosen:
        return text
    end = text[-1] if text[-1] in "?." else ""
    return text.rstrip("?.") + frames.pick(rng, frames.WITH, a=" and ".join(chosen)) + end


def _about_size(size: tuple[float, float, float], rng: random.Random, *, is_upright: bool) -> str:
    """One side or all, in whole millimetres where that is off by less than 2 %."""
    x, y, z = (whole(s) for s in size)
    forms = [f"{x} x {y} x {z} mm", f"{x} by {y} by {z} mm", f"{x}x{y}x{z} mm"]
    if is_upright and min(size[0], size[2]) > _TELLING * max(size):
        forms += [f"{z} mm tall", f"{z} mm high", f"{x} mm wide and {z} mm tall", f"{x} mm wide", f"{x} mm wide"]
    return rng.choice(forms)


def _talk(rng: random.Random, pieces: tuple[str, ...]) -> str:
    """The pieces as sentences; now and then all in small letters, as people type."""
    said = [p.strip() for p in pieces if p.strip()]
    capital = rng.random() < 0.65
    text = " ".join(p[0].upper() + p[1:] if capital else p for p in said)
    return re.sub(r"(?<=! )[a-z]", lambda m: m[0].upper(), text) if capital else text


def _functional(purpose: Purpose, seed: str) -> str:
    rng = random.Random(f"function|{seed}")
    choices = [
        (frames.FUNCTION_THAT, purpose.that),
        (frames.FUNCTION_TO, purpose.to),
        (frames.FUNCTION_USE, purpose.use),
    ]
    kind, words = rng.choice([(k, w) for k, w in choices if w])
    return frames.finished(rng, frames.pick(rng, kind, p=words or ""))


def _checked(subject: Subject) -> list[Wording]:
    """Captions that a model made and `corpus.model_captions` let pass; checked again, for a near copy may lend one."""
    texts = [text for text, kind in subject.lent if kind == "model_caption"]
    if subject.description_kind == "model_caption" and subject.description:
        texts.insert(0, subject.description)
    true = [" ".join(t.split())[:MAX_PROMPT_CHARS] for t in texts if are_numbers_true(t, subject)]
    return [Wording(t, "model_caption", "measured" if re.search(r"\d ?mm\b", t) else "short") for t in true[:1]]


def _foreign(subject: Subject, sentences: tuple[str, ...], kind: str) -> list[Wording]:
    title = plain_line(subject.title or "").rstrip(" .:")
    first = f"{title}: {sentences[0]}" if title and title.lower() not in sentences[0].lower() else sentences[0]
    return [Wording(cut((first, *sentences[1:]), MAX_PROMPT_CHARS), kind, "author")]


def _distinct(found: list[Wording]) -> list[Wording]:
    """The first of those that differ only in case, stops and blanks; what is too long for a request goes."""
    kept: dict[str, Wording] = {}
    for wording in found:
        if len(wording.prompt) > MAX_PROMPT_CHARS:
            continue
        kept.setdefault(re.sub(r"[\W_]+", "", wording.prompt.lower()), wording)
    return list(kept.values())
