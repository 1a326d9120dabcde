"""Resource classes in both colours, and their views."""

from __future__ import annotations

from collections.abc import Sequence

from openwop_codegen.config import Config
from openwop_codegen.docs import docstring, sentence, shown_default, shown_limits, wrapped
from openwop_codegen.emit_operations import operation_name, returned
from openwop_codegen.ir import Api, Argument, Method, Plain, Resource
from openwop_codegen.names import pascal
from openwop_codegen.rendering import Module, Renderer

__all__ = ["class_name", "emit_resources", "emit_views", "public_methods"]


def class_name(api: Api, resource: str, prefix: str = "") -> str:
    """Return the name of the class of the resource with the dotted name *resource*.

    Args:
        api: The service; a type of it, or the client itself, keeps the name that it has already.
        resource: The dotted name.
        prefix: What comes before the name: `Async`, `Raw`.
    """
    words = resource.replace(".", "_").split("_")
    name = pascal("".join(word[:1].upper() + word[1:] for word in words))
    is_taken = name in _GATHERED or bool({name, f"Async{name}"} & set(api.declarations))
    return f"{prefix}{name}Resource" if is_taken else f"{prefix}{name}"


# The classes that gather the resources: with each prefix, `Resources`.
_GATHERED = frozenset(
    f"{prefix}Resources" for prefix in ("", "Async", "Raw", "AsyncRaw", "Streamed", "AsyncStreamed")
)


def public_methods(resource: Resource) -> list[Method]:
    """Return the methods that are generated, without those that are written by hand."""
    return [method for method in resource.methods if not method.hand_written]


def emit_resources(api: Api, config: Config) -> list[Module]:
    """Return the modules of resources; each holds a blocking and an asynchronous class."""
    modules: list[Module] = []
    for resource in api.resources.values():
        name = resource.name.replace(".", "_")
        doc = f"The resource `{resource.name}` of {config.service}, blocking and asynchronous."
        module = Module(name=f"resources.{name}", doc=doc)
        hidden = frozenset(method.name for method in resource.methods) & _BUILTINS
        renderer = Renderer(api, config, module, hidden)
        if public_methods(resource):
            package = f"{config.package}.operations"
            module.imports.module(f"from {package} import {name} as ops")
        for is_async in (False, True):
            module.body += _class(resource, renderer, is_async=is_async)
        module.exported = [class_name(api, resource.name, one) for one in ("", "Async")]
        modules.append(module)
    return modules


_BUILTINS = frozenset({"bool", "bytes", "dict", "float", "int", "list", "object", "str"})


def _class(resource: Resource, renderer: Renderer, *, is_async: bool) -> list[str]:
    base = "BaseAsyncClient" if is_async else "BaseClient"
    renderer.module.imports.add("openwop.runtime", base)
    prefix = "Async" if is_async else ""
    doc = resource.doc or f"The operations of {resource.name}."
    arguments = ["client: The client that sends."]
    lines = [f"class {class_name(renderer.api, resource.name, prefix)}:"]
    lines += docstring(doc, [], [("Args", arguments)])
    lines += [
        "",
        f"    def __init__(self, client: {base}) -> None:",
        "        self._client = client",
    ]
    for child in resource.children:
        lines += ["", *_child(child, renderer, prefix)]
    for method in public_methods(resource):
        lines += ["", *_method(method, renderer, is_async=is_async)]
    return [*lines, "", ""]


def _child(child: str, renderer: Renderer, prefix: str) -> list[str]:
    renderer.module.imports.add("functools", "cached_property")
    cls = class_name(renderer.api, child, prefix)
    package = f"{renderer.config.package}.resources.{child.replace('.', '_')}"
    renderer.module.imports.add(package, cls)
    attribute = child.rpartition(".")[2]
    return [
        "    @cached_property",
        f"    def {attribute}(self) -> {cls}:",
        f'        """The operations of {child}."""',
        f"        return {cls}(self._client)",
    ]


# Methods ----------------------------------------------------------------------------------------


def annotation(argument: Argument, renderer: Renderer) -> str:
    """Return the annotation of *argument*, with what stands for its absence."""
    if argument.annotation:
        text = argument.annotation
    else:
        text = renderer.type(argument.type, "input")
    any_value = argument.type == Plain("json") and not argument.annotation
    if argument.required:
        return f"{text} | None" if argument.nullable and not any_value else text
    if argument.preset:
        return f"{text} | None"
    if argument.nullable:
        renderer.module.imports.add("openwop.runtime", "UNSET", "Unset")
        text += " | Unset"
    return text if any_value else f"{text} | None"


