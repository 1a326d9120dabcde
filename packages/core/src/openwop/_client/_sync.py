"""The blocking client."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

from openwop._client._host_sync import Host
from openwop._client._making import DEFAULT_LIMIT, DEFAULT_RETRY, make
from openwop._client._runs_sync import Runs
from openwop._generated.client import RawResources, Resources, StreamedResources
from openwop.runtime import Auth, RetryPolicy
from openwop.wire import Transport

__all__ = ["Client"]


class Client(Resources):
    """A client of one OpenWOP host, blocking and thread-safe; use it inside `with`.

    It speaks the highest protocol major that it shares with the host, which one discovery call
    finds out.  A client without a key is legal: what needs one says so before sending.

    Args:
        base_url: The host's bare origin; by default `OPENWOP_BASE_URL`.
        api_key: The API key; by default `OPENWOP_API_KEY`.
        auth: In place of a key: a function that returns one, or a provider.
        timeout: Seconds that one attempt may take, up to the last byte of its body; None for no
            bound.
        deadline: Seconds that a call may take with its retries and waits; None for no bound.
            Streams are bounded only by a deadline given to the call.
        retry: How often and how patiently a call is repeated.
        transport: What moves the bytes; by default httpx.  One that is passed in is left open.
        plugins: Plugins of this client.
        load_plugins: Whether the installed plugins take part.
        headers: Headers to send with every request.
        protocol: 1 or 2 to speak that major without asking; None to ask the host.
        validation: `tolerant` accepts what real hosts leave out and what newer ones add; `strict`
            raises on every deviation from the protocol.
        max_response_bytes: The most bytes of an answer that is read whole; None for no limit.

    Raises:
        ConfigurationError: An argument, or what the environment gives, is wrong.

    Section: v1.md §1-§6, v2.md §2.
    """

    def __init__(
        self,
        base_url: str | None = None,
        *,
        api_key: str | None = None,
        auth: Auth | None = None,
        timeout: float | None = 30.0,
        deadline: float | None = None,
        retry: RetryPolicy = DEFAULT_RETRY,
        transport: Transport | None = None,
        plugins: Iterable[object] = (),
        load_plugins: bool = True,
        headers: Mapping[str, str] | None = None,
        protocol: int | None = None,
        validation: str = "tolerant",
        max_response_bytes: int | None = DEFAULT_LIMIT,
    ) -> None:
        self._is_copy = False
        self._core, self._settings = make(
            self,
            base_url=base_url,
            api_key=api_key,
            auth=auth,
            timeout=timeout,
            deadline=deadline,
            retry=retry,
            transport=transport,
            plugins=plugins,
            load_plugins=load_plugins,
            headers=headers,
            protocol=protocol,
            validation=validation,
            max_response_bytes=max_response_bytes,
        )

    @cached_property
    def host(self) -> Host:
        """The host itself: its events, its effect seams, its plugins."""
        return Host(self)

    @cached_property
    def runs(self) -> Runs:
        """Runs: start, follow, list, pause, resume, cancel, fork and compare them."""
        return Runs(self)

    @cached_property
    def with_raw_response(self) -> RawResources:
        """The same methods, returning `ApiResponse` with the status, headers and attempts."""
        return RawResources(self._copied(mode="raw"))

    @cached_property
    def with_streaming_response(self) -> StreamedResources:
        """The same methods, returning a context manager whose body is read only when asked."""
        return StreamedResources(self._copied(mode="streamed"))
