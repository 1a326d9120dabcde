"""What every transport must do, as checks that its author runs.

With pytest, subclass `TransportContract` and give a fixture:

    class TestCurlTransport(TransportContract):
        @pytest.fixture
        def transport(self):
            with closing(CurlTransport()) as transport:
                yield transport

Without pytest, `check_transport(CurlTransport)` runs everything and returns a report.  The async
twins are `AsyncTransportContract` and `check_async_transport`; they run on asyncio and trio.  The
checks talk to a local server on a real socket.
"""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, ClassVar, Final, TypeAlias

import anyio
import attrs

from openwop.wire import (
    AsyncTransport,
    ConnectError,
    Headers,
    Request,
    Timeouts,
    Transport,
    TransportError,
    TransportTimeout,
)
from openwop_testing.contract_server import ContractServer, serve_contract
from openwop_testing.report import Report, Result

__all__ = [
    "ASYNC_CHECKS",
    "CHECKS",
    "AsyncTransportContract",
    "TransportContract",
    "check_async_transport",
    "check_transport",
]

# Bounds are kept short; a check that measures one allows this much more on a busy machine.
_SLACK = 3.0
_GENEROUS: Final = Timeouts(head=20, total=20, idle=20)

Subject: TypeAlias = "Callable[[Request], Awaitable[_Reply]]"
Check: TypeAlias = "Callable[[_Driver, ContractServer], Awaitable[None]]"


@attrs.frozen
class _Reply:
    status: int
    headers: Headers
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class _Driver:
    """Drives a transport of either colour by the same steps."""

    def __init__(self, transport: Any, *, blocking: bool) -> None:
        self.transport = transport
        self.blocking = blocking

    async def open(self, request: Request) -> Any:
        if self.blocking:
            return self.transport.send(request)
        return await self.transport.send(request)

    def reader(self, response: Any) -> Any:
        return iter(response.body) if self.blocking else response.body.__aiter__()

    async def next(self, reader: Any) -> bytes:
        if self.blocking:
            part: bytes = next(reader, b"")
            return part
        try:
            received: bytes = await reader.__anext__()
        except StopAsyncIteration:
            return b""
        return received

    async def close(self, response: Any) -> None:
        if self.blocking:
            response.close()
        else:
            await response.aclose()

    async def send(self, request: Request) -> _Reply:
        """Send a request and read its answer to the end."""
        response = await self.open(request)
        try:
            reader = self.reader(response)
            parts: list[bytes] = []
            while part := await self.next(reader):
                parts.append(part)
        finally:
            await self.close(response)
        return _Reply(response.status_code, response.headers, b"".join(parts))

    async def together(self, requests: Iterable[Request]) -> list[_Reply]:
        """Send several requests at once."""
        replies: list[_Reply] = []
        if self.blocking:

            def work(request: Request) -> None:
                replies.append(anyio.run(self.send, request))

            threads = [threading.Thread(target=work, args=(request,)) for request in requests]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(30)
            return replies

        async def one(request: Request) -> None:
            replies.append(await self.send(request))

        async with anyio.create_task_group() as group:
            for request in requests:
                group.start_soon(one, request)
        return replies

    async def raises(self, request: Request) -> TransportError:
        """Return what a request raises; nothing but a `TransportError` may come out."""
        try:
            reply = await self.send(request)
        except TransportError as error:
            return error
        raise AssertionError(f"no TransportError came; the answer was {reply.status}")


def _ask(
    server: ContractServer,
    path: str,
    method: str = "GET",
    *,
    body: bytes | None = None,
    headers: tuple[tuple[str, str], ...] = (),
    timeouts: Timeouts = _GENEROUS,
    stream: bool = False,
) -> Request:
    return Request(method, server.url + path, Headers(headers), body, timeouts, stream)


async def gives_status_headers_and_body(subject: _Driver, server: ContractServer) -> None:
    """The status, the headers and the body of an answer come as they were sent."""
    reply = await subject.send(_ask(server, "/echo"))
    assert reply.status == 200
    assert reply.headers["content-type"] == "application/json"
    assert reply.json["method"] == "GET"


