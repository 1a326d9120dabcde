"""What makes a client of generated resources: its errors, its service, its two faces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from openwop_codegen.access import base_url_of, carrier_of, schemes_of, security_of, servers_of
from openwop_codegen.config import ClientConfig, Config
from openwop_codegen.docs import docstring
from openwop_codegen.loader import Place
from openwop_codegen.names import pascal
from openwop_codegen.rendering import Module, header, tuple_source

__all__ = ["ERRORS", "emit_errors", "emit_face", "emit_service", "error_root"]

ERRORS: Mapping[str, tuple[str, str]] = {
    "ConfigurationError": ("", "An argument or setting is wrong; nothing was sent."),
    "CapabilityNotSupportedError": ("", "The service does not offer what was asked."),
    "DeadlineExceededError": ("", "The deadline of the whole call passed."),
    "APIError": ("", "A call reached for the service and did not bring back what it should."),
    "APIConnectionError": ("APIError", "No answer came; `.sent` tells whether anything left."),
    "APITimeoutError": ("APIConnectionError", "One attempt took longer than `timeout`."),
    "APIStatusError": ("APIError", "The service answered with an error; `.body` is its body."),
    "BadRequestError": ("APIStatusError", "400: the request is malformed."),
    "AuthenticationError": ("APIStatusError", "401: the credential is missing or not good."),
    "PermissionDeniedError": ("APIStatusError", "403: the credential does not permit this."),
    "NotFoundError": ("APIStatusError", "404: there is no such thing."),
    "ConflictError": ("APIStatusError", "409: the state of the thing does not allow this."),
    "GoneError": ("APIStatusError", "410: it was there and is no more."),
    "UnprocessableEntityError": ("APIStatusError", "422: well-formed, but it cannot be done."),
    "RateLimitError": ("APIStatusError", "429: too many requests."),
    "InternalServerError": ("APIStatusError", "5xx: the service failed."),
    "APIResponseValidationError": ("APIError", "An answer that the description does not allow."),
    "StreamError": ("", "A stream of events could not go on."),
    "StreamStalledError": ("StreamError", "Nothing came for too long, again and again."),
    "StreamInterruptedError": ("StreamError", "The stream was cut and could not be resumed."),
}

_STATUSES = {
    400: "BadRequestError",
    401: "AuthenticationError",
    403: "PermissionDeniedError",
    404: "NotFoundError",
    409: "ConflictError",
    410: "GoneError",
    422: "UnprocessableEntityError",
    429: "RateLimitError",
}


def error_root(config: Config) -> str:
    """Return the name of the root of the client's errors."""
    client = config.client or ClientConfig()
    name = client.error or f"{pascal(config.top.rpartition('.')[2].removesuffix('_client'))}Error"
    return f"{name}_" if name in ERRORS else name


def emit_errors(config: Config) -> str:
    """Return the module of the client's errors."""
    root = error_root(config)
    lines = header(config, f"What can go wrong in a call of {config.service}.")
    lines += [
        "from openwop.runtime import errors as base",
        "from openwop.runtime.service import ServiceStatusError",
        "",
        f"__all__ = {sorted([root, *ERRORS])!r}",
        "",
        "",
        f"class {root}(base.SDKError):",
        f'    """The root of every error of this client of {config.service}."""',
    ]
    for name, (above, doc) in ERRORS.items():
        other = "ServiceStatusError" if name == "APIStatusError" else f"base.{name}"
        lines += ["", "", f"class {name}({above or root}, {other}):", f'    """{doc}"""']
    return "\n".join(lines) + "\n"


