"""The generated client of OXP against a real server, rule by rule of oxp.md 4 and 7."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from starlette.responses import Response

import openwop.runtime
from openwop.runtime import UNSET, RetryPolicy

QUICK = RetryPolicy(initial=0.0, maximum=0.0)


@pytest.fixture
def server(oxp: Any, serve: Callable[[Any], str]) -> Any:
    made = oxp.OxpServer()
    made.url = f"{serve(made.app)}/base"
    return made


@pytest.fixture
def client(server: Any) -> Any:
    import oxp_client

    with oxp_client.Client(server.url, retry=QUICK, load_plugins=False) as made:
        yield made


def test_the_list_keeps_apart_what_an_output_schema_says(client: Any) -> None:
    answer = client.tools.list()

    schemas = {one.id.partition("@")[0]: one.output_schema for one in answer.items}
    assert {"type": "number"} == schemas["Math.Add"]
    assert schemas["Text.Echo"] == {}
    assert schemas["Text.Drop"] is None
    assert schemas["Flaky.Tool"] is UNSET


def test_an_alias_is_sent_under_its_name_on_the_wire(client: Any, server: Any) -> None:
    answer = client.tools.list(schema="urn:oxp:1.0")

    assert {"$schema": "urn:oxp:1.0"} == server.requests[-1][3]
    assert answer.schema == "urn:oxp:1.0"


def test_unknown_members_of_an_answer_survive(client: Any) -> None:
    answer = client.tools.list()

    assert answer.to_dict()["from_tomorrow"] == 7


@pytest.mark.parametrize("value", [15, 15.5, "x", None, [], {}, True])
def test_a_value_keeps_its_type(client: Any, value: Any) -> None:
    result = client.call_tool("Text.Echo", {"value": value})

    assert (type(value), value) == (type(result.value), result.value)
    assert result.success is True
    assert result.duration == 1.5


def test_a_missing_value_is_not_null(client: Any) -> None:
    result = client.call_tool("Text.Echo", {})

    assert result.value is UNSET


def test_a_failing_tool_is_a_value(client: Any) -> None:
    from oxp_client.models import CallToolFailure

    result = client.call_tool("Broken.Tool")

    assert isinstance(result, CallToolFailure)
    assert (False, "no luck") == (result.success, result.error.message)


def test_a_tool_is_called_again_only_where_its_error_says_so(client: Any, server: Any) -> None:
    waits: list[float] = []

    result = client.call_tool("Flaky.Tool", pause=waits.append)
    client.call_tool("Broken.Tool", pause=waits.append)

    calls = [one[3]["request"] for one in server.requests]
    assert result.success is True
    assert [0.5, 0.5] == waits
    assert len({one["call_id"] for one in calls[:3]}) == 1
    assert [one["tool_id"] for one in calls] == ["Flaky.Tool"] * 3 + ["Broken.Tool"]


def test_what_is_meant_for_developers_is_not_shown(client: Any) -> None:
    result = client.call_tool("Flaky.Tool", attempts=1)

    assert result.error.developer_message == "pool exhausted"
    assert "pool exhausted" not in repr(result)


def test_one_call_id_travels_over_all_http_attempts(client: Any, server: Any) -> None:
    server.failures = [Response(status_code=503), Response(status_code=429)]

    result = client.call_tool("Math.Add", {"a": 1, "b": 2})

    assert result.value == 3
    assert len({one[3]["request"]["call_id"] for one in server.requests}) == 1
    assert (3, 1) == (len(server.requests), server.executed)


def test_a_call_without_a_promise_is_not_repeated_blindly(client: Any, server: Any) -> None:
    server.failures = [Response(status_code=503)]

    with pytest.raises(openwop.runtime.InternalServerError):
        client.tools.call(request={"tool_id": "Math.Add", "input": {"a": 1, "b": 2}})

    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("status", "told", "sent"), [(400, "true", 3), (500, "false", 1), (500, "nonsense", 3)]
)
def test_the_server_may_say_whether_to_repeat(
    client: Any, server: Any, status: int, told: str, sent: int
) -> None:
    headers = {"x-should-retry": told}
    server.failures = [Response(status_code=status, headers=headers) for _ in range(3)]

    with pytest.raises(openwop.runtime.APIStatusError):
        client.call_tool("Math.Add", {"a": 1, "b": 2})

    assert sent == len(server.requests)


@pytest.mark.parametrize("tool", ["Math.Add", "Math.Add@2", "Math.Add@2.0.0"])
def test_a_tool_may_be_named_with_its_version(client: Any, tool: str) -> None:
    assert client.call_tool(tool, {"a": 1, "b": 1}).value == 2


@pytest.mark.parametrize("tool", ["Math.Add@9", "No.Tool"])
def test_an_unknown_tool_or_version_is_a_typed_400(client: Any, tool: str) -> None:
    import oxp_client
    from oxp_client.models import ServerErrorResponse

    with pytest.raises(oxp_client.BadRequestError) as caught:
        client.call_tool(tool)

    assert isinstance(caught.value.body, ServerErrorResponse)
    assert caught.value.body.missing_requirements is None
    assert "see the log" not in str(caught.value)


def test_what_a_call_lacks_comes_with_the_way_to_get_it(client: Any) -> None:
    import oxp_client

    with pytest.raises(oxp_client.BadRequestError) as caught:
        client.call_tool("Mail.Send")

    lacking = caught.value.body.missing_requirements
    challenge = lacking.authorization[0]
    assert lacking.user_id is True
    assert ("mail", "https://grant/mail") == (challenge.id, challenge.url)
    assert challenge.check_url == "https://check/mail"


def test_a_filled_context_lets_the_call_through_and_stays_secret(client: Any, server: Any) -> None:
    context = {"authorization": [{"id": "mail", "token": "t0ken"}], "user_id": "u",
               "secrets": [{"id": "pin", "value": "1234"}]}  # fmt: skip

    result = client.call_tool("Mail.Send", context=context)

    assert result.success is True
    assert context == server.requests[-1][3]["request"]["context"]


def test_bad_parameters_are_a_typed_422(client: Any) -> None:
    import oxp_client

    with pytest.raises(oxp_client.UnprocessableEntityError) as caught:
        client.call_tool("Math.Add", {"a": "x", "b": 1})

    assert {"a": "is no number"} == caught.value.body.parameter_errors
    again = pickle.loads(pickle.dumps(caught.value))
    assert (422, str(caught.value)) == (again.status_code, str(again))


def test_health_wants_no_credential_and_503_says_not_ready(oxp: Any, serve: Any) -> None:
    import oxp_client

    server = oxp.OxpServer(required=True)
    policy = RetryPolicy(attempts=1)
    url = f"{serve(server.app)}/base/"
    with oxp_client.Client(url, api_key="k", retry=policy, load_plugins=False) as client:
        client.health.check()
        server.ready = False
        with pytest.raises(oxp_client.InternalServerError) as caught:
            client.health.check()

    assert caught.value.status_code == 503
    assert all("authorization" not in headers for _, _, headers, _ in server.requests)


def test_a_token_is_made_for_each_request(oxp: Any, serve: Any) -> None:
    import oxp_client

    server = oxp.OxpServer(required=True)
    tokens = iter([oxp.token(lifetime=-5), oxp.token(), oxp.token(lifetime=700)])
    url = f"{serve(server.app)}/base"
    with oxp_client.Client(url, auth=lambda: next(tokens), load_plugins=False) as client:
        client.tools.list()
        client.tools.list()

    assert len({headers["authorization"] for _, _, headers, _ in server.requests}) == 3


@pytest.mark.parametrize("key", [None, "wrong"])
def test_no_credential_and_a_wrong_one_are_401_without_a_body(
    oxp: Any, serve: Any, key: str | None
) -> None:
    import oxp_client

    server = oxp.OxpServer(required=True)
    url = f"{serve(server.app)}/base"
    with (
        oxp_client.Client(url, api_key=key, load_plugins=False) as client,
        pytest.raises(oxp_client.AuthenticationError) as caught,
    ):
        client.tools.list()

    assert caught.value.body is None
    assert len(server.requests) == 1


def test_a_static_key_travels_in_a_header_of_the_servers_own(oxp: Any, serve: Any) -> None:
    import oxp_client

    class HeaderKey:
        def credential(self, request: object, refused: object) -> dict[str, str]:
            return {"OXP-API-Key": oxp.KEY}

    server = oxp.OxpServer(required=True)
    url = f"{serve(server.app)}/base"
    with oxp_client.Client(url, auth=HeaderKey(), load_plugins=False) as client:
        assert len(client.tools.list().items) == 6


def test_the_environment_gives_what_is_not_said(
    server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import oxp_client

    monkeypatch.setenv("OXP_BASE_URL", server.url)
    monkeypatch.setenv("OXP_API_KEY", "from-the-environment")
    with oxp_client.Client(load_plugins=False) as client:
        client.tools.list()
        client.with_options(api_key="said").tools.list()

    sent = [headers["authorization"] for _, _, headers, _ in server.requests]
    assert ["Bearer from-the-environment", "Bearer said"] == sent


def test_a_client_without_an_address_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    import oxp_client

    monkeypatch.delenv("OXP_BASE_URL", raising=False)

    with pytest.raises(oxp_client.ConfigurationError, match="OXP_BASE_URL"):
        oxp_client.Client()


def test_any_verb_by_hand_is_read_as_what_is_asked(client: Any, server: Any) -> None:
    from oxp_client.models import CallToolResult, ToolList

    body = {"request": {"tool_id": "Math.Add", "input": {"a": 2, "b": 3}}}
    listed = client.get("/tools", cast_to=ToolList, extra_query={"a": 1})
    plain = client.get("tools", cast_to=dict)
    called = client.post("/tools/call", cast_to=CallToolResult, body=body)

    assert len(listed.items) == len(plain["items"]) == 6
    assert called.result.value == 5
    assert [one[1] for one in server.requests] == ["/base/tools"] * 2 + ["/base/tools/call"]


def test_whole_and_unread_answers_are_to_be_had(client: Any) -> None:
    raw = client.with_raw_response.tools.list()
    with client.with_streaming_response.tools.list() as unread:
        chunks = b"".join(unread.iter_bytes())

    assert (200, 6, 1) == (raw.status_code, len(raw.parsed.items), raw.attempts)
    assert chunks.startswith(b'{"$schema"')


def test_strict_validation_is_a_public_switch(server: Any) -> None:
    import oxp_client

    server.failures = [Response('{"result": {"call_id": "c", "success": true, "more": 1}}')]
    tolerant = oxp_client.Client(server.url, load_plugins=False)
    with tolerant, pytest.raises(oxp_client.APIResponseValidationError):
        tolerant.with_options(validation="strict").call_tool("Math.Add", {"a": 1, "b": 1})


def test_the_asynchronous_twin_does_the_same(server: Any) -> None:
    import oxp_client

    async def main() -> tuple[Any, ...]:
        waits: list[float] = []

        async def pause(seconds: float) -> None:
            waits.append(seconds)

        async with oxp_client.AsyncClient(server.url, retry=QUICK, load_plugins=False) as client:
            listed = await client.tools.list()
            flaky = await client.call_tool("Flaky.Tool", pause=pause)
            with pytest.raises(oxp_client.UnprocessableEntityError) as caught:
                await client.call_tool("Math.Add", {})
            made = await client.get("/tools", cast_to=dict)
        return len(listed.items), flaky.success, waits, caught.value.status_code, len(made)

    assert (6, True, [0.5, 0.5], 422, 3) == asyncio.run(main())
