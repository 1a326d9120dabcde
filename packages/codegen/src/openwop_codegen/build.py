"""From documents to one service: reading every variant, and making one of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import attrs

from openwop_codegen.config import Config, OperationConfig
from openwop_codegen.diagnostics import GeneratorError, Report
from openwop_codegen.inlining import equal_models, renamed_incoming, renamed_method
from openwop_codegen.ir import (
    Alias,
    Answer,
    Api,
    Argument,
    Declaration,
    Incoming,
    Items,
    Method,
    Named,
    OneOf,
    Resource,
    Type,
    Values,
    Wrapped,
)
from openwop_codegen.loader import Loader
from openwop_codegen.merging import merge_declarations, merge_limits, merge_types, settle_tags
from openwop_codegen.names import snake
from openwop_codegen.naming import Candidate, automatic_names
from openwop_codegen.operations import Found, OperationReader
from openwop_codegen.overlays import overlaid

__all__ = ["build", "named_types", "reachable"]


def build(config: Config, report: Report, loader: Loader | None = None) -> Api:
    """Return the service that the documents of *config* describe.

    Args:
        config: The configuration.
        report: What takes the findings.
        loader: What reads the documents.

    Raises:
        GeneratorError: A document cannot be read or contradicts itself.
    """
    loader = loader or config.loader()
    for overlay in config.overlays:
        for document in config.documents.values():
            loader.add(document, overlaid(loader.document(document), loader.open(overlay), report))
    readers = {
        variant: OperationReader(config, report, variant, loader) for variant in config.variants
    }
    found: dict[str, dict[str, Found]] = {}
    docs: dict[str, str] = dict(config.docs)
    for variant, reader in readers.items():
        for operation in reader.operations():
            variants = found.setdefault(operation.id, {})
            if variant in variants and config.automatic:
                again = attrs.evolve(operation, id=_another(operation, found))
                report.note(operation.way.where, "renamed", f"{operation.id} is taken; {again.id}")
                found[again.id] = {variant: again}
                continue
            if variant in variants:
                message = (
                    f"the operationId {operation.id} is taken by {variants[variant].way.where}"
                )
                raise GeneratorError(message, operation.way.where)
            variants[variant] = operation
        for tag in reader.root.elements("tags"):
            name, doc = str(tag.get("name")), tag.get("description")
            if doc and snake(name) not in docs:
                docs[snake(name)] = str(doc).strip()
    _check_settings(config, found)
    declarations = merge_declarations(
        [reader.schemas.declarations for reader in readers.values()], report
    )
    components = {
        name: key
        for reader in readers.values()
        for name, key in reader.schemas.component_names.items()
    }
    declarations = settle_tags(declarations, components)
    named = _automatic(found, config, report) if config.automatic else {}
    methods = [_method(op, ways, config, report, named.get(op, "")) for op, ways in found.items()]
    incoming = _incoming([reader.incoming for reader in readers.values()], report)
    if config.automatic:
        inline = {name for reader in readers.values() for name in reader.schemas.inline}
        declarations, names = equal_models(declarations, inline)
        methods = [renamed_method(method, names) for method in methods]
        incoming = {name: renamed_incoming(one, names) for name, one in incoming.items()}
        for name, other in sorted(names.items()):
            report.note(other, "merged", f"{name} is equal, and is this one too")
    if config.groups == "usage":
        declarations = _grouped(declarations, methods, incoming.values())
    return Api(
        variants=config.variants,
        declarations=declarations,
        resources=_resources(methods, docs, report),
        incoming=incoming,
    )


def _another(operation: Found, taken: Mapping[str, object]) -> str:
    """Return an id for an operation whose own is taken, made of its method and path."""
    made = snake(f"{operation.way.method} {operation.way.path}")
    while made in taken:
        made = f"{made}_"
    return made


def _check_settings(config: Config, found: Mapping[str, object]) -> None:
    told = {*config.operations, *config.streams, *config.paging}
    unknown = sorted(told - set(found))
    if unknown:
        message = f"no document has the operations {', '.join(unknown)} of the configuration"
        raise GeneratorError(message)


# Methods ----------------------------------------------------------------------------------------


def _automatic(
    found: Mapping[str, Mapping[str, Found]], config: Config, report: Report
) -> dict[str, str]:
    """Return names for the operations that the configuration does not name."""
    wanting: list[Candidate] = []
    for op, ways in found.items():
        newest = list(ways.values())[-1]
        if not config.operations.get(op, OperationConfig()).name:
            wanting.append(Candidate(op, newest.tag, newest.way.path, newest.way.where))
    return automatic_names(wanting, report)


def _method(
    op: str, ways: Mapping[str, Found], config: Config, report: Report, named: str = ""
) -> Method:
    settings = config.operations.get(op, OperationConfig())
    newest = list(ways.values())[-1]
    dotted = settings.name or named or f"{snake(newest.tag)}.{snake(op)}"
    resource, _, name = dotted.rpartition(".")
    if not resource:
        message = f"the name {dotted!r} of {op} has no resource before its dot"
        raise GeneratorError(message, newest.way.where)
    paging = newest.paging or next((one.paging for one in ways.values() if one.paging), None)
    return Method(
        id=op,
        resource=resource,
        name=name,
        ways={variant: one.way for variant, one in ways.items()},
        arguments=_arguments(op, ways, report),
        answer=_answer([one.way.answer for one in ways.values()], op, newest.way.where, report),
        paging=paging,
        hand_written=settings.hand_written,
        deprecated=all(one.deprecated for one in ways.values()),
        stream_end=config.streams[op].end if op in config.streams else "",
    )


def _answer(answers: Sequence[Answer], op: str, where: str, report: Report) -> Answer:
    merged = answers[0]
    for new in answers[1:]:
        kinds = {merged.kind, new.kind} - {"none"}
        if len(kinds) > 1:
            report.error(where, "merged", f"{op} answers {merged.kind} here and {new.kind} there")
        if merged.type is None or new.type is None:
            kind = new.type or merged.type
        else:
            kind = merge_types(merged.type, new.type)
            if kind not in (merged.type, new.type):
                report.note(where, "merged", f"the variants answer {op} differently")
        merged = attrs.evolve(
            new,
            kind=kinds.pop() if kinds else "none",
            type=kind,
            nullable=merged.nullable or new.nullable or (merged.kind != new.kind),
        )
    return merged


def _arguments(op: str, ways: Mapping[str, Found], report: Report) -> tuple[Argument, ...]:
    """Return the arguments of all variants: those of the newest first, in their order."""
    merged: dict[str, Argument] = {}
    for found in reversed(list(ways.values())):
        for argument in found.arguments:
            known = merged.get(argument.name)
            merged[argument.name] = (
                argument if known is None else _merged_argument(argument, known, op, report)
            )
    arguments = [
        attrs.evolve(
            one,
            required=one.required and set(one.places) == set(ways),
            places={variant: one.places[variant] for variant in ways if variant in one.places},
        )
        for one in merged.values()
    ]

    def rank(argument: Argument) -> int:
        locations = {spot.location for spots in argument.places.values() for spot in spots}
        if "path" in locations:
            return 0
        if argument.required:
            return 1
        return 3 if locations <= {"header", "cookie"} else 2

    return tuple(sorted(arguments, key=rank))


def _merged_argument(old: Argument, new: Argument, op: str, report: Report) -> Argument:
    kind = merge_types(old.type, new.type)
    if kind not in (old.type, new.type):
        report.note(op, "merged", f"the variants type the argument {new.name} differently")
    return attrs.evolve(
        new,
        type=kind,
        doc=new.doc or old.doc,
        places={**old.places, **new.places},
        nullable=old.nullable or new.nullable,
        required=old.required and new.required,
        default=new.default if new.default == old.default else None,
        preset=new.preset or old.preset,
        limits=merge_limits(old.limits, new.limits),
        secret=old.secret or new.secret,
        deprecated=old.deprecated and new.deprecated,
        annotation=new.annotation or old.annotation,
    )


def _resources(
    methods: Sequence[Method], docs: Mapping[str, str], report: Report
) -> dict[str, Resource]:
    by_name: dict[str, dict[str, Method]] = {}
    for method in methods:
        parts = method.resource.split(".")
        for depth in range(1, len(parts) + 1):
            by_name.setdefault(".".join(parts[:depth]), {})
        known = by_name[method.resource]
        if method.name in known:
            where = next(iter(method.ways.values())).where
            message = (
                f"{method.resource}.{method.name} is both {known[method.name].id} and {method.id}"
            )
            report.error(where, "named", message)
        known[method.name] = method
    return {
        name: Resource(
            name=name,
            doc=docs.get(name, ""),
            methods=tuple(own[key] for key in sorted(own)),
            children=tuple(
                sorted(
                    other
                    for other in by_name
                    if other.startswith(f"{name}.") and other.count(".") == name.count(".") + 1
                )
            ),
        )
        for name, own in sorted(by_name.items())
    }


# Which types a method needs ---------------------------------------------------------------------


def named_types(kind: Type | None) -> Iterable[str]:
    """Iterate over the names of the declared types in *kind*."""
    if isinstance(kind, Named):
        yield kind.name
    elif isinstance(kind, Items):
        yield from named_types(kind.item)
    elif isinstance(kind, Values):
        yield from named_types(kind.value)
    elif isinstance(kind, Wrapped):
        yield from named_types(kind.inner)
    elif isinstance(kind, OneOf):
        for member in kind.members:
            yield from named_types(member)


def _parts(declared: Declaration) -> Iterable[str]:
    if isinstance(declared, Alias):
        yield from named_types(declared.type)
    else:
        for field in declared.fields:
            yield from named_types(field.type)


def reachable(names: Iterable[str], declarations: Mapping[str, Declaration]) -> set[str]:
    """Return *names* and the names of all types that they are made of."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        declared = declarations.get(name)
        if declared is not None and name not in found:
            found.add(name)
            waiting += _parts(declared)
    return found


