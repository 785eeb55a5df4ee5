"""Options of spiders: what YAML and command lines give, and what is refused in one line that names the option."""

from __future__ import annotations

from typing import Any

import pytest

from spiders.sites.base import SpiderUsageError
from spiders.sites.options import parse_size, parse_switch, parse_words


def test_lists_come_from_yaml_and_from_command_lines() -> None:
    assert parse_words("terms", " a, b ,,a") == parse_words("terms", ["a", "b", "a"]) == ("a", "b")
    assert parse_words("terms", None) == parse_words("terms", "") == parse_words("terms", []) == ()
    assert parse_words("years", ["x", 7]) == ("x", "7")


@pytest.mark.parametrize("value", [7, 0, True, False, 1.5, {"mit": 1}, ["mit", ["isc"]], [None], [{}]])
def test_what_is_no_list_of_words_is_refused_by_the_options_name(value: Any) -> None:
    with pytest.raises(SpiderUsageError, match=r"^licenses=.* is not a list of words$"):
        parse_words("licenses", value)


@pytest.mark.parametrize(("value", "is_on"), [(True, True), ("yes", True), ("0", False), ("False", False)])
def test_switches_are_read(value: bool | str, is_on: bool) -> None:
    assert parse_switch("seeds", value) is is_on


def test_an_unclear_switch_is_refused() -> None:
    with pytest.raises(SpiderUsageError, match="seeds='perhaps'"):
        parse_switch("seeds", "perhaps")


@pytest.mark.parametrize("value", ["0", 0, -1, "", "1.5", "\u0663", "9" * 10, None, True])
def test_a_size_is_a_positive_whole_number(value: Any) -> None:
    assert parse_size("max_repo_kb", "64") == parse_size("max_repo_kb", 64) == 64
    with pytest.raises(SpiderUsageError, match="max_repo_kb"):
        parse_size("max_repo_kb", value)
