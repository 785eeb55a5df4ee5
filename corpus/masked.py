"""The tokens of a source with what a remix changes blanked out: its own names, its numbers, its parameter block.

Pure. Two sources of the same masked tokens are one design with other values. Covers names that the source itself
defines, and literals; a value computed another way, or a number put in the place of a name, is another design here.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["MASK", "masked_tokens"]

MASK = "mask-2"
"""Method and version; changes whenever a source gets other tokens."""

_LITERAL = frozenset(("true", "false", "undef", "[", "]", ",", "-", "+", "*", "/", "(", ")", "0", '""'))
_OPENERS = frozenset("([{")
_CLOSERS = frozenset(")]}")
_SIGNS = frozenset("+-")
_BEFORE_SIGN = frozenset(("(", "[", ",", "=", ":", "?", "<", ">", "<=", ">=", "==", "!=", "&&", "||"))
_BINDERS = frozenset(("for", "intersection_for", "let"))
_DEFINERS = frozenset(("module", "function"))
# fmt: off
_OWN = frozenset((
    "module", "function", "include", "use", "if", "else", "for", "let", "each", "true", "false", "undef", "PI",
    "assert", "echo", "intersection_for", "cube", "sphere", "cylinder", "polyhedron", "square", "circle",
    "polygon", "text", "import", "surface", "linear_extrude", "rotate_extrude", "projection", "translate",
    "rotate", "scale", "resize", "mirror", "multmatrix", "color", "offset", "hull", "minkowski", "render",
    "union", "difference", "intersection", "children", "group", "roof", "abs", "sign", "sin", "cos", "tan",
    "acos", "asin", "atan", "atan2", "floor", "round", "ceil", "ln", "log", "len", "pow", "sqrt", "exp",
    "rands", "min", "max", "norm", "cross", "concat", "lookup", "str", "chr", "ord", "search", "version",
    "version_num", "parent_module", "is_undef", "is_bool", "is_num", "is_string", "is_list", "is_function",
    "textmetrics", "fontmetrics",
))
# fmt: on
"""OpenSCAD's own words, modules and functions: a module or function that is defined anew keeps its name."""


def masked_tokens(words: Sequence[str]) -> list[str]:
    """Numbers become 0, strings "", names that the source defines v1, v2, … by first appearance; assignments of
    literals at the top level are left out, so their order, number and values don't matter. OpenSCAD's own names, those
    of libraries and `$` variables stay."""
    plain = _without_signs([_without_value(word) for word in words])
    names, foreign = _names(plain)
    numbered: dict[str, str] = {}
    masked = []
    for i in _beyond_parameters(plain):
        word = plain[i]
        is_call_of_own = word in _OWN and plain[i + 1 : i + 2] == ["("]  # a variable `len` leaves `len(…)` alone
        if word in names and i not in foreign and not is_call_of_own:
            word = numbered.setdefault(word, f"v{len(numbered) + 1}")
        masked.append(word)
    return masked


def _without_value(word: str) -> str:
    first = word[0]
    if first == '"':
        return '""'
    return "0" if first.isdigit() or (first == "." and len(word) > 1) else word


def _without_signs(words: list[str]) -> list[str]:
    """A sign before a number belongs to it: -5 and 5 are two values of one parameter."""
    signs = [
        i
        for i, word in enumerate(words[:-1])
        if word in _SIGNS and words[i + 1] == "0" and (i == 0 or words[i - 1] in _BEFORE_SIGN)
    ]
    for i in reversed(signs):
        del words[i]
    return words


def _names(words: Sequence[str]) -> tuple[set[str], set[int]]:
    """Names that the source defines (modules, functions, their parameters, variables, loop variables), and the places
    of the words that only look like them: in a call of what the source does not define, `name =` is the callee's."""
    names: set[str] = set()
    arguments: list[tuple[int, str]] = []
    scopes = ["{"]
    last = len(words) - 1
    before = ""
    for i, word in enumerate(words):
        if word in _OPENERS:
            scopes.append(_scope(word, i, words))
        elif word in _CLOSERS:
            if len(scopes) > 1:
                scopes.pop()
        elif word[0].isalpha() or word[0] == "_":
            scope = scopes[-1]
            if i < last and words[i + 1] == "=":
                if scope in ("{", "bind", "define"):
                    names.add(word)
                else:
                    arguments.append((i, scope))
            elif before in _DEFINERS or (scope == "define" and before in ("(", ",")):
                names.add(word)
        before = word
    return names, {i for i, callee in arguments if callee not in names - _OWN}


def _scope(opener: str, i: int, words: Sequence[str]) -> str:
    """What a bracket holds: `{` statements, `define` the parameters of a definition, `bind` new variables; of a call
    the name of what is called."""
    if opener != "(" or i == 0:
        return opener
    callee = words[i - 1]
    if callee == "function" or (i > 1 and words[i - 2] in _DEFINERS):
        return "define"
    return "bind" if callee in _BINDERS else callee


def _beyond_parameters(words: Sequence[str]) -> list[int]:
    """The places of all words but those of `name = literal;` outside every bracket."""
    kept: list[int] = []
    depth = 0
    i = 0
    n = len(words)
    while i < n:
        word = words[i]
        if word in _OPENERS:
            depth += 1
        elif word in _CLOSERS:
            depth -= 1
        elif depth == 0 and i + 1 < n and words[i + 1] == "=" and (i == 0 or _is_end(words[i - 1])):
            end = i + 2
            while end < n and words[end] in _LITERAL:
                end += 1
            if end < n and words[end] == ";":
                i = end + 1
                continue
        kept.append(i)
        i += 1
    return kept


def _is_end(word: str) -> bool:
    """What a statement ends with; an include ends with its target, which is one word."""
    return word in (";", "}") or (len(word) > 1 and word.startswith(("include", "use")) and word.endswith(">"))
