"""Plays a recording of a real host: every byte when it came, in virtual time.

    replay = Replay("approval.jsonl")
    with openwop.Client(replay.base_url, api_key="any", transport=replay.transport()) as client:
        ...
    replay.verify()

A request gets the answer of the first recorded one that asked the same and has not been played.
Headers count for nothing; in JSON one moment is as good as another, as clients tell the time.
"""

from __future__ import annotations

import json
import re
import threading
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import urlsplit

from openwop.wire import ConnectError, TransportError, TransportTimeout
from openwop_testing.answers import Answer, Later
from openwop_testing.cassettes import Cassette, Exchange
from openwop_testing.clock import RunClock, VirtualClock
from openwop_testing.pacer import Pacer
from openwop_testing.pipeline import Incoming
from openwop_testing.redaction import STAND_IN
from openwop_testing.transports import AsyncInProcessTransport, InProcessTransport
from openwop_testing.waiting import Waits

__all__ = ["NotRecordedError", "Replay"]

_ERRORS: Final = {
    error.__name__: error for error in (ConnectError, TransportTimeout, TransportError)
}
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


class NotRecordedError(AssertionError):
    """A client asked, or read on, for what the recording does not have."""


class Replay:
    """The host of a recording.

    Attributes:
        base_url: Where clients find it.
        clock: Its virtual clock.
        played: What has been played, in order.

    Args:
        path: The recording.
        bodies: False to let a request differ from the recorded one in its body.
    """

    def __init__(self, path: Path | str, *, bodies: bool = True) -> None:
        cassette = Cassette.load(path)
        self.base_url = cassette.origin
        self.lock = threading.RLock()
        self.clock = VirtualClock()
        self.waits = Waits(self.clock, self.lock)
        self.pacer = Pacer(self)
        self.played: list[Exchange] = []
        self._left = list(cassette.exchanges)
        self._bodies = bodies

    def transport(self) -> InProcessTransport:
        """Return a transport to it, which is a `Clock` as well."""
        return InProcessTransport(self)

    def async_transport(self) -> AsyncInProcessTransport:
        """Return an asynchronous transport to it, which is an `AsyncClock` as well."""
        return AsyncInProcessTransport(self)

    @property
    def unplayed(self) -> list[Exchange]:
        """What nobody has asked for yet, in the order of the recording."""
        return list(self._left)

    def verify(self) -> None:
        """Check that the whole recording was played.

        Raises:
            AssertionError: Something was not asked for.
        """
        if self._left:
            lines = "".join(f"\n  {exchange}" for exchange in self._left)
            raise AssertionError(f"Recorded and never asked for:{lines}")

    def handle(self, request: Incoming) -> Answer:
        """Answer a request as the recording does.

        Raises:
            NotRecordedError: It has no answer.
        """
        exchange = self._find(request)
        self._left.remove(exchange)
        self.played.append(exchange)
        house = self.clock.house
        sent_at = house.now()
        moment = exchange.head_at if exchange.status else exchange.end_at

        def finish() -> Answer:
            if not exchange.status:
                raise _error_of(exchange)
            tape = _Played(exchange, house, sent_at)
            return Answer(exchange.status, dict(_joined(exchange)), stream=tape)

        later = Later(lambda: False, house, sent_at + moment, finish, f"the answer of {exchange}")
        return Answer(later=later)

    def _find(self, request: Incoming) -> Exchange:
        parts = urlsplit(request.url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        asked = [
            exchange
            for exchange in self._left
            if exchange.method == request.method and _text_fits(exchange.target, target)
        ]
        for exchange in asked:
            if not self._bodies or _body_fits(exchange.request_body, request.body):
                return exchange
        if asked:
            raise NotRecordedError(
                f"{request.method} {target} was recorded with another body: "
                f"{_plain(asked[0].request_body)}, not {_plain(request.body)}."
            )
        lines = "".join(f"\n  {exchange}" for exchange in self._left)
        left = f"Left to be played:{lines}" if lines else "All of it has been played."
        raise NotRecordedError(f"{request.method} {target} is not in the recording. {left}")


class _Played:
    """The body of a recorded answer, which comes as it came."""

    def __init__(self, exchange: Exchange, clock: RunClock, sent_at: float) -> None:
        self.ended = False
        self.clock = clock
        self._exchange = exchange
        self._sent_at = sent_at
        self._next = 0

    def _moment(self) -> float:
        chunks = self._exchange.chunks
        at = chunks[self._next][0] if self._next < len(chunks) else self._exchange.end_at
        return self._sent_at + at

    def ready(self) -> bool:
        return self.ended or self.clock.now() >= self._moment()

    def remaining(self) -> float | None:
        return max(0.0, self._moment() - self.clock.now())

    def read(self) -> bytes:
        chunks = self._exchange.chunks
        if self._next < len(chunks):
            self._next += 1
            return chunks[self._next - 1][1]
        if self._exchange.end == "complete":
            self.ended = True
            return b""
        raise _error_of(self._exchange)

    def check(self) -> None:
        """Do nothing: a break has its moment, like everything else."""

    def close(self) -> None:
        self.ended = True

    def describe(self) -> str:
        return f"the body of {self._exchange}"


def _error_of(exchange: Exchange) -> Exception:
    kind = _ERRORS.get(exchange.end)
    if kind is None:
        return NotRecordedError(f"{exchange}: whoever recorded it read no further.")
    return kind(exchange.message, sent=exchange.sent)


def _joined(exchange: Exchange) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in exchange.headers:
        known = next((other for other in headers if other.lower() == name.lower()), name)
        headers[known] = f"{headers[known]}, {value}" if known in headers else value
    return headers


def _text_fits(recorded: str, given: str) -> bool:
    """Tell whether two texts are the same; a stand-in, on either side, is the same as anything."""
    return recorded == given or _covers(recorded, given) or _covers(given, recorded)


def _covers(general: str, special: str) -> bool:
    parts = STAND_IN.split(general)
    return len(parts) > 1 and re.fullmatch(".+".join(map(re.escape, parts)), special) is not None


def _body_fits(recorded: bytes | None, given: bytes | None) -> bool:
    if not recorded or not given:
        return (recorded or b"") == (given or b"")
    try:
        return _fits(json.loads(recorded), json.loads(given))
    except ValueError:
        return _text_fits(recorded.decode("latin-1"), given.decode("latin-1"))


def _fits(recorded: Any, given: Any) -> bool:
    if isinstance(recorded, str) and isinstance(given, str):
        moments = _MOMENT.fullmatch(recorded) and _MOMENT.fullmatch(given)
        return bool(moments) or _text_fits(recorded, given)
    if isinstance(recorded, dict) and isinstance(given, dict):
        one, other = cast("dict[str, Any]", recorded), cast("dict[str, Any]", given)
        return one.keys() == other.keys() and all(_fits(one[name], other[name]) for name in one)
    if isinstance(recorded, list) and isinstance(given, list):
        items, others = cast("list[Any]", recorded), cast("list[Any]", given)
        return len(items) == len(others) and all(map(_fits, items, others))
    return bool(recorded == given)


def _plain(body: bytes | None) -> str:
    return "none" if body is None else body.decode(errors="replace")
