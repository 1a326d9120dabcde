"""Whether a discovery document advertises what an operation needs, in either major's shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

__all__ = ["advertises", "family"]


def family(document: Mapping[str, Any], name: str) -> Any:
    """Return a family of the document: at the root, else under the old `capabilities` wrapper."""
    if name in document:
        return document[name]
    wrapper = document.get("capabilities")
    if isinstance(wrapper, Mapping):
        return cast("Mapping[str, Any]", wrapper).get(name)
    return None


def _claimed(value: Any) -> bool:
    """Tell whether a value claims what stands under its name.

    In major 1 a family says `supported`, and one that does not say counts as present; in major 2
    the presence of a record is the claim.
    """
    if isinstance(value, Mapping):
        return cast("Mapping[str, Any]", value).get("supported", True) is not False
    if isinstance(value, bool):
        return value
    if isinstance(value, (list, str)):
        return bool(cast("Any", value))
    return value is not None


def advertises(document: Mapping[str, Any], gate: str) -> bool:
    """Tell whether *document* advertises the capability at the dotted path *gate*.

    `path=value` asks for a member of a list, as in `auth.profiles=openwop-audit-log-integrity`.

    Args:
        document: A discovery document of either major.
        gate: The dotted path.
    """
    path, _, wanted = gate.partition("=")
    first, *rest = path.split(".")
    value = family(document, first)
    for name in rest:
        if not isinstance(value, Mapping):
            return False
        members = cast("Mapping[str, Any]", value)
        if name == "supported" and name not in members:
            return _claimed(members)
        if not _claimed(members):
            return False
        value = members.get(name)
    if wanted:
        return isinstance(value, list) and wanted in value
    return _claimed(value)
