"""A FastAPI service that registers its webhook, verifies what comes, and keeps the last events.

    PUBLIC_URL=https://me.example.com WEBHOOK_STATE=state uvicorn webhook_receiver:app

Needs `openwop[webhooks]`, fastapi and uvicorn.
"""

from __future__ import annotations

import contextlib
import os
from collections import deque
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Annotated

from fastapi import Depends, FastAPI, Response

import openwop
from openwop_webhooks import AsyncSubscription, Delivery, FileSecretStore, SQLiteReplayGuard
from openwop_webhooks.adapters.fastapi import WebhookResponse

state = Path(os.environ.get("WEBHOOK_STATE", "state"))
state.mkdir(mode=0o700, exist_ok=True)
client = openwop.AsyncClient()
subscription = AsyncSubscription(
    client,
    url=os.environ["PUBLIC_URL"] + "/openwop",
    events=["run.completed", "run.failed"],
    store=FileSecretStore(state / "secrets"),
    replay_guard=SQLiteReplayGuard(state / "deliveries.db"),
)
seen: deque[str] = deque(maxlen=100)


def handle(delivery: Delivery) -> None:
    """Take a delivery: it is authentic, and was not handled before."""
    seen.append(f"{delivery.event_type} {delivery.run_id}")


@contextlib.asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
    async with client:
        await subscription.register()
        yield


app = FastAPI(lifespan=lifespan)
receive = WebhookResponse(subscription.verifier, handle)


@app.post("/openwop")
async def openwop_webhook(response: Annotated[Response, Depends(receive)]) -> Response:
    return response


@app.get("/seen")
async def what_came() -> list[str]:
    return list(seen)
