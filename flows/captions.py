"""Captions by a model for designs without words of their own: asked once, checked, kept in the table `captions`.

Off unless settings name an endpoint and a model. A design is asked about again only if the endpoint failed. Covers
which designs to ask about and keeping the answers; asking and checking are `corpus.model_captions`'.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice

import httpx

from corpus.cleaned import cleaner_id
from corpus.examples import subject_of
from corpus.model_captions import CaptionEndpoint, ModelCaption, caption_by_model
from corpus.rows import from_dict
from corpus.schema import CaptionRow, CleanedRow, CompiledRow
from corpus.store import Store
from corpus.words import Subject, wordings
from flows.batches import engine_id, policy
from flows.settings import Settings, SettingsError, caption_key

__all__ = ["Captioned", "caption_designs", "model_captions"]

_BATCH_SIZE = 20
"""Answers kept at once: a kill loses at most so many."""


@dataclass(frozen=True)
class Captioned:
    n_asked: int
    n_captions: int
    n_by_refusal: dict[str, int]


def caption_designs(
    settings: Settings,
    *,
    limit: int | None = None,
    on_answer: Callable[[], None] = lambda: None,
    sleep: Callable[[float], None] = time.sleep,
) -> Captioned:
    """Asks for every strict design that has no author's words. Raises SettingsError, StoreError, EngineMissing."""
    if not settings.caption_url or not settings.caption_model:
        raise SettingsError("no captions without CAD_COPILOT_CAPTION_URL and CAD_COPILOT_CAPTION_MODEL: set both")
    try:
        endpoint = CaptionEndpoint(settings.caption_url, settings.caption_model, caption_key())
    except ValueError as error:
        raise SettingsError(f"CAD_COPILOT_CAPTION_URL: {error}") from None
    store = Store(settings.tables_root)
    refusals: dict[str, int] = {}
    n_asked = n_captions = 0
    with closing(httpx.Client()) as client:
        designs = _open_designs(store, settings, limit)
        while batch := list(islice(designs, _BATCH_SIZE)):
            rows = []
            for sha256, subject, picture in batch:
                answer = caption_by_model(subject, picture, endpoint=endpoint, client=client, sleep=sleep)
                n_asked += 1
                on_answer()
                if isinstance(answer, ModelCaption):
                    rows.append(CaptionRow(sha256, settings.caption_model, answer.text))
                    n_captions += 1
                    continue
                refusals[answer.reason] = refusals.get(answer.reason, 0) + 1
                if answer.reason.is_lasting:
                    rows.append(CaptionRow(sha256, settings.caption_model, None, answer.reason))
            store.append("captions", rows)
            if rows or not refusals:
                continue
            break  # a whole batch that the endpoint did not answer: it is down
    return Captioned(n_asked, n_captions, refusals)


def _open_designs(store: Store, settings: Settings, limit: int | None) -> Iterator[tuple[str, Subject, bytes | None]]:
    """(sha256, subject, picture) of the designs to ask about, in the order of their keys."""
    engine, cleaner = engine_id(settings), cleaner_id(policy(settings))
    done = {row.sha256 for row in store.iter_rows("captions") if row.model == settings.caption_model}
    cleaned: dict[str, CleanedRow] = {
        row.sha256: row
        for row in store.iter_rows("cleaned")
        if row.cleaner == cleaner and row.sha256 is not None and row.sha256 not in done
    }
    n = 0
    for record in store.iter_rows("compiled", columns=tuple(CompiledRow.__dataclass_fields__)):
        row = cleaned.get(record["sha256"])
        if row is None or record["engine_id"] != engine or not record["is_strict"]:
            continue
        verdict = from_dict(CompiledRow, record)
        subject = subject_of(row, verdict)
        if any(text.kind not in ("caption", "model_caption") for text in wordings(subject, seed=verdict.sha256)):
            continue
        if limit is not None and n >= limit:
            return
        n += 1
        yield verdict.sha256, subject, verdict.thumbnail


def model_captions(store: Store, settings: Settings) -> dict[str, str]:
    """The captions by the model that the settings name, by content; none without a name."""
    if not settings.caption_model:
        return {}
    rows: Iterator[CaptionRow] = store.iter_rows("captions")
    return {row.sha256: row.caption for row in rows if row.model == settings.caption_model and row.caption}
