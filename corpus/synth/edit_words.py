"""How people ask for a change: templates by kind of edit and wording pool. Data only.

Slots: `{v}` a number with its unit, `{old}` the value before, `{n}` the noun of a dimension, `{a}` its adjective,
`{more}` and `{less}` its comparatives, `{times}` a factor in words, `{percent}` a share, `{label}` a feature's name,
`{phrase}` a feature with its numbers, `{c}` and `{old_c}` counts, `{things}` what is counted, `{way}` a direction.
"""

from __future__ import annotations

from corpus.synth.words import Pools, pools

__all__ = ["COMPARATIVES", "EDIT_WORDS", "FACTORS", "POLITE"]

COMPARATIVES: dict[str, tuple[str, str]] = {
    "wide": ("wider", "narrower"),
    "deep": ("deeper", "shallower"),
    "long": ("longer", "shorter"),
    "tall": ("taller", "shorter"),
    "high": ("higher", "lower"),
    "thick": ("thicker", "thinner"),
}
"""Adjective -> (more, less)."""

FACTORS: dict[float, tuple[str, ...]] = {
    2.0: ("twice", "two times", "2x", "2 times"),
    3.0: ("three times", "3 times", "3x"),
    1.5: ("1.5 times", "one and a half times", "1.5x"),
    0.5: ("half", "half", "0.5 times"),
}

