"""Crawled rows to cleaned rows: the newest text of each record, through every rule of `corpus.clean`.

Covers the way into the table `cleaned` and which of its rows count now; the rules are `corpus.clean`'s.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping

from corpus.clean import CleanDesign, clean_record
from corpus.license_tiers import LicensePolicy
from corpus.schema import TABLES, CleanedRow, CrawledRow, RejectedRow

__all__ = ["CRAWLED_KEY", "cleaned_row", "cleaner_id", "crawled_id", "newest_ids"]

CLEANER = "rules-1"
"""Goes up whenever `corpus.clean` makes another design, or another refusal, of a row."""
CRAWLED_KEY = TABLES["crawled"].key


def crawled_id(row: CrawledRow | Mapping[str, str | None]) -> str:
    """The name of one crawled row (or of its key columns): it changes with text, licence or source."""
    key = [row[name] if isinstance(row, Mapping) else getattr(row, name) for name in CRAWLED_KEY]
    return hashlib.sha256(json.dumps(key).encode("utf-8", errors="surrogatepass")).hexdigest()


def cleaner_id(policy: LicensePolicy) -> str:
    """Version of the rules and the policy: another one cleans everything again."""
    refused = f" without {','.join(sorted(policy.refused))}" if policy.refused else ""
    return f"{CLEANER} {','.join(sorted(policy.tiers))}{refused}"


def newest_ids(rows: Iterable[tuple[str, str, str]]) -> set[str]:
    """Of (crawled_id, record_id, fetched_at) the ids of each record's newest row."""
    newest: dict[str, tuple[str, str]] = {}
    for row_id, record_id, fetched_at in rows:
        newest[record_id] = max(newest.get(record_id, ("", "")), (fetched_at, row_id))
    return {row_id for _, row_id in newest.values()}


def cleaned_row(row: CrawledRow, policy: LicensePolicy) -> CleanedRow:
    """What the rules make of a row."""
    result = clean_record(row, policy=policy)
    if isinstance(result, RejectedRow):
        return CleanedRow(
            crawled_id(row), cleaner_id(policy), row.record_id, result.reason, result.detail, result.stage
        )
    return _design_row(row, result, policy)


def _design_row(row: CrawledRow, design: CleanDesign, policy: LicensePolicy) -> CleanedRow:
    return CleanedRow(
        crawled_id=crawled_id(row),
        cleaner=cleaner_id(policy),
        record_id=row.record_id,
        sha256=design.sha256,
        scad=design.scad,
        header=design.header,
        title=design.title,
        description=design.description,
        description_kind=row.description_kind if design.description else "none",
        tags=row.tags,
        category=row.category,
        license_spdx=design.license_spdx,
        license_tier=design.license_tier,
        is_flattened=design.flattened,
        transformations=design.transformations,
    )
