"""Nodes that call a model: streamed prompts and structured output, on mock providers.

See v1.md section 10 (mock providers) and v1-workflows.md section 8.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

from openwop_testing._json import JsonObject, as_list, as_object, clone, compact, is_number
from openwop_testing.engine.context import NodeContext
from openwop_testing.engine.effects import NodeError, NodeFunction, Outputs, Program, Wait
from openwop_testing.schemas import first_violation

__all__ = ["MOCK_PROVIDERS", "TYPES"]

MOCK_PROVIDERS: Final = ("stream-text", "tool-calls", "error", "usage-only")
_MODEL: Final = "mock-stream-text-v1"
_FENCE = re.compile(r"```(?:json)?\s*\n(.*?)\n?```", re.DOTALL)


def _mock(context: NodeContext) -> tuple[str, JsonObject]:
    """Return the mock provider of the run, and its configuration."""
    configurable = context.configurable
    chosen = as_object(
        configurable.get("mockProvider") or as_object(configurable.get("ai")).get("mockProvider")
    )
    if chosen:
        return str(chosen["id"]), as_object(chosen.get("config"))
    return "stream-text", context.config


def _chunk(context: NodeContext, text: str, *, last: bool, meta: JsonObject | None = None) -> None:
    payload: JsonObject = {
        "nodeId": context.node_id,
        "runId": context.run.run_id,
        "chunk": text,
        "isLast": last,
    }
    if meta is not None:
        payload["meta"] = meta
    context.emit("output.chunk", payload)


def _usage(context: NodeContext, usage: JsonObject, model: str) -> None:
    """Log what a call spent, exactly once per call."""
    if not context.services.capabilities.has("providerUsage"):
        return
    spent: JsonObject = {
        "provider": "mock",
        "model": model,
        "inputTokens": usage["promptTokens"],
        "outputTokens": usage["completionTokens"],
        "totalTokens": usage["totalTokens"],
        "nodeId": context.node_id,
    }
    if is_number(usage.get("costUsd")):
        spent["costEstimateUsd"] = usage["costUsd"]
        spent["currency"] = "USD"
    context.emit("provider.usage", spent)


def _spent(config: JsonObject, tokens: int) -> JsonObject:
    given = as_object(config.get("usage"))
    prompt = int(given.get("promptTokens", 1))
    completion = int(given.get("completionTokens", tokens))
    spent = {
        "promptTokens": prompt,
        "completionTokens": completion,
        "totalTokens": int(given.get("totalTokens", prompt + completion)),
    }
    if is_number(given.get("costUsd")):
        spent["costUsd"] = given["costUsd"]
    return spent


def _shown(usage: JsonObject) -> JsonObject:
    return {name: value for name, value in usage.items() if name != "costUsd"}


def _call_prompt(context: NodeContext) -> Program:
    """Stream an answer of the mock provider, token by token."""
    tool = as_object(context.config.get("mcp"))
    if tool:
        return {"result": call_tool(tool)}
    provider, config = _mock(context)
    pause = float(config.get("delayMsPerToken", 0)) / 1000
    if provider == "error":
        yield Wait(float(config.get("failAfterMs", 0)) / 1000)
        raise NodeError(
            str(config.get("code", "upstream_unavailable")),
            str(config.get("message", "The mock provider fails.")),
            retryable=bool(config.get("retryable", False)),
        )
    model = str(config.get("model", _MODEL))
    calls = as_list(config.get("toolCalls"))
    tokens = [str(token) for token in as_list(config.get("tokens", ["mock", " response"]))]
    if provider in {"tool-calls", "usage-only"}:
        tokens = [""]
    usage = _spent(config, len(tokens))
    reason = "tool_calls" if provider == "tool-calls" else str(config.get("finishReason", "stop"))
    for index, token in enumerate(tokens):
        if pause:
            yield Wait(pause)
        last = index == len(tokens) - 1
        meta: JsonObject | None = None
        if last:
            meta = {"finishReason": reason, "model": model, "usage": _shown(usage)}
            if calls:
                meta["toolCalls"] = clone(calls)
        _chunk(context, token, last=last, meta=meta)
    _usage(context, usage, model)
    outputs: Outputs = {"text": "".join(tokens)}
    if calls:
        outputs["toolCalls"] = clone(calls)
    return outputs


def call_tool(tool: JsonObject) -> JsonObject:
    """Call a tool of the built-in MCP server, which only echoes.

    Raises:
        NodeError: The server has no such tool.
    """
    if tool.get("tool") != "echo":
        raise NodeError("not_found", f"The MCP server has no tool {tool.get('tool')!r}.")
    arguments: JsonObject = clone(as_object(tool.get("arguments")))
    return {"content": [{"type": "text", "text": compact(arguments)}], "isError": False}


class _Envelopes:
    """One structured call with its attempts."""

    def __init__(self, context: NodeContext) -> None:
        self.context = context
        self.config = context.config
        self.schema = as_object(self.config.get("outputSchema"))
        self.provider = str(self.config.get("provider", "mock"))
        self.model = str(self.config.get("model", "mock"))
        reliability = as_object(context.services.capabilities.get("envelopes.reliability"))
        self.events = bool(reliability.get("supported"))
        self.most = int(reliability.get("maxRetryAttempts", 1))
        self.attempt = 1

    def log(self, name: str, **members: Any) -> None:
        """Log an event of the family, where the host advertises it."""
        if self.events:
            self.context.emit(f"envelope.{name}", {"nodeId": self.context.node_id, **members})

    def ask(self) -> JsonObject:
        """Call the model once."""
        answer = self.context.services.models.next(self.context.node_id)
        if answer is None:
            answer = {"text": compact(_example(self.schema))}
        text = str(answer.get("text", ""))
        usage = {"promptTokens": 1, "completionTokens": len(text.split()), "totalTokens": 0}
        usage["totalTokens"] = 1 + usage["completionTokens"]
        _usage(self.context, usage, self.model)
        return answer

    def again(self, reason: str, error: str) -> bool:
        """Begin the next attempt, if there is one left."""
        if self.attempt >= self.most:
            return False
        self.attempt += 1
        self.log("retry.attempted", attempt=self.attempt, reason=reason, previousError=error)
        return True

    def exhausted(self, reason: str, error: str) -> None:
        """Log that no attempt is left."""
        self.log(
            "retry.exhausted", totalAttempts=self.attempt, finalReason=reason, finalError=error
        )

    def failed(self, code: str, message: str) -> NodeError:
        """Return the failure of the node."""
        return NodeError(
            code,
            message,
            details={"nodeId": self.context.node_id, "totalAttempts": self.attempt},
        )


def _structured_output(context: NodeContext) -> Outputs:
    """Ask for an answer of a shape, as often as the host allows."""
    call = _Envelopes(context)
    only_prose = True
    while True:
        answer = call.ask()
        stop = answer.get("stopReason")
        if stop == "safety" or "refusalText" in answer:
            _refuse(call)
        if stop in {"max_tokens", "length"}:
            call.log(
                "truncated",
                provider=call.provider,
                model=call.model,
                stopReason=stop,
                partialPayloadAvailable=bool(answer.get("text")),
            )
            if call.again("truncation", "the answer was cut off"):
                continue
            call.exhausted("truncation", "the answer was cut off")
            raise call.failed(
                "envelope_truncation_unrecoverable", "Every answer of the model was cut off."
            )
        parsed, path = _parse(str(answer.get("text", "")))
        violation = "not JSON" if path is None else first_violation(call.schema, parsed)
        if violation is None:
            if path != "direct":
                call.log("recovery.applied", path=path)
            return {"output": parsed}
        only_prose = only_prose and path is None
        reason = "parse-error" if path is None else "schema-violation"
        if call.again(reason, violation):
            continue
        if only_prose and call.events:
            formatted = _format(call)
            if formatted is not None:
                return {"output": formatted}
        call.exhausted(reason, violation)
        raise call.failed("envelope_invalid", "No answer of the model has the shape asked for.")


def _refuse(call: _Envelopes) -> None:
    # The provider's words stay out of the log and out of the message (v1.md section 5.1).
    call.log("refusal", provider=call.provider, model=call.model, refusalText="[REDACTED]")
    call.context.refused()
    raise call.failed("envelope_refusal", "The provider refused to answer.")


def _format(call: _Envelopes) -> Any:
    """Let a second call turn prose into the shape; return None where that fails too."""
    title = str(call.schema.get("title", "envelope"))
    call.log("nlToFormat.engaged", originalEnvelopeType=title, fallbackCalls=1)
    parsed, path = _parse(str(call.ask().get("text", "")))
    if path is None or first_violation(call.schema, parsed) is not None:
        return None
    return parsed


def _parse(text: str) -> tuple[Any, str | None]:
    """Return the JSON in a text and how it was found; None for the way where there is none."""
    fenced = _FENCE.search(text)
    start, end = text.find("{"), text.rfind("}")
    places = [("direct", text)]
    if fenced is not None:
        places.append(("markdown-fence", fenced[1]))
    if 0 <= start < end:
        places.append(("brace-walker", text[start : end + 1]))
    for path, candidate in places:
        try:
            return json.loads(candidate), path
        except ValueError:
            continue
    return None, None


_EXAMPLES: Final[dict[str, Any]] = {
    "string": "text",
    "boolean": True,
    "integer": 1,
    "number": 1,
    "array": [],
    "null": None,
}


def _example(schema: JsonObject) -> Any:
    """Return a value that fits a simple schema."""
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return as_list(schema["enum"])[0]
    kind = schema.get("type", "object")
    if kind != "object":
        return clone(_EXAMPLES.get(str(kind)))
    members = as_object(schema.get("properties"))
    required = as_list(schema.get("required"))
    return {name: _example(as_object(members.get(name))) for name in required}


TYPES: dict[str, NodeFunction] = {
    "core.ai.callPrompt": _call_prompt,
    "core.ai.structuredOutput": _structured_output,
}
