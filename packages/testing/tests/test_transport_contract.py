"""The transport contract holds for the transports of core, and each check sees what it is for."""

from __future__ import annotations

from contextlib import closing, suppress

import attrs
import pytest

from openwop.transports import AsyncHttpxTransport, HttpxTransport
from openwop.wire import (
    ConnectError,
    Headers,
    OpenResponse,
    Timeouts,
    TransportError,
    TransportTimeout,
)
from openwop_testing import transport_contract
from openwop_testing.transport_contract import (
    CHECKS,
    AsyncTransportContract,
    TransportContract,
    _run_blocking,
)


class TestHttpx(TransportContract):
    @pytest.fixture
    def transport(self):
        with closing(HttpxTransport()) as transport:
            yield transport


class TestAsyncHttpx(AsyncTransportContract):
    @pytest.fixture
    def make_transport(self):
        return AsyncHttpxTransport


class Broken:
    """A transport that does one thing wrong."""

    def __init__(self):
        self._inner = HttpxTransport()
        self._closed = False

    def send(self, request):
        return self._inner.send(request)

    def close(self):
        self._inner.close()


def part(response, wrap):
    class Body:
        def __init__(self):
            self._parts = wrap(iter(response.body))

        def __iter__(self):
            return self._parts

        def close(self):
            response.close()

    return attrs.evolve(response, body=Body())


class LosesStatus(Broken):
    def send(self, request):
        response = super().send(request)
        return attrs.evolve(response, status_code=201) if response.status_code == 200 else response


class DropsHeaders(Broken):
    def send(self, request):
        return super().send(attrs.evolve(request, headers=request.headers.without("X-Mark")))


class SendsABody(Broken):
    def send(self, request):
        if request.body is None and request.url.endswith("/echo"):
            request = attrs.evolve(request, body=b"x")
        return super().send(request)


class MergesHeaders(Broken):
    def send(self, request):
        response = super().send(request)
        return attrs.evolve(response, headers=Headers(dict(response.headers)))


class RaisesStatus(Broken):
    def send(self, request):
        response = super().send(request)
        if response.status_code == 404:
            response.close()
            raise TransportError("404")
        return response


class Follows(Broken):
    def send(self, request):
        response = super().send(request)
        if response.status_code == 307:
            response.close()
            return super().send(attrs.evolve(request, url=response.headers["location"]))
        return response


class Retries(Broken):
    def send(self, request):
        response = super().send(request)
        if response.status_code == 503 and not response.headers.get("x-again"):
            response.close()
            return super().send(request)
        return response


class KeepsEncoding(Broken):
    def send(self, request):
        response = super().send(request)
        if response.headers.get("content-encoding"):
            return part(response, lambda parts: iter([b"\x1f\x8b" + b"".join(parts)]))
        return response


class Truncates(Broken):
    def send(self, request):
        response = super().send(request)
        if request.url.endswith("/large"):
            return part(response, lambda parts: iter([b"".join(parts)[:1_000_000]]))
        return response


class Collects(Broken):
    """Reads a held stream to its end before it gives anything."""

    def send(self, request):
        response = super().send(request)
        if request.url.endswith("/held") and request.timeouts.head == 20:
            merged = iter([b"firstsecond"])
            return part(response, lambda parts: merged)
        return response


class Leaks(Broken):
    def send(self, request):
        response = super().send(request)
        if request.url.endswith("/endless"):
            self.kept = response
            return OpenResponse(200, response.headers, KeptBody(response))
        return response

    def close(self):
        if hasattr(self, "kept"):
            self.kept.close()
        super().close()


class KeptBody:
    def __init__(self, response):
        self._response = response

    def __iter__(self):
        return iter(self._response.body)

    def close(self):
        pass


class OneAtATime(Broken):
    last = None

    def send(self, request):
        if "?n=" in request.url:
            request = attrs.evolve(request, url=request.url.partition("?")[0] + "?n=0")
        return super().send(request)


class MistakesRefusal(Broken):
    def send(self, request):
        try:
            return super().send(request)
        except ConnectError as error:
            if "127.0.0.1" in request.url:
                raise TransportError("refused") from error
            raise


