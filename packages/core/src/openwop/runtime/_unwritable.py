"""Where, within what a caller passed, the thing is that JSON cannot hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

__all__ = ["unwritable"]


def unwritable(value: Any, write: Callable[[Any], object]) -> str:
    """Return the path of the innermost part of *value* that *write* refuses.

    Args:
        value: What could not be written.
        write: Writes a part, and raises TypeError or ValueError where it cannot.

    Returns:
        A path such as `inputs.rows[3].at`; empty where only the whole is refused.
    """
    path = ""
    while True:
        for step, part in _parts(value):
            try:
                write(part)
            except (TypeError, ValueError, RecursionError):
                path += step if path or step.startswith("[") else step.removeprefix(".")
                value = part
                break
        else:
            return path
        if path.count(".") + path.count("[") > 20:  # a cycle has no innermost part
            return path + "..."


def _parts(value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, Mapping):
        members = cast("Mapping[object, Any]", value)
        return [(f".{name}", item) for name, item in members.items()]
    if isinstance(value, (list, tuple)):
        return [(f"[{index}]", item) for index, item in enumerate(cast("list[Any]", value))]
    return []
