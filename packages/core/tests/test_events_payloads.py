"""Every payload: nothing is lost on the way through its model, and strict reading is exact."""

from __future__ import annotations

import inspect
import json
import pickle
from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings, strategies as st

import openwop.events as public
from openwop.runtime import StructureError
from openwop.runtime._rules import check_rule

TABLES: dict[str, dict[str, Any]] = json.loads(
    files("openwop._generated.payloads").joinpath("rules.json").read_text("utf-8")
)
PAYLOADS = sorted(name for name in TABLES["2"] if name.endswith("Payload"))
# The validator that is compared with does not look at times.
TIMELESS: dict[str, dict[str, Any]] = json.loads(
    json.dumps(TABLES).replace('"format": "date-time"', '"x-format": ""')
)
NULL_IS_ABSENT = ({"string", "null"}, {"integer", "null"})

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)
TIMES = st.sampled_from(["2026-01-02T03:04:05Z", "2026-01-02T03:04:05.678+01:00"])


def values_of(
    rule: dict[str, Any], rules: dict[str, Any], depth: int = 0
) -> st.SearchStrategy[Any]:
    """Return a strategy for values that keep *rule*."""
    if "$ref" in rule:
        return values_of(rules[rule["$ref"]], rules, depth + 1)
    if "enum" in rule:
        return st.sampled_from(rule["enum"])
    if "const" in rule:
        return st.just(rule["const"])
    for choice in ("oneOf", "anyOf"):
        if choice in rule:
            merged = [{**{k: v for k, v in rule.items() if k != choice}, **c} for c in rule[choice]]
            for option in merged:
                if "properties" in option:
                    full = rule.get("properties", {})
                    option["properties"] = {
                        name: inner or full[name] for name, inner in option["properties"].items()
                    }
            return st.one_of([values_of(option, rules, depth) for option in merged])
    kinds = rule.get("type")
    if kinds is None:
        return anything
    if isinstance(kinds, list):
        return st.one_of([values_of({**rule, "type": kind}, rules, depth) for kind in kinds])
    if kinds == "object":
        return objects_of(rule, rules, depth)
    if kinds == "array":
        items = anything if "items" not in rule else values_of(rule["items"], rules, depth + 1)
        return st.lists(items, min_size=rule.get("minItems", 0), max_size=3, unique_by=repr)
    if kinds == "integer":
        return st.integers(rule.get("minimum"), rule.get("maximum"))
    if kinds == "number":
        low, high = rule.get("minimum"), rule.get("maximum")
        return st.floats(low, high, allow_nan=False, allow_infinity=False)
    if kinds == "string":
        if rule.get("format") == "date-time":
            return TIMES
        if "pattern" in rule:
            return st.from_regex(rule["pattern"], fullmatch=True)
        return st.text(min_size=rule.get("minLength", 0), max_size=rule.get("maxLength", 8))
    return {"boolean": st.booleans(), "null": st.none()}[kinds]


def objects_of(rule: dict[str, Any], rules: dict[str, Any], depth: int) -> st.SearchStrategy[Any]:
    properties = rule.get("properties", {})
    if isinstance(rule.get("additionalProperties"), dict):
        return st.dictionaries(
            st.text(max_size=3), values_of(rule["additionalProperties"], rules), max_size=2
        )
    required = {
        name: values_of(properties[name], rules, depth + 1) for name in rule.get("required", ())
    }
    optional = {
        name: values_of(inner, rules, depth + 1)
        for name, inner in properties.items()
        if name not in required and depth < 6
    }
    for condition in rule.get("allOf", ()):
        required |= {n: values_of(properties[n], rules) for n in condition["then"]["required"]}
        optional = {n: v for n, v in optional.items() if n not in required}
    made: st.SearchStrategy[Any] = st.fixed_dictionaries(required, optional=optional)
    more: st.SearchStrategy[Any] = st.just({})
    if rule.get("additionalProperties", True) is True:
        more = st.dictionaries(st.just("undeclared"), anything, max_size=1)
    elif "patternProperties" in rule:
        more = st.dictionaries(st.sampled_from(["x-note", "vendor.a.b"]), anything, max_size=1)
    return st.tuples(made, more).map(lambda parts: {**parts[1], **parts[0]})


