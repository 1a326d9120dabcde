"""What the bounds of a request mean to a transport."""

from __future__ import annotations

from openwop.wire import Request

__all__ = ["bounds_of", "is_whole"]


def bounds_of(request: Request) -> tuple[float | None, float | None]:
    """Return the bounds of the head and of the body, in seconds from the start of the request."""
    bounds = request.timeouts
    return (bounds.total if bounds.head is None else bounds.head), bounds.total


def is_whole(request: Request, status: int) -> bool:
    """Tell whether an answer is read whole: only the success of a streamed request is not."""
    return not (request.stream and 200 <= status < 300)
