"""The two clients of an OpenWOP host."""

from __future__ import annotations

from openwop._client._async import AsyncClient
from openwop._client._sync import Client

__all__ = ["AsyncClient", "Client"]
