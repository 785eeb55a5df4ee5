"""Answers whose body goes wrong on its way: cut in the middle, or in drops."""

from __future__ import annotations

import asyncio

from aiohttp import web

__all__ = ["cut", "trickle"]

_N_DROPS = 20


async def cut(request: web.BaseRequest, response: web.Response, *, is_chunked: bool) -> web.StreamResponse:
    """The first half of the body, then nothing: the connection is gone.

    The headers give the length of the whole or, as codeload.github.com sends its archives, none at all.
    """
    body = _body_of(response)
    half = web.StreamResponse(status=response.status, headers=response.headers)
    if is_chunked:
        half.enable_chunked_encoding()
    else:
        half.content_length = len(body)
    await half.prepare(request)
    await half.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.abort()
    return half


async def trickle(request: web.BaseRequest, response: web.Response, seconds: float) -> web.StreamResponse:
    """The answer in drops, the last one after so many seconds of real time."""
    body = _body_of(response)
    slow = web.StreamResponse(status=response.status, headers=response.headers)
    slow.content_length = len(body)
    await slow.prepare(request)
    n_each = -(-len(body) // _N_DROPS)
    for start in range(0, len(body), n_each):
        await asyncio.sleep(seconds / _N_DROPS)
        try:
            await slow.write(body[start : start + n_each])
        except ConnectionError:  # the asker has had enough
            break
    return slow


def _body_of(response: web.Response) -> bytes:
    return bytes(response.body) if isinstance(response.body, bytes | bytearray) else b""
