"""Webhooks and callbacks of generated clients: bodies in, typed values out."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from openwop.runtime import Model, StructureError
from openwop.runtime.service import Incoming


@attrs.frozen(kw_only=True, repr=False)
class Born(Model):
    """A pet was born."""

    id: int


BORN: Incoming[Born] = Incoming("pet-born", returns=Born)


@pytest.mark.parametrize("body", [b'{"id": 1}', bytearray(b'{"id": 1}'), '{"id": 1}', {"id": 1}])
def test_a_body_is_read_in_whatever_form_it_came(body: Any) -> None:
    assert BORN.parse(body).id == 1


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff\xfe", "{", {"id": "x"}, b"[]"])
def test_a_body_of_another_shape_is_one_error_without_the_value(body: Any) -> None:
    with pytest.raises(StructureError) as caught:
        BORN.parse(body)

    assert "html" not in str(caught.value)


def test_strict_reading_refuses_what_is_not_described() -> None:
    assert BORN.parse({"id": 1, "more": 2}).extra == {"more": 2}

    with pytest.raises(StructureError):
        BORN.parse({}, strict=True)


def test_a_text_and_no_body_at_all_are_bodies_too() -> None:
    text: Incoming[str] = Incoming("note", returns=str, is_text=True)
    nothing: Incoming[None] = Incoming("ping", "GET")

    assert (text.parse(b"hi \xff"), text.parse("hi")) == ("hi \ufffd", "hi")
    assert nothing.parse(b"anything") is None
