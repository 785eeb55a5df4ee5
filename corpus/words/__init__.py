"""What is said of a real design: requests in several styles, out of its people's words, its measures and its source.

    from corpus.words import Subject, wordings

    wordings(Subject(scad, title="Phone stand", size_mm=(80.0, 60.0, 95.0), n_components=1), seed=sha256)

Pure and deterministic. Covers English. Captions by a model are `corpus.model_captions`.
"""

from __future__ import annotations

from corpus.words.requests import MAX_PROMPT_CHARS, MAX_WORDINGS, wordings
from corpus.words.subject import Subject, Wording

__all__ = ["MAX_PROMPT_CHARS", "MAX_WORDINGS", "Subject", "Wording", "wordings"]
