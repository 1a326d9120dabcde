"""Which major is spoken with which host, over sockets: v2.md sections 2.2 to 2.6."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import anyio
import attrs
import pytest

import openwop

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "wire"))

from openwop_wire.host import DISCOVERY, Asked, RecordingHost, Said, document

V2 = {"OpenWOP-Version": "2.0"}
V1 = {"OpenWOP-Version": "1.11"}
BOTH = {**document(2), "protocolVersions": ["1.11", "2.0"], "preferredVersion": "1.11"}
V1_LISTING_2 = {**document(1), "protocolVersions": ["1.11", "2.0"]}
PAGE = b"<!doctype html><title>app</title>"
NO_V2 = {
    "error": "protocol_version_unsupported",
    "message": "Not spoken here",
    "details": {"protocolVersions": ["1.4", "1.11"]},
}


def refused(status: int, code: str, details: Mapping[str, Any] | None = None) -> Said:
    return Said(status, {"error": code, "message": "No", "details": details or {}})


def run_of(asked: Asked) -> Said:
    """Answer an operation on a run in the major of its path."""
    major = 1 if asked.target.startswith("/v1/") else 2
    name = "r1" if major == 1 else "acme/r-1111111111111111"
    snapshot = {"runId": name, "workflowId": "w", "status": "running"}
    return Said(200, snapshot, headers=V1 if major == 1 else V2)


class Scene:
    """A host that answers discovery from a list, and runs by their path."""

    def __init__(self, host: RecordingHost) -> None:
        self.host = host
        self.answers: list[Said] = []
        self.operation: Callable[[Asked], Said] = run_of
        self.lock = threading.Lock()

    def serve(self, *answers: Said, operation: Callable[[Asked], Said] = run_of) -> None:
        """Answer discovery by *answers*, the last one for ever."""
        self.answers = list(answers)
        self.operation = operation
        self.host.script(self._answer)

    def _answer(self, asked: Asked) -> Said:
        if asked.target != DISCOVERY:
            return self.operation(asked)
        with self.lock:
            return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    @property
    def discoveries(self) -> list[Asked]:
        return [asked for asked in self.host.asked if asked.target == DISCOVERY]

    @property
    def operations(self) -> list[str]:
        return [asked.target for asked in self.host.asked if asked.target != DISCOVERY]

    def client(self, colour: str, **options: Any) -> Any:
        options.setdefault("retry", openwop.RetryPolicy(attempts=1))
        make = openwop.Client if colour == "sync" else openwop.AsyncClient
        return make(self.host.url, api_key="k", **options)


@pytest.fixture(scope="module")
def host() -> Iterator[RecordingHost]:
    server = RecordingHost()
    yield server
    server.close()


@pytest.fixture
def scene(host: RecordingHost) -> Scene:
    return Scene(host)


@pytest.fixture(params=["sync", "asyncio"])
def twin(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def play(scene: Scene, twin: str, act: Callable[[Any, Any], Any], **options: Any) -> Any:
    """Run *act*, written once, on a client of the twin."""

    async def call(method: Any, *args: Any, **kwargs: Any) -> Any:
        value = method(*args, **kwargs)
        return await value if hasattr(value, "__await__") else value

    async def main() -> Any:
        client = scene.client(twin, **options)
        if twin == "sync":
            with client:
                return await act(client, call)
        async with client:
            return await act(client, call)

    return anyio.run(main)


async def get(client: Any, call: Any) -> Any:
    return await call(client.runs.get, "r1")


@attrs.frozen
class Row:
    """One row of the table: what discovery answers, and which major follows from it."""

    name: str
    answers: tuple[Said, ...]
    path: str
    questions: int = 1


ROWS = (
    Row("only major 2", (Said(200, document(2), headers=V2),), "/runs/r1"),
    Row("both majors: the higher", (Said(200, BOTH, headers=V2),), "/runs/r1"),
    Row("only major 1, no header", (Said(200, document(1)),), "/v1/runs/r1"),
    Row("only major 1, with header", (Said(200, document(1), headers=V1),), "/v1/runs/r1"),
    Row(
        "a list without major 2",
        (Said(200, {**document(1), "protocolVersions": ["1.0", "1.11"]}, headers=V1),),
        "/v1/runs/r1",
    ),
    Row(
        "major 2 is listed, major 1 answers, twice",
        (Said(200, V1_LISTING_2, headers=V1),),
        "/v1/runs/r1",
        questions=2,
    ),
    Row(
        "major 2 is listed, major 1 answers, then major 2",
        (Said(200, V1_LISTING_2, headers=V1), Said(200, BOTH, headers=V2)),
        "/runs/r1",
        questions=2,
    ),
    Row(
        "406 that lists major 1",
        (Said(406, NO_V2), Said(200, document(1), headers=V1)),
        "/v1/runs/r1",
        questions=2,
    ),
    Row("a proxy lost the header of a root of major 2", (Said(200, BOTH),), "/runs/r1"),
    Row(
        "a proxy lost the header of a root of major 1 that lists 2",
        (Said(200, V1_LISTING_2),),
        "/v1/runs/r1",
        questions=2,
    ),
    Row(
        "no versions at all, families of major 2",
        (Said(200, {"webhooks": {"status": "stable", "since": "2.0", "witness": "claims-check"}}),),
        "/runs/r1",
    ),
    Row(
        "no versions at all, a wrapper of major 1",
        (Said(200, {"capabilities": {}}),),
        "/v1/runs/r1",
    ),
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_the_answer_to_discovery_decides_the_major(scene: Scene, twin: str, row: Row) -> None:
    scene.serve(*row.answers)

    play(scene, twin, get)

    assert [row.path] == scene.operations
    assert row.questions == len(scene.discoveries)
    first = scene.discoveries[0].headers
    assert ("2.0", "2.46.32") == (first["openwop-version"], first["openwop-client-version"])
    assert "authorization" not in first


def test_after_a_406_discovery_is_asked_for_without_the_header(scene: Scene, twin: str) -> None:
    scene.serve(Said(406, NO_V2), Said(200, document(1), headers=V1))

    play(scene, twin, get)

    assert "openwop-version" not in scene.discoveries[1].headers


def test_a_host_of_neither_major_is_refused_with_its_list(scene: Scene, twin: str) -> None:
    answer = {**NO_V2, "details": {"protocolVersions": ["3.0", "3.1"]}}
    scene.serve(Said(406, answer))

    with pytest.raises(openwop.ProtocolVersionError, match=r"3\.0, 3\.1") as caught:
        play(scene, twin, get)

    assert ("3.0", "3.1") == caught.value.supported
    assert 1 == len(scene.discoveries)
    assert [] == scene.operations


def test_a_list_of_newer_majors_alone_is_refused(scene: Scene, twin: str) -> None:
    body = {"protocolVersions": ["3.0"], "preferredVersion": "3.0"}
    scene.serve(Said(200, body, headers={"OpenWOP-Version": "3.0"}))

    with pytest.raises(openwop.ProtocolVersionError) as caught:
        play(scene, twin, get)

    assert ("3.0",) == caught.value.supported


def test_a_client_that_is_too_old_is_told_what_is_wanted(scene: Scene, twin: str) -> None:
    scene.serve(refused(426, "client_version_unsupported", {"minClientVersion": "2.60"}))

    with pytest.raises(openwop.ProtocolVersionError, match=r"2\.60 or newer.*Upgrade") as caught:
        play(scene, twin, get)

    assert "2.60" == caught.value.minimum_client
    assert 1 == len(scene.discoveries)


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (Said(404, {"error": "not_found", "message": "No"}), openwop.NotFoundError),
        (Said(404, PAGE, "text/html"), openwop.NotFoundError),
        (Said(200, PAGE, "text/html; charset=utf-8"), openwop.APIResponseValidationError),
        (Said(200, b"", "text/plain"), openwop.APIResponseValidationError),
        (Said(200, ["a", "list"]), openwop.APIResponseValidationError),
        (Said(200, {"openapi": "3.1.0"}), openwop.APIResponseValidationError),
    ],
    ids=["404", "404 page", "page", "nothing", "list", "other JSON"],
)
def test_what_is_no_host_is_said_to_be_none(
    scene: Scene, twin: str, said: Said, error: type[Exception]
) -> None:
    scene.serve(said)

    with pytest.raises(error, match=r"no OpenWOP host at http://.*base_url"):
        play(scene, twin, get)

    assert [] == scene.operations


def test_a_negotiation_that_failed_is_not_remembered(scene: Scene, twin: str) -> None:
    scene.serve(refused(503, "service_unavailable"), Said(200, document(2), headers=V2))

    async def act(client: Any, call: Any) -> Any:
        with pytest.raises(openwop.InternalServerError):
            await get(client, call)
        return await get(client, call)

    assert "running" == play(scene, twin, act).status
    assert 2 == len(scene.discoveries)


def test_copies_of_a_client_share_one_discovery(scene: Scene, twin: str) -> None:
    scene.serve(Said(200, BOTH, headers=V2))

    async def act(client: Any, call: Any) -> None:
        await get(client.with_options(timeout=5), call)
        await get(client, call)
        await get(client.with_options(api_key="other"), call)

    play(scene, twin, act)

    assert 1 == len(scene.discoveries)
    assert 3 * ["/runs/r1"] == scene.operations


def test_threads_that_begin_together_ask_once(scene: Scene) -> None:
    scene.serve(Said(200, BOTH, headers=V2))
    begin = threading.Barrier(8)
    failed: list[BaseException] = []

    with scene.client("sync") as client:

        def work() -> None:
            try:
                begin.wait(timeout=10)
                client.with_options().runs.get("r1")
            except BaseException as error:
                failed.append(error)

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert [] == failed
    assert (1, 8) == (len(scene.discoveries), len(scene.operations))


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_tasks_that_begin_together_ask_once(scene: Scene, backend: str) -> None:
    scene.serve(Said(200, BOTH, headers=V2))

    async def main() -> None:
        async with scene.client("async") as client, anyio.create_task_group() as group:
            for _ in range(8):
                group.start_soon(client.with_options().runs.get, "r1")

    anyio.run(main, backend=backend)

    assert (1, 8) == (len(scene.discoveries), len(scene.operations))


def test_a_forced_major_asks_nothing(scene: Scene, twin: str) -> None:
    scene.serve(Said(500))

    for major, path in ((1, "/v1/runs/r1"), (2, "/runs/r1")):
        scene.serve(Said(500))
        play(scene, twin, get, protocol=major)
        assert [] == scene.discoveries
        assert [path] == scene.operations
        assert (major == 2) == ("openwop-version" in scene.host.asked[0].headers)


def test_discovery_is_revalidated_by_its_etag(scene: Scene, twin: str) -> None:
    scene.serve(
        Said(200, {**BOTH, "engineVersion": 7}, headers={**V2, "ETag": '"d7"'}),
        Said(304, headers={**V2, "ETag": '"d7"'}),
        Said(200, {**BOTH, "engineVersion": 8}, headers={**V2, "ETag": '"d8"'}),
        Said(304, headers={**V2, "ETag": '"d8"'}),
    )

    async def act(client: Any, call: Any) -> list[int]:
        await get(client, call)
        return [(await call(client.discovery.capabilities)).engine_version for _ in range(4)]

    assert [7, 7, 8, 8] == play(scene, twin, act)
    asked = [asked.headers.get("if-none-match") for asked in scene.discoveries]
    assert [None, '"d7"', '"d7"', '"d8"'] == asked


def test_a_406_later_on_makes_the_client_ask_again_and_go_on(scene: Scene, twin: str) -> None:
    def operation(asked: Asked) -> Said:
        return run_of(asked) if asked.target.startswith("/v1/") else Said(406, NO_V2)

    scene.serve(
        Said(200, BOTH, headers=V2), Said(200, document(1), headers=V1), operation=operation
    )

    async def act(client: Any, call: Any) -> None:
        await get(client, call)
        await get(client, call)

    play(scene, twin, act)

    assert ["/runs/r1", "/v1/runs/r1", "/v1/runs/r1"] == scene.operations
    assert 2 == len(scene.discoveries)


def test_a_406_from_a_host_that_has_not_changed_is_an_error(scene: Scene, twin: str) -> None:
    scene.serve(Said(200, BOTH, headers=V2), operation=lambda _: Said(406, NO_V2))

    with pytest.raises(openwop.ProtocolVersionError) as caught:
        play(scene, twin, get)

    assert ("1.4", "1.11") == caught.value.supported
    assert ["/runs/r1"] == scene.operations


def test_a_406_against_a_forced_major_is_an_error_at_once(scene: Scene, twin: str) -> None:
    scene.serve(Said(200, document(1)), operation=lambda _: Said(406, NO_V2))

    with pytest.raises(openwop.ProtocolVersionError):
        play(scene, twin, get, protocol=2)

    assert [] == scene.discoveries


def test_a_version_that_does_not_fit_the_path_is_never_repeated(scene: Scene, twin: str) -> None:
    mismatch = refused(400, "protocol_version_mismatch")
    scene.serve(Said(200, document(1)), operation=lambda _: mismatch)

    with pytest.raises(openwop.ProtocolVersionError):
        play(scene, twin, get, retry=openwop.RetryPolicy(attempts=3, initial=0.0))

    assert ["/v1/runs/r1"] == scene.operations
    assert 1 == len(scene.discoveries)


def test_no_request_of_major_1_names_a_version(scene: Scene, twin: str) -> None:
    scene.serve(Said(200, document(1)))

    play(scene, twin, get)

    assert "openwop-version" not in scene.host.asked[-1].headers


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (Said(200, PAGE, "text/html"), "web page"),
        (Said(200, {"runId": "r1", "workflowId": "w", "status": "running"}, headers=V1), "major 1"),
    ],
    ids=["page", "other major"],
)
def test_what_is_not_the_operations_answer_is_not_taken_for_it(
    scene: Scene, twin: str, said: Said, why: str
) -> None:
    scene.serve(Said(200, BOTH, headers=V2), operation=lambda _: said)

    with pytest.raises(openwop.APIResponseValidationError, match=why):
        play(scene, twin, get)


def test_an_answer_that_lost_its_version_on_the_way_is_taken(scene: Scene, twin: str) -> None:
    answer = {"runId": "acme/r-1111111111111111", "workflowId": "w", "status": "running"}
    scene.serve(Said(200, BOTH), operation=lambda _: Said(200, answer))

    assert "running" == play(scene, twin, get).status


def test_a_too_old_client_is_told_so_by_any_operation(scene: Scene, twin: str) -> None:
    answer = refused(426, "client_version_unsupported", {"minClientVersion": "2.99"})
    scene.serve(Said(200, BOTH, headers=V2), operation=lambda _: answer)

    with pytest.raises(openwop.ProtocolVersionError) as caught:
        play(scene, twin, get)

    assert "2.99" == caught.value.minimum_client
    assert ["/runs/r1"] == scene.operations


def test_the_raw_document_is_at_hand(scene: Scene, twin: str) -> None:
    body = {**document(1), "capabilities": {"replay": {"supported": True}}, "x-acme": [1]}
    scene.serve(Said(200, body))

    async def act(client: Any, call: Any) -> Any:
        return await call(client.with_raw_response.discovery.capabilities)

    answer = play(scene, twin, act)

    assert body == json.loads(answer.content if hasattr(answer, "content") else answer.body)
    assert [1] == answer.parsed.extra["x-acme"]
