"""Every generated call of a document against a service that validates by the document.

Each operation is called twice by the blocking client and twice by the asynchronous one: with every
argument that the document has, and with the required ones only.  What the service decodes has to be
what was given, and what the call returns, written as JSON again, has to be what was answered.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import pkgutil
import sys
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import nullcontext
from pathlib import Path
from types import ModuleType
from typing import Any

from tools.sweep.mock import AsyncMock, Described, Mock, described, is_json
from tools.sweep.ours import Row
from tools.sweep.schemas import NoValueError, Schemas

from openwop.runtime import Operation, Route, to_wire

__all__ = ["round_trip", "round_trips"]


def _operations(package: str) -> Iterator[Operation[Any]]:
    home: ModuleType = importlib.import_module(f"{package}._generated.operations")
    for one in pkgutil.iter_modules(home.__path__):
        module = importlib.import_module(f"{home.__name__}.{one.name}")
        for name in module.__all__:
            yield getattr(module, name)


def _medium(route: Route, operation: Described) -> tuple[str, Any]:
    """Return the media type of the body that *route* sends, and its schema."""
    offered = dict(operation.body["content"])
    if route.content_type in offered:
        return route.content_type, offered[route.content_type].get("schema", {})
    for medium, media in offered.items():
        base = medium.partition(";")[0]
        kind = "json" if is_json(medium) else "bytes"
        kind = "form" if base == "application/x-www-form-urlencoded" else kind
        kind = "multipart" if base.startswith("multipart/") else kind
        kind = "text" if base.startswith("text/") else kind
        if kind == route.body:
            return medium, media.get("schema", {})
    return "", {}


def _binary(schemas: Schemas, schema: Any, value: Any) -> Any:
    """Return *value* with bytes where *schema* has a file."""
    target = schemas.follow(schema)
    if isinstance(target, dict) and target.get("format") == "binary":
        return b"\x00file"
    if isinstance(value, dict):
        known = schemas.properties(target)
        return {key: _binary(schemas, known.get(key), one) for key, one in value.items()}
    if isinstance(value, list) and isinstance(target, dict):
        return [_binary(schemas, target.get("items"), one) for one in value]
    return value


def _arguments(
    schemas: Schemas, operation: Described, route: Route, *, whole: bool
) -> tuple[dict[str, Any], dict[tuple[str, str], Any]]:
    """Return the arguments of a call, and what the service has to see of them."""
    arguments: dict[str, Any] = {}
    seen: dict[tuple[str, str], Any] = {}
    body: Any = None
    full_body = False
    if operation.body is not None and route.body != "none":
        _, schema = _medium(route, operation)
        body = b"\x00bytes" if route.body == "bytes" else schemas.value(schema, sent=True)
        body = _binary(schemas, schema, body) if route.body == "multipart" else body
        if not whole and isinstance(body, dict) and route.body != "multipart":
            needed = {one.wire for one in route.parameters if one.required}
            few = {wire: one for wire, one in body.items() if wire in needed}
            # Where an object needs one of several members, no single one of them is required.
            full_body = not schemas.allows(schema, few, sent=True)
    for parameter in route.parameters:
        place, wire = parameter.location, parameter.wire
        is_forced = full_body and place == "body" and bool(operation.body.get("required"))
        if not whole and not parameter.required and not is_forced:
            continue
        if place == "payload":
            arguments[parameter.name] = seen["body", ""] = body
        elif place == "body":
            if isinstance(body, dict) and wire in body:
                arguments[parameter.name] = body[wire]
                seen.setdefault(("body", ""), {})[wire] = body[wire]
        elif (place, wire) in operation.parameters:
            given = operation.parameters[place, wire]
            content = list(given.get("content", {}).values())
            schema = content[0].get("schema", {}) if content else given.get("schema", {})
            value = schemas.value(schema, sent=None)
            if value in ({}, [], None):
                continue
            arguments[parameter.name] = seen[place, wire] = value
    return arguments, seen


def _answer(schemas: Schemas, operation: Described, route: Route) -> tuple[int, str, bytes, Any]:
    """Return an answer that the document allows: status, media type, body and its value."""
    good = sorted(one for one in operation.responses if one.startswith("2"))
    chosen = next((one for one in good if operation.responses[one].get("content")), "")
    chosen = chosen or (good or ["default"])[0]
    status = int(chosen.replace("XX", "00")) if chosen != "default" else 200
    content = operation.responses.get(chosen, {}).get("content") or {}
    wanted = route.accept or {"json": "application/json", "sse": "text/event-stream"}.get(
        route.answer, ""
    )
    medium = wanted if wanted in content else ""
    medium = medium or next((one for one in content if is_json(one)), next(iter(content), ""))
    if not content or operation.method == "HEAD" or route.answer == "none":
        return (204 if not content else status), "", b"", None
    schema = content[medium].get("schema")
    sent = "application/json" if medium in {"*/*", "application/*"} else medium
    if route.answer == "bytes":
        return status, sent, b"\x00bytes", b"\x00bytes"
    if route.answer == "text":
        return status, sent, b"some text", "some text"
    value = {"any": [1, "x"]} if schema in (None, {}) else schemas.value(schema, sent=False)
    if route.answer in {"sse", "ndjson"}:
        text = json.dumps(value)
        data = f"data: {text}\n\n" if route.answer == "sse" else f"{text}\n"
        return status, sent, data.encode(), value
    return status, sent, json.dumps(value).encode(), value


def _is_void(value: Any) -> bool:
    """Tell whether there is nothing in a value, which a form cannot say in any other way."""
    if isinstance(value, dict):
        return all(map(_is_void, value.values()))
    return value in (None, [])


def _difference(one: Any, other: Any, path: str = "") -> str:
    """Return where two values differ on the wire, on which absent is as null; empty if nowhere."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = sorted({*one, *other})
        found = (_difference(one.get(key), other.get(key), f"{path}/{key}") for key in keys)
        return next(filter(None, found), "")
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return next(filter(None, (_difference(*pair, f"{path}/{at}") for at, pair in pairs)), "")
    if _is_void(one) and _is_void(other):
        return ""
    is_text = isinstance(one, str) != isinstance(other, str)  # `1` in a query is both
    same = one == other or (is_text and str(one) == str(other))
    return "" if same else f"at {path or '/'}, {one!r} became {other!r}"[:300]


