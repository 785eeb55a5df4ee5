"""How people ask for a change: templates by kind of edit and wording pool. Data only.

Slots: `{v}` a number with its unit (`{v:u}` in digits), `{old}` the value before, `{n}` the noun of a dimension, `{N}`
one that is short, `{a}` its adjective, `{s}` one that can follow `twice as`, `{more}` and `{less}` its comparatives,
`{times}` a factor in words, `{percent}` a share, `{label}` a feature's name, `{bare}` one that can follow `no`,
`{phrase}` a feature with its numbers, `{c}` and `{old_c}` counts, `{things}` what is counted, `{way}` a direction,
`{further}` one that can follow `further`, `{screw}` M4. `@a` is the article of what follows.
"""

from __future__ import annotations

from corpus.synth.words import Pools, pools

__all__ = ["COMPARATIVES", "EDIT_WORDS", "FACTORS", "OPPOSITES", "POLITE", "POLITE_VERB", "VERBS"]

COMPARATIVES: dict[str, tuple[str, str]] = {
    "wide": ("wider", "narrower"),
    "deep": ("deeper", "shallower"),
    "long": ("longer", "shorter"),
    "tall": ("taller", "shorter"),
    "high": ("higher", "lower"),
    "thick": ("thicker", "thinner"),
}
"""Adjective -> (more, less)."""
OPPOSITES = {"wide": "narrow", "deep": "shallow", "high": "low", "thick": "thin"}
"""Adjective -> what is too little of it; `short` is left out, for it may be of height or of length."""

FACTORS: dict[float, tuple[str, ...]] = {
    2.0: ("twice", "two times", "2x", "2 times"),
    3.0: ("three times", "3 times", "3x"),
    1.5: ("1.5 times", "one and a half times", "1.5x"),
    0.5: ("half", "half", "0.5 times"),
}

