import os

from aiohttp import web

from openwop_webhooks import Delivery, SQLiteReplayGuard, Verifier
from openwop_webhooks.adapters.aiohttp import webhook_handler

guard = SQLiteReplayGuard("deliveries.db")
verifier = Verifier(os.environ["WEBHOOK_SECRET"], replay_guard=guard)


def handle(delivery: Delivery) -> None:
    print(delivery.event_type, delivery.run_id)


app = web.Application()
app.router.add_post("/openwop", webhook_handler(verifier, handle))
