"""Replay guards: one contract for every store, and what happens between processes."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from openwop import errors
from openwop_webhooks import (
    AsyncReplayGuard,
    ClaimState,
    Delivery,
    MemoryReplayGuard,
    RedisReplayGuard,
    ReplayGuard,
    SQLiteReplayGuard,
    Verifier,
    WebhookVerificationError,
)

NEW, IN_PROGRESS, HANDLED = ClaimState.NEW, ClaimState.IN_PROGRESS, ClaimState.HANDLED


def test_a_key_is_given_once_until_it_is_released(guard: ReplayGuard) -> None:
    first = guard.claim("k")

    assert (NEW, IN_PROGRESS) == (first.state, guard.claim("k").state)
    assert guard.release("k", first.token)
    assert NEW is guard.claim("k").state


def test_a_completed_key_stays_handled_for_its_retention(guard: ReplayGuard, clock: Any) -> None:
    assert guard.complete("k", guard.claim("k").token)

    clock.now += 999.9
    assert HANDLED is guard.claim("k").state
    clock.now += 0.1
    assert NEW is guard.claim("k").state


def test_a_claim_lapses_so_that_a_dead_process_loses_nothing(
    guard: ReplayGuard, clock: Any
) -> None:
    first = guard.claim("k")
    clock.now += 59.9
    assert IN_PROGRESS is guard.claim("k").state

    clock.now += 0.1
    second = guard.claim("k")

    assert NEW is second.state
    assert first.token != second.token


def test_a_lapsed_claim_can_neither_complete_nor_release_its_successors(
    guard: ReplayGuard, clock: Any
) -> None:
    first = guard.claim("k")
    clock.now += 60
    second = guard.claim("k")

    assert not guard.complete("k", first.token)
    assert not guard.release("k", first.token)
    assert IN_PROGRESS is guard.claim("k").state
    assert guard.complete("k", second.token)


def test_a_handler_that_outlived_its_claim_still_marks_the_key_where_nobody_took_it(
    guard: ReplayGuard, clock: Any
) -> None:
    first = guard.claim("k")
    clock.now += 61

    assert guard.complete("k", first.token)
    assert HANDLED is guard.claim("k").state


def test_a_handled_key_cannot_be_released(guard: ReplayGuard) -> None:
    token = guard.claim("k").token
    guard.complete("k", token)

    assert not guard.release("k", token)
    assert HANDLED is guard.claim("k").state


def test_keys_do_not_meet(guard: ReplayGuard) -> None:
    assert [NEW, NEW] == [guard.claim(key).state for key in ("a", "b")]


def test_threads_share_one_key_between_them(guard: ReplayGuard) -> None:
    states: list[ClaimState] = []
    barrier = threading.Barrier(8)

    def run() -> None:
        barrier.wait()
        states.append(guard.claim("k").state)

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {NEW: 1, IN_PROGRESS: 7} == Counter(states)


def test_a_sync_guard_is_one(guard: ReplayGuard) -> None:
    assert isinstance(guard, ReplayGuard)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["claim", "complete", "release", "wait"]),
        st.sampled_from(["a", "b"]),
        st.integers(0, 3),
    ),
    max_size=40,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
@given(steps=STEPS)
def test_sqlite_and_memory_agree_whatever_happens(
    steps: list[tuple[str, str, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """
    The same steps, with the same tokens in the same places, have the same outcomes.
    """
    now = [0.0]
    path = tmp_path_factory.mktemp("guards") / "claims.db"
    kinds: list[Any] = [
        MemoryReplayGuard(lease=10, retention=25, clock=lambda: now[0]),
        SQLiteReplayGuard(path, lease=10, retention=25, clock=lambda: now[0]),
    ]
    tokens: list[dict[str, list[str]]] = [{"a": [], "b": []}, {"a": [], "b": []}]
    for action, key, number in steps:
        now[0] += number * 4 if action == "wait" else 0
        outcomes: list[object] = []
        for kind, held in zip(kinds, tokens, strict=True):
            if action == "claim":
                claim = kind.claim(key)
                outcomes.append(claim.state)
                held[key] += [claim.token] if claim.token else []
            elif action != "wait" and held[key]:
                outcomes.append(getattr(kind, action)(key, held[key][number % len(held[key])]))
        assert outcomes[:1] == outcomes[1:]
    kinds[1].close()


def test_a_memory_guard_forgets_what_has_expired(clock: Any) -> None:
    guard = MemoryReplayGuard(lease=10, retention=100, clock=clock)
    for number in range(50):
        guard.complete(str(number), guard.claim(str(number)).token)
        guard.claim(f"{number}-open")
    assert 100 == guard.count()

    clock.now += 50
    assert 50 == guard.count()
    clock.now += 50
    assert 0 == guard.count()


def test_an_sqlite_guard_deletes_what_has_expired(clock: Any, tmp_path: Path) -> None:
    guard = SQLiteReplayGuard(tmp_path / "c.db", lease=10, retention=10, clock=clock)
    for number in range(600):
        clock.now += 1
        guard.complete(str(number), guard.claim(str(number)).token)
    guard.close()

    with sqlite3.connect(tmp_path / "c.db") as connection:
        (rows,) = connection.execute("SELECT count(*) FROM openwop_claims").fetchone()
    connection.close()
    assert rows < 300


def test_an_sqlite_guard_outlives_its_process(clock: Any, tmp_path: Path) -> None:
    first = SQLiteReplayGuard(tmp_path / "c.db", clock=clock)
    first.complete("k", first.claim("k").token)
    first.close()

    second = SQLiteReplayGuard(tmp_path / "c.db", clock=clock)
    assert HANDLED is second.claim("k").state
    second.close()


def test_an_sqlite_guard_opens_a_connection_of_its_own_after_a_fork(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guard = SQLiteReplayGuard(tmp_path / "c.db")
    guard.claim("k")
    inherited = guard._connection
    monkeypatch.setattr(os, "getpid", lambda: 4242)

    assert IN_PROGRESS is guard.claim("k").state

    assert guard._connection is not inherited
    guard.close()
    assert inherited is not None
    inherited.close()


@pytest.mark.parametrize(("lease", "retention"), [(0, 10), (-1, 10), (11, 10)])
@pytest.mark.parametrize("kind", [MemoryReplayGuard, lambda **how: SQLiteReplayGuard("x", **how),
                                  lambda **how: RedisReplayGuard(None, **how)])  # fmt: skip
def test_times_that_no_guard_can_keep_are_refused(
    kind: Any, lease: float, retention: float
) -> None:
    with pytest.raises(errors.ConfigurationError):
        kind(lease=lease, retention=retention)


# The verifier and its guard


def test_a_delivery_is_claimed_completed_and_then_a_duplicate(
    guard: ReplayGuard, signed: Callable[..., Any], make_verifier: Callable[..., Verifier]
) -> None:
    verifier, sent = make_verifier(replay_guard=guard), signed()
    found = verifier.verify(sent.headers, sent.body)
    assert isinstance(found, Delivery)
    with pytest.raises(WebhookVerificationError) as meanwhile:
        verifier.verify(sent.headers, sent.body)

    assert found.complete()

    again = sent.with_header("OpenWOP-Webhook-Id", "forged").with_header(
        "X-openwop-Webhook-Id", "forged"
    )
    with pytest.raises(WebhookVerificationError) as later:
        verifier.verify(again.headers, again.body)
    assert ("in_progress", "duplicate") == (meanwhile.value.reason, later.value.reason)


def test_a_released_delivery_is_new_again(
    guard: ReplayGuard, signed: Callable[..., Any], make_verifier: Callable[..., Verifier]
) -> None:
    verifier, sent = make_verifier(replay_guard=guard), signed()
    for _ in range(3):
        found = verifier.verify(sent.headers, sent.body)
        assert isinstance(found, Delivery)
        assert found.release()


def test_a_store_that_is_down_refuses(
    broken_guard: Any, signed: Callable[..., Any], make_verifier: Callable[..., Verifier]
) -> None:
    sent = signed()
    with pytest.raises(WebhookVerificationError) as caught:
        make_verifier(replay_guard=broken_guard).verify(sent.headers, sent.body)

    assert "store_unavailable" == caught.value.reason
    assert isinstance(caught.value.__cause__, ConnectionError)


def test_a_file_that_cannot_be_opened_refuses(
    tmp_path: Path, signed: Callable[..., Any], make_verifier: Callable[..., Verifier]
) -> None:
    sent, guard = signed(), SQLiteReplayGuard(tmp_path / "missing" / "c.db")
    with pytest.raises(WebhookVerificationError) as caught:
        make_verifier(replay_guard=guard).verify(sent.headers, sent.body)

    assert "store_unavailable" == caught.value.reason


def test_a_file_that_somebody_else_locks_refuses(
    tmp_path: Path, signed: Callable[..., Any], make_verifier: Callable[..., Verifier]
) -> None:
    guard = SQLiteReplayGuard(tmp_path / "c.db", timeout=0)
    guard.claim("other")
    holder = sqlite3.connect(tmp_path / "c.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    sent = signed()

    with pytest.raises(WebhookVerificationError) as caught:
        make_verifier(replay_guard=guard).verify(sent.headers, sent.body)

    assert "store_unavailable" == caught.value.reason
    holder.close()
    guard.close()


def test_an_async_guard_in_a_sync_verifier_fails_closed(
    broken_async_guard: Any, signed: Callable[..., Any], make_verifier: Callable[..., Verifier]
) -> None:
    sent = signed()
    with pytest.raises(WebhookVerificationError) as caught:
        make_verifier(replay_guard=broken_async_guard).verify(sent.headers, sent.body)

    assert "store_unavailable" == caught.value.reason


@pytest.mark.anyio
async def test_verify_async_claims_completes_and_refuses_like_verify(
    guard: ReplayGuard, signed: Callable[..., Any], make_verifier: Callable[..., Verifier]
) -> None:
    verifier, sent = make_verifier(replay_guard=guard), signed()
    found = await verifier.verify_async(sent.headers, sent.body)
    assert isinstance(found, Delivery)

    assert await found.release_async()
    found = await verifier.verify_async(sent.headers, sent.body)
    assert isinstance(found, Delivery)
    assert await found.complete_async()

    with pytest.raises(WebhookVerificationError) as caught:
        await verifier.verify_async(sent.headers, sent.body)
    assert "duplicate" == caught.value.reason


@pytest.mark.anyio
@pytest.mark.parametrize("kind", ["broken_guard", "broken_async_guard"])
async def test_verify_async_refuses_when_the_store_is_down(
    kind: str,
    request: pytest.FixtureRequest,
    signed: Callable[..., Any],
    make_verifier: Callable[..., Verifier],
) -> None:
    sent, verifier = signed(), make_verifier(replay_guard=request.getfixturevalue(kind))
    with pytest.raises(WebhookVerificationError) as caught:
        await verifier.verify_async(sent.headers, sent.body)

    assert "store_unavailable" == caught.value.reason


# Redis, on a real server


def test_redis_keeps_the_contract(redis_port: int) -> None:
    guard = RedisReplayGuard(f"redis://127.0.0.1:{redis_port}", lease=60, prefix="contract:")
    first = guard.claim("k")

    assert (NEW, IN_PROGRESS) == (first.state, guard.claim("k").state)
    assert guard.release("k", first.token)
    second = guard.claim("k")
    assert not guard.release("k", first.token)
    assert not guard.complete("k", first.token)
    assert guard.complete("k", second.token)
    assert HANDLED is guard.claim("k").state
    assert not guard.release("k", second.token)
    guard.close()


def test_redis_expires_claims_and_handled_keys_itself(redis_port: int) -> None:
    import redis

    client = redis.Redis(port=redis_port)
    guard = RedisReplayGuard(client, lease=60, retention=1000, prefix="expiry:")
    token = guard.claim("k").token
    assert 59_000 < client.pttl("expiry:k") <= 60_000

    guard.complete("k", token)

    assert 999_000 < client.pttl("expiry:k") <= 1_000_000
    client.delete("expiry:k")
    assert guard.complete("k", token), "a claim that lapsed and nobody took can be completed"
    assert HANDLED is guard.claim("k").state
    guard.close()


def test_redis_works_with_a_client_that_decodes(redis_port: int) -> None:
    import redis

    client = redis.Redis(port=redis_port, decode_responses=True)
    guard = RedisReplayGuard(client, prefix="decoded:")
    guard.complete("k", guard.claim("k").token)

    assert HANDLED is guard.claim("k").state
    guard.close()


def test_a_redis_that_is_gone_refuses(
    signed: Callable[..., Any], make_verifier: Callable[..., Verifier]
) -> None:
    pytest.importorskip("redis")
    sent, guard = signed(), RedisReplayGuard("redis://127.0.0.1:1")
    with pytest.raises(WebhookVerificationError) as caught:
        make_verifier(replay_guard=guard).verify(sent.headers, sent.body)

    assert "store_unavailable" == caught.value.reason
    guard.close()


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_the_async_redis_guard_keeps_the_contract(
    redis_port: int, signed: Callable[..., Any], make_verifier: Callable[..., Verifier]
) -> None:
    from openwop_webhooks import AsyncRedisReplayGuard

    guard = AsyncRedisReplayGuard(f"redis://127.0.0.1:{redis_port}", prefix="async:")
    assert isinstance(guard, AsyncReplayGuard)
    verifier, sent = make_verifier(replay_guard=guard), signed()
    found = await verifier.verify_async(sent.headers, sent.body)
    assert isinstance(found, Delivery)
    assert await found.release_async()
    found = await verifier.verify_async(sent.headers, sent.body)
    assert isinstance(found, Delivery)
    with pytest.raises(WebhookVerificationError, match="being handled"):
        await verifier.verify_async(sent.headers, sent.body)

    assert await found.complete_async()

    with pytest.raises(WebhookVerificationError, match="before"):
        await verifier.verify_async(sent.headers, sent.body)
    await guard.aclose()


# Two processes

WORKER = """
import concurrent.futures, sys
from openwop_webhooks import *

