"""A program that knows nothing of tracing: it starts a run, follows it and answers its gate."""

from __future__ import annotations

import sys

import openwop


def main(workflow_id: str) -> None:
    with openwop.Client(timeout=20) as client:
        run = client.runs.start(workflow_id, inputs={"name": "Ada"})
        run.wait("input", timeout=20)
        run.approve()
        with run.events() as events:
            for event in events:
                print(event.type)
        print(run.result(timeout=20))


main(sys.argv[1])
