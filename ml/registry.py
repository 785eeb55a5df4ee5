"""The registered model `cad-copilot` in MLflow: a version for each fine-tune, `candidate` and `champion` among them.

A version is the run's adapter with a pyfunc round it, stored in the run; what the base was is told by its tags and its
`base.json`, and loading refuses a base with other weights. (`mlflow.transformers.log_model` of a PeftModel on a local
base comes back with random weights, mlflow #23761.) Covers writing, finding and loading versions and writing down
decisions; what is decided, and on which prompts, is `flows.promote`'s.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ml.config import FinetuneConfig
from ml.model import base_path
from ml.paired import Paired, paired_line
from ml.tracking import Tracking, mlflow_failures

if TYPE_CHECKING:
    from mlflow import MlflowClient

    from ml.generate import Generator

__all__ = [
    "CANDIDATE",
    "CHAMPION",
    "MODEL_NAME",
    "AdapterModel",
    "Decision",
    "RegistryError",
    "Version",
    "champion",
    "decision_line",
    "decision_markdown",
    "download_adapter",
    "find_version",
    "list_versions",
    "load_version",
    "record_decision",
    "register",
    "run_base_model",
    "weights_sha256",
]

MODEL_NAME = "cad-copilot"
CANDIDATE = "candidate"
CHAMPION = "champion"
_ARTIFACT = "model"
"""Folder of a version in its run's artifacts; `adapter`, beside it, is the training's own copy."""
_BASE_FILE = "base.json"


class RegistryError(Exception):
    """A run, a version or a base that can't be used; one line, with the next step."""


@dataclass(frozen=True)
class Version:
    """One registered fine-tune."""

    version: int
    run_id: str
    aliases: tuple[str, ...]
    created_at: str
    """ISO-8601, UTC."""
    tags: Mapping[str, str]
    """base_model, base_weights, model_id, data_version, data_hash, config, git_commit; promotion/… once decided on."""

    @property
    def is_champion(self) -> bool:
        return CHAMPION in self.aliases


@dataclass(frozen=True)
class Decision:
    """Whether a version became the champion, and why."""

    run_id: str
    version: int
    against: str
    """`champion version 3`, or `the untuned base`."""
    paired: Paired
    is_promoted: bool
    is_dry_run: bool = False


def register(tracking: Tracking, run_id: str, adapter_dir: Path, *, model_id: str) -> Version:
    """The version of a finished fine-tune, made unless there is one; the newest of all is the candidate.

    `model_id` is what evaluations call the model. Raises RegistryError, TrackingFailed, ModelMissing.
    """
    with _mlflow(tracking) as client:
        known = find_version(tracking, run_id)
        if known is None:
            run = client.get_run(run_id)
            base_model = _base_model(run_id, run.data.params)
            weights = weights_sha256(base_model)
            _log_pyfunc(client, run_id, adapter_dir, base_model=base_model, weights=weights)
            if not client.search_registered_models(filter_string=f"name = '{MODEL_NAME}'"):
                client.create_registered_model(MODEL_NAME)
            client.create_model_version(
                MODEL_NAME,
                f"{run.info.artifact_uri}/{_ARTIFACT}",
                run_id,
                tags=_origin_tags(run.data.params, base_model=base_model, weights=weights, model_id=model_id),
            )
        newest = max(list_versions(tracking), key=lambda v: v.version)
        client.set_registered_model_alias(MODEL_NAME, CANDIDATE, str(newest.version))
        found = find_version(tracking, run_id)
        assert found is not None
        return found


def _origin_tags(params: Mapping[str, str], *, base_model: str, weights: str | None, model_id: str) -> dict[str, str]:
    names = {field.name for field in dataclasses.fields(FinetuneConfig)}
    return {
        "base_model": base_model,
        "base_weights": weights or "hub",
        "model_id": model_id,
        "data_version": f"tokens@{params.get('tokens_version', 'unknown')}",
        "data_hash": params.get("data_digest", "unknown"),
        "config": json.dumps({name: params[name] for name in sorted(names & params.keys())}),
        "git_commit": params.get("git_commit", "unknown"),
    }


