"""One logical call as a plan: which request goes out, what came back, and whether to try again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, cast
from urllib.parse import urljoin, urlsplit

import attrs

from openwop.runtime import _build
from openwop.runtime._auth import AuthProvider, Credential, credential_headers, credential_plan
from openwop.runtime._call import Call, CallOptions
from openwop.runtime._codec import to_wire
from openwop.runtime._core import Core, Settings, logger
from openwop.runtime._dialect import ErrorFacts, trace_id_of
from openwop.runtime._effects import AnyOpenResponse, BodyTooLargeError, Plan, Send, Sleep
from openwop.runtime._operation import Operation, Route
from openwop.runtime._retry import IDEMPOTENT_METHODS, RetryPolicy, parse_retry_after
from openwop.runtime.errors import APIError, ConfigurationError, SDKError
from openwop.wire import (
    ConnectError,
    Headers,
    Request,
    Response,
    Timeouts,
    TransportError,
    TransportTimeout,
)

__all__ = ["Exchange", "redacted"]

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_MAX_REDIRECTS: Final = 5
_UNSET: Final = object()


def redacted(request: Request) -> Request:
    """Return *request* as an error may carry it: no credentials, no body, no secret in its URL."""
    kept = [
        (name, value)
        for name, value in request.headers.items_raw()
        if "[redacted]" not in repr(Headers({name: value}))
    ]
    return Request(
        request.method, request.shown_url, Headers(kept), None, request.timeouts, request.stream
    )


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    default = {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, parts.hostname or "", parts.port or default


class Exchange:
    """The requests of one logical call: built once, sent as often as the policy allows.

    Args:
        core: The shared part of the client.
        settings: The settings of the client.
        operation: The operation.
        arguments: Its arguments by Python name.
        options: What the caller said about this call.
        call: The call, as plugins see it.
        streaming: Whether a success is read as a stream.
    """

    def __init__(
        self,
        core: Core,
        settings: Settings,
        operation: Operation[Any],
        arguments: Mapping[str, Any],
        options: CallOptions,
        call: Call,
        *,
        streaming: bool = False,
    ) -> None:
        self.core = core
        self.settings = settings
        self.operation = operation
        self.arguments = arguments
        self.options = options
        self.call = call
        self.streaming = streaming
        timeout = options.get("timeout", _UNSET)
        self.timeout = settings.timeout if timeout is _UNSET else cast("float | None", timeout)
        policy = options.get("retry")
        self.policy: RetryPolicy = policy if policy is not None else settings.retry
        self.deadline_at = self._deadline_at()
        self.last_error: SDKError | None = None
        self.route: Route | None = None
        self.variant = ""
        self.idle: float | None = None
        self._request: Request | None = None

    def _deadline_at(self) -> float | None:
        seconds = self.options.get("deadline", _UNSET)
        if seconds is _UNSET:
            # A client's deadline is meant for calls that answer, not for streams that run on.
            seconds = None if self.streaming else self.settings.deadline
        return None if seconds is None else self.core.now() + cast("float", seconds)

    # -- time -----------------------------------------------------------------------------------

    def left(self) -> float | None:
        """Return the seconds until the deadline; None without one."""
        return None if self.deadline_at is None else self.deadline_at - self.core.now()

    def out_of_time(self, doing: str) -> SDKError:
        """Return the error that says that the deadline passed."""
        seconds = self.options.get("deadline") or self.settings.deadline
        after = f"; the last attempt: {self.last_error}" if self.last_error else ""
        bound = f" of {seconds:g} s" if seconds is not None else ""
        return self.core.dialect.errors.deadline(
            f"{self.operation.name}: the deadline{bound} passed while {doing}{after}",
            last_error=self.last_error,
            attempts=self.call.attempt,
        )

    def _timeouts(self) -> Timeouts:
        left = self.left()
        if left is not None and left <= 0:
            raise self.out_of_time("waiting to send") from self.last_error
        bound = self.core.dialect.attempt_timeout(self.operation, self.arguments, self.timeout)
        head = bound if left is None else left if bound is None else min(bound, left)
        if self.streaming:
            return Timeouts(head=head, total=left, idle=self.idle)
        return Timeouts(head=head, total=head, idle=None)

    # -- preparing ------------------------------------------------------------------------------

    def prepare(self) -> Plan[None]:
        """Choose the variant and build the request.

        Raises:
            ConfigurationError: An argument is wrong, or a credential is missing.
            CapabilityNotSupportedError: The service lacks the operation or an argument of it.
        """
        variant = yield from self.core.dialect.choose(self)
        self.prepare_for(variant)

    def prepare_for(self, variant: str) -> None:
        """Build the request for *variant*, which is already chosen."""
        with self._own_errors():
            self._prepare(variant)

    @contextmanager
    def _own_errors(self) -> Iterator[None]:
        """Raise what the runtime finds wrong as the client's own class of it."""
        own = self.core.dialect.errors.configuration
        try:
            yield
        except ConfigurationError as exc:
            if isinstance(exc, own):
                raise
            raise own(str(exc)) from exc.__cause__

    def _prepare(self, variant: str) -> None:
        core, dialect, call = self.core, self.core.dialect, self.call
        self.variant = call.variant = variant
        route = self.route = dialect.route(core, self.operation, variant)
        unknown = _build.unknown_arguments(route, self.arguments)
        if unknown:
            raise dialect.unknown_arguments(self.operation, unknown, variant)
        draft = _build.build(
            route,
            self.arguments,
            operation=self.operation.name,
            translate=lambda parameter, value: dialect.translate(parameter, value, variant),
            to_wire=to_wire,
            extra_query=self.options.get("extra_query"),
        )
        call.path_params = draft.path_params
        call.method, call.path_template = route.method, route.path
        headers: dict[str, str] = {"User-Agent": dialect.user_agent, **draft.headers}
        headers.update(dialect.headers(route, variant))
        headers.update(self._idempotency(route))
        merged = Headers(headers).merged(self.settings.headers)
        merged = merged.merged(self.options.get("extra_headers") or {})
        base = route.server or core.base_url
        self._request = Request(
            route.method,
            base + draft.target,
            merged,
            draft.body,
            stream=self.streaming,
            shown_url=base + draft.shown,
        )
        if (
            route.credential == "required"
            and self.settings.provider is None
            and "authorization" not in merged
        ):
            raise dialect.absent(self.operation, route)

    def _idempotency(self, route: Route) -> dict[str, str]:
        name = self.core.dialect.idempotency_header
        if not name or route.method in {"GET", "HEAD", "OPTIONS"}:
            return {}
        given = cast("dict[str, Any]", self.options).get("idempotency_key")
        if given is not None:
            self.core.dialect.check_key(given, self.variant)
            self.call.idempotency_key = given
        elif not self.call.idempotency_key:
            self.call.idempotency_key = self.core.new_key()
        return {name: self.call.idempotency_key}

    def add_header(self, name: str, value: str) -> None:
        """Set a header of the prepared request, unless the caller set it."""
        assert self._request is not None
        if name not in self._request.headers:
            self._request = attrs.evolve(
                self._request, headers=self._request.headers.merged({name: value})
            )

    # -- sending --------------------------------------------------------------------------------

    def once(self, extra: Mapping[str, str] | None = None) -> Plan[Response | AnyOpenResponse]:
        """Send the request once, with its redirects, and once more where a credential was renewed.

        Returns:
            The answer of whatever status; an open one where the body is to be read as a stream.

        Raises:
            TransportError: Nothing came back.
            BodyTooLargeError: The answer is larger than the client accepts.
        """
        assert self._request is not None
        assert self.route is not None
        base = self._request
        if extra:
            base = attrs.evolve(base, headers=base.headers.merged(extra))
        provider = self.settings.provider if self.route.credential != "none" else None
        if "authorization" in base.headers:
            provider = None
        credential: Credential = None
        if provider is not None:
            credential = yield from self._credential(provider, base, None)
            if credential is None and self.route.credential == "required":
                raise self.core.dialect.absent(self.operation, self.route)
        answer = yield from self._followed(base, credential)
        if answer.status_code == 401 and provider is not None and credential is not None:
            renewed = yield from self._credential(provider, base, credential)
            if renewed is not None and renewed != credential:
                logger.info(
                    "%s: the credential was refused; repeating with a new one", self.operation.name
                )
                answer = yield from self._followed(base, renewed)
        return answer

    def _credential(
        self, provider: AuthProvider, request: Request, refused: Credential
    ) -> Plan[Credential]:
        with self._own_errors():
            return (yield from credential_plan(provider, request, refused))

    def _followed(self, base: Request, credential: Credential) -> Plan[Response | AnyOpenResponse]:
        """Send *base* and follow redirects, never taking a credential to another origin."""
        request = base
        trusted = True
        for _ in range(_MAX_REDIRECTS + 1):
            answer = yield from self._send(request, credential if trusted else None)
            location = answer.headers.get("location")
            if answer.status_code not in _REDIRECTS or location is None:
                return answer
            target = urljoin(request.url, location)
            following = self._redirect(request, answer.status_code, target)
            if following is None:
                return answer
            trusted = trusted and _origin(target) == _origin(base.url)
            request = following
        return answer

    def _redirect(self, request: Request, status: int, target: str) -> Request | None:
        """Return the request that follows a redirect; None where it must not be followed."""
        here, there = _origin(request.url), _origin(target)
        if there[0] not in {"http", "https"} or (here[0] == "https" and there[0] == "http"):
            return None
        if request.method in {"GET", "HEAD"}:
            headers = request.headers
            if here != there:
                headers = headers.without(
                    "authorization",
                    "proxy-authorization",
                    "cookie",
                    self.core.dialect.idempotency_header,
                )
            return attrs.evolve(request, url=target, headers=headers, shown_url=target)
        # A body goes on only where the answer says "the same request" and the origin is the same.
        if status in {307, 308} and here == there:
            return attrs.evolve(request, url=target, shown_url=target)
        return None

    def _send(self, request: Request, credential: Credential) -> Plan[Response | AnyOpenResponse]:
        call, hooks = self.call, self.core.hooks
        call.attempt += 1
        timeouts = self._timeouts()
        headers = (
            request.headers.merged(credential_headers(credential))
            if credential
            else (request.headers)
        )
        request = Request(
            request.method,
            request.url,
            headers,
            request.body,
            timeouts,
            request.stream,
            shown_url=request.shown_url,
        )
        if hooks.headers is not None:
            request = hooks.request_headers(call, request)
        started = self.core.now()
        try:
            answer: Response | AnyOpenResponse = yield Send(
                request, self.settings.max_response_bytes
            )
        except TransportError as exc:
            logger.debug(
                "%s %s attempt %d: %s (%.3f s)",
                request.method,
                request.shown_url,
                call.attempt,
                exc,
                self.core.now() - started,
            )
            raise
        logger.debug(
            "%s %s attempt %d: %d (%.3f s)",
            request.method,
            request.shown_url,
            call.attempt,
            answer.status_code,
            self.core.now() - started,
        )
        if hooks.response is not None:
            hooks.response(call=call, response=head_of(answer))
        return answer

    # -- trying again ---------------------------------------------------------------------------

    def run(self) -> Plan[Response | AnyOpenResponse]:
        """Prepare, send, and try again as the policy allows.

        Returns:
            A success, or 304; an open one where the body is to be read as a stream.

        Raises:
            SDKError: As the dialect's errors say.
        """
        yield from self.prepare()
        ready = self.core.dialect.ready(self)
        if ready is not None:
            return ready
        answer = yield from self.attempts()
        return self.core.dialect.answered(self, answer) if isinstance(answer, Response) else answer

    def attempts(self, final: frozenset[int] = frozenset()) -> Plan[Response | AnyOpenResponse]:
        """Send until there is a success or no reason to try again.

        Args:
            final: Statuses that are answers to the caller, although they are no successes.
        """
        number = 0
        recovered = False
        while True:
            number += 1
            facts: ErrorFacts | None = None
            asked: float | None = None
            try:
                answer = yield from self.once()
            except BodyTooLargeError as exc:
                raise self.too_large(exc) from None
            except TransportError as exc:
                outcome: Response | TransportError = exc
                error: SDKError = self.connection_error(exc)
                retryable, safe = True, self._is_safe(sent=exc.sent)
                left = self.left()
                if isinstance(exc, TransportTimeout) and left is not None and left <= 0:
                    self.last_error = error
                    raise self.out_of_time("waiting for the answer") from exc
            else:
                status = answer.status_code
                if status < 300 or status == 304 or status in final:
                    if number == 1:
                        self.core.tokens(self.policy).give_back()
                    return answer
                outcome = cast("Response", answer)
                facts = self.core.dialect.read_error(outcome, self.variant)
                if not recovered:
                    recovered = yield from self.core.dialect.recover(self, facts, outcome)
                    if recovered:
                        number -= 1
                        continue
                asked = parse_retry_after(outcome.headers.get("retry-after"), self.core.wall)
                if asked is None:
                    asked = facts.retry_after
                error = self.status_error(outcome, facts, asked)
                retryable = facts.wait or self.core.dialect.is_retryable(facts, outcome.status_code)
                safe = facts.wait or self._is_safe(sent=True)
            cause = outcome if isinstance(outcome, TransportError) else None
            self.last_error = error
            if not (retryable and safe) or number >= self.policy.attempts:
                raise error from cause
            delay = self._delay(outcome, asked, number, error)
            if not self.core.tokens(self.policy).take():
                logger.info("%s: no retry, the client's retry budget is spent", self.operation.name)
                raise error from cause
            if self.core.hooks.retry is not None:
                self.core.hooks.retry(call=self.call, outcome=outcome, attempt=number, delay=delay)
            logger.info(
                "%s: attempt %d failed (%s); trying again in %.2f s",
                self.operation.name,
                number,
                outcome if isinstance(outcome, TransportError) else outcome.status_code,
                delay,
            )
            yield Sleep(delay)

    def _is_safe(self, *, sent: bool) -> bool:
        assert self.route is not None
        return (
            not sent
            or self.route.method in IDEMPOTENT_METHODS
            or (self.route.idempotency and bool(self.call.idempotency_key))
        )

    def _delay(
        self,
        outcome: Response | TransportError,
        asked: float | None,
        number: int,
        error: SDKError,
    ) -> float:
        """Return the wait before the next attempt, or raise where it is not worth waiting."""
        cause = outcome if isinstance(outcome, TransportError) else None
        left = self.left()
        if asked is not None:
            if asked > self.policy.max_retry_after or (left is not None and asked >= left):
                raise error from cause
            return asked
        delay: float | None = None
        if self.core.hooks.retry_delay is not None:
            delay = self.core.hooks.retry_delay(call=self.call, outcome=outcome)
        if delay is None:
            delay = self.policy.backoff(number, self.core.uniform)
        if left is not None and delay >= left:
            raise self.out_of_time(f"waiting {delay:.2f} s to try again") from error
        return delay

    # -- errors ---------------------------------------------------------------------------------

    def sent_request(self) -> Request | None:
        """Return the request as an error may carry it."""
        return redacted(self._request) if self._request is not None else None

    def connection_error(self, exc: TransportError) -> SDKError:
        """Return the error for an exchange that brought nothing back."""
        assert self._request is not None
        errors = self.core.dialect.errors
        where = urlsplit(self._request.shown_url)
        host = f"{where.scheme}://{where.netloc}"
        fields: dict[str, Any] = {
            "sent": exc.sent,
            "request": self.sent_request(),
            "attempts": self.call.attempt,
        }
        if isinstance(exc, TransportTimeout):
            bound = self.core.dialect.attempt_timeout(self.operation, self.arguments, self.timeout)
            limit = f" within {bound:g} s" if bound is not None else ""
            msg = (
                f"{self.operation.name}: no answer from {host}{limit} ({exc}); raise timeout= if "
                "the host needs longer"
            )
            return errors.timeout(msg, **fields)
        if isinstance(exc, ConnectError):
            msg = (
                f"{self.operation.name}: cannot reach {host} ({exc}); check base_url and that "
                "the host is running"
            )
        else:
            msg = f"{self.operation.name}: the exchange with {host} broke ({exc})"
        return errors.connection(msg, **fields)

    def too_large(self, exc: BodyTooLargeError) -> SDKError:
        """Return the error for an answer over the size limit."""
        msg = (
            f"{self.operation.name}: the answer is larger than max_response_bytes "
            f"({exc.limit} bytes); raise the limit with Client(max_response_bytes=...) if that is "
            "meant to be"
        )
        return self.core.dialect.errors.validation(
            msg,
            status_code=exc.response.status_code,
            request=self.sent_request(),
            response=exc.response,
            trace_id=trace_id_of(exc.response),
        )

    def status_error(
        self, response: Response, facts: ErrorFacts, retry_after: float | None
    ) -> SDKError:
        """Return the error for an error answer."""
        assert self.route is not None
        said = ": ".join(part for part in (facts.code, facts.detail) if part)
        text = f"{self.operation.name} failed: {response.status_code}"
        if said:
            text = f"{text} {said}"
        elif response.body:
            kind = response.headers.get("content-type", "no content type")
            text = f"{text} (no error document: {len(response.body)} bytes of {kind})"
        if response.status_code in _REDIRECTS:
            text = f"{text}; the redirect leads elsewhere and was not followed"
        if facts.remedy:
            text = f"{text.rstrip('.')}. {facts.remedy}"
        return self.core.dialect.error(
            self.core,
            self.operation,
            self.route,
            facts,
            response,
            {
                "message": text,
                "status_code": response.status_code,
                "trace_id": trace_id_of(response),
                "retry_after": retry_after,
                "request": self.sent_request(),
                "response": response,
                "attempts": self.call.attempt,
            },
        )

    def validation_error(self, response: Response, message: str, path: str = "") -> APIError:
        """Return the error for a success whose body is not what the description allows."""
        return self.core.dialect.errors.validation(
            f"{self.operation.name}: {message}",
            path=path,
            status_code=response.status_code,
            request=self.sent_request(),
            response=response,
            trace_id=trace_id_of(response),
        )


def head_of(answer: Response | AnyOpenResponse) -> Response:
    """Return *answer* as plain data: an open one without its body."""
    if isinstance(answer, Response):
        return answer
    return Response(answer.status_code, answer.headers, b"", answer.url)
