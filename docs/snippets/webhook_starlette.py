import os

from starlette.applications import Starlette

from openwop_webhooks import Delivery, SQLiteReplayGuard, Verifier
from openwop_webhooks.adapters.starlette import webhook_route

guard = SQLiteReplayGuard("deliveries.db")
verifier = Verifier(os.environ["WEBHOOK_SECRET"], replay_guard=guard)


def handle(delivery: Delivery) -> None:
    print(delivery.event_type, delivery.run_id)


app = Starlette(routes=[webhook_route("/openwop", verifier, handle)])
