"""From a frame of the stream to events: documents, batches, snapshots and message chunks."""

from __future__ import annotations

from typing import Any, Final, cast

from openwop._generated.events import CATALOGUE, RunEvent
from openwop.errors import APIResponseValidationError
from openwop.events._snapshot import StateSnapshot
from openwop.runtime import StructureError
from openwop.runtime._json import loads
from openwop.sse import ServerSentEvent

__all__ = ["Frames"]

_CHUNK: Final = "output.chunk"
_CHUNK_FRAME: Final = "ai.message.chunk"
_SNAPSHOT: Final = "state.snapshot"
_NO_FRAME: Final = ServerSentEvent("", "")


def sequence_of(frame_id: str) -> int | None:
    """Return the sequence that a frame's id is, or None where it is something else."""
    return int(frame_id) if frame_id.isascii() and frame_id.isdigit() else None


class Frames:
    """Decodes the frames of one run's stream.

    Args:
        run_id: The run.
        values: Whether the stream carries snapshots.
        strict: Whether every deviation raises.
        where: What the stream is, for messages.
    """

    def __init__(self, run_id: str, *, values: bool, strict: bool, where: str) -> None:
        self._run_id = run_id
        self._values = values
        self._strict = strict
        self._where = where
        self._last = _NO_FRAME
        self.major = ""

    def begin(self, major: str) -> None:
        """Note that another connection begins, to a host of *major*."""
        self.major = major
        self._last = _NO_FRAME

    def decode(self, frame: ServerSentEvent) -> list[RunEvent]:
        """Return the events of *frame*.

        Raises:
            APIResponseValidationError: The data is no JSON, or a member has the wrong type.
        """
        try:
            data: Any = loads(frame.data)
        except ValueError as exc:
            msg = f"{self._where}: frame {frame.id or '(without id)'} carries no JSON: {exc}"
            raise APIResponseValidationError(msg) from exc
        last, self._last = self._last, frame
        try:
            if (
                data.__class__ is dict
                and type(data.get("sequence")) is int
                and type(data.get("type")) is str
                and frame.event != _SNAPSHOT
            ):
                # What nearly every frame carries, on the shortest way.
                return [CATALOGUE.decode(data, strict=self._strict, major=self.major)]
            hint = self._hint(frame, last)
            if isinstance(data, list):
                return [self._one(item, None, "") for item in cast("list[Any]", data)]
            return [self._one(data, hint, frame.event)]
        except StructureError as exc:
            msg = f"{self._where}: frame {frame.id or '(without id)'}: {exc}"
            raise APIResponseValidationError(msg, path=exc.path) from exc

    @staticmethod
    def _hint(frame: ServerSentEvent, last: ServerSentEvent) -> int | None:
        """Return the sequence that the frame's own id is.

        An id is sticky: a frame without one shows the id of an earlier frame, and is new all the
        same, unless it says the same thing again.
        """
        if frame.id == last.id and frame.data != last.data:
            return None
        return sequence_of(frame.id)

    def document(self, raw: dict[str, Any]) -> RunEvent:
        """Return the event of a document from a poll.

        Raises:
            APIResponseValidationError: A member has the wrong type.
        """
        try:
            return self._one(raw, None, "")
        except StructureError as exc:
            msg = f"{self._where}: {exc}"
            raise APIResponseValidationError(msg, path=exc.path) from exc

    def _one(self, data: Any, hint: int | None, name: str) -> RunEvent:
        if type(cast("object", data)) is not dict:
            return self._decode(data, hint)  # raises what is wrong with it
        members = cast("dict[str, Any]", data)
        if name == _SNAPSHOT or (self._values and not isinstance(members.get("type"), str)):
            wrapped = members.get("payload")
            if "type" in members and isinstance(wrapped, dict):
                members = cast("dict[str, Any]", wrapped)  # the other reading of D-33
            return StateSnapshot.of(members, sequence=hint, strict=self._strict, major=self.major)
        if isinstance(members.get("type"), str):
            return self._decode(members, hint)
        if name == _CHUNK_FRAME or ("chunk" in members and "isLast" in members):
            return CATALOGUE.bare(
                _CHUNK,
                members,
                raw_type=_CHUNK_FRAME,
                sequence=hint,
                run_id=self._run_id,
                strict=self._strict,
                major=self.major,
            )
        return self._decode(members, hint)

    def _decode(self, data: dict[str, Any], hint: int | None) -> RunEvent:
        return CATALOGUE.decode(data, sequence_hint=hint, strict=self._strict, major=self.major)
