"""Runs in a process of its own, where the other client is importable: makes the calls it is given.

    python peer.py URL < calls.json

Each call is announced by a request to `/announce/<number>`; what a call returns or raises is of
no interest here, only what it sends.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import openwop_client


def built(value: Any) -> Any:
    """Return *value* with its request objects made."""
    if isinstance(value, dict):
        members = {name: built(item) for name, item in value.items() if name != "@"}
        return getattr(openwop_client, value["@"])(**members) if "@" in value else members
    return [built(item) for item in value] if isinstance(value, list) else value


def announce(url: str, number: int) -> None:
    """Tell the recording host that the next requests are of call *number*."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    connection.request("GET", f"/announce/{number}")
    connection.getresponse().read()
    connection.close()


def main() -> int:
    """Make the calls."""
    url = sys.argv[1]
    client = openwop_client.OpenwopClient(url, "hk_test_interop")
    for number, call in enumerate(json.load(sys.stdin)):
        announce(url, number)
        with contextlib.suppress(Exception):
            result = getattr(client, call["method"])(*built(call["values"]), **built(call["named"]))
            if isinstance(result, Iterator):
                next(result, None)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
