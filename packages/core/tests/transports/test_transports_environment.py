"""Proxies and certificates of the environment, ready clients, libraries, threads and closing."""

from __future__ import annotations

import datetime as dt
import importlib
import ipaddress
import pickle
import ssl
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import httpcore
import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from openwop import transports
from openwop.transports import AsyncHttpxTransport, HttpxTransport, Urllib3Transport
from openwop.transports._deadline import Until, install
from openwop.wire import (
    AsyncTransport,
    Clock,
    ConnectError,
    Request,
    Timeouts,
    Transport,
    TransportError,
    TransportTimeout,
)

# Proxies -----------------------------------------------------------------------------------------


def test_a_proxy_of_the_environment_is_honoured(
    some: Any, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", server.url)

    _, _, body = some.send(Request("GET", "http://api.invalid/a?b"))

    assert body == b"ok"
    assert server.seen[0][0] == "GET http://api.invalid/a?b HTTP/1.1"


def test_a_tunnel_of_a_proxy_is_asked_for_https(
    some: Any, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.play = server.once(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")
    monkeypatch.setenv("HTTPS_PROXY", server.url.replace("http://", "http://me:s3cr3t@"))

    error = some.fails(Request("GET", "https://api.invalid/a"), ConnectError)

    assert server.seen[0][0].startswith("CONNECT api.invalid:443 HTTP/1.")
    assert error.sent is False
    assert "s3cr3t" not in str(error)


def test_hosts_may_be_exempt_from_the_proxy(
    some: Any, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    assert some.send(server.get())[2] == b"ok"


def test_the_environment_can_be_left_aside(
    some: Any, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")

    assert some.send(server.get(), trust_env=False)[2] == b"ok"


def test_a_proxy_may_be_given(some: Any, server: Any) -> None:
    assert some.send(Request("GET", "http://api.invalid/"), proxy=server.url)[2] == b"ok"


def test_a_host_behind_a_proxy_is_bounded_as_well(some: Any, server: Any) -> None:
    def play(connection: Any) -> None:
        connection.request()
        connection.trickle(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    server.play = play
    request = Request("GET", "http://api.invalid/", timeouts=Timeouts(0.2, 0.2))

    some.fails(request, TransportTimeout, proxy=server.url)


@pytest.mark.parametrize("kind", [HttpxTransport, AsyncHttpxTransport])
@pytest.mark.parametrize("name", ["httpx", "httpx2"])
def test_a_proxy_that_cannot_be_used_is_refused_without_being_told(kind: Any, name: str) -> None:
    pytest.importorskip(name)

    with pytest.raises(ValueError, match="the proxy is no URL that can be used") as caught:
        kind(library=name, proxy="nonsense://me:s3cr3t@host")

    assert "s3cr3t" not in str(caught.value)


# Certificates ------------------------------------------------------------------------------------


def issue(folder: Path) -> ssl.SSLContext:
    """Write an authority to `ca.pem`, and return the context of a server that it vouches for."""
    now = dt.datetime.now(dt.UTC)

    def certificate(name: str, key: Any, issuer: str, signer: Any, *extensions: Any) -> Any:
        made = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, issuer)]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=1))
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()),
                critical=False,
            )
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
            )
        )
        for extension, critical in extensions:
            made = made.add_extension(extension, critical=critical)
        return made.sign(signer, hashes.SHA256())

    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
    ca = certificate(
        "test ca",
        ca_key,
        "test ca",
        ca_key,
        (x509.BasicConstraints(ca=True, path_length=0), True),
        (usage, True),
    )
    alternative = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    leaf = certificate("127.0.0.1", key, "test ca", ca_key, (alternative, False))
    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(ca.public_bytes(pem))
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "server.pem").write_bytes(private + leaf.public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    folder = tmp_path_factory.mktemp("certificates")
    return folder / "ca.pem", issue(folder)


@pytest.fixture
def secure(make_server: Any, authority: Any) -> Iterator[Any]:
    made = make_server(authority[1])
    yield made
    made.close()


def test_an_authority_of_the_environment_is_trusted(
    own: Any, secure: Any, authority: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority[0]))

    assert own.send(secure.get(), verify=True)[2] == b"ok"


