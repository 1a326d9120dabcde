"""From the schemas of one document to types and declarations."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, cast

import attrs

from openwop.runtime.model import Limits
from openwop_codegen.config import Config
from openwop_codegen.diagnostics import Report
from openwop_codegen.ir import (
    NO_LIMITS,
    Alias,
    Declaration,
    External,
    Field,
    Items,
    Listed,
    Named,
    Object,
    OneOf,
    Plain,
    Tag,
    Type,
    Values,
    Wrapped,
)
from openwop_codegen.loader import Place
from openwop_codegen.names import RUNTIME_NAMES, pascal, snake, unique
from openwop_codegen.parts import both, only_part
from openwop_codegen.shapes import JSON, Members, Shape, joined

__all__ = ["SchemaReader"]

_NULL: Final = Plain("null")
_OBJECT: Final = Plain("object")
_SCALARS: Final[Mapping[str, Plain]] = {
    "string": Plain("str"),
    "integer": Plain("int"),
    "number": Plain("float"),
    "boolean": Plain("bool"),
}
_FORMATS: Final[Mapping[str, Plain]] = {
    "binary": Plain("bytes"),
    "date": Plain("date"),
    "date-time": Plain("datetime"),
    "uuid": Plain("uuid"),
}
_LIMITS: Final[Mapping[str, str]] = {
    "minimum": "minimum",
    "maximum": "maximum",
    "exclusiveMinimum": "exclusive_minimum",
    "exclusiveMaximum": "exclusive_maximum",
    "multipleOf": "multiple_of",
    "minLength": "min_length",
    "maxLength": "max_length",
    "pattern": "pattern",
    "minItems": "min_items",
    "maxItems": "max_items",
    "minProperties": "min_items",
    "maxProperties": "max_items",
    "uniqueItems": "unique",
}
_REFERENCES: Final = frozenset({"$ref", "$dynamicRef"})
_TELLING: Final = frozenset({"required", "oneOf", "anyOf", "enum", "const", "items"})
_CONSTRAINTS: Final = ("if", "then", "else", "not", "dependentRequired", "dependentSchemas")


class SchemaReader:
    """Reads the schemas of one variant's documents.

    Args:
        config: The configuration.
        report: What takes the findings.
        variant: The variant that is read.
        root: The root document.
    """

    def __init__(self, config: Config, report: Report, variant: str, root: Place) -> None:
        self.config = config
        self.report = report
        self.variant = variant
        self.declarations: dict[str, Declaration] = {}
        self._names: dict[tuple[Path, tuple[str, ...]], str] = {}
        self._taken: dict[str, object] = {}
        self._shapes: dict[tuple[Path, tuple[str, ...]], Shape] = {}
        self._open: list[tuple[Path, tuple[str, ...]]] = []
        self._recursive: set[tuple[Path, tuple[str, ...]]] = set()
        self.component_names: dict[str, str] = {}
        self.inline: set[str] = set()
        self._is_old = str(root.get("openapi", "")).startswith("3.0")
        self._claim_components(root)

    def _claim_components(self, root: Place) -> None:
        components = root.find("components", "schemas")
        if components is None:
            return
        names = unique(components.map, self._type_name)
        places = {key: components.at(key) for key in names}
        # What only refers to another comes last, so that it takes no name from that.
        for key, name in sorted(
            names.items(), key=lambda pair: (places[pair[0]].reference is not None, pair)
        ):
            place = places[key]
            self.component_names[name] = key
            target = self._merged(place) or place.follow()
            for one in (place, target):
                if one.id not in self._names:
                    self._names[one.id] = name
                    self._taken[name] = target.id

    def _type_name(self, text: str) -> str:
        name = self.config.renamed_types.get(text) or pascal(text)
        return f"{name}_" if name in RUNTIME_NAMES else name

    def _claim(self, place: Place, wanted: str) -> str:
        """Return the name of the type at *place*, choosing one if it has none yet."""
        known = self._names.get(place.id)
        if known is not None:
            return known
        wanted = f"{wanted}_" if wanted in RUNTIME_NAMES else wanted
        name, number = wanted, 2
        if self._taken.get(name, place.id) != place.id:
            name = f"{pascal(place.path.stem)}{wanted}"
        while self._taken.get(name, place.id) != place.id:
            name = f"{wanted}{number}"
            number += 1
        self._names[place.id] = name
        self._taken[name] = place.id
        if name != wanted:
            self.report.note(place.where, "renamed", f"{wanted} is taken, so this is {name}")
        return name

    def type_name_of(self, place: Place, otherwise: str) -> str:
        """Return what types inside the schema at *place* are named after."""
        at_top = len(place.keys) == 1 or place.keys[:2] == ("components", "schemas")
        return self._type_name(place.name) if at_top else otherwise

    # Reading ------------------------------------------------------------------------------------

    def shape(self, place: Place, hint: str) -> Shape:
        """Return what the schema at *place* says.

        Args:
            place: The schema.
            hint: The name of a type that is described in place.
        """
        place = self._merged(place) or place
        target = place.follow()
        if target is place:
            return self._annotated(place, self._read(place, hint))
        return self._annotated(place, self._referred(target))

    def _merged(self, place: Place) -> Place | None:
        """Return a reference with members beside it as the parts that both are, if it is such.

        OpenAPI 3.0 ignores what stands beside a reference; JSON Schema 2020-12 does not.
        """
        if place.reference is None or self._is_old:
            return None
        beside = {key: value for key, value in place.map.items() if key not in _REFERENCES}
        if not {"properties", "allOf"} & set(beside):
            for key in sorted(_TELLING & set(beside)):
                self.report.note(place.where, "unchecked", f"{key!r} beside a reference")
            return None
        parts = [{"$ref": place.reference}, *beside.pop("allOf", [])]
        return attrs.evolve(place, value={**beside, "allOf": parts})

    def declare(self, place: Place) -> None:
        """Declare the schema at *place*, which stands among the components of a document."""
        self._referred(self._merged(place) or place.follow())

    def _referred(self, target: Place) -> Shape:
        known = self._shapes.get(target.id)
        if known is not None:
            return known
        name = self._claim(target, self._type_name(target.name))
        if target.id in self._open:
            self._recursive.add(target.id)
            return Shape(type=Named(name))
        self._open.append(target.id)
        shape = self._annotated(target, self._read(target, name))
        self._open.remove(target.id)
        worth_a_name = (Listed, OneOf)
        constant = isinstance(shape.type, Listed) and len(shape.type.values) == 1
        recursive = target.id in self._recursive and shape.type != Named(name)
        is_model = isinstance(shape.type, OneOf) and Named(name) in shape.type.members
        is_named = isinstance(shape.type, worth_a_name) and not constant
        if (is_named or recursive) and not is_model:
            self._declare_alias(target, name, shape)
            shape = attrs.evolve(shape, type=Named(name))
        self._shapes[target.id] = shape
        return shape

    def _declare_alias(self, place: Place, name: str, shape: Shape) -> None:
        self.declarations[name] = Alias(
            name=name,
            group=self._group(place),
            doc=shape.doc,
            type=shape.type,
            variants=(self.variant,),
            where=place.where,
        )

    def _group(self, place: Place) -> str:
        return snake(place.path.stem) if self.config.groups == "file" else ""

    def _annotated(self, place: Place, shape: Shape) -> Shape:
        """Return *shape* with what stands beside the type at *place*."""
        ext = self.config.extensions
        changes: dict[str, Any] = {}
        doc = place.get("description") or place.get("title")
        if isinstance(doc, str) and (place.get("description") or not shape.doc):
            changes["doc"] = doc.strip()
        if place.get("default") is not None:
            changes["default"] = place.get("default")
        for key, name in (
            ("deprecated", "deprecated"),
            (ext.secret, "secret"),
            (ext.lenient, "lenient"),
            (ext.nullable_meaning, "tri"),
        ):
            if key and place.get(key) is True:
                changes[name] = True
        if ext.kind and place.get(ext.kind):
            kind = str(place.get(ext.kind))
            changes["kind"] = self.config.kinds.get(kind, kind)
        if place.get("nullable") is True:
            changes["nullable"] = True
        for key, access in (("readOnly", "read"), ("writeOnly", "write")):
            if place.get(key) is True:
                changes["access"] = access
        if ext.open_enum and place.get(ext.open_enum) is True and isinstance(shape.type, Listed):
            changes["type"] = attrs.evolve(shape.type, open=True)
        if ext.unwrap and place.get(ext.unwrap):
            changes["type"] = self._unwrapped(place, shape, str(place.get(ext.unwrap)))
        if shape.type == JSON and place.get("nullable") is None:
            changes.setdefault("nullable", True)
        return attrs.evolve(shape, **changes) if changes else shape

    def _unwrapped(self, place: Place, shape: Shape, member: str) -> Type:
        """Return the array of a union of an array and an object around it."""
        members = shape.type.members if isinstance(shape.type, OneOf) else (shape.type,)
        found = next((one for one in members if isinstance(one, Items)), None)
        if found is None:
            self.report.error(place.where, "unwrap", "there is no array to unwrap")
            return shape.type
        return Wrapped(found, member)

    def _read(self, place: Place, name: str) -> Shape:
        """Return what the schema at *place* says, which is no reference."""
        node = place.map
        ext = self.config.extensions
        if ext.type and isinstance(node.get(ext.type), str):
            home = self.config.types.get(node[ext.type])
            if home is not None:
                return Shape(type=External(home))
            self.report.error(place.where, "type", f"no class is configured for {node[ext.type]!r}")
        self._note_unchecked(place)
        wrapped = only_part(place)
        if wrapped is not None and place.id not in self._names:
            return self.shape(wrapped, name)
        if "const" in node:
            return self._enumeration(place, [node["const"]])
        if isinstance(node.get("enum"), list):
            return self._enumeration(place, node["enum"])
        if self._is_object(place):
            return self._or_others(place, self._object(place, name), name)
        for key in ("oneOf", "anyOf"):
            if isinstance(node.get(key), list):
                return self._union(place, key, name)
        if isinstance(node.get("allOf"), list):
            return self._all_of(place, name)
        return self._by_type(place, name)

    def _or_others(self, place: Place, shape: Shape, name: str) -> Shape:
        """Return *shape*, of an object, with the other types that the schema at *place* allows."""
        others = [one for one in self._types(place)[0] if one in {*_SCALARS, "array"}]
        kinds = [
            self._array(place, name).type if one == "array" else self._scalar(place, one)
            for one in others
        ]
        return attrs.evolve(shape, type=joined([shape.type, *kinds])) if kinds else shape

    def _note_unchecked(self, place: Place) -> None:
        for key in _CONSTRAINTS:
            if key in place.map:
                self.report.note(place.where, "unchecked", f"{key!r} is not checked")

    def _limits(self, place: Place, **more: Any) -> Limits:
        found: dict[str, Any] = dict(more)
        for key, name in _LIMITS.items():
            value = place.get(key)
            if value is None or (key == "uniqueItems" and value is False):
                continue
            if key.startswith("exclusive") and isinstance(value, bool):  # as OpenAPI 3.0 has it
                if value:
                    found[name] = found.pop(name.removeprefix("exclusive_"), None)
                continue
            if key == "pattern" and not self._is_pattern(place, str(value)):
                continue
            found[name] = value
        return Limits(**found)

    def _is_pattern(self, place: Place, text: str) -> bool:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of what Python may read differently one day
                re.compile(text)
        except re.error as exc:
            self.report.note(place.where, "unchecked", f"the pattern is none in Python: {exc}")
            return False
        return True

    def _enumeration(self, place: Place, values: list[Any]) -> Shape:
        nullable = None in values
        kept = [value for value in values if value is not None]
        if kept and all(type(value) in {int, float} for value in kept) and float in map(type, kept):
            self.report.note(place.where, "unchecked", "no Literal lists numbers with a fraction")
            return Shape(type=Plain("float"), nullable=nullable)
        scalars = [value for value in kept if isinstance(value, (str, int, bool))]
        if len(scalars) != len(kept):
            self.report.warn(place.where, "free-typed", "listed values that are no scalars")
            return Shape(type=JSON, nullable=nullable)
        if not scalars:
            return Shape(type=JSON, nullable=True)
        return Shape(type=Listed(tuple(dict.fromkeys(scalars))), nullable=nullable)

    def _types(self, place: Place) -> tuple[list[str], bool]:
        """Return the JSON types that the schema allows, and whether null is among them."""
        given = place.get("type")
        types = [given] if isinstance(given, str) else list(cast("list[str]", given or []))
        nullable = "null" in types
        types = [one for one in types if one != "null"]
        if not types and given is None:
            node = place.map
            if "properties" in node or "additionalProperties" in node:
                types = ["object"]
            elif "items" in node or "prefixItems" in node:
                types = ["array"]
            elif {"pattern", "minLength", "maxLength"} & set(node):
                types = ["string"]
        return types, nullable

    def _by_type(self, place: Place, name: str) -> Shape:
        types, nullable = self._types(place)
        if not types:
            if place.get("type") == "null" or place.get("type") == ["null"]:
                return Shape(type=_NULL, nullable=True)
            return Shape(type=JSON, nullable=True)
        limits = self._limits(place)
        found: list[Type] = []
        for one in types:
            if one == "object":
                shape = self._free_object(place, name)
                found.append(shape.type)
                limits = attrs.evolve(limits, items=shape.limits.items)
            elif one == "array":
                shape = self._array(place, name)
                found.append(shape.type)
                limits = attrs.evolve(limits, items=shape.limits.items)
            elif one in _SCALARS:
                found.append(self._scalar(place, one))
            else:
                self.report.warn(place.where, "free-typed", f"the type {one!r} is none of JSON's")
                found.append(JSON)
        if {*types} >= {"object", "array", "string", "number", "boolean"}:
            return Shape(type=JSON, nullable=nullable)
        return Shape(type=joined(found), nullable=nullable, limits=limits)

    def _scalar(self, place: Place, name: str) -> Type:
        given = place.get("format")
        if name == "string" and given in _FORMATS:
            chosen = self.config.formats.get(str(given))
            if chosen == "str":
                return Plain("str")
            return _FORMATS[str(given)]
        if name == "string" and place.get("contentMediaType") == "application/octet-stream":
            return Plain("bytes")
        return _SCALARS[name]

    def _array(self, place: Place, name: str) -> Shape:
        items = place.find("items")
        if "prefixItems" in place.map:
            parts = [self.shape(p, f"{name}Item") for p in place.elements("prefixItems")]
            rest = [self.shape(items, f"{name}Item")] if items is not None else []
            self.report.note(place.where, "unchecked", "the places of a tuple are not told apart")
            return Shape(type=Items(joined(one.type for one in [*parts, *rest])))
        if items is None or items.value is True:
            return Shape(type=Items(JSON))
        shape = self.shape(items, f"{name}Item")
        inner = shape.limits if shape.limits != NO_LIMITS else None
        item = shape.type
        if shape.nullable and item != JSON:
            return Shape(type=Items(joined([item, _NULL])), limits=Limits(items=inner))
        return Shape(type=Items(item), limits=Limits(items=inner))

    def _free_object(self, place: Place, name: str) -> Shape:
        """Return the type of an object without members of its own."""
        if "patternProperties" in place.map or "propertyNames" in place.map:
            self.report.note(place.where, "unchecked", "the names of the members are not checked")
        values = place.find("additionalProperties") or next(
            (one for _, one in place.items("patternProperties")), None
        )
        if values is None or not values.map:
            return Shape(type=_OBJECT)
        shape = self.shape(values, f"{name}Value")
        if shape.type == JSON:
            return Shape(type=_OBJECT)
        inner = shape.limits if shape.limits != NO_LIMITS else None
        value = joined([shape.type, _NULL]) if shape.nullable else shape.type
        return Shape(type=Values(value), limits=Limits(items=inner))

    # Objects ------------------------------------------------------------------------------------

    def _is_object(self, place: Place) -> bool:
        """Tell whether the schema at *place* describes an object with members of its own."""
        node = place.map
        if isinstance(node.get("properties"), dict) and node["properties"]:
            return "object" in self._types(place)[0] or "type" not in node
        if node.get("type") == "object" and node.get("additionalProperties") is False:
            return not {"oneOf", "anyOf", "allOf", "patternProperties"} & set(node)
        parts = [part.follow() for part in place.elements("allOf")]
        return any(part.id != place.id and self._is_object(part) for part in parts)

    def members(self, place: Place) -> Members:
        """Return the members of the object at *place*, with those of all its parts."""
        return self._members(place.follow(), ())

    def _members(self, place: Place, above: tuple[object, ...]) -> Members:
        found = Members()
        if place.id in above:
            return found
        above = (*above, place.id)
        for name, inner in place.items("properties"):
            found.properties[name] = inner
        found.required.update(place.strings("required"))
        additional = place.find("additionalProperties") or place.find("unevaluatedProperties")
        if additional is not None:
            found.additional = additional if additional.map else additional.value is not False
        for part in place.elements("allOf"):
            found.take(self._members(part.follow(), above))
        for key in ("oneOf", "anyOf"):
            for part in place.elements(key):
                option = self._members(part.follow(), above)
                if option.properties:
                    where = part.where
                    self.report.note(where, "merged", "the alternatives are members of one model")
                found.take(option, optional=True)
        for key in ("then", "else"):
            branch = place.find(key)
            if branch is not None:
                found.take(self._members(branch.follow(), above), optional=True)
        return found

    def _object(self, place: Place, name: str) -> Shape:
        is_inline = place.id not in self._names
        name = self._claim(place, name)
        if is_inline:
            self.inline.add(name)
        nullable = self._types(place)[1]
        if name in self.declarations or place.id in self._open[:-1]:
            return Shape(type=Named(name), nullable=nullable)
        # The name is taken before the members are read, because a member may lead back here.
        empty = Object(
            name=name, group=self._group(place), doc="", fields=(), variants=(self.variant,),
            closed=(), free=False, where=place.where,
        )  # fmt: skip
        self.declarations[name] = empty
        members = self.members(place)
        fields = tuple(
            self.field(wire, inner, f"{name}{pascal(wire)}", required=wire in members.required)
            for wire, inner in members.properties.items()
        )
        known = {field.wire for field in fields}
        for wire in sorted(members.required - known):
            self.report.note(place.where, "unchecked", f"{wire!r} is required but not described")
        if isinstance(members.additional, Place):
            value = self.shape(members.additional, f"{name}Value")
            if value.type != JSON:
                message = "the members that are not listed are typed as JSON"
                self.report.note(place.where, "free-typed", message)
        doc = place.get("description") or place.get("title") or ""
        self.declarations[name] = attrs.evolve(
            empty,
            doc=str(doc).strip(),
            fields=fields,
            closed=(self.variant,) if members.additional is False else (),
            free=members.additional is True or isinstance(members.additional, Place),
        )
        return Shape(type=Named(name), nullable=nullable)

    def field(self, wire: str, place: Place, hint: str, *, required: bool) -> Field:
        """Return the member *wire* that the schema at *place* describes."""
        shape = self.shape(place, hint)
        return Field(
            wire=wire,
            type=shape.type,
            doc=shape.doc,
            variants=(self.variant,),
            required=(self.variant,) if required else (),
            lenient=shape.lenient,
            nullable=(self.variant,) if shape.nullable else (),
            tri=shape.tri or (self.config.distinct_null and shape.nullable and not required),
            default=shape.default,
            limits=shape.limits,
            secret=shape.secret,
            kind=shape.kind,
            access=shape.access,
            deprecated=shape.deprecated,
        )

    # Unions -------------------------------------------------------------------------------------

    def _all_of(self, place: Place, name: str) -> Shape:
        """Return the type of parts that together are no object with members."""
        parts: list[Shape] = []
        more: list[Limits] = []
        for index, part in enumerate(place.elements("allOf")):
            target = part.follow()
            says_type = {"type", "enum", "const", "oneOf", "anyOf", "allOf", "$ref"}
            if part is target and not says_type & set(part.map):
                more.append(self._limits(part))
                continue
            parts.append(self.shape(part, name if index == 0 else f"{name}Part{index + 1}"))
        own = self._by_type(place, name)
        if own.type != JSON:
            parts.append(own)
        if not parts:
            return own
        shape, is_said = both(parts, more)
        if not is_said:
            self.report.note(place.where, "merged", "the first of several parts gives the type")
        return shape

    def _union(self, place: Place, key: str, name: str) -> Shape:
        nullable = self._types(place)[1]
        branches = list(place.elements(key))
        shapes: list[Shape] = []
        limits = NO_LIMITS
        for index, branch in enumerate(branches):
            if branch.get("type") == "null" or branch.get("enum") == [None]:
                nullable = True
                continue
            if set(branch.map) <= {"required", "description", "title"}:
                self.report.note(branch.where, "unchecked", "a condition on members only")
                continue
            title = branch.get("title")
            own = pascal(title) if isinstance(title, str) and title.isidentifier() else ""
            shape = self.shape(branch, own or f"{name}Option{index + 1}")
            nullable = nullable or (shape.nullable and shape.type != JSON)
            shapes.append(shape)
        if not shapes:
            return attrs.evolve(self._by_type(place, name), nullable=nullable)
        types = [one.type for one in shapes if one.type != _NULL]
        if any(isinstance(one, Listed) for one in types) and Plain("str") in types:
            limits = Limits(free=True)
        if len(types) == 1:
            limits = shapes[0].limits
        tag = self._tag(place)
        if tag is not None and self.config.open_unions and _OBJECT not in types:
            types.append(_OBJECT)  # what a newer service adds is read as it came
        made = joined(types, tag)
        return Shape(type=made, nullable=nullable or made == JSON, limits=limits,
                     doc=shapes[0].doc if len(shapes) == 1 else "")  # fmt: skip

    def _tag(self, place: Place) -> Tag | None:
        """Return what the document says tells the alternatives apart."""
        found = place.find("discriminator")
        member = str(found.get("propertyName", "")) if found is not None else ""
        if not member and self.config.extensions.discriminator:
            found = place.find(self.config.extensions.discriminator)
            member = str(found.get("property", "")) if found is not None else ""
        if found is None or not member:
            return None
        pairs: list[tuple[str, str]] = []
        for value, inner in found.items("mapping"):
            target = str(inner.value)
            if "#" not in target and "/" not in target and "." not in target:
                target = f"#/components/schemas/{target}"
            shape = self._referred(place.refer(target).follow())
            if isinstance(shape.type, Named):
                pairs.append((value, shape.type.name))
        return Tag(member, tuple(pairs))
