"""OpenAPI Overlay 1.0: actions that change a document before it is read."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any, Final, TypeAlias, cast

from openwop_codegen.diagnostics import GeneratorError, Report
from openwop_codegen.loader import Place

__all__ = ["overlaid", "selected"]

Keys: TypeAlias = "tuple[str | int, ...]"

_NAME: Final = r"[A-Za-z_$][\w$-]*"
_STEP: Final = re.compile(
    rf"\.\.(?P<deep>{_NAME}|\*)"
    rf"|\.(?P<name>{_NAME}|\*)"
    r"|\[\s*(?:'(?P<single>(?:[^'\\]|\\.)*)'|\"(?P<double>(?:[^\"\\]|\\.)*)\""
    r"|(?P<index>-?\d+)|(?P<star>\*))\s*\]"
    r"|\[\?\s*\(?\s*@\.(?P<member>[\w$.-]+)\s*"
    r"(?:(?P<op>==|!=)\s*(?P<value>'[^']*'|\"[^\"]*\"|true|false|null|-?[\d.]+))?\s*\)?\s*\]"
)


def overlaid(document: Any, overlay: Place, report: Report) -> Any:
    """Return *document* with the actions of *overlay* applied, in their order.

    Args:
        document: The document, which stays as it is.
        overlay: The overlay.
        report: What takes the findings: a target that selects nothing is one.

    Raises:
        GeneratorError: The overlay is none, or a target cannot be understood.
    """
    version = str(overlay.get("overlay", ""))
    if not version.startswith("1."):
        raise GeneratorError(f"is no OpenAPI Overlay 1.x (overlay: {version!r})", overlay.where)
    result = copy.deepcopy(document)
    for action in overlay.elements("actions"):
        target = action.get("target")
        if not isinstance(target, str):
            raise GeneratorError("has no target", action.where)
        try:
            places = sorted(selected(result, target), key=_order, reverse=True)
        except ValueError as exc:
            raise GeneratorError(str(exc), action.where) from exc
        if not places:
            report.warn(action.where, "overlay", f"{target} selects nothing")
        for keys in places:
            result = _acted(result, keys, action)
    return result


def _order(keys: Keys) -> list[tuple[bool, int | str]]:
    # Later elements of an array go first, so that removing one moves no other.
    return [(isinstance(key, str), key) for key in keys]


def _acted(document: Any, keys: Keys, action: Place) -> Any:
    if not keys:
        return _merged(document, action.get("update")) if "update" in action.map else document
    owner = document
    for key in keys[:-1]:
        owner = owner[key]
    last = keys[-1]
    if action.get("remove") is True:
        del owner[last]
    elif "update" in action.map:
        owner[last] = _merged(owner[last], action.get("update"))
    return document


def _merged(old: Any, new: Any) -> Any:
    """Return *old* with *new* laid over it: objects merge, arrays take one more element."""
    if isinstance(old, dict) and isinstance(new, dict):
        result = dict(cast("dict[str, Any]", old))
        for key, value in cast("dict[str, Any]", new).items():
            known = result.get(key)
            if isinstance(known, list) and isinstance(value, list):
                result[key] = [*cast("list[Any]", known), *copy.deepcopy(cast("list[Any]", value))]
            else:
                result[key] = _merged(known, value) if key in result else copy.deepcopy(value)
        return result
    if isinstance(old, list):
        return [*cast("list[Any]", old), copy.deepcopy(new)]
    return copy.deepcopy(new)


def selected(document: Any, target: str) -> list[Keys]:
    """Return the places that a JSONPath selects, as keys from the root.

    Names, indices, `*`, `..` and comparisons of one member (`[?(@.name == 'id')]`) are understood.

    Args:
        document: The document.
        target: The JSONPath.

    Raises:
        ValueError: It has something else in it.
    """
    if not target.startswith("$"):
        msg = f"the target {target!r} is no JSONPath: it begins with $"
        raise ValueError(msg)
    position, places = 1, [cast("Keys", ())]
    while position < len(target):
        match = _STEP.match(target, position)
        if match is None:
            msg = f"the target {target!r} has something at {position} that is not understood"
            raise ValueError(msg)
        position = match.end()
        places = [found for keys in places for found in _step(document, keys, match)]
    return list(dict.fromkeys(places))


def _value(document: Any, keys: Keys) -> Any:
    for key in keys:
        document = document[key]
    return document


def _children(document: Any, keys: Keys) -> Iterator[Keys]:
    value = _value(document, keys)
    if isinstance(value, dict):
        yield from ((*keys, str(key)) for key in cast("dict[str, Any]", value))
    elif isinstance(value, list):
        yield from ((*keys, index) for index in range(len(cast("list[Any]", value))))


def _below(document: Any, keys: Keys) -> Iterator[Keys]:
    yield keys
    for child in _children(document, keys):
        yield from _below(document, child)


def _step(document: Any, keys: Keys, match: re.Match[str]) -> Iterator[Keys]:
    found = match.groupdict()
    if found["deep"] is not None:
        for place in _below(document, keys):
            yield from _named(document, place, found["deep"])
    elif found["name"] is not None:
        yield from _named(document, keys, found["name"])
    elif found["star"] is not None:
        yield from _children(document, keys)
    elif found["index"] is not None:
        value = _value(document, keys)
        if isinstance(value, list):
            size, index = len(cast("list[Any]", value)), int(found["index"])
            index += size if index < 0 else 0
            if 0 <= index < size:
                yield (*keys, index)
    elif found["member"] is not None:
        for child in _children(document, keys):
            if _passes(_value(document, child), found):
                yield child
    else:
        quoted = found["single"] if found["single"] is not None else found["double"]
        yield from _named(document, keys, re.sub(r"\\(.)", r"\1", quoted), wild=False)


def _named(document: Any, keys: Keys, name: str, *, wild: bool = True) -> Iterator[Keys]:
    if name == "*" and wild:
        yield from _children(document, keys)
        return
    value = _value(document, keys)
    if isinstance(value, dict) and name in value:
        yield (*keys, name)


def _passes(value: Any, found: dict[str, Any]) -> bool:
    for part in str(found["member"]).split("."):
        if not isinstance(value, dict) or part not in value:
            return bool(found["op"] == "!=")
        value = cast("dict[str, Any]", value)[part]
    if found["op"] is None:
        return True
    text = str(found["value"])
    words: dict[str, Any] = {"true": True, "false": False, "null": None}
    wanted: Any = text[1:-1] if text[0] in "'\"" else words[text] if text in words else float(text)
    return bool(value == wanted) is (found["op"] == "==")
