"""Holding an answer to the JSON Schema that a host gave, where the extra `verify` is installed.

The schema comes from the other side: it is small or not looked at, nothing is fetched for it, and
no more than so many of its rules are applied.  What cannot be checked here is the host's to check.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from itertools import count
from typing import Any, Final, cast

from openwop.errors import ConfigurationError

__all__ = ["check_schema"]

_MAX_NODES: Final = 2000
_MAX_DEPTH: Final = 40
_MAX_STEPS: Final = 20_000

# A pattern may take for ever on an unlucky text, and no time limit reaches into the regex engine.
_NOT_HERE: Final = ("pattern", "patternProperties", "format")


class _TooMuchError(Exception):
    """The schema asks for more than is done here."""


def check_schema(schema: Mapping[str, Any], value: Any, what: str) -> None:
    """Check *value* against *schema*.

    Args:
        schema: A JSON Schema of draft 2020-12.
        value: JSON values.
        what: What the value is, for the message.

    Raises:
        ConfigurationError: It does not fit.  The message names the place and the rule, and not the
            value.
    """
    make = _maker()
    if make is None or not _is_small(schema):
        return
    try:
        error = next(iter(make(dict(schema)).iter_errors(value)), None)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:  # noqa: BLE001  # of a schema that is none, or whose references lead nowhere
        return
    if error is None:
        return
    place = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in error.absolute_path)
    rule = f"{error.validator}: {error.validator_value!r}"
    shown = rule if len(rule) <= 100 else f"{rule[:97]}..."
    msg = f"{what} does not fit its schema at ${place} ({shown}). check=False leaves it to the host"
    raise ConfigurationError(msg)


@cache
def _maker() -> Callable[[dict[str, Any]], Any] | None:
    """Return what makes a bounded validator of a schema; None without the extra."""
    try:
        import jsonschema.validators as library
        from jsonschema import Draft202012Validator
        from referencing import Registry
    except ImportError:
        return None
    extend: Any = getattr(library, "extend")  # noqa: B009  # the library does not type it

    def make(schema: dict[str, Any]) -> Any:
        steps = count(1)

        def counted(rule: Callable[..., Any]) -> Callable[..., Any]:
            def apply(validator: Any, wanted: Any, instance: Any, of: Any) -> Iterator[Any]:
                if next(steps) > _MAX_STEPS:
                    raise _TooMuchError
                yield from rule(validator, wanted, instance, of) or ()

            return apply

        rules: dict[str, Any] = {
            name: counted(rule)
            for name, rule in Draft202012Validator.VALIDATORS.items()
            if name not in _NOT_HERE
        }
        bounded: Any = extend(Draft202012Validator, dict.fromkeys(_NOT_HERE, _nothing) | rules)
        # An empty registry, so that a reference to elsewhere is not followed.
        registry: Registry[Any] = Registry()
        return bounded(schema, registry=registry)

    return make


def _nothing(validator: Any, wanted: Any, instance: Any, of: Any) -> Iterator[Any]:  # noqa: ARG001
    yield from ()


def _is_small(schema: object) -> bool:
    """Tell whether a schema is small enough to be worked with, and free of patterned names."""
    nodes = 0
    open_: list[tuple[Any, int]] = [(schema, 0)]
    while open_:
        item, depth = open_.pop()
        nodes += 1
        if nodes > _MAX_NODES or depth > _MAX_DEPTH:
            return False
        if isinstance(item, Mapping):
            members = cast("Mapping[str, Any]", item)
            if "patternProperties" in members:
                return False  # `additionalProperties` would match the patterns
            open_.extend((member, depth + 1) for member in members.values())
        elif isinstance(item, list):
            open_.extend((member, depth + 1) for member in cast("list[Any]", item))
    return True
