"""Between JSON data and models: what is read, what is refused, what is written."""

from __future__ import annotations

import datetime as dt
import pickle
from enum import Enum
from typing import Annotated, Any, Literal, TypeAlias
from uuid import UUID

import attrs
import cattrs
import pytest
from hypothesis import given, strategies as st

from openwop.runtime._codec import converter, structure, to_wire
from openwop.runtime._structure import StructureError
from openwop.runtime.errors import ConfigurationError
from openwop.runtime.model import (
    JSON,
    UNSET,
    Limits,
    Model,
    Tagged,
    Unset,
    Unwrapped,
    Within,
    on_wire,
)

Status: TypeAlias = Literal["running", "done"] | str  # noqa: PYI051
Tree: TypeAlias = Annotated[list["Tree"] | str, Within(__name__)]


@attrs.frozen(kw_only=True, repr=False)
class Cause(Model):
    """Why."""

    __closed__ = True

    code: str
    details: dict[str, JSON] | None = None


@attrs.frozen(kw_only=True, repr=False)
class Ticket(Model):
    """A model with every sort of member."""

    ticket_id: str = attrs.field(metadata=on_wire("ticketId"))
    status: Status = "running"
    cause: Cause | None = None
    children: list[Ticket] | None = None
    by_name: dict[str, Cause] | None = attrs.field(default=None, metadata=on_wire("byName"))
    share: float | None = None
    count: int | None = attrs.field(
        default=None, metadata=on_wire(limits=Limits(minimum=1, maximum=3))
    )
    open: bool | None = None
    note: str | Unset | None = attrs.field(default=UNSET, metadata=on_wire(nullable=True))
    secret: str | None = attrs.field(default=None, repr=False)
    anything: JSON = None


@attrs.frozen(kw_only=True, repr=False)
class Cat(Model):
    """A tagged alternative."""

    kind: Literal["cat"]
    lives: int


@attrs.frozen(kw_only=True, repr=False)
class Dog(Model):
    """Another."""

    kind: Literal["dog"]
    tricks: list[str] | None = None


@attrs.frozen(kw_only=True, repr=False)
class Box(Model):
    """A member that tells what another one is."""

    kind: str
    data: Cat | Dog | dict[str, JSON] | None = attrs.field(
        default=None, metadata=on_wire(sibling=Tagged("kind", (("c", "Cat"), ("d", "Dog"))))
    )


@attrs.frozen(kw_only=True, repr=False)
class Majors(Model):
    """What differs between two variants of a service."""

    __closed__ = ("2",)

    old: str | None = attrs.field(default=None, metadata=on_wire(only=("1",)))
    new: str | None = attrs.field(default=None, metadata=on_wire(required=("2",), only=("2",)))


# What is read -------------------------------------------------------------------------------------


def test_members_are_read_by_their_names_on_the_wire() -> None:
    ticket = Ticket.from_dict({"ticketId": "t-1", "status": "done"})

    assert Ticket(ticket_id="t-1", status="done") == ticket


def test_undeclared_members_are_kept_and_written_again() -> None:
    data = {"ticketId": "t", "status": "done", "vendor": {"a": [None, 1]}}

    ticket = Ticket.from_dict(data)

    assert {"vendor": {"a": [None, 1]}} == ticket.extra
    assert data == ticket.to_dict()


def test_null_for_an_absent_optional_member_is_absence() -> None:
    assert Ticket(ticket_id="t") == Ticket.from_dict({"ticketId": "t", "cause": None})


def test_null_and_absence_are_told_apart_where_null_has_a_meaning() -> None:
    absent = Ticket.from_dict({"ticketId": "t", "status": "done"})
    null = Ticket.from_dict({"ticketId": "t", "status": "done", "note": None})

    assert UNSET is absent.note
    assert null.note is None
    assert "note" not in absent.to_dict()
    assert {"ticketId": "t", "status": "done", "note": None} == null.to_dict()


def test_an_unknown_member_of_an_enumeration_passes() -> None:
    assert Ticket.from_dict({"ticketId": "t", "status": "paused"}).status == "paused"


def test_an_integer_stays_an_integer_where_a_number_is_described() -> None:
    share = Ticket.from_dict({"ticketId": "t", "share": 3}).share

    assert (int, 3) == (type(share), share)


