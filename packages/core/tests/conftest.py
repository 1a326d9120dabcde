"""What the runtime tests share: a scripted service, plans played by hand, and the colours."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Callable, Generator, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import anyio
import attrs
import pytest

from openwop.runtime import (
    AsyncStream,
    BaseAsyncClient,
    BaseClient,
    Call,
    Core,
    Dialect,
    Operation,
    Parameter,
    RetryPolicy,
    Route,
    Settings,
    Stream,
    errors,
)
from openwop.runtime._auth import to_provider
from openwop.runtime._drivers import AsyncIO, SyncIO, drive, drive_async
from openwop.runtime._effects import Ask, Invoke, Send, Sleep
from openwop.runtime._exchange import Exchange
from openwop.runtime._hooks import Hooks
from openwop.runtime._stream import NOTHING, Nothing
from openwop.wire import (
    AsyncOpenResponse,
    OpenResponse,
    Request,
    Response,
    TransportError,
    TransportTimeout,
)

ROOT = Path(__file__).parents[3]
BASE_URL = "https://api.example.com"


class Clock:
    """Time that passes only when somebody waits."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds


class Body:
    """A body in both colours that remembers whether it was closed."""

    def __init__(self, chunks: Iterable[Any], clock: Clock) -> None:
        self._chunks = iter(chunks)
        self._clock = clock
        self.closed = 0
        self.read = 0

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        for chunk in self._chunks:
            if isinstance(chunk, BaseException):
                raise chunk
            if isinstance(chunk, float):  # time that passes before the next bytes
                self._clock.time += chunk
                continue
            if callable(chunk):
                chunk = chunk()
            self.read += 1
            return bytes(chunk)
        raise StopIteration

    def close(self) -> None:
        self.closed += 1

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        await anyio.lowlevel.checkpoint()
        try:
            return next(self)
        except StopIteration:
            raise StopAsyncIteration from None

    async def aclose(self) -> None:
        await anyio.lowlevel.checkpoint()
        self.closed += 1


@attrs.define
class Answer:
    """One scripted answer: a status, headers and the chunks of the body."""

    status: int = 200
    chunks: Iterable[Any] = (b"{}",)
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str])
    takes: float = 0.0


class Script:
    """A service that answers from a list; both kinds of transport stand before it.

    An answer is an `Answer`, an exception to raise, or a function of the request that gives one.
    The last answer is given again and again.
    """

    def __init__(self, *answers: Any) -> None:
        self.answers: list[Any] = list(answers) or [Answer()]
        self.requests: list[Request] = []
        self.bodies: list[Body] = []
        self.clock = Clock()
        self.closed = 0

    def open(self, request: Request) -> tuple[int, Mapping[str, str], Body]:
        self.requests.append(request)
        found = self.answers[0]
        if len(self.answers) > 1:
            del self.answers[0]
        if callable(found) and not isinstance(found, type):
            found = found(request)
        if isinstance(found, BaseException):
            raise found
        self.clock.time += found.takes
        body = Body(found.chunks, self.clock)
        self.bodies.append(body)
        return found.status, found.headers, body


class ScriptTransport:
    """The blocking transport of a script; a clock too."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.now, self.sleep = script.clock.now, script.clock.sleep

    def send(self, request: Request) -> OpenResponse:
        status, headers, body = self.script.open(request)
        return OpenResponse(status, headers, body, request.url)

    def close(self) -> None:
        self.script.closed += 1


class AsyncScriptTransport:
    """The asynchronous transport of a script; a clock too."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.now = script.clock.now

    async def sleep(self, seconds: float) -> None:
        await anyio.lowlevel.checkpoint()
        self.script.clock.sleep(seconds)

    async def send(self, request: Request) -> AsyncOpenResponse:
        await anyio.lowlevel.checkpoint()
        status, headers, body = self.script.open(request)
        return AsyncOpenResponse(status, headers, body, request.url)

    async def aclose(self) -> None:
        self.script.closed += 1


def operation(
    method: str = "GET",
    path: str = "/things/{id}",
    *,
    name: str = "things.get",
    parameters: tuple[Parameter, ...] | None = None,
    returns: Any = Any,
    paging: Any = None,
    stream_end: str = "",
    **route: Any,
) -> Operation[Any]:
    """Return an operation with one route; by default it has the one path parameter `id`."""
    if parameters is None:
        parameters = (Parameter("id", "id", "path", required=True),)
    route.setdefault("credential", "optional")
    made = Route(method, path, parameters, **route)
    return Operation("op", name, {"": made}, returns=returns, paging=paging, stream_end=stream_end)


