"""Every table of the project: row type, Arrow schema and key, in one place.

A row type is a frozen dataclass; its Arrow schema is derived from the annotations (`corpus.rows`), so
the two cannot differ. Covers shapes only: `corpus.store` reads and writes the tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = [
    "TABLES",
    "Author",
    "CaptionRow",
    "CleanedRow",
    "CompanionFile",
    "CompiledRow",
    "CrawledRow",
    "DiagnosticRow",
    "ExampleRow",
    "GenerationRow",
    "GeometrySpec",
    "Include",
    "Provenance",
    "RejectedRow",
    "RepoInfo",
    "ScoreRow",
    "SketchRow",
    "SyntheticRow",
    "Table",
    "TokensRow",
    "Turn",
    "VanishedRow",
]

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class Author:
    id: str | None = None
    name: str | None = None
    profile_url: str | None = None


@dataclass(frozen=True)
class Include:
    kind: str
    """include | use | import | surface"""
    target: str


@dataclass(frozen=True)
class CompanionFile:
    path: str
    """Relative to the design's own file, POSIX separators."""
    text: str


@dataclass(frozen=True)
class RepoInfo:
    host: str
    full_name: str
    commit: str | None = None
    stars: int | None = None


@dataclass(frozen=True)
class Provenance:
    crawler: str
    version: str
    run_id: str
    request_url: str | None = None
    """Redacted: never holds a token."""
    http_status: int | None = None
    etag: str | None = None
    discovered_via: str | None = None
    query: str | None = None
    page: int | None = None


@dataclass(frozen=True)
class CrawledRow:
    """One design as its source gave it. None means unknown, never false."""

    record_id: str
    """sha256(source|source_item_id|path)"""
    source: str
    source_item_id: str
    sha256: str | None
    """`corpus.normalize.content_key` of the source and its companions; None for a metadata-only record."""
    scad: str | None
    fetched_at: str
    """ISO-8601, UTC."""
    provenance: Provenance
    schema_version: int = SCHEMA_VERSION
    file_id: str | None = None
    source_url: str | None = None
    title: str | None = None
    description: str | None = None
    description_kind: str = "none"
    """author | readme | doc_comment | caption | synthetic | none"""
    tags: tuple[str, ...] = ()
    category: str | None = None
    author: Author | None = None
    license_raw: str | None = None
    license_spdx: str = "NOASSERTION"
    license_scope: str | None = None
    """item | file | directory | repo | dataset | site"""
    license_confidence: str | None = None
    """declared | detected | assumed"""
    is_remix: bool | None = None
    is_customizable: bool | None = None
    is_ai: bool | None = None
    is_nsfw: bool | None = None
    ancestors: tuple[str, ...] = ()
    path: str | None = None
    includes: tuple[Include, ...] = ()
    companions: tuple[CompanionFile, ...] = ()
    transformations: tuple[str, ...] = ()
    """What was done to the text since it was fetched: `unfenced`, `prepended include <BOSL2/std.scad>`, …"""
    repo: RepoInfo | None = None
    created_at: str | None = None
    modified_at: str | None = None


@dataclass(frozen=True)
class CleanedRow:
    """What cleaning made of one crawled row: a source that stands alone, or the reason why there is none."""

    crawled_id: str
    """sha256 of the crawled row's key columns and tags."""
    cleaner: str
    """Version of the rules and the licence policy."""
    record_id: str
    reason: str | None = None
    """Why the row was refused; None for a design."""
    detail: str | None = None
    stage: str | None = None
    """The funnel's stage that refused it: clean | license."""
    sha256: str | None = None
    """`content_key` of `scad`."""
    scad: str | None = None
    header: str | None = None
    title: str | None = None
    description: str | None = None
    description_kind: str = "none"
    tags: tuple[str, ...] = ()
    category: str | None = None
    license_spdx: str = "NOASSERTION"
    """The record's, or a stricter one that the source's own notice names."""
    license_tier: str | None = None
    is_flattened: bool = False
    """Companions were written into the source: it must measure what the original with its companions does."""
    transformations: tuple[str, ...] = ()


@dataclass(frozen=True)
class DiagnosticRow:
    severity: str
    kind: str
    message: str
    file: str | None = None
    line: int | None = None


