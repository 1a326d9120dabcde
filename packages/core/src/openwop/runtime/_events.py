"""Events: entries of a service's log, decoded in straight lines and structured when looked at.

A catalogue knows the types of a service by their newest spelling, the older spellings, and the
module in which each type's class stands.  Classes are imported when the first event of their type
comes, payload classes when the first payload is read: nothing here is on the way of a program that
reads no events.
"""

# ruff: noqa: SLF001  # the catalogue makes events without their constructor, member by member
from __future__ import annotations

from builtins import type as class_of
from collections.abc import Collection, Mapping
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, Self, TypeVar, cast

from openwop.runtime._operation import UNSET
from openwop.runtime._structure import StructureError, as_integer, mismatch

if TYPE_CHECKING:
    from openwop.runtime._payload import Payload
    from openwop.runtime.errors import APIResponseValidationError

__all__ = ["Event", "EventCatalogue"]

E = TypeVar("E", bound="Event")

_blank: Final = object.__new__


class Event:
    """One event, with the members of its envelope and a payload that is structured when read.

    An event is not to be changed; nothing enforces that, because it would be paid for on every
    event of every stream.

    Args:
        raw: The event as it came, so that nothing is lost.
        type: The type, in the newest spelling.
        raw_type: The type as the service spelled it; *type* where it is not given.
        sequence: The place in the log.
        event_id: The event's id.
        run_id: The run.
        timestamp: When it was recorded, as sent.
        node_id: The node that it is about.
        schema_version: The version of the payload's shape.
        engine_version: The version of the engine that wrote it.
        causation_id: The event that caused it.
        body: The payload as it came, for a frame that is no document with a `payload`.
        payload: The structured payload, where there is one already.
    """

    __slots__ = (
        "_body",
        "_payload",
        "causation_id",
        "engine_version",
        "event_id",
        "node_id",
        "raw",
        "raw_type",
        "run_id",
        "schema_version",
        "sequence",
        "timestamp",
        "type",
    )

    TYPE: ClassVar[str] = ""
    """The newest spelling of the type that the class stands for; empty for unknown types."""

    PAYLOAD: ClassVar[str] = ""
    """Where the class of the payload stands, as `module:class`; empty for a raw payload."""

    DECODER: ClassVar[str] = ""
    """Where the function stands that decodes documents to classes of this family."""

    TERMINAL: ClassVar[bool] = False
    """Whether an event of this type is the last of its log."""

    INVALID: ClassVar[str] = "openwop.runtime.errors:APIResponseValidationError"
    """What a payload of the wrong shape raises, as `module:class`; a client names its own."""

    raw: Mapping[str, Any]
    raw_type: str
    type: str
    sequence: int | None
    event_id: str | None
    run_id: str | None
    timestamp: str | None
    node_id: str | None
    schema_version: int | None
    engine_version: int | None
    causation_id: str | None
    _body: Any
    _payload: Any

    def __init__(
        self,
        raw: Mapping[str, Any],
        *,
        type: str = "",  # noqa: A002  # the envelope's own name for it
        raw_type: str = "",
        sequence: int | None = None,
        event_id: str | None = None,
        run_id: str | None = None,
        timestamp: str | None = None,
        node_id: str | None = None,
        schema_version: int | None = None,
        engine_version: int | None = None,
        causation_id: str | None = None,
        body: Any = None,
        payload: Any = UNSET,
    ) -> None:
        self.raw = raw
        self.type = type or self.TYPE
        self.raw_type = raw_type or self.type
        self.sequence = sequence
        self.event_id = event_id
        self.run_id = run_id
        self.timestamp = timestamp
        self.node_id = node_id
        self.schema_version = schema_version
        self.engine_version = engine_version
        self.causation_id = causation_id
        self._body = raw.get("payload") if body is None else body
        self._payload = payload

    @property
    def payload(self) -> Any:
        """What the event says: a model for a known type, else the JSON value as it came.

        Raises:
            APIResponseValidationError: A member of the payload has the wrong type; the message
                names it.
        """
        payload = self._payload
        if payload is UNSET:
            try:
                payload = self._payload = self._structure(self.raw_payload)
            except StructureError as exc:
                invalid: class_of[APIResponseValidationError] = _found_at(self.INVALID)
                raise invalid(str(exc), path=exc.path) from exc
        return payload

    @property
    def raw_payload(self) -> Any:
        """The payload as it came, unchecked; an empty object where there is none."""
        body = self._body
        if body is None:
            body = self.raw.get("data")  # what some hosts say in place of `payload`
        return {} if body is None else body

    @property
    def time(self) -> datetime | None:
        """The timestamp as an aware datetime; None where there is none or it cannot be read."""
        if self.timestamp is None:
            return None
        try:
            time = datetime.fromisoformat(self.timestamp)
        except ValueError:
            return None
        return time if time.tzinfo is not None else None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the event of *data*, a document as decoded from JSON, in the class of its type.

        Args:
            data: The document.
            strict: True to check the document and its payload against every rule at once.
            variant: The major of the host, for strict reading.

        Raises:
            StructureError: A member has the wrong type, or, strictly, breaks a rule.
        """
        decode = _found_at(cls.DECODER)
        raw: Any = data
        if class_of(raw) is not dict and isinstance(data, Mapping):
            raw = dict(data)
        return cast("Self", decode(raw, strict=strict, major=variant))

    def to_dict(self) -> dict[str, Any]:
        """Return the event as it came, member for member."""
        return dict(self.raw)

    @classmethod
    def _structure(cls, body: Any) -> Any:
        """Structure the first payload of this class; from then on its model does so itself."""
        if not cls.PAYLOAD:
            return body
        structure = cls.payload_class().from_dict
        cls._structure = structure  # type: ignore[method-assign,assignment]
        return structure(body)

    @classmethod
    def payload_class(cls) -> class_of[Payload]:
        """Return the class of the payload, which is imported when it is first asked for.

        Raises:
            TypeError: The class stands for unknown types, whose payload is the raw value.
        """
        if not cls.PAYLOAD:
            msg = f"{cls.__name__} has no payload class"
            raise TypeError(msg)
        return cast("class_of[Payload]", _found_at(cls.PAYLOAD))

    def _check(self, variant: str) -> None:
        """Structure the payload now, against every rule."""
        self._payload = (
            self.payload_class().from_dict(self.raw_payload, strict=True, variant=variant)
            if self.PAYLOAD
            else self.raw_payload
        )

    def __eq__(self, other: object) -> bool:
        if class_of(self) is not class_of(other):
            return NotImplemented
        assert isinstance(other, Event)
        return self.sequence == other.sequence and self.raw == other.raw

    def __hash__(self) -> int:
        return hash((self.type, self.run_id, self.sequence, self.event_id))

    def __repr__(self) -> str:
        # Payloads may hold anything, so a representation, which ends up in logs, shows none.
        shown = [f"type={self.type!r}"] if not self.TYPE else []
        for name in ("sequence", "run_id", "node_id"):
            value = getattr(self, name)
            if value is not None:
                shown.append(f"{name}={value!r}")
        return f"{class_of(self).__name__}({', '.join(shown)})"


def _found_at(home: str) -> Any:
    """Return what stands at *home*, `module:name`, and import the module for it."""
    module, _, name = home.partition(":")
    return getattr(import_module(module), name)


class EventCatalogue(Generic[E]):
    """The event types of a service, and how their documents are decoded.

    Args:
        package: The package that holds the modules of the classes.
        classes: Per module of the package, the class of each type by the newest spelling.
        spellings: The newest spelling of each older one.
        unknown: The class of types that the catalogue does not know.
        rules: The package with the rules of the payloads and of the documents.
        document: The name of the rules of a document, for strict reading.
    """

    def __init__(
        self,
        *,
        package: str,
        classes: Mapping[str, Mapping[str, str]],
        spellings: Mapping[str, str],
        unknown: class_of[E],
        rules: str,
        document: str,
    ) -> None:
        self._package = package
        self._homes = {
            name: (module, class_name)
            for module, names in classes.items()
            for name, class_name in names.items()
        }
        self.spellings = spellings
        self._unknown = unknown
        self._rules = rules
        self._document = document
        # Only types of the catalogue enter: what a peer makes up may not grow it.
        self._known: dict[str, class_of[E]] = {}

    @property
    def types(self) -> Collection[str]:
        """The types that the catalogue knows, in the newest spelling."""
        return self._homes.keys()

    @property
    def loaded(self) -> Collection[str]:
        """The spellings whose classes have been imported; never more than there are spellings."""
        return self._known.keys()

    def newest(self, spelling: str) -> str:
        """Return the newest spelling of the type *spelling*, known or not."""
        return self.spellings.get(spelling, spelling)

    def class_for(self, spelling: str) -> class_of[E]:
        """Return the class of the type *spelling*, in any spelling; one for unknown types else."""
        found = self._known.get(spelling)
        if found is None:
            home = self._homes.get(self.spellings.get(spelling, spelling))
            if home is None:
                return self._unknown
            module = import_module(f"{self._package}.{home[0]}")
            found = cast("class_of[E]", getattr(module, home[1]))
            self._known[spelling] = found
        return found

    def decode(
        self,
        raw: dict[str, Any],
        *,
        sequence_hint: int | None = None,
        strict: bool = False,
        major: str = "",
    ) -> E:
        """Return the event of *raw*, a document as decoded from JSON.

        Args:
            raw: The document.
            sequence_hint: The sequence where the document has none: the id of the frame.
            strict: True to check the document and its payload against every rule at once.
            major: The major of the host, for strict reading.

        Returns:
            An event of the class of its type, which keeps *raw*.

        Raises:
            StructureError: A member has the wrong type, or, strictly, breaks a rule.
        """
        if class_of(raw) is not dict:
            raise mismatch(self._document, "object", raw)
        get = raw.get
        name = get("type")
        if class_of(name) is not str:
            raise mismatch(f"{self._document}.type", "str", name)
        known = self._known.get(name) or self.class_for(name)
        event = _blank(known)
        event.raw = raw
        event.raw_type = name
        event.type = known.TYPE or name
        value = get("sequence")
        if class_of(value) is not int:
            value = _sequence(value, raw, sequence_hint, self._document)
        event.sequence = value
        value = get("eventId")
        if class_of(value) is not str and value is not None:
            raise mismatch(f"{self._document}.eventId", "str", value)
        event.event_id = value
        value = get("runId")
        if class_of(value) is not str and value is not None:
            raise mismatch(f"{self._document}.runId", "str", value)
        event.run_id = value
        value = get("timestamp")
        if class_of(value) is not str and value is not None:
            raise mismatch(f"{self._document}.timestamp", "str", value)
        event.timestamp = value
        value = get("nodeId")
        if class_of(value) is not str and value is not None:
            raise mismatch(f"{self._document}.nodeId", "str", value)
        event.node_id = value
        value = get("causationId")
        if class_of(value) is not str and value is not None:
            raise mismatch(f"{self._document}.causationId", "str", value)
        event.causation_id = value
        value = get("schemaVersion")
        if class_of(value) is not int and value is not None:
            value = as_integer(value, f"{self._document}.schemaVersion")
        event.schema_version = value
        value = get("engineVersion")
        if class_of(value) is not int and value is not None:
            value = _engine_version(value, self._document)
        event.engine_version = value
        event._body = get("payload")
        event._payload = UNSET
        if strict:
            from openwop.runtime._payload import check_payload

            check_payload(self._rules, self._document, raw, major)
            event._check(major)
        return event

    def bare(
        self,
        type: str,  # noqa: A002  # the envelope's own name for it
        body: dict[str, Any],
        *,
        raw_type: str = "",
        sequence: int | None = None,
        run_id: str | None = None,
        strict: bool = False,
        major: str = "",
    ) -> E:
        """Return the event of a frame whose data is a payload without a document around it.

        Args:
            type: The type that the frame stands for, in any spelling.
            body: The frame's data.
            raw_type: The name of the frame.
            sequence: The id of the frame, where it is a sequence.
            run_id: The run, where *body* does not name it.
            strict: True to check the payload against every rule at once.
            major: The major of the host, for strict reading.

        Raises:
            StructureError: The frame's data is no object, or, strictly, breaks a rule.
        """
        if class_of(body) is not dict:
            raise mismatch(type, "object", body)
        run, node = body.get("runId"), body.get("nodeId")
        event = self.class_for(type)(
            body,
            type=self.newest(type),
            raw_type=raw_type or type,
            sequence=sequence,
            run_id=run if isinstance(run, str) else run_id,
            node_id=node if isinstance(node, str) else None,
            body=body,
        )
        if strict:
            event._check(major)
        return event


def _sequence(value: object, raw: Mapping[str, Any], hint: int | None, document: str) -> int | None:
    """Return the sequence of a document that has no plain integer there."""
    if value is not None:
        return as_integer(value, f"{document}.sequence")
    value = raw.get("seq")  # what some hosts say in place of `sequence`
    return hint if value is None else as_integer(value, f"{document}.seq")


def _engine_version(value: object, document: str) -> int | None:
    """Return the number that major 1 writes as text; None for text that is no number."""
    if isinstance(value, str):
        return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else None
    return as_integer(value, f"{document}.engineVersion")
