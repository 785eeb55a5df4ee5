"""Which licences go into which part of the data set, and what counts where two are named.

Pure. Three answers: allowed in a tier, quarantined (kept in `crawled`, left out until somebody knows more or the policy
changes), refused. Covers SPDX ids as `corpus.licenses` gives them; it reads no licence text and is no legal advice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from corpus.licenses import NOASSERTION

__all__ = [
    "DEFAULT_POLICY",
    "Conditions",
    "LicensePolicy",
    "Tier",
    "conditions_of",
    "judge_license",
    "stricter",
    "tier_of",
]

Tier = Literal["permissive", "share_alike", "non_commercial"]


@dataclass(frozen=True)
class LicensePolicy:
    """What may go into `examples`."""

    tiers: frozenset[Tier] = frozenset({"permissive", "share_alike"})
    """`non_commercial` only by request, for then the whole data set is not free to use."""
    refused: frozenset[str] = frozenset()
    """SPDX ids to leave out, whatever their tier."""

    def __post_init__(self) -> None:
        unknown = self.tiers - {"permissive", "share_alike", "non_commercial"}
        if unknown:
            raise ValueError(f"no such tier: {', '.join(sorted(unknown))}; use permissive, share_alike, non_commercial")


DEFAULT_POLICY = LicensePolicy()

Conditions = frozenset[str]
"""What a licence asks for: `credit`, `share:<family>`, `strong`, `network`, `nc`, `nd`."""

_FREE = frozenset(("0BSD", "CC0-1.0", "LicenseRef-PublicDomain", "MIT-0", "Unlicense", "WTFPL"))
_CREDIT = frozenset(
    ("Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CERN-OHL-P-2.0", "ISC", "LicenseRef-BSD-unversioned")
    + ("MIT", "Zlib")
)
_SHARE = {
    "CERN-OHL-S-2.0": ("share:cern", "strong"),
    "CERN-OHL-W-2.0": ("share:cern",),
    "EUPL-1.2": ("share:eupl",),
    "MPL-2.0": ("share:mpl",),
}
_GNU = {"LGPL": ("share:gnu",), "GPL": ("share:gnu", "strong"), "AGPL": ("share:gnu", "strong", "network")}


def conditions_of(spdx: str) -> Conditions | None:
    """What a licence asks for; None for one that isn't known."""
    if spdx in _FREE:
        return frozenset()
    if spdx in _CREDIT:
        return frozenset({"credit"})
    if spdx in _SHARE:
        return frozenset({"credit", *_SHARE[spdx]})
    parts = spdx.removeprefix("LicenseRef-").split("-")
    if parts[0] in _GNU and len(parts) > 1:
        return frozenset({"credit", *_GNU[parts[0]]})
    if parts[:2] == ["CC", "BY"]:
        marks = {"SA": "share:cc", "NC": "nc", "ND": "nd"}
        return frozenset({"credit", *(marks[part] for part in parts[2:-1] if part in marks)})
    return None


def tier_of(spdx: str) -> Tier | None:
    """The tier of a licence; None for no licence, an unknown one, and one that forbids derivatives."""
    conditions = conditions_of(spdx)
    if conditions is None or "nd" in conditions:
        return None
    if "nc" in conditions:
        return "non_commercial"
    return "share_alike" if any(c.startswith("share:") for c in conditions) else "permissive"


def judge_license(spdx: str, policy: LicensePolicy) -> tuple[Tier | None, str]:
    """(tier, ""), or (None, reason).

    `no_license` and `unknown_license`: quarantined, for silence is no permission. `quarantined_<tier>`: known, but not
    asked for by the policy. `license_refused`: no derivatives (a cleaned source is one), or refused by the policy.
    """
    conditions = conditions_of(spdx)
    if spdx == NOASSERTION:
        return None, "no_license"
    if conditions is None:
        return None, "unknown_license"
    tier = tier_of(spdx)
    if tier is None or spdx in policy.refused:
        return None, "license_refused"
    return (tier, "") if tier in policy.tiers else (None, f"quarantined_{tier}")


def stricter(listed: str, noticed: str) -> str | None:
    """The one of two licences that counts; None where they contradict one another.

    `listed` is what the site says, `noticed` what stands in the file. One whose conditions include the other's counts;
    with equal conditions the file's own. GPL and CC-BY-SA, or GPL and non-commercial, can't both hold: None. A licence
    beside NOASSERTION counts alone; beside an unknown one it says nothing, and the unknown one stays.
    """
    if NOASSERTION in (listed, noticed):
        return noticed if listed == NOASSERTION else listed
    ours, theirs = conditions_of(listed), conditions_of(noticed)
    if ours is None or theirs is None:
        return listed if ours is None else noticed
    if ours <= theirs:
        return noticed
    return listed if theirs < ours else None
