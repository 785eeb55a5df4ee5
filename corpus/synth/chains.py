"""Conversations about a part: a first request, then three to five turns that change it, each with its whole source.

Every turn is a training pair whose history is the turns before it. A conversation for training keeps to structures
that training may have, one for the test set of edits to held-out ones, from first to last. Covers the generator's own
parts; edits of other people's sources are `corpus.source_edits`'.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from corpus.schema import GeometrySpec
from corpus.synth.assemble import assemble
from corpus.synth.draw import Draw, Infeasible
from corpus.synth.edit_terms import full_order, polite
from corpus.synth.edit_words import EDIT_WORDS
from corpus.synth.edits import State, draw_edit, suiting_kinds
from corpus.synth.families import FAMILIES
from corpus.synth.generate import Part, SynthExample, generate_example, has_faces, part_suits
from corpus.synth.house import in_house_style
from corpus.synth.layout import Layout, source_of
from corpus.synth.part import Plan

__all__ = ["ChainTurn", "sample_chains"]

_KIND_WEIGHTS = {
    "set_size": 11,
    "change_by": 8,
    "scale_one": 7,
    "vague": 9,
    "scale_all": 3,
    "set_count": 14,
    "add_feature": 30,
    "remove_feature": 18,
    "replace_feature": 11,
    "move_feature": 36,
    "corners": 10,
    "hollow": 60,
    "in_inches": 3,
    "meant_inches": 5,
    "restyle": 4,
}
"""Of the kinds that a part allows of: few have a hole that can be moved, fewer a shell."""
_FIRST_LAYOUTS = (
    *((Layout.NAMED, 0.36), (Layout.PLAIN, 0.16), (Layout.MODULES, 0.12), (Layout.LITERAL, 0.2), (Layout.TERSE, 0.16)),
)
"""Edits meet sources of other hands: a third have no names, or initials."""
_UNDO_SHARE = 0.06
_SHELL_FACTOR = 3
"""How much oftener than in single requests a part turns up that can be made hollow."""
_N_KINDS, _N_TRIES = 12, 16
"""Kinds tried for a turn, and draws of each: most parts allow of most kinds, but of some after many draws."""


@dataclass(frozen=True)
class ChainTurn:
    """One turn: what was asked, the source that answers it, the part that it is."""

    edit_kind: str | None
    """None for the first."""
    prompt: str
    scad: str
    plan: Plan
    spec: GeometrySpec
    """What the request fixes, given the turns before it."""
    built: GeometrySpec
    wording_pool: str
    style: str


def sample_chains(
    n: int, *, seed: int, is_test: bool, families: Sequence[str] = (), is_house_style: bool = False
) -> Iterator[tuple[ChainTurn, ...]]:
    """`n` conversations of two to six turns; on request all in the house's style, as a model taught only that would
    have them. The same arguments give the same conversations."""
    rng = random.Random(f"{seed}|chains|{is_test}")
    chosen = [FAMILIES[name] for name in families] or [f for f in FAMILIES.values() if not f.is_held_out]
    part = Part.VALUES if is_test else Part.TRAIN
    n_made = n_failed = 0
    while n_made < n:
        (family,) = rng.choices(chosen, [f.weight * (_SHELL_FACTOR if f.hollow else 1) for f in chosen])
        try:
            is_bare = not has_faces(family.name) or (family.hollow and rng.random() < 0.6)
            n_features = 0 if is_bare else rng.choice((0, 1, 1, 2))
            first = generate_example(rng, family, part, n_features=n_features)
            chain = _chain(rng, first, part, is_house_style=is_house_style)
        except Infeasible:
            chain = ()
        if len(chain) < 2:
            n_failed += 1
            if n_failed > 50 * n + 500:
                raise RuntimeError(f"only {n_made} conversations; {n} were asked for")
            continue
        n_made += 1
        yield chain


def _chain(rng: random.Random, first: SynthExample, part: Part, *, is_house_style: bool) -> tuple[ChainTurn, ...]:
    (layout,) = rng.choices([v for v, _ in _FIRST_LAYOUTS], [share for _, share in _FIRST_LAYOUTS])
    plan = first.plan
    if is_house_style:
        plan, layout = in_house_style(plan), Layout.NAMED
    state = State(plan, layout, full_order(assemble(plan), first.order), first.unit)
    turns = [_turn(None, first.prompt, state, first.spec, first.wording_pool, first.style)]
    states = [state]
    for _ in range(rng.choice((1, 2, 3, 3, 4, 4, 5))):
        pool = "held_out" if part is not Part.TRAIN and rng.random() < 0.5 else "taught"
        if len(states) > 1 and turns[-1].edit_kind != "undo" and rng.random() < _UNDO_SHARE:
            states.append(states[-2])
            turns.append(_undo(rng, turns, pool))
            continue
        step = _step(Draw(rng, states[-1].unit), states, part, pool)
        if step is None:
            break
        turns.append(step[0])
        states.append(step[1])
    return tuple(turns)


def _step(draw: Draw, states: Sequence[State], part: Part, pool: str) -> tuple[ChainTurn, State] | None:
    """The next turn; None where none is found. A kind is drawn, then tried for long, or rare ones would not occur."""
    kinds = suiting_kinds(states[-1], is_first=len(states) == 1)
    for _ in range(_N_KINDS):
        (kind,) = draw.rng.choices(kinds, [_KIND_WEIGHTS[k] for k in kinds])
        for _ in range(_N_TRIES):
            try:
                edit = draw_edit(draw, states[-1], kind, pool)
            except Infeasible:
                continue
            if part_suits(edit.state.plan, part) and _is_local(states[-1], edit.state):
                spec = assemble(edit.state.plan).spec
                asked = spec if edit.is_exact else replace(spec, size_mm=None, volume_mm3=None)
                request = polite(draw, pool, edit.request)
                return _turn(edit.kind, request, edit.state, asked, pool, "edit"), edit.state
    return None


def _is_local(before: State, after: State) -> bool:
    """False where other numbers alone make another text: what was not named must stay as it is written."""
    is_same_structure = replace(before.plan, values=()) == replace(after.plan, values=())
    if Layout.LITERAL in (before.layout, after.layout) or before.layout is not after.layout or not is_same_structure:
        return True
    names = [name for name, _ in before.plan.values]
    if names != [name for name, _ in after.plan.values]:
        return True
    old, new = (source_of(s.plan, layout=s.layout, order=s.order).split("\n") for s in (before, after))
    n_changed = sum(a != b for a, b in zip(before.plan.values, after.plan.values, strict=True))
    return len(old) == len(new) and sum(a != b for a, b in zip(old, new, strict=True)) == n_changed


def _undo(rng: random.Random, turns: Sequence[ChainTurn], pool: str) -> ChainTurn:
    """Exactly the source before the last turn."""
    before = turns[-2]
    return replace(
        before,
        edit_kind="undo",
        prompt=rng.choice(EDIT_WORDS["undo"][pool]),
        spec=before.built,
        wording_pool=pool,
        style="edit",
    )


def _turn(kind: str | None, prompt: str, state: State, spec: GeometrySpec, pool: str, style: str) -> ChainTurn:
    scad = source_of(state.plan, layout=state.layout, order=state.order)
    return ChainTurn(kind, prompt, scad, state.plan, spec, assemble(state.plan).spec, pool, style)
