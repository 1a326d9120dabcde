"""The quick way through the verifier accepts what the thorough one does, and nothing else."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, strategies as st

from openwop_webhooks import Delivery, Verifier, WebhookVerificationError, make_secret, sign

NOW = 1_790_000_000
OLD, NEW = (make_secret(standard=True) for _ in range(2))
BODY = b'{"runId":"r","event":{"type":"run.completed","sequence":3,"payload":{}}}'
SECRETS: list[Any] = [OLD, [NEW, OLD], {"wh-1": [NEW, OLD]}, [make_secret(), OLD]]


def as_dict(headers: dict[str, str]) -> Any:
    return headers


def as_pairs(headers: dict[str, str]) -> Any:
    return list(headers.items())


def as_bytes(headers: dict[str, str]) -> Any:
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


FORMS = [as_dict, as_pairs, as_bytes]


def headers_of(**how: Any) -> dict[str, str]:
    how = {"webhook_id": "wh-1", "event_type": "run.completed", "timestamp": NOW, **how}
    return {"Host": "h", **sign(BODY, how.pop("secret", OLD), **how), "Accept": "*/*"}


@pytest.mark.parametrize("secrets", SECRETS, ids=["one", "two", "by-id", "mixed"])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "how",
    [
        {},
        {"families": ("v1",)},
        {"families": ("v2",)},
        {"standard_id": "msg_1"},
        {"standard_id": "msg_1", "families": ("v2",)},
        {"standard_id": "msg_1", "secret": NEW, "previous_secret": OLD},
    ],
    ids=["both", "v1", "v2", "standard", "standard-v2", "rotating"],
)
def test_every_complete_delivery_takes_the_quick_way(
    secrets: Any, form: Callable[[Any], Any], how: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    verifier = Verifier(secrets, clock=lambda: NOW)
    sent = form(headers_of(**how))
    thorough = verifier.authenticate(sent, BODY)  # the first of its form is learnt from
    monkeypatch.setattr(verifier, "_thorough", lambda *given: pytest.fail("the thorough way"))

    found = verifier.authenticate(sent, BODY)

    assert isinstance(found, Delivery)
    assert isinstance(thorough, Delivery)
    assert vars(thorough) == vars(found)
    assert thorough.dedup_key == found.dedup_key


@given(seed=st.integers(), form=st.sampled_from(FORMS), standard=st.booleans())
def test_what_the_quick_way_accepts_the_thorough_one_accepts(
    seed: int, form: Callable[[Any], Any], standard: bool
) -> None:
    chance = random.Random(seed)
    headers = headers_of(standard_id="msg_1" if standard else None)
    name = chance.choice(list(headers))
    value = headers[name]
    place = chance.randrange(len(value))
    headers[name] = chance.choice(
        [
            "",
            value[:place],
            value[:place] + chance.choice("x0 .,é\n") + value[place + 1 :],
            value * 2,
        ]
    )
    if chance.random() < 0.2:
        del headers[name]
    if form is as_bytes:
        sent: Any = [(key.encode(), text.encode("latin-1")) for key, text in headers.items()]
    else:
        sent = form(headers)
    verifier = Verifier([NEW, OLD], clock=lambda: NOW)
    verifier._learn(sent)  # as if such names had been authentic once
    try:
        quick = verifier._quick(sent, BODY)
    except Exception:
        quick = None

    if quick is not None:
        thorough = verifier._thorough(sent, BODY)
        assert isinstance(thorough, Delivery)
        assert vars(thorough) == vars(quick)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("standard", [None, "msg_1"], ids=["openwop", "standard"])
def test_the_old_secret_ends_with_the_moment_that_was_named(
    form: Callable[[Any], Any], standard: str | None
) -> None:
    verifier = Verifier(make_secret(), clock=lambda: NOW)
    verifier.update_secrets([NEW, OLD], then=NEW, at=NOW - 10)
    before = form(headers_of(timestamp=NOW - 10, standard_id=standard))
    after = form(headers_of(timestamp=NOW - 9, standard_id=standard))
    newer = form(headers_of(secret=NEW, timestamp=NOW - 9, standard_id=standard))

    assert isinstance(verifier.authenticate(before, BODY), Delivery)
    assert isinstance(verifier.authenticate(newer, BODY), Delivery)
    with pytest.raises(WebhookVerificationError) as refused:
        verifier.authenticate(after, BODY)
    assert "signature_mismatch" == refused.value.reason


def test_the_representation_shows_what_is_accepted_now() -> None:
    times = iter([NOW, NOW + 11])
    verifier = Verifier(OLD, clock=lambda: next(times))
    verifier.update_secrets([NEW, OLD], then=NEW, at=NOW + 10)

    assert 2 == repr(verifier).count("', '") + 1
    assert 1 == repr(verifier).count("', '") + 1


@pytest.mark.parametrize("given_", [{"then": NEW}, {"at": NOW}], ids=["then", "at"])
def test_then_and_at_come_together(given_: Any) -> None:
    with pytest.raises(ValueError, match="then= and at= together"):
        Verifier(OLD).update_secrets([NEW, OLD], **given_)