def _parameter(argument: Argument, renderer: Renderer) -> str:
    text = f"{argument.name}: {annotation(argument, renderer)}"
    if argument.required:
        return text
    if argument.preset:
        return f"{text} = {argument.preset}"
    return f"{text} = UNSET" if argument.nullable else f"{text} = None"


def _is_path(argument: Argument) -> bool:
    return any(spot.location == "path" for spots in argument.places.values() for spot in spots)


def signature(method: Method, renderer: Renderer) -> list[str]:
    """Return the parameters of *method*, from `self` to its options."""
    parts = ["self"]
    paths = [one for one in method.arguments if _is_path(one)]
    others = [one for one in method.arguments if not _is_path(one)]
    parts += [_parameter(one, renderer) for one in paths]
    if others:
        parts.append("*")
    parts += [_parameter(one, renderer) for one in others]
    options = "MutationOptions" if method.mutates else "CallOptions"
    renderer.module.imports.add("openwop.runtime", options)
    renderer.module.imports.add("typing", "Unpack")
    parts.append(f"**options: Unpack[{options}]")
    return parts


def _method(method: Method, renderer: Renderer, *, is_async: bool) -> list[str]:
    kind = returned(method, renderer)
    call, result, awaited = "perform", kind, is_async
    if method.paging is not None:
        pager = "AsyncPager" if is_async else "Pager"
        renderer.module.imports.add("openwop.runtime", pager)
        call, awaited = "paginate", False
        result = f"{pager}[{renderer.type(method.paging.item)}, {kind}]"
    elif method.answer.kind in {"sse", "ndjson"}:
        stream = "AsyncStream" if is_async else "Stream"
        renderer.module.imports.add("openwop.runtime", stream)
        call, awaited = "open_stream", False
        result = f"{stream}[{kind}]"
    word = "async def" if awaited else "def"
    parts = ", ".join(signature(method, renderer))
    lines = [f"    {word} {method.name}({parts}) -> {result}:"]
    lines += _method_doc(method, renderer)
    arguments = ", ".join(f"{one.name!r}: {one.name}" for one in method.arguments)
    name = operation_name(method, renderer.api)
    sent = f"self._client.{call}(ops.{name}, {{{arguments}}}, options)"
    sent = f"await {sent}" if awaited else sent
    lines.append(f"        {sent}" if result == "None" else f"        return {sent}")
    return lines


def _method_doc(method: Method, renderer: Renderer) -> list[str]:
    ways = list(method.ways.items())
    newest = ways[-1][1]
    paragraphs = [newest.description]
    word = renderer.config.variant_word.capitalize()
    for variant, way in ways[:-1]:
        if way.description and way.description != newest.description:
            paragraphs.append(f"{word} {variant}: {way.description}")
    if method.deprecated:
        paragraphs.append("Deprecated.")
    entries = [f"{one.name}: {_argument_doc(one, method, renderer)}" for one in method.arguments]
    if method.mutates:
        entries.append(
            "**options: `timeout`, `deadline`, `retry`, `idempotency_key`, `extra_headers`, "
            "`extra_query` and `extra_body` of this call."
        )
    else:
        entries.append(
            "**options: `timeout`, `deadline`, `retry`, `extra_headers` and `extra_query` of this "
            "call."
        )
    sections: list[tuple[str, Sequence[str]]] = [("Args", entries)]
    if method.answer.type is not None:
        sections.append(("Returns", [_returns_doc(method)]))
    sections.append(("Raises", _raises(method, renderer)))
    facts = _facts(method, renderer)
    lines = docstring(newest.summary or f"{method.id}.", paragraphs, sections, indent=" " * 8)
    if not facts:
        return lines
    if len(lines) == 1:
        lines = [lines[0].removesuffix('"""'), '        """']
    closing = lines.pop()
    heading = f"        {renderer.config.service}:"
    listed = [line for fact in facts for line in wrapped(fact, " " * 12, hanging="    ")]
    return [*lines, "", heading, *listed, closing]


def _returns_doc(method: Method) -> str:
    text = sentence(method.answer.doc or "The answer.")
    if method.paging is not None:
        return f"{text} Iterating fetches the following pages; `pages()` gives them one by one."
    if method.answer.kind in {"sse", "ndjson"}:
        return f"{text} Connects on first use; leave it through `with`."
    return text


