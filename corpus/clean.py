"""From a crawled row to a clean design, or the reason why not: the whole of the cleaning as one function.

Pure: no file, no engine, no clock. Each step has its own module and its reason there; docs/cleaning.md lists them. A
design whose files were joined (`flattened`) is certain by its names only: the caller compiles both and compares.
"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.comments import close_gaps, trim_comments
from corpus.filters import MAX_SOURCE_CHARS, check_source, has_statement, is_small, is_text
from corpus.flatten import Flattened, Unresolved, flatten, reachable
from corpus.header import notice_licenses, split_header
from corpus.language import is_english, other_language
from corpus.license_tiers import DEFAULT_POLICY, LicensePolicy, Tier, judge_license, stricter
from corpus.normalize import clean_source, content_key, normalize_source
from corpus.privacy import find_secret, mask_prose, mask_source, without_credit
from corpus.schema import CompanionFile, CrawledRow, RejectedRow

__all__ = ["CleanDesign", "clean_record"]

MAX_DETAIL_CHARS = 300
MAX_RAW_CHARS = 4 * MAX_SOURCE_CHARS
"""Before anything is read: UTF-16 halves and HTML entities shrink, and nothing shrinks to a quarter."""
MAX_COMPANION_CHARS = 10 * MAX_SOURCE_CHARS
MAX_WORDS_CHARS = 20_000
"""Of a description; a README may have more, and what the part is stands first."""


@dataclass(frozen=True)
class CleanDesign:
    """A design as `examples` may hold it."""

    record: CrawledRow
    """As crawled."""
    scad: str
    """Cleaned, and alone: it needs no companion."""
    sha256: str
    """`content_key` of `scad`."""
    license_spdx: str
    """The licence that counts: the site's, or a stricter one that the files name."""
    license_tier: Tier
    header: str | None
    """The notices of its files, without comment marks; they are not part of `scad`."""
    title: str | None
    description: str | None
    """Without personal data and credit; None where the words are not English."""
    transformations: tuple[str, ...]
    """What was done since it was fetched, by the spider and here."""
    flattened: bool
    """Companions were joined to it: compile the row and this, and compare the geometry."""


def clean_record(row: CrawledRow, *, policy: LicensePolicy = DEFAULT_POLICY) -> CleanDesign | RejectedRow:
    """The design of a row, or why it has none: stage `clean` or `license`, a stable reason word, a detail."""
    if row.scad is None:
        return _rejected(row, "clean", "no_source")
    if len(row.scad) > MAX_RAW_CHARS:
        return _rejected(row, "clean", "too_big")
    cleaned = clean_source(row.scad)
    if problem := _text_problem(row, cleaned.text):
        return _rejected(row, "clean", *problem)
    files = {posixpath.normpath(c.path.replace("\\", "/")): c.text for c in row.companions}
    companions = {path: clean_source(files[path]).text for path in reachable(cleaned.text, files)}
    own = split_header(cleaned.text)
    headed = {path: split_header(text) for path, text in companions.items()}
    flat = flatten(own.scad, [CompanionFile(path, h.scad) for path, h in headed.items()])
    inlined = flat.inlined if isinstance(flat, Flattened) else ()
    spdx = _license_that_counts(row, [cleaned.text, *(companions[path] for path in inlined)])
    if spdx is None:
        return _rejected(row, "license", "license_conflict", f"{row.license_spdx} of the site, another of the file")
    tier, reason = judge_license(spdx, policy)
    if tier is None:
        return _rejected(row, "license", reason, (row.license_raw if spdx == row.license_spdx else None) or spdx)
    if isinstance(flat, Unresolved):
        return _rejected(row, "clean", "needs_other_files", flat.detail)
    scad, source_steps = _finished_source(flat.scad)
    verdict = check_source(scad)
    if verdict is not True:
        return _rejected(row, "clean", verdict[1])
    notices = [h.notice for h in (own, *(headed[path] for path in inlined)) if h.notice]
    title, description, words_steps = _words(row)
    steps = (
        *row.transformations,
        *cleaned.transformations,
        *((f"licence {spdx} of the file, {row.license_spdx} of the site",) if spdx != row.license_spdx else ()),
        *(("header kept apart",) if notices else ()),
        *((f"flattened {', '.join(inlined[:5])}",) if inlined else ()),
        *source_steps,
        *words_steps,
    )
    return CleanDesign(
        record=row,
        scad=scad,
        sha256=content_key(scad),
        license_spdx=spdx,
        license_tier=tier,
        header=mask_prose("\n\n".join(dict.fromkeys(notices))).text if notices else None,
        title=title,
        description=description,
        transformations=tuple(dict.fromkeys(steps)),
        flattened=bool(inlined),
    )


def _text_problem(row: CrawledRow, scad: str) -> tuple[str, str | None] | None:
    """What speaks against a design before anything is done to it: the cheap and the grave."""
    for verdict in (is_text(scad), is_small(scad), has_statement(scad)):
        if verdict is not True:
            return verdict[1], None
    if sum(len(c.text) for c in row.companions) > MAX_COMPANION_CHARS:
        return "too_big", f"{len(row.companions)} companions"
    if language := other_language(scad):
        return "not_openscad", language
    for text in (scad, row.title, row.description, *(c.text for c in row.companions)):
        if text and (kind := find_secret(text)):
            return "secret", kind
    return None


def _license_that_counts(row: CrawledRow, texts: Sequence[str]) -> str | None:
    """The strictest of the site's and the files' licences; None where two contradict one another."""
    spdx: str | None = row.license_spdx
    for text in texts:
        choices = notice_licenses(text)
        if choices and spdx is not None:
            listed = spdx
            found = [counting for choice in choices if (counting := stricter(listed, choice)) is not None]
            spdx = listed if listed in found else next(iter(found), None)
    return spdx


def _finished_source(scad: str) -> tuple[str, list[str]]:
    """The source without dead comments and personal data, and what was done."""
    steps: list[str] = []
    for name, step in (("trimmed comments", trim_comments), ("closed gaps", close_gaps)):
        before, scad = scad, step(scad)
        if scad != before:
            steps.append(name)
    masked = mask_source(scad)
    return normalize_source(masked.text), [*steps, *(f"masked {kind}" for kind in masked.kinds)]


def _words(row: CrawledRow) -> tuple[str | None, str | None, list[str]]:
    """Title and description as a prompt may use them, and what was done."""
    names = [row.author.name] if row.author is not None and row.author.name else []
    found: list[str | None] = []
    steps: list[str] = []
    for text in (row.title, row.description):
        masked = mask_prose((text or "")[:MAX_WORDS_CHARS])
        steps += [f"masked {kind} in words" for kind in masked.kinds]
        words = without_credit(masked.text, names).strip()
        if words != masked.text.strip():
            steps.append("dropped credit from words")
        found.append(words or None)
    title, description = found
    if description and not is_english(description):
        steps.append("dropped words: not English")
        return None, None, steps  # the title is likely of the same language, and too short to tell
    if title and not is_english(title):
        steps.append("dropped title: not English")
        title = None
    return title, description, steps


def _rejected(row: CrawledRow, stage: str, reason: str, detail: str | None = None) -> RejectedRow:
    line = " ".join(mask_prose(detail).text.split())[:MAX_DETAIL_CHARS] if detail else None
    return RejectedRow(row.record_id, stage, reason, line, row.source)
