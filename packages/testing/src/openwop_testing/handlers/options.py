"""The options of a new run: their shapes in each major, and what the host refuses.

See v1.md sections 7.2 and 10, v2.md sections 9.1 and 9.3.
"""

from __future__ import annotations

from typing import Any, Final

from openwop_testing._json import JsonObject, as_list, as_object, canonical, is_number, is_object
from openwop_testing.engine.run import Options
from openwop_testing.pipeline import Call
from openwop_testing.problems import Problem, invalid
from openwop_testing.shapes import (
    Check,
    array,
    check,
    integer,
    member,
    number,
    object_of,
    open_object,
    string,
)

__all__ = ["options_of", "refuse_options"]

_LARGEST_METADATA: Final = 50_000

_MOCK: Final = object_of(
    {"id": string(minimum=1, maximum=128), "config": open_object()}, required=("id",)
)
_BUDGET: Final = object_of(
    {
        "maxTokens": integer(0),
        "maxCostUsd": number(0),
        "maxToolCalls": integer(0),
        "maxRetries": integer(0),
        "modelAllow": array(string()),
        "modelDeny": array(string()),
        "thresholdPercent": number(0, 100),
        "onExhaustion": member("fail", "interrupt"),
    }
)
_CONFIGURABLE_1: Final = object_of(
    {
        "recursionLimit": integer(1),
        "runTimeoutMs": integer(1),
        "maxLoopIterations": integer(1),
        "model": string(minimum=1),
        "temperature": number(0, 2),
        "maxTokens": integer(1),
        "promptOverrides": object_of({}, extra=True),
        "mockProvider": _MOCK,
        "escalationThreshold": number(0, 1),
        "reasoningVerbosity": member("summary", "full", "off"),
        "budget": _BUDGET,
    },
    extra=True,
)
_CONFIGURABLE_2: Final = object_of(
    {
        "version": integer(1, 1),
        "run": object_of(
            {
                "recursionLimit": integer(1),
                "runTimeoutMs": integer(1),
                "maxLoopIterations": integer(1),
                "escalationThreshold": number(0, 1),
            }
        ),
        "ai": object_of(
            {
                "provider": string(minimum=1),
                "model": string(minimum=1),
                "temperature": number(0, 2),
                "maxTokens": integer(1),
                "credentialRef": string(minimum=1),
                "promptOverrides": open_object(),
                "mockProvider": _MOCK,
                "reasoningVerbosity": member("none", "summary", "full"),
                "maxRefusals": integer(0),
            }
        ),
        "distillation": object_of({"tokenBudget": integer(1)}),
        "budget": _BUDGET,
        "extensions": object_of({}, extra=True),
    },
    required=("version",),
)
_TAGS: Final = array(string(minimum=1, maximum=256), maximum=100)


def _members(major: int) -> dict[str, Check]:
    shared: dict[str, Check] = {
        "workflowId": string(minimum=1),
        "inputs": open_object(),
        "tenantId": string(minimum=1),
        "scopeId": string(minimum=1),
        "callbackUrl": string(https=True),
        "residency": object_of({"region": string(minimum=1)}, required=("region",)),
        "mode": member("eval"),
        "evalSuiteRef": string(minimum=1),
        "agentId": string(minimum=3, maximum=256),
        "configurable": _CONFIGURABLE_1 if major == 1 else _CONFIGURABLE_2,
        "tags": _TAGS,
        "metadata": open_object(),
    }
    if major == 2:
        modes = member("golden", "rubric", "adversarial", "regression", "live-shadow")
        shared["evalModes"] = array(modes, minimum=1)
        shared["baselineRunId"] = string(minimum=1)
        shared["fixtureRuns"] = object_of({}, extra=True)
        shared["runSecrets"] = array(
            object_of(
                {
                    "ref": string(pattern=r"^run:[A-Za-z0-9_.-]{1,64}$"),
                    "value": string(minimum=16, maximum=4096),
                },
                required=("ref", "value"),
            ),
            minimum=1,
        )
    return shared


_BODY: Final[dict[int, Check]] = {major: object_of(_members(major)) for major in (1, 2)}
_OVERLAY: Final[dict[int, Check]] = {
    major: object_of(
        {
            "configurable": _CONFIGURABLE_1 if major == 1 else _CONFIGURABLE_2,
            "tags": _TAGS,
            "metadata": open_object(),
        }
    )
    for major in (1, 2)
}
_TYPES: Final[dict[str, Any]] = {
    "string": str,
    "boolean": bool,
    "object": dict,
    "array": list,
}


def overlay_shape(major: int) -> Check:
    """Return the shape of the run options that a branch may change."""
    return _OVERLAY[major]


def options_of(call: Call, workflow: JsonObject | None) -> Options:
    """Return the options of a creation, or refuse it before there is a run.

    Raises:
        Problem: The body, its options or its inputs are not ones that this host takes.
    """
    body = as_object(call.body)
    configurable = as_object(body["configurable"]) if "configurable" in body else None
    refuse_options(call, configurable, workflow)
    metadata = body.get("metadata")
    if metadata is not None and len(canonical(metadata)) > _LARGEST_METADATA:
        raise invalid(f"metadata has at most {_LARGEST_METADATA} bytes.", field="metadata")
    tenant = body.get("tenantId")
    if tenant is not None and tenant != call.credential.tenant:
        raise Problem(403, "forbidden", "The credential is not one of that tenant.")
    inputs = as_object(body.get("inputs"))
    if workflow is not None:
        _check_inputs(workflow, inputs)
    return Options(
        inputs=inputs,
        configurable=configurable,
        tags=body.get("tags"),
        metadata=metadata,
        scope_id=body.get("scopeId"),
        engine_version=_forced_version(call),
        callback_url=body.get("callbackUrl"),
    )


