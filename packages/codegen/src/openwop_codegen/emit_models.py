"""Model modules and modules of typed dictionaries."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Mapping, Sequence

import attrs

from openwop_codegen.build import named_types, reachable
from openwop_codegen.config import Config
from openwop_codegen.docs import docstring, sentence, shown_default, shown_limits
from openwop_codegen.ir import Alias, Api, Declaration, Field, Listed, Object, Plain
from openwop_codegen.names import FIELD_RESERVED, snake, unique
from openwop_codegen.rendering import Module, Renderer, limits_source, strings

__all__ = ["emit_models", "emit_params", "field_names", "settle_groups"]


def field_names(model: Object) -> dict[str, str]:
    """Return the Python name of each member of *model* by its name on the wire."""
    return unique(
        (field.wire for field in model.fields), lambda wire: snake(wire, reserved=FIELD_RESERVED)
    )


def settle_groups(api: Api) -> Api:
    """Return *api* with groups between which no import is circular.

    What groups share without needing any of them (enumerations, mostly) moves into a module of its
    own; groups that still need each other become one.
    """
    homes = _homes(api.declarations)
    moved = {
        name: attrs.evolve(declared, group=f"{homes[declared.group]}_shared")
        if len(_circle(homes, declared.group)) > 1 and _is_shared_leaf(declared, api.declarations)
        else declared
        for name, declared in api.declarations.items()
    }
    homes = _homes(moved)
    declarations = {
        name: attrs.evolve(declared, group=homes[declared.group])
        for name, declared in moved.items()
    }
    return attrs.evolve(api, declarations=declarations)


def _circle(homes: dict[str, str], group: str) -> set[str]:
    return {other for other, home in homes.items() if home == homes[group]}


def _homes(declarations: Mapping[str, Declaration]) -> dict[str, str]:
    """Return, for each group, the first of the groups that it shares a circle with."""
    needs: dict[str, set[str]] = {}
    for declared in declarations.values():
        own = needs.setdefault(declared.group, set())
        own.update(declarations[name].group for name in _parts(declared) if name in declarations)
    reach = {group: _closure(group, needs) for group in needs}
    return {
        group: min({group} | {other for other in reach[group] if group in reach[other]})
        for group in needs
    }


def _is_shared_leaf(declared: Declaration, declarations: Mapping[str, Declaration]) -> bool:
    """Tell whether other groups use *declared*, which needs no type itself."""
    if any(name in declarations for name in _parts(declared)):
        return False
    return any(
        declared.name in _parts(other)
        for other in declarations.values()
        if other.group != declared.group
    )


def _parts(declared: Declaration) -> Iterable[str]:
    if isinstance(declared, Alias):
        yield from named_types(declared.type)
    else:
        for field in declared.fields:
            yield from named_types(field.type)


def _closure(start: str, needs: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        for other in needs[waiting.pop()] - found:
            found.add(other)
            waiting.append(other)
    return found


def _by_group(declarations: Iterable[Declaration]) -> dict[str, list[Declaration]]:
    groups: dict[str, list[Declaration]] = {}
    for declared in sorted(declarations, key=lambda one: one.name):
        groups.setdefault(declared.group, []).append(declared)
    return dict(sorted(groups.items()))


def _title(group: str) -> str:
    return group.replace("_", " ")


# Models -----------------------------------------------------------------------------------------


def emit_models(api: Api, config: Config) -> list[Module]:
    """Return the modules of models, one per group."""
    modules: list[Module] = []
    for group, declared in _by_group(api.declarations.values()).items():
        doc = f"Models of {config.service}: {_title(group)}."
        module = Module(name=f"models.{group}", doc=doc)
        renderer = Renderer(api, config, module)
        aliases = [one for one in declared if isinstance(one, Alias)]
        listed = [one for one in aliases if isinstance(one.type, Listed)]
        for alias in listed:
            module.body += _alias(alias, renderer)
        for one in declared:
            if isinstance(one, Object):
                module.body += _model(one, renderer)
        module.body += _unions([one for one in aliases if one not in listed], renderer)
        module.exported = [one.name for one in declared]
        modules.append(module)
    return modules


def _unions(aliases: Sequence[Alias], renderer: Renderer) -> list[str]:
    """Return the unions in an order in which each is defined before its use, where it goes."""
    lines: list[str] = []
    waiting = list(aliases)
    renderer.unborn = {one.name for one in waiting}
    while waiting:
        ready = [one for one in waiting if not set(named_types(one.type)) & renderer.unborn]
        chosen = ready[0] if ready else waiting[0]
        waiting.remove(chosen)
        lines += _alias(chosen, renderer)
        renderer.unborn.discard(chosen.name)
    return lines


def _alias(alias: Alias, renderer: Renderer) -> list[str]:
    renderer.module.imports.add("typing", "TypeAlias")
    text = renderer.type(alias.type)
    if set(named_types(alias.type)) & renderer.unborn:
        renderer.module.imports.add("typing", "Annotated")
        renderer.module.imports.add("openwop.runtime.model", "Within")
        text = f"Annotated[{text}, Within(__name__)]"
    lines = [f"{alias.name}: TypeAlias = {text}"]
    if alias.doc:
        lines += docstring(alias.doc, indent="")
    return [*lines, ""]


def _model(model: Object, renderer: Renderer) -> list[str]:
    imports = renderer.module.imports
    imports.module("import attrs")
    imports.add("openwop.runtime.model", "Model")
    names = field_names(model)
    entries = [
        f"{names[field.wire]}: {_field_doc(field, model, renderer)}" for field in model.fields
    ]
    only = _only(model.variants, renderer)
    lines = ["@attrs.frozen(kw_only=True, repr=False)", f"class {model.name}(Model):"]
    doc = model.doc or "An object that is not described further."
    lines += docstring(doc, [only], [("Attributes", entries)])
    lines.append("")
    if model.closed:
        everywhere = set(model.closed) == set(model.variants)
        lines += [f"    __closed__ = {everywhere or strings(model.closed)}", ""]
    lines += [f"    {_field(field, names[field.wire], model, renderer)}" for field in model.fields]
    return [*lines, "", ""]


def _only(variants: tuple[str, ...], renderer: Renderer) -> str:
    """Return which variants have something, in words; empty where all have it."""
    if set(variants) == set(renderer.api.variants):
        return ""
    return f"{renderer.config.variant_word.capitalize()} {' and '.join(variants)} only."


def _field_doc(field: Field, model: Object, renderer: Renderer) -> str:
    parts = [sentence(field.doc or "Not described further")]
    limits = shown_limits(field.limits)
    if limits:
        parts.append(f"{limits[0].upper()}{limits[1:]}.")
    default = shown_default(field.default)
    if default:
        parts.append(f"Default: {default}.")
    if field.tri:
        parts.append("None stands for null, UNSET for absence.")
    if field.deprecated:
        parts.append("Deprecated.")
    if set(field.variants) != set(model.variants):
        parts.append(_only(field.variants, renderer))
    return " ".join(parts)


def _covers(where: tuple[str, ...], all_of: tuple[str, ...]) -> str:
    """Return the source of where something holds."""
    return "True" if set(where) >= set(all_of) else strings(where)


def _field(field: Field, name: str, model: Object, renderer: Renderer) -> str:
    required = set(field.required) >= set(model.variants) and not field.lenient
    annotation = renderer.type(field.type)
    facts: list[str] = [repr(field.wire)] if field.wire != name else []
    if field.required and not required:
        facts.append(f"required={_covers(field.required, model.variants)}")
    any_value = field.type == Plain("json")
    if field.nullable and not any_value:
        facts.append(f"nullable={_covers(field.nullable, field.variants)}")
    if set(field.variants) != set(model.variants):
        facts.append(f"only={strings(field.variants)}")
    limits = limits_source(field.limits)
    if limits:
        renderer.module.imports.add("openwop.runtime.model", "Limits")
        facts.append(f"limits={limits}")
    if field.sibling is not None:
        facts.append(f"sibling={renderer.tag(field.sibling)}")
    default = ""
    if not any_value and (not required or field.nullable):
        annotation += " | None"
    if not required:
        default = "default=None"
        if field.tri:
            renderer.module.imports.add("openwop.runtime.model", "UNSET", "Unset")
            annotation = f"{annotation.removesuffix(' | None')} | Unset"
            annotation += "" if any_value else " | None"
            default = "default=UNSET"
    arguments = [default] if default else []
    if field.secret:
        arguments.append("repr=False")
    if facts:
        renderer.module.imports.add("openwop.runtime.model", "on_wire")
        arguments.append(f"metadata=on_wire({', '.join(facts)})")
    if not arguments:
        return f"{name}: {annotation}"
    if arguments == [default]:
        return f"{name}: {annotation} = {default.removeprefix('default=')}"
    return f"{name}: {annotation} = attrs.field({', '.join(arguments)})"


# Typed dictionaries -----------------------------------------------------------------------------


def inputs(api: Api) -> set[str]:
    """Return the names of the types that arguments are made of."""
    roots = [
        name
        for resource in api.resources.values()
        for method in resource.methods
        for argument in method.arguments
        for name in named_types(argument.type)
    ]
    return reachable(roots, api.declarations)


def emit_params(api: Api, config: Config) -> list[Module]:
    """Return the modules of typed dictionaries, one per group that arguments are made of."""
    modules: list[Module] = []
    wanted = inputs(api)
    chosen = [
        one for one in api.declarations.values() if isinstance(one, Object) and one.name in wanted
    ]
    for group, declared in _by_group(chosen).items():
        doc = f"Arguments of {config.service} as typed dictionaries: {_title(group)}."
        module = Module(name=f"params.{group}", doc=doc)
        renderer = Renderer(api, config, module)
        for one in declared:
            if isinstance(one, Object):
                module.body += _typed_dict(one, renderer)
        module.exported = [f"{one.name}Param" for one in declared]
        modules.append(module)
    return modules


def _typed_dict(model: Object, renderer: Renderer) -> list[str]:
    renderer.module.imports.add("typing", "TypedDict")
    fields = [field for field in model.fields if field.access != "read"]
    entries = [f"{field.wire}: {_field_doc(field, model, renderer)}" for field in fields]
    doc = docstring(
        model.doc or "An object that is not described further.",
        ["The keys are the names on the wire.", _only(model.variants, renderer)],
        [("Attributes", entries)],
    )
    members = [(field.wire, _entry(field, model, renderer)) for field in fields]
    if all(wire.isidentifier() and not keyword.iskeyword(wire) for wire, _ in members):
        lines = [f"class {model.name}Param(TypedDict, total=False):", *doc, ""]
        return [*lines, *(f"    {wire}: {text}" for wire, text in members), "", ""]
    name = f"{model.name}Param"
    inner = ", ".join(f"{wire!r}: {text!r}" for wire, text in members)
    lines = [f"{name} = TypedDict({name!r}, {{{inner}}}, total=False)"]
    return [*lines, *(line.removeprefix("    ") for line in doc), "", ""]


def _entry(field: Field, model: Object, renderer: Renderer) -> str:
    text = renderer.type(field.type, "input")
    if field.nullable and field.type != Plain("json"):
        text += " | None"
    if set(field.required) >= set(model.variants):
        renderer.module.imports.add("typing", "Required")
        return f"Required[{text}]"
    return text
