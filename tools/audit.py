"""Look the installed dependencies up among the known vulnerabilities, and list them as an SBOM.

    python tools/audit.py OUT

pip-audit passes over a dependency that its source knows nothing of, and still ends well.  Here that
is a failure: behind an index without such data nothing would have been looked up.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def findings(report: Mapping[str, Any]) -> tuple[int, list[str]]:
    """Return how many dependencies were looked up, and what is wrong.

    Args:
        report: What `pip-audit --format json` says.
    """
    wrong: list[str] = []
    looked_up = 0
    for each in report["dependencies"]:
        reason = each.get("skip_reason")
        if reason is None:
            looked_up += 1
            wrong += [
                f"{each['name']} {each['version']}: {known['id']}, mended in "
                f"{', '.join(known['fix_versions']) or 'no version yet'}"
                for known in each["vulns"]
            ]
        elif "editable" not in reason:
            wrong.append(f"{each['name']}: not looked up: {reason}")
    if not looked_up:
        wrong.append("nothing was looked up: the index in use has no data on vulnerabilities")
    return looked_up, wrong


def main(out: Path) -> int:
    """Audit and list."""
    report = out / "audit.json"
    report.unlink(missing_ok=True)
    command = ["pip-audit", "--local", "--skip-editable", "--progress-spinner", "off"]
    subprocess.run([*command, "--format", "json", "-o", str(report)], check=False)
    looked_up, wrong = findings(json.loads(report.read_text("utf-8")))
    for line in wrong:
        print(line, file=sys.stderr)
    print(f"{looked_up} dependencies looked up, {len(wrong)} findings")
    sbom = ["cyclonedx-py", "environment", "--output-reproducible", "--output-format", "JSON"]
    subprocess.run([*sbom, "-o", str(out / "sbom.cdx.json")], check=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
