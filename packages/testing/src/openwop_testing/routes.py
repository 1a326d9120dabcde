"""The operations that the host serves: their routes, scopes and gates (v1.md 7, v2.md 11 to 24)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import attrs

__all__ = ["ROUTES", "Match", "Route", "match"]


@attrs.frozen
class Route:
    """One operation.

    Attributes:
        operation_id: Its name in the protocol.
        method: The HTTP method.
        v1: The path template in major 1; empty where that major lacks it.
        v2: The path template in major 2; empty where that major lacks it.
        scope: The scope that the credential needs; empty where no credential is asked for.
        gate: The capability that must be advertised, as a dotted path.
        ungated: The status that an ungated host of major 1 answers.
        idempotent: Whether an Idempotency-Key is honoured.
    """

    operation_id: str
    method: str
    v1: str
    v2: str
    scope: str = ""
    gate: str = ""
    ungated: int = 404
    idempotent: bool = False

    def template(self, major: int) -> str:
        """Return the path template of a major; empty where it lacks the operation."""
        return self.v1 if major == 1 else self.v2


def _both(
    operation_id: str,
    method: str,
    path: str,
    scope: str = "",
    gate: str = "",
    *,
    ungated: int = 404,
    idempotent: bool = False,
) -> Route:
    return Route(
        operation_id, method, f"/v1{path}", path, scope, gate, ungated, idempotent=idempotent
    )


def _table() -> Iterator[Route]:
    discovery = "/.well-known/openwop"
    yield Route("getCapabilities", "GET", discovery, discovery)
    yield _both("getOpenApiSpec", "GET", "/openapi.json")
    yield _both("getWorkflow", "GET", "/workflows/{workflowId}", "manifest:read")
    yield _both("createRun", "POST", "/runs", "runs:create", idempotent=True)
    yield Route("listRuns", "GET", "", "/runs", "runs:read", "runList")
    yield _both("bulkCancelRuns", "POST", "/runs:bulk-cancel", "runs:cancel", idempotent=True)
    yield _both("getRun", "GET", "/runs/{runId}", "runs:read")
    yield _both("streamRunEvents", "GET", "/runs/{runId}/events", "runs:read")
    yield _both("pollRunEvents", "GET", "/runs/{runId}/events/poll", "runs:read")
    yield _both("cancelRun", "POST", "/runs/{runId}/cancel", "runs:cancel", idempotent=True)
    pausing = "runs.pauseResume"
    yield _both("pauseRun", "POST", "/runs/{runId}:pause", "runs:cancel", pausing, idempotent=True)
    yield _both(
        "resumeRun", "POST", "/runs/{runId}:resume", "runs:cancel", pausing, idempotent=True
    )
    yield _both(
        "forkRun",
        "POST",
        "/runs/{runId}:fork",
        "runs:create",
        "replay",
        ungated=501,
        idempotent=True,
    )
    yield _both("diffRun", "GET", "/runs/{runId}:diff", "runs:read")
    yield _both(
        "getRunAncestry",
        "GET",
        "/runs/{runId}/ancestry",
        "runs:read",
        "multiAgent.executionModel.crossHostCausation.ancestryEndpointSupported",
    )
    annotations = "/runs/{runId}/annotations"
    yield _both(
        "createAnnotation",
        "POST",
        annotations,
        "runs:annotate",
        "feedback",
        ungated=501,
        idempotent=True,
    )
    yield _both("listAnnotations", "GET", annotations, "runs:read", "feedback", ungated=501)
    yield _both("getArtifact", "GET", "/runs/{runId}/artifacts/{artifactId}", "artifacts:read")
    yield Route(
        "getDebugBundle", "GET", "/v1/runs/{runId}/debug-bundle", "", "runs:read", "debugBundle"
    )
    yield _both(
        "getEvalSummary", "GET", "/runs/{runId}/eval-summary", "runs:read", "agents.evalSuite"
    )
    yield Route("getRunEffects", "GET", "", "/runs/{runId}/effects", "runs:read", "idempotency")
    yield _both("inspectInterruptByToken", "GET", "/interrupts/{token}")
    yield _both("resolveInterruptByToken", "POST", "/interrupts/{token}", idempotent=True)
    yield _both(
        "resolveInterruptByRun",
        "POST",
        "/runs/{runId}/interrupts/{nodeId}",
        "approvals:respond",
        idempotent=True,
    )


ROUTES: Final[tuple[Route, ...]] = tuple(_table())


@attrs.frozen
class Match:
    """A route and the path parameters that a request gives it, still escaped."""

    route: Route
    params: dict[str, str]


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)(\+?)\}", template)
    text = ""
    for index in range(0, len(parts) - 1, 3):
        wild = ".+" if parts[index + 2] else "[^/]+"
        if parts[index + 1] == "runId":
            # A custom verb follows a colon, which no run id holds unescaped.
            wild = "[^/:]+"
        text += re.escape(parts[index]) + f"(?P<{parts[index + 1]}>{wild})"
    return re.compile(text + re.escape(parts[-1]))


_PATTERNS = {
    major: [(_pattern(route.template(major)), route) for route in ROUTES if route.template(major)]
    for major in (1, 2)
}


def match(major: int, method: str, path: str) -> tuple[Match | None, bool]:
    """Find the route of a request.

    Args:
        major: The protocol major.
        method: The HTTP method.
        path: The path, still escaped.

    Returns:
        The match, or None; and whether the path exists with another method.
    """
    found = False
    for pattern, route in _PATTERNS[major]:
        hit = pattern.fullmatch(path)
        if hit is None:
            continue
        if route.method == method:
            return Match(route, hit.groupdict()), True
        found = True
    return None, found
