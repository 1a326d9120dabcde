"""Plugins: which hooks there are, how they are registered, and the scope around a call."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

import anyio
import pytest

from openwop.runtime import Call, StashKey, _hooks as hooks_module, errors, hookimpl
from openwop.runtime._drivers import AsyncIO
from openwop.runtime._hooks import CallScope, Hooks, Specs
from openwop.wire import Request, TransportError

HOOKS = {
    "openwop_transport",
    "openwop_call",
    "openwop_request_headers",
    "openwop_response",
    "openwop_retry",
    "openwop_retry_delay",
    "openwop_event",
}


def call() -> Call:
    return Call("things", "things.get", "getThing", {"runId": "r-1"})


# Registration ------------------------------------------------------------------------------------


def test_the_hooks_are_those_of_the_design() -> None:
    assert {name for name in vars(Specs) if name.startswith("openwop")} == HOOKS


def test_a_hook_that_nobody_implements_is_bound_to_nothing() -> None:
    hooks = Hooks(load=False)

    assert [
        hooks.transport,
        hooks.call,
        hooks.headers,
        hooks.response,
        hooks.retry,
        hooks.retry_delay,
        hooks.event,
    ] == [None] * 7
    assert hooks.scope(call()) is None
    assert hooks.names == []


def test_a_hook_that_somebody_implements_can_be_called() -> None:
    class Transports:
        @hookimpl
        def openwop_transport(self, base_url: str) -> str:
            return f"for {base_url}"

    hooks = Hooks([Transports()], load=False)

    assert hooks.transport is not None
    assert hooks.transport(base_url="x:", options=None, is_async=False) == "for x:"
    assert hooks.response is None


def test_the_first_answer_wins_where_one_is_asked_for_and_none_is_no_answer() -> None:
    class Silent:
        @hookimpl
        def openwop_transport(self) -> None:
            return None

    class Choosing:
        @hookimpl
        def openwop_transport(self) -> str:
            return "chosen"

    hooks = Hooks([Choosing(), Silent()], load=False)

    assert hooks.transport is not None
    assert hooks.transport(base_url="", options=None, is_async=True) == "chosen"


class Adding:
    """A plugin that adds one header."""

    def __init__(self, name: str, value: str) -> None:
        self.extra = {name: value}

    @hookimpl
    def openwop_request_headers(self) -> dict[str, str]:
        return self.extra


def test_later_plugins_win_where_headers_collide() -> None:
    hooks = Hooks([Adding("X-A", "1"), Adding("x-a", "2"), Adding("X-B", "3")], load=False)

    request = hooks.request_headers(call(), Request("GET", "https://h/", {"X-C": "4"}))

    assert dict(request.headers) == {"x-c": "4", "x-a": "2", "x-b": "3"}


def test_a_plugin_may_add_nothing() -> None:
    class Silent:
        @hookimpl
        def openwop_request_headers(self, call: Call, request: Request) -> None:
            return None

    request = Request("GET", "https://h/")

    assert Hooks([Silent()], load=False).request_headers(call(), request) is request
    assert Hooks(load=False).request_headers(call(), request) is request


def test_plugins_have_names_that_people_can_read() -> None:
    hooks = Hooks([Adding("A", "1"), Adding("B", "2"), hooks_module], load=False)

    assert hooks.names == ["Adding", "Adding-2", "openwop.runtime._hooks"]


def test_a_plugin_that_is_given_twice_is_refused() -> None:
    plugin = Adding("A", "1")

    with pytest.raises(errors.ConfigurationError, match="the plugin Adding was given twice"):
        Hooks([plugin, plugin], load=False)


def test_a_hook_that_does_not_exist_is_refused_with_those_that_do() -> None:
    class Misspelt:
        @hookimpl
        def openwop_respones(self) -> None: ...

    with pytest.raises(errors.ConfigurationError, match="openwop_respones") as caught:
        Hooks([Misspelt()], load=False)

    assert all(name in str(caught.value) for name in HOOKS)


def test_an_argument_that_does_not_exist_is_refused() -> None:
    class Asking:
        @hookimpl
        def openwop_response(self, colour: str) -> None: ...

    with pytest.raises(errors.ConfigurationError, match="the plugin Asking does not fit"):
        Hooks([Asking()], load=False)


def test_a_coroutine_function_is_refused() -> None:
    class Async:
        @hookimpl
        async def openwop_response(self) -> None: ...

    with pytest.raises(errors.ConfigurationError, match="Async implements openwop_response with a"):
        Hooks([Adding("A", "1"), Async()], load=False)


def test_plugins_belong_to_one_client() -> None:
    with_plugin, without = Hooks([Adding("A", "1")], load=False), Hooks(load=False)

    assert with_plugin.headers is not None
    assert without.headers is None


class Entry:
    """An entry point that is installed."""

    def __init__(self, name: str, plugin: Any) -> None:
        self.name = name
        self.value = f"{name}:plugin"
        self._plugin = plugin

    def load(self) -> Any:
        if isinstance(self._plugin, Exception):
            raise self._plugin
        return self._plugin


@pytest.fixture
def nothing_scanned(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process in which no client was made yet."""
    monkeypatch.setattr(hooks_module, "_scanned", None)


