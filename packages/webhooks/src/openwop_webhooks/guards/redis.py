"""A replay guard in Redis, shared by any number of machines."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, Protocol, cast

from openwop.errors import ConfigurationError

from ._base import DEFAULT_LEASE, DEFAULT_RETENTION, Claim, ClaimState, check_times

if TYPE_CHECKING:
    from collections.abc import Awaitable

__all__ = ["AsyncRedisClient", "AsyncRedisReplayGuard", "RedisClient", "RedisReplayGuard"]

_HANDLED = b"handled"

# Redis runs a script without interruption, so reading the token and acting on it are one step.
_COMPLETE = """
local held = redis.call('GET', KEYS[1])
if held and held ~= ARGV[1] and held ~= 'handled' then return 0 end
redis.call('SET', KEYS[1], 'handled', 'PX', ARGV[2])
return 1
"""
_RELEASE = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
return 1
"""


class RedisClient(Protocol):
    """What `RedisReplayGuard` needs of a client; `redis.Redis` has it."""

    def set(self, name: str, value: str, *, nx: bool, px: int) -> Any:
        """Set a key for *px* milliseconds, with *nx* only where it is missing."""
        ...

    def get(self, name: str) -> Any:
        """Return the value of a key, or None."""
        ...

    def eval(self, script: str, numkeys: int, *keys_and_args: str) -> Any:
        """Run a script."""
        ...

    def close(self) -> None:
        """Give up the connections."""
        ...


class AsyncRedisClient(Protocol):
    """What `AsyncRedisReplayGuard` needs of a client; `redis.asyncio.Redis` has it."""

    def set(self, name: str, value: str, *, nx: bool, px: int) -> Awaitable[Any]:
        """Set a key for *px* milliseconds, with *nx* only where it is missing."""
        ...

    def get(self, name: str) -> Awaitable[Any]:
        """Return the value of a key, or None."""
        ...

    def eval(self, script: str, numkeys: int, *keys_and_args: str) -> Awaitable[Any]:
        """Run a script."""
        ...

    async def aclose(self) -> None:
        """Give up the connections."""
        ...


def _as_bytes(value: object) -> bytes:
    # A client made with decode_responses=True gives str.
    return value if isinstance(value, bytes) else str(value).encode()


def _connect(url: str, *, is_async: bool) -> Any:
    try:
        import redis
        import redis.asyncio
    except ImportError:
        raise ConfigurationError(
            "a Redis replay guard needs redis-py: the extra 'redis' of openwop-webhooks"
        ) from None
    options = {"socket_timeout": 2.0, "socket_connect_timeout": 2.0}
    if is_async:
        return cast("Any", redis.asyncio.Redis).from_url(url, **options)
    return cast("Any", redis.Redis).from_url(url, **options)


class _Settings:
    """What the two guards have in common."""

    def __init__(self, lease: float, retention: float, prefix: str) -> None:
        check_times(lease, retention)
        self.lease = lease
        self.retention = retention
        self._prefix = prefix

    @property
    def _lease_ms(self) -> int:
        return max(1, round(self.lease * 1000))

    @property
    def _retention_ms(self) -> str:
        return str(max(1, round(self.retention * 1000)))

    def _seen(self, held: object) -> Claim:
        # None: the claim lapsed between the two commands.  The host's next try gets the key.
        handled = held is not None and _as_bytes(held) == _HANDLED
        return Claim(ClaimState.HANDLED if handled else ClaimState.IN_PROGRESS)


class RedisReplayGuard(_Settings):
    """Keeps claims in Redis, with the server's own expiry: right for several machines.

    The server must not evict these keys (`maxmemory-policy noeviction`, or `volatile-*` with room),
    for an evicted key is a delivery that can be handled again.

    Args:
        client: A `redis.Redis`, or the URL of a server.
        lease: Seconds for which a claim is held.
        retention: Seconds for which a handled key is remembered.
        prefix: What every key starts with; receivers that share a server may share it.

    Raises:
        ConfigurationError: The times make no sense, or redis-py is missing.
    """

    blocking = True

    def __init__(
        self,
        client: RedisClient | str,
        *,
        lease: float = DEFAULT_LEASE,
        retention: float = DEFAULT_RETENTION,
        prefix: str = "openwop:webhook:",
    ) -> None:
        super().__init__(lease, retention, prefix)
        self._client: RedisClient = (
            _connect(client, is_async=False) if isinstance(client, str) else client
        )

    def claim(self, key: str) -> Claim:
        """Claim *key*, or say who was there before."""
        name, token = self._prefix + key, secrets.token_hex(8)
        if self._client.set(name, token, nx=True, px=self._lease_ms):
            return Claim(ClaimState.NEW, token)
        return self._seen(self._client.get(name))

    def complete(self, key: str, token: str) -> bool:
        """Remember *key* as handled; False where somebody else holds it by now."""
        name = self._prefix + key
        return bool(self._client.eval(_COMPLETE, 1, name, token, self._retention_ms))

    def release(self, key: str, token: str) -> bool:
        """Forget the claim; False where it lapsed."""
        return bool(self._client.eval(_RELEASE, 1, self._prefix + key, token))

    def close(self) -> None:
        """Close the client, also one that was passed in."""
        self._client.close()


class AsyncRedisReplayGuard(_Settings):
    """The asynchronous twin of `RedisReplayGuard`, for `verify_async` and asynchronous adapters.

    Args:
        client: A `redis.asyncio.Redis`, or the URL of a server.
        lease: Seconds for which a claim is held.
        retention: Seconds for which a handled key is remembered.
        prefix: What every key starts with; receivers that share a server may share it.

    Raises:
        ConfigurationError: The times make no sense, or redis-py is missing.
    """

    def __init__(
        self,
        client: AsyncRedisClient | str,
        *,
        lease: float = DEFAULT_LEASE,
        retention: float = DEFAULT_RETENTION,
        prefix: str = "openwop:webhook:",
    ) -> None:
        super().__init__(lease, retention, prefix)
        self._client: AsyncRedisClient = (
            _connect(client, is_async=True) if isinstance(client, str) else client
        )

    async def claim(self, key: str) -> Claim:
        """Claim *key*, or say who was there before."""
        name, token = self._prefix + key, secrets.token_hex(8)
        if await self._client.set(name, token, nx=True, px=self._lease_ms):
            return Claim(ClaimState.NEW, token)
        return self._seen(await self._client.get(name))

    async def complete(self, key: str, token: str) -> bool:
        """Remember *key* as handled; False where somebody else holds it by now."""
        name = self._prefix + key
        return bool(await self._client.eval(_COMPLETE, 1, name, token, self._retention_ms))

    async def release(self, key: str, token: str) -> bool:
        """Forget the claim; False where it lapsed."""
        return bool(await self._client.eval(_RELEASE, 1, self._prefix + key, token))

    async def aclose(self) -> None:
        """Close the client, also one that was passed in."""
        await self._client.aclose()
