"""The same calls in the words of two clients: ours, and the protocol's own as a black box.

The names on the other side come from `help()` of the published packages; a mapping with `@` is an
instance of the request class of that name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import attrs

V1_RUN: Final = "run-1.x_~y"
V2_RUN: Final = "acme/r-9f3c2b1a8d7e6f50"
SECRET: Final = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"
TEMPLATE: Final = {"templateId": "greet", "version": "1.2.0", "kind": "system", "text": "Hi"}
OUR_TEMPLATE: Final = {"template_id": "greet", "version": "1.2.0", "kind": "system", "text": "Hi"}
PAGE: Final = {
    "pageId": "p1",
    "slug": "home",
    "name": "Home",
    "status": "draft",
    "sectionOrder": ["s1"],
}
SETTINGS: Final = {
    "baseLocale": "en",
    "supportedLocales": ["de"],
    "autoTranslateOnPublish": True,
}


@attrs.frozen
class Pair:
    """One call in both words.

    Attributes:
        operation: The operation's id.
        ours: Our method below a client.
        arguments: Its arguments.
        theirs: The other client's method.
        values: Its positional arguments.
        named: Its arguments by name.
        majors: The majors in which both have it.
    """

    operation: str
    ours: str
    arguments: Mapping[str, Any]
    theirs: str
    values: Sequence[Any] = ()
    named: Mapping[str, Any] = attrs.field(factory=dict[str, Any])
    majors: tuple[int, ...] = (1, 2)


def of(name: str, /, **fields: Any) -> dict[str, Any]:
    """Return the description of a request object of theirs."""
    return {"@": name, **fields}


def on_run(
    operation: str,
    ours: str,
    theirs: str,
    more: Mapping[str, Any] | None = None,
    values: Sequence[Any] = (),
    named: Mapping[str, Any] | None = None,
    majors: tuple[int, ...] = (1, 2),
) -> list[Pair]:
    """Return the pairs of an operation on a run, with an id of each major."""
    return [
        Pair(
            operation,
            ours,
            {"run_id": run, **(more or {})},
            theirs,
            [run, *values],
            named or {},
            (major,),
        )
        for major, run in ((1, V1_RUN), (2, V2_RUN))
        if major in majors
    ]
