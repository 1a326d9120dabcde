"""`python -m release_bot SERVICE VERSION`: release one service, and say what became of it."""

from __future__ import annotations

import sys

from openwop import Client
from release_bot.bot import release
from release_bot.rules import Rules


def main() -> int:
    """Run the bot; OPENWOP_BASE_URL and OPENWOP_API_KEY say where and who."""
    service, version = sys.argv[1:]
    with Client() as client:
        outcome = release(client, Rules(trusted=frozenset({service})), service, version)
    print(f"{outcome.state}: {outcome.note}")
    return 0 if outcome.state == "shipped" else 1


if __name__ == "__main__":
    sys.exit(main())
