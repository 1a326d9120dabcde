"""Events of runs and hosts: one class per type, for `match event:` and `isinstance`.

    for event in events:
        match event:
            case RunCompleted():
                print(event.payload.outputs)
            case NodeFailed(payload=NodeFailedPayload(error=EventError() as error)):
                print(error.message)
            case UnknownEvent():
                print(event.type, event.payload)

A class and its payload are imported when somebody first looks at them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from openwop._generated import events as _events, payloads as _payloads

if TYPE_CHECKING:
    from openwop._generated.events import *  # noqa: F403
    from openwop._generated.payloads import *  # noqa: F403
    from openwop.events._snapshot import StateSnapshot as StateSnapshot

__all__: list[str] = ["StateSnapshot"]
__all__ += _events.__all__
__all__ += _payloads.__all__

_HOMES = {
    **dict.fromkeys(_payloads.__all__, _payloads),
    **dict.fromkeys(_events.__all__, _events),
}


def __getattr__(name: str) -> Any:
    home: Any = _HOMES.get(name)
    if name == "StateSnapshot":  # it brings the models of runs with it
        from openwop.events import _snapshot as home
    if home is None:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg, name=name)
    value = globals()[name] = getattr(home, name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
