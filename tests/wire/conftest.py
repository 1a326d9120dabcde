"""Makes the hand-typed table importable, and offers the host that records."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))


@pytest.fixture(scope="session")
def recording_host() -> Iterator[Any]:
    from openwop_wire.host import RecordingHost

    host = RecordingHost()
    yield host
    host.close()
