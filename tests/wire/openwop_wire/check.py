"""Carries a row out against a recording host, and says what is not as the row says."""

from __future__ import annotations

import contextlib
import re
import ssl
from collections.abc import AsyncIterable, Awaitable, Iterable, Mapping
from typing import Any

import anyio

import openwop
from openwop.transports import AsyncHttpxTransport, HttpxTransport
from openwop_wire.case import NO_BODY, Case, Wire
from openwop_wire.host import DISCOVERY, Asked, RecordingHost, Said, discovery
from openwop_wire.required import needed

API_KEY = "hk_test_wire"
CLIENT_RELEASE = "2.46.32"
# Set by the HTTP library, not by the protocol.
_OF_HTTP = {"host", "connection", "accept-encoding", "content-length", "user-agent"}
# The sockets here are plain; a context of one's own spares reading all certificates per client.
_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
_KEY = re.compile(r"[A-Za-z0-9._~-]{22,128}")


def look(value: Any, path: str) -> Any:
    """Return what stands at a dotted *path* of members, items and indices."""
    for name in path.split(".") if path else ():
        if name.isdigit():
            value = value[int(name)]
        elif isinstance(value, Mapping):
            value = value[name]
        else:
            value = getattr(value, name)
    return value


def seen(result: Any, wire: Wire) -> list[str]:
    """Return how what the client returns differs from what the row says."""
    found = []
    for path, value in wire.sees.items():
        try:
            there = look(result, path)
        except (AttributeError, LookupError, TypeError) as error:
            found.append(f"returns nothing at {path}: {error!r}")
            continue
        if there != value or type(there) is not type(value):
            found.append(f"returns {path}={there!r} for {value!r}")
    return found


async def settled(value: Any, *, items: int) -> Any:
    """Return what a method of either twin brings: awaited, streamed, or as its first page."""
    if isinstance(value, Awaitable):
        value = await value
    if hasattr(value, "first_page"):
        page = value.first_page()
        return await page if isinstance(page, Awaitable) else page
    if hasattr(value, "aclose") and isinstance(value, AsyncIterable):
        async with value as stream:
            found = []
            async for item in stream:
                found.append(item)
                if len(found) == items:
                    break
            return found
    if hasattr(value, "close") and isinstance(value, Iterable):
        with value as stream:
            found = []
            for item in stream:
                found.append(item)
                if len(found) == items:
                    break
            return found
    return value


def _expected_headers(wire: Wire, major: int) -> dict[str, str]:
    expected = {"accept": wire.accept, **wire.headers}
    if not wire.anonymous:
        expected["authorization"] = f"Bearer {API_KEY}"
    if wire.body is not NO_BODY:
        expected["content-type"] = wire.content_type
    if major == 2:
        expected["openwop-version"] = "2.0"
        expected["openwop-client-version"] = CLIENT_RELEASE
    return expected


def request_problems(wire: Wire, major: int, asked: Asked) -> list[str]:
    """Return how a request differs from what the row says."""
    problems = []
    if (asked.method, asked.target) != (wire.method, wire.target):
        problems.append(f"{asked.method} {asked.target} for {wire.method} {wire.target}")
    sent = {name: value for name, value in asked.headers.items() if name not in _OF_HTTP}
    key = sent.pop("idempotency-key", None)
    # Every mutation carries a key, whether or not this host makes anything of it.
    if (wire.method == "GET") == (key is not None):
        problems.append(f"{wire.method} with the idempotency key {key!r}")
    elif key is not None and not _KEY.fullmatch(key):
        problems.append("the idempotency key is outside the grammar")
    expected = _expected_headers(wire, major)
    if sent != expected:
        problems.append(f"headers {sent} for {expected}")
    if not asked.headers.get("user-agent", "").startswith("openwop"):
        problems.append(f"user-agent: {asked.headers.get('user-agent')}")
    body = asked.data
    same = body is wire.body if wire.body is NO_BODY else body == wire.body
    if not same:
        problems.append(f"body {body!r} for {wire.body!r}")
    return problems


def _answer(wire: Wire, major: int) -> Said:
    headers = {"OpenWOP-Version": "2.0"} if major == 2 else {}
    return Said(wire.status, wire.answer, wire.answer_type, headers)


def _refusal(status: int, code: str, major: int) -> Said:
    headers = {"OpenWOP-Version": "2.0"} if major == 2 else {}
    return Said(status, {"error": code, "message": "As documented"}, headers=headers)


