"""How a draft is written down: the layouts of a source, from named parameters to bare numbers.

`named` is the house style: a comment that plans the part, the parameters in the order that the request mentions them,
each with a Customizer range, `$fn`, then the body. `modules` gives body and features modules of their own, `plain`
leaves the Customizer's comments out, `literal` has bare numbers. Covers text only; geometry is `assemble`'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from corpus.synth.assemble import assemble
from corpus.synth.num import format_number
from corpus.synth.part import Draft, Param, Plan
from corpus.synth.text import block, difference, union

__all__ = ["Layout", "source_of"]


class Layout(StrEnum):
    NAMED = "named"
    PLAIN = "plain"
    MODULES = "modules"
    LITERAL = "literal"


def source_of(plan: Plan, *, layout: Layout = Layout.NAMED, order: Sequence[str] = ()) -> str:
    """The source of a plan; parameters in `order` come first, the others follow. Raises Infeasible."""
    draft = assemble(plan, is_literal=layout is Layout.LITERAL)
    lines = [f"// {draft.title}"]
    if layout is not Layout.LITERAL:
        lines += [_assignment(param, layout) for param in _ordered(draft.params, order)]
        lines += draft.body.derived
    lines.append(f"$fn = {plan.n_facets};")
    definitions = dict.fromkeys((*draft.body.definitions, *(d for a in draft.applied for d in a.definitions)))
    lines += [part for definition in definitions for part in ("", definition)]
    lines += ["", _statements(draft, layout), ""]
    return "\n".join(lines)


def _ordered(params: Sequence[Param], order: Sequence[str]) -> list[Param]:
    places = {name: i for i, name in enumerate(order)}
    return sorted(params, key=lambda p: places.get(p.name, len(places)))


def _assignment(param: Param, layout: Layout) -> str:
    text = f"{param.name} = {format_number(param.value)};"
    if layout is Layout.PLAIN:
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
    names: list[str] = []
    modules = [f"module body() {{\n{_indented(difference([draft.body.solid], draft.body.cuts))}\n}}"]
    calls: dict[str, list[str]] = {"adds": ["body();"], "cuts": []}
    for mention, applied in zip(draft.mentions, draft.applied, strict=True):
        name = mention.use.prefix.rstrip("_") if mention.use.prefix else mention.feature.name
        for role, texts in (("adds", applied.adds), ("cuts", applied.cuts)):
            if texts:
                own = name if name not in names else f"{name}_cut"
                names.append(own)
                modules.append(block(f"module {own}()", texts))
                calls[role].append(f"{own}();")
    main = difference(calls["adds"], calls["cuts"]) if calls["cuts"] else union(calls["adds"])
    return "\n\n".join((*modules, main))


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" if line else line for line in text.split("\n"))
