"""A thousand hosts come and go, and nothing of them stays."""

from __future__ import annotations

import gc
import threading
import weakref

import openwop
from openwop_testing import FakeHost, Workflow, discovery

FLOW = Workflow("flow").node("a", outputs={"done": True})
WAITING = Workflow("waiting").approval("gate", timeout=3600)


def use(host):
    options = {"api_key": host.api_key, "load_plugins": False}
    with openwop.Client(host.base_url, transport=host.transport(), **options) as client:
        client.webhooks.register(url="https://hooks.example.com/in", events=["run.completed"])
        run = client.runs.start("flow")
        with run.events() as events:
            assert 3 == sum(1 for _ in events)
        client.runs.start("waiting")  # still open when its host is dropped


def kept(hosts, count, *, every):
    for number in range(count):
        host = FakeHost(workflows=[FLOW, WAITING], seed=number % 3)
        hosts.add(host)
        if number % every == 0:
            use(host)
    del host
    gc.collect()
    return len(gc.get_objects())


def test_a_thousand_hosts_are_made_and_dropped():
    """
    One in a hundred has a finished run, an open one, a webhook and a client; no cycle, cache,
    thread or listener of the process keeps any of them.
    """
    hosts = weakref.WeakSet()
    kept(hosts, 101, every=100)  # what is loaded and compiled once
    threads = threading.active_count()
    before = kept(hosts, 101, every=100)

    after = kept(hosts, 1_000, every=100)

    assert 0 == len(hosts)
    assert after - before < 500, "objects stay: half of one for each host that was dropped"
    assert threads == threading.active_count()


def test_what_hosts_share_is_bounded():
    for number in range(300):
        host = FakeHost(capabilities={"limits": {"maxNodeExecutions": number + 1}})
        host.capabilities.discovered(2, ["flow"])

    assert len(discovery._RENDERED) <= discovery._MOST_RENDERED


def test_a_shared_document_says_what_its_own_host_offers():
    plain, changed = FakeHost(), FakeHost()
    changed.capabilities.change({"replay": False})
    other_key = FakeHost(seed=9)

    same = FakeHost().capabilities.discovered(2, ["flow"])
    bodies = [
        each.capabilities.discovered(2, ["flow"]).body for each in (plain, changed, other_key)
    ]

    assert same.body == bodies[0]
    assert 3 == len(set(bodies))
    assert b'"replay"' not in bodies[1]
