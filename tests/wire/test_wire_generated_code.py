"""What is generated reads like what is written: short lines, full documentation, honest types."""

from __future__ import annotations

import ast
import importlib
import inspect
import io
import pkgutil
import pydoc
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType, ModuleType

import pytest

import openwop
from openwop import _generated

ROOT = Path(__file__).resolve().parents[2]
HOME = Path(_generated.__file__).parent
FILES = sorted(HOME.rglob("*.py"))
SOURCES = [path.relative_to(HOME).as_posix() for path in FILES]


def modules() -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(_generated.__path__, f"{_generated.__name__}."):
        yield importlib.import_module(found.name)


def methods() -> Iterator[tuple[str, FunctionType]]:
    """Return every generated method of a resource that sends something, in both colours."""
    package = f"{_generated.__name__}.resources"
    for module in modules():
        if not module.__name__.startswith(f"{package}."):
            continue
        for name in module.__all__:
            cls = getattr(module, name)
            for member, function in vars(cls).items():
                if inspect.isfunction(function) and not member.startswith("_"):
                    yield f"{name}.{member}", function


RUFF = shutil.which("ruff", path=str(Path(sys.executable).parent))
METHODS = dict(methods())
BOTH_COLOURS = 2
OPERATIONS = 76  # all but the two streams, which are written by hand


@pytest.mark.parametrize("name", SOURCES)
def test_no_line_is_long_and_every_module_says_what_it_is(name: str) -> None:
    text = (HOME / name).read_text(encoding="utf-8")

    # A regular expression of the protocol cannot be broken over lines, here as in ruff's rule.
    assert [] == [line for line in text.splitlines() if len(line) > 100 and len(line.split()) > 1]
    assert ast.get_docstring(ast.parse(text))


def test_there_is_a_method_per_operation_and_colour() -> None:
    assert BOTH_COLOURS * OPERATIONS == len(METHODS)


@pytest.mark.parametrize("module", list(modules()), ids=lambda module: module.__name__)
def test_what_a_module_offers_is_listed_in_order(module: ModuleType) -> None:
    listed = list(getattr(module, "__all__", ()))

    assert sorted(listed, key=_as_ruff_sorts) == listed
    assert len(set(listed)) == len(listed)
    assert all(hasattr(module, name) for name in listed)


def _as_ruff_sorts(name: str) -> tuple[int, str]:
    """Constants first, then classes, then the rest, as ruff sorts `__all__`."""
    return (0 if name.isupper() else 1 if name[:1].isupper() else 2), name


@pytest.mark.parametrize("name", sorted(METHODS))
def test_no_public_signature_says_any(name: str) -> None:
    signature = inspect.signature(METHODS[name])
    given = [
        parameter.annotation
        for parameter in signature.parameters.values()
        if parameter.name != "self"
    ]
    annotations = [*given, signature.return_annotation]

    assert all(isinstance(annotation, str) for annotation in annotations)
    assert [] == [said for said in annotations if re.search(r"\bAny\b", said)]
    # A bare `object` is Any in disguise; as the values of a mapping it means JSON of any kind.
    assert [] == [
        said for said in annotations if "object" in said.replace("Mapping[str, object]", "")
    ]


@pytest.mark.parametrize("name", sorted(METHODS))
def test_a_method_documents_its_arguments_errors_and_sections(name: str) -> None:
    function = METHODS[name]
    text = inspect.getdoc(function) or ""
    first, _, rest = text.partition("\n\n")

    assert first.endswith(".")
    assert "\n" not in first
    given = [
        parameter
        for parameter in inspect.signature(function).parameters
        if parameter not in {"self", "options"}
    ]
    # Each argument has an entry of its own, in the order of the signature.
    entries = [line.strip() for line in rest.splitlines()]
    assert (
        given
        == [entry.partition(":")[0] for entry in entries if entry.partition(":")[0] in given][
            : len(given)
        ]
    )
    assert "**options:" in rest
    assert "Raises:" in rest
    block = rest.partition("OpenWOP:")[2]
    assert {"1", "2"} == set(re.findall(r"Major (\d):", block))
    assert 2 == block.count("§") + block.count("not there")


def test_help_of_create_is_useful() -> None:
    shown = io.StringIO()
    pydoc.Helper(output=shown)(openwop.Client("http://localhost", api_key="k").runs.create)
    text = shown.getvalue()

    for expected in (
        "create(",
        "workflow_id: 'str | None' = None",
        "Args:",
        "tags: ",
        "At most 100 entries",
        "ConflictError: 409, `run_already_active`",
        "Major 1: `POST /v1/runs`",
        "Major 2: `POST /runs`",
        "scope `runs:create`",
    ):
        assert expected in text


@pytest.mark.skipif(
    shutil.which("ruff", path=str(Path(sys.executable).parent)) is None, reason="no ruff"
)
def test_nothing_generated_is_unused_or_out_of_style() -> None:
    assert RUFF is not None
    check = [RUFF, "check", "--no-cache", "--select", "F,I,RUF022,D,E501,UP", str(HOME)]

    done = subprocess.run(check, capture_output=True, text=True, check=False)

    assert 0 == done.returncode, done.stdout


@pytest.mark.slow
@pytest.mark.skipif(not HOME.is_relative_to(ROOT / "packages"), reason="not run from a checkout")
def test_the_generated_client_is_clean_under_the_strict_checker() -> None:
    mypy = pytest.importorskip("mypy.api")

    # Only what is generated is reported; it is followed into the rest of the package.
    out, errors, status = mypy.run(["--strict", "--no-incremental", str(HOME / "resources")])

    assert (0, "") == (status, errors), out
