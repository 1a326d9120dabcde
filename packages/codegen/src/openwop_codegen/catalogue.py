"""From an event catalogue and an error table to modules: a class per type, a model per payload.

    python -m openwop_codegen.catalogue --check

`generate_catalogue` returns the text of every file, so that a caller can write or compare it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import attrs

from openwop_codegen.errors_table import emit_error_table, load_error_table
from openwop_codegen.events import (
    Catalogue,
    EventType,
    Shape,
    load_catalogue,
    rules_for,
    snake_case,
)
from openwop_codegen.payloads import emit_payload_module, payload_index

__all__ = ["CatalogueConfig", "generate_catalogue", "main"]

# What the runtime's base class offers of every document; other members become properties.
_ENVELOPE = frozenset(
    {
        "causationId",
        "engineVersion",
        "eventId",
        "nodeId",
        "payload",
        "runId",
        "schemaVersion",
        "sequence",
        "timestamp",
        "type",
    }
)


@attrs.frozen
class CatalogueConfig:
    """What to generate, and where to.

    Attributes:
        events: The event catalogue.
        errors: The error table.
        root: The folder of the generated package.
        package: The import name of the generated package.
        service: The service's name, for docstrings.
        variants: The variants of the service, oldest first.
        variant: How a variant is called in docstrings.
        documents: What describes the events of each variant, for docstrings.
        base: The class of events of the log.
        host_base: The class of events that belong to no log.
        invalid: The error that a payload of the wrong shape raises, as `module:class`.
    """

    events: Path
    errors: Path
    root: Path
    package: str = "openwop._generated"
    service: str = "OpenWOP"
    variants: tuple[str, ...] = ("1", "2")
    variant: str = "major {}"
    documents: Mapping[str, str] = attrs.field(
        factory=lambda: {"1": "v1-events.md {}", "2": 'v2-events.md, "{}"'}
    )
    base: str = "RunEvent"
    host_base: str = "HostEvent"
    invalid: str = "openwop.errors:APIResponseValidationError"


def generate_catalogue(config: CatalogueConfig) -> dict[Path, str]:
    """Return the text of every file that *config* asks for, formatted.

    Raises:
        CatalogueError: The catalogue does not hold together.
        OSError: A file cannot be read, or the formatter cannot be started.
    """
    catalogue = load_catalogue(config.events, config.variants)
    root = config.root
    files: dict[Path, str] = {}
    for domain in catalogue.domains:
        files[root / "events" / f"{domain}.py"] = _event_module(domain, catalogue, config)
    files[root / "events" / "_base.py"] = _base_module(catalogue, config)
    files[root / "events" / "__init__.py"] = _event_index(catalogue, config)
    for domain in sorted({shape.domain for shape in catalogue.shapes.values()}):
        files[root / "payloads" / f"{domain}.py"] = emit_payload_module(
            domain, catalogue, config.package, config.variant, config.documents
        )
    files[root / "payloads" / "__init__.py"] = payload_index(catalogue, config.package)
    codes = load_error_table(config.errors)
    files[root / "error_codes.py"] = emit_error_table(
        codes, config.variants, config.errors.name, config.service
    )
    formatted = _formatted(files, root)
    formatted[root / "payloads" / "rules.json"] = _rules_text(catalogue)
    return formatted


def _event_module(domain: str, catalogue: Catalogue, config: CatalogueConfig) -> str:
    events = catalogue.in_domain(domain)
    bases = sorted({base for event in events for base in _bases(event, config)})
    payloads = sorted({event.payload for event in events})
    lines = [
        f'"""{catalogue.domains[domain]}."""',
        "",
        "from __future__ import annotations",
        "",
        "from typing import TYPE_CHECKING",
        "",
        f"from {config.package}.events._base import {', '.join(bases)}",
        "",
        "if TYPE_CHECKING:",
        f"    from {config.package}.payloads.{domain} import ({', '.join(payloads)})",
        "",
        f"__all__ = {sorted(event.class_name for event in events)!r}",
    ]
    for event in events:
        lines += ["", "", *_event_class(event, catalogue.shapes[event.payload], config)]
    return "\n".join(lines) + "\n"


def _bases(event: EventType, config: CatalogueConfig) -> list[str]:
    bases = [config.base] if event.carriers.intersection(("log", "live")) else []
    return [*bases, config.host_base] if "host" in event.carriers else bases


def _event_class(event: EventType, shape: Shape, config: CatalogueConfig) -> list[str]:
    lines = [
        f"class {event.class_name}({', '.join(_bases(event, config))}):",
        *_docstring(event.summary, _facts(event, config)),
        "",
        "    __slots__ = ()",
        f"    TYPE = {event.name!r}",
        f"    PAYLOAD = '{config.package}.payloads.{event.domain}:{event.payload}'",
    ]
    if event.terminal:
        lines.append("    TERMINAL = True")
    return [
        *lines,
        "",
        "    if TYPE_CHECKING:",
        "        @property",
        f"        def payload(self) -> {shape.name}:",
        f'            """{shape.description}"""',
        "            ...",
    ]


def _facts(event: EventType, config: CatalogueConfig) -> list[str]:
    """Return what a docstring says besides the summary, a paragraph each."""
    facts: list[str] = []
    older = {v: s for v, s in event.spellings.items() if s != event.name}
    facts += [f"Spelled `{s}` in {config.variant.format(v)}." for v, s in older.items()]
    if missing := [v for v in config.variants if v not in event.spellings]:
        names = " or ".join(config.variant.format(v) for v in missing)
        facts.append(f"Unknown in {names}.")
    if event.late:
        oldest = config.variant.format(config.variants[0])
        facts.append(f"Only the last releases of {oldest} have it.")
    if "live" in event.carriers:
        facts.append("A notice that no log holds.")
    elif event.carriers == frozenset({"host"}):
        facts.append("Belongs to no run.")
    if event.terminal:
        facts.append("The last event of its run.")
    facts += _mode_facts(event, config)
    if event.gate:
        facts.append(f"Sent by hosts that advertise `{event.gate}`.")
    places = [config.documents[v].format(s) for v, s in event.sections.items()]
    return [" ".join(facts), f"Section: {'; '.join(places)}."]


def _mode_facts(event: EventType, config: CatalogueConfig) -> list[str]:
    modes = event.modes
    if not any(modes.values()):
        return []
    if len(set(modes.values())) == 1:
        return [f"Stream modes: {', '.join(next(iter(modes.values())))}."]
    each = [f"{', '.join(m)} in {config.variant.format(v)}" for v, m in modes.items()]
    return [f"Stream modes: {'; '.join(each)}."]


def _docstring(summary: str, paragraphs: Iterable[str], indent: str = "    ") -> list[str]:
    lines = [f'{indent}"""{summary}']
    for paragraph in paragraphs:
        if paragraph:
            lines.append("")
            lines += textwrap.wrap(
                paragraph,
                98,
                initial_indent=indent,
                subsequent_indent=indent,
                break_long_words=False,
                break_on_hyphens=False,
            )
    return [*lines, f'{indent}"""']


