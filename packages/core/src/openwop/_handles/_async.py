"""The asynchronous handle on a run.  Its twin differs in colour only; a test pins their signatures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, Unpack

from openwop._decisions import Decision, Interrupt
from openwop._generated.models import CancelResult, RunSnapshot
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
        return f"<AsyncRunHandle {self.id}>"

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
            notice=self._plans.log.fold if after is None else None,
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
            self._plans.approve(node_id, check, options, feedback=feedback, decidedBy=decided_by)
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
            self._plans.reject(node_id, check, options, feedback=feedback, decidedBy=decided_by)
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
