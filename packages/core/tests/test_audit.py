"""Audit logs checked without the host's word: chains, roots, signatures, rewinds."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

import openwop
from openwop import audit

cryptography = pytest.importorskip("cryptography")
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: E402
from cryptography.hazmat.primitives.serialization import (  # noqa: E402
    Encoding,
    PublicFormat,
)

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
DER = KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
PUBLIC = base64.b64encode(DER).decode()


VECTORS = Path(__file__).resolve().parents[3] / "spec" / "vectors" / "audit"


def vectors(name: str) -> list[Any]:
    table = json.loads((VECTORS / f"{name}.json").read_text("utf-8"))
    return [pytest.param(vector, id=vector["id"]) for vector in table["vectors"]]


@pytest.mark.parametrize("vector", vectors("canonical"))
def test_values_are_written_as_the_vectors_say(vector: dict[str, Any]) -> None:
    assert audit.canonical_json(vector["value"]).decode() == vector["text"]


@pytest.mark.parametrize("vector", vectors("entries"))
def test_entries_have_the_hashes_of_the_vectors(vector: dict[str, Any]) -> None:
    assert audit.entry_hash(vector["entry"]) == vector["hash"]


@pytest.mark.parametrize("vector", vectors("roots"))
def test_roots_are_those_of_the_vectors(vector: dict[str, Any]) -> None:
    assert audit.merkle_root(vector["hashes"]) == vector["root"]


@pytest.mark.parametrize("vector", vectors("checkpoints"))
def test_checkpoints_are_signed_as_the_vectors_say(vector: dict[str, Any]) -> None:
    report = audit.check_answer(answer(vector["checkpoint"]), public_key=vector["publicKey"])

    assert report.scheme == vector["scheme"]
    assert report.ok == (vector["scheme"] is not None)


def entries(count: int) -> list[dict[str, Any]]:
    log: list[dict[str, Any]] = []
    for sequence in range(count):
        log.append(
            {
                "action": "run.create",
                "actor": "user:1",
                "atSequence": sequence,
                "details": {"n": sequence, "name": "Zoë"},
                "occurredAt": "2026-01-01T00:00:00Z",
                "prevHash": audit.entry_hash(log[-1]) if log else None,
                "target": f"run-{sequence}",
            }
        )
    return log


def checkpoint(name: str, at: int, root: str, scheme: str = "raw") -> dict[str, Any]:
    made: dict[str, Any] = {"checkpoint": name, "atSequence": at, "merkleRoot": root}
    covered = {
        "raw": bytes.fromhex(root),
        "hex": root.encode(),
        "canonical": audit.canonical_json(made),
    }[scheme]
    return made | {"signature": base64.b64encode(KEY.sign(covered)).decode()}


def answer(*checkpoints: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "fromSeq": 0,
        "toSeq": 9,
        "chainValid": True,
        "checkpoints": list(checkpoints),
        "anomalies": [],
        **more,
    }


ROOT_A = hashlib.sha256(b"a").hexdigest()
ROOT_B = hashlib.sha256(b"b").hexdigest()


@pytest.mark.parametrize("scheme", ["raw", "hex", "canonical"])
def test_a_sound_answer_is_sound_in_each_reading_of_the_signature(scheme: str) -> None:
    report = audit.check_answer(
        answer(checkpoint("c1", 4, ROOT_A, scheme), checkpoint("c2", 9, ROOT_B, scheme)),
        public_key=PUBLIC,
    )

    assert report.ok
    assert report.checked == 2
    assert report.scheme == scheme
    assert report.known == {"c1": (4, ROOT_A), "c2": (9, ROOT_B)}
    assert "sound" in str(report)


def test_an_answer_as_a_model_is_checked_like_its_document() -> None:
    model = openwop.models.AuditVerification.from_dict(answer(checkpoint("c1", 4, ROOT_A)))

    assert audit.check_answer(model, public_key=PUBLIC).ok


@pytest.mark.parametrize(
    ("spoiled", "kind"),
    [
        (answer(checkpoint("c1", 4, ROOT_A) | {"merkleRoot": ROOT_B}), "signature"),
        (answer(checkpoint("c1", 4, ROOT_A) | {"signature": "!!"}), "signature"),
        (answer(checkpoint("c1", 4, ROOT_A) | {"signature": "AAAA"}), "signature"),
        (answer(checkpoint("c1", 4, ROOT_A) | {"merkleRoot": "xyz"}), "signature"),
        (answer(checkpoint("c2", 9, ROOT_B), checkpoint("c1", 4, ROOT_A)), "order"),
        (answer(checkpoint("c1", 12, ROOT_A)), "range"),
        (answer({"checkpoint": "c1"}), "shape"),
        (answer("c1"), "shape"),  # type: ignore[arg-type]
        ({"fromSeq": 3}, "shape"),
        (answer(chainValid=False), "contradiction"),
        (answer(anomalies=[{"atSeq": 3}]), "contradiction"),
        (answer(anomalies=[{"atSeq": 3, "kind": "something-new"}]), "anomaly"),
        (answer(checkpointsValid=False), "signature"),
    ],
    ids=[
        "another root", "no base64", "too short", "no hex", "order", "range", "members",
        "no object", "no range", "broken but where", "valid but broken", "unknown anomaly",
        "host says invalid",
    ],
)  # fmt: skip
def test_what_is_wrong_is_found_and_named(spoiled: dict[str, Any], kind: str) -> None:
    report = audit.check_answer(spoiled, public_key=PUBLIC)

    assert not report.ok
    assert kind in {finding.kind for finding in report.findings}
    assert str(report)


def test_a_log_that_was_rewritten_contradicts_what_was_known() -> None:
    before = audit.check_answer(answer(checkpoint("c1", 4, ROOT_A)), public_key=PUBLIC)

    changed = audit.check_answer(
        answer(checkpoint("c1", 4, ROOT_B)), public_key=PUBLIC, known=before.known
    )
    gone = audit.check_answer(answer(), public_key=PUBLIC, known=before.known)
    other_part = audit.check_answer(
        answer() | {"fromSeq": 5}, public_key=PUBLIC, known=before.known
    )

    assert [finding.kind for finding in changed.findings] == ["rewind"]
    assert [finding.kind for finding in gone.findings] == ["rewind"]
    assert other_part.ok


def test_a_key_that_was_rotated_still_verifies_what_it_signed() -> None:
    other = Ed25519PrivateKey.generate().public_key()
    new = other.public_bytes(Encoding.Raw, PublicFormat.Raw)

    signed_before = answer(checkpoint("c1", 4, ROOT_A))

    assert not audit.check_answer(signed_before, public_key=new).ok
    assert audit.check_answer(signed_before, public_key=[new, PUBLIC]).ok


@pytest.mark.parametrize("key", ["short", "AAAA", b"x", base64.b64encode(b"x" * 44).decode()])
def test_what_is_no_key_is_refused(key: str | bytes) -> None:
    with pytest.raises(openwop.ConfigurationError, match="public_key"):
        audit.check_answer(answer(), public_key=key)


@pytest.mark.parametrize(
    "document",
    [
        {"auditLogIntegrity": {"checkpointPublicKey": PUBLIC}},
        {"auth": {"auditLogIntegrity": {"checkpointPublicKey": PUBLIC}}},
        {"capabilities": {"auth": {"auditLogIntegrity": {"checkpointPublicKey": PUBLIC}}}},
    ],
)
def test_the_key_is_found_where_each_major_advertises_it(document: dict[str, Any]) -> None:
    assert audit.public_key(document) == PUBLIC
    assert audit.public_key({"auth": 1}) is None


def test_entries_and_the_roots_over_them_are_sound() -> None:
    log = entries(7)
    hashes = [audit.entry_hash(entry) for entry in log]
    points = [
        checkpoint("c1", 2, audit.merkle_root(hashes[:3])),
        checkpoint("c2", 6, audit.merkle_root(hashes[3:])),
    ]

    report = audit.check_entries(log, points, public_key=PUBLIC)

    assert report.ok
    assert report.checked == 2


@given(st.integers(0, 6), st.sampled_from(["action", "actor", "target", "details", "prevHash"]))
def test_any_change_of_any_entry_is_found(at: int, member: str) -> None:
    log = entries(7)
    root = audit.merkle_root([audit.entry_hash(entry) for entry in log])
    points = [checkpoint("c1", 6, root)]
    log[at] = log[at] | {member: "tampered"}

    assert not audit.check_entries(log, points, public_key=PUBLIC).ok


def test_an_entry_that_is_missing_is_found() -> None:
    log = entries(5)

    report = audit.check_entries([*log[:2], *log[3:]])

    assert [finding.kind for finding in report.findings] == ["chain"]
    assert "missing" in str(report)


def test_a_part_of_a_log_and_odd_entries_are_judged_as_far_as_can_be() -> None:
    log = entries(5)

    assert audit.check_entries(log[2:]).ok
    assert audit.check_entries(log[2:], [checkpoint("c", 1, ROOT_A)], public_key=PUBLIC).ok
    assert not audit.check_entries([{"action": "x"}]).ok
    assert not audit.check_entries([log[0] | {"prevHash": "ab"}]).ok


def test_the_root_of_nothing_and_of_odd_numbers() -> None:
    one, two, three = "aa", "bb", "cc"
    pair = hashlib.sha256(b"aabb").hexdigest()

    assert audit.merkle_root([]) == hashlib.sha256(b"").hexdigest()
    assert audit.merkle_root([one]) == "aa"
    assert audit.merkle_root([one, two]) == pair
    assert audit.merkle_root([one, two, three]) == hashlib.sha256(f"{pair}cc".encode()).hexdigest()


def bundle(**changes: Any) -> dict[str, Any]:
    pem = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    key_id = hashlib.sha256(pem.encode()).hexdigest()[:16]
    point = checkpoint("c1", 4, ROOT_A)
    made = {
        "bundleVersion": "1",
        "signingKey": {"keyId": key_id, "algorithm": "ed25519", "publicKeyPEM": pem},
        "checkpoints": [
            {
                "checkpointId": "c1",
                "atSequence": 4,
                "merkleRoot": ROOT_A,
                "signature": point["signature"],
                "signedAt": "2026-01-01T00:00:00Z",
                "signingKeyId": key_id,
            }
        ],
    }
    return made | changes


def test_an_exported_bundle_is_sound() -> None:
    report = audit.check_bundle(bundle())

    assert report.ok
    assert report.checked == 1


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"bundleVersion": "9"}, "version"),
        ({"signingKey": {}}, "key"),
        ({"signingKey": bundle()["signingKey"] | {"keyId": "other"}}, "key"),
        ({"signingKey": bundle()["signingKey"] | {"publicKeyPEM": "-----\nAAAA\n-----"}}, "key"),
        ({"checkpoints": [bundle()["checkpoints"][0] | {"signingKeyId": "x"}]}, "key"),
        ({"checkpoints": [bundle()["checkpoints"][0] | {"merkleRoot": ROOT_B}]}, "signature"),
    ],
    ids=["version", "no key", "key id", "unreadable key", "signed by another", "another root"],
)
def test_a_bundle_that_was_changed_is_found_out(changes: dict[str, Any], kind: str) -> None:
    report = audit.check_bundle(bundle(**changes))

    assert kind in {finding.kind for finding in report.findings}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"), (-0.0, "0"), (1.0, "1"), (1e21, "1e+21"), (1e20, "100000000000000000000"),
        (1e-6, "0.000001"), (1e-7, "1e-7"), (333333333.33333329, "333333333.3333333"),
        (4.50, "4.5"), (2e-3, "0.002"), (1e-27, "1e-27"), (5e-324, "5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308"), (-1.5, "-1.5"),
        ({"b": 1, "a": [True, False, None]}, '{"a":[true,false,null],"b":1}'),
        ({"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\u0080": 6, "\u00f6": 7},
         '{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\U0001f600":5,"\ufb33":3}'),
        ("\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/", '"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'),
        ([], "[]"), ({}, "{}"),
    ],
)  # fmt: skip
def test_canonical_json_is_that_of_rfc_8785(value: Any, text: str) -> None:
    assert audit.canonical_json(value) == text.encode()


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), 2**60, "\ud800", {1: 2}, object()],
    ids=["NaN", "infinity", "large", "surrogate", "number as a name", "no JSON"],
)
def test_what_has_no_canonical_form_is_refused(value: Any) -> None:
    with pytest.raises((ValueError, TypeError)):
        audit.canonical_json(value)


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(2**53), 2**53)
        | st.text()
        | st.floats(-1e15, 1e15, allow_nan=False),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_canonical_json_reads_back_as_what_it_was(value: Any) -> None:
    try:
        written = audit.canonical_json(value)
    except ValueError:  # a lone surrogate
        return

    assert json.loads(written) == value
