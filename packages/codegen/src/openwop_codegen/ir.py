"""What the generator knows of a service once it has read its documents.

Emitters see only this: no document, no pointer, no version of OpenAPI.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, TypeAlias

import attrs

from openwop.runtime.model import Limits

__all__ = [
    "NO_LIMITS",
    "Alias",
    "Answer",
    "Api",
    "Argument",
    "Declaration",
    "External",
    "Field",
    "Incoming",
    "Items",
    "Listed",
    "Method",
    "Named",
    "Object",
    "OneOf",
    "Page",
    "Place",
    "Plain",
    "Resource",
    "Tag",
    "Type",
    "Values",
    "Way",
    "Wrapped",
]

PlainName: TypeAlias = Literal[
    "str", "int", "float", "bool", "null", "json", "object", "bytes", "datetime", "date", "uuid"
]
Variants: TypeAlias = tuple[str, ...]

NO_LIMITS: Final = Limits()


@attrs.frozen
class Plain:
    """A type without parts; `json` is any value, `object` any mapping."""

    name: PlainName


@attrs.frozen
class Listed:
    """An enumeration.

    Attributes:
        values: The known values.
        open: True where other values of the same kind may come.
    """

    values: tuple[str | int | float | bool, ...]
    open: bool = False


@attrs.frozen
class Items:
    """An array."""

    item: Type


@attrs.frozen
class Values:
    """An object whose members all have one type."""

    value: Type


@attrs.frozen
class Named:
    """A declared type."""

    name: str


@attrs.frozen
class External:
    """A class that is written by hand, as `module:Class`."""

    home: str


@attrs.frozen
class Tag:
    """The member that tells the models of a union apart, and the model of each of its values."""

    member: str
    models: tuple[tuple[str, str], ...]


@attrs.frozen
class OneOf:
    """A union.

    Attributes:
        members: The alternatives; `None` is not among them.
        tag: What tells its models apart, where a document says it.
    """

    members: tuple[Type, ...]
    tag: Tag | None = None


@attrs.frozen
class Wrapped:
    """A value that may come as the only member of an object."""

    inner: Type
    member: str


Type: TypeAlias = Plain | Listed | Items | Values | Named | External | OneOf | Wrapped


@attrs.frozen(kw_only=True)
class Field:
    """One member of a model.

    Attributes:
        wire: Its name on the wire.
        type: Its type without null.
        doc: What it is.
        variants: The variants that have it.
        required: The variants that require it.
        lenient: True where it may be missing all the same.
        nullable: The variants that allow null.
        tri: True where null means something else than absence.
        default: The default that is documented; None for none.
        limits: Its limits.
        secret: True where its value may not be shown.
        sibling: The other member of the model that tells which alternative it is.
        kind: A hint for the dialect.
        access: `read` or `write` for a member that goes one way only.
        deprecated: True where it should not be used any more.
    """

    wire: str
    type: Type
    doc: str = ""
    variants: Variants = ()
    required: Variants = ()
    lenient: bool = False
    nullable: Variants = ()
    tri: bool = False
    default: Any = None
    limits: Limits = NO_LIMITS
    secret: bool = False
    sibling: Tag | None = None
    kind: str = ""
    access: Literal["", "read", "write"] = ""
    deprecated: bool = False


@attrs.frozen(kw_only=True)
class Object:
    """A model.

    Attributes:
        name: Its name.
        group: The module it belongs to.
        doc: What it is.
        fields: Its members.
        variants: The variants that have it.
        closed: The variants in which no other members may be there.
        free: True where a variant says that other members are welcome.
        where: Where it is described, for messages.
    """

    name: str
    group: str
    doc: str
    fields: tuple[Field, ...]
    variants: Variants
    closed: Variants
    free: bool
    where: str


@attrs.frozen(kw_only=True)
class Alias:
    """A name for an enumeration, a union or a recursive type.

    Attributes:
        name: Its name.
        group: The module it belongs to.
        doc: What it is.
        type: What it stands for.
        variants: The variants that have it.
        where: Where it is described, for messages.
    """

    name: str
    group: str
    doc: str
    type: Type
    variants: Variants
    where: str


Declaration: TypeAlias = Object | Alias


@attrs.frozen(kw_only=True)
class Place:
    """Where an argument goes in one variant."""

    wire: str
    location: Literal["path", "query", "header", "cookie", "body", "payload"]
    style: str = "simple"
    explode: bool = False
    required: bool = False
    kind: str = ""
    content_type: str = ""
    reserved: bool = False


@attrs.frozen(kw_only=True)
class Argument:
    """One argument of a method.

    Attributes:
        name: Its Python name.
        type: Its type, without null.
        doc: What it is.
        places: Where it goes, by variant; several places where one value is sent twice.
        nullable: True where null is a value of its own.
        required: True where the method cannot be called without it.
        default: The default that is documented, or None.
        preset: The value that is sent when the caller says nothing, as a Python expression.
        limits: Its limits.
        secret: True where its value may not be shown.
        deprecated: True where it should not be used any more.
        annotation: A Python annotation in place of the one of *type*.
    """

    name: str
    type: Type
    doc: str = ""
    places: Mapping[str, tuple[Place, ...]] = attrs.field(factory=dict[str, tuple[Place, ...]])
    nullable: bool = False
    required: bool = False
    default: Any = None
    preset: str = ""
    limits: Limits = NO_LIMITS
    secret: bool = False
    deprecated: bool = False
    annotation: str = ""


@attrs.frozen(kw_only=True)
class Answer:
    """What a success carries.

    Attributes:
        kind: How it is encoded.
        type: Its type; None for nothing.
        nullable: True where there may be nothing.
        doc: What it is.
        accept: The media type to ask for, where it is not the usual one.
    """

    kind: Literal["none", "json", "text", "bytes", "sse", "ndjson"]
    type: Type | None = None
    nullable: bool = False
    doc: str = ""
    accept: str = ""


@attrs.frozen(kw_only=True)
class Way:
    """How an operation goes over the wire in one variant.

    Attributes:
        method: The HTTP method, in capitals.
        path: The path template.
        body: How the body is encoded.
        content_type: Its media type, where it is not the usual one.
        answer: What a success carries.
        credential: Whether the call carries a credential.
        idempotency: True where an idempotency key is honoured.
        gate: The capability that must be advertised.
        scopes: What the credential must allow.
        optional: True where a host may lack the operation without saying so.
        section: The section of the reference.
        server: Another server than the service's.
        optional_body: True where no body is sent when no member of one is given.
        security: Alternatives of what the credential may be, each the names of schemes.
        errors: The documented statuses and their codes.
        bodies: The types of error bodies by status; 0 for every other status.
        summary: What the operation does, in one sentence.
        description: What a caller must know.
        where: Where it is described, for messages.
    """

    method: str
    path: str
    body: str = "none"
    content_type: str = ""
    answer: Answer
    credential: Literal["required", "optional", "none"] = "required"
    idempotency: bool = False
    gate: str = ""
    scopes: tuple[str, ...] = ()
    optional: bool = False
    section: str = ""
    server: str = ""
    optional_body: bool = False
    security: tuple[tuple[str, ...], ...] = ()
    errors: Mapping[int, tuple[str, ...]] = attrs.field(factory=dict[int, tuple[str, ...]])
    bodies: Mapping[int, Type] = attrs.field(factory=dict[int, Type])
    summary: str = ""
    description: str = ""
    where: str = ""


@attrs.frozen(kw_only=True)
class Page:
    """How a list continues; the names are those of the wire."""

    items: str
    item: Type
    next: str = ""
    argument: str = ""
    size: str = ""
    style: Literal["cursor", "offset", "page", "link"] = "cursor"
    first: int = 0


@attrs.frozen(kw_only=True)
class Method:
    """One operation, in all variants that have it.

    Attributes:
        id: The operation's id.
        resource: The dotted name of the resource it belongs to.
        name: The method's name.
        ways: How it goes over the wire, by variant.
        arguments: Its arguments, in the order of the signature.
        answer: What it returns: the answers of all variants in one.
        paging: How a list continues.
        hand_written: True where only the operation is generated, the method is not.
        deprecated: True where it should not be used any more.
        stream_end: The data that ends a stream, where the service has such.
    """

    id: str
    resource: str
    name: str
    ways: Mapping[str, Way]
    arguments: tuple[Argument, ...]
    answer: Answer
    paging: Page | None = None
    hand_written: bool = False
    deprecated: bool = False
    stream_end: str = ""

    @property
    def mutates(self) -> bool:
        """Whether it changes something, as its HTTP methods tell."""
        return any(way.method not in {"GET", "HEAD", "OPTIONS"} for way in self.ways.values())


@attrs.frozen(kw_only=True)
class Resource:
    """Methods that belong together.

    Attributes:
        name: Its dotted name; the last part is the attribute of the client or of the resource
            above it.
        doc: What it is about.
        methods: Its methods.
        children: The names of the resources below it.
    """

    name: str
    doc: str
    methods: tuple[Method, ...]
    children: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Incoming:
    """One request that the service sends: a webhook, or a callback of an operation.

    Attributes:
        name: Its name: that of the webhook, or `operationId.name` of a callback.
        kind: Which of the two it is.
        method: The HTTP method, in capitals.
        expression: The runtime expression of a callback's address; empty for a webhook.
        type: The type of its body; None for no body.
        nullable: Whether the body may be null.
        is_text: True where the body is no JSON.
        parameters: What else it carries, as `header X-Event`.
        answers: What the receiver may answer, by status.
        summary: What it tells, in one sentence.
        description: What a receiver must know.
        variants: The variants that have it.
        where: Where it is described, for messages.
    """

    name: str
    kind: Literal["webhook", "callback"]
    method: str
    expression: str = ""
    type: Type | None = None
    nullable: bool = False
    is_text: bool = False
    parameters: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    summary: str = ""
    description: str = ""
    variants: Variants = ()
    where: str = ""


@attrs.frozen(kw_only=True)
class Api:
    """A service.

    Attributes:
        variants: Its variants, the oldest first; one empty string where there is only one.
        declarations: Its types by name.
        resources: Its resources by dotted name.
        incoming: What it sends by itself, by name.
    """

    variants: Variants
    declarations: Mapping[str, Declaration]
    resources: Mapping[str, Resource]
    incoming: Mapping[str, Incoming] = attrs.field(factory=dict[str, Incoming])
