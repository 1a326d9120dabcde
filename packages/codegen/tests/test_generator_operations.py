"""How operations become methods and routes."""

from __future__ import annotations

import re
from typing import Any

import pytest

from openwop_codegen.diagnostics import GeneratorError
from openwop_codegen.ir import Items, Method, Named, Plain, Wrapped


def one_method(
    workshop: Any, operation: dict[str, Any], path: str = "/things", **more: Any
) -> Method:
    """Return the only method of a document with one operation."""
    extra = more.pop("extra", "")
    method = more.pop("method", "get")
    result = workshop.generate(workshop.document({path: {method: operation}}, **more), extra=extra)
    (resource,) = result.api.resources.values()
    (found,) = resource.methods
    return found


def parameter(name: str, place: str, **more: Any) -> dict[str, Any]:
    schema = more.pop("schema", {"type": "string"})
    return {"name": name, "in": place, "schema": schema, **more}


def test_path_parameters_come_first_in_the_order_of_the_path(workshop: Any) -> None:
    given = [
        parameter("q", "query", required=True),
        parameter("b", "path", required=True),
        parameter("a", "path", required=True),
    ]

    method = one_method(workshop, workshop.operation(parameters=given), "/x/{a}/y/{b}")

    assert ["a", "b", "q"] == [argument.name for argument in method.arguments]


def test_a_parameter_of_the_path_item_gives_way_to_one_of_the_operation(workshop: Any) -> None:
    own = parameter("q", "query", description="Its own.")
    path = {
        "parameters": [parameter("q", "query", description="Shared."), parameter("r", "query")],
        "get": workshop.operation(parameters=[own]),
    }

    result = workshop.generate(workshop.document({"/x": path}))

    docs = {one.name: one.doc for one in result.api.resources["things"].methods[0].arguments}
    assert {"q": "Its own.", "r": ""} == docs


def test_two_parameters_of_one_name_are_told_apart_by_their_place(workshop: Any) -> None:
    given = [parameter("id", "path", required=True), parameter("id", "query")]

    method = one_method(workshop, workshop.operation(parameters=given), "/x/{id}")

    assert ["id", "query_id"] == [argument.name for argument in method.arguments]


@pytest.mark.parametrize(
    "name", ["timeout", "deadline", "retry", "extra-headers", "idempotencyKey"]
)
def test_a_parameter_named_like_an_option_of_every_call_is_refused(
    workshop: Any, name: str
) -> None:
    document = workshop.document(
        {"/x": {"get": workshop.operation(parameters=[parameter(name, "query")])}}
    )

    with pytest.raises(GeneratorError, match=r"openapi\.json#/paths/~1x/get: .*configuration"):
        workshop.generate(document)


def test_the_configuration_gives_it_another_name(workshop: Any) -> None:
    operation = workshop.operation(parameters=[parameter("timeout", "query")])
    settings = 'operations.getThing.arguments.timeout = { name = "wait", preset = "3.0" }'

    method = one_method(workshop, operation, extra=settings)

    assert [("wait", "3.0")] == [(one.name, one.preset) for one in method.arguments]


def test_two_places_may_take_one_argument(workshop: Any) -> None:
    body = {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}
    operation = workshop.operation(
        parameters=[parameter("id", "path", required=True)],
        requestBody={"content": {"application/json": {"schema": body}}},
    )
    settings = 'operations.getThing.arguments."body:id" = { name = "id" }'

    method = one_method(workshop, operation, "/x/{id}", extra=settings, method="put")

    (argument,) = method.arguments
    assert ["path", "body"] == [spot.location for spot in argument.places[""]]


def test_styles_follow_openapi_and_its_defaults(workshop: Any) -> None:
    given = [
        parameter("a", "query"),
        parameter("b", "query", style="pipeDelimited", explode=False),
        parameter("c", "path", required=True, style="matrix"),
        parameter("d", "header"),
        parameter("e", "cookie"),
        {"name": "f", "in": "query", "content": {"application/json": {"schema": {}}}},
    ]

    method = one_method(workshop, workshop.operation(parameters=given), "/x/{c}")

    spots = {one.name: one.places[""][0] for one in method.arguments}
    assert {
        "a": ("form", True),
        "b": ("pipeDelimited", False),
        "c": ("matrix", False),
        "d": ("simple", False),
        "e": ("form", True),
        "f": ("json", True),
    } == {name: (spot.style, spot.explode) for name, spot in spots.items()}


