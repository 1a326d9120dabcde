"""One stream for a day of virtual time, closed by the host every minute, with rotating keys.

    python tests/soak/day_of_streaming.py [--hours 24]

The run says something every ten minutes.  The host keeps the connection alive in between and ends
it cleanly after sixty seconds; every hour the key is replaced and the old one refused.  In the end
nothing may be missing, and the client may hold no more objects than it did after the first hour.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import anyio

import openwop
from openwop.wire import AsyncOpenResponse, Request
from openwop_testing import FakeHost, NodeContext, Wait, Workflow

LIFETIME = 60.0
PACE = 600.0


def long_day(hours: int) -> Workflow:
    """A workflow that says something every ten minutes."""

    def speak(context: NodeContext) -> Any:
        count = int(hours * 3600 / PACE)
        for number in range(count):
            yield Wait(PACE)
            payload = {
                "nodeId": context.node_id,
                "runId": context.run.run_id,
                "chunk": f"part {number}",
                "isLast": number == count - 1,
            }
            context.emit("output.chunk", payload)
        return {"said": count}

    return Workflow("day").node("speak", run=speak).node("last")


class Impatient:
    """The host's transport, which ends every stream after a minute."""

    def __init__(self, host: FakeHost) -> None:
        self._host = host
        self._inner = host.async_transport()
        self.now, self.sleep = self._inner.now, self._inner.sleep
        self.connections = 0

    async def send(self, request: Request) -> AsyncOpenResponse:
        answer = await self._inner.send(request)
        # What the host records of its callers is not the client's to keep small.
        self._host.calls.clear()
        self._host.clock.slept.clear()
        self._host.waits.active()
        if "event-stream" not in answer.headers.get("content-type", ""):
            return answer
        self.connections += 1
        body = _Minute(answer.body, self.now, self.now() + LIFETIME)
        return AsyncOpenResponse(answer.status_code, answer.headers, body)

    async def aclose(self) -> None: ...


class _Minute:
    def __init__(self, body: Any, now: Any, end: float) -> None:
        self._body, self._now, self._end = body, now, end
        self._chunks: Any = aiter(body)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        if self._now() >= self._end:
            raise StopAsyncIteration
        chunk: bytes = await anext(self._chunks)
        return chunk

    async def aclose(self) -> None:
        await self._body.aclose()


def held() -> Counter[str]:
    """Count the client's own objects that are alive."""
    gc.collect()
    kinds = (type(item) for item in gc.get_objects())
    return Counter(
        kind.__qualname__ for kind in kinds if str(kind.__module__).startswith("openwop.")
    )


def go(hours: int, backend: str = "asyncio") -> tuple[list[str], dict[str, Any]]:
    """Stream for *hours*; return the problems and what was counted."""
    host = FakeHost(majors={2}, workflows=[long_day(hours)])
    began = host.clock.now()
    problems: list[str] = []
    facts: dict[str, Any] = {}
    keys: list[str] = []

    def key() -> str:
        number = int((host.clock.now() - began) // 3600)
        name = f"hk_test_{number:02d}"
        if name not in keys:
            host.keys.add(name)
            if keys:
                host.keys.revoke(keys[-1])
            keys.append(name)
        return name

    async def main() -> None:
        transport = Impatient(host)
        async with openwop.AsyncClient(
            host.base_url, auth=key, transport=transport, load_plugins=False
        ) as client:
            run = await client.runs.start("day")
            early: Counter[str] = Counter()
            seen = 0
            async with run.events("debug") as events:
                async for event in events:
                    if event.sequence != seen:
                        problems.append(f"event {event.sequence} came in place of {seen}")
                    seen = (event.sequence or 0) + 1
                    if not early and host.clock.now() - began > 3600:
                        early = held()
                late = held()
            log = host.engine.runs[run.id.rpartition("/")[2]].log
            if seen != len(log):
                problems.append(f"{seen} events came, the log has {len(log)}")
            grown = {k: n - early[k] for k, n in late.items() if n > early[k] + 5}
            if grown:
                problems.append(f"the client holds more than after the first hour: {grown}")
            facts.update(events=seen, connections=transport.connections, keys=len(keys))

    anyio.run(main, backend=backend)
    facts["hours"] = round((host.clock.now() - began) / 3600, 1)
    return problems, facts


def main() -> int:
    """Read the arguments and go."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hours", type=int, default=24)
    options = parser.parse_args()
    began = time.monotonic()
    problems, facts = go(options.hours)
    print(", ".join(f"{name} {value}" for name, value in facts.items()), end=", ")
    print(f"{time.monotonic() - began:.1f} s, {len(problems)} problems")
    for problem in problems[:20]:
        print(f"  PROBLEM {problem}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