def test_a_whole_float_is_an_integer_as_in_json_schema() -> None:
    count = Ticket.from_dict({"ticketId": "t", "count": 2.0}).count

    assert (int, 2) == (type(count), count)


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"ticketId": 7}, "Ticket.ticketId: expected str, got int"),
    ({}, "Ticket.ticketId: expected a value, got nothing"),
    ({"ticketId": None}, "Ticket.ticketId: expected str, got null"),
    ({"ticketId": "t", "count": True}, "Ticket.count: expected int, got bool"),
    ({"ticketId": "t", "count": 1.5}, "Ticket.count: expected int, got float"),
    ({"ticketId": "t", "share": "1"}, "Ticket.share: expected number, got str"),
    ({"ticketId": "t", "open": 1}, "Ticket.open: expected bool, got int"),
    ({"ticketId": "t", "cause": []}, "Ticket.cause: expected object, got array"),
    ({"ticketId": "t", "cause": {"code": 1}}, "Ticket.cause.code: expected str, got int"),
    ({"ticketId": "t", "children": {}}, "Ticket.children: expected array, got object"),
    (
        {"ticketId": "t", "children": [{"ticketId": "u"}, {"ticketId": "v", "cause": {}}]},
        "Ticket.children[1].cause.code: expected a value, got nothing",
    ),
    (
        {"ticketId": "t", "byName": {"a.b": {"code": None}}},
        "Ticket.byName['a.b'].code: expected str, got null",
    ),
]


@pytest.mark.parametrize(("data", "message"), WRONG, ids=[message for _, message in WRONG])
def test_a_wrong_type_names_its_path(data: dict[str, Any], message: str) -> None:
    with pytest.raises(StructureError) as caught:
        Ticket.from_dict(data)

    assert message == str(caught.value)


def test_a_value_that_is_no_object_names_the_model() -> None:
    with pytest.raises(StructureError, match=r"^Ticket: expected object, got array$"):
        structure(Ticket, [])


def test_a_list_as_an_answer_names_the_place() -> None:
    with pytest.raises(StructureError, match=r"^answer\[1\]\.ticketId: expected str, got int$"):
        structure(list[Ticket], [{"ticketId": "t"}, {"ticketId": 1}])


def test_the_message_never_holds_the_value() -> None:
    with pytest.raises(StructureError) as caught:
        Ticket.from_dict({"ticketId": ["hunter2"]})

    assert "hunter2" not in str(caught.value)


def test_nesting_without_end_is_an_error_of_structure() -> None:
    deep: Any = "leaf"
    for _ in range(20_000):
        deep = [deep]

    with pytest.raises(StructureError, match="nesting"):
        structure(Tree, deep)


# Strict -------------------------------------------------------------------------------------------

DEVIATIONS: list[tuple[dict[str, Any], str]] = [
    ({"ticketId": "t", "status": "paused"}, "Ticket.status: expected one of 'running', 'done'"),
    ({"ticketId": "t", "cause": None}, "Ticket.cause: expected object, got null"),
    ({"ticketId": "t", "cause": {"code": "c", "more": 1}}, "Ticket.cause.more: expected no such"),
    ({"ticketId": "t", "count": 4}, "Ticket.count: expected at most 3, got more"),
    ({"ticketId": "t", "count": 0}, "Ticket.count: expected at least 1, got less"),
]


@pytest.mark.parametrize(("data", "message"), DEVIATIONS, ids=[text for _, text in DEVIATIONS])
def test_strict_mode_refuses_what_tolerant_mode_takes(data: dict[str, Any], message: str) -> None:
    Ticket.from_dict(data)

    with pytest.raises(StructureError) as caught:
        Ticket.from_dict(data, strict=True)

    assert str(caught.value).startswith(message)


def test_strict_mode_takes_undeclared_members_of_an_open_object() -> None:
    assert {"x": 1} == Ticket.from_dict({"ticketId": "t", "x": 1}, strict=True).extra


def test_strict_mode_goes_by_the_description_of_the_variant() -> None:
    assert Majors(old="o") == structure(Majors, {"old": "o"}, strict=True, variant="1")
    assert Majors(new="n") == structure(Majors, {"new": "n"}, strict=True, variant="2")
    with pytest.raises(StructureError, match=r"Majors\.new: expected a value, got nothing"):
        structure(Majors, {}, strict=True, variant="2")
    with pytest.raises(StructureError, match=r"Majors\.old: expected no such member"):
        structure(Majors, {"new": "n", "old": "o"}, strict=True, variant="2")


