"""The event-stream decoder: the vectors under every cut, limits, linear time, hostile bytes."""

from __future__ import annotations

import base64
import json
import pickle
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings, strategies as st

from openwop.sse import EventDecoder, EventTooLargeError, ServerSentEvent

VECTORS = Path(__file__).parents[3] / "spec" / "vectors" / "sse"


def _load() -> list[Any]:
    """Return every vector as a parameter with its id."""
    parameters: list[Any] = []
    for path in sorted(VECTORS.glob("*.json")):
        for vector in json.loads(path.read_text(encoding="utf-8"))["vectors"]:
            if "wire_base64" in vector:
                wire = base64.b64decode(vector["wire_base64"])
            else:
                wire = vector["wire"].encode()
            events = [ServerSentEvent(**event) for event in vector["events"]]
            expected = (events, vector["last_event_id"], vector["retry"])
            parameters.append(pytest.param(wire, expected, id=f"{path.stem}-{vector['id']}"))
    return parameters


CASES = _load()
WIRES = [case.values[0] for case in CASES]
Result = tuple[list[ServerSentEvent], str, int | None]


def decode(parts: Iterable[bytes], **limits: int) -> Result:
    """Return the events of *parts* and what the decoder knows after them."""
    decoder = EventDecoder(**limits)
    events = [event for part in parts for event in decoder.feed(part)]
    return events, decoder.last_event_id, decoder.retry


def chop(wire: bytes, cuts: Iterable[int]) -> list[bytes]:
    """Cut *wire* at each of *cuts*, taken modulo its length."""
    places = [0, *sorted(cut % (len(wire) + 1) for cut in cuts), len(wire)]
    return [wire[start:end] for start, end in pairwise(places)]


def singly(wire: bytes) -> list[bytes]:
    return [wire[at : at + 1] for at in range(len(wire))]


def test_the_table_of_vectors_is_complete_and_its_ids_are_unique() -> None:
    ids = [case.id for case in CASES]

    assert len(ids) == len(set(ids))
    assert len(ids) >= 40


@pytest.mark.parametrize(("wire", "expected"), CASES)
def test_a_stream_fed_whole_gives_the_events_of_the_standard(wire: bytes, expected: Result) -> None:
    assert decode([wire]) == expected


@pytest.mark.parametrize(("wire", "expected"), CASES)
def test_a_stream_fed_byte_by_byte_gives_the_same_events(wire: bytes, expected: Result) -> None:
    assert decode(singly(wire)) == expected


@pytest.mark.parametrize(("wire", "expected"), CASES)
def test_a_stream_cut_in_two_at_any_byte_gives_the_same_events(
    wire: bytes, expected: Result
) -> None:
    for cut in range(min(len(wire), 400)):
        assert decode([wire[:cut], wire[cut:]]) == expected, f"cut at {cut}"


@pytest.mark.parametrize(("wire", "expected"), CASES)
def test_empty_chunks_change_nothing(wire: bytes, expected: Result) -> None:
    parts = [part for byte in singly(wire) for part in (b"", byte, b"")]

    assert decode([b"", *parts]) == expected


@given(case=st.sampled_from(CASES), cuts=st.lists(st.integers(min_value=0), max_size=30))
def test_chunk_boundaries_never_change_the_events(case: Any, cuts: list[int]) -> None:
    wire, expected = case.values

    assert decode(chop(wire, cuts)) == expected


@given(
    wires=st.lists(
        st.sampled_from([wire for wire in WIRES if not wire.startswith(b"\xef\xbb")]), max_size=8
    ),
    cuts=st.lists(st.integers(min_value=0), max_size=30),
)
def test_streams_after_one_another_read_alike_under_every_cut(
    wires: list[bytes], cuts: list[int]
) -> None:
    wire = b"".join(wires)

    assert decode(chop(wire, cuts)) == decode([wire]) == decode(singly(wire))


