"""Write docs/operations.md: every operation, its Python name, routes, gates and where it is tested.

    python tools/operations_table.py           write the page
    python tools/operations_table.py --check   fail where the page is not what it would be

What stands in the columns comes from the generated operations; the last one comes from the table
that tests/wire holds them to, so that an operation without a row there shows as a hole.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import pkgutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from openwop._generated import operations as generated
from openwop.runtime import Operation, Route

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "operations.md"
ROWS = ROOT / "tests" / "wire" / "openwop_wire"

HEAD = """# Operations

<!-- Written by tools/operations_table.py; edit spec/ instead. -->

Every operation of the protocol under its one name. A dash means that the protocol major lacks it:
calling it there raises `CapabilityNotSupportedError` before anything is sent. The gate is the
capability that the host must advertise in its discovery document, with `path=value` for a member
of a list; *optional* means that a host may lack the operation without saying so. `K` marks an
operation whose `Idempotency-Key` the host honours, so that it is repeated after a failure. The last
column is the module whose hand-typed row the operation is held to, on both clients, over a socket.

"""
COLUMNS = ("Operation", "Python", "Major 1", "Major 2", "Gate", "Tested by")


def operations() -> list[Operation[Any]]:
    """Return every generated operation, by resource and name."""
    found: list[Operation[Any]] = []
    for module in pkgutil.iter_modules(generated.__path__):
        members = vars(importlib.import_module(f"{generated.__name__}.{module.name}"))
        found += [value for value in members.values() if isinstance(value, Operation)]
    return sorted(found, key=lambda operation: operation.name)


def rows() -> Mapping[str, str]:
    """Return the module with the row of each operation, by operation id; reads, never imports."""
    found: dict[str, str] = {}
    for path in sorted(ROWS.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in {"Case", "both", "both_runs"}
                and node.args
                and isinstance(node.args[0], ast.Constant)
            ):
                found[str(node.args[0].value)] = path.name
    return found


def _route(route: Route | None) -> str:
    if route is None:
        return "-"
    return f"`{route.method} {route.path}`{' K' if route.idempotency else ''}"


def _gate(operation: Operation[Any]) -> str:
    said = {
        major: " ".join(
            part for part in (f"`{r.gate}`" if r.gate else "", "*optional*" * r.optional) if part
        )
        for major, r in operation.routes.items()
    }
    if len(set(said.values())) == 1:
        return next(iter(said.values()))
    return "; ".join(f"{major}: {text or 'none'}" for major, text in sorted(said.items()))


def page() -> str:
    """Return the page."""
    places = rows()
    lines = [f"| {' | '.join(COLUMNS)} |", f"|{'---|' * len(COLUMNS)}"]
    found = operations()
    for operation in found:
        first, second = (_route(operation.routes.get(major)) for major in ("1", "2"))
        module = places.get(operation.id)
        where = f"[{module}](../tests/wire/openwop_wire/{module})" if module else "**nothing**"
        lines.append(
            f"| {operation.id} | `{operation.name}` | {first} | {second} | {_gate(operation)} "
            f"| {where} |"
        )
    counts = [sum(major in operation.routes for operation in found) for major in ("1", "2")]
    foot = f"\n{len(found)} operations: {counts[0]} in major 1, {counts[1]} in major 2.\n"
    return HEAD + "\n".join(lines) + "\n" + foot


def main(argv: list[str] | None = None, target: Path = PAGE) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description="Write the table of operations.")
    parser.add_argument("--check", action="store_true", help="fail where the page is out of date")
    arguments = parser.parse_args(argv)
    text = page()
    if not arguments.check:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        return 0
    if target.is_file() and target.read_text(encoding="utf-8") == text:
        return 0
    sys.stderr.write(f"{target.name} is out of date: run python tools/operations_table.py\n")
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
