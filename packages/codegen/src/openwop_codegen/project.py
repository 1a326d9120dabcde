"""The package around the generated code: what is written once, and what with every generation."""

from __future__ import annotations

import re
from pathlib import Path

from openwop_codegen.config import ClientConfig, Config
from openwop_codegen.emit_package import ERRORS, error_root
from openwop_codegen.examples import example_of
from openwop_codegen.formatting import formatted
from openwop_codegen.ir import Api

__all__ = ["MARK", "once", "readme", "stale_readme", "write_project"]

MARK = "<!-- Written by openwop-codegen; remove this line to keep your own text. -->"


def _errors(config: Config) -> list[str]:
    return sorted([error_root(config), *ERRORS])


def once(config: Config, api: Api) -> dict[str, str]:
    """Return the files that belong to the user, by their paths below the project.

    They are written where they are missing and never touched again: what is written by hand goes
    there.
    """
    client = config.client or ClientConfig()
    top, made = config.top, config.package
    folder = f"src/{top.replace('.', '/')}"
    names = _errors(config)
    faces = ["AsyncClient", "Client"]
    homes = {**dict.fromkeys(faces, f"{top}.client"), **dict.fromkeys(names, f"{top}.errors")}
    listed = "".join(f"    {name} as {name},\n" for name in names)
    python = {
        f"{folder}/__init__.py": (
            f'"""A client of {config.service}."""\n\n'
            "from __future__ import annotations\n\n"
            "from typing import TYPE_CHECKING\n\n"
            "from openwop.runtime.lazy import attach\n\n"
            "if TYPE_CHECKING:\n"
            f"    from {top}.client import AsyncClient as AsyncClient, Client as Client\n"
            f"    from {top}.errors import (\n{listed})\n\n"
            f"__all__ = {sorted(homes)!r}\n\n"
            f"__getattr__, __dir__ = attach(__name__, {homes!r})\n"
        ),
        f"{folder}/client.py": (
            f'"""The clients of {config.service}, and the place for what is written by hand."""\n\n'
            "from __future__ import annotations\n\n"
            f"from {made} import face\n\n"
            '__all__ = ["AsyncClient", "Client"]\n\n\n'
            "class Client(face.Client):\n"
            f'    """The blocking client of {config.service}."""\n\n\n'
            "class AsyncClient(face.AsyncClient):\n"
            f'    """The asynchronous client of {config.service}."""\n'
        ),
        f"{folder}/errors.py": (
            f'"""The errors of the client of {config.service}."""\n\n'
            "from __future__ import annotations\n\n"
            f"from {made}.errors import (\n{''.join(f'    {one},' + chr(10) for one in names)})\n\n"
            f"__all__ = {names!r}\n"
        ),
        f"{folder}/models.py": _lazy(f"The models of {config.service}.", made, "models"),
        f"{folder}/params.py": _lazy(
            f"The arguments of {config.service} as typed dictionaries.", made, "params"
        ),
    }
    if api.incoming:
        python[f"{folder}/webhooks.py"] = (
            f'"""What {config.service} sends by itself, typed."""\n\n'
            f"from {made}.webhooks import *  # noqa: F403\n"
            f"from {made}.webhooks import __all__ as __all__\n"
        )
    files = formatted(python, (top.partition(".")[0],))
    name = client.distribution or top.replace("_", "-").replace(".", "-")
    files[f"{folder}/py.typed"] = ""
    files["pyproject.toml"] = _PYPROJECT.format(
        name=name, version=client.version, service=_quoted(config.service), top=top
    ).replace("@PATH@", folder)
    return files


def _quoted(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("\\", "").replace('"', "'")).strip()


def _lazy(doc: str, package: str, family: str) -> str:
    return (
        f'"""{doc}"""\n\n'
        "from __future__ import annotations\n\n"
        "from typing import TYPE_CHECKING\n\n"
        "from openwop.runtime.lazy import attach\n\n"
        "if TYPE_CHECKING:\n"
        f"    from {package}.{family} import *  # noqa: F403\n"
        "else:\n"
        f"    from {package} import {family} as _made\n\n"
        "    __all__ = _made.__all__\n"
        "    __getattr__, __dir__ = attach(__name__, dict.fromkeys(__all__, _made.__name__))\n"
    )


