"""A plugin that tells which runs a program starts."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any, cast

from openwop import Call, Response, hookimpl

__all__ = ["StartedRuns"]

_STARTS = frozenset({"runs.create", "runs.fork"})


class StartedRuns:
    """A plugin of a client that notes the runs that the client starts and forks.

    Give it to the client and to a listener: `Client(..., plugins=[started])`, then
    `Listener(client, handler, started=started)`.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs: dict[str, None] = {}
        self._told: list[Callable[[str], None]] = []

    @property
    def runs(self) -> list[str]:
        """The ids of the runs, in the order in which they were started."""
        with self._lock:
            return list(self._runs)

    def tell(self, function: Callable[[str], None]) -> Callable[[], None]:
        """Call *function* with the id of each run: those there were, and those to come.

        Args:
            function: Called where the run is started; it may not block.

        Returns:
            A function that ends it.
        """
        with self._lock:
            self._told.append(function)
            known = list(self._runs)
        for run_id in known:
            function(run_id)

        def end() -> None:
            with self._lock:
                self._told.remove(function)

        return end

    @hookimpl
    def openwop_response(self, call: Call, response: Response) -> None:
        """Note the run of an answer that started one."""
        if call.operation not in _STARTS or not 200 <= response.status_code < 300:
            return
        run_id = _run_id(response.body)
        with self._lock:
            if run_id is None or run_id in self._runs:
                return
            self._runs[run_id] = None
            told = list(self._told)
        for function in told:
            function(run_id)


def _run_id(body: bytes) -> str | None:
    try:
        document: Any = json.loads(body)
    except ValueError:
        return None  # the client says what is wrong with it
    if not isinstance(document, dict):
        return None
    found = cast("dict[str, Any]", document).get("runId")
    return found if isinstance(found, str) and found else None