@cache
def payloads_of(name: str, major: str) -> st.SearchStrategy[Any]:
    rules = TABLES[major if name in TABLES[major] else "2"]
    return values_of(rules[name], rules)


def without_equivalent_nulls(value: Any, rule: dict[str, Any], rules: dict[str, Any]) -> Any:
    """Return *value* without the nulls that mean the same as absence."""
    rule = rules[rule["$ref"]] if "$ref" in rule else rule
    if isinstance(value, list) and "items" in rule:
        return [without_equivalent_nulls(item, rule["items"], rules) for item in value]
    if not isinstance(value, dict) or "properties" not in rule:
        return value
    members = rule["properties"]
    return {
        key: without_equivalent_nulls(member, members.get(key, {}), rules)
        for key, member in value.items()
        if member is not None
        or set(members.get(key, {}).get("type", ())) not in NULL_IS_ABSENT
        or key in rule.get("required", ())
    }


@pytest.mark.parametrize("name", PAYLOADS)
@settings(max_examples=6, deadline=None, derandomize=True)
@given(data=st.data(), major=st.sampled_from(["1", "2"]))
def test_a_payload_comes_back_as_it_went_in(name: str, major: str, data: st.DataObject) -> None:
    value = data.draw(payloads_of(name, major))
    major = major if name in TABLES[major] else "2"
    rules = TABLES[major]
    model = getattr(public, name)

    tolerant = model.from_dict(value)
    strict = model.from_dict(value, strict=True, variant=major)

    assert tolerant.to_dict() == without_equivalent_nulls(value, rules[name], rules)
    assert strict == tolerant
    assert pickle.loads(pickle.dumps(tolerant)) == tolerant


@settings(max_examples=600, deadline=None, derandomize=True)
@given(data=st.data(), name=st.sampled_from(PAYLOADS), major=st.sampled_from(["1", "2"]))
def test_strict_reading_agrees_with_a_json_schema_validator(
    name: str, major: str, data: st.DataObject
) -> None:
    value = data.draw(payloads_of(name, major))
    major = major if name in TABLES[major] else "2"
    damage(value, data)

    try:
        check_rule(value, TIMELESS[major][name], name, TIMELESS[major])
        passed = True
    except StructureError:
        passed = False

    assert passed is validator(name, major).is_valid(value)


@cache
def validator(name: str, major: str) -> Any:
    rules = TIMELESS[major]
    text = json.dumps({**rules[name], "$defs": rules})
    return jsonschema.Draft202012Validator(
        json.loads(text.replace('"$ref": "', '"$ref": "#/$defs/'))
    )


def damage(value: dict[str, Any], data: st.DataObject) -> None:
    """Change one thing somewhere in *value*."""
    target: Any = value
    while isinstance(target, dict) and target and data.draw(st.booleans()):
        inner = target[data.draw(st.sampled_from(sorted(target)))]
        if not isinstance(inner, dict):
            break
        target = inner
    kind = data.draw(st.sampled_from(["add", "drop", "change", "nothing"]))
    if kind == "add":
        target[data.draw(st.sampled_from(["more", "x-more", "kind", "speakerId"]))] = data.draw(
            anything
        )
    elif target and kind != "nothing":
        key = data.draw(st.sampled_from(sorted(target)))
        if kind == "drop":
            del target[key]
        else:
            target[key] = data.draw(anything)


@pytest.mark.parametrize("name", PAYLOADS)
def test_null_stands_for_absence_in_every_member(name: str) -> None:
    model = getattr(public, name)
    members = TABLES["2"][name].get("properties", {})

    payload = model.from_dict(dict.fromkeys(members))

    assert set(payload.to_dict().values()) <= {None}
    assert payload.extra == {}


@pytest.mark.parametrize("name", PAYLOADS)
def test_a_payload_documents_every_member(name: str) -> None:
    import attrs

    model = getattr(public, name)
    # Python 3.13 takes the indentation off docstrings; inspect does so in any version.
    text = inspect.getdoc(model) or ""
    documented = [
        field.name
        for field in attrs.fields(model)
        if field.name != "extra" and f"\n    {field.name}: " not in text
    ]

    assert documented == []
    assert "Section: " in text
