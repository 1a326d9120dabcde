"""A client of Ethos."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openwop.runtime.lazy import attach

if TYPE_CHECKING:
    from ethos_client.client import AsyncClient as AsyncClient, Client as Client
    from ethos_client.errors import (
        APIConnectionError as APIConnectionError,
        APIError as APIError,
        APIResponseValidationError as APIResponseValidationError,
        APIStatusError as APIStatusError,
        APITimeoutError as APITimeoutError,
        AuthenticationError as AuthenticationError,
        BadRequestError as BadRequestError,
        CapabilityNotSupportedError as CapabilityNotSupportedError,
        ConfigurationError as ConfigurationError,
        ConflictError as ConflictError,
        DeadlineExceededError as DeadlineExceededError,
        EthosError as EthosError,
        GoneError as GoneError,
        InternalServerError as InternalServerError,
        NotFoundError as NotFoundError,
        PermissionDeniedError as PermissionDeniedError,
        RateLimitError as RateLimitError,
        StreamError as StreamError,
        StreamInterruptedError as StreamInterruptedError,
        StreamStalledError as StreamStalledError,
        UnprocessableEntityError as UnprocessableEntityError,
    )

__all__ = [
    "APIConnectionError",
    "APIError",
    "APIResponseValidationError",
    "APIStatusError",
    "APITimeoutError",
    "AsyncClient",
    "AuthenticationError",
    "BadRequestError",
    "CapabilityNotSupportedError",
    "Client",
    "ConfigurationError",
    "ConflictError",
    "DeadlineExceededError",
    "EthosError",
    "GoneError",
    "InternalServerError",
    "NotFoundError",
    "PermissionDeniedError",
    "RateLimitError",
    "StreamError",
    "StreamInterruptedError",
    "StreamStalledError",
    "UnprocessableEntityError",
]

__getattr__, __dir__ = attach(
    __name__,
    {
        "AsyncClient": "ethos_client.client",
        "Client": "ethos_client.client",
        "APIConnectionError": "ethos_client.errors",
        "APIError": "ethos_client.errors",
        "APIResponseValidationError": "ethos_client.errors",
        "APIStatusError": "ethos_client.errors",
        "APITimeoutError": "ethos_client.errors",
        "AuthenticationError": "ethos_client.errors",
        "BadRequestError": "ethos_client.errors",
        "CapabilityNotSupportedError": "ethos_client.errors",
        "ConfigurationError": "ethos_client.errors",
        "ConflictError": "ethos_client.errors",
        "DeadlineExceededError": "ethos_client.errors",
        "EthosError": "ethos_client.errors",
        "GoneError": "ethos_client.errors",
        "InternalServerError": "ethos_client.errors",
        "NotFoundError": "ethos_client.errors",
        "PermissionDeniedError": "ethos_client.errors",
        "RateLimitError": "ethos_client.errors",
        "StreamError": "ethos_client.errors",
        "StreamInterruptedError": "ethos_client.errors",
        "StreamStalledError": "ethos_client.errors",
        "UnprocessableEntityError": "ethos_client.errors",
    },
)