def emit_service(config: Config, root: Place) -> str:
    """Return the module of what the client knows of its service.

    Args:
        config: The configuration.
        root: The document.
    """
    client = config.client or ClientConfig()
    env = client.env
    url = base_url_of(root, config.origin) if client.base_url is None else client.base_url
    facts: list[tuple[str, Any, Any]] = [
        ("name", config.top, None),
        ("user_agent", f"{config.top}/{client.version} python", None),
        ("base_url", url, ""),
        ("env_base_url", client.env_base_url or (env and f"{env}_BASE_URL"), ""),
        ("env_api_key", client.env_api_key or (env and f"{env}_API_KEY"), ""),
        ("env_log", client.env_log or (env and f"{env}_LOG"), ""),
        ("carrier", client.carrier or carrier_of(root), "bearer"),
        ("key_required", client.key_required, False),
        ("idempotency_header", client.idempotency_header, ""),
        ("long_waits", client.long_waits, "raise"),
        ("headers", dict(client.headers), {}),
    ]
    arguments = [f"{name}={value!r}" for name, value, usual in facts if value != usual]
    arguments.insert(1, "errors=_ERRORS")
    imported = ["Service"]
    if client.retry == "everything":
        arguments.append("retry=RetryPolicy(unsafe=True)")
    if set(client.retry_statuses) != {408, 425, 429}:
        arguments.append(f"retry_statuses=frozenset({{{_listed(client.retry_statuses)}}})")
    if config.envelope is not None:
        imported.append("Envelope")
        one = config.envelope
        arguments.append(f"envelope=Envelope({one.paths!r}, {one.member!r}, {one.meta!r})")
    servers, schemes = servers_of(root), schemes_of(root)
    if len(servers) > 1 or any(one.variables for one in servers):
        imported.append("Server")
        made = [_call("Server", (one.url, one.name, dict(one.variables))) for one in servers]
        arguments.append(f"servers={tuple_source(made)}")
    known = {name: scheme for name, scheme in schemes.items() if scheme.carrier}
    if len(known) > 1 or any(scheme.token_url for scheme in known.values()):
        imported.append("Scheme")
        told = [
            f"{name!r}: {_call('Scheme', (one.carrier, one.token_url, one.scopes, one.url))}"
            for name, one in known.items()
        ]
        arguments.append(f"schemes={{{', '.join(told)}}}")
    if security_of(root):
        arguments.append(f"security={security_of(root)!r}")
    rules = dict(sorted(config.streams.items()))
    if rules:
        imported.append("StreamRule")
        entries: list[str] = []
        for op, rule in rules.items():
            usual = attrs.asdict(type(rule)())
            said = attrs.asdict(rule)
            parts = [f"{k}={v!r}" for k, v in said.items() if v != usual[k] and k != "end"]
            entries.append(f"{op!r}: StreamRule({', '.join(parts)})")
        arguments.append(f"streams={{{', '.join(entries)}}}")
    lines = header(config, f"What the client knows of {config.service}.")
    lines += [
        "from typing import Final",
        "",
        f"from {config.package} import errors",
        "from openwop.runtime import ErrorClasses, RetryPolicy",
        f"from openwop.runtime.service import {', '.join(imported)}",
        "",
        '__all__ = ["SERVICE"]',
        "",
        "_ERRORS: Final = ErrorClasses(",
        "    configuration=errors.ConfigurationError,",
        "    capability=errors.CapabilityNotSupportedError,",
        "    deadline=errors.DeadlineExceededError,",
        "    connection=errors.APIConnectionError,",
        "    timeout=errors.APITimeoutError,",
        "    status=errors.APIStatusError,",
        "    server=errors.InternalServerError,",
        "    validation=errors.APIResponseValidationError,",
        "    stream=errors.StreamError,",
        "    stalled=errors.StreamStalledError,",
        "    interrupted=errors.StreamInterruptedError,",
        "    by_status={",
        *(f"        {status}: errors.{name}," for status, name in _STATUSES.items()),
        "    },",
        ")",
        "",
        f"SERVICE: Final = Service({', '.join(arguments)})",
    ]
    return "\n".join(lines) + "\n"


def _call(name: str, arguments: tuple[Any, ...]) -> str:
    """Return the source of a call without the empty arguments at its end."""
    given = list(arguments)
    while given and not given[-1]:
        given.pop()
    return f"{name}({', '.join(repr(value) for value in given)})"


def _listed(values: tuple[int, ...]) -> str:
    return ", ".join(str(value) for value in sorted(values))


def emit_face(config: Config) -> Module:
    """Return the module of the two clients."""
    module = Module(name="face", doc=f"The clients of {config.service}.")
    imports = module.imports
    imports.add("functools", "cached_property")
    imports.add("typing", "ClassVar")
    imports.add("openwop.runtime.service", "Service")
    imports.add(f"{config.package}.service", "SERVICE")
    for prefix, word in (("", "blocking"), ("Async", "asynchronous")):
        views = f"{prefix}RawResources", f"{prefix}StreamedResources"
        imports.add(f"{config.package}.client", f"{prefix}Resources", *views)
        lines = [f"class {prefix}Client({prefix}Resources):"]
        lines += docstring(
            f"The {word} client of {config.service}; `ClientOptions` lists what it takes.",
            ["Use it inside `async with`." if prefix else "Thread-safe; use it inside `with`."],
        )
        lines += [
            "",
            "    _service: ClassVar[Service] = SERVICE",
            "",
            "    @cached_property",
            f"    def with_raw_response(self) -> {views[0]}:",
            '        """The same methods, returning `ApiResponse` with status and headers."""',
            f'        return {views[0]}(self._copied(mode="raw"))',
            "",
            "    @cached_property",
            f"    def with_streaming_response(self) -> {views[1]}:",
            '        """The same methods, whose body is read only when asked."""',
            f'        return {views[1]}(self._copied(mode="streamed"))',
        ]
        module.body += [*lines, "", ""]
        module.exported.append(f"{prefix}Client")
    return module
