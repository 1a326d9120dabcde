"""A service that a document describes: it refuses what the document does not allow."""

from __future__ import annotations

import email.parser
import email.policy
import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import attrs
from tools.sweep.schemas import Schemas

from openwop.wire import AsyncOpenResponse, OpenResponse, Request

__all__ = ["AsyncMock", "Described", "Mock", "Refused", "described", "is_json"]

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_IGNORED = frozenset({"accept", "content-type", "authorization"})
_MISSING = object()


class Refused(Exception):  # noqa: N818  # what the service says
    """A request that the document does not allow."""


def is_json(medium: str) -> bool:
    """Tell whether a media type is JSON's; what is not said further is taken as JSON."""
    base = medium.partition(";")[0].strip().lower()
    return base == "application/json" or base.endswith("+json") or base in {"*/*", "application/*"}


@attrs.frozen(eq=False)
class Described:
    """An operation, as the document has it.

    Attributes:
        method: The method, in capitals.
        path: The path template.
        parameters: Its parameters and those of its path, by place and name.
        body: Its request body, where it has one.
        responses: Its responses by status.
        pattern: What its paths match.
    """

    method: str
    path: str
    parameters: Mapping[tuple[str, str], Any]
    body: Any
    responses: Mapping[str, Any]
    pattern: re.Pattern[str]


def described(schemas: Schemas) -> Iterator[Described]:
    """Iterate over the operations of a document."""
    for path, item in schemas.document["paths"].items():
        item = schemas.follow(item)
        parts = re.split(r"(\{[^{}]*\})", path.partition("#")[0].partition("?")[0])
        pattern = "".join("([^/]*?)" if one[:1] == "{" else re.escape(one) for one in parts)
        for method in _METHODS:
            if method not in item:
                continue
            given = [schemas.follow(one) for one in item.get("parameters", [])]
            given += [schemas.follow(one) for one in item[method].get("parameters", [])]
            yield Described(
                method=method.upper(),
                path=path,
                parameters={(one["in"], one["name"]): one for one in given},
                body=schemas.follow(item[method].get("requestBody")),
                responses={str(k): schemas.follow(v) for k, v in item[method]["responses"].items()},
                pattern=re.compile(pattern),
            )


class _Bytes:
    def __init__(self, data: bytes) -> None:
        self._data = data

    def __iter__(self) -> Iterator[bytes]:
        yield self._data

    def close(self) -> None:
        """Nothing is open."""


