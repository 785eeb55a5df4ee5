"""The credentials of sites: read from the environment of the spider's own process, shown to nobody.

Covers which names a spider may read, and keeping their values out of every log line.
"""

from __future__ import annotations

import base64
import logging
import os
import re
from typing import Any

__all__ = ["basic", "bearer", "hide_secrets", "secret", "without_secrets"]


def secret(name: str) -> str | None:
    """The value of a credential; None where it is not set or blank."""
    return os.environ.get(name, "").strip() or None


def bearer(name: str) -> dict[str, str]:
    """The Authorization header of a token; empty where it is not set."""
    token = secret(name)
    return {"Authorization": f"Bearer {token}"} if token else {}


def basic(user_name: str, password_name: str) -> dict[str, str]:
    """The Authorization header of a user and a key; empty unless both are set."""
    user, password = secret(user_name), secret(password_name)
    if not user or not password:
        return {}
    return {"Authorization": f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"}


_QUERY = re.compile(r"(https?://[^\s?<>\"']+)\?[^\s<>\"']*", re.IGNORECASE)
_hidden: list[str] = []
"""The credentials of this process, once `hide_secrets` was called."""


def without_secrets(text: str) -> str:
    """The text without this process's credentials, and its addresses without their queries: some are signed."""
    for value in _hidden:
        text = text.replace(value, "[secret]")
    return _QUERY.sub(r"\1?[…]", text)


def hide_secrets(names: tuple[str, ...]) -> None:
    """Keep the values of these credentials out of whatever this process logs from here on.

    At the source of every record: Scrapy changes its handlers as it starts.
    """
    values = [value for name in names if (value := secret(name))]
    values += [header.removeprefix("Basic ") for header in (basic(*names) if len(names) == 2 else {}).values()]
    _hidden.extend(values)
    make_record = logging.getLogRecordFactory()

    def make_record_without_secrets(*arguments: Any, **named: Any) -> logging.LogRecord:
        record = make_record(*arguments, **named)
        message = record.getMessage()
        if (clean := without_secrets(message)) != message:
            record.msg, record.args = clean, ()
        return record

    logging.setLogRecordFactory(make_record_without_secrets)
