"""`openwop doctor`: each thing that can be wrong is found, with what to do about it."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from importlib.metadata import EntryPoint
from typing import Any
from urllib.parse import urlsplit

import pytest

from openwop.cli import _checks
from openwop.cli._program import run
from openwop_testing import FakeHost


def states(said: Any) -> dict[str, str]:
    return {check["name"]: check["status"] for check in said.json["checks"]}


def found(said: Any, name: str) -> dict[str, str]:
    return next(check for check in said.json["checks"] if check["name"] == name)


def test_where_all_is_well_nothing_fails(cli: Any) -> None:
    said = cli("doctor", "--json")

    assert (0, True) == (said.code, said.json["ok"])
    assert {"python", "openwop", "host", "key", "discovery", "protocol", "auth"} <= set(
        states(said)
    )
    assert "fail" not in states(said).values()


def test_people_get_a_line_per_check_and_the_verdict(cli: Any) -> None:
    said = cli("doctor")

    assert 0 == said.code
    assert "the host knows the key" in said.out


def test_without_a_host_it_says_how_to_give_one(cli: Any) -> None:
    said = cli("doctor", "--json", known=False)

    assert (1, "fail") == (said.code, states(said)["host"])
    assert "OPENWOP_BASE_URL" in found(said, "host")["remedy"]


def test_a_wrong_key_is_found(cli: Any, make_host: Callable[..., FakeHost]) -> None:
    said = cli("doctor", "--json", on=make_host(api_key="hk_test_another"))

    assert (1, "fail") == (said.code, states(said)["auth"])
    assert "belongs to this host" in found(said, "auth")["remedy"]


def test_a_missing_key_is_a_warning(
    cli: Any, host: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = cli("doctor", "--json", "--base-url", host.base_url, known=False)

    assert (0, "warn") == (said.code, states(said)["key"])
    assert "auth" not in states(said)


def test_a_host_of_major_1_alone_is_a_warning(cli: Any, make_host: Callable[..., FakeHost]) -> None:
    said = cli("doctor", "--json", on=make_host(majors={1}))

    assert (0, "warn", "ok") == (said.code, states(said)["protocol"], states(said)["auth"])


def test_what_is_no_host_is_found(cli: Any, host: FakeHost) -> None:
    host.faults.answer("getCapabilities", b"<html>", headers={"Content-Type": "text/html"}, times=3)

    said = cli("doctor", "--json")

    assert (1, "fail") == (said.code, states(said)["discovery"])
    assert "bare origin" in found(said, "discovery")["remedy"]


def test_a_url_that_is_none_is_found(cli: Any) -> None:
    said = cli("doctor", "--json", "--base-url", "not a url")

    assert (1, "fail") == (said.code, states(said)["host"])


def test_a_sibling_of_another_version_is_found(cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    versions = {"openwop": "1.0", "openwop-testing": "0.9"}
    monkeypatch.setattr(_checks, "version", lambda name: versions.get(name, "1.0"))

    said = cli("doctor", "--json")

    assert (1, "fail") == (said.code, states(said)["openwop-testing"])
    assert "openwop-testing==1.0" in found(said, "openwop-testing")["remedy"]


def test_a_plugin_that_cannot_be_loaded_is_found(cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = EntryPoint("gone", "no_such_module_anywhere:plugin", "openwop")
    monkeypatch.setattr(_checks, "entry_points", lambda group: [broken])

    said = cli("doctor", "--json")

    assert (1, "fail") == (said.code, states(said)["plugin gone"])


@pytest.mark.parametrize(
    ("ahead", "state"), [(0, "ok"), (-60, "warn"), (60, "warn"), (900, "fail"), (-900, "fail")]
)
def test_a_clock_that_is_off_is_found(ahead: float, state: str) -> None:
    check = _checks._clock("Thu, 01 Jan 2026 00:00:00 GMT", lambda: 1767225600.0 + ahead)

    assert state == check.status
    assert state == "ok" or "NTP" in check.remedy


def network(url: str) -> dict[str, Any]:
    return {check.name: check for check in _checks._network(urlsplit(url))}


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy of the environment stands between."""
    monkeypatch.setattr(_checks, "getproxies", dict)


def test_a_name_that_is_not_found_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*args: Any, **options: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)

    checks = network("https://typo.example.com")

    assert ["dns"] == list(checks)
    assert "spelling" in checks["dns"].remedy


def test_a_port_where_nobody_listens_is_told() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

        checks = network(f"http://127.0.0.1:{port}")

    assert ("ok", "fail") == (checks["dns"].status, checks["tcp"].status)
    assert "check that the host runs" in checks["tcp"].remedy


def test_https_to_a_port_without_tls_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class NoTls:
        def wrap_socket(self, connection: socket.socket, server_hostname: str) -> Any:
            raise ssl.SSLError(1, "wrong version number")

    monkeypatch.setattr(ssl, "create_default_context", lambda cafile=None: NoTls())
    with socket.create_server(("127.0.0.1", 0)) as server:
        checks = network(f"https://127.0.0.1:{server.getsockname()[1]}")

    assert ("ok", "fail") == (checks["tcp"].status, checks["tls"].status)
    assert "http" in checks["tls"].remedy


def test_a_certificate_that_is_refused_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class Refusing:
        def wrap_socket(self, connection: socket.socket, server_hostname: str) -> Any:
            error = ssl.SSLCertVerificationError(1, "certificate verify failed")
            error.verify_message = "self-signed certificate"
            raise error

    monkeypatch.setattr(ssl, "create_default_context", lambda cafile=None: Refusing())
    with socket.create_server(("127.0.0.1", 0)) as server:
        checks = network(f"https://127.0.0.1:{server.getsockname()[1]}")

    assert "self-signed certificate" in checks["tls"].detail
    assert "SSL_CERT_FILE" in checks["tls"].remedy


def test_behind_a_proxy_the_direct_way_is_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_checks, "getproxies", lambda: {"https": "http://proxy.example:3128"})

    checks = network("https://api.example.com")

    assert ["network"] == list(checks)
    assert "skip" == checks["network"].status


def test_over_a_real_socket_the_network_is_looked_at(
    host: FakeHost, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with host.serve() as url:
        monkeypatch.setenv("OPENWOP_BASE_URL", url)
        monkeypatch.setenv("OPENWOP_API_KEY", host.api_key)
        code = run(["doctor"])

    shown = capsys.readouterr().out
    assert 0 == code
    assert "dns" in shown
    assert "tcp" in shown
    assert host.api_key not in shown
