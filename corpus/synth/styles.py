"""The five styles of a request, each a template: measured, sheet, short, function, conversational.

Covers what is said in which order; noun phrases are `corpus.synth.telling`'s, spelling `corpus.synth.wording`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from corpus.synth import phrases
from corpus.synth.dimensions_said import Dim, counted, dim_item, leading_sizes, paired, square_side
from corpus.synth.draw import Unit
from corpus.synth.features_said import feature_dims
from corpus.synth.numbers_said import Speech, all_on_grid, is_plural
from corpus.synth.telling import (
    Telling,
    adjective_list,
    attached,
    framed,
    glued,
    head_of,
    joined,
    letters_of,
    noun_phrase,
    prefixed,
    with_item,
    with_noun,
)

__all__ = ["STYLES"]


def _measured(t: Telling) -> str:
    text = noun_phrase(t)
    if text.startswith("@a ") and t.chance(0.17):
        return t.pick(phrases.TELEGRAPHIC).replace("@X", text.removeprefix("@a "))
    text = framed(t, text)
    if t.speech.is_bare and t.chance(0.3):
        text += f", {t.pick(phrases.UNIT_NOTES)}".replace("<u>", t.rng.choice(("mm", "mm", "millimeters")))
    return text


def _sheet(t: Telling) -> tuple[str, Speech]:
    """`bracket: width 40, height 30`, in a line or in several."""
    head, left = head_of(t, is_plain=True) if square_side(t.draft, t.family) or t.chance(0.75) else head_of(t)
    is_by_name = bool(t.draft.mentions) and t.chance(0.5)
    title = with_noun(t, head.removeprefix("@a "))
    speech, note = t.speech, ""
    feature_items: list[str] = t.features()
    dims = paired(t.rng, left)
    if is_by_name:
        labels = []
        for i, mention in enumerate(t.draft.mentions):
            face = f" ({mention.use.face.replace('_', ' ')})" if mention.has_several_faces else ""
            labels.append(mention.feature.label + face)
            dims += feature_dims(t.draft, i)
        title = glued(title, t.rng.choice(("with", "with", "+", ",")), joined(t.rng, labels))
        feature_items = []
    if t.chance(0.25):
        t.rng.shuffle(dims)
    lengths = [p.value for p in t.draft.params if p.measure.kind not in ("count", "angle")]
    if (speech.unit is not Unit.MM or speech.is_bare) and t.chance(0.4) and all_on_grid(lengths, speech):
        speech = replace(speech, is_bare=True, is_fraction=False)
        unit = {Unit.MM: ("mm", "millimeters"), Unit.CM: ("cm", "centimeters"), Unit.INCH: ("inches", "inch")}[
            speech.unit
        ]
        note = t.pick(phrases.UNIT_NOTES).replace("<u>", t.rng.choice(unit))
    elif speech.unit is not Unit.MM:
        speech = replace(speech, is_bare=False)
    form = t.pick(phrases.SHEET_ITEMS)
    if "<k>" in form and speech.unit is Unit.MM and t.chance(0.6):
        speech = replace(speech, is_bare=True)
    letters = letters_of(t, dims) if t.chance(0.3) else None
    items = [letters] if letters else [dim_item(t.rng, d, form, pool=t.pool) for d in dims]
    items += feature_items
    if note.startswith("("):
        title += f" {note}"
    elif note:
        items.append(note)
    if not items:
        return title, speech
    if len(items) > 1 and t.chance(0.35):
        head, _, bullet = t.pick(phrases.LINES).partition("/")
        start = f"\n{bullet} " if bullet else "\n"
        text = head.replace("@T", title) + "".join(start + item for item in items)
    else:
        joint = t.pick(phrases.SHEET_JOINTS).replace("_", " ")
        text = t.pick(phrases.SHEETS).replace("@T", title).replace("@D", joint.join(items))
    if is_plural(t.noun):
        text = text.replace("@a ", "", 1)
    return text, speech


def _short(t: Telling) -> str:
    """A wish with no number, or with one or two."""
    words = _quality(t)
    text = f"@a {words} @N" if words else "@a @N"
    if square_side(t.draft, t.family) and "square" not in t.noun and t.chance(0.7):
        text = text.replace("@N", "square @N")
    told: list[Dim] = []
    if t.chance(0.4):
        told = [d for d in t.dims if d.adjectives or d.kind == "count"][: t.rng.choice((1, 1, 2))]
    if told and all(d.adjectives for d in told):
        if t.chance(0.5):
            text = prefixed(t, told)
        else:
            text = glued(text, t.rng.choice((",", "_", ",")), adjective_list(t, told))
    elif told:
        text = attached(t, text, [with_item(t, d) for d in told])
    text = attached(t, with_noun(t, text), t.vague_features())
    if text.startswith("@a ") and t.chance(0.25):
        return t.pick(phrases.TELEGRAPHIC).replace("@X", text.removeprefix("@a "))
    return framed(t, text)


def _quality(t: Telling) -> str:
    """`small`, `thin`: what the numbers bear out, or what says nothing of them."""
    lengths = [
        (d, t.family.measures[d.names[0]])
        for d in t.dims
        if d.kind == "length" and (d.adjectives or "diameter" in d.nouns[0])
    ]
    thirds = [(d, (d.value - m.low) / (m.high - m.low)) for d, m in lengths if m.high > m.low]
    roll = t.rng.random()
    if not thirds or roll < 0.3:
        return ""
    if roll < 0.4:
        return t.pick(phrases.PLAIN_SIZE)
    for dim, share in t.rng.sample(thirds, len(thirds)):
        qualities = [q for a in dim.adjectives if (q := phrases.QUALITIES.get(a))]
        if qualities and roll < 0.6 and not 1 / 3 <= share <= 2 / 3:
            low, high = t.rng.choice(qualities)
            return t.pick(low if share < 1 / 3 else high)
    if all(share < 1 / 3 for _, share in thirds):
        return t.pick(phrases.SMALL)
    if max(share for _, share in thirds) > 2 / 3 and not any(share < 1 / 3 for d, share in thirds[:2]):
        return t.pick(phrases.LARGE)
    return ""


def _function(t: Telling) -> str | None:
    """`something to hold a phone upright, 80 mm wide`."""
    purposes = t.fitting(t.family.purposes)
    if not purposes:
        return None
    text = t.pick(phrases.FUNCTION_FRAMES)
    is_asked = text.endswith("?")
    text = with_noun(t, text.removesuffix("?")).replace("@U", t.rng.choice(purposes))
    if t.chance(0.45):
        text = attached(t, text, t.vague_features())
        return text + ("?" if is_asked else "")
    side = square_side(t.draft, t.family)
    sizes = leading_sizes(t.draft, t.dims)
    left = list(t.dims)
    if side is not None:
        text += f", {{{side}}} x {{{side}}}"
        left = [d for d in left if side not in d.names]
    elif len(sizes) > 1 and t.chance(0.3):
        text += ", " + " x ".join(d.slot() for d in sizes)
        left = [d for d in left if d not in sizes]
    left = paired(t.rng, left)
    adjective = [d for d in left if d.adjectives]
    if adjective:
        stop = "?" if is_asked else "."
        glues = (f"{stop} It should be", f"{stop} Make it", *((",", ",", ", it should be") if not is_asked else ()))
        text = f"{text}{t.rng.choice(glues)} {adjective_list(t, adjective)}"
    items = [with_item(t, d) for d in left if not d.adjectives] + t.features()
    if items:
        glues = (", ",) if text.endswith("with") else (" with ", ", with ", ", ")
        text += t.rng.choice(glues) + joined(t.rng, items)
    return text


def _conversational(t: Telling) -> str:
    """Two sentences or more: what it is, how large, what else."""
    head, left = head_of(t, is_plain=t.chance(0.5))
    noun_phrase = with_noun(t, head)
    left = paired(t.rng, left)
    adjective = [d for d in left if d.adjectives]
    others = [d for d in left if not d.adjectives]
    if adjective and t.chance(0.2):
        noun_phrase = glued(noun_phrase, ",", adjective_list(t, adjective))
        adjective = []
    features = t.features()
    if features and t.chance(0.25):
        noun_phrase = attached(t, noun_phrase, features)
        features = []
    context = t.pick(phrases.CONTEXTS) if t.chance(0.35) else ""
    first = t.pick(phrases.OPENERS).replace("@X", noun_phrase).replace("@C", f" {context}" if context else "")
    if t.chance(0.3):
        first = f"{t.pick(phrases.GREETINGS)} {first}"
    rest = [*_size_sentences(t, adjective, others), *_feature_sentences(t, features)]
    if t.chance(0.2):
        rest.reverse()
    if t.chance(0.3):
        rest.append(t.pick(phrases.CLOSINGS))
    return _sentences(t, [first, *rest])


def _size_sentences(t: Telling, adjective: list[Dim], others: list[Dim]) -> list[str]:
    found = []
    if adjective:
        found.append(t.pick(phrases.DIMENSION_SENTENCES).replace("@J", adjective_list(t, adjective)))
    counts = [d for d in others if counted(d) and d.kind == "count" and d.value > 1]
    for dim in counts:
        found.append(dim_item(t.rng, dim, t.pick(phrases.COUNT_SENTENCES), pool=t.pool))
    nouns = [d for d in others if d not in counts]
    if len(nouns) > 2 or (len(nouns) == 2 and t.chance(0.5)):
        found.append(joined(t.rng, [_noun_sentence(t, d, form="the <n> is <v>") for d in nouns]))
    else:
        found += [_noun_sentence(t, d) for d in nouns]
    return found


def _noun_sentence(t: Telling, dim: Dim, *, form: str = "") -> str:
    if dim.is_pair:
        return t.pick(phrases.PAIR_SENTENCES).replace("<n>", dim.nouns[0]).replace("<v>", dim.slot())
    return dim_item(t.rng, dim, form or t.pick(phrases.NOUN_SENTENCES), pool=t.pool)


def _feature_sentences(t: Telling, features: list[str]) -> list[str]:
    if not features:
        return []
    groups = [features] if t.chance(0.6) else [[f] for f in features]
    return [t.pick(phrases.FEATURE_SENTENCES).replace("@F", joined(t.rng, group)) for group in groups]


def _sentences(t: Telling, sentences: Sequence[str]) -> str:
    """Sentences one after another, with full stops or, in haste, commas."""
    joint = t.rng.choice((". ", ". ", ". ", ". ", ", ", "\n", " - "))
    text = sentences[0]
    for sentence in sentences[1:]:
        if joint in (", ", " - ") and not sentence.startswith(("I ", "I'")):
            sentence = sentence[0].lower() + sentence[1:]
        own = joint.lstrip(". ,-") or " " if text.endswith(("?", "!", ".")) else joint
        text += own + sentence
    return text


STYLES: dict[str, tuple[float, Callable[[Telling], str | tuple[str, Speech] | None]]] = {
    "measured": (0.50, _measured),
    "conversational": (0.20, _conversational),
    "sheet": (0.12, _sheet),
    "short": (0.09, _short),
    "function": (0.10, _function),
}