async def sends_what_it_is_given(subject: _Driver, server: ContractServer) -> None:
    """The method, the escaped target, the headers and the body go out unchanged."""
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        sent = (("X-Mark", "a b"), ("Content-Type", "application/json"))
        request = _ask(
            server, "/a~2Fb%2Fc:verb?x=%20y&z=1", method, body=b'{"k": "\xc3\xa9"}', headers=sent
        )
        seen = (await subject.send(request)).json
        assert (seen["method"], seen["target"]) == (method, "/a~2Fb%2Fc:verb?x=%20y&z=1")
        assert seen["body"].encode("latin-1") == b'{"k": "\xc3\xa9"}'
        given = {name.lower(): value for name, value in seen["headers"]}
        assert (given["x-mark"], given["content-type"]) == ("a b", "application/json")


async def sends_no_body_where_there_is_none(subject: _Driver, server: ContractServer) -> None:
    """A request without a body has none on the wire."""
    seen = (await subject.send(_ask(server, "/echo"))).json
    names = {name.lower() for name, _ in seen["headers"]}
    assert seen["body"] == ""
    assert "transfer-encoding" not in names


async def keeps_repeated_headers_apart(subject: _Driver, server: ContractServer) -> None:
    """A header that comes twice is told twice."""
    reply = await subject.send(_ask(server, "/twice"))
    parts = [value for name, value in reply.headers.items_raw() if name.lower() == "x-part"]
    assert parts == ["one", "two"]


async def answers_errors_as_answers(subject: _Driver, server: ContractServer) -> None:
    """An error status is an answer like any other."""
    for path, status in (("/404", 404), ("/503", 503)):
        reply = await subject.send(_ask(server, path))
        assert (reply.status, reply.headers["retry-after"]) == (status, "7")
        assert reply.body.startswith(str(status).encode())


async def follows_no_redirect(subject: _Driver, server: ContractServer) -> None:
    """A redirect is given back, and not followed."""
    reply = await subject.send(_ask(server, "/redirect"))
    assert reply.status == 307
    assert reply.headers["location"] == server.url + "/landed"
    assert "/landed" not in server.requests


async def retries_nothing(subject: _Driver, server: ContractServer) -> None:
    """A request goes out once, whatever comes of it."""
    await subject.send(_ask(server, "/503"))
    await subject.raises(_ask(server, "/vanish"))
    assert (server.requests["/503"], server.requests["/vanish"]) == (1, 1)


async def decodes_what_is_encoded(subject: _Driver, server: ContractServer) -> None:
    """A gzipped body is given decoded."""
    headers = (("Accept-Encoding", "gzip"),)
    assert (await subject.send(_ask(server, "/gzipped", headers=headers))).body == b"plain text"


async def carries_large_bodies(subject: _Driver, server: ContractServer) -> None:
    """Two megabytes come whole, and go whole."""
    assert len((await subject.send(_ask(server, "/large"))).body) == 2_097_152
    body = b"x" * 2_097_152
    seen = (await subject.send(_ask(server, "/echo", "POST", body=body))).json
    assert len(seen["body"]) == len(body)


async def gives_bytes_as_they_come(subject: _Driver, server: ContractServer) -> None:
    """The first bytes of a stream are there before its last ones are sent."""
    response = await subject.open(_ask(server, "/held", stream=True))
    try:
        reader = subject.reader(response)
        first = await subject.next(reader)
        server.go.set()
        rest = b""
        while part := await subject.next(reader):
            rest += part
    finally:
        server.go.set()
        await subject.close(response)
    assert (first, rest) == (b"first", b"second")


async def lets_go_of_a_stream(subject: _Driver, server: ContractServer) -> None:
    """Closing a stream that goes on gives its connection up; closing it twice does no harm."""
    response = await subject.open(_ask(server, "/endless", stream=True))
    await subject.next(subject.reader(response))
    await subject.close(response)
    await subject.close(response)
    assert server.released.wait(_SLACK), "the connection is still open"
    assert (await subject.send(_ask(server, "/echo"))).status == 200


async def sends_many_at_once(subject: _Driver, server: ContractServer) -> None:
    """Several requests at once do not get in each other's way."""
    replies = await subject.together(_ask(server, f"/echo?n={n}") for n in range(12))
    assert sorted(reply.json["target"] for reply in replies) == sorted(
        f"/echo?n={n}" for n in range(12)
    )