def _log_pyfunc(client: MlflowClient, run_id: str, adapter_dir: Path, *, base_model: str, weights: str | None) -> None:
    import mlflow.pyfunc

    if not (adapter_dir / "adapter_config.json").is_file():
        raise RegistryError(f"no adapter in {adapter_dir}; `cad-copilot finetune` writes one")
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "adapter"
        shutil.copytree(adapter_dir, data)
        base = {"base_model": base_model, "base_weights": weights}
        (data / _BASE_FILE).write_text(json.dumps(base, indent=2) + "\n", encoding="utf-8")
        # requirements named, or MLflow would start a process to guess them
        mlflow.pyfunc.save_model(
            str(Path(folder) / _ARTIFACT), loader_module=__name__, data_path=str(data), pip_requirements=["cad-copilot"]
        )
        client.log_artifacts(run_id, str(Path(folder) / _ARTIFACT), _ARTIFACT)


def weights_sha256(base_model: str) -> str | None:
    """sha256 of a local base's weights, wherever it lies; None for a hub id, whose weights are not looked at."""
    folder = Path(base_path(base_model))
    if not folder.is_dir():
        return None
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.safetensors")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def list_versions(tracking: Tracking) -> list[Version]:
    """All versions, oldest first; none where nothing was registered yet."""
    with _mlflow(tracking) as client:
        models = client.search_registered_models(filter_string=f"name = '{MODEL_NAME}'")
        if not models:
            return []
        aliases = models[0].aliases  # a search of versions leaves them out
        found = []
        for entry in client.search_model_versions(f"name = '{MODEL_NAME}'"):
            version = int(entry.version)
            names = tuple(sorted(name for name, of in aliases.items() if int(of) == version))
            created = datetime.fromtimestamp(entry.creation_timestamp / 1000, UTC).isoformat(timespec="seconds")
            found.append(Version(version, entry.run_id, names, created, dict(entry.tags)))
        return sorted(found, key=lambda v: v.version)


def find_version(tracking: Tracking, run_id: str) -> Version | None:
    """The version of a run; None for one that is not registered."""
    return next((v for v in list_versions(tracking) if v.run_id == run_id), None)


def champion(tracking: Tracking) -> Version | None:
    return next((v for v in list_versions(tracking) if v.is_champion), None)


def run_base_model(tracking: Tracking, run_id: str) -> str:
    """The `base_model` that a run was tuned on. Raises RegistryError."""
    with _mlflow(tracking) as client:
        return _base_model(run_id, client.get_run(run_id).data.params)


def _base_model(run_id: str, params: Mapping[str, str]) -> str:
    if "base_model" not in params:
        raise RegistryError(f"run {run_id} is no fine-tune: it has no parameter base_model; give the id of one")
    return params["base_model"]


def download_adapter(tracking: Tracking, run_id: str, folder: Path) -> Path:
    """A local copy of a run's adapter. Raises RegistryError."""
    with _mlflow(tracking) as client:
        if not client.list_artifacts(run_id, "adapter"):
            raise RegistryError(f"run {run_id} holds no adapter: its training did not end; run it again")
        folder.mkdir(parents=True, exist_ok=True)
        return Path(client.download_artifacts(run_id, "adapter", str(folder)))


def load_version(tracking: Tracking, version: int) -> Any:
    """The pyfunc of a version: `predict([prompt, …])` gives the greedy answers. Raises RegistryError."""
    with _mlflow(tracking) as client:
        import mlflow.artifacts
        import mlflow.pyfunc

        uri = client.get_model_version_download_uri(MODEL_NAME, str(version))
        with tempfile.TemporaryDirectory() as folder:
            local = mlflow.artifacts.download_artifacts(artifact_uri=uri, dst_path=folder, tracking_uri=tracking.uri)
            return mlflow.pyfunc.load_model(local)


class AdapterModel:
    """What MLflow's pyfunc calls."""

    def __init__(self, generator: Generator) -> None:
        self._generator = generator

    def predict(self, model_input: Any, params: Mapping[str, Any] | None = None) -> list[str]:
        """The greedy answer to each prompt: a list of texts, or a table with a column `prompt`."""
        prompts: Sequence[Any] = model_input["prompt"] if hasattr(model_input, "columns") else model_input
        answers = self._generator.generate([str(prompt) for prompt in prompts])
        return [answer.text for answer in answers]


