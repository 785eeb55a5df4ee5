"""Environment to one frozen `Settings`; the only reader of our environment variables.

Every setting is `CAD_COPILOT_` plus the field's name in capitals. An unknown one is an error that names the
nearest known. Tokens of the sources keep the names their sites use and are never put into `Settings`.
"""

from __future__ import annotations

import dataclasses
import difflib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from corpus.names import LICENSE_TIERS, RecipeName
from spiders.known import KNOWN_SPIDERS

__all__ = [
    "PREFIX",
    "TOKEN_NAMES",
    "Settings",
    "SettingsError",
    "caption_key",
    "child_environment",
    "has_token",
    "load_settings",
]

PREFIX = "CAD_COPILOT_"
TOKEN_NAMES = tuple(dict.fromkeys(token for spider in KNOWN_SPIDERS.values() for token in spider.tokens))


class SettingsError(ValueError):
    """A setting that is unknown or has a value that can't be used; one line, with the next step."""


@dataclass(frozen=True)
class Settings:
    """Everything that differs from one installation to the next."""

    data_dir: Path = Path("var")
    """Everything written lies below: tables, engine, checkpoints, MLflow, logs."""
    engine: str = "auto"
    """OpenSCAD engine: auto, wasm, native, or native:/path/to/openscad."""
    n_workers: int = 0
    """Engine processes at once; 0 means one for each CPU core."""
    compile_timeout_seconds: float = 10.0
    """Deadline of one file."""
    compile_max_memory_mb: int = 1024
    """Memory cap of one file, MiB."""
    library_folders: tuple[Path, ...] = ()
    """Folders of OpenSCAD libraries, or libraries, comma-separated; they come before those that we know."""
    sources: tuple[str, ...] = ()
    """Sources that a crawl asks, comma-separated; empty: those that sources.yaml enables and that can run here."""
    sources_file: str = ""
    """Your own sources.yaml; empty: the shipped one."""
    gallery_url: str = ""
    """Address of the gallery site; empty: the shipped sample site, served on loopback for the crawl."""
    local_path: str = ""
    """Folder or git checkout for the `local` spider."""
    bosl2_limit: int = 300
    """BOSL2 example blocks to take, spread over its files; 0 means all. A limit in sources.yaml goes first."""
    contact: str = ""
    """Address that the crawler's User-Agent names, so that a site's owner can reach you."""
    tables_url: str = ""
    """Where the tables lie, such as s3://bucket/tables; empty: `tables` in the data folder."""
    recipe: str = "starter"
    """Synthetic part of the data set: starter (what the shipped base understands) or full (the whole generator, with
    test sets of its own and conversations)."""
    n_synth: int = 0
    """Synthetic examples to generate for training; 0: as many as the recipe has (4,000 or 16,000)."""
    n_chains: int = -1
    """Conversations to generate for training, three edits each; -1: as many as the recipe has (none or 2,600)."""
    n_test_prompts: int = 0
    """Held-out synthetic prompts to evaluate on, of each test set for the full recipe; 0: the recipe's (160 or 300)."""
    license_tiers: tuple[str, ...] = ("permissive", "share_alike")
    """Tiers of licences that may go into the data set, comma-separated: permissive, share_alike, non_commercial."""
    benchmarks: tuple[Path, ...] = ()
    """Benchmarks that nothing may be trained on, comma-separated: folders of (prompt.txt, reference), or JSON lines."""
    caption_url: str = ""
    """OpenAI-compatible endpoint that `cad-copilot dataset caption` asks, such as http://localhost:8000/v1."""
    caption_model: str = ""
    """The model to ask it for; what it said goes into the data set. Empty: no model's words do."""
    dask_scheduler: str = ""
    """Address of a Dask scheduler, such as tcp://host:8786, whose workers clean, compile and sketch; empty: here."""
    base_model: str = ""
    """Folder or hub id of the base model; empty: the one that the training config names."""
    train_config: str = "tiny"
    """Name in ml/configs, or path, of the fine-tuning config."""
    seed: int = 0
    """Seed of synthesis, splits and sampling."""
    mlflow_tracking_uri: str = ""
    """Where MLflow keeps runs; empty: sqlite in the data folder."""
    prefect_port: int = 4200
    """Port of the Prefect server that `make up` starts."""
    mlflow_port: int = 5000
    """Port of the MLflow page that `make up` starts."""

    def __post_init__(self) -> None:
        if self.n_workers < 0:
            raise SettingsError(f"{PREFIX}N_WORKERS must be 0 or more, not {self.n_workers}")
        if self.compile_timeout_seconds <= 0:
            raise SettingsError(f"{PREFIX}COMPILE_TIMEOUT_SECONDS must be above 0, not {self.compile_timeout_seconds}")
        unknown = sorted(set(self.sources) - set(KNOWN_SPIDERS))
        if unknown:
            raise SettingsError(f"no source {', '.join(unknown)}; known: {', '.join(KNOWN_SPIDERS)}")
        if self.recipe not in tuple(RecipeName):
            raise SettingsError(f"no recipe {self.recipe}; there are {', '.join(RecipeName)}")
        if bad := sorted(set(self.license_tiers) - set(LICENSE_TIERS)):
            raise SettingsError(f"no licence tier {', '.join(bad)}; there are {', '.join(LICENSE_TIERS)}")
        for name in ("prefect_port", "mlflow_port"):
            if not 0 < getattr(self, name) < 65536:
                raise SettingsError(f"{PREFIX}{name.upper()} must be a port, 1 to 65535, not {getattr(self, name)}")

    @property
    def tables_root(self) -> str | Path:
        """What a Store opens."""
        return self.tables_url or self.data_dir / "tables"

    @property
    def tracking_uri(self) -> str:
        """One absolute address, the same for every process, whatever folder it runs in."""
        return self.mlflow_tracking_uri or f"sqlite:///{self.data_dir.resolve() / 'mlflow' / 'mlflow.db'}"

    @property
    def n_workers_used(self) -> int:
        return self.n_workers or os.cpu_count() or 1

    @property
    def max_memory_bytes(self) -> int:
        return self.compile_max_memory_mb << 20