def _returned(result: Any) -> Any:
    if hasattr(result, "first_page"):
        return to_wire(result.first_page())
    if hasattr(result, "close") and hasattr(result, "__next__"):
        with result as items:
            return to_wire(next(iter(items)))
    return result if isinstance(result, (bytes, str)) else to_wire(result)


async def _awaited(result: Any) -> Any:
    if hasattr(result, "first_page"):
        return to_wire(await result.first_page())
    if hasattr(result, "aclose") and hasattr(result, "__anext__"):
        async with result as items:
            return to_wire(await anext(aiter(items)))
    result = await result
    return result if isinstance(result, (bytes, str)) else to_wire(result)


def _call(
    client: Any,
    mock: Mock,
    operation: Described,
    made: Operation[Any],
    run: Callable[[Coroutine[Any, Any, Any]], Any] | None,
    *,
    whole: bool,
) -> str:
    """Return what went wrong in one call; nothing where it went well."""
    route = next(iter(made.routes.values()))
    try:
        arguments, given = _arguments(mock.schemas, operation, route, whole=whole)
        status, medium, body, value = _answer(mock.schemas, operation, route)
    except NoValueError as exc:
        return f"no example: {exc}"
    mock.expected, mock.answer = operation, (status, medium, body)
    target = client
    for step in made.name.split("."):
        target = getattr(target, step)
    try:
        result = (
            _returned(target(**arguments)) if run is None else run(_awaited(target(**arguments)))
        )
    except Exception as exc:  # noqa: BLE001  # whatever it is, it is the finding
        return mock.said or f"{type(exc).__name__}: {exc}"[:300]
    for key, one in given.items():
        wrong = _difference(one, mock.seen.get(key))
        if wrong:
            return f"{' '.join(key)} sent: {wrong}"
    strange = sorted(str(key) for key, one in mock.seen.items() if key not in given and one != {})
    if strange:
        return f"{strange[0]} was not given, and arrived"
    wrong = _difference(value, result)
    return f"answered: {wrong}" if wrong else ""


def round_trips(
    document: Mapping[str, Any], package: str, *, is_async: bool = False
) -> Iterator[tuple[str, str]]:
    """Iterate over the calls of *package* and what went wrong in each, if anything did.

    Args:
        document: The document.
        package: The name of the generated package.
        is_async: True for the calls of the asynchronous client.
    """
    schemas = Schemas(document)
    face = importlib.import_module(package)
    known = {(one.method, one.path): one for one in described(schemas)}
    mock = Mock(schemas, "/base")
    found: set[tuple[str, str]] = set()
    with asyncio.Runner() if is_async else nullcontext() as runner:
        run = None if runner is None else runner.run
        transport = mock if run is None else AsyncMock(mock)
        made_by = face.Client if run is None else face.AsyncClient
        client = made_by(
            "http://mock.test/base", api_key="k", transport=transport, load_plugins=False
        )
        for made in _operations(package):
            route = next(iter(made.routes.values()))
            operation = known.get((route.method, route.path))
            if operation is None:
                yield made.name, f"the document has no {route.method} {route.path}"
                continue
            found.add((route.method, route.path))
            for whole in (True, False):
                yield made.name, _call(client, mock, operation, made, run, whole=whole)
    for method, path in sorted(set(known) - found):
        yield f"{method} {path}", "is not generated"


def round_trip(document: Mapping[str, Any], source: Path, package: str) -> Row:
    """Return how many calls went well, and what became of the others.

    Args:
        document: The document.
        source: The folder that the generated package lies in.
        package: Its name.
    """
    sys.path.insert(0, str(source))
    importlib.invalidate_caches()
    calls, misses = 0, []
    for is_async in (False, True):
        for name, wrong in round_trips(document, package, is_async=is_async):
            calls += 1
            if wrong:
                misses.append(f"{name}{' (async)' if is_async else ''}: {wrong}")
    return {"calls": calls, "misses": misses}
