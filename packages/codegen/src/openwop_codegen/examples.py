"""Examples of calls for the README: real arguments for every required parameter."""

from __future__ import annotations

from openwop_codegen.ir import (
    Alias,
    Api,
    External,
    Field,
    Items,
    Listed,
    Method,
    Named,
    Object,
    OneOf,
    Resource,
    Type,
    Values,
    Wrapped,
)

__all__ = ["example_of"]

_DEEPEST = 6
_PLAIN = {
    "str": '"..."',
    "int": "1",
    "float": "1.0",
    "bool": "True",
    "null": "None",
    "json": '{"key": "value"}',
    "object": '{"key": "value"}',
    "bytes": 'b"..."',
    "datetime": '"2026-01-01T00:00:00Z"',
    "date": '"2026-01-01"',
    "uuid": '"00000000-0000-4000-8000-000000000000"',
}


def example_of(resource: Resource, api: Api) -> list[str]:
    """Return the lines that call one method of *resource*: its plainest one."""
    methods = [method for method in resource.methods if not method.hand_written]
    if not methods:
        return []
    method = min(methods, key=lambda one: (_effort(one), one.mutates, one.name))
    parts: list[str] = []
    for argument in method.arguments:
        if not argument.required:
            continue
        value = _sample(argument.type, api, 0)
        in_path = any(s.location == "path" for spots in argument.places.values() for s in spots)
        parts.append(value if in_path else f"{argument.name}={value}")
    call = f"client.{resource.name}.{method.name}({', '.join(parts)})"
    if method.answer.kind in {"sse", "ndjson"}:
        return [f"with {call} as events:", "    for event in events:", "        print(event)"]
    if method.paging is not None:
        return [f"for item in {call}:", "    print(item)"]
    return [call] if method.answer.type is None else [f"print({call})"]


def _effort(method: Method) -> int:
    return sum(argument.required for argument in method.arguments)


def _sample(kind: Type, api: Api, depth: int) -> str:
    if isinstance(kind, Listed):
        return repr(kind.values[0])
    if isinstance(kind, Items):
        return f"[{_sample(kind.item, api, depth + 1)}]" if depth < _DEEPEST else "[]"
    if isinstance(kind, Values):
        return f'{{"key": {_sample(kind.value, api, depth + 1)}}}' if depth < _DEEPEST else "{}"
    if isinstance(kind, Wrapped):
        return _sample(kind.inner, api, depth)
    if isinstance(kind, OneOf):
        return _sample(kind.members[0], api, depth)
    if isinstance(kind, External):
        return "{}"
    if isinstance(kind, Named):
        return _named(kind.name, api, depth)
    return _PLAIN[kind.name]


def _named(name: str, api: Api, depth: int) -> str:
    declared = api.declarations[name]
    if isinstance(declared, Alias):
        return _sample(declared.type, api, depth + 1) if depth < _DEEPEST else "{}"
    parts = [
        f"{field.wire!r}: {_member(field, api, depth)}"
        for field in declared.fields
        if _is_needed(field, declared)
    ]
    return f"{{{', '.join(parts)}}}".replace("'", '"') if depth < _DEEPEST else "{}"


def _is_needed(field: Field, model: Object) -> bool:
    return set(field.required) >= set(model.variants) and field.access != "read"


def _member(field: Field, api: Api, depth: int) -> str:
    return _sample(field.type, api, depth + 1)