EDIT_WORDS: dict[str, Pools] = {
    "set_size": pools(
        "make it {v} {a} | make it {v} {a} instead | change the {n} to {v} | set the {n} to {v} | {N} {v} please | "
        "it should be {v} {a} | the {n} should be {v} | now with @a {N} of {v} | {v} {a} please | "
        "I need the {n} at {v} | "
        "can you make the {n} {v}? | {N} = {v:u} | actually, make the {n} {v} | I want @a {N} of {v} | "
        "use {v} for the {n} | change the {n} from {old} to {v} | {v} instead of {old} for the {n} | "
        "adjust the {n} to {v} | the {n} must be {v} | it has to be {v} {a} | can it be {v} {a}? | {N} to {v}",
        "the {n} wants to be {v} | could the {n} become {v}? | bring the {n} to {v} | alter it so that the {n} is {v}",
    ),
    "set_two": pools(
        "make it {v} {a} and {v2} {a2} | change the {n} to {v} and the {n2} to {v2} | {v} {a} and {v2} {a2} please | "
        "it should be {v} {a} and {v2} {a2} | set the {n} to {v} and the {n2} to {v2} | {N} {v}, {N2} {v2} | "
        "the {n} should be {v} and the {n2} {v2} | make the {n} {v} and the {n2} {v2} | {N} = {v:u}, {N2} = {v2:u}",
        "bring it to {v} {a} and {v2} {a2} | go for @a {N} of {v} and @a {N2} of {v2}",
    ),
    "fit_screw": pools(
        "change the {label} to {screw} | make the {label} {screw} | size the {label} for {screw} screws | "
        "the {label} must fit {screw} screws | make the {label} fit {screw} | adjust the {label} for {screw} screws | "
        "I have {screw} screws, adjust the {label} | use {screw} for the {label}",
        "let the {label} take {screw} bolts | the {label} ought to clear {screw}",
    ),
    "change_by": pools(
        "make it {v} {more} | {v} {more} please | increase the {n} by {v} | add {v} to the {n} | "
        "it needs to be {v} {more} | the {n} should grow by {v} | {v} more {N} | can you make it {v} {more}? | "
        "it has to be {v} {more} | raise the {n} by {v} | {v} {more}",
        "extend the {n} by another {v} | give the {n} {v} extra",
    ),
    "change_by_less": pools(
        "make it {v} {less} | {v} {less} please | reduce the {n} by {v} | take {v} off the {n} | "
        "it needs to be {v} {less} | decrease the {n} by {v} | {v} less {N} | {v} {less} | cut the {n} by {v}",
        "shave {v} from the {n} | the {n} is {v} too much",
    ),
    "scale_one": pools(
        "make it {times} as {s} | {times} as {s} | {times} the {n} | {times} the {n} please | "
        "I want it {times} as {s} | the {n} should be {times} what it is now | make the {n} {times} as large | "
        "it should be {times} as {s} | can you make it {times} as {s}?",
        "it ought to be {times} as {s} | multiply the {n} so that it is {times} as big",
    ),
    "percent_one": pools(
        "make it {percent}% {more} | {percent} percent {more} | increase the {n} by {percent}% | "
        "the {n} should be {percent}% more | {percent}% more {N} | add {percent}% to the {n}",
        "raise the {n} by {percent} per cent | bump the {n} up {percent}%",
    ),
    "percent_one_less": pools(
        "make it {percent}% {less} | {percent} percent {less} | reduce the {n} by {percent}% | "
        "decrease the {n} by {percent} percent | {percent}% less {N} | take {percent}% off the {n}",
        "lower the {n} by {percent} per cent | trim the {n} by {percent}%",
    ),
    "vague_more": pools(
        "make it {more} | make it {more} please | can you make it {more}? | it should be {more} | {more} please | "
        "I'd like it {more} | it needs to be {more} | a {more} one | I want it {more} | too {flip}, make it {more} | "
        "it is too {flip}",
        "could it be {more}? | go {more}",
    ),
    "vague_less": pools(
        "make it {less} | {less} please | can you make it {less}? | it should be {less} | it shouldn't be so {s} | "
        "a {less} one | it is too {s} | too {s}, make it {less}",
        "could it be {less}? | go {less}",
    ),
    "bit_more": pools(
        "make it a bit {more} | a little {more} please | slightly {more} | a bit {more} | make it slightly {more} | "
        "can you make it a little {more}? | a tad {more}",
        "just a touch {more} | ever so slightly {more}",
    ),
    "bit_less": pools(
        "make it a bit {less} | a little {less} please | slightly {less} | a bit {less} | make it slightly {less} | "
        "can you make it a little {less}? | a tad {less}",
        "just a touch {less} | ever so slightly {less}",
    ),
    "much_more": pools(
        "make it much {more} | much {more} | a lot {more} please | way {more} | it should be a lot {more}",
        "considerably {more}",
    ),
    "much_less": pools(
        "make it much {less} | much {less} | a lot {less} please | way {less} | it should be a lot {less}",
        "considerably {less}",
    ),
    "scale_all": pools(
        "make the whole thing {percent}% bigger | scale it up by {percent}% | {percent}% larger overall | "
        "enlarge everything by {percent}% | scale everything up by {percent} percent | make it {percent}% bigger | "
        "{percent}% bigger please",
        "grow the entire part by {percent}% | blow it all up by {percent} per cent",
    ),
    "scale_all_less": pools(
        "make the whole thing {percent}% smaller | scale it down by {percent}% | {percent}% smaller overall | "
        "shrink everything by {percent}% | make it {percent}% smaller | {percent}% smaller please",
        "reduce the entire part by {percent} per cent",
    ),
    "scale_all_times": pools(
        "make the whole thing {times} as big | scale everything to {times} the size | {times} the size please | "
        "{times} as large in every direction | make it {times} the size | scale the whole part to {times} its size",
        "the entire part {times} as big, keep the proportions",
    ),
    "set_count": pools(
        "{c} {things} instead of {old_c} | make it {c} {things} | change it to {c} {things} | use {c} {things} | "
        "I need {c} {things} | it should have {c} {things} | {c} {things} please | now with {c} {things} | "
        "give it {c} {things} | can it have {c} {things}?",
        "go from {old_c} to {c} {things} | there ought to be {c} {things}",
    ),
    "more_count": pools(
        "add {c} more {things} | {c} more {things} | {c} more {things} please | it needs {c} more {things} | "
        "give it {c} extra {things}",
        "another {c} {things} on top of those",
    ),
    "one_more": pools(
        "add another {things} | one more {things} | one more {things} please | it needs one more {things} | "
        "give it an extra {things} | add one {things}",
        "another {things} on top of those",
    ),
    "set_number": pools(
        "change the {n} to {c} | the {n} should be {c} | make the {n} {c} | {c} instead of {old_c} | "
        "it should say {c} | "
        "put {c} on it instead",
        "let it read {c} | swap the {n} for {c}",
    ),
    "add_feature": pools(
        "add {phrase} | add {phrase} please | also {phrase} | add {phrase} | give it {phrase} | "
        "can you add {phrase}? | it also needs {phrase} | and {phrase} | I also want {phrase} | put in {phrase} | "
        "it should also have {phrase} | now I need {phrase}",
        "equip it with {phrase} | it could do with {phrase} | what about {phrase}?",
    ),
    "remove_feature": pools(
        "remove the {label} | no {bare} please | without the {label} | take away the {label} | drop the {label} | "
        "get rid of the {label} | I don't need the {label} | leave out the {label} | delete the {label} | no {bare}",
        "lose the {label} | the {label} can go | skip the {label} after all",
    ),
    "replace_feature": pools(
        "replace the {label} with {phrase} | {phrase} instead of the {label} | swap the {label} for {phrase} | "
        "instead of the {label}, give it {phrase} | I'd rather have {phrase} than the {label}",
        "trade the {label} for {phrase} | rather than the {label} I want {phrase}",
    ),
    "move_feature": pools(
        "move the {label} {v} {way} | shift the {label} {v} {way} | {label} {v} further {further} | "
        "move the {label} {way} by {v} | the {label} should be {v} further {further} | "
        "the {label} should go {v} {way} | "
        "can you move the {label} {v} {way}?",
        "nudge the {label} {v} {way} | slide the {label} {v} {way}",
    ),
    "center_feature": pools(
        "center the {label} | put the {label} in the middle | move the {label} to the center | "
        "the {label} should be in the middle | {label} in the center please | centre the {label}",
        "bring the {label} to the midpoint | let the {label} sit dead center",
    ),
    "round": pools(
        "round the corners with a radius of {v} | rounded corners, {v} radius | round off the corners by {v} | "
        "give it rounded corners of {v} | make the corners rounded, {v} | add a corner radius of {v}",
        "soften the corners with {v} radius",
    ),
    "round_vague": pools(
        "round the corners | make the corners rounded | rounded corners please | can you round off the corners? | "
        "give it rounded corners",
        "no pointy corners please",
    ),
    "unround": pools(
        "sharp corners please | make the corners square | no rounded corners | remove the rounding | "
        "make the corners sharp again",
        "leave the corners sharp",
    ),
    "chamfer": pools(
        "chamfer the edges by {v} | add a chamfer of {v} | give it chamfers of {v} | chamfered edges, {v} | "
        "break the edges with a chamfer of {v}",
        "bevel the edges by {v}",
    ),
    "chamfer_vague": pools(
        "chamfer the edges | add a chamfer | chamfered edges please | break the sharp edges", "bevel the edges"
    ),
    "unchamfer": pools(
        "remove the chamfer | no chamfer please | without the chamfer | leave off the chamfer", "skip the bevel"
    ),
    "hollow": pools(
        "make it hollow with walls of {v} | hollow it out, leave {v} of wall | make it hollow, wall thickness {v} | "
        "turn it into an open shell with walls of {v} | hollow, walls {v} thick | make it an open shell, {v} thick",
        "empty the inside and leave walls of {v}",
    ),
    "hollow_vague": pools(
        "make it hollow | hollow it out | can it be hollow? | it should be hollow | turn it into a shell",
        "empty the inside",
    ),
    "in_inches": pools(
        "in inches | give me the parameters in inches | write it in inches | use inches in the source | "
        "same part, but with inch parameters | can the parameters be in inches?",
        "imperial units please",
    ),
    "meant_inches": pools(
        "I meant inches, not mm | those numbers were inches | all of those are inches | sorry, the sizes are in inches",
        "read every number as inches",
    ),
    "undo": pools(
        "undo | undo that | hmm, undo that | please undo that | go back | revert the last change | "
        "no, put it back as it was | undo the last change | "
        "take that back | no, that was better before",
        "never mind, the previous one | roll that back",
    ),
    "as_modules": pools(
        "split it into modules | use a module for each feature | put the features into modules of their own | "
        "make the features modules",
        "structure the source with modules",
    ),
    "as_parameters": pools(
        "use named parameters | put the numbers into variables at the top | make it parametric | "
        "I want to change the numbers at the top",
        "pull the numbers out into variables",
    ),
    "as_names": pools(
        "use readable names | give the variables proper names | clean up the source | "
        "make it readable, with full names for the parameters | use longer variable names and comments",
        "tidy up the naming",
    ),
}

POLITE: Pools = pools(
    "@ | @ | @ | @ | @ | @ | @ | @ | ok, @ | nice. @ | hmm, @ | thanks! @ | good. @",
    "lovely. @ | right, @",
)
"""Around any request; `@` is the request."""
POLITE_VERB: Pools = pools(
    "please @ | @, thanks | great, now @ | ok, now @ | perfect, but @ | now please @ | next, @ | "
    "one more thing: @ | could you @ please?",
    "lovely, and @ | okay so @ | kindly @",
)
"""Around one that begins with one of VERBS."""
VERBS = frozenset(
    ("make", "change", "set", "use", "adjust", "increase", "add", "reduce", "take", "decrease")
    + ("cut", "raise", "scale", "enlarge", "shrink", "give", "put", "remove", "drop", "delete")
    + ("replace", "swap", "move", "shift", "center", "centre", "round", "chamfer", "hollow", "turn")
    + ("split", "write", "size", "extend", "shave", "multiply", "lower", "trim", "grow", "bring")
    + ("alter", "equip", "trade", "nudge", "slide", "bevel", "lose", "skip", "leave", "pull")
    + ("tidy", "soften", "break", "clean")
)
