"""Print, as JSON, the problems of the operations that are named: `python -m openwop_wire getRun`.

The package that is found as `openwop` is the one that is tried; the tests of seeded errors put a
client there that was generated from a wrong description.
"""

from __future__ import annotations

import json
import sys

import openwop
from openwop_wire.case import Wire
from openwop_wire.check import Trial
from openwop_wire.host import RecordingHost
from openwop_wire.table import CASES


def tried(trial: Trial, wire: Wire) -> list[str]:
    """Return what is wrong with one operation in one major, whatever goes wrong."""
    try:
        found = [*trial.problems(), *trial.marks()]
        if wire.method == "POST" and trial.repeats() != wire.key:
            found.append("is repeated where it must not be, or the reverse")
        if wire.gate:
            error = trial.unadvertised(404)
            capability = getattr(error, "capability", None)
            if capability not in {wire.gate, trial.case.operation}:
                found.append(f"has the gate {capability} for {wire.gate}")
    except Exception as error:
        return [f"raises {error!r}"]
    return found


def main() -> int:
    """Run the command line."""
    host = RecordingHost()
    problems: list[str] = []
    for case in CASES:
        if case.operation not in sys.argv[1:]:
            continue
        for major, wire in ((1, case.v1), (2, case.v2)):
            if wire is not None:
                found = tried(Trial(host, case, major), wire)
                problems += [f"{case.operation} {major}: {text}" for text in found]
    host.close()
    sys.stdout.write(json.dumps({"openwop": openwop.__file__, "problems": problems}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
