"""What events carry.  State, artifacts, output and log lines."""

# ruff: noqa: PYI051  # the listed values are there for editors; any other is read too
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, Self

import attrs

from openwop.runtime._model import JSON, on_wire
from openwop.runtime._operation import UNSET, Unset
from openwop.runtime._payload import (
    Payload,
    as_members,
    as_strings,
    blank,
    check_payload,
    nested,
    set_extra,
    undeclared,
)
from openwop.runtime._structure import as_integer, mismatch

__all__ = [
    "ArtifactCreatedPayload",
    "ChannelWrittenPayload",
    "ChunkMeta",
    "ChunkUsage",
    "ContextSummarizedPayload",
    "LogAppendedPayload",
    "OutputChunkPayload",
    "VariableChangedPayload",
    "VersionPinnedPayload",
    "WorkspaceUpdatedPayload",
]


_CHUNK_USAGE: Final[frozenset[str]] = frozenset(["completionTokens", "promptTokens", "totalTokens"])


@attrs.frozen(kw_only=True, repr=False, slots=False)
class ChunkUsage(Payload):
    """The tokens that a model call has used so far.

    Attributes:
        prompt_tokens: Tokens that were sent.
        completion_tokens: Tokens that were generated.
        total_tokens: Tokens in all.

    Section: v1-events.md §3.4; v2-events.md, "State, output, log".
    """

    prompt_tokens: int | None = attrs.field(default=None, metadata=on_wire("promptTokens"))
    completion_tokens: int | None = attrs.field(default=None, metadata=on_wire("completionTokens"))
    total_tokens: int | None = attrs.field(default=None, metadata=on_wire("totalTokens"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "ChunkUsage", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "ChunkUsage")
        get = data.get
        prompt_tokens = get("promptTokens")
        if prompt_tokens is not None and type(prompt_tokens) is not int:
            prompt_tokens = as_integer(prompt_tokens, "ChunkUsage.promptTokens")
        completion_tokens = get("completionTokens")
        if completion_tokens is not None and type(completion_tokens) is not int:
            completion_tokens = as_integer(completion_tokens, "ChunkUsage.completionTokens")
        total_tokens = get("totalTokens")
        if total_tokens is not None and type(total_tokens) is not int:
            total_tokens = as_integer(total_tokens, "ChunkUsage.totalTokens")
        self = blank(cls)
        fields = self.__dict__
        fields["prompt_tokens"] = prompt_tokens
        fields["completion_tokens"] = completion_tokens
        fields["total_tokens"] = total_tokens
        known = _CHUNK_USAGE
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_CHUNK_META: Final[frozenset[str]] = frozenset(
    ["finishReason", "logprobs", "model", "provider", "providerExtensions", "toolCalls", "usage"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class ChunkMeta(Payload):
    """What a provider says beside the text of a chunk.

    Attributes:
        finish_reason: Why the output ended; on the last chunk.
        logprobs: Log probabilities, as the provider gives them.
        tool_calls: Tool calls, as the provider gives them.
        model: The model.
        usage: Tokens used.
        provider: The provider.
        provider_extensions: Whatever else the provider says.

    Section: v1-events.md §3.4; v2-events.md, "State, output, log".
    """

    finish_reason: Literal["stop", "length", "tool_calls", "content_filter"] | str | None = (
        attrs.field(default=None, metadata=on_wire("finishReason"))
    )
    logprobs: list[JSON] | None = None
    tool_calls: list[JSON] | None = attrs.field(default=None, metadata=on_wire("toolCalls"))
    model: str | None = None
    usage: ChunkUsage | None = None
    provider: str | None = None
    provider_extensions: dict[str, JSON] | None = attrs.field(
        default=None, metadata=on_wire("providerExtensions")
    )

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "ChunkMeta", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "ChunkMeta")
        get = data.get
        finish_reason = get("finishReason")
        if finish_reason is not None and type(finish_reason) is not str:
            raise mismatch("ChunkMeta.finishReason", "str", finish_reason)
        logprobs = get("logprobs")
        if logprobs is not None and type(logprobs) is not list:
            raise mismatch("ChunkMeta.logprobs", "array", logprobs)
        tool_calls = get("toolCalls")
        if tool_calls is not None and type(tool_calls) is not list:
            raise mismatch("ChunkMeta.toolCalls", "array", tool_calls)
        model = get("model")
        if model is not None and type(model) is not str:
            raise mismatch("ChunkMeta.model", "str", model)
        usage = get("usage")
        if usage is not None:
            usage = nested(ChunkUsage, usage, "ChunkMeta.usage")
        provider = get("provider")
        if provider is not None and type(provider) is not str:
            raise mismatch("ChunkMeta.provider", "str", provider)
        provider_extensions = get("providerExtensions")
        if provider_extensions is not None and type(provider_extensions) is not dict:
            raise mismatch("ChunkMeta.providerExtensions", "object", provider_extensions)
        self = blank(cls)
        fields = self.__dict__
        fields["finish_reason"] = finish_reason
        fields["logprobs"] = logprobs
        fields["tool_calls"] = tool_calls
        fields["model"] = model
        fields["usage"] = usage
        fields["provider"] = provider
        fields["provider_extensions"] = provider_extensions
        known = _CHUNK_META
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_CHANNEL_WRITTEN_PAYLOAD: Final[frozenset[str]] = frozenset(
    [
        "channel",
        "nodeId",
        "reducer",
        "schemaVersion",
        "sourceEngineId",
        "sourceRunId",
        "value",
        "writtenAt",
    ]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class ChannelWrittenPayload(Payload):
    """What `channel.written` carries.

    Attributes:
        channel: The channel. Required.
        value: The value that was written, before the reducer folded it in. Required.
        reducer: How the channel folds values: `replace`, `append`, `merge`, `counter`, `votes`,
            `feedback`, `message` or a vendor's own. Required.
        node_id: The node, as the workflow names it.
        written_at: When it was written. Required.
        schema_version: The version of the channel's schema.
        source_engine_id: The engine that wrote, when it is not this run's.
        source_run_id: The run that wrote, when it is not this one.

    Section: v1-events.md §3.4; v2-events.md, "State, output, log".
    """

    channel: str | None = None
    value: JSON | Unset = UNSET
    reducer: str | None = None
    node_id: str | None = attrs.field(default=None, metadata=on_wire("nodeId"))
    written_at: str | None = attrs.field(default=None, metadata=on_wire("writtenAt"))
    schema_version: int | None = attrs.field(default=None, metadata=on_wire("schemaVersion"))
    source_engine_id: str | None = attrs.field(default=None, metadata=on_wire("sourceEngineId"))
    source_run_id: str | None = attrs.field(default=None, metadata=on_wire("sourceRunId"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "ChannelWrittenPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "ChannelWrittenPayload")
        get = data.get
        channel = get("channel")
        if channel is not None and type(channel) is not str:
            raise mismatch("ChannelWrittenPayload.channel", "str", channel)
        value = get("value", UNSET)
        reducer = get("reducer")
        if reducer is not None and type(reducer) is not str:
            raise mismatch("ChannelWrittenPayload.reducer", "str", reducer)
        node_id = get("nodeId")
        if node_id is not None and type(node_id) is not str:
            raise mismatch("ChannelWrittenPayload.nodeId", "str", node_id)
        written_at = get("writtenAt")
        if written_at is not None and type(written_at) is not str:
            raise mismatch("ChannelWrittenPayload.writtenAt", "str", written_at)
        schema_version = get("schemaVersion")
        if schema_version is not None and type(schema_version) is not int:
            schema_version = as_integer(schema_version, "ChannelWrittenPayload.schemaVersion")
        source_engine_id = get("sourceEngineId")
        if source_engine_id is not None and type(source_engine_id) is not str:
            raise mismatch("ChannelWrittenPayload.sourceEngineId", "str", source_engine_id)
        source_run_id = get("sourceRunId")
        if source_run_id is not None and type(source_run_id) is not str:
            raise mismatch("ChannelWrittenPayload.sourceRunId", "str", source_run_id)
        self = blank(cls)
        fields = self.__dict__
        fields["channel"] = channel
        fields["value"] = value
        fields["reducer"] = reducer
        fields["node_id"] = node_id
        fields["written_at"] = written_at
        fields["schema_version"] = schema_version
        fields["source_engine_id"] = source_engine_id
        fields["source_run_id"] = source_run_id
        known = _CHANNEL_WRITTEN_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_ARTIFACT_CREATED_PAYLOAD: Final[frozenset[str]] = frozenset(
    [
        "artifactId",
        "artifactType",
        "nodeId",
        "registered",
        "registrationSource",
        "summary",
        "version",
    ]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class ArtifactCreatedPayload(Payload):
    """What `artifact.created` carries.

    Attributes:
        artifact_id: The artifact. Required.
        artifact_type: The artifact's type. Required.
        node_id: The node, as the workflow names it.
        version: The version.
        summary: A short description.
        registered: Whether the artifact's type is a registered one.
        registration_source: Where the type was registered.

    Section: v1-events.md §3.4; v2-events.md, "State, output, log".
    """

    artifact_id: str | None = attrs.field(default=None, metadata=on_wire("artifactId"))
    artifact_type: str | None = attrs.field(default=None, metadata=on_wire("artifactType"))
    node_id: str | None = attrs.field(default=None, metadata=on_wire("nodeId"))
    version: str | None = None
    summary: str | None = None
    registered: bool | None = None
    registration_source: Literal["pack", "host"] | str | None = attrs.field(
        default=None, metadata=on_wire("registrationSource")
    )

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "ArtifactCreatedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "ArtifactCreatedPayload")
        get = data.get
        artifact_id = get("artifactId")
        if artifact_id is not None and type(artifact_id) is not str:
            raise mismatch("ArtifactCreatedPayload.artifactId", "str", artifact_id)
        artifact_type = get("artifactType")
        if artifact_type is not None and type(artifact_type) is not str:
            raise mismatch("ArtifactCreatedPayload.artifactType", "str", artifact_type)
        node_id = get("nodeId")
        if node_id is not None and type(node_id) is not str:
            raise mismatch("ArtifactCreatedPayload.nodeId", "str", node_id)
        version = get("version")
        if version is not None and type(version) is not str:
            raise mismatch("ArtifactCreatedPayload.version", "str", version)
        summary = get("summary")
        if summary is not None and type(summary) is not str:
            raise mismatch("ArtifactCreatedPayload.summary", "str", summary)
        registered = get("registered")
        if registered is not None and type(registered) is not bool:
            raise mismatch("ArtifactCreatedPayload.registered", "bool", registered)
        registration_source = get("registrationSource")
        if registration_source is not None and type(registration_source) is not str:
            raise mismatch("ArtifactCreatedPayload.registrationSource", "str", registration_source)
        self = blank(cls)
        fields = self.__dict__
        fields["artifact_id"] = artifact_id
        fields["artifact_type"] = artifact_type
        fields["node_id"] = node_id
        fields["version"] = version
        fields["summary"] = summary
        fields["registered"] = registered
        fields["registration_source"] = registration_source
        known = _ARTIFACT_CREATED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_OUTPUT_CHUNK_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["channel", "chunk", "isLast", "meta", "nodeId", "runId"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class OutputChunkPayload(Payload):
    """What `output.chunk` carries.

    Attributes:
        node_id: The node, as the workflow names it. Required.
        run_id: The run. Required.
        chunk: The text of this piece. Required.
        is_last: True on the last piece of one model call. Required.
        channel: The logical channel of the text, when a node has several.
        meta: What the provider said beside the text.

    Section: v1-events.md §3.4; v2-events.md, "State, output, log".
    """

    node_id: str | None = attrs.field(default=None, metadata=on_wire("nodeId"))
    run_id: str | None = attrs.field(default=None, metadata=on_wire("runId"))
    chunk: str | None = None
    is_last: bool | None = attrs.field(default=None, metadata=on_wire("isLast"))
    channel: str | None = None
    meta: ChunkMeta | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "OutputChunkPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "OutputChunkPayload")
        get = data.get
        node_id = get("nodeId")
        if node_id is not None and type(node_id) is not str:
            raise mismatch("OutputChunkPayload.nodeId", "str", node_id)
        run_id = get("runId")
        if run_id is not None and type(run_id) is not str:
            raise mismatch("OutputChunkPayload.runId", "str", run_id)
        chunk = get("chunk")
        if chunk is not None and type(chunk) is not str:
            raise mismatch("OutputChunkPayload.chunk", "str", chunk)
        is_last = get("isLast")
        if is_last is not None and type(is_last) is not bool:
            raise mismatch("OutputChunkPayload.isLast", "bool", is_last)
        channel = get("channel")
        if channel is not None and type(channel) is not str:
            raise mismatch("OutputChunkPayload.channel", "str", channel)
        meta = get("meta")
        if meta is not None:
            meta = nested(ChunkMeta, meta, "OutputChunkPayload.meta")
        self = blank(cls)
        fields = self.__dict__
        fields["node_id"] = node_id
        fields["run_id"] = run_id
        fields["chunk"] = chunk
        fields["is_last"] = is_last
        fields["channel"] = channel
        fields["meta"] = meta
        known = _OUTPUT_CHUNK_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_VARIABLE_CHANGED_PAYLOAD: Final[frozenset[str]] = frozenset(["name", "next", "nodeId", "previous"])


@attrs.frozen(kw_only=True, repr=False, slots=False)
class VariableChangedPayload(Payload):
    """What `variable.changed` carries.

    Attributes:
        name: The variable. Required.
        previous: The value before.
        next: The value after.
        node_id: The node, as the workflow names it.

    Section: v1-events.md §3.4; v2-events.md, "State, output, log".
    """

    name: str | None = None
    previous: JSON | Unset = UNSET
    next: JSON | Unset = UNSET
    node_id: str | None = attrs.field(default=None, metadata=on_wire("nodeId"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "VariableChangedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "VariableChangedPayload")
        get = data.get
        name = get("name")
        if name is not None and type(name) is not str:
            raise mismatch("VariableChangedPayload.name", "str", name)
        previous = get("previous", UNSET)
        next_ = get("next", UNSET)
        node_id = get("nodeId")
        if node_id is not None and type(node_id) is not str:
            raise mismatch("VariableChangedPayload.nodeId", "str", node_id)
        self = blank(cls)
        fields = self.__dict__
        fields["name"] = name
        fields["previous"] = previous
        fields["next"] = next_
        fields["node_id"] = node_id
        known = _VARIABLE_CHANGED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_LOG_APPENDED_PAYLOAD: Final[frozenset[str]] = frozenset(["fields", "level", "message", "nodeId"])


@attrs.frozen(kw_only=True, repr=False, slots=False)
class LogAppendedPayload(Payload):
    """What `log.appended` carries.

    Attributes:
        level: How serious the line is. Required.
        message: The line's text. Required.
        node_id: The node, as the workflow names it.
        fields: What belongs to the line, by name.

    Section: v1-events.md §3.4; v2-events.md, "State, output, log".
    """

    level: Literal["debug", "info", "warn", "error"] | str | None = None
    message: str | None = None
    node_id: str | None = attrs.field(default=None, metadata=on_wire("nodeId"))
    fields: dict[str, JSON] | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "LogAppendedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "LogAppendedPayload")
        get = data.get
        level = get("level")
        if level is not None and type(level) is not str:
            raise mismatch("LogAppendedPayload.level", "str", level)
        message = get("message")
        if message is not None and type(message) is not str:
            raise mismatch("LogAppendedPayload.message", "str", message)
        node_id = get("nodeId")
        if node_id is not None and type(node_id) is not str:
            raise mismatch("LogAppendedPayload.nodeId", "str", node_id)
        fields_ = get("fields")
        if fields_ is not None and type(fields_) is not dict:
            raise mismatch("LogAppendedPayload.fields", "object", fields_)
        self = blank(cls)
        fields = self.__dict__
        fields["level"] = level
        fields["message"] = message
        fields["node_id"] = node_id
        fields["fields"] = fields_
        known = _LOG_APPENDED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_VERSION_PINNED_PAYLOAD: Final[frozenset[str]] = frozenset(["changeId", "nodeId", "version"])


@attrs.frozen(kw_only=True, repr=False, slots=False)
class VersionPinnedPayload(Payload):
    """What `version.pinned` carries.

    Attributes:
        change_id: The change. Required.
        version: The version. Required.
        node_id: The node, as the workflow names it.

    Section: v1-events.md §3.4; v2-events.md, "State, output, log".
    """

    change_id: str | None = attrs.field(default=None, metadata=on_wire("changeId"))
    version: int | None = None
    node_id: str | None = attrs.field(default=None, metadata=on_wire("nodeId"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "VersionPinnedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "VersionPinnedPayload")
        get = data.get
        change_id = get("changeId")
        if change_id is not None and type(change_id) is not str:
            raise mismatch("VersionPinnedPayload.changeId", "str", change_id)
        version = get("version")
        if version is not None and type(version) is not int:
            version = as_integer(version, "VersionPinnedPayload.version")
        node_id = get("nodeId")
        if node_id is not None and type(node_id) is not str:
            raise mismatch("VersionPinnedPayload.nodeId", "str", node_id)
        self = blank(cls)
        fields = self.__dict__
        fields["change_id"] = change_id
        fields["version"] = version
        fields["node_id"] = node_id
        known = _VERSION_PINNED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_WORKSPACE_UPDATED_PAYLOAD: Final[frozenset[str]] = frozenset(["path", "version"])


@attrs.frozen(kw_only=True, repr=False, slots=False)
class WorkspaceUpdatedPayload(Payload):
    """What `workspace.updated` carries.

    Attributes:
        path: The file. Required.
        version: The version. Required.

    Section: v1-events.md §3.4; v2-events.md, "State, output, log".
    """

    path: str | None = None
    version: int | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "WorkspaceUpdatedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "WorkspaceUpdatedPayload")
        get = data.get
        path = get("path")
        if path is not None and type(path) is not str:
            raise mismatch("WorkspaceUpdatedPayload.path", "str", path)
        version = get("version")
        if version is not None and type(version) is not int:
            version = as_integer(version, "WorkspaceUpdatedPayload.version")
        self = blank(cls)
        fields = self.__dict__
        fields["path"] = path
        fields["version"] = version
        known = _WORKSPACE_UPDATED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_CONTEXT_SUMMARIZED_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["iteration", "replacedTurns", "summaryRef", "tokenCounter", "tokensAfter", "tokensBefore"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class ContextSummarizedPayload(Payload):
    """What `context.summarized` carries.

    Attributes:
        iteration: Which turn of the loop this is. Required.
        replaced_turns: The events whose content the summary stands for. Required.
        summary_ref: The artifact that holds the summary. Required.
        token_counter: How tokens were counted. Required.
        tokens_before: Tokens before the summary. Required.
        tokens_after: Tokens after the summary. Required.

    Section: v1-events.md §3.6; v2-events.md, "State, output, log".
    """

    iteration: int | None = None
    replaced_turns: list[str] | None = attrs.field(default=None, metadata=on_wire("replacedTurns"))
    summary_ref: str | None = attrs.field(default=None, metadata=on_wire("summaryRef"))
    token_counter: Literal["o200k_base", "cl100k_base", "chars", "host-defined"] | str | None = (
        attrs.field(default=None, metadata=on_wire("tokenCounter"))
    )
    tokens_before: int | None = attrs.field(default=None, metadata=on_wire("tokensBefore"))
    tokens_after: int | None = attrs.field(default=None, metadata=on_wire("tokensAfter"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "ContextSummarizedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "ContextSummarizedPayload")
        get = data.get
        iteration = get("iteration")
        if iteration is not None and type(iteration) is not int:
            iteration = as_integer(iteration, "ContextSummarizedPayload.iteration")
        replaced_turns = get("replacedTurns")
        if replaced_turns is not None:
            replaced_turns = as_strings(replaced_turns, "ContextSummarizedPayload.replacedTurns")
        summary_ref = get("summaryRef")
        if summary_ref is not None and type(summary_ref) is not str:
            raise mismatch("ContextSummarizedPayload.summaryRef", "str", summary_ref)
        token_counter = get("tokenCounter")
        if token_counter is not None and type(token_counter) is not str:
            raise mismatch("ContextSummarizedPayload.tokenCounter", "str", token_counter)
        tokens_before = get("tokensBefore")
        if tokens_before is not None and type(tokens_before) is not int:
            tokens_before = as_integer(tokens_before, "ContextSummarizedPayload.tokensBefore")
        tokens_after = get("tokensAfter")
        if tokens_after is not None and type(tokens_after) is not int:
            tokens_after = as_integer(tokens_after, "ContextSummarizedPayload.tokensAfter")
        self = blank(cls)
        fields = self.__dict__
        fields["iteration"] = iteration
        fields["replaced_turns"] = replaced_turns
        fields["summary_ref"] = summary_ref
        fields["token_counter"] = token_counter
        fields["tokens_before"] = tokens_before
        fields["tokens_after"] = tokens_after
        known = _CONTEXT_SUMMARIZED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self