LIMITS: list[tuple[Any, Limits, Any, Any]] = [
    (int, Limits(exclusive_minimum=1), 2, 1),
    (float, Limits(exclusive_maximum=1), 0.5, 1),
    (int, Limits(multiple_of=5), 10, 11),
    (str, Limits(min_length=2), "ab", "a"),
    (str, Limits(max_length=2), "ab", "abc"),
    (str, Limits(pattern="^a"), "ab", "ba"),
    (list[int], Limits(min_items=1), [1], []),
    (list[int], Limits(max_items=1), [1], [1, 2]),
    (list[int], Limits(unique=True), [1, 2], [1, 1]),
    (list[str], Limits(items=Limits(min_length=1)), ["a"], [""]),
    (dict[str, str], Limits(items=Limits(pattern="^a")), {"x": "a"}, {"x": "b"}),
    (str | None, Limits(min_length=1), "a", ""),
]


@pytest.mark.parametrize(("tp", "limits", "good", "bad"), LIMITS, ids=[str(r[1]) for r in LIMITS])
def test_strict_mode_keeps_to_limits(tp: Any, limits: Limits, good: Any, bad: Any) -> None:
    cls = attrs.make_class(
        "Limited",
        {"value": attrs.field(type=tp, metadata=on_wire(limits=limits))},
        bases=(Model,),
        frozen=True,
        kw_only=True,
    )

    assert good == cls.from_dict({"value": good}, strict=True).value
    assert bad == cls.from_dict({"value": bad}).value
    with pytest.raises(StructureError, match=r"^Limited\.value"):
        cls.from_dict({"value": bad}, strict=True)


# Classes of a user --------------------------------------------------------------------------------


def test_a_class_that_does_more_when_it_is_made_is_made_by_its_constructor() -> None:
    @attrs.frozen(kw_only=True, repr=False)
    class Careful(Model):
        tags: list[str] = attrs.field(factory=list)
        name: str = attrs.field(default="n", converter=str.upper)

        def __attrs_post_init__(self) -> None:
            if not self.name:
                raise StructureError("Careful.name", "a name", "none")

    made = Careful.from_dict({"name": "a", "x": 1})

    assert ("A", [], {"x": 1}) == (made.name, made.tags, made.extra)
    with pytest.raises(StructureError, match="a name"):
        Careful.from_dict({"name": ""})


def test_a_subclass_of_a_model_with_members_of_its_own_is_structured_whole() -> None:
    @attrs.frozen(kw_only=True, repr=False)
    class More(Cause):
        level: int = 3

    assert More(code="c", level=4) == More.from_dict({"code": "c", "level": 4})
    assert More(code="c") == More.from_dict({"code": "c"})


# Unions -------------------------------------------------------------------------------------------


def test_models_are_told_apart_by_the_constant_that_they_require() -> None:
    assert Cat(kind="cat", lives=9) == structure(Cat | Dog, {"kind": "cat", "lives": 9})
    assert Dog(kind="dog") == structure(Cat | Dog, {"kind": "dog"})


def test_an_unknown_tag_is_an_error_that_names_the_known_ones() -> None:
    with pytest.raises(StructureError, match=r"kind: expected one of 'cat', 'dog', got another"):
        structure(Cat | Dog, {"kind": "cow"})


def test_an_unknown_tag_stays_plain_data_in_a_union_that_may_grow() -> None:
    union = Cat | Dog | dict[str, JSON]

    assert {"kind": "cow"} == structure(union, {"kind": "cow"})


def test_a_tag_may_be_named_by_the_description() -> None:
    union = Annotated[Ticket | Cause, Tagged("t", (("a", "Ticket"), ("b", "Cause")))]

    made = structure(union, {"t": "b", "code": "c"})

    assert Cause(code="c", extra={"t": "b"}) == made


def test_a_member_may_tell_what_another_one_is() -> None:
    known = Box.from_dict({"kind": "c", "data": {"kind": "x", "lives": 1}})
    unknown = Box.from_dict({"kind": "z", "data": {"a": 1}})

    assert Cat(kind="x", lives=1) == known.data  # type: ignore[arg-type]
    assert {"a": 1} == unknown.data


def test_models_without_a_tag_are_told_apart_by_the_members_that_are_there() -> None:
    assert Cause(code="c") == structure(Ticket | Cause, {"code": "c"})
    assert Ticket(ticket_id="t", extra={"code": "c"}) == structure(
        Ticket | Cause, {"ticketId": "t", "code": "c", "open": None}
    )


