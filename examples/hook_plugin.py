"""Two plugins: one signs every attempt, one says which calls were slow and often repeated."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Generator, Mapping
from contextlib import AbstractContextManager, contextmanager

import openwop
from openwop import Call, Request, StashKey, hookimpl

RETRIES: StashKey[int] = StashKey()


class Signed:
    """Adds a signature over method, URL and body, for a gateway in front of the host.

    Args:
        secret: What the gateway shares with this client.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    @hookimpl
    def openwop_request_headers(self, request: Request) -> Mapping[str, str]:
        signed = b"\n".join([request.method.encode(), request.url.encode(), request.body or b""])
        return {"X-Gateway-Signature": hmac.new(self._secret, signed, hashlib.sha256).hexdigest()}


class SlowCalls:
    """Prints calls that took long.

    Args:
        seconds: From when on a call is slow.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    @hookimpl
    def openwop_call(self, call: Call) -> AbstractContextManager[None]:
        return self._timed(call)

    @contextmanager
    def _timed(self, call: Call) -> Generator[None]:
        began = time.monotonic()
        try:
            yield
        finally:
            if time.monotonic() - began >= self._seconds:
                print(f"slow: {call.operation}, repeated {call.stash.get(RETRIES, 0)} times")

    @hookimpl
    def openwop_retry(self, call: Call) -> None:
        call.stash[RETRIES] = call.stash.get(RETRIES, 0) + 1


def main() -> None:
    plugins = [Signed(b"shared with the gateway"), SlowCalls(seconds=0.0)]
    with openwop.Client(plugins=plugins) as client:
        run = client.runs.start("tag-photo", inputs={"photo": "cat.jpg"})
        print(run.result(timeout=60))


if __name__ == "__main__":
    main()
