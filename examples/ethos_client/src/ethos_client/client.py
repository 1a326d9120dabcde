"""The clients of Ethos, and the place for what is written by hand."""

from __future__ import annotations

from typing import Unpack

from ethos_client._generated import face
from openwop.runtime.service import ClientOptions

__all__ = ["AsyncClient", "Client"]


def _with_origin(origin: str | None, options: ClientOptions) -> ClientOptions:
    """Return *options* with the `Origin` header that a key with an allow-list needs."""
    if origin is not None:
        options["headers"] = {"Origin": origin, **(options.get("headers") or {})}
    return options


class Client(face.Client):
    """The blocking client of Ethos.

    Args:
        base_url: The server; by default `ETHOS_BASE_URL`, else the own machine.
        origin: The origin to name, for a key that is only good from some.
        **options: What every client takes.

    Section: ethos.md 4.
    """

    def __init__(
        self,
        base_url: str | None = None,
        *,
        origin: str | None = None,
        **options: Unpack[ClientOptions],
    ) -> None:
        super().__init__(base_url, **_with_origin(origin, options))


class AsyncClient(face.AsyncClient):
    """The asynchronous client of Ethos.

    Args:
        base_url: The server; by default `ETHOS_BASE_URL`, else the own machine.
        origin: The origin to name, for a key that is only good from some.
        **options: What every client takes.

    Section: ethos.md 4.
    """

    def __init__(
        self,
        base_url: str | None = None,
        *,
        origin: str | None = None,
        **options: Unpack[ClientOptions],
    ) -> None:
        super().__init__(base_url, **_with_origin(origin, options))
