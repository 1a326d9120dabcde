"""Files that go up and come down: bytes, open files, paths, and bodies written piece by piece."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from openwop.runtime import (
    APIConnectionError,
    ConfigurationError,
    ErrorClasses,
    Operation,
    Parameter,
    RetryPolicy,
    Route,
)
from openwop.runtime.service import AsyncServiceClient, Service, ServiceClient
from openwop.wire import Headers, OpenResponse, Request, TransportError

SERVICE = Service(name="toys", errors=ErrorClasses(), base_url="http://toys.test")
CONTENT = Parameter("content", "content", "payload", required=True)
UP: Operation[None] = Operation(
    "up", "toys.up", {"": Route("PUT", "/toy", (CONTENT,), body="bytes", answer="none")}
)
PHOTO = Parameter("photo", "photo", "body")
FORM: Operation[None] = Operation(
    "form", "toys.form", {"": Route("PUT", "/toy", (PHOTO,), body="multipart", answer="none")}
)
DOWN: Operation[bytes] = Operation(
    "down", "toys.down", {"": Route("GET", "/toy", answer="bytes")}, bytes
)
PIECES = [b"a" * 10, b"b" * 10, b"c"]


class Chunks:
    """A body in pieces, in both colours; what is no bytes is raised."""

    def __init__(self, pieces: list[Any]) -> None:
        self.pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        for piece in self.pieces:
            if isinstance(piece, Exception):
                raise piece
            yield piece

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece

    def close(self) -> None:
        """Do nothing."""

    async def aclose(self) -> None:
        """Do nothing."""


class Wire:
    """A transport that keeps what goes up and gives pieces."""

    def __init__(self, *pieces: Any, statuses: tuple[int, ...] = ()) -> None:
        self.requests: list[Request] = []
        self.pieces = list(pieces)
        self.statuses = list(statuses)

    def send(self, request: Request) -> OpenResponse:
        """Take *request*."""
        self.requests.append(request)
        status = self.statuses.pop(0) if self.statuses else 200
        return OpenResponse(status, Headers(), Chunks(self.pieces))

    def close(self) -> None:
        """Do nothing."""


class AsyncWire(Wire):
    """The same for asynchronous clients."""

    async def send(self, request: Request) -> Any:  # type: ignore[override]
        """Take *request*."""
        return super().send(request)

    async def aclose(self) -> None:
        """Do nothing."""


class Client(ServiceClient):
    """A client of toys."""

    _service: ClassVar[Service] = SERVICE


class AsyncClient(AsyncServiceClient):
    """Its twin."""

    _service: ClassVar[Service] = SERVICE


def client(wire: Wire, **options: Any) -> Client:
    return Client(transport=wire, api_key="k", load_plugins=False, **options)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """Return a file."""
    path = tmp_path / "bear.png"
    path.write_bytes(b"\x89PNG")
    return path


@pytest.mark.parametrize("form", ["bytes", "text", "open", "path"])
def test_a_whole_body_may_be_given_in_any_form_of_a_file(form: str, picture: Path) -> None:
    wire = Wire()
    content: Any = {
        "bytes": b"\x89PNG", "text": "text", "open": io.BytesIO(b"\x89PNG"), "path": picture,
    }[form]  # fmt: skip

    client(wire).perform(UP, {"content": content}, {})

    assert wire.requests[0].body == (b"text" if form == "text" else b"\x89PNG")


def test_an_open_file_is_read_once_and_sent_with_every_attempt() -> None:
    wire = Wire(statuses=(503, 200))
    quick = RetryPolicy(initial=0.0, maximum=0.0)

    client(wire, retry=quick).perform(UP, {"content": io.BytesIO(b"once")}, {})

    assert [request.body for request in wire.requests] == [b"once", b"once"]


def test_a_path_in_a_form_is_a_file_with_its_name(picture: Path) -> None:
    wire = Wire()

    client(wire).perform(FORM, {"photo": picture}, {})

    body = wire.requests[0].body or b""
    assert b'name="photo"; filename="bear.png"' in body
    assert b"\x89PNG" in body


@pytest.mark.parametrize("operation", [UP, FORM], ids=["whole", "form"])
def test_a_file_that_is_not_there_is_refused_before_anything_is_sent(
    operation: Operation[None], tmp_path: Path
) -> None:
    wire = Wire()
    gone = tmp_path / "gone.png"

    with pytest.raises(ConfigurationError):
        client(wire).perform(operation, {"content" if operation is UP else "photo": gone}, {})

    assert wire.requests == []


def opened(made: Any) -> Any:
    return made._copied(mode="streamed").perform(DOWN, {}, {})


def test_a_download_is_written_piece_by_piece_past_the_limit_of_whole_answers(
    tmp_path: Path,
) -> None:
    made = client(Wire(*PIECES), max_response_bytes=5)
    target, stream = tmp_path / "toy", io.BytesIO()

    assert opened(made).write_to(target) == 21
    assert opened(made).write_to(str(target)) == 21
    assert opened(made).write_to(stream) == 21

    assert target.read_bytes() == stream.getvalue() == b"".join(PIECES)


def test_a_download_that_breaks_says_so_and_leaves_what_came(tmp_path: Path) -> None:
    target = tmp_path / "toy"

    with pytest.raises(APIConnectionError):
        opened(client(Wire(b"first", TransportError("cut", sent=True)))).write_to(target)

    assert target.read_bytes() == b"first"


@pytest.mark.anyio
async def test_the_asynchronous_twin_writes_the_same(tmp_path: Path) -> None:
    wire = AsyncWire(*PIECES)
    made = AsyncClient(transport=wire, api_key="k", load_plugins=False)
    target, stream = tmp_path / "toy", io.BytesIO()

    assert await (await opened(made)).write_to(target) == 21
    assert await (await opened(made)).write_to(stream) == 21

    assert target.read_bytes() == stream.getvalue() == b"".join(PIECES)