@dataclass(frozen=True)
class CompiledRow:
    """The verdict of one engine on one content; keyed by both, so an engine upgrade recompiles."""

    sha256: str
    engine_id: str
    status: str
    is_compiled: bool
    is_strict: bool
    diagnostics: tuple[DiagnosticRow, ...] = ()
    n_triangles: int | None = None
    size_mm: tuple[float, ...] | None = None
    """(x, y, z) of the bounding box."""
    volume_mm3: float | None = None
    """None for a mesh that is not closed."""
    area_mm2: float | None = None
    is_closed: bool | None = None
    n_components: int | None = None
    genus: int | None = None
    """None for a mesh that is not closed."""
    shape: tuple[float, ...] | None = None
    """`render.geometry.fingerprint`: about equal for a mesh moved or turned; None without a mesh."""
    thumbnail: bytes | None = None
    """A small PNG; None without a mesh."""


@dataclass(frozen=True)
class CaptionRow:
    """What a model said of a design that has no author's words, checked against the mesh; or why it was refused."""

    sha256: str
    model: str
    caption: str | None
    """None where the answer was refused for good."""
    reason: str | None = None


@dataclass(frozen=True)
class SketchRow:
    """What the text depths of dedup compare of one content; keyed by the version of the method too."""

    sha256: str
    sketcher: str
    """Method, version and settings of `corpus.sketches`."""
    exact_key: str
    """sha256 of the normal form."""
    masked_key: str | None
    """sha256 of the normal form with names and numbers blanked; None for a source too short to tell by it."""
    n_tokens: int
    minhash: bytes
    """Little-endian uint32, one a permutation."""


@dataclass(frozen=True)
class Turn:
    """A request and its answer, earlier in the same conversation."""

    prompt: str
    scad: str


@dataclass(frozen=True)
class GeometrySpec:
    """What a prompt asks for in numbers; None where it doesn't say."""

    size_mm: tuple[float, ...] | None = None
    """(x, y, z) of the bounding box; compared sorted."""
    volume_mm3: float | None = None
    n_components: int | None = None
    genus: int | None = None


@dataclass(frozen=True)
class SyntheticRow:
    """One generated pair, or one turn of a generated conversation, before any engine has seen it."""

    example_id: str
    recipe: str
    """Generator, version, seed and numbers: what else would give other rows."""
    part: str
    """train | values | wordings | synonyms | compositions | families | edits | test: what it is for."""
    kind: str
    """design | edit"""
    prompt: str
    scad: str
    sha256: str
    spec: GeometrySpec
    """What the prompt asks for; what it leaves open is None."""
    built: GeometrySpec
    """What the source must measure."""
    cluster_id: str
    """Family, structure and values: the same part in whatever words and layout."""
    family: str
    wording_pool: str
    prompt_style: str
    family_group: str | None = None
    features: tuple[str, ...] = ()
    history: tuple[Turn, ...] = ()
    edit_kind: str | None = None
    of_crawled: str | None = None
    """`crawled_id` of the design that an edit of another's source starts from; its licence and split go with it."""


@dataclass(frozen=True)
class ExampleRow:
    """One training or test pair, with its provenance and licence."""

    example_id: str
    sha256: str
    prompt: str
    scad: str
    split: str
    """train | validation | test"""
    cluster_id: str
    tier: str
    """real | synthetic | self: a model's own answer, verified (`cad-copilot improve`)"""
    prompt_kind: str
    """author | readme | doc_comment | caption | model_caption | synthetic"""
    source: str
    license_spdx: str
    license_tier: str
    """permissive | share_alike | non_commercial"""
    engine_id: str
    spec: GeometrySpec
    kind: str = "design"
    """design | edit"""
    prompt_style: str | None = None
    """short | measured | function | conversational | sheet | author: how the request is put."""
    history: tuple[Turn, ...] = ()
    """The turns before this one, oldest first; of an edit at least one."""
    edit_kind: str | None = None
    """What an edit asks for: `set_size`, `scale`, `add_feature`, …"""
    test_set: str | None = None
    """Of a test example: values | wordings | synonyms | compositions | families | edits | real."""
    family: str | None = None
    """The part family of a synthetic example."""
    family_group: str | None = None
    """base: the shipped base was pretrained on it; new: it was not."""
    wording_pool: str | None = None
    """base | tune | held_out"""
    features: tuple[str, ...] = ()
    """Of a synthetic part, in the order of its source."""
    header: str | None = None
    """The notice at the head of the source: title, credit, licence; it is not part of `scad`."""
    transformations: tuple[str, ...] = ()
    record_id: str | None = None
    source_url: str | None = None
    attribution: str | None = None


