"""Write docs/errors.md: every error class and every error code, with what to do about it.

    python tools/errors_page.py [--check]

Classes and their meanings come from the packages, codes from spec/openwop/errors.yaml; causes and
remedies of the classes are in tools/errors_page.toml.  A class without one fails.
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from openwop import errors

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "errors.md"
WORDS = ROOT / "tools" / "errors_page.toml"
CODES = ROOT / "spec" / "openwop" / "errors.yaml"
ELSEWHERE = ("openwop.registry", "openwop_webhooks.errors")

HEAD = """\
# Errors

<!-- Written by tools/errors_page.py; edit the docstrings, errors_page.toml or spec/ instead. -->

Every error that openwop and its sibling packages raise is an `openwop.OpenWOPError`. Each one
pickles, and none shows a secret. Branch on the class or on `error.code`, never on the wording.
`str(error)` says what failed, the host's code and message, the remedy where there is one, and the
trace id where the host sent one.

```python
--8<--
docs/snippets/retries_errors.py
--8<--
```

## Classes

A class stands below the one that catches it too. `RunOutcomeError` and its kin say that the calls
worked and the run did not.
"""
BETWEEN = """
## Codes

The protocol's codes, as `error.code` has them. A host may answer others: major 1 any name, major 2
names with a dot. *Repeated* is what the protocol says of the same request; openwop follows it,
where repeating is safe ([how](how-to/retries-and-deadlines.md#what-is-repeated)).
"""


def classes() -> Iterator[tuple[type[Exception], int]]:
    """Yield the public error classes with their depth, each below its parent."""
    found = [getattr(errors, name) for name in errors.__all__]
    for module in ELSEWHERE:
        others = vars(importlib.import_module(module)).values()
        found += [each for each in others if inspect.isclass(each) and each not in found]
    known = [each for each in found if issubclass(each, errors.OpenWOPError)]

    def below(parent: type[Exception], depth: int) -> Iterator[tuple[type[Exception], int]]:
        yield parent, depth
        for each in known:
            if next(base for base in each.__mro__[1:] if base in known or base is object) is parent:
                yield from below(each, depth + 1)

    yield from below(errors.OpenWOPError, 0)


def public_name(error: type[Exception]) -> str:
    """Return the name under which users import a class."""
    package = error.__module__.partition(".")[0]
    if error.__module__.startswith("openwop.registry"):
        package = "openwop.registry"
    return f"{package}.{error.__name__}" if package != "openwop" else error.__name__


def tree() -> Iterator[str]:
    """Yield the classes as an indented tree."""
    for error, depth in classes():
        yield f"{'    ' * (depth + 1)}{error.__name__}"


def class_rows() -> Iterator[str]:
    """Yield a table for each package, with a row for each of its classes."""
    words = tomllib.loads(WORDS.read_text("utf-8"))
    names = {public_name(error) for error, _ in classes()}
    if names != set(words):
        sys.exit(f"{WORDS.name} and the classes differ: {sorted(names ^ set(words))}")
    for package in ("openwop", "openwop.registry", "openwop_webhooks"):
        yield f"\n### In {package}\n"
        yield "| class | meaning | usual cause | what to do |"
        yield "| --- | --- | --- | --- |"
        for error, _ in classes():
            name = public_name(error)
            home, _, short = (name if "." in name else f"openwop.{name}").rpartition(".")
            if home != package:
                continue
            meaning = (error.__doc__ or "").strip().splitlines()[0]
            said = words[name]
            yield f"| {whole(short)} | {meaning} | {said['cause']} | {said['remedy']} |"


def whole(name: str) -> str:
    """Return *name* as code that is not broken into lines."""
    return f'<code class="whole">{name}</code>'


def code_rows() -> Iterator[str]:
    """Yield a row for each code of the protocol."""
    codes: dict[str, dict[str, Any]] = yaml.safe_load(CODES.read_text("utf-8"))["codes"]
    yield "| code | majors | status | repeated | meaning | what to do |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for code, row in sorted(codes.items()):
        majors = ", ".join(str(major) for major in row["majors"])
        statuses = sorted({status for each in row["status"].values() for status in each})
        shown = ", ".join(str(status) for status in statuses) or "-"
        category = f" As `{row['category']}`." if row.get("category", code) != code else ""
        yield (
            f"| {whole(code)} | {majors} | {shown} | {_repeated(row)} | {row['meaning']}{category} "
            f"| {row['remedy']} |"
        )


def _repeated(row: dict[str, Any]) -> str:
    answers = set(row["retryable"].values())
    if row.get("wait"):
        return "after a wait"
    if answers == {True}:
        return "yes"
    if True in answers:
        return "in one major"
    return "no" if answers == {False} else "not stated"


def page() -> str:
    """Return the whole page."""
    parts = [HEAD, *tree(), *class_rows(), BETWEEN, *code_rows()]
    return "\n".join(parts) + "\n"


def main() -> int:
    """Write the page, or compare it."""
    parser = argparse.ArgumentParser(description="Write docs/errors.md.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail on a difference")
    text = page()
    if parser.parse_args().check:
        if PAGE.read_text("utf-8") != text:
            print("docs/errors.md is stale: run python tools/errors_page.py", file=sys.stderr)
            return 1
        return 0
    PAGE.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
