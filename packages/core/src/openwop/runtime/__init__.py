"""What clients are built on: plans, retries, deadlines, hooks, models; it knows no OpenWOP.

Generated clients import from here.  Names are loaded when somebody first looks at them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from openwop.runtime._lazy import attach

if TYPE_CHECKING:
    from openwop.runtime._auth import (
        Auth as Auth,
        AuthProvider as AuthProvider,
    )
    from openwop.runtime._call import (
        ApiResponse as ApiResponse,
        Call as Call,
        CallOptions as CallOptions,
        MutationOptions as MutationOptions,
        Stash as Stash,
        StashKey as StashKey,
    )
    from openwop.runtime._client import (
        BaseAsyncClient as BaseAsyncClient,
        BaseClient as BaseClient,
    )
    from openwop.runtime._codec import (
        structure as structure,
        to_wire as to_wire,
    )
    from openwop.runtime._core import (
        Core as Core,
        Settings as Settings,
    )
    from openwop.runtime._dialect import (
        Dialect as Dialect,
        ErrorClasses as ErrorClasses,
        ErrorFacts as ErrorFacts,
    )
    from openwop.runtime._effects import (
        Ask as Ask,
        Plan as Plan,
        Send as Send,
        Sleep as Sleep,
    )
    from openwop.runtime._hooks import (
        Options as Options,
        Outcome as Outcome,
        hookimpl as hookimpl,
        hookspec as hookspec,
    )
    from openwop.runtime._model import (
        Model as Model,
    )
    from openwop.runtime._oauth import (
        OAuth2ClientCredentials as OAuth2ClientCredentials,
    )
    from openwop.runtime._operation import (
        UNSET as UNSET,
        Operation as Operation,
        Paging as Paging,
        Parameter as Parameter,
        Route as Route,
        Unset as Unset,
    )
    from openwop.runtime._pages import (
        AsyncPager as AsyncPager,
        Pager as Pager,
    )
    from openwop.runtime._raw import (
        AsyncStreamed as AsyncStreamed,
        AsyncStreamedResponse as AsyncStreamedResponse,
        Streamed as Streamed,
        StreamedResponse as StreamedResponse,
        as_raw as as_raw,
        as_raw_async as as_raw_async,
        as_streamed as as_streamed,
        as_streamed_async as as_streamed_async,
    )
    from openwop.runtime._retry import (
        RetryBudget as RetryBudget,
        RetryPolicy as RetryPolicy,
    )
    from openwop.runtime._stream import (
        AsyncStream as AsyncStream,
        Stream as Stream,
    )
    from openwop.runtime._structure import (
        StructureError as StructureError,
    )
    from openwop.runtime.errors import (
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
        PermissionDeniedError as PermissionDeniedError,
        RateLimitError as RateLimitError,
        SDKError as SDKError,
        StreamError as StreamError,
        StreamInterruptedError as StreamInterruptedError,
        StreamStalledError as StreamStalledError,
        UnprocessableEntityError as UnprocessableEntityError,
    )

__getattr__, __dir__ = attach(
    __name__,
    {
        "APIConnectionError": "openwop.runtime.errors",
        "APIError": "openwop.runtime.errors",
        "APIResponseValidationError": "openwop.runtime.errors",
        "APIStatusError": "openwop.runtime.errors",
        "APITimeoutError": "openwop.runtime.errors",
        "ApiResponse": "openwop.runtime._call",
        "Ask": "openwop.runtime._effects",
        "AsyncPager": "openwop.runtime._pages",
        "AsyncStream": "openwop.runtime._stream",
        "AsyncStreamed": "openwop.runtime._raw",
        "AsyncStreamedResponse": "openwop.runtime._raw",
        "Auth": "openwop.runtime._auth",
        "AuthProvider": "openwop.runtime._auth",
        "AuthenticationError": "openwop.runtime.errors",
        "BadRequestError": "openwop.runtime.errors",
        "BaseAsyncClient": "openwop.runtime._client",
        "BaseClient": "openwop.runtime._client",
        "Call": "openwop.runtime._call",
        "CallOptions": "openwop.runtime._call",
        "CapabilityNotSupportedError": "openwop.runtime.errors",
        "ConfigurationError": "openwop.runtime.errors",
        "ConflictError": "openwop.runtime.errors",
        "Core": "openwop.runtime._core",
        "DeadlineExceededError": "openwop.runtime.errors",
        "Dialect": "openwop.runtime._dialect",
        "ErrorClasses": "openwop.runtime._dialect",
        "ErrorFacts": "openwop.runtime._dialect",
        "GoneError": "openwop.runtime.errors",
        "InternalServerError": "openwop.runtime.errors",
        "Model": "openwop.runtime._model",
        "MutationOptions": "openwop.runtime._call",
        "NotFoundError": "openwop.runtime.errors",
        "OAuth2ClientCredentials": "openwop.runtime._oauth",
        "Operation": "openwop.runtime._operation",
        "Options": "openwop.runtime._hooks",
        "Outcome": "openwop.runtime._hooks",
        "Pager": "openwop.runtime._pages",
        "Paging": "openwop.runtime._operation",
        "Parameter": "openwop.runtime._operation",
        "PermissionDeniedError": "openwop.runtime.errors",
        "Plan": "openwop.runtime._effects",
        "RateLimitError": "openwop.runtime.errors",
        "RetryBudget": "openwop.runtime._retry",
        "RetryPolicy": "openwop.runtime._retry",
        "Route": "openwop.runtime._operation",
        "SDKError": "openwop.runtime.errors",
        "Send": "openwop.runtime._effects",
        "Settings": "openwop.runtime._core",
        "Sleep": "openwop.runtime._effects",
        "Stash": "openwop.runtime._call",
        "StashKey": "openwop.runtime._call",
        "Stream": "openwop.runtime._stream",
        "StreamError": "openwop.runtime.errors",
        "StreamInterruptedError": "openwop.runtime.errors",
        "StreamStalledError": "openwop.runtime.errors",
        "Streamed": "openwop.runtime._raw",
        "StreamedResponse": "openwop.runtime._raw",
        "StructureError": "openwop.runtime._structure",
        "UNSET": "openwop.runtime._operation",
        "UnprocessableEntityError": "openwop.runtime.errors",
        "Unset": "openwop.runtime._operation",
        "as_raw": "openwop.runtime._raw",
        "as_raw_async": "openwop.runtime._raw",
        "as_streamed": "openwop.runtime._raw",
        "as_streamed_async": "openwop.runtime._raw",
        "hookimpl": "openwop.runtime._hooks",
        "hookspec": "openwop.runtime._hooks",
        "structure": "openwop.runtime._codec",
        "to_wire": "openwop.runtime._codec",
    },
)

__all__ = [
    "UNSET",
    "APIConnectionError",
    "APIError",
    "APIResponseValidationError",
    "APIStatusError",
    "APITimeoutError",
    "ApiResponse",
    "Ask",
    "AsyncPager",
    "AsyncStream",
    "AsyncStreamed",
    "AsyncStreamedResponse",
    "Auth",
    "AuthProvider",
    "AuthenticationError",
    "BadRequestError",
    "BaseAsyncClient",
    "BaseClient",
    "Call",
    "CallOptions",
    "CapabilityNotSupportedError",
    "ConfigurationError",
    "ConflictError",
    "Core",
    "DeadlineExceededError",
    "Dialect",
    "ErrorClasses",
    "ErrorFacts",
    "GoneError",
    "InternalServerError",
    "Model",
    "MutationOptions",
    "NotFoundError",
    "OAuth2ClientCredentials",
    "Operation",
    "Options",
    "Outcome",
    "Pager",
    "Paging",
    "Parameter",
    "PermissionDeniedError",
    "Plan",
    "RateLimitError",
    "RetryBudget",
    "RetryPolicy",
    "Route",
    "SDKError",
    "Send",
    "Settings",
    "Sleep",
    "Stash",
    "StashKey",
    "Stream",
    "StreamError",
    "StreamInterruptedError",
    "StreamStalledError",
    "Streamed",
    "StreamedResponse",
    "StructureError",
    "UnprocessableEntityError",
    "Unset",
    "as_raw",
    "as_raw_async",
    "as_streamed",
    "as_streamed_async",
    "hookimpl",
    "hookspec",
    "structure",
    "to_wire",
]
