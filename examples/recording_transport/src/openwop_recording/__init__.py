"""A transport that writes a line for every request, chosen by a URL that begins with `record+`."""

from __future__ import annotations

import json
import os
import threading
import time
from pathlib import Path

import attrs

from openwop import hookimpl
from openwop.transports import AsyncHttpxTransport, HttpxTransport
from openwop.wire import AsyncOpenResponse, AsyncTransport, OpenResponse, Request, Transport

__all__ = ["AsyncRecordingTransport", "Journal", "RecordingTransport", "openwop_transport"]

SCHEME = "record+"


class Journal:
    """Appends lines to a file: method, URL, status and seconds; never a header or a body.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def note(self, request: Request, outcome: int | str, began: float) -> None:
        """Append a line.

        Args:
            request: What was sent.
            outcome: The status of the answer, or the class of the error.
            began: When it was sent, on the monotonic clock.
        """
        seconds = round(time.monotonic() - began, 4)
        line = {"method": request.method, "url": request.url, "outcome": outcome, "s": seconds}
        with self._lock, self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def without_scheme(request: Request) -> Request:
    """Return *request* with the URL that HTTP knows."""
    return attrs.evolve(request, url=request.url.removeprefix(SCHEME))


class RecordingTransport:
    """Wraps a blocking transport."""

    def __init__(self, inner: Transport, journal: Journal) -> None:
        self._inner = inner
        self._journal = journal

    def send(self, request: Request) -> OpenResponse:
        """Send *request*, and note what came of it."""
        plain, began = without_scheme(request), time.monotonic()
        try:
            response = self._inner.send(plain)
        except Exception as exc:
            self._journal.note(plain, type(exc).__name__, began)
            raise
        self._journal.note(plain, response.status_code, began)
        return response

    def close(self) -> None:
        """Close what is wrapped."""
        self._inner.close()


class AsyncRecordingTransport:
    """Wraps an asynchronous transport."""

    def __init__(self, inner: AsyncTransport, journal: Journal) -> None:
        self._inner = inner
        self._journal = journal

    async def send(self, request: Request) -> AsyncOpenResponse:
        """Send *request*, and note what came of it."""
        plain, began = without_scheme(request), time.monotonic()
        try:
            response = await self._inner.send(plain)
        except Exception as exc:
            self._journal.note(plain, type(exc).__name__, began)
            raise
        self._journal.note(plain, response.status_code, began)
        return response

    async def aclose(self) -> None:
        """Close what is wrapped."""
        await self._inner.aclose()


@hookimpl
def openwop_transport(base_url: str, is_async: bool) -> Transport | AsyncTransport | None:
    """Take the URLs that begin with `record+`, and leave every other to somebody else."""
    if not base_url.startswith(SCHEME):
        return None
    journal = Journal(Path(os.environ.get("OPENWOP_RECORD", "openwop-requests.jsonl")))
    if is_async:
        return AsyncRecordingTransport(AsyncHttpxTransport(), journal)
    return RecordingTransport(HttpxTransport(), journal)
