"""Self-improvement: the tuned model answers training prompts anew, what passes every gate is trained on.

A round samples, scores, chooses, publishes tier `self` of a new version of `examples`, tunes again from the base, and
compares base, parent and child. A killed round goes on where it was: its state lies in `improve/`, everything else is
keyed by content. Covers the order of things and Prefect; the steps are in `flows.improve_answers` and
`flows.improve_judge`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from prefect import flow, task
from prefect.artifacts import create_image_artifact, create_markdown_artifact

from corpus.store import Store
from flows.batches import engine_id
from flows.errors import NoData
from flows.evaluate import model_name, picture_uri
from flows.finetune import finetune, tokenize, train_config
from flows.improve_answers import answer
from flows.improve_judge import judge
from flows.improve_report import AnswerReport, ImproveReport, RoundReport, read_round, report_markdown
from flows.improve_round import ImproveFailed, ImproveRequest, Round, folder_of, state_file, take_out
from flows.locks import locked
from flows.settings import Settings, load_settings
from ml.evaluate import SCORER_VERSION
from ml.run_folder import FinetuneReport, read_json, write_json
from ml.self_answers import SELF_TIER

__all__ = ["ImproveFailed", "ImproveRequest", "improve_flow", "improve_here"]

SELF_VERSION = "1"
"""Goes up when a round would keep other answers than before."""


def begin(settings: Settings, request: ImproveRequest, done: Sequence[RoundReport]) -> Round:
    """The round after those done: the one that was killed, or a new one on the newest examples.

    Its parent is the child before it; at first the adapter of the newest data, tuned now if there is none.
    """
    state = state_file(settings)
    if state.exists():
        begun = read_json(state)
        round_ = Round(**{**begun["round"], "done": tuple(begun["round"]["done"])})
        if begun["request"] == asdict(request) and round_.done[: len(done)] == tuple(r.key for r in done):
            return round_
        take_out(settings, round_.key)  # another request: what this one left was never judged
        state.unlink()
    if done:
        parent_run, parent_adapter = done[-1].child_run_id, done[-1].child_adapter
    else:
        report = finetune(settings, tokenize(settings))
        parent_run, parent_adapter = report.run_id, report.adapter_dir
    store = Store(settings.tables_root)
    manifest = store.manifest("examples")
    if manifest is None or parent_run is None or parent_adapter is None:
        raise NoData("no examples to improve on yet: run `cad-copilot curate` first")
    rows = store.iter_rows("examples", version=manifest.version, columns=("tier", "transformations"))
    n_round = 1 + len({row["transformations"][0].split(":")[0] for row in rows if row["tier"] == SELF_TIER})
    model_id = model_name(settings, Path(parent_adapter))
    parts = (SELF_VERSION, SCORER_VERSION, engine_id(settings), settings.seed, model_id, manifest.content_hash)
    key = hashlib.sha256(f"{parts}|{request}|{n_round}|{train_config(settings)}".encode()).hexdigest()[:12]
    keys = tuple(r.key for r in done)
    round_ = Round(key, n_round, manifest.version, parent_run, parent_adapter, model_id, keys)
    folder_of(settings, key).mkdir(parents=True, exist_ok=True)
    write_json(state, {"request": asdict(request), "round": asdict(round_)})
    return round_


def tune(settings: Settings, answers: AnswerReport) -> FinetuneReport | None:
    """The child, tuned from the base on the new version; None where nothing new was kept. Raises ImproveFailed."""
    if not answers.n_kept:
        return None
    data = tokenize(settings)
    newest = Store(settings.tables_root).latest_version("examples")
    if newest != answers.examples_version:
        raise ImproveFailed(
            f"the examples changed, from version {answers.examples_version} to {newest}: run the same command again"
        )
    return finetune(settings, data)


Answering = Callable[[Settings, ImproveRequest, Round], AnswerReport]
Tuning = Callable[[Settings, AnswerReport], FinetuneReport | None]
Judging = Callable[[Settings, ImproveRequest, Round, AnswerReport, FinetuneReport | None], RoundReport]


def _rounds(
    settings: Settings,
    request: ImproveRequest,
    *,
    answering: Answering = answer,
    tuning: Tuning = tune,
    judging: Judging = judge,
) -> ImproveReport:
    """The rounds, one after the other; the last is the first that is refused or finds nothing new."""
    with locked(settings.data_dir / "improve.lock", wait_seconds=30):
        done = _done_before(settings, request)
        while len(done) < request.n_rounds and (not done or done[-1].is_kept):
            round_ = begin(settings, request, done)
            report = _in_vain_before(settings, round_)
            if report is None:
                answers = answering(settings, request, round_)
                child = tuning(settings, answers)
                report = judging(settings, request, round_, answers, child)
            done.append(report)
        return ImproveReport(done)


def _in_vain_before(settings: Settings, round_: Round) -> RoundReport | None:
    """The report of this very round if it was refused or found nothing: it would end the same."""
    path = folder_of(settings, round_.key) / "report.json"
    report = read_round(path) if path.is_file() else None
    if report is None or report.is_kept:  # a kept one may have lost its rows to a restored version
        return None
    take_out(settings, round_.key)
    state_file(settings).unlink(missing_ok=True)
    return report


def _done_before(settings: Settings, request: ImproveRequest) -> list[RoundReport]:
    """Reports of the rounds that a killed call of the same request had finished."""
    state = state_file(settings)
    begun = read_json(state) if state.exists() else None
    keys = begun["round"]["done"] if begun and begun["request"] == asdict(request) else []
    return [read_round(folder_of(settings, key) / "report.json") for key in keys]


def improve_here(settings: Settings, request: ImproveRequest) -> ImproveReport:
    """The rounds in this process, without Prefect. Raises NoData, ImproveFailed and what the stages raise."""
    return _rounds(settings, request)


@task(name="answer", retries=1)
def answer_task(data_dir: Path, request: ImproveRequest, round_: Round) -> AnswerReport:
    return answer(load_settings(data_dir=data_dir), request, round_)


@task(name="tune-again")
def tune_task(data_dir: Path, answers: AnswerReport) -> FinetuneReport | None:
    return tune(load_settings(data_dir=data_dir), answers)


@task(name="judge", retries=1)
def judge_task(
    data_dir: Path, request: ImproveRequest, round_: Round, answers: AnswerReport, child: FinetuneReport | None
) -> RoundReport:
    return judge(load_settings(data_dir=data_dir), request, round_, answers, child)


@flow(name="improve")
def improve_flow(
    data_dir: Path | None = None,
    n_prompts: int = 256,
    n_samples: int = 4,
    temperature: float = 0.8,
    n_rounds: int = 1,
    n_fresh: int = 0,
) -> ImproveReport:
    """Answers training prompts anew, adds what is right and new to the data, tunes again, says whether it helped."""
    settings = load_settings(data_dir=data_dir)
    report = _rounds(
        settings,
        ImproveRequest(n_prompts, n_samples, temperature, n_rounds, n_fresh),
        answering=lambda s, request, round_: answer_task(s.data_dir, request, round_),
        tuning=lambda s, answers: tune_task(s.data_dir, answers),
        judging=lambda s, *rest: judge_task(s.data_dir, *rest),
    )
    create_markdown_artifact(report_markdown(report), key="improve", description=report.line)
    for round_ in report.rounds:
        if round_.answers.contact_sheet:
            picture = picture_uri(Path(round_.answers.contact_sheet))
            create_image_artifact(picture, key=f"improve-kept-{round_.n_round}", description="answers kept")
    return report
