"""Schemas of a document: an independent validator of them, and values that they allow."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import hypothesis
from hypothesis import strategies
from openapi_schema_validator import (
    OAS30ReadValidator,
    OAS30Validator,
    OAS30WriteValidator,
    OAS31Validator,
    oas30_format_checker,
    oas31_format_checker,
)
from referencing import Registry
from referencing.jsonschema import DRAFT202012

__all__ = ["ROOT", "NoValueError", "Schemas"]

ROOT = "urn:document"
_DEEPEST = 9
_TELLING = frozenset({"$ref", "type", "properties", "oneOf", "anyOf", "allOf", "enum", "const"})
_FORMATS = {
    "date-time": "2026-01-02T03:04:05Z",
    "date": "2026-01-02",
    "time": "03:04:05Z",
    "uuid": "0f3b3c1e-8d1f-4a57-9a55-6c2f6b1d2e3f",
    "email": "someone@example.com",
    "uri": "https://example.com/thing",
    "url": "https://example.com/thing",
    "uri-reference": "/thing",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "byte": "aGVsbG8=",
}


class NoValueError(Exception):
    """A schema that no value was found for."""


def _rooted(value: Any) -> Any:
    """Return *value* with its references leading from the root of the document."""
    if isinstance(value, list):
        return [_rooted(item) for item in value]
    if not isinstance(value, dict):
        return value
    made = {key: _rooted(item) for key, item in value.items()}
    if isinstance(made.get("$ref"), str) and made["$ref"][:1] == "#":
        made["$ref"] = ROOT + made["$ref"]
    mapping = made.get("mapping")
    if "propertyName" in made and isinstance(mapping, dict):
        made["mapping"] = {
            key: ROOT + item if str(item)[:1] == "#" else item for key, item in mapping.items()
        }
    return made


class Schemas:
    """The schemas of one document.

    Args:
        document: The document.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document: dict[str, Any] = _rooted(document)
        self.is_30 = str(document["openapi"]).startswith("3.0")
        resource = DRAFT202012.create_resource(self.document)
        self._registry: Any = Registry().with_resource(ROOT, resource)
        self._patterns: dict[str, str] = {}
        self._known: dict[tuple[str, bool | None, int, bool], Any] = {}
        self._careful = False  # whether every member of a union is checked at once

    def follow(self, node: Any) -> Any:
        """Return *node*, or what its reference leads to."""
        for _ in range(40):
            if not isinstance(node, dict) or not isinstance(node.get("$ref"), str):
                return node
            target: Any = self.document
            for key in node["$ref"].removeprefix(f"{ROOT}#").split("/")[1:]:
                key = key.replace("~1", "/").replace("~0", "~").replace("%7B", "{")
                key = key.replace("%7D", "}")
                target = target[int(key) if isinstance(target, list) else key]
            node = target
        raise NoValueError("a reference that leads to itself")

    def wrong(self, schema: Any, value: Any, *, sent: bool | None) -> str:
        """Return what *schema* has against *value*, in words; nothing where it allows it.

        Args:
            schema: The schema.
            value: The value.
            sent: True for a part of a request, False for one of an answer, None for neither: what
                is for reading or for writing only is a matter of bodies.
        """
        if schema in (None, True, {}):
            return ""
        if self.is_30:
            chosen: Any = OAS30WriteValidator if sent else OAS30ReadValidator
            chosen = OAS30Validator if sent is None else chosen
            checker = oas30_format_checker
        else:
            chosen, checker = OAS31Validator, oas31_format_checker
        made = chosen(schema, registry=self._registry, format_checker=checker)
        for error in made.iter_errors(value):
            path = "/".join(str(part) for part in error.absolute_path)
            return f"at /{path}: {error.message[-160:]}"
        return ""

    def allows(self, schema: Any, value: Any, *, sent: bool | None) -> bool:
        """Tell whether *schema* allows *value*."""
        return not self.wrong(schema, value, sent=sent)

    def alternatives(self, schema: Any) -> Iterator[Any]:
        """Iterate over the schemas that one stands for: itself, or the members of its unions."""
        schema = self.follow(schema)
        unions = [schema[key] for key in ("oneOf", "anyOf") if isinstance(schema, dict)
                  and isinstance(schema.get(key), list)]  # fmt: skip
        if not unions or "properties" in schema:
            yield schema
        for union in unions:
            for member in union:
                yield from self.alternatives(member)

    def properties(self, schema: Any) -> dict[str, Any]:
        """Return the properties of an object with those of the parts that it consists of."""
        schema = self.follow(schema)
        found: dict[str, Any] = {}
        if isinstance(schema, dict):
            for part in schema.get("allOf") or ():
                found |= self.properties(part)
            found |= schema.get("properties") or {}
        return found

    # Values -------------------------------------------------------------------------------------

    def value(self, schema: Any, *, sent: bool | None) -> Any:
        """Return a value that *schema* allows: as many members as it has, some levels down.

        Raises:
            NoValueError: None was found.
        """
        wrong = "required members without an end"
        for depth, self._careful in ((0, False), (0, True), (3, True), (_DEEPEST - 1, True)):
            try:
                made = self._made(schema, sent, depth)
            except NoValueError as exc:
                wrong = str(exc)
                continue
            wrong = self.wrong(schema, made, sent=sent)
            if not wrong:
                return made
        target = self.follow(schema)
        for key in ("example", "default"):
            is_given = isinstance(target, dict) and key in target
            if is_given and self.allows(schema, target[key], sent=sent):
                return target[key]
        raise NoValueError(wrong)

    def _made(self, schema: Any, sent: bool | None, depth: int) -> Any:
        """Return a value of *schema*, made once for each reference and depth."""
        if not isinstance(schema, dict) or "$ref" not in schema:
            return self._fresh(schema, sent, depth)
        key = (str(schema["$ref"]), sent, depth, self._careful)
        if key not in self._known:
            self._known[key] = self._fresh(schema, sent, depth)
        return self._known[key]

    def _fresh(self, schema: Any, sent: bool | None, depth: int) -> Any:
        schema = self.follow(schema)
        if not isinstance(schema, dict):
            return "anything"
        if depth > _DEEPEST + 8:
            raise NoValueError("required members without an end")
        if "const" in schema:
            return schema["const"]
        if schema.get("enum"):
            return next((one for one in schema["enum"] if one is not None), None)
        if isinstance(schema.get("allOf"), list):
            return self._whole(schema, sent, depth)
        for key in ("oneOf", "anyOf"):
            if isinstance(schema.get(key), list):
                return self._one_of(schema, key, sent, depth)
        types = schema.get("type")
        kinds = [one for one in (types if isinstance(types, list) else [types]) if one != "null"]
        kind = kinds[0] if kinds else "null"
        if kind == "object" or (kind is None and "properties" in schema):
            return self._object(schema, sent, depth)
        if kind == "array" or (kind is None and "items" in schema):
            return self._array(schema, sent, depth)
        if kind in {"integer", "number"}:
            return self._number(schema, whole=kind == "integer")
        if kind == "null":
            return None
        return kind == "boolean" or self._string(schema)

    def _whole(self, schema: dict[str, Any], sent: bool | None, depth: int) -> Any:
        """Return a value of all parts of an `allOf`, and of what stands beside it."""
        beside = {key: value for key, value in schema.items() if key != "allOf"}
        made: Any = None
        for part in [*schema["allOf"], beside]:
            plain = self.follow(part)
            if not _TELLING & set(plain):
                continue
            own = self._made(part, sent, depth)
            made = {**made, **own} if isinstance(made, dict) and isinstance(own, dict) else own
        if isinstance(made, dict) and depth > 1:
            made = dict(made)
            needed = [
                name for part in schema["allOf"] for name in self.follow(part).get("required", ())
            ]
            known = self.properties(schema)
            for name in [*needed, *beside.get("required", ())]:
                if name not in made and name in known:
                    made[name] = self._made(known[name], sent, depth + 1)
        return "anything" if made is None else made

    def _one_of(self, schema: dict[str, Any], key: str, sent: bool | None, depth: int) -> Any:
        beside = {name: value for name, value in schema.items() if name != key}
        has_more = bool({"type", "properties"} & set(beside))
        failed = "the union has no member"
        for member in schema[key]:
            target = self.follow(member)
            is_bare = has_more and isinstance(target, dict) and not _TELLING & set(target)
            try:
                if is_bare:  # which members an object needs, in one of several cases
                    needed = [*beside.get("required", ()), *target.get("required", ())]
                    made = self._made({**beside, "required": needed}, sent, depth)
                else:
                    made = self._made(member, sent, depth)
                if has_more and not is_bare:
                    more = self._made(beside, sent, depth)
                    both = isinstance(made, dict) and isinstance(more, dict)
                    made = {**more, **made} if both else made
            except NoValueError as exc:
                failed = str(exc)
                continue
            tag = schema.get("discriminator", {}).get("propertyName")
            if isinstance(made, dict) and tag and tag in self.properties(member):
                made = {**made, tag: self._tag(schema, member, made.get(tag))}
            failed = self.wrong(schema, made, sent=sent) if self._careful else ""
            if not failed:
                return made
        raise NoValueError(f"of a union: {failed}")

    def _tag(self, schema: dict[str, Any], member: Any, known: Any) -> Any:
        """Return the value that tells *member* from the others of its union."""
        mapping = schema["discriminator"].get("mapping") or {}
        target = str(member.get("$ref", ""))
        for value, reference in mapping.items():
            if reference in {target, target.rpartition("/")[2]}:
                return value
        enum = self.follow(self.properties(member)[schema["discriminator"]["propertyName"]])
        return known if isinstance(enum, dict) and "enum" in enum else target.rpartition("/")[2]

    def _object(self, schema: dict[str, Any], sent: bool | None, depth: int) -> Any:
        required = set(schema.get("required") or ())
        made: dict[str, Any] = {}
        deep = depth > 1
        for name, inner in (schema.get("properties") or {}).items():
            target = self.follow(inner)
            access = target if isinstance(target, dict) else {}
            if access.get("readOnly" if sent else "writeOnly") is True:
                continue
            # One member at least: neither a query nor a form can say that an object is empty.
            if name not in required and deep and (required or made or depth > _DEEPEST):
                continue
            try:
                made[name] = self._made(inner, sent, depth + 1)
            except NoValueError:
                if name in required:
                    raise
        free = schema.get("additionalProperties")
        for name in sorted(required - set(made) - set(schema.get("properties") or ())):
            made[name] = self._made(free, sent, depth + 1) if isinstance(free, dict) else "anything"
        if not made and isinstance(free, dict) and (depth <= 1 or schema.get("minProperties")):
            made["key"] = self._made(free, sent, depth + 1)
        return made

    def _array(self, schema: dict[str, Any], sent: bool | None, depth: int) -> Any:
        items = schema.get("items", {})
        count = max(int(schema.get("minItems", 0)), 1)
        if depth > _DEEPEST:
            if schema.get("minItems"):
                raise NoValueError("required elements without an end")
            return []
        made = [self._made(items, sent, depth + 1) for _ in range(count)]
        listed = self.follow(items)
        if schema.get("uniqueItems") and count > 1:
            if not isinstance(listed, dict) or "enum" not in listed:
                raise NoValueError("several elements that differ")
            made = listed["enum"][:count]
        return made

    def _number(self, schema: dict[str, Any], *, whole: bool) -> Any:
        step = schema.get("multipleOf")
        least, most = schema.get("minimum"), schema.get("maximum")
        over = schema.get("exclusiveMinimum")
        if over is True and least is not None:
            least = least + (step or 1)
        elif over is not None and over is not False and over is not True:
            least = over + 1
        value = 1 if least is None else max(least, 1)
        if most is not None and value > most:
            value = most
        if step:
            value = -(-value // step) * step
        return int(value) if whole else value

    def _string(self, schema: dict[str, Any]) -> str:
        for key in ("example", "default"):
            is_given = isinstance(schema.get(key), str) and "pattern" in schema
            if is_given and self.allows(schema, schema[key], sent=None):
                return str(schema[key])
        if "pattern" in schema:
            return self._matching(schema)
        least, most = int(schema.get("minLength", 0)), schema.get("maxLength")
        text = _FORMATS.get(str(schema.get("format")), "text")
        text += "x" * (least - len(text))
        return text[:most] if most is not None and "format" not in schema else text

    def _matching(self, schema: dict[str, Any]) -> str:
        """Return a text that a pattern allows: its own where it is plain, the same every time."""
        plain = re.sub(r"^\^|\$$|\\(?=[^\w])", "", str(schema["pattern"]))
        if self.allows({**schema, "format": None}, plain, sent=None):
            return plain
        key = repr(sorted((k, v) for k, v in schema.items() if k in {"minLength", "maxLength"}))
        key += str(schema["pattern"])
        if key not in self._patterns:
            settings = hypothesis.settings(
                database=None, derandomize=True, max_examples=200, deadline=None,
                phases=[hypothesis.Phase.generate],
                suppress_health_check=list(hypothesis.HealthCheck),
            )  # fmt: skip
            least, most = int(schema.get("minLength", 1)), int(schema.get("maxLength", 10_000))
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    self._patterns[key] = hypothesis.find(
                        strategies.from_regex(str(schema["pattern"])),
                        lambda text: least <= len(text) <= most and text.isprintable()
                        and text.strip(" ./") == text,
                        settings=settings,
                    )  # fmt: skip
            except Exception as exc:  # a pattern that Python does not know
                raise NoValueError(f"no text for the pattern {schema['pattern']!r}") from exc
        return self._patterns[key]