def test_an_authority_that_nobody_vouches_for_is_not_trusted(own: Any, secure: Any) -> None:
    error = own.fails(secure.get(), ConnectError, verify=True)

    assert error.sent is False
    assert "certificate" in str(error).lower()


def test_an_authority_of_the_environment_can_be_left_aside(
    some: Any, secure: Any, authority: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority[0]))

    some.fails(secure.get(), ConnectError, verify=True, trust_env=False)


def test_a_context_of_the_callers_is_used(some: Any, secure: Any, authority: Any) -> None:
    context = ssl.create_default_context(cafile=str(authority[0]))

    assert some.send(secure.get(), verify=context)[2] == b"ok"


# httpcore leaves a socket to the collector where a cancellation meets its handshake, which takes
# until then on a busy machine.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_trickling_host_behind_tls_ends_in_time(some: Any, secure: Any, authority: Any) -> None:
    def play(connection: Any) -> None:
        connection.request()
        connection.trickle(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    secure.play = play
    context = ssl.create_default_context(cafile=str(authority[0]))

    some.fails(secure.get(timeouts=Timeouts(0.3, 0.3)), TransportTimeout, verify=context)


# Closing from elsewhere --------------------------------------------------------------------------


def first_byte_then_nothing(connection: Any) -> None:
    connection.request()
    connection.send(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\na")
    connection.hang()


@pytest.mark.parametrize("name", ["httpx", "httpx2", "urllib3"])
@pytest.mark.parametrize("over_tls", [False, True])
def test_a_body_that_another_thread_closes_wakes_its_reader(
    server: Any, secure: Any, authority: Any, name: str, over_tls: bool
) -> None:
    pytest.importorskip(name)
    host = secure if over_tls else server
    host.play = first_byte_then_nothing
    context = ssl.create_default_context(cafile=str(authority[0]))
    transport: Any = Urllib3Transport(verify=context)
    if name != "urllib3":
        transport = HttpxTransport(library=name, verify=context)  # type: ignore[arg-type]
    opened = transport.send(host.get(stream=True))
    chunks = iter(opened.body)
    assert next(chunks) == b"a"
    ended: list[Any] = []
    reading = threading.Event()

    def read() -> None:
        reading.set()
        try:
            next(chunks)
        except TransportError as exc:
            ended.append(exc)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    assert reading.wait(5)
    while not opened.body._reading:
        time.sleep(0)

    opened.close()
    opened.close()
    reader.join(5)

    assert not reader.is_alive()
    assert len(ended) == 1
    with pytest.raises(TransportError, match="was closed"):
        next(chunks)
    transport.close()


def test_a_body_that_another_task_closes_wakes_its_reader(timed_async: Any, server: Any) -> None:
    server.play = first_byte_then_nothing

    async def use(transport: Any) -> list[Any]:
        opened = await transport.send(server.get(stream=True))
        chunks = aiter(opened.body)
        assert await anext(chunks) == b"a"
        ended: list[Any] = []

        async def read() -> None:
            try:
                await anext(chunks)
            except TransportError as exc:
                ended.append(exc)

        with anyio.fail_after(5):
            async with anyio.create_task_group() as group:
                group.start_soon(read)
                await anyio.wait_all_tasks_blocked()
                await opened.aclose()
        return ended

    assert len(timed_async.run(use)) == 1


def test_a_cancelled_read_leaves_nothing_behind(timed_async: Any, server: Any) -> None:
    server.play = first_byte_then_nothing

    async def use(transport: Any) -> bool:
        opened = await transport.send(server.get(stream=True))
        chunks = aiter(opened.body)
        await anext(chunks)
        with anyio.move_on_after(0.01) as scope:
            await anext(chunks)
        with anyio.CancelScope(shield=True):
            await opened.aclose()
        return scope.cancelled_caught

    assert timed_async.run(use) is True


@pytest.mark.parametrize("kind", [HttpxTransport, Urllib3Transport])
def test_one_transport_serves_many_threads(server: Any, kind: Any) -> None:
    def play(connection: Any) -> None:
        while (found := connection.request()) is not None:
            body = found[0].split()[1].encode()
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    server.play = play
    transport = kind(verify=ssl.create_default_context())
    found: dict[str, set[bytes]] = {}

    def work(name: str) -> None:
        for _ in range(15):
            request = Request("GET", f"{server.url}{name}", timeouts=Timeouts(5, 5))
            opened = transport.send(request)
            found.setdefault(name, set()).add(b"".join(opened.body))
            opened.close()

    threads = [threading.Thread(target=work, args=(f"/{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    transport.close()

    assert found == {f"/{n}": {f"/{n}".encode()} for n in range(8)}


# Clients and libraries ---------------------------------------------------------------------------


def test_a_ready_client_is_left_open(sender: Any, server: Any) -> None:
    open_after: list[bool] = []

    async def use_async(transport: Any) -> None:
        opened = await transport.send(server.get())
        await opened.aclose()
        await transport.aclose()
        open_after.append(sender.is_open(transport))

    def use(transport: Any) -> None:
        transport.send(server.get()).close()
        transport.close()
        open_after.append(sender.is_open(transport))

    sender.run(use_async if sender.is_async else use)

    assert open_after == [sender.ready]


@pytest.mark.parametrize(
    ("kind", "client", "says"),
    [
        (
            HttpxTransport,
            httpx.AsyncClient,
            "HttpxTransport takes a httpx.Client, not a AsyncClient",
        ),
        (AsyncHttpxTransport, httpx.Client, "AsyncHttpxTransport takes a httpx.AsyncClient"),
        (HttpxTransport, object, "must be an httpx or httpx2 client, not object"),
    ],
)
def test_a_client_of_another_kind_is_refused(kind: Any, client: Any, says: str) -> None:
    settings = {} if client is object else {"verify": ssl.create_default_context()}

    with pytest.raises(TypeError, match=says):
        kind(client(**settings))


@pytest.mark.parametrize("kind", [HttpxTransport, AsyncHttpxTransport])
@pytest.mark.parametrize(
    "more", [{"proxy": "http://h"}, {"trust_env": False}, {"max_connections": 3}, {"verify": False}]
)
def test_a_ready_client_has_its_own_settings(kind: Any, more: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match=f"{next(iter(more))} cannot be given"):
        kind(object(), **more)


def test_a_subclass_of_a_ready_client_is_one() -> None:
    class Mine(httpx.Client):
        pass

    with Mine(verify=ssl.create_default_context()) as client:
        assert HttpxTransport(client)._client is client


@pytest.mark.parametrize("kind", [HttpxTransport, AsyncHttpxTransport])
def test_a_library_that_is_not_installed_is_named_with_its_extra(
    kind: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "httpx2", None)

    with pytest.raises(ImportError, match=r"pip install 'openwop\[httpx2\]'"):
        kind(library="httpx2")


@pytest.mark.parametrize("name", ["httpx", "httpx2"])
def test_every_pool_of_a_client_is_bounded(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A release of the library that hides its pools fails here, and not in production."""
    module = pytest.importorskip(name)
    core = importlib.import_module(name.replace("httpx", "httpcore"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "example.com")

    with module.Client(verify=ssl.create_default_context()) as client:
        assert install(client, core, Until()) is True
        assert len(client._mounts) == 2


def test_a_client_without_pools_is_reported_as_unbounded() -> None:
    class Hidden:
        _transport = object()

    assert install(Hidden(), httpcore, Until()) is False


def test_the_transports_are_what_they_say() -> None:
    context = ssl.create_default_context()
    blocking = HttpxTransport(verify=context)

    assert isinstance(blocking, Transport)
    assert not isinstance(blocking, Clock)
    assert isinstance(AsyncHttpxTransport(verify=context), AsyncTransport)
    blocking.close()


def test_the_package_offers_its_names_and_no_others() -> None:
    assert set(transports.__all__) <= set(dir(transports))
    with pytest.raises(AttributeError, match="no attribute 'CurlTransport'"):
        _ = transports.CurlTransport  # type: ignore[attr-defined]


def test_a_transport_error_with_its_cause_can_be_pickled(some: Any, server: Any) -> None:
    server.play = server.once()

    error = some.fails(server.get(), TransportError)

    assert str(pickle.loads(pickle.dumps(error))) == str(error)


# Edges -------------------------------------------------------------------------------------------


class LateClient(httpx.Client):
    """A ready client that answers when the time is over."""

    def send(self, request: Any, **more: Any) -> Any:
        time.sleep(0.05)
        return httpx.Response(200, content=b"late", request=request)


def test_a_head_that_comes_too_late_is_a_timeout() -> None:
    with LateClient(verify=ssl.create_default_context()) as client:
        transport = HttpxTransport(client)

        with pytest.raises(TransportTimeout, match="did not come in time"):
            transport.send(Request("GET", "http://h/", timeouts=Timeouts(0.01, 0.01)))


def test_a_ready_client_may_answer_from_memory(some: Any) -> None:
    """A transport of tests has neither a socket nor generators that end when cancelled."""
    body = [b"a", b"", b"b"]

    class Memory(httpx.AsyncByteStream, httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            yield from body

        async def __aiter__(self) -> Any:
            for chunk in body:
                yield chunk

    mock = httpx.MockTransport(lambda request: httpx.Response(200, stream=Memory()))
    kinds: Any = (AsyncHttpxTransport, httpx.AsyncClient)
    if not some.is_async:
        kinds = (HttpxTransport, httpx.Client)
    kind, client = kinds

    async def use_async() -> bytes:
        opened = await kind(client(transport=mock)).send(Request("GET", "http://h/"))
        assert await anext(aiter(opened.body)) == b"a"
        await opened.aclose()
        opened = await kind(client(transport=mock)).send(Request("GET", "http://h/"))
        return b"".join([chunk async for chunk in opened.body])

    if some.is_async:
        assert anyio.run(use_async, backend=some.colour) == b"ab"
        return
    opened = kind(client(transport=mock)).send(Request("GET", "http://h/"))
    assert b"".join(opened.body) == b"ab"
    opened = kind(client(transport=mock)).send(Request("GET", "http://h/"))
    opened.body._reading = True  # as another thread would have it
    opened.close()


def test_a_body_without_end_or_wait_does_not_keep_its_closing() -> None:
    class Endless(httpx.AsyncByteStream):
        async def __aiter__(self) -> Any:
            while True:
                yield b"x"

    mock = httpx.MockTransport(lambda request: httpx.Response(200, stream=Endless()))

    async def use() -> None:
        transport = AsyncHttpxTransport(httpx.AsyncClient(transport=mock))
        opened = await transport.send(Request("GET", "http://h/"))
        await anext(aiter(opened.body))
        with anyio.fail_after(5):
            await opened.aclose()

    anyio.run(use, backend="asyncio")


@pytest.mark.parametrize("error", [OSError("bad file descriptor"), ValueError("closed file")])
def test_a_socket_that_is_closed_under_a_read_is_a_transport_error(error: Exception) -> None:
    class Broken(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            raise error

    mock = httpx.MockTransport(lambda request: httpx.Response(200, stream=Broken()))
    with httpx.Client(transport=mock) as client:
        opened = HttpxTransport(client).send(Request("GET", "http://h/"))

        with pytest.raises(TransportError, match=str(error)):
            next(iter(opened.body))


def test_an_encoding_that_only_the_library_knows_is_left_to_it() -> None:
    mock = httpx.MockTransport(
        lambda request: httpx.Response(
            200, headers={"Content-Encoding": "unheard-of"}, content=b"text"
        )
    )
    with httpx.Client(transport=mock) as client:
        assert b"".join(HttpxTransport(client).send(Request("GET", "http://h/")).body) == b"text"


def test_an_error_that_says_nothing_is_told_by_what_is_behind_it() -> None:
    from openwop.transports._httpx_common import translate

    silent = httpx.ReadError("")
    assert str(translate(httpx, silent)) == "ReadError"
    silent.__cause__ = OSError("the cable is out")
    assert str(translate(httpx, silent)) == "the cable is out"
