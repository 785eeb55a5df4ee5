"""Which requests a replayed site spoils, and how: the same ones on every run.

Pure. A request is judged by its text and by how often it was asked before, so that asking again can succeed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["NO_FAULTS", "ROUGH_WEATHER", "Fault", "Faults"]


class Fault(StrEnum):
    NONE = "none"
    TOO_MANY = "429"
    UNAVAILABLE = "503"
    CUT = "cut"
    SLOW = "slow"


@dataclass(frozen=True)
class Faults:
    """The share of requests that get each fault."""

    p_429: float = 0.0
    p_503: float = 0.0
    p_cut: float = 0.0
    seed: int = 0
    p_slow: float = 0.0
    """Bodies that come in drops, whole in the end."""

    def of(self, request_key: str, n_asked_before: int) -> Fault:
        """The fault of this request when it comes for the (n + 1)-th time."""
        digest = hashlib.blake2b(f"{self.seed} {request_key} {n_asked_before}".encode(), digest_size=8).digest()
        chance = int.from_bytes(digest) / 2**64
        shares = (
            *((self.p_429, Fault.TOO_MANY), (self.p_503, Fault.UNAVAILABLE)),
            *((self.p_cut, Fault.CUT), (self.p_slow, Fault.SLOW)),
        )
        for share, fault in shares:
            if chance < share:
                return fault
            chance -= share
        return Fault.NONE


NO_FAULTS = Faults()
ROUGH_WEATHER = Faults(p_429=0.05, p_503=0.05, p_cut=0.02)
