"""The module of what the service sends: a typed reader per webhook and per callback."""

from __future__ import annotations

from openwop_codegen.config import Config
from openwop_codegen.docs import docstring
from openwop_codegen.ir import Api, Incoming
from openwop_codegen.names import constant, unique
from openwop_codegen.rendering import Module, Renderer

__all__ = ["emit_incoming"]

_TABLES = (("webhook", "WEBHOOKS", "webhook"), ("callback", "CALLBACKS", "callback"))


def _constant(name: str) -> str:
    made = constant(name)
    return f"{made}_" if made in {"WEBHOOKS", "CALLBACKS"} else made


def emit_incoming(api: Api, config: Config) -> Module:
    """Return the module of webhooks and callbacks."""
    doc = f"What {config.service} sends by itself: its webhooks and callbacks, typed."
    module = Module(name="webhooks", doc=doc)
    module.imports.add("collections.abc", "Mapping")
    module.imports.add("typing", "Any", "Final")
    module.imports.add("openwop.runtime.service", "Incoming")
    renderer = Renderer(api, config, module)
    names = unique(api.incoming, _constant)
    for name, one in api.incoming.items():
        module.body += _one(one, names[name], renderer)
    for kind, table, word in _TABLES:
        entries = [
            f"{name!r}: {names[name]}" for name, one in api.incoming.items() if one.kind == kind
        ]
        module.body += [
            f"{table}: Final[Mapping[str, Incoming[Any]]] = {{{', '.join(entries)}}}",
            f'"""Every {word} by its name."""',
            "",
        ]
    module.exported = [*names.values(), *(table for _, table, _ in _TABLES)]
    return module


def _one(one: Incoming, name: str, renderer: Renderer) -> list[str]:
    kind = "None" if one.type is None else renderer.type(one.type)
    if one.nullable and kind != "JSON":
        kind = f"{kind} | None"
    arguments = [repr(one.name), repr(one.method)]
    if one.type is not None:
        arguments.append(f"returns={kind}")
    if one.expression:
        arguments.append(f"address={one.expression!r}")
    if one.is_text:
        arguments.append("is_text=True")
    facts: list[str] = [one.description]
    if one.expression:
        facts.append(f"Sent to `{one.expression}`.")
    if one.parameters:
        facts.append(f"Carries {', '.join(f'`{told}`' for told in one.parameters)}.")
    if one.answers:
        facts.append(f"Answers: {'; '.join(told.rstrip('. ') for told in one.answers)}.")
    return [
        f"{name}: Final[Incoming[{kind}]] = Incoming({', '.join(arguments)})",
        *docstring(one.summary or f"The {one.kind} {one.name}.", facts, indent=""),
        "",
    ]
