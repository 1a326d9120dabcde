"""Emitting the models of payloads: attrs classes with a `from_dict` written out."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

from openwop_codegen.events import Catalogue, Member, Shape, snake_case

__all__ = ["emit_payload_module", "payload_index"]

_KINDS: Mapping[str, tuple[str, str]] = {
    "string": ("str", "str"),
    "integer": ("int", "int"),
    "number": ("float", "number"),
    "boolean": ("bool", "bool"),
    "object": ("dict[str, JSON]", "object"),
    "array": ("list[JSON]", "array"),
}
_CHECKS: Mapping[str, tuple[str, ...]] = {
    "string": ("str",),
    "integer": ("int",),
    "number": ("float", "int"),
    "boolean": ("bool",),
    "object": ("dict",),
    "array": ("list",),
}
_ANYTHING = 6  # so many types mean "any JSON value"


def emit_payload_module(
    domain: str, catalogue: Catalogue, package: str, variant: str, documents: Mapping[str, str]
) -> str:
    """Return the source of the module of *domain*.

    Args:
        domain: The module.
        catalogue: All shapes.
        package: The import name of the generated package.
        variant: How a variant is called in docstrings, with `{}` for it.
        documents: How a section of each variant's reference is cited, with `{}` for it.
    """
    shapes = [shape for shape in catalogue.shapes.values() if shape.domain == domain]
    shapes.sort(key=lambda shape: (shape.name.endswith("Payload"), 0))
    shapes = _in_order(shapes)
    borrowed = sorted(
        {
            member.model
            for shape in shapes
            for member in shape.members
            if member.model and catalogue.shapes[member.model].domain != domain
        }
    )
    title = catalogue.domains.get(domain, "Shapes of several domains")
    helpers = "Payload, as_members, as_string_map, as_strings, blank, check_payload, nested, "
    lines = [
        f'"""What events carry.  {title}."""',
        "",
        "# ruff: noqa: PYI051  # the listed values are there for editors; any other is read too",
        "from __future__ import annotations",
        "",
        "from collections.abc import Mapping",
        "from typing import Any, Final, Literal, Self",
        "",
        "import attrs",
        "",
    ]
    if borrowed:
        lines.append(f"from {package}.payloads.shared import ({', '.join(borrowed)})")
    lines += [
        "from openwop.runtime._model import JSON, on_wire",
        "from openwop.runtime._operation import UNSET, Unset",
        f"from openwop.runtime._payload import ({helpers}nested_list, set_extra, undeclared)",
        "from openwop.runtime._structure import as_integer, mismatch",
        "",
        f"__all__ = {sorted(shape.name for shape in shapes)!r}",
    ]
    for shape in shapes:
        places = [documents[v].format(s) for v, s in shape.sections.items()]
        lines += ["", "", *_class(shape, catalogue.variants, package, variant, places)]
    return "\n".join(lines) + "\n"


def _in_order(shapes: list[Shape]) -> list[Shape]:
    """Return *shapes* so that each comes after those that it is made of."""
    by_name = {shape.name: shape for shape in shapes}
    ordered: dict[str, Shape] = {}

    def place(shape: Shape, above: frozenset[str]) -> None:
        if shape.name in ordered or shape.name in above:
            return
        for member in shape.members:
            if member.model in by_name:
                place(by_name[member.model], above | {shape.name})
        ordered[shape.name] = shape

    for shape in shapes:
        place(shape, frozenset())
    return list(ordered.values())


def _class(
    shape: Shape, variants: tuple[str, ...], package: str, variant: str, places: list[str]
) -> list[str]:
    constant = f"_{snake_case(shape.name).upper()}"
    lines = [
        f"{constant}: Final[frozenset[str]] = frozenset({sorted(m.wire for m in shape.members)!r})",
        "",
        "",
        "@attrs.frozen(kw_only=True, repr=False, slots=False)",
        f"class {shape.name}(Payload):",
        f'    """{shape.description}',
    ]
    if shape.members:
        lines += ["", "    Attributes:"]
        for member in shape.members:
            lines += _wrapped(f"{member.name}: {_documented(member, variants, variant)}", 8, 12)
    lines += ["", *_wrapped(f"Section: {'; '.join(places)}.", 4, 4), '    """', ""]
    for member in shape.members:
        lines.append(f"    {member.name}: {_annotation(member)} = {_field(member)}")
    return [*lines, "", *_from_dict(shape, constant, package)]


