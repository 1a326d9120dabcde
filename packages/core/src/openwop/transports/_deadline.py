"""Wall-clock bounds for blocking sockets.

httpx bounds the silence between two reads, so a host that sends a byte at a time can hold a call
for as long as it likes.  This network backend bounds every read and write by what is left of the
whole: the transport says until when, for the thread that does its I/O.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any

__all__ = ["Until", "install"]

_SLICE = 65536


class Until(threading.local):
    """Until when the I/O of the current thread may take, in `time.monotonic` seconds."""

    moment: float | None = None

    def bound(self, timeout: float | None, expired: Callable[[str], Exception]) -> float | None:
        """Return the smaller of *timeout* and what is left.

        Raises:
            Exception: What *expired* makes, where nothing is left.
        """
        if self.moment is None:
            return timeout
        left = self.moment - time.monotonic()
        if left <= 0:
            raise expired("the time for the whole exchange is over")
        return left if timeout is None else min(timeout, left)


class _Stream:
    """A stream of httpcore's whose reads and writes end in time."""

    def __init__(self, stream: Any, core: ModuleType, until: Until) -> None:
        self._stream = stream
        self._core = core
        self._until = until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        bound = self._until.bound(timeout, self._core.ReadTimeout)
        data: bytes = self._stream.read(max_bytes, bound)
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        # In slices, since a slow reader gets the bound anew with each part it takes.
        for start in range(0, len(buffer), _SLICE):
            bound = self._until.bound(timeout, self._core.WriteTimeout)
            self._stream.write(buffer[start : start + _SLICE], bound)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: Any = None, timeout: float | None = None
    ) -> _Stream:
        bound = self._until.bound(timeout, self._core.ConnectTimeout)
        stream = self._stream.start_tls(ssl_context, server_hostname, bound)
        return _Stream(stream, self._core, self._until)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Backend:
    """A network backend of httpcore's whose connections end in time."""

    def __init__(self, backend: Any, core: ModuleType, until: Until) -> None:
        self._backend = backend
        self._core = core
        self._until = until

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, **more: Any
    ) -> _Stream:
        bound = self._until.bound(timeout, self._core.ConnectTimeout)
        stream = self._backend.connect_tcp(host, port, bound, **more)
        return _Stream(stream, self._core, self._until)


def install(client: Any, core: ModuleType, until: Until) -> bool:
    """Put the bounded backend under every pool of *client*, its proxies' included.

    httpx has no public argument for it, so this reaches for the pools; where a later version hides
    them, the transport still checks the time between chunks.

    Args:
        client: A client of httpx or httpx2 that we made.
        core: The `httpcore` that belongs to it.
        until: Says for each thread until when.

    Returns:
        Whether every pool has it.
    """
    mounts = getattr(client, "_mounts", {})
    transports = [getattr(client, "_transport", None), *mounts.values()]
    complete = True
    for transport in transports:
        if transport is None:  # a mount that says "no proxy here"
            continue
        pool = getattr(transport, "_pool", None)
        inner = getattr(pool, "_network_backend", None)
        if pool is None or inner is None:
            complete = False
            continue
        pool._network_backend = _Backend(inner, core, until)  # noqa: SLF001  # see above
    return complete
