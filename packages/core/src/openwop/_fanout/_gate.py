"""How many runs are started at a time, and the plan that starts one."""

from __future__ import annotations

import copy
import threading
from functools import partial
from typing import Any, Final, TypeVar, cast

from openwop._fanout._spec import RunSpec
from openwop.errors import ConfigurationError, RateLimitError
from openwop.runtime import CallOptions
from openwop.runtime._core import Core, logger
from openwop.runtime._drivers import AsyncIO, SyncIO
from openwop.runtime._effects import Plan, Sleep, invoke

__all__ = ["Gate", "on_io", "start"]

C = TypeVar("C")

_MAX_ROUNDS: Final = 20
"""How often one start is put off because of 429, each time after the retries of its own call."""


class Gate:
    """Bounds what is in flight: halved when the host says 429, and grown back by one at a time.

    Args:
        maximum: The most that may be in flight.

    Raises:
        ConfigurationError: *maximum* is no number above 0.
    """

    def __init__(self, maximum: int) -> None:
        given: object = maximum
        if isinstance(given, bool) or not isinstance(given, int) or given < 1:
            msg = f"concurrency is {maximum!r}; it is a whole number above 0"
            raise ConfigurationError(msg)
        self.maximum = self.limit = maximum
        self.in_flight = 0
        self._good = 0
        self._forgiven = 0
        self._lock = threading.Lock()

    @property
    def is_open(self) -> bool:
        """Whether one more may begin."""
        return self.in_flight < self.limit

    def answered(self, status: int) -> None:
        """Take note of an answer of the host.

        Those that were in flight when the limit was halved are refused for the old limit: their
        refusals are no reason to halve it again.
        """
        with self._lock:
            if status == 429:
                self._good = 0
                if self._forgiven > 0:
                    self._forgiven -= 1
                    return
                self.limit = max(1, self.limit // 2)
                self._forgiven = self.in_flight - 1
                logger.info("runs.start_many: 429; going on with %d at a time", self.limit)
            elif status < 300:
                self._good += 1
                if self._good >= self.limit and self.limit < self.maximum:
                    self.limit += 1
                    self._good = self._forgiven = 0


def on_io(client: C, io: SyncIO | AsyncIO) -> C:
    """Return a copy of *client* that moves its bytes through *io* and shares everything else."""
    made: Any = client
    core: Core = copy.copy(made._core)  # noqa: SLF001
    core.io = io
    twin: Any = made._copied()  # noqa: SLF001
    twin._core = core  # noqa: SLF001
    return cast("C", twin)


def start(client: Any, spec: RunSpec, options: CallOptions) -> Plan[str]:
    """Plan the start of one run; returns its id.

    A 429 that outlasts the retries of the call puts the start off and leaves its key as it is.

    Args:
        client: The client, in either colour.
        spec: What to start.
        options: What the caller said about every start.
    """
    members: dict[str, Any] = {**options, **spec.options}
    members["idempotency_key"] = spec.idempotency_key or client._core.new_key()  # noqa: SLF001
    policy = options.get("retry") or client._settings.retry  # noqa: SLF001
    rounds = 0
    while True:
        try:
            run = yield from invoke(
                partial(
                    client.runs.start, spec.workflow_id, spec.inputs, dedup=spec.dedup, **members
                )
            )
        except RateLimitError as exc:
            rounds += 1
            asked = exc.retry_after
            if rounds > _MAX_ROUNDS or (asked is not None and asked > policy.max_retry_after):
                raise
            yield Sleep(policy.backoff(rounds + 1) if asked is None else asked)
            continue
        return cast("str", run.id)
