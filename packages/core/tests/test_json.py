"""The JSON codec: one result for every text, whichever parser is installed."""

from __future__ import annotations

import base64
import builtins
import json
import math
import pickle
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from openwop.runtime import _json
from openwop.runtime._json import MAX_DEPTH, InvalidJSONError, dumps, loads

VECTORS = Path(__file__).parents[3] / "spec" / "vectors" / "codec"


@pytest.fixture(autouse=True)
def _undo_the_choice() -> Iterator[None]:
    yield
    _json.use(None)


@pytest.fixture(params=_json.BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """The name of a parser, which is chosen for the test."""
    if request.param == "msgspec":
        pytest.importorskip("msgspec", reason="the extra `speed` is not installed")
    _json.use(request.param)
    return str(request.param)


def _table(name: str, *, without: str = "") -> list[Any]:
    vectors = json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))["vectors"]
    chosen = (vector for vector in vectors if not without or vector.get("refused") != without)
    return [pytest.param(vector, id=vector["id"]) for vector in chosen]


def _text(vector: dict[str, Any]) -> bytes:
    if "base64" in vector:
        return base64.b64decode(vector["base64"])
    if "parts" in vector:
        return "".join(piece * times for piece, times in vector["parts"]).encode()
    return str(vector["text"]).encode()


def _value(tagged: Any) -> Any:
    """Return the value that a vector spells out."""
    match tagged:
        case {"int": digits}:
            return int(digits)
        case {"float": digits}:
            return float(digits)
        case {"object": pairs}:
            return {key: _value(value) for key, value in pairs}
        case list():
            return [_value(item) for item in tagged]
        case _:
            return tagged


def exactly(value: Any) -> Any:
    """Return *value* in a form that tells 1 from 1.0 and True, 0.0 from -0.0, and keeps order."""
    if isinstance(value, dict):
        return [(key, exactly(member)) for key, member in value.items()]
    if isinstance(value, list):
        return ["list", *map(exactly, value)]
    return type(value).__name__, repr(value)


@pytest.mark.parametrize("vector", _table("decode"))
def test_a_text_has_one_value_or_is_refused_by_every_parser(
    vector: dict[str, Any], backend: str
) -> None:
    text = _text(vector)

    if "value" in vector:
        assert exactly(loads(text)) == exactly(_value(vector["value"]))
    else:
        with pytest.raises(InvalidJSONError) as caught:
            loads(text)
        assert caught.value.reason == vector["refused"]
        if vector["position"] is not None:
            assert caught.value.position == vector["position"]


@pytest.mark.parametrize("vector", _table("decode", without="encoding"))
def test_a_decoded_text_is_read_as_its_bytes_are(vector: dict[str, Any], backend: str) -> None:
    text = _text(vector).decode()

    if "value" in vector:
        assert exactly(loads(text)) == exactly(_value(vector["value"]))
    else:
        with pytest.raises(InvalidJSONError) as caught:
            loads(text)
        assert caught.value.reason == vector["refused"]
        if vector["position"] is not None:
            assert caught.value.position == vector["position"]


@pytest.mark.parametrize("vector", _table("encode"))
def test_a_value_has_one_text_or_is_refused_whatever_is_installed(
    vector: dict[str, Any], backend: str
) -> None:
    value = _value(vector["value"])

    if "text" in vector:
        assert dumps(value) == vector["text"].encode()
        assert exactly(loads(dumps(value))) == exactly(value)
    else:
        with pytest.raises(ValueError, match="JSON compliant"):
            dumps(value)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    # Half a surrogate pair may stand in a string; two halves would become one character.
    | st.text() | st.text(st.sampled_from("\ud83da")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)  # fmt: skip


@pytest.mark.parametrize("name", _json.BACKENDS)
@given(value=VALUES)
def test_what_is_written_is_read_back(name: Any, value: Any) -> None:
    if name == "msgspec":
        pytest.importorskip("msgspec", reason="the extra `speed` is not installed")
    _json.use(name)

    assert exactly(loads(dumps(value))) == exactly(value)


TOKENS = st.sampled_from(
    [*'[]{},:"\\-+.eE0129 \n', "null", "true", "NaN", "1e999", '"a"', '"\\ud800"', "\ufeff", "é"]
)


