"""The transport contract holds for the transports that extras bring."""

from __future__ import annotations

from contextlib import closing

import pytest

from openwop.transports import AiohttpTransport, Urllib3Transport
from openwop_testing.transport_contract import ASYNC_CHECKS, TransportContract, _run_async


class TestUrllib3(TransportContract):
    @pytest.fixture
    def transport(self):
        pytest.importorskip("urllib3", reason="the extra `urllib3` is not installed")
        with closing(Urllib3Transport()) as transport:
            yield transport


@pytest.mark.parametrize("name", sorted(ASYNC_CHECKS))
def test_the_transport_on_aiohttp_keeps_the_contract_on_asyncio(name):
    pytest.importorskip("aiohttp", reason="the extra `aiohttp` is not installed")

    _run_async(ASYNC_CHECKS[name], AiohttpTransport, "asyncio")
