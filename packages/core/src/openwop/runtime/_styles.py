"""The styles in which OpenAPI writes arguments into paths, queries, headers, cookies and forms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set as AbstractSet
from datetime import date, datetime
from enum import Enum
from typing import Any, Final, cast
from urllib.parse import quote
from uuid import UUID

from openwop.runtime import _json
from openwop.runtime._codec import to_wire
from openwop.runtime._operation import Parameter

__all__ = ["cookie_pairs", "form_pairs", "header_text", "path_text", "query_pairs", "text_of"]

_SCALARS: Final = (str, int, float, date, Enum, UUID)
_JOINTS: Final = {"spaceDelimited": " ", "pipeDelimited": "|"}


def text_of(value: object) -> str:
    """Return one scalar as it is written in a path, a query or a header."""
    if isinstance(value, str):
        return str(value.value) if isinstance(value, Enum) else value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, Enum):
        return str(value.value)
    if value is None:
        return "null"
    return str(value)


def _plain(value: Any) -> Any:
    """Return *value* with models and the like as JSON data; scalars stay what they are."""
    if isinstance(value, (*_SCALARS, bytes)):
        return value
    if isinstance(value, Iterator):
        value = list(cast("Iterator[object]", value))
    return to_wire(value)


def _text(value: Any) -> str:
    """Return a member of an array or an object; one that has members itself is JSON."""
    if isinstance(value, (dict, list)):
        return _json.dumps(cast("object", value)).decode()
    return text_of(value)


def _members(value: Any) -> dict[str, Any] | None:
    """Return the members of an object, without those that are absent; None for anything else."""
    if not isinstance(value, Mapping):
        return None
    given = cast("Mapping[object, Any]", value)
    return {str(name): item for name, item in given.items() if item is not None}


def _elements(value: Any) -> list[Any] | None:
    """Return the elements of an array; None for anything else."""
    if isinstance(value, (Sequence, AbstractSet)) and not isinstance(value, (str, bytes)):
        return list(cast("Sequence[Any]", value))
    return None


def query_pairs(parameter: Parameter, value: Any) -> list[tuple[str, str]]:
    """Return the query parameters that one argument becomes, by its style."""
    name = parameter.wire
    value = _plain(value)
    if parameter.style == "json":
        return [(name, _json.dumps(value).decode())]
    members = _members(value)
    if members is not None:
        if parameter.style == "deepObject":
            return list(_bracketed(name, members))
        if parameter.explode:
            return [(key, _text(item)) for key, item in members.items()]
        joint = _JOINTS.get(parameter.style, ",")
        return [(name, joint.join(part for k, v in members.items() for part in (k, _text(v))))]
    elements = _elements(value)
    if elements is None:
        return [(name, text_of(value))]
    if parameter.style == "deepObject":
        return list(_bracketed(name, {str(at): item for at, item in enumerate(elements)}))
    texts = [_text(item) for item in elements]
    if parameter.explode:
        return [(name, text) for text in texts]
    return [(name, _JOINTS.get(parameter.style, ",").join(texts))] if texts else []


def _bracketed(name: str, members: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Iterate over the parameters of an object: `a[b][c]=1`, and an array's as `a[b]=1&a[b]=2`."""
    for key, value in members.items():
        own = f"{name}[{key}]"
        inner = _members(value)
        if inner is not None:
            yield from _bracketed(own, inner)
            continue
        elements = _elements(value)
        for item in [value] if elements is None else elements:
            nested = _members(item)
            if nested is None:
                yield own, _text(item)
            else:
                yield from _bracketed(own, nested)


def form_pairs(parameter: Parameter, value: Any) -> list[tuple[str, str]]:
    """Return the fields that one member of a form becomes.

    Without a style of its own an array takes a field per element, and an object is JSON, which
    OpenAPI gives as its media type there.
    """
    if parameter.style != "simple":
        return query_pairs(parameter, value)
    value = _plain(value)
    if isinstance(value, Mapping):
        return [(parameter.wire, _json.dumps(cast("object", value)).decode())]
    elements = _elements(value)
    if elements is None:
        return [(parameter.wire, text_of(value))]
    return [(parameter.wire, _text(item)) for item in elements]


def _listed(value: Any, *, explode: bool) -> list[str] | None:
    """Return the pieces of an array or an object; None for a scalar."""
    members = _members(value)
    if members is not None:
        if explode:
            return [f"{name}={_text(item)}" for name, item in members.items()]
        return [part for name, item in members.items() for part in (name, _text(item))]
    elements = _elements(value)
    return None if elements is None else [_text(item) for item in elements]


def header_text(parameter: Parameter, value: Any) -> str:
    """Return one argument as the value of a header."""
    value = _plain(value)
    if parameter.style == "json":
        return _json.dumps(value).decode()
    pieces = _listed(value, explode=parameter.explode)
    return text_of(value) if pieces is None else ",".join(pieces)


def cookie_pairs(parameter: Parameter, value: Any) -> list[tuple[str, str]]:
    """Return the cookies that one argument becomes."""
    return query_pairs(parameter, value)


def path_text(parameter: Parameter, value: Any, *, escape: bool = True) -> str | None:
    """Return one argument as it stands in a path; None where it has no place there.

    Args:
        parameter: The parameter.
        value: The argument.
        escape: Whether characters that a path reserves are escaped; the delimiters never are.
    """

    def escaped(text: str) -> str:
        return quote(text, safe="") if escape else text

    name = parameter.wire
    if isinstance(value, _SCALARS):
        text = escaped(text_of(value))
        if parameter.style == "json":
            return escaped(_json.dumps(_plain(value)).decode())
        return {"label": f".{text}", "matrix": f";{name}={text}"}.get(parameter.style, text)
    if not parameter.many or isinstance(value, bytes):
        return None
    value = _plain(value)
    if parameter.style == "json":
        return escaped(_json.dumps(value).decode())
    members = _members(value)
    pieces: list[str]
    if members is not None:
        pairs = [(escaped(key), escaped(_text(item))) for key, item in members.items()]
        pieces = [part for pair in pairs for part in pair]
        if parameter.explode:
            pieces = [f"{key}={text}" for key, text in pairs]
    else:
        elements = _elements(value)
        if elements is None:
            return None
        pieces = [escaped(_text(item)) for item in elements]
    if parameter.style == "label":
        return f".{('.' if parameter.explode else ',').join(pieces)}"
    if parameter.style == "matrix":
        if not parameter.explode:
            return f";{name}={','.join(pieces)}"
        own = pieces if members is not None else [f"{name}={piece}" for piece in pieces]
        return "".join(f";{piece}" for piece in own)
    return ",".join(pieces)