@pytest.mark.usefixtures("nothing_scanned")
def test_the_installed_plugins_are_looked_for_once_in_a_process() -> None:
    def scan() -> Iterator[Any]:
        scans.append(True)
        yield Entry("otel", Adding("X-Trace", "1"))

    scans: list[bool] = []

    hooks_module.installed_plugins(scan)
    hooks_module.installed_plugins(scan)
    one, other, without = Hooks(), Hooks(), Hooks(load=False)

    assert scans == [True]
    assert (one.names, other.names, without.names) == (["otel"], ["otel"], [])


@pytest.mark.usefixtures("nothing_scanned")
def test_the_entry_points_of_the_environment_are_scanned_by_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    groups: list[str] = []

    def entry_points(*, group: str) -> list[Any]:
        groups.append(group)
        return []

    monkeypatch.setattr(hooks_module, "entry_points", entry_points)

    assert Hooks().names == []
    assert groups == ["openwop"]


@pytest.mark.usefixtures("nothing_scanned")
def test_an_installed_plugin_that_is_passed_in_as_well_is_given_twice() -> None:
    plugin = Adding("A", "1")
    hooks_module.installed_plugins(lambda: [Entry("otel", plugin)])  # type: ignore[list-item]

    with pytest.raises(errors.ConfigurationError, match="load_plugins=False"):
        Hooks([plugin])


@pytest.mark.usefixtures("nothing_scanned")
def test_an_installed_plugin_that_cannot_be_loaded_is_named() -> None:
    broken = Entry("otel", ImportError("no module named opentelemetry"))

    with pytest.raises(errors.ConfigurationError, match=r"otel \(otel:plugin\) cannot be loaded"):
        hooks_module.installed_plugins(lambda: [broken])  # type: ignore[list-item]


def test_values_that_plugins_keep_on_a_call_do_not_collide() -> None:
    one, other = StashKey[str](), StashKey[int]()
    stash = call().stash

    stash[one] = "span"
    assert stash[one] == "span"
    assert one in stash
    assert other not in stash
    assert stash.get(other, None) is None
    assert stash.setdefault(other, 7) == 7
    assert stash.setdefault(other, 8) == 7
    del stash[one]
    assert one not in stash


def test_a_call_knows_its_run() -> None:
    assert call().run_id == "r-1"
    assert Call("things", "a", "b", {}).run_id is None


# The scope of a call -----------------------------------------------------------------------------

CURRENT: ContextVar[str] = ContextVar("CURRENT", default="nothing")


class Span:
    """A plugin that makes a value current for as long as a call lasts."""

    def __init__(self, name: str = "span", *, swallow: bool = False) -> None:
        self.name = name
        self.swallow = swallow
        self.seen: list[tuple[str, str]] = []
        self.ends: list[tuple[str, BaseException | None]] = []
        self.count = 0

    @hookimpl
    def openwop_call(self, call: Call) -> Any:
        self.count += 1
        return self._span(f"{self.name}-{self.count}")

    @contextlib.contextmanager
    def _span(self, name: str) -> Iterator[None]:
        token = CURRENT.set(name)
        try:
            yield
        except BaseException as exc:
            self.ends.append((name, exc))
            if not self.swallow:
                raise
        else:
            self.ends.append((name, None))
        finally:
            CURRENT.reset(token)

    @hookimpl
    def openwop_request_headers(self, call: Call) -> dict[str, str]:
        self.seen.append(("headers", CURRENT.get()))
        return {"X-Span": CURRENT.get()}

    @hookimpl
    def openwop_retry(self) -> None:
        self.seen.append(("retry", CURRENT.get()))

    @hookimpl
    def openwop_event(self, event: Any) -> None:
        self.seen.append((f"event {event}", CURRENT.get()))