def _wrapped(text: str, first: int, following: int) -> list[str]:
    return textwrap.wrap(
        text,
        98,
        initial_indent=" " * first,
        subsequent_indent=" " * following,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _documented(member: Member, variants: tuple[str, ...], variant: str) -> str:
    text = member.description
    if member.variants != variants:
        text += f" {variant.format(' and '.join(member.variants)).capitalize()} only."
    if member.required == member.variants:
        text += " Required."
    elif member.required:
        text += f" Required in {variant.format(' and '.join(member.required))}."
    return text


def _types(schema: Mapping[str, Any]) -> list[str]:
    """Return the JSON types of *schema* but null; none where any value will do."""
    kinds = schema.get("type", [])
    named = [kinds] if isinstance(kinds, str) else list(kinds)
    return [] if len(named) >= _ANYTHING else [kind for kind in named if kind != "null"]


def _values(schema: Mapping[str, Any]) -> str:
    """Return the annotation of one value of *schema*."""
    listed = schema.get("enum") or next(
        (choice["enum"] for choice in schema.get("anyOf", []) if "enum" in choice), None
    )
    if listed:
        return f"Literal[{', '.join(repr(value) for value in listed)}] | str"
    kinds = _types(schema)
    return " | ".join(_KINDS[kind][0] for kind in kinds) if kinds else "JSON"


def _is_any(member: Member) -> bool:
    return not member.model and not _types(member.schema)


def _null_differs(member: Member) -> bool:
    """Whether null is a value of the member rather than another way to leave it out."""
    return _is_any(member) or bool(member.schema.get("x-openwop-nullable-meaning"))


def _annotation(member: Member) -> str:
    schema = member.schema
    if _is_any(member):
        return "JSON | Unset"
    if _null_differs(member):
        return f"{_values(schema)} | Unset | None"
    if schema.get("type") == "array" and "items" in schema:
        inner = member.model or _values(schema["items"])
        return f"list[{inner}] | None"
    if member.model:
        return f"{member.model} | None"
    if isinstance(schema.get("additionalProperties"), dict):
        return f"dict[str, {_values(schema['additionalProperties'])}] | None"
    return f"{_values(schema)} | None"


def _field(member: Member) -> str:
    default = "UNSET" if _null_differs(member) else "None"
    if member.name == member.wire:
        return default
    return f"attrs.field(default={default}, metadata=on_wire({member.wire!r}))"


def _from_dict(shape: Shape, constant: str, package: str) -> list[str]:
    lines = [
        "    @classmethod",
        "    def from_dict(",
        "        cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = ''",
        "    ) -> Self:",
        '        """Return the payload that *data* is; `Payload.from_dict` says more."""',
        "        if strict:",
        f"            check_payload('{package}.payloads', {shape.name!r}, data, variant)",
        "        if not isinstance(data, dict):",
        f"            data = as_members(data, {shape.name!r})",
    ]
    if shape.members:
        lines.append("        get = data.get")
    for member in shape.members:
        lines += [f"        {line}" for line in _checks(member, shape.name)]
    lines.append("        self = blank(cls)")
    if shape.members:
        lines.append("        fields = self.__dict__")
    lines += [f"        fields[{m.name!r}] = {m.variable}" for m in shape.members]
    return [
        *lines,
        f"        known = {constant}",
        "        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))",
        "        return self",
    ]


def _checks(member: Member, owner: str) -> list[str]:
    """Return the lines that read one member and look at its kind."""
    name, schema = member.variable, member.schema
    path = f"{owner}.{member.wire}"
    if _is_any(member):
        return [f"{name} = get({member.wire!r}, UNSET)"]
    read = f"{name} = get({member.wire!r})"
    convert = ""
    if member.model:
        helper = "nested_list" if schema.get("type") == "array" else "nested"
        convert = f"{helper}({member.model}, {name}, {path!r})"
    elif schema.get("type") == "array" and _types(schema.get("items", {})) == ["string"]:
        convert = f"as_strings({name}, {path!r})"
    elif isinstance(schema.get("additionalProperties"), dict):
        convert = f"as_string_map({name}, {path!r})"
    if convert:
        return [read, f"if {name} is not None:", f"    {name} = {convert}"]
    kinds = _types(schema)
    tests = [f"type({name}) is not {t}" for kind in kinds for t in _CHECKS[kind]]
    condition = f"if {name} is not None and {' and '.join(tests)}:"
    if _null_differs(member):
        read = f"{name} = get({member.wire!r}, UNSET)"
        condition = f"if {name} is not None and {name} is not UNSET and {' and '.join(tests)}:"
    if kinds == ["integer"]:
        return [read, condition, f"    {name} = as_integer({name}, {path!r})"]
    expected = " or ".join(_KINDS[kind][1] for kind in kinds)
    return [read, condition, f"    raise mismatch({path!r}, {expected!r}, {name})"]


def payload_index(catalogue: Catalogue, package: str) -> str:
    """Return the source of the package of payloads, which imports none of them."""
    domains = sorted({shape.domain for shape in catalogue.shapes.values()})
    lines = [
        '"""What events carry: one module per domain, imported when first looked at."""',
        "",
        "from __future__ import annotations",
        "",
        "from collections.abc import Mapping",
        "from typing import TYPE_CHECKING, Final",
        "",
        "from openwop.runtime._lazy import attach",
        "",
        "if TYPE_CHECKING:",
    ]
    homes: dict[str, str] = {}
    for domain in domains:
        names = sorted(s.name for s in catalogue.shapes.values() if s.domain == domain)
        lines.append(f"    from {package}.payloads.{domain} import (")
        lines += [f"        {name}," for name in names]
        lines.append("    )")
        homes |= dict.fromkeys(names, f"{package}.payloads.{domain}")
    lines += ["", f"__all__ = {sorted(homes)!r}", "", "_HOMES: Final[Mapping[str, str]] = {"]
    lines += [f"    {name!r}: {home!r}," for name, home in sorted(homes.items())]
    lines += ["}", "", f"__getattr__, __dir__ = attach('{package}.payloads', _HOMES)"]
    return "\n".join(lines) + "\n"
