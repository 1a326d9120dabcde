"""What a run handle does, as plans: written once, driven in both colours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, Literal, TypeAlias, cast

from openwop._decisions import Interrupt, as_resume_value, check_value
from openwop._generated.events import RunCompleted
from openwop._generated.models import RunSnapshot
from openwop._handles._deciding import Deciding
from openwop._handles._reading import TERMINAL, is_waiting
from openwop.errors import (
    APIStatusError,
    CapabilityNotSupportedError,
    ConfigurationError,
    DeadlineExceededError,
    NotFoundError,
    RunCancelledError,
    RunFailedError,
    RunNeedsInputError,
    WaitTimeoutError,
)
from openwop.runtime._effects import Plan, Sleep, ask

__all__ = ["Answers", "RunPlans", "Until"]

Until: TypeAlias = Literal["terminal", "input", "either"]
Answers: TypeAlias = Mapping[str, Callable[[Any], Any]]

_LONGEST_POLL: Final = 30.0
_PROMPT: Final = 0.5
"""Seconds within which a host that answers an empty poll has not waited."""

_TOLERANCE: Final = 0.1
# What a host says of an interrupt that no longer wants an answer.
_SETTLED: Final = frozenset(
    {
        "interrupt_already_resolved",
        "interrupt_cancelled",
        "interrupt_expired",
        "interrupt_gone",
        "interrupt_not_found",
    }
)


class RunPlans(Deciding):
    """The plans of one handle."""

    def wait(self, until: Until, timeout: float | None) -> Plan[RunSnapshot]:
        """Wait until the run has ended, or needs somebody.

        Raises:
            WaitTimeoutError: *timeout* seconds have passed; the run goes on.
        """
        if until not in {"terminal", "input", "either"}:
            msg = f"until is {until!r}; it is 'terminal', 'input' or 'either'"
            raise ConfigurationError(msg)
        now = self._client._core.now  # noqa: SLF001  # the clock of the client's transport
        end = None if timeout is None else now() + timeout
        status: str | None = None
        delay = 0.25
        while True:
            began = now()
            try:
                snapshot = yield from self.snapshot(None if end is None else end - began)
                status = snapshot.status
                if status in TERMINAL or (until != "terminal" and is_waiting(status)):
                    return snapshot
                began = now()
                if end is not None and began >= end:
                    raise self._too_late(until, timeout, status)
                changed = yield from self._poll(until, end)
            except (NotFoundError, CapabilityNotSupportedError):
                if status is None:
                    raise
                changed = False  # a host without the poll: look again, less and less often
            except DeadlineExceededError as exc:
                if end is None or now() < end - _TOLERANCE:
                    raise  # the client's own deadline for calls
                raise self._too_late(until, timeout, status) from exc
            if not changed and now() - began < _PROMPT:
                left = None if end is None else max(0.0, end - now())
                yield Sleep(delay if left is None else min(delay, left))
                delay = min(delay * 2, 5.0)

    def _poll(self, until: Until, end: float | None) -> Plan[bool]:
        """Read the log until something in it makes another look at the run worth while."""
        now = self._client._core.now  # noqa: SLF001
        while True:
            waited = len(self.log.pending)
            left = None if end is None else end - now()
            wait = _LONGEST_POLL if left is None else max(1.0, min(_LONGEST_POLL, left))
            if not (yield from self.read_log(wait, left)):
                return False
            if self.log.terminal is not None:
                return True
            if until != "terminal" and len(self.log.pending) != waited:
                return True
            if end is not None and now() >= end:
                return True

    def _too_late(
        self, until: Until, timeout: float | None, status: str | None
    ) -> WaitTimeoutError:
        what = {"terminal": "end", "input": "wait for somebody"}.get(until, "end or need somebody")
        seen = f"it is {status}" if status else "the host did not say how it is"
        msg = (
            f"run {self.run_id} did not {what} within {timeout:g} s; {seen} and goes on. "
            "Wait again, or attach to it later with runs.attach"
        )
        return WaitTimeoutError(msg, run_id=self.run_id, status=status)

    def result(self, timeout: float | None) -> Plan[dict[str, Any]]:
        """Wait for the end and return what the run put out.

        Raises:
            RunFailedError: The run failed.
            RunCancelledError: The run was cancelled.
            RunNeedsInputError: The run waits for somebody.
            WaitTimeoutError: *timeout* seconds have passed; the run goes on.
        """
        snapshot = yield from self.wait("either", timeout)
        status = snapshot.status
        if status == "failed":
            raise self._failed(snapshot)
        if status == "cancelled":
            msg = f"run {self.run_id} was cancelled"
            raise RunCancelledError(msg, run_id=self.run_id, snapshot=snapshot)
        if is_waiting(status):
            yield from self._needs_input(snapshot)
        yield from self.catch_up()
        terminal = self.log.terminal
        if type(terminal) is RunCompleted:
            raw = terminal.raw_payload
            payload: Mapping[str, Any] = (
                cast("Mapping[str, Any]", raw) if isinstance(raw, Mapping) else {}
            )
            outputs = payload.get("outputs")
            if isinstance(outputs, Mapping):
                return dict(cast("Mapping[str, Any]", outputs))
        return {}

    def _failed(self, snapshot: RunSnapshot) -> RunFailedError:
        error = snapshot.error
        code = error.code if error is not None else None
        said = f": {error.code}: {error.message}" if error is not None else ""
        details = error.details if error is not None else None
        return RunFailedError(
            f"run {self.run_id} failed{said}",
            run_id=self.run_id,
            snapshot=snapshot,
            code=code,
            details=cast("Mapping[str, Any] | None", details),
        )

    def _needs_input(self, snapshot: RunSnapshot) -> Plan[None]:
        pending = yield from self.pending_of(snapshot)
        nodes = [item.node_id for item in pending]
        where = f" at {', '.join(nodes)}" if nodes else ""
        kinds = sorted({item.kind for item in pending})
        what = {"approval": "approve() or reject()", "clarification": "answer()"}.get(
            kinds[0] if len(kinds) == 1 else "", "resolve()"
        )
        msg = (
            f"run {self.run_id} is {snapshot.status}{where}: answer it with {what}, then ask for "
            "the result again"
        )
        raise RunNeedsInputError(msg, run_id=self.run_id, snapshot=snapshot, node_ids=nodes)

    # -- driving --------------------------------------------------------------------------------

    def drive(self, answers: Answers, timeout: float | None) -> Plan[dict[str, Any]]:
        """Answer whatever the run asks with *answers*, and return what it put out.

        Raises:
            RunFailedError: The run failed.
            RunCancelledError: The run was cancelled.
            RunNeedsInputError: The run waits for something that no function is for.
            WaitTimeoutError: *timeout* seconds have passed; the run goes on.
        """
        now = self._client._core.now  # noqa: SLF001  # the clock of the client's transport
        end = None if timeout is None else now() + timeout
        asked: set[tuple[str, str, str | None]] = set()
        while True:
            left = None if end is None else max(0.0, end - now())
            snapshot = yield from self.wait("either", left)
            if not is_waiting(snapshot.status):
                return (yield from self.result(left))
            pending = {
                (item.node_id, item.key, item.interrupt_id): item
                for item in (yield from self.pending_of(snapshot))
            }
            asked &= pending.keys()
            fresh = {key: item for key, item in pending.items() if key not in asked}
            for key, interrupt in fresh.items():
                function = answers.get(interrupt.kind) or answers.get("*")
                if function is None:
                    yield from self._needs_input(snapshot)
                else:
                    value = yield from ask(partial(function, interrupt))
                    asked.add(key)
                    yield from self._settle(interrupt, value)
            if not fresh:
                # Everything has been answered: others still have to, or the host has yet to go on.
                yield from self._await_change(end, timeout, snapshot.status)

    def _settle(self, interrupt: Interrupt, value: Any) -> Plan[None]:
        """Send the answer to *interrupt*, unless there is none or somebody was quicker."""
        if value is None:
            return
        resume = as_resume_value(interrupt, value)
        check_value(interrupt, resume)
        try:
            yield from self.decide(interrupt.node_id, resume, check=False, options={})
        except APIStatusError as exc:
            if exc.code not in _SETTLED:
                raise

    def _await_change(self, end: float | None, timeout: float | None, status: str) -> Plan[None]:
        """Return when the log has moved on, or there is time for another look."""
        now = self._client._core.now  # noqa: SLF001
        left = None if end is None else end - now()
        if left is not None and left <= 0:
            raise self._too_late("terminal", timeout, status)
        wait = _LONGEST_POLL if left is None else max(1.0, min(_LONGEST_POLL, left))
        began = now()
        try:
            changed = yield from self.read_log(wait, left)
        except (NotFoundError, CapabilityNotSupportedError):
            changed = False
        except DeadlineExceededError as exc:
            raise self._too_late("terminal", timeout, status) from exc
        if not changed and now() - began < _PROMPT:
            yield Sleep(1.0 if left is None else min(1.0, left))
