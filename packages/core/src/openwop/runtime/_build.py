"""From an operation's arguments to the parts of a request."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, Final, Protocol, cast
from urllib.parse import quote, urlencode, urlsplit

import attrs

from openwop.runtime import _json
from openwop.runtime._codec import to_wire as as_json
from openwop.runtime._multipart import Part, encode as encode_multipart, file_bytes
from openwop.runtime._operation import UNSET, Operation, Parameter, Route
from openwop.runtime._styles import (
    cookie_pairs,
    form_pairs,
    header_text,
    path_text,
    query_pairs,
    text_of,
)
from openwop.runtime._unwritable import unwritable
from openwop.runtime.errors import ConfigurationError
from openwop.wire import Headers

__all__ = [
    "Draft",
    "Translate",
    "base_of",
    "build",
    "check",
    "check_headers",
    "check_request_headers",
    "needs_credential",
    "query_pairs",
    "text_of",
    "unknown_arguments",
    "without_unset",
]

_TOKEN: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_PLACEHOLDER: Final = re.compile(r"\{([^{}]+)\}")
_ACCEPT: Final[Mapping[str, str]] = {
    "none": "application/json",
    "json": "application/json",
    "text": "text/plain, */*;q=0.5",
    "bytes": "*/*",
    "sse": "text/event-stream",
    "ndjson": "application/x-ndjson",
}
_CONTENT_TYPE: Final[Mapping[str, str]] = {
    "json": "application/json",
    "form": "application/x-www-form-urlencoded",
    "bytes": "application/octet-stream",
    "text": "text/plain; charset=utf-8",
}


class Translate(Protocol):
    """Turns an argument that needs it into what the variant in use puts on the wire."""

    def __call__(self, parameter: Parameter, value: Any) -> Any:
        """Return what to send for *value*."""
        ...


@attrs.frozen
class Draft:
    """The parts of a request that its arguments decide.

    Attributes:
        target: The escaped path with its query.
        shown: The same with secrets blanked.
        headers: The headers that arguments set, and those of the body.
        body: The encoded body.
        path_params: The path parameters by wire name, as given.
    """

    target: str
    shown: str
    headers: dict[str, str]
    body: bytes | None
    path_params: dict[str, str]


class _Compiled:
    """A route taken apart once: literal pieces of its path, and its parameters by place."""

    __slots__ = ("body", "headers", "names", "path", "payload", "query", "secret")

    def __init__(self, route: Route) -> None:
        by_wire = {p.wire: p for p in route.parameters if p.location == "path"}
        pieces: list[str | Parameter] = []
        position = 0
        for match in _PLACEHOLDER.finditer(route.path):
            pieces.append(route.path[position : match.start()])
            pieces.append(by_wire[match[1]])
            position = match.end()
        pieces.append(route.path[position:])
        self.path = pieces
        self.query = [p for p in route.parameters if p.location == "query"]
        self.headers = [p for p in route.parameters if p.location in {"header", "cookie"}]
        self.body = [p for p in route.parameters if p.location == "body"]
        self.payload = next((p for p in route.parameters if p.location == "payload"), None)
        self.names = frozenset(p.name for p in route.parameters)
        self.secret = any(p.secret for p in route.parameters)


_compiled: dict[Route, _Compiled] = {}


def _compile(route: Route) -> _Compiled:
    found = _compiled.get(route)
    if found is None:
        found = _compiled[route] = _Compiled(route)
    return found


def base_of(route: Route, base_url: str) -> str:
    """Return what the path of *route* stands below.

    Args:
        route: The route; a server of its own may be relative to the client's.
        base_url: The client's base URL.
    """
    if not route.server:
        return base_url
    server = route.server.rstrip("/")
    if "://" in server:
        return server
    parts = urlsplit(base_url)
    return f"{parts.scheme}://{parts.netloc}{server}"


def unknown_arguments(route: Route, arguments: Mapping[str, object]) -> list[str]:
    """Return the names of arguments that were given and that *route* has no place for."""
    names = _compile(route).names
    return [
        name
        for name, value in arguments.items()
        if value is not None and value is not UNSET and name not in names
    ]


def _segment(parameter: Parameter, value: Any, operation: str) -> str:
    text = path_text(parameter, value, escape=False)
    if text is None:
        msg = f"{operation}: {parameter.name} must be a str, not {type(value).__name__}"
        raise ConfigurationError(msg)
    if parameter.kind == "slashes":
        parts = text.split("/")
        if any(part in {"", ".", ".."} for part in parts):
            msg = f"{operation}: {parameter.name} has an empty part, '.' or '..': {text!r}"
            raise ConfigurationError(msg)
        return _escaped(text, "/", operation)
    if text in {"", ".", ".."}:
        msg = (
            f"{operation}: {parameter.name} is {text!r}; an empty id, '.' or '..' would reach "
            "another address, so it is refused"
        )
        raise ConfigurationError(msg)
    if parameter.many or parameter.style != "simple":  # its delimiters stay as they are
        try:
            return path_text(parameter, value) or ""
        except UnicodeEncodeError as exc:
            raise _unwritable(operation) from exc
    return _escaped(text, "", operation)


def _escaped(text: str, safe: str, operation: str) -> str:
    try:
        return quote(text, safe=safe)
    except UnicodeEncodeError as exc:
        raise _unwritable(operation) from exc


def _unwritable(operation: str) -> ConfigurationError:
    msg = f"{operation}: an argument has half of a surrogate pair in it, which UTF-8 cannot write"
    return ConfigurationError(msg)


def _given(parameter: Parameter, arguments: Mapping[str, Any]) -> Any:
    """Return the argument of *parameter*, or UNSET where there is nothing to send."""
    value = arguments.get(parameter.name, UNSET)
    return UNSET if value is None and not parameter.nullable else value


def _missing(parameter: Parameter, operation: str) -> ConfigurationError:
    msg = f"{operation}: {parameter.name} is required"
    return ConfigurationError(msg)


@cache
def _always(operation: Operation[Any]) -> tuple[Parameter, ...]:
    """Return the parameters without which no route of *operation* can be taken."""
    first, *others = operation.routes.values()
    return tuple(
        parameter
        for parameter in first.parameters
        if (parameter.required or parameter.location == "path")
        and all(_requires(route, parameter) for route in others)
    )


def _requires(route: Route, parameter: Parameter) -> bool:
    return any(
        other.name == parameter.name and (other.required or other.location == "path")
        for other in route.parameters
    )


def check(operation: Operation[Any], arguments: Mapping[str, Any]) -> None:
    """Refuse arguments with which no variant's request can be built.

    Args:
        operation: The operation.
        arguments: Its arguments by Python name.

    Raises:
        ConfigurationError: A required argument is missing, or a path parameter is empty, `.` or
            `..`, or of a type that has no place in a path.
    """
    for parameter in _always(operation):
        value = _given(parameter, arguments)
        if value is UNSET:
            raise _missing(parameter, operation.name)
        if parameter.location == "path":
            _segment(parameter, value, operation.name)


@cache
def needs_credential(operation: Operation[Any]) -> bool:
    """Tell whether every route of *operation* carries a credential."""
    return all(route.credential == "required" for route in operation.routes.values())


def check_headers(where: str, headers: Iterable[tuple[str, Any]]) -> None:
    """Refuse headers that cannot be sent; HTTP libraries would do so with the value in the message.

    Args:
        where: Where the headers come from, for messages.
        headers: Names and values.

    Raises:
        ConfigurationError: A name is no token, or a value has a character that no header may carry.
    """
    for name, value in headers:
        if value is UNSET:
            continue
        if not isinstance(value, str):
            msg = f"{where}: the header {name} must be a str, not {type(value).__name__}"
            raise ConfigurationError(msg)
        if not _TOKEN.fullmatch(name):
            msg = f"{where}: {name!r} is no name of an HTTP header"
            raise ConfigurationError(msg)
        if value != value.strip() or not (value.isascii() and value.isprintable()):
            msg = (
                f"{where}: the header {name} has a character that no HTTP header may carry (a "
                "line break, a space at an end or a non-ASCII letter)"
            )
            raise ConfigurationError(msg)


def without_unset(headers: Headers) -> Headers:
    """Return *headers* without those that stand for the removal of one."""
    gone = [name for name, value in headers.items_raw() if cast("object", value) is UNSET]
    return headers.without(*gone) if gone else headers


def _are_plain(headers: Headers) -> bool:
    """Tell whether nothing in *headers* needs a closer look; true of nearly all, and quick."""
    raw = headers.items_raw()
    try:
        values = "|".join([value for _, value in raw])
    except TypeError:
        return False
    names = "".join([name for name, _ in raw])
    return (
        values.isascii()
        and values.isprintable()
        and names.isascii()
        and names.replace("-", "").isalnum()
        and " |" not in values
        and "| " not in values
        and values == values.strip()
    )


def check_request_headers(operation: str, headers: Headers) -> None:
    """Refuse headers of a request that cannot be sent.

    Args:
        operation: The operation's Python name, for messages.
        headers: The headers.

    Raises:
        ConfigurationError: A header cannot be sent.
    """
    if not _are_plain(headers):
        check_headers(operation, headers.items_raw())


def _path(
    compiled: _Compiled,
    arguments: Mapping[str, Any],
    translate: Translate,
    operation: str,
) -> tuple[str, str, dict[str, str]]:
    pieces: list[str] = []
    shown: list[str] = []
    params: dict[str, str] = {}
    for piece in compiled.path:
        if isinstance(piece, str):
            pieces.append(piece)
            shown.append(piece)
            continue
        value = _given(piece, arguments)
        if value is UNSET:
            raise _missing(piece, operation)
        text = _segment(piece, translate(piece, value) if piece.kind else value, operation)
        pieces.append(text)
        shown.append("[redacted]" if piece.secret else text)
        params[piece.wire] = "[redacted]" if piece.secret else str(value)
    return "".join(pieces), "".join(shown), params


def build(
    route: Route,
    arguments: Mapping[str, Any],
    *,
    operation: str,
    translate: Translate,
    to_wire: Callable[[Any], Any],
    extra_query: Mapping[str, object] | None = None,
    extra_body: Mapping[str, object] | None = None,
) -> Draft:
    """Return the parts of the request for *arguments*.

    Args:
        route: The route to take.
        arguments: The arguments by Python name; None and UNSET are absent.
        operation: The operation's Python name, for messages.
        translate: Called for every parameter with a `kind`.
        to_wire: Turns models and typed dictionaries into JSON data.
        extra_query: Query parameters to add or replace.
        extra_body: Members of the body to add or replace.

    Raises:
        ConfigurationError: A required argument is missing, or a path parameter is empty, `.` or
            `..`, or of a type that has no place in a path.
    """
    compiled = _compile(route)
    target, shown, params = _path(compiled, arguments, translate, operation)
    pairs: list[tuple[str, str]] = []
    reserved: set[str] = set()
    for parameter in compiled.query:
        value = _given(parameter, arguments)
        if value is UNSET:
            if parameter.required:
                raise _missing(parameter, operation)
            continue
        pairs += query_pairs(parameter, translate(parameter, value) if parameter.kind else value)
        if parameter.reserved:
            reserved.add(parameter.wire)
    if extra_query:
        pairs = [pair for pair in pairs if pair[0] not in extra_query]
        for name, value in extra_query.items():
            if value is not None:
                pairs += query_pairs(Parameter(name, name, "query", "form", explode=True), value)
    if pairs:
        try:
            query = _query_of(pairs, reserved)
        except UnicodeEncodeError as exc:
            raise _unwritable(operation) from exc
        target = f"{target}?{query}"
        shown = f"{shown}?{query}"
    headers = {"Accept": route.accept or _ACCEPT[route.answer]}
    cookies: list[str] = []
    for parameter in compiled.headers:
        value = _given(parameter, arguments)
        if value is UNSET:
            continue
        value = translate(parameter, value) if parameter.kind else value
        if parameter.location == "cookie":
            cookies += [f"{name}={text}" for name, text in cookie_pairs(parameter, value)]
        else:
            headers[parameter.wire] = header_text(parameter, value)
    if cookies:
        headers["Cookie"] = "; ".join(cookies)
    encoded = _body(route, compiled, arguments, translate, to_wire, operation, extra_body)
    if encoded is None:
        return Draft(target, shown, headers, None, params)
    body, headers["Content-Type"] = encoded
    return Draft(target, shown, headers, body, params)


def _query_of(pairs: list[tuple[str, str]], reserved: set[str]) -> str:
    """Return the query of *pairs*; those named in *reserved* keep what a URL reserves.

    What would end the parameter or the query is escaped there too.
    """
    if not reserved:
        return urlencode(pairs, quote_via=quote)
    safe = {name: ":/?[]@!$'()*,;" if name in reserved else "" for name, _ in pairs}
    return "&".join(
        f"{quote(name, safe='')}={quote(text, safe=safe[name])}" for name, text in pairs
    )


def _body(
    route: Route,
    compiled: _Compiled,
    arguments: Mapping[str, Any],
    translate: Translate,
    to_wire: Callable[[Any], Any],
    operation: str,
    extra: Mapping[str, object] | None,
) -> tuple[bytes, str] | None:
    """Return the encoded body and its media type."""
    if extra and route.body not in {"json", "form", "multipart"}:
        msg = f"{operation}: there is no JSON, form or multipart body that extra_body could join"
        raise ConfigurationError(msg)
    if route.body == "none":
        return None
    if compiled.payload is not None:
        payload = _given(compiled.payload, arguments)
        if payload is UNSET:
            if compiled.payload.required:
                raise _missing(compiled.payload, operation)
            if not extra:
                return None
            payload = {}
        if extra:
            payload = {**_members(as_json(payload), operation), **extra}
        return _encode(route, payload, (), to_wire, operation)
    members: dict[str, Any] = {}
    for parameter in compiled.body:
        value = _given(parameter, arguments)
        if value is UNSET:
            if parameter.required:
                raise _missing(parameter, operation)
            continue
        members[parameter.wire] = translate(parameter, value) if parameter.kind else value
    members.update(extra or {})
    if not members and route.optional_body:
        return None
    return _encode(route, members, compiled.body, to_wire, operation)


def _encode(
    route: Route,
    value: Any,
    parameters: Iterable[Parameter],
    to_wire: Callable[[Any], Any],
    operation: str,
) -> tuple[bytes, str]:
    if route.body == "multipart":
        kinds = {parameter.wire: parameter.content_type for parameter in parameters}
        members = _members(value, operation)
        parts = [Part(name, item, kinds.get(name, "")) for name, item in members.items()]
        return encode_multipart(parts, to_wire, operation)
    kind = route.content_type or _CONTENT_TYPE[route.body]
    if route.body == "json":
        try:
            return _json.dumps(to_wire(value)), kind
        except (TypeError, ValueError, RecursionError) as exc:
            where = unwritable(value, lambda part: _json.dumps(to_wire(part)))
            msg = f"{operation}: {where or 'the body'} cannot be written as JSON: {exc}"
            raise ConfigurationError(msg) from exc
    if route.body == "form":
        known = {parameter.wire: parameter for parameter in parameters}
        pairs = [
            pair
            for name, item in _members(to_wire(value), operation).items()
            for pair in form_pairs(known.get(name) or Parameter(name, name, "body"), item)
            if item is not None
        ]
        try:
            return urlencode(pairs).encode(), kind
        except UnicodeEncodeError as exc:
            raise _unwritable(operation) from exc
    try:
        content = file_bytes(value)
    except UnicodeEncodeError as exc:
        raise _unwritable(operation) from exc
    except OSError as exc:
        msg = f"{operation}: the file of the body cannot be read: {exc.strerror}"
        raise ConfigurationError(msg) from exc
    if content is not None:
        return content, kind
    msg = (
        f"{operation}: the body must be bytes or str, an open file or a path, "
        f"not {type(value).__name__}"
    )
    raise ConfigurationError(msg)


def _members(value: object, operation: str) -> Mapping[str, Any]:
    if isinstance(value, Mapping):
        return cast("Mapping[str, Any]", value)
    msg = f"{operation}: the body must be a mapping, not {type(value).__name__}"
    raise ConfigurationError(msg)
