"""Settings: every one documented, none unknown, values checked."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from flows.settings import PREFIX, TOKEN_NAMES, Settings, SettingsError, child_environment, load_settings

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


def test_the_settings_page_names_every_setting_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `(CAD_COPILOT_\w+)` \| ?(.*?) ?\|", PAGE.read_text(), re.M))
    expected = {}
    for field in dataclasses.fields(Settings):
        default = ",".join(field.default) if isinstance(field.default, tuple) else str(field.default)
        expected[PREFIX + field.name.upper()] = f"`{default.removesuffix('.0')}`" if default else ""
    assert rows == expected


def test_the_settings_page_names_every_token() -> None:
    page = PAGE.read_text()
    assert [name for name in TOKEN_NAMES if f"`{name}`" not in page] == []


def test_values_are_parsed_to_their_types() -> None:
    env = {
        "CAD_COPILOT_DATA_DIR": "elsewhere",
        "CAD_COPILOT_N_WORKERS": "3",
        "CAD_COPILOT_COMPILE_TIMEOUT_SECONDS": "2.5",
        "CAD_COPILOT_SOURCES": "gallery, bosl2",
        "PATH": "ignored",
    }
    settings = load_settings(env)
    assert settings == Settings(
        Path("elsewhere"), n_workers=3, compile_timeout_seconds=2.5, sources=("gallery", "bosl2")
    )


def test_an_override_wins_over_the_environment_and_none_does_not() -> None:
    env = {"CAD_COPILOT_ENGINE": "native"}
    assert load_settings(env, engine="wasm").engine == "wasm"
    assert load_settings(env, engine=None).engine == "native"


@pytest.mark.parametrize(
    ("env", "message"),
    [
        ({"CAD_COPILOT_N_WORKER": "2"}, "did you mean CAD_COPILOT_N_WORKERS?"),
        ({"CAD_COPILOT_ZZZ": "2"}, "docs/settings.md"),
        ({"CAD_COPILOT_N_WORKERS": "many"}, "'many' is not a int"),
        ({"CAD_COPILOT_N_WORKERS": "-1"}, "0 or more"),
        ({"CAD_COPILOT_SOURCES": "thingyverse"}, "known: bosl2"),
        ({"CAD_COPILOT_PREFECT_PORT": "70000"}, "1 to 65535"),
        ({"CAD_COPILOT_COMPILE_TIMEOUT_SECONDS": "0"}, "above 0"),
    ],
)
def test_a_setting_that_cannot_be_used_is_one_line_that_names_it(env: dict[str, str], message: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(message)) as error:
        load_settings(env)
    assert "\n" not in str(error.value)


def test_only_the_settings_module_reads_our_variables() -> None:
    root = PAGE.parents[1]
    sources = [p for room in ("flows", "corpus", "render", "ml", "spiders") for p in (root / room).rglob("*.py")]
    pattern = re.compile(r"(environ|getenv)[^\n]*CAD_COPILOT_")
    assert [p.relative_to(root).as_posix() for p in sources if pattern.search(p.read_text())] == []


def test_a_child_gets_an_absolute_data_folder_and_no_telemetry(tmp_path: Path) -> None:
    env = child_environment(Settings(data_dir=tmp_path / "x" / ".." / "y"), EXTRA="1")
    assert env["CAD_COPILOT_DATA_DIR"] == str(tmp_path / "y")
    assert (env["MLFLOW_DISABLE_TELEMETRY"], env["DO_NOT_TRACK"], env["EXTRA"]) == ("true", "1", "1")
