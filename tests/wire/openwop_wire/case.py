"""The shape of a row: one operation, its call, and what it is on the wire of each major."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import attrs

NO_BODY: Final = object()
"""Stands for a request without a body, because null is one."""

V1_RUN: Final = "run/1 \u00e9"
V1_RUN_PATH: Final = "run%2F1%20%C3%A9"
V2_RUN: Final = "acme/r-9f3c2b1a8d7e6f50"
V2_RUN_PATH: Final = "acme~2Fr-9f3c2b1a8d7e6f50"


@attrs.frozen
class Fault:
    """A documented error and what becomes of it.

    Attributes:
        status: The HTTP status.
        code: The code in the envelope.
        raises: The name of the class in `openwop`.
    """

    status: int
    code: str
    raises: str


MISSING: Final = Fault(404, "not_found", "NotFoundError")
INVALID: Final = Fault(400, "validation_error", "BadRequestError")


@attrs.frozen
class Wire:
    """One operation in one major.

    Attributes:
        method: The verb.
        target: The raw path and query, as they stand in the request line.
        answer: What the host answers: JSON data, bytes, or None for an empty body.
        sees: What the client returns, by dotted path; the empty path is the whole.
        arguments: Arguments of this major alone, over those of the row.
        body: The JSON of the request, its bytes, or `NO_BODY`.
        headers: Headers that the operation adds to those of every request.
        key: Whether the host honours an `Idempotency-Key`, so that a POST may be repeated.
        anonymous: Whether no credential goes along.
        accept: The `Accept` header.
        content_type: The type of the request's body, where it has one.
        status: The status of the answer.
        answer_type: The type of the answer's body.
        fault: A documented error.
        gate: Where discovery advertises the operation; empty for operations of every host.
        optional: Whether a host may lack the operation without a word in discovery.
    """

    method: str
    target: str
    answer: Any = None
    sees: Mapping[str, Any] = attrs.field(factory=dict[str, Any])
    arguments: Mapping[str, Any] = attrs.field(factory=dict[str, Any])
    body: Any = NO_BODY
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str])
    key: bool = False
    anonymous: bool = False
    accept: str = "application/json"
    content_type: str = "application/json"
    status: int = 200
    answer_type: str = "application/json"
    fault: Fault = MISSING
    gate: str = ""
    optional: bool = False


@attrs.frozen
class Case:
    """One operation.

    Attributes:
        operation: The operation's id in the protocol.
        call: The Python method below a client.
        arguments: Its arguments, by name.
        v1: What it is in major 1; None where that major lacks it.
        v2: The same in major 2.
    """

    operation: str
    call: str
    arguments: Mapping[str, Any]
    v1: Wire | None = None
    v2: Wire | None = None

    def wire(self, major: int) -> Wire | None:
        """Return what the operation is in *major*."""
        return self.v1 if major == 1 else self.v2

    def given(self, major: int) -> dict[str, Any]:
        """Return the arguments of the call to a host of *major*."""
        wire = self.wire(major)
        return {**self.arguments, **(wire.arguments if wire else {})}


def both(
    operation: str,
    call: str,
    method: str,
    path: str,
    arguments: Mapping[str, Any] | None = None,
    *,
    gates: tuple[str, str] = ("", ""),
    **rest: Any,
) -> Case:
    """Return the row of an operation whose majors differ by the prefix and the gate alone."""
    return Case(
        operation,
        call,
        arguments or {},
        v1=Wire(method, f"/v1{path}", gate=gates[0], **rest),
        v2=Wire(method, path, gate=gates[1], **rest),
    )


def both_runs(
    operation: str,
    call: str,
    method: str,
    path: str,
    arguments: Mapping[str, Any] | None = None,
    *,
    gates: tuple[str, str] = ("", ""),
    **rest: Any,
) -> Case:
    """Return the same for an operation on a run; `{run}` in *path* is the run's id."""
    name = "run_id"
    return Case(
        operation,
        call,
        arguments or {},
        v1=Wire(
            method,
            f"/v1{path}".replace("{run}", V1_RUN_PATH),
            arguments={name: V1_RUN},
            gate=gates[0],
            **rest,
        ),
        v2=Wire(
            method,
            path.replace("{run}", V2_RUN_PATH),
            arguments={name: V2_RUN},
            gate=gates[1],
            **rest,
        ),
    )