async def tells_a_refused_connection(subject: _Driver, server: ContractServer) -> None:
    """Where nobody listens, it is a `ConnectError`, and nothing was sent."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    request = attrs.evolve(_ask(server, "/"), url=f"http://127.0.0.1:{port}/")
    error = await subject.raises(request)
    assert isinstance(error, ConnectError)
    assert not error.sent


async def tells_an_unknown_name(subject: _Driver, server: ContractServer) -> None:
    """A name that does not resolve is a `ConnectError`, and nothing was sent."""
    request = attrs.evolve(_ask(server, "/"), url="http://nowhere.invalid/")
    error = await subject.raises(request)
    assert isinstance(error, ConnectError)
    assert not error.sent


async def tells_an_answer_that_never_came(subject: _Driver, server: ContractServer) -> None:
    """A connection that closes without an answer may have been heard."""
    error = await subject.raises(_ask(server, "/vanish", "POST", body=b"{}"))
    assert not isinstance(error, ConnectError | TransportTimeout)
    assert error.sent


async def tells_a_body_that_was_cut(subject: _Driver, server: ContractServer) -> None:
    """A body that ends early is an error, with a length and in chunks alike."""
    for path in ("/short", "/short-chunks"):
        error = await subject.raises(_ask(server, path))
        assert not isinstance(error, TransportTimeout)
        assert error.sent


async def tells_what_is_no_http(subject: _Driver, server: ContractServer) -> None:
    """An answer that is not HTTP is an error of the exchange."""
    error = await subject.raises(_ask(server, "/garbage"))
    assert not isinstance(error, ConnectError | TransportTimeout)
    assert error.sent


async def _bounded(
    subject: _Driver, server: ContractServer, path: str, timeouts: Timeouts, *, stream: bool = False
) -> TransportError:
    began = time.monotonic()
    error = await subject.raises(_ask(server, path, timeouts=timeouts, stream=stream))
    elapsed = time.monotonic() - began
    assert isinstance(error, TransportTimeout), f"{type(error).__name__} is no TransportTimeout"
    assert elapsed < 0.5 + _SLACK, f"the bound of 0.5 s was kept after {elapsed:.1f} s"
    return error


async def bounds_the_wait_for_a_head(subject: _Driver, server: ContractServer) -> None:
    """A head that does not come ends at its bound, and the request may have been heard."""
    error = await _bounded(subject, server, "/silent-head", Timeouts(head=0.5, total=15))
    assert error.sent


async def bounds_a_head_that_trickles(subject: _Driver, server: ContractServer) -> None:
    """A head that comes a byte at a time ends at its bound: it is on the whole of it."""
    await _bounded(subject, server, "/slow-head", Timeouts(head=0.5, total=15))


async def bounds_a_body_that_trickles(subject: _Driver, server: ContractServer) -> None:
    """A body that comes a byte at a time ends at the bound on the whole exchange."""
    await _bounded(subject, server, "/slow-body", Timeouts(total=0.5))


async def bounds_the_silence_of_a_stream(subject: _Driver, server: ContractServer) -> None:
    """A stream that falls silent ends at the bound on its silence."""
    await _bounded(subject, server, "/silent-body", Timeouts(idle=0.5), stream=True)


async def lets_a_stream_outlast_its_head(subject: _Driver, server: ContractServer) -> None:
    """The bound on the head does not count once the head is there."""
    request = _ask(server, "/held", timeouts=Timeouts(head=1.0, idle=15), stream=True)
    response = await subject.open(request)
    try:
        reader = subject.reader(response)
        assert await subject.next(reader) == b"first"
        timer = threading.Timer(1.3, server.go.set)
        timer.start()
        assert await subject.next(reader) == b"second"
    finally:
        server.go.set()
        await subject.close(response)


async def ends_a_cancelled_read(subject: _Driver, server: ContractServer) -> None:
    """A task that is cancelled while it reads gives its connection up."""
    if subject.blocking:
        # A blocking read ends when another thread closes the body.
        response = await subject.open(_ask(server, "/silent-body", stream=True))
        reader = subject.reader(response)
        await subject.next(reader)
        timer = threading.Timer(0.2, response.close)
        timer.start()
        began = time.monotonic()
        with contextlib.suppress(TransportError):
            await subject.next(reader)
        assert time.monotonic() - began < 1 + _SLACK, "closing the body did not end the read"
        return
    response = await subject.open(_ask(server, "/endless", stream=True))
    try:
        with anyio.move_on_after(0.2) as scope:
            reader = subject.reader(response)
            while True:
                await subject.next(reader)
    finally:
        await subject.close(response)
    assert scope.cancelled_caught
    assert server.released.wait(_SLACK), "the connection is still open"


async def closes_twice(subject: _Driver, server: ContractServer) -> None:
    """Closing a transport twice does no harm."""
    await subject.send(_ask(server, "/echo"))
    for _ in range(2):
        if subject.blocking:
            subject.transport.close()
        else:
            await subject.transport.aclose()


_ALL: Final[tuple[Check, ...]] = (
    gives_status_headers_and_body,
    sends_what_it_is_given,
    sends_no_body_where_there_is_none,
    keeps_repeated_headers_apart,
    answers_errors_as_answers,
    follows_no_redirect,
    retries_nothing,
    decodes_what_is_encoded,
    carries_large_bodies,
    gives_bytes_as_they_come,
    lets_go_of_a_stream,
    sends_many_at_once,
    tells_a_refused_connection,
    tells_an_unknown_name,
    tells_an_answer_that_never_came,
    tells_a_body_that_was_cut,
    tells_what_is_no_http,
    bounds_the_wait_for_a_head,
    bounds_a_head_that_trickles,
    bounds_a_body_that_trickles,
    bounds_the_silence_of_a_stream,
    lets_a_stream_outlast_its_head,
    ends_a_cancelled_read,
    closes_twice,
)

CHECKS: Final[dict[str, Check]] = {check.__name__: check for check in _ALL}
ASYNC_CHECKS: Final[dict[str, Check]] = CHECKS


def _run_blocking(check: Check, transport: Transport) -> None:
    """Run a check on a blocking transport: none of its steps ever suspends."""
    with serve_contract() as server:
        steps = check(_Driver(transport, blocking=True), server)
        anyio.run(_await, steps)


async def _await(steps: Awaitable[None]) -> None:
    await steps


def _run_async(check: Check, make: Callable[[], AsyncTransport], backend: str) -> None:
    async def main() -> None:
        transport = make()
        try:
            with serve_contract() as server:
                await check(_Driver(transport, blocking=False), server)
        finally:
            await transport.aclose()

    anyio.run(main, backend=backend)


def check_transport(make: Callable[[], Transport]) -> Report:
    """Run every check on transports that *make* gives, and report.

    Args:
        make: Makes a fresh transport.
    """
    report = Report("transport")
    for name, check in CHECKS.items():
        transport = make()
        try:
            _run_blocking(check, transport)
        except Exception as error:  # noqa: BLE001  # whatever a transport does wrong is a finding
            report.add(Result(name, "failed", f"{type(error).__name__}: {error}"))
        else:
            report.add(Result(name, "passed"))
        finally:
            transport.close()
    return report


def check_async_transport(
    make: Callable[[], AsyncTransport], *, backends: Iterable[str] = ("asyncio", "trio")
) -> Report:
    """Run every check on async transports that *make* gives, and report.

    Args:
        make: Makes a fresh transport; called on the event loop.
        backends: The event loops to run on.
    """
    report = Report("async transport")
    for backend in backends:
        for name, check in ASYNC_CHECKS.items():
            try:
                _run_async(check, make, backend)
            except Exception as error:  # noqa: BLE001
                reason = f"{type(error).__name__}: {error}"
                report.add(Result(f"{name}[{backend}]", "failed", reason))
            else:
                report.add(Result(f"{name}[{backend}]", "passed"))
    return report


class TransportContract:
    """The checks as pytest tests: subclass it and give the fixture `transport`."""

    contract: ClassVar[dict[str, Check]] = CHECKS


class AsyncTransportContract:
    """The async twin: subclass it and give the fixture `make_transport`, a function.

    Each check runs on asyncio and on trio.
    """

    contract: ClassVar[dict[str, Check]] = ASYNC_CHECKS


def _add_tests() -> None:
    for name, check in CHECKS.items():

        def blocking(self: Any, transport: Transport, *, check: Check = check) -> None:
            del self
            _run_blocking(check, transport)

        blocking.__doc__ = check.__doc__
        setattr(TransportContract, f"test_{name}", blocking)
        for backend in ("asyncio", "trio"):

            def suspending(
                self: Any,
                make_transport: Callable[[], AsyncTransport],
                *,
                check: Check = check,
                backend: str = backend,
            ) -> None:
                del self
                _run_async(check, make_transport, backend)

            suspending.__doc__ = check.__doc__
            setattr(AsyncTransportContract, f"test_{name}_on_{backend}", suspending)


_add_tests()
