"""The hooks: what plugins may implement, and how one client calls them.

Each client has a plugin manager of its own, so that tests and tenants share nothing.  The
entry-point group `openwop` is scanned once per process.  A hook that nobody implements is bound to
nothing when the client is made, so the request path does not pay for it.
"""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from contextvars import Context, copy_context
from importlib.metadata import EntryPoint, entry_points
from types import TracebackType
from typing import Any, Final, TypeAlias, TypeVar, cast

import attrs
import pluggy

from openwop.runtime._build import check_headers
from openwop.runtime._call import Call
from openwop.runtime._retry import RetryPolicy
from openwop.runtime.errors import ConfigurationError
from openwop.wire import AsyncTransport, Request, Response, Transport, TransportError

__all__ = ["CallScope", "Hooks", "Options", "Outcome", "hookimpl", "hookspec"]

T = TypeVar("T")

PROJECT: Final = "openwop"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)

Outcome: TypeAlias = "Response | TransportError"


@attrs.frozen
class Options:
    """The settings of a client, as `openwop_transport` sees them; the credential is not among them.

    Attributes:
        service: The service's name.
        timeout: Seconds that one attempt may take.
        deadline: Seconds that a whole call may take.
        retry: The retry policy.
        headers: The headers sent with every request.
        max_response_bytes: The most bytes of an answer that is read whole.
        validation: `tolerant` or `strict`.
    """

    service: str
    timeout: float | None
    deadline: float | None
    retry: RetryPolicy
    headers: Mapping[str, str] = attrs.field(repr=False)
    max_response_bytes: int | None
    validation: str


class Specs:
    """The hook specifications; plugins implement them as plain functions of the same names."""

    @hookspec(firstresult=True)
    def openwop_transport(
        self, base_url: str, options: Options, is_async: bool
    ) -> Transport | AsyncTransport | None:
        """Choose the transport of a new client.  The first answer wins; None means "not mine".

        Called once when a client is made without `transport=`.

        Args:
            base_url: The client's base URL; its scheme may be any.
            options: The client's settings.
            is_async: Whether an `AsyncTransport` is wanted.
        """

    @hookspec
    def openwop_call(self, call: Call) -> AbstractContextManager[object] | None:
        """Surround one logical call, its retries and the reading of its stream.

        A returned context manager is entered before the first attempt, in a context of its own
        (`contextvars.copy_context`), so that what it sets is current while the client sends, waits
        and reads, and never in the caller's loop body.  It is exited once, with the error if there
        is one, from whichever task or thread ends the call.  It cannot swallow an exception.

        Args:
            call: The call.
        """

    @hookspec
    def openwop_request_headers(self, call: Call, request: Request) -> Mapping[str, str] | None:
        """Before every attempt: headers to merge into it.  Later plugins win.  May not block.

        Args:
            call: The call.
            request: The request with its method, URL and body, so that a plugin can sign it.
        """

    @hookspec
    def openwop_response(self, call: Call, response: Response) -> None:
        """After every attempt that was answered.

        Args:
            call: The call.
            response: The answer; of a stream, its head.
        """

    @hookspec
    def openwop_retry(self, call: Call, outcome: Outcome, attempt: int, delay: float) -> None:
        """Before the wait that precedes another attempt or a reconnect.

        Args:
            call: The call.
            outcome: What the last attempt ended with.
            attempt: The attempt that ended, counted from 1.
            delay: The wait in seconds.
        """

    @hookspec(firstresult=True)
    def openwop_retry_delay(self, call: Call, outcome: Outcome) -> float | None:
        """Choose the wait before another attempt, in seconds.  None leaves it to the policy.

        Only asked where an attempt follows and the service named no wait of its own.

        Args:
            call: The call.
            outcome: What the last attempt ended with.
        """

    @hookspec
    def openwop_event(self, call: Call, event: object) -> None:
        """Each item of a stream, before the caller gets it.

        Args:
            call: The call.
            event: The item.
        """


_scan_lock = threading.Lock()
_scanned: list[tuple[str, object]] | None = None


def installed_plugins(
    scan: Callable[[], Iterable[EntryPoint]] = lambda: entry_points(group=PROJECT),
) -> Sequence[tuple[str, object]]:
    """Return the plugins of the entry-point group `openwop`; the first call of a process scans.

    Args:
        scan: Finds the entry points.

    Raises:
        ConfigurationError: One of them cannot be loaded.
    """
    global _scanned  # noqa: PLW0603  # once per process is the point
    with _scan_lock:
        if _scanned is None:
            _scanned = [(entry.name, _loaded(entry)) for entry in scan()]
        return _scanned


def _loaded(entry: EntryPoint) -> object:
    try:
        return entry.load()
    except Exception as exc:
        msg = (
            f"the installed plugin {entry.name} ({entry.value}) cannot be loaded: {exc}; mend or "
            "remove it, or make the client with load_plugins=False"
        )
        raise ConfigurationError(msg) from exc


def _bound(caller: pluggy.HookCaller) -> Callable[..., Any] | None:
    impls = caller.get_hookimpls()
    first_result = caller.spec is not None and caller.spec.opts.get("firstresult")
    if len(impls) != 1 or impls[0].wrapper or impls[0].hookwrapper or first_result:
        return caller if impls else None
    # One plugin is the usual number, and calling it directly costs a third of pluggy's own loop.
    function, wanted = impls[0].function, impls[0].argnames

    def alone(**given: Any) -> list[Any]:
        found = function(*[given[name] for name in wanted])
        return [] if found is None else [found]

    return alone


