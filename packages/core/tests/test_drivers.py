"""The two shells that run plans: bytes, waits, closing and cancelling, in three colours."""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any

import anyio
import pytest

from openwop.runtime import errors
from openwop.runtime._drivers import AsyncIO, SyncIO, drive, drive_async, timeout_of
from openwop.runtime._effects import Ask, BodyTooLargeError, Send, Sleep, ask, invoke
from openwop.wire import (
    AsyncOpenResponse,
    OpenResponse,
    Request,
    Response,
    Timeouts,
    TransportError,
    TransportTimeout,
)

GET = Request("GET", "https://h/a")
STREAM = Request("GET", "https://h/a", stream=True)
Plan = Generator[Any, Any, Any]


def sending(request: Request = GET, limit: int | None = None) -> Plan:
    return (yield Send(request, limit))


def test_a_body_is_read_joined_and_closed(colour: Any, make_script: Any, answer: Any) -> None:
    script = make_script(answer(201, [b"a", b"", b"bc"], {"X": "1"}))

    response = colour.drive(sending(), colour.io(script))

    assert response == Response(201, {"X": "1"}, b"abc", "https://h/a")
    assert script.bodies[0].closed == 1


@pytest.mark.parametrize("chunks", [[], [b"whole"]])
def test_a_body_of_any_number_of_chunks_is_read(
    colour: Any, make_script: Any, answer: Any, chunks: list[bytes]
) -> None:
    response = colour.drive(sending(), colour.io(make_script(answer(200, chunks))))

    assert response.body == b"".join(chunks)


def test_a_url_with_a_secret_in_it_does_not_reach_the_response(
    colour: Any, make_script: Any
) -> None:
    request = Request("GET", "https://h/tok_1", shown_url="https://h/[redacted]")

    response = colour.drive(sending(request), colour.io(make_script()))

    assert response.url == "https://h/[redacted]"


def test_the_url_of_a_transport_that_knows_better_is_kept(
    colour: Any, make_script: Any, answer: Any
) -> None:
    class Elsewhere:
        def send(self, request: Request) -> OpenResponse:
            status, headers, body = script.open(request)
            return OpenResponse(status, headers, body, "https://other/")

        def close(self) -> None: ...

    script = make_script()

    assert drive(sending(), SyncIO(Elsewhere())).url == "https://other/"


@pytest.mark.parametrize("status", [200, 204, 299])
def test_the_success_of_a_streamed_request_is_handed_over_open(
    colour: Any, make_script: Any, answer: Any, status: int
) -> None:
    script = make_script(answer(status, [b"a"]))

    opened = colour.drive(sending(STREAM), colour.io(script))

    assert isinstance(opened, AsyncOpenResponse if colour.is_async else OpenResponse)
    assert script.bodies[0].closed == 0
    assert script.bodies[0].read == 0


@pytest.mark.parametrize("status", [199, 300, 404, 503])
def test_an_error_answer_to_a_streamed_request_is_read_and_closed(
    colour: Any, make_script: Any, answer: Any, status: int
) -> None:
    script = make_script(answer(status, [b"no"]))

    response = colour.drive(sending(STREAM), colour.io(script))

    assert response.body == b"no"
    assert script.bodies[0].closed == 1


def test_an_open_body_is_closed_when_the_plan_raises_after_it(
    colour: Any, make_script: Any
) -> None:
    def plan() -> Plan:
        yield Send(STREAM)
        raise LookupError("no")

    script = make_script()

    with pytest.raises(LookupError):
        colour.drive(plan(), colour.io(script))

    assert script.bodies[0].closed == 1


def test_a_body_over_the_limit_is_closed_and_the_plan_told(
    colour: Any, make_script: Any, answer: Any
) -> None:
    script = make_script(answer(200, [b"12345", b"67890", b"!"], {"X": "1"}))

    with pytest.raises(BodyTooLargeError) as caught:
        colour.drive(sending(GET, 10), colour.io(script))

    assert caught.value.limit == 10
    assert caught.value.response == Response(200, {"X": "1"})
    assert script.bodies[0].closed == 1


def test_a_body_of_just_the_limit_is_read(colour: Any, make_script: Any, answer: Any) -> None:
    response = colour.drive(
        sending(GET, 10), colour.io(make_script(answer(200, [b"12345", b"67890"])))
    )

    assert response.body == b"1234567890"


@pytest.mark.parametrize("error", [TransportError("reset"), TransportTimeout("late")])
def test_a_transport_error_is_thrown_into_the_plan(
    colour: Any, make_script: Any, error: Exception
) -> None:
    def plan() -> Plan:
        try:
            yield Send(GET)
        except TransportError as exc:
            caught.append(exc)
        return (yield Send(GET))

    caught: list[Exception] = []
    script = make_script(error)
    script.answers.append(make_script().answers[0])

    assert colour.drive(plan(), colour.io(script)).status_code == 200
    assert caught == [error]


