"""Values on a command line."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, cast

from openwop.errors import ConfigurationError

__all__ = ["parse_value", "read_inputs"]


def parse_value(given: str) -> Any:
    """Return what a value on the command line stands for: JSON where it is some, else itself."""
    try:
        return json.loads(given)
    except ValueError:
        return given


def read_inputs(pairs: list[str], file: str | None) -> dict[str, Any]:
    """Return the inputs of a run.

    Args:
        pairs: `name=value`, each.
        file: A file with a JSON object; `-` is standard input.

    Raises:
        ConfigurationError: One of them is none.
    """
    inputs: dict[str, Any] = {}
    if file is not None:
        try:
            document = json.loads(
                sys.stdin.read() if file == "-" else Path(file).read_text("utf-8")
            )
        except OSError as error:
            msg = f"--inputs-file {file} cannot be read: {error.strerror}; check the path"
            raise ConfigurationError(msg) from None
        except ValueError as error:
            msg = f"--inputs-file {file} holds no JSON: {error}"
            raise ConfigurationError(msg) from None
        if not isinstance(document, dict):
            msg = f"--inputs-file {file} holds no JSON object, which the inputs of a run are"
            raise ConfigurationError(msg)
        inputs.update(cast("dict[str, Any]", document))
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not name or not equals:
            msg = f"--input {pair!r} is not of the form name=value"
            raise ConfigurationError(msg)
        inputs[name] = parse_value(value)
    return inputs
