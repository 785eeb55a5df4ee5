"""The ways in which a request is put. Data, and the filling in.

`{x}` is the thing with its article (`a phone stand`), `{n}` without, `{s}` its size, `{p}` what it is for.
Every frame asks for the thing and claims nothing of it but what is put in.
"""

from __future__ import annotations

import random

__all__ = [
    "ABOUT",
    "CLOSERS",
    "FUNCTION_THAT",
    "FUNCTION_TO",
    "FUNCTION_USE",
    "GREETINGS",
    "LAID_OUT",
    "MEASURED",
    "SHORT",
    "SIDES",
    "TALK",
    "WITH",
    "finished",
    "pick",
]

SHORT = (
    "{x}", "{x}", "{x}", "{n}", "{n}", "make {x}", "make me {x}", "I need {x}", "design {x}", "model {x}",
    "create {x}", "please make {x}", "{x}, please", "I want {x}", "draw {x}", "{n} please", "can you make {x}?",
    "give me {x}", "could you design {x}?", "{x} in OpenSCAD", "OpenSCAD for {x}", "{x} to print", "3D model of {x}",
    "build {x}", "I'd like {x}", "looking for {x}", "{x} I can print", "generate {x}", "need {x}", "let's have {x}",
    "a model of {x}", "please model {x}", "can I get {x}?", "printable {n}", "write OpenSCAD for {x}",
)  # fmt: skip

MEASURED = (
    "{x}, {s}", "{x}, {s}", "{x}, {s}", "{n}, {s}", "{n} {s}", "{x} of {s}", "{x} measuring {s}", "{x} ({s})",
    "{n} ({s})", "make {x}, {s}", "I need {x}, {s}", "{x}; overall {s}", "{x}, overall size {s}",
    "{x} that measures {s} overall", "design {x}, {s} overall", "{n} - {s}", "{n}: {s}", "please make {x} of {s}",
    "{x}, outer dimensions {s}", "model {x} with outside dimensions of {s}", "create {x}: {s}", "{x}. Size: {s}",
    "{x}. Overall {s}", "{x} sized {s}", "can you make {x}, {s}?", "I'd like {x}, {s}", "draw {x}, {s} in all",
    "{x}, bounding box {s}", "{x} with overall dimensions {s}", "generate {x} ({s})",
)  # fmt: skip

SIDES = (
    "{x}, {s}", "{x}, {s}", "{n}, {s}", "{n}: {s}", "{x}: {s}", "{x} ({s})", "make {x}, {s}", "I need {x}, {s}",
    "{x}; {s}", "design {x}, {s}", "{n} - {s}", "please make {x}, {s}", "can you make {x}, {s}?", "I'd like {x}, {s}",
    "model {x}: {s}", "create {x}, {s}", "{x}, please: {s}", "{n}, {s}, please", "I want {x}, {s}", "draw {x}, {s}",
    "generate {x}, {s}", "could you design {x}, {s}?", "3D model of {x}, {s}",
)  # fmt: skip
"""Where the size is words: `80 mm wide, 60 mm deep and 95 mm tall`."""

LAID_OUT = (
    "{x}; everything together {s}", "{x}, {s} in total", "{x}, laid out within {s}", "{x} ({s} overall, as laid out)",
    "make {x}; laid out it takes {s}", "{x}; everything together measures {s}", "{n}, overall {s} as laid out",
    "I need {x}, all within {s}", "please design {x}, {s} for the whole layout", "{x}, total extent {s}",
    "can you make {x}? Laid out it is {s}", "{n}: {s} all together",
)  # fmt: skip
"""Where there may be several pieces: their common box is no piece's size."""

WITH = (", {a}", ", {a}", " with {a}", "; {a}", ", with {a}")
"""How a list of parameters follows."""

FUNCTION_THAT = (
    "something that {p}", "something that {p}", "I need something that {p}", "a part that {p}",
    "make something that {p}", "I'm looking for a part that {p}", "design a part that {p}", "a thing that {p}",
    "can you make something that {p}?", "I want a part that {p}", "could you design something that {p}?",
    "we need something that {p}", "a printable part that {p}", "what I need is something that {p}",
    "please model a part that {p}", "I could use something that {p}",
)  # fmt: skip

FUNCTION_TO = (
    "something to {p}", "something to {p}", "I need something to {p}", "a part to {p}",
    "I want to {p}; make me a part for it", "I'd like to {p}", "make me something to {p}", "how about a part to {p}?",
    "can you make something to {p}?", "I'm looking for something to {p}", "design something to {p}", "I need to {p}",
    "could you model something to {p}?", "give me something to {p}", "a printable part to {p}",
    "what would you make to {p}?", "help me {p}",
)  # fmt: skip

FUNCTION_USE = (
    "something {p}", "something {p}", "I need something {p}", "a part {p}", "make something {p}", "I need a part {p}",
    "design something {p}", "can you make something {p}?", "I'm looking for something {p}", "a printable part {p}",
    "could you model a part {p}?", "I could use something {p}", "please make me something {p}", "got anything {p}?",
)  # fmt: skip

GREETINGS = (
    "", "", "", "", "hi, ", "hi! ", "hello, ", "hey, ", "hi there, ", "good morning! ", "hey there! ", "ok, ",
    "quick one: ", "hello! ", "so, ", "hi again, ", "evening! ",
)  # fmt: skip

TALK = (
    "could you make me {x}?", "can you make {x} for me?", "I'd love to have {x}.", "would you design {x} for me?",
    "I'm after {x}.", "could you help me with {x}?", "do you think you could model {x}?", "I want to print {x}.",
    "I've been looking for {x}.", "can we do {x}?", "would you mind drawing {x}?", "I really need {x}.",
    "I was wondering if you could make {x}.", "let's try {x}.", "my next project is {x}.", "how about {x}?",
    "could I get {x}?", "I'm trying to make {x}.", "what I want is {x}.", "any chance of {x}?", "please design {x}.",
)  # fmt: skip

ABOUT = (
    "about {s}.", "it should be about {s}.", "roughly {s}.", "around {s} is right.",
    "it should come out at about {s}.", "about {s} would be good.", "I'd say about {s}.", "make it about {s}.",
    "size: about {s}.",
)  # fmt: skip
"""How a rounded measure follows."""

CLOSERS = (
    "",
    "",
    "",
    "thanks!",
    "thank you",
    "thanks a lot",
    "cheers",
    "that would be great",
    "many thanks",
    "no hurry",
)


def pick(rng: random.Random, frames: tuple[str, ...], **values: str) -> str:
    """One of the frames, filled in."""
    return rng.choice(frames).format(**values)


def finished(rng: random.Random, text: str) -> str:
    """Small habits of writing: a capital, a full stop; a text that has sentences gets their capitals."""
    text = " ".join(text.split())
    if ". " in text or rng.random() < 0.45:
        text = text[0].upper() + text[1:]
    if text[-1] not in ".?!" and rng.random() < 0.3:
        text += "."
    return text
