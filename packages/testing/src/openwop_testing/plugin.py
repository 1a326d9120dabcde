"""The pytest plugin: fixtures for a host, clients on it, and what it sends.

Found by its entry point.  It imports nothing of ours before a fixture is asked for, so that a test
run that does not use it pays nothing.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from openwop import AsyncClient, Client
    from openwop_testing.host import FakeHost
    from openwop_testing.outbound import Deliveries

_MARKER = """\
openwop(majors={1, 2}, capabilities=None, workflows=(), seed=0, protocol=None, network=True): \
how the host of this test is made, and what its clients speak; network=False lets the test reach \
nothing but this machine"""
_OPTIONS = frozenset(
    {
        "majors",
        "capabilities",
        "workflows",
        "seed",
        "keep_alive",
        "minimum_client_version",
        "api_key",
        "protocol",
        "network",
    }
)
_OF_CLIENT = frozenset({"protocol", "network"})


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the plugin."""
    group = parser.getgroup("openwop", "OpenWOP")
    group.addoption(
        "--openwop-live",
        metavar="URL",
        default=None,
        help="run the tests of the openwop fixtures against the host at URL",
    )
    group.addoption(
        "--openwop-live-key",
        metavar="KEY",
        default=None,
        help="the key of the live host; without it, the variable OPENWOP_API_KEY",
    )
    group.addoption(
        "--openwop-seed",
        metavar="N",
        default=None,
        help="what every fake host draws its ids and its random faults from; `random` draws one",
    )
    group.addoption(
        "--openwop-block-network",
        action="store_true",
        help="let no test reach anything but this machine",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known, and let shipped checks explain their failures."""
    config.addinivalue_line("markers", _MARKER)
    seed: str | int | None = config.getoption("--openwop-seed")
    if seed is not None:
        # A worker of xdist parses the arguments anew, and must not draw a number of its own.
        drawn: dict[str, Any] = getattr(config, "workerinput", {})
        config.option.openwop_seed = _seed(drawn.get("openwop_seed", seed))
    for name in ("openwop_testing.transport_contract", "openwop_testing.host_contract"):
        if name not in sys.modules:  # too late then, and pytest would warn of it
            pytest.register_assert_rewrite(name)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Give a worker of xdist the seed that was drawn."""
    node.workerinput["openwop_seed"] = node.config.getoption("--openwop-seed")


def _seed(given: str | int) -> int:
    if given == "random":
        return int.from_bytes(os.urandom(4), "big")
    try:
        return int(given)
    except ValueError:
        raise pytest.UsageError("--openwop-seed takes a whole number, or `random`") from None


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say which host the tests run against, and what was drawn for them."""
    url, seed = config.getoption("--openwop-live"), config.getoption("--openwop-seed")
    lines = [f"openwop: live host {url}"] if url else []
    return lines if seed is None else [*lines, f"openwop: seed {seed}"]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Say below a failure which faults were drawn at random, and how to draw them again."""
    report = yield
    host: FakeHost | None = getattr(item, "funcargs", {}).get("openwop_host")
    if report.failed and host is not None and host.faults.mischief is not None:
        drawn = host.faults.mischief
        again = f"{drawn}\nRepeat it with --openwop-seed {drawn.seed}"
        report.sections.append(("openwop faults", again))
    return report


def _options(request: pytest.FixtureRequest) -> dict[str, Any]:
    options: dict[str, Any] = {}
    for marker in reversed(list(request.node.iter_markers("openwop"))):
        options.update(marker.kwargs)
        if marker.args:
            raise pytest.UsageError("the marker openwop takes keyword arguments only")
    unknown = sorted(set(options) - _OPTIONS)
    if unknown:
        known = ", ".join(sorted(_OPTIONS))
        raise pytest.UsageError(f"the marker openwop has no {unknown[0]!r}; it has {known}")
    seed = request.config.getoption("--openwop-seed")
    if seed is not None:
        options["seed"] = seed
    return options


def _live(request: pytest.FixtureRequest) -> str | None:
    url: str | None = request.config.getoption("--openwop-live")
    return url


def _blocked(item: pytest.Item) -> bool:
    """Tell whether a test is to be kept from the network."""
    if item.config.getoption("--openwop-block-network"):
        return True
    for marker in item.iter_markers("openwop"):  # the closest one first
        if "network" in marker.kwargs:
            return not marker.kwargs["network"]
    return False


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Keep a test and its fixtures from the network, where it asks for that."""
    if not _blocked(item):
        return (yield)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex"):
            patch.setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))
        return (yield)


def _guarded(connect: Callable[[socket.socket, Any], Any]) -> Callable[[socket.socket, Any], Any]:
    def guarded(self: socket.socket, address: Any) -> Any:
        if self.family in {socket.AF_INET, socket.AF_INET6} and not _local(str(address[0])):
            raise AssertionError(
                f"The test reached for {address[0]}, and may reach this machine only."
            )
        return connect(self, address)

    return guarded


def _local(host: str) -> bool:
    return host.startswith("127.") or host in {"::1", "localhost", ""}


@pytest.fixture
def openwop_host(request: pytest.FixtureRequest) -> Generator[FakeHost]:
    """A host in memory, made as the `openwop` marker says.

    At the end of the test every scripted fault must have been met.  With `--openwop-live` a test
    that scripts the host is skipped: a real one cannot be.
    """
    if _live(request) is not None:
        pytest.skip("scripts the host, which a live one does not allow")
    from openwop_testing.host import FakeHost

    options = _options(request)
    host = FakeHost(**{name: value for name, value in options.items() if name not in _OF_CLIENT})
    try:
        yield host
    finally:
        host.close()
    host.verify()


@pytest.fixture
def openwop_sync_client(request: pytest.FixtureRequest) -> Generator[Client]:
    """A client on the host of the test, or on the live one."""
    from openwop import Client

    with Client(**_connection(request, "transport")) as client:
        yield client


@pytest.fixture
def openwop_async_client(request: pytest.FixtureRequest) -> AsyncClient:
    """An async client on the host of the test, or on the live one; on asyncio and trio.

    In process it holds nothing that must be closed.  On a live host the test closes it:
    `async with openwop_async_client as client`.
    """
    from openwop import AsyncClient

    return AsyncClient(**_connection(request, "async_transport"))


def _connection(request: pytest.FixtureRequest, transport: str) -> dict[str, Any]:
    """Return the arguments of a client."""
    options = _options(request)
    arguments: dict[str, Any] = {"load_plugins": False, "protocol": options.get("protocol")}
    live = _live(request)
    if live is not None:
        return {**arguments, "base_url": live, "api_key": _live_key(request)}
    host: FakeHost = request.getfixturevalue("openwop_host")
    return {
        **arguments,
        "base_url": host.base_url,
        "api_key": host.api_key,
        "transport": getattr(host, transport)(),
    }


def _live_key(request: pytest.FixtureRequest) -> str | None:
    key: str | None = request.config.getoption("--openwop-live-key")
    return key


@pytest.fixture
def openwop_live_url(request: pytest.FixtureRequest) -> Generator[str]:
    """The URL of a host on a real port: the live one, or that of the test, served in real time."""
    live = _live(request)
    if live is not None:
        yield live
        return
    host: FakeHost = request.getfixturevalue("openwop_host")
    with host.serve() as url:
        yield url


@pytest.fixture
def openwop_deliveries(openwop_host: FakeHost) -> Deliveries:
    """The webhooks that the host of the test sends, signed as on the wire."""
    return openwop_host.deliveries