@given(
    text=st.lists(TOKENS).map(lambda tokens: "".join(tokens).encode())
    | st.binary()
    | st.from_regex(r"-?[0-9]{1,25}(\.[0-9]{1,25})?([eE][-+]?[0-9]{1,3})?", fullmatch=True).map(
        str.encode
    )
)
@settings(max_examples=500)
def test_any_bytes_read_alike_with_every_parser_and_raise_nothing_else(text: bytes) -> None:
    pytest.importorskip("msgspec", reason="the extra `speed` is not installed")

    def outcome(name: Any) -> Any:
        _json.use(name)
        try:
            return exactly(loads(text))
        except InvalidJSONError as error:
            return error.reason, error.position

    assert outcome("msgspec") == outcome("json")


@given(bits=st.integers(0, 2**64 - 1))
@settings(max_examples=300)
def test_every_double_is_read_as_its_nearest_by_every_parser(bits: int) -> None:
    pytest.importorskip("msgspec", reason="the extra `speed` is not installed")
    (number,) = struct.unpack("<d", bits.to_bytes(8, "little"))
    if not math.isfinite(number):
        number = 0.5
    for text in (repr(number), f"{number:.25e}"):
        for name in _json.BACKENDS:
            _json.use(name)
            assert repr(loads(text)) == repr(float(text))


@pytest.mark.parametrize(
    "text", [b'{"password": "hunter2", x}', b'["hunter2"] x', b'"hunter2\xff"']
)
def test_an_error_never_holds_what_it_is_about(text: bytes, backend: str) -> None:
    with pytest.raises(InvalidJSONError) as caught:
        loads(text)

    error = caught.value
    assert "hunter2" not in f"{error!r} {error} {error.__dict__}"
    assert error.__cause__ is None
    assert error.__context__ is None


def test_an_error_says_what_and_where_and_pickles() -> None:
    error = InvalidJSONError("syntax", 7)

    copy = pickle.loads(pickle.dumps(error))

    assert str(copy) == "the JSON is malformed at byte 7"
    assert (copy.reason, copy.position) == ("syntax", 7)
    assert str(InvalidJSONError("empty")) == "the JSON is empty"


def test_depth_is_bounded_at_any_depth_of_the_callers_stack(backend: str) -> None:
    """A parser that runs out of stack gives the error of a text that nests too deep."""
    text = b"[" * MAX_DEPTH + b"]" * MAX_DEPTH

    def descend(levels: int) -> Any:
        return descend(levels - 1) if levels else loads(text)

    outcomes = set()
    for room in range(0, 300, 20):
        try:
            descend(sys.getrecursionlimit() - room - _stack_depth())
        except InvalidJSONError as error:
            outcomes.add(error.reason)
        except RecursionError:
            # Raised by the test's own frames, or by the first of the codec's.
            continue
        else:
            outcomes.add("read")

    assert "read" in outcomes
    assert outcomes <= {"read", "depth"}


def _stack_depth() -> int:
    depth, frame = 0, sys._getframe()
    while frame.f_back is not None:
        depth, frame = depth + 1, frame.f_back
    return depth


def test_a_value_that_holds_itself_or_nests_without_end_is_refused() -> None:
    circle: list[Any] = []
    circle.append(circle)
    deep: list[Any] = []
    for _ in range(200_000):
        deep = [deep]

    with pytest.raises(ValueError, match="Circular"):
        dumps(circle)
    with pytest.raises(ValueError, match="too deep") as caught:
        dumps(deep)
    assert caught.value.__context__ is None


@pytest.mark.parametrize("value", [object(), {1, 2}, b"bytes", 1j], ids=lambda v: type(v).__name__)
def test_what_json_has_no_form_for_is_a_type_error(value: object) -> None:
    with pytest.raises(TypeError, match="not JSON serializable"):
        dumps({"a": value})


def test_msgspec_is_chosen_where_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    msgspec = pytest.importorskip("msgspec", reason="the extra `speed` is not installed")
    made: list[str] = []
    plain = msgspec.json.Decoder

    def decoder() -> Any:
        made.append("decoder")
        return plain()

    monkeypatch.setattr(msgspec.json, "Decoder", decoder)
    _json.use(None)

    assert (loads(b"[1]"), loads(b"[2]")) == ([1], [2])
    assert made == ["decoder"]


def test_the_standard_library_serves_where_msgspec_is_not_installed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    find = builtins.__import__

    def without_msgspec(name: str, *rest: Any, **more: Any) -> Any:
        if name == "msgspec":
            raise ImportError(name)
        return find(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without_msgspec)
    monkeypatch.delitem(sys.modules, "msgspec", raising=False)
    _json.use(None)

    assert loads(b"[1]") == [1]
    with pytest.raises(ImportError):
        _json.use("msgspec")
