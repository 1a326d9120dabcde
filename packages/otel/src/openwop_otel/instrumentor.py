"""`OpenWOPInstrumentor`: the route by which `opentelemetry-instrument` finds instrumentations.

The plugin that openwop loads by itself and this instrumentor are one object, so that both routes
together still give one span.  Only the launcher imports this module; it needs
`openwop-otel[instrumentation]`.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from ._logs import add_trace_ids, remove_trace_ids
from ._plugin import Tracing
from .plugin import plugin
from .receiver import tracing

if TYPE_CHECKING:
    # Its own stub says little; this is all that is used of it.
    class BaseInstrumentor:
        def instrument(self, **kwargs: Any) -> Any: ...
        def uninstrument(self, **kwargs: Any) -> Any: ...

else:
    try:
        from opentelemetry.instrumentation.instrumentor import BaseInstrumentor
    except ImportError as exc:
        msg = "OpenWOPInstrumentor needs the extra: pip install 'openwop-otel[instrumentation]'"
        raise ModuleNotFoundError(msg, name=exc.name) from exc

__all__ = ["OpenWOPInstrumentor"]


class OpenWOPInstrumentor(BaseInstrumentor):
    """Turns the tracing of openwop's clients on and off, as other instrumentors do.

    Since the installed plugin is on by itself, `instrument` is of use to give it providers, and
    `uninstrument` to stop it.  Where the environment switched tracing off, it stays off.
    """

    def instrumentation_dependencies(self) -> Collection[str]:
        """Return what is instrumented, as the launcher wants to know it."""
        return ("openwop >= 0.1",)

    def _instrument(self, **kwargs: Any) -> None:
        if isinstance(plugin, Tracing):
            for each in (plugin, tracing):
                each.use(
                    tracer_provider=kwargs.get("tracer_provider"),
                    meter_provider=kwargs.get("meter_provider"),
                    propagator=kwargs.get("propagator"),
                )
                each.enabled = True
            add_trace_ids()

    def _uninstrument(self, **kwargs: Any) -> None:
        del kwargs
        if isinstance(plugin, Tracing):
            plugin.enabled = tracing.enabled = False
            remove_trace_ids()
