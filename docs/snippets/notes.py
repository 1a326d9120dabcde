"""Publish release notes, once somebody has agreed."""

from collections.abc import Callable

import openwop


def publish(client: openwop.Client, notes: str, agree: Callable[[str], bool]) -> str:
    """Return what was published.

    Raises:
        openwop.RunFailedError: The answer was no.
    """
    run = client.runs.start("publish-notes", inputs={"notes": notes})
    outputs = client.runs.drive(run, {"approval": lambda gate: agree(gate.title)}, timeout=60)
    return str(outputs["payload"])


if __name__ == "__main__":
    with openwop.Client() as client:
        print(publish(client, "Faster, and in blue.", lambda title: True))

# prints
# Faster, and in blue.
