"""The asynchronous handle on a run.  Its twin differs in colour only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeVar, Unpack

from openwop._decisions import Decision, Interrupt, refine_feedback
from openwop._generated.models import (
    CancelResult,
    DebugBundle,
    PauseResult,
    ResumeResult,
    RunAncestry,
    RunDiff,
    RunSnapshot,
)
from openwop._handles._plans import RunPlans, Until
from openwop._streams import AsyncEventStream
from openwop.runtime import CallOptions, MutationOptions
from openwop.runtime._drivers import drive_async
from openwop.runtime._effects import Plan

if TYPE_CHECKING:
    from openwop._client import AsyncClient

__all__ = ["AsyncRunHandle"]

T = TypeVar("T")


class AsyncRunHandle:
    """A run: follow it, wait for it, answer it, cancel it.

    Made by `runs.start`, and for a run that is known already by `runs.attach`, which sends nothing.

    Args:
        client: The client.
        run_id: The run.
    """

    def __init__(self, client: AsyncClient, run_id: str) -> None:
        self._client = client
        self._plans = RunPlans(client, run_id)

    @property
    def id(self) -> str:
        """The id of the run, as the host gave it."""
        return self._plans.run_id

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id}>"

    async def _drive(self, plan: Plan[T]) -> T:
        return await drive_async(plan, self._client._io)  # noqa: SLF001  # the same package's client

    async def snapshot(self, **options: Unpack[CallOptions]) -> RunSnapshot:
        """Read the run as it is now.

        Args:
            **options: Options of the call.

        Raises:
            NotFoundError: There is no such run, or it is not yours to see.

        Section: v1.md §7.2, v2.md §10.
        """
        return await self._client.runs.get(self.id, **options)

    def events(
        self,
        mode: str = "updates",
        buffer_ms: int | None = None,
        after: int | None = None,
        *,
        reconnect: bool = True,
        silence: float | None = None,
        **options: Unpack[CallOptions],
    ) -> AsyncEventStream:
        """Follow the run; use it inside `async with`.

        Args:
            mode: `updates`, `values`, `messages` or `debug`; all but `values` may be joined by
                commas.
            buffer_ms: For how long the host may collect events, in milliseconds, up to 5000.
            after: The sequence after which to begin; None for the beginning.
            reconnect: Whether a broken connection is made anew, so that nothing is lost.
            silence: Seconds without an event after which the stream is given up.
            **options: Options of the call; a `deadline` bounds the whole stream.

        Returns:
            An asynchronous iterator over the events, which connects on first use.

        Raises:
            ConfigurationError: The mode does not exist.

        Section: v1.md §11, v2.md §12.
        """
        return self._client.runs.stream(
            self.id,
            mode=mode,
            buffer_ms=buffer_ms,
            after=after,
            reconnect=reconnect,
            silence=silence,
            notice=self._plans.listener(mode, after),
            **options,
        )

    async def wait(self, until: Until = "either", timeout: float | None = None) -> RunSnapshot:
        """Wait until the run has ended, or needs somebody.

        Args:
            until: `terminal`: until it has ended.  `input`: until it needs somebody, or has ended.
                `either`: the same, said plainly.
            timeout: Seconds to wait; None for as long as it takes.

        Returns:
            The run as it is then; its `status` tells which of the two it was.

        Raises:
            WaitTimeoutError: The time is over; the run goes on.

        Section: v1.md §8, §12.
        """
        return await self._drive(self._plans.wait(until, timeout))

    async def result(self, timeout: float | None = None) -> dict[str, Any]:
        """Wait for the end of the run and return its outputs.

        Args:
            timeout: Seconds to wait; None for as long as it takes.

        Returns:
            The `outputs` of the event `run.completed`; empty where the host records none.

        Raises:
            RunFailedError: The run failed; the error carries its snapshot and code.
            RunCancelledError: The run was cancelled.
            RunNeedsInputError: The run waits for somebody; the error names the nodes.
            WaitTimeoutError: The time is over; the run goes on.

        Section: v1.md §8.
        """
        return await self._drive(self._plans.result(timeout))

    async def cancel(
        self, reason: str | None = None, **options: Unpack[MutationOptions]
    ) -> CancelResult:
        """Cancel the run.

        Args:
            reason: Why, for the log.
            **options: Options of the call.

        Raises:
            ConflictError: The run has ended already, on hosts that say so.

        Section: v1.md §17, v2.md §11.2.
        """
        return await self._client.runs.cancel(self.id, reason=reason, **options)

    async def pause(
        self,
        reason: str | None = None,
        *,
        drain_policy: Literal["immediate", "drain-current-node"] | None = None,
        **options: Unpack[MutationOptions],
    ) -> PauseResult:
        """Pause the run.

        Args:
            reason: Why, for the log.
            drain_policy: `drain-current-node` lets the node that runs come to its end first, which
                is what hosts do by default; `immediate` does not.
            **options: Options of the call.

        Raises:
            ConflictError: The run is paused already, waits, or has ended.
            CapabilityNotSupportedError: The host cannot pause runs.

        Section: v1.md §16, v2.md §11.2.
        """
        return await self._client.runs.pause(
            self.id, reason=reason, drain_policy=drain_policy, **options
        )

    async def resume(
        self, reason: str | None = None, **options: Unpack[MutationOptions]
    ) -> ResumeResult:
        """Let a paused run go on.  It takes no value: `resolve` answers a run that waits.

        Args:
            reason: Why, for the log.
            **options: Options of the call.

        Raises:
            ConflictError: The run is not paused.
            CapabilityNotSupportedError: The host cannot pause runs.

        Section: v1.md §16, v2.md §11.2.
        """
        return await self._client.runs.resume(self.id, reason=reason, **options)

    async def fork(
        self,
        mode: Literal["replay", "branch"],
        from_seq: int | None = None,
        *,
        run_options_overlay: Mapping[str, object] | None = None,
        **options: Unpack[MutationOptions],
    ) -> AsyncRunHandle:
        """Make a new run out of this one's log up to a point; this one stays as it is.

        A `replay` runs the rest again without any effect outside: what the nodes brought back then
        is what they bring back now.  A `branch` runs the rest anew, so its effects (mails,
        payments, calls of tools) happen again from that point on.

        Args:
            mode: `replay` or `branch`.
            from_seq: The first sequence that is run again; a branch needs it, a replay begins with
                0 where it is not given.
            run_options_overlay: Run options to change, for a branch only.
            **options: Options of the call.

        Returns:
            A handle on the new run.

        Raises:
            BadRequestError: A branch without *from_seq*, or a replay with changed options.
            UnprocessableEntityError: *from_seq* is beyond the log.
            CapabilityNotSupportedError: The host cannot fork runs.

        Section: v1.md §14, v2.md §15.
        """
        forked = await self._client.runs.fork(
            self.id,
            mode=mode,
            from_seq=from_seq,
            run_options_overlay=run_options_overlay,
            **options,
        )
        return self._client.runs.attach(forked.run_id)

    async def diff(self, other: AsyncRunHandle | str, **options: Unpack[CallOptions]) -> RunDiff:
        """Compare this run with another one, event by event.

        Args:
            other: A handle on the other run, or its id.
            **options: Options of the call.

        Raises:
            CapabilityNotSupportedError: The host cannot compare runs.

        Section: v1.md §15, v2.md §15.
        """
        against = other if isinstance(other, str) else other.id
        return await self._client.runs.diff(self.id, against=against, **options)

    async def ancestry(self, **options: Unpack[CallOptions]) -> RunAncestry:
        """Read which run this one came from, one step back.

        Args:
            **options: Options of the call.

        Raises:
            CapabilityNotSupportedError: The host does not tell.

        Section: v1.md §7.4, v2.md §11.2.
        """
        return await self._client.runs.ancestry(self.id, **options)

    async def debug_bundle(self, **options: Unpack[CallOptions]) -> DebugBundle:
        """Fetch the run, its events and its metrics in one redacted document; major 1 only.

        Args:
            **options: Options of the call.

        Raises:
            CapabilityNotSupportedError: The host has none, or speaks major 2.

        Section: v1.md §24.
        """
        return await self._client.runs.debug_bundle(self.id, **options)

    async def pending_interrupts(self) -> list[Interrupt]:
        """Return what waits for somebody, read from the run's log.

        Section: v1.md §13, v2.md §14.
        """
        return await self._drive(self._plans.pending())

    async def approve(
        self,
        node_id: str | None = None,
        *,
        feedback: str | None = None,
        decided_by: str | None = None,
        check: bool = True,
        **options: Unpack[MutationOptions],
    ) -> Decision:
        """Accept what an approval asks for.

        Args:
            node_id: The node that waits; None where only one does.
            feedback: A word to the workflow.
            decided_by: Who decided, as an opaque name; the host may set its own.
            check: Whether the decision is checked against what is offered before it is sent.
            **options: Options of the call.

        Returns:
            What came of it.

        Raises:
            ConfigurationError: Several nodes wait and none was named, or the action is not offered.
            InterruptAlreadyResolvedError: Somebody else was first.

        Section: v1.md §13.2, v2.md §14.
        """
        return await self._drive(
            self._plans.act(
                "accept",
                node_id,
                check=check,
                options=options,
                feedback=feedback,
                decidedBy=decided_by,
            )
        )

    async def reject(
        self,
        node_id: str | None = None,
        *,
        feedback: str | None = None,
        decided_by: str | None = None,
        check: bool = True,
        **options: Unpack[MutationOptions],
    ) -> Decision:
        """Refuse what an approval asks for.

        Args:
            node_id: The node that waits; None where only one does.
            feedback: Why, for the workflow.
            decided_by: Who decided, as an opaque name; the host may set its own.
            check: Whether the decision is checked against what is offered before it is sent.
            **options: Options of the call.

        Returns:
            What came of it.

        Raises:
            ConfigurationError: Several nodes wait and none was named, or the action is not offered.
            InterruptAlreadyResolvedError: Somebody else was first.

        Section: v1.md §13.2, v2.md §14.
        """
        return await self._drive(
            self._plans.act(
                "reject",
                node_id,
                check=check,
                options=options,
                feedback=feedback,
                decidedBy=decided_by,
            )
        )

    async def request_changes(
        self,
        text: str | None = None,
        node_id: str | None = None,
        *,
        scope: Literal["whole", "section", "items"] = "whole",
        section_path: str | None = None,
        item_ids: Sequence[str] | None = None,
        tags: Sequence[str] | None = None,
        decided_by: str | None = None,
        check: bool = True,
        **options: Unpack[MutationOptions],
    ) -> Decision:
        """Send what an approval shows back, saying what should change.

        Args:
            text: What should change, in words.
            node_id: The node that waits; None where only one does.
            scope: Whether the whole is meant, a section of it, or single items.
            section_path: The section, with the scope `section`.
            item_ids: The items, with the scope `items`.
            tags: Labels for the workflow.
            decided_by: Who decided, as an opaque name; the host may set its own.
            check: Whether the decision is checked against what is offered before it is sent.
            **options: Options of the call.

        Returns:
            What came of it.

        Raises:
            ConfigurationError: Several nodes wait and none was named, or the action is not offered.
            InterruptAlreadyResolvedError: Somebody else was first.

        Section: v1.md §13.2, v2.md §14.
        """
        feedback = refine_feedback(scope, section_path, item_ids, tags, text)
        return await self._drive(
            self._plans.act(
                "refine",
                node_id,
                check=check,
                options=options,
                refineFeedback=feedback,
                decidedBy=decided_by,
            )
        )

    async def accept_edited(
        self,
        data: object,
        node_id: str | None = None,
        *,
        feedback: str | None = None,
        decided_by: str | None = None,
        check: bool = True,
        **options: Unpack[MutationOptions],
    ) -> Decision:
        """Accept what an approval shows, with changes of your own.

        Args:
            data: The artifact as you changed it.
            node_id: The node that waits; None where only one does.
            feedback: A word to the workflow.
            decided_by: Who decided, as an opaque name; the host may set its own.
            check: Whether the decision is checked against what is offered before it is sent.
            **options: Options of the call.

        Returns:
            What came of it.

        Raises:
            ConfigurationError: Several nodes wait and none was named, or the action is not offered.
            InterruptAlreadyResolvedError: Somebody else was first.

        Section: v1.md §13.2, v2.md §14.
        """
        return await self._drive(
            self._plans.act(
                "edit-accept",
                node_id,
                check=check,
                options=options,
                editedArtifactData=data,
                feedback=feedback,
                decidedBy=decided_by,
            )
        )

    async def escalate(
        self,
        node_id: str | None = None,
        *,
        feedback: str | None = None,
        decided_by: str | None = None,
        check: bool = True,
        **options: Unpack[MutationOptions],
    ) -> Decision:
        """Pass an approval on with a question (`ask`); the run goes on waiting.

        Args:
            node_id: The node that waits; None where only one does.
            feedback: The question, or why it is passed on.
            decided_by: Who asks, as an opaque name; the host may set its own.
            check: Whether the action is checked against what is offered before it is sent.
            **options: Options of the call.

        Returns:
            What came of it.

        Raises:
            ConfigurationError: Several nodes wait and none was named, or the action is not offered.
            InterruptAlreadyResolvedError: Somebody else was first.

        Section: v1.md §13.2, v2.md §14.
        """
        return await self._drive(
            self._plans.act(
                "ask",
                node_id,
                check=check,
                options=options,
                feedback=feedback,
                decidedBy=decided_by,
            )
        )

    async def answer(
        self,
        value: Any,
        node_id: str | None = None,
        *,
        check: bool = True,
        **options: Unpack[MutationOptions],
    ) -> Decision:
        """Answer the questions of a clarification.

        Args:
            value: The answer to the one question, or a mapping of question id to answer.
            node_id: The node that waits; None where only one does.
            check: Whether the ids are checked before the answer is sent.
            **options: Options of the call.

        Returns:
            What came of it.

        Raises:
            ConfigurationError: Several nodes wait and none was named, or an id is not asked.
            InterruptAlreadyResolvedError: Somebody else was first.

        Section: v1.md §13.1, v2.md §14.
        """
        return await self._drive(self._plans.answer(node_id, value, check, options))

    async def resolve(
        self,
        value: Any,
        node_id: str | None = None,
        *,
        check: bool = True,
        **options: Unpack[MutationOptions],
    ) -> Decision:
        """Answer whatever waits with a resume value of your own making.

        Args:
            value: The resume value, as the host takes it.
            node_id: The node that waits; None where only one does.
            check: Whether the value is checked against what is offered before it is sent.
            **options: Options of the call.

        Returns:
            What came of it.

        Raises:
            ConfigurationError: Several nodes wait and none was named, or the action is not offered.
            InterruptAlreadyResolvedError: Somebody else was first.

        Section: v1.md §13.3, v2.md §14.
        """
        return await self._drive(self._plans.decide(node_id, value, check=check, options=options))