def _argument_doc(argument: Argument, method: Method, renderer: Renderer) -> str:
    parts = [sentence(argument.doc or "Not described further")]
    limits = shown_limits(argument.limits)
    if limits:
        parts.append(f"{limits[0].upper()}{limits[1:]}.")
    default = shown_default(argument.default)
    if default and not argument.preset:
        parts.append(f"Default of the service: {default}.")
    if argument.nullable:
        parts.append("None is sent as null.")
    if argument.deprecated:
        parts.append("Deprecated.")
    missing = set(method.ways) - set(argument.places)
    if missing:
        word = renderer.config.variant_word.capitalize()
        parts.append(f"{word} {' and '.join(argument.places)} only.")
    return " ".join(parts)


def _raises(method: Method, renderer: Renderer) -> list[str]:
    config = renderer.config
    codes: dict[int, dict[str, None]] = {}
    for way in reversed(list(method.ways.values())):
        for status, named in way.errors.items():
            if status not in config.hidden_statuses:
                codes.setdefault(status, {}).update(dict.fromkeys(named))
    entries: list[str] = []
    for status, told in sorted(codes.items()):
        listed = ", ".join(f"`{code}`" for code in list(told)[:12])
        more = f" and {len(told) - 12} more" if len(told) > 12 else ""
        entries.append(
            f"{config.error_class(status)}: {status}{f', {listed}' if listed else ''}{more}."
        )
    return entries


def _facts(method: Method, renderer: Renderer) -> list[str]:
    """Return where the operation comes from, and what it needs, per variant."""
    word = renderer.config.variant_word.capitalize()
    facts: list[str] = []
    for variant, way in method.ways.items():
        parts = [f"`{way.method} {way.path}`"]
        if way.section:
            parts.append(way.section)
        if way.gate:
            parts.append(f"capability `{way.gate}`")
        if way.scopes:
            parts.append(f"scope {' and '.join(f'`{one}`' for one in way.scopes)}")
        elif way.credential == "none":
            parts.append("no credential")
        if way.optional:
            parts.append("a host may lack it")
        head = f"{word} {variant}: " if variant else ""
        facts.append(f"{head}{', '.join(parts)}.")
    absent = [variant for variant in renderer.api.variants if variant not in method.ways]
    return [*facts, *(f"{word} {variant}: not there." for variant in absent)]


# Views ------------------------------------------------------------------------------------------

_VIEWS = (
    ("Raw", "", "as_raw", "whole answers"),
    ("AsyncRaw", "Async", "as_raw_async", "whole answers"),
    ("Streamed", "", "as_streamed", "unread answers"),
    ("AsyncStreamed", "Async", "as_streamed_async", "unread answers"),
)


def viewed(resource: Resource) -> list[Method]:
    """Return the methods that the views have: all but those that open a stream."""
    return [
        method for method in public_methods(resource) if method.answer.kind not in {"sse", "ndjson"}
    ]


def _view_function(method: Method, function: str, module: Module) -> str:
    """Return the function that makes *method* one of a view, imported."""
    if method.paging is None:
        module.imports.add("openwop.runtime", function)
        return function
    stem, mark, _ = function.partition("_async")
    paged = f"{stem}_page{mark}"
    module.imports.add("openwop.runtime.views", paged)
    return paged


def emit_views(api: Api, config: Config) -> list[Module]:
    """Return the modules of the views of resources, raw and streamed, in both colours."""
    modules: list[Module] = []
    for resource in api.resources.values():
        name = resource.name.replace(".", "_")
        doc = f"The resource `{resource.name}` of {config.service}, with raw or unread answers."
        module = Module(name=f"views.{name}", doc=doc)
        own = viewed(resource)
        for prefix, colour, function, what in _VIEWS:
            base = class_name(api, resource.name, colour)
            cls = class_name(api, resource.name, prefix)
            module.imports.add(f"{config.package}.resources.{name}", base)
            lines = [f"class {cls}:"]
            lines += docstring(
                f"The methods of `{base}`, which here return {what}.",
                [],
                [("Args", ["resource: The resource, of a client in the mode of this view."])],
            )
            lines += ["", f"    def __init__(self, resource: {base}) -> None:"]
            for child in resource.children:
                child_cls = class_name(api, child, prefix)
                package = f"{config.package}.views.{child.replace('.', '_')}"
                module.imports.add(package, child_cls)
                attribute = child.rpartition(".")[2]
                lines.append(f"        self.{attribute} = {child_cls}(resource.{attribute})")
            for method in own:
                view = _view_function(method, function, module)
                lines.append(f"        self.{method.name} = {view}(resource.{method.name})")
            if not own and not resource.children:
                lines.append("        self._resource = resource")
            module.body += [*lines, "", ""]
            module.exported.append(cls)
        modules.append(module)
    return modules
