"""How a request mentions a feature: a phrase of its pool, the face it is on, the size of its screws.

Everything here is a template: numbers stay slots of full parameter names. Covers noun phrases; the sentence around
them is `corpus.synth.wording`'s.
"""

from __future__ import annotations

import random
import re
from collections.abc import Collection, Mapping, Sequence

from corpus.synth import phrases
from corpus.synth.dimensions_said import Dim
from corpus.synth.numbers_said import SLOT, is_plural, screw_name
from corpus.synth.part import Draft, Mention

__all__ = ["feature_dims", "feature_text", "fitting", "vague_feature"]

_SIDES = ("top", "bottom", "front", "back", "left", "right", "rear")
_OF = re.compile(r"\b(?:middle|(?<!off )(?<!off-)cent(?:er|re)|midpoint|(?<!rounded )corners?|edges?|ends?|rims?)$")
_STRAY_UNIT = re.compile(r"(\{\w+:?[n~p]?\}) ?(?:mm|millimeters?|degrees?|°|deg)\b")
_PREDICATE = re.compile(r"\w+(?:ed|ung|cut|sunk)(?:@F| (?:at|through|in|with|on|by|to|near|into|from|so|twice|once)\b)")
"""`drilled through the middle` follows no `with`: such a phrase is left out where there are others."""
_STRAY_ARTICLE = re.compile(r"(?<![@\w])an? (?=[\w{@])")


def fitting(candidates: Sequence[str], present: Collection[str], options: Mapping[str, str]) -> list[str]:
    """The templates whose slots are all there, with options filled in and units and articles left to the grammar."""
    found = []
    for text in candidates:
        for name, choice in options.items():
            text = text.replace("{" + name + "}", choice.replace("_", " "))
        text = _STRAY_ARTICLE.sub("@a ", _STRAY_UNIT.sub(r"\1", text))
        if (
            text
            and not _PREDICATE.match(text)
            and all(name in present for names, _ in SLOT.findall(text) for name in names.split("+"))
        ):
            found.append(text)
    return [t for t in found if not _PREDICATE.match(t)] or found


def feature_text(rng: random.Random, draft: Draft, index: int, *, pool: str) -> str:
    """A feature with all its numbers, as a template."""
    mention = draft.mentions[index]
    prefix = mention.use.prefix
    dims = {name.removeprefix(prefix): dim for dim in feature_dims(draft, index) for name in dim.names}
    texts = fitting(mention.feature.phrases[pool], dims, dict(mention.use.options))
    most = max((len(_names(t)) for t in texts), default=0)
    text = rng.choice([t for t in texts if len(_names(t)) == most] or [f"@a {mention.feature.label}@F"])
    missing = [d for name, d in dims.items() if name not in _names(text)]
    text = SLOT.sub(lambda m: "{" + prefix + m[1] + (f":{m[2]}" if m[2] else "") + "}", text)
    text = _placed(rng, text, draft, index, pool)
    for dim in missing:
        text += f", {rng.choice(dim.nouns)} {dim.slot()}"
    for dim in dims.values():
        if dim.is_screw and screw_name(dim.value) and rng.random() < 0.55:
            text = _with_screw(rng, text, dim.names[0], pool)
        elif dim.names[0].endswith("diameter") and rng.random() < 0.1:
            slot = "{" + dim.names[0] + "}"
            marked = rng.choice(("Ø" + slot.replace("}", ":u}"), slot + " dia", slot + " diameter"))
            text = re.sub(re.escape(slot) + r"(?= (?:[a-z]+ )?holes?\b)", marked, text)
    return text


def vague_feature(rng: random.Random, draft: Draft, index: int, *, pool: str) -> str:
    """A feature without its numbers, as a template."""
    mention = draft.mentions[index]
    texts = fitting(mention.feature.vague[pool], (), dict(mention.use.options))
    return _placed(rng, rng.choice(texts or [f"@a {mention.feature.label}@F"]), draft, index, pool)


def feature_dims(draft: Draft, index: int) -> list[Dim]:
    """A feature's numbers, with nouns that no other number of the part goes by."""
    mention = draft.mentions[index]
    names = [mention.use.prefix + n for n in mention.feature.measures]
    others = {noun for p in draft.params if p.name not in names for noun in p.measure.nouns}
    dims = []
    for param in draft.params:
        if param.name in names:
            nouns = [_qualified(noun, mention) for noun in param.measure.nouns]
            own = [n for n in nouns if n not in others]
            own = own or [f"{mention.use.face.replace('_', ' ')} {n}" for n in nouns]
            dims.append(Dim((param.name,), tuple(own), (), param.measure.kind, param.value, param.measure.is_screw))
    return dims


def _qualified(noun: str, mention: Mention) -> str:
    """`inset` of corner holes is `corner hole inset`."""
    label = mention.feature.label
    stems = {w.rstrip("s") for w in label.split()}
    if stems & {w.rstrip("s") for w in noun.split()}:
        return noun
    head = re.split(r" (?:near|in|on|at|of|with|for)\b", label)[0]
    return f"{head.removesuffix('s') if is_plural(head) else head} {noun}"


def _names(text: str) -> set[str]:
    return {name for name, _ in SLOT.findall(text)}


def _placed(rng: random.Random, text: str, draft: Draft, index: int, pool: str) -> str:
    """The phrase with its face said, where the part has several."""
    if not draft.mentions[index].has_several_faces:
        return text.replace("@F", "")
    if "@F" not in text:
        text += "@F"
    before, after = text.split("@F", 1)
    face = draft.mentions[index].use.face.replace("_", " ")
    is_held_out = pool == "held_out"
    the = "its" if is_held_out and rng.random() < 0.5 else "the"
    side = ""
    if face in _SIDES:
        side = rng.choice(("", "", "", " face", " side") if not is_held_out else (" surface", "", " face"))
        if face in ("left", "right"):
            side = side or " side"
    if _OF.search(before):
        place = "of"
    elif draft.applied[index].rise > 0:
        place = "on"
    else:
        place = rng.choice(("in", "in", "in", "on"))
    return f"{before} {place} {the} {face}{side}{after}"


def _with_screw(rng: random.Random, text: str, name: str, pool: str) -> str:
    """`M3 holes`, `holes for M3 screws` where the phrase allows it."""
    slot = "{" + name + "}"
    if re.search(re.escape(slot) + r" (?!(?:wide|deep|diameter|dia|across|radius)\b)(?:[a-z]+ ){0,2}?holes?\b", text):
        return text.replace(slot, "{" + name + ":M}")
    found = re.search(r"\b(holes?)\b.*? (of " + re.escape(slot) + r")(?! in diameter| diameter)", text)
    if not found:
        return text
    options = (phrases.SCREWS if found[1] == "holes" else phrases.SCREW)[pool]
    if "screw" in text or "bolt" in text:
        options = tuple(o for o in options if "screw" not in o and "bolt" not in o) or ("for <M>",)
    said = rng.choice(options).replace("<M>", "{" + name + ":M}")
    return text[: found.start(2)] + said + text[found.end(2) :]
