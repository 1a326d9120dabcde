"""What `client.host` offers beyond the operations of the protocol, asynchronous."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Unpack, cast

from openwop._generated.operations.host import EVENTS as STREAM_HOST_EVENTS
from openwop._generated.resources.host import AsyncHost as Operations
from openwop._streams import AsyncHostEventStream
from openwop._streams._host_state import HostStream
from openwop.runtime import CallOptions

if TYPE_CHECKING:
    from openwop._client._async import AsyncClient

__all__ = ["AsyncHost"]


class AsyncHost(Operations):
    """The host itself: its events, its effect seams, its plugins."""

    def events(
        self,
        *,
        after: str | None = None,
        reconnect: bool = True,
        silence: float | None = None,
        on_resync: Callable[[], None] | None = None,
        **options: Unpack[CallOptions],
    ) -> AsyncHostEventStream:
        """Follow the events that belong to the host and not to a run; use it inside `async with`.

        Major 2 only.  The stream has no end.  Durable events are resumed over connections;
        ephemeral ones are gone where nobody listens.

        Args:
            after: The id of the last durable event that you know, to go on behind it.
            reconnect: Whether a connection that ends is made anew.
            silence: Seconds without an event after which the stream is given up; None for no limit.
            on_resync: Called where the host no longer has what follows the last known event, so
                that you can read the state of things anew; the stream goes on with what comes.
            **options: Options of the call; a `deadline` bounds the whole stream.

        Returns:
            An asynchronous iterator over the events, which connects on first use.

        Raises:
            CapabilityNotSupportedError: The host has no events, or speaks major 1.

        Section: v2.md §12.8.
        """
        client = cast("AsyncClient", self._client)
        call = client._exchange(  # noqa: SLF001  # the same package's client
            STREAM_HOST_EVENTS, {}, options, streaming=True
        ).call
        state = HostStream(
            client._core,  # noqa: SLF001
            client._settings,  # noqa: SLF001
            call,
            after=after,
            reconnect=reconnect,
            silence=silence,
            on_resync=on_resync,
            options=options,
        )
        return AsyncHostEventStream(client._core, call, state)  # noqa: SLF001
