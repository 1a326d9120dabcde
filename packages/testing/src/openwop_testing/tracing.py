"""The trace that a request belongs to: what is taken in, answered, and passed on.

The host keeps no spans of its own, so what it sends out later names the span of the request that
caused it, which whoever collects traces can find (W3C Trace Context; v1.md section 20).
"""

from __future__ import annotations

import re

import attrs

from openwop.wire import Headers
from openwop_testing.ids import Mint

__all__ = ["TraceContext"]

# A later version may have more members, and is read by those that are known.
_PARENT = re.compile(
    r"(?!ff)([0-9a-f]{2})-((?!0{32})[0-9a-f]{32})-((?!0{16})[0-9a-f]{16})-([0-9a-f]{2})(-.*)?"
)


@attrs.frozen
class TraceContext:
    """The trace of one request.

    Attributes:
        trace_id: 32 hexadecimal digits.
        span_id: The span that asked, or the first of the trace.
        flags: Two hexadecimal digits; `01` where the caller records the trace.
        state: The `tracestate` that came with it; empty for none.
    """

    trace_id: str
    span_id: str
    flags: str = "00"
    state: str = ""

    @classmethod
    def of(cls, headers: Headers, mint: Mint) -> TraceContext:
        """Continue the trace that a request names, or begin one where it names none.

        Args:
            headers: The headers of the request.
            mint: What draws new ids.
        """
        given = headers.get("traceparent", "").strip()
        hit = _PARENT.fullmatch(given)
        if hit is None or (hit[1] == "00" and hit[5]):
            return cls(mint.hex(32), mint.hex(16))
        return cls(hit[2], hit[3], hit[4], headers.get("tracestate", ""))

    def headers(self, span_id: str = "") -> dict[str, str]:
        """Return the headers that carry the trace on.

        Args:
            span_id: The span to name instead of the one that asked.
        """
        carried = {"traceparent": f"00-{self.trace_id}-{span_id or self.span_id}-{self.flags}"}
        if self.state:
            carried["tracestate"] = self.state
        return carried