def test_what_a_plugin_sets_is_current_in_the_call_and_not_outside(
    colour: Any, make_script: Any, answer: Any, make_operation: Any
) -> None:
    span = Span()
    script = make_script(TransportError("reset"))
    script.answers.append(answer())

    async def perform_async(client: Any) -> str:
        await client.perform(make_operation(), {"id": "a"}, {})
        return CURRENT.get()

    def perform(client: Any) -> str:
        client.perform(make_operation(), {"id": "a"}, {})
        return CURRENT.get()

    client = colour.client(script, plugins=[span])
    outside = colour.run(perform_async if colour.is_async else perform, client)

    assert outside == "nothing"
    assert span.seen == [("headers", "span-1"), ("retry", "span-1"), ("headers", "span-1")]
    assert span.ends == [("span-1", None)]
    assert [request.headers["x-span"] for request in script.requests] == ["span-1", "span-1"]


def test_a_scope_is_left_with_the_error_and_cannot_swallow_it(
    colour: Any, make_script: Any, answer: Any, make_operation: Any
) -> None:
    span = Span(swallow=True)
    client = colour.client(make_script(answer(404, [])), plugins=[span])

    with pytest.raises(errors.NotFoundError) as caught:
        colour.perform(client, make_operation())

    assert span.ends == [("span-1", caught.value)]


def test_scopes_nest_in_the_order_of_registration(
    colour: Any, make_script: Any, make_operation: Any
) -> None:
    class Nested:
        def __init__(self, name: str) -> None:
            self.name = name

        @hookimpl
        @contextlib.contextmanager
        def openwop_call(self) -> Iterator[None]:
            order.append(f"{self.name} in")
            yield
            order.append(f"{self.name} out")

    class Silent:
        @hookimpl
        def openwop_call(self) -> None:
            return None

    order: list[str] = []
    client = colour.client(make_script(), plugins=[Nested("a"), Silent(), Nested("b")])

    colour.perform(client, make_operation())

    assert order == ["a in", "b in", "b out", "a out"]


def test_a_plugin_that_fails_to_open_fails_the_call_and_closes_the_others(
    colour: Any, make_script: Any, make_operation: Any
) -> None:
    class Broken:
        @hookimpl
        @contextlib.contextmanager
        def openwop_call(self) -> Iterator[None]:
            raise LookupError("cannot open")
            yield

    span = Span()
    script = make_script()
    client = colour.client(script, plugins=[span, Broken()])

    with pytest.raises(LookupError, match="cannot open") as caught:
        colour.perform(client, make_operation())

    assert span.ends == [("span-1", caught.value)]
    assert script.requests == []


def test_a_plugin_that_fails_to_close_fails_the_call(
    colour: Any, make_script: Any, make_operation: Any
) -> None:
    class Broken:
        @hookimpl
        @contextlib.contextmanager
        def openwop_call(self) -> Iterator[None]:
            yield
            raise LookupError("cannot close")

    span = Span()
    client = colour.client(make_script(), plugins=[span, Broken()])

    with pytest.raises(LookupError, match="cannot close") as caught:
        colour.perform(client, make_operation())

    assert span.ends == [("span-1", caught.value)]


def test_a_cancelled_call_leaves_its_scope(async_colour: Any, make_operation: Any) -> None:
    class Hanging:
        async def send(self, request: Any) -> Any:
            await anyio.sleep_forever()

        async def aclose(self) -> None: ...

    span = Span()

    async def run(client: Any) -> str:
        with anyio.move_on_after(0.01):
            await client.perform(make_operation(), {"id": "a"}, {})
        return CURRENT.get()

    client = async_colour.client(io=AsyncIO(Hanging()), plugins=[span])

    assert async_colour.run(run, client) == "nothing"
    ((name, error),) = span.ends
    assert name == "span-1"
    assert error is not None
    assert not isinstance(error, Exception)


# The scope of a stream ---------------------------------------------------------------------------


@pytest.fixture
def events(make_operation: Any) -> Any:
    """An operation that answers with events of plain text."""
    return make_operation(answer="sse", returns=str, stream_end="end")


FRAMES = [b"data: a\n\n", b"data: b\n\ndata: c\n\n", b"data: end\n\n"]