class Hooks:
    """The hooks of one client, each a callable or None.

    Args:
        plugins: Modules, instances or classes with implementations marked by `hookimpl`.
        load: Whether the installed plugins take part as well.

    Raises:
        ConfigurationError: A plugin implements a hook that does not exist, or with a coroutine
            function, or was given twice.
    """

    __slots__ = (
        "_manager",
        "call",
        "event",
        "headers",
        "response",
        "retry",
        "retry_delay",
        "transport",
    )

    def __init__(self, plugins: Iterable[object] = (), *, load: bool = True) -> None:
        manager = pluggy.PluginManager(PROJECT)
        manager.add_hookspecs(Specs)
        if load:
            for name, plugin in installed_plugins():
                self._register(manager, plugin, name)
        for plugin in plugins:
            kind: Any = plugin if hasattr(plugin, "__name__") else type(plugin)
            self._register(manager, plugin, kind.__name__)
        try:
            manager.check_pending()
        except pluggy.PluginValidationError as exc:
            known = ", ".join(sorted(name for name in vars(Specs) if name.startswith(PROJECT)))
            msg = f"a plugin implements what is no hook: {exc}; the hooks are {known}"
            raise ConfigurationError(msg) from exc
        for name, _ in manager.list_name_plugin():
            self._refuse_coroutines(manager, name)
        hook = manager.hook
        self._manager = manager
        self.transport = _bound(hook.openwop_transport)
        self.call = _bound(hook.openwop_call)
        self.headers = _bound(hook.openwop_request_headers)
        self.response = _bound(hook.openwop_response)
        self.retry = _bound(hook.openwop_retry)
        self.retry_delay = _bound(hook.openwop_retry_delay)
        self.event = _bound(hook.openwop_event)

    @staticmethod
    def _register(manager: pluggy.PluginManager, plugin: object, base: str) -> None:
        """Register *plugin* under a name that people can read, and that no other has."""
        if manager.is_registered(plugin):
            msg = (
                f"the plugin {base} was given twice; one that is installed takes part by itself "
                "unless the client has load_plugins=False"
            )
            raise ConfigurationError(msg)
        name = base
        count = 2
        while manager.has_plugin(name):
            name = f"{base}-{count}"
            count += 1
        try:
            manager.register(plugin, name=name)
        except pluggy.PluginValidationError as exc:
            msg = f"the plugin {base} does not fit: {exc}"
            raise ConfigurationError(msg) from exc

    @staticmethod
    def _refuse_coroutines(manager: pluggy.PluginManager, name: str) -> None:
        plugin = manager.get_plugin(name)
        for caller in manager.get_hookcallers(plugin) or ():
            for impl in caller.get_hookimpls():
                if impl.plugin_name == name and inspect.iscoroutinefunction(impl.function):
                    msg = (
                        f"the plugin {name} implements {caller.name} with a coroutine function; "
                        "hooks are plain functions that serve both kinds of client, so return a "
                        "context manager from openwop_call or wrap a transport instead"
                    )
                    raise ConfigurationError(msg)

    @property
    def names(self) -> list[str]:
        """The names of the registered plugins."""
        return [name for name, _ in self._manager.list_name_plugin()]

    def scope(self, call: Call) -> CallScope | None:
        """Return the scope of *call*, or None where no plugin surrounds calls."""
        return None if self.call is None else CallScope(self.call, call)

    def request_headers(self, call: Call, request: Request) -> Request:
        """Return *request* with what the plugins add."""
        if self.headers is None:
            return request
        # pluggy gives the last registered first; "later plugins win" wants the other order.
        for extra in reversed(
            cast("list[Mapping[str, str]]", self.headers(call=call, request=request))
        ):
            check_headers("openwop_request_headers", extra.items())
            # Written out, because `attrs.evolve` would look the fields up on every attempt.
            request = Request(
                request.method,
                request.url,
                request.headers.merged(extra),
                request.body,
                request.timeouts,
                request.stream,
                shown_url=request.shown_url,
            )
        return request


class CallScope:
    """What plugins put around one call, held in a context of its own.

    Entered and left at most once.  Two threads cannot run in one context, so a thread that closes
    a stream which another is reading leaves the exit to the reader.
    """

    __slots__ = ("_call", "_context", "_enter_hook", "_entered", "_lock", "_stack")

    def __init__(self, enter_hook: Callable[..., Any], call: Call) -> None:
        self._enter_hook = enter_hook
        self._call = call
        self._context: Context = copy_context()
        self._stack = ExitStack()
        self._lock = threading.Lock()
        self._entered = False

    def enter(self) -> None:
        """Enter the context managers of the plugins."""
        self._entered = True
        try:
            self._context.run(self._enter)
        except BaseException as exc:
            self.exit(exc)
            raise

    def _enter(self) -> None:
        # Registered last is entered last and left first: contexts nest by registration.
        for manager in reversed(self._enter_hook(call=self._call)):
            manager.__enter__()
            self._stack.push(_Unswallowing(manager))

    def run(self, function: Callable[..., T], *args: Any) -> T:
        """Call *function* within the context."""
        return self._context.run(function, *args)

    def exit(self, error: BaseException | None) -> None:
        """Leave the context managers, with *error* if there is one; later calls do nothing."""
        with self._lock:
            if not self._entered:
                return
            self._entered = False
        kind = type(error) if error is not None else None
        trace = error.__traceback__ if error is not None else None
        self._context.run(self._stack.__exit__, kind, error, trace)


class _Unswallowing:
    """Leaves a plugin's context manager and ignores its wish to swallow the exception."""

    __slots__ = ("_manager",)

    def __init__(self, manager: AbstractContextManager[object]) -> None:
        self._manager = manager

    def __enter__(self) -> None:
        """Do nothing: the manager is entered by whoever pushes this."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._manager.__exit__(kind, error, trace)
