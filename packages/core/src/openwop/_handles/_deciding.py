"""What a handle decides, as plans: which node an answer is for, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, cast

from openwop._decisions import (
    Decision,
    Interrupt,
    Progress,
    answers_for,
    approval,
    check_value,
    choose,
)
from openwop._handles._reading import Reading
from openwop.errors import ConfigurationError, InterruptAlreadyResolvedError, NotFoundError
from openwop.runtime._effects import Plan, invoke

__all__ = ["Deciding"]


class Deciding(Reading):
    """The plans of one handle that answer what waits."""

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
        except (InterruptAlreadyResolvedError, NotFoundError) as exc:
            if not exc.ambiguous:
                raise
            # An earlier attempt, whose answer got lost, may have been the one that was taken.
            return (yield from self._ambiguous(target, resume))
        status, progress = getattr(answer, "status", None), _progress(answer.extra)
        if progress is None and status == "waiting-approval":
            # One vote of several: the log may tell how many there are by now.
            yield from self.catch_up()
            progress = self.log.progress.get(target)
        return Decision("won", target, status, progress)

    def _ambiguous(self, node_id: str, value: Any) -> Plan[Decision]:
        """Find out whether a decision whose answer got lost is the one that counted.

        It is where the log shows our value under our name.  Anything less might be somebody else's
        decision of the same kind.
        """
        mine = _member(value, "decidedBy")
        recorded = yield from self._resolution(node_id)
        if mine is None or recorded is None:
            return Decision("unknown", node_id)
        taken = recorded.get("resumeValue")
        by = recorded.get("resolvedBy")  # a name in major 1, a subject in major 2
        named = [_member(taken, "decidedBy"), by, _member(by, "subjectId")]
        # Hosts fill in what was left out; what was sent must be there as it was.
        ours = mine in named and all(
            name == "decidedBy" or (_member(taken, name) == member)
            for name, member in cast("Mapping[str, Any]", value).items()
        )
        return Decision("won" if ours else "unknown", node_id)

    def _resolution(self, node_id: str) -> Plan[Mapping[str, Any] | None]:
        """Return the last recorded resolution of a node, from the whole log."""
        found: Mapping[str, Any] | None = None
        for event in (yield from self.whole_log()):
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
            partial(_answers, value),
            check=check,
            kind="clarification",
            options=options,
        )


def _answers(value: Any, interrupt: Interrupt | None) -> dict[str, Any]:
    return answers_for(interrupt, value)


def _member(value: Any, name: str) -> Any:
    return cast("Mapping[str, Any]", value).get(name) if isinstance(value, Mapping) else None


def _progress(members: Mapping[str, Any]) -> Progress | None:
    """Return the quorum's progress where the answer of the host tells it."""
    return Progress.of(members.get("quorumProgress"))
