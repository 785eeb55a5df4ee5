"""Tiers of licences, the policy, and which of two licences counts."""

from __future__ import annotations

import pytest

from corpus.license_tiers import DEFAULT_POLICY, LicensePolicy, conditions_of, judge_license, stricter, tier_of
from corpus.licenses import DEFAULT_ALLOWED, NOASSERTION, detect_choices

TIERS = {
    "CC0-1.0": "permissive",
    "MIT": "permissive",
    "CC-BY-3.0": "permissive",
    "CERN-OHL-P-2.0": "permissive",
    "LicenseRef-PublicDomain": "permissive",
    "LicenseRef-BSD-unversioned": "permissive",
    "GPL-3.0-only": "share_alike",
    "AGPL-3.0-or-later": "share_alike",
    "LicenseRef-LGPL-unversioned": "share_alike",
    "CC-BY-SA-4.0": "share_alike",
    "CERN-OHL-S-2.0": "share_alike",
    "CERN-OHL-W-2.0": "share_alike",
    "MPL-2.0": "share_alike",
    "EUPL-1.2": "share_alike",
    "CC-BY-NC-4.0": "non_commercial",
    "CC-BY-NC-SA-3.0": "non_commercial",
    "CC-BY-ND-4.0": None,
    "CC-BY-NC-ND-4.0": None,
    "LicenseRef-Cults-PU": None,
    NOASSERTION: None,
}


@pytest.mark.parametrize("spdx", TIERS)
def test_every_licence_has_its_tier(spdx: str) -> None:
    assert tier_of(spdx) == TIERS[spdx]


@pytest.mark.parametrize("spdx", sorted(DEFAULT_ALLOWED))
def test_what_the_spiders_take_for_open_is_in_a_tier_of_the_default_policy(spdx: str) -> None:
    assert tier_of(spdx) in DEFAULT_POLICY.tiers


def test_the_policy_allows_quarantines_and_refuses() -> None:
    verdicts = {
        "MIT": ("permissive", ""),
        "GPL-2.0-only": ("share_alike", ""),
        "CC-BY-NC-4.0": (None, "quarantined_non_commercial"),
        "CC-BY-ND-4.0": (None, "license_refused"),
        "LicenseRef-Cults-PU": (None, "unknown_license"),
        NOASSERTION: (None, "no_license"),
    }
    assert {spdx: judge_license(spdx, DEFAULT_POLICY) for spdx in verdicts} == verdicts
    every = LicensePolicy(frozenset({"permissive", "non_commercial"}), refused=frozenset({"MIT"}))
    assert judge_license("CC-BY-NC-SA-4.0", every) == ("non_commercial", "")
    assert judge_license("CC-BY-NC-ND-4.0", every) == (None, "license_refused")
    assert judge_license("CC-BY-SA-4.0", every) == (None, "quarantined_share_alike")
    assert judge_license("MIT", every) == (None, "license_refused")
    with pytest.raises(ValueError, match="no such tier: open"):
        LicensePolicy(frozenset({"open"}))  # type: ignore[arg-type]


def test_the_stricter_of_two_licences_counts() -> None:
    assert stricter("CC-BY-4.0", "GPL-3.0-only") == "GPL-3.0-only"
    assert stricter("GPL-3.0-only", "CC-BY-4.0") == "GPL-3.0-only"
    assert stricter("CC0-1.0", "CC-BY-NC-4.0") == "CC-BY-NC-4.0"
    assert stricter("CC-BY-SA-4.0", "CC-BY-NC-SA-4.0") == "CC-BY-NC-SA-4.0"
    assert stricter("LGPL-2.1-only", "GPL-2.0-or-later") == "GPL-2.0-or-later"
    assert stricter("CC-BY-4.0", "CC-BY-3.0") == "CC-BY-3.0"
    assert stricter(NOASSERTION, "MIT") == "MIT"
    assert stricter("MIT", NOASSERTION) == "MIT"
    assert stricter("LicenseRef-Cults-PU", "MIT") == "LicenseRef-Cults-PU"


@pytest.mark.parametrize(
    "pair", [("GPL-3.0-only", "CC-BY-SA-4.0"), ("CC-BY-NC-4.0", "GPL-2.0-only"), ("CC-BY-NC-4.0", "CC-BY-SA-4.0")]
)
def test_two_licences_that_cannot_both_hold_are_a_conflict(pair: tuple[str, str]) -> None:
    assert stricter(*pair) is None
    assert stricter(*reversed(pair)) is None


@pytest.mark.parametrize("first", TIERS)
def test_a_licence_beside_itself_stays(first: str) -> None:
    assert stricter(first, first) == first
    assert conditions_of(first) is not None or tier_of(first) is None


def test_a_choice_of_licences_is_read_whole() -> None:
    assert detect_choices("// Dual licenced under CC BY-SA 3.0 and LGPL2 or later\n") == (
        "CC-BY-SA-3.0",
        "LGPL-2.0-or-later",
    )
    assert detect_choices("// SPDX-License-Identifier: MIT OR GPL-2.0-only\n") == ("MIT", "GPL-2.0-only")
    assert detect_choices("// nothing\n") == ()
