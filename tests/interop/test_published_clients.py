"""What the protocol's own Python clients send, as black boxes, and what ours sends for the same.

The two packages have one import name, so each stands in a folder of its own:

    uv pip install --target FOLDER openwop-client==1.8.0

and `OPENWOP_INTEROP_V1` and `OPENWOP_INTEROP_V2` name the folders of 1.8.0 and 2.7.0. Without them
these tests are skipped.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

import anyio
import pytest
from openwop_wire.check import settled
from openwop_wire.host import Asked, RecordingHost, Said
from pairs import PAIRS, Pair

import openwop

KEY = "hk_test_interop"
PEER = Path(__file__).with_name("peer.py")
FOLDERS = {
    1: os.environ.get("OPENWOP_INTEROP_V1", ""),
    2: os.environ.get("OPENWOP_INTEROP_V2", ""),
}
REFUSAL = Said(400, {"error": "validation_error", "message": "Recorded"})
# Each library's own; and the key, which ours sends with every mutation, and theirs when given one.
OF_THE_LIBRARY = {
    *("accept-encoding", "connection", "content-length", "host", "user-agent", "idempotency-key"),
}
NO_CACHE = "they ask caches to stand aside; the answer to a stream says so itself"
NOT_ESCAPED = "they leave a slash inside an id as it is, which is another address"
PUBLIC = "the page is public; v1.md section 3 and v2.md section 4.1 list it without a credential"
DEFAULT = "true is the protocol's default, and they leave it out; ours sends what it is told"

# By operation and major: what differs, and why. A reason that explains nothing any more fails.
EXPLAINED: dict[tuple[str, int], dict[str, str]] = {
    ("createRun", 2): {
        "body": "they send null for each absent section of configurable, whose object is closed"
    },
    ("getAgent", 1): {"path": NOT_ESCAPED},
    ("getAgentOrgChartDepartment", 1): {"query": DEFAULT},
    ("getAgentOrgChartDepartment", 2): {"query": DEFAULT},
    ("getContentPage", 1): {"authorization": PUBLIC},
    ("getContentPage", 2): {"authorization": PUBLIC},
    ("getWorkspaceFile", 1): {
        "path": "they escape the slashes of a file's path; v1.md section 7.11 keeps them"
    },
    ("inspectInterruptByToken", 1): {"path": NOT_ESCAPED},
    ("resolveInterruptByRun", 1): {"path": NOT_ESCAPED},
    ("resolveInterruptByToken", 1): {"path": NOT_ESCAPED},
    ("streamHostEvents", 2): {"cache-control": NO_CACHE},
    ("streamRunEvents", 1): {"cache-control": NO_CACHE},
    ("streamRunEvents", 2): {"cache-control": NO_CACHE},
}

Recorded = dict[int, list[list[Asked]]]


def pairs(major: int) -> list[Pair]:
    return [pair for pair in PAIRS if major in pair.majors]


@pytest.fixture(scope="module")
def host() -> Any:
    server = RecordingHost()
    yield server
    server.close()


@pytest.fixture(scope="module")
def theirs(host: RecordingHost) -> Any:
    """What each call of theirs sent, by major; recorded once."""
    recorded: Recorded = {}

    def of(major: int) -> list[list[Asked]]:
        folder = FOLDERS[major]
        if not Path(folder, "openwop_client").is_dir():
            pytest.skip(f"OPENWOP_INTEROP_V{major} names no folder with openwop-client")
        if major not in recorded:
            host.script(lambda _: REFUSAL)
            calls = [
                {"method": pair.theirs, "values": pair.values, "named": pair.named}
                for pair in pairs(major)
            ]
            subprocess.run(
                [sys.executable, str(PEER), host.url],
                input=json.dumps(calls),
                text=True,
                check=True,
                env={**os.environ, "PYTHONPATH": folder},
            )
            sent: list[list[Asked]] = []
            for asked in host.asked:
                if asked.target.startswith("/announce/"):
                    sent.append([])
                else:
                    sent[-1].append(asked)
            recorded[major] = sent
        return recorded[major]

    return of


def ours(host: RecordingHost, pair: Pair, major: int) -> list[Asked]:
    host.script(lambda _: REFUSAL)
    once = openwop.RetryPolicy(attempts=1)

    async def main() -> None:
        with openwop.Client(host.url, api_key=KEY, protocol=major, retry=once) as client:
            method: Any = client
            for name in pair.ours.split("."):
                method = getattr(method, name)
            with pytest.raises(openwop.BadRequestError):
                await settled(method(**pair.arguments), items=1)

    anyio.run(main)
    return host.asked


def differences(their: Asked, our: Asked) -> set[str]:
    """Return what differs between two requests that mean the same."""
    found = set()
    their_path, _, their_query = their.target.partition("?")
    our_path, _, our_query = our.target.partition("?")
    if their.method != our.method:
        found.add("method")
    # How a character is escaped is no difference, but where a segment ends is.
    if [unquote(part) for part in their_path.split("/")] != [
        unquote(part) for part in our_path.split("/")
    ]:
        found.add("path")
    if sorted(parse_qsl(their_query)) != sorted(parse_qsl(our_query)):
        found.add("query")
    if their.data != our.data:
        found.add("body")
    return found | {
        name
        for name in {*their.headers, *our.headers} - OF_THE_LIBRARY
        if their.headers.get(name) != our.headers.get(name)
    }


@pytest.mark.parametrize(
    ("major", "index"),
    [(major, index) for major in (1, 2) for index in range(len(pairs(major)))],
    ids=lambda value: str(value),
)
def test_the_same_call_sends_the_same_request(
    host: RecordingHost, theirs: Any, major: int, index: int
) -> None:
    pair = pairs(major)[index]
    their, our = theirs(major)[index], ours(host, pair, major)

    assert (1, 1) == (len(their), len(our)), pair.operation
    expected = set(EXPLAINED.get((pair.operation, major), {}))
    assert expected == differences(their[0], our[0]), (their[0], our[0])


@pytest.mark.parametrize("major", [1, 2])
def test_every_operation_that_both_have_is_compared(theirs: Any, major: int) -> None:
    theirs(major)
    listed = subprocess.run(
        [sys.executable, "-c", "import openwop_client as c; print(*dir(c.OpenwopClient))"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": FOLDERS[major]},
    ).stdout.split()
    methods = {name for name in listed if not name.startswith("_")}
    # Properties that send nothing.
    methods -= {"client_version", "protocol_version"}

    assert methods == {pair.theirs for pair in pairs(major)}


def test_every_explanation_is_of_a_call_that_is_compared() -> None:
    assert set(EXPLAINED) <= {(pair.operation, major) for pair in PAIRS for major in pair.majors}
