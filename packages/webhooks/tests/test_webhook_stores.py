"""Stores of secrets, the twins of subscriptions, and a rotation at a host that really delivers."""

from __future__ import annotations

import inspect
import os
import stat
from pathlib import Path
from typing import Any

import pytest

import openwop
from openwop.errors import ConfigurationError
from openwop_webhooks import (
    AsyncSubscription,
    FileSecretStore,
    MemoryReplayGuard,
    MemorySecretStore,
    Receiver,
    Subscription,
    Verifier,
)

URL = "https://hooks.example.com/openwop"


# -- stores ---------------------------------------------------------------------------------------


def test_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    store = FileSecretStore(folder)
    store.put("a.b-c", "one")
    store.put("a.b-c", "two")

    assert "two" == store.get("a.b-c")
    assert ["a.b-c.json"] == [path.name for path in folder.iterdir()]
    if os.name == "posix":
        assert 0o600 == stat.S_IMODE((folder / "a.b-c.json").stat().st_mode)
        assert 0o700 == stat.S_IMODE(folder.stat().st_mode)
    store.delete("a.b-c")
    store.delete("a.b-c")
    assert store.get("a.b-c") is None


@pytest.mark.skipif(os.name != "posix", reason="modes mean nothing here")
def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    store = FileSecretStore(tmp_path)
    store.put("x", "secret text")
    (tmp_path / "x.json").chmod(0o640)

    with pytest.raises(ConfigurationError, match="others than its owner") as refused:
        store.get("x")
    assert "secret text" not in str(refused.value)


def test_a_failed_write_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = FileSecretStore(tmp_path)
    store.put("x", "old")

    def full(handle: int) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        store.put("x", "new")

    assert "old" == store.get("x")
    assert 1 == len(list(tmp_path.iterdir()))


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "a" * 101, "a\0"])
def test_a_name_cannot_leave_the_folder(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot name"):
        FileSecretStore(tmp_path).put(name, "x")


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"version": 2}', '{"version": 1, "secret": "s3"}']
)
def test_what_is_no_record_is_refused_without_being_quoted(text: str) -> None:
    store = MemorySecretStore()
    store.put("default", text)
    with openwop.Client("https://host.example", api_key="k" * 20, load_plugins=False) as client:
        subscription = Subscription(client, url=URL, events=["run.completed"], store=store)

        with pytest.raises(ConfigurationError, match="no subscription") as refused:
            subscription.register()

    assert "s3" not in str(refused.value)


@pytest.mark.parametrize(
    "how",
    [
        {"events": []},
        {"events": "run.completed"},
        {"tags": "t"},
        {"verifier": Verifier("s"), "replay_guard": MemoryReplayGuard()},
    ],
    ids=["no-events", "events-text", "tags-text", "two-guards"],
)
def test_arguments_that_make_no_sense_are_refused(how: Any) -> None:
    wanted: dict[str, Any] = {"url": URL, "events": ["run.completed"], **how}
    with (
        openwop.Client("https://host.example", api_key="k" * 20, load_plugins=False) as client,
        pytest.raises(ConfigurationError),
    ):
        Subscription(client, **wanted)


def test_the_twins_offer_the_same() -> None:
    def shape(cls: type[Any]) -> dict[str, Any]:
        return {
            name: [(p.name, p.kind, p.default) for p in inspect.signature(it).parameters.values()]
            if inspect.isfunction(it)
            else type(it)
            for name, it in inspect.getmembers(cls)
            if not name.startswith("_") or name == "__init__"
        }

    assert shape(Subscription) == shape(AsyncSubscription)


# -- with a host that really delivers -------------------------------------------------------------


@pytest.mark.parametrize(("major", "standard"), [(1, False), (2, False), (2, True)])
def test_a_host_delivers_before_during_and_after_a_rotation(major: int, standard: bool) -> None:
    testing = pytest.importorskip("openwop_testing")
    workflow = testing.Workflow("wf").delay("a", 1)
    host = testing.FakeHost(majors=[major], workflows=[workflow])
    handled: list[str] = []

    with openwop.Client(
        host.base_url, api_key=host.api_key, transport=host.transport(), load_plugins=False
    ) as client:
        subscription = Subscription(
            client, url=URL, events=["run.completed"], standard=standard, clock=host.clock.now
        )
        receiver = Receiver(subscription.verifier, lambda got: handled.append(got.run_id or ""))

        def endpoint(made: Any) -> tuple[int, bytes]:
            answer = receiver.receive(dict(made.headers.items_raw()), made.body)
            return answer.status, answer.body

        host.deliveries.route(URL, endpoint)
        with subscription:
            runs = []
            for _ in range(3):
                run = client.runs.start("wf")
                run.wait("terminal")
                runs.append(run.id)
                subscription.rotate()

    assert sorted(runs) == sorted(handled)
    assert {200} == {made.status for made in host.deliveries}
    receiver.close()
