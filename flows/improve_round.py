"""The state of a round of self-improvement: what was asked, where a killed one goes on, and its rows in `examples`.

A round's rows name its key, so that they can be taken out again whatever else was published since.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus.schema import ExampleRow
from corpus.store import Store
from flows.build import example_shard
from flows.settings import Settings
from ml.self_answers import is_of_round

__all__ = ["ImproveFailed", "ImproveRequest", "Round", "folder_of", "publish", "state_file", "take_out"]


class ImproveFailed(RuntimeError):
    """A round that can't go on; one line, with the next step."""


@dataclass(frozen=True)
class ImproveRequest:
    """What to do."""

    n_prompts: int = 256
    n_samples: int = 4
    temperature: float = 0.8
    n_rounds: int = 1
    n_fresh: int = 0
    """Newly generated prompts beside those of the data set."""
    n_kept_per_prompt: int = 2
    max_self_share: float = 0.3
    """Of the training rows."""

    def __post_init__(self) -> None:
        for name in ("n_prompts", "n_samples", "n_rounds", "n_kept_per_prompt"):
            if getattr(self, name) < 1:
                raise ImproveFailed(f"{name} must be 1 or more, not {getattr(self, name)}")
        if self.n_fresh < 0 or self.temperature <= 0 or not 0 < self.max_self_share < 1:
            raise ImproveFailed(
                f"n_fresh {self.n_fresh} must be 0 or more, temperature {self.temperature} above 0, max_self_share "
                f"{self.max_self_share} above 0 and below 1"
            )


@dataclass(frozen=True)
class Round:
    """A round that has begun; what a killed one goes on from."""

    key: str
    n_round: int
    """One more than the rounds whose rows the data set holds: each draws other prompts."""
    examples_version: int
    """Before the round."""
    parent_run_id: str
    parent_adapter: str
    parent_model_id: str
    done: tuple[str, ...] = ()
    """Keys of the rounds before it of the same call."""


def folder_of(settings: Settings, key: str) -> Path:
    return settings.data_dir / "improve" / key


def state_file(settings: Settings) -> Path:
    return settings.data_dir / "improve" / "unfinished.json"


def publish(settings: Settings, round_: Round, rows: Sequence[ExampleRow], new: Sequence[ExampleRow]) -> int:
    """A version with the new rows; the same again after a kill. Raises ImproveFailed if another writer came between."""
    store = Store(settings.tables_root)
    if store.latest_version("examples") != round_.examples_version:
        there: list[ExampleRow] = store.rows("examples")
        others = {row.example_id for row in there if not is_of_round(row, round_.key)}
        if others != {row.example_id for row in rows}:
            take_out(settings, round_.key)
            state_file(settings).unlink()
            raise ImproveFailed(
                f"the examples changed while the round ran (it began on version {round_.examples_version}); "
                "run the same command again to begin on the newest"
            )
    return store.replace("examples", [*rows, *new], shard_of=example_shard)


def take_out(settings: Settings, key: str) -> int:
    """The version without a round's rows, whatever was published since."""
    return Store(settings.tables_root).update(
        "examples", lambda there: [row for row in there if not is_of_round(row, key)], shard_of=example_shard
    )