_PYPROJECT = """\
[build-system]
requires = ["hatchling>=1.27"]
build-backend = "hatchling.build"

[project]
name = "{name}"
version = "{version}"
description = "A typed client of {service}"
readme = "README.md"
requires-python = ">=3.11"
dependencies = ["openwop>=0.1.0", "attrs>=23.2"]
classifiers = ["Programming Language :: Python :: 3", "Typing :: Typed"]

[tool.hatch.build.targets.wheel]
packages = ["@PATH@"]
"""


def readme(api: Api, config: Config) -> str:
    """Return the README, with one example per resource."""
    client = config.client or ClientConfig()
    top = config.top
    name = client.distribution or top.replace("_", "-")
    prefix = client.env
    key = client.env_api_key or (prefix and f"{prefix}_API_KEY")
    url = client.env_base_url or (prefix and f"{prefix}_BASE_URL")
    lines = [
        MARK,
        "",
        f"# {name}",
        "",
        f"A typed client of {config.service}, blocking and asynchronous, on openwop's runtime.",
        "",
        "    pip install .",
        "",
        "## Use",
        "",
        "```python",
        f"import {top}",
        "",
        f'client = {top}.Client("https://api.example.com", api_key="...")',
        "```",
        "",
        "Close it with `client.close()`, or use it in `with`; the examples below go on from here.",
        "",
    ]
    found = " and ".join(f"`{one}`" for one in (url, key) if one)
    if found:
        lines += [f"Without arguments the client reads {found} from the environment.", ""]
    lines += [
        "`AsyncClient` has the same methods with `await`. Every method takes `timeout`,",
        "`deadline`, `retry`, `extra_headers`, `extra_query` and `extra_body`;",
        "`client.with_options(...)` is a cheap copy, `client.with_raw_response` gives whole",
        'answers and `client.with_streaming_response` unread ones, `validation="strict"` refuses',
        "every deviation from the description, and `client.get`, `post`, `put`, `patch`, `delete`",
        "and `request` send what no method describes. What a client takes, is listed in",
        "`openwop.runtime.service.ClientOptions`.",
        "",
        "## Resources",
        "",
    ]
    for resource in api.resources.values():
        example = example_of(resource, api)
        if not example:
            continue
        lines += [f"### {resource.name}", ""]
        if resource.doc:
            lines += [" ".join(resource.doc.split()), ""]
        lines += ["```python", *example, "```", ""]
    if api.incoming:
        lines += [
            "## Webhooks and callbacks",
            "",
            f"`{top}.webhooks` has a typed reader for each of them, and tables of all by name:",
            "",
            "```python",
            f"from {top}.webhooks import CALLBACKS, WEBHOOKS",
            "",
            "for incoming in (*WEBHOOKS.values(), *CALLBACKS.values()):",
            "    print(incoming.name, incoming.method, incoming.returns)",
            "```",
            "",
            "`incoming.parse(body)` returns the payload's model. Verify the signature before.",
            "",
        ]
    lines += [
        "## What is yours",
        "",
        f"The folder `{top.replace('.', '/')}/_generated` is written anew by every generation,",
        "and so is this file. Everything else is written once and never touched again:",
        "`client.py` is the place for methods of your own.",
    ]
    return "\n".join(lines) + "\n"


def write_project(config: Config, api: Api, project: Path) -> list[Path]:
    """Write what stands around the generated code, and return what changed.

    Args:
        config: The configuration.
        api: The service.
        project: The folder of the package's pyproject.toml.
    """
    changed: list[Path] = []
    for name, text in once(config, api).items():
        target = project / name
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
            changed.append(target)
    target = project / "README.md"
    text = readme(api, config)
    known = target.read_text(encoding="utf-8") if target.is_file() else None
    if known is None or (known.startswith(MARK) and known != text):
        target.write_text(text, encoding="utf-8")
        changed.append(target)
    return changed


def stale_readme(config: Config, api: Api, project: Path) -> list[str]:
    """Return what differs around the generated code, in lines for people."""
    lines = [f"{name} is missing" for name in once(config, api) if not (project / name).is_file()]
    target = project / "README.md"
    known = target.read_text(encoding="utf-8") if target.is_file() else ""
    if not known or (known.startswith(MARK) and known != readme(api, config)):
        lines.append("README.md is not what the document says")
    return lines
