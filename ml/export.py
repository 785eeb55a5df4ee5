"""A tuned model in the form others take: the adapter, a merged folder, or one GGUF file with its tokenizer beside it.

Everything is written into a folder next to the target and renamed last, so a kill leaves the old export or none.
Covers what goes into each folder and the card; `ml.export_gguf` writes the GGUF, `ml.gguf_check` proves it.
"""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from ml.config import SHIPPED_BASE, Precision
from ml.export_gguf import GgufFile, GgufType, write_gguf
from ml.gguf_check import LogitCheck, check_gguf
from ml.model import ModelMissing, base_path, load_merged
from ml.run_folder import read_json, write_json

if TYPE_CHECKING:
    from transformers import PreTrainedModel

__all__ = ["ExportFormat", "ExportReport", "ExportUnusable", "Source", "export_model", "find_source", "load_for_export"]

_MARK = "export.json"


class ExportFormat(StrEnum):
    ADAPTER = "adapter"
    """LoRA weights, for peft."""
    MERGED = "merged"
    """A plain transformers folder."""
    GGUF_F16 = "gguf-f16"
    GGUF_Q8_0 = "gguf-q8_0"
    GGUF_Q4_0 = "gguf-q4_0"
    GGUF_Q4_1 = "gguf-q4_1"

    @property
    def gguf_type(self) -> GgufType | None:
        kind = self.value.removeprefix("gguf-")
        return GgufType(kind) if kind != self.value else None


class ExportUnusable(Exception):
    """A source that has no such form, or a target that is taken; the message names the next step."""


@dataclass(frozen=True)
class Source:
    """What is exported."""

    base_model: str
    """`base`, a folder, or a hub id."""
    adapter_dir: Path | None
    """None: the base alone."""
    license_name: str
    """Of the base, as its card gives it; `other` where it gives none."""
    data_digest: str | None
    """Of the training examples; None where no fine-tune's settings lie beside the adapter."""
    run_id: str | None
    """MLflow's."""

    @property
    def base_name(self) -> str:
        """The base without any path of this machine."""
        if self.base_model == SHIPPED_BASE:
            return "cad-copilot-base"
        return Path(self.base_model).name if Path(self.base_model).exists() else self.base_model


@dataclass(frozen=True)
class ExportReport:
    folder: str
    format: ExportFormat
    base_model: str
    license_name: str
    data_digest: str | None
    run_id: str | None
    n_bytes: int
    """Of the whole folder."""
    gguf: GgufFile | None
    check: LogitCheck | None
    """None where it was not asked for."""


def find_source(path: str, *, base_model: str | None = None, license_name: str | None = None) -> Source:
    """`path` is an adapter's folder, a model's folder, a hub id, or `base`. Raises ModelMissing."""
    folder = Path(path).expanduser()
    adapter = next((f for f in (folder, folder / "adapter") if (f / "adapter_config.json").is_file()), None)
    if adapter is None and folder.is_dir() and not (folder / "config.json").is_file():
        raise ModelMissing(f"{folder} holds neither adapter_config.json nor config.json; `finetune` prints its folder")
    settings: dict[str, Any] = {}
    run: dict[str, Any] = {}
    base = path
    if adapter is not None:
        base = base_model or str(read_json(adapter / "adapter_config.json")["base_model_name_or_path"])
        settings, run = (_read(f) for f in (adapter.parent / "settings.json", adapter.parent / "run.json"))
        exported = _read(adapter / _MARK)
        settings, run = settings or exported, run or exported
    where = base_path(base)
    return Source(
        base_model=base,
        adapter_dir=adapter,
        license_name=license_name or _license_of(Path(where)) or "other",
        data_digest=settings.get("data_digest"),
        run_id=run.get("run_id"),
    )


