"""What every test of the repository has: one profile for property tests, and an oracle for hosts.

Whatever a fake host answers in this process, in a test of whichever package, is held to the
specification and to the published schemas; a test fails by an answer that is not valid.
"""

from __future__ import annotations

import importlib.util
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent

settings.register_profile(
    "openwop",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("openwop")


class Watch:
    """Holds what hosts answer to an oracle, from the first test that can make one."""

    def __init__(self) -> None:
        self.exact = True
        self.problems: list[str] = []
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
        found, self.problems = self.problems, []
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
                self.problems.append(f"{type(error).__name__}: {error}")


# One for the process: a run within a run, as the mutations make them, imports this file anew.
WATCH: Watch = vars(pytest).setdefault("_openwop_watch", Watch())


def pytest_collection_finish() -> None:
    """Begin, now that what the tests import is there."""
    WATCH.start()


@pytest.fixture(autouse=True)
def _every_answer_is_valid(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test in which a host answered what neither specification nor schemas allow."""
    WATCH.start()
    # The tests of the host look at every byte; elsewhere an answer that differs from one that was
    # seen in nothing but its ids and numbers is as good as that one.
    WATCH.exact = "testing" in request.path.parts
    yield
    assert WATCH.take() == []


@pytest.fixture
def watch() -> Watch:
    """What holds the answers of the whole run to the oracle."""
    return WATCH


@pytest.fixture
def oracle() -> Any:
    """The oracle itself."""
    return WATCH.oracle