@dataclass(frozen=True)
class TokensRow:
    """A conversation as tokens: one example, and the examples of its earlier turns in it."""

    example_id: str
    """Of the last turn."""
    tokenizer_id: str
    split: str
    input_ids: tuple[int, ...]
    supervised_starts: tuple[int, ...]
    """Where each answer of the conversation begins in input_ids."""
    supervised_ends: tuple[int, ...]
    """Where it ends, its end mark included; everything outside the answers is masked in the loss."""


@dataclass(frozen=True)
class GenerationRow:
    """One sample of a model for one prompt."""

    generation_id: str
    model_id: str
    prompt_set_id: str
    prompt_id: str
    """The example_id the prompt came from."""
    sample_index: int
    prompt: str
    completion: str
    scad: str | None
    """None where no source could be extracted."""
    finish_reason: str
    """stop | length"""
    n_prompt_tokens: int
    n_completion_tokens: int
    seconds: float
    seed: int


@dataclass(frozen=True)
class ScoreRow:
    """The gates and measures of one generation; the denominator is every generation asked for."""

    generation_id: str
    engine_id: str
    scorer_version: str
    status: str
    """A render status, or `not_extracted`."""
    is_extracted: bool
    is_compiled: bool
    is_strict: bool
    is_size_within_1pct: bool
    is_size_within_5pct: bool
    is_volume_within_5pct: bool
    is_n_components_right: bool
    is_genus_right: bool
    is_spec_passed: bool
    size_mm: tuple[float, ...] | None = None
    volume_mm3: float | None = None
    n_components: int | None = None
    genus: int | None = None
    family: str | None = None
    family_group: str | None = None
    wording_pool: str | None = None
    test_set: str | None = None
    """Of the prompt: `values`, `edits`, …; a benchmark file's name."""


@dataclass(frozen=True)
class RejectedRow:
    """Nothing vanishes without a reason written down."""

    key: str
    """record_id, or sha256, of what was dropped; of what could not be fetched, `source: place`."""
    stage: str
    """collect | clean | license | compile | exact_dedup | near_dedup | masked_dedup | shape_dedup | caption |
    decontaminate | improve | tokenize"""
    reason: str
    """A stable word, countable."""
    detail: str | None = None
    """What, where; one line."""
    source: str | None = None


@dataclass(frozen=True)
class VanishedRow:
    """An item that its site no longer has, or has again. The rows that it gave stay in `crawled`."""

    source: str
    """The spider's name."""
    source_item_id: str
    noticed_at: str
    """ISO-8601, UTC."""
    is_back: bool
    evidence: str
    """What the site said: `answered 404`, …"""


@dataclass(frozen=True)
class Table:
    name: str
    row_type: type[Any]
    key: tuple[str, ...]


TABLES: dict[str, Table] = {
    t.name: t
    for t in (
        Table("crawled", CrawledRow, ("record_id", "sha256", "license_spdx", "title", "description")),
        Table("cleaned", CleanedRow, ("crawled_id", "cleaner")),
        Table("synthetic", SyntheticRow, ("example_id", "recipe")),
        Table("compiled", CompiledRow, ("sha256", "engine_id")),
        Table("captions", CaptionRow, ("sha256", "model")),
        Table("sketches", SketchRow, ("sha256", "sketcher")),
        Table("examples", ExampleRow, ("example_id",)),
        Table("tokens", TokensRow, ("example_id", "tokenizer_id")),
        Table("generations", GenerationRow, ("generation_id",)),
        Table("scores", ScoreRow, ("generation_id", "engine_id", "scorer_version")),
        Table("rejected", RejectedRow, ("key", "stage", "reason")),
        Table("vanished", VanishedRow, ("source", "source_item_id", "noticed_at")),
    )
}
