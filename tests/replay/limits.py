"""A site's declared request limits, kept by its own clock, and the words in which it says "come back later"."""

from __future__ import annotations

import math
import time
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

__all__ = ["STYLES", "Limit", "Window", "later_headers"]

STYLES = ("retry_after_seconds", "http_date", "epoch", "iso")


@dataclass(frozen=True)
class Limit:
    """At most `n` requests in any `seconds` of the site's time, on one host, below one path."""

    host: str
    n: int
    seconds: float
    path_prefix: str = ""
    style: str = "retry_after_seconds"
    """How the site says when to come back; one of STYLES. `epoch` answers 403 as GitHub does, the others 429."""


@dataclass
class Window:
    """The requests of one limit that still count. The site's clock runs `clock_speed` times as fast as ours."""

    limit: Limit
    clock_speed: float
    times: deque[float] = field(default_factory=deque)

    def take(self) -> bool:
        """True if one more request is allowed now; it then counts."""
        now = time.monotonic() * self.clock_speed
        while self.times and self.times[0] <= now - self.limit.seconds:
            self.times.popleft()
        if len(self.times) >= self.limit.n:
            return False
        self.times.append(now)
        return True

    def wait_seconds(self) -> float:
        """Until the oldest request stops counting, in the site's seconds."""
        if not self.times:
            return 0.0
        return max(0.0, self.times[0] + self.limit.seconds - time.monotonic() * self.clock_speed)

    def headers(self) -> dict[str, str]:
        """What is left, in the limit's style; the styles of Retry-After say nothing beforehand."""
        if self.limit.style not in ("epoch", "iso"):
            return {}
        left = self.limit.n - len(self.times)
        return {
            "X-RateLimit-Limit": str(self.limit.n),
            "X-RateLimit-Remaining": str(left),
            **later_headers(self.limit.style, self.wait_seconds()),
        }


def later_headers(style: str, seconds: float) -> dict[str, str]:
    """The header that asks to come back in so many seconds; none for an unknown style."""
    moment = datetime.now(UTC) + timedelta(seconds=seconds)
    return {
        "retry_after_seconds": {"Retry-After": str(math.ceil(seconds))},
        "http_date": {"Retry-After": format_datetime(moment + timedelta(seconds=1), usegmt=True)},
        "epoch": {"X-RateLimit-Reset": str(math.ceil(moment.timestamp()))},
        "iso": {"X-RateLimit-Reset": moment.isoformat().replace("+00:00", "Z")},
    }.get(style, {})
