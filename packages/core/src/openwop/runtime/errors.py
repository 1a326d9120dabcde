"""What can go wrong in a call, for every client that is built on this runtime.

    SDKError                            the root; every one of these pickles
      ConfigurationError                before anything is sent; also a ValueError
      CapabilityNotSupportedError       the service lacks what was asked
      DeadlineExceededError             the whole call ran out of time; also a TimeoutError
      APIError
        APIConnectionError              no answer; `sent` tells whether anything left this machine
          APITimeoutError               also a TimeoutError
        APIStatusError                  an error answer, split by status
        APIResponseValidationError      an answer that the description does not allow
      StreamError
        StreamStalledError              nothing came for too long
        StreamInterruptedError          the stream broke and could not be resumed

Each client package subclasses these, so that `except openwop.NotFoundError` never catches another
service's 404 while `except openwop.runtime.NotFoundError` catches both.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openwop.wire import Request, Response

__all__ = [
    "APIConnectionError",
    "APIError",
    "APIResponseValidationError",
    "APIStatusError",
    "APITimeoutError",
    "AuthenticationError",
    "BadRequestError",
    "CapabilityNotSupportedError",
    "ConfigurationError",
    "ConflictError",
    "DeadlineExceededError",
    "GoneError",
    "InternalServerError",
    "NotFoundError",
    "PermissionDeniedError",
    "RateLimitError",
    "SDKError",
    "StreamError",
    "StreamInterruptedError",
    "StreamStalledError",
    "UnprocessableEntityError",
]


def _revive(cls: type[SDKError], args: tuple[Any, ...], state: Mapping[str, Any]) -> SDKError:
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class SDKError(Exception):
    """The root of every error that this runtime and the clients on it raise.

    Args:
        message: What failed and what to do about it, without secrets.
    """

    trace_id: str | None = None

    def __init__(self, message: str = "") -> None:
        super().__init__(message)

    def __reduce__(self) -> tuple[Any, ...]:
        # Keyword-only fields live in __dict__, so the constructor is not called again: errors
        # survive process pools and task queues whatever their signature is.
        return _revive, (type(self), self.args, dict(self.__dict__))

    def __str__(self) -> str:
        text = str(self.args[0]) if self.args else ""
        return f"{text} (trace={self.trace_id})" if self.trace_id else text


class ConfigurationError(SDKError, ValueError):
    """An argument or setting is wrong; nothing was sent."""


class CapabilityNotSupportedError(SDKError):
    """The service does not offer what was asked.

    Args:
        message: What was asked and what is missing.
        capability: The capability that would have to be there, as a dotted path.
        code: The error code of the answer; None where nothing was sent.
        status_code: The status of the answer; None where nothing was sent.
        details: The details of the answer.
        response: The answer; None where nothing was sent.
        trace_id: The trace id of the answer.
    """

    def __init__(
        self,
        message: str = "",
        *,
        capability: str | None = None,
        code: str | None = None,
        status_code: int | None = None,
        details: Mapping[str, Any] | None = None,
        response: Response | None = None,
        trace_id: str | None = None,
    ) -> None:
        super().__init__(message)
        self.capability = capability
        self.code = code
        self.status_code = status_code
        self.details: Mapping[str, Any] = details or {}
        self.response = response
        self.trace_id = trace_id


class DeadlineExceededError(SDKError, TimeoutError):
    """The deadline of the whole call passed, retries and waits included; never retried.

    Args:
        message: What ran out of time.
        last_error: What the last attempt ended with, if one ended.
        attempts: How many attempts were begun.
    """

    def __init__(
        self, message: str = "", *, last_error: Exception | None = None, attempts: int = 0
    ) -> None:
        super().__init__(message)
        self.last_error = last_error
        self.attempts = attempts
        self.trace_id = getattr(last_error, "trace_id", None)


class APIError(SDKError):
    """A call reached for the service and did not bring back what it should."""

    request: Request | None = None


class APIConnectionError(APIError):
    """No answer came.

    Args:
        message: What happened.
        sent: False only where it is certain that nothing left this machine, at any attempt.
        request: The request, with its credentials blanked.
        attempts: How many attempts were made.
    """

    def __init__(
        self,
        message: str = "",
        *,
        sent: bool = True,
        request: Request | None = None,
        attempts: int = 1,
    ) -> None:
        super().__init__(message)
        self.sent = sent
        self.request = request
        self.attempts = attempts


class APITimeoutError(APIConnectionError, TimeoutError):
    """One attempt took longer than `timeout`."""


class APIStatusError(APIError):
    """The service answered with an error.

    Args:
        message: The whole text of the error.
        status_code: The HTTP status.
        code: The service's error code, verbatim; empty where it gave none.
        category: The code under which the newest version of the service files it.
        detail: The service's own message.
        details: The members of the error's details.
        trace_id: The 32 hexadecimal digits of the trace, where the service sent one.
        retry_after: How many seconds the service asked to wait.
        request: The request, with its credentials blanked.
        response: The answer.
        attempts: How many attempts were made.
        body: The typed body of the error, where the description declares one.
        ambiguous: Whether the service may have acted on an earlier attempt of this call: it broke
            after something was sent, took too long, or ended in a failure of the server.
    """

    def __init__(
        self,
        message: str = "",
        *,
        status_code: int = 0,
        code: str = "",
        category: str = "",
        detail: str = "",
        details: Mapping[str, Any] | None = None,
        trace_id: str | None = None,
        retry_after: float | None = None,
        request: Request | None = None,
        response: Response | None = None,
        attempts: int = 1,
        body: Any = None,
        ambiguous: bool = False,
    ) -> None:
        super().__init__(message)
        self.status_code = status_code
        self.code = code
        self.category = category or code
        self.message = detail or message
        self.details: Mapping[str, Any] = details or {}
        self.trace_id = trace_id
        self.retry_after = retry_after
        self.request = request
        self.response = response
        self.attempts = attempts
        self.body = body
        self.ambiguous = ambiguous


class BadRequestError(APIStatusError):
    """400: the request is malformed."""


class AuthenticationError(APIStatusError):
    """401: the credential is missing, wrong or expired."""


class PermissionDeniedError(APIStatusError):
    """403: the credential does not permit this."""


class NotFoundError(APIStatusError):
    """404: there is no such thing, or it is not yours to see."""


class ConflictError(APIStatusError):
    """409: the state of the thing does not allow this."""


class GoneError(APIStatusError):
    """410: it was there and is no more."""


class UnprocessableEntityError(APIStatusError):
    """422: well-formed, but it cannot be done."""


class RateLimitError(APIStatusError):
    """429: too many requests."""


class InternalServerError(APIStatusError):
    """5xx: the service failed."""


class APIResponseValidationError(APIError):
    """The answer is not what the service's description allows.

    Args:
        message: The path of the offending value, what was expected and what came.
        path: The path of the offending value, `RunSnapshot.status`.
        status_code: The HTTP status of the answer.
        request: The request, with its credentials blanked.
        response: The answer, where it was read.
        trace_id: The trace id of the answer.
    """

    def __init__(
        self,
        message: str = "",
        *,
        path: str = "",
        status_code: int = 0,
        request: Request | None = None,
        response: Response | None = None,
        trace_id: str | None = None,
    ) -> None:
        super().__init__(message)
        self.path = path
        self.status_code = status_code
        self.request = request
        self.response = response
        self.trace_id = trace_id


class StreamError(SDKError):
    """A stream of events could not go on.

    Args:
        message: What happened.
        last_event_id: The id after which a new stream would resume.
    """

    def __init__(self, message: str = "", *, last_event_id: str | None = None) -> None:
        super().__init__(message)
        self.last_event_id = last_event_id


class StreamStalledError(StreamError):
    """Nothing came for longer than the watchdog allows, again and again."""


class StreamInterruptedError(StreamError):
    """The stream was cut, by a cancellation or a fault that resuming did not heal."""
