"""Print what pytest counted in each tox environment, then the sum, in pytest's own words.

    python tools/summary.py .tox

tox ends with its verdict on environments; this ends with the tests, read from the JUnit files that
the last run left (tox empties an environment's temporary folder whenever it starts it).
"""

import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET

ORDER = ("failed", "error", "passed", "skipped")


def read(report: Path) -> tuple[Counter[str], float]:
    """Return the counts and the seconds of one JUnit file."""
    counts: Counter[str] = Counter()
    seconds = 0.0
    for suite in ET.parse(report).iter("testsuite"):
        failed, errors, skipped = (
            int(suite.get(key, "0")) for key in ("failures", "errors", "skipped")
        )
        total = int(suite.get("tests", "0"))
        counts.update(failed=failed, error=errors, skipped=skipped)
        counts["passed"] += total - failed - errors - skipped
        seconds += float(suite.get("time", "0"))
    return counts, seconds


def line(counts: Counter[str], seconds: float) -> str:
    """Return the counts as pytest's last line has them."""
    words = {key: key for key in ORDER} | ({"error": "errors"} if counts["error"] > 1 else {})
    told = ", ".join(f"{counts[key]} {words[key]}" for key in ORDER if counts[key])
    return f"{told or 'no tests ran'} in {seconds:.2f}s"


def main(folder: Path) -> None:
    total: Counter[str] = Counter()
    elapsed = 0.0
    for report in sorted(folder.glob("*/tmp/pytest.xml")):
        counts, seconds = read(report)
        print(f"{report.parents[1].name}: {line(counts, seconds)}")
        total += counts
        elapsed += seconds
    print(f" {line(total, elapsed)} ".center(80, "="))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