def export_model(source: Source, out: Path, form: ExportFormat, *, is_checked: bool = False) -> ExportReport:
    """Writes `out`, a folder; an earlier export there is replaced.

    Raises ExportUnusable, ModelMissing, GgufUnsupported, CheckFailed; then nothing is left behind.
    """
    if form is ExportFormat.ADAPTER and source.adapter_dir is None:
        raise ExportUnusable(f"{source.base_model} is no adapter; export it as {ExportFormat.MERGED}")
    if is_checked and form.gguf_type is None:
        raise ExportUnusable(f"only a GGUF can be checked against its model; {form} is that model")
    gguf: GgufFile | None = None
    check: LogitCheck | None = None
    with _staged(out) as staging:
        if form is ExportFormat.ADAPTER:
            _write_adapter(source, staging)
        elif form is ExportFormat.MERGED:
            _write_merged(source, staging)
        else:
            assert form.gguf_type is not None
            gguf, check = _write_gguf_folder(source, staging, form.gguf_type, is_checked=is_checked)
        (staging / "README.md").write_text(_card(source, form, gguf, check), encoding="utf-8")
        report = ExportReport(
            folder=str(out),
            format=form,
            base_model=source.base_name,
            license_name=source.license_name,
            data_digest=source.data_digest,
            run_id=source.run_id,
            n_bytes=sum(f.stat().st_size for f in staging.rglob("*") if f.is_file()),
            gguf=gguf,
            check=check,
        )
        # the folder's name is the reader's to choose, and may be a path of this machine
        write_json(staging / _MARK, {k: v for k, v in dataclasses.asdict(report).items() if k != "folder"})
    return report


def load_for_export(source: Source) -> PreTrainedModel:
    """The merged model, merged in bf16 where the base is stored so, else in fp32; saved as the base is stored."""
    import torch
    from transformers import AutoConfig

    try:
        stored = AutoConfig.from_pretrained(base_path(source.base_model)).dtype
    except OSError as error:
        raise ModelMissing(f"cannot load {source.base_model!r}: {str(error).splitlines()[0]}") from error
    precision = Precision.BF16 if stored is torch.bfloat16 else Precision.FP32
    model = load_merged(source.base_model, source.adapter_dir, precision=precision)
    return model.to(torch.float16) if stored is torch.float16 else model


def _write_adapter(source: Source, folder: Path) -> None:
    assert source.adapter_dir is not None
    for name in ("adapter_config.json", "adapter_model.safetensors"):
        if not (source.adapter_dir / name).is_file():
            raise ModelMissing(f"{source.adapter_dir} holds no {name}; train it again with `cad-copilot finetune`")
        shutil.copyfile(source.adapter_dir / name, folder / name)


def _write_merged(source: Source, folder: Path) -> None:
    from ml.tokenizer import load_tokenizer

    model = load_for_export(source)
    tokenizer = load_tokenizer(base_path(source.base_model))
    # greedy is how it was measured; a base's own temperature would be an error without sampling
    generation = model.generation_config
    generation.do_sample, generation.temperature, generation.top_p, generation.top_k = False, None, None, None
    generation.pad_token_id = tokenizer.pad_token_id
    if generation.eos_token_id is None:
        generation.eos_token_id = tokenizer.eos_token_id
    model.config.use_cache = True
    model.save_pretrained(str(folder), max_shard_size="4GB")
    tokenizer.save_pretrained(str(folder))


def _write_gguf_folder(
    source: Source, folder: Path, gguf_type: GgufType, *, is_checked: bool
) -> tuple[GgufFile, LogitCheck | None]:
    """The GGUF with the tokenizer's own files: with those its prompts can be given as token ids."""
    from ml.tokenizer import load_tokenizer

    merged = Path(base_path(source.base_model))
    is_ready = source.adapter_dir is None and any(merged.glob("*.safetensors"))
    if not is_ready:
        merged = folder / ".merged"
        merged.mkdir()
        _write_merged(source, merged)
    name = source.base_name.replace("/", "-") + ("" if source.adapter_dir is None else "-scad")
    path = folder / f"{name}-{gguf_type}.gguf"
    gguf = write_gguf(merged, path, gguf_type, name=name, license_name=source.license_name)
    check = check_gguf(merged, path, gguf_type) if is_checked else None
    load_tokenizer(merged).save_pretrained(str(folder))
    if not is_ready:
        shutil.rmtree(merged)
    return gguf, check


