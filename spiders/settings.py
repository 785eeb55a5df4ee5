"""Scrapy settings of every spider: polite by default, quick only towards this very machine.

Covers the crawler's manners (robots.txt, one request at a time, an honest name) and its limits
(sizes, timeouts). Which spider runs, and where it writes, is `spiders.run`'s business.
"""

from __future__ import annotations

import importlib.metadata
import ipaddress
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

__all__ = ["crawler_settings", "is_loopback_url", "project_version", "user_agent"]

MAX_DOWNLOAD_BYTES = 4 << 20
"""The largest page or file taken; real .scad files over 1 MiB are embedded meshes."""

MAX_RATE_LIMIT_WAIT_SECONDS = 900.0
"""A site that asks for a longer pause is left for the next night."""

MAX_RETRIES = 6
"""Asked again this often: with one answer in eight bad, one request in two million fails for good."""

_FOREIGN_DELAY_SECONDS = 1.0
_TIMEOUT_SECONDS = 30


@cache
def project_version() -> str:
    """The installed project's version, as rows record it."""
    return importlib.metadata.version("cad-copilot")


def user_agent(contact: str) -> str:
    """The name this crawler gives: what it is, and whom to write to."""
    return f"cad-copilot/{project_version()} (OpenSCAD dataset builder; contact: {contact or 'none given'})"


def is_loopback_url(url: str) -> bool:
    """True if the URL's host is this machine by its literal name; no DNS is asked."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def crawler_settings(
    *,
    is_loopback: bool,
    contact: str = "",
    slots: Mapping[str, float] | None = None,
    clock_speed: float | None = None,
    max_wait_seconds: float = MAX_RATE_LIMIT_WAIT_SECONDS,
    log_file: Path | None = None,
) -> dict[str, Any]:
    """The settings of one run. `is_loopback` lifts the pauses, never robots.txt or the size caps.

    `slots`: download slot → the least seconds between two of its requests, as the site's limits have it.
    `clock_speed`: towards a replayed site on this machine, pauses are kept but that many times shorter.
    """
    is_hurried = is_loopback and clock_speed is None
    speed = clock_speed or 1.0
    settings: dict[str, Any] = {
        "BOT_NAME": "cad-copilot",
        "USER_AGENT": user_agent(contact),
        "ROBOTSTXT_OBEY": True,
        "ROBOTSTXT_USER_AGENT": "cad-copilot",
        "COOKIES_ENABLED": False,
        "AUTOTHROTTLE_ENABLED": not is_loopback,
        "AUTOTHROTTLE_START_DELAY": _FOREIGN_DELAY_SECONDS,
        "AUTOTHROTTLE_TARGET_CONCURRENCY": 1.0,
        "DOWNLOAD_DELAY": 0.0 if is_hurried else _FOREIGN_DELAY_SECONDS / speed,
        "DOWNLOAD_SLOTS": {
            name: {
                "concurrency": 8 if is_hurried else 1,
                "delay": 0.0 if is_hurried else seconds / speed,
                "jitter": 0.0,
            }
            for name, seconds in (slots or {}).items()
        },
        # A rate limit pauses requests before they reach the download queue; with one in flight none slips past it.
        "CONCURRENT_REQUESTS": 8 if is_loopback else 1,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 8 if is_hurried else 1,
        "CLOCK_SPEED": speed,
        "DOWNLOAD_MAXSIZE": MAX_DOWNLOAD_BYTES,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_TIMEOUT": _TIMEOUT_SECONDS,
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "REDIRECT_MAX_TIMES": 5,
        "RETRY_TIMES": MAX_RETRIES,
        "METAREFRESH_ENABLED": False,
        "HTTPPROXY_ENABLED": not is_loopback,
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,  # Scrapy 2.19's default opens a port that runs Python
        "DOWNLOADER_MIDDLEWARES": {
            "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
            "spiders.middlewares.RobotsMiddleware": 100,
            "spiders.middlewares.RateLimitMiddleware": 555,
            "spiders.middlewares.RevalidateMiddleware": 580,
        },
        "RATE_LIMIT_MAX_WAIT_SECONDS": max_wait_seconds,
        "ITEM_PIPELINES": {"spiders.pipelines.RowPipeline": 900},
        "STATS_DUMP": False,
        "LOG_ENABLED": log_file is not None,
        "LOG_LEVEL": "INFO",
    }
    if not is_loopback:
        settings["DNS_RESOLVER"] = "spiders.reach.PublicResolver"
        settings["DOWNLOADER_MIDDLEWARES"]["spiders.reach.PublicHostsMiddleware"] = 50
    if log_file is not None:
        settings["LOG_FILE"] = str(log_file)
    return settings
