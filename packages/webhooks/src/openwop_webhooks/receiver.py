"""From a request to an answer: what every framework's adapter shares.

The answer is 200 once the delivery's handler has finished, or where it had been handled before; 503
where it is being handled, the handler failed or ran out of time, or the replay guard cannot be
asked; 413 for a body that is too large; 400 for everything else, with one empty body whatever the
reason.  Hosts give five seconds, may never try again, and open a circuit after four failures, so a
handler that cannot finish in time should put the delivery into a durable queue and return.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import contextvars
import inspect
import logging
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Sequence
from typing import Any, TypeAlias

import anyio
import anyio.to_thread
import attrs

from openwop.errors import ConfigurationError

from .delivery import Challenge, Delivery
from .errors import WebhookVerificationError
from .guards import AnyReplayGuard, MemoryReplayGuard, claim, claim_async
from .observers import ReceiverObserver, Watch, installed_observers
from .verifier import Verifier

__all__ = ["Answer", "Handler", "Receiver"]

Handler: TypeAlias = Callable[[Delivery], Any]
"""Takes a delivery; may be async.  An `openwop.EventRouter` is one."""

_log = logging.getLogger("openwop.webhooks")
_WORKERS = 32


@attrs.frozen
class Answer:
    """An HTTP answer, for an adapter to put into its framework's words.

    Attributes:
        status: The HTTP status.
        body: The body, empty but for a challenge.
        content_type: The media type of the body; empty where there is no body.
    """

    status: int
    body: bytes = b""
    content_type: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """The headers to send, `Content-Length` among them."""
        headers = {"Content-Length": str(len(self.body))}
        if self.content_type:
            headers["Content-Type"] = self.content_type
        return headers


_OK, _REFUSED, _TOO_LARGE, _LATER = Answer(200), Answer(400), Answer(413), Answer(503)


def _is_async(handler: Handler) -> bool:
    call = getattr(handler, "__call__", None)  # noqa: B004  # the method, not whether there is one
    return inspect.iscoroutinefunction(handler) or inspect.iscoroutinefunction(call)


class Receiver:
    """Verifies, claims, hands over and answers, for one handler.

    A handler that overruns *answer_within* is not stopped: the answer is 503, the claim stays, and
    when the handler ends the delivery is completed or released, so that the host's next attempt
    gets 200 or another try.  Under trio, where no task outlives its scope, the handler is cancelled
    and the claim released.  A handler must end within the lease of the replay guard; an async one
    is cancelled there.

    Args:
        verifier: What tells authentic deliveries.  One without a replay guard gets a guard in the
            memory of this process, so that handling twice takes two processes or a restart.
        handler: Called with each delivery, once; sync or async, an `openwop.EventRouter` too.
        answer_within: Seconds until the answer.  None waits for as long as the handler takes and
            runs a sync handler in the thread of the request.
        observers: What watches judgements and handlers; None for those of installed packages, such
            as the tracing of `openwop-otel`.

    Raises:
        ConfigurationError: *answer_within* is not positive.
    """

    def __init__(
        self,
        verifier: Verifier,
        handler: Handler,
        *,
        answer_within: float | None = 4.0,
        observers: Sequence[ReceiverObserver] | None = None,
    ) -> None:
        if answer_within is not None and answer_within <= 0:
            raise ConfigurationError("answer_within must be positive, or None for no bound")
        self.verifier = verifier
        self._handler = handler
        self._handler_is_async = _is_async(handler)
        self._answer_within = answer_within
        guard = verifier.replay_guard
        self._guard: AnyReplayGuard = MemoryReplayGuard() if guard is None else guard
        self._pool: concurrent.futures.ThreadPoolExecutor | None = None
        self._pool_lock = threading.Lock()
        self._tasks: set[asyncio.Task[Answer]] = set()
        if observers is None:
            observers = installed_observers(verifier, handler)
        self._watch = Watch(observers)

    @property
    def max_body(self) -> int:
        """The largest body that is looked at, in bytes; an adapter need not read further."""
        return self.verifier.max_body

    def too_large(self) -> Answer:
        """Return the answer to a body that an adapter gave up reading."""
        _log.info("webhook refused (body_too_large)")
        self._watch.refused("body_too_large")
        return _TOO_LARGE

    def refused(self) -> Answer:
        """Return the answer to a request that cannot be a delivery, such as a GET."""
        _log.info("webhook refused (malformed_headers)")
        self._watch.refused("malformed_headers")
        return _REFUSED

    def receive(self, headers: object, body: bytes) -> Answer:
        """Handle one request, blocking.

        Args:
            headers: The headers, in any form that `Verifier.verify` takes.
            body: The body as received.

        Returns:
            The answer; nothing is raised but what ends the process.
        """
        found = self._authenticate(headers, body)
        if isinstance(found, Answer):
            return found
        if self._answer_within is None:
            return self._handle(found, headers)
        context = contextvars.copy_context()
        future = self._executor().submit(context.run, self._handle, found, headers)
        concurrent.futures.wait([future], self._answer_within)
        if future.done():
            return future.result()
        if not future.cancel():  # a handler that never began needs no second answer
            _log.warning("webhook handler runs over %s s, answered 503", self._answer_within)
        return _LATER

    async def receive_async(self, headers: object, body: bytes) -> Answer:
        """Handle one request on asyncio or trio; sync handlers and guards run in threads.

        Args:
            headers: The headers, in any form that `Verifier.verify` takes.
            body: The body as received.

        Returns:
            The answer; nothing is raised but cancellation and what ends the process.
        """
        found = self._authenticate(headers, body)
        if isinstance(found, Answer):
            return found
        if self._answer_within is None:
            return await self._handle_async(found, headers)
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return await self._receive_trio(found, headers, self._answer_within)
        task = loop.create_task(self._handle_async(found, headers))
        self._tasks.add(task)  # the loop keeps weak references alone
        task.add_done_callback(self._tasks.discard)
        done, _ = await asyncio.wait({task}, timeout=self._answer_within)
        if done:
            return task.result()
        _log.warning("webhook handler runs over %s s, answered 503", self._answer_within)
        return _LATER

    def close(self) -> None:
        """Wait for sync handlers that overran, and give up their threads."""
        with self._pool_lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown()

    async def _receive_trio(self, delivery: Delivery, headers: object, seconds: float) -> Answer:
        with anyio.move_on_after(seconds):
            return await self._handle_async(delivery, headers)
        _log.warning("webhook handler took over %s s and was cancelled", seconds)
        return _LATER

    def _authenticate(self, headers: object, body: bytes) -> Delivery | Answer:
        try:
            found = self.verifier.authenticate(headers, body)
            if isinstance(found, Challenge):
                self._watch.challenged()
                return Answer(200, found.answer(), "application/json")
            _ = found.dedup_key  # parses: an answer of 400 must not wait for a claim
        except WebhookVerificationError as error:
            return self._answer(error)
        return found

    def _answer(self, error: WebhookVerificationError) -> Answer:
        self._watch.refused(error.reason)
        level = logging.WARNING if error.reason == "store_unavailable" else logging.INFO
        _log.log(level, "webhook refused (%s): %s", error.reason, error)
        return {200: _OK, 413: _TOO_LARGE, 503: _LATER}.get(error.status_code, _REFUSED)

    def _executor(self) -> concurrent.futures.ThreadPoolExecutor:
        with self._pool_lock:
            if self._pool is None:
                self._pool = concurrent.futures.ThreadPoolExecutor(
                    _WORKERS, thread_name_prefix="openwop-webhook"
                )
            return self._pool

    def _handle(self, delivery: Delivery, headers: object) -> Answer:
        try:
            lease = claim(self._guard, delivery.dedup_key)
        except WebhookVerificationError as error:
            return self._answer(error)
        delivery.attach(lease)
        finished = False
        try:
            with self._watch.handling(delivery, headers):
                result = self._handler(delivery)
                if inspect.isawaitable(result):
                    asyncio.run(_await(result))
            finished = True
        except Exception:  # noqa: BLE001  # logged, and the host tries again
            _log.exception("webhook handler failed, answered 503")
        finally:
            settle = lease.complete if finished else lease.release
            with self._settling(finished):
                self._settled(settle(), finished)
        return _OK if finished else _LATER

    async def _handle_async(self, delivery: Delivery, headers: object) -> Answer:
        try:
            lease = await claim_async(self._guard, delivery.dedup_key)
        except WebhookVerificationError as error:
            return self._answer(error)
        delivery.attach(lease)
        finished = False
        try:
            with self._watch.handling(delivery, headers):
                await self._call_async(delivery)
            finished = True
        except Exception:  # noqa: BLE001  # logged, and the host tries again
            _log.exception("webhook handler failed, answered 503")
        finally:
            settle = lease.complete_async if finished else lease.release_async
            with anyio.CancelScope(shield=True), self._settling(finished):
                self._settled(await settle(), finished)
        return _OK if finished else _LATER

    async def _call_async(self, delivery: Delivery) -> None:
        if not self._handler_is_async:
            result = await anyio.to_thread.run_sync(self._handler, delivery)
            if not inspect.isawaitable(result):
                return
        else:
            result = self._handler(delivery)
        # Past its lease the delivery may be given to somebody else, who must not meet this one.
        with anyio.fail_after(self._guard.lease):
            await result

    @contextlib.contextmanager
    def _settling(self, finished: bool) -> Generator[None]:
        try:
            yield
        except Exception:  # noqa: BLE001
            # A handled delivery is answered with 200 all the same: 503 would ask for it again.
            _log.exception(
                "the replay guard did not take that a delivery %s",
                "was handled" if finished else "may be handled again",
            )

    def _settled(self, held: bool, finished: bool) -> None:
        if not held:
            _log.warning(
                "a webhook handler outlived its claim of %s s%s",
                self._guard.lease,
                "; another may have handled its delivery too" if finished else "",
            )


async def _await(result: Awaitable[Any]) -> Any:
    return await result


async def read_limited(chunks: AsyncIterator[bytes], limit: int) -> bytes | None:
    """Read a body chunk by chunk.

    Args:
        chunks: The body.
        limit: The largest size to accept, in bytes.

    Returns:
        The body, or None as soon as it exceeds *limit*.
    """
    parts: list[bytes] = []
    size = 0
    async for chunk in chunks:
        size += len(chunk)
        if size > limit:
            return None
        parts.append(chunk)
    return b"".join(parts)


def declares_over(content_length: str | None, limit: int) -> bool:
    """Tell whether a `Content-Length` header says that its body is over *limit* bytes."""
    return (
        content_length is not None
        and content_length.isascii()
        and content_length.isdigit()
        and (len(content_length) > 15 or int(content_length) > limit)
    )
