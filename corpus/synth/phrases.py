"""Phrases that every family shares: frames, ways to state a dimension, sentences, contexts. Data only.

`@X` is the part as a noun phrase, `@N` its noun, `@a` an article to be fitted, `@T` a title, `@D` a list of dimensions,
`@J` what may follow `it should be`, `@F` features, `@U` a purpose; `<v>` a number with its unit, `<v~>` the same where
the unit may be left out, `<n>` the noun of a dimension, `<a>` its adjective, `<L>` its letter. A phrase given twice is
drawn twice as often.
"""

from __future__ import annotations

from corpus.synth.words import pools

__all__ = [
    "ABBREVIATIONS",
    "ADJECTIVES",
    "ADJECTIVE_GLUE",
    "CLOSINGS",
    "CONTEXTS",
    "COUNT_ITEMS",
    "COUNT_SENTENCES",
    "DIMENSION_SENTENCES",
    "FEATURE_GLUE",
    "FEATURE_SENTENCES",
    "FRAMES",
    "FUNCTION_FRAMES",
    "GREETINGS",
    "LARGE",
    "LETTERS",
    "LETTER_ITEMS",
    "LINES",
    "LIST_GLUE",
    "LIST_ITEMS",
    "MORE_GLUE",
    "NOUN_SENTENCES",
    "OPENERS",
    "PAIR_ITEMS",
    "PAIR_SENTENCES",
    "PLAIN_SIZE",
    "QUALITIES",
    "SCREW",
    "SCREWS",
    "SEPARATORS",
    "SHEETS",
    "SHEET_ITEMS",
    "SHEET_JOINTS",
    "SIZE_PLACES",
    "SIZE_SENTENCES",
    "SMALL",
    "SQUARES",
    "TELEGRAPHIC",
    "UNIT_NOTES",
    "WITH_ITEMS",
]

FRAMES = pools(
    "@X | @X | @X | @X | @X | @X | @X | @X, please | @X please | i need @X | I need @X | I need @X for a project | "
    "we need @X | make @X | make @X | make me @X | please make @X | can you make @X? | could you make me @X? | "
    "design @X | design @X | please design @X | can you design @X? | could you design @X for me? | design me @X | "
    "create @X | create @X | please create @X for me | can you create @X? | give me @X | generate @X | "
    "please generate @X | can you generate @X? | model @X | can you model @X? | draw @X | draw me @X | build @X | "
    "I want @X | i want @X | I'd like @X | I would like @X | I would like to print @X | I want to print @X | "
    "I'm looking for @X | looking for @X | OpenSCAD code for @X | write OpenSCAD for @X | "
    "write an OpenSCAD script for @X | openscad model of @X | give me the code for @X | show me @X | can I get @X? | "
    "could I have @X? | can I have @X please | let's make @X | help me make @X | I'm trying to make @X | "
    "I need a model of @X | how do I make @X? | would you make @X? | I have to make @X | get me @X | "
    "I want to make @X | please give me @X | produce @X | write the scad for @X",
    "how would you model @X? | sketch up @X for me | what I am after is @X | would you mind drawing @X? | "
    "whip up @X | I could use @X | my next print is @X | any chance of @X? | could do with @X | put together @X | "
    "my request: @X | try your hand at @X | this time @X",
)

TELEGRAPHIC = pools(
    "@X | @X | @X | need @X | openscad: @X | @X please | scad for @X | want @X | @X for 3d printing | new part: @X",
    "wanted: @X | @X asap | to be modelled: @X | @X if possible",
)
"""For a part without an article: `plate 60x40x3`."""

OPENERS = pools(
    "I need @X | I need @X@C | i want @X@C | can you design @X@C? | could you make me @X@C? | I'd like @X@C | "
    "please make @X@C | I'm working on a project and I need @X | I'm building something and need @X | "
    "I'm looking for @X@C | design @X@C | make @X@C | create @X@C | can you help me make @X@C? | "
    "I want to print @X@C | "
    "I would like to have @X@C | we need @X@C | can you draw @X@C? | let's design @X@C | so I need @X@C | "
    "I'm trying to model @X@C | would you please create @X@C? | I want to make @X@C | "
    "my printer is free and I want @X | I broke the old one and need @X",
    "I could do with @X@C | picture @X@C | here is the plan: @X@C | would you be so kind and model @X@C? | "
    "I have been asked for @X@C | time for @X@C",
)
"""First sentences; @C is a context or nothing."""

