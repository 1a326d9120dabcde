"""What a bad network does to answers, drawn from a seed: the same trouble in process and on a wire.

A `Mischief` decides, per answer, what goes wrong with it.  Streams are treated frame by frame, so
that duplicates and swaps are those of a confused proxy; truncation tears their bytes.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from typing import Any, Final

from openwop.wire import (
    AsyncOpenResponse,
    ConnectError,
    Headers,
    OpenResponse,
    Request,
    TransportError,
    TransportTimeout,
)

BEFORE: Final = ("refuse", "429", "503")
AFTER: Final = ("lose", "truncate", "delay", "stall")
IN_STREAM: Final = ("reset", "truncate", "stall", "duplicate", "reorder", "delay", "close")


class Mischief:
    """Decides what goes wrong.

    Args:
        seed: What everything is drawn from.
        rate: The share of answers that something happens to.
        storm: How many requests lie between two storms of 429 or 503; 0 for none.
    """

    def __init__(self, seed: int, *, rate: float = 0.3, storm: int = 400) -> None:
        self.random = random.Random(seed)
        self.rate = rate
        self.storm = storm
        self.met: Counter[str] = Counter()
        self._requests = 0

    def before(self) -> str:
        """Return what happens before the host sees the request; empty for nothing."""
        self._requests += 1
        if self.storm and self._requests % self.storm < 12 and self._requests > self.storm:
            return self._note("429" if (self._requests // self.storm) % 2 else "503")
        if self.random.random() < self.rate / 4:
            return self._note(self.random.choice(BEFORE))
        return ""

    def after(self) -> str:
        """Return what happens to an answer that is read whole; empty for nothing."""
        if self.random.random() < self.rate * 3 / 4:
            return self._note(self.random.choice(AFTER))
        return ""

    def in_stream(self, *, reorder: bool) -> tuple[str, int]:
        """Return what happens to a stream, and after how many frames; empty for nothing."""
        if self.random.random() < self.rate:
            kinds = [kind for kind in IN_STREAM if reorder or kind != "reorder"]
            return self._note(self.random.choice(kinds)), self.random.randrange(12)
        return "", 0

    def cut(self, data: bytes) -> bytes:
        """Return the beginning of *data*, up to a random byte."""
        return data[: self.random.randrange(len(data))] if data else data

    def _note(self, kind: str) -> str:
        self.met[kind] += 1
        return kind


class Frames:
    """Does to the frames of one stream what was decided; yields bytes, and how it ends."""

    def __init__(self, mischief: Mischief, *, reorder: bool) -> None:
        self._mischief = mischief
        self.kind, self._after = mischief.in_stream(reorder=reorder)
        self._count = 0
        self._held = b""
        self.end = ""
        """How the stream ends where it ends early: `reset`, `close` or `stall`."""

    def take(self, chunk: bytes) -> bytes:
        """Return what comes through of *chunk*; `end` says whether anything may follow."""
        out: list[bytes] = []
        for frame in chunk.split(b"\n\n"):
            if not frame or self.end:
                continue
            out.append(self._frame(frame + b"\n\n"))
        return b"".join(out)

    def _frame(self, frame: bytes) -> bytes:
        self._count += 1
        if self._held:
            frame, self._held = frame + self._held, b""
        if self._count <= self._after:
            return frame
        kind, self.kind = self.kind, ""
        if kind in {"reset", "close", "stall"}:
            self.end = kind
            return b""
        if kind == "truncate":
            self.end = "reset"
            return self._mischief.cut(frame)
        if kind == "duplicate":
            return frame * 2
        if kind == "reorder":
            self._held = frame
            return b""
        return frame

    def rest(self) -> bytes:
        """Return what was held back when the stream ends by itself."""
        held, self._held = self._held, b""
        return held


def refusal(kind: str) -> tuple[int, Headers, bytes]:
    """Return the answer of something in between that is too busy."""
    code = "rate_limited" if kind == "429" else "service_unavailable"
    body = b'{"error": "%s", "message": "Too busy."}' % code.encode()
    wait = "0.05" if kind == "429" else "0.02"
    headers = Headers({"Content-Type": "application/json", "Retry-After": wait})
    return int(kind), headers, body


def is_reorderable(url: str) -> bool:
    """Tell whether the frames of a stream may be swapped: where a gap can be seen and filled."""
    return "streamMode=debug" in url


class _Body:
    """A body in pieces, for both colours."""

    def __init__(self, inner: Any, frames: Frames) -> None:
        self._inner, self._frames = inner, frames

    def _done(self) -> None:
        if self._frames.end == "reset":
            raise TransportError("the connection was reset")
        if self._frames.end == "stall":
            raise TransportTimeout("nothing came any more")

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        while not self._frames.end:
            chunk = next(self._inner.body_iterator, None)
            data = self._frames.rest() if chunk is None else self._frames.take(chunk)
            if data:
                return data
            if chunk is None:
                raise StopIteration
        self._done()
        raise StopIteration

    def close(self) -> None:
        self._inner.close()

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        while not self._frames.end:
            chunk = await anext(self._inner.body_iterator, None)
            data = self._frames.rest() if chunk is None else self._frames.take(chunk)
            if data:
                return data
            if chunk is None:
                raise StopAsyncIteration
        self._done()
        raise StopAsyncIteration

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Whole:
    """A body that is there already, for both colours."""

    def __init__(self, data: bytes, error: Exception | None = None) -> None:
        self._data, self._error = data, error

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        data, self._data = self._data, b""
        if data:
            return data
        if self._error is not None:
            raise self._error
        raise StopIteration

    def close(self) -> None: ...

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        try:
            return next(self)
        except StopIteration:
            raise StopAsyncIteration from None

    async def aclose(self) -> None: ...


class _Open:
    """An open answer of the host with the iterator over its body."""

    def __init__(self, answer: OpenResponse | AsyncOpenResponse) -> None:
        body: Any = answer.body
        self.close = getattr(body, "close", None)
        self.aclose = getattr(body, "aclose", None)
        self.body_iterator: Any = iter(body) if isinstance(answer, OpenResponse) else aiter(body)


def _spoilt(mischief: Mischief, kind: str, data: bytes) -> _Whole:
    if kind == "truncate":
        return _Whole(mischief.cut(data), TransportError("the connection was reset"))
    return _Whole(data)


class FireTransport:
    """A blocking transport through a bad network."""

    def __init__(self, inner: Any, mischief: Mischief) -> None:
        self._inner, self._mischief = inner, mischief
        self.now, self.sleep = inner.now, inner.sleep

    def send(self, request: Request) -> OpenResponse:
        early = self._mischief.before()
        if early == "refuse":
            raise ConnectError("refused")
        if early:
            status, headers, body = refusal(early)
            return OpenResponse(status, headers, _Whole(body))
        answer: OpenResponse = self._inner.send(request)
        if "event-stream" in answer.headers.get("content-type", ""):
            frames = Frames(self._mischief, reorder=is_reorderable(request.url))
            return OpenResponse(answer.status_code, answer.headers, _Body(_Open(answer), frames))
        kind = self._mischief.after()
        data = b"".join(answer.body)
        answer.close()
        if kind == "delay":
            self.sleep(self._mischief.random.random())
        if kind == "lose":
            raise TransportError("the connection was reset")
        if kind == "stall":
            raise TransportTimeout("no answer in time")
        return OpenResponse(answer.status_code, answer.headers, _spoilt(self._mischief, kind, data))

    def close(self) -> None: ...


class AsyncFireTransport:
    """The asynchronous twin of `FireTransport`."""

    def __init__(self, inner: Any, mischief: Mischief) -> None:
        self._inner, self._mischief = inner, mischief
        self.now, self.sleep = inner.now, inner.sleep

    async def send(self, request: Request) -> AsyncOpenResponse:
        early = self._mischief.before()
        if early == "refuse":
            raise ConnectError("refused")
        if early:
            status, headers, body = refusal(early)
            return AsyncOpenResponse(status, headers, _Whole(body))
        answer: AsyncOpenResponse = await self._inner.send(request)
        if "event-stream" in answer.headers.get("content-type", ""):
            frames = Frames(self._mischief, reorder=is_reorderable(request.url))
            return AsyncOpenResponse(
                answer.status_code, answer.headers, _Body(_Open(answer), frames)
            )
        kind = self._mischief.after()
        data = b"".join([chunk async for chunk in answer.body])
        await answer.aclose()
        if kind == "delay":
            await self.sleep(self._mischief.random.random())
        if kind == "lose":
            raise TransportError("the connection was reset")
        if kind == "stall":
            raise TransportTimeout("no answer in time")
        return AsyncOpenResponse(
            answer.status_code, answer.headers, _spoilt(self._mischief, kind, data)
        )

    async def aclose(self) -> None: ...
