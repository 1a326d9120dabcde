"""OpenWOP's errors, split by what a caller can do about them.

    OpenWOPError                            every one pickles; no secret in any message
      ConfigurationError                    bad arguments, nothing was sent; also a ValueError
      CapabilityNotSupportedError           the host lacks what was asked
      DeadlineExceededError                 the call ran out of time; also a TimeoutError
      WaitTimeoutError                      a wait ran out of time, the run goes on
      APIError
        APIConnectionError                  no answer; `sent` tells whether anything left
          APITimeoutError                   also a TimeoutError
        APIStatusError                      an error answer
          BadRequestError 400               AuthenticationError 401       PermissionDeniedError 403
          NotFoundError 404                 ConflictError 409             GoneError 410
          UnprocessableEntityError 422      RateLimitError 429            InternalServerError 5xx
          InterruptAlreadyResolvedError     InterruptExpiredError         by code, not by status
        APIResponseValidationError          an answer that the protocol does not allow
      ProtocolVersionError                  host and client share no version of the protocol
      StreamError
        StreamStalledError
        StreamInterruptedError
      RunOutcomeError                       the call worked, the run did not
        RunFailedError                      RunCancelledError             RunNeedsInputError

Branch on the class or on `.code`, never on the wording.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from openwop.runtime import errors as base

if TYPE_CHECKING:
    from openwop._generated.models import RunSnapshot

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
    "InterruptAlreadyResolvedError",
    "InterruptExpiredError",
    "NotFoundError",
    "OpenWOPError",
    "PermissionDeniedError",
    "ProtocolVersionError",
    "RateLimitError",
    "RunCancelledError",
    "RunFailedError",
    "RunNeedsInputError",
    "RunOutcomeError",
    "StreamError",
    "StreamInterruptedError",
    "StreamStalledError",
    "UnprocessableEntityError",
    "WaitTimeoutError",
]


class OpenWOPError(base.SDKError):
    """The root of every error that openwop and its sibling packages raise."""


class ConfigurationError(OpenWOPError, base.ConfigurationError):
    """An argument or setting is wrong; nothing was sent."""


class CapabilityNotSupportedError(OpenWOPError, base.CapabilityNotSupportedError):
    """The host does not offer what was asked; `.response` is None where nothing was sent."""


class DeadlineExceededError(OpenWOPError, base.DeadlineExceededError):
    """The deadline of the whole call passed; `.last_error` is what the last attempt ended with."""


class WaitTimeoutError(OpenWOPError, TimeoutError):
    """Waiting for a run took longer than asked; the run goes on.

    Args:
        message: What was waited for.
        run_id: The run, to attach to later.
        status: The status last seen.
    """

    def __init__(
        self, message: str = "", *, run_id: str | None = None, status: str | None = None
    ) -> None:
        super().__init__(message)
        self.run_id = run_id
        self.status = status


class APIError(OpenWOPError, base.APIError):
    """A call reached for the host and did not bring back what it should."""


class APIConnectionError(APIError, base.APIConnectionError):
    """No answer came; `.sent` is False only where it is certain that nothing left this machine."""


class APITimeoutError(APIConnectionError, base.APITimeoutError):
    """One attempt took longer than `timeout`."""


class APIStatusError(APIError, base.APIStatusError):
    """The host answered with an error."""

    @property
    def active_run_id(self) -> str | None:
        """The run that is already active, on a `run_already_active` answer (section 9)."""
        value = self.details.get("activeRunId")
        return value if isinstance(value, str) else None


class BadRequestError(APIStatusError, base.BadRequestError):
    """400: the request is malformed."""


class AuthenticationError(APIStatusError, base.AuthenticationError):
    """401: the API key is missing, wrong or expired."""


class PermissionDeniedError(APIStatusError, base.PermissionDeniedError):
    """403: the API key lacks a scope, or the thing belongs to someone else."""


class NotFoundError(APIStatusError, base.NotFoundError):
    """404: there is no such thing, or it is not yours to see."""


class ConflictError(APIStatusError, base.ConflictError):
    """409: the state of the thing does not allow this."""


class GoneError(APIStatusError, base.GoneError):
    """410: it was there and is no more."""


class UnprocessableEntityError(APIStatusError, base.UnprocessableEntityError):
    """422: well-formed, but the host cannot do it."""


class RateLimitError(APIStatusError, base.RateLimitError):
    """429: too many requests."""


class InternalServerError(APIStatusError, base.InternalServerError):
    """5xx: the host failed."""


class InterruptAlreadyResolvedError(APIStatusError):
    """Someone else decided first, or the run ended meanwhile."""


class InterruptExpiredError(APIStatusError):
    """The time for this decision is over."""


class APIResponseValidationError(APIError, base.APIResponseValidationError):
    """The answer is not what the protocol allows."""


class ProtocolVersionError(OpenWOPError):
    """Host and client share no version of the protocol, or an intermediary is not a host at all.

    Args:
        message: What was found and what to do.
        supported: The versions that the host lists.
        minimum_client: The oldest client that the host serves, where it said so.
    """

    def __init__(
        self,
        message: str = "",
        *,
        supported: Sequence[str] = (),
        minimum_client: str | None = None,
        status_code: int | None = None,
        code: str | None = None,
    ) -> None:
        super().__init__(message)
        self.supported = tuple(supported)
        self.minimum_client = minimum_client
        self.status_code = status_code
        self.code = code


class StreamError(OpenWOPError, base.StreamError):
    """A stream of events could not go on."""


class StreamStalledError(StreamError, base.StreamStalledError):
    """Nothing came for longer than the watchdog allows, again and again."""


class StreamInterruptedError(StreamError, base.StreamInterruptedError):
    """The stream was cut, by a cancellation or a fault that resuming did not heal."""


class RunOutcomeError(OpenWOPError):
    """The call worked; the run did not bring a result.

    Args:
        message: What became of the run.
        run_id: The run.
        snapshot: The run as last seen.
        code: The code of the run's own error.
        details: The details of the run's own error.
    """

    def __init__(
        self,
        message: str = "",
        *,
        run_id: str = "",
        snapshot: RunSnapshot | None = None,
        code: str | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.run_id = run_id
        self.snapshot = snapshot
        self.code = code
        self.details: Mapping[str, Any] = details or {}


class RunFailedError(RunOutcomeError):
    """The run failed; `.code` says why."""


class RunCancelledError(RunOutcomeError):
    """The run was cancelled."""


class RunNeedsInputError(RunOutcomeError):
    """The run waits for a human; `.node_ids` are the nodes that wait.

    Args:
        message: What the run waits for.
        run_id: The run.
        snapshot: The run as last seen.
        node_ids: The nodes that wait for an answer.
    """

    def __init__(
        self,
        message: str = "",
        *,
        run_id: str = "",
        snapshot: RunSnapshot | None = None,
        node_ids: Sequence[str] = (),
    ) -> None:
        super().__init__(message, run_id=run_id, snapshot=snapshot)
        self.node_ids = tuple(node_ids)