class MistakesName(Broken):
    def send(self, request):
        try:
            return super().send(request)
        except ConnectError as error:
            if "invalid" in request.url:
                raise TransportError("unknown") from error
            raise


class Denies(Broken):
    """Says that nothing was sent when an answer did not come."""

    def send(self, request):
        try:
            return super().send(request)
        except TransportError as error:
            if request.url.endswith("/vanish") and request.method == "POST":
                raise TransportError("gone", sent=False) from error
            raise


class EndsQuietly(Broken):
    def send(self, request):
        response = super().send(request)

        def quiet(parts):
            try:
                yield from parts
            except TransportTimeout:
                raise
            except TransportError:
                return

        return part(response, quiet)


class LeaksItsErrors(Broken):
    def send(self, request):
        if request.url.endswith("/garbage"):
            raise RuntimeError("an error of the library")
        return super().send(request)


def unbounded(path, **bounds):
    class Unbounded(Broken):
        def send(self, request):
            if request.url.endswith(path):
                timeouts = attrs.evolve(request.timeouts, **bounds)
                request = attrs.evolve(request, timeouts=timeouts)
            return super().send(request)

    return Unbounded


class CountsTheHead(Broken):
    """Lets the bound on the head count for the body as well."""

    def send(self, request):
        if request.stream and request.timeouts.head == 1.0:
            request = attrs.evolve(request, timeouts=Timeouts(head=1.0, total=1.0))
        return super().send(request)


class ReadsOn(Broken):
    def send(self, request):
        response = super().send(request)
        if request.url.endswith("/silent-body") and request.timeouts.idle == 20:
            return OpenResponse(200, response.headers, KeptBody(response))
        return response


class ClosesOnce(Broken):
    def close(self):
        if self._closed:
            raise RuntimeError("closed already")
        self._closed = True
        super().close()


BROKEN = {
    "gives_status_headers_and_body": LosesStatus,
    "sends_what_it_is_given": DropsHeaders,
    "sends_no_body_where_there_is_none": SendsABody,
    "keeps_repeated_headers_apart": MergesHeaders,
    "answers_errors_as_answers": RaisesStatus,
    "follows_no_redirect": Follows,
    "retries_nothing": Retries,
    "decodes_what_is_encoded": KeepsEncoding,
    "carries_large_bodies": Truncates,
    "gives_bytes_as_they_come": Collects,
    "lets_go_of_a_stream": Leaks,
    "sends_many_at_once": OneAtATime,
    "tells_a_refused_connection": MistakesRefusal,
    "tells_an_unknown_name": MistakesName,
    "tells_an_answer_that_never_came": Denies,
    "tells_a_body_that_was_cut": EndsQuietly,
    "tells_what_is_no_http": LeaksItsErrors,
    "bounds_the_wait_for_a_head": unbounded("/silent-head", head=2.5),
    "bounds_a_head_that_trickles": unbounded("/slow-head", head=2.5),
    "bounds_a_body_that_trickles": unbounded("/slow-body", total=2.5),
    "bounds_the_silence_of_a_stream": unbounded("/silent-body", idle=2.5),
    "lets_a_stream_outlast_its_head": CountsTheHead,
    "ends_a_cancelled_read": ReadsOn,
    "closes_twice": ClosesOnce,
}


def fails(name, make):
    transport = make()
    try:
        _run_blocking(CHECKS[name], transport)
    except Exception:
        return True
    finally:
        with suppress(RuntimeError):
            transport.close()
    return False


def test_every_check_has_a_broken_subject():
    assert set(CHECKS) == set(BROKEN)


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_a_broken_transport_fails_its_check(name, monkeypatch):
    monkeypatch.setattr(transport_contract, "_SLACK", 1.0)

    assert fails(name, BROKEN[name])


QUICK = sorted(name for name in CHECKS if not name.startswith(("bounds", "lets", "ends")))


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(BROKEN))
def test_a_broken_transport_fails_no_other_quick_check(name):
    others = [other for other in QUICK if other != name and fails(other, BROKEN[name])]

    assert [] == others
