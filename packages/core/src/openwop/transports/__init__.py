"""The transports that come with openwop: the only modules that import an HTTP library.

`HttpxTransport` and `AsyncHttpxTransport` are the default.  `Urllib3Transport` (extra `urllib3`) is
the faster blocking one, `AiohttpTransport` (extra `aiohttp`) the faster one for asyncio; give them
to a client as `transport=`.  Each is imported when it is first looked at, so that `import openwop`
imports no HTTP library.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openwop.transports._aiohttp import AiohttpTransport as AiohttpTransport
    from openwop.transports._httpx_async import AsyncHttpxTransport as AsyncHttpxTransport
    from openwop.transports._httpx_sync import HttpxTransport as HttpxTransport
    from openwop.transports._urllib3_sync import Urllib3Transport as Urllib3Transport

__all__ = ["AiohttpTransport", "AsyncHttpxTransport", "HttpxTransport", "Urllib3Transport"]

_HOMES = {
    "AiohttpTransport": "openwop.transports._aiohttp",
    "AsyncHttpxTransport": "openwop.transports._httpx_async",
    "HttpxTransport": "openwop.transports._httpx_sync",
    "Urllib3Transport": "openwop.transports._urllib3_sync",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
