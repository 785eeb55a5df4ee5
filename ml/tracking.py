"""MLflow's runs; `ml.registry` keeps the models, and nothing else speaks to it. A run is opened by one owner and named
by its id everywhere else.

Everything goes through a client with an explicit run id, never through MLflow's global "active run": the Trainer, the
script and the flow would each open one. Training and evaluation log the same metric names, so that two runs stand
side by side in the comparison page. The store is sqlite (MLflow 3 refuses plain files) or an MLflow server.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import logging
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlflow import MlflowClient

__all__ = [
    "DatasetInfo",
    "EvaluationRecord",
    "Run",
    "Tracking",
    "TrackingFailed",
    "git_commit",
    "library_versions",
    "log_evaluation",
    "mlflow_failures",
    "sqlite_uri",
    "start_run",
]

log = logging.getLogger(__name__)

_SQLITE = "sqlite:///"
_LIBRARIES = ("torch", "transformers", "peft", "bitsandbytes", "accelerate", "tokenizers", "mlflow")


class TrackingFailed(Exception):
    """MLflow cannot be reached or refused; the message names the store."""


@dataclass(frozen=True)
class Tracking:
    """Where runs are written."""

    uri: str
    """`sqlite:////abs/path/mlflow.db` or the address of a server."""
    experiment: str = "cad-copilot"


@dataclass(frozen=True)
class DatasetInfo:
    """The data of a run, as its page shows it."""

    name: str
    digest: str
    """Hash of the rows: two runs with the same digest saw the same data."""
    source: str
    """Table and version."""
    profile: Mapping[str, Any]
    """Counts: examples, tokens, licences."""


@dataclass(frozen=True)
class EvaluationRecord:
    """What an evaluation leaves in its run."""

    metrics: Mapping[str, float]
    tags: Mapping[str, str]
    """What was evaluated with what. Tags, since MLflow refuses to change a parameter when it is done again."""
    contact_sheet_png: bytes
    table: Sequence[Mapping[str, Any]]
    """One entry a generation, all with the same keys: prompt, source, verdict, asked and measured sizes."""
    dataset: DatasetInfo


def sqlite_uri(path: Path) -> str:
    """The tracking URI of a database file; absolute, so that every process means the same one."""
    return f"{_SQLITE}{path.resolve()}"


class Run:
    """An open MLflow run. Only its owner calls `end`."""

    def __init__(self, client: MlflowClient, run_id: str) -> None:
        self._client = client
        self.run_id = run_id

    def log_params(self, params: Mapping[str, Any]) -> None:
        from mlflow.entities import Param

        self._client.log_batch(self.run_id, params=[Param(k, str(v)[:6000]) for k, v in params.items()])

    def log_metrics(self, metrics: Mapping[str, float], *, step: int = 0) -> None:
        from mlflow.entities import Metric

        now_ms = int(time.time() * 1000)
        self._client.log_batch(self.run_id, metrics=[Metric(k, float(v), now_ms, step) for k, v in metrics.items()])

    def log_dataset(self, dataset: DatasetInfo, *, context: str) -> None:
        """`context`: training or evaluation."""
        import json

        from mlflow.entities import Dataset, DatasetInput, InputTag

        entity = Dataset(
            name=dataset.name,
            digest=dataset.digest[:36],  # the column's width
            source_type="parquet",
            source=json.dumps({"uri": dataset.source}),
            profile=json.dumps(dict(dataset.profile)),
        )
        self._client.log_inputs(
            self.run_id, datasets=[DatasetInput(entity, [InputTag("mlflow.data.context", context)])]
        )

    def log_folder(self, folder: Path, artifact_path: str) -> None:
        self._client.log_artifacts(self.run_id, str(folder), artifact_path)

    def log_file(self, content: bytes, artifact_file: str) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / Path(artifact_file).name
            path.write_bytes(content)
            self._client.log_artifact(self.run_id, str(path), str(Path(artifact_file).parent).removeprefix("."))

    def log_table(self, rows: Sequence[Mapping[str, Any]], artifact_file: str) -> None:
        """A table that the run's page and its comparison page can filter."""
        data = {column: [row[column] for row in rows] for column in (rows[0] if rows else ())}
        self._client.log_table(self.run_id, data, artifact_file)

    def has_artifact(self, artifact_file: str) -> bool:
        folder = str(Path(artifact_file).parent)
        return any(a.path == artifact_file for a in self._client.list_artifacts(self.run_id, folder))

    def set_tags(self, tags: Mapping[str, str]) -> None:
        for key, value in tags.items():
            self._client.set_tag(self.run_id, key, value)

    def end(self, *, is_ok: bool) -> None:
        self._client.set_terminated(self.run_id, "FINISHED" if is_ok else "FAILED")


