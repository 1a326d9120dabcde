"""Strict reading: whether a value keeps every rule of its description.

A rule is a JSON Schema (2020-12) in the vocabulary that descriptions of wire values use: `type`,
`required`, `properties`, `patternProperties`, `additionalProperties`, `items`, `enum`, `const`,
the bounds, `pattern`, `format: date-time`, `anyOf`, `oneOf`, `allOf`, `if`/`then`, and `$ref` to
another rule of the same table by its bare name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, TypeAlias, cast

from openwop.runtime._structure import StructureError, kind_of, mismatch, missing

__all__ = ["Rule", "Rules", "check_rule"]

Rule: TypeAlias = Mapping[str, Any]
Rules: TypeAlias = Mapping[str, Rule]

_NAMES: Final = {
    "string": "str",
    "integer": "int",
    "number": "number",
    "boolean": "bool",
    "object": "object",
    "array": "array",
    "null": "null",
}
_RFC3339: Final = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)


def check_rule(value: object, rule: Rule, path: str, rules: Rules) -> None:
    """Check *value* against *rule*.

    Args:
        value: The value, as decoded from JSON.
        rule: What it has to keep.
        path: The place of the value, for the error.
        rules: The table that `$ref` looks into.

    Raises:
        StructureError: It breaks the rule; the message names the place.
    """
    if "$ref" in rule:
        check_rule(value, rules[rule["$ref"]], path, rules)
    if "type" in rule:
        _check_type(value, rule["type"], path)
    if "const" in rule and not _same(value, rule["const"]):
        raise StructureError(path, repr(rule["const"]), "something else")
    if "enum" in rule and not any(_same(value, member) for member in rule["enum"]):
        names = ", ".join(str(member) for member in rule["enum"])
        raise StructureError(path, f"one of {names}", f"another {kind_of(value)}")
    _check_choices(value, rule, path, rules)
    if isinstance(value, str):
        _check_text(value, rule, path)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        _check_number(value, rule, path)
    elif isinstance(value, dict):
        _check_object(cast("dict[str, object]", value), rule, path, rules)
    elif isinstance(value, list):
        _check_array(cast("list[object]", value), rule, path, rules)


def _same(value: object, member: object) -> bool:
    return value == member and isinstance(value, bool) == isinstance(member, bool)


def _is_a(value: object, name: str) -> bool:
    if name == "number":
        return type(value) is float or type(value) is int
    if name == "integer":
        return type(value) is int or (type(value) is float and value.is_integer())
    return kind_of(value) == _NAMES[name]


def _check_type(value: object, wanted: str | list[str], path: str) -> None:
    names = [wanted] if isinstance(wanted, str) else wanted
    if not any(_is_a(value, name) for name in names):
        raise mismatch(path, " or ".join(_NAMES[name] for name in names), value)


def _check_text(value: str, rule: Rule, path: str) -> None:
    if len(value) < rule.get("minLength", 0):
        raise StructureError(path, f"at least {rule['minLength']} characters", f"{len(value)}")
    if "maxLength" in rule and len(value) > rule["maxLength"]:
        raise StructureError(path, f"at most {rule['maxLength']} characters", f"{len(value)}")
    if "pattern" in rule and re.search(rule["pattern"], value) is None:
        raise StructureError(path, f"a match of {rule['pattern']}", "another str")
    if rule.get("format") == "date-time" and not _is_date_time(value):
        raise StructureError(path, "a date and time with an offset (RFC 3339)", "another str")


def _is_date_time(value: str) -> bool:
    if _RFC3339.fullmatch(value) is None:
        return False
    try:
        # A leap second is legal in RFC 3339 and unknown to datetime.
        datetime.fromisoformat(value.upper().replace(":60", ":59", 1))
    except ValueError:
        return False
    return True


def _check_number(value: float, rule: Rule, path: str) -> None:
    if "minimum" in rule and value < rule["minimum"]:
        raise StructureError(path, f"at least {rule['minimum']}", "less")
    if "maximum" in rule and value > rule["maximum"]:
        raise StructureError(path, f"at most {rule['maximum']}", "more")


def _check_object(value: dict[str, object], rule: Rule, path: str, rules: Rules) -> None:
    for name in rule.get("required", ()):
        if name not in value:
            raise missing(f"{path}.{name}")
    properties: Mapping[str, Rule] = rule.get("properties", {})
    patterns: Mapping[str, Rule] = rule.get("patternProperties", {})
    others: bool | Rule = rule.get("additionalProperties", True)
    for name, member in value.items():
        place = f"{path}.{name}"
        known = name in properties
        if known:
            check_rule(member, properties[name], place, rules)
        for pattern, inner in patterns.items():
            if re.search(pattern, name) is not None:
                known = True
                check_rule(member, inner, place, rules)
        if known or others is True:
            continue
        if others is False:
            raise StructureError(place, "no such member", kind_of(member))
        check_rule(member, others, place, rules)


def _check_array(value: list[object], rule: Rule, path: str, rules: Rules) -> None:
    if len(value) < rule.get("minItems", 0):
        raise StructureError(path, f"at least {rule['minItems']} items", f"{len(value)}")
    if "items" in rule:
        for index, item in enumerate(value):
            check_rule(item, rule["items"], f"{path}[{index}]", rules)
    if rule.get("uniqueItems") and any(item in value[:at] for at, item in enumerate(value)):
        raise StructureError(path, "items that differ", "equal ones")


def _check_choices(value: object, rule: Rule, path: str, rules: Rules) -> None:
    def fits(inner: Rule) -> bool:
        try:
            check_rule(value, inner, path, rules)
        except StructureError:
            return False
        return True

    checks: tuple[tuple[str, Callable[[int], bool]], ...] = (
        ("anyOf", lambda found: found > 0),
        ("oneOf", lambda found: found == 1),
    )
    for key, enough in checks:
        choices: list[Rule] | None = rule.get(key)
        if choices is not None and not enough(sum(fits(inner) for inner in choices)):
            raise StructureError(path, "one of its described shapes", f"another {kind_of(value)}")
    for inner in cast("list[Rule]", rule.get("allOf", [])):
        check_rule(value, inner, path, rules)
    if "if" in rule and fits(rule["if"]):
        check_rule(value, rule["then"], path, rules)
