"""A client of OXP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openwop.runtime.lazy import attach

if TYPE_CHECKING:
    from oxp_client.client import AsyncClient as AsyncClient, Client as Client
    from oxp_client.errors import (
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
        GoneError as GoneError,
        InternalServerError as InternalServerError,
        NotFoundError as NotFoundError,
        OxpError as OxpError,
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
    "GoneError",
    "InternalServerError",
    "NotFoundError",
    "OxpError",
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
        "AsyncClient": "oxp_client.client",
        "Client": "oxp_client.client",
        "APIConnectionError": "oxp_client.errors",
        "APIError": "oxp_client.errors",
        "APIResponseValidationError": "oxp_client.errors",
        "APIStatusError": "oxp_client.errors",
        "APITimeoutError": "oxp_client.errors",
        "AuthenticationError": "oxp_client.errors",
        "BadRequestError": "oxp_client.errors",
        "CapabilityNotSupportedError": "oxp_client.errors",
        "ConfigurationError": "oxp_client.errors",
        "ConflictError": "oxp_client.errors",
        "DeadlineExceededError": "oxp_client.errors",
        "GoneError": "oxp_client.errors",
        "InternalServerError": "oxp_client.errors",
        "NotFoundError": "oxp_client.errors",
        "OxpError": "oxp_client.errors",
        "PermissionDeniedError": "oxp_client.errors",
        "RateLimitError": "oxp_client.errors",
        "StreamError": "oxp_client.errors",
        "StreamInterruptedError": "oxp_client.errors",
        "StreamStalledError": "oxp_client.errors",
        "UnprocessableEntityError": "oxp_client.errors",
    },
)
