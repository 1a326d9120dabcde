"""The transport contract holds for the transports that extras bring."""

from __future__ import annotations

from contextlib import closing

import pytest

from openwop.transports import Urllib3Transport
from openwop_testing.transport_contract import TransportContract


class TestUrllib3(TransportContract):
    @pytest.fixture
    def transport(self):
        pytest.importorskip("urllib3", reason="the extra `urllib3` is not installed")
        with closing(Urllib3Transport()) as transport:
            yield transport
