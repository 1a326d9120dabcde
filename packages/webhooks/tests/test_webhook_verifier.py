"""The verifier beyond the vectors: settings, secrets, hostile input."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given, strategies as st

from openwop import errors
from openwop_webhooks import (
    Challenge,
    Delivery,
    MemoryReplayGuard,
    Verifier,
    WebhookVerificationError,
    fingerprint,
    make_secret,
    message_id,
    sign,
    sign_challenge,
)

NOW = 1_790_000_000
SECRET = "5f1d8a0c3b7e92645f1d8a0c3b7e92645f1d8a0c3b7e92645f1d8a0c3b7e9264"
WHSEC = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
BODY = b'{"runId":"run-42","event":{"type":"run.started","sequence":0}}'
HEADERS = sign(BODY, SECRET, webhook_id="wh-1", event_type="run.started", timestamp=NOW)


def reason_of(call: Callable[[], object]) -> str:
    with pytest.raises(WebhookVerificationError) as caught:
        call()
    return caught.value.reason


@pytest.mark.parametrize("secrets", ["", b"", [], {}, {"wh-1": []}, [""], "whsec_!", "a\n", " a"])
def test_unusable_secrets_are_refused_when_the_verifier_is_made(secrets: Any) -> None:
    with pytest.raises(errors.ConfigurationError):
        Verifier(secrets)


def test_a_secret_that_is_not_text_is_a_type_error() -> None:
    with pytest.raises(TypeError):
        Verifier([7])  # type: ignore[list-item]


@pytest.mark.parametrize("settings", [{"tolerance": 0}, {"tolerance": -1}, {"max_body": 0}])
def test_limits_have_to_be_positive(settings: dict[str, Any]) -> None:
    with pytest.raises(errors.ConfigurationError):
        Verifier(SECRET, **settings)


def test_a_guard_that_forgets_while_a_replay_still_verifies_is_refused() -> None:
    with pytest.raises(errors.ConfigurationError, match="retention"):
        Verifier(SECRET, replay_guard=MemoryReplayGuard(lease=10, retention=599))

    guard = MemoryReplayGuard(lease=10, retention=600)
    assert guard is Verifier(SECRET, replay_guard=guard).replay_guard


def test_secrets_show_as_fingerprints_alone() -> None:
    shown = repr(Verifier(SECRET)) + repr(Verifier({"wh-1": [SECRET, WHSEC]}))

    assert SECRET not in shown
    assert WHSEC not in shown
    assert fingerprint(SECRET) in shown


def test_no_message_holds_the_secret_the_signature_or_the_body() -> None:
    verifier = Verifier(make_secret(), clock=lambda: NOW)

    with pytest.raises(WebhookVerificationError) as caught:
        verifier.verify(HEADERS, BODY)

    for told in (str(caught.value), repr(caught.value)):
        assert HEADERS["OpenWOP-Signature"] not in told
        assert "run-42" not in told


def test_a_signed_body_that_is_no_json_is_not_quoted() -> None:
    body = b"my-token-1234"
    headers = sign(body, SECRET, webhook_id="w", event_type="e", timestamp=NOW)
    found = Verifier(SECRET, clock=lambda: NOW).verify(headers, body)
    assert isinstance(found, Delivery)

    with pytest.raises(WebhookVerificationError) as caught:
        _ = found.run_id

    assert "my-token" not in f"{caught.value!r}{caught.value.__cause__!r}{caught.value}"


def test_the_error_keeps_its_reason_through_pickle_and_is_an_openwop_error() -> None:
    error = WebhookVerificationError("no", reason="body_too_large")

    again = pickle.loads(pickle.dumps(error))

    assert isinstance(again, errors.OpenWOPError)
    assert (again.reason, again.status_code, str(again)) == ("body_too_large", 413, "no")


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        ("signature_mismatch", 400),
        ("malformed_body", 400),
        ("body_too_large", 413),
        ("duplicate", 200),
        ("in_progress", 503),
        ("store_unavailable", 503),
    ],
)
def test_a_reason_has_its_status(reason: Any, status: int) -> None:
    assert status == WebhookVerificationError(reason=reason).status_code


@pytest.mark.parametrize("body", [json.loads(BODY), BODY.decode(), None, 7, [BODY]])
def test_a_body_that_was_decoded_is_named_as_the_mistake(body: Any) -> None:
    verifier = Verifier(SECRET, clock=lambda: NOW)

    assert "body_not_bytes" == reason_of(lambda: verifier.verify(HEADERS, body))


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_any_bytes_are_bytes(kind: Callable[[bytes], Any]) -> None:
    found = Verifier(SECRET, clock=lambda: NOW).verify(HEADERS, kind(BODY))

    assert isinstance(found, Delivery)
    assert found.body == BODY


class Odd(Mapping[Any, Any]):
    """A mapping that fails when it is read."""

    def __getitem__(self, key: Any) -> Any:
        raise RuntimeError

    def __iter__(self) -> Any:
        raise RuntimeError

    def __len__(self) -> int:
        return 1


@pytest.mark.parametrize(
    "headers",
    [None, 7, "OpenWOP-Signature: x", b"x", [1], [("a",)], ["ab", "abc"], Odd(), {1: "x"},
     {"OpenWOP-Signature": 7}, {"OpenWOP-Signature": None}, {"OpenWOP-Signature": object()}],
    # No address of an object may stand in an id: every worker must collect the same ones.
    ids=["None", "number", "text", "bytes", "numbers", "singles", "texts", "broken", "number key",
         "number value", "None value", "object value"],
)  # fmt: skip
def test_headers_that_are_none_are_refused_and_nothing_else_is_raised(headers: Any) -> None:
    verifier = Verifier(SECRET, clock=lambda: NOW)

    assert "malformed_headers" == reason_of(lambda: verifier.verify(headers, BODY))


def test_the_clock_is_asked_each_time() -> None:
    times = iter([NOW, NOW + 301])
    verifier = Verifier(SECRET, clock=lambda: next(times))

    assert isinstance(verifier.authenticate(HEADERS, BODY), Delivery)
    times = iter([NOW + 301] * 2)
    assert "timestamp_too_old" == reason_of(lambda: verifier.verify(HEADERS, BODY))


@pytest.mark.parametrize(("age", "accepted"), [(300.0, True), (300.001, False), (-300.0, True)])
def test_a_clock_with_fractions_is_held_to_the_tolerance(age: float, accepted: bool) -> None:
    verifier = Verifier(SECRET, clock=lambda: NOW + age)
    if accepted:
        assert isinstance(verifier.verify(HEADERS, BODY), Delivery)
    else:
        assert "timestamp_too_old" == reason_of(lambda: verifier.verify(HEADERS, BODY))


def test_secrets_can_be_replaced_in_a_verifier_in_use() -> None:
    verifier = Verifier(make_secret(), clock=lambda: NOW)
    assert "signature_mismatch" == reason_of(lambda: verifier.verify(HEADERS, BODY))

    verifier.update_secrets({"wh-1": SECRET})

    assert isinstance(verifier.verify(HEADERS, BODY), Delivery)


def test_a_subscription_of_a_mapping_is_authentic_and_another_is_not_lent_its_secret() -> None:
    verifier = Verifier({"wh-1": make_secret(), "wh-2": SECRET}, clock=lambda: NOW)
    second = sign(BODY, SECRET, webhook_id="wh-2", event_type="e", timestamp=NOW)

    assert "signature_mismatch" == reason_of(lambda: verifier.verify(HEADERS, BODY))
    found = verifier.verify(second, BODY)

    assert isinstance(found, Delivery)
    assert ("wh-2", fingerprint(SECRET)) == (found.subscription_id, found.fingerprint)


def test_readers_of_headers_do_not_pile_up() -> None:
    verifier = Verifier(SECRET, clock=lambda: NOW)

    for number in range(100):
        found = verifier.verify({f"X-{number}": "1", **HEADERS}, BODY)
        assert isinstance(found, Delivery)

    assert 64 == len(verifier._readers)


@pytest.mark.parametrize("shape", [dict, lambda h: list(h.items())], ids=["dict", "pairs"])
def test_a_sender_without_the_secret_teaches_the_verifier_nothing(shape: Any) -> None:
    verifier = Verifier(SECRET, clock=lambda: NOW)

    for number in range(10):
        with pytest.raises(WebhookVerificationError):
            verifier.verify(shape({f"X-{number}": "1", **HEADERS}), BODY + b" ")

    assert {} == verifier._readers


def test_two_senders_in_turn_are_both_read_quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    verifier = Verifier(SECRET, clock=lambda: NOW)
    senders = [list(HEADERS.items()), [("X-Proxy", "1"), *HEADERS.items()], dict(HEADERS)]
    for headers in senders:
        verifier.verify(headers, BODY)
    monkeypatch.setattr(verifier, "_thorough", lambda *given: pytest.fail("the thorough way"))

    for headers in senders * 2:
        assert isinstance(verifier.verify(headers, BODY), Delivery)


def test_a_delivery_is_parsed_when_it_is_looked_into() -> None:
    found = Verifier(SECRET, clock=lambda: NOW).verify(HEADERS, BODY)

    assert isinstance(found, Delivery)
    assert found._data is None
    assert ("run-42", "run.started", 0) == (found.run_id, found.event_type, found.sequence)
    assert found.raw_event is found.raw_event
    assert not found.is_host_event


def test_namespaces_keep_receivers_apart() -> None:
    keys = set()
    for namespace in ("", "billing", "audit"):
        found = Verifier(SECRET, clock=lambda: NOW, namespace=namespace).verify(HEADERS, BODY)
        assert isinstance(found, Delivery)
        keys.add(found.dedup_key)

    assert 3 == len(keys)


def test_a_delivery_without_run_and_event_id_is_told_by_its_bytes() -> None:
    keys = set()
    for body in (b'{"event":{"type":"a.b"}}', b'{"event":{"type":"a.c"}}'):
        headers = sign(body, SECRET, webhook_id="w", event_type="a.b", timestamp=NOW)
        found = Verifier(SECRET, clock=lambda: NOW).verify(headers, body)
        assert isinstance(found, Delivery)
        keys.add(found.dedup_key)

    assert 2 == len(keys)


def test_a_challenge_compares_by_value_and_hides_it() -> None:
    body, headers = sign_challenge("xyz", WHSEC, standard_id="msg_0123456789abcdef", timestamp=NOW)

    found = Verifier(WHSEC, clock=lambda: NOW).verify(headers, body)

    assert Challenge("xyz") == found
    assert "xyz" not in repr(found)
    assert b'{"challenge":"xyz"}' == found.answer()  # type: ignore[union-attr]
    assert 1 == len({found, Challenge("xyz")})


def test_the_id_of_a_delivery_is_the_same_on_every_attempt_and_no_other() -> None:
    ids = {message_id(w, r, s) for w in ("a", "b") for r in ("r", "s") for s in (1, 2, "1")}

    assert 12 == len(ids)
    assert message_id("a", "r", 1) in ids
    assert all(16 <= len(each) <= 128 and each.replace("-", "_").isidentifier() for each in ids)


def test_signing_without_family_or_with_the_wrong_secret_is_refused() -> None:
    with pytest.raises(errors.ConfigurationError):
        sign(b"", SECRET, webhook_id="w", event_type="e", families=())
    with pytest.raises(errors.ConfigurationError):
        sign(b"", SECRET, webhook_id="w", event_type="e", standard_id="msg_x")


# Hostile input

JUNK = st.one_of(
    st.none(),
    st.integers(),
    st.binary(max_size=40),
    st.text(max_size=40),
    st.lists(st.one_of(st.text(max_size=10), st.binary(max_size=10), st.integers()), max_size=4),
)
NAMES = st.one_of(st.sampled_from([*HEADERS, "webhook-id", "webhook-signature"]), JUNK)


def hashable(value: object) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True


@given(
    headers=st.one_of(
        JUNK,
        st.lists(st.tuples(NAMES, JUNK), max_size=8),
        st.dictionaries(NAMES.filter(hashable), JUNK, max_size=8),
    ),
    body=st.one_of(JUNK, st.just(BODY)),
)
def test_whatever_comes_in_only_one_error_comes_out(headers: Any, body: Any) -> None:
    verifier = Verifier([SECRET, WHSEC], clock=lambda: NOW)

    with pytest.raises(WebhookVerificationError):
        verifier.verify(headers, body)


@given(st.binary(max_size=200))
def test_whatever_is_signed_only_one_error_comes_out_of_looking_into_it(body: bytes) -> None:
    headers = sign(body, SECRET, webhook_id="w", event_type="e", timestamp=NOW)
    verifier = Verifier(SECRET, clock=lambda: NOW)

    with pytest.raises(WebhookVerificationError, match="signed"):
        _ = verifier.verify(headers, body).dedup_key  # type: ignore[union-attr]


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)
FIELDS = ["type", "eventId", "sequence", "seq", "runId", "workspaceId"]


@given(
    event=st.dictionaries(st.sampled_from(FIELDS), JSON),
    run_id=JSON,
    workspace=JSON,
)
def test_an_odd_event_still_has_all_its_properties(event: Any, run_id: Any, workspace: Any) -> None:
    body = json.dumps({"runId": run_id, "workspaceId": workspace, "event": event}).encode()
    headers = sign(body, SECRET, webhook_id="w", event_type="e", timestamp=NOW)

    found = Verifier(SECRET, clock=lambda: NOW).verify(headers, body)

    assert isinstance(found, Delivery)
    assert isinstance(found.event_type, str)
    assert 64 == len(found.dedup_key)
    assert found.sequence is None or type(found.sequence) is int
    assert {type(found.run_id), type(found.workspace), type(found.event_id)} <= {str, type(None)}


SIGNED = {
    "plain": (HEADERS, BODY),
    "standard": (
        sign(BODY, WHSEC, webhook_id="wh-1", event_type="run.started", timestamp=NOW,
             standard_id="msg_0123456789abcdef"),
        BODY,
    ),
}  # fmt: skip
IN_SIGNATURE = ("OpenWOP-Timestamp", "X-openwop-Timestamp", "webhook-timestamp", "webhook-id")


@given(
    which=st.sampled_from(sorted(SIGNED)),
    place=st.integers(0, 10_000),
    flip=st.integers(1, 255),
    cut=st.booleans(),
)
def test_no_changed_byte_of_a_signed_body_is_accepted(
    which: str, place: int, flip: int, cut: bool
) -> None:
    headers, body = SIGNED[which]
    place %= len(body)
    changed = bytearray(body)
    if cut:
        del changed[place]
    else:
        changed[place] ^= flip
    verifier = Verifier([SECRET, WHSEC], clock=lambda: NOW)

    assert "signature_mismatch" == reason_of(lambda: verifier.verify(headers, bytes(changed)))


@given(
    which=st.sampled_from(sorted(SIGNED)), place=st.integers(0, 10_000), flip=st.integers(1, 127)
)
def test_no_changed_byte_of_a_signed_header_is_accepted(which: str, place: int, flip: int) -> None:
    headers, body = SIGNED[which]
    verifier = Verifier([SECRET, WHSEC], clock=lambda: NOW)
    for name in IN_SIGNATURE:
        if name in headers:
            text = bytearray(headers[name].encode())
            text[place % len(text)] ^= flip
            changed = {**headers, name: text.decode("latin-1")}

            with pytest.raises(WebhookVerificationError):
                verifier.verify(changed, body)


@given(data=st.data())
def test_the_quick_look_never_accepts_what_the_thorough_one_refuses(data: st.DataObject) -> None:
    """
    The same request as a dict (quick) and as pairs (thorough) has the same outcome.
    """
    headers, body = SIGNED[data.draw(st.sampled_from(sorted(SIGNED)))]
    name = data.draw(st.sampled_from(sorted(headers)))
    value = data.draw(st.one_of(st.text(max_size=12), st.sampled_from(sorted(headers.values()))))
    changed = {**headers, name: value}
    age = data.draw(st.sampled_from([-301, -300, 0, 299.5, 300, 301]))

    def judge(given_headers: Any) -> str:
        verifier = Verifier([SECRET, WHSEC], clock=lambda: NOW + age)
        try:
            found = verifier.verify(given_headers, body)
        except WebhookVerificationError as error:
            return error.reason
        assert isinstance(found, Delivery)
        return f"{found.subscription_id} {found.timestamp} {found.dedup_key}"

    assert judge(list(changed.items())) == judge(changed)
