"""Subscriptions: registered, kept, rotated in either way, unregistered, and safe to interrupt."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import attrs
import pytest

import openwop
from openwop.errors import (
    APIConnectionError,
    APIResponseValidationError,
    BadRequestError,
    ConfigurationError,
    InternalServerError,
)
from openwop.wire import AsyncOpenResponse, OpenResponse, Request, TransportError
from openwop_webhooks import (
    AsyncSubscription,
    Delivery,
    FileSecretStore,
    MemorySecretStore,
    Subscription,
    WebhookVerificationError,
    make_secret,
    sign,
)

NOW = 1_790_000_000.0
URL = "https://hooks.example.com/openwop"
BODY = b'{"runId":"r","event":{"type":"run.completed","sequence":3,"payload":{}}}'


class Chunks:
    """A body of one piece, in either colour."""

    def __init__(self, content: bytes) -> None:
        self._left = [content]

    def __iter__(self) -> Any:
        return iter(self._left)

    async def __aiter__(self) -> Any:
        for chunk in self._left:
            yield chunk

    def close(self) -> None:
        pass

    async def aclose(self) -> None:
        pass


@attrs.define(eq=False)
class Host:
    """A host that remembers its subscriptions, and can be told to fail."""

    major: int = 1
    rotates: bool = False
    spelling: str = "webhookId"
    secrets: dict[str, str] = attrs.field(factory=dict)
    log: list[tuple[str, str, Any]] = attrs.field(factory=list)
    tried: list[str] = attrs.field(factory=list)
    failures: list[Any] = attrs.field(factory=list)
    expires: str | None = "2026-09-21T15:00:00Z"
    tells: bool = True
    before: Callable[[str, Any], None] | None = None

    def answer(self, request: Request) -> tuple[int, Any]:
        path = request.url.removeprefix("https://host.example")
        if path == "/.well-known/openwop":
            return 200, self.discovery()
        path, _, query = path.partition("?")
        body = json.loads(request.body or b"null")
        name = f"{request.method} {path.removeprefix('/v1')}"
        self.tried.append(request.headers.get("Idempotency-Key", ""))
        if self.failures and name.startswith(self.failures[0][0]):
            failure = self.failures.pop(0)[1]
            if callable(failure):
                failure(self.perform(name, body))
                raise TransportError("the answer was lost")
            if isinstance(failure, Exception):
                raise failure
            return failure, {"error": "validation_error", "code": "validation_error"}
        self.log.append((name, query, body))
        if self.before is not None:
            self.before(name, body)
        return self.perform(name, body)

    def perform(self, name: str, body: Any) -> tuple[int, Any]:
        method, _, path = name.partition(" ")
        webhook_id = path.removeprefix("/webhooks").strip("/").removesuffix("/rotate-secret")
        if method == "POST" and path == "/webhooks":
            webhook_id = f"wh-{len(self.log)}"
            given = body.get("secret")
            self.secrets[webhook_id] = given or make_secret()
            told = {self.spelling: webhook_id}
            return 201, told if given or not self.tells else {
                **told,
                "secret": self.secrets[webhook_id],
            }
        missing = webhook_id not in self.secrets
        if missing or (method == "POST" and not self.rotates):
            code = "not_found" if missing else "validation_error"
            return 404 if missing or self.major == 1 else 400, {"error": code, "message": "no"}
        if method == "DELETE":
            del self.secrets[webhook_id]
            return 204, None
        self.secrets[webhook_id] = body["secret"]
        return 200, {"rotatedAt": "x", "previousSecretExpiresAt": self.expires}

    def discovery(self) -> Any:
        if self.major == 1:
            return {
                "protocolVersion": "1.9.0",
                "supportedEnvelopes": [],
                "schemaVersions": {},
                "limits": {},
            }
        record = {"status": "stable", "since": "2.0"}
        return {
            "protocolVersions": ["2.36.0"],
            "preferredVersion": "2.36.0",
            "webhooks": {
                **record,
                "signatureAlgorithms": ["v1", "standard-webhooks-1"],
                "secretRotation": {"overlapSeconds": 3600},
            },
        }

    def names(self) -> list[str]:
        return [name for name, _, _ in self.log]

    def send(self, request: Request) -> OpenResponse:
        status, document = self.answer(request)
        content = b"" if document is None else json.dumps(document).encode()
        headers = {"Content-Type": "application/json", "OpenWOP-Version": f"{self.major}.0"}
        return OpenResponse(status, headers, Chunks(content))

    def close(self) -> None:
        pass

    def now(self) -> float:
        return 0.0

    def sleep(self, seconds: float) -> None: ...


class AsyncHost:
    def __init__(self, host: Host) -> None:
        self.host = host
        self.now = host.now

    async def send(self, request: Request) -> AsyncOpenResponse:
        opened = self.host.send(request)
        return AsyncOpenResponse(
            opened.status_code, opened.headers, Chunks(next(iter(opened.body)))
        )

    async def aclose(self) -> None:
        pass

    async def sleep(self, seconds: float) -> None:
        pass


async def it(value: Any) -> Any:
    return await value if isinstance(value, Awaitable) else value


@pytest.fixture
def subscribe(colour: str) -> Callable[..., Any]:
    """Make a subscription of the test's colour at a host."""

    def make(host: Host, **how: Any) -> Any:
        how = {"url": URL, "events": ["run.completed"], "clock": lambda: NOW, **how}
        given: dict[str, Any] = {
            "api_key": "k" * 20,
            "load_plugins": False,
            "protocol": host.major,
            "retry": openwop.RetryPolicy(attempts=1),
        }
        if colour == "blocking":
            client = openwop.Client("https://host.example", transport=host, **given)
            return Subscription(client, **how)
        other = openwop.AsyncClient("https://host.example", transport=AsyncHost(host), **given)
        return AsyncSubscription(other, **how)

    return make