def test_headers_that_are_the_client_s_business_are_no_arguments(workshop: Any) -> None:
    given = [parameter(name, "header") for name in ("Accept", "authorization", "X-Mine")]

    method = one_method(workshop, workshop.operation(parameters=given))

    assert ["x_mine"] == [argument.name for argument in method.arguments]


def test_the_header_of_idempotency_keys_marks_the_route(workshop: Any) -> None:
    operation = workshop.operation(parameters=[parameter("idempotency-key", "header")])

    method = one_method(workshop, operation, method="post")

    assert () == method.arguments
    assert method.ways[""].idempotency


def test_the_members_of_a_body_are_arguments(workshop: Any) -> None:
    body = {
        "type": "object",
        "properties": {
            "fullName": {"type": "string"},
            "age": {"type": "integer"},
            "id": {"type": "string", "readOnly": True},
        },
        "required": ["fullName"],
    }
    content = {"required": True, "content": {"application/json": {"schema": body}}}

    method = one_method(workshop, workshop.operation(requestBody=content), method="post")

    shown = [(one.name, one.places[""][0].wire, one.required) for one in method.arguments]
    assert [("full_name", "fullName", True), ("age", "age", False)] == shown


@pytest.mark.parametrize(
    ("medium", "schema", "kind", "name", "kept"),
    [
        ("application/json", {"type": "array", "items": {}}, "json", "body", ""),
        (
            "application/json",
            {"oneOf": [{"type": "string"}, {"type": "object"}]},
            "json",
            "body",
            "",
        ),
        ("application/merge-patch+json", {}, "json", "body", "application/merge-patch+json"),
        ("image/png", {"type": "string", "format": "binary"}, "bytes", "content", "image/png"),
        ("text/csv", {"type": "string"}, "text", "content", "text/csv"),
    ],
)
def test_a_body_without_members_is_one_argument(
    workshop: Any, medium: str, schema: Any, kind: str, name: str, kept: str
) -> None:
    body = {"required": True, "content": {medium: {"schema": schema}}}

    method = one_method(workshop, workshop.operation(requestBody=body), method="post")

    way = method.ways[""]
    assert (kind, kept, [name]) == (way.body, way.content_type, [a.name for a in method.arguments])
    assert "payload" == method.arguments[0].places[""][0].location


def test_json_is_preferred_among_the_media_of_a_body(workshop: Any) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}
    content = {"text/plain": {"schema": {}}, "application/json": {"schema": schema}}

    method = one_method(workshop, workshop.operation(requestBody={"content": content}))

    assert "json" == method.ways[""].body


def answers(workshop: Any, responses: dict[str, Any], **more: Any) -> Method:
    operation = workshop.operation(responses=responses)
    return one_method(workshop, {**operation, **more})


def response(schema: Any, medium: str = "application/json") -> dict[str, Any]:
    return {"description": "D.", "content": {medium: {"schema": schema}}}


def test_an_answer_without_content_is_none(workshop: Any) -> None:
    answer = answers(workshop, {"204": {"description": "Gone."}}).answer

    assert ("none", None) == (answer.kind, answer.type)


def test_an_answer_that_may_be_empty_is_optional(workshop: Any) -> None:
    answer = answers(
        workshop, {"200": response({"type": "string"}), "204": {"description": "Nothing."}}
    ).answer

    assert (Plain("str"), True) == (answer.type, answer.nullable)


@pytest.mark.parametrize(
    ("medium", "kind"),
    [
        ("text/event-stream", "sse"),
        ("application/x-ndjson", "ndjson"),
        ("text/html; charset=utf-8", "text"),
        ("application/zip", "bytes"),
        ("application/problem+json", "json"),
    ],
)
def test_the_medium_decides_how_an_answer_is_read(workshop: Any, medium: str, kind: str) -> None:
    method = answers(workshop, {"200": response({"type": "string"}, medium)})

    assert kind == method.answer.kind


