"""Hypothesis strategies for values that keep a description: the rules that strict reading checks.

A rule is a JSON Schema in the vocabulary of wire values: types, members, enumerations, bounds and
patterns.  What only narrows the whole, a condition or one choice of several, is left to the caller,
who drops what does not fit.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, TypeAlias, cast

from hypothesis import strategies as st

__all__ = ["described", "json_values", "texts"]

Rules: TypeAlias = Mapping[str, Mapping[str, Any]]

_LARGEST = 2**31
_MANY = 3


def texts(low: int = 0, high: int | None = None, pattern: str = "") -> st.SearchStrategy[str]:
    """Return a strategy for short texts without control characters.

    Args:
        low: The least number of characters.
        high: The largest number of characters.
        pattern: What they match, somewhere; empty for anything.
    """
    if pattern:
        # `$` also matches before a last line break, which no value of the protocol means.
        found = st.from_regex(pattern).filter(lambda text: "\n" not in text)
        return found.filter(lambda text: low <= len(text) and (high is None or len(text) <= high))
    most = max(low, 12 if high is None else min(high, 12))
    letters = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"))
    return st.text(letters, min_size=low, max_size=most)


def json_values() -> st.SearchStrategy[Any]:
    """Return a strategy for JSON values, small ones."""
    scalars = st.none() | st.booleans() | st.integers(-_LARGEST, _LARGEST) | texts()
    return st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts(), inner, max_size=2),
        max_leaves=4,
    )


@cache
def described(package: str, name: str, major: str) -> st.SearchStrategy[Any]:
    """Return a strategy for values that a package describes.

    Args:
        package: The package that holds the rules.
        name: The name of the description.
        major: The protocol major whose rules count.
    """
    rules = _rules(package)[major]
    return _of(rules[name], rules)


@cache
def _rules(package: str) -> Mapping[str, Rules]:
    text = files(package).joinpath("rules.json").read_text(encoding="utf-8")
    return cast("Mapping[str, Rules]", json.loads(text))


def _of(rule: Mapping[str, Any], rules: Rules) -> st.SearchStrategy[Any]:
    if "$ref" in rule:
        return st.deferred(lambda: _of(rules[rule["$ref"]], rules))
    if "const" in rule:
        return st.just(rule["const"])
    if "enum" in rule:
        return st.sampled_from(rule["enum"])
    for key in ("anyOf", "oneOf"):
        if key in rule:
            outer = {name: inner for name, inner in rule.items() if name != key}
            return st.one_of([_of(_merged(outer, inner), rules) for inner in rule[key]])
    kinds = rule.get("type")
    if isinstance(kinds, list):
        return st.one_of([_of({**rule, "type": kind}, rules) for kind in cast("list[str]", kinds)])
    return _of_kind(kinds, rule, rules)


def _merged(outer: Mapping[str, Any], inner: Mapping[str, Any]) -> dict[str, Any]:
    """Return one rule that asks what both ask; of their members, the inner one's count."""
    joined = {**outer, **inner}
    for key in ("properties", "patternProperties"):
        if key in outer and key in inner:
            joined[key] = {**outer[key], **inner[key]}
    if "required" in outer and "required" in inner:
        joined["required"] = sorted({*outer["required"], *inner["required"]})
    return joined


def _of_kind(kind: Any, rule: Mapping[str, Any], rules: Rules) -> st.SearchStrategy[Any]:
    if kind == "string" or "pattern" in rule:
        return _text(rule)
    if kind == "integer":
        return st.integers(*_bounds(rule))
    if kind == "number":
        low, high = _bounds(rule)
        return st.integers(low, high) | st.floats(low, high, allow_nan=False, width=32)
    if kind == "boolean":
        return st.booleans()
    if kind == "null":
        return st.none()
    if kind == "array":
        return _array(rule, rules)
    if kind == "object" or "properties" in rule:
        return _object(rule, rules)
    return json_values().filter(lambda value: value is not None)


def _bounds(rule: Mapping[str, Any]) -> tuple[int, int]:
    low = int(rule.get("minimum", -_LARGEST))
    return low, int(rule.get("maximum", max(_LARGEST, low)))


def _text(rule: Mapping[str, Any]) -> st.SearchStrategy[str]:
    if rule.get("format") == "date-time":
        return st.datetimes().map(lambda moment: moment.isoformat() + "Z")
    return texts(rule.get("minLength", 0), rule.get("maxLength"), rule.get("pattern", ""))


def _array(rule: Mapping[str, Any], rules: Rules) -> st.SearchStrategy[list[Any]]:
    items = _of(rule["items"], rules) if "items" in rule else json_values()
    low = int(rule.get("minItems", 0))
    unique = repr if rule.get("uniqueItems") else None
    return st.lists(items, min_size=low, max_size=max(low, _MANY), unique_by=unique)


def _object(rule: Mapping[str, Any], rules: Rules) -> st.SearchStrategy[dict[str, Any]]:
    members: Mapping[str, Any] = rule.get("properties", {})
    needed = rule.get("required", ())
    others = rule.get("additionalProperties", True)
    if not members:
        if others is False:
            return st.just({})
        inner = json_values() if others is True else _of(others, rules)
        return st.dictionaries(texts(), inner, max_size=2)
    return st.fixed_dictionaries(
        {name: _of(members.get(name, {}), rules) for name in needed},
        optional={name: _of(inner, rules) for name, inner in members.items() if name not in needed},
    )