def accepts(subscription: Any, secret: str, timestamp: float = NOW) -> bool:
    headers = sign(
        BODY, secret, webhook_id="w", event_type="run.completed", timestamp=int(timestamp)
    )
    try:
        return isinstance(subscription.verifier.authenticate(headers, BODY), Delivery)
    except WebhookVerificationError:
        return False


@pytest.mark.parametrize("major", [1, 2])
@pytest.mark.parametrize("spelling", ["webhookId", "subscriptionId"])
def test_a_subscription_is_registered_once_and_kept(
    major: int, spelling: str, subscribe: Any, play: Any
) -> None:
    host, store = Host(major, spelling=spelling), MemorySecretStore()

    async def scenario() -> None:
        first = subscribe(host, store=store, tags=["t"])
        webhook_id = await it(first.register())
        again = subscribe(host, store=store, tags=["t"])

        assert webhook_id == await it(again.register()) == again.webhook_id
        assert ["POST /webhooks"] == host.names()
        assert {"url": URL, "events": ["run.completed"], "tags": ["t"]} == host.log[0][2]
        assert accepts(again, host.secrets[webhook_id])
        assert again.fingerprint == first.fingerprint

    play(scenario)


def test_nothing_is_authentic_before_the_host_has_given_a_secret(subscribe: Any, play: Any) -> None:
    async def scenario() -> None:
        subscription = subscribe(Host())

        assert not accepts(subscription, make_secret())
        assert "not registered" in repr(subscription)
        with pytest.raises(ConfigurationError, match="not registered"):
            _ = subscription.webhook_id
        with pytest.raises(ConfigurationError, match="not registered"):
            await it(subscription.rotate())

    play(scenario)


def test_the_workspace_goes_to_the_major_that_takes_one(subscribe: Any, play: Any) -> None:
    older, newer = Host(1), Host(2)

    async def scenario() -> None:
        for host in (older, newer):
            subscription = subscribe(host, workspace="ws-1")
            await it(subscription.register())
            await it(subscription.unregister())

    play(scenario)
    assert "ws-1" == older.log[0][2]["tenantId"]
    assert "tenantId=ws-1" == older.log[-1][1]
    assert "tenantId" not in newer.log[0][2]
    assert "" == newer.log[-1][1]


@pytest.mark.parametrize("major", [1, 2])
def test_where_the_host_does_not_rotate_another_is_registered_and_the_old_one_goes(
    major: int, subscribe: Any, play: Any
) -> None:
    host = Host(major)

    async def scenario() -> None:
        subscription = subscribe(host)
        old_id = await it(subscription.register())
        old = host.secrets[old_id]

        def before(name: str, body: Any) -> None:
            if name.startswith("DELETE"):
                accepted.extend(accepts(subscription, each) for each in host.secrets.values())

        host.before = before
        await it(subscription.rotate())
        new = host.secrets[subscription.webhook_id]

        assert f"DELETE /webhooks/{old_id}" == host.names()[-1]
        assert [subscription.webhook_id] == list(host.secrets)
        assert accepts(subscription, new)
        assert accepts(subscription, old)  # what was on its way
        assert NOW + 300 == subscription.previous_until

    accepted: list[bool] = []
    play(scenario)
    assert [True, True] == accepted


