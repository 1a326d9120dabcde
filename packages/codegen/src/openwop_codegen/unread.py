"""What a document says and no generated code expresses: counted, so that nothing is lost unsaid."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

import attrs

from openwop_codegen.diagnostics import Report
from openwop_codegen.loader import Place

__all__ = ["report_unread"]

_METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

_KNOWN: Final[Mapping[str, frozenset[str]]] = {
    "document": frozenset({
        "$self", "components", "externalDocs", "info", "jsonSchemaDialect", "openapi", "paths",
        "security", "servers", "tags", "webhooks",
    }),
    "operation": frozenset({
        "callbacks", "deprecated", "description", "externalDocs", "operationId", "parameters",
        "requestBody", "responses", "security", "servers", "summary", "tags",
    }),
    "parameter": frozenset({
        "$ref", "allowEmptyValue", "allowReserved", "content", "deprecated", "description",
        "example", "examples", "explode", "in", "name", "required", "schema", "style", "summary",
    }),
    "response": frozenset({"$ref", "content", "description", "headers", "links", "summary"}),
    "request body": frozenset({"$ref", "content", "description", "required", "summary"}),
    "media type": frozenset({
        "encoding", "example", "examples", "itemEncoding", "itemSchema", "prefixEncoding", "schema",
    }),
}  # fmt: skip
"""The members of the objects of OpenAPI 3.0 to 3.2."""

_UNSAID: Final[Mapping[str, tuple[str, str]]] = {
    "example": ("examples", "are not in the code"),
    "examples": ("examples", "are not in the code"),
    "externalDocs": ("links to other documentation", "are not in the code"),
    "links": ("links between operations", "are not followed"),
    "headers": ("headers of answers", "are had by `with_raw_response`, as text"),
}


@attrs.frozen
class _Found:
    sort: str
    place: Place


def report_unread(root: Place, report: Report) -> None:
    """Report what the document at *root* says and the generated code does not.

    Members that OpenAPI does not know are told one by one, the others are counted.

    Args:
        root: The document.
        report: What takes the findings.
    """
    counts: dict[str, int] = {}
    for found in _objects(root):
        for key, value in found.place.map.items():
            if key.startswith("x-") or not value:
                continue
            if key not in _KNOWN[found.sort]:
                message = f"{key!r} is no member of a {found.sort} of OpenAPI, and is not read"
                report.note(found.place.where, "unknown", message)
            elif key in _UNSAID and not (key == "headers" and found.sort != "response"):
                counts[key] = counts.get(key, 0) + _size(key, value)
    totals: dict[str, int] = {}
    for key, count in counts.items():
        totals[_UNSAID[key][0]] = totals.get(_UNSAID[key][0], 0) + count
    for what, why in dict.fromkeys(_UNSAID.values()):
        if what in totals:
            report.note(root.where, "unread", f"{totals[what]} {what} {why}")


def _size(key: str, value: Any) -> int:
    """Return how many of its sort there are under *key*."""
    if key in {"example", "externalDocs"} or not isinstance(value, (dict, list)):
        return 1
    return len(cast("dict[str, Any] | list[Any]", value))


def _objects(root: Place) -> Iterator[_Found]:
    yield _Found("document", root)
    for member in ("paths", "webhooks"):
        for _, item in root.items(member):
            yield from _item(item.follow())
    components = root.find("components")
    if components is None:
        return
    for _, one in components.items("parameters"):
        yield from _parameter(one)
    for _, one in components.items("responses"):
        yield from _with_content("response", one)
    for _, one in components.items("requestBodies"):
        yield from _with_content("request body", one)
    for _, one in components.items("pathItems"):
        yield from _item(one.follow())


def _item(item: Place) -> Iterator[_Found]:
    for one in item.elements("parameters"):
        yield from _parameter(one)
    for method in _METHODS:
        operation = item.find(method)
        if operation is None:
            continue
        yield _Found("operation", operation)
        for one in operation.elements("parameters"):
            yield from _parameter(one)
        body = operation.find("requestBody")
        if body is not None:
            yield from _with_content("request body", body)
        for _, response in operation.items("responses"):
            yield from _with_content("response", response)


def _parameter(place: Place) -> Iterator[_Found]:
    yield _Found("parameter", place)
    for _, media in place.items("content"):
        yield _Found("media type", media)


def _with_content(sort: str, place: Place) -> Iterator[_Found]:
    yield _Found(sort, place)
    for _, media in place.items("content"):
        yield _Found("media type", media)
