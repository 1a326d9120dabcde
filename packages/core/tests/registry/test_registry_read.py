"""What registries answer, in their different layouts and shapes."""

from __future__ import annotations

from typing import Any

import pytest

import openwop

NAME = "vendor.acme.tools"
Reply = tuple[int, dict[str, str], Any]


def test_the_discovery_document_is_found_under_its_other_name(face: Any, registry: Any) -> None:
    registry.fixed["GET /.well-known/openwop-registry"] = registry.no("not_found")
    registry.fixed["GET /.well-known/openwop-registry.json"] = (
        200, {}, {"signingKeys": registry.keys, "endpoints": {"pack": "/v1/packs/{name}"}},
    )  # fmt: skip

    document = face.one(registry, lambda c: c.discovery())

    assert document.signing_keys[0].name == "acme-1"
    assert document.endpoints == {"pack": "/v1/packs/{name}"}


@pytest.mark.parametrize("layout", ["static", "root", "listed"])
def test_a_static_registry_is_read_and_its_layout_remembered(
    face: Any, registry: Any, layout: str
) -> None:
    registry.add("1.0.0")
    index = registry._index(NAME)[2]
    page = (404, {"Content-Type": "text/html"}, b"<h1>nothing here</h1>")
    registry.fixed[f"GET /v1/packs/{NAME}"] = page
    registry.fixed[f"GET /v1/packs/{NAME}/index.json"] = page
    registry.fixed["GET /v1/packs/vendor.acme.none/index.json"] = page
    whole = {"static": index, "root": {"packs": {NAME: index}}, "listed": {"packs": [index]}}
    place = f"/v1/packs/{NAME}/index.json" if layout == "static" else "/index.json"
    registry.fixed[f"GET {place}"] = (200, {}, whole[layout])

    first, again = face.each(registry, lambda c: c.pack_index(NAME), lambda c: c.pack_index(NAME))

    assert list(first.versions) == list(again.versions) == ["1.0.0"]
    assert registry.asked().count(f"GET /v1/packs/{NAME}") == 1
    assert registry.asked()[-1] == f"GET {place}"


def test_a_registry_that_says_no_is_not_asked_in_other_ways(face: Any, registry: Any) -> None:
    with pytest.raises(openwop.NotFoundError) as caught:
        face.one(registry, lambda c: c.pack_index(NAME))

    assert caught.value.code == "not_found"
    assert registry.asked() == [f"GET /v1/packs/{NAME}"]


def test_packs_are_searched_and_listed(face: Any, registry: Any) -> None:
    registry.add("1.0.0")
    registry.fixed["GET /v1/packs"] = (200, {}, {"packs": [NAME, {"name": "core.x", "y": 1}]})
    registry.fixed["GET /v1/packs/export"] = (200, {}, b"\0bytes")

    found, typed, every, export = face.each(
        registry,
        lambda c: c.search_packs("acme"),
        lambda c: c.packs_by_type("vendor.acme.add"),
        lambda c: c.list_packs(),
        lambda c: c.export_packs(),
    )

    assert [p.name for p in found] == [NAME]
    assert [(p.name, p.version) for p in typed] == [(NAME, "1.0.0")]
    assert [(p.name, dict(p.extra)) for p in every] == [(NAME, {}), ("core.x", {"y": 1})]
    assert export == b"\0bytes"


@pytest.mark.parametrize("body", [{"total": 0}, [{"version": "1.0.0"}], 7])
def test_a_list_of_something_else_is_refused(face: Any, registry: Any, body: Any) -> None:
    registry.fixed["GET /v1/packs"] = (200, {}, body)

    with pytest.raises(openwop.APIResponseValidationError, match=r"registry\.packs"):
        face.one(registry, lambda c: c.list_packs())


@pytest.mark.parametrize(
    "reply",
    [
        (404, {}, {"error": "not_found"}),
        (404, {}, {"error": "not_implemented"}),
        (501, {}, {"error": "not_implemented"}),
        (405, {}, b""),
    ],
)
def test_what_is_optional_may_be_missing(face: Any, registry: Any, reply: Reply) -> None:
    registry.fixed["GET /v1/packs/export"] = reply

    with pytest.raises(openwop.CapabilityNotSupportedError) as caught:
        face.one(registry, lambda c: c.export_packs())

    assert caught.value.capability == "exportPacks"


def test_a_web_page_is_no_registry(face: Any, registry: Any) -> None:
    registry.fixed["*"] = (200, {"Content-Type": "text/html"}, b"<html>")

    with pytest.raises(openwop.APIResponseValidationError, match="web page"):
        face.one(registry, lambda c: c.discovery())