def test_interleaved_streams_keep_their_scopes_apart(
    colour: Any, make_script: Any, answer: Any, events: Any
) -> None:
    span = Span()
    script = make_script(lambda request: answer(200, FRAMES))
    client = colour.client(script, plugins=[span])
    bodies: list[str] = []

    def read() -> list[str]:
        items: list[str] = []
        with open_one() as one, open_one() as two:
            for pair in zip(one, two, strict=True):
                bodies.append(CURRENT.get())
                items += pair
        return items

    async def read_async() -> list[str]:
        items: list[str] = []
        async with open_one() as one, open_one() as two:
            async for item in one:
                bodies.append(CURRENT.get())
                items += [item, await anext(two)]
            async for _ in two:
                pytest.fail("the second stream goes on")
        return items

    def open_one() -> Any:
        return client.open_stream(events, {"id": "a"}, {})

    items = colour.run(read_async if colour.is_async else read)

    assert items == ["a", "a", "b", "b", "c", "c"]
    assert bodies == ["nothing"] * 3
    assert span.seen == [
        ("headers", "span-1"),
        ("event a", "span-1"),
        ("headers", "span-2"),
        ("event a", "span-2"),
        ("event b", "span-1"),
        ("event b", "span-2"),
        ("event c", "span-1"),
        ("event c", "span-2"),
    ]
    assert sorted(span.ends) == [("span-1", None), ("span-2", None)]


def test_leaving_a_stream_early_leaves_its_scope_once(
    colour: Any, make_script: Any, answer: Any, events: Any
) -> None:
    span = Span()
    script = make_script(answer(200, FRAMES))
    client = colour.client(script, plugins=[span])

    items = colour.collect(lambda: client.open_stream(events, {"id": "a"}, {}), count=1)

    assert items == ["a"]
    assert span.ends == [("span-1", None)]
    assert script.bodies[0].closed == 1


def test_an_error_in_the_callers_loop_reaches_the_plugin(
    colour: Any, make_script: Any, answer: Any, events: Any
) -> None:
    span = Span()
    client = colour.client(make_script(answer(200, FRAMES)), plugins=[span])

    def read() -> None:
        with client.open_stream(events, {"id": "a"}, {}) as stream:
            next(stream)
            raise LookupError("of the caller")

    async def read_async() -> None:
        async with client.open_stream(events, {"id": "a"}, {}) as stream:
            await anext(stream)
            raise LookupError("of the caller")

    with pytest.raises(LookupError) as caught:
        colour.run(read_async if colour.is_async else read)

    assert span.ends == [("span-1", caught.value)]


def test_a_stream_that_another_task_closes_leaves_its_scope_there(
    async_colour: Any, make_script: Any, answer: Any, events: Any
) -> None:
    span = Span()
    client = async_colour.client(make_script(answer(200, FRAMES)), plugins=[span])

    async def run() -> str:
        stream = client.open_stream(events, {"id": "a"}, {})
        await anext(stream)
        async with anyio.create_task_group() as group:
            group.start_soon(stream.aclose)
        with pytest.raises(StopAsyncIteration):
            await anext(stream)
        return CURRENT.get()

    assert async_colour.run(run) == "nothing"
    assert span.ends == [("span-1", None)]


def test_a_stream_that_another_thread_closes_leaves_its_scope_there(
    sync_colour: Any, make_script: Any, answer: Any, events: Any
) -> None:
    span = Span()
    client = sync_colour.client(make_script(answer(200, FRAMES)), plugins=[span])
    stream = client.open_stream(events, {"id": "a"}, {})
    next(stream)

    closing = threading.Thread(target=stream.close)
    closing.start()
    closing.join()

    with pytest.raises(StopIteration):
        next(stream)
    assert span.ends == [("span-1", None)]
    assert CURRENT.get() == "nothing"


def test_a_scope_that_was_never_entered_is_not_left() -> None:
    scope = CallScope(lambda call: pytest.fail("entered"), call())

    scope.exit(None)


def test_a_scope_is_left_once_only() -> None:
    span = Span()
    scope = CallScope(Hooks([span], load=False).call, call())  # type: ignore[arg-type]
    scope.enter()

    scope.exit(None)
    scope.exit(LookupError())

    assert scope.run(CURRENT.get) == "nothing"
    assert span.ends == [("span-1", None)]
