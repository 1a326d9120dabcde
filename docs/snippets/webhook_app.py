import os
from typing import Annotated

from fastapi import Depends, FastAPI, Response

from openwop_webhooks import Delivery, SQLiteReplayGuard, Verifier
from openwop_webhooks.adapters.fastapi import WebhookResponse

guard = SQLiteReplayGuard("deliveries.db")
verifier = Verifier(os.environ["WEBHOOK_SECRET"], replay_guard=guard)


def handle(delivery: Delivery) -> None:
    print(delivery.event_type, delivery.run_id)


receive = WebhookResponse(verifier, handle)
app = FastAPI()


@app.post("/openwop")
async def openwop(response: Annotated[Response, Depends(receive)]) -> Response:
    return response
