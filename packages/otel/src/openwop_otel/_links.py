"""Which span started which run, for links from what forks it, resumes it or decides in it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Final

from opentelemetry.trace import Link, SpanContext

from . import _names as names

__all__ = ["KINDS", "RunContexts"]

KINDS: Final = {
    "runs.fork": "fork",
    "runs.resume": "resume",
    "interrupts.resolve": "resume",
}
"""The operations whose span is linked to the span that started their run, and how."""


class RunContexts:
    """The contexts of the spans that started runs; the oldest are forgotten.

    Args:
        most: How many are kept.
    """

    def __init__(self, most: int = 1024) -> None:
        self._most = most
        self._found: OrderedDict[tuple[str, str], SpanContext] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._found)

    def remember(self, host: str, run_id: str, context: SpanContext) -> None:
        """Keep the context of the span that started a run.

        Args:
            host: The base URL of the host; run ids are unique on their host only.
            run_id: The run.
            context: The context of the span.
        """
        with self._lock:
            self._found[host, run_id] = context
            self._found.move_to_end((host, run_id))
            if len(self._found) > self._most:
                self._found.popitem(last=False)

    def link(self, host: str, run_id: str, kind: str) -> list[Link] | None:
        """Return the link to the span that started a run; None where it is not known.

        Args:
            host: The base URL of the host.
            run_id: The run.
            kind: What the link means.
        """
        context = self._found.get((host, run_id))
        if context is None:
            return None
        return [Link(context, {names.LINK_KIND: kind, names.RUN_ID: run_id})]
