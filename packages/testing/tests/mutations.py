"""Broken hosts: for each obligation that a client's safety rests on, a way to break it.

Run as a program it breaks the host in each way in turn, runs the tests that cite the obligation,
and prints as JSON which of them failed.  `test_mutations.py` runs it.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import attrs
import pytest

HERE = Path(__file__).resolve().parent


def module(name: str) -> Any:
    return importlib.import_module(f"openwop_testing.{name}")


def nothing(*args: Any, **kwargs: Any) -> None:
    return None


def patch(place: str, name: str, value: Any) -> Callable[[pytest.MonkeyPatch], None]:
    """Put *value* in the place of a name: of a module, or of a class in one."""

    def apply(monkey: pytest.MonkeyPatch) -> None:
        where, _, owner = place.partition(":")
        target = module(where)
        monkey.setattr(getattr(target, owner) if owner else target, name, value)

    return apply


def wrap(place: str, name: str, around: Callable[..., Any]) -> Callable[[pytest.MonkeyPatch], None]:
    """Put a function around a name; it gets the original first."""

    def apply(monkey: pytest.MonkeyPatch) -> None:
        where, _, owner = place.partition(":")
        target = getattr(module(where), owner) if owner else module(where)
        original = getattr(target, name)
        monkey.setattr(target, name, lambda *a, **k: around(original, *a, **k))

    return apply


def anybody(self: Any, authorization: Any, *, major: int) -> Any:
    return next(iter(self._known.values()))


def shifted(original: Any, self: Any, event: Any) -> None:
    original(self, attrs.evolve(event, sequence=event.sequence + 1))


def backwards(original: Any, workflow: Any) -> Any:
    return [attrs.evolve(e, source=e.target, target=e.source) for e in original(workflow)]


def keep_all(self: Any, tenant: str, operation: str, key: str, answer: Any, code: str) -> None:
    self._answers[(tenant, operation, key)] = answer


def by_key_alone(
    original: Any, self: Any, tenant: str, operation: str, key: str, *rest: Any
) -> Any:
    return original(self, "", "", key, *rest)


def one_more(original: Any, label: str, document: Any, sequence: Any) -> Any:
    return original(label, document, None if sequence is None else sequence + 1)


def one_earlier(original: Any, self: Any, *args: Any, after: Any = None, **kwargs: Any) -> None:
    original(self, *args, after=None if after is None else max(0, after - 1), **kwargs)


def refuse_past_end(original: Any, call: Any, run: Any, start: int) -> Any:
    if start > len(run.log):
        raise module("problems").Problem(404, "not_found", "Past the end.")
    return original(call, run, start)


def as_now(original: Any, self: Any, run: Any, state: Any = None) -> Any:
    return original(self, run, None)


def anything_goes(run: Any, interrupt: Any, value: Any, by: str, now: float, **kwargs: Any) -> Any:
    return {"action": "accept", "decidedBy": by}, by


def anonymous(original: Any, node_id: str, decision: Any, by: str) -> Any:
    return {name: v for name, v in original(node_id, decision, by).items() if name != "decidedBy"}


def never_expiring(original: Any, self: Any, token: str, **kwargs: Any) -> Any:
    return {**original(self, token, **kwargs), "expiresAt": 9e15}


def every_vote_counts(
    original: Any, run: Any, interrupt: Any, decision: Any, voter: str, **kwargs: Any
) -> Any:
    voter = f"{voter}-{len(interrupt.votes)}"
    return original(run, interrupt, decision, voter, **kwargs)


def as_branch(original: Any, engine: Any, source: Any, mode: str, *rest: Any, **kwargs: Any) -> Any:
    return original(engine, source, "branch", *rest, **kwargs)


def telling(original: Any, document: Any, *args: Any, **kwargs: Any) -> Any:
    return original({**document, "secret": "told"}, *args, **kwargs)


def over_other_bytes(original: Any, body: bytes, *args: Any, **kwargs: Any) -> Any:
    return original(body + b" ", *args, **kwargs)


def same_place(call: Any, run: Any) -> bool:
    owner, caller = run.owner, call.credential
    return owner.tenant == caller.tenant and owner.workspace == caller.workspace


def of_everybody(self: Any, tenant: str) -> Any:
    return sorted(self._agents.values(), key=lambda agent: agent["agentId"])


def without_tenant(original: Any, value: str) -> Any:
    return None, original(value)[1]


def by_type_alone(self: Any, event_type: str, **kwargs: Any) -> bool:
    return event_type in self.events


def no_overlap(
    original: Any, self: Any, name: str, secret: str, *, now: float, overlap: float
) -> Any:
    return original(self, name, secret, now=now, overlap=0.0)


def to_everybody(self: Any, frame: bytes, tenant: str, workspace: Any) -> None:
    for stream in self._streams:
        stream.push(frame)


class Everything:
    def __contains__(self, item: object) -> bool:
        return True


def any_mac(place: str) -> Callable[[pytest.MonkeyPatch], None]:
    import hmac

    fake = SimpleNamespace(new=hmac.new, compare_digest=lambda one, two: True)
    return patch(place, "hmac", fake)


def in_webhooks(place: str, name: str, around: Any) -> Callable[[pytest.MonkeyPatch], None]:
    def apply(monkey: pytest.MonkeyPatch) -> None:
        where, _, owner = place.partition(":")
        target: Any = importlib.import_module(f"openwop_webhooks.{where}")
        target = getattr(target, owner) if owner else target
        original = getattr(target, name)
        monkey.setattr(target, name, lambda *a, **k: around(original, *a, **k))

    return apply


FORGETFUL = patch("idempotency:IdempotencyTable", "find", nothing)
CONSTANT_ETAG = patch("render:Wire", "etag", lambda self, run: '"same"')
NO_HISTORY = patch("engine.fork", "_copy", nothing)
SHOWN_TO_ALL = patch("agents:AgentStore", "inventory", of_everybody)
NEVER_BUSY = patch("idempotency:IdempotencyTable", "check_free", nothing)
KEEPING_ALL = patch("idempotency:IdempotencyTable", "keep", keep_all)
ALWAYS_BRANCHES = wrap("handlers.history", "fork", as_branch)
OTHER_BYTES = in_webhooks("dispatch.queue", "sign", over_other_bytes)
SHIFTED = wrap("engine.run:Run", "append", shifted)
BACKWARDS = wrap("engine.scheduler", "edges_of", backwards)
ONE_EARLIER = wrap("streams:RunStream", "__init__", one_earlier)
NEVER_CLOSED = patch("engine.suspension", "refuse_closed", nothing)
ANYTHING_GOES = patch("engine.votes", "take", anything_goes)
POLLS_END = wrap("handlers.runs", "_page", refuse_past_end)

MUTATIONS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "H1-02a": patch("keys:Keys", "authenticate", anybody),
    "H1-02b": patch("limits:RateLimiter", "check", nothing),
    "H1-02c": patch("handlers.runs", "visible", lambda call, run: True),
    "H1-04b": SHIFTED,
    "H1-04c": BACKWARDS,
    "H1-05a": FORGETFUL,
    "H1-05b": patch("pipeline", "digest", lambda value: "same"),
    "H1-05c": KEEPING_ALL,
    "H1-05d": lambda monkey: (
        [
            wrap("idempotency:IdempotencyTable", name, by_key_alone)(monkey)
            for name in ("find", "keep")
        ]
        and None
    ),
    "H1-05e": patch("idempotency", "RETENTION", 9e15),
    "H1-05g": NEVER_BUSY,
    "H1-05h": KEEPING_ALL,
    "H1-06a": patch("handlers.runs", "_claim", nothing),
    "H1-07c": wrap("streams", "_frame", one_more),
    "H1-07e": ONE_EARLIER,
    "H1-08a": POLLS_END,
    "H1-09a": wrap("render:Wire", "snapshot", as_now),
    "H1-09b": CONSTANT_ETAG,
    "H1-10b": NEVER_CLOSED,
    "H1-10c": ANYTHING_GOES,
    "H1-10d": wrap("engine.votes", "received", anonymous),
    "H1-10e": wrap("tokens:Tokens", "read", never_expiring),
    "H1-10h": wrap("engine.votes", "_count", every_vote_counts),
    "H1-10i": any_mac("tokens"),
    "H1-10j": patch("engine.suspension", "expire", nothing),
    "H1-12a": NO_HISTORY,
    "H1-12c": ALWAYS_BRANCHES,
    "H1-12d": ALWAYS_BRANCHES,
    "H1-13b": wrap("handlers.history", "split_bound", without_tenant),
    "H1-14a": patch("outbound:Outbound", "check_url", nothing),
    "H1-14b": in_webhooks(
        "dispatch.policy:Subscription", "wants", lambda original, *a, **k: by_type_alone(*a, **k)
    ),
    "H1-14c": OTHER_BYTES,
    "H1-14e": wrap("handlers.webhooks", "json_answer", telling),
    "H1-17a": patch("engine.run:Run", "_shown", lambda self, name, value: value),
    "H1-18a": patch("handlers.runs", "visible", same_place),
    "H1-18b": SHOWN_TO_ALL,
    "H2-03a": patch("pipeline", "unproject", lambda segment: segment),
    "H2-03b": wrap("pipeline", "split_bound", without_tenant),
    "H2-05": FORGETFUL,
    "H2-05b": NEVER_BUSY,
    "H2-05c": KEEPING_ALL,
    "H2-07": CONSTANT_ETAG,
    "H2-08b": SHIFTED,
    "H2-08c": BACKWARDS,
    "H2-09d": ONE_EARLIER,
    "H2-10": POLLS_END,
    "H2-11a": any_mac("tokens"),
    "H2-11b": patch("engine.nodes.human", "_outcome", lambda decision: {}),
    "H2-11c": patch("engine.votes", "_check_eligible", nothing),
    "H2-11d": NEVER_CLOSED,
    "H2-11e": any_mac("tokens"),
    "H2-11f": ANYTHING_GOES,
    "H2-11g": patch("engine.suspension", "expire", nothing),
    "H2-13a": NO_HISTORY,
    "H2-13e": ALWAYS_BRANCHES,
    "H2-15b": patch("handlers.webhooks", "_verify_endpoint", nothing),
    "H2-15c": in_webhooks("dispatch.queue:DeliveryQueue", "rotate", no_overlap),
    "H2-15e": OTHER_BYTES,
    "H2-16a": patch("hostevents:HostEvents", "_show", to_everybody),
    "H2-17a": patch("handlers.host", "as_list", lambda value: Everything()),
    "H2-17b": any_mac("triggers"),
    "H2-19": SHOWN_TO_ALL,
}


class Watcher:
    """Applies one mutation to a test run, keeps the tests that cite it, and notes failures."""

    def __init__(self, obligation: str) -> None:
        self.obligation = obligation
        self.failed: set[str] = set()
        self.ran: set[str] = set()
        self._monkey = pytest.MonkeyPatch()

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [
            item
            for item in items
            if any(self.obligation in marker.args for marker in item.iter_markers("obligation"))
        ]

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        if not self.ran:
            MUTATIONS[self.obligation](self._monkey)
        self.ran.add(item.name)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" and report.failed:
            self.failed.add(report.nodeid.rpartition("::")[2])

    def pytest_sessionfinish(self) -> None:
        self._monkey.undo()


def main(wanted: list[str]) -> None:
    files = sorted(str(path) for path in HERE.glob("test_*.py"))
    found = {}
    for obligation in wanted or MUTATIONS:
        text = f'"{obligation}"'
        citing = [path for path in files if text in Path(path).read_text("utf-8")]
        watcher = Watcher(obligation)
        arguments = ["-q", "--no-header", "--tb=no", "-p", "no:cacheprovider", *citing]
        pytest.main(arguments, plugins=[watcher])
        found[obligation] = {"ran": sorted(watcher.ran), "failed": sorted(watcher.failed)}
    print("\n" + json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1:])