@contextmanager
def _staged(out: Path) -> Iterator[Path]:
    """A folder beside `out` that becomes `out` if the block ends well, and goes if it doesn't."""
    if out.exists() and not (out / _MARK).is_file() and not (out.is_dir() and not any(out.iterdir())):
        raise ExportUnusable(f"{out} is there and no export of ours; choose another folder")
    if out.resolve() == Path.cwd() or not out.name:
        raise ExportUnusable(f"{str(out)!r} can't be replaced; name a folder of its own")
    out.parent.mkdir(parents=True, exist_ok=True)
    staging, old = (out.with_name(f".{out.name}.{kind}") for kind in ("new", "old"))
    for left in (staging, old):  # from a kill
        shutil.rmtree(left, ignore_errors=True)
    try:
        staging.mkdir()
        yield staging
        if out.exists():
            out.rename(old)
        staging.rename(out)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
        if out.exists():
            shutil.rmtree(old, ignore_errors=True)


def _card(source: Source, form: ExportFormat, gguf: GgufFile | None, check: LogitCheck | None) -> str:
    is_tuned = source.adapter_dir is not None
    head = {
        "license": source.license_name,
        "base_model": source.base_name,
        "library_name": {ExportFormat.ADAPTER: "peft", ExportFormat.MERGED: "transformers"}.get(form, "gguf"),
        "pipeline_tag": "text-generation",
        "tags": ["text-to-cad", "openscad"],
    }
    rows = [
        ("Base", source.base_name),
        ("Tuned", "with CAD Copilot, LoRA" if is_tuned else "no"),
        ("Data", f"sha256 {source.data_digest}" if source.data_digest else "not recorded beside the weights"),
        ("MLflow run", source.run_id or "not recorded beside the weights"),
        ("Licence of the base", source.license_name),
    ]
    lines = ["---", yaml.safe_dump(head, sort_keys=False).strip(), "---", "", f"# {source.base_name}, OpenSCAD", ""]
    lines += ["One sentence about a part in, OpenSCAD source out.", "", "| | |", "|---|---|"]
    lines += [f"| {key} | {value} |" for key, value in rows]
    if gguf is not None:
        lines += _gguf_rows(gguf, check)
    if form is ExportFormat.ADAPTER:
        lines += ["", f'    PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained("{source.base_name}"), "…")']
        lines += ["", "Merge it onto full-precision weights, never into int8 or 4-bit ones."]
    if is_tuned:
        lines += ["", "The licences of the training data are those of the data set's card."]
    return "\n".join(lines) + "\n"


def _gguf_rows(gguf: GgufFile, check: LogitCheck | None) -> list[str]:
    rows = [f"| File | {gguf.path}, {gguf.n_bytes:,} bytes |"]
    if gguf.pre_tokenizer is not None:
        exact = f"{gguf.n_texts - gguf.n_texts_differ} of {gguf.n_texts} texts have the tokenizer's own tokens"
        rows.append(f"| Text split by | {gguf.pre_tokenizer}: {exact} |")
    if check is not None:
        rows.append(
            f"| Logits beside the merged model's | relative error {check.relative_error:.2g}, the same likeliest "
            f"token at {check.same_choice:.1%} of {check.n_positions} positions |"
        )
    if gguf.n_texts_differ:
        rows += ["", "llama.cpp has no expression that splits text as this tokenizer does. For the exact tokens encode"]
        rows += ["the prompt with `tokenizer.json` and pass token ids."]
    return rows


def _license_of(folder: Path) -> str | None:
    """`license:` in the head of a model's card."""
    card = folder / "README.md"
    if not card.is_file():
        return None
    parts = card.read_text(encoding="utf-8").split("---\n", 2)
    if len(parts) < 3 or parts[0]:
        return None
    head = yaml.safe_load(parts[1])
    found = head.get("license") if isinstance(head, dict) else None
    return found if isinstance(found, str) else None


def _read(path: Path) -> dict[str, Any]:
    return read_json(path) if path.is_file() else {}
