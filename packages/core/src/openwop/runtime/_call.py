"""One logical call, as plugins see it, and the options that every method takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Generic, TypedDict, TypeVar, cast

import attrs

from openwop.runtime._operation import Unset
from openwop.runtime._retry import RetryPolicy
from openwop.wire import Headers

__all__ = [
    "ApiResponse",
    "Call",
    "CallOptions",
    "MutationOptions",
    "Received",
    "Stash",
    "StashKey",
    "check_options",
]

T = TypeVar("T")
D = TypeVar("D")


class CallOptions(TypedDict, total=False):
    """What every method takes beside its own arguments.

    Attributes:
        timeout: Seconds that one attempt may take, up to the last byte of its body (for a stream,
            up to its headers).  None for no bound.
        deadline: Seconds that the whole call may take, with its retries and waits.  None for none.
        retry: The policy of this call, in place of the client's.
        extra_headers: Headers to add or replace; UNSET removes one that is sent otherwise.
        extra_query: Query parameters to add or replace.
        extra_body: Members of a JSON, form or multipart body to add or replace.
    """

    timeout: float | None
    deadline: float | None
    retry: RetryPolicy | None
    extra_headers: Mapping[str, str | Unset] | None
    extra_query: Mapping[str, object] | None
    extra_body: Mapping[str, object] | None


class MutationOptions(CallOptions, total=False):
    """What every method that changes something takes beside its own arguments.

    Attributes:
        timeout: Seconds that one attempt may take.  None for no bound.
        deadline: Seconds that the whole call may take, with its retries and waits.  None for none.
        retry: The policy of this call, in place of the client's.
        extra_headers: Headers to add or replace; UNSET removes one that is sent otherwise.
        extra_query: Query parameters to add or replace.
        extra_body: Members of a JSON, form or multipart body to add or replace.
        idempotency_key: The key that makes repeating the call safe where the service honours one;
            22 to 128 characters of `A-Z a-z 0-9 . _ ~ -`.  Made afresh for each call when not
            given, and kept over its attempts.
    """

    idempotency_key: str | None


def check_options(
    name: str, kind: Any, options: Mapping[str, object], arguments: Iterable[str] = ()
) -> None:
    """Refuse an option that does not exist, as Python refuses an unknown keyword argument.

    Python itself cannot: `**options` takes any name, and a misspelt argument would be lost.

    Args:
        name: The method.
        kind: The typed dictionary that says which options there are.
        options: What was given.
        arguments: The method's own arguments, which may be what was meant.

    Raises:
        TypeError: There is no such argument.
    """
    known = kind.__annotations__
    for option in options:
        if option not in known:
            from difflib import get_close_matches

            meant = get_close_matches(option, [*arguments, *known], 1)
            hint = f"; did you mean {meant[0]!r}?" if meant else ""
            message = f"{name}() got an unexpected keyword argument {option!r}{hint}"
            raise TypeError(message)


class StashKey(Generic[T]):
    """A key of `Call.stash` that cannot collide with another plugin's.

    Make one per kind of value, at module level: `SPAN = StashKey[Span]()`.
    """

    __slots__ = ()


class Stash:
    """Values that plugins keep on a call, typed by their keys."""

    __slots__ = ("_values",)

    def __init__(self) -> None:
        self._values: dict[StashKey[Any], object] = {}

    def __setitem__(self, key: StashKey[T], value: T) -> None:
        self._values[key] = value

    def __getitem__(self, key: StashKey[T]) -> T:
        return cast("T", self._values[key])

    def __delitem__(self, key: StashKey[T]) -> None:
        del self._values[key]

    def __contains__(self, key: StashKey[T]) -> bool:
        return key in self._values

    def get(self, key: StashKey[T], default: D) -> T | D:
        """Return the value of *key*, or *default* where it was not set."""
        return cast("T | D", self._values.get(key, default))

    def setdefault(self, key: StashKey[T], default: T) -> T:
        """Return the value of *key*, setting it to *default* first where it was not set."""
        return cast("T", self._values.setdefault(key, default))


@attrs.define(eq=False)
class Received:
    """What a stream has handed out so far; kept only where a plugin surrounds the call.

    So a plugin that wants to know how many and when need not be called for each one.

    Attributes:
        count: How many items.
        first: The first item.
        last: The last item.
        first_after: Seconds from the beginning of the stream to its first item.
    """

    count: int = 0
    first: object = None
    last: object = None
    first_after: float = 0.0


@attrs.define(eq=False)
class Call:
    """One logical call with all its attempts, and the reading of its stream.

    Attributes:
        service: The service's name, `openwop`.
        operation: The dotted name of the method, `runs.create`.
        operation_id: The operation's id in the service's description, `createRun`.
        path_params: The path parameters by wire name, as the caller gave them.
        is_async: True for a call of an asynchronous client.
        is_stream: True where the answer is read as a stream.
        attempt: The current attempt, from 1; 0 before the first.
        variant: The variant of the service that was chosen; OpenWOP's protocol major.
        base_url: The origin that the call goes to.
        idempotency_key: The key of the call; empty where it has none.
        source_run_id: The run that this call forks or continues, where there is one.
        received: What its stream has handed out; None before the stream begins.
        stash: What plugins keep on the call.
    """

    service: str
    operation: str
    operation_id: str
    path_params: Mapping[str, str]
    is_async: bool = False
    is_stream: bool = False
    attempt: int = 0
    variant: str = ""
    base_url: str = ""
    idempotency_key: str = attrs.field(default="", repr=False)
    source_run_id: str | None = None
    method: str = ""
    path_template: str = ""
    received: Received | None = attrs.field(default=None, repr=False)
    stash: Stash = attrs.field(factory=Stash, repr=False)

    @property
    def run_id(self) -> str | None:
        """The run that the call is about, where it is about one."""
        return self.path_params.get("runId")


@attrs.frozen
class ApiResponse(Generic[T]):
    """A result with the answer that it came in, from `with_raw_response`.

    Attributes:
        parsed: What the method returns without `with_raw_response`.
        status_code: The HTTP status.
        headers: The headers of the answer.
        trace_id: The 32 hexadecimal digits of the trace, where the service sent one.
        attempts: How many attempts were made.
        replayed: True where the service answered from its idempotency store.
        body: The bytes of the body.
        elapsed: Seconds from the sending of the last attempt to its answer.
    """

    parsed: T
    status_code: int
    headers: Headers
    trace_id: str | None = None
    attempts: int = 1
    replayed: bool = False
    body: bytes = attrs.field(default=b"", repr=False)
    elapsed: float = 0.0
