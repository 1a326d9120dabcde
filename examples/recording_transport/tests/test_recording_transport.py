"""The contract that every transport is held to, and what this one does besides."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

import openwop
import openwop_recording
from openwop.transports import AsyncHttpxTransport, HttpxTransport
from openwop_recording import AsyncRecordingTransport, Journal, RecordingTransport
from openwop_testing.transport_contract import AsyncTransportContract, TransportContract


class TestRecordingTransport(TransportContract):
    @pytest.fixture
    def transport(self, tmp_path: Path) -> Iterator[RecordingTransport]:
        journal = Journal(tmp_path / "requests.jsonl")
        with closing(RecordingTransport(HttpxTransport(), journal)) as transport:
            yield transport


class TestAsyncRecordingTransport(AsyncTransportContract):
    @pytest.fixture
    def make_transport(self, tmp_path: Path) -> Callable[[], AsyncRecordingTransport]:
        journal = Journal(tmp_path / "requests.jsonl")
        return lambda: AsyncRecordingTransport(AsyncHttpxTransport(), journal)


def test_a_url_picks_it_and_every_request_leaves_a_line(
    openwop_live_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENWOP_RECORD", str(tmp_path / "requests.jsonl"))
    plugins = [openwop_recording]
    url = f"record+{openwop_live_url}"
    with openwop.Client(url, plugins=plugins, load_plugins=False) as client:
        client.discovery.capabilities()

    lines = (tmp_path / "requests.jsonl").read_text("utf-8").splitlines()
    assert [200] == [json.loads(line)["outcome"] for line in lines]