class Mock:
    """A transport that is the service itself.

    Args:
        schemas: The schemas of the document.
        base: The URL that paths are below.

    Attributes:
        expected: The operation that the next request has to reach.
        answer: What it is answered with: status, media type and body.
        seen: What the last request said, decoded: by place and name, the whole body under `body`.
        said: What was wrong with it.
    """

    def __init__(self, schemas: Schemas, base: str) -> None:
        self.schemas = schemas
        self.base = base
        self.expected: Described | None = None
        self.answer: tuple[int, str, bytes] = (204, "", b"")
        self.seen: dict[tuple[str, str], Any] = {}
        self.said = ""

    def send(self, request: Request) -> OpenResponse:
        """Validate *request* and answer it."""
        self.said = ""
        try:
            self.seen = self._read(request)
        except Refused as exc:
            self.said = str(exc)
            return OpenResponse(400, {"Content-Type": "text/plain"}, _Bytes(self.said.encode()))
        status, medium, body = self.answer
        return OpenResponse(status, {"Content-Type": medium} if medium else {}, _Bytes(body))

    def close(self) -> None:
        """Nothing is open."""

    # Reading ------------------------------------------------------------------------------------

    def _read(self, request: Request) -> dict[tuple[str, str], Any]:
        operation = self.expected
        assert operation is not None
        parts = urlsplit(request.url)
        if request.method != operation.method:
            raise Refused(f"{request.method} is not {operation.method}")
        path = parts.path.removeprefix(self.base)
        matched = operation.pattern.fullmatch(path)
        if matched is None:
            raise Refused(f"{path} does not match {operation.path}")
        names = re.findall(r"\{([^{}]*)\}", operation.path)
        texts = dict(zip(names, map(unquote, matched.groups()), strict=False))
        query = parse_qsl(parts.query, keep_blank_values=True)
        fixed = parse_qsl(operation.path.partition("?")[2], keep_blank_values=True)
        query = [pair for pair in query if pair not in fixed]
        cookies = dict(
            part.strip().partition("=")[::2]
            for part in request.headers.get("cookie", "").split(";") if part.strip()
        )  # fmt: skip
        seen: dict[tuple[str, str], Any] = {}
        used: set[str] = set()
        for (place, name), parameter in operation.parameters.items():
            if place == "header" and name.lower() in _IGNORED:
                continue
            schema, value = self._schema(parameter), _MISSING
            if place == "query":
                value = self._query(parameter, schema, query, used)
            elif place == "path" and name in texts:
                value = self._joined(texts[name], schema)
            elif place == "header" and name in request.headers:
                value = self._joined(request.headers[name], schema)
            elif place == "cookie" and name in cookies:
                value = self._joined(unquote(cookies[name]), schema)
            if value is _MISSING:
                if parameter.get("required"):
                    raise Refused(f"the {place} parameter {name} is missing")
                continue
            self._check(schema, value, f"the {place} parameter {name}", sent=None)
            seen[place, name] = value
        for name, _ in query:
            if name not in used:
                raise Refused(f"{name} is no query parameter")
        return {**seen, **self._body(operation, request)}

    @staticmethod
    def _schema(parameter: Mapping[str, Any]) -> Any:
        if "content" in parameter:
            return {"is-json": next(iter(parameter["content"].values())).get("schema", {})}
        return parameter.get("schema", {})

    def _check(self, schema: Any, value: Any, what: str, *, sent: bool | None = True) -> None:
        if isinstance(schema, dict) and "is-json" in schema:
            schema = schema["is-json"]
        wrong = self.schemas.wrong(schema, value, sent=sent)
        if wrong:
            raise Refused(f"{what}, {wrong}")

    def _body(self, operation: Described, request: Request) -> dict[tuple[str, str], Any]:
        if operation.body is None:
            if request.body:
                raise Refused("there is no body in the document")
            return {}
        if not request.body and "content-type" not in request.headers:
            if operation.body.get("required"):
                raise Refused("the body is missing")
            return {}
        medium = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        offered = {
            key.partition(";")[0].strip().lower(): media
            for key, media in operation.body["content"].items()
        }
        media = offered.get(medium) or offered.get("*/*") or offered.get("application/*")
        if media is None:
            raise Refused(f"{medium} is not among the media types {sorted(offered)}")
        schema = media.get("schema", {})
        value: Any = request.body or b""
        if is_json(medium):
            value = json.loads(request.body or b"null")
        elif medium == "application/x-www-form-urlencoded":
            value = self._form(schema, media, (request.body or b"").decode())
        elif medium.startswith("multipart/"):
            return {("body", ""): self._multipart(schema, request)}
        elif medium.startswith("text/"):
            value = (request.body or b"").decode()
        if not isinstance(value, bytes):
            self._check(schema, value, "the body")
        return {("body", ""): value}

    def _form(self, schema: Any, media: Mapping[str, Any], text: str) -> dict[str, Any]:
        pairs, used = parse_qsl(text, keep_blank_values=True), set[str]()
        made: dict[str, Any] = {}
        for name, inner in self.schemas.properties(schema).items():
            how = media.get("encoding", {}).get(name, {})
            value = self._query({"name": name, **how}, inner, pairs, used)
            if value is not _MISSING:
                made[name] = value
        rest = [name for name, _ in pairs if name not in used]
        if rest:
            raise Refused(f"{rest[0]} is no field of the form")
        return made

    def _multipart(self, schema: Any, request: Request) -> dict[str, Any]:
        head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
        parser = email.parser.BytesParser(policy=email.policy.HTTP)
        message = parser.parsebytes(head + (request.body or b""))
        known = self.schemas.properties(schema)
        made: dict[str, Any] = {}
        for part in message.iter_parts():
            name = str(part.get_param("name", header="content-disposition"))
            if known and name not in known:
                raise Refused(f"{name} is no part of the body")
            data = part.get_payload(decode=True)
            assert isinstance(data, bytes)
            inner = self.schemas.follow(known.get(name, {}))
            if isinstance(inner, dict) and inner.get("format") == "binary":
                made[name] = data
            elif isinstance(inner, dict) and inner.get("type") == "array" and name in made:
                made[name] += self._shaped([data.decode()], inner)
            elif part.get_content_type() == "application/json":
                made[name] = json.loads(data)
            else:
                made[name] = self._shaped(data.decode(), inner)
        return made

    # Texts --------------------------------------------------------------------------------------

    def _query(
        self,
        parameter: Mapping[str, Any],
        schema: Any,
        pairs: list[tuple[str, str]],
        used: set[str],
    ) -> Any:
        name, style = parameter["name"], parameter.get("style", "form")
        explode = parameter.get("explode", style in {"form", "deepObject"})
        texts = [text for key, text in pairs if key == name]
        deep = [(key, text) for key, text in pairs if key.startswith(f"{name}[") and key != name]
        if deep:
            used.update(key for key, _ in deep)
            return self._shaped(_nested(name, deep), schema)
        if not texts:
            members = self.schemas.properties(schema) if explode and style == "form" else {}
            found = {key: text for key, text in pairs if key in members}
            used.update(found)
            return self._shaped(found, schema) if found else _MISSING
        used.add(name)
        if isinstance(schema, dict) and "is-json" in schema:
            return json.loads(texts[0])
        if len(texts) > 1 or (explode and self._is_array(schema)):
            return self._shaped(texts, schema)
        joint = {"spaceDelimited": " ", "pipeDelimited": "|"}.get(style, ",")
        return self._joined(texts[0], schema, joint)

    def _is_array(self, schema: Any) -> bool:
        return any(
            isinstance(one, dict) and one.get("type") == "array"
            for one in self.schemas.alternatives(schema)
        )

    def _joined(self, text: str, schema: Any, joint: str = ",") -> Any:
        if isinstance(schema, dict) and "is-json" in schema:
            return json.loads(text)
        return self._shaped(text.split(joint) if self._is_array(schema) else text, schema)

    def _shaped(self, value: Any, schema: Any) -> Any:
        """Return *value*, made of texts, as the JSON that *schema* has for it."""
        options = [self._as(value, one) for one in self.schemas.alternatives(schema)]
        for made in options:
            if made is not _MISSING and self.schemas.allows(schema, made, sent=None):
                return made
        return next((made for made in options if made is not _MISSING), value)

    def _as(self, value: Any, schema: Any) -> Any:
        if not isinstance(schema, dict):
            return value
        kind = schema.get("type")
        if kind == "array":
            if isinstance(value, dict):
                is_indexed = all(key.isdigit() for key in value)
                value = list(value.values()) if is_indexed else [value]
            value = value if isinstance(value, list) else [value]
            return [self._shaped(one, schema.get("items", {})) for one in value]
        members = self.schemas.properties(schema)
        if isinstance(value, dict):
            free = schema.get("additionalProperties")
            return {
                key: self._shaped(one, members.get(key, free if isinstance(free, dict) else {}))
                for key, one in value.items()
            }
        if isinstance(value, list):
            value = value[0] if len(value) == 1 else ",".join(value)
        texts: list[Any] = [value]
        try:
            read = json.loads(value)
        except ValueError:
            read = value
        texts = [value, read] if isinstance(read, (dict, list)) else [read, value]
        for made in texts:
            if self.schemas.allows(schema, made, sent=None):
                return made
        return _MISSING


