"""Opaque page cursors: a cursor of one resource is refused by another (v2.md section 1)."""

from __future__ import annotations

import base64
import hashlib
import hmac

from openwop_testing.problems import invalid

__all__ = ["Cursors"]


class Cursors:
    """Makes and reads the cursors of one host.

    Args:
        secret: What the host signs them with.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def write(self, resource: str, position: int) -> str:
        """Return a cursor for a position in the list of a resource."""
        text = f"{resource}:{position}"
        return base64.urlsafe_b64encode(f"{text}:{self._sign(text)}".encode()).decode().rstrip("=")

    def read(self, resource: str, cursor: str | None) -> int:
        """Return the position that a cursor stands for; 0 where there is none.

        Raises:
            Problem: 400 `validation_error`: the host did not make it for this resource.
        """
        if cursor is None:
            return 0
        try:
            text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
            kind, position, mark = text.rsplit(":", 2)
            genuine = hmac.compare_digest(mark, self._sign(f"{kind}:{position}"))
            if genuine and kind == resource:
                return int(position)
        except ValueError:
            pass
        raise invalid("The cursor is not one of this list.", field="cursor")

    def _sign(self, text: str) -> str:
        return hmac.new(self._secret, text.encode(), hashlib.sha256).hexdigest()[:16]
