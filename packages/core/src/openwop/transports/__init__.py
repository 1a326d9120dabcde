"""The transports that come with openwop: the only modules that import an HTTP library.

`HttpxTransport` and `AsyncHttpxTransport` are the default.  Each is imported when it is first
looked at, so that `import openwop` does not import httpx.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openwop.transports._httpx_async import AsyncHttpxTransport as AsyncHttpxTransport
    from openwop.transports._httpx_sync import HttpxTransport as HttpxTransport

__all__ = ["AsyncHttpxTransport", "HttpxTransport"]

_HOMES = {
    "AsyncHttpxTransport": "openwop.transports._httpx_async",
    "HttpxTransport": "openwop.transports._httpx_sync",
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
