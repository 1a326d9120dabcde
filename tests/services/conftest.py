"""Small real servers of OXP and of Ethos on a socket, and the generated clients to reach them."""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]

for _folder in (
    REPOSITORY / "examples" / "oxp_client" / "src",
    REPOSITORY / "examples" / "ethos_client" / "src",
    HERE / "servers",
):
    if str(_folder) not in sys.path:
        sys.path.insert(0, str(_folder))


class _Server(uvicorn.Server):
    """A server that says when it listens and leaves the signals of the process alone."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextmanager
def served(app: Any) -> Iterator[str]:
    """Serve *app* on a free port and give its URL."""
    config = uvicorn.Config(
        app, host="127.0.0.1", port=0, log_level="critical", lifespan="off", ws="none", http="h11",
        timeout_graceful_shutdown=1,
    )  # fmt: skip
    server = _Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    assert server.ready.wait(30), "the server did not start"
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        server.force_exit = True
        thread.join(30)


@pytest.fixture
def serve() -> Iterator[Callable[[Any], str]]:
    """Return what serves an application until the test ends."""
    from contextlib import ExitStack

    with ExitStack() as stack:
        yield lambda app: stack.enter_context(served(app))


@pytest.fixture
def oxp() -> Any:
    """Return the server module of OXP."""
    return importlib.import_module("oxp_server")


@pytest.fixture
def ethos() -> Any:
    """Return the server module of Ethos."""
    return importlib.import_module("ethos_server")