def start_run(
    tracking: Tracking, *, run_name: str, run_id: str | None = None, tags: Mapping[str, str] | None = None
) -> Run:
    """A new run, or the one of `run_id` again. Raises TrackingFailed."""
    client, experiment_id = _connect(tracking)
    commit = git_commit()
    all_tags = {**({} if commit == "unknown" else {"mlflow.source.git.commit": commit}), **(tags or {})}
    with mlflow_failures(tracking):
        if run_id is None:
            return Run(client, client.create_run(experiment_id, run_name=run_name, tags=all_tags).info.run_id)
        client.update_run(run_id, status="RUNNING")
        run = Run(client, run_id)
        run.set_tags(all_tags)
        return run


def log_evaluation(
    tracking: Tracking,
    record: EvaluationRecord,
    *,
    run_name: str,
    run_id: str | None = None,
    on_started: Callable[[str], None] = lambda run_id: None,
) -> str:
    """Logs an evaluation into a new run, or into the one of `run_id`; the id of the run. Raises TrackingFailed.

    `on_started` gets the id before anything is logged: whoever keeps it can log again after a kill, to the same end.
    """
    run = start_run(tracking, run_name=run_name, run_id=run_id)
    on_started(run.run_id)
    try:
        with mlflow_failures(tracking):
            run.set_tags(record.tags)
            run.log_metrics(record.metrics)
            run.log_dataset(record.dataset, context="evaluation")
            run.log_file(record.contact_sheet_png, "evaluation/contact_sheet.png")
            if not run.has_artifact("evaluation/table.json"):  # MLflow would append the same rows again
                run.log_table(record.table, "evaluation/table.json")
    except TrackingFailed:
        run.end(is_ok=False)
        raise
    run.end(is_ok=True)
    return run.run_id


def git_commit() -> str:
    """The commit of the running code; `unknown` outside a checkout or without git."""
    command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "--verify", "--quiet", "HEAD"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return "unknown"
    return done.stdout.strip() if done.returncode == 0 and done.stdout.strip() else "unknown"


def library_versions() -> dict[str, str]:
    """Versions of what decides the weights."""
    return {name: importlib.metadata.version(name) for name in _LIBRARIES}


@contextlib.contextmanager
def mlflow_failures(tracking: Tracking) -> Iterator[None]:
    """What MLflow or its database refuses inside is told in one line, as TrackingFailed."""
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"  # before the import: it reports as it is imported
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (MlflowException, SQLAlchemyError) as error:
        raise TrackingFailed(f"MLflow at {tracking.uri}: {str(error).strip().splitlines()[0]}") from error


def _connect(tracking: Tracking) -> tuple[MlflowClient, str]:
    for name in ("alembic", "mlflow.store.db.utils"):
        logging.getLogger(name).setLevel(logging.WARNING)  # forty lines of migrations on a new database
    if tracking.uri.startswith("file:") or "://" not in tracking.uri:
        raise TrackingFailed(f"MLflow cannot write to {tracking.uri!r}: use sqlite:////absolute/path/mlflow.db")
    artifacts = None
    if tracking.uri.startswith(_SQLITE):
        database = Path(tracking.uri.removeprefix(_SQLITE))
        try:
            database.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise TrackingFailed(f"MLflow at {tracking.uri}: {error.strerror or error}") from error
        artifacts = (database.parent / "artifacts").as_uri()  # else MLflow takes the current directory
    with mlflow_failures(tracking):
        from mlflow import MlflowClient

        client = MlflowClient(tracking_uri=tracking.uri)
        found = client.get_experiment_by_name(tracking.experiment)
        experiment_id = found.experiment_id if found else client.create_experiment(tracking.experiment, artifacts)
    return client, experiment_id
