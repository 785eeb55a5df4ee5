"""Whether the child of a round of self-improvement may stay, and whether it helped.

Base, parent and child answer the same held-out prompts (evaluations are kept, so nothing is done twice), parent and
child the same training prompts at the round's temperature. A child that fell behind or narrowed is refused: its rows
leave the data set. "Helped" is the paired test's word alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from corpus.schema import ExampleRow, GenerationRow
from corpus.sketches import SKETCHER, Matrix, minhash_matrix, sketch_of
from corpus.store import Store
from flows.batches import engine_id
from flows.evaluate import evaluate_model
from flows.improve_answers import draw_samples, prompts_of, score_answers
from flows.improve_report import AnswerReport, ImproveReport, RoundReport, report_markdown
from flows.improve_round import ImproveRequest, Round, folder_of, state_file, take_out
from flows.promote import read_outcomes, register_run
from flows.settings import Settings
from ml.evaluate import SCORER_VERSION
from ml.paired import compare
from ml.run_folder import FinetuneReport, write_json
from ml.self_answers import Diversity, diversity, guard_problems

__all__ = ["judge"]

N_GUARD_PROMPTS = 32
"""Prompts of the round that the child answers too, for the spread of its samples; one batch of the parent's."""


def judge(
    settings: Settings, request: ImproveRequest, round_: Round, answers: AnswerReport, child: FinetuneReport | None
) -> RoundReport:
    """Whether the child may stay and whether it helped; a refused one's rows are taken out again. Ends the round."""
    head: dict[str, Any] = {"key": round_.key, "n_round": round_.n_round, "parent_run_id": round_.parent_run_id}
    if child is None:
        report = RoundReport(**head, outcome="nothing_new", answers=answers)
    else:
        report = _compared(settings, request, round_, answers, child, head)
    folder = folder_of(settings, round_.key)
    (folder / "report.md").write_text(report_markdown(ImproveReport([report])) + "\n", encoding="utf-8")
    write_json(folder / "report.json", asdict(report))
    state_file(settings).unlink(missing_ok=True)
    return report


def _compared(
    settings: Settings,
    request: ImproveRequest,
    round_: Round,
    answers: AnswerReport,
    child: FinetuneReport,
    head: dict[str, Any],
) -> RoundReport:
    parent_adapter, child_adapter = Path(round_.parent_adapter), Path(child.adapter_dir)
    adapters = {"base": None, "parent": parent_adapter, "child": child_adapter}
    evaluations = {name: evaluate_model(settings, adapter=adapter) for name, adapter in adapters.items()}
    outcomes = {name: read_outcomes(settings, report) for name, report in evaluations.items()}
    against_parent = compare(outcomes["child"], outcomes["parent"], seed=settings.seed)
    against_base = compare(outcomes["child"], outcomes["base"], seed=settings.seed)
    store = Store(settings.tables_root)
    rows: list[ExampleRow] = store.rows("examples", round_.examples_version)
    training = _training_matrix(settings, rows)
    held_out = _held_out_diversity(settings, training, {n: (o.model_id, o.prompt_set_id) for n, o in outcomes.items()})
    asked = prompts_of(settings, request, round_, rows)[:N_GUARD_PROMPTS]
    samples: dict[str, Diversity] = {}
    for name, adapter in (("parent", parent_adapter), ("child", child_adapter)):
        drawn = draw_samples(settings, request, round_, asked, adapter, outcomes[name].model_id)
        samples[name] = diversity(drawn, [s.score for s in score_answers(settings, drawn, asked)], training)
    problems = guard_problems(
        held_out["parent"], held_out["child"], parent_samples=samples["parent"], child_samples=samples["child"]
    )
    if problems:
        take_out(settings, round_.key)
        outcome = "refused"
    else:
        register_run(settings, child.run_id)
        outcome = "helped" if against_parent.is_better else "not_shown_to_help"
    return RoundReport(
        **head,
        outcome=outcome,
        answers=answers,
        child_run_id=child.run_id,
        child_adapter=child.adapter_dir,
        problems=problems,
        against_parent=against_parent,
        against_base=against_base,
        held_out=held_out,
        samples=samples,
    )


def _held_out_diversity(
    settings: Settings, training: Matrix, wanted: dict[str, tuple[str, str]]
) -> dict[str, Diversity]:
    """Of each model's greedy answers, out of the tables."""
    store, engine = Store(settings.tables_root), engine_id(settings)
    generations: list[GenerationRow] = [g for g in store.iter_rows("generations") if g.seed == settings.seed]
    scores = {
        s.generation_id: s
        for s in store.iter_rows("scores")
        if (s.engine_id, s.scorer_version) == (engine, SCORER_VERSION)
    }
    found = {}
    for name, key in wanted.items():
        own = sorted((g for g in generations if (g.model_id, g.prompt_set_id) == key), key=lambda g: g.prompt_id)
        found[name] = diversity(own, [scores[g.generation_id] for g in own], training)
    return found


def _training_matrix(settings: Settings, rows: Sequence[ExampleRow]) -> Matrix:
    """MinHashes of the sources taught before the round."""
    known = {row.sha256: row for row in Store(settings.tables_root).iter_rows("sketches") if row.sketcher == SKETCHER}
    taught = {row.sha256: row.scad for row in rows if row.split == "train"}
    return minhash_matrix([known.get(key) or sketch_of(scad) for key, scad in sorted(taught.items())])
