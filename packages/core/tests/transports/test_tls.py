"""The certificates of authorities: read late, read once, and read again where they changed."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import certifi
import httpx
import pytest

from openwop.transports import AsyncHttpxTransport, HttpxTransport, _tls
from openwop.wire import ConnectError, Request, Timeouts


@pytest.fixture(autouse=True)
def forget() -> None:
    """Start with no context made."""
    _tls._shared.cache_clear()
    _tls._loaded.cache_clear()


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the library was asked for, each time that it made a context."""
    asked: list[dict[str, Any]] = []
    make = httpx.create_ssl_context

    def counted(**given: Any) -> ssl.SSLContext:
        asked.append(given)
        return make(**given)

    monkeypatch.setattr(httpx, "create_ssl_context", counted)
    return asked


def test_clients_that_speak_without_tls_read_no_authorities(
    server: Any, reads: list[dict[str, Any]]
) -> None:
    transport = HttpxTransport()
    transport.send(server.get()).close()
    transport.close()
    AsyncHttpxTransport()

    assert reads == []


def test_the_authorities_are_read_once_for_all_clients(
    server: Any, reads: list[dict[str, Any]]
) -> None:
    server.play = lambda connection: connection.send(b"no TLS at all")
    url = server.url.replace("http", "https")

    for transport in (HttpxTransport(), HttpxTransport()):
        with pytest.raises(ConnectError):
            transport.send(Request("GET", url, timeouts=Timeouts(5, 5)))
        transport.close()

    assert reads == [{"trust_env": True}]


def test_an_authority_that_was_replaced_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "ca.pem"
    pem = Path(certifi.where()).read_text(encoding="utf-8")
    first, _, _ = pem.partition("-----END CERTIFICATE-----")
    file.write_text(first + "-----END CERTIFICATE-----\n", encoding="utf-8")
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    before = _tls.authorities(trust_env=True)
    again = _tls.authorities(trust_env=True)

    file.write_text(pem, encoding="utf-8")
    after = _tls.authorities(trust_env=True)

    assert before is again
    assert len(before.get_ca_certs()) == 1
    assert len(after.get_ca_certs()) > 1


def test_a_folder_of_authorities_may_be_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))

    assert _tls.authorities(trust_env=True).get_ca_certs() == []
    assert len(_tls.authorities(trust_env=False).get_ca_certs()) > 1


def test_authorities_that_cannot_be_read_are_named_by_the_first_handshake(
    some: Any, server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if some.name == "httpx2":
        pytest.skip("httpx2 takes the authorities of the system besides")
    server.play = lambda connection: connection.hang()
    file = tmp_path / "ca.pem"
    file.write_text("no certificate", encoding="utf-8")
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    url = server.url.replace("http", "https")

    error = some.fails(Request("GET", url, timeouts=Timeouts(1, 1)), ConnectError, verify=True)

    assert "SSL_CERT_FILE" in str(error)
    assert error.sent is False


def test_a_file_of_authorities_that_is_missing_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/ca.pem")

    with pytest.raises(ssl.SSLError, match="look at SSL_CERT_FILE"):
        _tls.authorities(trust_env=True)


def test_a_context_that_is_made_late_offers_what_it_was_told_to() -> None:
    made: list[str] = []

    class Context(ssl.SSLContext):
        def set_alpn_protocols(self, alpn_protocols: Any) -> None:
            made.extend(alpn_protocols)
            super().set_alpn_protocols(alpn_protocols)

    lazy = _tls.LazyContext(lambda: Context(ssl.PROTOCOL_TLS_CLIENT))
    lazy.set_alpn_protocols(["http/1.1"])
    assert made == []

    lazy.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="h")
    lazy.set_alpn_protocols(["http/1.1"])
    lazy.set_alpn_protocols(["h2"])

    assert made == ["http/1.1", "h2"]
