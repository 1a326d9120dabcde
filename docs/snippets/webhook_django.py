import os

from django.urls import path

from openwop_webhooks import Delivery, SQLiteReplayGuard, Verifier
from openwop_webhooks.adapters.django import webhook

guard = SQLiteReplayGuard("deliveries.db")
verifier = Verifier(os.environ["WEBHOOK_SECRET"], replay_guard=guard)


@webhook(verifier)
def run_changed(delivery: Delivery) -> None:
    print(delivery.event_type, delivery.run_id)


urlpatterns = [path("openwop", run_changed)]