@pytest.mark.parametrize("major", [1, 2])
def test_where_the_host_rotates_both_secrets_are_accepted_until_its_overlap_ends(
    major: int, subscribe: Any, play: Any
) -> None:
    host = Host(major, rotates=True)

    async def scenario() -> None:
        subscription = subscribe(host)
        webhook_id = await it(subscription.register())
        old = host.secrets[webhook_id]
        host.expires = "2026-09-21T14:13:30Z"  # ten seconds from now

        await it(subscription.rotate())

        new = host.secrets[webhook_id]
        assert new.startswith("whsec_")
        assert webhook_id == subscription.webhook_id
        assert NOW + 10 == subscription.previous_until
        assert accepts(subscription, old, NOW + 10)
        assert not accepts(subscription, old, NOW + 11)
        assert accepts(subscription, new, NOW + 11)

    play(scenario)


def test_an_overlap_without_an_end_lasts_the_longest_that_there_is(
    subscribe: Any, play: Any
) -> None:
    host = Host(2, rotates=True, expires=None)

    async def scenario() -> None:
        subscription = subscribe(host)
        await it(subscription.register())
        await it(subscription.rotate())

        assert NOW + 7 * 86400 == subscription.previous_until

    play(scenario)


def test_the_standard_form_is_registered_with_a_secret_known_before_the_challenge(
    subscribe: Any, play: Any
) -> None:
    host, known = Host(2), list[bool]()

    async def scenario() -> None:
        subscription = subscribe(host, standard=True)
        host.before = lambda name, body: known.append(accepts(subscription, body["secret"]))
        await it(subscription.register())

    play(scenario)
    assert [True] == known
    assert ["v1", "standard-webhooks-1"] == host.log[0][2]["signatureAlgorithms"]


def test_another_url_or_other_events_replace_what_was_kept(subscribe: Any, play: Any) -> None:
    host, store = Host(), MemorySecretStore()

    async def scenario() -> None:
        first = await it(subscribe(host, store=store).register())
        other = subscribe(host, store=store, events=["run.failed"])

        assert first != await it(other.register())
        assert [other.webhook_id] == list(host.secrets)

    play(scenario)


def test_an_old_subscription_that_could_not_be_removed_is_removed_by_the_next_call(
    subscribe: Any, play: Any
) -> None:
    host, store = Host(), MemorySecretStore()

    async def scenario() -> None:
        subscription = subscribe(host, store=store)
        old_id = await it(subscription.register())
        old = host.secrets[old_id]
        host.failures.append(("DELETE", 500))
        with pytest.raises(InternalServerError):
            await it(subscription.rotate())

        assert accepts(subscription, old)
        assert subscription.previous_until is None
        assert 2 == len(host.secrets)
        again = subscribe(host, store=store)
        await it(again.register())
        assert [again.webhook_id] == list(host.secrets)
        assert NOW + 300 == again.previous_until

    play(scenario)


def test_a_rotation_whose_answer_was_lost_is_gone_on_with(subscribe: Any, play: Any) -> None:
    host, store = Host(2, rotates=True), MemorySecretStore()

    async def scenario() -> None:
        subscription = subscribe(host, store=store)
        webhook_id = await it(subscription.register())
        old = host.secrets[webhook_id]
        host.failures.append(("POST", lambda answer: answer))
        with pytest.raises(APIConnectionError):
            await it(subscription.rotate())
        new = host.secrets[webhook_id]

        assert new != old
        again = subscribe(host, store=store)
        await it(again.register())
        assert accepts(again, old)
        assert accepts(again, new)
        await it(again.rotate())
        assert new == host.secrets[webhook_id] == host.log[-1][2]["secret"]

    play(scenario)


def test_a_registration_whose_answer_was_lost_keeps_its_idempotency_key(
    subscribe: Any, play: Any
) -> None:
    host, store = Host(), MemorySecretStore()

    async def scenario() -> None:
        host.failures.append(("POST", TransportError("gone")))
        with pytest.raises(APIConnectionError):
            await it(subscribe(host, store=store).register())
        await it(subscribe(host, store=store).register())

    play(scenario)
    first, second = host.tried
    assert first == second != ""


def test_a_refused_registration_is_forgotten_and_another_try_has_another_key(
    subscribe: Any, play: Any
) -> None:
    host, store = Host(), MemorySecretStore()

    async def scenario() -> None:
        host.failures.append(("POST", 400))
        with pytest.raises(BadRequestError):
            await it(subscribe(host, store=store).register())
        await it(subscribe(host, store=store).register())
        assert 2 == len(set(host.tried))

    play(scenario)


def test_a_registration_without_a_secret_is_taken_back(subscribe: Any, play: Any) -> None:
    host = Host(tells=False)

    async def scenario() -> None:
        with pytest.raises(APIResponseValidationError, match=r"WebhookRegistered\.secret"):
            await it(subscribe(host).register())

    play(scenario)
    assert {} == host.secrets


