"""What watches a receiver: told of every judgement, around every handler, and never in the way."""

from __future__ import annotations

import asyncio
import importlib.metadata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from openwop_webhooks import Delivery, Receiver, Verifier, observers

KIND = ["sync", "inline", "async"]


class Notes:
    """An observer that writes down what it is told."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    def refused(self, reason: str) -> None:
        self.told.append(reason)

    def challenged(self) -> None:
        self.told.append("challenge")

    @contextmanager
    def handling(self, delivery: Delivery, headers: Any) -> Iterator[None]:
        self.told.append(("began", delivery.run_id, bool(headers)))
        try:
            yield
        except BaseException as error:
            self.told.append(type(error).__name__)
            raise
        self.told.append("ended")


class Broken:
    """An observer that fails wherever it can."""

    def __init__(self, late: bool) -> None:
        self.late = late

    def refused(self, reason: str) -> None:
        raise LookupError

    def challenged(self) -> None:
        raise LookupError

    def handling(self, delivery: Delivery, headers: Any) -> Any:
        if not self.late:
            raise LookupError

        @contextmanager
        def around() -> Iterator[None]:
            try:
                yield
            finally:
                raise LookupError

        return around()


@pytest.fixture(params=KIND)
def ask(request: pytest.FixtureRequest, make_verifier: Callable[..., Verifier]) -> Iterator[Any]:
    made: list[Receiver] = []

    def make(handler: Any, *watching: Any, verifier: Verifier | None = None) -> Any:
        within = None if request.param == "inline" else 4.0
        verifier = verifier or make_verifier()
        receiver = Receiver(verifier, handler, answer_within=within, observers=watching)
        made.append(receiver)

        def send(sent: Any) -> int:
            if request.param == "async":
                return asyncio.run(receiver.receive_async(sent.headers, sent.body)).status
            return receiver.receive(sent.headers, sent.body).status

        return send

    yield make
    for each in made:
        each.close()


def test_a_handler_runs_within_what_watches_and_a_duplicate_does_not(ask: Any, signed: Any) -> None:
    notes = Notes()
    send = ask(lambda delivery: notes.told.append("handled"), notes)
    sent = signed()

    assert (200, 200) == (send(sent), send(sent))

    assert [("began", "run-42", True), "handled", "ended", "duplicate"] == notes.told


def test_every_refusal_is_told_with_its_reason(ask: Any, signed: Any) -> None:
    notes = Notes()
    send = ask(print, notes)
    sent = signed()
    sent.headers.clear()

    assert 400 == send(sent)

    assert ["missing_signature"] == notes.told


def test_an_error_of_the_handler_passes_through_and_is_answered_as_ever(
    ask: Any, signed: Any
) -> None:
    notes = Notes()

    def handle(delivery: Delivery) -> None:
        raise KeyError("x")

    assert 503 == ask(handle, notes)(signed())

    assert [("began", "run-42", True), "KeyError"] == notes.told


@pytest.mark.parametrize("late", [False, True], ids=["entering", "leaving"])
def test_an_observer_that_fails_changes_no_answer(
    ask: Any, signed: Any, late: bool, caplog: Any
) -> None:
    notes = Notes()
    handled: list[Any] = []
    send = ask(handled.append, Broken(late), notes, Broken(late))
    sent = signed()

    assert (200, 200) == (send(sent), send(sent))

    assert 1 == len(handled)
    assert [("began", "run-42", True), "ended", "duplicate"] == notes.told
    assert "an observer of webhooks failed" in caplog.text


def test_what_an_adapter_refuses_by_itself_is_told_too(make_verifier: Any) -> None:
    notes = Notes()
    receiver = Receiver(make_verifier(), print, observers=[notes])

    receiver.too_large()
    receiver.refused()

    assert ["body_too_large", "malformed_headers"] == notes.told


class Point:
    """An entry point."""

    def __init__(self, name: str, found: Any) -> None:
        self.name = name
        self.found = found

    def load(self) -> Any:
        if isinstance(self.found, Exception):
            raise self.found
        return self.found


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    points: dict[str, Any] = {}

    def entry_points(*, group: str) -> list[Point]:
        assert "openwop.webhooks" == group
        return [Point(name, found) for name, found in points.items()]

    monkeypatch.setattr(importlib.metadata, "entry_points", entry_points)
    observers._factories.cache_clear()
    yield points
    observers._factories.cache_clear()


def test_installed_observers_watch_every_receiver_that_is_given_none(
    installed: dict[str, Any], make_verifier: Any, signed: Any
) -> None:
    notes = Notes()
    asked: list[Any] = []

    def factory(verifier: Any, handler: Any) -> Notes:
        asked.append((verifier, handler))
        return notes

    installed.update(a=lambda *given: None, b=factory)
    verifier = make_verifier()
    sent = signed()

    with_none = Receiver(verifier, print, answer_within=None, observers=())
    watched = Receiver(verifier, print, answer_within=None)
    with_none.receive(sent.headers, b"")
    watched.receive(sent.headers, b"")

    assert [(verifier, print)] == asked
    assert ["signature_mismatch"] == notes.told


def test_an_observer_that_cannot_be_loaded_or_made_is_left_out(
    installed: dict[str, Any], make_verifier: Any, signed: Any, caplog: Any
) -> None:
    def factory(verifier: Any, handler: Any) -> Any:
        raise LookupError

    installed.update(a=ImportError("no such module"), b=factory)
    sent = signed()
    handled: list[Any] = []

    receiver = Receiver(make_verifier(), handled.append, answer_within=None)

    assert 200 == receiver.receive(sent.headers, sent.body).status
    assert 1 == len(handled)
    assert "the observer 'a' of webhooks cannot be loaded" in caplog.text
    assert "was left out" in caplog.text