WORDS = b"data event id retry : x 1 \0 \xff \xe4\xb8 \xef\xbb\xbf".split(b" ")
PIECES = st.sampled_from(
    [*WORDS, b" ", b": ", b"\n", b"\r", b"\r\n", b"\n\n", b"id: 1\n", b"data: y\n"]
)


@given(wire=st.lists(PIECES | st.binary(max_size=3)).map(b"".join), cuts=st.lists(st.integers(0)))
@example(wire=b"\xef\xbb", cuts=[1])
@settings(max_examples=300)
def test_any_bytes_decode_as_the_standard_reads_them_line_by_line(
    wire: bytes, cuts: list[int]
) -> None:
    """A second reading of the standard, one line at a time and without any haste, agrees."""
    expected = _plainly(wire)

    assert decode([wire]) == expected
    assert decode(chop(wire, cuts)) == expected


def _plainly(wire: bytes) -> Result:
    """Decode *wire* the way the standard words it: decode, then lines, then fields."""
    text = wire.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n")
    events: list[ServerSentEvent] = []
    last_event_id = id_buffer = data = event = ""
    retry: int | None = None
    block_retry: int | None = None
    for line in text.split("\n")[:-1]:
        name, _, value = line.partition(":")
        value = value[1:] if value[:1] == " " else value
        if not line:
            last_event_id = id_buffer
            if data:
                events.append(
                    ServerSentEvent(event or "message", data[:-1], id_buffer, block_retry)
                )
            data, event, block_retry = "", "", None
        elif name == "data":
            data += value + "\n"
        elif name == "event":
            event = value
        elif name == "id" and "\0" not in value:
            id_buffer = value
        elif name == "retry" and value.isascii() and value.isdigit():
            retry = block_retry = min(int(value), 2**53 - 1)
    return events, last_event_id, retry


@given(
    wire=st.lists(PIECES | st.binary(max_size=8)).map(b"".join),
    cuts=st.lists(st.integers(0)),
    max_line=st.integers(1, 12),
    max_event=st.integers(1, 12),
)
@settings(max_examples=300)
def test_a_limit_breaks_at_the_same_event_under_every_cut(
    wire: bytes, cuts: list[int], max_line: int, max_event: int
) -> None:
    def outcome(parts: list[bytes]) -> tuple[list[ServerSentEvent], str | None]:
        decoder = EventDecoder(max_line=max_line, max_event=max_event)
        events: list[ServerSentEvent] = []
        try:
            for part in [*parts, b""]:
                events += decoder.feed(part)
        except EventTooLargeError as error:
            return events, error.part
        return events, None

    assert outcome(chop(wire, cuts)) == outcome([wire]) == outcome(singly(wire))


def test_a_line_of_the_limit_passes_and_one_byte_more_is_refused() -> None:
    fits = EventDecoder(max_line=10).feed(b"data: 1234\n\n")

    assert [event.data for event in fits] == ["1234"]
    with pytest.raises(EventTooLargeError, match="a line of more than 10 bytes") as caught:
        EventDecoder(max_line=10).feed(b"data: 12345\n\n")
    assert (caught.value.part, caught.value.limit) == ("line", 10)


def test_a_line_that_never_ends_is_refused_before_it_ends() -> None:
    decoder = EventDecoder(max_line=100)

    for _ in range(100):
        decoder.feed(b"x")

    with pytest.raises(EventTooLargeError):
        decoder.feed(b"x")


def test_line_ends_do_not_count_towards_a_line() -> None:
    assert len(EventDecoder(max_line=7).feed(b"data: 1\r\n\r\n")) == 1


@pytest.mark.parametrize("cut", [1, 5, 64])
def test_data_over_the_limit_is_refused_over_any_number_of_lines(cut: int) -> None:
    wire = b"data: 12345\n" * 4
    parts = [wire[at : at + cut] for at in range(0, len(wire), cut)]

    with pytest.raises(EventTooLargeError, match="an event with data of more than 20") as caught:
        decode(parts, max_event=20)

    assert caught.value.part == "event"