@attrs.define
class Played:
    """What a plan did when it was played by hand."""

    result: Any = None
    error: BaseException | None = None
    requests: list[Request] = attrs.field(factory=list)
    limits: list[int | None] = attrs.field(factory=list)
    slept: list[float] = attrs.field(factory=list)

    def value(self) -> Any:
        """Return the result, or raise what the plan raised."""
        if self.error is not None:
            raise self.error
        return self.result


class Bench:
    """Exchanges whose plans are played by hand: no loop, no socket, no sleep.

    Jitter is taken at half, so that a wait is a number that can be written down.
    """

    def __init__(self, dialect: Dialect | None = None, plugins: Iterable[object] = ()) -> None:
        self.clock = Clock()
        self.script = Script()
        self.script.clock = self.clock
        self.dialect = dialect or Dialect("things")
        self.core = Core(
            BASE_URL,
            self.dialect,
            SyncIO(ScriptTransport(self.script)),
            Hooks(plugins, load=False),
            RetryPolicy(),
            owns_transport=False,
        )
        self.core.uniform = lambda: 0.5
        self.core.wall = lambda: self.clock.time
        self.settings = Settings()

    def exchange(
        self,
        operation: Operation[Any],
        arguments: Mapping[str, Any] | None = None,
        *,
        streaming: bool = False,
        auth: Any = None,
        options: Mapping[str, Any] | None = None,
        **settings: Any,
    ) -> Exchange:
        if auth is not None:
            settings["provider"] = to_provider(auth)
        return Exchange(
            self.core,
            attrs.evolve(self.settings, **settings),
            operation,
            {"id": "a"} if arguments is None else arguments,
            options or {},  # type: ignore[arg-type]
            Call("things", operation.name, operation.id, {}),
            streaming=streaming,
        )

    def play(self, plan: Generator[Any, Any, Any], *answers: Any) -> Played:
        """Run *plan*, answering what it sends from *answers*: responses, errors, or functions."""
        done = Played()
        queue = list(answers)
        step: Callable[[], Any] = lambda: plan.send(None)  # noqa: E731
        while True:
            try:
                effect = step()
            except StopIteration as end:
                done.result = end.value
                return done
            except BaseException as exc:
                done.error = exc
                return done
            value: Any = None
            if isinstance(effect, Send):
                done.requests.append(effect.request)
                done.limits.append(effect.limit)
                value = queue.pop(0)
                if callable(value):
                    value = value(effect.request)
            elif isinstance(effect, Sleep):
                done.slept.append(effect.seconds)
                self.clock.sleep(effect.seconds)
            else:
                assert isinstance(effect, (Ask, Invoke))
                value = effect.function()
            if isinstance(value, BaseException):
                step = lambda exc=value: plan.throw(exc)  # noqa: E731
            else:
                step = lambda sent=value: plan.send(sent)  # noqa: E731

    def call(self, operation: Operation[Any], *answers: Any, **given: Any) -> Played:
        """Play the whole call of *operation*."""
        return self.play(self.exchange(operation, **given).run(), *answers)


STREAM = Request("GET", "https://h/events", stream=True)


class StreamState:
    """A scripted state: each byte is an item, `.` is the last, `!` asks for work, `x` is broken."""

    def __init__(self, *, idle: float | None = None, connections: int = 1) -> None:
        self.items: deque[str] = deque()
        self.finished = False
        self.idle_timeout = idle
        self.where = "the stream of tests"
        self.last_event_id: str | None = None
        self.connections = connections
        self.ends: list[TransportError | None] = []
        self.work_wanted = False
        self.worked = 0

    def connect(self) -> Any:
        if self.connections == 0:
            self.finished = True
            return None
        self.connections -= 1
        return (yield Send(STREAM))

    def feed(self, chunk: bytes) -> None:
        for letter in chunk.decode():
            if letter == "x":
                raise errors.StreamError("broken")
            if letter == "!":
                self.work_wanted = True
                continue
            self.items.append(letter)
            self.last_event_id = letter

    def work(self) -> Any:
        if not self.work_wanted:
            return None
        self.work_wanted = False
        return self._work()

    def _work(self) -> Any:
        yield Sleep(5)
        self.worked += 1

    def pop(self) -> str | Nothing:
        if not self.items:
            return NOTHING
        item = self.items.popleft()
        if item == ".":
            self.finished = True
            return NOTHING
        return item

    def disconnected(self, error: TransportError | None) -> None:
        self.ends.append(error)
        if isinstance(error, TransportTimeout):
            raise errors.StreamStalledError("stalled")

    def interrupted(self, message: str) -> Exception:
        return errors.StreamInterruptedError(message)