EDIT_WORDS: dict[str, Pools] = {
    "set_size": pools(
        "make it {v} {a} | make it {v} {a} instead | change the {n} to {v} | set the {n} to {v} | {n} {v} please | "
        "it should be {v} {a} | the {n} should be {v} | now with a {n} of {v} | {v} {a} please | I need the {n} at {v} | "
        "can you make the {n} {v}? | {n} = {v} | actually, make the {n} {v} | let's have {v} {n} | "
        "use {v} for the {n} | change {n} from {old} to {v} | {v} instead of {old} for the {n} | adjust the {n} to {v}",
        "the {n} wants to be {v} | could the {n} become {v}? | bring the {n} to {v} | alter it so that the {n} is {v}",
    ),
    "change_by": pools(
        "make it {v} {more} | {v} {more} please | increase the {n} by {v} | add {v} to the {n} | "
        "it needs to be {v} {more} | the {n} should grow by {v} | {v} more {n} | can you make it {v} {more}?",
        "extend the {n} by another {v} | give the {n} {v} extra",
    ),
    "change_by_less": pools(
        "make it {v} {less} | {v} {less} please | reduce the {n} by {v} | take {v} off the {n} | "
        "it needs to be {v} {less} | decrease the {n} by {v} | {v} less {n}",
        "shave {v} from the {n} | the {n} is {v} too much",
    ),
    "scale_one": pools(
        "make it {times} as {a} | {times} as {a} | {times} the {n} | {times} the {n} please | "
        "I want it {times} as {a} | the {n} should be {times} what it is now | make the {n} {times} as large",
        "it ought to be {times} as {a} | multiply the {n} so that it is {times} as big",
    ),
    "percent_one": pools(
        "make it {percent}% {more} | {percent} percent {more} | increase the {n} by {percent}% | "
        "the {n} should be {percent}% more | {percent}% more {n}",
        "raise the {n} by {percent} per cent | bump the {n} up {percent}%",
    ),
    "vague_more": pools(
        "make it {more} | make it {more} please | can you make it {more}? | it should be {more} | {more} please | "
        "I'd like it {more} | it needs to be {more} | a {more} one",
        "could it be {more}? | go {more}",
    ),
    "vague_less": pools(
        "make it {less} | {less} please | can you make it {less}? | it should be {less} | it is not supposed to be so "
        "{a}, make it {less} | a {less} one",
        "could it be {less}? | go {less}",
    ),
    "bit_more": pools(
        "make it a bit {more} | a little {more} please | slightly {more} | a bit {more} | make it slightly {more}",
        "just a touch {more} | ever so slightly {more}",
    ),
    "bit_less": pools(
        "make it a bit {less} | a little {less} please | slightly {less} | a bit {less} | make it slightly {less}",
        "just a touch {less} | ever so slightly {less}",
    ),
    "much_more": pools("make it much {more} | much {more} | a lot {more} please | way {more}", "considerably {more}"),
    "scale_all": pools(
        "make the whole thing {percent}% bigger | scale it up by {percent}% | {percent}% larger overall | "
        "enlarge everything by {percent}% | scale everything up {percent} percent",
        "grow the entire part by {percent}% | blow it all up by {percent} per cent",
    ),
    "scale_all_less": pools(
        "make the whole thing {percent}% smaller | scale it down by {percent}% | {percent}% smaller overall | "
        "shrink everything by {percent}%",
        "reduce the entire part by {percent} per cent",
    ),
    "scale_all_times": pools(
        "make the whole thing {times} as big | scale everything to {times} the size | {times} the size please | "
        "{times} as large in every direction",
        "the entire part {times} as big, keep the proportions",
    ),
    "set_count": pools(
        "{c} {things} instead of {old_c} | make it {c} {things} | change it to {c} {things} | use {c} {things} | "
        "I need {c} {things} | it should have {c} {things} | {c} {things} please | now with {c} {things}",
        "go from {old_c} to {c} {things} | there ought to be {c} {things}",
    ),
    "more_count": pools(
        "add {c} more {things} | {c} more {things} | {c} more {things} please | it needs {c} more {things} | "
        "give it {c} extra {things}",
        "another {c} {things} on top of those",
    ),
    "add_feature": pools(
        "add {phrase} | add {phrase} please | also {phrase} | now add {phrase} | give it {phrase} | "
        "can you add {phrase}? | it also needs {phrase} | and {phrase} | I also want {phrase} | put in {phrase} | "
        "now with {phrase}",
        "equip it with {phrase} | it could do with {phrase} | what about {phrase}?",
    ),
    "remove_feature": pools(
        "remove the {label} | no {label} please | without the {label} | take away the {label} | drop the {label} | "
        "get rid of the {label} | I don't need the {label} | leave out the {label} | delete the {label}",
        "lose the {label} | the {label} can go | skip the {label} after all",
    ),
    "replace_feature": pools(
        "replace the {label} with {phrase} | {phrase} instead of the {label} | swap the {label} for {phrase} | "
        "instead of the {label}, give it {phrase}",
        "trade the {label} for {phrase} | rather than the {label} I want {phrase}",
    ),
    "move_feature": pools(
        "move the {label} {v} {way} | shift the {label} {v} {way} | {label} {v} further {way} | "
        "put the {label} {v} more {way} | the {label} should be {v} further {way}",
        "nudge the {label} {v} {way} | slide the {label} {v} {way}",
    ),
    "round_corners": pools(
        "round the corners with a radius of {v} | rounded corners, {v} radius | round off the corners by {v} | "
        "give it {v} rounded corners | make the corners rounded, {v}",
        "soften the corners with {v} radius",
    ),
    "round_corners_vague": pools(
        "round the corners | make the corners rounded | rounded corners please | can you round off the corners?",
        "no sharp corners please",
    ),
    "sharp_corners": pools(
        "sharp corners please | make the corners square again | no rounded corners | remove the rounding",
        "leave the corners sharp",
    ),
    "hollow": pools(
        "make it hollow with {v} walls | hollow it out, {v} walls | make it hollow, wall thickness {v} | "
        "turn it into an open shell with walls of {v} | hollow, {v} wall",
        "empty the inside and leave {v} walls",
    ),
    "hollow_vague": pools("make it hollow | hollow it out | can it be hollow?", "empty the inside"),
    "in_inches": pools(
        "in inches | give me the parameters in inches | write it in inches | use inches in the source | "
        "same part, but with inch parameters",
        "imperial units please",
    ),
    "meant_inches": pools(
        "I meant inches, not mm | those numbers were inches | all of those are inches | sorry, the sizes are in inches",
        "read every number as inches",
    ),
    "undo": pools(
        "undo | undo that | go back | revert the last change | no, put it back as it was | undo the last change | "
        "take that back",
        "never mind, the previous one | roll that back",
    ),
    "as_modules": pools(
        "split it into modules | use a module for each feature | put the features into modules of their own",
        "structure the source with modules",
    ),
    "as_parameters": pools(
        "use named parameters | put the numbers into variables at the top | make it parametric | "
        "I want to change the numbers at the top",
        "pull the numbers out into variables",
    ),
}

POLITE: Pools = pools(
    "@ | @ | @ | @ | @ | @ | ok, @ | great, now @ | nice. @ | thanks! now @ | hmm, @ | perfect, but @ | please @ | @, thanks",
    "lovely, and @ | right, @ | okay so @",
)
"""Around a request; `@` is the request."""
