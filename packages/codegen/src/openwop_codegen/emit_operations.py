"""Operation constants, one module per resource."""

from __future__ import annotations

from collections.abc import Mapping

from openwop_codegen.config import Config
from openwop_codegen.emit_models import field_names
from openwop_codegen.ir import (
    Api,
    Argument,
    Declaration,
    Items,
    Method,
    Named,
    Object,
    OneOf,
    Page,
    Place as Spot,
    Plain,
    Resource,
    Type,
    Values,
    Way,
    Wrapped,
)
from openwop_codegen.names import constant
from openwop_codegen.rendering import Module, Renderer, tuple_source

__all__ = ["emit_operations", "operation_name", "returned"]

_IMPORTED = frozenset({"JSON", "UUID"})


def operation_name(method: Method, api: Api) -> str:
    """Return the name of the constant of *method*, which no type that it names has already."""
    name = constant(method.name)
    return f"{name}_" if name in _IMPORTED or name in api.declarations else name


def emit_operations(api: Api, config: Config) -> list[Module]:
    """Return the modules of operations, one per resource."""
    modules: list[Module] = []
    for resource in api.resources.values():
        if not resource.methods:
            continue
        name = resource.name.replace(".", "_")
        doc = f"Operations of {config.service}: {resource.name}."
        module = Module(name=f"operations.{name}", doc=doc)
        renderer = Renderer(api, config, module)
        module.imports.add("openwop.runtime", "Operation", "Route")
        for method in resource.methods:
            module.body += _operation(method, resource, renderer)
        module.exported = [operation_name(method, api) for method in resource.methods]
        modules.append(module)
    return modules


def returned(method: Method, renderer: Renderer) -> str:
    """Return the annotation of what *method* returns; for a stream, of one item."""
    answer = method.answer
    if answer.type is None:
        return "None"
    text = renderer.type(answer.type)
    nullable = answer.nullable and text != "JSON"
    return f"{text} | None" if nullable else text


def _operation(method: Method, resource: Resource, renderer: Renderer) -> list[str]:
    name = operation_name(method, renderer.api)
    tables = {
        variant: _parameters(method, variant, renderer.api.declarations) for variant in method.ways
    }
    lines: list[str] = []
    shared = ""
    if len(tables) > 1 and len(set(map(tuple, tables.values()))) == 1 and any(tables.values()):
        shared = f"_{name}"
        lines += [f"{shared} = {tuple_source(next(iter(tables.values())))}"]
    if any(tables.values()):
        renderer.module.imports.add("openwop.runtime", "Parameter")
    routes = [
        f"{variant!r}: {_route(way, shared or _tuple(tables[variant]))}"
        for variant, way in method.ways.items()
    ]
    kind = returned(method, renderer)
    arguments = [
        f"id={method.id!r}",
        f"name={f'{resource.name}.{method.name}'!r}",
        f"routes={{{', '.join(routes)}}}",
    ]
    value = kind
    if isinstance(method.answer.type, Wrapped):
        renderer.module.imports.add("typing", "Annotated")
        renderer.module.imports.add("openwop.runtime.model", "Unwrapped")
        value = f"Annotated[{kind}, Unwrapped({method.answer.type.member!r})]"
    if kind != "None":
        arguments.append(f"returns={value}")
    if method.paging is not None:
        renderer.module.imports.add("openwop.runtime", "Paging")
        arguments.append(f"paging={_paging(method, method.paging, renderer)}")
    bodies = _bodies(method, renderer) if renderer.config.client is not None else ""
    if bodies:
        arguments.append(f"errors={{{bodies}}}")
    if method.stream_end:
        arguments.append(f"stream_end={method.stream_end!r}")
    lines.append(f"{name}: Operation[{kind}] = Operation({', '.join(arguments)})")
    return [*lines, ""]


def _bodies(method: Method, renderer: Renderer) -> str:
    """Return the source of the types of error bodies, by status."""
    found: dict[int, str] = {}
    for way in method.ways.values():
        for status, kind in way.bodies.items():
            found[status] = renderer.type(kind)
    return ", ".join(f"{status}: {text}" for status, text in sorted(found.items()))


def _tuple(parts: list[str]) -> str:
    return tuple_source(parts) if parts else ""


def _is_many(kind: Type, declarations: Mapping[str, Declaration]) -> bool:
    """Tell whether a value of *kind* may be an array or an object."""
    if isinstance(kind, Named):
        declared = declarations[kind.name]
        return isinstance(declared, Object) or _is_many(declared.type, declarations)
    if isinstance(kind, OneOf):
        return any(_is_many(member, declarations) for member in kind.members)
    return isinstance(kind, (Items, Values)) or kind in (Plain("object"), Plain("json"))


def _parameters(method: Method, variant: str, declarations: Mapping[str, Declaration]) -> list[str]:
    return [
        _parameter(argument, spot, declarations)
        for argument in method.arguments
        for spot in argument.places.get(variant, ())
    ]


def _parameter(argument: Argument, spot: Spot, declarations: Mapping[str, Declaration]) -> str:
    parts = [repr(argument.name), repr(spot.wire), repr(spot.location)]
    if spot.style != "simple":
        parts.append(f"style={spot.style!r}")
    if spot.explode and (spot.location != "body" or spot.style != "simple"):
        parts.append("explode=True")
    if spot.required:
        parts.append("required=True")
    if spot.kind:
        parts.append(f"kind={spot.kind!r}")
    if argument.secret:
        parts.append("secret=True")
    if spot.content_type:
        parts.append(f"content_type={spot.content_type!r}")
    if argument.nullable:
        parts.append("nullable=True")
    if spot.location == "path" and _is_many(argument.type, declarations):
        parts.append("many=True")
    if spot.reserved:
        parts.append("reserved=True")
    return f"Parameter({', '.join(parts)})"


def _route(way: Way, parameters: str) -> str:
    parts = [repr(way.method), repr(way.path)]
    if parameters:
        parts.append(f"parameters={parameters}")
    for name, value, usual in (
        ("body", way.body, "none"),
        ("content_type", way.content_type, ""),
        ("answer", way.answer.kind, "json"),
        ("accept", way.answer.accept, ""),
        ("credential", way.credential, "required"),
        ("idempotency", way.idempotency, False),
        ("gate", way.gate, ""),
        ("optional", way.optional, False),
        ("section", way.section, ""),
        ("server", way.server, ""),
        ("optional_body", way.optional_body, False),
        ("security", way.security, ()),
    ):
        if value != usual:
            parts.append(f"{name}={value!r}")
    return f"Route({', '.join(parts)})"


def _paging(method: Method, page: Page, renderer: Renderer) -> str:
    names: dict[str, str] = {}
    kind = method.answer.type
    if isinstance(kind, Named):
        declared = renderer.api.declarations[kind.name]
        if isinstance(declared, Object):
            names = field_names(declared)
    places = {
        spot.wire: argument.name
        for argument in method.arguments
        for spots in argument.places.values()
        for spot in spots
    }
    parts = [f"items={names.get(page.items, page.items)!r}"]
    if page.style != "cursor":
        parts.append(f"style={page.style!r}")
    if page.argument:
        parts.append(f"argument={places.get(page.argument, page.argument)!r}")
    if page.next:
        dotted = ".".join(names.get(part, part) for part in page.next.split("."))
        parts.append(f"next={dotted!r}")
    if page.size:
        parts.append(f"size={places.get(page.size, page.size)!r}")
    if page.first:
        parts.append(f"first={page.first}")
    return f"Paging({', '.join(parts)})"
