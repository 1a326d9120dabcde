"""The generated client of Ethos against a real server, rule by rule of ethos.md 7."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

import openwop.runtime
from openwop.runtime import RetryPolicy

QUICK = RetryPolicy(initial=0.0, maximum=0.0)


@pytest.fixture
def server(ethos: Any, serve: Callable[[Any], str]) -> Any:
    made = ethos.EthosServer()
    made.url = serve(made.app)
    return made


def made_client(server: Any, key: str, **options: Any) -> Any:
    import ethos_client

    return ethos_client.Client(server.url, api_key=key, retry=QUICK, load_plugins=False, **options)


@pytest.fixture
def client(server: Any, ethos: Any) -> Any:
    with made_client(server, ethos.KEY) as made:
        yield made


def until_done(events: Any) -> list[Any]:
    """Return the events up to the end of the turn; the stream itself does not end."""
    found: list[Any] = []
    with events:
        for event in events:
            found.append(event)
            if event.type == "done":
                break
    return found


def test_sessions_are_paged_through_their_cursor(client: Any, server: Any) -> None:
    from ethos_client.models import Session

    found = list(client.sessions.list(limit=3))

    assert ["s1", "s2", "s3", "s4", "s5"] == [one.id for one in found]
    assert all(isinstance(one, Session) for one in found)
    assert [given for _, given, _ in server.calls] == [{"limit": 3}, {"limit": 3, "cursor": "s4"}]


def test_one_page_tells_its_cursor_and_the_last_has_none(client: Any) -> None:
    first, last = list(client.sessions.list(limit=3).pages())

    assert ("s4", None) == (first.next_cursor, last.next_cursor)


def test_values_that_json_lacks_come_back_by_their_marks(client: Any) -> None:
    first = next(iter(client.sessions.list()))

    assert (1, int) == (first.version, type(first.version))
    assert first.created_at == "2026-08-01T10:00:00.000Z"


def test_a_method_without_input_sends_an_empty_envelope(client: Any, server: Any) -> None:
    list(client.sessions.list())

    assert server.calls[0][1] == {}


def test_null_and_absent_are_two_things(client: Any, server: Any) -> None:
    cleared = client.sessions.update(id="s1", title=None)

    assert cleared.session.title is None
    assert {"id": "s1", "title": None} == server.calls[-1][1]


def test_a_turn_is_sent_once_and_its_answer_streamed(client: Any, server: Any, ethos: Any) -> None:
    turn = client.chat.send(client_id="c", text="hi", session_id="s1")

    events = until_done(client.sessions.stream(turn.session_id))

    assert ("s1", "turn-1") == (turn.session_id, turn.turn_id)
    assert [one["type"] for one in ethos.EVENTS] == [one.type for one in events[1:]]


def test_every_kind_of_event_has_a_class_of_its_own(client: Any) -> None:
    events = until_done(client.sessions.stream("s1"))

    names = {type(one).__name__ for one in events}
    assert (25, 25) == (len(events), len(names))
    assert {"TextDelta", "ToolApprovalRequired", "RunUpdate", "StreamMeta"} <= names


def test_a_cut_stream_goes_on_after_the_last_id_and_gives_nothing_twice(
    client: Any, server: Any, ethos: Any
) -> None:
    server.drops = [3, 7]

    events = until_done(client.sessions.stream("s1"))

    given = [one.type for one in events if one.type != "stream_meta"]
    assert [one["type"] for one in ethos.EVENTS] == given
    assert [None, "3", "7"] == server.streams
    assert sum(one.type == "stream_meta" for one in events) == 3


def test_a_stream_is_taken_up_where_a_caller_left_it(client: Any, server: Any) -> None:
    events = client.sessions.stream("s1", last_event_id="22")

    found = until_done(events)

    assert [one.type for one in found] == ["stream_meta", "protocol.upgrade_required", "done"]
    assert events.last_event_id == "24"
    assert ["22"] == server.streams


@pytest.mark.parametrize("framing", ["lf", "crlf", "split"])
def test_framing_does_not_change_what_is_read(client: Any, server: Any, framing: str) -> None:
    server.framing = framing

    events = until_done(client.sessions.stream("s1"))

    assert events[2].text == "Gr\u00fc\u00dfe \U0001f600"
    assert len(events) == 25


def test_an_event_and_a_value_from_tomorrow_survive(client: Any, server: Any) -> None:
    server.events.insert(0, {"type": "from.tomorrow", "more": 1})

    with client.sessions.stream("s1") as events:
        next(events)
        unknown = next(events)
    detail = client.sessions.get(id="s1")

    assert unknown["more"] == 1
    assert detail.messages[0].role == "from_tomorrow"


def test_an_unknown_session_streams_only_its_first_frame(client: Any) -> None:
    with client.sessions.stream("nobody") as events:
        assert next(events).type == "stream_meta"
        assert events.last_event_id is None


ERRORS = [
    ("no key", "AuthenticationError", "UNAUTHORIZED", "Pass a key", "req-1"),
    ("narrow", "PermissionDeniedError", "FORBIDDEN", "Make a key", "req-1"),
    ("bound", "PermissionDeniedError", "FORBIDDEN", "Add the origin", "req-1"),
    ("bad input", "BadRequestError", "BAD_REQUEST", "", "req-2"),
    ("unknown", "NotFoundError", "SESSION_NOT_FOUND", "List the sessions", "req-2"),
    ("plain", "InternalServerError", "INTERNAL_SERVER_ERROR", "", "req-3"),
    ("cookie", "PermissionDeniedError", "FORBIDDEN", "Use a browser", "req-1"),
    ("v1", "NotFoundError", "model_not_found", "", "req-v1"),
]


def provoke(client: Any, case: str) -> Any:
    """Return what the call that fails gives: a value, or something to await."""
    if case == "bad input":
        return client.sessions.list(limit=201).first_page()
    if case == "unknown":
        return client.sessions.get(id="nobody")
    if case == "plain":
        return client.post("/openapi/sessions/get", body={"id": "x"})
    if case == "cookie":
        return client.get("/sse/system")
    if case == "v1":
        return client.compat.chat(model="unknown", messages=[])
    if case == "narrow":
        return client.chat.send(client_id="c", text="x")
    return client.sessions.list().first_page()


def options_of(case: str, ethos: Any) -> dict[str, Any]:
    keys = {"no key": f"sk-ethos-{'0' * 64}", "narrow": ethos.NARROW, "bound": ethos.BOUND}
    return {"api_key": keys.get(case, ethos.KEY), "retry": QUICK, "load_plugins": False}


@pytest.mark.parametrize(("case", "name", "code", "action", "request_id"), ERRORS)
def test_all_forms_of_errors_are_one_class_with_code_action_and_request_id(
    server: Any, ethos: Any, case: str, name: str, code: str, action: str, request_id: str
) -> None:
    import ethos_client

    async def twin() -> BaseException:
        async with ethos_client.AsyncClient(server.url, **options_of(case, ethos)) as client:
            with pytest.raises(ethos_client.APIStatusError) as caught:
                await provoke(client, case)
            return caught.value

    with (
        ethos_client.Client(server.url, **options_of(case, ethos)) as client,
        pytest.raises(ethos_client.APIStatusError) as caught,
    ):
        provoke(client, case)

    for error in (caught.value, asyncio.run(twin())):
        assert isinstance(error, getattr(ethos_client, name))
        assert isinstance(error, getattr(openwop.runtime, name))
        assert code == error.code
        assert error.action.startswith(action)
        assert bool(action) == bool(error.action)
        assert action in str(error)
        assert request_id == error.request_id


def test_a_401_before_a_stream_is_an_error_and_no_event(server: Any, ethos: Any) -> None:
    import ethos_client

    with (
        made_client(server, "sk-ethos-none") as client,
        client.sessions.stream("s1") as events,
        pytest.raises(ethos_client.AuthenticationError) as caught,
    ):
        next(events)

    assert caught.value.code == "UNAUTHORIZED"


def test_issues_of_a_bad_input_are_typed(client: Any) -> None:
    import ethos_client

    with pytest.raises(ethos_client.BadRequestError) as caught:
        client.sessions.list(limit=0).first_page()

    issue = caught.value.body.json.data.issues[0]
    assert (["limit"], "at most 200") == (issue.path, issue.message)


def test_a_key_with_an_allow_list_works_with_its_origin(server: Any, ethos: Any) -> None:
    with made_client(server, ethos.BOUND, origin="https://app.example") as client:
        assert len(list(client.sessions.list())) == 5


def test_a_lock_out_is_raised_with_its_wait_and_not_slept(client: Any, server: Any) -> None:
    import ethos_client

    server.retry_after = 600

    with pytest.raises(ethos_client.RateLimitError) as caught:
        client.memory.list(personality_id="p").first_page()

    assert (600.0, "rate_limited") == (caught.value.retry_after, caught.value.code)
    assert len(server.calls) == 1


def test_memory_is_listed_and_written(client: Any) -> None:
    client.memory.write(store="user", content="likes tea", personality_id="p")

    found = [(one.store, one.content) for one in client.memory.list(personality_id="p")]
    assert found == [("memory", "likes tea"), ("user", "likes tea")]


def test_a_streamed_completion_ends_at_its_sentinel(client: Any) -> None:
    with client.compat.stream_chat(model="m", messages=[], stream=True) as frames:
        text = "".join(one.choices[0].delta.content for one in frames)

    assert text == "hello"


def test_a_failure_midway_is_a_frame(client: Any) -> None:
    from ethos_client.models import CompatErrorAnswer

    with client.compat.stream_chat(model="breaks", messages=[], stream=True) as frames:
        found = list(frames)

    assert isinstance(found[1], CompatErrorAnswer)
    assert found[1].error.code == "LLM"


def test_the_asynchronous_twin_pages_streams_and_resumes(server: Any, ethos: Any) -> None:
    import ethos_client

    server.drops = [3]

    async def main() -> tuple[Any, ...]:
        options = options_of("", ethos)
        async with ethos_client.AsyncClient(server.url, **options) as client:
            ids = [one.id async for one in client.sessions.list(limit=2)]
            kinds: list[str] = []
            async with client.sessions.stream("s1") as events:
                async for event in events:
                    kinds.append(event.type)
                    if event.type == "done":
                        break
        return ids, [kind for kind in kinds if kind != "stream_meta"]

    ids, kinds = asyncio.run(main())

    assert ["s1", "s2", "s3", "s4", "s5"] == ids
    assert [one["type"] for one in ethos.EVENTS] == kinds
    assert [None, "3"] == server.streams