def test_unregistering_forgets_the_secret_and_bears_that_somebody_was_first(
    subscribe: Any, play: Any
) -> None:
    host, store = Host(), MemorySecretStore()

    async def scenario() -> None:
        subscription = subscribe(host, store=store)
        webhook_id = await it(subscription.register())
        secret = host.secrets.pop(webhook_id)

        await it(subscription.unregister())
        await it(subscription.unregister())

        assert store.get("default") is None
        assert accepts(subscription, secret)  # what was on its way
        assert not accepts(subscription, secret, NOW + 301)

    play(scenario)


async def within(subscription: Any, during: Callable[[], None]) -> None:
    if isinstance(subscription, Subscription):
        with subscription:
            during()
    else:
        async with subscription:
            during()


def test_leaving_the_context_unregisters_and_keeps_the_first_error(
    subscribe: Any, play: Any, caplog: pytest.LogCaptureFixture
) -> None:
    host = Host()

    def look() -> None:
        assert 1 == len(host.secrets)

    def fail() -> None:
        host.failures.append(("DELETE", 500))
        raise LookupError

    async def scenario() -> None:
        await within(subscribe(host), look)
        assert {} == host.secrets
        with pytest.raises(LookupError):
            await within(subscribe(host), fail)
        host.failures.append(("DELETE", 500))
        with pytest.raises(InternalServerError):
            await within(subscribe(host), lambda: None)

    play(scenario)
    assert 1 == caplog.text.count("could not be unregistered")


def test_a_process_that_only_verifies_follows_by_registering_again(
    subscribe: Any, play: Any
) -> None:
    host, store = Host(), MemorySecretStore()

    async def scenario() -> None:
        one, other = subscribe(host, store=store), subscribe(host, store=store)
        await it(one.register())
        await it(other.register())
        await it(one.rotate())
        secret = host.secrets[one.webhook_id]
        assert not accepts(other, secret)
        await it(other.register())
        assert accepts(other, secret)

    play(scenario)


def test_what_the_store_did_not_take_is_kept_by_the_next_call(subscribe: Any, play: Any) -> None:
    class Full(MemorySecretStore):
        left = 1

        def put(self, name: str, text: str) -> None:
            self.left -= 1
            if self.left == -1:
                raise OSError("no space left")
            super().put(name, text)

    host, store = Host(), Full()

    async def scenario() -> None:
        subscription = subscribe(host, store=store)
        with pytest.raises(OSError, match="no space"):
            await it(subscription.register())
        (secret,) = host.secrets.values()
        assert accepts(subscription, secret)
        await it(subscription.register())
        assert secret in (store.get("default") or "")
        assert 1 == len(host.secrets)

    play(scenario)


def test_no_secret_is_shown(subscribe: Any, play: Any, tmp_path: Path) -> None:
    host, stores = Host(), [MemorySecretStore(), FileSecretStore(tmp_path)]

    async def scenario() -> None:
        for store in stores:
            subscription = subscribe(host, store=store)
            webhook_id = await it(subscription.register())
            shown = repr((subscription, subscription.verifier, store, subscription._plans.record))

            assert host.secrets[webhook_id] not in shown
            assert subscription.fingerprint in repr(subscription)

    play(scenario)


def test_a_kept_subscription_of_another_host_is_not_taken_for_this_one(
    subscribe: Any, play: Any
) -> None:
    host, store = Host(), MemorySecretStore()

    async def scenario() -> None:
        await it(subscribe(host, store=store).register())
        kept = json.loads(store.get("default") or "{}")
        kept["wanted"]["host"] = "https://elsewhere.example"
        store.put("default", json.dumps(kept))

        with pytest.raises(ConfigurationError, match=r"kept for https://elsewhere\.example"):
            await it(subscribe(host, store=store).register())

    play(scenario)


def test_an_asynchronous_store_serves_the_asynchronous_twin_alone(
    colour: str, subscribe: Any, play: Any
) -> None:
    class Vault:
        def __init__(self) -> None:
            self.kept = MemorySecretStore()

        async def get(self, name: str) -> str | None:
            return self.kept.get(name)

        async def put(self, name: str, text: str) -> None:
            self.kept.put(name, text)

        async def delete(self, name: str) -> None:
            self.kept.delete(name)

    vault = Vault()

    async def scenario() -> None:
        subscription = subscribe(Host(), store=vault)
        if colour == "blocking":
            with pytest.raises(ConfigurationError, match="asynchronous twin"):
                subscription.register()
            return
        await it(subscription.register())
        assert vault.kept.get("default") is not None

    play(scenario)
