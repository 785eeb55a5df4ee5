"""Settings: every shipped file loads, and nothing wrong gets through in silence."""

from __future__ import annotations

import ast
import dataclasses
import itertools
from pathlib import Path

import pytest
import yaml

import ml.config
from ml.config import ConfigError, FinetuneConfig, Quantization, Split, config_names, load_config, parse_overrides

CONFIGS = Path(ml.config.__file__).parent / "configs"


def test_every_shipped_config_loads_and_says_how_it_is_run() -> None:
    assert len(config_names()) >= 11
    for name in config_names():
        load_config(name)
        first_line = (CONFIGS / f"{name}.yaml").read_text(encoding="utf-8").splitlines()[0]
        assert first_line == f"# cad-copilot finetune --config {name}"


def test_the_configs_for_cards_take_sixteen_packed_sequences_a_step() -> None:
    big = [load_config(name) for name in config_names() if name != "tiny"]
    assert {(config.n_examples_per_step, config.is_packed) for config in big} == {(16, True)}


def test_each_value_of_a_shipped_config_has_its_reason() -> None:
    for name in config_names():
        if name == "tiny":
            continue
        lines = (CONFIGS / f"{name}.yaml").read_text(encoding="utf-8").splitlines()
        assert [line for line in lines if line and not line.startswith("#") and "# " not in line] == []


def test_the_settings_of_cards_and_variants_default_to_none_of_them() -> None:
    config = load_config("tiny")
    assert (config.split, config.n_cards, config.card_memory_gb) == (Split.DDP, None, None)
    assert (config.is_packed, config.lora_use_rslora, config.lora_use_dora) == (False, False, False)


def test_every_field_has_a_docstring() -> None:
    module = ast.parse(Path(ml.config.__file__).read_text(encoding="utf-8"))
    (body,) = (node.body for node in module.body if isinstance(node, ast.ClassDef) and node.name == "FinetuneConfig")
    fields = [(node, after) for node, after in itertools.pairwise(body) if isinstance(node, ast.AnnAssign)]
    assert len(fields) == len(dataclasses.fields(FinetuneConfig))
    for field, after in fields:
        assert isinstance(after, ast.Expr), ast.unparse(field)
        assert isinstance(after.value, ast.Constant), ast.unparse(field)


def test_an_unknown_key_is_an_error_that_names_it_and_the_nearest() -> None:
    with pytest.raises(ConfigError, match="unknown setting 'lora_rnk'; the nearest one is 'lora_rank'"):
        load_config("tiny", {"lora_rnk": 8})


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"n_steps": 2.5}, "n_steps: 2.5 is not a whole number"),
        ({"n_steps": True}, "n_steps: True is not a whole number"),
        ({"n_steps": float("inf")}, "not a whole number"),
        ({"n_steps": 0}, "n_steps=0 must be more than 0"),
        ({"learning_rate": "fast"}, "learning_rate: 'fast' is not a number"),
        ({"learning_rate": float("nan")}, "must be more than 0"),
        ({"quantization": "int9"}, "not one of int8, nf4, none"),
        ({"is_gradient_checkpointing": 1}, "not true or false"),
        ({"lora_target_modules": "q_proj"}, "not a list of names"),
        ({"lora_target_modules": []}, "nothing would be trained"),
        ({"lora_dropout": 1.0}, "below 1"),
        ({"n_epochs": 1}, "exactly one of n_steps and n_epochs"),
        ({"n_steps": None}, "exactly one of n_steps and n_epochs"),
        ({"n_warmup_steps": 100_000}, "more than n_steps"),
        ({"n_checkpoints_kept": 1}, "keep 2 or more"),
        ({"geometry_eval_every_steps": 300}, "must be a multiple of eval_every_steps=200"),
        ({"early_stopping_patience": 0}, "early_stopping_patience=0 must be more than 0"),
        ({"max_loss_ratio": 1}, "must be more than 1"),
        ({"base_model": ""}, "base_model is empty"),
        ({"card_memory_gb": 0}, "card_memory_gb=0.0 must be more than 0"),
        ({"split": "columns"}, "not one of ddp, layers"),
        ({"n_cards": 2}, "with split=ddp set n_processes"),
        ({"split": "layers", "n_cards": 2, "card_memory_gb": 24}, "set n_processes to 1, not 2"),
        ({"split": "layers", "n_processes": 1, "card_memory_gb": 24}, "give 2 or more, not None"),
        ({"split": "layers", "n_processes": 1, "n_cards": 2}, "give card_memory_gb"),
    ],
)
def test_a_setting_that_cannot_be_is_refused(overrides: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_config("tiny", overrides)


def test_numbers_in_scientific_notation_are_numbers() -> None:
    assert load_config("tiny", parse_overrides(["learning_rate=3e-4"])).learning_rate == 3e-4


def test_overrides_are_read_as_yaml() -> None:
    config = load_config("tiny", parse_overrides(["lora_target_modules=[q_proj]", "n_steps=null", "n_epochs=2"]))
    assert (config.lora_target_modules, config.n_steps, config.n_epochs) == (("q_proj",), None, 2.0)
    with pytest.raises(ConfigError, match="expected key=value"):
        parse_overrides(["n_steps"])


def test_a_file_of_ones_own_is_a_config(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump({"quantization": "nf4", "n_steps": 5}), encoding="utf-8")
    assert load_config(path).quantization is Quantization.NF4


@pytest.mark.parametrize("content", ["- a\n- b\n", "a: [1\n", ""])
def test_a_file_that_is_no_config_is_one_line(tmp_path: Path, content: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert "\n" not in str(caught.value)


def test_a_missing_config_names_the_shipped_ones() -> None:
    with pytest.raises(ConfigError, match="tiny"):
        load_config("no-such-config")