def _base_module(catalogue: Catalogue, config: CatalogueConfig) -> str:
    envelopes: Mapping[str, Any] = catalogue.source["envelopes"]
    lines = [
        f'"""The classes that all events of {config.service} have in common."""',
        "",
        "from __future__ import annotations",
        "",
        "from openwop.runtime._events import Event",
        "",
        f"__all__ = [{config.host_base!r}, {config.base!r}, 'UnknownEvent']",
    ]
    for name, envelope, decoder in (
        (config.base, "RunEventDocument", "decode_event"),
        (config.host_base, "HostEventDocument", "decode_host_event"),
    ):
        schema = envelopes[envelope]
        lines += ["", "", f"class {name}(Event):"]
        lines += [f'    """{schema["description"]}"""', "", "    __slots__ = ()"]
        lines.append(f"    INVALID = {config.invalid!r}")
        lines += [f"    DECODER = '{config.package}.events:{decoder}'"]
        for wire, member in schema["properties"].items():
            if wire in _ENVELOPE:
                continue
            lines += [
                "",
                "    @property",
                f"    def {snake_case(wire)}(self) -> str | None:",
                f'        """{member["description"]}"""',
                f"        value = self.raw.get({wire!r})",
                "        return value if isinstance(value, str) else None",
            ]
    lines += [
        "",
        "",
        f"class UnknownEvent({config.base}, {config.host_base}):",
        '    """An event of a type that this package does not know: a newer one, or a vendor\'s.',
        "",
        "    Its `payload` is the JSON value as it came.",
        '    """',
        "",
        "    __slots__ = ()",
    ]
    return "\n".join(lines) + "\n"