def test_answers_of_other_kinds_are_reported_and_strict_refuses_them(workshop: Any) -> None:
    two = {"200": response({}), "202": response({"type": "string"}, "text/plain")}
    document = workshop.document({"/x": {"get": workshop.operation(responses=two)}})

    (finding,) = workshop.generate(document).report.of("warning")

    assert "dropped" == finding.kind
    with pytest.raises(GeneratorError, match=r"#/paths/~1x/get: answers of the kinds"):
        workshop.generate(document, strict=True)


def test_an_answer_may_be_unwrapped(workshop: Any) -> None:
    wrapped = {"type": "object", "properties": {"items": {"type": "array", "items": {}}}}
    schema = {"x-unwrap": "items", "oneOf": [{"type": "array", "items": {}}, wrapped]}

    method = one_method(
        workshop, workshop.operation(answer=schema), extra='extensions.unwrap = "x-unwrap"'
    )

    assert Wrapped(Items(Plain("json")), "items") == method.answer.type


def test_security_tells_whether_a_call_carries_a_credential(workshop: Any) -> None:
    paths = {
        "/a": {"get": workshop.operation("a")},
        "/b": {"get": workshop.operation("b", security=[])},
        "/c": {"get": workshop.operation("c", security=[{}, {"key": []}])},
    }

    result = workshop.generate(workshop.document(paths, security=[{"key": []}]))

    found = {one.id: one.ways[""].credential for one in result.api.resources["things"].methods}
    assert {"a": "required", "b": "none", "c": "optional"} == found


def test_documented_errors_are_in_the_docstring(workshop: Any) -> None:
    operation = workshop.operation(
        responses={"204": {"description": "D."}, "404": {"description": "E."}},
        **{"x-codes": {"404": ["not_found", "gone_too"]}},
    )

    result = workshop.generate(
        workshop.document({"/x": {"get": operation}}), extra='extensions.codes = "x-codes"'
    )

    assert "NotFoundError: 404, `not_found`, `gone_too`." in result.files["resources/things.py"]


def test_an_operation_without_an_id_is_named_after_its_path(workshop: Any) -> None:
    operation = workshop.operation()
    del operation["operationId"]

    assert "get_a_by_b_id" == one_method(workshop, operation, "/a/{bId}").name


def test_two_operations_of_one_id_are_refused(workshop: Any) -> None:
    paths = {"/a": {"get": workshop.operation()}, "/b": {"get": workshop.operation()}}

    with pytest.raises(GeneratorError, match=r"~1b/get: the operationId getThing is taken"):
        workshop.generate(workshop.document(paths))


def test_a_configuration_that_names_an_unknown_operation_is_refused(workshop: Any) -> None:
    with pytest.raises(GeneratorError, match="nope"):
        workshop.generate(workshop.document(), extra='names.nope = "a.b"')


def test_a_dotted_name_makes_resources_within_resources(workshop: Any) -> None:
    paths = {"/a": {"get": workshop.operation("a")}, "/b": {"get": workshop.operation("b")}}
    extra = 'names.a = "a2a.peers.list"\nnames.b = "a2a.get"'

    files = workshop.generate(workshop.document(paths), extra=extra).files

    assert "return A2aPeers(self._client)" in files["resources/a2a.py"]
    assert "self.peers = RawA2aPeers(resource.peers)" in files["views/a2a.py"]
    assert "def list(self" in files["resources/a2a_peers.py"]


def test_a_method_named_like_a_builtin_does_not_hide_it_from_annotations(workshop: Any) -> None:
    strings = {"type": "array", "items": {"type": "string"}}
    paths = {
        "/a": {"get": workshop.operation("list", strings)},
        "/b": {"get": workshop.operation("other", strings)},
    }

    source = workshop.generate(workshop.document(paths)).files["resources/things.py"]

    assert "-> builtins.list[str]:" in source
    assert "-> list[" not in source


def test_a_hand_written_method_has_only_its_operation(workshop: Any) -> None:
    document = workshop.document({"/a": {"get": workshop.operation("a")}})

    files = workshop.generate(document, extra="operations.a.hand_written = true").files

    assert 'id="a"' in files["operations/things.py"]
    assert "def a(" not in files["resources/things.py"]


