import os

from flask import Flask

from openwop_webhooks import Delivery, SQLiteReplayGuard, Verifier
from openwop_webhooks.adapters.flask import webhook

guard = SQLiteReplayGuard("deliveries.db")
verifier = Verifier(os.environ["WEBHOOK_SECRET"], replay_guard=guard)

app = Flask(__name__)


@app.post("/openwop")
@webhook(verifier)
def run_changed(delivery: Delivery) -> None:
    print(delivery.event_type, delivery.run_id)
