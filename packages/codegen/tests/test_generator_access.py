"""Servers and security schemes: what a generated client knows of where to send, and with what."""

from __future__ import annotations

from typing import Any

import pytest

FETCHED = "https://pets.example/docs/openapi.json"
CLIENT = '[client]\nenv = "PETS"\n'
SCHEMES: dict[str, Any] = {
    "bearer": {"type": "http", "scheme": "Bearer"},
    "login": {"type": "http", "scheme": "basic"},
    "digest": {"type": "http", "scheme": "digest"},
    "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "hidden": {"type": "apiKey", "in": "query", "name": "key"},
    "session": {"type": "apiKey", "in": "cookie", "name": "sid"},
    "oidc": {"type": "openIdConnect", "openIdConnectUrl": "https://id.example/.well-known"},
    "cert": {"type": "mutualTLS"},
    "oauth": {
        "type": "oauth2",
        "flows": {
            "implicit": {"authorizationUrl": "https://id.example/a", "scopes": {"read": "Read."}},
            "clientCredentials": {
                "tokenUrl": "https://id.example/t",
                "scopes": {"write": "Write.", "read": "Read."},
            },
        },
    },
}


def document(workshop: Any, operations: dict[str, Any], **more: Any) -> Any:
    paths = {
        f"/{name}": {"get": workshop.operation(name, **given)} for name, given in operations.items()
    }
    made = workshop.document(paths, **more)
    made["components"]["securitySchemes"] = SCHEMES
    return made


def service(workshop: Any, document: Any) -> str:
    return "".join(workshop.generate(document, extra=f"{CLIENT}\n").files["service.py"].split())


def ways(workshop: Any, document: Any) -> dict[str, Any]:
    api = workshop.generate(document, extra=CLIENT).api
    return {
        method.id: method.ways[""]
        for resource in api.resources.values()
        for method in resource.methods
    }


def test_every_kind_of_scheme_has_its_carrier(workshop: Any) -> None:
    text = service(workshop, document(workshop, {"a": {}}))

    for expected in (
        '"bearer":Scheme("bearer")',
        '"login":Scheme("basic")',
        '"digest":Scheme("header:Authorization")',
        '"key":Scheme("header:X-Key")',
        '"hidden":Scheme("query:key")',
        '"session":Scheme("cookie:sid")',
        '"oidc":Scheme("bearer","",(),"https://id.example/.well-known")',
        '"cert":Scheme("tls")',
        '"oauth":Scheme("bearer","https://id.example/t",("read","write"),"https://id.example/a")',
    ):
        assert expected in text


def test_an_operation_says_only_what_differs_from_the_document(workshop: Any) -> None:
    found = ways(
        workshop,
        document(
            workshop,
            {
                "usual": {},
                "both": {"security": [{"key": [], "bearer": []}, {"login": []}]},
                "open": {"security": []},
                "maybe": {"security": [{}, {"key": []}]},
                "card": {"security": [{"cert": []}]},
            },
            security=[{"bearer": []}],
        ),
    )

    assert {op: way.security for op, way in found.items()} == {
        "usual": (),
        "both": (("bearer", "key"), ("login",)),
        "open": (),
        "maybe": (("key",),),
        "card": (("cert",),),
    }
    assert {op: way.credential for op, way in found.items()} == {
        "usual": "required",
        "both": "required",
        "open": "none",
        "maybe": "optional",
        "card": "optional",
    }


def test_a_scheme_of_no_known_kind_and_one_that_is_not_there_are_reported(workshop: Any) -> None:
    made = document(workshop, {"a": {"security": [{"ghost": []}]}})
    made["components"]["securitySchemes"] = {"odd": {"type": "riddle"}}

    report = workshop.generate(made, extra=CLIENT).report

    assert [one.kind for one in report.of("warning")] == ["dropped"]
    assert any("'ghost'" in one.message for one in report.of("note"))


def test_all_servers_and_their_variables_are_known(workshop: Any) -> None:
    servers = [
        {
            "url": "https://{region}.pets.example/v1",
            "description": "Live.",
            "variables": {"region": {"default": "eu", "enum": ["us", "eu"]}},
        },
        {"url": "https://test.example", "name": "test"},
    ]

    text = service(workshop, document(workshop, {"a": {}}, servers=servers))

    assert 'base_url="https://eu.pets.example/v1"' in text
    first = 'Server("https://{region}.pets.example/v1","Live.",{"region":("eu","us")})'
    assert f'servers=({first},Server("https://test.example","test"),)' in text


def test_one_plain_server_is_only_the_base_url(workshop: Any) -> None:
    made = document(workshop, {"a": {}}, servers=[{"url": "https://test.example/v1/"}])

    text = service(workshop, made)

    assert 'base_url="https://test.example/v1"' in text
    assert "servers=" not in text


@pytest.mark.parametrize(
    ("server", "expected"),
    [
        ({"url": "https://up.example"}, "https://up.example"),
        ({"url": "https://{a}.example", "variables": {"a": {"default": "b"}}}, "https://b.example"),
        ({"url": "/uploads"}, "/uploads"),
        ({"url": "https://main.example"}, ""),
    ],
)
def test_an_operation_may_have_a_server_of_its_own(
    workshop: Any, server: dict[str, Any], expected: str
) -> None:
    made = document(
        workshop, {"a": {"servers": [server]}}, servers=[{"url": "https://main.example"}]
    )

    assert ways(workshop, made)["a"].server == expected


def test_what_is_left_out_of_a_servers_list_is_reported(workshop: Any) -> None:
    several = [{"url": "https://one.example"}, {"url": "https://two.example"}]
    made = document(workshop, {"a": {"servers": several}, "b": {"servers": [{"url": "ftp:x"}]}})

    report = workshop.generate(made, extra=CLIENT).report

    assert any(one.message == "the first of 2 servers is used" for one in report.of("note"))
    assert [one.kind for one in report.of("warning")] == ["dropped"]


@pytest.mark.parametrize(
    ("servers", "expected"),
    [
        ([], "https://pets.example"),
        ([{"url": "/api/v3"}], "https://pets.example/api/v3"),
        ([{"url": "https://other.example"}], "https://other.example"),
    ],
)
def test_relative_servers_stand_against_where_the_document_was_had(
    workshop: Any, servers: list[Any], expected: str
) -> None:
    extra = f'origin = "{FETCHED}"\n{CLIENT}'

    files = workshop.generate(document(workshop, {"a": {}}, servers=servers), extra=extra).files

    assert f'base_url="{expected}"' in files["service.py"]
