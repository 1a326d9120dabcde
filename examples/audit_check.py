"""Check a host's audit log yourself, without taking its word for it.

Needs `openwop[verify]`.  A real check also keeps what it saw, and gives it as `known=` next time:
then entries that were taken away later are noticed too.
"""

from __future__ import annotations

import sys

import openwop
from openwop import audit

LAST = 31


def main() -> int:
    with openwop.Client() as client:
        for number in range(LAST + 1):  # so that there is something in the log
            client.runs.start("tag-photo", inputs={"photo": f"cat-{number}.jpg"})
        answer = client.audit.verify(from_seq=0, to_seq=LAST)
        key = audit.public_key(client.discovery.capabilities())
    report = audit.check_answer(answer, public_key=key)
    print(report)
    return 0 if report.ok else 1


if __name__ == "__main__":
    sys.exit(main())
