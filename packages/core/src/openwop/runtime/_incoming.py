"""What a service sends by itself, read as the models that its description gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, TypeGuard, TypeVar, cast

import attrs

from openwop.runtime import _json
from openwop.runtime._codec import structure
from openwop.runtime._structure import StructureError

__all__ = ["Incoming"]

T = TypeVar("T")


@attrs.frozen(eq=False)
class Incoming(Generic[T]):
    """One webhook, or one callback of an operation.

    Attributes:
        name: Its name in the description: a webhook's own, or `operationId.name` of a callback.
        method: The HTTP method that it comes with.
        returns: What its body is structured to; None for no body.
        address: The runtime expression of a callback's address; empty for a webhook.
        is_text: True where the body is no JSON, so that it is handed out as text.
    """

    name: str
    method: str = "POST"
    returns: Any = None
    address: str = ""
    is_text: bool = False

    def parse(
        self, body: bytes | bytearray | str | Mapping[str, Any] | list[Any], *, strict: bool = False
    ) -> T:
        """Return the typed form of *body*; a signature is not verified here, so do that before.

        Args:
            body: The body as it came, or as decoded from JSON.
            strict: True to refuse whatever the description does not allow.

        Raises:
            StructureError: It is no JSON document, or has another shape than described.
        """
        if self.returns is None:
            return cast("T", None)
        if self.is_text:
            text = bytes(body).decode("utf-8", "replace") if _is_bytes(body) else body
            return cast("T", text)
        data: Any = body
        if isinstance(body, bytes | bytearray | str):
            try:
                data = _json.loads(bytes(body) if isinstance(body, bytearray) else body)
            except ValueError as exc:
                raise StructureError(self.name, "a JSON document", "something else") from exc
        return cast("T", structure(self.returns, data, strict=strict))


def _is_bytes(body: object) -> TypeGuard[bytes | bytearray]:
    return isinstance(body, bytes | bytearray)
