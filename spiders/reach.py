"""Where a crawl may go: a foreign site must not send it to this machine or its neighbours.

A redirect, a seed or a file's address is a stranger's word. Used for crawls of foreign sites only: a site on this
machine (a replayed one, an instance of one's own) is reached as it is.
"""

from __future__ import annotations

import ipaddress
from typing import Any
from urllib.parse import urlsplit

from scrapy.exceptions import IgnoreRequest
from scrapy.resolver import CachingThreadedResolver
from twisted.internet.error import DNSLookupError

__all__ = ["PublicHostsMiddleware", "PublicResolver", "is_public"]


def is_public(host: str) -> bool:
    """False for this machine, private and link-local addresses, and names that only a local network has."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_global
    except ValueError:
        name = host.lower().rstrip(".")
        return "." in name and not name.endswith((".localhost", ".local", ".internal", ".home.arpa"))


class PublicHostsMiddleware:
    """Refuses requests by the host's literal name, robots.txt and redirects included."""

    def process_request(self, request: Any) -> None:
        """Raises IgnoreRequest for a host that is not public."""
        if urlsplit(request.url).scheme in ("http", "https") and not is_public(urlsplit(request.url).hostname or ""):
            raise IgnoreRequest("not a public host")


class PublicResolver(CachingThreadedResolver):  # type: ignore[misc]  # Scrapy's classes are untyped here
    """Refuses a public name that leads to an address that is none."""

    def getHostByName(self, name: str, timeout: Any = None) -> Any:
        """The address of a name. Fails with DNSLookupError for one that is not public."""
        return super().getHostByName(name, timeout).addCallback(_only_public)


def _only_public(address: str) -> str:
    if not is_public(address):
        raise DNSLookupError(f"{address} is not a public address")
    return address
