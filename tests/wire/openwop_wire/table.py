"""The whole table, and the name of the module that each row stands in."""

from __future__ import annotations

from openwop_wire import agents, analysis, hosts, library, people, proposals, runs
from openwop_wire.case import Case

MODULES = (hosts, runs, analysis, people, agents, library, proposals)
CASES: tuple[Case, ...] = tuple(case for module in MODULES for case in module.CASES)
PLACES: dict[str, str] = {
    case.operation: f"tests/wire/openwop_wire/{module.__name__.rpartition('.')[2]}.py"
    for module in MODULES
    for case in module.CASES
}