def test_both_colours_take_the_same_arguments_in_the_same_order(workshop: Any) -> None:
    given = [parameter("a", "query", required=True), parameter("b", "header")]
    document = workshop.document({"/x": {"get": workshop.operation(parameters=given)}})

    source = workshop.generate(document).files["resources/things.py"]

    blocking, waiting = re.findall(r"def get_thing\((.*?)\)", source, re.DOTALL)
    assert blocking.split() == waiting.split()


def test_a_paged_list_returns_a_pager_of_its_items(workshop: Any) -> None:
    item = {"type": "object", "properties": {"n": {"type": "integer"}}}
    page = {
        "type": "object",
        "properties": {"items": {"type": "array", "items": item}, "nextPage": {"type": "string"}},
    }
    operation = workshop.operation(
        answer={"$ref": "#/components/schemas/ThingPage"},
        parameters=[parameter("pageToken", "query")],
        **{"x-paging": {"items": "items", "next": "nextPage", "argument": "pageToken"}},
    )

    result = workshop.generate(
        workshop.document({"/x": {"get": operation}}, {"ThingPage": page}),
        extra='extensions.paging = "x-paging"',
    )

    (method,) = result.api.resources["things"].methods
    assert method.paging is not None
    assert Named("ThingPageItemsItem") == method.paging.item
    assert "Pager[ThingPageItemsItem, ThingPage]" in result.files["resources/things.py"]
    paging = 'Paging(items="items", argument="page_token", next="next_page")'
    assert paging in result.files["operations/things.py"]


def test_a_paged_list_without_such_items_is_an_error(workshop: Any) -> None:
    operation = workshop.operation(**{"x-paging": {"items": "nope"}})

    with pytest.raises(GeneratorError, match="no such list of items"):
        workshop.generate(
            workshop.document({"/x": {"get": operation}}), extra='extensions.paging = "x-paging"'
        )


def test_a_resource_named_like_a_type_gives_way_to_it(workshop: Any) -> None:
    thing = {"type": "object", "properties": {"n": {"type": "integer"}}}
    answer = {"$ref": "#/components/schemas/Things"}
    document = workshop.document(
        {"/x": {"get": workshop.operation(answer=answer)}}, {"Things": thing}
    )

    files = workshop.generate(document).files

    assert "class ThingsResource:" in files["resources/things.py"]
    assert "class AsyncRawThingsResource:" in files["views/things.py"]
    assert "-> ThingsResource:" in files["client.py"]


def test_an_encoding_says_how_a_member_of_a_form_is_written(workshop: Any) -> None:
    schema = {
        "type": "object",
        "properties": {name: {"type": "object"} for name in ("deep", "flat", "text", "plain")},
    }
    encoding = {
        "deep": {"style": "deepObject", "explode": True},
        "flat": {"explode": False},
        "text": {"contentType": "application/json", "headers": {"X-A": {"schema": {}}}},
    }
    content = {"application/x-www-form-urlencoded": {"schema": schema, "encoding": encoding}}
    operation = workshop.operation(requestBody={"content": content})

    method = one_method(workshop, operation, method="post")

    spots = {one.name: one.places[""][0] for one in method.arguments}
    assert [(spots[name].style, spots[name].explode) for name in schema["properties"]] == [
        ("deepObject", True), ("form", False), ("json", False), ("simple", False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("method", "required", "optional"),
    [("get", False, True), ("delete", False, True), ("get", True, False), ("post", False, False)],
)
def test_a_body_that_may_be_left_out_is_marked_so(
    workshop: Any, method: str, required: bool, optional: bool
) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}
    body = {"content": {"application/json": {"schema": schema}}, "required": required}

    made = one_method(workshop, workshop.operation(requestBody=body), method=method)

    assert made.ways[""].optional_body is optional


def test_an_array_in_a_path_and_a_reserved_query_are_marked_in_the_source(workshop: Any) -> None:
    items = {"type": "array", "items": {"type": "string"}}
    parameters = [
        parameter("ids", "path", required=True, schema=items, style="label"),
        parameter("q", "query", allowReserved=True),
    ]
    document = workshop.document({"/x/{ids}": {"get": workshop.operation(parameters=parameters)}})

    source = workshop.generate(document).files["operations/things.py"]

    assert 'Parameter("ids", "ids", "path", style="label", required=True, many=True)' in source
    assert 'Parameter("q", "q", "query", style="form", explode=True, reserved=True)' in source
