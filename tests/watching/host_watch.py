"""Holds what fake hosts answer to the specification and the published schemas, in any process.

The conftest of the repository uses it for the process of the tests, and `sitecustomize` beside it
for the hosts that tests start as programs.  Standard library only, until a host answers.
"""

from __future__ import annotations

import importlib.util
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


class Watch:
    """Holds what hosts answer to an oracle, from the first moment at which there are any.

    Args:
        tell: Told each problem as it is found; by default they are kept until they are taken.
    """

    def __init__(self, tell: Callable[[str], object] | None = None) -> None:
        self.exact = True
        self.problems: list[str] = []
        self._tell = tell or self.problems.append
        self._oracle: Any = None
        self._watching = False
        self._lock = threading.RLock()

    @property
    def oracle(self) -> Any:
        """The oracle, read from the schemas when the first host answers."""
        with self._lock:
            if self._oracle is None:
                path = ROOT / "packages" / "testing" / "tests" / "schema_oracle.py"
                spec = importlib.util.spec_from_file_location("openwop_schema_oracle", path)
                assert spec is not None
                assert spec.loader is not None
                module = importlib.util.module_from_spec(spec)
                spec.loader.exec_module(module)
                self._oracle = module.Oracle()
            return self._oracle

    def take(self) -> list[str]:
        """Return what was wrong since the last time."""
        found = list(self.problems)
        self.problems.clear()
        return found

    def start(self) -> None:
        """Look at every answer from now on, where this process has hosts."""
        if self._watching or "openwop_testing.host" not in sys.modules:
            return
        self._watching = True
        from openwop_testing.host import FakeHost
        from openwop_testing.hostevents import HostStream
        from openwop_testing.streams import RunStream

        handle, read, host_read = FakeHost.handle, RunStream.read, HostStream.read

        def checked_handle(host: FakeHost, request: Any) -> Any:
            answer = handle(host, request)
            call = host.calls[-1]
            if answer.later is not None:
                finish = answer.later.finish
                answer.later.finish = lambda: self._answered(call, finish())
                return answer
            return self._answered(call, answer)

        def checked_read(stream: Any) -> bytes:
            data = read(stream)
            if stream._fault is None:
                for frame in data.split(b"\n\n"):
                    self._check("frame", stream._wire.major, frame)
            return data

        def checked_host_read(stream: HostStream) -> bytes:
            data = host_read(stream)
            for frame in data.split(b"\n\n"):
                self._check("host_frame", frame)
            return data

        FakeHost.handle = checked_handle  # type: ignore[method-assign]
        RunStream.read = checked_read  # type: ignore[method-assign]
        HostStream.read = checked_host_read  # type: ignore[method-assign]

    def _answered(self, call: Any, answer: Any) -> Any:
        media = answer.headers.get("Content-Type", "")
        if not answer.scripted and media.startswith("application/json"):
            major = call.major or 1
            self._check("answer", major, call.operation_id, answer.status, answer.body)
        return answer

    def _check(self, what: str, *facts: Any) -> None:
        with self._lock:  # hosts that are served answer in threads of their own
            self.oracle.exact = self.exact
            try:
                getattr(self.oracle, what)(*facts)
            except Exception as error:
                self._tell(f"{type(error).__name__}: {error}")
