"""The sender over real sockets: pinned addresses, TLS, time bounds, no redirects."""

from __future__ import annotations

import contextlib
import datetime as dt
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest

from openwop_webhooks.dispatch import EgressGuard, PinnedSender, Post, Target, ThreadedSender

OPEN = EgressGuard(allow_http=True, allow_private=True, resolver=lambda host, port: ["127.0.0.1"])


@contextlib.contextmanager
def server(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """Accept connections one after the other and give each to *serve*."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def run() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listening.accept()
                    with connection, contextlib.suppress(OSError):
                        serve(connection)

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()


def read_request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        data += receive(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
    while len(body) < length:
        body += receive(connection)
    return head + b"\r\n\r\n" + body


def receive(connection: socket.socket) -> bytes:
    if not (data := connection.recv(65536)):
        raise ConnectionResetError
    return data


def answering(answer: bytes, seen: list[bytes] | None = None) -> Callable[[socket.socket], None]:
    def serve(connection: socket.socket) -> None:
        request = read_request(connection)
        if seen is not None:
            seen.append(request)
        connection.sendall(answer)

    return serve


def post(port: int, *, scheme: str = "http", host: str = "hooks.example.com", **how: Any) -> Post:
    target = OPEN.resolve(f"{scheme}://{host}:{port}/in?x=1")
    return Post(target, {"OpenWOP-Webhook-Id": "wh-1"}, b"{}", **how)


def test_a_request_goes_to_the_judged_address_under_the_registered_name() -> None:
    seen: list[bytes] = []
    with server(answering(b"HTTP/1.1 204 No Content\r\n\r\n", seen)) as port:
        assert 204 == PinnedSender().send(post(port)).status

    head, _, body = seen[0].partition(b"\r\n\r\n")
    assert [
        b"POST /in?x=1 HTTP/1.1",
        b"Host: hooks.example.com:%d" % port,
        b"OpenWOP-Webhook-Id: wh-1",
        b"Content-Length: 2",
        b"Connection: close",
    ] == head.split(b"\r\n")
    assert b"{}" == body


def test_a_redirect_is_not_followed() -> None:
    seen: list[bytes] = []
    with server(answering(b"HTTP/1.1 204 No Content\r\n\r\n", seen)) as other:
        answer = b"HTTP/1.1 307 x\r\nLocation: http://127.0.0.1:%d/\r\nContent-Length: 0\r\n\r\n"
        with server(answering(answer % other)) as port:
            assert 307 == PinnedSender().send(post(port)).status

    assert [] == seen


def test_the_body_is_read_where_it_is_asked_for_and_only_so_far() -> None:
    answer = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        + (b"8000\r\n" + b"x" * 32768 + b"\r\n") * 4
    )
    with server(answering(answer)) as port:
        assert 65536 == len(PinnedSender().send(post(port, reads_body=True)).body)
        assert b"" == PinnedSender().send(post(port)).body


def test_an_endpoint_that_drips_its_answer_is_given_up_in_time() -> None:
    """
    Each byte comes in time, the whole does not: the bound is on the whole.
    """
    ticks = iter(range(1000))

    class Dripping:
        answer = iter(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 500)

        def recv_into(self, buffer: Any) -> int:
            buffer[0] = next(self.answer)
            return 1

        def settimeout(self, seconds: float) -> None:
            assert 0 < seconds <= 50

        def sendall(self, data: bytes) -> None:
            pass

        def close(self) -> None:
            pass

    connect: Any = lambda address, timeout: Dripping()  # noqa: E731
    sender = PinnedSender(clock=lambda: next(ticks), connect=connect)

    with pytest.raises(TimeoutError):
        sender.send(post(80, timeout=50))


def test_an_endpoint_that_says_nothing_is_given_up_in_time() -> None:
    done = threading.Event()

    def serve(connection: socket.socket) -> None:
        read_request(connection)
        done.wait(30)

    with server(serve) as port:
        with pytest.raises(TimeoutError):
            PinnedSender().send(post(port, timeout=0.05))
        done.set()


@pytest.mark.parametrize(
    "answer", [b"", b"hello\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"\xff" * 70000]
)
def test_what_is_no_answer_is_an_error(answer: bytes) -> None:
    import http.client

    with server(answering(answer)) as port, pytest.raises((http.client.HTTPException, OSError)):
        PinnedSender().send(post(port))


def test_the_next_address_is_tried_when_one_refuses() -> None:
    tried: list[str] = []

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        tried.append(address[0])
        if address[0] == "192.0.2.1":
            raise ConnectionRefusedError
        return socket.create_connection(("127.0.0.1", address[1]), timeout)

    with server(answering(b"HTTP/1.1 200 OK\r\n\r\n")) as port:
        target = Target("u", "http", "h.example", port, "/", ("192.0.2.1", "192.0.2.2"))
        assert 200 == PinnedSender(connect=connect).send(Post(target, {}, b"")).status

    assert ["192.0.2.1", "192.0.2.2"] == tried


def test_without_an_address_nothing_is_sent() -> None:
    with pytest.raises(OSError, match="no judged address"):
        PinnedSender().send(Post(Target("u", "http", "h", 80, "/"), {}, b""))


@pytest.mark.parametrize("value", ["a\r\nX: y", "a\nb", "\x00"])
def test_a_header_cannot_carry_another(value: str) -> None:
    with server(answering(b"HTTP/1.1 200 OK\r\n\r\n")) as port:
        wrong = Post(post(port).target, {"OpenWOP-Webhook-Id": value}, b"")
        with pytest.raises(ValueError, match="cannot be sent"):
            PinnedSender().send(wrong)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A self-signed certificate for hooks.example.com, and its key."""
    x509 = pytest.importorskip("cryptography.x509")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "hooks.example.com")])
    start = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    names = x509.SubjectAlternativeName([x509.DNSName("hooks.example.com")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + dt.timedelta(days=9))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return folder / "cert.pem", folder / "key.pem"


def test_the_certificate_is_checked_against_the_name_and_not_the_address(
    authority: tuple[Path, Path],
) -> None:
    certificate, key = authority
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(certificate, key)

    def serve(connection: socket.socket) -> None:
        with serving.wrap_socket(connection, server_side=True) as secured:
            read_request(secured)
            secured.sendall(b"HTTP/1.1 200 OK\r\n\r\n")

    trusting = PinnedSender(ssl_context=ssl.create_default_context(cafile=str(certificate)))
    with server(serve) as port:
        assert 200 == trusting.send(post(port, scheme="https")).status
        with pytest.raises(ssl.SSLCertVerificationError):
            trusting.send(post(port, scheme="https", host="other.example.com"))
        with pytest.raises(ssl.SSLCertVerificationError):
            PinnedSender().send(post(port, scheme="https"))


@pytest.mark.anyio
async def test_the_threaded_sender_sends_and_lets_go_when_cancelled() -> None:
    with server(answering(b"HTTP/1.1 200 OK\r\n\r\n")) as port:
        assert 200 == (await ThreadedSender(PinnedSender()).send(post(port))).status

    done = threading.Event()

    class Slow:
        def send(self, post: Post) -> Any:
            done.wait(30)

    with anyio.move_on_after(0.01) as scope:
        await ThreadedSender(Slow()).send(post(1))
    done.set()
    assert scope.cancelled_caught


def test_the_system_resolver_gives_addresses() -> None:
    from openwop_webhooks.dispatch.egress import resolve_host

    assert all(ipaddress.ip_address(each).is_loopback for each in resolve_host("localhost", 80))
    assert ["127.0.0.1"] == resolve_host("127.0.0.1", 80)
