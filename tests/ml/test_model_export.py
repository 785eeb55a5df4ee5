"""Exports of a tuned model: each loads with what it is for, and a failed one leaves nothing behind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from finetune_case import TinyCase

from ml.config import load_config
from ml.export import ExportFormat, ExportUnusable, export_model, find_source
from ml.gguf_vocab import GgufUnsupported
from ml.model import ModelMissing, attach_lora, load_adapter, load_base, load_merged, save_adapter
from ml.run_folder import write_json

IDS = torch.arange(40).reshape(2, 20)


@pytest.fixture
def adapter(tiny_case: TinyCase, tmp_path: Path) -> Path:
    """An adapter that changes the logits, in the folder of a fine-tune."""
    torch.manual_seed(1)
    config = load_config("tiny", {"base_model": str(tiny_case.base), "quantization": "none"})
    model = attach_lora(load_base(config.base_model), config)
    for name, weight in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight, std=0.1)
    folder = tmp_path / "run" / "adapter"
    folder.parent.mkdir()
    save_adapter(model, folder, base_model=str(tiny_case.base))
    write_json(folder.parent / "settings.json", {"data_digest": "d1ge57"})
    write_json(folder.parent / "run.json", {"run_id": "run-1"})
    return folder


def test_an_adapter_loads_by_peft_and_says_where_it_comes_from(
    adapter: Path, tiny_case: TinyCase, tmp_path: Path
) -> None:
    source = find_source(str(adapter), license_name="llama3.1")
    report = export_model(source, tmp_path / "out", ExportFormat.ADAPTER)
    ours, theirs = (load_adapter(load_base(str(tiny_case.base)), f) for f in (adapter, tmp_path / "out"))
    with torch.no_grad():
        assert torch.equal(ours(IDS).logits, theirs(IDS).logits)
    assert (report.data_digest, report.run_id, report.license_name) == ("d1ge57", "run-1", "llama3.1")
    card = (tmp_path / "out" / "README.md").read_text()
    assert "license: llama3.1" in card
    assert "d1ge57" in card
    assert str(tmp_path) not in card + (tmp_path / "out" / "export.json").read_text()
    again = find_source(str(tmp_path / "out"), base_model=str(tiny_case.base))
    assert (again.data_digest, again.run_id) == ("d1ge57", "run-1")


def test_a_merged_folder_loads_by_transformers_alone(adapter: Path, tiny_case: TinyCase, tmp_path: Path) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig

    export_model(find_source(str(adapter.parent)), tmp_path / "out", ExportFormat.MERGED)
    model = AutoModelForCausalLM.from_pretrained(str(tmp_path / "out"))
    with torch.no_grad():
        logits = model(IDS).logits
        assert torch.equal(logits, load_merged(str(tiny_case.base), adapter)(IDS).logits)
        assert not torch.allclose(logits, load_base(str(tiny_case.base))(IDS).logits, atol=0.01)
    tokenizer = AutoTokenizer.from_pretrained(str(tmp_path / "out"))
    asked = tokenizer.apply_chat_template([{"role": "user", "content": "a cube"}], tokenize=False)
    assert asked == "<|user|>a cube"
    generation = GenerationConfig.from_pretrained(str(tmp_path / "out"))
    assert (generation.eos_token_id, generation.pad_token_id) == (tokenizer.eos_token_id, tokenizer.pad_token_id)
    assert (tmp_path / "out" / "model.safetensors").is_file()


def test_a_tuned_gguf_is_checked_against_the_merged_model(adapter: Path, tmp_path: Path) -> None:
    report = export_model(find_source(str(adapter)), tmp_path / "out", ExportFormat.GGUF_F16, is_checked=True)
    assert report.gguf is not None
    assert report.check is not None
    assert report.check.relative_error <= 0.002
    files = {f.name for f in (tmp_path / "out").iterdir()}
    assert {report.gguf.path, "tokenizer.json", "README.md", "export.json"} <= files
    assert ".merged" not in files
    assert json.loads((tmp_path / "out" / "export.json").read_text())["format"] == "gguf-f16"


def test_a_failed_export_leaves_the_old_one(adapter: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "exports" / "out"
    source = find_source(str(adapter))
    export_model(source, out, ExportFormat.ADAPTER)
    before = {f.name: f.read_bytes() for f in out.iterdir()}

    def fail(*_: object, **__: object) -> None:
        raise GgufUnsupported("no")

    with monkeypatch.context() as patch:
        patch.setattr("ml.export.write_gguf", fail)
        with pytest.raises(GgufUnsupported):
            export_model(source, out, ExportFormat.GGUF_F16)
    assert {f.name: f.read_bytes() for f in out.iterdir()} == before
    assert [f.name for f in out.parent.iterdir()] == ["out"]
    export_model(source, out, ExportFormat.MERGED)
    assert not (out / "adapter_model.safetensors").exists()
    assert [f.name for f in out.parent.iterdir()] == ["out"]


def test_a_folder_of_someone_elses_is_not_replaced(adapter: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    with pytest.raises(ExportUnusable, match="no export of ours"):
        export_model(find_source(str(adapter)), tmp_path / "mine", ExportFormat.ADAPTER)
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "years of work"


def test_what_cannot_be_exported_is_told_before_any_work(tiny_case: TinyCase, tmp_path: Path) -> None:
    source = find_source(str(tiny_case.base))
    with pytest.raises(ExportUnusable, match="no adapter"):
        export_model(source, tmp_path / "out", ExportFormat.ADAPTER)
    with pytest.raises(ExportUnusable, match="only a GGUF can be checked"):
        export_model(source, tmp_path / "out", ExportFormat.MERGED, is_checked=True)
    with pytest.raises(ModelMissing, match="neither"):
        find_source(str(tmp_path))
    with pytest.raises(ModelMissing, match="no model folder"):
        find_source(str(tmp_path / "nowhere"))
    assert not (tmp_path / "out").exists()
