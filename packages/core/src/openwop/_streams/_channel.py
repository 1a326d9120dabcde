"""What a stream sends through: exchanges under one deadline, and the waits between them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar, cast

import attrs

from openwop.errors import StreamInterruptedError
from openwop.runtime import Call, CallOptions, RetryPolicy
from openwop.runtime._core import Core, Settings, logger
from openwop.runtime._dialect import json_object
from openwop.runtime._effects import Plan, Sleep
from openwop.runtime._exchange import Exchange
from openwop.runtime._operation import Operation
from openwop.runtime._retry import RETRY_STATUSES
from openwop.runtime.errors import APIConnectionError, APIStatusError, SDKError
from openwop.wire import Response, TransportError

__all__ = ["Channel", "Setback"]

T = TypeVar("T")

_MAX_FAILURES: Final = 10
"""How often in a row something may fail before a stream gives up (v2.md section 12.5); more where
the retry policy allows more attempts than that."""

_MAX_DELAY: Final = 30.0


@attrs.frozen
class Setback:
    """Why something has to be tried again.

    Attributes:
        outcome: What the attempt ended with; None for a connection that merely ended.
        asked: The seconds that the host asked to wait, where it did.
    """

    outcome: Response | TransportError | None = None
    asked: float | None = None


class Channel:
    """Sends on behalf of one stream, under its deadline and with its patience.

    Args:
        core: The shared part of the client.
        settings: The client's settings.
        call: The call, as plugins see it.
        options: What the caller said about this call.
        where: What the stream is, for messages.
        reconnect: Whether the stream goes on where something fails for now.
    """

    def __init__(
        self,
        core: Core,
        settings: Settings,
        call: Call,
        options: CallOptions,
        where: str,
        *,
        reconnect: bool,
    ) -> None:
        self.core = core
        self.settings = settings
        self.call = call
        self.options = options
        self.where = where
        self.reconnect = reconnect
        self.policy: RetryPolicy = options.get("retry") or settings.retry
        self.last: Exchange | None = None
        self.idle: float | None = None
        self._deadline_at: float | None = None
        self._started = False

    # -- time -----------------------------------------------------------------------------------

    def start(self) -> None:
        """Let the deadline of the call begin to run; it does so once."""
        if not self._started:
            self._started = True
            deadline = self.options.get("deadline")
            if deadline is not None:
                self._deadline_at = self.core.now() + deadline

    def left(self) -> float | None:
        """Return the seconds until the deadline; None without one."""
        return None if self._deadline_at is None else self._deadline_at - self.core.now()

    def out_of_time(self, doing: str, error: TransportError | None = None) -> SDKError:
        """Return the error that says that the deadline passed while *doing* something."""
        assert self.last is not None
        if error is not None:
            self.last.last_error = self.last.connection_error(error)
        return self.last.out_of_time(doing)

    # -- sending --------------------------------------------------------------------------------

    def exchange(
        self, operation: Operation[Any], arguments: dict[str, Any], *, streaming: bool
    ) -> Exchange:
        """Return an exchange of the stream's call, under its deadline."""
        exchange = self.last = Exchange(
            self.core,
            self.settings,
            operation,
            arguments,
            self.options,
            self.call,
            streaming=streaming,
        )
        exchange.deadline_at = self._deadline_at
        exchange.idle = self.idle
        return exchange

    def read(
        self,
        operation: Operation[Any],
        arguments: Callable[[], dict[str, Any]],
        expected: str,
        resume: str | None,
    ) -> Plan[tuple[dict[str, Any], str]]:
        """Read a document, as patiently as a connection would be made anew.

        Args:
            operation: What reads it.
            arguments: Gives the arguments of an attempt.
            expected: What the document is, for messages.
            resume: The id of the last event, for the error.

        Returns:
            The document, and the variant of the service that gave it.
        """
        failures = 0
        while True:
            exchange = self.exchange(operation, arguments(), streaming=False)
            if self.reconnect:
                exchange.policy = attrs.evolve(exchange.policy, attempts=1)
            try:
                response = cast("Response", (yield from exchange.run()))
            except (APIConnectionError, APIStatusError) as exc:
                failures += 1
                setback = self.setback(exc, failures, resume)
                yield from self.pause(failures, setback, "reading again")
                continue
            document = json_object(response)
            if document is None:
                raise exchange.validation_error(response, f"expected {expected} as a JSON object")
            return document, exchange.variant

    def setback(self, error: SDKError, failures: int, resume: str | None) -> Setback:
        """Return what the next wait goes by, or raise where there is no point in going on.

        Args:
            error: What failed.
            failures: How often in a row something failed, this time included.
            resume: The id of the last event, for the error.

        Raises:
            SDKError: *error* itself, where it will not pass or nobody wants to wait for that.
            StreamInterruptedError: It has failed too often.
        """
        setback = Setback()
        if isinstance(error, APIStatusError):
            asked = error.retry_after
            setback = Setback(error.response, asked)
            too_long = asked is not None and asked > self.policy.max_retry_after
            if error.status_code not in RETRY_STATUSES or too_long:
                raise error
        elif isinstance(error.__cause__, TransportError):
            setback = Setback(error.__cause__)
        if not self.reconnect:
            raise error
        most = max(_MAX_FAILURES, self.policy.attempts)
        if failures > most:
            said = str(error.args[0]) if error.args else type(error).__name__
            msg = f"{self.where} could not be won back after {most} attempts: {said}"
            raise StreamInterruptedError(msg, last_event_id=resume) from error
        return setback

    def pause(
        self, failures: int, setback: Setback, doing: str, retry_ms: int | None = None
    ) -> Plan[None]:
        """Wait as the host said, else longer with each failure.

        Args:
            failures: How often in a row something failed; 0 where nothing did.
            setback: What the last attempt ended with.
            doing: What follows the wait, for the log.
            retry_ms: The pause between connections that the host asked for, in milliseconds.

        Raises:
            DeadlineExceededError: The deadline comes first.
        """
        core, outcome = self.core, setback.outcome
        delay = setback.asked
        if delay is None and failures == 0 and retry_ms is not None:
            delay = min(retry_ms / 1000.0, self.policy.max_retry_after)
        if delay is None and outcome is not None and core.hooks.retry_delay is not None:
            delay = core.hooks.retry_delay(call=self.call, outcome=outcome)
        if delay is None:
            policy = attrs.evolve(self.policy, maximum=max(_MAX_DELAY, self.policy.maximum))
            delay = policy.backoff(max(1, failures), core.uniform)
        delay = max(0.0, delay)
        left = self.left()
        if left is not None and delay >= left:
            raise self.out_of_time(f"waiting {delay:.2f} s before {doing}")
        if core.hooks.retry is not None:
            core.hooks.retry(
                call=self.call,
                outcome=outcome if outcome is not None else Response(200),
                attempt=self.call.attempt,
                delay=delay,
            )
        logger.info("%s: %s in %.2f s", self.where, doing, delay)
        yield Sleep(delay)