CONTEXTS = pools(
    " for my 3d printer | for a project | for a school project | for my workshop | for my desk | for my garage | "
    "for a robot | for the kitchen | for my bike | for a friend | for home | for the office | to 3D print | "
    "for 3d printing | for my shop | for a prototype | for the lab | for the garden shed | "
    "for a machine I'm building",
    "for the boat | for the classroom | for the model railway | for the caravan | for my drone | for the makerspace",
)

GREETINGS = pools(
    "hi, | hey, | hello, | hi! | hello! | hi there, | good morning, | hey there! | ok,", "howdy, | greetings,"
)

CLOSINGS = pools(
    "thanks | thank you | thanks! | thank you! | thanks in advance | please | that's all | that's it | "
    "I'll print it in PLA | it should print without supports | keep it simple | "
    "please keep it parametric | make it easy to print",
    "much appreciated | cheers | nothing else | it will go on the printer tonight | it's meant for PETG",
)


FUNCTION_FRAMES = pools(
    "something @U | I need something @U | make something @U | I want something @U | I'm looking for something @U | "
    "design something @U | can you make something @U? | could you design something @U? | give me something @U | "
    "a part @U | I need a part @U | a thing @U | @a @N @U | @a @N @U | I need @a @N @U | make me @a @N @U | "
    "can you design @a @N @U? | I want @a @N @U | please make something @U | create something @U | "
    "I'd like something @U | need something @U | design @a @N @U | I want to print something @U",
    "I could use something @U | I am after @a @N @U | what could I print @U? | any idea for a part @U? | "
    "whip up something @U | a gadget @U | is there a way @U? | sketch me something @U",
)

ADJECTIVES = pools("<v~> <a> | <v~> <a> | <v~> <a> | <v> <a>", "exactly <v> <a> | a full <v> <a> | just <v> <a>")

ADJECTIVE_GLUE = pools(
    ", | , | , | _ | _ | _ | that is | : | that's | which is | , it's",
    "coming out | measuring | , to be | that ends up | , that is to say",
)
"""Between the part and `60 mm wide, 40 mm deep`; `_` is nothing."""

LIST_GLUE = pools(", | , | : | : | with | with | _ | - | having", "given | ; | , namely")
"""Between the part and a list of dimensions by name."""

LIST_ITEMS = pools(
    "<n> <v~> | <n> <v~> | <n> <v~> | <n> of <v> | <v> <n> | <n>: <v~> | <n> = <v~> | <n>=<v~> | <n> is <v~> | "
    "<n> - <v> | the <n> is <v>",
    "<n> equal to <v> | <n> being <v> | <n> at <v> | <n> set to <v> | <v> for the <n> | <n> measuring <v>",
)
"""Items of a list of dimensions after the part."""

WITH_ITEMS = pools(
    "@a <v> <n> | @a <v> <n> | @a <v> <n> | @a <n> of <v> | @a <n> of <v> | @a <n> of <v> | <v> <n> | <n> <v> | "
    "<n> of <v>",
    "its <n> at <v> | @a <n> equal to <v> | @a <n> that is <v> | <v> as its <n>",
)
"""After `with`."""

PAIR_ITEMS = pools(
    "<n> <v~> | <n> <v> | <n> both <v> | <n> of <v> | <n> = <v~> | <n>: <v~> | <v> <n> | the same <v> for <n> | "
    "<v> for both <n>",
    "<n> alike <v> | <v> each for <n> | <n> being <v> each",
)
"""Two numbers of one value."""

PAIR_SENTENCES = pools(
    "The <n> are both <v> | The <n> should both be <v> | <n>: <v> | Use <v> for both <n> | <n> should be <v> | "
    "Make the <n> <v> | Take <v> for the <n> | <n> are the same: <v>",
    "Let both <n> be <v> | As for <n>, <v> each | <v> will do for <n>",
)

