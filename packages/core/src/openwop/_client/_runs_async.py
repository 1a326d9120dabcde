"""What `client.runs` offers beyond the operations of the protocol, asynchronous."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal, Unpack, cast

from openwop._client._options import StartOptions
from openwop._fanout._async import AsyncRunStarts
from openwop._fanout._spec import RunSpec
from openwop._generated.events import RunEvent
from openwop._generated.operations.runs import STREAM as STREAM_RUN_EVENTS
from openwop._generated.resources.runs import AsyncRuns as Operations
from openwop._handles import AsyncRunHandle
from openwop._handles._plans import Answers
from openwop._streams import AsyncEventStream
from openwop._streams._state import RunStream
from openwop.errors import ConflictError
from openwop.runtime import CallOptions
from openwop.runtime._call import check_options

if TYPE_CHECKING:
    from openwop._client._async import AsyncClient

__all__ = ["AsyncRuns"]


class AsyncRuns(Operations):
    """Runs: start, follow, list, pause, resume, cancel, fork and compare them."""

    async def start(
        self,
        workflow_id: str,
        inputs: Mapping[str, object] | None = None,
        *,
        dedup: bool | Literal["attach"] = False,
        **options: Unpack[StartOptions],
    ) -> AsyncRunHandle:
        """Start a run and return a handle on it.

        Args:
            workflow_id: The workflow to run.
            inputs: What the workflow takes, as JSON values.
            dedup: True to let the host refuse a second run of the same `scope_id` while one is
                active; `"attach"` to get a handle on that one instead.
            **options: What `create` takes besides, and the options of the call.

        Returns:
            A handle on the run.

        Raises:
            BadRequestError: The workflow is unknown, or an input is missing or of the wrong type.
            NotFoundError: The workflow is unknown, on hosts that say it so.
            ConflictError: A run of this scope is active; `.active_run_id` is its id.

        Section: v1.md §9, v2.md §9.
        """
        try:
            created = await self.create(
                workflow_id=workflow_id, inputs=inputs, dedup=bool(dedup) or None, **options
            )
        except ConflictError as exc:
            active = exc.active_run_id
            if dedup != "attach" or active is None:
                raise
            return self.attach(active)
        return self.attach(created.run_id)

    def attach(self, run_id: str) -> AsyncRunHandle:
        """Return a handle on a run that is known by its id; sends nothing.

        Args:
            run_id: The run, as the host gave its id.
        """
        return AsyncRunHandle(cast("AsyncClient", self._client), run_id)

    def start_many(
        self,
        specs: Iterable[RunSpec],
        *,
        concurrency: int = 8,
        **options: Unpack[CallOptions],
    ) -> AsyncRunStarts:
        """Start many runs, some at a time; use it inside `async with`.

        Where the host says 429 fewer are started at a time, and more again later.  One that fails
        does not stop the others.  A spec with a `key` is started once, however often this is
        repeated: so an interrupted batch is resumed by doing it again.

            async with client.runs.start_many(specs) as results:
                async for result in results:
                    print(result.spec.key, result.run or result.error)

        Args:
            specs: What to start; read as far as there is room, so it may be endless.
            concurrency: The most starts at a time.
            **options: Options of every start.

        Returns:
            An asynchronous iterator over a `StartResult` for each spec, as they come.

        Raises:
            ConfigurationError: *concurrency* is no number above 0.

        Section: v1.md §9, v2.md §9.
        """
        check_options("runs.start_many", CallOptions, options, ("specs", "concurrency"))
        return AsyncRunStarts(cast("AsyncClient", self._client), specs, concurrency, options)

    async def drive(
        self, run: AsyncRunHandle | str, answers: Answers, *, timeout: float | None = None
    ) -> dict[str, Any]:
        """Run to the end, answering on the way with a function per kind of interrupt.

        A function is given the `Interrupt`.  For an approval it returns an action (`"accept"`,
        `"reject"`, ...), a truth value or a whole resume value; for a clarification what `answer`
        takes; for another kind the resume value.  With None it leaves the answer to somebody else,
        who is then waited for.  An interrupt is put to it once, and where somebody else is
        quicker, that is no error.

            await client.runs.drive(run, {"approval": lambda gate: input(gate.title) == "yes"})

        Args:
            run: A handle on the run, or its id.
            answers: A function per kind; `"*"` for kinds that have none.
            timeout: Seconds that it may take; None for as long as it takes.

        Returns:
            The outputs of the run, as `result` does.

        Raises:
            RunFailedError: The run failed.
            RunCancelledError: The run was cancelled.
            RunNeedsInputError: The run waits for something that no function is for.
            WaitTimeoutError: The time is over; the run goes on.
            ConfigurationError: What a function returned does not fit.

        Section: v1.md §8, §13, v2.md §14.
        """
        handle = self.attach(run) if isinstance(run, str) else run
        return await handle._drive(handle._plans.drive(answers, timeout))  # noqa: SLF001

    def stream(
        self,
        run_id: str,
        *,
        mode: str = "updates",
        buffer_ms: int | None = None,
        after: int | None = None,
        reconnect: bool = True,
        silence: float | None = None,
        notice: Callable[[RunEvent], None] | None = None,
        **options: Unpack[CallOptions],
    ) -> AsyncEventStream:
        """Follow a run; use it inside `async with`.

        A connection that breaks is made anew and resumes behind the last event: nothing is lost
        and nothing comes twice.  Where SSE is not to be had, the long-poll stands in.

        Args:
            run_id: The run.
            mode: `updates`, `values`, `messages` or `debug`; all but `values` may be joined by
                commas.
            buffer_ms: For how long the host may collect events, in milliseconds, up to 5000.
            after: The sequence after which to begin; None for the beginning.
            reconnect: Whether a broken connection is made anew.
            silence: Seconds without an event after which the stream is given up; None for no limit.
            notice: Called with each event before it is handed out.
            **options: Options of the call; a `deadline` bounds the whole stream.

        Returns:
            An asynchronous iterator over the events, which connects on first use.

        Raises:
            ConfigurationError: The mode does not exist, or is joined with `values`.

        Section: v1.md §11, v2.md §12.
        """
        client = cast("AsyncClient", self._client)
        call = client._exchange(  # noqa: SLF001  # the same package's client
            STREAM_RUN_EVENTS, {"run_id": run_id}, options, streaming=True
        ).call
        state = RunStream(
            client._core,  # noqa: SLF001
            client._settings,  # noqa: SLF001
            call,
            run_id=run_id,
            mode=mode,
            buffer_ms=buffer_ms,
            after=after,
            reconnect=reconnect,
            silence=silence,
            options=options,
            notice=notice,
        )
        return AsyncEventStream(client._core, call, state)  # noqa: SLF001