@pytest.mark.parametrize(
    ("tp", "value", "expected"),
    [
        (int | str, "1", "1"),
        (int | str, 1, 1),
        (bool | int, True, True),
        (float | int, 2, 2),
        (list[int] | int, [1], [1]),
        (str | None, None, None),
        (Literal["a"] | int, 3, 3),
        (dt.date | str, "2025-01-02", dt.date(2025, 1, 2)),
        (dt.date | str, "soon", "soon"),
        (Cause | str, {"code": "c"}, Cause(code="c")),
        (Tree, ["a", ["b"]], ["a", ["b"]]),
    ],
)
def test_the_json_type_picks_among_the_alternatives(tp: Any, value: Any, expected: Any) -> None:
    made: Any = structure(tp, value)

    assert (type(expected), expected) == (type(made), made)


def test_a_value_may_come_in_an_object_around_it() -> None:
    tp = Annotated[list[int], Unwrapped("items")]

    assert [1] == structure(tp, {"items": [1]})
    assert [1] == structure(tp, [1])
    with pytest.raises(StructureError, match=r"answer\.items\[0\]: expected int, got str"):
        structure(tp, {"items": ["1"]})


def test_formats_are_parsed_where_they_are_described_so() -> None:
    noon = dt.datetime(2025, 1, 2, 12, tzinfo=dt.UTC)

    assert noon == structure(dt.datetime, "2025-01-02T12:00:00Z")
    assert UUID(int=1) == structure(UUID, str(UUID(int=1)))
    with pytest.raises(StructureError, match="RFC 3339"):
        structure(dt.datetime, "noon")


# Back to JSON data --------------------------------------------------------------------------------


class Colour(Enum):
    RED = "red"


@attrs.define
class Point:
    x: int


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"a": None}, {"a": None}),
        ({"a": UNSET, "b": 1}, {"b": 1}),
        ((1, 2), [1, 2]),
        (frozenset({1}), [1]),
        (Colour.RED, "red"),
        ({Colour.RED: 1}, {"red": 1}),
        (dt.datetime(2025, 1, 2, tzinfo=dt.UTC), "2025-01-02T00:00:00Z"),
        (dt.date(2025, 1, 2), "2025-01-02"),
        (UUID(int=1), str(UUID(int=1))),
        ([Cause(code="c")], [{"code": "c"}]),
        ({"x": Point(1)}, {"x": {"x": 1}}),
    ],
    ids=repr,
)
def test_values_become_json_data(value: Any, expected: Any) -> None:
    assert expected == to_wire(value)


@pytest.mark.parametrize("value", [object(), b"x", dt.datetime(2025, 1, 2), UNSET])  # noqa: DTZ001
def test_what_has_no_form_in_json_is_a_mistake_of_the_caller(value: Any) -> None:
    with pytest.raises(ConfigurationError):
        to_wire({"a": [value]} if value is not UNSET else value)


def test_a_declared_member_wins_over_the_extra_one_of_its_name() -> None:
    assert {"code": "a"} == Cause(code="a", extra={"code": "b"}).to_dict()


# Models as objects --------------------------------------------------------------------------------


def test_a_representation_leaves_out_what_is_absent_and_hides_secrets() -> None:
    ticket = Ticket(ticket_id="t", secret="hunter2")

    assert "Ticket(ticket_id='t', status='running', secret=[redacted])" == repr(ticket)


def test_models_are_immutable_hashable_and_survive_pickling() -> None:
    cause = Cause(code="c", extra={"more": [1]})

    assert cause == pickle.loads(pickle.dumps(cause))
    assert hash(Cause(code="c")) == hash(cause)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        cause.code = "d"  # type: ignore[misc]


def test_cattrs_structures_classes_that_hold_models() -> None:
    @attrs.define
    class Holder:
        cause: Cause

    held = converter().structure({"cause": {"code": "c"}}, Holder)

    assert Holder(Cause(code="c")) == held
    assert {"cause": {"code": "c"}} == converter().unstructure(held)
    assert [Point(1)] == structure(list[Point], [{"x": 1}])


def test_a_failure_within_cattrs_is_an_error_of_structure() -> None:
    with pytest.raises(StructureError, match="Point"):
        structure(list[Point], [{"y": 1}])

    assert isinstance(converter(), cattrs.Converter)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(values)
def test_free_values_come_back_as_they_were(value: Any) -> None:
    ticket = Ticket.from_dict({"ticketId": "t", "anything": value, "free": value})

    assert value == ticket.anything
    assert value == ticket.to_dict()["free"]


@given(values)
def test_whatever_comes_structuring_ends_in_a_model_or_in_the_one_error(value: Any) -> None:
    failure = None
    made = None
    try:
        made = structure(Ticket, value)
    except StructureError as error:
        failure = error

    assert isinstance(made, Ticket) or (failure is not None and failure.path.startswith("Ticket"))
