"""What a run handle does, as plans: written once, driven in both colours.

Each call of the client within a plan is an `Invoke`, a whole logical call of its own, so that
plugins see it as such and its errors come back to the plan.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, Literal, TypeAlias, cast

from openwop._decisions import (
    Decision,
    Interrupt,
    Progress,
    answers_for,
    approval,
    check_value,
    choose,
)
from openwop._generated.events import RunCompleted, RunEvent
from openwop._generated.models import RunSnapshot
from openwop._handles._log import LogView
from openwop.errors import (
    CapabilityNotSupportedError,
    ConfigurationError,
    InterruptAlreadyResolvedError,
    NotFoundError,
    RunCancelledError,
    RunFailedError,
    RunNeedsInputError,
    WaitTimeoutError,
)
from openwop.runtime._effects import Plan, Sleep, invoke

__all__ = ["RunPlans", "Until"]

Until: TypeAlias = Literal["terminal", "input", "either"]

TERMINAL: Final = frozenset({"completed", "failed", "cancelled"})
_LONGEST_POLL: Final = 30.0


def is_waiting(status: str) -> bool:
    """Tell whether a run of *status* waits for somebody."""
    return status.startswith("waiting-")


class RunPlans:
    """The plans of one handle.

    Args:
        client: The client, in either colour.
        run_id: The run.
    """

    def __init__(self, client: Any, run_id: str) -> None:
        self._client = client
        self.run_id = run_id
        self.log = LogView(run_id)

    # -- reading --------------------------------------------------------------------------------

    def snapshot(self) -> Plan[RunSnapshot]:
        """Read the run as it is now."""
        return cast("RunSnapshot", (yield from invoke(partial(self._client.runs.get, self.run_id))))

    def read_log(self, wait: float = 1.0, deadline: float | None = None) -> Plan[bool]:
        """Read on in the log; returns whether anything new was there.

        Args:
            wait: For how long the host may wait for something new, in seconds.
            deadline: Seconds that the call may take.
        """
        position = self.log.position
        answer = yield from invoke(
            partial(
                self._client.runs.poll_events,
                self.run_id,
                after=position,
                wait=wait,
                **({} if deadline is None else {"deadline": deadline}),
            )
        )
        for event in cast("list[RunEvent]", answer.events or []):
            self.log.fold(event)
        return self.log.position != position

    def listener(self, mode: str, after: int | None) -> Callable[[RunEvent], None] | None:
        """Return what a stream tells its events to; None where it would leave out interrupts.

        Args:
            mode: The modes of the stream.
            after: The sequence after which it begins.
        """
        whole = after is None and {"updates", "debug"} & {part.strip() for part in mode.split(",")}
        return self.log.fold if whole else None

    def catch_up(self) -> Plan[None]:
        """Read the log to its end without waiting for more.

        A poll that would find nothing waits a second, so the last event known is asked for again:
        there is always an answer at once.
        """
        while self.log.terminal is None:
            position = self.log.position
            after = None if position is None or position == 0 else position - 1
            answer = yield from invoke(
                partial(self._client.runs.poll_events, self.run_id, after=after, wait=1.0)
            )
            for event in cast("list[RunEvent]", answer.events or []):
                self.log.fold(event)
            if self.log.position == position:
                return

    # -- waiting --------------------------------------------------------------------------------

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
        delay = 0.25
        while True:
            snapshot = yield from self.snapshot()
            status = snapshot.status
            if status in TERMINAL or (until != "terminal" and is_waiting(status)):
                return snapshot
            left = None if end is None else end - now()
            if left is not None and left <= 0:
                raise self._too_late(until, timeout, status)
            wait = _LONGEST_POLL if left is None else max(1.0, min(_LONGEST_POLL, left))
            began = now()
            try:
                changed = yield from self._poll(wait, until)
            except (NotFoundError, CapabilityNotSupportedError):
                changed = False  # a host without the poll: look again, less and less often
            if not changed and now() - began < 0.5:
                pause = delay if left is None else min(delay, max(left, 0.0))
                delay = min(delay * 2, 5.0)
                yield Sleep(pause)

    def _poll(self, wait: float, until: Until) -> Plan[bool]:
        """Read the log until something in it makes another look at the run worth while."""
        while True:
            waited = len(self.log.pending)
            if not (yield from self.read_log(wait)):
                return False
            if self.log.terminal is not None:
                return True
            if until != "terminal" and len(self.log.pending) != waited:
                return True

    def _too_late(self, until: Until, timeout: float | None, status: str) -> WaitTimeoutError:
        what = {"terminal": "end", "input": "wait for somebody"}.get(until, "end or need somebody")
        msg = (
            f"run {self.run_id} did not {what} within {timeout:g} s; it is {status} and goes on. "
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
            outputs = raw.get("outputs") if isinstance(raw, Mapping) else None
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
        pending = yield from self._pending_of(snapshot)
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

    # -- deciding -------------------------------------------------------------------------------

    def pending(self) -> Plan[list[Interrupt]]:
        """Return what waits for somebody."""
        snapshot = yield from self.snapshot()
        return (yield from self._pending_of(snapshot))

    def _pending_of(self, snapshot: RunSnapshot) -> Plan[list[Interrupt]]:
        if snapshot.status in TERMINAL:
            return []
        yield from self.catch_up()
        found = list(self.log.pending.values())
        if found or not is_waiting(snapshot.status):
            return found
        return _from_snapshot(self.run_id, snapshot)

    def decide(
        self,
        node_id: str | None,
        value: Any,
        *,
        check: bool,
        kind: str = "",
        options: Mapping[str, Any],
    ) -> Plan[Decision]:
        """Send a decision.

        Args:
            node_id: The node it is for; None where one node waits.
            value: The resume value, or a function from the interrupt to it.
            check: Whether the value is checked before it is sent.
            kind: The kind that the verb is for; empty for any.
            options: What the caller said about this call.
        """
        interrupt: Interrupt | None = None
        if node_id is None or check or callable(value):
            pending = yield from self.pending()
            matching = [item for item in pending if not kind or item.kind in {kind, ""}]
            try:
                interrupt = choose(matching if node_id is None else pending, node_id, self.run_id)
            except ConfigurationError:
                if node_id is None or pending:
                    raise
                # The log of some hosts does not tell what waits; the host itself decides then.
                interrupt = None
        target = interrupt.node_id if interrupt is not None else cast("str", node_id)
        resume = value(interrupt) if callable(value) else value
        if check and interrupt is not None:
            check_value(interrupt, resume)
        try:
            answer = yield from invoke(
                partial(
                    self._client.interrupts.resolve,
                    self.run_id,
                    target,
                    resume_value=resume,
                    **options,
                )
            )
        except InterruptAlreadyResolvedError as exc:
            if exc.attempts <= 1:
                raise
            return (yield from self._ambiguous(target, resume))
        self.log.pending.pop(target, None)
        status = getattr(answer, "status", None)
        return Decision("won", target, status, _progress(answer))

    def _ambiguous(self, node_id: str, value: Any) -> Plan[Decision]:
        """Find out whether a decision whose answer got lost is the one that counted."""
        mine = value.get("decidedBy") if isinstance(value, Mapping) else None
        recorded = yield from self._resolution(node_id)
        same = recorded is not None and recorded.get("resumeValue") == value
        if same and mine is not None:
            return Decision("won", node_id)
        return Decision("unknown", node_id)

    def _resolution(self, node_id: str) -> Plan[Mapping[str, Any] | None]:
        """Return the last recorded resolution of a node, from the whole log."""
        answer = yield from invoke(
            partial(self._client.runs.poll_events, self.run_id, after=None, wait=1.0)
        )
        found: Mapping[str, Any] | None = None
        for event in cast("list[RunEvent]", answer.events or []):
            raw = event.raw_payload
            if event.type == "interrupt.resolved" and isinstance(raw, Mapping):
                payload = cast("Mapping[str, Any]", raw)
                if payload.get("nodeId", event.node_id) == node_id:
                    found = payload
        return found

    def act(
        self,
        action: str,
        node_id: str | None,
        *,
        check: bool,
        options: Mapping[str, Any],
        **members: Any,
    ) -> Plan[Decision]:
        """Answer an approval with *action* and its companions, by wire name."""
        return self.decide(
            node_id, approval(action, **members), check=check, kind="approval", options=options
        )

    def answer(
        self, node_id: str | None, value: Any, check: bool, options: Mapping[str, Any]
    ) -> Plan[Decision]:
        """Answer the questions of a clarification."""
        return self.decide(
            node_id,
            lambda interrupt: answers_for(interrupt, value),
            check=check,
            kind="clarification",
            options=options,
        )


def _progress(answer: Any) -> Progress | None:
    """Return the quorum's progress where the answer of the host tells it."""
    extra: Mapping[str, Any] = getattr(answer, "extra", None) or {}
    found = extra.get("quorumProgress")
    if isinstance(found, Mapping):
        progress = cast("Mapping[str, Any]", found)
        granted, required = progress.get("granted"), progress.get("required")
        if isinstance(granted, int) and isinstance(required, int):
            return Progress(granted, required)
    return None


def _from_snapshot(run_id: str, snapshot: RunSnapshot) -> list[Interrupt]:
    """Return what a snapshot says about waiting, for hosts whose log does not."""
    extra = snapshot.to_dict().get("interrupt")
    if isinstance(extra, Mapping):
        members = cast("Mapping[str, Any]", extra)
        node = members.get("nodeId") or snapshot.current_node_id
        payload = members.get("payload")
        inner = cast("Mapping[str, Any]", payload) if isinstance(payload, Mapping) else {}
        if isinstance(node, str):
            described = inner if "kind" in inner else {"kind": members.get("kind"), "data": inner}
            return [Interrupt.from_payload(run_id, node, described)]
    if snapshot.current_node_id is not None:
        kind = {
            "waiting-approval": "approval",
            "waiting-input": "clarification",
            "waiting-external": "external-event",
        }.get(snapshot.status, "")
        return [Interrupt(run_id=run_id, node_id=snapshot.current_node_id, kind=kind)]
    return []
