"""JSON Schemas of workflow authors: checked with jsonschema, never resolving anything remote."""

from __future__ import annotations

from typing import Any, cast

from openwop_testing._json import JsonObject, canonical

__all__ = ["first_violation"]

_validators: dict[str, Any] = {}


def first_violation(schema: JsonObject, value: Any) -> str | None:
    """Return what is wrong with *value*, as one line with its path, or None.

    Args:
        schema: A JSON Schema of draft 2020-12.
        value: The JSON value to check.
    """
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError, relevance
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    text = canonical(schema)
    validator = _validators.get(text)
    if validator is None:
        try:
            Draft202012Validator.check_schema(schema)
        except SchemaError as error:
            return f"the schema itself is not valid ({error.message})"
        # An empty registry: a reference that leaves the schema is refused, never fetched.
        validator = Draft202012Validator(schema, registry=Registry())
        if len(_validators) < 256:
            _validators[text] = validator
    try:
        found = max(cast("Any", validator).iter_errors(value), key=relevance, default=None)
    except Unresolvable:
        return "the schema refers to something outside itself"
    return None if found is None else f"{found.json_path}: {found.message}"
