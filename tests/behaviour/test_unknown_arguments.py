"""A misspelt argument is refused, as Python refuses one, and is never lost on the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import openwop
from openwop_testing import FakeHost

RUN = "acme/run-0123456789abcdef"
CALLS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "a generated method": (
        lambda client: client.runs.create(workflow_id="x", inptus={}),
        r"runs\.create\(\) got an unexpected keyword argument 'inptus'; did you mean 'inputs'\?",
    ),
    "a method of ours": (
        lambda client: client.runs.start("x", metdata={}),
        r"'metdata'; did you mean 'metadata'\?",
    ),
    "an option": (lambda client: client.runs.get(RUN, time_out=1), r"did you mean 'timeout'\?"),
    "nothing like it": (lambda client: client.runs.get(RUN, zzz=1), r"argument 'zzz'$"),
    "a key for a read": (
        lambda client: client.runs.get(RUN, idempotency_key="k" * 24),
        r"argument 'idempotency_key'$",
    ),
    "a stream": (lambda client: client.runs.stream(RUN, mod="debug"), r"runs\.stream\(\)"),
    "a handle": (lambda client: client.runs.attach(RUN).cancel(raeson="x"), r"runs\.cancel\(\)"),
    "many starts": (
        lambda client: client.runs.start_many([], concurency=2),
        r"runs\.start_many\(\).*did you mean 'concurrency'\?",
    ),
    "a spec": (lambda client: openwop.RunSpec("x", inptus={}), r"RunSpec\(\).*'inputs'\?"),
}


@pytest.mark.parametrize("call", CALLS)
def test_an_argument_that_does_not_exist_is_refused_before_anything_is_sent(call: str) -> None:
    attempt, message = CALLS[call]
    host = FakeHost()
    client = openwop.Client(host.base_url, api_key=host.api_key, transport=host.transport())
    with client, pytest.raises(TypeError, match=message):
        attempt(client)
    assert host.calls == []


@pytest.mark.anyio
async def test_the_asynchronous_twin_refuses_it_too(anyio_backend: object) -> None:
    host = FakeHost()
    async with openwop.AsyncClient(
        host.base_url, api_key=host.api_key, transport=host.async_transport()
    ) as client:
        options: dict[str, Any] = {"inptus": {}}
        with pytest.raises(TypeError, match="did you mean 'inputs'"):
            await client.runs.create(workflow_id="x", **options)
    assert host.calls == []
