"""What the exit status of a command says."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from openwop import errors

__all__ = ["Exit", "exit_of"]


class Exit(IntEnum):
    """The exit statuses, the same for every command."""

    OK = 0
    FAILED = 1
    """The run failed or was cancelled, a check failed, a webhook is not authentic."""
    USAGE = 2
    """The command line, the configuration or the installation is wrong; nothing was sent."""
    NEEDS_INPUT = 3
    """A run waits for somebody."""
    API = 4
    """The host answered with an error, or with something that is no answer of this protocol."""
    CONNECTION = 5
    """No answer came, or a stream broke and could not be resumed."""
    UNSUPPORTED = 6
    """The host lacks what was asked, or shares no version of the protocol."""
    TIMEOUT = 7
    """The time given with `--timeout` is over; the run goes on."""
    INTERRUPTED = 130
    """Ctrl-C; runs go on."""


_BY_CLASS: Final[tuple[tuple[type[errors.OpenWOPError], Exit], ...]] = (
    (errors.ConfigurationError, Exit.USAGE),
    (errors.RunNeedsInputError, Exit.NEEDS_INPUT),
    (errors.RunOutcomeError, Exit.FAILED),
    (errors.CapabilityNotSupportedError, Exit.UNSUPPORTED),
    (errors.ProtocolVersionError, Exit.UNSUPPORTED),
    (errors.WaitTimeoutError, Exit.TIMEOUT),
    (errors.DeadlineExceededError, Exit.TIMEOUT),
    (errors.APIConnectionError, Exit.CONNECTION),
    (errors.StreamError, Exit.CONNECTION),
)


def exit_of(error: errors.OpenWOPError) -> Exit:
    """Return the exit status that *error* ends a command with.

    Args:
        error: What the client raised.
    """
    return next((code for kind, code in _BY_CLASS if isinstance(error, kind)), Exit.API)