def test_the_limit_on_data_counts_each_event_anew() -> None:
    wire = b"data: 12345\n\n" * 50

    assert len(EventDecoder(max_event=6).feed(wire)) == 50


def test_comments_without_end_need_no_memory_and_break_no_limit() -> None:
    decoder = EventDecoder(max_line=20, max_event=20)

    for _ in range(1000):
        assert decoder.feed(b": keep-alive\n") == []

    assert [event.data for event in decoder.feed(b"data: a\n\n")] == ["a"]


def test_events_before_a_broken_limit_come_first_and_then_every_call_raises() -> None:
    decoder = EventDecoder(max_line=20)

    events = decoder.feed(b"data: a\n\ndata: " + b"x" * 30 + b"\n\ndata: b\n\n")

    assert [event.data for event in events] == ["a"]
    for chunk in (b"", b"data: c\n\n"):
        with pytest.raises(EventTooLargeError):
            decoder.feed(chunk)


def test_what_is_kept_stays_within_the_limits_whatever_comes() -> None:
    decoder = EventDecoder(max_line=1000, max_event=1000)

    def kept() -> int:
        return len(decoder._line) + len(decoder._data) + len(decoder._pending)

    for chunk in (b"data: " + b"x" * 400, b"y" * 300, b"\n", b"data: z\n" * 100, b"x" * 900):
        decoder.feed(chunk)
        assert kept() <= 3000


def test_a_limit_below_one_byte_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="at least 1 byte"):
        EventDecoder(max_line=0)
    with pytest.raises(ValueError, match="at least 1 byte"):
        EventDecoder(max_event=0)


def test_the_error_pickles_and_is_a_value_error() -> None:
    error = EventTooLargeError("event", 64)

    copy = pickle.loads(pickle.dumps(error))

    assert isinstance(copy, ValueError)
    assert (str(copy), copy.part, copy.limit) == (str(error), "event", 64)


def test_a_decoder_starts_from_the_id_of_the_connection_before() -> None:
    decoder = EventDecoder(last_event_id="41")

    assert decoder.last_event_id == "41"
    assert [event.id for event in decoder.feed(b"data: a\n\nid: 42\ndata: b\n\n")] == ["41", "42"]
    assert decoder.last_event_id == "42"


def test_an_event_leaves_as_soon_as_its_blank_line_is_there() -> None:
    """The CR of a CRLF is enough: no event waits for the bytes that follow it."""
    decoder = EventDecoder()

    assert decoder.feed(b"data: a\r\n") == []
    assert [event.data for event in decoder.feed(b"\r")] == ["a"]
    assert decoder.feed(b"\n") == []


class _Counted(bytes):
    """A chunk that adds up the bytes which leave it by slicing or joining, its copies included."""

    copied = 0

    def __getitem__(self, key: Any) -> Any:
        part = super().__getitem__(key)
        if isinstance(part, bytes):
            _Counted.copied += len(part)
            return _Counted(part)
        return part

    def __add__(self, other: Any) -> _Counted:
        _Counted.copied += len(self) + len(other)
        return _Counted(super().__add__(other))

    def __radd__(self, other: Any) -> _Counted:
        _Counted.copied += len(self) + len(other)
        return _Counted(bytes(other) + bytes(self))


@pytest.mark.parametrize("size", [1, 2, 7, 100, 4096])
@pytest.mark.parametrize(
    "block",
    [b"data: " + b"x" * 20_000 + b"\n\n", b"data: x\n" * 2_500 + b"\n", b": x\n" * 5_000 + b"\n"],
    ids=["one-long-line", "many-lines", "comments"],
)
def test_the_bytes_copied_grow_with_the_bytes_fed_however_small_the_chunks(
    block: bytes, size: int
) -> None:
    """Quadratic work would copy thousands of times what is fed; linear work a few times."""
    decoder = EventDecoder()
    _Counted.copied = 0

    for at in range(0, len(block), size):
        decoder.feed(_Counted(block[at : at + size]))

    assert _Counted.copied <= 5 * len(block)
    assert decoder._pending == b""
    assert not decoder._inside
