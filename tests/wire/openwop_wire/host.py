"""A host that says what it is told to and remembers what it was asked, on a real socket."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import attrs

from openwop_wire.case import NO_BODY

DISCOVERY = "/.well-known/openwop"


@attrs.frozen
class Asked:
    """One request as it arrived."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def data(self) -> Any:
        """The body: JSON data, raw bytes where it is no JSON, or `NO_BODY`."""
        if not self.body:
            return NO_BODY
        if self.headers.get("content-type", "").startswith("application/json"):
            return json.loads(self.body)
        return self.body


@attrs.frozen
class Said:
    """One answer."""

    status: int = 200
    data: Any = None
    content_type: str = "application/json"
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str])

    def encoded(self) -> bytes:
        """Return the body."""
        if self.data is None:
            return b""
        if isinstance(self.data, bytes):
            return self.data
        return json.dumps(self.data).encode()


Script = Callable[[Asked], Said]


class RecordingHost:
    """A server for one test at a time.

    Args:
        host: The address to listen on.
    """

    def __init__(self, host: str = "127.0.0.1") -> None:
        self.asked: list[Asked] = []
        self._script: Script = lambda _: Said(500)
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # one segment per answer
            disable_nagle_algorithm = True

            def _serve(self) -> None:
                owner._serve(self)

            def __getattr__(self, name: str) -> Any:
                if name.startswith("do_"):
                    return self._serve
                raise AttributeError(name)

            def log_message(self, *args: Any) -> None:
                """Say nothing."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: Any, client_address: Any) -> None:
                """Clients close connections when they like."""

        self._server = Server((host, 0), Handler)
        self.url = f"http://{host}:{self._server.server_address[1]}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def script(self, script: Script) -> None:
        """Forget what was asked, and answer by *script* from now on."""
        self.asked = []
        self._script = script

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        length = int(handler.headers.get("content-length") or 0)
        asked = Asked(
            handler.command,
            handler.path,
            {name.lower(): value for name, value in handler.headers.items()},
            handler.rfile.read(length) if length else b"",
        )
        self.asked.append(asked)
        said = self._script(asked)
        body = said.encoded()
        handler.send_response(said.status)
        if body:
            handler.send_header("Content-Type", said.content_type)
        for name, value in said.headers.items():
            handler.send_header(name, value)
        if said.status not in {204, 304}:
            handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)


def document(major: int, gate: str = "") -> dict[str, Any]:
    """Return a discovery document of *major* that advertises *gate* and nothing besides."""
    if major == 1:
        found: dict[str, Any] = {
            "protocolVersion": "1.11",
            "supportedEnvelopes": ["clarification.request"],
            "schemaVersions": {},
            "limits": {"clarificationRounds": 3, "schemaRounds": 2, "envelopesPerTurn": 5},
        }
    else:
        found = {"protocolVersions": ["2.0"], "preferredVersion": "2.0"}
    path, _, member = gate.partition("=")
    names = path.split(".") if path else []
    inner = found
    for name in names[:-1]:
        inner = inner.setdefault(name, dict(_record(major)))
    if names:
        inner[names[-1]] = [member] if member else True if len(names) > 1 else _record(major)
    return found


def _record(major: int) -> dict[str, Any]:
    if major == 1:
        return {"supported": True}
    return {"status": "stable", "since": "2.0", "witness": "claims-check"}


def discovery(major: int, gate: str = "") -> Said:
    """Return the answer to the discovery call of a host of *major*."""
    headers = {"ETag": '"d1"'}
    if major == 2:
        headers["OpenWOP-Version"] = "2.0"
    return Said(200, document(major, gate), headers=headers)