def _load_pyfunc(data_path: str) -> AdapterModel:
    """MLflow's entry, by the name it asks for. Raises RegistryError for a base that is not the one tuned on."""
    from ml.generate import Generator

    folder = Path(data_path)
    base = json.loads((folder / _BASE_FILE).read_text(encoding="utf-8"))
    found = weights_sha256(base["base_model"])
    if base["base_weights"] != found:
        raise RegistryError(
            f"the adapter was tuned on weights {str(base['base_weights'])[:12]} of {base['base_model']!r}, which holds "
            f"{str(found)[:12]} now; put the old base back, or tune again"
        )
    return AdapterModel(Generator(base["base_model"], folder))


def record_decision(tracking: Tracking, decision: Decision) -> None:
    """Tags and a small JSON and Markdown file in the version's run; the alias last, so that a kill moves nothing
    unrecorded. The same decision again leaves the same."""
    paired = decision.paired
    document = dataclasses.asdict(decision) | {"line": decision_line(decision)}
    tags = {
        "promotion/decision": "promoted" if decision.is_promoted else "refused",
        "promotion/against": decision.against,
        "promotion/line": decision_line(decision),
        "promotion/prompt_set": paired.prompt_set_id,
        "promotion/scorer": paired.scorer_version,
        "promotion/engine": paired.engine_id,
        "promotion/n": f"{paired.n} ({paired.n_wins} won, {paired.n_losses} lost, {paired.n_ties} the same)",
        "promotion/difference": f"{paired.difference:.4f} ({paired.interval.low:.4f} to {paired.interval.high:.4f})",
        "promotion/p": f"{paired.p_value:.4g}",
    }
    stem = f"promotion/{decision.against.replace(' ', '-')}-{paired.prompt_set_id}"
    with _mlflow(tracking) as client:
        client.log_text(decision.run_id, json.dumps(document, indent=2, sort_keys=True) + "\n", f"{stem}.json")
        client.log_text(decision.run_id, decision_markdown(decision), f"{stem}.md")
        for key, value in tags.items():
            client.set_model_version_tag(MODEL_NAME, str(decision.version), key, value)
        if decision.is_promoted:
            client.set_registered_model_alias(MODEL_NAME, CHAMPION, str(decision.version))


def decision_line(decision: Decision) -> str:
    verb = "would become" if decision.is_dry_run else "is"
    outcome = f"{verb} the champion" if decision.is_promoted else "is not shown to be better"
    return f"version {decision.version} {outcome}: against {decision.against}, {paired_line(decision.paired)}"


def decision_markdown(decision: Decision) -> str:
    """A table for a person."""
    p = decision.paired
    rows = {
        "run": f"`{decision.run_id}`",
        "candidate": f"version {decision.version}, `{p.candidate}`: {p.candidate_rate:.1%}",
        "against": f"{decision.against}, `{p.other}`: {p.other_rate:.1%}",
        "prompts": f"`{p.prompt_set_id}`, {p.n}; scorer {p.scorer_version}, engine {p.engine_id}",
        "won, lost, the same": f"{p.n_wins}, {p.n_losses}, {p.n_ties}",
        "difference": f"{p.difference:+.1%}, 95 % interval {p.interval.low:+.1%} to {p.interval.high:+.1%}",
        "p (McNemar, exact)": f"{p.p_value:.3g}",
    }
    lines = [f"| {name} | {value} |" for name, value in rows.items()]
    return "\n".join([decision_line(decision), "", "| | |", "|---|---|", *lines, ""])


@contextlib.contextmanager
def _mlflow(tracking: Tracking) -> Iterator[MlflowClient]:
    """A client; what MLflow refuses is told in one line as TrackingFailed."""
    os.environ["MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR"] = "false"
    database = Path(tracking.uri.removeprefix("sqlite:///"))
    if tracking.uri.startswith("sqlite:///") and not database.is_file():
        raise RegistryError(f"no MLflow database at {database}; `cad-copilot finetune` makes one")
    with mlflow_failures(tracking):
        from mlflow import MlflowClient

        yield MlflowClient(tracking_uri=tracking.uri, registry_uri=tracking.uri)
