"""The clients of OXP, and the place for what is written by hand."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from uuid import uuid4

import anyio

from openwop.runtime import RetryPolicy
from oxp_client._generated import face
from oxp_client._generated.models import CallToolFailure, CallToolSuccess
from oxp_client._generated.params import ToolCallContextParam

__all__ = ["AsyncClient", "AsyncOxp", "Client", "Oxp"]

# A call carries its id as the key that makes repeating it safe, so a POST may be repeated too.
_SAFE = RetryPolicy(unsafe=True)


def _request(
    tool_id: str,
    arguments: Mapping[str, object] | None,
    context: ToolCallContextParam | None,
    call_id: str | None,
) -> dict[str, object]:
    request: dict[str, object] = {"tool_id": tool_id, "call_id": call_id or str(uuid4())}
    if arguments is not None:
        request["input"] = arguments
    if context is not None:
        request["context"] = context
    return request


def _wait(outcome: CallToolSuccess | CallToolFailure) -> float | None:
    """Return the seconds to wait before the tool may be called again; None where it may not."""
    if isinstance(outcome, CallToolSuccess) or not outcome.error.can_retry:
        return None
    return (outcome.error.retry_after_ms or 0) / 1000.0


class Client(face.Client):
    """The blocking client of OXP."""

    def call_tool(
        self,
        tool_id: str,
        arguments: Mapping[str, object] | None = None,
        *,
        context: ToolCallContextParam | None = None,
        call_id: str | None = None,
        attempts: int = 3,
        pause: Callable[[float], object] = time.sleep,
    ) -> CallToolSuccess | CallToolFailure:
        """Call a tool, and again where its error says that this may help.

        Every request of the call has one `call_id`, so that nothing is done twice.

        Args:
            tool_id: The tool, as `Toolkit.Tool` or `Toolkit.Tool@1.2.3`.
            arguments: What the tool takes.
            context: Authorizations, secrets and the user.
            call_id: The id of the call; made where not given.
            attempts: How often the tool is called at most.
            pause: Waits so many seconds between two calls.

        Returns:
            How the call ended: a tool that fails is a value, not an error.

        Section: oxp.md 4.
        """
        request = _request(tool_id, arguments, context, call_id)
        while True:
            answer = self.tools.call(request=request, retry=_SAFE)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
            attempts -= 1
            wait = _wait(answer.result)
            if wait is None or attempts < 1:
                return answer.result
            pause(wait)


class AsyncClient(face.AsyncClient):
    """The asynchronous client of OXP."""

    async def call_tool(
        self,
        tool_id: str,
        arguments: Mapping[str, object] | None = None,
        *,
        context: ToolCallContextParam | None = None,
        call_id: str | None = None,
        attempts: int = 3,
        pause: Callable[[float], Awaitable[object]] = anyio.sleep,
    ) -> CallToolSuccess | CallToolFailure:
        """Call a tool, and again where its error says that this may help.

        Every request of the call has one `call_id`, so that nothing is done twice.

        Args:
            tool_id: The tool, as `Toolkit.Tool` or `Toolkit.Tool@1.2.3`.
            arguments: What the tool takes.
            context: Authorizations, secrets and the user.
            call_id: The id of the call; made where not given.
            attempts: How often the tool is called at most.
            pause: Waits so many seconds between two calls.

        Returns:
            How the call ended: a tool that fails is a value, not an error.

        Section: oxp.md 4.
        """
        request = _request(tool_id, arguments, context, call_id)
        while True:
            answer = await self.tools.call(request=request, retry=_SAFE)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
            attempts -= 1
            wait = _wait(answer.result)
            if wait is None or attempts < 1:
                return answer.result
            await pause(wait)


Oxp = Client
AsyncOxp = AsyncClient