class _AsyncBytes:
    def __init__(self, data: _Bytes) -> None:
        self._data = data

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._data:
            yield chunk

    async def aclose(self) -> None:
        """Nothing is open."""


class AsyncMock:
    """The same service as the transport of an asynchronous client.

    Args:
        mock: The service.
    """

    def __init__(self, mock: Mock) -> None:
        self._mock = mock

    async def send(self, request: Request) -> AsyncOpenResponse:
        """Validate *request* and answer it."""
        made = self._mock.send(request)
        assert isinstance(made.body, _Bytes)
        return AsyncOpenResponse(made.status_code, made.headers, _AsyncBytes(made.body))

    async def aclose(self) -> None:
        """Nothing is open."""


def _nested(name: str, pairs: list[tuple[str, str]]) -> Any:
    """Return what bracketed names say: `a[b]=1&a[c][d]=2` is `{"b": 1, "c": {"d": 2}}`."""
    made: dict[str, Any] = {}
    for key, text in pairs:
        steps = re.findall(r"\[([^\[\]]*)\]", key[len(name) :])
        at = made
        for step in steps[:-1]:
            at = at.setdefault(step or str(len(at)), {})
        last = steps[-1] or str(len(at))
        if last in at:
            known = at[last]
            at[last] = [*known, text] if isinstance(known, list) else [known, text]
        else:
            at[last] = text
    return made
