"""The host-events channel of major 2: durable and ephemeral messages (v2.md section 12.8)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

import attrs

from openwop_testing._json import JsonObject, as_list, compact
from openwop_testing.clock import RunClock
from openwop_testing.problems import Problem, invalid

if TYPE_CHECKING:
    from openwop_testing.host import FakeHost

__all__ = ["HostEvents", "HostStream"]

TEST_TYPES: Final = {
    "durable": "host-test.durable-triggered",
    "ephemeral": "host-test.ephemeral-triggered",
}


@attrs.frozen
class _Entry:
    """One durable message, and whose it is."""

    document: JsonObject
    tenant: str
    workspace: str | None


class HostEvents:
    """What happens on a host and to no run.

    Args:
        host: The host.
    """

    def __init__(self, host: FakeHost) -> None:
        self._host = host
        self._log: list[_Entry] = []
        self._streams: list[HostStream] = []
        self.dropped = 0

    def types(self) -> dict[str, str]:
        """Return the advertised types and how each is delivered."""
        listed = as_list(self._host.capabilities.get("hostEvents.types"))
        return {entry["type"]: entry["delivery"] for entry in listed}

    def check_subscribable(self, events: Iterable[str]) -> None:
        """Refuse to deliver what is no event of a run and no durable one of the host.

        Raises:
            Problem: 400 `validation_error`.
        """
        known = self.types()
        for name in events:
            host_type = name in known or name.startswith("host-test.") or name == "channel.presence"
            if host_type and known.get(name) != "durable":
                raise invalid(f"{name} is not delivered by webhook.", field="events")

    def emit(
        self,
        event_type: str,
        payload: JsonObject,
        *,
        tenant: str = "acme",
        workspace: str | None = None,
        delivery: str = "durable",
    ) -> JsonObject:
        """Tell a tenant of something.

        Args:
            event_type: The type: two kebab-case segments.
            payload: What it says.
            tenant: Whom it is for.
            workspace: The workspace it is for; without one, all of the tenant's.
            delivery: `durable` ones are kept and delivered by webhook, `ephemeral` ones are not.

        Returns:
            The document that was sent.
        """
        document: JsonObject = {
            "eventId": self._host.mint.new("hev"),
            "type": event_type,
            "timestamp": self._host.clock.timestamp(),
            "delivery": delivery,
            "payload": payload,
        }
        if workspace is not None:
            document["workspaceId"] = workspace
        with self._host.lock:
            if delivery == "durable":
                self._log.append(_Entry(document, tenant, workspace))
                outbound = self._host.outbound
                outbound.publish_host_event(document, tenant=tenant, workspace=workspace)
            self._show(_frame(document), tenant, workspace)
            self._host.outbound.pump()
            self._host.waits.changed()
        return document

    def heartbeat(self, name: str, document: JsonObject, *, tenant: str = "acme") -> None:
        """Send a heartbeat message, `heartbeat.evaluated` or `heartbeat.stateChanged`."""
        with self._host.lock:
            self._show(f"event: {name}\ndata: {compact(document)}\n\n".encode(), tenant, None)
            self._host.waits.changed()

    def forget(self) -> None:
        """Drop the log, as a host does whose retention has passed: cursors into it are void."""
        self.dropped += len(self._log)
        self._log.clear()

    def open(self, tenant: str, workspace: str, after: str | None) -> HostStream:
        """Return a stream of what a tenant may see.

        Raises:
            Problem: 409 `host_event_resync_required`: nobody knows the cursor any more.
        """
        backlog: list[bytes] = []
        if after is not None:
            known = [entry.document["eventId"] for entry in self._log]
            if after not in known:
                raise Problem(
                    409,
                    "host_event_resync_required",
                    "The cursor is not known any more; take a fresh baseline.",
                )
            backlog = [
                _frame(entry.document)
                for entry in self._log[known.index(after) + 1 :]
                if entry.tenant == tenant and entry.workspace in {None, workspace}
            ]
        stream = HostStream(self._host, tenant, workspace, backlog)
        self._streams.append(stream)
        return stream

    def close(self, stream: HostStream) -> None:
        """Let go of a stream."""
        if stream in self._streams:
            self._streams.remove(stream)

    def _show(self, frame: bytes, tenant: str, workspace: str | None) -> None:
        for stream in self._streams:
            if stream.tenant == tenant and workspace in {None, stream.workspace}:
                stream.push(frame)


def _frame(document: JsonObject) -> bytes:
    identity = f"id: {document['eventId']}\n" if document["delivery"] == "durable" else ""
    return f"{identity}event: {document['type']}\ndata: {compact(document)}\n\n".encode()


class HostStream:
    """One subscriber of the channel; it has no end of its own."""

    def __init__(self, host: FakeHost, tenant: str, workspace: str, backlog: list[bytes]) -> None:
        self.tenant = tenant
        self.workspace = workspace
        self.ended = False
        self._host = host
        self._frames = backlog
        self._clock = host.clock.house
        self._last = self._clock.now()

    @property
    def clock(self) -> RunClock:
        """The clock that its keep-alives go by."""
        return self._clock

    def push(self, frame: bytes) -> None:
        """Add a frame."""
        self._frames.append(frame)

    def ready(self) -> bool:
        """Tell whether there is something to read."""
        return self.ended or bool(self._frames) or self._left() <= 0

    def remaining(self) -> float | None:
        """Return the seconds until the next keep-alive."""
        return max(0.0, self._left())

    def _left(self) -> float:
        return self._last + self._host.keep_alive - self._clock.now()

    def read(self) -> bytes:
        """Return what is due."""
        frames, self._frames = self._frames, []
        if not frames and self._left() <= 0:
            frames = [b":keepalive\n\n"]
        if frames:
            self._last = self._clock.now()
        return b"".join(frames)

    def check(self) -> None:
        """Do nothing: no fault breaks this stream."""

    def close(self) -> None:
        """Let go of the channel; safe to call twice."""
        self.ended = True
        self._host.events.close(self)

    def describe(self) -> str:
        """Say who waits for what."""
        return "a stream of host events"

    def __repr__(self) -> str:
        return f"<host events of {self.tenant}>"


def test_event(host: FakeHost, body: Any, tenant: str, workspace: str) -> JsonObject:
    """Emit one of the reserved test events to the caller's own tenant.

    Raises:
        Problem: The class is not advertised, or the workspace is not the caller's.
    """
    delivery = str(body["delivery"])
    known = host.events.types()
    if not any(name in known for name in TEST_TYPES.values()):
        raise Problem(404, "not_found", "The operation was not found.")
    name = TEST_TYPES[delivery]
    if name not in known:
        raise invalid("The host has no test event of that class.", field="delivery")
    wanted = body.get("workspaceId")
    if wanted is not None and wanted != workspace:
        raise Problem(403, "id_tenant_mismatch", "The workspace belongs to somebody else.")
    return host.events.emit(name, {}, tenant=tenant, workspace=wanted, delivery=delivery)
