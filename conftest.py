"""What every test of the repository has: one profile for property tests, and an oracle for hosts.

Whatever a fake host answers, in a test of whichever package or in a program that a test starts, is
held to the specification and to the published schemas; a test fails by an answer that is not valid.
"""

from __future__ import annotations

import importlib.util
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
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


WATCHING = ROOT / "tests" / "watching"


def _host_watch() -> ModuleType:
    spec = importlib.util.spec_from_file_location("host_watch", WATCHING / "host_watch.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# One for the process: a run within a run, as the mutations make them, imports this file anew.
WATCH: Any = vars(pytest).setdefault("_openwop_watch", None) or _host_watch().Watch()
vars(pytest)["_openwop_watch"] = WATCH


class Programs:
    """Has the hosts watched that tests start as programs, by `sitecustomize` on their path."""

    def __init__(self) -> None:
        handle, name = tempfile.mkstemp(prefix="openwop-watch-")
        os.close(handle)
        self.report = Path(name)
        self._read = 0
        self._before = {name: os.environ.get(name) for name in ("OPENWOP_WATCH", "PYTHONPATH")}
        path = self._before["PYTHONPATH"]
        os.environ["OPENWOP_WATCH"] = str(self.report)
        os.environ["PYTHONPATH"] = os.pathsep.join([str(WATCHING), *([path] if path else [])])

    def take(self) -> list[str]:
        """Return what was reported since the last time."""
        with self.report.open(encoding="utf-8") as report:
            report.seek(self._read)
            found = report.read()
            self._read = report.tell()
        return found.splitlines()

    def close(self) -> None:
        """Put the environment back."""
        for name, value in self._before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        self.report.unlink(missing_ok=True)


PROGRAMS = pytest.StashKey[Programs]()


def _programs(config: pytest.Config) -> Programs:
    """Have the programs watched that are started from here on.

    From the first test on, not before: the workers of a run in parallel are no such programs.
    """
    programs = config.stash.get(PROGRAMS, None)
    if programs is None:
        programs = config.stash[PROGRAMS] = Programs()
        config.add_cleanup(programs.close)
    return programs


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
    programs = _programs(request.config)
    yield
    assert WATCH.take() == []
    assert programs.take() == []


@pytest.fixture
def watch() -> Any:
    """What holds the answers of the whole run to the oracle."""
    return WATCH


@pytest.fixture
def oracle() -> Any:
    """The oracle itself."""
    return WATCH.oracle
