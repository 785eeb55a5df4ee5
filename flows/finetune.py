"""`examples` to `tokens` to an adapter: tokenizes, then starts `ml.train` in its processes and waits."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact

from corpus.store import Store
from flows.errors import NoData
from flows.rejections import replace_rejections
from flows.settings import Settings, load_settings
from ml.config import FinetuneConfig, load_config
from ml.launch import launch
from ml.model import base_path
from ml.plan import check_plan, make_plan
from ml.plan_shape import known_shape
from ml.run_folder import FinetuneReport, read_report
from ml.tokens import tokenize_examples

__all__ = ["TokenizedData", "finetune", "finetune_flow", "tokenize"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class TokenizedData:
    """A version of `tokens`, ready to train on."""

    version: int
    content_hash: str
    n_train: int
    n_tokens: int
    n_too_long: int
    n_covered: int
    """Earlier turns that are taught inside a longer row of their conversation."""


def train_config(settings: Settings) -> FinetuneConfig:
    """The fine-tuning config of the settings. Raises ConfigError."""
    return load_config(settings.train_config, _overrides(settings))


def _overrides(settings: Settings) -> dict[str, str]:
    return {"base_model": settings.base_model} if settings.base_model else {}


def tokenize(settings: Settings) -> TokenizedData:
    """Encodes the newest examples with the base's tokenizer. Raises NoData, ConfigError, ModelMissing."""
    from ml.tokenizer import load_tokenizer

    store = Store(settings.tables_root)
    examples = store.rows("examples")
    if not examples:
        raise NoData("no examples yet: run `cad-copilot collect` and `cad-copilot curate` first")
    config = train_config(settings)
    if known_shape(config.base_model) is not None:
        check_plan(make_plan(config))  # before anything loads
    tokenizer = load_tokenizer(base_path(config.base_model))
    done = tokenize_examples(examples, tokenizer, max_length=config.max_length)
    version = store.replace("tokens", done.rows)
    replace_rejections(settings.tables_root, frozenset({"tokenize"}), done.rejected)
    manifest = store.manifest("tokens", version)
    assert manifest is not None
    train = [r for r in done.rows if r.split == "train"]
    return TokenizedData(
        version=version,
        content_hash=manifest.content_hash,
        n_train=len(train),
        n_tokens=sum(len(r.input_ids) for r in train),
        n_too_long=len(done.rejected),
        n_covered=done.n_covered,
    )


def adapter_dir(settings: Settings, data: TokenizedData) -> Path:
    """Where the adapter of this data, config and base lies: the same three give the same folder."""
    config = train_config(settings)
    key = hashlib.sha256(f"{data.content_hash}|{config}|{base_fingerprint(config.base_model)}".encode()).hexdigest()
    return settings.data_dir / "adapters" / key[:16]


def base_fingerprint(base_model: str) -> str:
    """sha256 of a local base's weights; the id itself for one from a hub."""
    folder = Path(base_path(base_model))
    digest = hashlib.sha256(base_model.encode())
    for path in sorted(folder.glob("*.safetensors")) if folder.is_dir() else []:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def finetune(
    settings: Settings, data: TokenizedData, *, force: bool = False, on_line: Callable[[str], None] = logger.info
) -> FinetuneReport:
    """Trains, or goes on where a killed training was; one already done only gives its report.

    Raises TrainingFailed, ConfigError.
    """
    output_dir = adapter_dir(settings, data)
    if force and output_dir.exists():
        output_dir.rename(output_dir.with_name(f"{output_dir.name}.{output_dir.stat().st_mtime_ns}"))
    done = read_report(output_dir)
    if done is not None:
        on_line(f"this training is done: {output_dir} (same data, config and base); --force trains again")
        return replace(
            done, adapter_dir=str(output_dir / Path(done.adapter_dir).name)
        )  # the data folder may have moved
    output_dir.mkdir(parents=True, exist_ok=True)
    return launch(
        settings.train_config,
        tokens_root=settings.tables_root,
        tokens_version=data.version,
        output_dir=output_dir,
        tracking_uri=settings.tracking_uri,
        run_name="tuned",
        overrides=_overrides(settings),
        engine=settings.engine,
        data_dir=settings.data_dir,
        on_line=on_line,
    )


@task(name="tokenize", retries=1)
def tokenize_task(data_dir: Path) -> TokenizedData:
    return tokenize(load_settings(data_dir=data_dir))


@task(name="train")
def train_task(data_dir: Path, data: TokenizedData) -> FinetuneReport:
    return finetune(load_settings(data_dir=data_dir), data)


@flow(name="finetune")
def finetune_flow(data_dir: Path | None = None) -> FinetuneReport:
    """Tokenizes the newest examples and trains an adapter on them."""
    settings = load_settings(data_dir=data_dir)
    data = tokenize_task(settings.data_dir)
    report = train_task(settings.data_dir, data)
    lines = [f"| {key} | {value} |" for key, value in {**asdict(data), **asdict(report)}.items()]
    create_markdown_artifact("\n".join(["| | |", "|---|---|", *lines]), key="finetune", description="the adapter")
    return report