def check_body(call: Call) -> JsonObject:
    """Return the body of a creation once it has its shape.

    Raises:
        Problem: 400 `validation_error`.
    """
    check(_BODY[call.major], call.body)
    body = as_object(call.body)
    if body.get("mode") == "eval":
        missing = [name for name in ("evalSuiteRef", "agentId") if name not in body]
        if missing:
            raise invalid(f"An evaluation needs {missing[0]}.", field=missing[0])
    elif "workflowId" not in body:
        raise invalid("workflowId is required.", field="workflowId")
    _check_gated_members(call, body)
    return body


def _check_gated_members(call: Call, body: JsonObject) -> None:
    host = call.host
    if "residency" in body:
        regions = as_list(host.capabilities.get("dataResidency.regions"))
        region = as_object(body["residency"])["region"]
        if region not in regions:
            raise Problem(
                422,
                "residency_unavailable",
                "The host keeps no data in that region.",
                details={"requestedRegion": region, "availableRegions": regions},
            )
    if call.major == 2:
        for name, gate in (
            ("callbackUrl", "interrupt.callbackDelivery"),
            ("runSecrets", "secrets.runSecrets"),
            ("evalModes", "agents.evalSuite.baselineSelection"),
            ("baselineRunId", "agents.evalSuite.baselineSelection"),
            ("fixtureRuns", "agents.evalSuite.recordedFixtures"),
        ):
            if name in body and not host.capabilities.has(gate):
                raise invalid(f"{name} is only taken where {gate} is advertised.", field=name)


def refuse_options(
    call: Call, configurable: JsonObject | None, workflow: JsonObject | None
) -> None:
    """Refuse what a caller may not configure.

    Raises:
        Problem: A mock provider without a test key, one that is unknown, a value out of bounds,
            or one that the workflow's own schema refuses.
    """
    given = configurable or {}
    mock = as_object(given.get("mockProvider") or as_object(given.get("ai")).get("mockProvider"))
    if mock:
        known = as_list(call.host.capabilities.get("testing.mockProviders"))
        if not call.credential.test:
            raise Problem(
                403,
                "mock_provider_forbidden",
                "Mock providers need a test key.",
                details={"requestedProvider": mock["id"], "supportedProviders": known},
            )
        if mock["id"] not in known:
            code = "unsupported_mock_provider" if call.major == 1 else "validation_error"
            raise Problem(
                400,
                code,
                "The host has no such mock provider.",
                details={"requestedProvider": mock["id"], "supportedProviders": known},
            )
    _check_provider(call, given)
    declared = call.host.capabilities.get("configurable")
    if is_object(declared) and call.major == 1:
        _check_declared(given, as_object(declared))
    schema = (workflow or {}).get("configurableSchema")
    if is_object(schema) and configurable is not None:
        from openwop_testing.schemas import first_violation

        violation = first_violation(as_object(schema), configurable)
        if violation is not None:
            raise invalid(
                f"configurable does not fit the workflow's schema: {violation}",
                field="configurable",
            )


def _check_provider(call: Call, given: JsonObject) -> None:
    nested = as_object(given.get("ai"))
    provider = given.get("ai.provider", nested.get("provider"))
    reference = given.get("ai.credentialRef", nested.get("credentialRef"))
    if provider is not None and provider not in as_list(
        call.host.capabilities.get("aiProviders.supported")
    ):
        raise invalid("The host does not offer that AI provider.", field="configurable.ai.provider")
    if reference is not None and provider not in as_list(
        call.host.capabilities.get("aiProviders.byok")
    ):
        raise Problem(
            403,
            "credential_forbidden",
            "The provider takes no credential of the caller's.",
            details={"provider": provider},
        )


def _check_declared(given: JsonObject, declared: JsonObject) -> None:
    for name, value in given.items():
        rule = declared.get(name)
        if rule is None:
            raise invalid("The host declares no such option.", field=f"configurable.{name}")
        bounds = as_object(rule)
        low, high = bounds.get("min"), bounds.get("max")
        if is_number(value) and (
            (is_number(low) and value < low) or (is_number(high) and value > high)
        ):
            raise invalid("The option is out of bounds.", field=f"configurable.{name}")


def _check_inputs(workflow: JsonObject, inputs: JsonObject) -> None:
    for variable in as_list(workflow.get("variables")):
        name = variable["name"]
        if name not in inputs:
            if variable.get("required") and "defaultValue" not in variable:
                raise invalid("The workflow needs this input.", field=f"inputs.{name}")
            continue
        kind, value = variable.get("type"), inputs[name]
        wrong = (
            not is_number(value)
            if kind == "number"
            else kind in _TYPES and not isinstance(value, _TYPES[kind])
        )
        if wrong:
            raise invalid(f"The workflow wants a value of type {kind}.", field=f"inputs.{name}")


def _forced_version(call: Call) -> int | None:
    name = "X-Force-Engine-Version" if call.major == 1 else "OpenWOP-Force-Engine-Version"
    given = call.headers.get(name)
    if given is None:
        return None
    if not call.credential.test:
        raise Problem(
            403, "force_engine_version_forbidden", "Forcing an engine version needs a test key."
        )
    bounds = as_object(call.host.capabilities.get("testing.forceEngineVersionRange"))
    low, high = int(bounds.get("min", 0)), int(bounds.get("max", 0))
    if not given.isdigit() or not low <= int(given) <= high:
        code = "unsupported_force_engine_version" if call.major == 1 else "validation_error"
        raise Problem(
            400, code, "The engine version is out of range.", details={"min": low, "max": high}
        )
    return int(given)
