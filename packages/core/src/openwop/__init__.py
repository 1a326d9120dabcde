"""OpenWOP in Python: start runs, follow them, answer what waits for a human.

    import openwop

    with openwop.Client("https://api.example.com", api_key="hk_test_abc123") as client:
        run = client.runs.start("my-wf", inputs={"foo": "bar"})
        with run.events() as events:
            for event in events:
                print(event.sequence, event.type)
        print(run.result(timeout=60))

Names are loaded when somebody first looks at them, so importing the package costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from openwop.runtime._lazy import attach

if TYPE_CHECKING:
    from openwop import (
        errors as errors,
        events as events,
        models as models,
        params as params,
        runtime as runtime,
        sse as sse,
        transports as transports,
        wire as wire,
    )
    from openwop._client import (
        AsyncClient as AsyncClient,
        Client as Client,
    )
    from openwop._decisions import (
        Decision as Decision,
        Interrupt as Interrupt,
        Progress as Progress,
    )
    from openwop._handles import (
        AsyncRunHandle as AsyncRunHandle,
        RunHandle as RunHandle,
    )
    from openwop._streams import (
        AsyncEventStream as AsyncEventStream,
        EventStream as EventStream,
    )
    from openwop.errors import (
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
        InterruptAlreadyResolvedError as InterruptAlreadyResolvedError,
        InterruptExpiredError as InterruptExpiredError,
        NotFoundError as NotFoundError,
        OpenWOPError as OpenWOPError,
        PermissionDeniedError as PermissionDeniedError,
        ProtocolVersionError as ProtocolVersionError,
        RateLimitError as RateLimitError,
        RunCancelledError as RunCancelledError,
        RunFailedError as RunFailedError,
        RunNeedsInputError as RunNeedsInputError,
        RunOutcomeError as RunOutcomeError,
        StreamError as StreamError,
        StreamInterruptedError as StreamInterruptedError,
        StreamStalledError as StreamStalledError,
        UnprocessableEntityError as UnprocessableEntityError,
        WaitTimeoutError as WaitTimeoutError,
    )
    from openwop.routing import (
        EventRouter as EventRouter,
    )
    from openwop.runtime import (
        ApiResponse as ApiResponse,
        AsyncPager as AsyncPager,
        AuthProvider as AuthProvider,
        Call as Call,
        Options as Options,
        Pager as Pager,
        RetryBudget as RetryBudget,
        RetryPolicy as RetryPolicy,
        StashKey as StashKey,
        UNSET as UNSET,
        hookimpl as hookimpl,
        hookspec as hookspec,
    )
    from openwop.transports import (
        AsyncHttpxTransport as AsyncHttpxTransport,
        HttpxTransport as HttpxTransport,
    )
    from openwop.wire import (
        AsyncTransport as AsyncTransport,
        Request as Request,
        Response as Response,
        Transport as Transport,
    )
    from openwop._version import (
        __version__ as __version__,
    )
    from openwop._codes import (
        ERROR_CODES as ERROR_CODES,
        is_error_code as is_error_code,
        is_retryable_code as is_retryable_code,
    )

__getattr__, __dir__ = attach(
    __name__,
    {
        "APIConnectionError": "openwop.errors",
        "APIError": "openwop.errors",
        "APIResponseValidationError": "openwop.errors",
        "APIStatusError": "openwop.errors",
        "APITimeoutError": "openwop.errors",
        "ApiResponse": "openwop.runtime",
        "AsyncClient": "openwop._client",
        "AsyncEventStream": "openwop._streams",
        "AsyncHttpxTransport": "openwop.transports",
        "AsyncPager": "openwop.runtime",
        "AsyncRunHandle": "openwop._handles",
        "AsyncTransport": "openwop.wire",
        "AuthProvider": "openwop.runtime",
        "AuthenticationError": "openwop.errors",
        "BadRequestError": "openwop.errors",
        "Call": "openwop.runtime",
        "CapabilityNotSupportedError": "openwop.errors",
        "Client": "openwop._client",
        "ConfigurationError": "openwop.errors",
        "ConflictError": "openwop.errors",
        "DeadlineExceededError": "openwop.errors",
        "Decision": "openwop._decisions",
        "ERROR_CODES": "openwop._codes",
        "EventStream": "openwop._streams",
        "EventRouter": "openwop.routing",
        "GoneError": "openwop.errors",
        "HttpxTransport": "openwop.transports",
        "InternalServerError": "openwop.errors",
        "Interrupt": "openwop._decisions",
        "InterruptAlreadyResolvedError": "openwop.errors",
        "InterruptExpiredError": "openwop.errors",
        "NotFoundError": "openwop.errors",
        "OpenWOPError": "openwop.errors",
        "Options": "openwop.runtime",
        "Pager": "openwop.runtime",
        "PermissionDeniedError": "openwop.errors",
        "Progress": "openwop._decisions",
        "ProtocolVersionError": "openwop.errors",
        "RateLimitError": "openwop.errors",
        "Request": "openwop.wire",
        "Response": "openwop.wire",
        "RetryBudget": "openwop.runtime",
        "RetryPolicy": "openwop.runtime",
        "RunCancelledError": "openwop.errors",
        "RunFailedError": "openwop.errors",
        "RunHandle": "openwop._handles",
        "RunNeedsInputError": "openwop.errors",
        "RunOutcomeError": "openwop.errors",
        "StashKey": "openwop.runtime",
        "StreamError": "openwop.errors",
        "StreamInterruptedError": "openwop.errors",
        "StreamStalledError": "openwop.errors",
        "Transport": "openwop.wire",
        "UNSET": "openwop.runtime",
        "UnprocessableEntityError": "openwop.errors",
        "WaitTimeoutError": "openwop.errors",
        "__version__": "openwop._version",
        "errors": "openwop.errors",
        "events": "openwop.events",
        "hookimpl": "openwop.runtime",
        "hookspec": "openwop.runtime",
        "is_error_code": "openwop._codes",
        "is_retryable_code": "openwop._codes",
        "models": "openwop.models",
        "params": "openwop.params",
        "runtime": "openwop.runtime",
        "sse": "openwop.sse",
        "transports": "openwop.transports",
        "wire": "openwop.wire",
    },
)

__all__ = [
    "APIConnectionError",
    "APIError",
    "APIResponseValidationError",
    "APIStatusError",
    "APITimeoutError",
    "ApiResponse",
    "AsyncClient",
    "AsyncEventStream",
    "AsyncHttpxTransport",
    "AsyncPager",
    "AsyncRunHandle",
    "AsyncTransport",
    "AuthProvider",
    "AuthenticationError",
    "BadRequestError",
    "Call",
    "CapabilityNotSupportedError",
    "Client",
    "ConfigurationError",
    "ConflictError",
    "DeadlineExceededError",
    "Decision",
    "ERROR_CODES",
    "EventRouter",
    "EventStream",
    "GoneError",
    "HttpxTransport",
    "InternalServerError",
    "Interrupt",
    "InterruptAlreadyResolvedError",
    "InterruptExpiredError",
    "NotFoundError",
    "OpenWOPError",
    "Options",
    "Pager",
    "PermissionDeniedError",
    "Progress",
    "ProtocolVersionError",
    "RateLimitError",
    "Request",
    "Response",
    "RetryBudget",
    "RetryPolicy",
    "RunCancelledError",
    "RunFailedError",
    "RunHandle",
    "RunNeedsInputError",
    "RunOutcomeError",
    "StashKey",
    "StreamError",
    "StreamInterruptedError",
    "StreamStalledError",
    "Transport",
    "UNSET",
    "UnprocessableEntityError",
    "WaitTimeoutError",
    "__version__",
    "errors",
    "events",
    "hookimpl",
    "hookspec",
    "is_error_code",
    "is_retryable_code",
    "models",
    "params",
    "runtime",
    "sse",
    "transports",
    "wire",
]