def _parse(name: str, raw: str, default: object) -> object:
    try:
        if isinstance(default, Path):
            return Path(raw)
        if isinstance(default, tuple):
            parts = [part.strip() for part in raw.split(",") if part.strip()]
            return tuple(map(Path, parts)) if name in ("library_folders", "benchmarks") else tuple(parts)
        if isinstance(default, int | float):
            return type(default)(raw)
    except ValueError:
        raise SettingsError(
            f"{PREFIX}{name.upper()}={raw!r} is not a {type(default).__name__}: give it a number, or unset it"
        ) from None
    return raw


def load_settings(environ: Mapping[str, str] | None = None, **overrides: object) -> Settings:
    """The settings of an environment (the process's own by default); an override that is not None wins over it.

    Raises SettingsError for an unknown name or a value that can't be used.
    """
    env = os.environ if environ is None else environ
    defaults = {f.name: f.default for f in dataclasses.fields(Settings)}
    values: dict[str, object] = {}
    for key, raw in env.items():
        if not key.startswith(PREFIX):
            continue
        name = key.removeprefix(PREFIX).lower()
        if name not in defaults:
            near = difflib.get_close_matches(name, defaults, n=1)
            hint = f"did you mean {PREFIX}{near[0].upper()}?" if near else "see docs/settings.md for the list"
            raise SettingsError(f"unknown setting {key}: {hint}")
        values[name] = _parse(name, raw, defaults[name])
    values |= {name: value for name, value in overrides.items() if value is not None}
    return Settings(**values)  # type: ignore[arg-type]


def has_token(name: str) -> bool:
    """True if the environment holds this one of TOKEN_NAMES; its value stays where it is."""
    return bool(os.environ.get(name))


def caption_key() -> str | None:
    """The key of the captions' endpoint, for its client alone."""
    return os.environ.get("CAPTION_API_KEY") or None


def child_environment(settings: Settings, **extra: str) -> dict[str, str]:
    """The environment of a process of ours: this one's, with the data folder absolute, telemetry off, and `extra`."""
    return os.environ | {
        f"{PREFIX}DATA_DIR": str(settings.data_dir.resolve()),
        "DO_NOT_TRACK": "1",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        **extra,
    }
