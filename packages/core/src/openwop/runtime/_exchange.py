"""One logical call as a plan: which request goes out, what came back, and whether to try again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar, cast

import attrs

from openwop.runtime import _build, _failures
from openwop.runtime._auth import AuthProvider, Credential, credential_plan
from openwop.runtime._call import Call, CallOptions, MutationOptions, check_options
from openwop.runtime._core import Core, Settings, check_seconds, logger
from openwop.runtime._dialect import ErrorFacts
from openwop.runtime._effects import (
    AnyOpenResponse,
    BodyTooLargeError,
    OutOfTimeError,
    Plan,
    Send,
    Sleep,
)
from openwop.runtime._operation import Operation, Route
from openwop.runtime._redirects import (
    MAX_REDIRECTS,
    REDIRECTS,
    following,
    redacted,
    same_origin,
)
from openwop.runtime._retry import IDEMPOTENT_METHODS
from openwop.runtime.errors import APIError, ConfigurationError, SDKError
from openwop.wire import Headers, Request, Response, Timeouts, TransportError, TransportTimeout

__all__ = ["Exchange"]

T = TypeVar("T")

READING = frozenset({"GET", "HEAD", "OPTIONS"})


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

    Raises:
        ConfigurationError: An argument is wrong or missing, or a credential is missing.
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
        # A client's deadline is meant for calls that answer, not for streams that run on.
        self.timeout = settings.timeout
        self.deadline = None if streaming else settings.deadline
        self.policy = settings.retry
        if options:
            self._take_options(options)
        self.deadline_at = None if self.deadline is None else core.now() + self.deadline
        self.last_error: SDKError | None = None
        self.ambiguous = False
        self.route: Route | None = None
        self.variant = ""
        self.idle: float | None = None
        self.elapsed = 0.0
        self._request: Request | None = None
        self._own_key = False
        self._renewed = False
        self._hurried = False
        self._check()

    def _take_options(self, options: CallOptions) -> None:
        """Let what the caller said about this call replace the client's settings."""
        reads = all(route.method in READING for route in self.operation.routes.values())
        kind = CallOptions if reads else MutationOptions
        check_options(self.operation.name, kind, options, self.arguments)
        if "timeout" in options:
            self.timeout = options["timeout"]
            if self.timeout is not None:
                self._refusing(check_seconds, "timeout", self.timeout)
        if "deadline" in options:
            self.deadline = options["deadline"]
        policy = options.get("retry")
        if policy is not None:
            self.policy = policy

    def _check(self) -> None:
        """Refuse what no variant of the service would take, before anything is sent.

        Choosing the variant may take a request of its own, and a mistake should not cost one.
        """
        operation, settings = self.operation, self.settings
        self._refusing(_build.check, operation, self.arguments)
        extra = self.options.get("extra_headers")
        if extra:
            self._refusing(_build.check_headers, operation.name, extra.items())
        if settings.provider is None and _build.needs_credential(operation):
            given = Headers(settings.headers).merged(cast("Mapping[str, str]", extra or {}))
            if not self.core.dialect.carries_key(given):
                raise self.core.dialect.absent(operation, next(iter(operation.routes.values())))

    # -- time -----------------------------------------------------------------------------------

    def left(self) -> float | None:
        """Return the seconds until the deadline; None without one."""
        return None if self.deadline_at is None else self.deadline_at - self.core.now()

    def attempt_timeout(self) -> float | None:
        """Return the seconds that one attempt may take; None for no bound."""
        return self.core.dialect.attempt_timeout(self.operation, self.arguments, self.timeout)

    def _timeouts(self) -> Timeouts:
        left = self.left()
        if left is not None and left <= 0:
            raise self.out_of_time("waiting to send") from self.last_error
        bound = self.attempt_timeout()
        self._hurried = left is not None and (bound is None or left <= bound)
        head = left if self._hurried else bound
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
        self._refusing(self._prepare, variant)

    def _refusing(self, function: Callable[..., T], *args: Any) -> T:
        """Call *function*; what the runtime refuses is raised as the client's own class of it."""
        try:
            return function(*args)
        except ConfigurationError as exc:
            raise self._own(exc) from exc.__cause__

    def _own(self, exc: ConfigurationError) -> ConfigurationError:
        own = self.core.dialect.errors.configuration
        return exc if isinstance(exc, own) else own(str(exc))

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
            to_wire=partial(dialect.write, route),
            extra_query=self.options.get("extra_query"),
            extra_body=self.options.get("extra_body"),
        )
        call.path_params = draft.path_params
        call.method, call.path_template = route.method, route.path
        headers: dict[str, str] = {"User-Agent": dialect.user_agent, **draft.headers}
        headers.update(dialect.headers(route, variant))
        headers.update(self._idempotency(route))
        merged = Headers(headers).merged(self.settings.headers)
        merged = merged.merged(cast("Mapping[str, str]", self.options.get("extra_headers") or {}))
        self._own_key = self.core.dialect.carries_key(merged)  # which may be none on purpose
        merged = _build.without_unset(merged)
        _build.check_request_headers(self.operation.name, merged)
        base = _build.base_of(route, core.base_url)
        self._request = Request(
            route.method,
            base + draft.target,
            merged,
            draft.body,
            stream=self.streaming,
            shown_url=base + draft.shown,
        )

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
        request = self._prepared()
        if name not in request.headers:
            self._request = attrs.evolve(request, headers=request.headers.merged({name: value}))

    # -- sending --------------------------------------------------------------------------------

    def once(self) -> Plan[Response | AnyOpenResponse]:
        """Send the request once, with its redirects, and once more where a credential was renewed.

        Returns:
            The answer of whatever status; an open one where the body is to be read as a stream.

        Raises:
            TransportError: Nothing came back.
            BodyTooLargeError: The answer is larger than the client accepts.
        """
        assert self.route is not None
        base = self._prepared()
        provider = self.settings.provider
        if self.route.credential == "none" or self._own_key:
            provider = None
        credential: Credential = None
        if provider is not None:
            credential = yield from self._credential(provider, base, None)
            if credential is None and self.route.credential == "required":
                raise self.core.dialect.absent(self.operation, self.route)
        answer = yield from self._followed(base, credential)
        if answer.status_code == 401 and credential is not None and not self._renewed:
            assert provider is not None
            renewed = yield from self._credential(provider, base, credential)
            if renewed is not None and renewed != credential:
                self._renewed = True
                logger.info(
                    "%s: the credential was refused; repeating with a new one", self.operation.name
                )
                answer = yield from self._followed(base, renewed)
        return answer

    def _credential(
        self, provider: AuthProvider, request: Request, refused: Credential
    ) -> Plan[Credential]:
        try:
            return (
                yield from credential_plan(
                    provider, request, refused, is_async=self.core.is_async, left=self.left
                )
            )
        except OutOfTimeError as exc:
            raise self.out_of_time("waiting for a credential") from exc.__cause__
        except ConfigurationError as exc:
            raise self._own(exc) from exc.__cause__

    def _prepared(self) -> Request:
        assert self._request is not None
        return self._request

    def _followed(
        self, request: Request, credential: Credential
    ) -> Plan[Response | AnyOpenResponse]:
        """Send *request* and follow redirects, never taking a credential to another origin."""
        self.call.attempt += 1
        for _ in range(MAX_REDIRECTS):
            answer = yield from self._send(request, credential)
            location = answer.headers.get("location")
            if answer.status_code not in REDIRECTS or location is None:
                return answer
            target = following(request, answer.status_code, location)
            if target is None:
                return answer
            if not same_origin(target.url, request.url):
                credential = None
            request = target
        return (yield from self._send(request, credential))

    def _send(self, request: Request, credential: Credential) -> Plan[Response | AnyOpenResponse]:
        call, hooks = self.call, self.core.hooks
        timeouts = self._timeouts()
        url, headers = request.url, request.headers
        if credential is not None:
            url, carried = self.core.dialect.signed(url, credential)
            if "Cookie" in carried and "Cookie" in headers:  # one header holds every cookie
                carried = {**carried, "Cookie": f"{headers['Cookie']}; {carried['Cookie']}"}
            headers = headers.merged(carried)
        request = Request(
            request.method,
            url,
            headers,
            request.body,
            timeouts,
            request.stream,
            shown_url=request.shown_url,
        )
        if hooks.headers is not None:
            request = self._refusing(hooks.request_headers, call, request)
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
        self.elapsed = self.core.now() - started
        logger.debug(
            "%s %s attempt %d: %d (%.3f s)",
            request.method,
            request.shown_url,
            call.attempt,
            answer.status_code,
            self.elapsed,
        )
        if hooks.response is not None:
            hooks.response(call=call, response=_head_of(answer, request))
        return answer

    # -- trying again ---------------------------------------------------------------------------

    def run(self) -> Plan[Response | AnyOpenResponse]:
        """Prepare, send, and try again as the policy allows.

        Returns:
            A success; an open one where the body is to be read as a stream.

        Raises:
            SDKError: As the dialect's errors say.
        """
        yield from self.prepare()
        ready = self.core.dialect.ready(self)
        if ready is not None:
            return ready
        answer = yield from self.attempts()
        if not isinstance(answer, Response):
            return answer
        answer = self.core.dialect.answered(self, answer)
        if answer.status_code == 304:  # the caller asked with If-None-Match, and keeps what it has
            facts = self.core.dialect.read_error(answer, self.variant)
            raise self.status_error(answer, facts, None)
        return answer

    def attempts(self, final: frozenset[int] = frozenset()) -> Plan[Response | AnyOpenResponse]:
        """Send until there is a success or no reason to try again.

        Args:
            final: Statuses that are answers to the caller, although they are no successes.
        """
        number = 0
        recovered = self._renewed = False
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
                if isinstance(exc, TransportTimeout) and self._hurried:
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
                asked = self.core.dialect.asked_wait(outcome, self.core.wall)
                if asked is None:
                    asked = facts.retry_after
                error = self.status_error(outcome, facts, asked)
                retryable = facts.wait or self.core.dialect.is_retryable(facts, outcome.status_code)
                safe = facts.wait or self._is_safe(sent=True)
            cause = outcome if isinstance(outcome, TransportError) else None
            self.last_error = error
            self.ambiguous = self.ambiguous or _may_have_been_taken(outcome, facts)
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
            or self.policy.unsafe
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
        delay = max(0.0, delay)
        if left is not None and delay >= left:
            raise self.out_of_time(f"waiting {delay:.2f} s to try again") from error
        return delay

    # -- errors ---------------------------------------------------------------------------------

    def sent_request(self) -> Request | None:
        """Return the request as an error may carry it."""
        return redacted(self._request) if self._request is not None else None

    def out_of_time(self, doing: str) -> SDKError:
        """Return the error that says that the deadline passed while *doing* something."""
        return _failures.deadline_error(self, doing)

    def connection_error(self, exc: TransportError) -> SDKError:
        """Return the error for an exchange that brought nothing back."""
        return _failures.connection_error(self, self._prepared(), exc)

    def reading_error(self, exc: TransportError) -> SDKError:
        """Return the error for a body that broke, or that was not read in time."""
        error = self.connection_error(exc)
        left = self.left()
        if left is None or left > 0:
            return error
        self.last_error = error
        return self.out_of_time("reading the answer")

    def too_large(self, exc: BodyTooLargeError) -> APIError:
        """Return the error for an answer over the size limit."""
        return _failures.too_large_error(self, self._prepared(), exc)

    def status_error(
        self, response: Response, facts: ErrorFacts, retry_after: float | None
    ) -> SDKError:
        """Return the error for an error answer."""
        return _failures.status_error(self, self._prepared(), response, facts, retry_after)

    def validation_error(self, response: Response, message: str, path: str = "") -> APIError:
        """Return the error for a success whose body is not what the description allows."""
        return _failures.validation_error(self, self._request, response, message, path)


def _may_have_been_taken(outcome: Response | TransportError, facts: ErrorFacts | None) -> bool:
    """Tell whether the service may have acted on an attempt that ended like this.

    An exchange that broke after something was sent, or a server's failure, leaves it open.  So does
    the word that a request under the same key is being worked on.  Any other answer is a refusal.
    """
    if isinstance(outcome, TransportError):
        return outcome.sent
    return outcome.status_code >= 500 or (facts is not None and facts.wait)


def _head_of(answer: Response | AnyOpenResponse, request: Request) -> Response:
    """Return *answer* as plain data: an open one without its body."""
    if isinstance(answer, Response):
        return answer
    return Response(answer.status_code, answer.headers, b"", request.shown_url)