where, out, copies, now = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
guard = RedisReplayGuard(where, prefix="race:") if "://" in where else SQLiteReplayGuard(where)
secret = "0123456789abcdef"
body = b'{"runId":"run-1","event":{"type":"run.completed","sequence":9}}'
headers = sign(body, secret, webhook_id="wh-1", event_type="run.completed", timestamp=now)

def handle(delivery):
    with open(out, "a") as file:
        file.write("handled\\n")

receiver = Receiver(Verifier(secret, clock=lambda: now, replay_guard=guard), handle,
                    answer_within=None)
print("ready", flush=True)
sys.stdin.readline()
with concurrent.futures.ThreadPoolExecutor(copies) as pool:
    answers = list(pool.map(lambda _: receiver.receive(headers, body).status, range(copies)))
print(*answers)
"""


def race(where: str, tmp_path: Path, now: int) -> tuple[int, Counter[str]]:
    """Send 200 copies of one delivery into two processes at once."""
    out = tmp_path / "handled.txt"
    command = [sys.executable, "-c", WORKER, where, str(out), "100", str(now)]
    workers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    for worker in workers:
        assert worker.stdout is not None
        assert "ready\n" == worker.stdout.readline()
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    answers: Counter[str] = Counter()
    for worker in workers:
        told, _ = worker.communicate(timeout=60)
        assert 0 == worker.returncode
        answers.update(told.split())
    return len(out.read_text().splitlines()), answers


def test_200_copies_in_two_processes_on_one_file_are_handled_once(tmp_path: Path, now: int) -> None:
    handled, answers = race(str(tmp_path / "claims.db"), tmp_path, now)

    assert 1 == handled
    assert 200 == answers["200"] + answers["503"]
    assert answers["200"] >= 1


def test_200_copies_in_two_processes_on_one_redis_are_handled_once(
    redis_port: int, tmp_path: Path, now: int
) -> None:
    handled, answers = race(f"redis://127.0.0.1:{redis_port}", tmp_path, now)

    assert 1 == handled
    assert 200 == answers["200"] + answers["503"]
    assert answers["200"] >= 1
