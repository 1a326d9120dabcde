"""Connection providers moved within major 2; a host of either release is served (v2.md, D12)."""

from __future__ import annotations

from typing import Any

import pytest
from openwop_wire.host import DISCOVERY, Asked, Said, discovery

import openwop

V2 = {"OpenWOP-Version": "2.0"}
MISSING = Said(404, {"error": "not_found", "message": "No route"}, headers=V2)


def asked_for(host: Any) -> list[str]:
    return [asked.target for asked in host.asked if asked.target != DISCOVERY]


def serve(host: Any, answers: dict[str, Said]) -> None:
    def script(asked: Asked) -> Said:
        if asked.target == DISCOVERY:
            return discovery(2, "connections.providerRead")
        return answers.get(asked.target, MISSING)

    host.script(script)


def test_the_earlier_address_is_tried_and_remembered(recording_host: Any) -> None:
    answer = Said(200, {"providers": [{"id": "git", "source": "builtin"}]}, headers=V2)
    serve(recording_host, {"/connections/providers": answer})

    with openwop.Client(recording_host.url, api_key="k") as client:
        first = client.connections.list_providers()
        second = client.with_options(timeout=5).connections.list_providers()

    assert ["git", "git"] == [found.providers[0].id for found in (first, second)]
    assert [
        "/connection-providers",
        "/connections/providers",
        "/connections/providers",
    ] == asked_for(recording_host)


def test_a_provider_that_does_not_resolve_is_a_final_answer(recording_host: Any) -> None:
    refusal = {"error": "connection_provider_unresolved", "message": "Nobody defines it"}
    serve(recording_host, {"/connection-providers/git": Said(404, refusal, headers=V2)})

    with (
        openwop.Client(recording_host.url, api_key="k") as client,
        pytest.raises(openwop.NotFoundError) as caught,
    ):
        client.connections.resolve_provider("git")

    assert "connection_provider_unresolved" == caught.value.code
    assert ["/connection-providers/git"] == asked_for(recording_host)


def test_a_host_that_knows_neither_address_is_asked_anew_by_the_next_call(
    recording_host: Any,
) -> None:
    serve(recording_host, {})

    with openwop.Client(recording_host.url, api_key="k") as client:
        for _ in range(2):
            with pytest.raises(openwop.NotFoundError):
                client.connections.resolve_provider("git", pack="acme.p")

    assert 2 * [
        "/connection-providers/git?pack=acme.p",
        "/connections/providers/git?pack=acme.p",
    ] == asked_for(recording_host)