COUNT_ITEMS = pools(
    "<c> <p> | <c> <p> | <c> <p> | <c> <p> | <n> <v> | <n>: <v> | <n> = <v>",
    "<c> <p> in total | exactly <c> <p> | <n> being <v>",
)
"""<c> is the count, <p> what is counted."""

LETTERS = {"width": "W", "depth": "D", "length": "L", "height": "H", "thickness": "T"}

LETTER_ITEMS = pools(
    "<L> <v~> | <L><v~> | <L>=<v~> | <L> = <v~> | <v~> <L> | <L>: <v~> | <v> (<L>)", "<L> at <v> | (<L>) <v>"
)

SIZE_PLACES = pools(
    "@a @S @N | @a @S @N | @a @S @N | @a @N @S | @a @N, @S | @a @N @S | @a @N of @S | @a @N: @S | @a @N (@S) | "
    "@a @N that is @S | @a @N with size @S | @a @N, size @S | @a @N measuring @S | @a @N sized @S | "
    "@a @N with dimensions @S | @a @N, dimensions @S | @a @N - @S | @S @N",
    "@a @N coming in at @S | @a @N to the size of @S | @a @N with outer measurements @S | @a @N filling @S | "
    "@a @N, format @S",
)
"""@S is `60 x 40 x 3 mm`."""

SEPARATORS = pools("_x_ | _x_ | _x_ | _x_ | x | x | x | _by_ | _by_ | _×_ | × | *", "_X_ | _*_ | X")
"""`_` is a blank."""

SQUARES = pools(
    "@a <p> square @N | @a <v> square @N | @a square @N, <v> on each side | @a square @N <v> wide | "
    "@a <v> by <v> @N | "
    "@a <v> x <v> @N | @a square @N with <v> sides | @a square @N with sides of <v> | @a square @N, <v> | "
    "@a square @N, <v> x <v> | @a @N <v> square | @a square @N measuring <v> | @a square @N with a side of <v>",
    "@a square @N whose sides are <v> | @a square @N, every side <v> | @a @N, square, <v> a side | "
    "@a square @N coming in at <v> by <v>",
)

FEATURE_GLUE = pools(
    "with | with | with | with | , with | that has | having | , | , it has | which has | including",
    "featuring | , complete with | , plus | , sporting | equipped with",
)

MORE_GLUE = pools(", | , | and | , and | , also", ", plus | , as well as | , along with")
"""The same where the text has a `with` already."""

FEATURE_SENTENCES = pools(
    "It should have @F | It needs @F | It also needs @F | Add @F | Also add @F | please add @F | Also give it @F | "
    "Give it @F | I also want @F | And @F | It has @F | Put in @F | With @F | There should be @F | also @F | "
    "Then add @F | It must have @F | and give it @F please | Include @F | I'd also like @F",
    "Don't forget @F | Throw in @F | What it also wants is @F | Let it have @F | Be sure to include @F | "
    "On top of that @F",
)

DIMENSION_SENTENCES = pools(
    "It should be @J | It should be @J | Make it @J | It is @J | It needs to be @J | It has to be @J | "
    "It must be @J | "
    "I want it @J | I'd like it to be @J | It'll be @J | it's @J | please make it @J | It can be @J | Let's say @J | "
    "I need it to be @J | Overall it is @J",
    "Let it come out @J | Go for @J | It ought to be @J | Have it end up @J | Aim for @J",
)

SIZE_SENTENCES = pools(
    "The size is @S | Size @S | Size: @S | Dimensions: @S | The dimensions are @S | It should be @S | Make it @S | "
    "It is @S | It measures @S | overall size @S | It needs to be @S | Outside dimensions are @S",
    "It ought to measure @S | Keep it to @S | For the size, take @S | It comes in at @S",
)

