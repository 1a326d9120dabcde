"""Reading an event catalogue: what a catalogue file says, as the emitters need it.

The file is `spec/openwop/events.yaml` or another of its format.  Payload schemas are the union of
what all variants of the service know; `rules_for` gives back what one variant knows of them.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterator, Mapping
from keyword import iskeyword
from pathlib import Path
from typing import Any, TypeAlias, cast

import attrs
import yaml

__all__ = [
    "Catalogue",
    "CatalogueError",
    "EventType",
    "Member",
    "Shape",
    "load_catalogue",
    "pascal_case",
    "rules_for",
    "snake_case",
]

Schema: TypeAlias = Mapping[str, Any]

_VENDOR = re.compile(r"x-[a-z]+-")
_CARRIED = r"^(openwop-|x-|vendor\.)"
_TAKEN = frozenset(
    {*dir(builtins), "blank", "cls", "data", "fields", "get", "known", "members", "self", "strict"}
)


class CatalogueError(ValueError):
    """A catalogue file says something that the generator cannot follow."""


@attrs.frozen
class Member:
    """One member of a shape.

    Attributes:
        wire: The name on the wire.
        name: The Python name.
        schema: The JSON Schema of the value, with references resolved to plain values.
        model: The name of the shape that the value, or each element, has; empty for none.
        required: The variants that require it.
        variants: The variants that know it.
    """

    wire: str
    name: str
    schema: Schema
    model: str
    required: tuple[str, ...]
    variants: tuple[str, ...]

    @property
    def description(self) -> str:
        """What the member is, as one sentence or more."""
        return str(self.schema.get("description", ""))

    @property
    def variable(self) -> str:
        """A local variable for the value that hides nothing that generated code uses."""
        return f"{self.name}_" if self.name in _TAKEN else self.name


@attrs.frozen
class Shape:
    """A payload, or an object inside payloads.

    Attributes:
        name: The name of its class.
        description: What it is.
        members: Its members, in the order of the file.
        domain: The module that defines it.
        sections: Where it is described, per variant.
    """

    name: str
    description: str
    members: tuple[Member, ...]
    domain: str
    sections: Mapping[str, str]


@attrs.frozen
class EventType:
    """One type of event.

    Attributes:
        name: The spelling in the newest variant.
        class_name: The name of its class.
        spellings: The spelling per variant, where the variant knows the type.
        domain: The module that defines it.
        summary: What it says, as one sentence.
        modes: The stream modes that admit it, per variant.
        carriers: What carries it: `log`, `live` or `host`.
        gate: The capability that must be advertised; empty for none.
        terminal: Whether it ends a log.
        late: Whether only the last releases of an older variant know it.
        sections: Where it is described, per variant.
        payload: The name of its payload's shape.
    """

    name: str
    class_name: str
    spellings: Mapping[str, str]
    domain: str
    summary: str
    modes: Mapping[str, tuple[str, ...]]
    carriers: frozenset[str]
    gate: str
    terminal: bool
    late: bool
    sections: Mapping[str, str]
    payload: str


@attrs.frozen
class Catalogue:
    """An event catalogue.

    Attributes:
        variants: The variants of the service, oldest first.
        domains: The title of each module.
        types: The types, in the order of the file.
        shapes: Payloads and the objects inside them, by name.
        source: The file's content.
    """

    variants: tuple[str, ...]
    domains: Mapping[str, str]
    types: tuple[EventType, ...]
    shapes: Mapping[str, Shape]
    source: Mapping[str, Any]

    def in_domain(self, domain: str) -> list[EventType]:
        """Return the types of one module."""
        return [event for event in self.types if event.domain == domain]


def pascal_case(text: str) -> str:
    """Return *text*, a dotted or hyphenated name, as the name of a class."""
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[^A-Za-z0-9]+", text))


def snake_case(wire: str) -> str:
    """Return the Python name of a member that the wire calls *wire*."""
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", wire)
    name = re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_").lower()
    return f"{name}_" if iskeyword(name) or not name.isidentifier() else name


def load_catalogue(path: Path, variants: tuple[str, ...]) -> Catalogue:
    """Read the catalogue at *path*.

    Args:
        path: A YAML file.
        variants: The variants of the service, oldest first; the last is the newest.

    Raises:
        CatalogueError: The file refers to something that it does not hold.
    """
    source = cast("dict[str, Any]", yaml.safe_load(path.read_text(encoding="utf-8")))
    types = tuple(_event_types(source, variants))
    homes, first = _homes(source, types)
    shapes = {
        name: _shape(name, schema, source, variants, homes[name], first[name].sections)
        for group in ("payloads", "schemas")
        for name, schema in cast("dict[str, Schema]", source[group]).items()
        if schema.get("type") == "object" and name in homes
    }
    domains = {name: str(domain["title"]) for name, domain in source["domains"].items()}
    return Catalogue(variants, domains, types, shapes, source)


def _event_types(source: Mapping[str, Any], variants: tuple[str, ...]) -> Iterator[EventType]:
    for name, entry in source["types"].items():
        spellings = {v: str(entry[f"v{v}"]) for v in variants if entry.get(f"v{v}")}
        carrier = entry.get("carrier", {})
        payload = str(entry["payload"]["$ref"]).rpartition("/")[2]
        if entry["domain"] not in source["domains"] or payload not in source["payloads"]:
            msg = f"{name}: its domain or its payload is not in the file"
            raise CatalogueError(msg)
        yield EventType(
            name=name,
            class_name=pascal_case(name),
            spellings=spellings,
            domain=entry["domain"],
            summary=str(entry["summary"]),
            modes={v: _modes(entry, v) for v in spellings},
            carriers=frozenset(carrier.values()) or frozenset({"log"}),
            gate=str(entry.get("gate", "")),
            terminal=bool(entry.get("terminal", False)),
            late=bool(entry.get("late_v1", False)),
            sections={
                v: str(entry["section"][f"v{v}"]) for v in variants if f"v{v}" in entry["section"]
            },
            payload=payload,
        )


def _modes(entry: Mapping[str, Any], variant: str) -> tuple[str, ...]:
    modes = cast("list[str] | dict[str, list[str]]", entry.get("modes", []))
    return tuple(modes if isinstance(modes, list) else modes.get(f"v{variant}", []))


def _referred(schema: Any) -> Iterator[str]:
    """Yield the names of the shapes that *schema* refers to."""
    if isinstance(schema, dict):
        for key, value in cast("dict[str, Any]", schema).items():
            if key == "$ref":
                yield str(value).rpartition("/")[2]
            else:
                yield from _referred(value)
    elif isinstance(schema, list):
        for item in schema:  # pyright: ignore[reportUnknownVariableType]
            yield from _referred(item)


def _homes(
    source: Mapping[str, Any], types: tuple[EventType, ...]
) -> tuple[dict[str, str], dict[str, EventType]]:
    """Return the module of each shape, which is the shared one where several use it.

    Besides, the first type that each shape is part of.
    """
    schemas: Mapping[str, Any] = source["schemas"]
    homes: dict[str, str] = {}
    first: dict[str, EventType] = {}

    def visit(name: str, domain: str, event: EventType) -> None:
        settled = domain if homes.get(name, domain) == domain else "shared"
        if homes.get(name) == settled:
            return
        homes[name] = settled
        first.setdefault(name, event)
        for inner in _referred(schemas.get(name) or source["payloads"][name]):
            if inner not in schemas:
                msg = f"{name} refers to {inner}, which is not in the file"
                raise CatalogueError(msg)
            visit(inner, settled, event)

    for event in types:
        visit(event.payload, event.domain, event)
    return homes, first


def _shape(
    name: str,
    schema: Schema,
    source: Mapping[str, Any],
    variants: tuple[str, ...],
    home: str,
    sections: Mapping[str, str],
) -> Shape:
    required = cast("list[str]", schema.get("required", []))
    members: list[Member] = []
    for wire, inner in cast("dict[str, Schema]", schema.get("properties", {})).items():
        known = tuple(str(v) for v in inner.get("x-openwop-majors", variants))
        needed = tuple(
            v
            for v in known
            if wire in required or wire in schema.get(f"x-openwop-v{v}-required", ())
        )
        resolved, model = _resolve(inner, source["schemas"])
        members.append(Member(wire, snake_case(wire), resolved, model, needed, known))
    return Shape(name, str(schema.get("description", "")), tuple(members), home, sections)


def _resolve(schema: Schema, schemas: Mapping[str, Schema]) -> tuple[Schema, str]:
    """Return *schema* with references to plain values put in, and the shape that it names."""
    if "$ref" in schema:
        name = str(schema["$ref"]).rpartition("/")[2]
        target = schemas[name]
        if target.get("type") == "object":
            return schema, name
        return {**target, **{k: v for k, v in schema.items() if k != "$ref"}}, ""
    if "items" in schema:
        items, model = _resolve(schema["items"], schemas)
        return {**schema, "items": items}, model
    return schema, ""


def rules_for(catalogue: Catalogue, variant: str) -> dict[str, Any]:
    """Return what *variant* allows of every payload, shape and document, as rules by name.

    A rule is a JSON Schema without annotations; references name another rule.
    """
    source = catalogue.source
    known = {event.payload for event in catalogue.types if variant in event.spellings}
    rules: dict[str, Any] = {}
    for group in ("envelopes", "payloads", "schemas"):
        for name, schema in cast("dict[str, Schema]", source[group]).items():
            if group == "payloads" and name not in known:
                continue
            if variant in (str(v) for v in schema.get("x-openwop-majors", catalogue.variants)):
                rules[name] = _rule(schema, variant)
    return rules


def _rule(schema: Schema, variant: str) -> dict[str, Any]:
    out: dict[str, Any] = {}
    overlay = cast("Schema", schema.get(f"x-openwop-v{variant}", {}))
    for key, value in {**schema, **overlay}.items():
        if key in {"description", "default", "title"} or _VENDOR.match(key):
            continue
        if key == "$ref":
            out[key] = str(value).rpartition("/")[2]
        elif key in {"properties", "patternProperties"}:
            out[key] = {
                name: _rule(inner, variant)
                for name, inner in value.items()
                if variant in (str(v) for v in inner.get("x-openwop-majors", [variant]))
            }
        elif key in {"anyOf", "oneOf", "allOf"}:
            out[key] = [_rule(inner, variant) for inner in value]
        elif key in {"items", "if", "then"} or (
            key == "additionalProperties" and not isinstance(value, bool)
        ):
            out[key] = _rule(value, variant)
        else:
            out[key] = value
    needed = [*schema.get("required", ()), *schema.get(f"x-openwop-v{variant}-required", ())]
    properties = cast("dict[str, Any]", out.get("properties", {}))
    if needed and "properties" in schema:
        out["required"] = [name for name in needed if name in properties]
    if schema.get(f"x-openwop-v{variant}-closed"):
        out["additionalProperties"] = False
        if schema.get(f"x-openwop-v{variant}-carries"):
            out["patternProperties"] = {_CARRIED: {}}
    if "x-openwop-vendor" in schema:
        pattern = schema["x-openwop-vendor"][f"v{variant}"]
        out["anyOf"] = [{"$ref": "EventTypeName"}, {"pattern": pattern}]
    return out