def _class_tables(catalogue: Catalogue) -> list[str]:
    """Return the lines that name the class of each type, by what carries the type."""
    lines: list[str] = []
    for constant, carriers in (("_CLASSES", ("log", "live")), ("_HOST_CLASSES", ("host",))):
        lines.append(f"{constant}: Final[Mapping[str, Mapping[str, str]]] = {{")
        for domain in catalogue.domains:
            events = [e for e in catalogue.in_domain(domain) if e.carriers.intersection(carriers)]
            if events:
                lines.append(f"    {domain!r}: {{")
                lines += [f"        {e.name!r}: {e.class_name!r}," for e in events]
                lines.append("    },")
        lines += ["}", ""]
    return lines


def _event_index(catalogue: Catalogue, config: CatalogueConfig) -> str:
    package = f"{config.package}.events"
    classes = {event.class_name: event for event in catalogue.types}
    shared = ["CATALOGUE", "HOST_CATALOGUE", "MODES", "SPELLINGS", "TERMINAL_TYPES"]
    shared += ["decode_event", "decode_host_event"]
    bases = [config.host_base, config.base, "UnknownEvent"]
    older = {
        spelling: event.name
        for event in catalogue.types
        for spelling in event.spellings.values()
        if spelling != event.name
    }
    lines = [
        f'"""Every event type of {config.service}, one class each, imported when first needed."""',
        "",
        "from __future__ import annotations",
        "",
        "from collections.abc import Mapping",
        "from typing import TYPE_CHECKING, Final",
        "",
        f"from {package}._base import ({', '.join(bases)})",
        "from openwop.runtime._events import EventCatalogue",
        "from openwop.runtime._lazy import attach",
        "",
        "if TYPE_CHECKING:",
    ]
    for domain in sorted(catalogue.domains):
        names = sorted(event.class_name for event in catalogue.in_domain(domain))
        lines.append(f"    from {package}.{domain} import (")
        lines += [f"        {name}," for name in names]
        lines.append("    )")
    lines += ["", f"__all__ = {sorted([*classes, *bases, *shared])!r}", ""]
    lines += _class_tables(catalogue)
    lines += ["SPELLINGS: Final[Mapping[str, str]] = {"]
    lines += [f"    {old!r}: {new!r}," for old, new in older.items()]
    lines += ["}", '"""The newest spelling of every type that had another one before."""', ""]
    terminal = sorted(event.name for event in catalogue.types if event.terminal)
    lines += [f"TERMINAL_TYPES: Final = frozenset({terminal!r})"]
    lines += ['"""The types that end a run."""', ""]
    lines += ["MODES: Final[Mapping[str, Mapping[str, frozenset[str]]]] = {"]
    for mode in ("updates", "messages"):
        lines.append(f"    {mode!r}: {{")
        for variant in config.variants:
            names = [e.name for e in catalogue.types if mode in e.modes.get(variant, ())]
            lines.append(f"        {variant!r}: frozenset({sorted(names)!r}),")
        lines.append("    },")
    lines += [
        "}",
        '"""The types that a filtering stream mode admits, per major; `debug` admits all."""',
        "",
        *_decoder("CATALOGUE", "_CLASSES", "RunEventDocument", config.base, config),
        '"""How documents become events of a run."""',
        "",
        *_decoder("HOST_CATALOGUE", "_HOST_CLASSES", "HostEventDocument", config.host_base, config),
        '"""How documents become events of a host."""',
        "",
        "decode_event = CATALOGUE.decode",
        "decode_host_event = HOST_CATALOGUE.decode",
        "",
        "__getattr__, __dir__ = attach(",
        "    __name__,",
        "    {",
        "        name: f'{__name__}.{module}'",
        "        for module, names in (*_CLASSES.items(), *_HOST_CLASSES.items())",
        "        for name in names.values()",
        "    },",
        ")",
    ]
    return "\n".join(lines) + "\n"


