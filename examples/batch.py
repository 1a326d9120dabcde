"""Start a thousand runs behind a progress bar; do it again, and nothing is doubled.

    python batch.py [COUNT]

Needs rich, which comes with `openwop[cli]`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

import openwop


def photos(count: int) -> Iterator[openwop.RunSpec]:
    """Say what to start, one by one: the specs are read only as far as there is room."""
    for number in range(1, count + 1):
        name = f"photo-{number:04}.jpg"
        yield openwop.RunSpec("tag-photo", {"photo": name}, key=name)


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    columns = TextColumn("starting"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    runs: set[str] = set()
    errors: list[str] = []
    with openwop.Client() as client, Progress(*columns) as progress:
        task = progress.add_task("start", total=count)
        with client.runs.start_many(photos(count), concurrency=8) as results:
            for result in results:
                if result.run is not None:
                    runs.add(result.run.id)
                else:
                    errors.append(f"{result.spec.key}: {result.error}")
                progress.advance(task)
    print(f"{len(runs)} runs, {len(errors)} failed")
    for error in errors[:10]:
        print(" ", error)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