def _incoming(parts: Iterable[Iterable[Incoming]], report: Report) -> dict[str, Incoming]:
    """Return what all variants send, each under a name of its own, sorted by it."""
    found: dict[str, Incoming] = {}
    for part in parts:
        own: dict[str, Incoming] = {}
        for one in part:
            name, number = one.name, 2
            while name in own:
                name = f"{one.name}.{number}"
                number += 1
            if name != one.name:
                report.note(one.where, "renamed", f"{one.name} is taken, so this is {name}")
            own[name] = attrs.evolve(one, name=name)
        for name, one in own.items():
            old = found.get(name)
            if old is not None:
                kinds = [kind for kind in (old.type, one.type) if kind is not None]
                one = attrs.evolve(  # what both variants send, in one
                    one,
                    type=merge_types(kinds[0], kinds[-1]) if kinds else None,
                    nullable=old.nullable or one.nullable or len(kinds) == 1,
                    variants=(*old.variants, *one.variants),
                )
            found[name] = one
    return dict(sorted(found.items()))


def _grouped(
    declarations: Mapping[str, Declaration],
    methods: Sequence[Method],
    incoming: Iterable[Incoming] = (),
) -> dict[str, Declaration]:
    """Return *declarations*, each in the module of the resource that uses it, or a shared one."""
    users: dict[str, set[str]] = {}
    for method in methods:
        roots = [name for argument in method.arguments for name in named_types(argument.type)]
        roots += named_types(method.answer.type)
        for way in method.ways.values():
            roots += [name for kind in way.bodies.values() for name in named_types(kind)]
        if method.paging is not None:
            roots += named_types(method.paging.item)
        for name in reachable(roots, declarations):
            users.setdefault(name, set()).add(method.resource.replace(".", "_"))
    sent = [name for one in incoming for name in named_types(one.type)]
    for name in reachable(sent, declarations):
        users.setdefault(name, set()).add("webhooks")
    return {
        name: attrs.evolve(
            declared,
            group=next(iter(users[name])) if len(users.get(name, ())) == 1 else "shared",
        )
        for name, declared in declarations.items()
    }