def _decoder(
    name: str, classes: str, document: str, base: str, config: CatalogueConfig
) -> list[str]:
    return [
        f"{name}: Final[EventCatalogue[{base}]] = EventCatalogue(",
        "    package=__name__,",
        f"    classes={classes},",
        "    spellings=SPELLINGS,",
        "    unknown=UnknownEvent,",
        f"    rules='{config.package}.payloads',",
        f"    document={document!r},",
        ")",
    ]


def _rules_text(catalogue: Catalogue) -> str:
    """Return the rules of all variants as JSON, one rule on a line."""
    tables: list[str] = []
    for variant in catalogue.variants:
        rules = rules_for(catalogue, variant)
        names = [e.spellings[variant] for e in catalogue.types if variant in e.spellings]
        rules["EventTypeName"] = {"enum": sorted(names)}
        lines = [
            f"    {json.dumps(name)}: {json.dumps(rule, separators=(', ', ': '))}"
            for name, rule in sorted(rules.items())
        ]
        tables.append(f"  {json.dumps(variant)}: {{\n" + ",\n".join(lines) + "\n  }")
    return "{\n" + ",\n".join(tables) + "\n}\n"


def _formatted(files: Mapping[Path, str], root: Path) -> dict[Path, str]:
    """Return *files* as ruff formats them."""
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder) / "src" / "generated"
        copies = {path: base / path.relative_to(root) for path in files}
        for path, copy in copies.items():
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(files[path], encoding="utf-8")
        common = ["--isolated", "--quiet", "--line-length=100", "--target-version=py311"]
        ruff = [sys.executable, "-m", "ruff"]
        imports = "--config=lint.isort.combine-as-imports=true"
        first = "--config=lint.isort.known-first-party=['openwop']"
        check = [*ruff, "check", "--select=I,F401,RUF022", "--fix", *common, imports, first]
        for command in ([*check, str(base)], [*ruff, "format", *common, str(base)]):
            subprocess.run(command, check=True)  # noqa: S603  # our own interpreter and files
        return {path: copy.read_text(encoding="utf-8") for path, copy in copies.items()}


def main(argv: list[str] | None = None) -> int:
    """Write the files of OpenWOP's catalogue, or with `--check` say which are out of date.

    Args:
        argv: The arguments; those of the process where it is None.

    Returns:
        0, or 1 where `--check` finds a difference.
    """
    arguments = sys.argv[1:] if argv is None else argv
    top = Path.cwd()
    config = CatalogueConfig(
        events=top / "spec/openwop/events.yaml",
        errors=top / "spec/openwop/errors.yaml",
        root=top / "packages/core/src/openwop/_generated",
    )
    files = generate_catalogue(config)
    stale = [
        path
        for path, text in files.items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    owned = [p for folder in ("events", "payloads") for p in (config.root / folder).glob("*.*")]
    left = [path for path in owned if path not in files]
    if "--check" in arguments:
        for path in sorted({*stale, *left}):
            sys.stderr.write(f"out of date: {path.relative_to(top)}\n")
        return 1 if stale or left else 0
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(files[path], encoding="utf-8")
    for path in left:
        path.unlink()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