def test_a_body_that_breaks_is_closed_and_the_plan_told(
    colour: Any, make_script: Any, answer: Any
) -> None:
    script = make_script(answer(200, [b"a", TransportError("reset")]))

    with pytest.raises(TransportError, match="reset"):
        colour.drive(sending(), colour.io(script))

    assert script.bodies[0].closed == 1


def test_any_other_error_propagates_and_closes_the_plan(colour: Any, make_script: Any) -> None:
    """A bug of a transport is nothing to retry."""

    def plan() -> Plan:
        try:
            yield Send(GET)
        except Exception:
            pytest.fail("the plan was told")
        finally:
            closed.append(True)

    closed: list[bool] = []

    with pytest.raises(ZeroDivisionError):
        colour.drive(plan(), colour.io(make_script(ZeroDivisionError())))

    assert closed == [True]


def test_a_transports_stop_iteration_does_not_look_like_a_result(
    colour: Any, make_script: Any
) -> None:
    script = make_script(lambda request: StopIteration("not a result"))

    with pytest.raises((StopIteration, RuntimeError), match=r"StopIteration|not a result"):
        colour.drive(sending(), colour.io(script))


def test_waits_pass_on_the_clock_of_the_transport(colour: Any, make_script: Any) -> None:
    def plan() -> Plan:
        yield Sleep(3600)
        yield Sleep(0)
        return "rested"

    script = make_script()
    io = colour.io(script)
    begun = io.now()

    assert colour.drive(plan(), io) == "rested"
    assert script.clock.slept == [3600, 0]
    assert io.now() - begun == 3600


class Bare:
    """A transport that is no clock."""

    def send(self, request: Request) -> OpenResponse:
        raise AssertionError

    def close(self) -> None: ...


class AsyncBare:
    async def send(self, request: Request) -> AsyncOpenResponse:
        raise AssertionError

    async def aclose(self) -> None: ...


def test_without_a_clock_of_the_transport_waits_take_their_time(colour: Any) -> None:
    def plan() -> Plan:
        yield Sleep(0.01)
        return "rested"

    io: Any = AsyncIO(AsyncBare()) if colour.is_async else SyncIO(Bare())
    begun = io.now()

    assert colour.drive(plan(), io) == "rested"
    assert 0.01 <= time.monotonic() - begun < 2


