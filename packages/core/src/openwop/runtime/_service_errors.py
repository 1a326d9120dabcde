"""What the errors of a generated client say beyond those of the runtime."""

from __future__ import annotations

from openwop.runtime.errors import APIStatusError

__all__ = ["ServiceStatusError"]


class ServiceStatusError(APIStatusError):
    """An error answer of a service that names the request and what the caller can do."""

    @property
    def request_id(self) -> str | None:
        """The service's id of the request, from its header or its body; None without one."""
        if self.response is not None:
            found = self.response.headers.get("x-request-id")
            if found:
                return found
        return self._text("requestId") or self._text("request_id") or None

    @property
    def action(self) -> str:
        """What the service tells the caller to do; empty where it says nothing."""
        return self._text("action")

    def _text(self, name: str) -> str:
        value = self.details.get(name)
        return value if isinstance(value, str) else ""
