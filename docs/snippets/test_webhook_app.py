import os
import pathlib

import pytest
from starlette.testclient import TestClient

from openwop_webhooks import encode_delivery, sign

SECRET = "a-secret-of-the-subscription"


@pytest.fixture
def client(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    monkeypatch.setitem(os.environ, "WEBHOOK_SECRET", SECRET)
    monkeypatch.chdir(tmp_path)
    from webhook_app import app

    return TestClient(app)


def test_a_signed_delivery_is_taken_and_a_forged_one_is_not(client: TestClient) -> None:
    event = {"type": "run.completed", "eventId": "e-1", "sequence": 7}
    body = encode_delivery(event, run_id="run-1")
    headers = sign(body, SECRET, webhook_id="wh-1", event_type="run.completed")

    assert client.post("/openwop", content=body, headers=headers).status_code == 200
    assert client.post("/openwop", content=body + b" ", headers=headers).status_code == 400
