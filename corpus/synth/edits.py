"""Changes of a part: a plan, a request, and the plan that answers it.

An edit changes what it names and nothing else: the new plan is the old one with one number, feature or choice
replaced, so its expected geometry is known in closed form as the first one's was. What a vague request means is
fixed: taller is a quarter more, a bit taller a tenth, much taller a half. Covers single edits; conversations are
`corpus.synth.chains`'.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from corpus.synth import edit_features, edit_sizes
from corpus.synth.assemble import assemble
from corpus.synth.draw import Draw, Infeasible, Unit
from corpus.synth.edit_sizes import MORE
from corpus.synth.edit_terms import Edit, State, full_order
from corpus.synth.families import FAMILIES
from corpus.synth.layout import Layout
from corpus.synth.part import Draft

__all__ = ["EDIT_KINDS", "MORE", "Edit", "State", "draw_edit", "full_order", "suiting_kinds"]

_LEAST_MM, _MOST_MM = 0.3, 800.0

_KINDS: Mapping[str, Callable[[Draw, State, Draft, str], Edit]] = {
    "set_size": edit_sizes.set_size,
    "change_by": edit_sizes.change_by,
    "scale_one": edit_sizes.scale_one,
    "vague": edit_sizes.vague,
    "scale_all": edit_sizes.scale_all,
    "set_count": edit_sizes.set_count,
    "add_feature": edit_features.add,
    "remove_feature": edit_features.remove,
    "replace_feature": edit_features.replace_one,
    "move_feature": edit_features.move,
    "corners": edit_features.corners,
    "hollow": edit_features.hollow,
    "in_inches": edit_features.in_inches,
    "meant_inches": edit_features.meant_inches,
    "restyle": edit_features.restyle,
}
EDIT_KINDS = tuple(_KINDS)
_SHAPING = frozenset(EDIT_KINDS) - {"move_feature", "in_inches", "restyle"}
"""Kinds that show in size, volume or number of holes."""


def suiting_kinds(state: State, *, is_first: bool) -> list[str]:
    """Kinds that a part could take, numbers aside; `is_first` where no change was asked for yet."""
    plan = state.plan
    measures = {p.measure.kind for p in assemble(plan).params}
    absent = {
        "set_count": "count" not in measures,
        "remove_feature": not plan.features,
        "replace_feature": not plan.features,
        "move_feature": not edit_features.movable(plan),
        "corners": not set(edit_features.CORNERS) & set(FAMILIES[plan.family].measures),
        "hollow": edit_features.shell_of(plan) is None,
        "in_inches": state.layout not in (Layout.NAMED, Layout.PLAIN),
        "meant_inches": not is_first or state.unit is not Unit.MM,  # all numbers so far must be the first request's
        "restyle": state.layout in (Layout.PLAIN, Layout.MODULES, Layout.INCHES),
    }
    return [kind for kind in EDIT_KINDS if not absent.get(kind, False)]


def draw_edit(draw: Draw, state: State, kind: str, pool: str) -> Edit:
    """An edit of a kind. Raises Infeasible where the part has nothing to change so, or the result is no sound part."""
    edit = _KINDS[kind](draw, state, assemble(state.plan), pool)
    if edit.state.plan == state.plan and edit.state.layout is state.layout:
        raise Infeasible(f"{kind}: nothing changes")
    before, after = assemble(state.plan).spec, assemble(edit.state.plan).spec
    if kind in _SHAPING and before == after:
        raise Infeasible(f"{kind}: the part stays as it was")
    size = after.size_mm
    if size is not None and not (min(size) >= _LEAST_MM and max(size) <= _MOST_MM):
        raise Infeasible(f"{kind}: {size} mm")
    return edit
