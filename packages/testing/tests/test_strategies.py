"""The strategies make every model and every event that the client knows."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import HealthCheck, given, settings

import openwop.events
import openwop.models
from openwop_testing import strategies

MODELS = sorted(name for name in openwop.models.__all__ if attrs.has(getattr(openwop.models, name)))
FEW = settings(
    max_examples=5,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.mark.parametrize("name", MODELS)
def test_every_model_can_be_made_and_goes_over_the_wire_unchanged(name):
    model = getattr(openwop.models, name)

    @FEW
    @given(strategies.documents(model))
    def check(document):
        assert document == model.from_dict(document).to_dict()

    check()


@pytest.mark.parametrize("event_type", sorted(strategies._event_classes()))
def test_every_event_can_be_made_and_has_its_own_class(event_type):
    @FEW
    @given(strategies.events(event_type))
    def check(event):
        assert (event_type, strategies._event_classes()[event_type]) == (event.type, type(event))
        assert event.payload is not None

    check()


def test_there_is_a_strategy_for_every_event_of_the_catalogue():
    assert set(openwop.events.CATALOGUE.types) == set(strategies._event_classes())


@pytest.mark.parametrize("event_type", sorted(strategies._event_classes()))
def test_every_event_keeps_all_that_its_description_asks(event_type):
    @FEW
    @given(strategies.event_documents(event_type))
    def check(document):
        assert openwop.events.RunEvent.from_dict(document, strict=True, variant="2")

    check()


@FEW
@given(strategies.events())
def test_without_a_type_any_event_comes(event):
    assert event.type in strategies._event_classes()


def test_an_event_that_there_is_not_is_an_error():
    with pytest.raises(ValueError, match=r"run\.unknown"):
        strategies.events("run.unknown")
