"""The classes that gather the resources, and the package files."""

from __future__ import annotations

from collections.abc import Sequence

from openwop_codegen.config import Config
from openwop_codegen.docs import docstring
from openwop_codegen.emit_resources import class_name
from openwop_codegen.ir import Api
from openwop_codegen.rendering import Module, header, strings

__all__ = ["emit_client", "lazy_package", "plain_package"]


def _tops(api: Api) -> list[str]:
    return [name for name in api.resources if "." not in name]


def emit_client(api: Api, config: Config) -> Module:
    """Return the module of the classes that hold all resources."""
    doc = f"The resources of {config.service} on one client; each is imported when first used."
    module = Module(name="client", doc=doc)
    module.imports.add("functools", "cached_property")
    if _tops(api):
        module.imports.add("typing", "TYPE_CHECKING")
        module.body.append("if TYPE_CHECKING:")
    for name in _tops(api):
        classes = ", ".join(sorted(class_name(api, name, prefix) for prefix in ("", "Async")))
        views = ", ".join(
            sorted(
                class_name(api, name, prefix)
                for prefix in ("Raw", "AsyncRaw", "Streamed", "AsyncStreamed")
            )
        )
        module.body += [
            f"    from {config.package}.resources.{name} import {classes}",
            f"    from {config.package}.views.{name} import {views}",
        ]
    module.body.append("")
    for prefix, home in config.base_clients:
        package, _, base = home.partition(":")
        module.imports.add(package, base)
        lines = [f"class {prefix}Resources({base}):"]
        lines += docstring(f"A client with every resource of {config.service}.")
        for name in _tops(api):
            cls = class_name(api, name, prefix)
            lines += [
                "",
                "    @cached_property",
                f"    def {name}(self) -> {cls}:",
                *docstring(_one_line(api.resources[name].doc, name), indent=" " * 8),
                f"        from {config.package}.resources.{name} import {cls}",
                "",
                f"        return {cls}(self)",
            ]
        module.body += [*lines, "", ""]
        module.exported.append(f"{prefix}Resources")
    for prefix, colour, what in (
        ("Raw", "", "raw"),
        ("AsyncRaw", "Async", "raw"),
        ("Streamed", "", "unread"),
        ("AsyncStreamed", "Async", "unread"),
    ):
        lines = [f"class {prefix}Resources:"]
        lines += docstring(
            f"Every resource of {config.service}, its answers {what}.",
            [],
            [("Args", ["client: A client in the mode of this view."])],
        )
        lines += [
            "",
            f"    def __init__(self, client: {colour}Resources) -> None:",
            "        self._client = client",
        ]
        for name in _tops(api):
            cls = class_name(api, name, prefix)
            lines += [
                "",
                "    @cached_property",
                f"    def {name}(self) -> {cls}:",
                f'        """The operations of {name}, their answers {what}."""',
                f"        from {config.package}.views.{name} import {cls}",
                "",
                f"        return {cls}(self._client.{name})",
            ]
        module.body += [*lines, "", ""]
        module.exported.append(f"{prefix}Resources")
    return module


def _one_line(doc: str, name: str) -> str:
    text = " ".join(doc.split()) or f"The operations of {name}."
    return text if len(text) <= 80 else f"The operations of {name}."


def plain_package(config: Config, doc: str) -> str:
    """Return the text of an `__init__` that offers nothing."""
    return "\n".join([*header(config, doc, future=False), ""])


def lazy_package(config: Config, package: str, doc: str, modules: Sequence[Module]) -> str:
    """Return the text of an `__init__` that offers the names of *modules* lazily.

    Args:
        config: The configuration.
        package: The dotted name of the package below the generated one: `models`.
        doc: Its docstring.
        modules: The modules whose names it offers.
    """
    ordered = sorted(modules, key=lambda module: module.name)
    exported = sorted(name for module in modules for name in module.exported)
    lines = [*header(config, doc)]
    lines += ["from typing import TYPE_CHECKING", "", "from openwop.runtime.lazy import attach", ""]
    if not ordered:
        return "\n".join([*header(config, doc), "__all__: list[str] = []", ""])
    lines.append("if TYPE_CHECKING:")
    for module in ordered:
        names = ", ".join(sorted(module.exported))
        lines.append(f"    from {config.package}.{module.name} import {names}")
    lines += ["", f"__all__ = [{', '.join(repr(name) for name in exported)}]", "", "_HOMES = {"]
    for module in ordered:
        names = strings(sorted(module.exported))
        lines.append(f"    {module.name.rpartition('.')[2]!r}: {names},")
    lines += ["}", ""]
    at = f"{config.package}.{package}"
    lines += [
        f"__getattr__, __dir__ = attach({at!r}, {{",
        f'    name: f"{at}.{{home}}" for home, names in _HOMES.items() for name in names',
        "})",
    ]
    return "\n".join(lines) + "\n"
