"""The rows a fine-tune reads: the token table at one version, split, with what their licences and engine were.

Covers reading and describing; batches are `ml.dataset`'s.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus.schema import TokensRow
from corpus.store import Manifest, Store
from ml.tracking import DatasetInfo

__all__ = ["DataUnusable", "TrainSet", "data_digest", "read_trainset"]


class DataUnusable(Exception):
    """A token table that cannot be trained on; the message names the next step."""


@dataclass(frozen=True)
class TrainSet:
    train: tuple[TokensRow, ...]
    """In order of their ids: the order of writing changes nothing."""
    validation: tuple[TokensRow, ...]
    tokens_version: int
    digest: str
    """The table's content hash: the same rows give the same one."""
    engine_ids: tuple[str, ...]
    """Engines that compiled the examples; empty where the examples table isn't there."""
    n_by_license: Mapping[str, int]

    def describe(self, source: str) -> DatasetInfo:
        return DatasetInfo(
            name="tokens",
            digest=self.digest,
            source=f"{source}/tokens@{self.tokens_version}",
            profile={
                "n_train": len(self.train),
                "n_validation": len(self.validation),
                "n_train_tokens": sum(len(row.input_ids) for row in self.train),
                "n_supervised_tokens": sum(sum(row.supervised_ends) - sum(row.supervised_starts) for row in self.train),
                "n_by_license": dict(self.n_by_license),
            },
        )


def data_digest(root: str | Path, version: int | None) -> str:
    """The content hash of a token table's version, the newest without a number."""
    return _manifest(root, version).content_hash


def read_trainset(
    root: str | Path, version: int | None, *, tokenizer_id: str, max_length: int, max_eval_examples: int
) -> TrainSet:
    """The training and validation rows of one tokenizer. Raises DataUnusable or corpus.store.StoreError."""
    store = Store(root)
    manifest = _manifest(root, version)
    rows: list[TokensRow] = store.rows("tokens", manifest.version)
    ours = sorted((row for row in rows if row.tokenizer_id == tokenizer_id), key=lambda row: row.example_id)
    train = tuple(row for row in ours if row.split == "train")
    validation = tuple(row for row in ours if row.split == "validation")[:max_eval_examples]
    if not train:
        others = ", ".join(sorted({row.tokenizer_id for row in rows})) or "none"
        raise DataUnusable(
            f"version {manifest.version} of the tokens table under {root} has no training rows of this model's "
            f"tokenizer {tokenizer_id} (it has: {others}); tokenize the examples for this model"
        )
    longest = max((*train, *validation), key=lambda row: len(row.input_ids))
    if len(longest.input_ids) > max_length:
        raise DataUnusable(
            f"example {longest.example_id} has {len(longest.input_ids)} tokens, more than max_length={max_length}: "
            "tokenize again with this max_length, or raise it"
        )
    engine_ids, n_by_license = _origins(store, {row.example_id for row in train})
    return TrainSet(train, validation, manifest.version, manifest.content_hash, engine_ids, n_by_license)


def _manifest(root: str | Path, version: int | None) -> Manifest:
    manifest = Store(root).manifest("tokens", version)
    if manifest is None:
        raise DataUnusable(f"no tokens table under {root}; make one with `cad-copilot curate`")
    return manifest


def _origins(store: Store, example_ids: set[str]) -> tuple[tuple[str, ...], Mapping[str, int]]:
    columns: Sequence[str] = ("example_id", "engine_id", "license_spdx")
    examples = [e for e in store.read("examples", columns=columns).to_pylist() if e["example_id"] in example_ids]
    return tuple(sorted({e["engine_id"] for e in examples})), Counter(e["license_spdx"] for e in examples)
