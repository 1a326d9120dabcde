"""What the host sends: webhook deliveries and interrupt callbacks (v1.md 18, v2.md 17).

In process nothing leaves the machine: every delivery goes to `Deliveries`, which keeps it and
answers as it was told.  A served host can post for real instead.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeAlias, overload

import attrs

from openwop.wire import Headers
from openwop_testing._json import JsonObject, as_object, compact
from openwop_testing.clock import Timer
from openwop_testing.engine.log import LogEvent
from openwop_testing.engine.run import Interrupt, Run
from openwop_testing.render import Wire
from openwop_webhooks.dispatch import (
    Attempt,
    DeadLetter,
    DeliveryPolicy,
    DeliveryQueue,
    EgressGuard,
    Outcome,
    PinnedSender,
    Post,
    Subscription,
)
from openwop_webhooks.errors import WebhookUrlRejectedError

if TYPE_CHECKING:
    from openwop_testing.host import FakeHost

__all__ = ["Deliveries", "Outbound", "RecordedDelivery"]

Endpoint: TypeAlias = "Callable[[RecordedDelivery], int | tuple[int, bytes]]"


@attrs.define(eq=False)
class RecordedDelivery:
    """One request that the host made.

    Attributes:
        url: Where to.
        headers: The headers, signature included.
        body: The bytes that were signed.
        at: The host's time, in Unix seconds.
        kind: `webhook`, `challenge` or `callback`.
        attempt: The number of the attempt, from 1.
        status: What was answered; 0 for no answer.
    """

    url: str
    headers: Headers
    body: bytes = attrs.field(repr=False)
    at: float
    kind: str = "webhook"
    attempt: int = 1
    status: int = 0

    @property
    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.body)

    @property
    def event(self) -> JsonObject:
        """The event that a webhook delivery carries; empty for anything else."""
        document = as_object(self.json)
        return as_object(document.get("event") or document.get("hostEvent"))

    @property
    def type(self) -> str:
        """The type of the event; empty for anything else."""
        return str(self.event.get("type", ""))


class Deliveries(Sequence[RecordedDelivery]):
    """What the host sent, in order, and what the endpoints answer."""

    def __init__(self) -> None:
        self._made: list[RecordedDelivery] = []
        self._scripted: list[int] = []
        self._endpoints: dict[str, Endpoint] = {}

    @overload
    def __getitem__(self, index: int) -> RecordedDelivery: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[RecordedDelivery]: ...
    def __getitem__(self, index: int | slice) -> RecordedDelivery | Sequence[RecordedDelivery]:
        return self._made[index]

    def __len__(self) -> int:
        return len(self._made)

    def __iter__(self) -> Iterator[RecordedDelivery]:
        return iter(self._made)

    @property
    def types(self) -> list[str]:
        """The event types that were delivered, in order, every attempt counted."""
        return [made.type for made in self._made if made.kind == "webhook"]

    def respond(self, status: int, *, times: int = 1) -> None:
        """Let the endpoints answer the next *times* requests with *status*; 0 for no answer."""
        self._scripted.extend([status] * times)

    def unmet(self) -> list[str]:
        """Return the scripted answers that no request has met, in words."""
        return [f"a webhook answered with {status or 'nothing'}" for status in self._scripted]

    def route(self, url: str, endpoint: Endpoint) -> None:
        """Let a function answer what is sent to *url*: a status, or a status and a body."""
        self._endpoints[url] = endpoint

    def clear(self) -> None:
        """Forget what was sent."""
        self._made.clear()

    def take(self, made: RecordedDelivery) -> Outcome | None:
        """Record a request and answer it; None for no answer."""
        self._made.append(made)
        if self._scripted:
            made.status = self._scripted.pop(0)
            return Outcome(made.status) if made.status else None
        endpoint = self._endpoints.get(made.url)
        if endpoint is not None:
            answer = endpoint(made)
            status, body = answer if isinstance(answer, tuple) else (answer, b"")
        else:
            # An endpoint that agreed to be one echoes its challenge.
            challenge = as_object(made.json).get("challenge") if made.kind == "challenge" else None
            status, body = 200, compact({"challenge": challenge}).encode()
        made.status = status
        return Outcome(status, body) if status else None


class Outbound:
    """Sends what the host has to send.

    Args:
        host: The host.
        guard: Where it may post to.
        network: Whether it posts for real.
    """

    def __init__(self, host: FakeHost, guard: EgressGuard, *, network: bool) -> None:
        self._host = host
        self._guard = guard
        self.network = network
        self._pool: ThreadPoolExecutor | None = None
        self._majors: dict[str, int] = {}
        self._timer: Timer | None = None
        self._waiting: list[tuple[Run, str]] = []
        self._queues = {1: DeliveryQueue(DeliveryPolicy()), 2: DeliveryQueue(self._durable())}
        self.sender = PinnedSender()

    def _durable(self) -> DeliveryPolicy:
        webhooks = as_object(self._host.capabilities.get("webhooks"))
        retry = as_object(webhooks.get("retryPolicy"))
        return DeliveryPolicy(
            max_attempts=int(retry.get("maxAttempts", 5)),
            backoff=retry.get("backoff", "exponential"),
            dead_letters=True,
            retention=float(as_object(webhooks.get("deadLetter")).get("retentionDays", 7)) * 86_400,
        )

    def check_url(self, url: str) -> None:
        """Refuse a URL that the host must not post to.

        Raises:
            WebhookUrlRejectedError: It is no https URL of a public place.
        """
        self._guard.check_url(url)

    def subscribe(self, subscription: Subscription, *, major: int) -> None:
        """Deliver to a subscription from now on."""
        self._queues[major].add(subscription)
        self._majors[subscription.id.rpartition("/")[2]] = major

    def find(self, bare: str) -> tuple[DeliveryQueue, Subscription] | None:
        """Return a subscription and its queue."""
        queue = self._queues.get(self._majors.get(bare, 0))
        if queue is None:
            return None
        for subscription in queue:
            if subscription.id.rpartition("/")[2] == bare:
                return queue, subscription
        return None

    def dead_letters(self, bare: str) -> list[DeadLetter]:
        """Return the dead letters of a subscription, newest first."""
        found = self.find(bare)
        if found is None:
            return []
        queue, subscription = found
        return queue.dead_letters(subscription.id, now=self._host.clock.now())

    def challenge(self, url: str, body: bytes, headers: Mapping[str, str]) -> Outcome | None:
        """Ask an endpoint whether it agreed to be one, and wait for its answer."""
        return self._post(url, body, headers, kind="challenge", attempt=1, timeout=10.0)

    def watch(self, run: Run) -> None:
        """Deliver what a run logs from now on."""
        run.listeners.append(lambda event: self._logged(run, event))

    def _logged(self, run: Run, event: LogEvent) -> None:
        if event.sequence < run.memo.get("copied", 0) or run.replaying:
            # History that a fork only repeats has been delivered once already.
            return
        for major, queue in self._queues.items():
            if major not in self._majors.values():
                continue
            wire = Wire(major)
            queue.publish(
                wire.event(run, event),
                now=self._host.clock.now(),
                run_id=wire.run_id(run),
                workspace=run.owner.workspace,
                tenant=run.owner.tenant,
                tags=run.options.tags or (),
            )
        if event.type == "node.suspended" and run.options.callback_url:
            self._waiting.append((run, event.payload["nodeId"]))

    def publish_host_event(self, event: JsonObject, *, tenant: str, workspace: str | None) -> None:
        """Deliver an event that belongs to no run."""
        queue = self._queues[2]
        places = {workspace} if workspace is not None else {each.workspace for each in queue}
        for place in places:
            queue.publish(
                event,
                now=self._host.clock.now(),
                run_id=None,
                workspace=place,
                tenant=tenant,
            )

    def pump(self) -> None:
        """Make every attempt that is due now; called under the host's lock."""
        waiting, self._waiting = self._waiting, []
        for run, node_id in waiting:
            self._call_back(run, node_id)
        for queue in self._queues.values():
            self._make_due(queue)
        times = [due for queue in self._queues.values() if (due := queue.next_due()) is not None]
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        if times and not self.network:
            wait = min(times) - self._host.clock.now()
            self._timer = self._host.clock.house.after(wait, self.pump)

    def _make_due(self, queue: DeliveryQueue) -> None:
        if queue.pending:
            while True:
                attempts = queue.due(self._host.clock.now())
                if not attempts:
                    break
                for attempt in attempts:
                    self._attempt(queue, attempt)

    def _attempt(self, queue: DeliveryQueue, attempt: Attempt) -> None:
        headers = {**attempt.headers, **self._trace(attempt)}
        if self.network:
            self._in_background(queue, attempt, headers)
            return
        outcome = self._post(
            attempt.url,
            attempt.body,
            headers,
            kind="webhook",
            attempt=attempt.number,
            timeout=attempt.timeout,
        )
        status = None if outcome is None else outcome.status
        queue.settle(attempt, status, now=self._host.clock.now())

    def _trace(self, attempt: Attempt) -> Mapping[str, str]:
        """Return what names the trace that the run of a delivery belongs to."""
        run_id = str(as_object(json.loads(attempt.body)).get("runId", ""))
        run = self._host.engine.runs.get(run_id.rpartition("/")[2])
        return {} if run is None or run.trace is None else run.trace.headers()

    def _in_background(
        self, queue: DeliveryQueue, attempt: Attempt, headers: Mapping[str, str]
    ) -> None:
        if self._pool is None:
            self._pool = ThreadPoolExecutor(8, thread_name_prefix="openwop-deliveries")

        def work() -> None:
            outcome = self._send(attempt.url, attempt.body, headers, attempt.timeout)
            with self._host.lock:
                status = None if outcome is None else outcome.status
                queue.settle(attempt, status, now=self._host.clock.now())
                self.pump()

        self._pool.submit(work)

    def _post(
        self,
        url: str,
        body: bytes,
        headers: Mapping[str, str],
        *,
        kind: str,
        attempt: int,
        timeout: float,
    ) -> Outcome | None:
        made = RecordedDelivery(url, Headers(headers), body, self._host.clock.now(), kind, attempt)
        if not self.network:
            return self._host.deliveries.take(made)
        outcome = self._send(url, body, headers, timeout)
        made.status = 0 if outcome is None else outcome.status
        return outcome

    def _send(
        self, url: str, body: bytes, headers: Mapping[str, str], timeout: float
    ) -> Outcome | None:
        try:
            target = self._guard.resolve(url)
            return self.sender.send(Post(target, headers, body, timeout, reads_body=True))
        except (OSError, ValueError, WebhookUrlRejectedError):
            return None

    def _call_back(self, run: Run, node_id: str) -> None:
        """Tell the caller's URL that a node waits, with a token that answers for it."""
        interrupt: Interrupt | None = run.interrupts.get(node_id)
        url = run.options.callback_url
        if interrupt is None or url is None or interrupt.state != "pending":
            return
        token = self._host.tokens.issue(run, interrupt, major=run.major)
        prefix = "/v1" if run.major == 1 else ""
        body = compact(
            {
                "runId": Wire(run.major).run_id(run),
                "nodeId": interrupt.node_id,
                "kind": interrupt.ask.kind,
                "token": token,
                "resolveUrl": f"{prefix}/interrupts/{token}",
            }
        ).encode()
        headers = {"Content-Type": "application/json"}
        if run.trace is not None:
            headers.update(run.trace.headers())
        self._post(url, body, headers, kind="callback", attempt=1, timeout=5.0)

    def close(self) -> None:
        """Let go of the threads that post."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
