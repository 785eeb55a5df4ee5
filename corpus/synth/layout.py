"""How a draft is written down: the layouts of a source, from named parameters to bare numbers.

`named` is the house style: a comment that plans the part, the parameters in the order that the request mentions them,
each with a Customizer range, `$fn`, then the body. `modules` gives body and features modules of their own, `plain`
leaves the Customizer's comments out, `literal` has bare numbers, `inches` counts parameters in inches, and `terse` is
how others write: short names, no comment, no blanks. Covers text only; geometry is `assemble`'s.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum

from corpus.synth.assemble import assemble
from corpus.synth.draw import INCH_MM
from corpus.synth.num import format_number
from corpus.synth.part import Draft, Param, Plan
from corpus.synth.text import block, difference, union

__all__ = ["Layout", "source_of"]


class Layout(StrEnum):
    NAMED = "named"
    PLAIN = "plain"
    MODULES = "modules"
    LITERAL = "literal"
    INCHES = "inches"
    TERSE = "terse"


def source_of(plan: Plan, *, layout: Layout = Layout.NAMED, order: Sequence[str] = ()) -> str:
    """The source of a plan; parameters in `order` come first, the others follow. Raises Infeasible."""
    draft = assemble(plan, is_literal=layout is Layout.LITERAL)
    lines = [f"// {draft.title}"]
    if layout is Layout.INCHES:
        lines.append(f"inch = {format_number(INCH_MM)};")
    if layout is not Layout.LITERAL:
        lines += [_assignment(param, layout) for param in _ordered(draft.params, order)]
        lines += draft.body.derived
    lines.append(f"$fn = {plan.n_facets};")
    definitions = dict.fromkeys((*draft.body.definitions, *(d for a in draft.applied for d in a.definitions)))
    lines += [part for definition in definitions for part in ("", definition)]
    lines += ["", _statements(draft, layout), ""]
    source = "\n".join(lines)
    return _terse(source, [p.name for p in draft.params]) if layout is Layout.TERSE else source


def _ordered(params: Sequence[Param], order: Sequence[str]) -> list[Param]:
    places = {name: i for i, name in enumerate(order)}
    return sorted(params, key=lambda p: places.get(p.name, len(places)))


def _assignment(param: Param, layout: Layout) -> str:
    text = f"{param.name} = {format_number(param.value)};"
    if layout is Layout.INCHES and param.measure.kind == "length":
        return f"{param.name} = {format_number(param.value / INCH_MM)} * inch;"
    if layout in (Layout.PLAIN, Layout.INCHES, Layout.TERSE):
        return text
    low, high = min(param.measure.low, param.value), max(param.measure.high, param.value)
    return f"{text} // [{format_number(low)}:{format_number(high)}]"


def _statements(draft: Draft, layout: Layout) -> str:
    adds = [text for applied in draft.applied for text in applied.adds]
    feature_cuts = [text for applied in draft.applied for text in applied.cuts]
    if layout is not Layout.MODULES:
        if draft.body.cuts and adds:  # what is added may stand where the body is hollow
            body = difference([draft.body.solid], draft.body.cuts)
            return difference([body, *adds], feature_cuts)
        return difference([draft.body.solid, *adds], [*draft.body.cuts, *feature_cuts])
    taken = {"body", *_BUILTINS, *_defined(draft)}
    modules = [f"module body() {{\n{_indented(difference([draft.body.solid], draft.body.cuts))}\n}}"]
    calls: dict[str, list[str]] = {"adds": ["body();"], "cuts": []}
    for mention, applied in zip(draft.mentions, draft.applied, strict=True):
        name = mention.use.prefix.rstrip("_") if mention.use.prefix else mention.feature.name
        for role, texts in (("adds", applied.adds), ("cuts", applied.cuts)):
            if texts:
                own = next(n for n in (name, mention.feature.name, f"{name}_cut", f"{name}_part") if n not in taken)
                taken.add(own)
                modules.append(block(f"module {own}()", texts))
                calls[role].append(f"{own}();")
    main = difference(calls["adds"], calls["cuts"]) if calls["cuts"] else union(calls["adds"])
    return "\n\n".join((*modules, main))


_BUILTINS = ("circle", "cube", "cylinder", "polygon", "projection", "rotate", "scale", "sphere", "square", "text")


def _defined(draft: Draft) -> list[str]:
    """Modules that the body and its features bring along."""
    definitions = [*draft.body.definitions, *(text for applied in draft.applied for text in applied.definitions)]
    return [name for text in definitions for name in re.findall(r"\bmodule\s+(\w+)", text)]


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" if line else line for line in text.split("\n"))


def _terse(source: str, names: Sequence[str]) -> str:
    """The source as a hurried author leaves it: initials for names, no title, no blanks about operators.

    What a name becomes hangs on the names before it only, so a feature more or less renames nothing.
    """
    body = source.split("\n", 1)[1]
    signatures = " ".join(re.findall(r"(?m)^(?:module|function) \w+\(([^)]*)\)", body))
    kept = set(re.findall(r"[A-Za-z_]\w*", signatures))  # a name that is a module's argument too stays
    others = set(re.findall(r"(?m)^ *(\w+) = ", body)) - set(names)
    short = _initials([name for name in names if name not in kept], kept | others)
    pieces = re.split(r'("[^"]*")', body)
    body = "".join(piece if i % 2 else _terse_piece(piece, short) for i, piece in enumerate(pieces))
    return re.sub(r"^(?: {2})+", lambda m: "    " * (len(m[0]) // 2), body, flags=re.MULTILINE)


def _terse_piece(piece: str, short: Mapping[str, str]) -> str:
    """Names replaced, save where one is an argument's (`height = …` within brackets)."""
    piece = re.sub(
        r"(?m)(^)?(?<![\w$])([A-Za-z_]\w*)(?!\w)(?=(\s*=(?!=))?)",
        lambda m: m[2] if m[3] and m[1] is None else short.get(m[2], m[2]),
        piece,
    )
    return re.sub(r" ?([=*/+,]|(?<=[\w)]) -) ?", lambda m: m[1].strip(), piece)


_TAKEN = frozenset(
    ("a", "disc", "each", "else", "end", "f", "for", "i", "if", "j", "k", "let", "middle", "p", "place", "r", "ring")
    + ("side", "station", "tooth", "use", "x", "y", "z")
)
"""Words of OpenSCAD, and the names of loops' variables, which would hide a parameter of that name."""


def _initials(names: Sequence[str], kept: Collection[str]) -> dict[str, str]:
    """`hole_diameter` -> `hd`, or with more letters where that is taken."""
    taken = {*_TAKEN, *kept}
    short: dict[str, str] = {}
    for name in names:
        words = name.split("_")
        candidates = ("".join(w[:n] for w in words) for n in range(1, 12))
        short[name] = next((c for c in candidates if c not in taken and not c[0].isdigit()), name)
        taken.add(short[name])
    return short
