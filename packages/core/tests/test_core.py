"""What clients share: the check of a base URL, of seconds, lazy names, and steps in a context."""

from __future__ import annotations

import inspect
from typing import Any

import anyio
import pytest

import openwop.runtime
from openwop.runtime import Call, Dialect, Route, errors, hookimpl
from openwop.runtime._aio import InContext
from openwop.runtime._core import check_base_url, check_seconds
from openwop.runtime._hooks import CallScope, Hooks
from openwop.runtime._lazy import attach
from openwop.runtime._operation import Operation, Parameter


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://api.example.com", "https://api.example.com"),
        ("https://api.example.com/", "https://api.example.com"),
        (" http://127.0.0.1:8080/base// ", "http://127.0.0.1:8080/base"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("fake://host", "fake://host"),
    ],
)
def test_a_base_url_is_taken_without_its_last_slash(url: str, expected: str) -> None:
    assert check_base_url(url, env="X_URL") == expected


@pytest.mark.parametrize(
    ("url", "says"),
    [
        (None, "base_url is missing.*or set X_URL"),
        ("", "base_url is empty.*or set X_URL"),
        ("  ", "base_url is empty"),
        ("api.example.com", "'api.example.com' is no URL"),
        ("/v1", "is no URL"),
        ("https://", "is no URL"),
        ("https://:80", "is no URL"),
        ("https://h:0", "is no URL"),
        ("https://h:port", "is no URL"),
        ("https://h:99999", "is no URL"),
        ("https://[::1", "is no URL"),
        ("https://h/a b", "a space or a line break"),
        ("https://h\n.example.com", "a space or a line break"),
        ("https://me:s3cr3t@h", "user name or password"),
        ("me:s3cr3t@h", "base_url is no URL"),
        ("https://h/?token=s3cr3t", "a query or a fragment"),
        ("https://h/#s3cr3t", "a query or a fragment"),
        ("h?token=s3cr3t", "base_url is no URL"),
    ],
)
def test_what_is_no_base_url_is_refused_and_no_secret_told(url: str | None, says: str) -> None:
    with pytest.raises(errors.ConfigurationError, match=says) as caught:
        check_base_url(url, env="X_URL")

    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize(("value", "expected"), [(None, None), (1, 1.0), (0.5, 0.5)])
def test_seconds_are_a_number_or_none(value: Any, expected: float | None) -> None:
    assert check_seconds("timeout", value) == expected


@pytest.mark.parametrize("value", [0, -1, "1", True, float("nan")])
def test_anything_else_is_no_seconds(value: Any) -> None:
    with pytest.raises(errors.ConfigurationError, match="timeout is"):
        check_seconds("timeout", value)


def test_the_names_of_the_runtime_are_there_and_no_others() -> None:
    assert set(openwop.runtime.__all__) <= set(dir(openwop.runtime))
    for name in openwop.runtime.__all__:
        assert getattr(openwop.runtime, name) is not None
    with pytest.raises(AttributeError, match=r"'openwop.runtime' has no attribute 'Nonsense'"):
        _ = openwop.runtime.Nonsense  # type: ignore[attr-defined]


def test_a_name_may_stand_for_a_module() -> None:
    look, names = attach("openwop.runtime", {"errors": "openwop.runtime.errors"})

    assert look("errors") is errors
    assert "errors" in names()


def test_a_plain_service_takes_values_as_they_are() -> None:
    assert Dialect("things").translate(Parameter("a", "a", "query"), 7, "") == 7


def test_an_answer_without_a_status_is_no_answer() -> None:
    from openwop.wire import Response

    operation = Operation[Any]("op", "op", {})
    route = Route("GET", "/")

    assert Dialect("things").check_answer(operation, route, Response(0), "") == "no status"
    assert Dialect("things").check_answer(operation, route, Response(200), "") == ""


class Span:
    """A plugin that does nothing but open a context."""

    @hookimpl
    def openwop_call(self) -> Any:
        return self

    def __enter__(self) -> None: ...

    def __exit__(self, *args: object) -> None: ...


def scope() -> CallScope:
    made = Hooks([Span()], load=False).scope(Call("things", "a", "b", {}))
    assert made is not None
    made.enter()
    return made


def test_a_coroutine_in_a_context_is_closed_with_its_await() -> None:
    """As when a loop ends with the call still waiting."""
    closed: list[str] = []

    class Suspended:
        def __await__(self) -> Any:
            yield "waiting"

    async def work() -> None:
        try:
            await Suspended()
        finally:
            closed.append("work")

    awaiting = InContext(scope(), work()).__await__()

    assert next(awaiting) == "waiting"
    awaiting.close()
    assert closed == ["work"]


def test_a_cancellation_may_be_caught_within_the_context(async_colour: Any) -> None:
    async def work() -> str:
        with anyio.move_on_after(0.01):
            await anyio.sleep_forever()
        await anyio.lowlevel.checkpoint()
        return "went on"

    async def run() -> str:
        return await InContext(scope(), work())

    assert async_colour.run(run) == "went on"


TWINS = [
    ("BaseClient", "BaseAsyncClient"),
    ("Stream", "AsyncStream"),
    ("Pager", "AsyncPager"),
    ("StreamedResponse", "AsyncStreamedResponse"),
    ("Streamed", "AsyncStreamed"),
]
COLOURLESS = {
    "aclose": "close",
    "__aenter__": "__enter__",
    "__aexit__": "__exit__",
    "__aiter__": "__iter__",
    "__anext__": "__next__",
}


def signatures(cls: type) -> dict[str, list[tuple[str, Any, Any]]]:
    """Return the parameters of each public method and protocol method, under colourless names."""
    found: dict[str, list[tuple[str, Any, Any]]] = {}
    for name, value in inspect.getmembers(cls, inspect.isfunction):
        if name.startswith("_") and name not in {*COLOURLESS, *COLOURLESS.values()}:
            continue
        parameters = inspect.signature(value).parameters.values()
        found[COLOURLESS.get(name, name)] = [(p.name, p.kind, p.default) for p in parameters]
    return found


@pytest.mark.parametrize(("blocking", "asynchronous"), TWINS)
def test_twins_have_the_same_methods_with_the_same_parameters(
    blocking: str, asynchronous: str
) -> None:
    one = signatures(getattr(openwop.runtime, blocking))
    other = signatures(getattr(openwop.runtime, asynchronous))

    assert one == other
    assert one
