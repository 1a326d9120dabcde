"""A small server of OXP 1.0, written from oxp.md: three operations and their rules."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

SECRET = b"a secret of the server, which nobody else knows"
KEY = "oxp-static-key"


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def token(lifetime: float = 600.0, secret: bytes = SECRET) -> str:
    """Return a JWT signed with HS256 that expires after *lifetime* seconds."""
    head = _b64(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
    body = _b64(json.dumps({"exp": int(time.time() + lifetime)}).encode())
    signature = hmac.new(secret, f"{head}.{body}".encode(), hashlib.sha256).digest()
    return f"{head}.{body}.{_b64(signature)}"


def _is_good(text: str) -> bool:
    try:
        head, body, signature = text.split(".")
        wanted = _b64(hmac.new(SECRET, f"{head}.{body}".encode(), hashlib.sha256).digest())
        expires = json.loads(base64.urlsafe_b64decode(body + "=="))["exp"]
    except (ValueError, KeyError):
        return False
    now = time.time()
    return hmac.compare_digest(wanted, signature) and now < expires <= now + 900


TOOLS: dict[str, dict[str, Any]] = {
    "Math.Add": {"version": "2.0.0", "output_schema": {"type": "number"}},
    "Text.Echo": {"version": "1.0.0", "output_schema": {}},
    "Text.Drop": {"version": "1.0.0", "output_schema": None},
    "Flaky.Tool": {"version": "1.0.0"},
    "Broken.Tool": {"version": "1.0.0"},
    "Mail.Send": {
        "version": "1.0.0",
        "requirements": {
            "authorization": [{"id": "mail", "oauth2": {"scopes": ["send"]}}],
            "secrets": [{"id": "pin"}],
            "user_id": True,
        },
    },
}


class OxpServer:
    """The server and what it was asked.

    Attributes:
        requests: Every request: method, path, headers and decoded body.
        ready: Whether it is ready.
        required: Whether it wants a credential.
        failures: Responses to give to the next calls of a tool, before anything is looked at.
    """

    def __init__(self, *, required: bool = False) -> None:
        self.requests: list[tuple[str, str, dict[str, str], Any]] = []
        self.ready = True
        self.required = required
        self.failures: list[Response] = []
        self.done: dict[str, Any] = {}
        self.executed = 0
        self.app = Starlette(
            routes=[
                Route("/base/health", self.health, methods=["GET"]),
                Route("/base/tools", self.tools, methods=["GET"]),
                Route("/base/tools/call", self.call, methods=["POST"]),
            ]
        )

    async def _seen(self, request: Request) -> Any:
        raw = await request.body()
        body = json.loads(raw) if raw else None
        self.requests.append((request.method, request.url.path, dict(request.headers), body))
        return body

    def _refused(self, request: Request) -> Response | None:
        if not self.required:
            return None
        if request.headers.get("oxp-api-key") == KEY:
            return None
        kind, _, value = request.headers.get("authorization", "").partition(" ")
        return None if kind == "Bearer" and _is_good(value) else Response(status_code=401)

    async def health(self, request: Request) -> Response:
        """200 where the server is ready, else 503; no credential, no body."""
        await self._seen(request)
        return Response(status_code=200 if self.ready else 503)

    async def tools(self, request: Request) -> Response:
        """List the tools."""
        body = await self._seen(request)
        refused = self._refused(request)
        if refused is not None:
            return refused
        items = [
            {"id": f"{name}@{facts['version']}", "name": name.replace(".", "_"),
             "description": f"Does {name}.", "input_schema": {"type": "object"}, **facts}
            for name, facts in TOOLS.items()
        ]  # fmt: skip
        schema = (body or {}).get("$schema", "urn:oxp:1.0")
        return JSONResponse({"$schema": schema, "items": items, "from_tomorrow": 7})

    async def call(self, request: Request) -> Response:
        """Call a tool."""
        body = await self._seen(request)
        if self.failures:
            return self.failures.pop(0)
        refused = self._refused(request)
        if refused is not None:
            return refused
        if body.get("$schema", "urn:oxp:1.0") not in {"urn:oxp:1.0", "urn:oxp:1"}:
            return self._error("the protocol version is not supported")
        asked = body["request"]
        name, _, version = asked["tool_id"].partition("@")
        if name not in TOOLS:
            return self._error(f"there is no tool {name}")
        if version and (version if "." in version else f"{version}.0.0") != TOOLS[name]["version"]:
            return self._error(f"{name} has no version {version}")
        lacking = self._lacking(TOOLS[name].get("requirements"), asked.get("context") or {})
        if lacking:
            return self._error("the call lacks something", missing_requirements=lacking)
        call_id = asked.get("call_id") or f"made-{len(self.requests)}"
        return self._ran(name, call_id, asked.get("input") or {})

    def _ran(self, name: str, call_id: str, given: dict[str, Any]) -> Response:
        if call_id in self.done:
            return JSONResponse(self.done[call_id])
        if name == "Math.Add":
            wrong = {key: "is no number" for key in ("a", "b")
                     if not isinstance(given.get(key), (int, float))}  # fmt: skip
            if wrong:
                answer = {"message": "bad parameters", "parameter_errors": wrong}
                return JSONResponse(answer, status_code=422)
        self.executed += 1
        result: dict[str, Any] = {"call_id": call_id, "success": True, "duration": 1.5}
        if name == "Math.Add":
            result["value"] = given["a"] + given["b"]
        elif name == "Text.Echo" and "value" in given:
            result["value"] = given["value"]
        elif name == "Flaky.Tool" and self.executed < 3:
            error = {
                "message": "busy",
                "can_retry": True,
                "retry_after_ms": 500,
                "developer_message": "pool exhausted",
                "additional_prompt_content": "wait",
            }
            result = {"call_id": call_id, "success": False, "duration": 2, "error": error}
        elif name == "Broken.Tool":
            result = {"call_id": call_id, "success": False, "error": {"message": "no luck"}}
        answer = {"$schema": "urn:oxp:1.0", "result": result}
        if result["success"]:
            self.done[call_id] = answer
        return JSONResponse(answer)

    @staticmethod
    def _lacking(wanted: Any, context: dict[str, Any]) -> dict[str, Any]:
        if not wanted:
            return {}
        lacking: dict[str, Any] = {}
        given = {one["id"] for one in context.get("authorization", ())}
        missing = [one["id"] for one in wanted["authorization"] if one["id"] not in given]
        if missing:
            lacking["authorization"] = [
                {"id": one, "url": f"https://grant/{one}", "check_url": f"https://check/{one}"}
                for one in missing
            ]
        if "user_id" not in context:
            lacking["user_id"] = True
        return lacking

    @staticmethod
    def _error(message: str, **more: Any) -> Response:
        body = {"$schema": "urn:oxp:1.0", "message": message, "developer_message": "see the log"}
        return JSONResponse({**body, **more}, status_code=400)
