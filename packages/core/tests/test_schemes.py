"""Security schemes and servers of generated clients: which credential goes out, and where to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import attrs
import pytest

from openwop.runtime import (
    ConfigurationError,
    ErrorClasses,
    Operation,
    Parameter,
    Route,
)
from openwop.runtime.service import (
    AsyncServiceClient,
    Scheme,
    Server,
    Service,
    ServiceClient,
)
from openwop.wire import Headers, OpenResponse, Request

SERVICE = Service(
    name="toys",
    errors=ErrorClasses(),
    base_url="http://toys.test/v1",
    env_base_url="TOYS_URL",
    carrier="bearer",
    schemes={
        "token": Scheme("bearer", token_url="http://id.test/token", scopes=("read",)),
        "login": Scheme("basic"),
        "app": Scheme("header:X-App"),
        "query": Scheme("query:key"),
        "sid": Scheme("cookie:sid"),
        "lang": Scheme("cookie:lang"),
        "cert": Scheme("tls"),
    },
    security=(("token",),),
    servers=(
        Server("https://live.test/{stage}", "live", {"stage": ("v1", "v2")}),
        Server("https://{tenant}.test", "own", {"tenant": ("demo",)}),
        Server("/relative", "here"),
    ),
)


class Empty:
    """A body without bytes, in both colours."""

    def __init__(self, body: bytes = b"") -> None:
        self.body = body

    def __iter__(self) -> Iterator[bytes]:
        yield self.body

    async def __aiter__(self) -> Any:
        yield self.body

    def close(self) -> None:
        """Do nothing."""

    async def aclose(self) -> None:
        """Do nothing."""


class Wire:
    """A transport that takes everything and keeps it."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.requests: list[Request] = []

    def send(self, request: Request) -> OpenResponse:
        """Take *request*."""
        self.requests.append(request)
        if request.url == "http://id.test/token":
            made = f'{{"access_token": "t{len(self.requests)}"}}'.encode()
            return OpenResponse(200, Headers(), Empty(made))
        return OpenResponse(self.statuses.pop(0) if self.statuses else 204, Headers(), Empty())

    def close(self) -> None:
        """Do nothing."""


class AsyncWire:
    """The same for asynchronous clients."""

    def __init__(self) -> None:
        self.inner = Wire()

    async def send(self, request: Request) -> Any:
        """Take *request*."""
        return self.inner.send(request)

    async def aclose(self) -> None:
        """Do nothing."""


class Client(ServiceClient):
    """A client of toys."""

    _service: ClassVar[Service] = SERVICE


class AsyncClient(AsyncServiceClient):
    """Its twin."""

    _service: ClassVar[Service] = SERVICE


def operation(*security: tuple[str, ...], **more: Any) -> Operation[None]:
    route = Route("GET", "/toys", answer="none", security=security, **more)
    return Operation("getToys", "toys.get", {"": route})


def sent(client: Any, asked: Operation[None], **options: Any) -> Request:
    wire = client._core.io.transport
    client.perform(asked, {}, options)
    request: Request = wire.requests[-1]
    return request


def client(*statuses: int, **options: Any) -> Client:
    return Client(transport=Wire(*statuses), load_plugins=False, **options)


@pytest.mark.parametrize(
    ("scheme", "given", "header", "value"),
    [
        ("login", ("ann", "pw"), "authorization", "Basic YW5uOnB3"),
        ("login", "ann:pw", "authorization", "Basic YW5uOnB3"),
        ("app", "k", "x-app", "k"),
        ("app", lambda: "made", "x-app", "made"),
        ("sid", "s1", "cookie", "sid=s1"),
        ("token", "t", "authorization", "Bearer t"),
    ],
    ids=["pair", "text", "header", "function", "cookie", "bearer"],
)
def test_the_credential_of_a_scheme_travels_as_the_scheme_says(
    scheme: str, given: Any, header: str, value: str
) -> None:
    made = client(credentials={scheme: given})

    assert sent(made, operation((scheme,))).headers[header] == value


def test_a_key_in_the_query_is_sent_and_never_shown() -> None:
    request = sent(client(credentials={"query": "s3"}), operation(("query",)))

    assert request.url == "http://toys.test/v1/toys?key=s3"
    assert "s3" not in (request.shown_url or "")


def test_schemes_that_go_together_are_all_sent() -> None:
    made = client(api_key="t", credentials={"app": "a", "sid": "1", "lang": "de"})

    request = sent(made, operation(("token", "app", "sid", "lang", "cert")))

    assert request.headers["authorization"] == "Bearer t"
    assert request.headers["x-app"] == "a"
    assert request.headers["cookie"] == "sid=1; lang=de"


def test_a_cookie_of_the_caller_stays_beside_the_one_that_is_the_credential() -> None:
    made = client(credentials={"sid": "1"})
    asked = operation(("sid",), parameters=(Parameter("theme", "theme", "cookie"),))

    made.perform(asked, {"theme": "dark"}, {})

    assert made._core.io.transport.requests[-1].headers["cookie"] == "theme=dark; sid=1"


def test_the_first_alternative_for_which_all_is_there_is_taken() -> None:
    asked = operation(("app", "sid"), ("login",), ("token",))

    assert "authorization" in sent(client(api_key="t"), asked).headers
    both = client(api_key="t", credentials={"login": "a:b"})
    assert sent(both, asked).headers["authorization"].startswith("Basic ")