class Trial:
    """One row on one client.

    Args:
        host: The host.
        case: The row.
        major: The major that the host speaks.
        colour: `sync`, `asyncio` or `trio`.
    """

    def __init__(self, host: RecordingHost, case: Case, major: int, colour: str = "sync") -> None:
        self.host = host
        self.case = case
        self.major = major
        self.colour = colour

    def problems(self) -> list[str]:
        """Return what is wrong with the request, the answer and the documented error."""
        return anyio.run(self._problems, backend="trio" if self.colour == "trio" else "asyncio")

    def unadvertised(self, status: int) -> BaseException | None:
        """Return the error of the call where discovery does not show the operation's gate."""
        return anyio.run(
            self._unadvertised, status, backend="trio" if self.colour == "trio" else "asyncio"
        )

    def marks(self) -> list[str]:
        """Return which required marks are wrong."""
        return anyio.run(self._marks)

    def repeats(self) -> bool:
        """Tell whether the call is sent again after a 503 that says nothing about itself."""
        return anyio.run(self._repeats, backend="trio" if self.colour == "trio" else "asyncio")

    def elsewhere(self) -> tuple[BaseException | None, list[Asked]]:
        """Return the error on a host whose major lacks the operation, and what was sent."""
        return anyio.run(self._elsewhere, backend="trio" if self.colour == "trio" else "asyncio")

    def _options(self) -> dict[str, Any]:
        # The document itself is the answer of this one, so negotiation would hide the call.
        forced = self.major if self.case.operation == "getCapabilities" else None
        return {
            "api_key": API_KEY,
            "protocol": forced,
            "retry": openwop.RetryPolicy(attempts=1),
        }

    async def _call(
        self, client: Any, *, items: int = 0, arguments: Mapping[str, Any] | None = None
    ) -> Any:
        given = self.case.given(self.major) if arguments is None else arguments
        method = client
        for name in self.case.call.split("."):
            method = getattr(method, name)
        return await settled(method(**given), items=items)

    async def _with_client(self, work: Any) -> Any:
        options = self._options()
        if self.colour == "sync":
            transport = HttpxTransport(verify=_TLS)
            with openwop.Client(self.host.url, transport=transport, **options) as client:
                result = await work(client)
            transport.close()
            return result
        async_transport = AsyncHttpxTransport(verify=_TLS)
        async with openwop.AsyncClient(
            self.host.url, transport=async_transport, **options
        ) as async_client:
            result = await work(async_client)
        await async_transport.aclose()
        return result

    def _script(self, said: Said, gate: str) -> None:
        forced = self.case.operation == "getCapabilities"

        def answer(asked: Asked) -> Said:
            if asked.target == DISCOVERY and not forced:
                return discovery(self.major, gate)
            return said

        self.host.script(answer)

    def _asked(self) -> list[Asked]:
        if self.case.operation == "getCapabilities":
            return self.host.asked
        return [asked for asked in self.host.asked if asked.target != DISCOVERY]

    async def _problems(self) -> list[str]:
        wire = self.case.wire(self.major)
        assert wire is not None

        async def work(client: Any) -> list[str]:
            self._script(_answer(wire, self.major), wire.gate)
            items = 1 + max(
                (int(path.partition(".")[0]) for path in wire.sees if path[:1].isdigit()),
                default=0,
            )
            try:
                result = await self._call(client, items=items)
            except Exception as error:
                return [f"raises {error!r}", *self._sent(wire)]
            return [*self._sent(wire), *seen(result, wire), *await self._fault(client, wire)]

        found: list[str] = await self._with_client(work)
        return found

    def _sent(self, wire: Wire) -> list[str]:
        asked = self._asked()
        if len(asked) != 1:
            return [f"{len(asked)} requests"]
        return request_problems(wire, self.major, asked[0])

    async def _fault(self, client: Any, wire: Wire) -> list[str]:
        fault = wire.fault
        self._script(_refusal(fault.status, fault.code, self.major), wire.gate)
        try:
            await self._call(client)
        except openwop.OpenWOPError as error:
            wanted = getattr(openwop, fault.raises)
            if type(error) is not wanted:
                return [f"{fault.status} {fault.code} raises {error!r} for {fault.raises}"]
            if (error.code, error.status_code) != (fault.code, fault.status):  # type: ignore[attr-defined]
                return [f"{error!r} has another code or status than {fault}"]
            return []
        return [f"{fault.status} {fault.code} raises nothing"]

    async def _unadvertised(self, status: int) -> BaseException | None:
        async def work(client: Any) -> BaseException | None:
            self._script(_refusal(status, "not_found", self.major), "")
            try:
                await self._call(client)
            except openwop.OpenWOPError as error:
                return error
            return None

        error: BaseException | None = await self._with_client(work)
        return error

    async def _marks(self) -> list[str]:
        wire = self.case.wire(self.major)
        assert wire is not None
        given, must = self.case.given(self.major), needed(self.case, self.major)

        async def sent(client: Any, names: Iterable[str]) -> bool:
            self._script(_answer(wire, self.major), wire.gate)
            chosen = {name: given[name] for name in names}
            try:
                await self._call(client, items=1, arguments=chosen)
            except (openwop.ConfigurationError, TypeError):
                return False
            return bool(self._asked())

        async def work(client: Any) -> list[str]:
            found = [] if await sent(client, must) else ["is not sent with what is required"]
            for name in sorted(must):
                if await sent(client, set(given) - {name}):
                    found.append(f"is sent without {name}")
            return found

        found: list[str] = await self._with_client(work)
        return found

    async def _repeats(self) -> bool:
        wire = self.case.wire(self.major)
        assert wire is not None
        policy = openwop.RetryPolicy(attempts=2, initial=0.0, maximum=0.0)

        async def work(client: Any) -> list[str]:
            self._script(_refusal(503, "acme.unknown", self.major), wire.gate)
            with contextlib.suppress(openwop.InternalServerError):
                await self._call(client.with_options(retry=policy))
            sent = self._asked()
            return [asked.headers.get("idempotency-key", "") for asked in sent]

        keys: list[str] = await self._with_client(work)
        assert len(set(keys)) == 1, keys
        return len(keys) == 2

    async def _elsewhere(self) -> tuple[BaseException | None, list[Asked]]:
        async def work(client: Any) -> BaseException | None:
            self._script(Said(200, {}), "")
            try:
                await self._call(client)
            except openwop.OpenWOPError as error:
                return error
            return None

        error: BaseException | None = await self._with_client(work)
        return error, self._asked()
