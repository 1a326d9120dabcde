"""A small server of the Ethos web API, written from ethos.md: RPC, session streams, /v1."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

ALL_SCOPES = frozenset({
    "sessions:read", "sessions:write", "chat", "chat:send", "personalities:read", "memory:read",
    "memory:write", "tools:approve",
})  # fmt: skip
KEY = f"sk-ethos-{'a' * 64}"
NARROW = f"sk-ethos-{'b' * 64}"
BOUND = f"sk-ethos-{'c' * 64}"
KEYS: dict[str, dict[str, Any]] = {
    KEY: {"scopes": ALL_SCOPES},
    NARROW: {"scopes": frozenset({"sessions:read"})},
    BOUND: {"scopes": ALL_SCOPES, "origins": {"https://app.example"}},
}
SCOPES = {
    "sessions/list": "sessions:read", "sessions/get": "sessions:read",
    "sessions/update": "sessions:write", "sessions/delete": "sessions:write",
    "chat/send": "chat:send", "chat/abort": "chat:send", "memory/list": "memory:read",
    "memory/write": "memory:write", "personalities/list": "personalities:read",
    "tools/approve": "tools:approve",
}  # fmt: skip
WHEN = "2026-08-01T10:00:00.000Z"
USAGE = {"inputTokens": 1, "outputTokens": 2, "cacheReadTokens": 0, "cacheCreationTokens": 0,
         "estimatedCostUsd": 0.01, "apiCallCount": 1, "compactionCount": 0}  # fmt: skip
_CALL = {"toolCallId": "t1", "toolName": "read", "args": {"path": "a"}}

EVENTS: list[dict[str, Any]] = [
    {"type": "run_start", "provider": "p", "model": "m", "source": "config"},
    {"type": "text_delta", "text": "Gr\u00fc\u00dfe \U0001f600"},
    {"type": "thinking_delta", "thinking": "hm"},
    {"type": "tool_start", **_CALL},
    {"type": "tool_progress", "toolName": "read", "message": "half", "audience": "user"},
    {"type": "tool_end", "toolCallId": "t1", "toolName": "read", "ok": True, "durationMs": 5},
    {"type": "usage", "inputTokens": 1, "outputTokens": 2, "estimatedCostUsd": 0.5},
    {"type": "context_meta", "data": {"a": 1}},
    {"type": "error", "error": "no", "code": "X"},
    {"type": "message_persisted", "messageId": "m1", "role": "assistant"},
    {"type": "tool.approval_required",
     "request": {"approvalId": "a1", "sessionId": "s1", **_CALL, "reason": None}},
    {"type": "approval.resolved", "approvalId": "a1", "decision": "allow", "decidedBy": "u"},
    {"type": "clarify.request", "requestId": "q", "question": "?", "defaultDeadlineAt": None},
    {"type": "clarify.resolved", "requestId": "q", "source": "user"},
    {"type": "run.update", "jobId": "j", "runner": "r", "status": "running", "now": "n",
     "elapsedMs": 1, "spendUsd": 0.1, "toolCount": 2},
    {"type": "dry_run_summary", "plan": [_CALL], "capped": 0},
    {"type": "cron.fired", "jobId": "j", "ranAt": WHEN, "outputPath": None},
    {"type": "mesh.changed",
     "agents": [{"agentId": "a", "capabilities": ["x"], "activeSessions": 1}]},
    {"type": "evolve.skill_pending", "skillId": "s", "personalityId": None, "proposedAt": WHEN},
    {"type": "evolve.skill_applied", "skillId": "s", "personalityId": "p", "appliedAt": WHEN},
    {"type": "memory.captured", "summary": "s"},
    {"type": "notification", "message": "hello"},
    {"type": "protocol.upgrade_required", "serverVersion": "2", "clientVersionExpected": "1"},
    {"type": "done", "text": "Gr\u00fc\u00dfe", "turnCount": 1},
]  # fmt: skip


def session(number: int) -> dict[str, Any]:
    """Return a session."""
    return {"id": f"s{number}", "key": f"k{number}", "platform": "web", "model": "m",
            "provider": "p", "personalityId": None, "parentSessionId": None, "workingDir": None,
            "title": f"Session {number}", "pinned": False, "usage": USAGE, "createdAt": WHEN,
            "updatedAt": WHEN, "version": number}  # fmt: skip


class EthosServer:
    """The server and what it was asked.

    Attributes:
        calls: The RPC calls: method, input and headers.
        streams: The `Last-Event-ID` of each connection to a stream; None without one.
        drops: After how many events each of the next connections is cut.
        retry_after: What rate-limited methods answer, in seconds; 0 for no limit.
        framing: `lf`, `crlf` or `split` inside characters.
        extra: Events to send beyond the usual ones.
    """

    def __init__(self) -> None:
        self.calls: list[tuple[str, Any, dict[str, str]]] = []
        self.streams: list[str | None] = []
        self.sessions = {f"s{n}": session(n) for n in range(1, 6)}
        self.memory = [{"store": "memory", "content": "likes tea", "path": None,
                        "modifiedAt": WHEN}]  # fmt: skip
        self.drops: list[int] = []
        self.retry_after = 0
        self.framing = "lf"
        self.events = list(EVENTS)
        self.app = Starlette(
            routes=[
                Route("/rpc/{method:path}", self.rpc, methods=["POST"]),
                Route("/openapi/{method:path}", self.plain, methods=["POST"]),
                Route("/sse/sessions/{id}", self.stream, methods=["GET"]),
                Route("/sse/system", self.cookie_only, methods=["GET"]),
                Route("/v1/chat/completions", self.chat, methods=["POST"]),
                Route("/healthz", self.health, methods=["GET"]),
            ]
        )

    # -- credentials ------------------------------------------------------------------------------

    @staticmethod
    def _early(status: int, code: str, error: str, action: str) -> Response:
        body = {"ok": False, "code": code, "error": error, "action": action, "requestId": "req-1"}
        return JSONResponse(body, status_code=status, headers={"x-request-id": "req-1"})

    def _refused(self, request: Request, scope: str | None) -> Response | None:
        kind, _, key = request.headers.get("authorization", "").partition(" ")
        if kind != "Bearer" or key not in KEYS:
            return self._early(401, "UNAUTHORIZED", "who are you", "Pass a key that is known.")
        known = KEYS[key]
        origins = known.get("origins")
        if origins is not None and request.headers.get("origin") not in origins:
            return self._early(403, "FORBIDDEN", "origin", "Add the origin to the key's list.")
        if scope is None or scope not in known["scopes"]:
            return self._early(403, "FORBIDDEN", "scope", f"Make a key with the scope {scope}.")
        return None

    async def cookie_only(self, request: Request) -> Response:
        """Refuse a key where only the cookie is taken."""
        del request
        return self._early(403, "FORBIDDEN", "cookie authentication", "Use a browser.")

    async def plain(self, request: Request) -> Response:
        """Answer on the plain surface, where domain errors lose their code."""
        del request
        body = {"defined": False, "code": "INTERNAL_SERVER_ERROR", "status": 500, "message": "oops"}
        return JSONResponse(body, status_code=500, headers={"x-request-id": "req-3"})

    async def health(self, request: Request) -> Response:
        """Say that all is well."""
        del request
        return JSONResponse({"status": "ok"})

    # -- RPC --------------------------------------------------------------------------------------

    @staticmethod
    def _failure(status: int, code: str, message: str, data: Any = None) -> Response:
        body = {"defined": True, "code": code, "status": status, "message": message}
        if data is not None:
            body["data"] = data
        return JSONResponse({"json": body}, status_code=status, headers={"x-request-id": "req-2"})

    async def rpc(self, request: Request) -> Response:
        """Call a method in its envelope."""
        method = request.path_params["method"]
        refused = self._refused(request, SCOPES.get(method))
        if refused is not None:
            return refused
        raw = await request.body()
        body = json.loads(raw) if raw else {}
        if not isinstance(body, dict) or not isinstance(body.get("json"), dict):
            return self._failure(400, "BAD_REQUEST", "input validation failed")
        given = body["json"]
        self.calls.append((method, given, dict(request.headers)))
        if self.retry_after:
            limited = {"ok": False, "code": "rate_limited", "detail": "slow down"}
            headers = {"Retry-After": str(self.retry_after), "x-request-id": "req-9"}
            return JSONResponse(limited, status_code=429, headers=headers)
        function = getattr(self, f"_{method.replace('/', '_')}")
        return function(given)

    @staticmethod
    def _answer(value: Any, meta: Any = None) -> Response:
        body = {"json": value} if meta is None else {"json": value, "meta": meta}
        return JSONResponse(body, headers={"x-request-id": "req-0"})

    def _sessions_list(self, given: dict[str, Any]) -> Response:
        names = list(self.sessions)
        cursor = given.get("cursor")
        start = names.index(cursor) if cursor in self.sessions else 0
        size = given.get("limit", 50)
        if not 1 <= size <= 200:
            issue = {"code": "too_big", "path": ["limit"], "message": "at most 200"}
            data = {"issues": [issue]}
            return self._failure(400, "BAD_REQUEST", "input validation failed", data)
        page, rest = names[start : start + size], names[start + size :]
        items = [self.sessions[name] for name in page]
        meta = [[0, "items", 0, "version"], [1, "items", 0, "createdAt"]]
        shown = [dict(one) for one in items]
        if shown:
            shown[0]["version"] = str(shown[0]["version"])  # a bigint travels as text
        return self._answer({"items": shown, "nextCursor": rest[0] if rest else None}, meta)

    def _unknown(self, given: dict[str, Any]) -> Response | None:
        if given.get("id") in self.sessions:
            return None
        data = {"action": "List the sessions and take one that is there."}
        return self._failure(404, "SESSION_NOT_FOUND", "no such session", data)

    def _sessions_get(self, given: dict[str, Any]) -> Response:
        found = self._unknown(given)
        if found is not None:
            return found
        absent = dict.fromkeys(("toolCallId", "toolName", "toolCalls"))
        message = {"id": "m1", "sessionId": given["id"], "role": "from_tomorrow", "content": "hi",
                   "timestamp": WHEN, **absent}  # fmt: skip
        value = {"session": self.sessions[given["id"]], "messages": [message], "cards": []}
        return self._answer(value)

    def _sessions_update(self, given: dict[str, Any]) -> Response:
        found = self._unknown(given)
        if found is not None:
            return found
        if "title" not in given:
            issue = {"code": "invalid_type", "path": ["title"], "message": "Required"}
            data = {"issues": [issue]}
            return self._failure(400, "BAD_REQUEST", "input validation failed", data)
        self.sessions[given["id"]] = {**self.sessions[given["id"]], "title": given["title"]}
        return self._answer({"session": self.sessions[given["id"]]})

    def _chat_send(self, given: dict[str, Any]) -> Response:
        return self._answer({"sessionId": given.get("sessionId", "s1"), "turnId": "turn-1"})

    def _memory_list(self, given: dict[str, Any]) -> Response:
        del given
        return self._answer({"items": self.memory, "nextCursor": None})

    def _memory_write(self, given: dict[str, Any]) -> Response:
        entry = {"store": given["store"], "content": given["content"], "path": None,
                 "modifiedAt": None}  # fmt: skip
        self.memory.append(entry)
        return self._answer({"file": entry})

    # -- streams ----------------------------------------------------------------------------------

    async def stream(self, request: Request) -> Response:
        """Stream the events of a session above `Last-Event-ID`, and then be silent."""
        refused = self._refused(request, "sessions:read")
        if refused is not None:
            return refused
        given = request.headers.get("last-event-id")
        self.streams.append(given)
        after = int(given) if given else 0
        drop = self.drops.pop(0) if self.drops else None
        known = request.path_params["id"] in self.sessions
        return StreamingResponse(
            self._frames(after, drop, known=known), media_type="text/event-stream"
        )

    async def _frames(self, after: int, drop: int | None, *, known: bool) -> AsyncIterator[bytes]:
        for part in self._framed('data: {"type":"stream_meta","requestId":"r"}\n\n'):
            yield part
        for seq, event in enumerate(self.events if known else [], start=1):
            if seq <= after:
                continue
            text = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
            for part in self._framed(f": note\ndata: {text}\nid: {seq}\n\n"):
                yield part
            if drop is not None and seq >= drop:
                msg = "the connection is cut here"
                raise RuntimeError(msg)
        while True:
            await asyncio.sleep(0.05)
            yield b": still here\n\n"

    def _framed(self, text: str) -> list[bytes]:
        raw = text.encode()
        if self.framing == "crlf":
            return [b"retry: 1\r\n", raw.replace(b"\n", b"\r\n")]
        if self.framing == "split":
            return [raw[at : at + 3] for at in range(0, len(raw), 3)]
        return [raw]

    # -- the compatible surface -------------------------------------------------------------------

    async def chat(self, request: Request) -> Response:
        """Answer in the form of the OpenAI API, whole or in pieces."""
        body = await request.json()
        if body["model"] == "unknown":
            error = {"message": "no such model", "type": "invalid_request_error",
                     "code": "model_not_found", "param": "model",
                     "request_id": "req-v1"}  # fmt: skip
            return JSONResponse({"error": error}, status_code=404)
        if not body.get("stream"):
            choice = {"index": 0, "message": {"role": "assistant", "content": "hi"},
                      "finish_reason": "stop"}  # fmt: skip
            return JSONResponse({"id": "c", "choices": [choice]})
        frames: list[Any] = [
            {"id": "c", "object": "chat.completion.chunk",
             "choices": [{"index": 0, "delta": {"content": word}}]}
            for word in ("he", "llo")
        ]  # fmt: skip
        if body["model"] == "breaks":
            frames[1] = {"error": {"message": "gone", "type": "server_error", "code": "LLM"}}
        lines = [f"data: {json.dumps(one)}\n\n" for one in frames]
        return Response("".join([*lines, "data: [DONE]\n\n"]), media_type="text/event-stream")