def test_an_operation_says_what_it_takes_or_the_service_does() -> None:
    made = client(api_key="t", credentials={"app": "a"})

    usual, own = sent(made, operation()), sent(made, operation(("app",)))
    nothing = sent(made, operation(credential="none"))

    assert ("authorization" in usual.headers, "x-app" in usual.headers) == (True, False)
    assert ("authorization" in own.headers, "x-app" in own.headers) == (False, True)
    assert "authorization" not in nothing.headers


def test_what_no_alternative_has_is_left_to_the_service_or_refused_without_any_key() -> None:
    assert sent(client(api_key="t"), operation(("app",))).headers["authorization"] == "Bearer t"

    with pytest.raises(ConfigurationError, match="needs a credential"):
        sent(client(), operation(("app",)))


def test_an_id_and_a_secret_bring_a_token_of_the_documented_endpoint() -> None:
    made = client(401, 204, credentials={"token": ("my-id", "secret")})
    wire: Any = made._core.io.transport

    sent(made, operation())

    urls = [request.url.partition("test")[2] for request in wire.requests]
    assert urls == ["/token", "/v1/toys", "/token", "/v1/toys"]  # a refused token is replaced
    assert wire.requests[1].headers["authorization"] == "Bearer t1"
    assert wire.requests[3].headers["authorization"] == "Bearer t3"


@pytest.mark.anyio
async def test_the_asynchronous_twin_sends_the_same() -> None:
    wire = AsyncWire()
    made = AsyncClient(
        transport=wire, load_plugins=False, credentials={"token": ("my-id", "secret"), "app": "a"}
    )

    await made.perform(operation(("token", "app")), {}, {})

    request = wire.inner.requests[-1]
    assert (request.headers["authorization"], request.headers["x-app"]) == ("Bearer t1", "a")


@pytest.mark.parametrize(
    ("credentials", "message"),
    [
        ({"nobody": "x"}, "no scheme 'nobody'"),
        ({"app": ("a", "b")}, "is a pair"),
        ({"app": ""}, "empty"),
        ({"app": 7}, "must be a key"),
    ],
)
def test_a_credential_that_fits_no_scheme_is_refused(credentials: Any, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        client(credentials=credentials)


def test_a_copy_has_its_own_credentials_and_query_and_keeps_the_others() -> None:
    first = client(credentials={"app": "a", "sid": "1"}, default_query={"v": 1})
    second = first.with_options(credentials={"app": "b"}, default_query={"w": 2}, timeout=3.0)
    asked = operation(("app", "sid"))

    before, after = sent(first, asked), sent(second, asked)
    again = sent(second.with_options(timeout=None), asked)

    assert [one.headers["x-app"] for one in (before, after, again)] == ["a", "b", "b"]
    assert after.headers["cookie"] == "sid=1"
    assert before.url.endswith("/toys?v=1")
    assert after.url.endswith("/toys?v=1&w=2")


def test_an_argument_wins_over_the_query_of_every_request_and_extra_query_over_both() -> None:
    parameters = (Parameter("v", "v", "query", "form"), Parameter("w", "w", "query", "form"))
    route = Route("GET", "/toys", parameters, answer="none")
    asked: Operation[None] = Operation("getToys", "toys.get", {"": route})
    made = client(api_key="k", default_query={"v": "d", "w": "d", "x": "d"})

    made.perform(asked, {"v": "a", "w": "a"}, {"extra_query": {"w": "e"}})

    wire: Any = made._core.io.transport
    (request,) = wire.requests
    assert sorted(request.url.partition("?")[2].split("&")) == ["v=a", "w=e", "x=d"]


@pytest.mark.parametrize(
    ("options", "url"),
    [
        ({"server": 0}, "https://live.test/v1"),
        ({"server": "live", "server_variables": {"stage": "v2"}}, "https://live.test/v2"),
        ({"server_variables": {"stage": "v2"}}, "https://live.test/v2"),
        ({"server": "own"}, "https://demo.test"),
        ({"server": "own", "server_variables": {"tenant": "acme"}}, "https://acme.test"),
        ({"server": "https://{tenant}.test"}, "https://demo.test"),
        ({}, "http://toys.test/v1"),
    ],
)
def test_a_server_is_chosen_by_name_index_or_url_and_filled(
    options: dict[str, Any], url: str
) -> None:
    assert client(**options).base_url == url


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"server": 9}, "server is 9"),
        ({"server": "nowhere"}, "the description has 'live', 'own', 'here'"),
        ({"server": ""}, "server is ''"),
        ({"server": "here"}, "relative"),
        ({"server": 0, "server_variables": {"stage": "v3"}}, "one of v1, v2"),
        ({"server": 0, "server_variables": {"port": "1"}}, "no variable"),
        ({"base_url": "http://x.test", "server": 0}, "not both"),
    ],
)
def test_a_server_that_is_not_there_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        client(**options)


def test_a_chosen_server_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOYS_URL", "http://env.test")

    assert client().base_url == "http://env.test"
    assert client(server="own").base_url == "https://demo.test"


@pytest.mark.parametrize(
    ("server", "url"),
    [("https://up.test/x/", "https://up.test/x/toys"), ("/up", "http://toys.test/up/toys")],
)
def test_an_operation_may_have_a_server_of_its_own(server: str, url: str) -> None:
    assert sent(client(api_key="k"), operation(server=server)).url == url


def test_no_representation_shows_a_credential() -> None:
    made = client(credentials={"app": "s3cret", "login": ("u", "s3cret")})

    shown = repr(made) + repr(made._extras) + repr(attrs.asdict(SERVICE))

    assert "s3cret" not in shown
