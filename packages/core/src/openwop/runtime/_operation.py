"""Operations as data: what a generated method hands to a client, and all that a plan needs of it.

Generated code declares one `Operation` per operation of a service.  An operation has one name and
one or more routes: the ways it goes over the wire, one per *variant* of the service.  A service
with one variant keys its only route by the empty string; OpenWOP keys its routes by protocol major.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Generic, Literal, TypeAlias, TypeVar, final

import attrs

__all__ = ["UNSET", "Operation", "Paging", "Parameter", "Route", "Unset"]

T = TypeVar("T")

Location: TypeAlias = Literal["path", "query", "header", "cookie", "body", "payload"]
Style: TypeAlias = Literal[
    "simple", "label", "matrix", "form", "spaceDelimited", "pipeDelimited", "deepObject", "json"
]
BodyKind: TypeAlias = Literal["none", "json", "form", "multipart", "bytes", "text"]
AnswerKind: TypeAlias = Literal["none", "json", "text", "bytes", "sse", "ndjson"]
Credential: TypeAlias = Literal["required", "optional", "none"]


@final
class Unset:
    """The type of `UNSET`: an argument or field that is absent where null would mean something."""

    _only: Unset | None = None

    def __new__(cls) -> Unset:  # there is one instance
        if cls._only is None:
            cls._only = super().__new__(cls)
        return cls._only

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "UNSET"

    def __reduce__(self) -> str:
        return "UNSET"


UNSET: Final = Unset()


@attrs.frozen
class Parameter:
    """One argument of a generated method and its place on the wire.

    Attributes:
        name: The Python name, the key in the mapping of arguments.
        wire: The name on the wire.
        location: Where it goes.  `body` is one member of the request object; `payload` is the
            whole body.
        style: The OpenAPI serialisation style; `json` for a parameter described by `content`.
        explode: Whether an array or object takes one parameter per member.
        required: Whether the operation cannot be sent without it.
        kind: A hint for the dialect (`run-id`, `event-names`, ...); empty for an ordinary value.
        secret: True where the value may not appear in a message, a log or a representation.
        content_type: The media type of one part of a multipart body; empty where it is not said.
        nullable: True where null means something else than absence, so that None is sent.
        many: True where a path parameter is an array or an object; elsewhere such a value in a
            path is refused as a mistake.
        reserved: True where a query parameter keeps the characters that URLs reserve.
    """

    name: str
    wire: str
    location: Location
    style: Style = "simple"
    explode: bool = False
    required: bool = False
    kind: str = ""
    secret: bool = False
    content_type: str = ""
    nullable: bool = False
    many: bool = False
    reserved: bool = False


@attrs.frozen(eq=False)
class Route:
    """How an operation goes over the wire in one variant of its service.

    Attributes:
        method: The HTTP method, in capitals.
        path: The path template, with `{wire name}` for each path parameter, always beginning
            with a slash.
        parameters: Every argument that this variant knows.
        body: How the `body` or `payload` arguments are encoded.
        content_type: The media type of the request body, where it is not the usual one of *body*.
        answer: What a success carries.
        accept: The `Accept` header; empty for the usual one of *answer*.
        credential: Whether the call carries the client's credential.
        idempotency: True where the service honours an idempotency key on this route.
        gate: The capability that must be advertised, as a dotted path; empty where none is.
        optional: True where a host may lack the operation without saying so (an answer of 404
            or 405 then means "not supported").
        section: The section of the service's reference that the route comes from.
        server: The server URL of this one operation, where it differs from the service's.
        optional_body: True where no body at all is sent when no member of one is given.
        security: What the credential may be: alternatives, each the names of the schemes that it
            takes together; empty where nothing is said.
    """

    method: str
    path: str
    parameters: tuple[Parameter, ...] = ()
    body: BodyKind = "none"
    content_type: str = ""
    answer: AnswerKind = "json"
    accept: str = ""
    credential: Credential = "required"
    idempotency: bool = False
    gate: str = ""
    optional: bool = False
    section: str = ""
    server: str = ""
    optional_body: bool = False
    security: tuple[tuple[str, ...], ...] = ()


@attrs.frozen
class Paging:
    """How a list continues.

    Attributes:
        items: The attribute of the page model that holds the items; empty where the page is a list.
        style: `cursor`: the answer names the next page's argument; `offset` and `page`: the
            client counts; `link`: the answer's `Link` header holds the next URL.
        argument: The argument that receives the cursor, the offset or the page number.
        next: The attribute of the page model with the next cursor, as a dotted path.
        size: The argument with the size of a page; empty where there is none.
        first: The value of *argument* for the first page of the counting styles.
    """

    items: str
    style: Literal["cursor", "offset", "page", "link"] = "cursor"
    argument: str = "cursor"
    next: str = "next_cursor"
    size: str = ""
    first: int = 0


@attrs.frozen(eq=False)
class Operation(Generic[T]):
    """One operation of a service: its names, its routes, and the type of its answer.

    Attributes:
        id: The operation's id in the service's description.
        name: The dotted Python name, `runs.create`.
        routes: The routes by variant.
        returns: What a success is structured to: a model, a list, a union, `str`, `bytes` or None
            for an empty answer.  For a stream, the type of one item.
        paging: How the list continues, for operations that page.
        errors: Models of typed error bodies, by status.
        stream_end: For a stream, the `data` that marks the end, where the service has such.
    """

    id: str
    name: str
    routes: Mapping[str, Route]
    returns: Any = None
    paging: Paging | None = None
    errors: Mapping[int, Any] = attrs.field(factory=dict[int, Any])
    stream_end: str = ""
