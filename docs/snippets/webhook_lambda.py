import os

from openwop_webhooks import Delivery, MemoryReplayGuard, Verifier
from openwop_webhooks.adapters.aws_lambda import lambda_handler

guard = MemoryReplayGuard()  # of this instance; RedisReplayGuard is for all of them
verifier = Verifier(os.environ["WEBHOOK_SECRET"], replay_guard=guard)


def handle(delivery: Delivery) -> None:
    print(delivery.event_type, delivery.run_id)


handler = lambda_handler(verifier, handle)