def test_a_function_is_asked_and_its_error_propagates(colour: Any, make_script: Any) -> None:
    def plan() -> Plan:
        return (yield from ask(lambda: 7))

    def broken() -> Plan:
        yield Ask(lambda: 1 // 0)

    io = colour.io(make_script())

    assert colour.drive(plan(), io) == 7
    with pytest.raises(ZeroDivisionError):
        colour.drive(broken(), io)


async def seven() -> int:
    await anyio.lowlevel.checkpoint()
    return 7


def test_a_coroutine_function_is_awaited(async_colour: Any, make_script: Any) -> None:
    def plan() -> Plan:
        return (yield from ask(seven))

    assert async_colour.drive(plan(), async_colour.io(make_script())) == 7


class Awaitable:
    """Awaitable, and no coroutine."""

    def __await__(self) -> Generator[Any, Any, int]:
        yield from ()
        return 7


@pytest.mark.parametrize("function", [seven, Awaitable])
def test_a_blocking_client_says_that_it_cannot_await(make_script: Any, function: Any) -> None:
    """The plan is told, so that the client can raise its own class of the error."""

    def plan() -> Plan:
        try:
            yield Ask(function)
        except errors.ConfigurationError as exc:
            return str(exc)

    text = drive(plan(), SyncIO(make_script_transport(make_script)))

    assert "use AsyncClient" in text


def make_script_transport(make_script: Any) -> Any:
    class Transport(Bare):
        pass

    return Transport()


def test_a_call_of_the_client_within_a_plan_tells_the_plan_its_errors(
    colour: Any, make_script: Any
) -> None:
    def failing() -> None:
        raise errors.NotFoundError("no such thing")

    async def failing_async() -> None:
        raise errors.NotFoundError("no such thing")

    def plan() -> Plan:
        try:
            yield from invoke(failing_async if colour.is_async else failing)
        except errors.NotFoundError as exc:
            return str(exc)

    assert colour.drive(plan(), colour.io(make_script())) == "no such thing"


def test_an_error_of_ours_from_a_function_that_is_asked_propagates(
    colour: Any, make_script: Any
) -> None:
    def failing() -> None:
        raise errors.NotFoundError("of the provider")

    def plan() -> Plan:
        try:
            yield Ask(failing)
        except errors.NotFoundError:
            return "swallowed"

    with pytest.raises(errors.NotFoundError, match="of the provider"):
        colour.drive(plan(), colour.io(make_script()))


@pytest.mark.parametrize(
    ("request_", "bound"),
    [
        (Request("GET", "u", timeouts=Timeouts(1, 2)), 2),
        (Request("GET", "u", timeouts=Timeouts(1, 2), stream=True), 1),
        (Request("GET", "u", timeouts=Timeouts(None, 2), stream=True), 2),
        (Request("GET", "u", timeouts=Timeouts(None, None)), None),
    ],
)
def test_what_is_read_whole_has_the_bound_of_the_whole(
    request_: Request, bound: float | None
) -> None:
    assert timeout_of(request_) == bound


def test_a_transport_that_bounds_only_its_reads_is_bounded_between_them(
    make_script: Any, answer: Any
) -> None:
    script = make_script(answer(200, [b"a", 3.0, b"b", 3.0, b"c"]))
    request = Request("GET", "https://h/", timeouts=Timeouts(5, 5))

    with pytest.raises(TransportTimeout, match="did not end in time"):
        drive(sending(request), SyncIO(_clocked(script)))

    assert script.bodies[0].closed == 1
    assert script.bodies[0].read == 3


def test_the_error_answer_to_a_streamed_request_has_the_bound_of_a_head(
    make_script: Any, answer: Any
) -> None:
    script = make_script(answer(503, [b"a", 3.0, b"b", 3.0, b"c"]))
    request = Request("GET", "https://h/", timeouts=Timeouts(5, None), stream=True)

    with pytest.raises(TransportTimeout):
        drive(sending(request), SyncIO(_clocked(script)))


def _clocked(script: Any) -> Any:
    class Clocked(Bare):
        def __init__(self) -> None:
            self.now, self.sleep = script.clock.now, script.clock.sleep

        def send(self, request: Request) -> OpenResponse:
            status, headers, body = script.open(request)
            return OpenResponse(status, headers, body, request.url)

    return Clocked()


# Cancellation ------------------------------------------------------------------------------------


class Hanging(AsyncBare):
    """An asynchronous transport that keeps no bounds: the head or the body never comes."""

    def __init__(self, *, where: str) -> None:
        self.where = where
        self.closed: list[str] = []
        self.reached = False

    async def send(self, request: Request) -> AsyncOpenResponse:
        if self.where == "head":
            self.reached = True
            await anyio.sleep_forever()
        return AsyncOpenResponse(200, {}, self)

    def __aiter__(self) -> Any:
        return self

    async def __anext__(self) -> bytes:
        self.reached = True
        await anyio.sleep_forever()
        raise AssertionError

    async def aclose(self) -> None:
        await anyio.lowlevel.checkpoint()
        self.closed.append("body")


@pytest.mark.parametrize("where", ["head", "body"])
def test_an_asynchronous_transport_that_keeps_no_bounds_is_bounded(
    async_colour: Any, where: str
) -> None:
    transport = Hanging(where=where)
    request = Request("GET", "https://h/", timeouts=Timeouts(0.02, 0.02))

    begun = time.monotonic()
    with pytest.raises(TransportTimeout, match=r"no complete answer within 0\.02 s"):
        async_colour.drive(sending(request), AsyncIO(transport))

    assert time.monotonic() - begun < 2
    assert transport.closed == (["body"] if where == "body" else [])


@pytest.mark.parametrize("where", ["head", "body"])
def test_a_cancelled_call_closes_its_body_and_its_plan(async_colour: Any, where: str) -> None:
    def plan() -> Plan:
        try:
            yield Send(GET)
        finally:
            ended.append(True)

    ended: list[bool] = []
    transport = Hanging(where=where)

    async def run() -> bool:
        with anyio.CancelScope() as scope:
            async with anyio.create_task_group() as group:
                group.start_soon(drive_async, plan(), AsyncIO(transport))
                while not transport.reached:
                    await anyio.lowlevel.checkpoint()
                scope.cancel()
        return scope.cancelled_caught

    assert async_colour.run(run) is True
    assert ended == [True]
    assert transport.closed == (["body"] if where == "body" else [])


def test_a_cancellation_after_the_body_was_opened_closes_it(
    async_colour: Any, make_script: Any
) -> None:
    def plan() -> Plan:
        yield Send(STREAM)
        yield Ask(anyio.sleep_forever)

    script = make_script()

    async def run() -> None:
        with anyio.move_on_after(0.01):
            await drive_async(plan(), async_colour.io(script))

    async_colour.run(run)

    assert script.bodies[0].closed == 1