class Colour:
    """One of the three ways to run a client: blocking, on asyncio, on trio."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.is_async = name != "sync"

    def __repr__(self) -> str:
        return self.name

    def run(self, function: Callable[..., Any], *args: Any) -> Any:
        """Call *function*; where it is a coroutine function, on the loop of this colour."""
        if not self.is_async:
            return function(*args)
        return anyio.run(function, *args, backend=self.name)

    def io(self, script: Script) -> Any:
        if self.is_async:
            return AsyncIO(AsyncScriptTransport(script))
        return SyncIO(ScriptTransport(script))

    def drive(self, plan: Any, io: Any) -> Any:
        return self.run(drive_async if self.is_async else drive, plan, io)

    def client(
        self,
        script: Script | None = None,
        *,
        plugins: Iterable[object] = (),
        dialect: Dialect | None = None,
        auth: Any = None,
        io: Any = None,
        **settings: Any,
    ) -> Any:
        """Return a client of this colour before *script*, or on an *io* of its own."""
        if auth is not None:
            settings["provider"] = to_provider(auth)
        made = Settings(**settings)
        core = Core(
            BASE_URL,
            dialect or Dialect("things"),
            io or self.io(script or Script()),
            Hooks(plugins, load=False),
            made.retry,
            owns_transport=True,
        )
        core.uniform = lambda: 0.5
        client = object.__new__(BaseAsyncClient if self.is_async else BaseClient)
        vars(client).update(_core=core, _settings=made, _is_copy=False)
        return client

    def perform(self, client: Any, operation: Any, arguments: Any = None, **options: Any) -> Any:
        given = {"id": "a"} if arguments is None else arguments
        return self.run(client.perform, operation, given, options)

    def stream(self, state: Any, client: Any) -> Any:
        """Return the stream of *state*, of the colour's kind."""
        kind: Any = AsyncStream if self.is_async else Stream
        return kind(client._core, Call("things", "things.watch", "watch", {}), state)

    def step(self, stream: Any) -> Callable[[], Any]:
        """Return a function that reads one item, or gives the name of what ended the reading."""

        async def step_async() -> Any:
            try:
                return await anext(stream)
            except StopAsyncIteration:
                return "end"
            except Exception as exc:
                return type(exc).__name__

        def step() -> Any:
            try:
                return next(stream)
            except StopIteration:
                return "end"
            except Exception as exc:
                return type(exc).__name__

        return step_async if self.is_async else step

    def steps(self, stream: Any, count: int) -> list[Any]:
        """Return what *count* reads gave, in one run of the loop; the stream is closed then."""
        step = self.step(stream)

        async def run_async() -> list[Any]:
            found = [await step() for _ in range(count)]
            await stream.aclose()
            return found

        def run() -> list[Any]:
            found = [step() for _ in range(count)]
            stream.close()
            return found

        return list(self.run(run_async if self.is_async else run))

    def collect(self, make: Callable[[], Any], count: int | None = None) -> list[Any]:
        """Read the stream that *make* returns inside `with`, up to *count* items."""
        items: list[Any] = []
        if not self.is_async:
            with make() as stream:
                for item in stream:
                    items.append(item)
                    if len(items) == count:
                        break
            return items

        async def read() -> None:
            async with make() as stream:
                async for item in stream:
                    items.append(item)
                    if len(items) == count:
                        break

        self.run(read)
        return items


@pytest.fixture(params=["sync", "asyncio", "trio"])
def colour(request: pytest.FixtureRequest) -> Colour:
    """Each of the three ways to run a client, one after the other."""
    return Colour(request.param)


@pytest.fixture(params=["asyncio", "trio"])
def async_colour(request: pytest.FixtureRequest) -> Colour:
    """Both event loops, one after the other."""
    return Colour(request.param)


@pytest.fixture
def stream_state() -> type[StreamState]:
    """The maker of scripted states of streams."""
    return StreamState


@pytest.fixture
def sync_colour() -> Colour:
    """The blocking way, for what threads can do."""
    return Colour("sync")


@pytest.fixture
def bench() -> Bench:
    """Exchanges whose plans are played by hand."""
    return Bench()


@pytest.fixture
def make_bench() -> type[Bench]:
    """The maker of benches, for those with plugins or a dialect."""
    return Bench


@pytest.fixture
def make_script() -> type[Script]:
    """The maker of scripted services."""
    return Script


@pytest.fixture
def answer() -> type[Answer]:
    """The maker of scripted answers with an open body."""
    return Answer


@pytest.fixture
def make_operation() -> Callable[..., Operation[Any]]:
    """The maker of operations."""
    return operation


@pytest.fixture
def respond() -> Callable[..., Response]:
    """The maker of answers that have been read."""

    def made(status: int = 200, body: bytes = b"{}", **headers: str) -> Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Response(status, named, body)

    return made


@pytest.fixture(scope="session")
def vectors() -> Path:
    """The folder of the language-neutral vectors."""
    return ROOT / "spec" / "vectors"