NOUN_SENTENCES = pools(
    "The <n> is <v> | The <n> should be <v> | Make the <n> <v> | <n> <v> | Use @a <n> of <v> | The <n> must be <v> | "
    "<n>: <v> | Set the <n> to <v> | I want @a <n> of <v> | the <n> needs to be <v> | <n> = <v> | <n> should be <v>",
    "Let the <n> be <v> | As for the <n>, <v> | The <n> ought to be <v> | For the <n>, go with <v>",
)

COUNT_SENTENCES = pools(
    "It has <c> <p> | It should have <c> <p> | I need <c> <p> | Give it <c> <p> | With <c> <p> | Use <c> <p> | "
    "There should be <c> <p>",
    "Let it have <c> <p> | It wants <c> <p>",
)

SHEETS = pools(
    "@T: @D | @T: @D | @T, @D | @T - @D | @T. @D | @T (@D) | @T with @D | @a @T with @D | @a @T: @D | @T; @D | "
    "part: @T, @D | make @a @T with these dimensions: @D | @a @T, dimensions: @D | design @a @T. @D | "
    "@T dimensions: @D | specs for @a @T: @D | need @T: @D | @T @D",
    "object @T / @D | @T -> @D | data for @a @T: @D | @T given @D | drawing of @a @T, @D | @T [@D]",
)
"""@T is the noun, with its features' names where @D gives theirs by name."""

SHEET_JOINTS = pools(",_ | ,_ | ,_ | ;_ | _ | _/_", "_+_ | _//_")
"""Between the items of @D; `_` is a blank."""

LINES = pools(
    "@T:/- | @T/- | @T/* | @T:/ | @T/ | @a @T:/- | I need @a @T:/- | @a @T with/- | part: @T/ | design @a @T:/* | "
    "please make @a @T:/- | specs for @a @T:/- ",
    "@T --/- | object: @T/> | @T, as follows:/+ | data sheet, @T/",
)
"""Head / bullet of a sheet on several lines."""

SHEET_ITEMS = pools(
    "<n> <v~> | <n>: <v~> | <n>: <v~> | <n>=<v~> | <n> = <v~> | <k>=<k~> | <k> = <k~> | <k>: <k~> | <n> - <v>",
    "<n> -> <v~> | <n> (<v>) | <n> is to be <v> | [<n>] <v~>",
)
"""<k> is the parameter's own name, <k~> its number."""

UNIT_NOTES = pools(
    "all in <u> | all dimensions in <u> | units: <u> | (<u>) | everything in <u> | dimensions in <u> | "
    "sizes are in <u>",
    "numbers are <u> | <u> throughout | measured in <u>",
)

SCREWS = pools(
    "for <M> screws | for <M> screws | for <M> bolts | for <M> | sized for <M> screws | to fit <M> screws | "
    "for <M> machine screws",
    "that take <M> screws | clearing <M> bolts | to suit <M> fasteners",
)
SCREW = pools(
    "for an <M> screw | for an <M> screw | for an <M> bolt | for <M> | sized for an <M> screw | to fit an <M> bolt",
    "that takes an <M> screw | clearing an <M> bolt | to suit an <M> fastener",
)

SMALL = pools("small | small | little | tiny | mini | small simple | compact", "petite | smallish | dinky")
LARGE = pools("big | large | big | large | oversized | really big", "sizeable | hefty | largish")
PLAIN_SIZE = pools("simple | basic | plain | normal | standard | nice", "no-frills | everyday | straightforward")
"""Says nothing of size."""

QUALITIES = {
    "wide": (pools("narrow | slim", "not very wide"), pools("wide", "rather wide")),
    "thick": (pools("thin", "slender"), pools("thick | chunky", "sturdy and thick")),
    "tall": (pools("low | short", "squat"), pools("tall", "rather tall")),
    "high": (pools("low | flat", "squat"), pools("tall | high", "rather high")),
    "long": (pools("short", "stubby"), pools("long", "lengthy")),
    "deep": (pools("shallow", "not very deep"), pools("deep", "rather deep")),
}
"""Adjective of a dimension -> what is said instead of its number where it is in the low or the high third."""

ABBREVIATIONS = {"diameter": ("dia", "diam", "Ø", "dia."), "thickness": ("thk",), "height": ("ht",), "radius": ("rad",)}
